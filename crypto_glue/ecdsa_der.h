/* Private to crypto_glue: ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 2.2.3)
 * and the same for DSA (2.2.2) in strict DER (X.690 8.1.3, 8.3, 10.1), to and from r || s of equal
 * and full lengths. */
#ifndef HF_CRYPTO_GLUE_ECDSA_DER_H
#define HF_CRYPTO_GLUE_ECDSA_DER_H

#include "crypto_glue/types.h"

/* False unless the signature is the one encoding of two numbers that fit into `size` bytes each
 * and are not negative. */
bool hf_ecdsa_der_read(hf_span signature, size_t size, uint8_t *r_and_s);

/* Returns the number of bytes, at most 2 * size + 9. */
size_t hf_ecdsa_der_write(const uint8_t *r_and_s, size_t size, uint8_t *signature);

#endif
