/* Answers to questions of every kind that come late, never, twice, or are of no use (question.h).
 */
#include "tests/flow/leftovers.h"
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static stepper s;
static pair *const p = &s.p;
static endpoint *asked; /* who waits for an answer */

/* ---------------------------------------------------------------- one question of each kind */

static hf_private_key device; /* what the server's key really is */
static uint8_t device_point[HF_EC_POINT_MAX], output[HF_RSA_SIZE_MAX];
static hf_handshake spare;

static void start(exchange kind, hf_role who)
{
    stepper_prepare(&s, kind, who);
    asked = s.victim;
}

/* The connection sees only the public part. */
static void make_key_external(void)
{
    hf_private_key *key = &p->server.credentials[0].key;
    device = *key;
    key->external = true;
    if (key->type == HF_KEY_EC) {
        cr_assert_eq(hf_ec_public(HF_CURVE_P256, device.u.ec.scalar.data, device_point),
                     HF_CRYPTO_OK);
        key->u.ec.point = (hf_span){device_point, hf_ec_point_size(HF_CURVE_P256)};
        key->u.ec.scalar = (hf_span){NULL, 0};
    } else {
        key->u.rsa = (hf_rsa_private){.public_key = device.u.rsa.public_key};
    }
}

static void begin_sign(void)
{
    start(EXCHANGE_ECDSA, HF_SERVER);
    make_key_external();
}

static hf_answer good_sign(const hf_question *question)
{
    size_t size = 0;
    cr_assert_eq(hf_ecdsa_sign(HF_CURVE_P256, device.u.ec.scalar.data, &p->server.config.random,
                               question->input, output, &size),
                 HF_CRYPTO_OK);
    return (hf_answer){.output = {output, size}};
}

static void begin_decrypt(void)
{
    start(EXCHANGE_RSA, HF_SERVER);
    make_key_external();
}

/* As a device that does raw RSA would give it (RFC 8017 7.2.1). */
static hf_answer good_decrypt(const hf_question *question)
{
    size_t size = question->input.size;
    memset(output, 0xa5, size);
    output[0] = 0;
    output[1] = 2;
    output[size - 49] = 0;
    cr_assert(s.has_premaster);
    memcpy(output + size - 48, s.premaster, 48);
    output[size - 48] = output[size - 47] = 3;
    return (hf_answer){.output = {output, size}};
}

static hf_answer good_nothing(const hf_question *question)
{
    (void)question;
    return (hf_answer){.refused = false};
}

static void begin_chain(void)
{
    start(EXCHANGE_ECDSA, HF_CLIENT);
    p->client.config.ask_about_chain = true;
}

static void begin_binding(void)
{
    start(EXCHANGE_ECDSA, HF_SERVER);
    p->server.config.ask_about_binding = true;
}

/* A client that names a session, and a store that has it not. */
static void begin_find_session(void)
{
    static hf_session_slot slots[1];
    static hf_session_cache cache;
    hf_session_cache_init(&cache, slots, 1, 0);
    start(EXCHANGE_ECDSA, HF_SERVER);
    p->session = &s.session;
    p->server.config.cache = &cache;
    pair_connect(p);
    expect_established(p);
    hf_session_cache_wipe(&cache);
    p->server.config.cache = NULL;
    p->server.config.ask_about_sessions = true;
}

static hf_answer good_refusal(const hf_question *question)
{
    (void)question;
    return (hf_answer){.refused = true};
}

static void begin_keep_session(void)
{
    start(EXCHANGE_ECDSA, HF_SERVER);
    p->server.config.ask_about_sessions = true;
}

static void begin_credentials(void)
{
    start(EXCHANGE_ALL, HF_CLIENT);
    p->client.config.ask_about_credentials = true;
}

static void begin_status(void)
{
    start(EXCHANGE_ALL, HF_CLIENT);
    p->client.config.ask_about_status = true;
}

static void begin_certificate_url(void)
{
    start(EXCHANGE_ALL, HF_SERVER);
}

static hf_answer good_certificate_url(const hf_question *question)
{
    (void)question;
    return (hf_answer){.output = s.client_offer.chain[0]};
}

static void begin_renegotiation(void)
{
    start(EXCHANGE_ECDSA, HF_SERVER);
    p->client.config.renegotiation = p->server.config.renegotiation = HF_RENEGOTIATION_BY_CLIENT;
}

static hf_answer good_renegotiation(const hf_question *question)
{
    (void)question;
    return (hf_answer){.handshake = &spare};
}

typedef struct kind {
    hf_question_kind kind;
    void (*begin)(void);
    hf_answer (*good)(const hf_question *question);
    bool takes_output;
    hf_error rubbish_small,
        rubbish_large; /* what the asked comes to by 100 and 20000 bytes of it */
    hf_error refused;
} kind;

static const kind kinds[] = {
    {HF_QUESTION_SIGN, begin_sign, good_sign, true, HF_ERROR_PEER_ALERT, HF_ERROR_SIGNING_FAILED,
     HF_ERROR_SIGNING_FAILED},
    {HF_QUESTION_DECRYPT, begin_decrypt, good_decrypt, true, HF_ERROR_BAD_RECORD_MAC,
     HF_ERROR_BAD_RECORD_MAC, HF_ERROR_BAD_RECORD_MAC},
    {HF_QUESTION_CHAIN, begin_chain, good_nothing, false, HF_OK, HF_OK,
     HF_ERROR_APPLICATION_REFUSED},
    {HF_QUESTION_BINDING, begin_binding, good_nothing, false, HF_OK, HF_OK,
     HF_ERROR_SERVER_NAME_UNKNOWN},
    {HF_QUESTION_FIND_SESSION, begin_find_session, good_refusal, true, HF_OK, HF_OK, HF_OK},
    {HF_QUESTION_KEEP_SESSION, begin_keep_session, good_nothing, false, HF_OK, HF_OK, HF_OK},
    {HF_QUESTION_CREDENTIALS, begin_credentials, good_nothing, false, HF_OK, HF_OK,
     HF_ERROR_PEER_ALERT},
    {HF_QUESTION_STATUS, begin_status, good_nothing, false, HF_OK, HF_OK, HF_ERROR_STATUS_REFUSED},
    {HF_QUESTION_CERTIFICATE_URL, begin_certificate_url, good_certificate_url, true,
     HF_ERROR_CERTIFICATE_URL_HASH_WRONG, HF_ERROR_CERTIFICATE_URL_HASH_WRONG,
     HF_ERROR_CERTIFICATE_UNOBTAINABLE},
    {HF_QUESTION_RENEGOTIATION, begin_renegotiation, good_renegotiation, false, HF_OK, HF_OK,
     HF_OK},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Questions that come behind the one that the test is about. */
static void answer_further(void)
{
    const hf_question *question;
    while ((question = hf_conn_question(&p->server.conn)) != NULL) {
        hf_answer answer = {.refused = question->kind == HF_QUESTION_FIND_SESSION};
        if (question->kind == HF_QUESTION_CERTIFICATE_URL)
            answer.output = s.client_offer.chain[0];
        cr_assert_eq(hf_conn_answer(&p->server.conn, &answer), HF_OK);
        cr_assert(pair_run(p));
    }
}

static const hf_question *reach(const kind *k)
{
    k->begin();
    leftovers_forget();
    pair_start(p);
    cr_assert(pair_run(p));
    if (k->kind == HF_QUESTION_RENEGOTIATION) {
        cr_assert_not_null(hf_conn_release_handshake(&asked->conn));
        cr_assert_eq(hf_conn_renegotiate(&p->client.conn, NULL), HF_OK);
        cr_assert(pair_run(p));
    }
    const hf_question *question = hf_conn_question(&asked->conn);
    cr_assert_not_null(question, "kind %d is not asked", k->kind);
    cr_assert_eq(question->kind, k->kind);
    return question;
}

static hf_answer good_answer(const kind *k)
{
    return k->good(hf_conn_question(&asked->conn));
}

static void expect_open(const kind *k)
{
    const hf_question *question = hf_conn_question(&asked->conn);
    cr_assert_not_null(question, "kind %d", k->kind);
    cr_assert_eq(question->kind, k->kind);
    cr_assert_eq(hf_conn_wants(&asked->conn) & (HF_HAS_QUESTION | HF_HAS_WORK | HF_FAILED),
                 HF_HAS_QUESTION);
}

/* All went well: both sides have what they need. */
static void expect_well(const kind *k)
{
    cr_assert(pair_run(p));
    answer_further();
    cr_assert_eq(endpoint_reason(asked), HF_OK, "kind %d: %s", k->kind,
                 reason_name(endpoint_reason(asked)));
    cr_assert_not(hf_conn_is_renegotiating(&p->client.conn));
    expect_established(p);
    expect_data(p);
}

static void expect_reason(const kind *k, hf_error reason)
{
    if (reason == HF_OK) {
        expect_well(k);
        return;
    }
    cr_assert(pair_run(p));
    answer_further();
    cr_assert_eq(endpoint_reason(asked), reason, "kind %d: %s", k->kind,
                 reason_name(endpoint_reason(asked)));
    cr_assert_neq(endpoint_reason(s.peer), HF_OK);
    leftovers_expect_none(asked, "after the answer");
    leftovers_expect_none(s.peer, "after the answer");
}

/* ---------------------------------------------------------------- late, twice, never */

/* Everything else that may be called meanwhile, and must change nothing. */
static void call_others(hf_conn *c)
{
    uint8_t out[16];
    hf_span pending = hf_conn_outgoing(c);
    (void)hf_conn_incoming(c);
    (void)hf_conn_readable(c);
    cr_assert_eq(hf_conn_received(c, 0), HF_OK);
    cr_assert_eq(hf_conn_sent(c, 0), HF_OK);
    cr_assert_eq(hf_conn_consumed(c, 0), HF_OK);
    cr_assert_eq(hf_conn_written(c, 0), HF_OK);
    cr_assert_eq(hf_conn_sent(c, pending.size + 1), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_consumed(c, 1), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_set_server_name(c, "server.example"), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_set_session(c, NULL), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_renegotiate(c, &spare), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_export(c, "EXPERIMENTAL", NULL, out, sizeof out), HF_ERROR_BAD_STATE);
    hf_conn_flush(c);
    cr_assert_null(hf_conn_release_handshake(c));
}

Test(answers, late)
{
    for (size_t i = 0; i < KINDS; i++) {
        const kind *k = &kinds[i];
        const hf_question *question = reach(k);
        for (int turn = 0; turn < 20; turn++) {
            if (k->kind != HF_QUESTION_RENEGOTIATION)
                call_others(&asked->conn);
            cr_assert_eq(hf_conn_run(&asked->conn), HF_WAITING);
            cr_assert(pair_run(p));
            expect_open(k);
            cr_assert_eq(hf_conn_question(&asked->conn), question);
        }
        hf_answer answer = good_answer(k);
        cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_OK);
        expect_well(k);
    }
}

Test(answers, twice)
{
    for (size_t i = 0; i < KINDS; i++) {
        const kind *k = &kinds[i];
        (void)reach(k);
        hf_answer answer = good_answer(k);
        cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_OK);
        for (int again = 0; again < 3; again++)
            cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_ERROR_BAD_STATE);
        expect_well(k);
        cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_ERROR_BAD_STATE);
    }
}

/* Neither the end of the transport nor the wish to close answers it; wiping ends it. */
Test(answers, never)
{
    static const uint8_t zeroes[sizeof(hf_conn)];
    for (size_t i = 0; i < KINDS; i++) {
        const kind *k = &kinds[i];
        (void)reach(k);
        hf_conn_close(&asked->conn);
        cr_assert_eq(hf_conn_run(&asked->conn), HF_WAITING);
        hf_conn_eof(&asked->conn);
        cr_assert_eq(hf_conn_run(&asked->conn), HF_WAITING);
        cr_assert_not_null(hf_conn_question(&asked->conn));
        hf_answer answer = good_answer(k);
        hf_conn_wipe(&asked->conn);
        cr_assert(same_memory(&asked->conn, zeroes, sizeof asked->conn));
        cr_assert_null(leftovers_in(&asked->handshake, sizeof asked->handshake));
        cr_assert_null(leftovers_in(asked->rx, sizeof asked->rx));
        cr_assert_null(leftovers_in(asked->tx, sizeof asked->tx));
        cr_assert_null(hf_conn_question(&asked->conn));
        cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_ERROR_BAD_STATE);
    }
}

/* Too late: what happened meanwhile is noticed once the answer is there. */
Test(answers, after_the_end)
{
    for (size_t i = 0; i < KINDS; i++) {
        const kind *k = &kinds[i];
        (void)reach(k);
        hf_conn_eof(&asked->conn);
        hf_answer answer = good_answer(k);
        cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_OK);
        (void)endpoint_run(asked);
        bool is_inside = k->kind == HF_QUESTION_RENEGOTIATION;
        /* The rest of the client's flight had come already. */
        bool goes_on = k->kind == HF_QUESTION_DECRYPT || k->kind == HF_QUESTION_CERTIFICATE_URL ||
                       k->kind == HF_QUESTION_KEEP_SESSION;
        cr_assert_eq(endpoint_reason(asked),
                     is_inside || goes_on ? HF_ERROR_TRUNCATED : HF_ERROR_CLOSED_IN_HANDSHAKE,
                     "kind %d: %s", k->kind, reason_name(endpoint_reason(asked)));
        leftovers_expect_none(asked, "answered after the end");
    }
}

/* ---------------------------------------------------------------- of no use */

/* An answer that is none, or that promises bytes and points nowhere, leaves the question open. */
Test(answers, nothing_there)
{
    for (size_t i = 0; i < KINDS; i++) {
        const kind *k = &kinds[i];
        (void)reach(k);
        cr_assert_eq(hf_conn_answer(&asked->conn, NULL), HF_ERROR_BAD_ARGUMENT);
        expect_open(k);
        const hf_answer nowhere = {.output = {NULL, 5}};
        if (k->takes_output) {
            cr_assert_eq(hf_conn_answer(&asked->conn, &nowhere), HF_ERROR_BAD_ARGUMENT);
            expect_open(k);
        }
        hf_answer answer = good_answer(k);
        cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_OK);
        expect_well(k);
    }
}

Test(answers, rubbish)
{
    static uint8_t rubbish[70000];
    static const size_t sizes[] = {1, 2, 47, 48, 100, 20000, sizeof rubbish};
    memset(rubbish, 0x5b, sizeof rubbish);
    for (size_t i = 0; i < KINDS; i++)
        for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
            const kind *k = &kinds[i];
            (void)reach(k);
            hf_answer answer = {.output = {rubbish, sizes[size]},
                                .handshake = good_answer(k).handshake};
            hf_error error = hf_conn_answer(&asked->conn, &answer);
            cr_assert_eq(error, endpoint_reason(asked));
            expect_reason(k, sizes[size] > 1000 ? k->rubbish_large : k->rubbish_small);
        }
}

Test(answers, refused)
{
    for (size_t i = 0; i < KINDS; i++) {
        const kind *k = &kinds[i];
        const hf_answer answer = {.refused = true};
        (void)reach(k);
        hf_error error = hf_conn_answer(&asked->conn, &answer);
        cr_assert_eq(error, endpoint_reason(asked));
        expect_reason(k, k->refused);
    }
}

/* "What is not mentioned for a kind is not looked at": in all that belongs to other kinds stands a
 * pointer that leads to a crash. */
Test(answers, of_another_kind)
{
    void *const nowhere = (void *)(uintptr_t)16;
    for (size_t i = 0; i < KINDS; i++) {
        const kind *k = &kinds[i];
        (void)reach(k);
        hf_answer answer = good_answer(k);
        if (!k->takes_output)
            answer.output = (hf_span){nowhere, 1000};
        if (k->kind != HF_QUESTION_BINDING)
            answer.binding = nowhere;
        if (k->kind != HF_QUESTION_CREDENTIALS)
            answer.credentials = nowhere;
        if (k->kind != HF_QUESTION_RENEGOTIATION)
            answer.handshake = nowhere;
        cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_OK);
        expect_well(k);
    }
}

/* Credentials that are not complete would not have been taken in a configuration either. */
Test(answers, incomplete_credentials)
{
    static hf_credentials offers[4];
    static hf_binding binding;
    const kind *credentials = &kinds[HF_QUESTION_CREDENTIALS], *bound = &kinds[HF_QUESTION_BINDING];
    for (size_t i = 0; i < 3; i++) {
        (void)reach(i == 2 ? bound : credentials);
        hf_credentials whole = i == 2 ? p->server.offered[0] : s.client_offer;
        offers[0] = offers[1] = offers[2] = offers[3] = whole;
        offers[0].key = NULL;
        offers[1].chain_count = 0;
        offers[2].chain = NULL;
        for (size_t bad = 0; bad < 3; bad++) {
            binding = (hf_binding){.credentials = &offers[bad], .credentials_count = 1};
            hf_answer answer = {.binding = &binding, .credentials = &offers[bad]};
            cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_ERROR_BAD_ARGUMENT);
            expect_open(i == 2 ? bound : credentials);
        }
        binding = (hf_binding){.credentials = NULL, .credentials_count = 1};
        hf_answer answer = {.binding = &binding, .credentials = &offers[3]};
        if (i == 2)
            cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_ERROR_BAD_ARGUMENT);
        binding.credentials = &offers[3];
        cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_OK);
        expect_well(i == 2 ? bound : credentials);
    }
    /* A binding without any is complete, and serves nobody. */
    (void)reach(bound);
    binding = (hf_binding){.credentials_count = 0};
    const hf_answer answer = {.binding = &binding};
    cr_assert_eq(hf_conn_answer(&asked->conn, &answer), HF_OK);
    expect_reason(bound, HF_ERROR_NO_COMMON_SUITE);
}
