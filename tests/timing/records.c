#include "tests/timing/records.h"

#include "tests/timing/timing.h"

#include <string.h>

#define APPLICATION_DATA 23

static bool fixed_iv(void *context, uint8_t *out, size_t size)
{
    (void)context;
    memset(out, 0x1f, size);
    return true;
}

const record_keys timing_keys = {.mac_key = {1, 2, 3}, .key = {4, 5, 6}};

void timing_record_begin(const record_kind *kind, const record_keys *keys,
                         hf_protection *protection)
{
    static const uint8_t iv[16] = {7};
    static const hf_random random = {fixed_iv, NULL};
    const hf_protection_settings settings = {.suite = hf_suite_of(kind->suite),
                                             .version = kind->version,
                                             .encrypt_then_mac = kind->encrypt_then_mac,
                                             .truncated_hmac = kind->truncated,
                                             .random = &random,
                                             .mac_key = keys->mac_key,
                                             .key = keys->key,
                                             .iv = iv};
    timing_require(hf_protection_init(protection, &settings) == HF_OK, "no keys");
}

hf_record_id timing_record_id(const record_kind *kind, const hf_protection *protection)
{
    return hf_record_id_of(protection, APPLICATION_DATA, kind->version, 0);
}

static void put_mac(const record_kind *kind, const hf_protection *protection, uint8_t *bytes,
                    size_t size)
{
    uint8_t mac[HF_HASH_SIZE_MAX];
    hf_record_id id = timing_record_id(kind, protection);
    hf_record_id_set_size(&id, size);
    hf_record_mac(protection, &id, bytes, size, mac);
    memcpy(bytes + size, mac, protection->mac_size);
}

static void spoil(uint8_t *data, size_t size, size_t padding, size_t mac_size, damage what)
{
    if (what == DAMAGE_PADDING)
        data[size - 1 - padding] ^= 0x40;
    else if (what == DAMAGE_MAC)
        data[size - 1 - padding - mac_size] ^= 1;
    else if (what == DAMAGE_LENGTH)
        data[size - 1] = (uint8_t)(padding + 1);
}

size_t timing_record(const record_kind *kind, size_t size, size_t padding, damage what,
                     uint8_t *fragment)
{
    hf_protection p;
    timing_record_begin(kind, &timing_keys, &p);
    size_t prefix = hf_protection_prefix(&p), inner_mac = p.encrypt_then_mac ? 0 : p.mac_size;
    uint8_t *data = fragment + prefix;
    size_t content = size - inner_mac - padding - 1;
    timing_require(size > inner_mac + padding, "no room for this padding");
    memset(data, 0x2a, content);
    if (prefix != 0)
        memset(p.iv, 0x1f, sizeof p.iv);
    memcpy(fragment, p.iv, prefix);
    if (!p.encrypt_then_mac)
        put_mac(kind, &p, data, content);
    memset(data + size - 1 - padding, (int)padding, padding + 1);
    spoil(data, size, padding, inner_mac, what);
    timing_require(hf_cbc_encrypt(&p.u.cbc, p.iv, data, size) == HF_CRYPTO_OK, "CBC fails");
    if (!p.encrypt_then_mac)
        return prefix + size;
    put_mac(kind, &p, fragment, prefix + size);
    return prefix + size + p.mac_size;
}
