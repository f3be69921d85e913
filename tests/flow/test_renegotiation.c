/* Handshakes inside an established connection (RFC 5246 7.4.1.1, RFC 5746): in every version, from
 * either side, how many, with the handshake object elsewhere, and with data around them. */
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

/* ---------------------------------------------------------------- what goes on */

typedef struct kind_case {
    uint16_t suite, version;
    hf_role by;
    inner_handshake kind;
    bool extended;
} kind_case;

static kind_case kinds[400];

ParameterizedTestParameters(renegotiation, kinds)
{
    static const uint16_t suites[] = {0xcca9, 0xc02b, 0x009c, 0xc023, 0xc009, 0x002f,
                                      0xc007, 0x0004, 0x0033, 0xc006, 0x008c, 0xc018};
    size_t count = 0;
    for (size_t s = 0; s < sizeof suites / sizeof suites[0]; s++)
        for (uint16_t v = hf_suite_of(suites[s])->version_min; v <= HF_TLS1_2; v++)
            for (int by = HF_CLIENT; by <= HF_SERVER; by++)
                for (int kind = INNER_FULL; kind <= INNER_BY_TICKET; kind++)
                    kinds[count++] = (kind_case){.suite = suites[s],
                                                 .version = v,
                                                 .by = (hf_role)by,
                                                 .kind = (inner_handshake)kind};
    return cr_make_param_array(kind_case, kinds, count);
}

/* From either side, twice, in full or with the session that the handshake before has made. */
ParameterizedTest(const kind_case *k, renegotiation, kinds)
{
    reneg_prepare(&n, reneg_keys(k->suite), k->suite, k->version, k->kind);
    reneg_connect(&n);
    expect_data(p);
    for (int i = 0; i < 2; i++) {
        reneg_do(&n, i == 0 ? k->by : reneg_other(k->by));
        for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
            const hf_conn *c = &reneg_end(&n, (hf_role)role)->conn;
            cr_assert_eq(hf_conn_resumed(c), k->kind != INNER_FULL);
            cr_assert_eq(hf_conn_version(c), k->version);
            cr_assert_eq(hf_conn_suite(c)->code, k->suite);
            cr_assert(hf_conn_secure_renegotiation(c));
            cr_assert(hf_conn_extended_master_secret(c));
        }
        expect_data(p);
    }
}

/* Both ask at the same time: the ClientHello stands for both. */
Test(renegotiation, both_ask)
{
    connect(INNER_FULL);
    reneg_ask(&n, HF_CLIENT);
    reneg_do(&n, HF_SERVER);
    cr_assert_eq(n.seen[HF_CLIENT].established, 2);
    expect_data(p);
}

/* What is negotiated may become better or worse, as long as it is within the configuration. */
Test(renegotiation, other_suite)
{
    static const uint16_t suites[] = {0xc02b, 0xc023, 0xc007, 0xcca9};
    connect(INNER_FULL);
    for (size_t i = 1; i < 4; i++) {
        p->client.config.suites = p->server.config.suites = (hf_code_list){&suites[i], 1};
        reneg_do(&n, i % 2 == 0 ? HF_CLIENT : HF_SERVER);
        cr_assert_eq(hf_conn_suite(&p->client.conn)->code, suites[i]);
        cr_assert_eq(hf_conn_encrypt_then_mac(&p->client.conn), suites[i] == 0xc023);
        cr_assert_eq(hf_conn_encrypt_then_mac(&p->server.conn), suites[i] == 0xc023);
        expect_data(p);
    }
}

/* The object that the client keeps its session in holds what the last handshake has made. */
Test(renegotiation, session_is_renewed)
{
    hf_session first;
    prepare(INNER_BY_ID);
    p->server.config.cache = &n.r.cache;
    reneg_connect(&n);
    first = n.r.session;
    hf_session_cache_wipe(&n.r.cache);
    reneg_do(&n, HF_CLIENT);
    cr_assert_not(hf_conn_resumed(&p->client.conn));
    cr_assert(!same_memory(first.id, n.r.session.id, sizeof first.id));
    reneg_do(&n, HF_CLIENT);
    cr_assert(hf_conn_resumed(&p->client.conn));
}

/* RFC 7301 3.1: what was agreed upon is not of the session, and is agreed upon anew. */
Test(renegotiation, application_protocol)
{
    const hf_span name = HF_SPAN_LITERAL("http/1.1");
    for (int kind = INNER_FULL; kind <= INNER_BY_TICKET; kind++) {
        prepare((inner_handshake)kind);
        p->client.config.protocols = p->server.config.protocols = &name;
        p->client.config.protocol_count = p->server.config.protocol_count = 1;
        reneg_connect(&n);
        reneg_do(&n, HF_SERVER);
        cr_assert_eq(hf_conn_protocol(&p->client.conn).size, name.size);
        cr_assert_eq(hf_conn_protocol(&p->server.conn).size, name.size);
        p->client.config.protocol_count = 0;
        reneg_do(&n, HF_SERVER);
        cr_assert_eq(hf_conn_protocol(&p->client.conn).size, 0);
        cr_assert_eq(hf_conn_protocol(&p->server.conn).size, 0);
    }
}

/* Short ladders and full ones in any order. */
Test(renegotiation, resumed_and_in_full)
{
    for (int kind = INNER_BY_ID; kind <= INNER_BY_TICKET; kind++)
        for (unsigned order = 0; order < 8; order++) {
            prepare((inner_handshake)kind);
            reneg_connect(&n);
            for (unsigned i = 0; i < 3; i++) {
                bool is_resumed = (order >> i & 1) != 0;
                p->client.config.resume_in_renegotiation = is_resumed;
                reneg_do(&n, i % 2 == 0 ? HF_CLIENT : HF_SERVER);
                cr_assert_eq(hf_conn_resumed(&p->client.conn), is_resumed);
                cr_assert_eq(hf_conn_resumed(&p->server.conn), is_resumed);
                expect_data(p);
            }
        }
}

/* A session stays at home unless the configuration says otherwise. */
Test(renegotiation, session_is_not_offered)
{
    for (int kind = INNER_BY_ID; kind <= INNER_BY_TICKET; kind++)
        for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
            prepare((inner_handshake)kind);
            p->client.config.resume_in_renegotiation = false;
            reneg_connect(&n);
            cr_assert_not(hf_session_is_empty(&n.r.session));
            reneg_do(&n, (hf_role)by);
            cr_assert_not(hf_conn_resumed(&p->client.conn));
        }
}

/* RFC 5077 3.4: a server that gives a ticket leaves the ID empty, whatever the session before was
 * called. A client that has offered that one would take it for resumed. */
Test(renegotiation, ticket_in_place_of_id)
{
    prepare(INNER_BY_TICKET);
    p->server.config.cache = &n.r.cache;
    p->client.config.without_session_ticket = true;
    reneg_connect(&n);
    cr_assert_eq(n.r.session.id_size, 32);
    hf_session_cache_wipe(&n.r.cache);
    p->client.config.without_session_ticket = false;
    reneg_do(&n, HF_CLIENT);
    cr_assert_not(hf_conn_resumed(&p->client.conn));
    cr_assert_gt(n.r.session.ticket_size, 0);
}

Test(renegotiation, smallest_buffers)
{
    static const size_t chunks[] = {0, 1, 3, 100};
    for (size_t i = 0; i < 4; i++)
        for (int kind = INNER_FULL; kind <= INNER_BY_TICKET; kind++) {
            prepare((inner_handshake)kind);
            pki_load(&p->server.credentials[0], "server-p256-direct", NULL);
            p->server.offered[0] = p->server.credentials[0].credentials;
            p->chunk = chunks[i];
            p->client.rx_size = p->server.rx_size = HF_RX_MIN;
            p->client.tx_size = p->server.tx_size = HF_TX_MIN;
            reneg_connect(&n);
            expect_data(p);
            reneg_do(&n, HF_CLIENT);
            expect_data(p);
            reneg_do(&n, HF_SERVER);
            expect_data(p);
        }
}

/* The transmit buffer is full of data when the wish comes: it waits until there is room. */
Test(renegotiation, full_transmit_buffer)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
        static uint8_t data[HF_TX_MIN], got[HF_TX_MIN];
        endpoint *e = reneg_end(&n, (hf_role)by), *other = reneg_end(&n, reneg_other((hf_role)by));
        prepare(INNER_FULL);
        p->client.tx_size = p->server.tx_size = HF_TX_MIN;
        reneg_connect(&n);
        size_t size = hf_conn_writable(&e->conn).size;
        memset(data, by, sizeof data);
        cr_assert(endpoint_write(e, data, size));
        cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), HF_OK);
        cr_assert(pair_run(p));
        cr_assert_eq(endpoint_read(other, got, sizeof got), size);
        cr_assert_eq(memcmp(got, data, size), 0);
        cr_assert(pair_run(p));
        reneg_expect_quiet(&n);
        cr_assert_eq(n.seen[by].established, 2);
    }
}

/* The transport ends while the wish waits for room: that is an end, too. */
Test(renegotiation, end_with_request_pending)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
        static uint8_t data[HF_TX_MIN];
        endpoint *e = reneg_end(&n, (hf_role)by);
        prepare(INNER_FULL);
        p->client.tx_size = p->server.tx_size = HF_TX_MIN;
        reneg_connect(&n);
        cr_assert(endpoint_write(e, data, hf_conn_writable(&e->conn).size));
        cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), HF_OK);
        (void)endpoint_run(e);
        hf_conn_eof(&e->conn);
        (void)endpoint_run(e);
        cr_assert_eq(endpoint_reason(e), HF_ERROR_TRUNCATED);
    }
}

/* ---------------------------------------------------------------- how many */

/* Up to the limit, by turns; one's own wish for more is turned down and harms nothing. */
Test(renegotiation, limit)
{
    prepare(INNER_BY_ID);
    p->server.config.cache = &n.r.cache;
    reneg_connect(&n);
    for (int i = 0; i < HF_RENEGOTIATIONS_MAX; i++)
        reneg_do(&n, i % 2 == 0 ? HF_CLIENT : HF_SERVER);
    cr_assert_eq(hf_conn_renegotiate(&p->client.conn, NULL), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_renegotiate(&p->server.conn, NULL), HF_ERROR_BAD_STATE);
    cr_assert(pair_run(p));
    reneg_expect_quiet(&n);
    expect_data(p);
}

/* A peer that does not count is stopped. */
Test(renegotiation, limit_at_peer)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
        connect(INNER_FULL);
        reneg_end(&n, reneg_other((hf_role)by))->conn.renegotiations = HF_RENEGOTIATIONS_MAX;
        reneg_ask(&n, (hf_role)by);
        cr_assert(pair_run(p));
        expect_refusal(p, reneg_other((hf_role)by), HF_ERROR_RENEGOTIATION_LIMIT, 40);
    }
}

/* RFC 5246 7.4.1.1: "servers SHOULD NOT repeat the request until the subsequent handshake
 * negotiation is complete". */
Test(renegotiation, asked_twice)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int ran = 0; ran < 2; ran++) {
            endpoint *e = reneg_end(&n, (hf_role)by);
            connect(INNER_FULL);
            reneg_ask(&n, (hf_role)by);
            if (ran)
                (void)endpoint_run(e);
            cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), HF_ERROR_BAD_STATE);
            cr_assert(pair_run(p));
            cr_assert_leq(n.seen[HF_CLIENT].hello_requests, 1);
            reneg_expect_quiet(&n);
            cr_assert_eq(n.seen[HF_CLIENT].established, 2);
        }
}

/* When the call is not for now: before, during, after. */
Test(renegotiation, bad_state)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
        endpoint *e = reneg_end(&n, (hf_role)by), *other = reneg_end(&n, reneg_other((hf_role)by));
        prepare(INNER_FULL);
        pair_start(p);
        cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), HF_ERROR_BAD_STATE);
        cr_assert(pair_run(p));
        reneg_ask(&n, (hf_role)by);
        while (reneg_move(&n, HF_CLIENT, 0) || reneg_move(&n, HF_SERVER, 0)) {
            if (hf_conn_is_renegotiating(&e->conn))
                cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), HF_ERROR_BAD_STATE);
        }
        reneg_expect_quiet(&n);
        hf_conn_close(&other->conn);
        cr_assert(pair_run(p));
        cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), HF_ERROR_BAD_STATE);
        cr_assert_eq(hf_conn_renegotiate(&other->conn, NULL), HF_ERROR_BAD_STATE);
    }
}

/* ---------------------------------------------------------------- the handshake object */

static void release(endpoint *e)
{
    static const hf_handshake zeroes;
    cr_assert_eq(hf_conn_release_handshake(&e->conn), &e->handshake);
    cr_assert(same_memory(&e->handshake, &zeroes, sizeof zeroes), "it is wiped");
    memset(&e->handshake, 0xa5, sizeof e->handshake); /* somebody else's now */
}

static void expect_untouched(const endpoint *e)
{
    const uint8_t *bytes = (const uint8_t *)&e->handshake;
    for (size_t i = 0; i < sizeof e->handshake; i++)
        cr_assert_eq(bytes[i], 0xa5, "byte %zu", i);
}

/* One's own wish comes with an object. */
Test(renegotiation, own_object)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
        endpoint *e = reneg_end(&n, (hf_role)by);
        connect(INNER_FULL);
        release(e);
        cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), HF_ERROR_BAD_ARGUMENT);
        cr_assert_not(hf_conn_is_renegotiating(&e->conn));
        expect_data(p);
        cr_assert_eq(hf_conn_renegotiate(&e->conn, &n.spare), HF_OK);
        cr_assert(pair_run(p));
        reneg_expect_quiet(&n);
        cr_assert_eq(n.seen[by].established, 2);
        expect_data(p);
        expect_untouched(e);
        cr_assert_eq(hf_conn_release_handshake(&e->conn), &n.spare);
    }
}

/* What was in it before is nobody's name or key. */
Test(renegotiation, object_of_garbage)
{
    for (int asked = 0; asked < 2; asked++) {
        connect(INNER_FULL);
        release(&p->server);
        memset(&n.spare, 0xa5, sizeof n.spare);
        if (asked) {
            reneg_ask(&n, HF_CLIENT);
            cr_assert(reneg_move(&n, HF_CLIENT, 0));
            cr_assert_not_null(hf_conn_question(&p->server.conn));
            const hf_answer answer = {.handshake = &n.spare};
            cr_assert_eq(hf_conn_answer(&p->server.conn, &answer), HF_OK);
        } else {
            cr_assert_eq(hf_conn_renegotiate(&p->server.conn, &n.spare), HF_OK);
        }
        cr_assert_eq(hf_conn_server_name(&p->server.conn).size, 0);
        cr_assert_eq(hf_conn_psk_identity(&p->server.conn).size, 0);
        reneg_expect_settled(&n, 2);
    }
}

/* It is needed as soon as there is a wish, and until that is fulfilled. */
Test(renegotiation, object_is_needed)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
        endpoint *e = reneg_end(&n, (hf_role)by);
        connect(INNER_FULL);
        reneg_ask(&n, (hf_role)by);
        cr_assert_null(hf_conn_release_handshake(&e->conn));
        do {
            if (e->conn.in_handshake)
                cr_assert_null(hf_conn_release_handshake(&e->conn));
        } while (reneg_move(&n, HF_CLIENT, 0) || reneg_move(&n, HF_SERVER, 0));
        reneg_expect_quiet(&n);
        cr_assert_eq(n.seen[by].established, 2);
        release(e);
    }
}

/* The peer's wish: the application is asked for an object, and everything waits for it. */
static endpoint *ask_of_released(hf_role by)
{
    endpoint *e = reneg_end(&n, reneg_other(by));
    connect(INNER_FULL);
    release(e);
    reneg_ask(&n, by);
    cr_assert(pair_run(p));
    const hf_question *question = hf_conn_question(&e->conn);
    cr_assert_not_null(question);
    cr_assert_eq(question->kind, HF_QUESTION_RENEGOTIATION);
    cr_assert_eq(hf_conn_run(&e->conn), HF_WAITING);
    cr_assert_eq(hf_conn_renegotiate(&e->conn, &n.spare), HF_ERROR_BAD_STATE);
    return e;
}

Test(renegotiation, object_on_request)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int late = 0; late < 2; late++) {
            const hf_answer answer = {.handshake = &n.spare};
            endpoint *e = ask_of_released((hf_role)by);
            for (int i = 0; late && i < 10; i++) {
                cr_assert(endpoint_write(e, "meanwhile", 9));
                cr_assert(pair_run(p));
            }
            memset(&n.spare, 0x5a, sizeof n.spare); /* whatever is in it */
            cr_assert_eq(hf_conn_answer(&e->conn, &answer), HF_OK);
            cr_assert(pair_run(p));
            if (late) {
                char got[100];
                cr_assert_eq(endpoint_read(reneg_end(&n, (hf_role)by), got, sizeof got), 90);
                cr_assert(pair_run(p));
            }
            reneg_expect_quiet(&n);
            cr_assert_eq(n.seen[by].established, 2);
            expect_data(p);
            expect_untouched(e);
            cr_assert_eq(hf_conn_release_handshake(&e->conn), &n.spare);
        }
}

/* No object is as good as no. */
Test(renegotiation, object_refused)
{
    static const hf_answer answers[] = {
        {.refused = true}, {.refused = true, .handshake = &n.spare}, {.handshake = NULL}};
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (size_t i = 0; i < 3; i++) {
            endpoint *e = ask_of_released((hf_role)by);
            cr_assert_eq(hf_conn_answer(&e->conn, &answers[i]), HF_OK);
            cr_assert(pair_run(p));
            reneg_expect_quiet(&n);
            cr_assert_eq(n.seen[by].alert_heard, NO_RENEGOTIATION);
            cr_assert_eq(n.seen[by].established, 1);
            expect_data(p);
            expect_untouched(e);
            /* The next one is a new question. */
            reneg_ask(&n, (hf_role)by);
            cr_assert(pair_run(p));
            cr_assert_not_null(hf_conn_question(&e->conn));
            const hf_answer yes = {.handshake = &n.spare};
            cr_assert_eq(hf_conn_answer(&e->conn, &yes), HF_OK);
            cr_assert(pair_run(p));
            reneg_expect_quiet(&n);
            cr_assert_eq(n.seen[by].established, 2);
        }
}

/* The connection is being closed when the answer comes. */
Test(renegotiation, object_too_late)
{
    const hf_answer answer = {.handshake = &n.spare};
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int who = 0; who < 2; who++) {
            endpoint *e = ask_of_released((hf_role)by);
            hf_conn_close(who == 0 ? &e->conn : &reneg_end(&n, (hf_role)by)->conn);
            cr_assert(pair_run(p));
            cr_assert_eq(hf_conn_answer(&e->conn, &answer), HF_OK);
            cr_assert(pair_run(p));
            reneg_expect_quiet(&n);
            cr_assert(hf_conn_wants(&p->client.conn) & HF_CLOSED);
            cr_assert(hf_conn_wants(&p->server.conn) & HF_CLOSED);
        }
}

/* ---------------------------------------------------------------- data */

/* What has been written before the wish goes out before it, sealed or not. */
Test(renegotiation, data_before)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int flushed = 0; flushed < 2; flushed++) {
            endpoint *e = reneg_end(&n, (hf_role)by),
                     *other = reneg_end(&n, reneg_other((hf_role)by));
            connect(INNER_FULL);
            memcpy(hf_conn_writable(&e->conn).data, "before", 6);
            cr_assert_eq(hf_conn_written(&e->conn, 6), HF_OK);
            if (flushed)
                hf_conn_flush(&e->conn);
            memcpy(hf_conn_writable(&other->conn).data, "on its way", 10);
            cr_assert_eq(hf_conn_written(&other->conn, 10), HF_OK); /* not sealed at all */
            reneg_ask(&n, (hf_role)by);
            cr_assert(pair_run(p));
            cr_assert(e->conn.in_handshake || other->conn.in_handshake || by == HF_SERVER);
            expect_read(other, "before");
            cr_assert(pair_run(p));
            expect_read(e, "on its way");
            cr_assert(pair_run(p));
            reneg_expect_quiet(&n);
            cr_assert_eq(n.seen[by].established, 2);
            expect_data(p);
        }
}

/* A client that waits for the ServerHello gets what the server sent before it knew. */
Test(renegotiation, data_before_server_hello)
{
    connect(INNER_FULL);
    reneg_ask(&n, HF_CLIENT);
    (void)endpoint_run(&p->client);
    cr_assert(p->client.conn.in_handshake);
    cr_assert(endpoint_write(&p->server, "one", 3));
    (void)endpoint_run(&p->server);
    cr_assert(endpoint_write(&p->server, "two", 3));
    (void)endpoint_run(&p->server);
    cr_assert(pair_run(p));
    expect_read(&p->client, "onetwo");
    cr_assert(pair_run(p));
    reneg_expect_quiet(&n);
    cr_assert_eq(n.seen[HF_CLIENT].established, 2);
    expect_data(p);
}

/* A server that has sent HelloRequest gets what the client sent before it saw that, and may go on
 * sending until the ClientHello comes, which may be never. */
Test(renegotiation, data_before_client_hello)
{
    connect(INNER_FULL);
    reneg_ask(&n, HF_SERVER);
    (void)endpoint_run(&p->server);
    cr_assert(endpoint_write(&p->client, "up", 2));
    (void)endpoint_run(&p->client);
    cr_assert(endpoint_write(&p->server, "down", 4));
    (void)endpoint_run(&p->server);
    cr_assert(reneg_move(&n, HF_CLIENT, 0));
    expect_read(&p->server, "up");
    cr_assert(hf_conn_is_renegotiating(&p->server.conn));
    cr_assert(pair_run(p));
    expect_read(&p->client, "down");
    cr_assert(pair_run(p));
    reneg_expect_quiet(&n);
    cr_assert_eq(n.seen[HF_CLIENT].established, 2);
    expect_data(p);
}

/* Nothing can be written while the messages are under way. */
Test(renegotiation, nothing_writable)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int kind = INNER_FULL; kind <= INNER_BY_TICKET; kind++) {
            unsigned checked = 0;
            connect((inner_handshake)kind);
            reneg_ask(&n, (hf_role)by);
            do {
                for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
                    endpoint *e = reneg_end(&n, (hf_role)role);
                    cr_assert_eq((hf_conn_wants(&e->conn) & HF_CAN_WRITE) == 0,
                                 e->conn.in_handshake);
                    if (!e->conn.in_handshake)
                        continue;
                    checked++;
                    cr_assert(hf_conn_is_renegotiating(&e->conn));
                    cr_assert_eq(hf_conn_writable(&e->conn).size, 0);
                    cr_assert_eq(hf_conn_written(&e->conn, 1), HF_ERROR_BAD_STATE);
                    hf_conn_flush(&e->conn);
                }
            } while (reneg_move(&n, HF_CLIENT, 200) || reneg_move(&n, HF_SERVER, 200));
            reneg_expect_quiet(&n);
            cr_assert_gt(checked, 5);
        }
}

typedef struct stream {
    endpoint *from, *to;
    size_t written, read;
} stream;

static uint8_t pattern(size_t at)
{
    return (uint8_t)(at * 31 + at / 251);
}

static void stream_some(stream *s, size_t most)
{
    hf_buf room = hf_conn_writable(&s->from->conn);
    size_t size = room.size < most ? room.size : most;
    for (size_t i = 0; i < size; i++)
        room.data[i] = pattern(s->written + i);
    cr_assert_eq(hf_conn_written(&s->from->conn, size), HF_OK);
    s->written += size;
    if (s->written % 3 != 0)
        hf_conn_flush(&s->from->conn);
}

static void read_some(stream *s)
{
    hf_span got = hf_conn_readable(&s->to->conn);
    for (size_t i = 0; i < got.size; i++)
        cr_assert_eq(got.data[i], pattern(s->read + i), "at %zu", s->read + i);
    cr_assert_eq(hf_conn_consumed(&s->to->conn, got.size), HF_OK);
    s->read += got.size;
}

static void wish_for(endpoint *e)
{
    hf_error expected = e->conn.in_handshake ? HF_ERROR_BAD_STATE : HF_OK;
    cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), expected);
}

/* Both directions are full of data all the time, and now and then somebody renegotiates: no byte is
 * lost or out of its place. */
Test(renegotiation, streams)
{
    static const uint16_t suites[] = {0xcca9, 0xc009, 0xc007};
    static const size_t chunks[] = {0, 7, 333};
    for (size_t k = 0; k < 3; k++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
            for (size_t i = 0; i < 3; i++) {
                if (version < hf_suite_of(suites[k])->version_min)
                    continue;
                reneg_prepare(&n, "p256", suites[k], version,
                              i == 0 ? INNER_FULL : INNER_BY_TICKET);
                p->client.tx_size = p->server.tx_size = 1500;
                p->client.rx_size = p->server.rx_size = 2500;
                reneg_connect(&n);
                stream up = {&p->client, &p->server, 0, 0}, down = {&p->server, &p->client, 0, 0};
                for (int round = 0; round < 3000; round++) {
                    stream_some(&up, 97);
                    stream_some(&down, 211);
                    if (round % 500 == 100)
                        wish_for(&p->client);
                    if (round % 500 == 350)
                        wish_for(&p->server);
                    (void)reneg_move(&n, HF_CLIENT, chunks[i]);
                    (void)reneg_move(&n, HF_SERVER, chunks[i]);
                    read_some(&up);
                    read_some(&down);
                }
                while (up.read < up.written || down.read < down.written) {
                    hf_conn_flush(&p->client.conn);
                    hf_conn_flush(&p->server.conn);
                    cr_assert(pair_run(p));
                    read_some(&up);
                    read_some(&down);
                    cr_assert_eq(endpoint_reason(&p->client), HF_OK);
                    cr_assert_eq(endpoint_reason(&p->server), HF_OK);
                }
                cr_assert(pair_run(p));
                reneg_expect_quiet(&n);
                cr_assert_gt(n.seen[HF_CLIENT].established, 3);
                cr_assert_eq(n.seen[HF_SERVER].established, n.seen[HF_CLIENT].established);
            }
}

/* RFC 5246 7.4.1.1 says nothing against data of a peer that has begun a handshake, under the keys
 * that have been good so far: in front of the client's second flight, and of the server's last. */
Test(renegotiation, data_under_old_keys)
{
    connect(INNER_FULL);
    reneg_ask(&n, HF_CLIENT);
    (void)endpoint_run(&p->client);
    reneg_slip_in(&p->client, HF_CONTENT_APPLICATION_DATA, "up", 2);
    cr_assert(reneg_move(&n, HF_CLIENT, 0));
    cr_assert(p->server.conn.in_handshake);
    expect_read(&p->server, "up");
    reneg_slip_in(&p->server, HF_CONTENT_APPLICATION_DATA, NULL, 0);
    reneg_slip_in(&p->server, HF_CONTENT_APPLICATION_DATA, "down", 4);
    cr_assert(pair_run(p));
    expect_read(&p->client, "down");
    cr_assert(pair_run(p));
    reneg_expect_quiet(&n);
    cr_assert_eq(n.seen[HF_CLIENT].established, 2);
    expect_data(p);
}

/* What one side has to say up to and with its ChangeCipherSpec; 0 if that is not in it. */
static size_t up_to_new_keys(endpoint *e)
{
    (void)endpoint_run(e);
    hf_span out = hf_conn_outgoing(&e->conn);
    for (size_t at = 0; at < out.size;) {
        bool is_it = out.data[at] == HF_CONTENT_CHANGE_CIPHER_SPEC;
        at += 5 + ((size_t)out.data[at + 3] << 8 | out.data[at + 4]);
        if (is_it)
            return at;
    }
    return 0;
}

/* Behind the peer's ChangeCipherSpec nobody has vouched yet for the keys that protect it, so that
 * data, even none in an empty record, must wait for the Finished (RFC 5246 7.4.9). */
Test(renegotiation, data_before_finished)
{
    for (int kind = INNER_FULL; kind <= INNER_BY_TICKET; kind++)
        for (int from = HF_CLIENT; from <= HF_SERVER; from++)
            for (size_t size = 0; size < 3; size += 2) {
                uint8_t record[128] = {23, 3, 3};
                endpoint *speaker = reneg_end(&n, (hf_role)from),
                         *listener = reneg_end(&n, reneg_other((hf_role)from));
                connect((inner_handshake)kind);
                reneg_ask(&n, HF_CLIENT);
                while (up_to_new_keys(speaker) == 0)
                    cr_assert(reneg_move(&n, HF_CLIENT, 0) || reneg_move(&n, HF_SERVER, 0));
                cr_assert(reneg_move(&n, (hf_role)from, up_to_new_keys(speaker)));
                cr_assert_eq(endpoint_reason(listener), HF_OK);
                hf_protection keys = speaker->conn.out.protection;
                cr_assert_eq(keys.sequence, 1, "the Finished has been sealed");
                keys.sequence = 0;
                size_t prefix = hf_protection_prefix(&keys);
                memset(record + 5 + prefix, 0x6e, 2);
                record[4] = (uint8_t)hf_protection_sealed_size(&keys, size);
                cr_assert_eq(hf_protection_seal(&keys, 23, HF_TLS1_2, record + 5 + prefix, size),
                             HF_OK);
                (void)endpoint_give(listener, record, 5 + (size_t)record[4]);
                cr_assert_eq(endpoint_reason(listener), HF_ERROR_DATA_IN_HANDSHAKE, "%s",
                             reason_name(endpoint_reason(listener)));
                cr_assert_eq(hf_conn_failure(&listener->conn)->alert, 10);
                cr_assert_eq(hf_conn_readable(&listener->conn).size, 0);
            }
}
