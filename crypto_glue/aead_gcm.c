#include "crypto_glue/aead_mode.h"

#include "crypto_glue/cipher.h"
#include "crypto_glue/constant_time.h"
#include "crypto_glue/gcm_x86.h"

/* libtomcrypt's gcm_state keeps 64 KiB of tables indexed by secret data. Here GCM is put together
 * from whatever the registered AES descriptor offers, best first: all of GCM in one call, counter
 * mode, many blocks in one call, or one block at a time. */

#define TAG_SIZE 16

/* The counter of the block that masks the tag; data starts at the next (SP 800-38D 7.1). */
#define TAG_COUNTER 1

static void put_tag_counter(uint8_t block[HF_AES_BLOCK_SIZE], const uint8_t *nonce)
{
    memset(block, 0, HF_AES_BLOCK_SIZE);
    memcpy(block, nonce, HF_AEAD_NONCE_SIZE);
    block[HF_AES_BLOCK_SIZE - 1] = TAG_COUNTER;
}

static bool crypt_data(const hf_cipher *aes, const hf_aead_key *key, const uint8_t *nonce,
                       hf_buf data)
{
    uint8_t last[HF_AES_BLOCK_SIZE];

    put_tag_counter(last, nonce);
    return hf_aes_counter_mode(aes, key->u.aes.schedule, last, data);
}

static void begin_tag(const hf_aead_key *key, hf_span aad, uint8_t tag[TAG_SIZE])
{
    memset(tag, 0, TAG_SIZE);
    hf_ghash_update(&key->u.aes.hash, tag, aad.data, aad.size);
}

/* The ciphertext has been absorbed. */
static bool end_tag(const hf_cipher *aes, const hf_aead_key *key, const uint8_t *nonce,
                    size_t aad_size, size_t size, uint8_t tag[TAG_SIZE])
{
    uint8_t lengths[HF_AES_BLOCK_SIZE];
    uint8_t mask[HF_AES_BLOCK_SIZE];
    bool ok;

    hf_ghash_store(lengths, (uint64_t)aad_size * 8);
    hf_ghash_store(lengths + 8, (uint64_t)size * 8);
    hf_ghash_update(&key->u.aes.hash, tag, lengths, sizeof lengths);

    put_tag_counter(mask, nonce);
    ok = hf_aes_encrypt_blocks(aes, key->u.aes.schedule, mask, 1);
    hf_xor_bytes(tag, mask, TAG_SIZE);
    hf_wipe(mask, sizeof mask);
    return ok;
}

static bool compute_tag(const hf_cipher *aes, const hf_aead_key *key, const uint8_t *nonce,
                        hf_span aad, hf_buf ciphertext, uint8_t tag[TAG_SIZE])
{
    begin_tag(key, aad, tag);
    hf_ghash_update(&key->u.aes.hash, tag, ciphertext.data, ciphertext.size);
    return end_tag(aes, key, nonce, aad.size, ciphertext.size, tag);
}

#if HF_GLUE_X86
static bool is_x86(const hf_cipher *aes)
{
    return aes->setup == hf_aes_x86_desc.setup;
}

/* Data and tag in one pass. */
static bool crypt_x86(hf_gcm_x86_function *crypt, const hf_cipher *aes, const hf_aead_key *key,
                      const uint8_t *nonce, hf_span aad, hf_buf data, uint8_t tag[TAG_SIZE])
{
    uint8_t last[HF_AES_BLOCK_SIZE];

    put_tag_counter(last, nonce);
    begin_tag(key, aad, tag);
    crypt((const hf_x86_schedule *)(const void *)key->u.aes.schedule, &key->u.aes.hash, last, tag,
          data);
    return end_tag(aes, key, nonce, aad.size, data.size, tag);
}
#endif

/* All of GCM by the descriptor, which takes the bare key. Whether it compares the tag when it
 * decrypts or only overwrites it differs between versions of libtomcrypt; with the expected tag in
 * the buffer, checking both the result and the buffer is right for either. */
static hf_crypto_result whole(const hf_cipher *aes, const hf_aead_key *key, const uint8_t *nonce,
                              hf_span aad, hf_buf data, uint8_t *tag, int direction)
{
    static const uint8_t nothing[1] = {0};
    uint8_t no_data[1];
    uint8_t *text = data.size > 0 ? data.data : no_data;
    unsigned long tag_size = TAG_SIZE;
    int result = aes->accel_gcm_memory(
        (const uint8_t *)key->u.aes.schedule, (unsigned long)hf_aead_key_size(key->id), nonce,
        HF_AEAD_NONCE_SIZE, aad.size > 0 ? aad.data : nothing, (unsigned long)aad.size, text,
        (unsigned long)data.size, text, tag, &tag_size, direction);

    if (result != CRYPT_OK || tag_size != TAG_SIZE) {
        return direction == GCM_DECRYPT ? HF_CRYPTO_BAD_TAG : HF_CRYPTO_FAILED;
    }
    return HF_CRYPTO_OK;
}

static hf_crypto_result aes_gcm_init(hf_aead_key *key, const uint8_t *secret, size_t size)
{
    const hf_cipher *aes = hf_cipher_find_aes();
    uint8_t h[HF_AES_BLOCK_SIZE] = {0};

    if (aes == NULL) {
        return HF_CRYPTO_FAILED;
    }
    if (aes->accel_gcm_memory != NULL) {
        memcpy(key->u.aes.schedule, secret, size);
        return HF_CRYPTO_OK;
    }
    if (!hf_aes_setup(aes, key->u.aes.schedule, secret, size) ||
        !hf_aes_encrypt_blocks(aes, key->u.aes.schedule, h, 1)) {
        return HF_CRYPTO_FAILED;
    }
    hf_ghash_key_init(&key->u.aes.hash, h);
    hf_wipe(h, sizeof h);
    return HF_CRYPTO_OK;
}

static hf_crypto_result aes_gcm_seal(const hf_aead_key *key, const uint8_t *nonce, hf_span aad,
                                     hf_buf data, uint8_t *tag)
{
    const hf_cipher *aes = hf_cipher_find_aes();

    if (aes == NULL) {
        return HF_CRYPTO_FAILED;
    }
    if (aes->accel_gcm_memory != NULL) {
        return whole(aes, key, nonce, aad, data, tag, GCM_ENCRYPT);
    }
#if HF_GLUE_X86
    if (is_x86(aes)) {
        return crypt_x86(hf_gcm_x86_encrypt, aes, key, nonce, aad, data, tag) ? HF_CRYPTO_OK
                                                                              : HF_CRYPTO_FAILED;
    }
#endif
    if (!crypt_data(aes, key, nonce, data) || !compute_tag(aes, key, nonce, aad, data, tag)) {
        return HF_CRYPTO_FAILED;
    }
    return HF_CRYPTO_OK;
}

static bool decrypts_at_once(const hf_cipher *aes)
{
#if HF_GLUE_X86
    if (is_x86(aes)) {
        return true;
    }
#endif
    return aes->accel_gcm_memory != NULL;
}

/* The plaintext is in `data` before its tag is known to be right, so a wrong one costs the data. */
static hf_crypto_result open_at_once(const hf_cipher *aes, const hf_aead_key *key,
                                     const uint8_t *nonce, hf_span aad, hf_buf data,
                                     const uint8_t *tag)
{
    uint8_t actual[TAG_SIZE];
    hf_crypto_result result = HF_CRYPTO_OK;

    if (aes->accel_gcm_memory != NULL) {
        memcpy(actual, tag, sizeof actual);
        result = whole(aes, key, nonce, aad, data, actual, GCM_DECRYPT);
    }
#if HF_GLUE_X86
    else if (!crypt_x86(hf_gcm_x86_decrypt, aes, key, nonce, aad, data, actual)) {
        result = HF_CRYPTO_FAILED;
    }
#endif
    if (result == HF_CRYPTO_OK && !hf_constant_time_equal(actual, tag, sizeof actual)) {
        result = HF_CRYPTO_BAD_TAG;
    }
    if (result != HF_CRYPTO_OK) {
        hf_wipe(data.data, data.size);
    }
    hf_wipe(actual, sizeof actual);
    return result;
}

static hf_crypto_result aes_gcm_open(const hf_aead_key *key, const uint8_t *nonce, hf_span aad,
                                     hf_buf data, const uint8_t *tag)
{
    const hf_cipher *aes = hf_cipher_find_aes();
    uint8_t actual[TAG_SIZE];
    hf_crypto_result result = HF_CRYPTO_FAILED;

    if (aes == NULL) {
        return HF_CRYPTO_FAILED;
    }
    if (decrypts_at_once(aes)) {
        return open_at_once(aes, key, nonce, aad, data, tag);
    }
    if (compute_tag(aes, key, nonce, aad, data, actual)) {
        result = HF_CRYPTO_BAD_TAG;
        if (hf_constant_time_equal(actual, tag, sizeof actual)) {
            result = crypt_data(aes, key, nonce, data) ? HF_CRYPTO_OK : HF_CRYPTO_FAILED;
        }
    }
    if (result == HF_CRYPTO_FAILED) {
        hf_wipe(data.data, data.size);
    }
    hf_wipe(actual, sizeof actual);
    return result;
}

const hf_aead_mode hf_aead_aes_128_gcm = {
    16, TAG_SIZE, HF_AEAD_SIZE_MAX, aes_gcm_init, aes_gcm_seal, aes_gcm_open,
};
const hf_aead_mode hf_aead_aes_256_gcm = {
    32, TAG_SIZE, HF_AEAD_SIZE_MAX, aes_gcm_init, aes_gcm_seal, aes_gcm_open,
};
