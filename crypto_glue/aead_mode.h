/* Private to crypto_glue: what an AEAD of aead.h is made of.
 *
 *   aead.c                    the table of modes and what holds for all of them
 *   aead_gcm.c                AES-GCM over cipher.h and ghash.h
 *   aead_ccm.c                AES-CCM over cipher.h
 *   aead_chacha20_poly1305.c  ChaCha20-Poly1305 over libtomcrypt's two primitives
 */
#ifndef HF_CRYPTO_GLUE_AEAD_MODE_H
#define HF_CRYPTO_GLUE_AEAD_MODE_H

#include "crypto_glue/aead.h"

/* aead.c has checked the sizes; an empty `aad` or `data` may come with any pointer. When `open`
 * fails, data holds nothing that depends on the plaintext. */
typedef struct hf_aead_mode {
    size_t key_size;
    size_t tag_size;
    uint64_t size_max; /* of the data under one nonce */
    hf_crypto_result (*init)(hf_aead_key *key, const uint8_t *secret, size_t size);
    hf_crypto_result (*seal)(const hf_aead_key *key, const uint8_t *nonce, hf_span aad, hf_buf data,
                             uint8_t *tag);
    hf_crypto_result (*open)(const hf_aead_key *key, const uint8_t *nonce, hf_span aad, hf_buf data,
                             const uint8_t *tag);
} hf_aead_mode;

extern const hf_aead_mode hf_aead_aes_128_gcm;
extern const hf_aead_mode hf_aead_aes_256_gcm;
extern const hf_aead_mode hf_aead_aes_128_ccm;
extern const hf_aead_mode hf_aead_aes_256_ccm;
extern const hf_aead_mode hf_aead_aes_128_ccm_8;
extern const hf_aead_mode hf_aead_aes_256_ccm_8;
extern const hf_aead_mode hf_aead_chacha20_poly1305;

#endif
