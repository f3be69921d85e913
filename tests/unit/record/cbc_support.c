#include "tests/unit/record/cbc_support.h"

#include "crypto_glue/init.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mac_key[48] = {1, 2, 3}, key[32] = {4, 5, 6}, first_iv[16] = {0};

size_t cbc_kinds(cbc_kind out[CBC_KINDS_MAX])
{
    /* AES-128, AES-256 and 3DES with SHA-1 in all versions; SHA-256 and SHA-384 in TLS 1.2. */
    static const uint16_t suites[] = {0x002f, 0x0035, 0x000a, 0x003c, 0x003d, 0xc024};
    size_t count = 0;
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    for (size_t s = 0; s < sizeof suites / sizeof suites[0]; s++) {
        uint16_t version = s < 3 ? HF_TLS1_0 : HF_TLS1_2;
        for (; version <= HF_TLS1_2; version++)
            for (unsigned bits = 0; bits < 4; bits++)
                out[count++] = (cbc_kind){suites[s], version, bits & 1, bits >> 1};
    }
    cr_assert_leq(count, CBC_KINDS_MAX);
    return count;
}

const char *cbc_name(const cbc_kind *kind)
{
    static char name[120];
    (void)snprintf(name, sizeof name, "%s %s%s%s", hf_suite_of(kind->suite)->name,
                   hf_version_name(kind->version), kind->encrypt_then_mac ? " EtM" : "",
                   kind->truncated ? " truncated" : "");
    return name;
}

static hf_cbc_id cipher_of(const cbc_kind *kind)
{
    switch (hf_suite_of(kind->suite)->cipher) {
    case HF_CIPHER_AES_128_CBC:
        return HF_CBC_AES_128;
    case HF_CIPHER_AES_256_CBC:
        return HF_CBC_AES_256;
    default:
        return HF_CBC_3DES_EDE;
    }
}

size_t cbc_block(const cbc_kind *kind)
{
    return cipher_of(kind) == HF_CBC_3DES_EDE ? 8 : 16;
}

size_t cbc_mac(const cbc_kind *kind)
{
    return kind->truncated ? 10 : hf_hash_size(hf_suite_of(kind->suite)->mac);
}

size_t cbc_prefix(const cbc_kind *kind)
{
    return kind->version == HF_TLS1_0 ? 0 : cbc_block(kind);
}

size_t cbc_padding(const cbc_kind *kind, size_t size, size_t padding)
{
    size_t inside = size + 1 + (kind->encrypt_then_mac ? 0 : cbc_mac(kind));
    while ((inside + padding) % cbc_block(kind) != 0)
        padding++;
    return padding;
}

/* HMAC_hash(MAC_write_key, seq_num + type + version + length + bytes), cut off for truncated_hmac.
 */
static size_t put_mac(const cbc_kind *kind, const cbc_record *record, const uint8_t *bytes,
                      size_t size, uint8_t *out)
{
    hf_hmac_key hmac;
    hf_hash hash;
    hf_hash_id id = hf_suite_of(kind->suite)->mac;
    uint8_t header[13], mac[HF_HASH_SIZE_MAX];
    for (size_t i = 0; i < 8; i++)
        header[i] = (uint8_t)(record->sequence >> (56 - 8 * i));
    header[8] = record->type;
    header[9] = (uint8_t)(kind->version >> 8);
    header[10] = (uint8_t)kind->version;
    header[11] = (uint8_t)(size >> 8);
    header[12] = (uint8_t)size;
    hf_hmac_key_init(&hmac, id, mac_key, hf_hash_size(id));
    hf_hmac_begin(&hmac, &hash);
    hf_hash_update(&hash, header, sizeof header);
    hf_hash_update(&hash, bytes, size);
    (void)hf_hmac_end(&hmac, &hash, mac);
    size_t used = cbc_mac(kind);
    memcpy(out, mac, used);
    if (record->wrong_mac != 0)
        out[used - record->wrong_mac] ^= 1;
    return used;
}

size_t cbc_write(const cbc_kind *kind, const cbc_record *record, uint8_t *out)
{
    hf_cbc_key cipher;
    uint8_t iv[16];
    size_t prefix = cbc_prefix(kind), size = record->size;
    uint8_t *data = out + prefix;
    memcpy(iv, record->iv, sizeof iv);
    memcpy(out, iv, prefix);
    if (size != 0)
        memcpy(data, record->content, size);
    if (!kind->encrypt_then_mac)
        size += put_mac(kind, record, data, record->size, data + size);
    memset(data + size, (int)record->padding, record->padding + 1);
    size += record->padding + 1;
    if (record->wrong_padding != 0)
        data[size - record->wrong_padding] ^= 0x40;
    if (record->filled != 0)
        memset(data, record->filled, size);
    cr_assert_eq(hf_cbc_init(&cipher, cipher_of(kind), key), HF_CRYPTO_OK);
    cr_assert_eq(hf_cbc_encrypt(&cipher, iv, data, size), HF_CRYPTO_OK);
    size += prefix;
    if (kind->encrypt_then_mac)
        size += put_mac(kind, record, out, size, out + size);
    return size;
}

void cbc_protection(const cbc_kind *kind, const hf_random *random, hf_protection *out)
{
    const hf_protection_settings settings = {.suite = hf_suite_of(kind->suite),
                                             .version = kind->version,
                                             .encrypt_then_mac = kind->encrypt_then_mac,
                                             .truncated_hmac = kind->truncated,
                                             .random = random,
                                             .mac_key = mac_key,
                                             .key = key,
                                             .iv = first_iv};
    cr_assert_eq(hf_protection_init(out, &settings), HF_OK);
}
