/* All sequences of messages, against the grammar of grammar.c: the engine goes on with those that
 * begin a handshake as the RFCs have it, and with no others.
 *
 * The sequences are a tree, walked in depth: what the victim is after a prefix is kept, and each
 * message is tried on it. Behind a refusal there is nothing to walk, since a connection that has
 * failed takes no byte any more, which is checked each time. Whatever is tried is a message that
 * could have been right, so that nothing but its place can be wrong with it: the other side's own
 * words to this very victim where it has said such a thing in the rehearsal, Finished and, where it
 * matters, CertificateVerify made anew over what the victim has seen (rehearsal_content). The
 * reason of each refusal is checked too, and one for the content would be another. */
#include "tests/flow/rehearsal.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#define LENGTH_MAX 12

typedef struct walk {
    uint16_t said[LENGTH_MAX];
    size_t length, length_max;
    unsigned beside_max; /* symbols in it that do not lead on, such as HelloRequest and alerts */
} walk;

static rehearsal r;
static walk w;

static const char *said(uint16_t last)
{
    static char text[512];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < w.length; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s ", symbol_name(w.said[i]));
    (void)snprintf(text + at, sizeof text - at, "%s", symbol_name(last));
    return text;
}

static void check(const char *wrong, uint16_t symbol)
{
    if (wrong != NULL)
        cr_assert_fail("%s: %s: %s", situation_name(&r.what), said(symbol), wrong);
}

/* RFC 5246 7.2.2: a connection that has failed is closed, whatever else comes. */
static const char *why_not_dead(void)
{
    hf_conn *c = &r.victim->conn;
    hf_error reason = hf_conn_run(c);
    if (hf_conn_incoming(c).size != 0 || hf_conn_received(c, 1) == HF_OK ||
        hf_conn_readable(c).size != 0 || hf_conn_writable(c).size != 0)
        return "it goes on after its end";
    return !c->failed || (reason != HF_OK && hf_conn_run(c) == reason) ? NULL : "it works again";
}

/* The handshake is over for the victim when it is for the grammar. */
static const char *why_not_as_far(const grammar *g)
{
    bool is_established = (hf_conn_wants(&r.victim->conn) & HF_ESTABLISHED) != 0;
    if (is_established == grammar_is_over(g))
        return NULL;
    return is_established ? "it takes that for the end" : "it does not take that for the end";
}

/* The symbol has led on, and did not only pass by. */
static bool is_progress(const grammar *before, const grammar *after)
{
    return memcmp(before->places, after->places, sizeof after->places) != 0;
}

/* As deep as LENGTH_MAX at most. NOLINTNEXTLINE(misc-no-recursion) */
static void explore(const grammar *before, unsigned beside)
{
    static moment moments[LENGTH_MAX];
    moment *now = &moments[w.length];
    rehearsal_save(&r, now);
    for (size_t i = 0; i < grammar_symbols(); i++) {
        uint16_t symbol = grammar_symbol(i);
        grammar after = *before;
        uint8_t alert;
        verdict v = grammar_step(&after, symbol, &alert);
        unsigned more = v == VERDICT_ACCEPTED && !is_progress(before, &after);
        if (beside + more > w.beside_max)
            continue;
        rehearsal_restore(&r, now);
        rehearsal_play(&r, symbol);
        check(rehearsal_why_wrong(&r, before, symbol), symbol);
        if (v != VERDICT_ACCEPTED) {
            check(why_not_dead(), symbol);
            continue;
        }
        check(why_not_as_far(&after), symbol);
        if (w.length + 1 == w.length_max)
            continue;
        w.said[w.length++] = symbol;
        explore(&after, beside + more);
        w.length--;
    }
}

static void explore_all(const situation *what, size_t length_max, unsigned beside_max)
{
    rehearse(&r, what);
    grammar g = grammar_of(what->victim == HF_CLIENT ? HF_SERVER : HF_CLIENT, what->kx,
                           situation_facts(what));
    w = (walk){.length_max = length_max, .beside_max = beside_max};
    explore(&g, 0);
}

typedef struct tree_case {
    hf_role victim;
    key_exchange kx;
} tree_case;

static struct criterion_test_params make_cases(void)
{
    enum { CASES = 2 * KEY_EXCHANGES };
    static tree_case cases[CASES];
    for (size_t i = 0; i < CASES; i++)
        cases[i] = (tree_case){i % 2 == 0 ? HF_CLIENT : HF_SERVER, (key_exchange)(i / 2)};
    return cr_make_param_array(tree_case, cases, CASES);
}

ParameterizedTestParameters(sequences, up_to_six)
{
    return make_cases();
}

/* Every sequence of up to six messages. */
ParameterizedTest(const tree_case *k, sequences, up_to_six)
{
    situation what = {k->victim, HF_TLS1_2, k->kx, AUTH_NONE, COURSE_FULL};
    for (what.auth = AUTH_NONE; what.auth < AUTHENTICATIONS; what.auth++)
        if (situation_exists(&what))
            explore_all(&what, 6, 6);
}

ParameterizedTestParameters(sequences, to_the_end)
{
    return make_cases();
}

/* Every whole handshake, with everything tried at each step of every way through it. */
ParameterizedTest(const tree_case *k, sequences, to_the_end)
{
    situation what = {.victim = k->victim, .kx = k->kx};
    for (what.version = HF_TLS1_0; what.version <= HF_TLS1_2; what.version++)
        for (what.auth = AUTH_NONE; what.auth < AUTHENTICATIONS; what.auth++)
            for (what.course = COURSE_FULL; what.course < COURSES; what.course++)
                if (situation_exists(&what))
                    explore_all(&what, LENGTH_MAX, what.version == HF_TLS1_2);
}
