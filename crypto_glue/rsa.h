/* RSA (RFC 8017): PKCS #1 v1.5 and PSS signatures, and the key transport of TLS with a decryption
 * that tells nobody whether the padding was right (RFC 5246 7.4.7.1). Numbers are big-endian
 * without leading zero bytes. */
#ifndef HF_CRYPTO_GLUE_RSA_H
#define HF_CRYPTO_GLUE_RSA_H

#include "crypto_glue/hash.h"

#define HF_RSA_BITS_MIN 1024 /* what the glue accepts at all; policies ask for more */
#ifndef HF_RSA_BITS_MAX
#define HF_RSA_BITS_MAX 8192
#endif
#define HF_RSA_SIZE_MAX   (HF_RSA_BITS_MAX / 8)
#define HF_PREMASTER_SIZE 48 /* of RSA key transport, RFC 5246 7.4.7.1 */

typedef struct hf_rsa_public {
    hf_span modulus;
    hf_span exponent;
} hf_rsa_public;

/* All eight numbers of RSAPrivateKey (RFC 8017 A.1.2). */
typedef struct hf_rsa_private {
    hf_rsa_public public_key;
    hf_span private_exponent;
    hf_span prime1, prime2, exponent1, exponent2, coefficient;
} hf_rsa_private;

/* Modulus odd and of HF_RSA_BITS_MIN..HF_RSA_BITS_MAX bits, exponent odd, 3 <= e <= 2^32. */
HF_MUST_USE hf_crypto_result hf_rsa_check_public(const hf_rsa_public *key);
size_t hf_rsa_bits(const hf_rsa_public *key);

/* Signatures are as long as the modulus; `signature` must hold HF_RSA_SIZE_MAX bytes or at least
 * `capacity`, else HF_CRYPTO_NO_SPACE. HF_HASH_MD5_SHA1 gives the signature of TLS 1.0
 * and 1.1, which has no DigestInfo (RFC 4346 7.4.3). */
HF_MUST_USE hf_crypto_result hf_rsa_pkcs1_sign(const hf_rsa_private *key, const hf_random *random,
                                               hf_hash_id hash, hf_span digest, uint8_t *signature,
                                               size_t capacity, size_t *signature_size);
HF_MUST_USE hf_crypto_result hf_rsa_pkcs1_verify(const hf_rsa_public *key, hf_hash_id hash,
                                                 hf_span digest, hf_span signature);

/* RSASSA-PSS, MGF1 with the same hash, salt as long as the digest (RFC 8446 4.2.3). */
HF_MUST_USE hf_crypto_result hf_rsa_pss_sign(const hf_rsa_private *key, const hf_random *random,
                                             hf_hash_id hash, hf_span digest, uint8_t *signature,
                                             size_t capacity, size_t *signature_size);
HF_MUST_USE hf_crypto_result hf_rsa_pss_verify(const hf_rsa_public *key, hf_hash_id hash,
                                               hf_span digest, hf_span signature);

/* RSAES-PKCS1-v1_5 of a premaster secret; writes as many bytes as the modulus has. */
HF_MUST_USE hf_crypto_result hf_rsa_encrypt_premaster(const hf_rsa_public *key,
                                                      const hf_random *random,
                                                      const uint8_t premaster[HF_PREMASTER_SIZE],
                                                      uint8_t *ciphertext, size_t capacity,
                                                      size_t *ciphertext_size);

/* Always yields 48 bytes: the premaster secret if the padding is right, it is 48 bytes long and
 * starts with `version` (the version that the client offered), else bytes drawn from `random`
 * before decrypting. Which of the two is not observable. A ciphertext that is not below the
 * modulus has no plaintext and yields the drawn bytes, too. Fails only for reasons that do not
 * depend on the plaintext (a ciphertext of the wrong length, a bad key, no random). */
HF_MUST_USE hf_crypto_result hf_rsa_decrypt_premaster(const hf_rsa_private *key,
                                                      const hf_random *random, uint16_t version,
                                                      hf_span ciphertext,
                                                      uint8_t premaster[HF_PREMASTER_SIZE]);

/* The same constant-time check for a plaintext that a secure element has produced with raw RSA:
 * `encoded` is the whole encoded message 00 02 PS 00 M; `fallback` 48 random bytes. */
void hf_rsa_unpad_premaster(hf_span encoded, uint16_t version,
                            const uint8_t fallback[HF_PREMASTER_SIZE],
                            uint8_t premaster[HF_PREMASTER_SIZE]);

#endif
