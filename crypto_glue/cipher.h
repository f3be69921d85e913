/* Private to crypto_glue: block ciphers as they are registered with libtomcrypt, and what the modes
 * that are put together here (GCM, CCM, CBC) have in common.
 *
 * libtomcrypt's own states of these modes hold its union of all ciphers. The glue hands it storage
 * for the key schedule of its software cipher instead; a descriptor for hardware must keep to that
 * size or store a pointer. */
#ifndef HF_CRYPTO_GLUE_CIPHER_H
#define HF_CRYPTO_GLUE_CIPHER_H

#include "crypto_glue/types.h"

#include <string.h>
#include <tomcrypt.h>

#define HF_AES_BLOCK_SIZE 16

typedef struct ltc_cipher_descriptor hf_cipher;

/* NULL before hf_crypto_init. */
const hf_cipher *hf_cipher_find_aes(void);

/* libtomcrypt asks for a writable key, but its ciphers only read it. */
static inline symmetric_key *hf_tomcrypt_key(const uint64_t *schedule)
{
    return (symmetric_key *)(void *)schedule;
}

/* Expands a key for the functions below; false also if the descriptor's counter mode is not the one
 * that they count on. */
bool hf_aes_setup(const hf_cipher *aes, uint64_t *schedule, const uint8_t *secret, size_t size);

bool hf_aes_encrypt_blocks(const hf_cipher *aes, const uint64_t *schedule, uint8_t *blocks,
                           size_t count);

/* Counter mode in place. The counter is the last four bytes, big-endian, of `last`, the block that
 * was used last: data starts with the one after it. */
bool hf_aes_counter_mode(const hf_cipher *aes, const uint64_t *schedule,
                         const uint8_t last[HF_AES_BLOCK_SIZE], hf_buf data);

/* data ^= stream */
static inline void hf_xor_bytes(uint8_t *data, const uint8_t *stream, size_t size)
{
    size_t i = 0;

    for (; size - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t a, b;

        memcpy(&a, data + i, sizeof a);
        memcpy(&b, stream + i, sizeof b);
        a ^= b;
        memcpy(data + i, &a, sizeof a);
    }
    for (; i < size; i++) {
        data[i] ^= stream[i];
    }
}

#endif
