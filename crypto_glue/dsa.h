/* DSA signatures (FIPS 186-4), for the DSS suites of RFC 5246. Numbers are big-endian without
 * leading zero bytes. */
#ifndef HF_CRYPTO_GLUE_DSA_H
#define HF_CRYPTO_GLUE_DSA_H

#include "crypto_glue/types.h"

#define HF_DSA_BITS_MIN      1024 /* what the glue accepts at all; policies ask for more */
#define HF_DSA_BITS_MAX      3072
#define HF_DSA_SIZE_MAX      (HF_DSA_BITS_MAX / 8)
#define HF_DSA_SIGNATURE_MAX 72 /* DER, q of 256 bits */

typedef struct hf_dsa_public {
    hf_span prime, subprime, generator, value; /* p, q, g, y */
} hf_dsa_public;

typedef struct hf_dsa_private {
    hf_dsa_public public_key;
    hf_span exponent; /* x */
} hf_dsa_private;

/* What of the next check needs no arithmetic, for p, q and g; it bounds the time of everything. */
HF_MUST_USE hf_crypto_result hf_dsa_check_domain(const hf_dsa_public *key);

/* p odd of 1024..3072 bits, q odd of 160..256 bits, 1 < g < p, 1 < y < p, g^q = y^q = 1 mod p
 * (two exponentiations). */
HF_MUST_USE hf_crypto_result hf_dsa_check_public(const hf_dsa_public *key);

size_t hf_dsa_bits(const hf_dsa_public *key); /* of p */

/* The public value y of a private key, whose own may be missing (PKCS #8 has none): as many bytes
 * as the prime, leading zeros kept. HF_CRYPTO_BAD_KEY unless 0 < x < q. */
HF_MUST_USE hf_crypto_result hf_dsa_public_value(const hf_dsa_private *key, uint8_t *value);

/* Strict DER both ways, as for ECDSA (ec.h); the digest is cut to the length of q. Signing needs no
 * public value; verifying checks the key first. */
HF_MUST_USE hf_crypto_result hf_dsa_sign(const hf_dsa_private *key, const hf_random *random,
                                         hf_span digest, uint8_t *signature, size_t capacity,
                                         size_t *signature_size);
HF_MUST_USE hf_crypto_result hf_dsa_verify(const hf_dsa_public *key, hf_span digest,
                                           hf_span signature);

#endif
