/* Pre-shared keys (RFC 4279, RFC 5489) and anonymous servers. */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/keys/keys.h"
#include "tls/wire/codes.h"
#include "tls/x509/der.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;
static relay line;
static uint16_t suites[2];
static hf_psk client_psk, server_psks[3];

/* PSK, DHE_PSK, ECDHE_PSK, RSA_PSK with AES_128_CBC_SHA. */
static const uint16_t kinds[] = {0x008c, 0x0090, 0xc035, 0x0094};

static hf_span text(const char *bytes)
{
    return (hf_span){(const uint8_t *)bytes, strlen(bytes)};
}

static void prepare(uint16_t suite, uint16_t version)
{
    pair_prepare(&p, "rsa2048");
    suites[0] = suite;
    p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
    p.client.config.suites = p.server.config.suites = (hf_code_list){suites, 1};
    p.client.config.version_min = p.client.config.version_max = version;
    client_psk = (hf_psk){text("Client_identity"), text("the right key")};
    server_psks[0] = (hf_psk){text("another"), text("the key of another")};
    server_psks[1] = client_psk;
    server_psks[2] = (hf_psk){text("Client_identit"), text("the key of a third")};
    p.client.config.psks = &client_psk;
    p.client.config.psk_count = 1;
    p.server.config.psks = server_psks;
    p.server.config.psk_count = 3;
}

static bool was_seen(hf_role sender, uint16_t what)
{
    for (size_t i = 0; i < line.seen_count[sender]; i++)
        if (line.seen[sender][i] == what)
            return true;
    return false;
}

/* ---------------------------------------------------------------- identities and keys */

/* The server finds the key by the whole identity. */
Test(psk, identities)
{
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < 3; i++) {
            prepare(kinds[k], HF_TLS1_2);
            client_psk = server_psks[i];
            relay_connect(&line, &p, NULL, NULL);
            expect_established(&p);
            expect_data(&p);
        }
}

/* When an end changes its keys. */
static void compare_identities(void *context, const struct hf_conn *conn, const hf_event *event)
{
    const hf_span *expected = context;
    if (event->kind == HF_EVENT_CHANGE_KEYS)
        cr_assert(hf_span_equal(hf_conn_psk_identity(conn), *expected));
}

static void connect_watched(hf_span *identity)
{
    static hf_observer observer;
    observer = (hf_observer){compare_identities, identity, false};
    p.client.config.observer = p.server.config.observer = &observer;
    relay_connect(&line, &p, NULL, NULL);
    expect_established(&p);
}

/* Both applications can ask whose key it is while the handshake lasts, and only then. */
Test(psk, identity_in_use)
{
    hf_span nobody = {NULL, 0};
    for (size_t k = 0; k < 4; k++) {
        prepare(kinds[k], HF_TLS1_2);
        connect_watched(&client_psk.identity);
        cr_assert_eq(hf_conn_psk_identity(&p.client.conn).size, 0);
        cr_assert_eq(hf_conn_psk_identity(&p.server.conn).size, 0);
        cr_assert_not_null(hf_conn_release_handshake(&p.server.conn));
        cr_assert_eq(hf_conn_psk_identity(&p.server.conn).size, 0);
    }
    prepare(0x002f, HF_TLS1_2);
    connect_watched(&nobody);
}

/* RFC 4279 2: "unknown_psk_identity". */
Test(psk, unknown_identity)
{
    static const char *const unknown[] = {"nobody", "Client_identity2", "Client_identi",
                                          "client_identity"};
    for (size_t k = 0; k < 4; k++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
            for (size_t i = 0; i < 4; i++) {
                prepare(kinds[k], version);
                client_psk.identity = text(unknown[i]);
                relay_connect(&line, &p, NULL, NULL);
                expect_refusal(&p, HF_SERVER, HF_ERROR_PSK_IDENTITY_UNKNOWN, 115);
            }
}

/* The right identity with another key: the records of the two sides have nothing in common. */
Test(psk, wrong_key)
{
    for (size_t k = 0; k < 4; k++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
            prepare(kinds[k], version);
            client_psk.key = text("the right kez");
            relay_connect(&line, &p, NULL, NULL);
            expect_refusal(&p, HF_SERVER, HF_ERROR_BAD_RECORD_MAC, 20);
        }
}

/* RFC 4279 2: N zeros, then the key, each with its length; RFC 5246 8.1 from there on. */
Test(psk, premaster)
{
    uint8_t premaster[2 * (2 + HF_PSK_MAX)], seed[64], expected[48];
    static const uint8_t key[HF_PSK_MAX] = {0x31, 0x32};
    static const size_t sizes[] = {1, 16, 63, 64};
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (size_t i = 0; i < 4; i++) {
            size_t n = sizes[i];
            prepare(0x008c, version);
            client_psk.key = server_psks[1].key = (hf_span){key, n};
            p.client.config.without_extended_master_secret = true;
            pair_start(&p);
            uint8_t hello[600], answer[600];
            size_t hello_size = endpoint_take(&p.client, hello, sizeof hello);
            (void)endpoint_give(&p.server, hello, hello_size);
            size_t answer_size = endpoint_take(&p.server, answer, sizeof answer);
            (void)endpoint_give(&p.client, answer, answer_size);
            memcpy(seed, hello + 11, 32);
            memcpy(seed + 32, answer + 11, 32);
            memset(premaster, 0, sizeof premaster);
            premaster[1] = premaster[2 + n + 1] = (uint8_t)n;
            memcpy(premaster + 2 + n + 2, key, n);
            hf_prf(version < HF_TLS1_2 ? HF_HASH_MD5_SHA1 : HF_HASH_SHA256,
                   (hf_span){premaster, 4 + 2 * n}, "master secret", (hf_span){seed, 64},
                   (hf_span){NULL, 0}, expected, 48);
            cr_assert_eq(memcmp(p.client.conn.master_secret, expected, 48), 0);
            cr_assert(pair_run(&p));
            expect_established(&p);
        }
}

static hf_error init(endpoint *e, hf_role role)
{
    return hf_conn_init(&e->conn, role, &e->config, &e->handshake, (hf_buf){e->rx, e->rx_size},
                        (hf_buf){e->tx, e->tx_size});
}

/* RFC 4279 5.3: keys up to 64 bytes, identities up to 128. */
Test(psk, limits)
{
    static const uint8_t bytes[HF_PSK_IDENTITY_MAX + 1] = {7};
    static const struct {
        size_t identity, key, hint;
        bool is_good;
    } rows[] = {{1, 1, 0, true},     {128, 64, 128, true}, {0, 1, 0, false},    {1, 0, 0, false},
                {129, 16, 0, false}, {16, 65, 0, false},   {16, 16, 129, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare(0x008c, HF_TLS1_2);
        client_psk = (hf_psk){{bytes, rows[i].identity}, {bytes, rows[i].key}};
        server_psks[1] = client_psk;
        p.client.config.psk_hint = p.server.config.psk_hint = (hf_span){bytes, rows[i].hint};
        if (!rows[i].is_good) {
            cr_assert_eq(init(&p.client, HF_CLIENT), HF_ERROR_BAD_PSK, "row %zu", i);
            cr_assert_eq(init(&p.server, HF_SERVER), HF_ERROR_BAD_PSK, "row %zu", i);
            continue;
        }
        relay_connect(&line, &p, NULL, NULL);
        expect_established(&p);
        expect_data(&p);
    }
}

/* Suites that need a key are not offered without one; nothing else is left of a configuration that
 * has no others. */
static bool count_suites(relay *r, relayed *part)
{
    if (part->type == HF_CLIENT_HELLO)
        *(int *)r->context = part->bytes[4 + 2 + 32 + 1 + 1] / 2;
    return true;
}

Test(psk, no_key)
{
    int offered = 0;
    prepare(0x008c, HF_TLS1_2);
    p.client.config.psk_count = 0;
    cr_assert_eq(init(&p.client, HF_CLIENT), HF_ERROR_NOTHING_ENABLED);
    prepare(0x008c, HF_TLS1_2);
    suites[1] = 0x002f;
    p.client.config.suites = p.server.config.suites = (hf_code_list){suites, 2};
    p.client.config.psk_count = 0;
    relay_connect(&line, &p, count_suites, &offered);
    expect_established(&p);
    cr_assert_eq(offered, 1);
    cr_assert_eq(hf_conn_suite(&p.client.conn)->code, 0x002f);
    /* A server without keys does not choose them either. */
    prepare(0x008c, HF_TLS1_2);
    p.client.config.suites = p.server.config.suites = (hf_code_list){suites, 2};
    p.server.config.psk_count = 0;
    relay_connect(&line, &p, NULL, NULL);
    expect_established(&p);
    cr_assert_eq(hf_conn_suite(&p.client.conn)->code, 0x002f);
}

/* ---------------------------------------------------------------- messages */

/* RFC 4279 2, 3: a hint alone makes up a ServerKeyExchange, which is left out without one; with
 * Diffie-Hellman it is always there, if only empty. */
static uint8_t server_key_exchange[3000];

static bool note_key_exchange(relay *r, relayed *part)
{
    (void)r;
    if (part->type == HF_SERVER_KEY_EXCHANGE)
        memcpy(server_key_exchange, part->bytes, part->size);
    return true;
}

Test(psk, hint)
{
    for (size_t k = 0; k < 4; k++)
        for (int with = 0; with < 2; with++) {
            prepare(kinds[k], HF_TLS1_2);
            p.server.config.psk_hint = text(with ? "ask Bob" : "");
            relay_connect(&line, &p, note_key_exchange, NULL);
            expect_established(&p);
            bool always = kinds[k] == 0x0090 || kinds[k] == 0xc035;
            cr_assert_eq(was_seen(HF_SERVER, HF_SERVER_KEY_EXCHANGE), with || always);
            if (with)
                cr_assert_eq(memcmp(server_key_exchange + 4, "\0\7ask Bob", 9), 0);
            else if (always)
                cr_assert_eq(memcmp(server_key_exchange + 4, "\0\0", 2), 0);
            cr_assert_eq(was_seen(HF_SERVER, HF_CERTIFICATE), kinds[k] == 0x0094);
        }
}

typedef struct splice {
    uint8_t type;
    size_t at, removed, size;
    const char *bytes;
} splice;

static bool do_splice(relay *r, relayed *part)
{
    const splice *s = r->context;
    if (part->type == s->type)
        relayed_splice(part, s->at, s->removed, s->bytes, s->size);
    return true;
}

/* "Client_identity" has 15 bytes. */
Test(psk, malformed)
{
    static const struct {
        splice edit;
        hf_role by;
        hf_error reason;
    } rows[] = {
        {{16, 4, 17, 2, "\0\0"}, HF_SERVER, HF_ERROR_PSK_IDENTITY_UNKNOWN},
        {{16, 5, 1, 1, "\x10"}, HF_SERVER, HF_ERROR_MESSAGE_SYNTAX},
        {{16, 5, 1, 1, "\xd"}, HF_SERVER, HF_ERROR_PSK_IDENTITY_UNKNOWN},
        {{16, 5, 1, 1, "\xe"}, HF_SERVER, HF_ERROR_MESSAGE_TRAILING_BYTES},
        {{16, 4, 17, 1, "\0"}, HF_SERVER, HF_ERROR_MESSAGE_SYNTAX},
        {{16, 4, 17, 0, ""}, HF_SERVER, HF_ERROR_MESSAGE_SYNTAX},
        {{16, 21, 0, 1, "x"}, HF_SERVER, HF_ERROR_MESSAGE_TRAILING_BYTES},
        {{12, 4, 9, 0, ""}, HF_CLIENT, HF_ERROR_MESSAGE_SYNTAX},
        {{12, 5, 1, 1, "\x8"}, HF_CLIENT, HF_ERROR_MESSAGE_SYNTAX},
        {{12, 5, 1, 1, "\x6"}, HF_CLIENT, HF_ERROR_MESSAGE_TRAILING_BYTES},
        {{12, 13, 0, 1, "x"}, HF_CLIENT, HF_ERROR_MESSAGE_TRAILING_BYTES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        splice edit = rows[i].edit;
        prepare(0x008c, HF_TLS1_2);
        p.server.config.psk_hint = text("ask Bob");
        relay_connect(&line, &p, do_splice, &edit);
        cr_assert_eq(endpoint_reason(rows[i].by == HF_CLIENT ? &p.client : &p.server),
                     rows[i].reason, "row %zu", i);
        expect_refusal(&p, rows[i].by, rows[i].reason, hf_reason_of(rows[i].reason)->alert);
    }
}

/* RFC 4279 4, RFC 5246 7.4.7.1: nobody learns what is wrong with an encrypted premaster secret. */
static bool damage_ciphertext(relay *r, relayed *part)
{
    if (part->type == HF_CLIENT_KEY_EXCHANGE)
        part->bytes[part->size - *(size_t *)r->context] ^= 1;
    return true;
}

Test(psk, damaged_rsa_premaster)
{
    for (size_t place = 1; place <= 256; place += 51) {
        prepare(0x0094, HF_TLS1_2);
        relay_connect(&line, &p, damage_ciphertext, &place);
        expect_refusal(&p, HF_SERVER, HF_ERROR_BAD_RECORD_MAC, 20);
    }
}

/* RFC 5246 7.4.7.1: no alert for whatever is wrong with it, its length included. */
Test(psk, rsa_premaster_of_another_length)
{
    static const struct {
        uint16_t suite;
        splice edit;
    } rows[] = {
        {0x002f, {16, 4, 3, 2, "\0\xff"}},  /* 255 bytes */
        {0x002f, {16, 4, 2, 3, "\1\1\1"}},  /* 257 */
        {0x002f, {16, 4, 258, 2, "\0\0"}},  /* none */
        {0x0094, {16, 21, 3, 2, "\0\xff"}}, /* behind the identity */
        {0x0094, {16, 21, 2, 3, "\1\1\1"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        splice edit = rows[i].edit;
        prepare(rows[i].suite, HF_TLS1_2);
        relay_connect(&line, &p, do_splice, &edit);
        expect_refusal(&p, HF_SERVER, HF_ERROR_BAD_RECORD_MAC, HF_ALERT_BAD_RECORD_MAC);
    }
}

/* ---------------------------------------------------------------- anonymous servers */

static const uint16_t anonymous[] = {0x006c, 0x006d, 0x00a6, 0x00a7, 0x0018, 0x001b, 0x0034,
                                     0x003a, 0xc015, 0xc016, 0xc017, 0xc018, 0xc019};

/* Only where both sides name them. */
Test(anonymous, only_when_named)
{
    static const hf_policy *const policies[] = {&hf_policy_default, &hf_policy_compatible,
                                                &hf_policy_legacy};
    for (size_t i = 0; i < 3; i++) {
        pair_prepare(&p, "p256 rsa2048");
        p.client.config.policy = &hf_policy_legacy;
        p.client.config.suites = (hf_code_list){anonymous, sizeof anonymous / sizeof anonymous[0]};
        p.server.config.policy = policies[i];
        relay_connect(&line, &p, NULL, NULL);
        expect_refusal(&p, HF_SERVER, HF_ERROR_NO_COMMON_SUITE, 40);
    }
}

/* No certificate is needed, sent or let in, and nothing is signed. */
static bool send_certificate(relay *r, relayed *part)
{
    static const uint8_t empty[] = {11, 0, 0, 3, 0, 0, 0};
    if (part->type == HF_SERVER_KEY_EXCHANGE)
        relay_insert(r, part->content, empty, sizeof empty);
    return true;
}

Test(anonymous, without_certificates)
{
    for (size_t i = 0; i < sizeof anonymous / sizeof anonymous[0]; i++)
        for (int inserted = 0; inserted < 2; inserted++) {
            prepare(anonymous[i], HF_TLS1_2);
            p.client.config.anchors = NULL;
            p.client.config.anchor_count = 0;
            p.server.config.bindings = NULL;
            p.server.config.binding_count = 0;
            relay_connect(&line, &p, inserted ? send_certificate : NULL, NULL);
            if (inserted) {
                expect_refusal(&p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
                continue;
            }
            expect_established(&p);
            cr_assert_not(was_seen(HF_SERVER, HF_CERTIFICATE));
            cr_assert_null(hf_conn_scheme(&p.client.conn));
            expect_data(&p);
        }
}
