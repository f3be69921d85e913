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

/* A prefix: what has become of the victim by it, and what comes next. */
typedef struct prefix {
    grammar g;
    moment now;
    unsigned beside; /* symbols in it that do not lead on, such as HelloRequest and alerts */
    size_t next;     /* symbol to be tried */
    uint16_t last;   /* symbol in it */
} prefix;

static rehearsal r;
static prefix prefixes[LENGTH_MAX]; /* by length */
static size_t length, length_max;
static unsigned beside_max;

static const char *said(uint16_t last)
{
    static char text[512];
    size_t at = 0;
    for (size_t i = 1; i <= length; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s ", symbol_name(prefixes[i].last));
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

static void begin_prefix(const grammar *g, unsigned beside, uint16_t last)
{
    prefix *p = &prefixes[length];
    p->g = *g;
    p->beside = beside;
    p->next = 0;
    p->last = last;
    rehearsal_save(&r, &p->now);
}

/* Tries a symbol behind a prefix, and makes a longer one of it if it is accepted. */
static void try_symbol(const prefix *p, uint16_t symbol)
{
    grammar after = p->g;
    uint8_t alert;
    verdict v = grammar_step(&after, symbol, &alert);
    unsigned beside = p->beside + (v == VERDICT_ACCEPTED && !is_progress(&p->g, &after));
    if (beside > beside_max)
        return;
    rehearsal_restore(&r, &p->now);
    rehearsal_play(&r, symbol);
    check(rehearsal_why_wrong(&r, &p->g, symbol), symbol);
    if (v != VERDICT_ACCEPTED) {
        check(why_not_dead(), symbol);
        return;
    }
    check(why_not_as_far(&after), symbol);
    if (length + 1 < length_max) {
        length++;
        begin_prefix(&after, beside, symbol);
    }
}

/* All sequences of at most `longest` symbols, `most_beside` of which do not lead on. */
static void explore(const situation *what, size_t longest, unsigned most_beside)
{
    rehearse(&r, what);
    grammar g = grammar_of(what->victim == HF_CLIENT ? HF_SERVER : HF_CLIENT, what->kx,
                           situation_facts(what));
    length = 0;
    length_max = longest;
    beside_max = most_beside;
    begin_prefix(&g, 0, 0);
    for (;;) {
        prefix *p = &prefixes[length];
        if (p->next < grammar_symbols())
            try_symbol(p, grammar_symbol(p->next++));
        else if (length-- == 0)
            break;
    }
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
            explore(&what, 6, 6);
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
                    explore(&what, LENGTH_MAX, what.version == HF_TLS1_2);
}
