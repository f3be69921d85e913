/* One-time set-up of libtomcrypt's global tables: math provider, random adapter, AES descriptor. */
#ifndef HF_CRYPTO_GLUE_INIT_H
#define HF_CRYPTO_GLUE_INIT_H

#include "crypto_glue/types.h"

/* Registers what the glue uses. Call once before any other function of the glue, before threads
 * start (libtomcrypt's tables are not locked). Calling it again changes nothing. A cipher or math
 * descriptor that the application registered before stays in place and is used; an "aes" of its
 * own must keep its key schedule within libtomcrypt's struct rijndael_key. */
HF_MUST_USE hf_crypto_result hf_crypto_init(void);

/* The name of the math provider in use, such as "GNU MP" or "LibTomMath". */
const char *hf_crypto_math_name(void);

#endif
