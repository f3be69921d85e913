/* Private to crypto_glue: the RSA operation on numbers (RFC 8017 5.1 and 5.2), without padding,
 * for rsa_pkcs1.c, rsa_pss.c and rsa_premaster.c. */
#ifndef HF_CRYPTO_GLUE_RSA_OPERATION_H
#define HF_CRYPTO_GLUE_RSA_OPERATION_H

#include "crypto_glue/rsa.h"

/* True if `number` has the length of the modulus and is below it. Not for secrets. */
bool hf_rsa_in_range(const hf_rsa_public *key, hf_span number);

/* out = number^e mod n, for a number in range; `out` is one of the math provider's. Checks the key.
 */
HF_MUST_USE hf_crypto_result hf_rsa_public_operation(const hf_rsa_public *key, hf_span number,
                                                     void *out);

/* out[1..] = number^d mod n, for a number in range; out[0] is of no use, see
 * hf_number_write_secret. Checks the key, blinds with bytes of `random`, and yields nothing that
 * does not turn back into `number` under e. */
#define HF_RSA_BLOCK_MAX (1 + HF_RSA_SIZE_MAX)
HF_MUST_USE hf_crypto_result hf_rsa_private_operation(const hf_rsa_private *key,
                                                      const hf_random *random,
                                                      const uint8_t *number, uint8_t *out);

#endif
