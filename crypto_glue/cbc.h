/* Block ciphers in CBC mode (NIST SP 800-38A): AES (FIPS 197) and three-key triple DES
 * (FIPS 46-3), in place, for the CBC suites of RFC 5246. */
#ifndef HF_CRYPTO_GLUE_CBC_H
#define HF_CRYPTO_GLUE_CBC_H

#include "crypto_glue/switches.h"
#include "crypto_glue/types.h"

typedef enum hf_cbc_id {
    HF_CBC_NONE = 0,
    HF_CBC_AES_128,
    HF_CBC_AES_256,
    HF_CBC_3DES_EDE
} hf_cbc_id;

#define HF_CBC_BLOCK_MAX 16

/* One direction's key. `schedule` is libtomcrypt's, its size checked in cbc.c. */
typedef struct hf_cbc_key {
    hf_cbc_id id;
#if HF_WITH_3DES
    uint64_t schedule[96];
#else
    uint64_t schedule[61];
#endif
} hf_cbc_key;

size_t hf_cbc_key_size(hf_cbc_id id);   /* 16, 32, 24 */
size_t hf_cbc_block_size(hf_cbc_id id); /* 16, 16, 8; also that of the IV */

HF_MUST_USE hf_crypto_result hf_cbc_init(hf_cbc_key *key, hf_cbc_id id, const uint8_t *secret);
void hf_cbc_wipe(hf_cbc_key *key);

/* data[0..size) in place; size must be a multiple of the block size (HF_CRYPTO_FAILED otherwise).
 * `iv` becomes the last ciphertext block, as TLS 1.0 needs it for the next record. */
HF_MUST_USE hf_crypto_result hf_cbc_encrypt(const hf_cbc_key *key, uint8_t *iv, uint8_t *data,
                                            size_t size);
HF_MUST_USE hf_crypto_result hf_cbc_decrypt(const hf_cbc_key *key, uint8_t *iv, uint8_t *data,
                                            size_t size);

#endif
