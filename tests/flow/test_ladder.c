/* Everything at every step of every handshake, against the grammar of grammar.c: what is not next
 * in order is refused with the alert of the RFCs, whatever it is, and what is goes on, however it
 * is cut into records. */
#include "tests/flow/rehearsal.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#define UNEXPECTED_MESSAGE 10
#define BAD_RECORD_MAC     20
#define DECODE_ERROR       50

static rehearsal r;
static moment now;
static grammar g;
static size_t step; /* messages of the other side that the victim has had */

/* ---------------------------------------------------------------- expectations */

static void check(const char *wrong, const char *trial, unsigned detail)
{
    if (wrong != NULL)
        cr_assert_fail("%s; step %zu; %s %u: %s", situation_name(&r.what), step, trial, detail,
                       wrong);
}

static void expect_accepted(const char *trial, unsigned detail)
{
    check(rehearsal_why_not_accepted(&r), trial, detail);
}

static void expect_refused(const char *trial, unsigned detail, hf_error reason, uint8_t alert)
{
    check(rehearsal_why_not_refused(&r, reason, alert), trial, detail);
}

/* What is left to come, from the rehearsal. */
static const part *next_part(size_t ahead)
{
    const script *s = rehearsed(&r);
    return step + ahead < s->count ? &s->parts[step + ahead] : NULL;
}

static bool is_message(const part *p)
{
    return p != NULL && p->symbol != SYMBOL_CHANGE_CIPHER_SPEC;
}

static size_t next_message(uint8_t *content)
{
    size_t size;
    cr_assert_eq(rehearsal_content(&r, next_part(0)->symbol, content, &size), HF_CONTENT_HANDSHAKE);
    return size;
}

/* ---------------------------------------------------------------- order */

static bool is_in_order(uint8_t type)
{
    uint8_t alert;
    return grammar_peek(&g, type, &alert) == VERDICT_ACCEPTED;
}

/* HelloRequest and ServerHelloDone have no body; a ClientHello that asks for another handshake is
 * not looked into where there is to be none. */
static bool is_right_without_body(uint8_t type)
{
    return type == HF_HELLO_REQUEST || type == HF_SERVER_HELLO_DONE ||
           (type == HF_CLIENT_HELLO && grammar_is_over(&g));
}

/* RFC 5246 7.4: a type out of order is an unexpected_message, also one that nobody knows. In order
 * it is a message that is too short, RFC 5246 7.2.2. */
static void try_types(void)
{
    for (unsigned type = 0; type < 256; type++) {
        const uint8_t header[4] = {(uint8_t)type, 0, 0, 0};
        bool in_order = is_in_order((uint8_t)type);
        rehearsal_restore(&r, &now);
        rehearsal_give(&r, HF_CONTENT_HANDSHAKE, header, sizeof header);
        if (!in_order || is_right_without_body((uint8_t)type))
            check(rehearsal_why_wrong(&r, &g, (uint16_t)type), "type", type);
        else
            expect_refused("type", type, HF_ERROR_MESSAGE_SYNTAX, DECODE_ERROR);
    }
}

/* The type alone is enough: nobody waits for 16 megabytes of a message that may not come (RFC 5246
 * F.5), nor looks into its body. */
static void try_types_at_once(void)
{
    for (unsigned type = 0; type < 256; type++) {
        const uint8_t header[4] = {(uint8_t)type, 0xff, 0xff, 0xff};
        if (is_in_order((uint8_t)type))
            continue;
        rehearsal_restore(&r, &now);
        rehearsal_give(&r, HF_CONTENT_HANDSHAKE, header, sizeof header);
        check(rehearsal_why_wrong(&r, &g, (uint16_t)type), "type at once", type);
    }
}

/* Everything that is somewhere right, and alerts and data. */
static void try_symbols(void)
{
    for (size_t i = 0; i < grammar_symbols(); i++) {
        rehearsal_restore(&r, &now);
        rehearsal_play(&r, grammar_symbol(i));
        check(rehearsal_why_wrong(&r, &g, grammar_symbol(i)), symbol_name(grammar_symbol(i)), 0);
    }
}

/* ---------------------------------------------------------------- records */

static hf_error unknown_type(void)
{
    return r.victim->conn.in.begun ? HF_ERROR_RECORD_TYPE : HF_ERROR_NOT_TLS;
}

/* RFC 5246 6: a ContentType that is not known is an unexpected_message, with content or without;
 * 6.2.1: only application data may come in empty records, once it may come at all. */
static void try_contents(size_t size)
{
    for (unsigned type = 0; type < 256; type++) {
        rehearsal_restore(&r, &now);
        if (type >= HF_CONTENT_CHANGE_CIPHER_SPEC && type <= HF_CONTENT_APPLICATION_DATA)
            continue;
        hf_error reason = unknown_type();
        rehearsal_give(&r, (uint8_t)type, "\1", size);
        expect_refused("content type", type, reason, UNEXPECTED_MESSAGE);
    }
}

static void try_empty_records(void)
{
    uint8_t alert;
    try_contents(0);
    for (unsigned type = HF_CONTENT_CHANGE_CIPHER_SPEC; type <= HF_CONTENT_HANDSHAKE; type++) {
        rehearsal_restore(&r, &now);
        rehearsal_give(&r, (uint8_t)type, NULL, 0);
        expect_refused("empty record", type, HF_ERROR_RECORD_EMPTY, UNEXPECTED_MESSAGE);
    }
    rehearsal_restore(&r, &now);
    rehearsal_give(&r, HF_CONTENT_APPLICATION_DATA, NULL, 0);
    if (grammar_peek(&g, SYMBOL_APPLICATION_DATA, &alert) == VERDICT_ACCEPTED)
        expect_accepted("empty record", HF_CONTENT_APPLICATION_DATA);
    else
        expect_refused("empty record", HF_CONTENT_APPLICATION_DATA, HF_ERROR_DATA_IN_HANDSHAKE,
                       alert);
}

static void try_full_records(void)
{
    try_contents(1);
    rehearsal_restore(&r, &now);
    rehearsal_give(&r, HF_CONTENT_ALERT, "\1", 1);
    expect_refused("half an alert", 0, HF_ERROR_ALERT_LENGTH, DECODE_ERROR);
}

/* ---------------------------------------------------------------- ChangeCipherSpec */

/* RFC 5246 7.1: a single byte of value 1, whether it may come or not. */
static void try_change_cipher_spec(void)
{
    for (unsigned value = 0; value < 256; value++) {
        const uint8_t content[2] = {(uint8_t)value, 1};
        for (size_t size = 1; size <= 2; size++) {
            if (value == 1 && size == 1)
                continue;
            rehearsal_restore(&r, &now);
            rehearsal_give(&r, HF_CONTENT_CHANGE_CIPHER_SPEC, content, size);
            expect_refused("ChangeCipherSpec of value", value, HF_ERROR_CHANGE_CIPHER_SPEC_CONTENT,
                           UNEXPECTED_MESSAGE);
        }
    }
}

/* A second one, not protected as all is behind the first. */
static void try_second_change(void)
{
    rehearsal_restore(&r, &now);
    if (r.victim->conn.in.protection.kind == HF_PROTECT_NOTHING)
        return;
    uint8_t record[6];
    rehearsal_give_bytes(
        &r, record, clear_record(record, HF_CONTENT_CHANGE_CIPHER_SPEC, r.what.version, "\1", 1));
    expect_refused("ChangeCipherSpec in the clear", 0, HF_ERROR_BAD_RECORD_MAC, BAD_RECORD_MAC);
}

/* ---------------------------------------------------------------- messages and records */

/* RFC 5246 7.1, 6.2.1: keys change between messages, not within one, and nothing else goes between
 * the parts of a message. */
static void expect_nothing_amid(const char *trial, size_t pending)
{
    static const uint8_t others[] = {HF_CONTENT_CHANGE_CIPHER_SPEC, HF_CONTENT_APPLICATION_DATA};
    static moment amid;
    if (r.victim->conn.failed)
        check(reason_name(endpoint_reason(r.victim)), trial, (unsigned)pending);
    rehearsal_save(&r, &amid);
    for (size_t i = 0; i < sizeof others; i++) {
        rehearsal_restore(&r, &amid);
        rehearsal_give(&r, others[i], "\1", 1);
        expect_refused(trial, (unsigned)pending, HF_ERROR_SPLIT_ACROSS_KEY_CHANGE,
                       UNEXPECTED_MESSAGE);
    }
}

/* Where in a message of this size it is cut: within its header, behind it, before its end. */
static size_t cuts_of(size_t size, size_t cuts[5])
{
    const size_t places[5] = {1, 3, 4, size / 2, size - 1};
    size_t count = 0;
    for (size_t i = 0; i < 5; i++)
        if (places[i] != 0 && places[i] < size && (count == 0 || places[i] > cuts[count - 1]))
            cuts[count++] = places[i];
    return count;
}

static void try_unfinished(void)
{
    uint8_t content[CONTENT_MAX];
    size_t cuts[5], size;
    if (!is_message(next_part(0)))
        return;
    rehearsal_restore(&r, &now);
    size = next_message(content);
    for (size_t i = 0, count = cuts_of(size, cuts); i < count; i++) {
        rehearsal_restore(&r, &now);
        rehearsal_give(&r, HF_CONTENT_HANDSHAKE, content, cuts[i]);
        expect_nothing_amid("unfinished message, bytes", cuts[i]);
    }
}

/* All messages up to the next ChangeCipherSpec. */
static size_t join_messages(uint8_t *joined, size_t *count)
{
    size_t total = 0, size;
    for (*count = 0; is_message(next_part(*count)); ++*count, total += size) {
        uint16_t symbol = next_part(*count)->symbol;
        cr_assert_eq(rehearsal_content(&r, symbol, joined + total, &size), HF_CONTENT_HANDSHAKE);
    }
    return total;
}

/* RFC 5246 6.2.1: messages may share a record, here all up to the ChangeCipherSpec. */
static void try_merged(void)
{
    static uint8_t joined[SCRIPT_MAX * CONTENT_MAX];
    size_t count, size;
    if (step != 0)
        return;
    rehearsal_restore(&r, &now);
    size = join_messages(joined, &count);
    rehearsal_give(&r, HF_CONTENT_HANDSHAKE, joined, size);
    expect_accepted("messages merged", (unsigned)count);
    while (next_part(count) != NULL) {
        rehearsal_play(&r, next_part(count)->symbol);
        expect_accepted("behind messages merged", (unsigned)count++);
    }
}

/* What follows in the record is judged as it would be in one of its own, and a message that has
 * begun in it does not wait for new keys. */
static void try_merged_with_finished(void)
{
    uint8_t content[2 * CONTENT_MAX];
    size_t size, finished_size;
    if (!is_message(next_part(0)) || next_part(1) == NULL || is_message(next_part(1)))
        return;
    rehearsal_restore(&r, &now);
    size = next_message(content);
    (void)rehearsal_content(&r, HF_FINISHED, content + size, &finished_size);
    rehearsal_give(&r, HF_CONTENT_HANDSHAKE, content, size + finished_size);
    expect_refused("merged with Finished", 0, HF_ERROR_UNEXPECTED_MESSAGE, UNEXPECTED_MESSAGE);
    rehearsal_restore(&r, &now);
    rehearsal_give(&r, HF_CONTENT_HANDSHAKE, content, size + 1);
    expect_nothing_amid("merged with the beginning of Finished", 1);
}

/* A Finished that begins before its ChangeCipherSpec, or comes along in the same record. */
static void try_around_change(void)
{
    uint8_t finished[CONTENT_MAX], content[1 + 4 + HF_VERIFY_DATA_SIZE] = {1};
    size_t size;
    const part *next = next_part(0);
    if (next == NULL || is_message(next))
        return;
    rehearsal_restore(&r, &now);
    (void)rehearsal_content(&r, HF_FINISHED, finished, &size);
    rehearsal_give(&r, HF_CONTENT_HANDSHAKE, finished, 1);
    expect_nothing_amid("Finished begun before ChangeCipherSpec", 1);
    rehearsal_restore(&r, &now);
    rehearsal_give(&r, HF_CONTENT_HANDSHAKE, finished, size);
    expect_refused("Finished before ChangeCipherSpec", 0, HF_ERROR_UNEXPECTED_MESSAGE,
                   UNEXPECTED_MESSAGE);
    memcpy(content + 1, finished, size);
    rehearsal_restore(&r, &now);
    rehearsal_give(&r, HF_CONTENT_CHANGE_CIPHER_SPEC, content, 1 + size);
    expect_refused("ChangeCipherSpec with Finished in it", 0, HF_ERROR_CHANGE_CIPHER_SPEC_CONTENT,
                   UNEXPECTED_MESSAGE);
}

/* RFC 5246 7.2.2: a length in the header that does not go with the body, by one byte. */
static void try_lengths(void)
{
    uint8_t content[CONTENT_MAX];
    if (!is_message(next_part(0)))
        return;
    rehearsal_restore(&r, &now);
    size_t size = next_message(content);
    content[size] = 0;
    for (size_t given = size - (size != 4); given <= size + 1; given++) {
        if (given == size)
            continue;
        content[2] = (uint8_t)((given - 4) >> 8);
        content[3] = (uint8_t)(given - 4);
        rehearsal_restore(&r, &now);
        rehearsal_give(&r, HF_CONTENT_HANDSHAKE, content, given);
        const hf_failure *why = hf_conn_failure(&r.victim->conn);
        hf_error reason = why != NULL ? why->reason : HF_OK;
        check(reason == HF_ERROR_MESSAGE_SYNTAX || reason == HF_ERROR_MESSAGE_TRAILING_BYTES ||
                      reason == HF_ERROR_EXTENSION_SYNTAX
                  ? NULL
                  : reason_name(reason),
              "message of bytes", (unsigned)given);
        expect_refused("message of bytes", (unsigned)given, reason, DECODE_ERROR);
    }
}

/* ---------------------------------------------------------------- HelloRequest */

/* RFC 5246 7.4.1.1: ignored by a client in a handshake; with a body it is no HelloRequest. */
static void try_hello_requests(void)
{
    if (r.what.victim == HF_SERVER || grammar_is_over(&g))
        return;
    rehearsal_restore(&r, &now);
    for (unsigned i = 0; i < 20; i++) {
        rehearsal_give(&r, HF_CONTENT_HANDSHAKE, "\0\0\0", 4);
        expect_accepted("HelloRequest", i);
    }
    rehearsal_restore(&r, &now);
    rehearsal_give(&r, HF_CONTENT_HANDSHAKE, "\0\0\0\1", 5);
    expect_refused("HelloRequest with a body", 0, HF_ERROR_MESSAGE_TRAILING_BYTES, DECODE_ERROR);
}

/* ---------------------------------------------------------------- every step */

typedef void trial_function(void);

static trial_function *const trials[] = {
    try_symbols,
    try_types,
    try_types_at_once,
    try_full_records,
    try_empty_records,
    try_unfinished,
    try_merged,
    try_merged_with_finished,
    try_second_change,
    try_around_change,
    try_change_cipher_spec,
    try_lengths,
    try_hello_requests,
};

/* RFC 5246 6.2.1: a message may be spread over records, even byte by byte; 7.4.1.1: a HelloRequest
 * does not enter the transcript, or the Finished at the end would not fit. */
static void go_on(const part *next)
{
    uint8_t content[CONTENT_MAX];
    if (is_message(next)) {
        if (r.what.victim == HF_CLIENT)
            rehearsal_play(&r, HF_HELLO_REQUEST);
        size_t size = next_message(content);
        if (next->symbol == HF_FINISHED) /* which is over what the victim has seen by now */
            cr_assert_eq(memcmp(content + 4, r.verify_data, sizeof r.verify_data), 0, "%s",
                         situation_name(&r.what));
        for (size_t i = 0; i < size; i++)
            rehearsal_give(&r, HF_CONTENT_HANDSHAKE, content + i, 1);
    } else {
        rehearsal_play(&r, next->symbol);
    }
    expect_accepted(symbol_name(next->symbol), 0);
}

/* Goes through the rehearsal, and tries everything before each message and behind the last. */
static void walk(const situation *what)
{
    uint8_t alert;
    rehearse(&r, what);
    g = grammar_of(what->victim == HF_CLIENT ? HF_SERVER : HF_CLIENT, what->kx,
                   situation_facts(what));
    for (step = 0;; step++) {
        rehearsal_save(&r, &now);
        for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++)
            trials[i]();
        const part *next = next_part(0);
        if (next == NULL)
            break;
        cr_assert_eq(grammar_step(&g, next->symbol, &alert), VERDICT_ACCEPTED, "%s: %s",
                     situation_name(what), symbol_name(next->symbol));
        rehearsal_restore(&r, &now);
        go_on(next);
    }
    cr_assert(grammar_is_over(&g), "%s", situation_name(what));
    rehearsal_restore(&r, &now);
    cr_assert(hf_conn_wants(&r.victim->conn) & HF_ESTABLISHED);
}

typedef struct walk_case {
    hf_role victim;
    key_exchange kx;
} walk_case;

ParameterizedTestParameters(ladder, every_step)
{
    enum { CASES = 2 * KEY_EXCHANGES };
    static walk_case cases[CASES];
    for (size_t i = 0; i < CASES; i++)
        cases[i] = (walk_case){i % 2 == 0 ? HF_CLIENT : HF_SERVER, (key_exchange)(i / 2)};
    return cr_make_param_array(walk_case, cases, CASES);
}

ParameterizedTest(const walk_case *k, ladder, every_step)
{
    situation what = {.victim = k->victim, .kx = k->kx};
    for (what.version = HF_TLS1_0; what.version <= HF_TLS1_2; what.version++)
        for (what.auth = AUTH_NONE; what.auth < AUTHENTICATIONS; what.auth++)
            for (what.course = COURSE_FULL; what.course < COURSES; what.course++)
                if (situation_exists(&what))
                    walk(&what);
}

/* Two handshakes at once, crossed: the server's flight of one for the client of the other. */
Test(ladder, messages_of_another_handshake)
{
    static stepper s, saved;
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
