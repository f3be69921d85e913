/* Authenticated encryption with associated data (RFC 5116), in place, 12-byte nonces: AES-GCM (NIST
 * SP 800-38D), AES-CCM with tags of 16 and 8 bytes (NIST SP 800-38C, RFC 6655) and
 * ChaCha20-Poly1305 (RFC 8439). */
#ifndef HF_CRYPTO_GLUE_AEAD_H
#define HF_CRYPTO_GLUE_AEAD_H

#include "crypto_glue/ghash.h"
#include "crypto_glue/switches.h"
#include "crypto_glue/types.h"

typedef enum hf_aead_id {
    HF_AEAD_NONE = 0,
    HF_AEAD_AES_128_GCM,
    HF_AEAD_AES_256_GCM,
    HF_AEAD_CHACHA20_POLY1305,
    HF_AEAD_AES_128_CCM,
    HF_AEAD_AES_256_CCM,
    HF_AEAD_AES_128_CCM_8,
    HF_AEAD_AES_256_CCM_8
} hf_aead_id;

#define HF_AEAD_NONCE_SIZE   12
#define HF_AEAD_TAG_SIZE_MAX 16
#define HF_AEAD_KEY_SIZE_MAX 32

/* Bytes of data under one nonce; more is refused. */
#define HF_AEAD_SIZE_MAX     UINT64_C(0xfffffffe0) /* GCM's limit, lower than ChaCha20-Poly1305's  */
#define HF_AEAD_CCM_SIZE_MAX UINT64_C(0xffffff)    /* a nonce of 12 bytes leaves 3 for the length */

/* One direction's key. Holds no tables and no per-record state; calls with different nonces may
 * come in any order. */
typedef struct hf_aead_key {
    hf_aead_id id;
    union {
#if HF_GLUE_AES_AEAD
        struct {
            uint64_t schedule[61]; /* libtomcrypt's AES key schedule; the bare key instead where a
                                      registered descriptor does all of the mode itself */
#if HF_WITH_AES_GCM
            hf_ghash_key hash;
#endif
        } aes;
#endif
        uint8_t chacha[32];
    } u;
} hf_aead_key;

size_t hf_aead_key_size(hf_aead_id id); /* bytes of key: 16 or 32 */
size_t
hf_aead_tag_size(hf_aead_id id); /* bytes of tag: 16, or 8 for CCM_8; so many of `tag` are used */

HF_MUST_USE hf_crypto_result hf_aead_init(hf_aead_key *key, hf_aead_id id, const uint8_t *secret);
void hf_aead_wipe(hf_aead_key *key);

/* Encrypts data[0..size) in place and writes the tag. `aad` and `data` may be empty (and NULL). */
HF_MUST_USE hf_crypto_result hf_aead_seal(const hf_aead_key *key,
                                          const uint8_t nonce[HF_AEAD_NONCE_SIZE], hf_span aad,
                                          uint8_t *data, size_t size,
                                          uint8_t tag[HF_AEAD_TAG_SIZE_MAX]);

/* Checks the tag in constant time and decrypts in place. On any failure data[0..size) holds
 * nothing that depends on the plaintext (it is left encrypted or is wiped). */
HF_MUST_USE hf_crypto_result hf_aead_open(const hf_aead_key *key,
                                          const uint8_t nonce[HF_AEAD_NONCE_SIZE], hf_span aad,
                                          uint8_t *data, size_t size,
                                          const uint8_t tag[HF_AEAD_TAG_SIZE_MAX]);

#endif
