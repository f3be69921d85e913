/* The operating system's random source, for hosts. A device gives hf_config its own. */
#ifndef HF_CRYPTO_GLUE_RANDOM_H
#define HF_CRYPTO_GLUE_RANDOM_H

#include "crypto_glue/types.h"

/* An hf_random_function over getrandom(2); blocks only before the kernel's pool is first filled.
 * `context` is not used. */
bool hf_random_system(void *context, uint8_t *out, size_t size);

#endif
