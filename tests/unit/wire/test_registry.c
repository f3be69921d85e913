/* The registries against what IANA has registered: code points, names and what the names say. */
#include <handfast/handfast.h>

#include "tls/wire/codes.h"
#include "tls/wire/settings.h"

#include <criterion/criterion.h>
#include <string.h>

/* IANA TLS Cipher Suites; RFC 5288, 5289, 7905. */
static const struct {
    uint16_t code;
    const char *name;
} suites[] = {
    {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
};

static bool says(const char *name, const char *part)
{
    return strstr(name, part) != NULL;
}

/* The key exchange and the authentication that a name says, RFC by RFC. */
static const struct {
    const char *name;
    hf_key_exchange key_exchange;
    hf_key_type authentication;
} exchanges[] = {
    {"TLS_RSA_WITH_", HF_KX_RSA, HF_KEY_RSA},
    {"TLS_DHE_RSA_WITH_", HF_KX_DHE, HF_KEY_RSA},
    {"TLS_DHE_DSS_WITH_", HF_KX_DHE, HF_KEY_DSA},
    {"TLS_ECDHE_RSA_WITH_", HF_KX_ECDHE, HF_KEY_RSA},
    {"TLS_ECDHE_ECDSA_WITH_", HF_KX_ECDHE, HF_KEY_EC},
    {"TLS_PSK_WITH_", HF_KX_PSK, HF_KEY_NONE},
    {"TLS_DHE_PSK_WITH_", HF_KX_DHE_PSK, HF_KEY_NONE},
    {"TLS_PSK_DHE_WITH_", HF_KX_DHE_PSK, HF_KEY_NONE}, /* RFC 6655 4 */
    {"TLS_ECDHE_PSK_WITH_", HF_KX_ECDHE_PSK, HF_KEY_NONE},
    {"TLS_RSA_PSK_WITH_", HF_KX_RSA_PSK, HF_KEY_RSA},
    {"TLS_DH_anon_WITH_", HF_KX_DHE, HF_KEY_NONE},
    {"TLS_ECDH_anon_WITH_", HF_KX_ECDHE, HF_KEY_NONE},
};

static const struct {
    const char *part;
    hf_cipher cipher;
    bool is_aead;
} ciphers[] = {
    {"_WITH_NULL_", HF_CIPHER_NULL, false},
    {"_WITH_RC4_128_", HF_CIPHER_RC4_128, false},
    {"_WITH_3DES_EDE_CBC_", HF_CIPHER_3DES_EDE_CBC, false},
    {"_WITH_AES_128_CBC_", HF_CIPHER_AES_128_CBC, false},
    {"_WITH_AES_256_CBC_", HF_CIPHER_AES_256_CBC, false},
    {"_WITH_AES_128_GCM_", HF_CIPHER_AES_128_GCM, true},
    {"_WITH_AES_256_GCM_", HF_CIPHER_AES_256_GCM, true},
    {"_WITH_AES_128_CCM_8", HF_CIPHER_AES_128_CCM_8, true},
    {"_WITH_AES_256_CCM_8", HF_CIPHER_AES_256_CCM_8, true},
    {"_WITH_AES_128_CCM", HF_CIPHER_AES_128_CCM, true},
    {"_WITH_AES_256_CCM", HF_CIPHER_AES_256_CCM, true},
    {"_WITH_CHACHA20_POLY1305_", HF_CIPHER_CHACHA20_POLY1305, true},
};

static hf_hash_id hash_said(const char *name)
{
    if (says(name, "_SHA384"))
        return HF_HASH_SHA384;
    if (says(name, "_SHA256"))
        return HF_HASH_SHA256;
    return says(name, "_MD5") ? HF_HASH_MD5 : HF_HASH_SHA1;
}

/* A suite's name is its definition. */
static void check_suite(const hf_suite *suite)
{
    const char *name = suite->name;
    size_t x = 0, y = 0;
    while (x < sizeof exchanges / sizeof exchanges[0] &&
           strncmp(name, exchanges[x].name, strlen(exchanges[x].name)) != 0)
        x++;
    cr_assert_lt(x, sizeof exchanges / sizeof exchanges[0], "%s", name);
    cr_assert_eq(suite->key_exchange, exchanges[x].key_exchange, "%s", name);
    cr_assert_eq(suite->authentication, exchanges[x].authentication, "%s", name);
    while (y < sizeof ciphers / sizeof ciphers[0] && !says(name, ciphers[y].part))
        y++;
    cr_assert_lt(y, sizeof ciphers / sizeof ciphers[0], "%s", name);
    cr_assert_eq(suite->cipher, ciphers[y].cipher, "%s", name);
    cr_assert_eq(suite->mac, ciphers[y].is_aead ? HF_HASH_NONE : hash_said(name), "%s", name);
    /* RFC 5246 5: SHA-256 or a stronger hash that the suite names. */
    cr_assert_eq(suite->prf_hash, says(name, "_SHA384") ? HF_HASH_SHA384 : HF_HASH_SHA256);
    /* RFC 5246 A.5: AEAD and the SHA-2 MACs came with TLS 1.2. */
    bool is_new = ciphers[y].is_aead || hash_said(name) >= HF_HASH_SHA256;
    cr_assert_eq(suite->version_min, is_new ? HF_TLS1_2 : HF_TLS1_0, "%s", name);
}

Test(registry, suites)
{
    size_t count = 0;
    for (const hf_suite *suite; (suite = hf_suite_at(count)) != NULL; count++) {
        cr_assert_eq(hf_suite_of(suite->code), suite, "code %04x twice", suite->code);
        check_suite(suite);
    }
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        const hf_suite *suite = hf_suite_of(suites[i].code);
        cr_assert_not_null(suite, "%s", suites[i].name);
        cr_assert_str_eq(suite->name, suites[i].name);
    }
    cr_assert_null(hf_suite_at(SIZE_MAX));
}

/* Values that are no suite of ours: signalling values (RFC 5746, 7507), GREASE, TLS 1.3, and the
 * suite of no protection at all. */
Test(registry, not_suites)
{
    static const uint16_t codes[] = {0x0000, 0x00ff, 0x5600, 0x0a0a, 0x1301, 0xffff};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        cr_assert_null(hf_suite_of(codes[i]));
}

/* IANA TLS Supported Groups, RFC 8422 5.1.1. */
Test(registry, groups)
{
    static const struct {
        uint16_t code;
        const char *name;
        hf_curve curve;
    } groups[] = {
        {23, "secp256r1", HF_CURVE_P256},  {24, "secp384r1", HF_CURVE_P384},
        {25, "secp521r1", HF_CURVE_P521},  {256, "ffdhe2048", HF_CURVE_NONE}, /* RFC 7919 2 */
        {257, "ffdhe3072", HF_CURVE_NONE}, {258, "ffdhe4096", HF_CURVE_NONE}};
    for (size_t i = 0; i < 6; i++) {
        const hf_group *group = hf_group_of(groups[i].code);
        cr_assert_not_null(group);
        cr_assert_str_eq(group->name, groups[i].name);
        cr_assert_eq(group->curve, groups[i].curve);
        cr_assert_eq(hf_group_of_curve(groups[i].curve),
                     groups[i].curve != HF_CURVE_NONE ? group : NULL);
        cr_assert_not_null(hf_group_at(i));
    }
    cr_assert_null(hf_group_at(6));
    cr_assert_null(hf_group_of(22)); /* secp256k1 */
    cr_assert_null(hf_group_of(26));
}

/* IANA TLS SignatureScheme. As {hash, signature} of RFC 5246 7.4.1.4.1 the first byte names the
 * hash: sha256(4), sha384(5), sha512(6); rsa_pss_rsae_* are 8.x (RFC 8446 4.2.3). */
Test(registry, schemes)
{
    static const hf_hash_id hashes[] = {HF_HASH_SHA256, HF_HASH_SHA384, HF_HASH_SHA512};
    static const char *const names[3][3] = {
        {"ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512"},
        {"rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512"},
        {"rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"}};
    for (uint16_t i = 0; i < 3; i++) {
        const hf_scheme *ecdsa = hf_scheme_of((uint16_t)((4 + i) << 8 | 3));
        const hf_scheme *pkcs1 = hf_scheme_of((uint16_t)((4 + i) << 8 | 1));
        const hf_scheme *pss = hf_scheme_of((uint16_t)(0x0804 + i));
        cr_assert(ecdsa != NULL && pkcs1 != NULL && pss != NULL);
        cr_assert_str_eq(ecdsa->name, names[0][i]);
        cr_assert_str_eq(pkcs1->name, names[1][i]);
        cr_assert_str_eq(pss->name, names[2][i]);
        cr_assert(ecdsa->hash == hashes[i] && pkcs1->hash == hashes[i] && pss->hash == hashes[i]);
        cr_assert(ecdsa->key_type == HF_KEY_EC && ecdsa->padding == HF_PADDING_NONE);
        cr_assert(pkcs1->key_type == HF_KEY_RSA && pkcs1->padding == HF_PADDING_PKCS1);
        cr_assert(pss->key_type == HF_KEY_RSA && pss->padding == HF_PADDING_PSS);
    }
    /* sha1(2) and sha256(4) with rsa(1), dsa(2), ecdsa(3). */
    static const struct {
        uint16_t code;
        const char *name;
        hf_key_type key_type;
        hf_hash_id hash;
    } others[] = {{0x0201, "rsa_pkcs1_sha1", HF_KEY_RSA, HF_HASH_SHA1},
                  {0x0202, "dsa_sha1", HF_KEY_DSA, HF_HASH_SHA1},
                  {0x0203, "ecdsa_sha1", HF_KEY_EC, HF_HASH_SHA1},
                  {0x0402, "dsa_sha256", HF_KEY_DSA, HF_HASH_SHA256}};
    for (size_t i = 0; i < 4; i++) {
        const hf_scheme *scheme = hf_scheme_of(others[i].code);
        cr_assert_not_null(scheme);
        cr_assert_str_eq(scheme->name, others[i].name);
        cr_assert(scheme->key_type == others[i].key_type && scheme->hash == others[i].hash);
    }
    cr_assert_not_null(hf_scheme_at(12));
    cr_assert_null(hf_scheme_at(13));
    cr_assert_null(hf_scheme_of(0x0101)); /* MD5 */
}

/* IANA TLS ExtensionType Values. */
Test(registry, extensions)
{
    static const struct {
        uint16_t code;
        const char *name;
    } known[] = {{0, "server_name"},
                 {10, "supported_groups"},
                 {11, "ec_point_formats"},
                 {13, "signature_algorithms"},
                 {16, "application_layer_protocol_negotiation"},
                 {23, "extended_master_secret"},
                 {0xff01, "renegotiation_info"}};
    size_t found = 0;
    for (size_t i = 0; hf_extension_at(i) != NULL; i++)
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            if (hf_extension_at(i)->code == known[k].code) {
                cr_assert_str_eq(hf_extension_at(i)->name, known[k].name);
                cr_assert_neq(hf_extension_at(i)->section[0], '\0');
                found++;
            }
    cr_assert_eq(found, sizeof known / sizeof known[0]);
}

/* RFC 5246 7.2, 7.4, A.1; RFC 6066 9; RFC 7301 3.2. */
Test(registry, names)
{
    static const struct {
        uint8_t code;
        const char *name;
    } alerts[] = {{0, "close_notify"},
                  {10, "unexpected_message"},
                  {20, "bad_record_mac"},
                  {22, "record_overflow"},
                  {40, "handshake_failure"},
                  {42, "bad_certificate"},
                  {43, "unsupported_certificate"},
                  {44, "certificate_revoked"},
                  {45, "certificate_expired"},
                  {46, "certificate_unknown"},
                  {47, "illegal_parameter"},
                  {48, "unknown_ca"},
                  {49, "access_denied"},
                  {50, "decode_error"},
                  {51, "decrypt_error"},
                  {70, "protocol_version"},
                  {71, "insufficient_security"},
                  {80, "internal_error"},
                  {86, "inappropriate_fallback"},
                  {90, "user_canceled"},
                  {100, "no_renegotiation"},
                  {110, "unsupported_extension"},
                  {111, "certificate_unobtainable"},
                  {112, "unrecognized_name"},
                  {113, "bad_certificate_status_response"},
                  {114, "bad_certificate_hash_value"},
                  {115, "unknown_psk_identity"},
                  {120, "no_application_protocol"},
                  {1, "unknown"},
                  {254, "unknown"},
                  {255, "unknown"}};
    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++)
        cr_assert_str_eq(hf_alert_name(alerts[i].code), alerts[i].name);
    cr_assert_str_eq(hf_message_name(0), "HelloRequest");
    cr_assert_str_eq(hf_message_name(1), "ClientHello");
    cr_assert_str_eq(hf_message_name(2), "ServerHello");
    cr_assert_str_eq(hf_message_name(11), "Certificate");
    cr_assert_str_eq(hf_message_name(12), "ServerKeyExchange");
    cr_assert_str_eq(hf_message_name(13), "CertificateRequest");
    cr_assert_str_eq(hf_message_name(14), "ServerHelloDone");
    cr_assert_str_eq(hf_message_name(15), "CertificateVerify");
    cr_assert_str_eq(hf_message_name(16), "ClientKeyExchange");
    cr_assert_str_eq(hf_message_name(20), "Finished");
    cr_assert_str_eq(hf_message_name(3), "unknown");
    cr_assert_str_eq(hf_message_name(255), "unknown");
    cr_assert_str_eq(hf_version_name(0x0300), "SSL 3.0");
    cr_assert_str_eq(hf_version_name(0x0301), "TLS 1.0");
    cr_assert_str_eq(hf_version_name(0x0302), "TLS 1.1");
    cr_assert_str_eq(hf_version_name(0x0303), "TLS 1.2");
    cr_assert_str_eq(hf_version_name(0x0305), "unknown");
    cr_assert_str_eq(hf_version_name(0xfefd), "unknown");
}

/* ---------------------------------------------------------------- reasons */

/* Every reason has a symbol of its own, a sentence and, where an RFC is named, a section. */
Test(reasons, rows)
{
    for (hf_error error = HF_ERROR_BAD_ARGUMENT; error < HF_ERROR_END; error++) {
        const hf_reason *reason = hf_reason_of(error);
        cr_assert_eq(reason->error, error);
        cr_assert_neq(reason->symbol[0], '\0');
        size_t length = strlen(reason->sentence);
        cr_assert_gt(length, 10, "%s", reason->symbol);
        cr_assert_eq(reason->sentence[length - 1], '.', "%s", reason->symbol);
        cr_assert(reason->section[0] == '\0' || strncmp(reason->section, "RFC ", 4) == 0);
        for (hf_error other = HF_ERROR_BAD_ARGUMENT; other < error; other++)
            cr_assert_str_neq(hf_reason_of(other)->symbol, reason->symbol);
    }
}

/* DESIGN 7: no fatal path is silent; what the peer did is answered by a registered alert, and never
 * by one that is always a warning (RFC 5246 7.2.2). */
Test(reasons, alerts)
{
    for (hf_error error = HF_ERROR_BAD_ARGUMENT; error < HF_ERROR_END; error++) {
        const hf_reason *reason = hf_reason_of(error);
        bool silent = reason->class_ == HF_CLASS_MISUSE || reason->class_ == HF_CLASS_ENDED;
        cr_assert_eq(reason->alert == HF_ALERT_NONE, silent, "%s", reason->symbol);
        if (silent)
            continue;
        cr_assert_str_neq(hf_alert_name(reason->alert), "unknown", "%s", reason->symbol);
        cr_assert_neq(reason->alert, HF_ALERT_CLOSE_NOTIFY, "%s", reason->symbol);
        cr_assert_neq(reason->alert, HF_ALERT_NO_RENEGOTIATION, "%s", reason->symbol);
        cr_assert_not(says(hf_alert_name(reason->alert), "RESERVED"), "%s", reason->symbol);
    }
}

/* What the RFCs say about single alerts. */
Test(reasons, alerts_of_the_rfcs)
{
    static const struct {
        hf_error reason;
        int alert;
    } expected[] = {
        {HF_ERROR_RECORD_OVERFLOW, 22},           /* RFC 5246 7.2.2 */
        {HF_ERROR_BAD_RECORD_MAC, 20},            /* RFC 5246 7.2.2 */
        {HF_ERROR_UNEXPECTED_MESSAGE, 10},        /* RFC 5246 7.2.2 */
        {HF_ERROR_RECORD_TYPE, 10},               /* RFC 5246 6 */
        {HF_ERROR_MESSAGE_SYNTAX, 50},            /* RFC 5246 7.2.2 */
        {HF_ERROR_MESSAGE_TRAILING_BYTES, 50},    /* RFC 5246 7.2.2 */
        {HF_ERROR_VERSION_UNSUPPORTED, 70},       /* RFC 5246 E.1 */
        {HF_ERROR_NO_COMMON_SUITE, 40},           /* RFC 5246 7.4.1.3 */
        {HF_ERROR_EXTENSION_NOT_OFFERED, 110},    /* RFC 5246 7.4.1.4 */
        {HF_ERROR_SERVER_NAME_UNKNOWN, 112},      /* RFC 6066 3 */
        {HF_ERROR_NO_COMMON_PROTOCOL, 120},       /* RFC 7301 3.2 */
        {HF_ERROR_RENEGOTIATION_INFO_WRONG, 40},  /* RFC 5746 3.4, 3.6 */
        {HF_ERROR_NO_SECURE_RENEGOTIATION, 40},   /* RFC 5746 4.1 */
        {HF_ERROR_NO_EXTENDED_MASTER_SECRET, 40}, /* RFC 7627 5.2, 5.3 */
        {HF_ERROR_NO_UNCOMPRESSED_POINTS, 47},    /* RFC 8422 5.1 */
        {HF_ERROR_BAD_PUBLIC_VALUE, 47},          /* RFC 8422 5.11 */
        {HF_ERROR_FINISHED_WRONG, 51},            /* RFC 5246 7.2.2 */
        {HF_ERROR_SIGNATURE_WRONG, 51},           /* RFC 5246 7.2.2 */
        {HF_ERROR_CERTIFICATE_EXPIRED, 45},       /* RFC 5246 7.2.2 */
        {HF_ERROR_CERTIFICATE_UNKNOWN_CA, 48},    /* RFC 5246 7.2.2 */
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        cr_assert_eq(hf_reason_of(expected[i].reason)->alert, expected[i].alert, "%s",
                     hf_reason_of(expected[i].reason)->symbol);
}

Test(reasons, others)
{
    cr_assert_str_eq(hf_reason_of(HF_OK)->symbol, "OK");
    cr_assert_str_eq(hf_reason_of(HF_AGAIN)->symbol, "OK");
    cr_assert_str_eq(hf_reason_of(HF_WAITING)->symbol, "OK");
    cr_assert_str_eq(hf_reason_of(HF_ERROR_END)->symbol, "UNKNOWN");
    cr_assert_str_eq(hf_reason_of((hf_error)0x7fffffff)->symbol, "UNKNOWN");
}

/* ---------------------------------------------------------------- policies */

/* DESIGN 1.5: by default TLS 1.2, ECDHE and AEAD only, extended master secret, secure
 * renegotiation. */
Test(policy, default)
{
    const hf_policy *policy = &hf_policy_default;
    cr_assert_eq(policy->version_min, HF_TLS1_2);
    cr_assert_eq(policy->version_max, HF_TLS1_2);
    cr_assert_not(policy->allow_sha1);
    cr_assert_not(policy->allow_no_extended_master);
    cr_assert_not(policy->allow_no_secure_renegotiation);
    cr_assert_geq(policy->rsa_bits_min, 2048);
    for (size_t i = 0; i < policy->suites.count; i++) {
        const hf_suite *suite = hf_suite_of(policy->suites.codes[i]);
        cr_assert_not_null(suite);
        cr_assert_eq(suite->key_exchange, HF_KX_ECDHE, "%s", suite->name);
    }
    hf_config config = {.policy = NULL};
    cr_assert_eq(hf_settings_policy(&config), policy);
}

/* A configuration's own lists go before those of its policy, and unknown codes are passed over. */
Test(policy, overrides)
{
    static const uint16_t suite[] = {0xc030}, group[] = {99, 25};
    hf_config config = {.suites = {suite, 1}, .groups = {group, 2}};
    cr_assert_eq(hf_settings_suites(&config)->count, 1);
    cr_assert(hf_settings_have_group(&config, 25));
    cr_assert_not(hf_settings_have_group(&config, 99));
    cr_assert_not(hf_settings_have_group(&config, 23));
    cr_assert(hf_settings_use_curves(&config));
    static const uint16_t transport[] = {0x009c};
    config.suites = (hf_code_list){transport, 1};
    cr_assert_not(hf_settings_use_curves(&config));
}

/* The rows of class MISUSE come first: hf_conn_fail tells them by that, without the table. */
Test(reasons, misuse_comes_first)
{
    for (hf_error error = HF_ERROR_BAD_ARGUMENT; error < HF_ERROR_END; error++) {
        bool is_misuse = hf_reason_of(error)->class_ == HF_CLASS_MISUSE;
        cr_assert_eq(is_misuse, error < HF_ERROR_NO_CLOCK, "%s", hf_reason_of(error)->symbol);
    }
}
