/* Our client and our server, joined by memory: every suite, group and key type, with whole buffers
 * and byte by byte, with large and with the smallest buffers. */
#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

typedef struct handshake_case {
    uint16_t suite, group, version;
    bool encrypt_then_mac, truncated_hmac;
    char keys[16];
    size_t chunk, rx, tx;
} handshake_case;

static pair p;

static void exchange(endpoint *from, endpoint *to, const char *text)
{
    char got[64];
    cr_assert(endpoint_write(from, text, strlen(text)));
    cr_assert(pair_run(&p));
    cr_assert_eq(endpoint_read(to, got, sizeof got), strlen(text));
    cr_assert_eq(memcmp(got, text, strlen(text)), 0);
}

static void expect_closed(endpoint *e)
{
    cr_assert_eq(hf_conn_wants(&e->conn), HF_CLOSED | HF_ESTABLISHED);
    hf_conn_eof(&e->conn);
    (void)endpoint_run(e);
    cr_assert_eq(endpoint_reason(e), HF_OK);
}

/* What both sides need for any suite of the registry. */
static void allow(endpoint *e, const handshake_case *k)
{
    static const hf_psk psk = {{(const uint8_t *)"a device", 8},
                               {(const uint8_t *)"a secret key", 12}};
    e->config.policy = &hf_policy_legacy;
    e->config.version_min = e->config.version_max = k->version;
    e->config.suites = (hf_code_list){&k->suite, 1};
    e->config.psks = &psk;
    e->config.psk_count = 1;
    e->config.without_encrypt_then_mac = !k->encrypt_then_mac;
    e->config.truncated_hmac = k->truncated_hmac;
}

static void expect_negotiated(endpoint *e, const handshake_case *k)
{
    const hf_suite *suite = hf_conn_suite(&e->conn);
    cr_assert_eq(endpoint_reason(e), HF_OK, "%s %s: %s", hf_suite_of(k->suite)->name,
                 hf_version_name(k->version), hf_reason_of(endpoint_reason(e))->symbol);
    cr_assert(hf_conn_wants(&e->conn) & HF_ESTABLISHED);
    cr_assert_eq(suite->code, k->suite);
    cr_assert_eq(hf_conn_version(&e->conn), k->version);
    if (k->group != 0)
        cr_assert_eq(hf_conn_group(&e->conn)->code, k->group);
    else
        cr_assert_null(hf_conn_group(&e->conn));
}

static void run_case(const handshake_case *k)
{
    pair_prepare(&p, k->keys);
    allow(&p.client, k);
    allow(&p.server, k);
    p.server.config.groups = (hf_code_list){&k->group, k->group != 0};
    p.chunk = k->chunk;
    p.client.rx_size = p.server.rx_size = k->rx;
    p.client.tx_size = p.server.tx_size = k->tx;
    pair_connect(&p);
    expect_negotiated(&p.client, k);
    expect_negotiated(&p.server, k);
    exchange(&p.client, &p.server, "from the client");
    exchange(&p.server, &p.client, "from the server");
    exchange(&p.client, &p.server, "!");
    hf_conn_close(&p.client.conn);
    cr_assert(pair_run(&p));
    expect_closed(&p.client);
    expect_closed(&p.server);
}

static handshake_case cases[3000];
static size_t case_count;

static void add_shapes(handshake_case k)
{
    static const struct {
        size_t chunk, rx, tx;
    } shapes[] = {{0, HF_RX_FULL, HF_TX_FULL}, {1, HF_RX_FULL, HF_TX_FULL}, {7, 4096, HF_TX_MIN}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        k.chunk = shapes[i].chunk;
        k.rx = shapes[i].rx;
        k.tx = shapes[i].tx;
        cases[case_count++] = k;
    }
}

/* Each suite with each version that it goes with, and for those with a MAC each way to use it. */
static void add_versions(handshake_case k)
{
    const hf_suite *suite = hf_suite_of(k.suite);
    for (k.version = suite->version_min; k.version <= HF_TLS1_2; k.version++) {
        bool is_cbc = suite->cipher == HF_CIPHER_3DES_EDE_CBC ||
                      suite->cipher == HF_CIPHER_AES_128_CBC ||
                      suite->cipher == HF_CIPHER_AES_256_CBC;
        for (int encrypt_then_mac = 0; encrypt_then_mac <= is_cbc; encrypt_then_mac++) {
            for (int truncated = 0; truncated <= (suite->mac != HF_HASH_NONE); truncated++) {
                k.encrypt_then_mac = encrypt_then_mac;
                k.truncated_hmac = truncated;
                cases[case_count++] = k;
            }
        }
    }
}

static const char *default_key(hf_key_type type)
{
    switch (type) {
    case HF_KEY_RSA:
        return "rsa2048";
    case HF_KEY_DSA:
        return "dsa2048";
    default:
        return "p256";
    }
}

static uint16_t default_group(const hf_suite *suite)
{
    switch (suite->key_exchange) {
    case HF_KX_ECDHE:
    case HF_KX_ECDHE_PSK:
        return 23; /* secp256r1 */
    case HF_KX_DHE:
    case HF_KX_DHE_PSK:
        return 256; /* ffdhe2048 */
    default:
        return 0;
    }
}

ParameterizedTestParameters(loopback, suites)
{
    case_count = 0;
    for (size_t s = 0; hf_suite_at(s) != NULL; s++) {
        const hf_suite *suite = hf_suite_at(s);
        handshake_case k = {
            .suite = suite->code, .group = default_group(suite), .rx = HF_RX_FULL, .tx = HF_TX_MIN};
        (void)snprintf(k.keys, sizeof k.keys, "%s", default_key(suite->authentication));
        add_versions(k);
    }
    return cr_make_param_array(handshake_case, cases, case_count);
}

ParameterizedTest(const handshake_case *k, loopback, suites)
{
    run_case(k);
}

/* Groups and keys do not depend on the protection: one AEAD suite a key exchange. */
ParameterizedTestParameters(loopback, groups_and_keys)
{
    static const uint16_t suites[] = {0xcca9, 0xcca8, 0xccaa, 0x00a2, 0x009c, 0xccac, 0xccad};
    static const char *const keys[] = {
        "p256",
#if HF_WITH_SECP384R1
        "p384",
#endif
#if HF_WITH_SECP521R1
        "p521",
#endif
        "rsa2048",
        "rsa3072",
        "rsa4096",
        "dsa2048"
    };
    case_count = 0;
    for (size_t s = 0; s < sizeof suites / sizeof suites[0]; s++) {
        const hf_suite *suite = hf_suite_of(suites[s]);
        if (suite == NULL)
            continue; /* not in this build */
        for (size_t g = 0; hf_group_at(g) != NULL; g++) {
            const hf_group *group = hf_group_at(g);
            bool needs_curve = default_group(suite) == 23;
            if (default_group(suite) != 0 && needs_curve != (group->curve != HF_CURVE_NONE))
                continue;
            if (default_group(suite) == 0 && g != 0)
                continue;
            for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
                const char *kind = default_key(suite->authentication);
                if (keys[k][0] != kind[0] || (suite->authentication == HF_KEY_NONE && k != 0))
                    continue;
                handshake_case c = {.suite = suite->code,
                                    .group = default_group(suite) != 0 ? group->code : 0,
                                    .version = HF_TLS1_2};
                (void)snprintf(c.keys, sizeof c.keys, "%s", keys[k]);
                add_shapes(c);
            }
        }
    }
    return cr_make_param_array(handshake_case, cases, case_count);
}

ParameterizedTest(const handshake_case *k, loopback, groups_and_keys)
{
    run_case(k);
}
