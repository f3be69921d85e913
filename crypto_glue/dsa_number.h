/* Private to crypto_glue: the numbers of DSA that dsa.c, dsa_sign.c and dsa_verify.c share. */
#ifndef HF_CRYPTO_GLUE_DSA_NUMBER_H
#define HF_CRYPTO_GLUE_DSA_NUMBER_H

#include "crypto_glue/dsa.h"
#include "crypto_glue/number.h"

#define HF_DSA_SUBPRIME_BITS_MIN 160
#define HF_DSA_SUBPRIME_SIZE_MAX 32

/* Reads p, q and g into the first three numbers. */
HF_MUST_USE hf_crypto_result hf_dsa_domain_read(const hf_dsa_public *key, void **numbers);

/* The number that DSA makes of a digest, for a plausible q; HF_CRYPTO_FAILED for a length that no
 * hash has. */
HF_MUST_USE hf_crypto_result hf_dsa_digest_read(hf_span subprime, hf_span digest, void *number);

#endif
