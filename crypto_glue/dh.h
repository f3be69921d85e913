/* Finite-field Diffie-Hellman (RFC 5246 8.1.2, RFC 7919). Numbers are big-endian without leading
 * zero bytes unless said otherwise. */
#ifndef HF_CRYPTO_GLUE_DH_H
#define HF_CRYPTO_GLUE_DH_H

#include "crypto_glue/types.h"

#define HF_DH_BITS_MIN 1024 /* what the glue accepts at all; policies ask for more */
#ifndef HF_DH_BITS_MAX
#define HF_DH_BITS_MAX 4096
#endif
#define HF_DH_SIZE_MAX      (HF_DH_BITS_MAX / 8)
#define HF_DH_EXPONENT_SIZE 64 /* bytes: twice the strength of the largest group */

typedef struct hf_dh_group {
    hf_span prime;
    hf_span generator;
} hf_dh_group;

/* The named groups of RFC 7919 appendix A by their code point (256 ffdhe2048, 257 ffdhe3072,
 * 258 ffdhe4096); NULL for others. */
const hf_dh_group *hf_dh_named_group(uint16_t code);
/* The code point of a group with exactly this prime and generator, or 0. */
uint16_t hf_dh_group_code(const hf_dh_group *group);

/* Prime odd and of bits_min..HF_DH_BITS_MAX bits, 1 < g < p - 1. Primality is not tested. */
HF_MUST_USE hf_crypto_result hf_dh_check_group(const hf_dh_group *group, size_t bits_min);

/* A fresh private exponent, for one exchange, and its public value, which is as long as the prime
 * (leading zeros kept). */
HF_MUST_USE hf_crypto_result hf_dh_generate(const hf_dh_group *group, const hf_random *random,
                                            uint8_t exponent[HF_DH_EXPONENT_SIZE],
                                            uint8_t *public_value);

/* Checks 1 < Y < p - 1 (HF_CRYPTO_BAD_POINT; Y may start with zeros) and computes Z = Y^x mod p,
 * leading zero bytes stripped (RFC 5246 8.1.2); Z must not be 0, 1 or p - 1 either. `secret` holds
 * as many bytes as the prime. */
HF_MUST_USE hf_crypto_result hf_dh_shared_secret(const hf_dh_group *group,
                                                 const uint8_t exponent[HF_DH_EXPONENT_SIZE],
                                                 hf_span peer_value, uint8_t *secret,
                                                 size_t *secret_size);

#endif
