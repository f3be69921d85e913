/* Private to crypto_glue: libtomcrypt's generator "handfast", which draws from an hf_random.
 *
 * libtomcrypt takes a random source as an index into its table of generators and a pointer to
 * that generator's state. Ours keeps no state: the pointer it is given is the caller's
 * hf_random, so that each call draws from its own connection's source and nothing is global.
 *
 *     rc = ecc_sign_hash(..., hf_tomcrypt_prng(random), hf_tomcrypt_prng_index(), ...);
 *
 * When the source fails, the generator yields no bytes and the libtomcrypt call that asked
 * returns CRYPT_ERROR_READPRNG. */
#ifndef HF_CRYPTO_GLUE_TOMCRYPT_RANDOM_H
#define HF_CRYPTO_GLUE_TOMCRYPT_RANDOM_H

#include "crypto_glue/types.h"

#include <tomcrypt.h>

/* Puts the generator into libtomcrypt's table; hf_crypto_init does this. Again is harmless. */
HF_MUST_USE hf_crypto_result hf_tomcrypt_random_register(void);

/* Where the generator stands in that table; -1 before hf_crypto_init. */
int hf_tomcrypt_prng_index(void);

/* `random` dressed as the state that libtomcrypt hands back to the generator untouched. */
prng_state *hf_tomcrypt_prng(const hf_random *random);

#endif
