#include <handfast/registry.h>

#include "tls/wire/codes.h"
#include <handfast/alert.h>

#if HF_WITH_TEXT
#define HF_NAME(name) #name
#else
#define HF_NAME(name) ""
#endif

/* What the first half of a suite's name stands for: key exchange and authentication; rows of a key
 * exchange that is not in the build vanish. */
#define HF_ROW(code, name, key_exchange, authentication, protection)               \
    HF_ROW_OF(code, HF_NAME(TLS_##name##_WITH_##protection), HF_KX_##key_exchange, \
              HF_KEY_##authentication, HF_PROTECTION_##protection)
#define HF_ROW_OF(...) HF_ROW_FROM(__VA_ARGS__)
#define HF_ROW_FROM(code, name, key_exchange, authentication, version, cipher, mac, prf_hash) \
    {code, version, name, key_exchange, authentication, cipher, mac, prf_hash},
#define HF_NO_ROW(code, name, key_exchange, authentication, protection)

#if HF_WITH_ECDSA
#define HF_ROW_ECDHE_ECDSA HF_ROW
#else
#define HF_ROW_ECDHE_ECDSA HF_NO_ROW
#endif
#if HF_WITH_RSA
#define HF_ROW_ECDHE_RSA HF_ROW
#else
#define HF_ROW_ECDHE_RSA HF_NO_ROW
#endif
#if HF_USE_RSA_KX
#define HF_ROW_RSA HF_ROW
#else
#define HF_ROW_RSA HF_NO_ROW
#endif
#if HF_WITH_RSA && HF_WITH_DHE
#define HF_ROW_DHE_RSA HF_ROW
#else
#define HF_ROW_DHE_RSA HF_NO_ROW
#endif
#if HF_WITH_DSS && HF_WITH_DHE
#define HF_ROW_DHE_DSS HF_ROW
#else
#define HF_ROW_DHE_DSS HF_NO_ROW
#endif
#if HF_WITH_PSK
#define HF_ROW_PSK HF_ROW
#else
#define HF_ROW_PSK HF_NO_ROW
#endif
#if HF_WITH_PSK && HF_WITH_DHE
#define HF_ROW_DHE_PSK HF_ROW
#else
#define HF_ROW_DHE_PSK HF_NO_ROW
#endif
#if HF_WITH_PSK && HF_USE_RSA_KX
#define HF_ROW_RSA_PSK HF_ROW
#else
#define HF_ROW_RSA_PSK HF_NO_ROW
#endif
#if HF_WITH_ANON
#define HF_ROW_ECDH_anon HF_ROW
#else
#define HF_ROW_ECDH_anon HF_NO_ROW
#endif
#if HF_WITH_ANON && HF_WITH_DHE
#define HF_ROW_DH_anon HF_ROW
#else
#define HF_ROW_DH_anon HF_NO_ROW
#endif

#define HF_SUITE_ECDHE_ECDSA(code, p) HF_ROW_ECDHE_ECDSA(code, ECDHE_ECDSA, ECDHE, EC, p)
#define HF_SUITE_ECDHE_RSA(code, p)   HF_ROW_ECDHE_RSA(code, ECDHE_RSA, ECDHE, RSA, p)
#define HF_SUITE_RSA(code, p)         HF_ROW_RSA(code, RSA, RSA, RSA, p)
#define HF_SUITE_DHE_RSA(code, p)     HF_ROW_DHE_RSA(code, DHE_RSA, DHE, RSA, p)
#define HF_SUITE_DHE_DSS(code, p)     HF_ROW_DHE_DSS(code, DHE_DSS, DHE, DSA, p)
#define HF_SUITE_PSK(code, p)         HF_ROW_PSK(code, PSK, PSK, NONE, p)
#define HF_SUITE_DHE_PSK(code, p)     HF_ROW_DHE_PSK(code, DHE_PSK, DHE_PSK, NONE, p)
#define HF_SUITE_PSK_DHE(code, p)     HF_ROW_DHE_PSK(code, PSK_DHE, DHE_PSK, NONE, p)
#define HF_SUITE_ECDHE_PSK(code, p)   HF_ROW_PSK(code, ECDHE_PSK, ECDHE_PSK, NONE, p)
#define HF_SUITE_RSA_PSK(code, p)     HF_ROW_RSA_PSK(code, RSA_PSK, RSA_PSK, RSA, p)
#define HF_SUITE_ECDH_anon(code, p)   HF_ROW_ECDH_anon(code, ECDH_anon, ECDHE, NONE, p)
#define HF_SUITE_DH_anon(code, p)     HF_ROW_DH_anon(code, DH_anon, DHE, NONE, p)

/* What the second half stands for: lowest version, cipher, MAC, hash of the PRF in TLS 1.2. */
#define HF_PROTECTION_CHACHA20_POLY1305_SHA256 \
    HF_TLS1_2, HF_CIPHER_CHACHA20_POLY1305, HF_HASH_NONE, HF_HASH_SHA256
#define HF_PROTECTION_AES_128_GCM_SHA256 \
    HF_TLS1_2, HF_CIPHER_AES_128_GCM, HF_HASH_NONE, HF_HASH_SHA256
#define HF_PROTECTION_AES_256_GCM_SHA384 \
    HF_TLS1_2, HF_CIPHER_AES_256_GCM, HF_HASH_NONE, HF_HASH_SHA384
#define HF_PROTECTION_AES_128_CCM   HF_TLS1_2, HF_CIPHER_AES_128_CCM, HF_HASH_NONE, HF_HASH_SHA256
#define HF_PROTECTION_AES_256_CCM   HF_TLS1_2, HF_CIPHER_AES_256_CCM, HF_HASH_NONE, HF_HASH_SHA256
#define HF_PROTECTION_AES_128_CCM_8 HF_TLS1_2, HF_CIPHER_AES_128_CCM_8, HF_HASH_NONE, HF_HASH_SHA256
#define HF_PROTECTION_AES_256_CCM_8 HF_TLS1_2, HF_CIPHER_AES_256_CCM_8, HF_HASH_NONE, HF_HASH_SHA256
#define HF_PROTECTION_AES_128_CCM_SHA256 \
    HF_TLS1_2, HF_CIPHER_AES_128_CCM, HF_HASH_NONE, HF_HASH_SHA256
#define HF_PROTECTION_AES_128_CCM_8_SHA256 \
    HF_TLS1_2, HF_CIPHER_AES_128_CCM_8, HF_HASH_NONE, HF_HASH_SHA256
#define HF_PROTECTION_AES_128_CBC_SHA256 \
    HF_TLS1_2, HF_CIPHER_AES_128_CBC, HF_HASH_SHA256, HF_HASH_SHA256
#define HF_PROTECTION_AES_256_CBC_SHA256 \
    HF_TLS1_2, HF_CIPHER_AES_256_CBC, HF_HASH_SHA256, HF_HASH_SHA256
#define HF_PROTECTION_AES_256_CBC_SHA384 \
    HF_TLS1_2, HF_CIPHER_AES_256_CBC, HF_HASH_SHA384, HF_HASH_SHA384
#define HF_PROTECTION_AES_128_CBC_SHA HF_TLS1_0, HF_CIPHER_AES_128_CBC, HF_HASH_SHA1, HF_HASH_SHA256
#define HF_PROTECTION_AES_256_CBC_SHA HF_TLS1_0, HF_CIPHER_AES_256_CBC, HF_HASH_SHA1, HF_HASH_SHA256
#define HF_PROTECTION_3DES_EDE_CBC_SHA \
    HF_TLS1_0, HF_CIPHER_3DES_EDE_CBC, HF_HASH_SHA1, HF_HASH_SHA256
#define HF_PROTECTION_RC4_128_SHA HF_TLS1_0, HF_CIPHER_RC4_128, HF_HASH_SHA1, HF_HASH_SHA256
#define HF_PROTECTION_RC4_128_MD5 HF_TLS1_0, HF_CIPHER_RC4_128, HF_HASH_MD5, HF_HASH_SHA256
#define HF_PROTECTION_NULL_SHA384 HF_TLS1_2, HF_CIPHER_NULL, HF_HASH_SHA384, HF_HASH_SHA384
#define HF_PROTECTION_NULL_SHA256 HF_TLS1_2, HF_CIPHER_NULL, HF_HASH_SHA256, HF_HASH_SHA256
#define HF_PROTECTION_NULL_SHA    HF_TLS1_0, HF_CIPHER_NULL, HF_HASH_SHA1, HF_HASH_SHA256
#define HF_PROTECTION_NULL_MD5    HF_TLS1_0, HF_CIPHER_NULL, HF_HASH_MD5, HF_HASH_SHA256

#define HF_SUITE(code, key_exchange, protection) HF_SUITE_##key_exchange(code, protection)
static const hf_suite suites[] = {
#include "tls/wire/suites.def"
};
#undef HF_SUITE

#define HF_GROUP(code, name, curve) {code, HF_NAME(name), HF_CURVE_##curve},
static const hf_group groups[] = {
#include "tls/wire/groups.def"
};
#undef HF_GROUP

#define HF_SCHEME(code, name, key_type, padding, hash) \
    {code, HF_NAME(name), HF_KEY_##key_type, HF_PADDING_##padding, HF_HASH_##hash},
static const hf_scheme schemes[] = {
#include "tls/wire/schemes.def"
};
#undef HF_SCHEME

#define HF_COUNT(table) (sizeof(table) / sizeof((table)[0]))

const hf_suite *hf_suite_at(size_t index)
{
    return index < HF_COUNT(suites) ? &suites[index] : NULL;
}

const hf_suite *hf_suite_of(uint16_t code)
{
    for (size_t i = 0; i < HF_COUNT(suites); i++)
        if (suites[i].code == code)
            return &suites[i];
    return NULL;
}

const hf_group *hf_group_at(size_t index)
{
    return index < HF_COUNT(groups) ? &groups[index] : NULL;
}

const hf_group *hf_group_of(uint16_t code)
{
    for (size_t i = 0; i < HF_COUNT(groups); i++)
        if (groups[i].code == code)
            return &groups[i];
    return NULL;
}

const hf_group *hf_group_of_curve(hf_curve curve)
{
    for (size_t i = 0; i < HF_COUNT(groups); i++)
        if (groups[i].curve == curve && curve != HF_CURVE_NONE)
            return &groups[i];
    return NULL;
}

const hf_scheme *hf_scheme_at(size_t index)
{
    return index < HF_COUNT(schemes) ? &schemes[index] : NULL;
}

const hf_scheme *hf_scheme_of(uint16_t code)
{
    for (size_t i = 0; i < HF_COUNT(schemes); i++)
        if (schemes[i].code == code)
            return &schemes[i];
    return NULL;
}

#if HF_WITH_TEXT

typedef struct code_name {
    uint8_t code;
    const char *name;
} code_name;

static const char *name_of(const code_name *names, size_t count, uint8_t code)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].code == code)
            return names[i].name;
    return "unknown";
}

const char *hf_alert_name(uint8_t alert)
{
#define HF_ALERT_ROW(symbol, code, name, section) {code, name},
    static const code_name names[] = {HF_ALERTS(HF_ALERT_ROW)};
#undef HF_ALERT_ROW
    return name_of(names, HF_COUNT(names), alert);
}

const char *hf_message_name(uint8_t handshake_type)
{
#define HF_MESSAGE_ROW(symbol, code, name) {code, name},
    static const code_name names[] = {HF_MESSAGES(HF_MESSAGE_ROW)};
#undef HF_MESSAGE_ROW
    return name_of(names, HF_COUNT(names), handshake_type);
}

const char *hf_version_name(uint16_t version)
{
    static const char *const names[] = {"SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};
    size_t minor = version & 0xffu;
    return version >> 8 == 3 && minor < HF_COUNT(names) ? names[minor] : "unknown";
}

#else

const char *hf_alert_name(uint8_t alert)
{
    (void)alert;
    return "";
}

const char *hf_message_name(uint8_t handshake_type)
{
    (void)handshake_type;
    return "";
}

const char *hf_version_name(uint16_t version)
{
    (void)version;
    return "";
}

#endif
