#include "crypto_glue/aead_mode.h"

#include "crypto_glue/constant_time.h"

#include <string.h>
#include <tomcrypt.h>

/* The two primitives are joined here and not by libtomcrypt's chacha20poly1305_*, whose tag is
 * wrong when the plaintext is empty and the associated data is not a multiple of 16 bytes: it
 * forgets the padding, and in TLS the associated data always has 13 bytes. */

#define KEY_SIZE            32
#define TAG_SIZE            16
#define ROUNDS              20
#define CHACHA_BLOCK_SIZE   64
#define POLY1305_BLOCK_SIZE 16

/* Sets the cipher to the first block of data (counter 1) and draws the one-time authentication key
 * from the block before (RFC 8439 2.6). */
static bool begin(const hf_aead_key *key, const uint8_t *nonce, chacha_state *stream,
                  poly1305_state *mac)
{
    uint8_t block[CHACHA_BLOCK_SIZE];
    bool ok = chacha_setup(stream, key->u.chacha, KEY_SIZE, ROUNDS) == CRYPT_OK &&
              chacha_ivctr32(stream, nonce, HF_AEAD_NONCE_SIZE, 0) == CRYPT_OK &&
              chacha_keystream(stream, block, sizeof block) == CRYPT_OK &&
              poly1305_init(mac, block, KEY_SIZE) == CRYPT_OK;

    hf_wipe(block, sizeof block);
    return ok;
}

/* Data and its padding to a multiple of 16 bytes (RFC 8439 2.8.1). */
static bool authenticate(poly1305_state *mac, const uint8_t *data, size_t size)
{
    static const uint8_t zeros[POLY1305_BLOCK_SIZE] = {0};
    size_t rest = size % POLY1305_BLOCK_SIZE;

    if (size > 0 && poly1305_process(mac, data, (unsigned long)size) != CRYPT_OK) {
        return false;
    }
    return rest == 0 ||
           poly1305_process(mac, zeros, (unsigned long)(POLY1305_BLOCK_SIZE - rest)) == CRYPT_OK;
}

static void put_length(uint8_t out[8], uint64_t length)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(length >> (8 * i));
    }
}

static bool compute_tag(poly1305_state *mac, hf_span aad, hf_buf ciphertext, uint8_t tag[TAG_SIZE])
{
    uint8_t lengths[POLY1305_BLOCK_SIZE];
    unsigned long tag_size = TAG_SIZE;

    put_length(lengths, aad.size);
    put_length(lengths + 8, ciphertext.size);
    return authenticate(mac, aad.data, aad.size) &&
           authenticate(mac, ciphertext.data, ciphertext.size) &&
           authenticate(mac, lengths, sizeof lengths) &&
           poly1305_done(mac, tag, &tag_size) == CRYPT_OK;
}

static bool crypt_data(chacha_state *stream, hf_buf data)
{
    return data.size == 0 ||
           chacha_crypt(stream, data.data, (unsigned long)data.size, data.data) == CRYPT_OK;
}

static hf_crypto_result chacha_init(hf_aead_key *key, const uint8_t *secret, size_t size)
{
    memcpy(key->u.chacha, secret, size);
    return HF_CRYPTO_OK;
}

static hf_crypto_result chacha_seal(const hf_aead_key *key, const uint8_t *nonce, hf_span aad,
                                    hf_buf data, uint8_t *tag)
{
    chacha_state stream;
    poly1305_state mac;
    bool ok = begin(key, nonce, &stream, &mac) && crypt_data(&stream, data) &&
              compute_tag(&mac, aad, data, tag);

    hf_wipe(&stream, sizeof stream);
    hf_wipe(&mac, sizeof mac);
    return ok ? HF_CRYPTO_OK : HF_CRYPTO_FAILED;
}

static hf_crypto_result chacha_open(const hf_aead_key *key, const uint8_t *nonce, hf_span aad,
                                    hf_buf data, const uint8_t *tag)
{
    chacha_state stream;
    poly1305_state mac;
    uint8_t actual[TAG_SIZE];
    hf_crypto_result result = HF_CRYPTO_FAILED;

    if (begin(key, nonce, &stream, &mac) && compute_tag(&mac, aad, data, actual)) {
        result = HF_CRYPTO_BAD_TAG;
        if (hf_constant_time_equal(actual, tag, sizeof actual)) {
            result = crypt_data(&stream, data) ? HF_CRYPTO_OK : HF_CRYPTO_FAILED;
        }
    }
    hf_wipe(&stream, sizeof stream);
    hf_wipe(&mac, sizeof mac);
    hf_wipe(actual, sizeof actual);
    return result;
}

const hf_aead_mode hf_aead_chacha20_poly1305 = {
    KEY_SIZE, TAG_SIZE, HF_AEAD_SIZE_MAX, chacha_init, chacha_seal, chacha_open,
};
