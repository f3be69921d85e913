/* Every part of the connections of recorded.c changed in every way that a line could: cut off at
 * each byte, with and without the lengths around the cut mended; each vector shortened to each size
 * and lengthened; each length one off, nothing and the most; each code point replaced by the others
 * of its registry and by some of none; each bit flipped; the record's header likewise; the part
 * twice. What is protected is changed both as the line sees it and under the keys.
 *
 * Whatever is done, both sides end with a reason, one of them having found it out and told the
 * other, or both have seen the same messages and agree on all that was negotiated. All handshake
 * messages are hashed into Finished (RFC 5246 7.4.9), so that not one changed bit of them may
 * survive.
 *
 * In connections without public-key operations all of this is done in full. In the others each bit
 * of the framing (lengths, code points and what is not in a vector of bytes) is flipped, but one
 * bit of each byte inside names, keys, signatures and certificates, and of those longer than 200
 * bytes one of every fourth byte, which also are cut at every seventh alone. Of the changes of
 * ClientHello, ServerHello and CertificateRequest that may well be accepted at first
 * (is_sampled_out) one of 16 or 4 is tried, in each connection another, and one of 4 of those
 * inside a renegotiation. Hellos in the format of SSL 2.0 are in test_v2_hello.c. */
#include "tests/flow/fields.h"
#include "tests/flow/recorded.h"
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 20000
#define LONG_VECTOR 200

static recording now, saved;
static const recorded *current;

/* What is changed: a message in the clear, the content of a record, or one message inside a
 * protected record. */
typedef struct target {
    flight_part whole;
    bool is_message, is_inside;
    uint8_t plain[MESSAGE_MAX]; /* all that the record protects */
    size_t plain_size, begin, size;
    fields_context context;
    fields fields;
    size_t index; /* of the part in its connection */
    size_t tried; /* that may be left out */
} target;

static target t;

/* The target, changed. */
static uint8_t changed[MESSAGE_MAX];
static size_t changed_size;

static struct {
    const char *what;
    size_t at;
    unsigned value;
} doing;

static const char *where(void)
{
    static char text[200];
    (void)snprintf(text, sizeof text, "%s, part %zu (%s %s), %s at %zu: %x", current->name, t.index,
                   t.whole.sender == HF_CLIENT ? "client's" : "server's",
                   t.is_message ? hf_message_name(t.plain[t.begin]) : "record", doing.what,
                   doing.at, doing.value);
    return text;
}

/* ---------------------------------------------------------------- numbers */

static size_t get(const uint8_t *bytes, size_t width)
{
    size_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void put(uint8_t *bytes, size_t width, size_t value)
{
    for (size_t i = width; i-- > 0; value >>= 8)
        bytes[i] = (uint8_t)value;
}

/* ---------------------------------------------------------------- outcomes */

static endpoint *victim(void)
{
    return recording_end(&now, recording_other(t.whole.sender));
}

static bool is_found(hf_error reason)
{
    return reason != HF_OK && reason != HF_ERROR_PEER_ALERT &&
           reason != HF_ERROR_CLOSED_IN_HANDSHAKE && reason != HF_ERROR_TRUNCATED;
}

/* The reason says what was wrong with what came, and its alert went out, unless it would have been
 * behind a close_notify (RFC 5246 7.2.1). */
static void expect_reason(const endpoint *e)
{
    const hf_failure *why = hf_conn_failure(&e->conn);
    const hf_reason *reason = hf_reason_of(why->reason);
    cr_assert(reason->class_ != HF_CLASS_MISUSE && reason->class_ != HF_CLASS_LOCAL, "%s: %s",
              where(), reason->symbol);
    cr_assert_not(why->alert_received);
    cr_assert_eq(why->alert, e->conn.close_sent ? HF_ALERT_NONE : reason->alert, "%s: %s", where(),
                 reason->symbol);
}

static void expect_heard(const endpoint *e, const endpoint *from)
{
    const hf_failure *heard = hf_conn_failure(&e->conn), *why = hf_conn_failure(&from->conn);
    cr_assert_not_null(heard, "%s: one side has heard of nothing", where());
    cr_assert_eq(heard->reason, HF_ERROR_PEER_ALERT, "%s: %s, and on the other side %s", where(),
                 reason_name(why->reason), reason_name(heard->reason));
    cr_assert_eq(heard->alert_level, HF_ALERT_LEVEL_FATAL);
    cr_assert_eq(heard->alert, why->alert, "%s: alert %d instead of %d", where(), heard->alert,
                 why->alert);
}

static void expect_no_work(endpoint *e)
{
    cr_assert_not(hf_conn_wants(&e->conn) & HF_HAS_WORK, "%s", where());
    cr_assert_eq(hf_conn_run(&e->conn), endpoint_reason(e), "%s", where());
}

/* One side has found something and has told the other. */
static void expect_refused(void)
{
    endpoint *client = &now.p.client, *server = &now.p.server;
    bool by_client = is_found(endpoint_reason(client)),
         by_server = is_found(endpoint_reason(server));
    expect_no_work(client);
    expect_no_work(server);
    cr_assert(by_client != by_server, "%s: %s and %s", where(),
              reason_name(endpoint_reason(client)), reason_name(endpoint_reason(server)));
    expect_reason(by_client ? client : server);
    if (!(by_client ? client : server)->conn.close_sent)
        expect_heard(by_client ? server : client, by_client ? client : server);
}

static bool same_span(hf_span a, hf_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

#define EXPECT_SAME(function)                                                                  \
    cr_assert_eq(function(&now.p.client.conn), function(&now.p.server.conn), "%s: " #function, \
                 where())

static bool is_closed(const hf_conn *c)
{
    return (hf_conn_wants(c) & HF_CLOSED) != 0;
}

/* Two sides with one connection between them. */
static void expect_same_view(void)
{
    const hf_conn *client = &now.p.client.conn, *server = &now.p.server.conn;
    EXPECT_SAME(hf_conn_version);
    EXPECT_SAME(hf_conn_suite);
    EXPECT_SAME(hf_conn_group);
    EXPECT_SAME(hf_conn_resumed);
    EXPECT_SAME(hf_conn_extended_master_secret);
    EXPECT_SAME(hf_conn_secure_renegotiation);
    EXPECT_SAME(hf_conn_encrypt_then_mac);
    EXPECT_SAME(hf_conn_truncated_hmac);
    EXPECT_SAME(hf_conn_max_fragment_length);
    cr_assert_eq(hf_conn_record_limit_sent(client), hf_conn_record_limit_taken(server));
    cr_assert_eq(hf_conn_record_limit_sent(server), hf_conn_record_limit_taken(client));
    cr_assert(same_span(hf_conn_protocol(client), hf_conn_protocol(server)), "%s", where());
    if (!is_closed(client) && !is_closed(server)) { /* with the end go the secrets */
        cr_assert(same_memory(client->master_secret, server->master_secret, 48), "%s", where());
        cr_assert(
            same_memory(client->verify_data, server->verify_data, sizeof client->verify_data));
    }
    for (int said = 0; said < 2; said++)
        cr_assert_eq(now.views[HF_CLIENT].agreed[said], now.views[HF_SERVER].agreed[!said], "%s",
                     where());
}

/* Data that comes is the data that was sent, as far as it has come. */
static void expect_true_data(void)
{
    static const char *const sent[] = {"to the client", "to the server"};
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        const view *v = &now.views[role];
        cr_assert(v->data_size <= 13 && memcmp(v->data, sent[role], v->data_size) == 0, "%s",
                  where());
    }
}

static bool is_alert(void)
{
    return !t.is_message && t.whole.content == HF_CONTENT_ALERT;
}

static bool was_short;

/* The header of a message counts more bytes than there are: what follows may make them up. */
static bool is_announced(void)
{
    return t.is_message && (changed_size < 4 || get(changed + 1, 3) + 4 > changed_size);
}

/* RFC 5246 7.4.1.1: during a handshake a client ignores it, and it is in no hash. */
static bool is_hello_request(void)
{
    static const uint8_t hello_request[4] = {HF_HELLO_REQUEST};
    return t.is_message && t.whole.sender == HF_SERVER && changed_size == 4 &&
           memcmp(changed, hello_request, 4) == 0;
}

/* Alerts are in no hash, either: one that was forged ends the connection of its reader alone, and
 * the other side notices the end of the transport; one that says nothing any more is passed over.
 * Likewise for what is announced and does not come. */
static bool may_end_unnoticed(void)
{
    return is_alert() || is_hello_request() || is_announced() || was_short;
}

static void expect_outcome(void)
{
    hf_error client = endpoint_reason(&now.p.client), server = endpoint_reason(&now.p.server);
    expect_true_data();
    if (client == HF_OK && server == HF_OK) {
        expect_same_view();
        return;
    }
    if (is_found(client) || is_found(server)) {
        expect_refused();
        return;
    }
    cr_assert(is_alert() || (client != HF_OK && server != HF_OK), "%s: %s and %s", where(),
              reason_name(client), reason_name(server));
    cr_assert(may_end_unnoticed(), "%s: %s and %s, nothing found", where(), reason_name(client),
              reason_name(server));
}

/* ---------------------------------------------------------------- giving what was changed */

static void reset(const char *what, size_t at, unsigned value)
{
    doing.what = what;
    doing.at = at;
    doing.value = value;
    now = saved;
    (void)recording_drop(&now);
    memcpy(changed, t.plain + t.begin, t.size);
    changed_size = t.size;
}

static void conclude(void)
{
    was_short = recording_is_short_of(victim());
    recording_finish(&now);
    expect_outcome();
}

static void give_inside(void)
{
    static uint8_t content[2 * MESSAGE_MAX];
    size_t end = t.begin + t.size, rest = t.plain_size - end;
    memcpy(content, t.plain, t.begin);
    memcpy(content + t.begin, changed, changed_size);
    memcpy(content + t.begin + changed_size, t.plain + end, rest);
    recording_give_sealed(&now, &t.whole, content, t.begin + changed_size + rest);
}

static void give(void)
{
    if (t.is_inside)
        give_inside();
    else if (t.whole.sealed) {
        static uint8_t record[5 + MESSAGE_MAX];
        recording_give(
            &now, t.whole.sender, record,
            clear_record(record, t.whole.content, t.whole.version, changed, changed_size));
    } else {
        recording_give_clear(&now, &t.whole, changed, changed_size);
    }
    conclude();
}

/* ---------------------------------------------------------------- places */

/* The vector of bytes, without structure, that an offset is in; NULL if in none. */
static const field *value_around(size_t at)
{
    for (size_t i = 0; i < t.fields.count; i++) {
        const field *f = &t.fields.of[i];
        if (f->is_value && f->at + f->width <= at && at < f->end)
            return f;
    }
    return NULL;
}

/* A hello that asks for what is declined is passed over (RFC 5746 4.5). */
static bool is_unread(void)
{
    return victim()->conn.renegotiations_refused != 0;
}

/* Whether a place in a long vector of bytes is one of those that are passed over. */
static bool is_skipped(size_t at, size_t stride)
{
    const field *f = value_around(at);
    return f != NULL && f->end - f->at > LONG_VECTOR && (at - f->at) % stride != 0;
}

/* ---------------------------------------------------------------- changes */

/* Changes of these may well be accepted at first, and are tried in full where that costs little:
 * elsewhere one of a number, in each connection another. */
static bool is_sampled_out(void)
{
    if (current->is_cheap || !t.is_message)
        return false;
    switch (t.plain[t.begin]) {
    case HF_CLIENT_HELLO:
        return t.tried++ % 16 != 0;
    case HF_SERVER_HELLO:
    case HF_CERTIFICATE_REQUEST:
        return t.tried++ % 4 != 0;
    default:
        return current->is_established && t.tried++ % 4 != 0;
    }
}

static void flip_bits(void)
{
    bool is_opaque = t.whole.sealed && !t.is_inside;
    for (size_t at = 0; at < t.size; at++) {
        bool is_one = is_opaque || (!current->is_cheap && value_around(at) != NULL);
        if (is_opaque ? t.size > LONG_VECTOR && at % 4 != 0
                      : !current->is_cheap && is_skipped(at, 4))
            continue;
        for (unsigned bit = is_one ? at % 8 : 0; bit < 8; bit = is_one ? 8 : bit + 1) {
            if (is_sampled_out())
                continue;
            reset("bit", at, bit);
            changed[at] ^= (uint8_t)(1 << bit);
            give();
        }
    }
}

/* The record ends early, and the message with it in the middle. */
static void cut_record(void)
{
    for (size_t size = t.is_message ? 1 : 0; size < t.size; size++) {
        if (is_skipped(size, 7) || (t.is_inside && is_sampled_out()))
            continue;
        reset("cut", size, 0);
        changed_size = size;
        give();
    }
}

/* Where the extensions of a hello begin, without which it is whole; else behind the message. */
static size_t extensions_at(void)
{
    for (const field *f = t.fields.of; f->kind != FIELD_KINDS; f++)
        if (f->kind == FIELD_LENGTH && f[1].kind == FIELD_EXTENSION)
            return f->at;
    return t.size;
}

/* The header says that the message is shorter: decode_error (RFC 5246 7.2.2). A hello may end
 * before its extensions (7.4.1.2): then other things are missing. */
static void cut_message(void)
{
    for (size_t size = 4; size < t.size; size++) {
        if (is_skipped(size, 7) || (t.is_inside && is_sampled_out()))
            continue;
        reset("cut, header mended", size, 0);
        changed_size = size;
        put(changed + 1, 3, size - 4);
        give();
        if (is_unread())
            continue;
        const hf_failure *why = hf_conn_failure(&victim()->conn);
        cr_assert_not_null(why, "%s", where());
        if (size != extensions_at())
            cr_assert_eq(why->alert, HF_ALERT_DECODE_ERROR, "%s: %s", where(),
                         reason_name(why->reason));
    }
}

/* Takes bytes out of the changed message, or puts some in, at the end of a vector, and mends its
 * length and those around it. */
static void resize(const field *vector, size_t at, size_t removed, const uint8_t *bytes,
                   size_t added)
{
    memmove(changed + at + added, changed + at + removed, changed_size - at - removed);
    if (added != 0)
        memcpy(changed + at, bytes, added);
    changed_size += added - removed;
    for (const field *f = t.fields.of; f <= vector; f++)
        if (f->kind == FIELD_LENGTH && f->end >= vector->end)
            put(changed + f->at, f->width, f->end - f->at - f->width + added - removed);
}

/* What is wrong in the form of an extension ends with one of these alerts (RFC 5246 7.2.2, 7.4.1.4,
 * RFC 3546 2.1). */
static void expect_form_refused(const field *f)
{
    if (f->extension == NO_EXTENSION || f->is_value || is_unread())
        return;
    const hf_failure *why = hf_conn_failure(&victim()->conn);
    cr_assert_not_null(why, "%s", where());
    cr_assert(why->alert == HF_ALERT_DECODE_ERROR || why->alert == HF_ALERT_ILLEGAL_PARAMETER,
              "%s: %s", where(), reason_name(why->reason));
}

/* Of an extension. */
static bool is_body(const field *f)
{
    return f->extension != NO_EXTENSION && f[-1].kind == FIELD_EXTENSION;
}

/* A list in which a byte more may be right: another point format, or an authority that is
 * pre-agreed. */
static bool may_have_one_more(const field *f)
{
    return f[1].kind == FIELD_POINT_FORMAT || f[1].kind == FIELD_IDENTIFIER_TYPE;
}

static void cut_all(void)
{
    for (size_t size = 4; size < t.size; size++) {
        if (is_skipped(size, 7) || is_sampled_out())
            continue;
        reset("cut, all mended", size, 0);
        changed_size = size;
        for (size_t i = 0; i < t.fields.count; i++) {
            const field *f = &t.fields.of[i];
            size_t begin = f->at + f->width;
            if (f->kind == FIELD_LENGTH && begin <= size && size < f->end)
                put(changed + f->at, f->width, size - begin);
        }
        give();
    }
}

static void resize_vectors(void)
{
    for (size_t i = 0; i < t.fields.count; i++) {
        const field *f = &t.fields.of[i];
        size_t begin = f->at + f->width;
        if (f->kind != FIELD_LENGTH)
            continue;
        for (size_t size = 0; size < f->end - begin; size++) {
            if (is_skipped(begin + size, 7) || ((!is_body(f) || f->is_value) && is_sampled_out()))
                continue;
            reset("vector cut", f->at, (unsigned)size);
            resize(f, begin + size, f->end - begin - size, NULL, 0);
            give();
            if (is_body(f))
                expect_form_refused(f);
        }
        for (unsigned last = 0; last < 256; last += 255) {
            const uint8_t more = (uint8_t)last;
            reset("one byte more", f->at, last);
            resize(f, f->end, 0, &more, 1);
            give();
            if (!may_have_one_more(f))
                expect_form_refused(f);
        }
    }
}

static void change_lengths(void)
{
    for (size_t i = 0; i < t.fields.count; i++) {
        const field *f = &t.fields.of[i];
        size_t value = f->end - f->at - f->width, most = ((size_t)1 << 8 * f->width) - 1;
        const size_t others[] = {value + 1, value - 1, 0, most};
        for (size_t k = 0; k < 4 && f->kind == FIELD_LENGTH; k++) {
            if (others[k] > most || others[k] == value)
                continue;
            reset("length", f->at, (unsigned)others[k]);
            put(changed + f->at, f->width, others[k]);
            give();
            expect_form_refused(f);
        }
    }
}

static void change_codes(void)
{
    for (size_t i = 0; i < t.fields.count; i++) {
        const field *f = &t.fields.of[i];
        size_t count;
        const uint16_t *values = field_values(f->kind, &count);
        for (size_t k = 0; k < count; k++) {
            if (get(t.plain + t.begin + f->at, f->width) == values[k] || is_sampled_out())
                continue;
            reset("code", f->at, values[k]);
            put(changed + f->at, f->width, values[k]);
            give();
        }
    }
}

static void give_twice(void)
{
    reset("twice", 0, 0);
    memcpy(changed + changed_size, changed, changed_size);
    changed_size *= 2;
    give();
}

/* ---------------------------------------------------------------- the record around it */

static void give_record(const uint8_t *header)
{
    static uint8_t record[5 + MESSAGE_MAX];
    memcpy(record, header, 5);
    memcpy(record + 5, changed, changed_size);
    recording_give(&now, t.whole.sender, record, 5 + changed_size);
    conclude();
}

static void change_header(void)
{
    static const field_kind kinds[] = {FIELD_CONTENT_TYPE, FIELD_VERSION};
    uint8_t original[5], header[5];
    (void)clear_record(original, t.whole.content, t.whole.version, NULL, 0);
    put(original + 3, 2, t.size);
    for (unsigned bit = 0; bit < 40; bit++) {
        reset("bit of the record's header", bit / 8, bit % 8);
        memcpy(header, original, 5);
        header[bit / 8] ^= (uint8_t)(1 << bit % 8);
        give_record(header);
    }
    for (size_t i = 0; i < 2; i++) {
        size_t count;
        const uint16_t *values = field_values(kinds[i], &count);
        for (size_t k = 0; k < count; k++) {
            reset("code of the record's header", i, values[k]);
            memcpy(header, original, 5);
            put(header + i, 1 + i, values[k]);
            if (memcmp(header, original, 5) != 0)
                give_record(header);
        }
    }
    const size_t lengths[] = {t.size - 1, t.size + 1, 0, 16384, 16385, 18432, 18433, 0xffff};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        reset("length of the record", 3, (unsigned)lengths[i]);
        memcpy(header, original, 5);
        put(header + 3, 2, lengths[i]);
        if (lengths[i] != t.size)
            give_record(header);
    }
}

/* The transport ends within the part. */
static void end_within(void)
{
    static uint8_t record[5 + MESSAGE_MAX];
    for (size_t size = 1; size < t.size; size++) {
        if (is_skipped(size, 7))
            continue;
        reset("end of the transport", size, 0);
        (void)clear_record(record, t.whole.content, t.whole.version, changed, t.size);
        recording_give(&now, t.whole.sender, record, 5 + size);
        cr_assert_eq(endpoint_reason(victim()), HF_OK, "%s", where());
        hf_conn_eof(&victim()->conn);
        (void)endpoint_run(victim());
        cr_assert_eq(endpoint_reason(victim()),
                     victim()->conn.established ? HF_ERROR_TRUNCATED : HF_ERROR_CLOSED_IN_HANDSHAKE,
                     "%s", where());
    }
}

/* ---------------------------------------------------------------- part by part */

static void change_message(void)
{
    fields_of_message(&t.fields, &t.context, t.plain + t.begin, t.size);
    flip_bits();
    cut_record();
    cut_message();
    cut_all();
    resize_vectors();
    change_lengths();
    change_codes();
    give_twice();
}

static void change_content(void)
{
    fields_of_content(&t.fields, t.whole.sealed && !t.is_inside ? 0 : t.whole.content, t.size);
    flip_bits();
    cut_record();
    change_codes();
    give_twice();
}

static bool has_chains(const hf_protection *p)
{
    return p->kind != HF_PROTECT_AEAD;
}

/* What is inside a protected record. */
static void change_inside(void)
{
    if (has_chains(&victim()->conn.in.protection))
        return;
    t.is_inside = true;
    t.plain_size = recording_open(&now, &t.whole, t.plain);
    t.is_message = t.whole.content == HF_CONTENT_HANDSHAKE;
    for (t.begin = 0; t.begin < t.plain_size; t.begin += t.size) {
        t.size = t.plain_size;
        if (t.is_message) {
            t.size = 4 + get(t.plain + t.begin + 1, 3);
            change_message();
        } else if (t.whole.content != HF_CONTENT_APPLICATION_DATA) {
            change_content();
        }
    }
}

static void aim(const flight_part *next)
{
    const hf_conn *client = &now.p.client.conn, *server = &now.p.server.conn;
    t.whole = *next;
    t.begin = 0;
    t.is_inside = false;
    t.is_message = next->content == HF_CONTENT_HANDSHAKE && !next->sealed;
    t.plain_size = t.size = next->size;
    memcpy(t.plain, now.bytes + next->at, next->size);
    const hf_conn *knows = server->version != 0 ? server : client;
    t.context = (fields_context){.sender = next->sender,
                                 .version = knows->version,
                                 .suite = knows->suite != NULL ? knows->suite->code : 0};
}

static void change_part(const flight_part *next)
{
    saved = now;
    aim(next);
    if (t.is_message)
        change_message();
    else
        change_content();
    change_header();
    end_within();
    now = saved;
    if (next->sealed)
        change_inside();
    now = saved;
}

static bool is_established(void)
{
    return now.p.client.conn.established && now.p.server.conn.established;
}

ParameterizedTestParameters(mutation, every_part)
{
    static size_t indices[32];
    size_t count = 0;
    while (recorded_at(count) != NULL) {
        indices[count] = count;
        count++;
    }
    return cr_make_param_array(size_t, indices, count);
}

ParameterizedTest(const size_t *index, mutation, every_part)
{
    current = recorded_at(*index);
    const flight_part *next;
    current->prepare(&now);
    recording_start(&now);
    t.tried = *index;
    for (t.index = 0; (next = recording_peek(&now)) != NULL; t.index++) {
        if (!current->is_established || is_established())
            change_part(next);
        recording_pass(&now);
    }
    doing.what = "nothing";
    expect_established(&now.p);
    expect_same_view();
    cr_assert(hf_conn_wants(&now.p.client.conn) & HF_CLOSED);
    cr_assert(hf_conn_wants(&now.p.server.conn) & HF_CLOSED);
}
