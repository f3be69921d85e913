/* Ways around a rule that a peer or a caller might try, each refused. */
#include "tests/flow/relay.h"

#include "tls/record/record.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;

static const hf_psk psk = {{(const uint8_t *)"device", 6},
                           {(const uint8_t *)"0123456789abcdef", 16}};

static void allow_psk(endpoint *e)
{
    e->config.psks = &psk;
    e->config.psk_count = 1;
}

/* A server that requires client certificates does not let a client choose a suite with which none
 * can be asked for (RFC 5246 7.4.4, RFC 4279 2). */
Test(shortcuts, required_client_certificate)
{
    static const uint16_t ways[] = {0x00a8, 0xccac, 0x00ac, 0xc018, 0x00a6};
    static const uint16_t all[] = {0x00a8, 0xccac, 0x00ac, 0xc018, 0x00a6, 0xc02f};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        pair_prepare(&p, "rsa2048");
        allow_psk(&p.client);
        allow_psk(&p.server);
        p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
        p.client.config.suites = (hf_code_list){&ways[i], 1};
        p.server.config.suites = (hf_code_list){all, sizeof all / sizeof all[0]};
        p.server.config.anchors = pki_roots(&p.server.config.anchor_count);
        p.server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
        pair_connect(&p);
        cr_assert_eq(endpoint_reason(&p.server), HF_ERROR_NO_COMMON_SUITE, "suite %04x", ways[i]);
        p.server.config.client_auth = HF_CLIENT_AUTH_OFF;
        pair_connect(&p);
        cr_assert_eq(endpoint_reason(&p.server), HF_OK, "suite %04x", ways[i]);
    }
}

/* The name is acknowledged only if it chose the binding (RFC 6066 3); without a default the first
 * binding serves names that nobody has. */
Test(shortcuts, unknown_name_is_not_acknowledged)
{
    static uint8_t flight[8192];
    static const uint8_t acknowledgement[] = {0, 0, 0, 0};
    for (int known = 0; known < 2; known++) {
        pair_prepare(&p, "p256");
        p.server.binding.host =
            known ? HF_SPAN_LITERAL("server.example") : HF_SPAN_LITERAL("other.example");
        pair_start(&p);
        size_t size = endpoint_take(&p.client, flight, sizeof flight);
        (void)endpoint_give(&p.server, flight, size);
        (void)endpoint_take(&p.server, flight, sizeof flight);
        /* ServerHello: 5 + 4 bytes of headers, version, random, session_id, suite, compression. */
        size_t block = 5 + 4 + 2 + 32 + 1 + flight[43] + 2 + 1 + 2;
        size_t end = block + (size_t)(flight[block - 2] << 8 | flight[block - 1]);
        bool found = false;
        for (size_t at = block; at < end;) {
            found |= memcmp(flight + at, acknowledgement, 4) == 0;
            at += 4 + (size_t)(flight[at + 2] << 8 | flight[at + 3]);
        }
        cr_assert_eq(found, known);
    }
}

/* A hello that repeats one suite thousands of times is not worked through thousands of times: the
 * order of the client counts, the first that fits is taken, and each is tried once. */
Test(shortcuts, client_order)
{
    static const uint16_t order[] = {0x1301, 0xc030, 0xc030, 0xc02f};
    pair_prepare(&p, "rsa2048");
    p.client.config.suites = (hf_code_list){order + 1, 3};
    p.server.config.server_preference_off = true;
    pair_connect(&p);
    cr_assert_eq(endpoint_reason(&p.server), HF_OK);
    cr_assert_eq(hf_conn_suite(&p.server.conn)->code, 0xc030);
}

/* Without a clock it cannot be told whether a session still holds (RFC 5246 F.1.4). */
Test(shortcuts, session_without_clock)
{
    static hf_session_cache cache;
    static hf_session_slot slots[2];
    for (int allowed = 0; allowed < 2; allowed++) {
        hf_session session;
        hf_session_cache_init(&cache, slots, 2, 0);
        pair_prepare(&p, "p256");
        p.server.config.cache = &cache;
        hf_session_wipe(&session);
        p.session = &session;
        pair_connect(&p);
        cr_assert_not(hf_session_is_empty(&session));
        p.server.config.clock = NULL;
        p.server.config.allow_no_clock = allowed;
        pair_start(&p);
        cr_assert(pair_run(&p));
        cr_assert_eq(endpoint_reason(&p.client), HF_OK);
        cr_assert_eq(hf_conn_resumed(&p.client.conn), allowed);
    }
}

/* Nothing goes out behind close_notify (RFC 5246 7.2.1), not even a no_renegotiation. */
Test(shortcuts, nothing_behind_close_notify)
{
    static const uint8_t hello_request[] = {0, 0, 0, 0};
    static uint8_t bytes[512];
    pair_prepare(&p, "p256");
    pair_connect(&p);
    hf_conn_close(&p.client.conn);
    (void)endpoint_take(&p.client, bytes, sizeof bytes);
    size_t taken;
    cr_assert_eq(hf_outgoing_append(&p.server.conn.out, 22,
                                    (hf_span){hello_request, sizeof hello_request}, &taken),
                 HF_OK);
    cr_assert_eq(hf_outgoing_seal(&p.server.conn.out), HF_OK);
    size_t size = endpoint_take(&p.server, bytes, sizeof bytes);
    (void)endpoint_give(&p.client, bytes, size);
    cr_assert_eq(endpoint_take(&p.client, bytes, sizeof bytes), 0);
}

/* Misuse of the interface is an error, never a crash. */
Test(shortcuts, misuse)
{
    hf_credentials incomplete = {0};
    pair_prepare(&p, "p256");
    p.client.config.credentials = &incomplete;
    p.client.config.credentials_count = 1;
    cr_assert_eq(hf_conn_init(&p.client.conn, HF_CLIENT, &p.client.config, &p.client.handshake,
                              (hf_buf){p.client.rx, sizeof p.client.rx},
                              (hf_buf){p.client.tx, sizeof p.client.tx}),
                 HF_ERROR_NO_CREDENTIALS);
    p.client.config.credentials_count = 0;
    pair_start(&p);
    hf_conn_wipe(&p.client.conn);
    cr_assert_eq(hf_conn_set_server_name(&p.client.conn, "server.example"), HF_ERROR_BAD_STATE);
}

/* What only the handshake finds wrong with a configuration, such as with a binding that comes as an
 * answer: the peer must not wait for ever. */
Test(shortcuts, misuse_found_late)
{
    pair_prepare(&p, "p256");
    pki_load(&p.client.credentials[0], "client-p256", "inter-p256");
    p.client.config.credentials = &p.client.credentials[0].credentials;
    p.client.config.credentials_count = 1;
    p.server.config.ask_about_binding = true;
    hf_binding without_anchors = p.server.binding;
    without_anchors.client_auth = HF_CLIENT_AUTH_REQUIRE;
    pair_connect(&p);
    const hf_answer answer = {.binding = &without_anchors};
    cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_OK);
    cr_assert(pair_run(&p));
    expect_refusal(&p, HF_SERVER, HF_ERROR_NO_TRUST_ANCHORS, HF_ALERT_INTERNAL_ERROR);
}
