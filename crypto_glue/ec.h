/* ECDH (SEC 1 3.3.1) and ECDSA (FIPS 186-4 6) on the NIST prime curves. Points are in the
 * uncompressed form of SEC 1 2.3.3 (04 X Y) of exact length, scalars big-endian of full length. */
#ifndef HF_CRYPTO_GLUE_EC_H
#define HF_CRYPTO_GLUE_EC_H

#include "crypto_glue/switches.h"
#include "crypto_glue/types.h"

typedef enum hf_curve { HF_CURVE_NONE = 0, HF_CURVE_P256, HF_CURVE_P384, HF_CURVE_P521 } hf_curve;

/* Of the longest curve in the build; a signature in DER has two integers that may need a zero in
 * front, and that of P-521 a longer length. */
#define HF_EC_SCALAR_MAX       (HF_WITH_SECP521R1 ? 66 : HF_WITH_SECP384R1 ? 48 : 32)
#define HF_EC_POINT_MAX        (1 + 2 * HF_EC_SCALAR_MAX)
#define HF_ECDSA_SIGNATURE_MAX (HF_WITH_SECP521R1 ? 139 : 8 + 2 * HF_EC_SCALAR_MAX)

/* Bytes of a coordinate and of a scalar: 32, 48, 66; 0 for a curve that is not in the build. */
size_t hf_ec_field_size(hf_curve curve);
size_t hf_ec_point_size(hf_curve curve); /* 65, 97, 133 */

/* HF_CRYPTO_OK only for 04 X Y of exact length with X, Y < p on the curve. */
HF_MUST_USE hf_crypto_result hf_ec_check_point(hf_curve curve, hf_span point);

/* A fresh key pair: scalar in [1, n-1] and its public point. */
HF_MUST_USE hf_crypto_result hf_ec_generate(hf_curve curve, const hf_random *random,
                                            uint8_t *scalar, uint8_t *point);

/* The public point of a scalar; HF_CRYPTO_BAD_KEY unless 0 < scalar < n. */
HF_MUST_USE hf_crypto_result hf_ec_public(hf_curve curve, const uint8_t *scalar, uint8_t *point);

/* ECDH: checks the peer's point first, writes the X coordinate with leading zeros kept
 * (hf_ec_field_size bytes; RFC 8422 5.10). */
HF_MUST_USE hf_crypto_result hf_ec_shared_secret(hf_curve curve, const uint8_t *scalar,
                                                 hf_span peer_point, uint8_t *secret);

/* Signs a digest of any hash; writes a strict DER ECDSA-Sig-Value of at most
 * HF_ECDSA_SIGNATURE_MAX bytes. */
HF_MUST_USE hf_crypto_result hf_ecdsa_sign(hf_curve curve, const uint8_t *scalar,
                                           const hf_random *random, hf_span digest,
                                           uint8_t *signature, size_t *signature_size);

/* Strict: DER of minimal lengths, positive integers, no trailing bytes, 0 < r, s < n, and the
 * public point checked. */
HF_MUST_USE hf_crypto_result hf_ecdsa_verify(hf_curve curve, hf_span point, hf_span digest,
                                             hf_span signature);

#endif
