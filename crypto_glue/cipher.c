#include "crypto_glue/cipher.h"

#include "crypto_glue/constant_time.h"

#define BATCH_BLOCKS 8

/* libtomcrypt has AES under two names with one number, and its table takes either but not both. */
const hf_cipher *hf_cipher_find_aes(void)
{
    int index = find_cipher("aes");

    if (index < 0) {
        index = find_cipher_id(aes_desc.ID);
    }
    return index >= 0 ? &cipher_descriptor[index] : NULL;
}

bool hf_aes_encrypt_blocks(const hf_cipher *aes, const uint64_t *schedule, uint8_t *blocks,
                           size_t count)
{
    symmetric_key *key = hf_tomcrypt_key(schedule);

    if (aes->accel_ecb_encrypt != NULL) {
        return aes->accel_ecb_encrypt(blocks, blocks, (unsigned long)count, key) == CRYPT_OK;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t *block = blocks + i * HF_AES_BLOCK_SIZE;

        if (aes->ecb_encrypt(block, block, key) != CRYPT_OK) {
            return false;
        }
    }
    return true;
}

static uint32_t get_counter(const uint8_t block[HF_AES_BLOCK_SIZE])
{
    return (uint32_t)block[12] << 24 | (uint32_t)block[13] << 16 | (uint32_t)block[14] << 8 |
           block[15];
}

static void put_counter(uint8_t block[HF_AES_BLOCK_SIZE], uint32_t counter)
{
    block[12] = (uint8_t)(counter >> 24);
    block[13] = (uint8_t)(counter >> 16);
    block[14] = (uint8_t)(counter >> 8);
    block[15] = (uint8_t)counter;
}

/* In batches that stay in the first-level cache. */
static bool crypt_batches(const hf_cipher *aes, const uint64_t *schedule, const uint8_t *prefix,
                          uint32_t counter, hf_buf data)
{
    uint8_t stream[BATCH_BLOCKS * HF_AES_BLOCK_SIZE];
    bool ok = true;

    while (ok && data.size > 0) {
        size_t size = data.size < sizeof stream ? data.size : sizeof stream;
        size_t count = 0;

        for (size_t at = 0; at < size; at += HF_AES_BLOCK_SIZE) {
            memcpy(stream + at, prefix, HF_AES_BLOCK_SIZE - sizeof counter);
            put_counter(stream + at, counter++);
            count++;
        }
        ok = hf_aes_encrypt_blocks(aes, schedule, stream, count);
        if (ok) {
            hf_xor_bytes(data.data, stream, size);
        }
        data.data += size;
        data.size -= size;
    }
    hf_wipe(stream, sizeof stream);
    return ok;
}

/* The counter mode of libtomcrypt, too, is told the counter used last, not the one to use next. */
static bool accelerated_counter_mode(const hf_cipher *aes, const uint64_t *schedule,
                                     const uint8_t last[HF_AES_BLOCK_SIZE], uint8_t *blocks,
                                     size_t count)
{
    uint8_t block[HF_AES_BLOCK_SIZE];

    memcpy(block, last, sizeof block);
    return aes->accel_ctr_encrypt(blocks, blocks, (unsigned long)count, block,
                                  CTR_COUNTER_BIG_ENDIAN, hf_tomcrypt_key(schedule)) == CRYPT_OK;
}

bool hf_aes_counter_mode(const hf_cipher *aes, const uint64_t *schedule,
                         const uint8_t last[HF_AES_BLOCK_SIZE], hf_buf data)
{
    uint32_t counter = get_counter(last) + 1;

    if (aes->accel_ctr_encrypt != NULL && data.size >= HF_AES_BLOCK_SIZE) {
        size_t count = data.size / HF_AES_BLOCK_SIZE;

        if (!accelerated_counter_mode(aes, schedule, last, data.data, count)) {
            return false;
        }
        counter += (uint32_t)count;
        data.data += count * HF_AES_BLOCK_SIZE;
        data.size -= count * HF_AES_BLOCK_SIZE;
    }
    return crypt_batches(aes, schedule, last, counter, data);
}

/* A descriptor that takes the counter the other way would mask data with what masks the tag. */
static bool counter_mode_agrees(const hf_cipher *aes, const uint64_t *schedule)
{
    static const uint8_t last[HF_AES_BLOCK_SIZE] = {0};
    uint8_t expected[HF_AES_BLOCK_SIZE] = {0};
    uint8_t actual[HF_AES_BLOCK_SIZE] = {0};

    put_counter(expected, 1);
    return hf_aes_encrypt_blocks(aes, schedule, expected, 1) &&
           accelerated_counter_mode(aes, schedule, last, actual, 1) &&
           hf_constant_time_equal(expected, actual, sizeof actual);
}

bool hf_aes_setup(const hf_cipher *aes, uint64_t *schedule, const uint8_t *secret, size_t size)
{
    return aes->setup(secret, (int)size, 0, hf_tomcrypt_key(schedule)) == CRYPT_OK &&
           (aes->accel_ctr_encrypt == NULL || counter_mode_agrees(aes, schedule));
}
