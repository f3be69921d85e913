/* Renegotiations that do not happen (RFC 5246 7.4.1.1, RFC 5746 4.5), and connections that end in
 * the middle of one: closed, cut off, or by a fatal alert. */
#define _GNU_SOURCE /* memmem */
#include "tests/flow/renegotiate.h"
#include "tests/flow/stepper.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#define NO_RENEGOTIATION 0x164 /* a warning */

static renegotiation n;
static pair *const p = &n.r.p;

static void prepare(inner_handshake kind)
{
    reneg_prepare(&n, "p256", 0xc02b, HF_TLS1_2, kind);
}

static void connect(inner_handshake kind)
{
    prepare(kind);
    reneg_connect(&n);
}

/* ---------------------------------------------------------------- refusals */

/* Off by default: a warning no_renegotiation (RFC 5746 4.5), after which both sides are where they
 * were, and the one that keeps asking is shut out. */
Test(renegotiation, off_by_default)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
        endpoint *e = reneg_end(&n, (hf_role)by), *other = reneg_end(&n, reneg_other((hf_role)by));
        prepare(INNER_BY_ID);
        other->config.renegotiation = HF_RENEGOTIATION_OFF;
        reneg_connect(&n);
        for (int i = 0; i < HF_RENEGOTIATIONS_REFUSED_MAX; i++) {
            cr_assert_eq(hf_conn_renegotiate(&other->conn, NULL), HF_ERROR_BAD_STATE);
            n.seen[by].alert_heard = 0;
            reneg_ask(&n, (hf_role)by);
            cr_assert(pair_run(p));
            reneg_expect_quiet(&n);
            cr_assert_eq(n.seen[by].alert_heard, NO_RENEGOTIATION);
            cr_assert_eq(n.seen[by].established, 1);
            cr_assert_eq(n.seen[by].key_changes, 2);
            cr_assert(hf_conn_wants(&e->conn) & HF_CAN_WRITE);
            expect_data(p);
        }
        reneg_ask(&n, (hf_role)by);
        cr_assert(pair_run(p));
        expect_refusal(p, reneg_other((hf_role)by), HF_ERROR_RENEGOTIATION_LIMIT, 40);
    }
}

/* Warnings are in a row only with nothing else between them. */
Test(renegotiation, request_between_warnings)
{
    static const uint8_t warning[] = {1, 90}, hello_request[4] = {0};
    prepare(INNER_FULL);
    p->client.config.renegotiation = HF_RENEGOTIATION_OFF;
    reneg_connect(&n);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < HF_WARNINGS_MAX; i++)
            reneg_slip_in(&p->server, HF_CONTENT_ALERT, warning, sizeof warning);
        reneg_slip_in(&p->server, HF_CONTENT_HANDSHAKE, hello_request, sizeof hello_request);
        cr_assert(pair_run(p));
        reneg_expect_quiet(&n);
    }
}

/* Who has closed waits for no answer to a HelloRequest. */
Test(renegotiation, closed_after_request)
{
    connect(INNER_FULL);
    reneg_ask(&n, HF_SERVER);
    (void)endpoint_run(&p->server);
    cr_assert(hf_conn_is_renegotiating(&p->server.conn));
    hf_conn_close(&p->server.conn);
    (void)endpoint_run(&p->server);
    cr_assert_not(hf_conn_is_renegotiating(&p->server.conn));
    cr_assert(pair_run(p));
    reneg_expect_quiet(&n);
}

/* Only the other side may begin: what is right for one is not for the other. */
Test(renegotiation, by_one_side)
{
    static const hf_renegotiation modes[] = {HF_RENEGOTIATION_BY_CLIENT,
                                             HF_RENEGOTIATION_BY_SERVER};
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int mode = 0; mode < 2; mode++) {
            hf_role other = reneg_other((hf_role)by);
            bool may = (modes[mode] == HF_RENEGOTIATION_BY_CLIENT) == (by == HF_CLIENT);
            prepare(INNER_FULL);
            reneg_end(&n, other)->config.renegotiation = modes[mode];
            reneg_connect(&n);
            cr_assert_eq(hf_conn_renegotiate(&reneg_end(&n, other)->conn, NULL),
                         may ? HF_ERROR_BAD_STATE : HF_OK);
            if (!may)
                continue;
            reneg_do(&n, (hf_role)by);
            expect_data(p);
        }
    /* A server that does the asking takes the ClientHello for which it has asked, once. */
    prepare(INNER_FULL);
    p->server.config.renegotiation = HF_RENEGOTIATION_BY_SERVER;
    reneg_connect(&n);
    reneg_do(&n, HF_SERVER);
    reneg_ask(&n, HF_CLIENT);
    cr_assert(pair_run(p));
    reneg_expect_quiet(&n);
    cr_assert_eq(n.seen[HF_CLIENT].alert_heard, NO_RENEGOTIATION);
    expect_data(p);
}

/* A client may answer a HelloRequest with the warning while the server's data goes on; after it the
 * server has not asked any more, and a ClientHello is the client's own. */
Test(renegotiation, request_withdrawn)
{
    prepare(INNER_FULL);
    p->client.config.renegotiation = HF_RENEGOTIATION_BY_CLIENT;
    p->server.config.renegotiation = HF_RENEGOTIATION_BY_SERVER;
    reneg_connect(&n);
    reneg_ask(&n, HF_SERVER);
    cr_assert(pair_run(p));
    cr_assert_eq(n.seen[HF_SERVER].alert_heard, NO_RENEGOTIATION);
    reneg_ask(&n, HF_CLIENT);
    cr_assert(pair_run(p));
    cr_assert_eq(n.seen[HF_CLIENT].alert_heard, NO_RENEGOTIATION);
    reneg_expect_quiet(&n);
    cr_assert_eq(n.seen[HF_CLIENT].established, 1);
    expect_data(p);
}

/* A refusal is for the ClientHello. Once a ServerHello has begun to come it is some warning. */
Test(renegotiation, refusal_in_server_hello)
{
    for (size_t cut = 1; cut < 70; cut += 3) {
        static uint8_t hello[4000];
        connect(INNER_FULL);
        reneg_ask(&n, HF_CLIENT);
        cr_assert(reneg_move(&n, HF_CLIENT, 0));
        /* The server's flight in the clear, so that it can be cut where nobody cuts it. */
        hf_protection opening = p->client.conn.in.protection;
        hf_protection sealing = opening;
        hf_span out = hf_conn_outgoing(&p->server.conn);
        size_t size, prefix = hf_protection_prefix(&opening),
                     whole = (size_t)out.data[3] << 8 | out.data[4];
        memcpy(hello, out.data, 5 + whole);
        cr_assert_eq(hf_protection_open(&opening, 22, HF_TLS1_2, hello + 5, whole, &size), HF_OK);
        p->server.conn.out.protection = sealing;
        p->server.conn.out.start = p->server.conn.out.end = 0;
        reneg_slip_in(&p->server, HF_CONTENT_HANDSHAKE, hello + 5 + prefix, cut);
        reneg_slip_in(&p->server, HF_CONTENT_ALERT, "\1\144", 2);
        reneg_slip_in(&p->server, HF_CONTENT_HANDSHAKE, hello + 5 + prefix + cut, size - cut);
        cr_assert(pair_run(p));
        if (cut >= 4) {
            reneg_expect_quiet(&n);
            cr_assert_eq(n.seen[HF_CLIENT].established, 2);
        } else { /* who cannot know that it is one */
            cr_assert_neq(endpoint_reason(&p->client), HF_OK);
        }
    }
}

/* RFC 5246 7.4.1.1: a HelloRequest is ignored by a client that is in a handshake already, and not
 * in the transcript. */
Test(renegotiation, hello_request_in_handshake)
{
    static const uint8_t request[4];
    for (int when = 0; when < 3; when++) {
        connect(INNER_FULL);
        reneg_ask(&n, HF_CLIENT);
        (void)endpoint_run(&p->client);
        if (when == 0)
            reneg_slip_in(&p->server, HF_CONTENT_HANDSHAKE, request, 4);
        cr_assert(reneg_move(&n, HF_CLIENT, 0));
        if (when == 1) /* behind the ServerHelloDone */
            reneg_slip_in(&p->server, HF_CONTENT_HANDSHAKE, request, 4);
        while (when == 2 && p->server.conn.in_handshake)
            cr_assert(reneg_move(&n, HF_SERVER, 0) || reneg_move(&n, HF_CLIENT, 0));
        if (when == 2) /* behind the Finished it is a new one */
            reneg_slip_in(&p->server, HF_CONTENT_HANDSHAKE, request, 4);
        cr_assert(pair_run(p));
        reneg_expect_quiet(&n);
        cr_assert_eq(n.seen[HF_CLIENT].hello_requests, 1);
        cr_assert_eq(n.seen[HF_CLIENT].established, when == 2 ? 3 : 2);
        expect_data(p);
    }
}

/* HelloRequest is empty (RFC 5246 7.4.1.1). */
Test(renegotiation, hello_request_with_body)
{
    connect(INNER_FULL);
    reneg_slip_in(&p->server, HF_CONTENT_HANDSHAKE, "\0\0\0\1x", 5);
    cr_assert(pair_run(p));
    expect_refusal(p, HF_CLIENT, HF_ERROR_MESSAGE_TRAILING_BYTES, 50);
}

/* Of the messages only those two begin a handshake. */
Test(renegotiation, other_messages)
{
    for (int from = HF_CLIENT; from <= HF_SERVER; from++)
        for (int type = 0; type < 256; type++) {
            uint8_t message[4] = {(uint8_t)type};
            if (type == (from == HF_CLIENT ? HF_CLIENT_HELLO : HF_HELLO_REQUEST))
                continue;
            connect(INNER_FULL);
            reneg_slip_in(reneg_end(&n, (hf_role)from), HF_CONTENT_HANDSHAKE, message, 4);
            cr_assert(pair_run(p));
            expect_refusal(p, reneg_other((hf_role)from), HF_ERROR_UNEXPECTED_MESSAGE, 10);
            if (type > 30)
                type += 40;
        }
}

/* ---------------------------------------------------------------- ends in the middle */

typedef struct end_case {
    hf_role by, who;
    inner_handshake kind;
} end_case;

static size_t make_end_cases(end_case *cases)
{
    size_t count = 0;
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int who = HF_CLIENT; who <= HF_SERVER; who++)
            for (int kind = INNER_FULL; kind <= INNER_BY_TICKET; kind++)
                cases[count++] = (end_case){(hf_role)by, (hf_role)who, (inner_handshake)kind};
    return count;
}

/* A renegotiation as far as `steps` steps of a few bytes each; false if it is over before. Client
 * certificates are asked for, so that all the messages there are take part. */
static bool reach(const end_case *k, size_t steps)
{
    static hf_credentials offer;
    prepare(k->kind);
    p->server.config.anchors = pki_roots(&p->server.config.anchor_count);
    p->server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
    pki_load(&p->client.credentials[0], "client-p256", "inter-p256");
    offer = p->client.credentials[0].credentials;
    p->client.config.credentials = &offer;
    p->client.config.credentials_count = 1;
    reneg_connect(&n);
    reneg_ask(&n, k->by);
    for (size_t i = 0; i < steps; i++) {
        bool moved = reneg_move(&n, HF_CLIENT, 150);
        if (!reneg_move(&n, HF_SERVER, 150) && !moved)
            return false;
    }
    return true;
}

/* What is left to be sent goes to one that takes no more. */
static void drain(endpoint *e)
{
    static uint8_t rest[8000];
    (void)endpoint_take(e, rest, sizeof rest);
}

ParameterizedTestParameters(renegotiation, closing)
{
    static end_case cases[40];
    return cr_make_param_array(end_case, cases, make_end_cases(cases));
}

/* hf_conn_close gives a renegotiation up; the end is an orderly one on both sides at every point
 * (RFC 5246 7.2.1), whatever the other side had still sent of the handshake. */
ParameterizedTest(const end_case *k, renegotiation, closing)
{
    size_t steps = 0;
    for (; reach(k, steps); steps++) {
        endpoint *e = reneg_end(&n, k->who);
        hf_conn_close(&e->conn);
        cr_assert_eq(hf_conn_writable(&e->conn).size, 0);
        cr_assert(pair_run(p));
        drain(&p->client);
        drain(&p->server);
        for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
            const endpoint *end = reneg_end(&n, (hf_role)role);
            cr_assert_eq(endpoint_reason(end), HF_OK, "step %zu, %d: %s", steps, role,
                         reason_name(endpoint_reason(end)));
            cr_assert_eq(hf_conn_wants(&end->conn), HF_CLOSED | HF_ESTABLISHED, "step %zu, %d",
                         steps, role);
            cr_assert_not(hf_conn_is_renegotiating(&end->conn));
        }
        hf_conn_eof(&p->client.conn);
        hf_conn_eof(&p->server.conn);
        cr_assert(pair_run(p));
        reneg_expect_quiet(&n);
    }
    cr_assert_gt(steps, 3);
}

/* Data that was on its way is read before the end. */
Test(renegotiation, closing_with_data)
{
    connect(INNER_FULL);
    reneg_ask(&n, HF_CLIENT);
    (void)endpoint_run(&p->client);
    cr_assert(endpoint_write(&p->server, "the last", 8));
    (void)endpoint_run(&p->server);
    hf_conn_close(&p->client.conn);
    cr_assert(pair_run(p));
    /* Of the secrets of a handshake that was given up nothing can be exported. */
    uint8_t out[16];
    cr_assert_eq(hf_conn_export(&p->client.conn, "EXPORTER-test", NULL, out, sizeof out),
                 HF_ERROR_BAD_STATE);
    expect_read(&p->client, "the last");
    cr_assert(pair_run(p));
    reneg_expect_quiet(&n);
    cr_assert_eq(hf_conn_wants(&p->client.conn), HF_CLOSED | HF_ESTABLISHED);
    cr_assert_eq(hf_conn_wants(&p->server.conn), HF_CLOSED | HF_ESTABLISHED);
}

/* A client whose part is over when it closes: the server may have completed the handshake and gone
 * on to data under the new keys, which is read before the end like any. */
Test(renegotiation, closing_when_done)
{
    connect(INNER_FULL);
    reneg_ask(&n, HF_CLIENT);
    while (n.seen[HF_SERVER].established != 2)
        cr_assert(reneg_move(&n, HF_CLIENT, 0) || reneg_move(&n, HF_SERVER, 0));
    cr_assert(p->client.conn.in_handshake);
    cr_assert(endpoint_write(&p->server, "the last", 8));
    (void)endpoint_run(&p->server);
    hf_conn_close(&p->client.conn);
    (void)endpoint_run(&p->client);
    cr_assert(pair_run(p));
    expect_read(&p->client, "the last");
    cr_assert(pair_run(p));
    reneg_expect_quiet(&n);
    cr_assert_eq(hf_conn_wants(&p->client.conn), HF_CLOSED | HF_ESTABLISHED);
    cr_assert_eq(hf_conn_wants(&p->server.conn), HF_CLOSED | HF_ESTABLISHED);
}

/* Whatever the question that is open when the connection is closed: once it is answered all goes on
 * to the end. */
Test(renegotiation, closing_with_question)
{
    for (int who = 0; who < 5; who++) {
        static hf_credentials offer;
        const hf_answer answer = {.refused = who == 4};
        bool is_client = who == 1 || who == 2;
        prepare(INNER_FULL);
        p->server.config.anchors = pki_roots(&p->server.config.anchor_count);
        pki_load(&p->client.credentials[0], "client-p256", "inter-p256");
        offer = p->client.credentials[0].credentials;
        p->client.config.credentials = &offer;
        p->client.config.credentials_count = 1;
        reneg_connect(&n);
        p->server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
        p->server.config.ask_about_binding = who == 0;
        p->client.config.ask_about_chain = who == 1;
        p->client.config.ask_about_credentials = who == 2;
        p->server.config.ask_about_chain = who == 3;
        p->server.config.ask_about_sessions = who == 4; /* to keep it: the end of the handshake */
        reneg_ask(&n, HF_CLIENT);
        cr_assert(pair_run(p));
        endpoint *e = is_client ? &p->client : &p->server;
        cr_assert_not_null(hf_conn_question(&e->conn));
        hf_conn_close(&e->conn);
        cr_assert(pair_run(p));
        cr_assert_eq(hf_conn_answer(&e->conn, &answer), HF_OK);
        cr_assert(pair_run(p));
        drain(&p->client);
        drain(&p->server);
        reneg_expect_quiet(&n);
        cr_assert_eq(hf_conn_wants(&p->client.conn), HF_CLOSED | HF_ESTABLISHED, "%d", who);
        cr_assert_eq(hf_conn_wants(&p->server.conn), HF_CLOSED | HF_ESTABLISHED, "%d", who);
    }
}

/* A CertificateRequest is read in parts; the client closes between two of them. */
Test(renegotiation, closing_in_parts)
{
    static hf_trust_anchor anchors[400];
    static uint8_t names[400][40];
    prepare(INNER_FULL);
    size_t roots;
    anchors[0] = pki_roots(&roots)[1];
    for (size_t i = 1; i < 400; i++) {
        static const uint8_t head[] = {0x30, 38, 0x31, 36, 0x30, 34, 6, 3, 0x55, 4, 3, 12, 27};
        memcpy(names[i], head, sizeof head);
        memset(names[i] + sizeof head, 'a' + (int)(i % 26), 27);
        anchors[i] = (hf_trust_anchor){.name = {names[i], 40}};
    }
    p->server.tx_size = HF_TX_MIN;
    p->server.config.anchors = anchors;
    p->server.config.anchor_count = 400;
    reneg_connect(&n);
    for (size_t steps = 0; steps < 90; steps += 3) {
        p->server.config.client_auth = HF_CLIENT_AUTH_INHERIT;
        reneg_connect(&n);
        p->server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
        reneg_ask(&n, HF_CLIENT);
        for (size_t i = 0; i < steps; i++) {
            (void)reneg_move(&n, HF_CLIENT, 0);
            (void)reneg_move(&n, HF_SERVER, 300);
        }
        hf_conn_close(&p->client.conn);
        cr_assert(pair_run(p));
        reneg_expect_quiet(&n);
        cr_assert(hf_conn_wants(&p->client.conn) & HF_CLOSED);
        cr_assert(hf_conn_wants(&p->server.conn) & HF_CLOSED);
    }
}

ParameterizedTestParameters(renegotiation, cut_off)
{
    static end_case cases[40];
    return cr_make_param_array(end_case, cases, make_end_cases(cases));
}

static void expect_wiped(const endpoint *e)
{
    static const hf_handshake zeroes;
    static const hf_protection nothing;
    cr_assert(same_memory(&e->handshake, &zeroes, sizeof zeroes));
    cr_assert(same_memory(&e->conn.in.protection, &nothing, sizeof nothing));
    cr_assert(same_memory(&e->conn.out.protection, &nothing, sizeof nothing));
    for (int role = HF_CLIENT; role <= HF_SERVER; role++)
        cr_assert_null(memmem(e, sizeof *e, n.seen[role].master, 16));
}

/* The transport ends: that is a truncation, since there was a connection. */
ParameterizedTest(const end_case *k, renegotiation, cut_off)
{
    size_t steps = 0;
    for (; reach(k, steps); steps++) {
        endpoint *e = reneg_end(&n, k->who);
        hf_conn_eof(&e->conn);
        (void)endpoint_run(e);
        cr_assert_eq(endpoint_reason(e), HF_ERROR_TRUNCATED, "step %zu: %s", steps,
                     reason_name(endpoint_reason(e)));
        cr_assert_not(hf_conn_is_renegotiating(&e->conn));
        expect_wiped(e);
    }
    cr_assert_gt(steps, 3);
}

ParameterizedTestParameters(renegotiation, fatal_alert)
{
    static end_case cases[40];
    return cr_make_param_array(end_case, cases, make_end_cases(cases));
}

/* A fatal alert ends the connection, not only the handshake. */
ParameterizedTest(const end_case *k, renegotiation, fatal_alert)
{
    size_t steps = 0;
    for (; reach(k, steps); steps++) {
        endpoint *e = reneg_end(&n, k->who), *other = reneg_end(&n, reneg_other(k->who));
        hf_conn *speaker = &other->conn;
        cr_assert_eq(hf_outgoing_seal(&speaker->out), HF_OK);
        cr_assert_eq(hf_outgoing_alert(&speaker->out, 2, 80), HF_OK);
        while (hf_conn_outgoing(speaker).size != 0 && endpoint_reason(e) == HF_OK)
            cr_assert(reneg_move(&n, reneg_other(k->who), 0));
        cr_assert_eq(endpoint_reason(e), HF_ERROR_PEER_ALERT, "step %zu: %s", steps,
                     reason_name(endpoint_reason(e)));
        cr_assert_eq(hf_conn_failure(&e->conn)->alert, 80);
        cr_assert_eq(hf_conn_wants(&e->conn) & (HF_CAN_WRITE | HF_CAN_READ | HF_CAN_RECEIVE), 0);
        cr_assert_not(hf_conn_is_renegotiating(&e->conn));
        expect_wiped(e);
    }
    cr_assert_gt(steps, 3);
}
