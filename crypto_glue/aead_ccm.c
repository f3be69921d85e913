#include "crypto_glue/aead_mode.h"

#include "crypto_glue/cipher.h"
#include "crypto_glue/constant_time.h"

/* CCM (NIST SP 800-38C) is put together here: libtomcrypt's ccm_state holds its union of all
 * ciphers, and its decryption in steps leaves the tag to the caller. With 12 bytes of nonce, the
 * length of the data and the counter have 3 bytes each (SP 800-38C A.1, RFC 6655 3). */

#define LENGTH_SIZE (HF_AES_BLOCK_SIZE - 1 - HF_AEAD_NONCE_SIZE)

/* Associated data shorter than this has its length in two bytes, longer in four with a mark before
 * them; a form for 2^32 bytes and more exists but is of no use here (SP 800-38C A.2.2). */
#define SHORT_AAD 0xff00
#define AAD_MAX   UINT32_MAX

/* A CBC-MAC that is being computed. */
typedef struct cbc_mac {
    const hf_cipher *aes;
    const uint64_t *schedule;
    uint8_t value[HF_AES_BLOCK_SIZE];
    size_t used; /* bytes of the present block that are in `value` already */
} cbc_mac;

static bool absorb(cbc_mac *mac, const uint8_t *data, size_t size)
{
    while (size > 0) {
        size_t room = sizeof mac->value - mac->used;
        size_t piece = size < room ? size : room;

        hf_xor_bytes(mac->value + mac->used, data, piece);
        mac->used += piece;
        data += piece;
        size -= piece;
        if (mac->used == sizeof mac->value) {
            mac->used = 0;
            if (!hf_aes_encrypt_blocks(mac->aes, mac->schedule, mac->value, 1)) {
                return false;
            }
        }
    }
    return true;
}

/* Fills the block up with zeros, which leave `value` as it is. */
static bool end_part(cbc_mac *mac)
{
    bool partial = mac->used > 0;

    mac->used = 0;
    return !partial || hf_aes_encrypt_blocks(mac->aes, mac->schedule, mac->value, 1);
}

static void put_block(uint8_t block[HF_AES_BLOCK_SIZE], uint8_t flags, const uint8_t *nonce,
                      size_t number)
{
    block[0] = flags;
    memcpy(block + 1, nonce, HF_AEAD_NONCE_SIZE);
    block[13] = (uint8_t)(number >> 16);
    block[14] = (uint8_t)(number >> 8);
    block[15] = (uint8_t)number;
}

/* The counter block 0 masks the tag; data starts at the next (SP 800-38C A.3). */
static void put_tag_counter(uint8_t block[HF_AES_BLOCK_SIZE], const uint8_t *nonce)
{
    put_block(block, LENGTH_SIZE - 1, nonce, 0);
}

static bool absorb_header(cbc_mac *mac, size_t tag_size, const uint8_t *nonce, hf_span aad,
                          size_t size)
{
    uint8_t block[HF_AES_BLOCK_SIZE];
    uint8_t flags =
        (uint8_t)((aad.size > 0 ? 0x40 : 0) | (tag_size - 2) / 2 << 3 | (LENGTH_SIZE - 1));

    put_block(block, flags, nonce, size);
    return absorb(mac, block, sizeof block);
}

static bool absorb_aad(cbc_mac *mac, hf_span aad)
{
    uint8_t length[6] = {0xff, 0xfe};
    size_t skip = aad.size < SHORT_AAD ? 4 : 0;

    if (aad.size == 0) {
        return true;
    }
    for (size_t i = 0; i < 4; i++) {
        length[5 - i] = (uint8_t)(aad.size >> 8 * i);
    }
    return absorb(mac, length + skip, sizeof length - skip) && absorb(mac, aad.data, aad.size) &&
           end_part(mac);
}

static bool compute_tag(const hf_cipher *aes, const hf_aead_key *key, const uint8_t *nonce,
                        hf_span aad, hf_buf plaintext, uint8_t tag[HF_AES_BLOCK_SIZE])
{
    cbc_mac mac = {.aes = aes, .schedule = key->u.aes.schedule};
    bool ok = absorb_header(&mac, hf_aead_tag_size(key->id), nonce, aad, plaintext.size) &&
              absorb_aad(&mac, aad) && absorb(&mac, plaintext.data, plaintext.size) &&
              end_part(&mac);

    put_tag_counter(tag, nonce);
    ok = ok && hf_aes_encrypt_blocks(aes, key->u.aes.schedule, tag, 1);
    hf_xor_bytes(tag, mac.value, sizeof mac.value);
    hf_wipe(&mac, sizeof mac);
    return ok;
}

static bool crypt_data(const hf_cipher *aes, const hf_aead_key *key, const uint8_t *nonce,
                       hf_buf data)
{
    uint8_t last[HF_AES_BLOCK_SIZE];

    put_tag_counter(last, nonce);
    return hf_aes_counter_mode(aes, key->u.aes.schedule, last, data);
}

/* All of CCM by the descriptor, which takes the bare key. As with GCM, it may compare the tag or
 * only overwrite it: the caller looks at both the result and the buffer. */
static hf_crypto_result whole(const hf_cipher *aes, const hf_aead_key *key, const uint8_t *nonce,
                              hf_span aad, hf_buf data, uint8_t *tag, int direction)
{
    static const uint8_t nothing[1] = {0};
    uint8_t no_data[1];
    uint8_t *text = data.size > 0 ? data.data : no_data;
    size_t tag_size = hf_aead_tag_size(key->id);
    unsigned long written = (unsigned long)tag_size;
    int result = aes->accel_ccm_memory(
        (const uint8_t *)key->u.aes.schedule, (unsigned long)hf_aead_key_size(key->id), NULL, nonce,
        HF_AEAD_NONCE_SIZE, aad.size > 0 ? aad.data : nothing, (unsigned long)aad.size, text,
        (unsigned long)data.size, text, tag, &written, direction);

    if (result != CRYPT_OK || written != tag_size) {
        return direction == CCM_DECRYPT ? HF_CRYPTO_BAD_TAG : HF_CRYPTO_FAILED;
    }
    return HF_CRYPTO_OK;
}

static hf_crypto_result aes_ccm_init(hf_aead_key *key, const uint8_t *secret, size_t size)
{
    const hf_cipher *aes = hf_cipher_find_aes();

    if (aes == NULL) {
        return HF_CRYPTO_FAILED;
    }
    if (aes->accel_ccm_memory != NULL) {
        memcpy(key->u.aes.schedule, secret, size);
        return HF_CRYPTO_OK;
    }
    return hf_aes_setup(aes, key->u.aes.schedule, secret, size) ? HF_CRYPTO_OK : HF_CRYPTO_FAILED;
}

static hf_crypto_result aes_ccm_seal(const hf_aead_key *key, const uint8_t *nonce, hf_span aad,
                                     hf_buf data, uint8_t *tag)
{
    const hf_cipher *aes = hf_cipher_find_aes();
    uint8_t block[HF_AES_BLOCK_SIZE];
    hf_crypto_result result = HF_CRYPTO_FAILED;

    if (aes == NULL || aad.size > AAD_MAX) {
        return HF_CRYPTO_FAILED;
    }
    if (aes->accel_ccm_memory != NULL) {
        return whole(aes, key, nonce, aad, data, tag, CCM_ENCRYPT);
    }
    if (compute_tag(aes, key, nonce, aad, data, block) && crypt_data(aes, key, nonce, data)) {
        memcpy(tag, block, hf_aead_tag_size(key->id));
        result = HF_CRYPTO_OK;
    }
    hf_wipe(block, sizeof block);
    return result;
}

/* CCM authenticates the plaintext: it must be in `data` before its tag is known to be right, so a
 * wrong one costs the data. */
static hf_crypto_result aes_ccm_open(const hf_aead_key *key, const uint8_t *nonce, hf_span aad,
                                     hf_buf data, const uint8_t *tag)
{
    const hf_cipher *aes = hf_cipher_find_aes();
    size_t tag_size = hf_aead_tag_size(key->id);
    uint8_t actual[HF_AES_BLOCK_SIZE];
    hf_crypto_result result = HF_CRYPTO_FAILED;

    if (aes == NULL || aad.size > AAD_MAX) {
        return HF_CRYPTO_FAILED;
    }
    if (aes->accel_ccm_memory != NULL) {
        memcpy(actual, tag, tag_size);
        result = whole(aes, key, nonce, aad, data, actual, CCM_DECRYPT);
    } else if (crypt_data(aes, key, nonce, data) &&
               compute_tag(aes, key, nonce, aad, data, actual)) {
        result = HF_CRYPTO_OK;
    }
    if (result == HF_CRYPTO_OK && !hf_constant_time_equal(actual, tag, tag_size)) {
        result = HF_CRYPTO_BAD_TAG;
    }
    if (result != HF_CRYPTO_OK) {
        hf_wipe(data.data, data.size);
    }
    hf_wipe(actual, sizeof actual);
    return result;
}

const hf_aead_mode hf_aead_aes_128_ccm = {
    16, 16, HF_AEAD_CCM_SIZE_MAX, aes_ccm_init, aes_ccm_seal, aes_ccm_open,
};
const hf_aead_mode hf_aead_aes_256_ccm = {
    32, 16, HF_AEAD_CCM_SIZE_MAX, aes_ccm_init, aes_ccm_seal, aes_ccm_open,
};
const hf_aead_mode hf_aead_aes_128_ccm_8 = {
    16, 8, HF_AEAD_CCM_SIZE_MAX, aes_ccm_init, aes_ccm_seal, aes_ccm_open,
};
const hf_aead_mode hf_aead_aes_256_ccm_8 = {
    32, 8, HF_AEAD_CCM_SIZE_MAX, aes_ccm_init, aes_ccm_seal, aes_ccm_open,
};
