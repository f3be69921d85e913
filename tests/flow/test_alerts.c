/* Alerts of every kind, their floods, and requests for another handshake (RFC 5246 7.2, RFC 5746
 * 4.5). */
#define _GNU_SOURCE /* memmem */
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

static stepper s, saved;

typedef struct step_case {
    exchange kind;
    hf_role victim;
    size_t given;
} step_case;

static size_t make_cases(step_case *cases)
{
    size_t count = 0;
    for (int role = HF_CLIENT; role <= HF_SERVER; role++)
        for (size_t n = 0; n <= stepper_pieces(EXCHANGE_ECDSA, (hf_role)role); n++)
            cases[count++] = (step_case){EXCHANGE_ECDSA, (hf_role)role, n};
    return count;
}

static void reach(const step_case *k)
{
    stepper_reach(&s, k->kind, k->victim, k->given);
    saved = s;
}

static bool is_established(const step_case *k)
{
    return k->given == stepper_pieces(k->kind, k->victim);
}

static void inject_alert(unsigned level, unsigned alert)
{
    const uint8_t content[2] = {(uint8_t)level, (uint8_t)alert};
    stepper_inject(&s, HF_CONTENT_ALERT, content, 2);
}

/* A fatal alert ends the connection, and nothing is sent in reply. */
static void expect_peer_alert(unsigned alert)
{
    uint8_t out[64];
    const hf_failure *why = hf_conn_failure(&s.victim->conn);
    cr_assert_not_null(why);
    cr_assert_eq(why->reason, HF_ERROR_PEER_ALERT);
    cr_assert(why->alert_received);
    cr_assert_eq(why->alert_level, HF_ALERT_LEVEL_FATAL);
    cr_assert_eq(why->alert, alert);
    cr_assert_eq(endpoint_take(s.victim, out, sizeof out), 0);
    cr_assert_eq(hf_conn_wants(&s.victim->conn) & ~(uint32_t)HF_ESTABLISHED, HF_FAILED);
}

ParameterizedTestParameters(alerts, fatal)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

ParameterizedTest(const step_case *k, alerts, fatal)
{
    reach(k);
    for (unsigned alert = 0; alert < 256; alert++) {
        s = saved;
        inject_alert(2, alert);
        expect_peer_alert(alert);
    }
}

ParameterizedTestParameters(alerts, warning)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* Warnings other than close_notify may be passed over (RFC 5246 7.2.2), a few in a row. */
ParameterizedTest(const step_case *k, alerts, warning)
{
    reach(k);
    for (unsigned alert = 1; alert < 256; alert++) {
        s = saved;
        for (int i = 0; i < HF_WARNINGS_MAX; i++)
            inject_alert(1, alert);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        inject_alert(1, alert);
        stepper_expect_failure(&s, HF_ERROR_TOO_MANY_WARNINGS, 10);
    }
    s = saved;
    inject_alert(1, 90);
    /* Behind a protected warning the flight that has been sealed already is out of step. */
    if (s.victim->conn.in.protection.kind == HF_PROTECT_NOTHING)
        stepper_expect_success(&s);
}

ParameterizedTestParameters(alerts, levels)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* AlertLevel is warning(1) or fatal(2); RFC 5246 7.2. */
ParameterizedTest(const step_case *k, alerts, levels)
{
    reach(k);
    for (unsigned level = 0; level < 256; level++) {
        if (level == 1 || level == 2)
            continue;
        s = saved;
        inject_alert(level, level % 2 == 0 ? 0 : 40);
        stepper_expect_failure(&s, HF_ERROR_ALERT_LEVEL, 47);
    }
}

ParameterizedTestParameters(alerts, lengths)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* One alert of two bytes in a record of its own: fragmented or merged ones are not taken. */
ParameterizedTest(const step_case *k, alerts, lengths)
{
    static const uint8_t content[300] = {1, 90, 1, 90};
    static const size_t sizes[] = {1, 3, 4, 6, 300};
    reach(k);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        s = saved;
        stepper_inject(&s, HF_CONTENT_ALERT, content, sizes[i]);
        stepper_expect_failure(&s, HF_ERROR_ALERT_LENGTH, 50);
    }
}

ParameterizedTestParameters(alerts, close_notify)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* close_notify is answered by one (RFC 5246 7.2.1); before the handshake is done it means that
 * there will be no connection. */
ParameterizedTest(const step_case *k, alerts, close_notify)
{
    uint8_t out[256];
    reach(k);
    inject_alert(1, 0);
    if (!is_established(k)) {
        cr_assert_eq(endpoint_reason(s.victim), HF_ERROR_CLOSED_IN_HANDSHAKE);
        cr_assert_eq(hf_conn_wants(&s.victim->conn), HF_FAILED);
        return;
    }
    cr_assert_eq(endpoint_reason(s.victim), HF_OK);
    cr_assert_eq(hf_conn_wants(&s.victim->conn), HF_CAN_SEND | HF_ESTABLISHED);
    size_t size = endpoint_take(s.victim, out, sizeof out);
    cr_assert_eq(hf_conn_wants(&s.victim->conn), HF_CLOSED | HF_ESTABLISHED);
    (void)endpoint_give(s.peer, out, size);
    cr_assert(s.peer->conn.peer_closed);
    cr_assert_eq(endpoint_reason(s.peer), HF_OK);
    /* What comes behind it is not read (RFC 5246 7.2.1). */
    cr_assert_eq(hf_conn_incoming(&s.victim->conn).size, 0);
    hf_conn_eof(&s.victim->conn);
    (void)endpoint_run(s.victim);
    cr_assert_eq(endpoint_reason(s.victim), HF_OK);
}

/* Alerts are read between the pieces of a handshake message: they say why the rest is missing. */
Test(alerts, within_message)
{
    stepper_reach(&s, EXCHANGE_ECDSA, HF_CLIENT, 0);
    const piece *hello = stepper_peek(&s);
    saved = s;
    for (size_t cut = 1; cut < hello->size; cut++) {
        s = saved;
        give_clear(s.victim, 22, HF_TLS1_2, s.bytes + hello->offset, cut);
        inject_alert(2, 80);
        expect_peer_alert(80);
        s = saved;
        give_clear(s.victim, 22, HF_TLS1_2, s.bytes + hello->offset, cut);
        inject_alert(1, 112);
        give_clear(s.victim, 22, HF_TLS1_2, s.bytes + hello->offset + cut, hello->size - cut);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        cr_assert_eq(hf_conn_version(&s.victim->conn), HF_TLS1_2);
    }
}

/* A client's alert before it has seen the ServerHello has the version of its ClientHello's
 * record. */
Test(alerts, version_of_record)
{
    for (unsigned minor = 0; minor < 5; minor++) {
        stepper_reach(&s, EXCHANGE_ECDSA, HF_SERVER, 1);
        give_clear(s.victim, 21, (uint16_t)(0x300 | minor), "\2\56", 2);
        expect_peer_alert(46);
    }
}

/* ---------------------------------------------------------------- renegotiation */

/* Takes what the victim sends to the peer and returns the last alert of it as the peer's observer
 * reports it, level in the high byte; 0 if there was none. */
static unsigned alert_seen;

static void watch(void *context, const hf_conn *c, const hf_event *event)
{
    (void)context, (void)c;
    if (event->kind == HF_EVENT_ALERT && !event->sent)
        alert_seen = (unsigned)event->alert_level << 8 | event->alert;
}

static unsigned take_alert(void)
{
    static const hf_observer observer = {watch, NULL, false};
    uint8_t out[256];
    s.peer->config.observer = &observer;
    alert_seen = 0;
    size_t size = endpoint_take(s.victim, out, sizeof out);
    (void)endpoint_give(s.peer, out, size);
    return alert_seen;
}

/* The request for another handshake that a victim of this role may get. */
static void inject_request(void)
{
    static uint8_t hello[512];
    if (s.victim == &s.p.client) {
        stepper_inject(&s, 22, "\0\0\0", 4);
        return;
    }
    memset(hello, 0, sizeof hello);
    hello[0] = 1;
    hello[2] = 1;
    hello[3] = 0xfc;
    stepper_inject(&s, 22, hello, sizeof hello);
}

/* RFC 5746 4.5, RFC 5246 7.2.2: refused with a warning no_renegotiation, and the connection goes
 * on. Whoever keeps asking is shut out, by an alert that may be fatal: no_renegotiation is always
 * a warning. */
static void expect_refusals(hf_role victim)
{
    char got[8];
    stepper_reach(&s, EXCHANGE_ECDSA, victim, stepper_pieces(EXCHANGE_ECDSA, victim));
    for (int i = 0; i < HF_RENEGOTIATIONS_REFUSED_MAX; i++) {
        inject_request();
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        cr_assert_eq(take_alert(), 0x164);
        stepper_inject(&s, 23, "on", 2);
        cr_assert_eq(endpoint_read(s.victim, got, sizeof got), 2);
        cr_assert(endpoint_write(s.victim, "yes", 3));
        (void)take_alert();
        cr_assert_eq(endpoint_read(s.peer, got, sizeof got), 3);
        s.peer->conn.warnings = 0;
    }
    inject_request();
    stepper_expect_failure(&s, HF_ERROR_RENEGOTIATION_LIMIT, 40);
}

Test(alerts, renegotiation_refused_by_client)
{
    expect_refusals(HF_CLIENT);
}

Test(alerts, renegotiation_refused_by_server)
{
    expect_refusals(HF_SERVER);
}

/* Requests that come all at once are each answered, or the connection ends: the transmit buffer
 * does not decide. */
Test(alerts, requests_in_one_record)
{
    static const uint8_t requests[4 * (HF_RENEGOTIATIONS_REFUSED_MAX + 1)];
    stepper_prepare(&s, EXCHANGE_ECDSA, HF_CLIENT);
    s.p.client.tx_size = HF_TX_MIN;
    stepper_start(&s);
    stepper_finish(&s);
    static uint8_t filler[HF_TX_MIN];
    size_t room = hf_conn_writable(&s.victim->conn).size;
    cr_assert(endpoint_write(s.victim, filler, room));
    stepper_inject(&s, 22, requests, sizeof requests);
    cr_assert_eq(endpoint_reason(s.victim), HF_OK); /* until there is room for the first answer */
    cr_assert_eq(hf_conn_wants(&s.victim->conn) & HF_HAS_WORK, 0);
    hf_span out = hf_conn_outgoing(&s.victim->conn);
    cr_assert_gt(out.size, 0);
    cr_assert_eq(hf_conn_sent(&s.victim->conn, out.size), HF_OK);
    cr_assert(hf_conn_wants(&s.victim->conn) & HF_HAS_WORK);
    (void)endpoint_run(s.victim);
    cr_assert_eq(endpoint_reason(s.victim), HF_ERROR_RENEGOTIATION_LIMIT);
}

/* The transport ends while an answer waits for room: that is an end, too. */
Test(alerts, end_with_warning_pending)
{
    static uint8_t filler[HF_TX_MIN];
    stepper_prepare(&s, EXCHANGE_ECDSA, HF_CLIENT);
    s.p.client.tx_size = HF_TX_MIN;
    stepper_start(&s);
    stepper_finish(&s);
    size_t room = hf_conn_writable(&s.victim->conn).size;
    cr_assert(endpoint_write(s.victim, filler, room));
    inject_request();
    hf_conn_eof(&s.victim->conn);
    (void)endpoint_run(s.victim);
    cr_assert_eq(endpoint_reason(s.victim), HF_ERROR_TRUNCATED);
    cr_assert_eq(hf_conn_failure(&s.victim->conn)->step, HF_NO_STEP);
}

/* A failure names the row that the handshake stands at, and none once there is no handshake. */
Test(alerts, step_of_failure)
{
    const uint8_t alert[2] = {HF_ALERT_LEVEL_FATAL, HF_ALERT_INTERNAL_ERROR};
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        size_t pieces = stepper_pieces(EXCHANGE_ECDSA, (hf_role)role);
        for (size_t given = 0; given <= pieces; given++) {
            hf_flow_row row;
            stepper_reach(&s, EXCHANGE_ECDSA, (hf_role)role, given);
            stepper_inject(&s, HF_CONTENT_ALERT, alert, 2);
            uint8_t step = hf_conn_failure(&s.victim->conn)->step;
            cr_assert_eq(step == HF_NO_STEP, given == pieces, "%zu of %zu", given, pieces);
            cr_assert_eq(hf_flow_at(step, &row), given < pieces);
        }
    }
}

/* ---------------------------------------------------------------- after one's own close_notify */

/* Nothing is sent behind a close_notify (RFC 5246 7.2.1), so the failure names no alert. */
Test(alerts, failure_after_close)
{
    uint8_t out[256];
    stepper_reach(&s, EXCHANGE_ECDSA, HF_CLIENT, 6);
    hf_conn_close(&s.victim->conn);
    cr_assert_gt(endpoint_take(s.victim, out, sizeof out), 0);
    stepper_inject(&s, 20, "\1", 1);
    const hf_failure *why = hf_conn_failure(&s.victim->conn);
    cr_assert_not_null(why);
    cr_assert_eq(why->reason, HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC);
    cr_assert_eq(why->alert, HF_ALERT_NONE);
    cr_assert_eq(endpoint_take(s.victim, out, sizeof out), 0);
}

/* ---------------------------------------------------------------- wiping */

/* That secrets are there to be found before a failure, so that not finding them means something. */
Test(alerts, secrets_before_and_after)
{
    uint8_t master[48], key_block[40];
    stepper_reach(&s, EXCHANGE_ECDSA, HF_SERVER, 2);
    memcpy(master, s.p.server.conn.master_secret, sizeof master);
    memcpy(key_block, s.p.server.handshake.key_block, sizeof key_block);
    cr_assert_not_null(memmem(&s.p.server, sizeof s.p.server, master, sizeof master));
    cr_assert_not_null(memmem(&s.p.server, sizeof s.p.server, key_block, 16));
    cr_assert_eq(memcmp(master, s.p.client.conn.master_secret, sizeof master), 0);
    hf_conn_close(&s.p.server.conn);
    (void)endpoint_run(&s.p.server);
    cr_assert_eq(endpoint_reason(&s.p.server), HF_ERROR_HANDSHAKE_ABANDONED);
    for (size_t i = 0; i + 8 <= sizeof master; i += 8)
        cr_assert_null(memmem(&s.p.server, sizeof s.p.server, master + i, 8));
    for (size_t i = 0; i + 8 <= sizeof key_block; i += 8)
        cr_assert_null(memmem(&s.p.server, sizeof s.p.server, key_block + i, 8));
}

/* Once established the handshake object holds nothing any more (RFC 5246 8.1 for the premaster
 * secret), and hf_conn_wipe leaves nothing in the other objects. */
Test(alerts, secrets_after_success)
{
    static const uint8_t zeroes[sizeof(hf_handshake) + HF_RX_FULL + HF_TX_FULL];
    stepper_reach(&s, EXCHANGE_RSA, HF_SERVER, 4);
    for (int i = 0; i < 2; i++) {
        endpoint *e = i == 0 ? &s.p.client : &s.p.server;
        (void)pair_run(&s.p);
        cr_assert(same_memory(&e->handshake, zeroes, sizeof e->handshake));
        cr_assert_null(memmem(e, sizeof *e, s.premaster + 2, 16));
        stepper_inject(&s, 23, "data", 4);
        hf_conn_wipe(&e->conn);
        cr_assert(same_memory(&e->conn, zeroes, sizeof e->conn));
        cr_assert_eq(memcmp(e->rx, zeroes, sizeof e->rx), 0);
        cr_assert_eq(memcmp(e->tx, zeroes, sizeof e->tx), 0);
        s = saved;
        stepper_reach(&s, EXCHANGE_RSA, HF_SERVER, 4);
    }
}
