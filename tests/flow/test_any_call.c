/* Every public call at any time: whatever is called in whatever order, with sensible arguments and
 * with others, a connection keeps its contract, and nobody is ever given wrong data. */
#include "tests/flow/contract.h"
#include "tests/flow/leftovers.h"
#include "tests/flow/renegotiate.h"
#include "tests/flow/stepper.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

static renegotiation n;
static uint64_t dice_state;

static size_t dice(size_t sides)
{
    uint8_t bytes[4];
    (void)test_random(&dice_state, bytes, sizeof bytes);
    return ((size_t)bytes[0] << 16 | (size_t)bytes[1] << 8 | bytes[2]) % sides;
}

static bool chance(size_t one_in)
{
    return dice(one_in) == 0;
}

/* ---------------------------------------------------------------- the world */

typedef struct side {
    endpoint *e;
    size_t written, read; /* application data: byte i is pattern(i) */
    hf_error reason;      /* once it has failed */
    bool was_established;
    hf_handshake *released;
} side;

static side sides[2];
static struct {
    unsigned established, renegotiated, closed, failed, answered, released;
} reached;                   /* over many lives, so that none of this is left out */
static bool is_line_damaged; /* then the two need not come to an end */

static uint8_t pattern(const side *s, size_t i)
{
    return (uint8_t)(i * 7 + (s == &sides[0] ? 1 : 100));
}

/* Everything that may be asked is asked, and everything that may be done is allowed. */
static void prepare(unsigned seed)
{
    static const uint16_t suites[] = {0xc02b, 0xc023, 0xcca9, 0x008c, 0x00a8, 0x0090};
    static const uint16_t versions[] = {HF_TLS1_2, HF_TLS1_2, HF_TLS1_2, HF_TLS1_0};
    uint16_t suite = suites[seed % 6];
    memset(&n, 0, sizeof n);
    dice_state = UINT64_C(0x9e3779b97f4a7c15) * (seed + 1);
    is_line_damaged = false;
    bool is_old = hf_suite_of(suite)->version_min <= HF_TLS1_0;
    uint16_t version = is_old ? versions[dice(4)] : HF_TLS1_2;
    reneg_prepare(&n, reneg_keys(suite), suite, version, (inner_handshake)dice(3));
    hf_config *client = &n.r.p.client.config, *server = &n.r.p.server.config;
    client->ask_about_chain = chance(2);
    client->ask_about_credentials = server->ask_about_binding = chance(2);
    server->ask_about_sessions = chance(2);
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        endpoint *e = reneg_end(&n, (hf_role)role);
        e->rx_size = HF_RX_MIN + 500 + dice(2000);
        e->tx_size = HF_TX_MIN + dice(2000);
        sides[role] = (side){.e = e};
    }
    pair_start(&n.r.p);
}

static side *other(const side *s)
{
    return s == &sides[0] ? &sides[1] : &sides[0];
}

/* ---------------------------------------------------------------- what a program does */

static void carry(side *s)
{
    hf_span out = hf_conn_outgoing(&s->e->conn);
    hf_buf in = hf_conn_incoming(&other(s)->e->conn);
    size_t size = dice(out.size + 1);
    size = chance(2) ? out.size : size;
    size = size < in.size ? size : in.size;
    if (size != 0)
        memcpy(in.data, out.data, size);
    cr_assert_eq(hf_conn_received(&other(s)->e->conn, size), HF_OK);
    cr_assert_eq(hf_conn_sent(&s->e->conn, size), HF_OK);
}

static void write_some(side *s)
{
    hf_buf room = hf_conn_writable(&s->e->conn);
    size_t size = dice(room.size + 1);
    for (size_t i = 0; i < size; i++)
        room.data[i] = pattern(s, s->written + i);
    cr_assert_eq(hf_conn_written(&s->e->conn, size), HF_OK);
    s->written += size;
}

static void read_some(side *s)
{
    hf_span data = hf_conn_readable(&s->e->conn);
    size_t size = dice(data.size + 1);
    for (size_t i = 0; i < data.size; i++)
        cr_assert_eq(data.data[i], pattern(other(s), s->read + i), "wrong data");
    cr_assert_leq(s->read + data.size, other(s)->written);
    cr_assert_eq(hf_conn_consumed(&s->e->conn, size), HF_OK);
    s->read += size;
}

static void answer(side *s)
{
    const hf_question *question = hf_conn_question(&s->e->conn);
    hf_answer given = {.refused = chance(8)};
    if (question != NULL && question->kind == HF_QUESTION_RENEGOTIATION && s->released != NULL)
        given.handshake = s->released;
    if (question != NULL && question->kind == HF_QUESTION_FIND_SESSION)
        given.refused = true;
    hf_error error = hf_conn_answer(&s->e->conn, &given);
    if (question == NULL)
        cr_assert_eq(error, HF_ERROR_BAD_STATE);
    else
        cr_assert_eq(error, endpoint_reason(s->e));
    if (error == HF_OK && !given.refused && given.handshake != NULL)
        s->released = NULL;
    reached.answered += error == HF_OK;
}

static void renegotiate(side *s)
{
    hf_error error = hf_conn_renegotiate(&s->e->conn, s->released);
    cr_assert(error == HF_OK || error == HF_ERROR_BAD_STATE);
    if (error == HF_OK)
        s->released = NULL;
}

static void release(side *s)
{
    static const hf_handshake zeroes;
    hf_handshake *handshake = hf_conn_release_handshake(&s->e->conn);
    if (handshake == NULL)
        return;
    cr_assert_eq(handshake, &s->e->handshake);
    cr_assert(same_memory(handshake, &zeroes, sizeof zeroes), "handed back with something in it");
    s->released = handshake;
    reached.released++;
}

static void pump(side *s)
{
    uint8_t out[300];
    size_t in_size = 0, out_size = dice(sizeof out + 1);
    hf_error error = hf_pump(&s->e->conn, NULL, &in_size, out, &out_size);
    cr_assert(error == HF_OK || error == HF_WAITING || error == endpoint_reason(s->e));
    /* What it has taken out goes the usual way, if there is room. */
    hf_buf in = hf_conn_incoming(&other(s)->e->conn);
    if (out_size > in.size) {
        is_line_damaged = true;
        return;
    }
    if (out_size != 0)
        memcpy(in.data, out, out_size);
    cr_assert_eq(hf_conn_received(&other(s)->e->conn, out_size), HF_OK);
}

/* ---------------------------------------------------------------- what it should not do */

static void claim_too_much(side *s)
{
    hf_conn *c = &s->e->conn;
    const size_t beyond[] = {1, 2, 1000, SIZE_MAX / 2};
    size_t more = beyond[dice(4)];
    cr_assert_neq(hf_conn_received(c, hf_conn_incoming(c).size + more), HF_OK);
    cr_assert_neq(hf_conn_sent(c, hf_conn_outgoing(c).size + more), HF_OK);
    cr_assert_neq(hf_conn_consumed(c, hf_conn_readable(c).size + more), HF_OK);
    cr_assert_neq(hf_conn_written(c, hf_conn_writable(c).size + more), HF_OK);
}

static void claim_nothing(side *s)
{
    hf_conn *c = &s->e->conn;
    cr_assert_eq(hf_conn_received(c, 0), HF_OK);
    cr_assert_eq(hf_conn_sent(c, 0), HF_OK);
    cr_assert_eq(hf_conn_consumed(c, 0), HF_OK);
    cr_assert_eq(hf_conn_written(c, 0), HF_OK);
}

static void come_too_late(side *s)
{
    hf_conn *c = &s->e->conn;
    cr_assert_eq(hf_conn_set_server_name(c, NULL), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_answer(c, NULL),
                 hf_conn_question(c) == NULL ? HF_ERROR_BAD_STATE : HF_ERROR_BAD_ARGUMENT);
    if (hf_conn_version(c) == 0)
        return;
    cr_assert_eq(hf_conn_set_server_name(c, "other.example"), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_set_session(c, NULL), HF_ERROR_BAD_STATE);
}

static void export(side *s)
{
    uint8_t out[20];
    hf_error error = hf_conn_export(&s->e->conn, "EXPERIMENTAL", NULL, out, dice(sizeof out + 1));
    cr_assert(error == HF_OK || error == HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_export(&s->e->conn, NULL, NULL, out, 1), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_export(&s->e->conn, "EXPERIMENTAL", NULL, NULL, 1), HF_ERROR_BAD_ARGUMENT);
}

/* Spans that are views of something are readable, and nothing else happens. */
static void ask_around(side *s)
{
    const hf_conn *c = &s->e->conn;
    const hf_span spans[] = {hf_conn_protocol(c), hf_conn_server_name(c), hf_conn_psk_identity(c)};
    size_t sum = 0;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < spans[i].size; k++)
            sum += spans[i].data[k];
    cr_assert_leq(sum, 255 * (spans[0].size + spans[1].size + spans[2].size));
    (void)hf_conn_resumed(c), (void)hf_conn_client_authenticated(c);
    (void)hf_conn_encrypt_then_mac(c), (void)hf_conn_extended_master_secret(c);
    (void)hf_conn_secure_renegotiation(c), (void)hf_conn_truncated_hmac(c);
    (void)hf_conn_max_fragment_length(c);
    cr_assert_leq(hf_conn_record_limit_sent(c), HF_RECORD_PLAINTEXT_MAX);
    cr_assert_leq(hf_conn_record_limit_taken(c), HF_RECORD_PLAINTEXT_MAX);
    cr_assert(hf_conn_suite(c) == NULL || hf_conn_version(c) != 0);
    cr_assert(hf_conn_group(c) == NULL || hf_conn_suite(c) != NULL);
    cr_assert_eq(hf_conn_role(c), s == &sides[HF_CLIENT] ? HF_CLIENT : HF_SERVER);
    (void)hf_conn_scheme(c), (void)hf_conn_binding(c);
}

static void inject(side *s)
{
    hf_buf in = hf_conn_incoming(&s->e->conn);
    size_t size = dice(40);
    size = size < in.size ? size : in.size;
    for (size_t i = 0; i < size; i++)
        in.data[i] = (uint8_t)dice(256);
    cr_assert_eq(hf_conn_received(&s->e->conn, size), HF_OK);
    is_line_damaged = is_line_damaged || size != 0;
}

static void run(side *s)
{
    (void)contract_run(s->e);
}

static void flush(side *s)
{
    hf_conn_flush(&s->e->conn);
}

static void close_it(side *s)
{
    hf_conn_close(&s->e->conn);
}

static void end_it(side *s)
{
    hf_conn_eof(&s->e->conn);
    is_line_damaged = true;
}

static void idle(side *s)
{
    contract_expect_idle(s->e);
}

/* The more often the more weight. */
static const struct {
    void (*act)(side *s);
    unsigned weight;
} calls[] = {
    {run, 60},          {carry, 60},  {write_some, 12}, {read_some, 12},     {answer, 8},
    {renegotiate, 5},   {release, 2}, {pump, 3},        {claim_too_much, 6}, {claim_nothing, 6},
    {come_too_late, 6}, {export, 3},  {ask_around, 6},  {flush, 8},          {idle, 6},
};

/* Such as end it; at most one of these in a life. */
static void (*const ends[])(side *s) = {close_it, end_it, inject};

static void act_at_random(side *s)
{
    unsigned total = 0;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        total += calls[i].weight;
    size_t chosen = dice(total), i = 0;
    while (chosen >= calls[i].weight)
        chosen -= calls[i++].weight;
    calls[i].act(s);
}

/* ---------------------------------------------------------------- what must hold */

static void expect_contract(side *s)
{
    uint32_t wants = hf_conn_wants(&s->e->conn);
    contract_expect(s->e);
    cr_assert(s->reason == HF_OK || endpoint_reason(s->e) == s->reason, "another reason");
    cr_assert(!s->was_established || (wants & HF_ESTABLISHED) != 0);
    s->reason = endpoint_reason(s->e);
    s->was_established = (wants & HF_ESTABLISHED) != 0;
}

/* Without anything to disturb them both sides come to an orderly end. */
static void finish(void)
{
    for (int turn = 0; turn < 200; turn++)
        for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
            side *s = &sides[role];
            hf_error error = endpoint_run(s->e);
            if (error == HF_WAITING)
                answer(s);
            carry(s);
            read_some(s);
            expect_contract(s);
            if (turn == 100)
                hf_conn_close(&s->e->conn);
        }
}

static void one_life(unsigned seed)
{
    prepare(seed);
    leftovers_forget();
    size_t turns = 100 + dice(1500), end = dice(2 * turns);
    for (size_t turn = 0; turn < turns; turn++) {
        side *s = &sides[dice(2)];
        if (turn == end)
            ends[dice(3)](s);
        else
            act_at_random(s);
        expect_contract(&sides[0]);
        expect_contract(&sides[1]);
    }
    finish();
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        bool has_ended = (hf_conn_wants(&sides[role].e->conn) & (HF_CLOSED | HF_FAILED)) != 0;
        cr_assert(has_ended || is_line_damaged || sides[0].reason != HF_OK ||
                      sides[1].reason != HF_OK,
                  "seed %u: side %d does not come to an end", seed, role);
        leftovers_expect_none(sides[role].e, "after a life");
        reached.established += n.seen[role].established != 0;
        reached.renegotiated += n.seen[role].established > 1;
        reached.closed += (hf_conn_wants(&sides[role].e->conn) & HF_CLOSED) != 0;
        reached.failed += sides[role].reason != HF_OK;
    }
}

enum { LIVES = 40 };

ParameterizedTestParameters(any_call, lives)
{
    static unsigned groups[] = {0, 1, 2, 3, 4};
    return cr_make_param_array(unsigned, groups, sizeof groups / sizeof groups[0]);
}

ParameterizedTest(const unsigned *group, any_call, lives)
{
    for (unsigned i = 0; i < LIVES; i++)
        one_life(*group * LIVES + i);
    cr_assert_gt(reached.established, LIVES);
    cr_assert_gt(reached.renegotiated, LIVES / 4);
    cr_assert_gt(reached.closed, LIVES / 4);
    cr_assert_gt(reached.failed, LIVES / 4);
    cr_assert_gt(reached.answered, LIVES);
    cr_assert_gt(reached.released, LIVES / 2);
}

/* A connection that is all zeros has not begun, or was wiped. */
static void call_all(side *s)
{
    hf_conn *c = &s->e->conn;
    uint8_t out[10];
    size_t in_size = 0, out_size = sizeof out;
    contract_expect(s->e);
    claim_nothing(s);
    claim_too_much(s);
    ask_around(s);
    cr_assert_eq(hf_conn_run(c), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_pump(c, NULL, &in_size, out, &out_size), HF_ERROR_BAD_STATE);
    cr_assert_eq(out_size, 0);
    cr_assert_eq(hf_conn_set_server_name(c, "server.example"), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_set_session(c, NULL), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_renegotiate(c, &n.spare), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_answer(c, NULL), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_export(c, "EXPERIMENTAL", NULL, out, 1), HF_ERROR_BAD_STATE);
    cr_assert_null(hf_conn_release_handshake(c));
    cr_assert_null(hf_conn_failure(c));
    hf_conn_flush(c);
    hf_conn_close(c);
    hf_conn_eof(c);
    cr_assert_eq(hf_conn_wants(c), 0);
    hf_conn_wipe(c);
    cr_assert_eq(hf_conn_run(c), HF_ERROR_BAD_STATE);
}

Test(any_call, not_begun_or_wiped)
{
    prepare(0);
    hf_conn_wipe(&n.r.p.client.conn);
    call_all(&sides[HF_CLIENT]);
    cr_assert(pair_run(&n.r.p));
    memset(&n.r.p.client.conn, 0, sizeof n.r.p.client.conn);
    call_all(&sides[HF_CLIENT]);
    call_all(&sides[HF_CLIENT]);
}
