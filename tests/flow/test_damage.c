/* Each byte of each message of both sides changed, each message cut off at each byte and followed
 * by another byte: always an end with a reason, and never two sides that believe different things.
 * All handshake messages are hashed into Finished (RFC 5246 7.4.9), so not one changed bit may
 * survive. */
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

static stepper s, saved;
static uint8_t message[20000];

typedef struct step_case {
    exchange kind;
    hf_role victim;
    size_t given;
} step_case;

static size_t make_cases(step_case *cases)
{
    size_t count = 0;
    for (exchange kind = EXCHANGE_ECDSA; kind < EXCHANGES; kind++)
        for (int role = HF_CLIENT; role <= HF_SERVER; role++)
            for (size_t n = 0; n < stepper_pieces(kind, (hf_role)role); n++)
                cases[count++] = (step_case){kind, (hf_role)role, n};
    return count;
}

static void reach(const step_case *k)
{
    stepper_reach(&s, k->kind, k->victim, k->given);
    cr_assert_not_null(stepper_peek(&s));
    saved = s;
}

/* Puts everything back and takes a copy of the message that comes next. */
static const piece *again(void)
{
    s = saved;
    const piece *next = &saved.pieces[saved.next];
    memcpy(message, saved.bytes + next->offset, next->size);
    return next;
}

/* Gives a changed message and lets the handshake go on with what the peer sends. */
static void give(const piece *next, size_t size)
{
    give_clear(s.victim, next->type, HF_TLS1_2, message, size);
    stepper_answer(&s);
    s.next++;
    stepper_finish(&s);
}

/* An end with a reason at both sides: one of them has found something, unless it is the transport
 * that has ended, and the other has been told. No work is left. */
static void expect_end(const char *what, size_t at)
{
    endpoint *ends[] = {s.victim, s.peer};
    int found = 0;
    for (int i = 0; i < 2; i++) {
        hf_error reason = endpoint_reason(ends[i]);
        cr_assert_neq(reason, HF_OK, "%s at %zu: nothing happened", what, at);
        cr_assert_eq(hf_conn_run(&ends[i]->conn), reason);
        cr_assert_not(hf_conn_wants(&ends[i]->conn) & HF_HAS_WORK);
        const hf_failure *why = hf_conn_failure(&ends[i]->conn);
        if (reason != HF_ERROR_PEER_ALERT) {
            cr_assert_eq(hf_reason_of(reason)->alert, why->alert);
            found++;
        }
    }
    cr_assert_gt(found, 0);
    cr_assert(found == 1 || endpoint_reason(s.victim) == HF_ERROR_CLOSED_IN_HANDSHAKE);
}

/* The transport ends where the message has left the victim waiting for more. */
static void end_of_transport(void)
{
    if (endpoint_reason(s.victim) != HF_OK)
        return;
    hf_conn_eof(&s.victim->conn);
    hf_conn_eof(&s.peer->conn);
    (void)endpoint_run(s.victim);
    (void)endpoint_run(s.peer);
}

/* A byte changed within a long certificate takes a signature check each; every third does. */
static size_t stride(const piece *next)
{
    return next->size > 600 ? 3 : 1;
}

ParameterizedTestParameters(damage, flipped)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

ParameterizedTest(const step_case *k, damage, flipped)
{
    reach(k);
    const piece *next = again();
    for (size_t at = 0; at < next->size; at += at < 40 ? 1 : stride(next)) {
        uint8_t masks[] = {(uint8_t)(1 << at % 8), 0xff};
        for (size_t i = 0; i < sizeof masks; i++) {
            next = again();
            message[at] ^= masks[i];
            give(next, next->size);
            bool waits = endpoint_reason(s.victim) == HF_OK;
            if (waits) /* a longer message has been announced */
                cr_assert(at < 4 && !next->sealed, "byte %zu of %s waits", at,
                          hf_message_name(message[0]));
            end_of_transport();
            expect_end("flip", at);
        }
    }
}

ParameterizedTestParameters(damage, truncated)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

static void set_length(size_t size)
{
    message[1] = (uint8_t)(size >> 16);
    message[2] = (uint8_t)(size >> 8);
    message[3] = (uint8_t)size;
}

/* Size of the body of the hello in `message` up to its extensions. */
static size_t hello_without_extensions(void)
{
    size_t size = 2 + 32 + 1 + message[38];
    if (message[0] == HF_SERVER_HELLO)
        return size + 2 + 1;
    size += 2 + ((size_t)message[4 + size] << 8 | message[5 + size]);
    return size + 1 + message[4 + size];
}

/* A message that says itself that it is shorter: decode_error (RFC 5246 7.2.2), but for the points
 * and signatures whose own length is what is wrong. */
ParameterizedTest(const step_case *k, damage, truncated)
{
    reach(k);
    const piece *next = again();
    if (next->type != HF_CONTENT_HANDSHAKE || next->sealed)
        return;
    for (size_t size = 0; size + 4 < next->size; size++) {
        next = again();
        set_length(size);
        give(next, size + 4);
        expect_end("truncation", size);
        /* A ClientHello may end before its extensions (RFC 5246 7.4.1.2): then other things are
         * missing. */
        uint8_t alert = hf_conn_failure(&s.victim->conn)->alert;
        if (alert != HF_ALERT_DECODE_ERROR) {
            cr_assert(message[0] == HF_CLIENT_HELLO || message[0] == HF_SERVER_HELLO);
            cr_assert_eq(size, hello_without_extensions(), "%zu", size);
        }
    }
}

ParameterizedTestParameters(damage, cut_off)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* The transport ends within the message. */
ParameterizedTest(const step_case *k, damage, cut_off)
{
    reach(k);
    const piece *next = again();
    for (size_t size = 1; size < next->size; size += stride(next)) {
        next = again();
        uint8_t header[5];
        (void)clear_record(header, next->type, HF_TLS1_2, NULL, 0);
        header[3] = (uint8_t)(next->size >> 8);
        header[4] = (uint8_t)next->size;
        cr_assert_eq(endpoint_give(s.victim, header, 5), 5);
        cr_assert_eq(endpoint_give(s.victim, message, size), size);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        hf_conn_eof(&s.victim->conn);
        (void)endpoint_run(s.victim);
        cr_assert_eq(endpoint_reason(s.victim), HF_ERROR_CLOSED_IN_HANDSHAKE);
    }
}

ParameterizedTestParameters(damage, extended)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* Bytes behind the last field: decode_error. */
ParameterizedTest(const step_case *k, damage, extended)
{
    reach(k);
    const piece *next = again();
    if (next->type != HF_CONTENT_HANDSHAKE || next->sealed)
        return;
    for (size_t more = 1; more < 5; more++) {
        next = again();
        memset(message + next->size, 0, more);
        set_length(next->size - 4 + more);
        give_clear(s.victim, next->type, HF_TLS1_2, message, next->size + more);
        stepper_expect_failure(&s, HF_ERROR_MESSAGE_TRAILING_BYTES, 50);
    }
}

ParameterizedTestParameters(damage, doubled)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* A message twice is one too many. */
ParameterizedTest(const step_case *k, damage, doubled)
{
    reach(k);
    const piece *next = again();
    give_clear(s.victim, next->type, HF_TLS1_2, message, next->size);
    stepper_answer(&s);
    give_clear(s.victim, next->type, HF_TLS1_2, message, next->size);
    cr_assert_neq(endpoint_reason(s.victim), HF_OK);
}

/* ---------------------------------------------------------------- both ends agree */

/* Two handshakes at once, crossed: the server's flight of one for the client of the other. */
Test(damage, other_handshake)
{
    stepper_reach(&s, EXCHANGE_ECDSA, HF_CLIENT, 0);
    saved = s;
    stepper_prepare(&s, EXCHANGE_ECDSA, HF_CLIENT);
    s.p.client.random_state = 99;
    stepper_start(&s);
    (void)stepper_peek(&s);
    for (size_t i = 0; i < saved.count && endpoint_reason(s.victim) == HF_OK; i++) {
        const piece *next = &saved.pieces[i];
        give_clear(s.victim, next->type, HF_TLS1_2, saved.bytes + next->offset, next->size);
    }
    stepper_expect_failure(&s, HF_ERROR_SIGNATURE_WRONG, 51);
}
