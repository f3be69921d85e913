#include "crypto_glue/constant_time.h"
#include "crypto_glue/number.h"
#include "crypto_glue/rsa_operation.h"

#include <string.h>

#define BLOCK_TYPE       0x02
#define PADDING_SIZE_MIN 11 /* 00 02, eight random bytes, 00 */
#define FILL_ROUNDS      16

/* Fills out[0..size) with random bytes that are not zero (RFC 8017 7.2.1): draws, closes the
 * gaps where the zeros were, and draws for the end again. Each round leaves about a 256th to
 * do, so that a round too many means a broken source. */
static bool fill_without_zeros(const hf_random *random, uint8_t *out, size_t size)
{
    size_t done = 0;
    for (int round = 0; done < size && round < FILL_ROUNDS; round++) {
        if (!random->fill(random->context, out + done, size - done)) {
            return false;
        }
        for (size_t i = done; i < size; i++) {
            out[done] = out[i];
            done += out[i] != 0 ? 1 : 0;
        }
    }
    return done == size;
}

static hf_crypto_result encrypt(const hf_rsa_public *key, hf_span encoded, uint8_t *ciphertext)
{
    void *number;
    hf_crypto_result result = hf_numbers_init(&number, 1);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    result = hf_rsa_public_operation(key, encoded, number);
    if (result == HF_CRYPTO_OK) {
        (void)hf_step(&result, hf_number_write(number, ciphertext, encoded.size));
    }
    hf_numbers_free(&number, 1);
    return result;
}

hf_crypto_result hf_rsa_encrypt_premaster(const hf_rsa_public *key, const hf_random *random,
                                          const uint8_t premaster[HF_PREMASTER_SIZE],
                                          uint8_t *ciphertext, size_t capacity,
                                          size_t *ciphertext_size)
{
    size_t size = key->modulus.size;
    hf_crypto_result result = hf_rsa_check_public(key);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    if (capacity < size) {
        return HF_CRYPTO_NO_SPACE;
    }

    uint8_t encoded[HF_RSA_SIZE_MAX];
    size_t separator = size - HF_PREMASTER_SIZE - 1;
    encoded[0] = 0x00;
    encoded[1] = BLOCK_TYPE;
    encoded[separator] = 0x00;
    memcpy(encoded + separator + 1, premaster, HF_PREMASTER_SIZE);
    if (fill_without_zeros(random, encoded + 2, separator - 2)) {
        result = encrypt(key, (hf_span){encoded, size}, ciphertext);
    } else {
        result = HF_CRYPTO_NO_RANDOM;
    }
    if (result == HF_CRYPTO_OK) {
        *ciphertext_size = size;
    }
    hf_wipe(encoded, size);
    return result;
}

/* A message of 48 bytes has one place for each part of its padding, so that no search for the
 * separator is needed: all wrong bits are collected in `wrong` and looked at once. */
void hf_rsa_unpad_premaster(hf_span encoded, uint16_t version,
                            const uint8_t fallback[HF_PREMASTER_SIZE],
                            uint8_t premaster[HF_PREMASTER_SIZE])
{
    if (encoded.size < PADDING_SIZE_MIN + HF_PREMASTER_SIZE) {
        memcpy(premaster, fallback, HF_PREMASTER_SIZE);
        return;
    }
    size_t separator = encoded.size - HF_PREMASTER_SIZE - 1;
    const uint8_t *message = encoded.data + separator + 1;
    uint32_t wrong = encoded.data[0];
    wrong |= (uint32_t)(encoded.data[1] ^ BLOCK_TYPE);
    for (size_t i = 2; i < separator; i++) {
        wrong |= hf_mask_is_zero(encoded.data[i]);
    }
    wrong |= encoded.data[separator];
    wrong |= (uint32_t)(message[0] ^ (version >> 8));
    wrong |= (uint32_t)(message[1] ^ (version & 0xff));
    hf_constant_time_select(premaster, (uint8_t)hf_mask_is_zero(wrong), message, fallback,
                            HF_PREMASTER_SIZE);
}

/* RFC 5246 7.4.7.1: no error for what a peer may have encrypted wrongly, and none for what cannot
 * have been encrypted at all; anybody can tell the latter by comparing with n. */
hf_crypto_result hf_rsa_decrypt_premaster(const hf_rsa_private *key, const hf_random *random,
                                          uint16_t version, hf_span ciphertext,
                                          uint8_t premaster[HF_PREMASTER_SIZE])
{
    size_t size = key->public_key.modulus.size;
    hf_crypto_result result = hf_rsa_check_public(&key->public_key);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    if (ciphertext.size != size) {
        return HF_CRYPTO_FAILED;
    }

    uint8_t fallback[HF_PREMASTER_SIZE];
    if (!random->fill(random->context, fallback, sizeof fallback)) {
        return HF_CRYPTO_NO_RANDOM;
    }
    if (!hf_rsa_in_range(&key->public_key, ciphertext)) {
        memcpy(premaster, fallback, sizeof fallback);
        hf_wipe(fallback, sizeof fallback);
        return HF_CRYPTO_OK;
    }
    uint8_t block[HF_RSA_BLOCK_MAX];
    result = hf_rsa_private_operation(key, random, ciphertext.data, block);
    if (result == HF_CRYPTO_OK) {
        hf_rsa_unpad_premaster((hf_span){block + 1, size}, version, fallback, premaster);
    }
    hf_wipe(block, sizeof block);
    hf_wipe(fallback, sizeof fallback);
    return result;
}
