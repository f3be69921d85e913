/* What configurations lead to: preferences, bindings, certificates that are refused, and what a
 * failure tells about itself. */
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

static pair p;

static void connect_both(void)
{
    pair_connect(&p);
    cr_assert_eq(endpoint_reason(&p.client), HF_OK, "client: %s",
                 reason_name(endpoint_reason(&p.client)));
    cr_assert_eq(endpoint_reason(&p.server), HF_OK, "server: %s",
                 reason_name(endpoint_reason(&p.server)));
    cr_assert(hf_conn_wants(&p.client.conn) & HF_ESTABLISHED);
}

/* One side fails for a reason of its own, the other hears of it. */
static void expect_failure(endpoint *e, hf_error reason)
{
    endpoint *other = e == &p.client ? &p.server : &p.client;
    pair_connect(&p);
    cr_assert_eq(endpoint_reason(e), reason, "%s instead of %s", reason_name(endpoint_reason(e)),
                 reason_name(reason));
    cr_assert_eq(endpoint_reason(other), HF_ERROR_PEER_ALERT);
    cr_assert_eq(hf_conn_failure(&other->conn)->alert, hf_reason_of(reason)->alert);
    cr_assert(hf_conn_failure(&other->conn)->alert_received);
    cr_assert_not(hf_conn_failure(&e->conn)->alert_received);
}

/* ---------------------------------------------------------------- preferences */

/* The server's order decides, or the client's where the configuration says so. */
Test(config, suite_preference)
{
    static const uint16_t client[] = {0xc02b, 0xc02c, 0xcca9}, server[] = {0xcca9, 0xc02c};
    for (int off = 0; off < 2; off++) {
        pair_prepare(&p, "p256");
        p.client.config.suites = (hf_code_list){client, 3};
        p.server.config.suites = (hf_code_list){server, 2};
        p.server.config.server_preference_off = off != 0;
        connect_both();
        cr_assert_eq(hf_conn_suite(&p.client.conn)->code, off ? 0xc02c : 0xcca9);
    }
}

Test(config, group_preference)
{
    static const uint16_t client[] = {25, 24, 23}, server[] = {23, 24};
    for (int off = 0; off < 2; off++) {
        pair_prepare(&p, "p256");
        p.client.config.groups = (hf_code_list){client, 3};
        p.server.config.groups = (hf_code_list){server, 2};
        p.server.config.server_preference_off = off != 0;
        connect_both();
        cr_assert_eq(hf_conn_group(&p.client.conn)->code, off ? 24 : 23);
    }
}

/* A server with two keys serves clients of either kind. */
Test(config, two_keys)
{
    static const uint16_t suites[] = {0xc02f, 0xc02b};
    for (int i = 0; i < 2; i++) {
        pair_prepare(&p, "p256 rsa2048");
        p.client.config.suites = (hf_code_list){&suites[i], 1};
        connect_both();
        cr_assert_eq(hf_conn_suite(&p.server.conn)->code, suites[i]);
    }
}

/* RFC 8422 5.1: a certificate's curve is held to the client's groups as well. */
Test(config, curve_of_certificate)
{
    static const uint16_t only[] = {23};
    pair_prepare(&p, "p384");
    p.client.config.groups = (hf_code_list){only, 1};
    expect_failure(&p.server, HF_ERROR_NO_COMMON_SUITE);
    pair_prepare(&p, "p384 rsa2048");
    p.client.config.groups = (hf_code_list){only, 1};
    connect_both();
    cr_assert_eq(hf_conn_suite(&p.server.conn)->authentication, HF_KEY_RSA);
}

/* RSA key transport has to be asked for on both sides. */
Test(config, key_transport)
{
    static const uint16_t transport[] = {0x009c};
    pair_prepare(&p, "rsa2048");
    p.client.config.suites = (hf_code_list){transport, 1};
    expect_failure(&p.server, HF_ERROR_NO_COMMON_SUITE);
    pair_prepare(&p, "rsa2048");
    p.client.config.suites = (hf_code_list){transport, 1};
    p.server.config.policy = &hf_policy_compatible;
    connect_both();
    cr_assert_null(hf_conn_group(&p.client.conn));
    cr_assert_null(hf_conn_scheme(&p.client.conn));
}

/* ---------------------------------------------------------------- certificates */

typedef struct bad_chain {
    char leaf[32], issuer[32];
    hf_error reason;
    uint8_t certificate; /* the one to blame */
} bad_chain;

ParameterizedTestParameters(config, bad_chains)
{
    static bad_chain cases[] = {
        {"bad-selfsigned", "", HF_ERROR_CERTIFICATE_SELF_SIGNED, 0},
        {"bad-expired", "inter-p256", HF_ERROR_CERTIFICATE_EXPIRED, 0},
        {"bad-notyet", "inter-p256", HF_ERROR_CERTIFICATE_NOT_YET_VALID, 0},
        {"bad-eku", "inter-p256", HF_ERROR_CERTIFICATE_EXTENDED_KEY_USAGE, 0},
        {"bad-critical", "inter-p256", HF_ERROR_CERTIFICATE_CRITICAL_EXTENSION, 0},
        {"bad-name", "inter-p256", HF_ERROR_CERTIFICATE_NAME_MISMATCH, 0},
        {"bad-noname", "inter-p256", HF_ERROR_CERTIFICATE_NAME_MISMATCH, 0},
        {"bad-keyusage", "inter-p256", HF_ERROR_CERTIFICATE_KEY_USAGE, 0},
        {"bad-below-notca", "bad-inter-notca", HF_ERROR_CERTIFICATE_NOT_CA, 1},
        {"bad-below-nosign", "bad-inter-nosign", HF_ERROR_CERTIFICATE_KEY_USAGE, 1},
        {"bad-below-expired", "bad-inter-expired", HF_ERROR_CERTIFICATE_EXPIRED, 1},
        {"bad-below-unknown", "", HF_ERROR_CERTIFICATE_UNKNOWN_CA, 0},
        {"server-p256", "", HF_ERROR_CERTIFICATE_UNKNOWN_CA, 0}, /* intermediate left out */
    };
    return cr_make_param_array(bad_chain, cases, sizeof cases / sizeof cases[0]);
}

/* Each is refused with its reason, its alert and the number of the certificate to blame. */
ParameterizedTest(const bad_chain *k, config, bad_chains)
{
    pair_prepare(&p, "p256");
    pki_load(&p.server.credentials[0], k->leaf, k->issuer[0] == '\0' ? NULL : k->issuer);
    p.server.offered[0] = p.server.credentials[0].credentials;
    expect_failure(&p.client, k->reason);
    const hf_failure *why = hf_conn_failure(&p.client.conn);
    cr_assert_eq(why->certificate, k->certificate);
    cr_assert_eq(why->message, HF_CERTIFICATE);
    /* Where nothing is verified all of them pass, but for what is no use in the handshake. */
    pair_prepare(&p, "p256");
    pki_load(&p.server.credentials[0], k->leaf, k->issuer[0] == '\0' ? NULL : k->issuer);
    p.server.offered[0] = p.server.credentials[0].credentials;
    p.client.config.verify = HF_VERIFY_NONE;
    connect_both();
}

/* No clock: refused unless allowed, and then dates are not looked at (RFC 5280 6.1.3). */
static bool no_clock(void *context, int64_t *unix_seconds)
{
    (void)context, (void)unix_seconds;
    return false;
}

Test(config, no_clock)
{
    for (int with = 0; with < 2; with++) {
        pair_prepare(&p, "p256");
        p.client.config.clock = with ? no_clock : NULL;
        expect_failure(&p.client, HF_ERROR_NO_CLOCK);
        pair_prepare(&p, "p256");
        p.client.config.clock = with ? no_clock : NULL;
        p.client.config.allow_no_clock = true;
        pki_load(&p.server.credentials[0], "bad-expired", "inter-p256");
        p.server.offered[0] = p.server.credentials[0].credentials;
        connect_both();
    }
}

/* A key that does not go with the suite, though the certificate is good. */
Test(config, wrong_kind_of_key)
{
    pair_prepare(&p, "p256");
    hf_private_key key = p.server.credentials[0].key;
    pki_load(&p.server.credentials[0], "server-rsa2048", "inter-rsa2048");
    p.server.credentials[0].key = key;
    p.server.offered[0] = p.server.credentials[0].credentials;
    expect_failure(&p.client, HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED);
    cr_assert_eq(hf_conn_failure(&p.client.conn)->alert, 43);
}

/* The key of another certificate: its signature is wrong. */
Test(config, key_of_another)
{
    pair_prepare(&p, "p256");
    hf_private_key key = p.server.credentials[0].key;
    pki_load(&p.server.credentials[0], "server-p256-direct", NULL);
    p.server.credentials[0].key = key;
    p.server.offered[0] = p.server.credentials[0].credentials;
    expect_failure(&p.client, HF_ERROR_SIGNATURE_WRONG);
}

/* Certificates in a Certificate message are limited in number. */
Test(config, chain_too_long)
{
    static hf_span chain[HF_CHAIN_MAX + 1];
    for (size_t count = HF_CHAIN_MAX; count <= HF_CHAIN_MAX + 1; count++) {
        pair_prepare(&p, "p256");
        chain[0] = pki_file("server-p256.der");
        for (size_t i = 1; i < count; i++)
            chain[i] = pki_file("inter-p256.der");
        p.server.offered[0].chain = chain;
        p.server.offered[0].chain_count = count;
        if (count == HF_CHAIN_MAX)
            connect_both();
        else
            expect_failure(&p.client, HF_ERROR_CERTIFICATE_CHAIN_TOO_LONG);
    }
}

/* ---------------------------------------------------------------- what a failure tells */

Test(config, failure_says_where)
{
    static stepper s;
    for (size_t n = 0; n < 4; n++) {
        stepper_reach(&s, EXCHANGE_ECDSA, HF_CLIENT, n);
        uint8_t type = (uint8_t)stepper_piece_kind(EXCHANGE_ECDSA, HF_CLIENT, n);
        const uint8_t message[8] = {type, 0, 0, 4, 0xff, 0xff, 0xff, 0xff};
        stepper_inject(&s, 22, message, sizeof message);
        const hf_failure *why = hf_conn_failure(&s.victim->conn);
        cr_assert_not_null(why);
        cr_assert_eq(why->message, type);
        hf_flow_row row;
        cr_assert(hf_flow_at(why->step, &row));
        cr_assert_eq(row.message, type);
        cr_assert_eq(row.sender, HF_SERVER);
        cr_assert_leq(why->offset, sizeof message);
        cr_assert_geq(why->offset, 4);
    }
}

/* Outside of a message there is none to name. */
Test(config, failure_outside_messages)
{
    static stepper s;
    stepper_reach(&s, EXCHANGE_ECDSA, HF_SERVER, 1);
    stepper_inject(&s, 24, "x", 1);
    cr_assert_eq(hf_conn_failure(&s.victim->conn)->message, HF_NO_MESSAGE);
    cr_assert_eq(hf_conn_failure(&s.victim->conn)->certificate, HF_NO_CERTIFICATE);
}

/* ---------------------------------------------------------------- the observer */

typedef struct trace {
    unsigned messages[2], keys[2], alerts[2], established, failed, closed, key_logs;
    uint8_t master[48], random[32];
    uint32_t certificate_bytes;
} trace;

static void watch(void *context, const hf_conn *c, const hf_event *event)
{
    trace *t = context;
    (void)c;
    switch (event->kind) {
    case HF_EVENT_MESSAGE:
        if (event->offset == 0)
            t->messages[event->sent]++;
        if (event->message == HF_CERTIFICATE) {
            cr_assert_eq(event->offset, t->certificate_bytes, "pieces come in order");
            t->certificate_bytes += (uint32_t)event->bytes.size;
            cr_assert_leq(t->certificate_bytes, event->total);
        }
        break;
    case HF_EVENT_CHANGE_KEYS:
        t->keys[event->sent]++;
        break;
    case HF_EVENT_ALERT:
        t->alerts[event->sent]++;
        break;
    case HF_EVENT_ESTABLISHED:
        t->established++;
        break;
    case HF_EVENT_FAILED:
        t->failed++;
        break;
    case HF_EVENT_CLOSED:
        t->closed++;
        break;
    default:
        t->key_logs++;
        memcpy(t->master, event->bytes.data, 48);
        memcpy(t->random, event->random.data, 32);
    }
}

Test(config, observers)
{
    static trace client, server;
    hf_observer client_observer = {watch, &client, true}, server_observer = {watch, &server, false};
    pair_prepare(&p, "p256");
    p.client.config.observer = &client_observer;
    p.server.config.observer = &server_observer;
    connect_both();
    cr_assert(client.messages[1] == 3 && client.messages[0] == 5);
    cr_assert(server.messages[1] == 5 && server.messages[0] == 3);
    cr_assert(client.keys[0] == 1 && client.keys[1] == 1 && server.keys[0] == 1);
    cr_assert(client.established == 1 && server.established == 1);
    cr_assert(client.key_logs == 1 && server.key_logs == 0, "only where it is asked for");
    cr_assert_eq(memcmp(client.master, p.server.conn.master_secret, 48), 0);
    cr_assert_eq(client.certificate_bytes, server.certificate_bytes);
    hf_conn_close(&p.client.conn);
    cr_assert(pair_run(&p));
    cr_assert(client.alerts[0] == 1 && client.alerts[1] == 1);
    cr_assert(server.alerts[0] == 1 && server.alerts[1] == 1);
    cr_assert_eq(server.closed, 1);
    cr_assert_eq(client.closed, 1);
    cr_assert(client.failed == 0 && server.failed == 0);
}

Test(config, observer_of_a_failure)
{
    static trace client, server;
    hf_observer client_observer = {watch, &client, false},
                server_observer = {watch, &server, false};
    pair_prepare(&p, "p256");
    p.client.config.observer = &client_observer;
    p.server.config.observer = &server_observer;
    p.client.now = 4000000000;
    expect_failure(&p.client, HF_ERROR_CERTIFICATE_EXPIRED);
    cr_assert(client.failed == 1 && client.alerts[1] == 1 && client.alerts[0] == 0);
    cr_assert(server.failed == 1 && server.alerts[0] == 1 && server.alerts[1] == 0);
}
