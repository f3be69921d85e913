/* The policies, written down once more as what they are meant to be. A change here is a change of
 * what programs agree to: it belongs into the change log. */
#include "tls/wire/settings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static char text[8000];

static void add(const char *line, const char *name)
{
    size_t size = strlen(text);
    (void)snprintf(text + size, sizeof text - size, line, name);
}

static void add_rule(bool holds, const char *name)
{
    if (holds)
        add("allow %s\n", name);
}

/* In the order of preference, by their names. */
static const char *describe(const hf_policy *policy)
{
    char bits[64];
    text[0] = '\0';
    add("%s\n", policy->name);
    add("from %s\n", hf_version_name(policy->version_min));
    add("to %s\n", hf_version_name(policy->version_max));
    for (size_t i = 0; i < policy->suites.count; i++) {
        const hf_suite *suite = hf_suite_of(policy->suites.codes[i]);
        cr_assert_not_null(suite, "%04x", policy->suites.codes[i]);
        add("%s\n", suite->name);
    }
    for (size_t i = 0; i < policy->groups.count; i++) {
        cr_assert_not_null(hf_group_of(policy->groups.codes[i]));
        add("%s\n", hf_group_of(policy->groups.codes[i])->name);
    }
    for (size_t i = 0; i < policy->schemes.count; i++) {
        cr_assert_not_null(hf_scheme_of(policy->schemes.codes[i]));
        add("%s\n", hf_scheme_of(policy->schemes.codes[i])->name);
    }
    (void)snprintf(bits, sizeof bits, "rsa %u dh %u\n", policy->rsa_bits_min, policy->dh_bits_min);
    add("%s", bits);
    add_rule(policy->allow_sha1, "SHA-1 in certificates");
    add_rule(policy->allow_no_extended_master, "no extended_master_secret");
    add_rule(policy->allow_no_secure_renegotiation, "no renegotiation_info");
    return text;
}

/* TLS 1.2 with forward secrecy and AEADs. */
#define DEFAULT_SUITES                                \
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\n" \
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256\n"   \
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n"       \
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"         \
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\n"       \
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n"

/* Behind them what older peers have: DHE, CBC, then RSA key transport. */
#define COMPATIBLE_SUITES                         \
    "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256\n" \
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256\n"       \
    "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384\n"       \
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256\n"   \
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256\n"     \
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384\n"   \
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384\n"     \
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA\n"      \
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA\n"        \
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA\n"      \
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA\n"        \
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256\n"       \
    "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256\n"       \
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA\n"          \
    "TLS_DHE_RSA_WITH_AES_256_CBC_SHA\n"          \
    "TLS_RSA_WITH_AES_128_GCM_SHA256\n"           \
    "TLS_RSA_WITH_AES_256_GCM_SHA384\n"           \
    "TLS_RSA_WITH_AES_128_CBC_SHA256\n"           \
    "TLS_RSA_WITH_AES_256_CBC_SHA256\n"           \
    "TLS_RSA_WITH_AES_128_CBC_SHA\n"              \
    "TLS_RSA_WITH_AES_256_CBC_SHA\n"

/* Behind those DSS, 3DES and RC4. */
#define LEGACY_SUITES                         \
    "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256\n"   \
    "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384\n"   \
    "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256\n"   \
    "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256\n"   \
    "TLS_DHE_DSS_WITH_AES_128_CBC_SHA\n"      \
    "TLS_DHE_DSS_WITH_AES_256_CBC_SHA\n"      \
    "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA\n" \
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA\n"   \
    "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA\n"     \
    "TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA\n"     \
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA\n"         \
    "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA\n"      \
    "TLS_ECDHE_RSA_WITH_RC4_128_SHA\n"        \
    "TLS_RSA_WITH_RC4_128_SHA\n"              \
    "TLS_RSA_WITH_RC4_128_MD5\n"

#define CURVES        "secp256r1\nsecp384r1\nsecp521r1\n"
#define FINITE_FIELDS "ffdhe2048\nffdhe3072\nffdhe4096\n"

#define DEFAULT_SCHEMES        \
    "ecdsa_secp256r1_sha256\n" \
    "ecdsa_secp384r1_sha384\n" \
    "ecdsa_secp521r1_sha512\n" \
    "rsa_pss_rsae_sha256\n"    \
    "rsa_pss_rsae_sha384\n"    \
    "rsa_pss_rsae_sha512\n"    \
    "rsa_pkcs1_sha256\n"       \
    "rsa_pkcs1_sha384\n"       \
    "rsa_pkcs1_sha512\n"

#define LEGACY_SCHEMES "dsa_sha256\necdsa_sha1\nrsa_pkcs1_sha1\ndsa_sha1\n"

#define OLD_PEERS "allow no extended_master_secret\nallow no renegotiation_info\n"

Test(policies, default)
{
    cr_assert_str_eq(describe(&hf_policy_default),
                     "default\nfrom TLS 1.2\nto TLS 1.2\n" DEFAULT_SUITES CURVES DEFAULT_SCHEMES
                     "rsa 2048 dh 2048\n");
}

Test(policies, compatible)
{
    cr_assert_str_eq(describe(&hf_policy_compatible),
                     "compatible\nfrom TLS 1.0\nto TLS 1.2\n" DEFAULT_SUITES COMPATIBLE_SUITES
                         CURVES FINITE_FIELDS DEFAULT_SCHEMES "rsa 2048 dh 2048\n" OLD_PEERS);
}

Test(policies, legacy)
{
    cr_assert_str_eq(describe(&hf_policy_legacy),
                     "legacy\nfrom TLS 1.0\nto TLS 1.2\n" DEFAULT_SUITES COMPATIBLE_SUITES
                         LEGACY_SUITES CURVES FINITE_FIELDS DEFAULT_SCHEMES LEGACY_SCHEMES
                     "rsa 1024 dh 1024\nallow SHA-1 in certificates\n" OLD_PEERS);
}

/* Without authentication, without secrecy, or with a key that only two know: each has to be named.
 */
Test(policies, only_when_named)
{
    static const hf_policy *const policies[] = {&hf_policy_default, &hf_policy_compatible,
                                                &hf_policy_legacy};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < policies[i]->suites.count; k++) {
            const char *name = hf_suite_of(policies[i]->suites.codes[k])->name;
            cr_assert_null(strstr(name, "_anon_"), "%s", name);
            cr_assert_null(strstr(name, "_NULL_"), "%s", name);
            cr_assert_null(strstr(name, "_PSK_"), "%s", name);
        }
}

/* Each adds to the one before it and takes nothing away, and no code stands twice. */
static void expect_prefix(hf_code_list shorter, hf_code_list longer)
{
    cr_assert_leq(shorter.count, longer.count);
    cr_assert_eq(memcmp(shorter.codes, longer.codes, shorter.count * sizeof *shorter.codes), 0);
    for (size_t i = 0; i < longer.count; i++)
        for (size_t k = 0; k < i; k++)
            cr_assert_neq(longer.codes[i], longer.codes[k]);
}

Test(policies, each_adds)
{
    const hf_policy *a = &hf_policy_default, *b = &hf_policy_compatible, *c = &hf_policy_legacy;
    expect_prefix(a->suites, b->suites);
    expect_prefix(b->suites, c->suites);
    expect_prefix(a->groups, b->groups);
    expect_prefix(b->groups, c->groups);
    expect_prefix(a->schemes, b->schemes);
    expect_prefix(b->schemes, c->schemes);
}
