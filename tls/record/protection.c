#include "tls/record/protection.h"

#include "crypto_glue/constant_time.h"

#include <string.h>

#define EXPLICIT_NONCE_SIZE     8  /* RFC 5288 3, RFC 6655 3 */
#define TRUNCATED_HMAC_SIZE     10 /* RFC 6066 7 */
#define IMPLICIT_SALT_SIZE      4  /* RFC 5288 3, RFC 6655 3 */
#define CHACHA20_POLY1305_NONCE 12 /* RFC 7905 2 */

/* What a cipher is made of. */
typedef struct cipher_row {
    hf_protection_kind kind;
    hf_aead_id aead;
#if HF_USE_CBC
    hf_cbc_id cbc;
#endif
    uint8_t key_size;
} cipher_row;

static const cipher_row ciphers[] = {
    [HF_CIPHER_AES_128_GCM] = {.kind = HF_PROTECT_AEAD,
                               .aead = HF_AEAD_AES_128_GCM,
                               .key_size = 16},
    [HF_CIPHER_AES_256_GCM] = {.kind = HF_PROTECT_AEAD,
                               .aead = HF_AEAD_AES_256_GCM,
                               .key_size = 32},
    [HF_CIPHER_AES_128_CCM] = {.kind = HF_PROTECT_AEAD,
                               .aead = HF_AEAD_AES_128_CCM,
                               .key_size = 16},
    [HF_CIPHER_AES_256_CCM] = {.kind = HF_PROTECT_AEAD,
                               .aead = HF_AEAD_AES_256_CCM,
                               .key_size = 32},
    [HF_CIPHER_AES_128_CCM_8] = {.kind = HF_PROTECT_AEAD,
                                 .aead = HF_AEAD_AES_128_CCM_8,
                                 .key_size = 16},
    [HF_CIPHER_AES_256_CCM_8] = {.kind = HF_PROTECT_AEAD,
                                 .aead = HF_AEAD_AES_256_CCM_8,
                                 .key_size = 32},
    [HF_CIPHER_CHACHA20_POLY1305] = {.kind = HF_PROTECT_AEAD,
                                     .aead = HF_AEAD_CHACHA20_POLY1305,
                                     .key_size = 32},
#if HF_USE_CBC
    [HF_CIPHER_3DES_EDE_CBC] = {.kind = HF_PROTECT_CBC, .cbc = HF_CBC_3DES_EDE, .key_size = 24},
    [HF_CIPHER_AES_128_CBC] = {.kind = HF_PROTECT_CBC, .cbc = HF_CBC_AES_128, .key_size = 16},
    [HF_CIPHER_AES_256_CBC] = {.kind = HF_PROTECT_CBC, .cbc = HF_CBC_AES_256, .key_size = 32},
#endif
    [HF_CIPHER_NULL] = {.kind = HF_PROTECT_STREAM},
    [HF_CIPHER_RC4_128] = {.kind = HF_PROTECT_STREAM, .key_size = 16},
};

static size_t aead_iv_size(hf_aead_id aead)
{
    return aead == HF_AEAD_CHACHA20_POLY1305 ? CHACHA20_POLY1305_NONCE : IMPLICIT_SALT_SIZE;
}

hf_key_sizes hf_key_sizes_of(const hf_suite *suite, uint16_t version)
{
    const cipher_row *row = &ciphers[suite->cipher];
    hf_key_sizes sizes = {(uint8_t)hf_hash_size(suite->mac), row->key_size, 0};
    if (row->kind == HF_PROTECT_AEAD)
        sizes.iv = (uint8_t)aead_iv_size(row->aead);
#if HF_USE_CBC
    else if (row->kind == HF_PROTECT_CBC && version < HF_TLS1_1)
        sizes.iv = (uint8_t)hf_cbc_block_size(row->cbc); /* RFC 2246 6.3; explicit from 1.1 on */
#else
    (void)version;
#endif
    return sizes;
}

#if HF_USE_MAC
static void init_mac(hf_protection *p, const hf_protection_settings *settings)
{
    size_t size = hf_hash_size(settings->suite->mac);
    hf_hmac_key_init(&p->mac, settings->suite->mac, settings->mac_key, size);
    p->mac_size = (uint8_t)(settings->truncated_hmac ? TRUNCATED_HMAC_SIZE : size);
}
#endif

static hf_crypto_result init_cipher(hf_protection *p, const hf_protection_settings *settings,
                                    const cipher_row *row)
{
    switch (row->kind) {
    case HF_PROTECT_AEAD:
        if (row->aead != HF_AEAD_CHACHA20_POLY1305)
            p->prefix_size = EXPLICIT_NONCE_SIZE;
        return hf_aead_init(&p->u.aead, row->aead, settings->key);
#if HF_USE_CBC
    case HF_PROTECT_CBC:
        init_mac(p, settings);
        p->encrypt_then_mac = settings->encrypt_then_mac;
        p->split = settings->version < HF_TLS1_1;
        p->prefix_size = (uint8_t)(p->split ? 0 : hf_cbc_block_size(row->cbc));
        return hf_cbc_init(&p->u.cbc, row->cbc, settings->key);
#endif
#if HF_WITH_RC4 || HF_WITH_NULL
    case HF_PROTECT_STREAM:
        init_mac(p, settings);
        p->ciphers_nothing = settings->suite->cipher == HF_CIPHER_NULL;
#if HF_WITH_RC4
        if (!p->ciphers_nothing)
            return hf_rc4_init(&p->u.rc4, settings->key);
#endif
        return HF_CRYPTO_OK;
#endif
    default:
        return HF_CRYPTO_FAILED;
    }
}

hf_error hf_protection_init(hf_protection *p, const hf_protection_settings *settings)
{
    const cipher_row *row = &ciphers[settings->suite->cipher];
    hf_protection_wipe(p);
    p->kind = row->kind;
    p->random = settings->random;
    memcpy(p->iv, settings->iv, hf_key_sizes_of(settings->suite, settings->version).iv);
    return init_cipher(p, settings, row) == HF_CRYPTO_OK ? HF_OK : HF_ERROR_CRYPTO_FAILED;
}

void hf_protection_wipe(hf_protection *p)
{
    hf_wipe(p, sizeof *p);
}

size_t hf_protection_suffix_max(const hf_protection *p)
{
    switch (p->kind) {
    case HF_PROTECT_AEAD:
        return hf_aead_tag_size(p->u.aead.id);
#if HF_USE_CBC
    case HF_PROTECT_CBC:
        return p->mac_size + hf_cbc_block_size(p->u.cbc.id);
#endif
    default:
        return p->mac_size;
    }
}

size_t hf_protection_sealed_size(const hf_protection *p, size_t size)
{
#if HF_USE_CBC
    if (p->kind == HF_PROTECT_CBC) {
        size_t block = hf_cbc_block_size(p->u.cbc.id);
        size_t inside = size + 1 + (p->encrypt_then_mac ? 0 : p->mac_size);
        size_t encrypted = (inside + block - 1) / block * block;
        return p->prefix_size + encrypted + (p->encrypt_then_mac ? p->mac_size : 0);
    }
#endif
    return hf_protection_prefix(p) + size + hf_protection_suffix_max(p);
}

hf_record_id hf_record_id_of(const hf_protection *p, uint8_t type, uint16_t version, size_t size)
{
    hf_record_id id;
    uint64_t sequence = p->sequence;
    for (size_t i = 8; i-- > 0; sequence >>= 8)
        id.bytes[i] = (uint8_t)sequence;
    id.bytes[8] = type;
    id.bytes[9] = (uint8_t)(version >> 8);
    id.bytes[10] = (uint8_t)version;
    hf_record_id_set_size(&id, size);
    return id;
}

void hf_record_id_set_size(hf_record_id *id, size_t size)
{
    id->bytes[11] = (uint8_t)(size >> 8);
    id->bytes[12] = (uint8_t)size;
}

static hf_error next_sequence(hf_protection *p)
{
    if (p->sequence == UINT64_MAX)
        return HF_ERROR_SEQUENCE_EXHAUSTED;
    p->sequence++;
    return HF_OK;
}

hf_error hf_protection_seal(hf_protection *p, uint8_t type, uint16_t version, uint8_t *payload,
                            size_t size)
{
    if (p->kind == HF_PROTECT_NOTHING)
        return HF_OK;
    hf_error error = HF_ERROR_CRYPTO_FAILED;
    hf_record_id id = hf_record_id_of(p, type, version, size);
    if (p->kind == HF_PROTECT_AEAD)
        error = hf_seal_aead(p, &id, payload, size);
#if HF_USE_CBC
    else if (p->kind == HF_PROTECT_CBC)
        error = hf_seal_cbc(p, &id, payload, size);
#endif
#if HF_WITH_RC4 || HF_WITH_NULL
    else
        error = hf_seal_stream(p, &id, payload, size);
#endif
    return error == HF_OK ? next_sequence(p) : error;
}

static hf_error open_aead(hf_protection *p, uint8_t type, uint16_t version, uint8_t *fragment,
                          size_t fragment_size, size_t *size)
{
    size_t added = hf_protection_prefix(p) + hf_protection_suffix_max(p);
    if (fragment_size < added)
        return HF_ERROR_BAD_RECORD_MAC;
    *size = fragment_size - added;
    hf_record_id id = hf_record_id_of(p, type, version, *size);
    return hf_open_aead(p, &id, fragment + hf_protection_prefix(p), *size);
}

hf_error hf_protection_open(hf_protection *p, uint8_t type, uint16_t version, uint8_t *fragment,
                            size_t fragment_size, size_t *size)
{
    hf_error error = HF_ERROR_BAD_RECORD_MAC;
    if (p->kind == HF_PROTECT_AEAD)
        error = open_aead(p, type, version, fragment, fragment_size, size);
#if HF_USE_MAC
    hf_record_id id = hf_record_id_of(p, type, version, 0);
#if HF_USE_CBC
    if (p->kind == HF_PROTECT_CBC)
        error = hf_open_cbc(p, &id, fragment, fragment_size, size);
#endif
#if HF_WITH_RC4 || HF_WITH_NULL
    if (p->kind == HF_PROTECT_STREAM)
        error = hf_open_stream(p, &id, fragment, fragment_size, size);
#endif
#endif
    if (error != HF_OK)
        return error;
    return *size > HF_PLAINTEXT_MAX ? HF_ERROR_RECORD_OVERFLOW : next_sequence(p);
}
