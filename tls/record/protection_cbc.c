/* CBC with HMAC: MAC-then-encrypt (RFC 5246 6.2.3.2), where neither time nor answer may tell a
 * wrong padding from a wrong MAC (RFC 5246 6.2.3.2 implementation note, Lucky 13), and
 * encrypt-then-MAC (RFC 7366). */
#include "tls/record/protection.h"

#include "crypto_glue/constant_time.h"
#include "tls/wire/codes.h"

#include <string.h>

#define PADDING_MAX 256 /* with its length byte */

/* Sweet32 (CVE-2016-2183): blocks of 64 bits begin to repeat after some 2^32 of them, and what
 * repeats tells of the data. An alert may still go out. */
static bool is_exhausted(hf_protection *p, const hf_record_id *id, size_t fragment_size)
{
#if HF_WITH_3DES
    _Static_assert(HF_3DES_BLOCKS_MAX <= UINT32_MAX - HF_CIPHERTEXT_MAX / 8, "does not wrap");
    if (p->u.cbc.id == HF_CBC_3DES_EDE && id->bytes[8] != HF_CONTENT_ALERT) {
        p->used += (uint32_t)(fragment_size / 8);
        return p->used > HF_3DES_BLOCKS_MAX;
    }
#else
    (void)p, (void)id, (void)fragment_size;
#endif
    return false;
}

static hf_error crypto_error(hf_crypto_result result)
{
    return result == HF_CRYPTO_OK ? HF_OK : HF_ERROR_CRYPTO_FAILED;
}

/* A fresh unpredictable IV in front of the payload (RFC 5246 6.2.3.2), or the chained one. */
static hf_error begin_iv(hf_protection *p, uint8_t *payload)
{
    if (p->prefix_size == 0)
        return HF_OK;
    if (!p->random->fill(p->random->context, p->iv, p->prefix_size))
        return HF_ERROR_RANDOM_FAILED;
    memcpy(payload - p->prefix_size, p->iv, p->prefix_size);
    return HF_OK;
}

/* Appends the shortest padding that fills the block; returns its size with the length byte. */
static size_t append_padding(uint8_t *end, size_t size, size_t block)
{
    size_t padding = block - size % block;
    memset(end, (int)(padding - 1), padding);
    return padding;
}

hf_error hf_seal_cbc(hf_protection *p, hf_record_id *id, uint8_t *payload, size_t size)
{
    size_t block = hf_cbc_block_size(p->u.cbc.id), end = size;
    uint8_t mac[HF_HASH_SIZE_MAX];
    if (is_exhausted(p, id, hf_protection_sealed_size(p, size)))
        return HF_ERROR_KEY_EXHAUSTED;
    hf_error error = begin_iv(p, payload);
    if (error != HF_OK)
        return error;
    if (!p->encrypt_then_mac) {
        hf_record_mac(p, id, payload, size, mac);
        memcpy(payload + end, mac, p->mac_size);
        end += p->mac_size;
    }
    end += append_padding(payload + end, end, block);
    error = crypto_error(hf_cbc_encrypt(&p->u.cbc, p->iv, payload, end));
    if (error != HF_OK)
        return error;
    if (p->encrypt_then_mac) { /* RFC 7366 3: over the IV and the ciphertext */
        hf_record_id_set_size(id, p->prefix_size + end);
        hf_record_mac(p, id, payload - p->prefix_size, p->prefix_size + end, mac);
        memcpy(payload + end, mac, p->mac_size);
    }
    return HF_OK;
}

static hf_error decrypt(hf_protection *p, uint8_t *fragment, size_t size)
{
    memcpy(p->iv, fragment, p->prefix_size);
    return crypto_error(
        hf_cbc_decrypt(&p->u.cbc, p->iv, fragment + p->prefix_size, size - p->prefix_size));
}

/* All ones if the padding is right: data ends in a length n below the sizes allowed, and the n
 * bytes before it equal n. *padding is then n + 1, else 1, as if there were none
 * (RFC 5246 6.2.3.2). Looks at the same bytes whatever n is. */
static uint32_t check_padding(const uint8_t *data, size_t size, size_t most, uint32_t *padding)
{
    uint32_t n = data[size - 1];
    size_t seen = size < PADDING_MAX ? size : PADDING_MAX;
    uint32_t wrong = 0;
    for (size_t i = 0; i < seen; i++) {
        uint32_t in_padding = ~hf_mask_less(n, (uint32_t)i);
        wrong |= in_padding & (data[size - 1 - i] ^ n);
    }
    uint32_t good = hf_mask_is_zero(wrong) & hf_mask_less(n, (uint32_t)most);
    *padding = (n & good) + 1;
    return good;
}

/* Copies the MAC from data[start..) where start is secret and between `first` and `last`. Every
 * byte that may belong to it is read; the bytes are collected in a ring and turned into place. */
static void copy_mac(uint8_t *mac, size_t mac_size, const uint8_t *data, size_t first, size_t last,
                     uint32_t start)
{
    uint8_t ring[HF_HASH_SIZE_MAX] = {0};
    uint32_t turn = 0;
    size_t place = 0;
    for (size_t i = first; i < last + mac_size; i++) {
        uint32_t begins = hf_mask_equal((uint32_t)i, start);
        uint32_t inside = ~hf_mask_less((uint32_t)i, start) &
                          hf_mask_less((uint32_t)i, start + (uint32_t)mac_size);
        turn |= begins & (uint32_t)place;
        ring[place] |= (uint8_t)(inside & data[i]);
        place = place + 1 == mac_size ? 0 : place + 1;
    }
    memset(mac, 0, mac_size);
    for (size_t offset = 0; offset < mac_size; offset++) {
        uint8_t right = (uint8_t)hf_mask_equal((uint32_t)offset, turn);
        for (size_t i = 0, from = offset; i < mac_size; i++) {
            mac[i] |= ring[from] & right;
            from = from + 1 == mac_size ? 0 : from + 1;
        }
    }
}

static hf_error open_mac_then_encrypt(hf_protection *p, hf_record_id *id, uint8_t *fragment,
                                      size_t fragment_size, size_t *size)
{
    size_t block = hf_cbc_block_size(p->u.cbc.id);
    if (fragment_size < p->prefix_size + (size_t)p->mac_size + 1 || fragment_size % block != 0)
        return HF_ERROR_BAD_RECORD_MAC;
    hf_error error = decrypt(p, fragment, fragment_size);
    if (error != HF_OK)
        return error;
    uint8_t *data = fragment + p->prefix_size;
    size_t data_size = fragment_size - p->prefix_size;
    uint8_t computed[HF_HASH_SIZE_MAX], received[HF_HASH_SIZE_MAX];
    uint32_t padding;
    uint32_t good = check_padding(data, data_size, data_size - p->mac_size, &padding);
    size_t longest = data_size - p->mac_size - 1;
    size_t shortest = longest < PADDING_MAX - 1 ? 0 : longest - (PADDING_MAX - 1);
    size_t secret_size = data_size - p->mac_size - padding;
    hf_record_id_set_size(id, secret_size);
    (void)hf_hmac_secret_size(&p->mac, (hf_span){id->bytes, HF_RECORD_ID_SIZE}, data, shortest,
                              longest, secret_size, computed);
    copy_mac(received, p->mac_size, data, shortest, longest, (uint32_t)secret_size);
    good &= hf_mask_bytes_equal(computed, received, p->mac_size);
    *size = secret_size;
    return hf_mask_verdict(good) ? HF_OK : HF_ERROR_BAD_RECORD_MAC;
}

static hf_error open_encrypt_then_mac(hf_protection *p, hf_record_id *id, uint8_t *fragment,
                                      size_t fragment_size, size_t *size)
{
    size_t block = hf_cbc_block_size(p->u.cbc.id);
    uint8_t mac[HF_HASH_SIZE_MAX];
    if (fragment_size < p->prefix_size + block + p->mac_size ||
        (fragment_size - p->mac_size) % block != 0)
        return HF_ERROR_BAD_RECORD_MAC;
    size_t encrypted = fragment_size - p->mac_size;
    hf_record_id_set_size(id, encrypted);
    hf_record_mac(p, id, fragment, encrypted, mac);
    if (!hf_constant_time_equal(mac, fragment + encrypted, p->mac_size))
        return HF_ERROR_BAD_RECORD_MAC;
    hf_error error = decrypt(p, fragment, encrypted);
    if (error != HF_OK)
        return error;
    size_t data_size = encrypted - p->prefix_size;
    uint32_t padding;
    uint32_t good = check_padding(fragment + p->prefix_size, data_size, data_size, &padding);
    *size = data_size - padding;
    return hf_mask_verdict(good) ? HF_OK : HF_ERROR_BAD_RECORD_MAC;
}

hf_error hf_open_cbc(hf_protection *p, hf_record_id *id, uint8_t *fragment, size_t fragment_size,
                     size_t *size)
{
    if (is_exhausted(p, id, fragment_size))
        return HF_ERROR_KEY_EXHAUSTED;
    return p->encrypt_then_mac ? open_encrypt_then_mac(p, id, fragment, fragment_size, size)
                               : open_mac_then_encrypt(p, id, fragment, fragment_size, size);
}
