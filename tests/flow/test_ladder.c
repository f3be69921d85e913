/* Every handshake message at every step. What may come where is written down here a second time,
 * from RFC 5246 7.3 and 7.4, so that the table of tls/handshake/flow.c has something to agree
 * with. */
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
    for (exchange kind = EXCHANGE_ECDSA; kind < EXCHANGES; kind++)
        for (int role = HF_CLIENT; role <= HF_SERVER; role++)
            for (size_t n = 0; n <= stepper_pieces(kind, (hf_role)role); n++)
                cases[count++] = (step_case){kind, (hf_role)role, n};
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

/* The message that must come next; HF_CHANGE_CIPHER_SPEC stands for that record. */
static uint16_t expected_next(const step_case *k)
{
    return is_established(k) ? 0xffff : stepper_piece_kind(k->kind, k->victim, k->given);
}

/* A request for another handshake, which is no violation (RFC 5246 7.4.1.1, RFC 5746 4.5). */
static bool is_request(const step_case *k, uint8_t type)
{
    if (k->victim == HF_CLIENT)
        return type == HF_HELLO_REQUEST;
    return type == HF_CLIENT_HELLO && is_established(k);
}

/* What may come in place of the message that comes: a CertificateRequest before ServerHelloDone, or
 * none (RFC 5246 7.4.4); no CertificateStatus although it was promised (RFC 6066 8); and the
 * Certificate where URLs were agreed upon (RFC 6066 5). */
static bool is_optional(const step_case *k, uint8_t type)
{
    uint16_t next = expected_next(k);
    if (k->kind != EXCHANGE_ALL)
        return type == HF_CERTIFICATE_REQUEST && next == HF_SERVER_HELLO_DONE;
    return (type == HF_SERVER_KEY_EXCHANGE && next == HF_CERTIFICATE_STATUS) ||
           (type == HF_SERVER_HELLO_DONE && next == HF_CERTIFICATE_REQUEST) ||
           (type == HF_CERTIFICATE && next == HF_CERTIFICATE_URL);
}

ParameterizedTestParameters(ladder, every_type)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* Handshake messages of every type, without a body: wherever one is not the next in order the
 * answer is unexpected_message (RFC 5246 7.4). */
ParameterizedTest(const step_case *k, ladder, every_type)
{
    reach(k);
    for (unsigned type = 0; type < 256; type++) {
        const uint8_t header[4] = {(uint8_t)type, 0, 0, 0};
        if (is_optional(k, (uint8_t)type))
            continue;
        s = saved;
        stepper_inject(&s, HF_CONTENT_HANDSHAKE, header, sizeof header);
        if (is_request(k, (uint8_t)type) || (type == expected_next(k) && type == 14))
            cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        else if (type == expected_next(k))
            stepper_expect_failure(&s, HF_ERROR_MESSAGE_SYNTAX, 50);
        else
            stepper_expect_failure(&s, HF_ERROR_UNEXPECTED_MESSAGE, 10);
    }
}

ParameterizedTestParameters(ladder, every_type_at_once)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* The type alone is enough to refuse: nobody waits for 16 megabytes of a message that may not come
 * (RFC 5246 F.5), nor looks into a body. */
ParameterizedTest(const step_case *k, ladder, every_type_at_once)
{
    reach(k);
    for (unsigned type = 0; type < 256; type++) {
        const uint8_t header[4] = {(uint8_t)type, 0xff, 0xff, 0xff};
        if (type == expected_next(k) || is_optional(k, (uint8_t)type) ||
            is_request(k, (uint8_t)type))
            continue;
        s = saved;
        stepper_inject(&s, HF_CONTENT_HANDSHAKE, header, sizeof header);
        stepper_expect_failure(&s, HF_ERROR_UNEXPECTED_MESSAGE, 10);
    }
}

ParameterizedTestParameters(ladder, skipped)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* Genuine messages in the wrong place: each piece of the flight that is not the next one. */
ParameterizedTest(const step_case *k, ladder, skipped)
{
    reach(k);
    for (size_t i = 0; i < s.count; i++) {
        s = saved;
        const piece *wrong = &s.pieces[i];
        if (i == s.next || wrong->sealed ||
            (wrong->type == HF_CONTENT_HANDSHAKE && is_optional(k, s.bytes[wrong->offset])))
            continue;
        bool is_change = wrong->type == HF_CONTENT_CHANGE_CIPHER_SPEC;
        stepper_inject(&s, wrong->type, s.bytes + wrong->offset, wrong->size);
        stepper_expect_failure(
            &s, is_change ? HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC : HF_ERROR_UNEXPECTED_MESSAGE,
            10);
    }
}

ParameterizedTestParameters(ladder, change_cipher_spec)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* ChangeCipherSpec early, late and doubled (RFC 5246 7.1): it is right at one place only. */
ParameterizedTest(const step_case *k, ladder, change_cipher_spec)
{
    static const uint8_t one = 1;
    reach(k);
    if (expected_next(k) != HF_CHANGE_CIPHER_SPEC) {
        stepper_inject(&s, HF_CONTENT_CHANGE_CIPHER_SPEC, &one, 1);
        stepper_expect_failure(&s, HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC, 10);
        return;
    }
    stepper_expect_success(&s);
    /* With the first bytes of a message before it (RFC 5246 7.1: it is sent between messages). */
    static const uint8_t finished[16] = {20, 0, 0, 12};
    for (size_t pending = 1; pending < 4; pending++) {
        s = saved;
        stepper_inject(&s, HF_CONTENT_HANDSHAKE, finished, pending);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        stepper_inject(&s, HF_CONTENT_CHANGE_CIPHER_SPEC, &one, 1);
        stepper_expect_failure(&s, HF_ERROR_SPLIT_ACROSS_KEY_CHANGE, 10);
    }
    /* A Finished in the clear. */
    s = saved;
    stepper_inject(&s, HF_CONTENT_HANDSHAKE, finished, sizeof finished);
    stepper_expect_failure(&s, HF_ERROR_UNEXPECTED_MESSAGE, 10);
    /* Twice. */
    s = saved;
    cr_assert(stepper_next(&s));
    stepper_inject(&s, HF_CONTENT_CHANGE_CIPHER_SPEC, &one, 1);
    stepper_expect_failure(&s, HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC, 10);
    /* Other contents than the byte 1: RFC 5246 7.1 names no alert, RFC 8446 5 unexpected_message
     * for "any other change_cipher_spec value". */
    for (unsigned value = 0; value < 256; value++) {
        const uint8_t content[2] = {(uint8_t)value, 1};
        if (value == 1)
            continue;
        s = saved;
        stepper_inject(&s, HF_CONTENT_CHANGE_CIPHER_SPEC, content, 1);
        stepper_expect_failure(&s, HF_ERROR_CHANGE_CIPHER_SPEC_CONTENT, 10);
    }
    s = saved;
    stepper_inject(&s, HF_CONTENT_CHANGE_CIPHER_SPEC, "\1\1", 2);
    stepper_expect_failure(&s, HF_ERROR_CHANGE_CIPHER_SPEC_CONTENT, 10);
}

ParameterizedTestParameters(ladder, data)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* Application data waits for both Finished messages (RFC 5246 7.4.9), be it empty or not. */
ParameterizedTest(const step_case *k, ladder, data)
{
    uint8_t got[8];
    reach(k);
    for (size_t size = 0; size < 3; size++) {
        s = saved;
        stepper_inject(&s, HF_CONTENT_APPLICATION_DATA, "abc", size);
        if (is_established(k))
            cr_assert_eq(endpoint_read(s.victim, got, sizeof got), size);
        else
            stepper_expect_failure(&s, HF_ERROR_DATA_IN_HANDSHAKE, 10);
    }
}

ParameterizedTestParameters(ladder, hello_request)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* A HelloRequest is ignored by a client that is in a handshake, and does not enter the transcript
 * (RFC 5246 7.4.1.1); with a body it is no HelloRequest. To a server it means nothing. */
ParameterizedTest(const step_case *k, ladder, hello_request)
{
    reach(k);
    if (k->victim == HF_SERVER || is_established(k))
        return;
    for (int i = 0; i < 20; i++)
        stepper_inject(&s, HF_CONTENT_HANDSHAKE, "\0\0\0", 4);
    if (expected_next(k) != HF_FINISHED) /* else the peer's Finished has lost its sequence number */
        stepper_expect_success(&s);
    s = saved;
    stepper_inject(&s, HF_CONTENT_HANDSHAKE, "\0\0\0\1", 5);
    stepper_expect_failure(&s, HF_ERROR_MESSAGE_TRAILING_BYTES, 50);
}

/* RFC 5246 7.3: the order of the messages of a whole handshake, as an observer at the client sees
 * them. */
typedef struct seen {
    uint8_t messages[32];
    size_t count;
} seen;

static void watch(void *context, const hf_conn *c, const hf_event *event)
{
    seen *to = context;
    (void)c;
    if (event->kind == HF_EVENT_MESSAGE && event->offset == 0)
        to->messages[to->count++] = event->message;
    if (event->kind == HF_EVENT_CHANGE_KEYS)
        to->messages[to->count++] = 0xcc;
}

static void expect_order(exchange kind, const char *messages, size_t count)
{
    seen trace = {{0}, 0};
    hf_observer observer = {watch, &trace, false};
    stepper_prepare(&s, kind, HF_CLIENT);
    s.p.client.config.observer = &observer;
    pair_connect(&s.p);
    stepper_answer(&s);
    cr_assert(pair_run(&s.p));
    cr_assert_eq(trace.count, count);
    cr_assert_eq(memcmp(trace.messages, messages, count), 0);
}

Test(ladder, order)
{
    expect_order(EXCHANGE_ECDSA, "\1\2\13\14\16\20\xcc\24\xcc\24", 10);
    expect_order(EXCHANGE_RSA, "\1\2\13\16\20\xcc\24\xcc\24", 9);
    expect_order(EXCHANGE_ALL, "\1\2\13\26\14\15\16\25\20\17\xcc\24\4\xcc\24", 15);
}
