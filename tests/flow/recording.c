#include "tests/flow/recording.h"

#include "tests/flow/stepper.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HF_TESTS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HF_TESTS_ASAN 1
#endif
#endif
#ifdef HF_TESTS_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

endpoint *recording_end(recording *r, hf_role role)
{
    return role == HF_CLIENT ? &r->p.client : &r->p.server;
}

hf_role recording_other(hf_role role)
{
    return role == HF_CLIENT ? HF_SERVER : HF_CLIENT;
}

/* ---------------------------------------------------------------- what is seen */

/* FNV-1a: a single byte that differs always shows. */
static void digest(uint64_t *state, hf_span bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        *state = (*state ^ bytes.data[i]) * UINT64_C(0x100000001b3);
}

static void watch(void *context, const hf_conn *c, const hf_event *event)
{
    view *v = context;
    (void)c;
    if (event->kind == HF_EVENT_MESSAGE && event->message != HF_HELLO_REQUEST)
        digest(&v->messages[event->sent], event->bytes);
    if (event->kind == HF_EVENT_ESTABLISHED)
        memcpy(v->agreed, v->messages, sizeof v->agreed);
}

void recording_prepare(recording *r, const char *server_keys, const action *script)
{
    memset(r, 0, sizeof *r);
    pair_prepare(&r->p, server_keys);
    hf_session_cache_init(&r->cache, r->slots, RECORDED_SLOTS, 0);
    r->script = script;
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        r->observers[role] = (hf_observer){watch, &r->views[role], false};
        recording_end(r, (hf_role)role)->config.observer = &r->observers[role];
    }
}

/* ---------------------------------------------------------------- taking apart */

static size_t message_size(const uint8_t *header)
{
    return 4 + ((size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3]);
}

static void add_part(recording *r, const flight_part *like, size_t at, size_t size)
{
    cr_assert_lt(r->count, PARTS_MAX);
    flight_part *added = &r->parts[r->count++];
    *added = *like;
    added->at = at;
    added->size = size;
}

/* Handshake bytes in the clear from `begin` on; all messages are whole by the end of a flight. */
static void add_messages(recording *r, const flight_part *like, size_t begin)
{
    while (begin < r->size) {
        size_t size = message_size(r->bytes + begin);
        cr_assert_leq(begin + size, r->size);
        add_part(r, like, begin, size);
        begin += size;
    }
}

/* Takes what one side has to say. */
static void collect(recording *r, hf_role sender)
{
    static uint8_t raw[sizeof r->bytes];
    size_t raw_size = endpoint_take(recording_end(r, sender), raw, sizeof raw);
    size_t handshake = r->size;
    flight_part messages = {.sender = sender, .content = HF_CONTENT_HANDSHAKE};
    for (size_t at = 0; at < raw_size;) {
        const uint8_t *header = raw + at;
        size_t size = (size_t)header[3] << 8 | header[4];
        flight_part record = {.sender = sender,
                              .content = header[0],
                              .sealed = r->sealed[sender],
                              .version = (uint16_t)(header[1] << 8 | header[2])};
        cr_assert(at + 5 + size <= raw_size && r->size + size <= sizeof r->bytes);
        memcpy(r->bytes + r->size, header + 5, size);
        if (record.content == HF_CONTENT_HANDSHAKE && !record.sealed) {
            messages.version = record.version;
            r->size += size;
        } else {
            add_messages(r, &messages, handshake);
            add_part(r, &record, r->size, size);
            r->size += size;
            handshake = r->size;
        }
        r->sealed[sender] |= record.content == HF_CONTENT_CHANGE_CIPHER_SPEC;
        at += 5 + size;
    }
    add_messages(r, &messages, handshake);
}

/* Fetches what a server asks for. */
static void answer(recording *r)
{
    for (size_t i = 0; hf_conn_question(&r->p.server.conn) != NULL; i++) {
        cr_assert_lt(i, RECORDED_CHAINS + 1);
        hf_answer given = {.refused = i >= r->client_offer.chain_count};
        if (!given.refused)
            given.output = r->client_offer.chain[i];
        hf_error taken = hf_conn_answer(&r->p.server.conn, &given);
        cr_assert(taken == HF_OK || taken == endpoint_reason(&r->p.server));
        (void)endpoint_run(&r->p.server);
    }
}

static void read_data(recording *r, hf_role role)
{
    view *v = &r->views[role];
    v->data_size += endpoint_read(recording_end(r, role), v->data + v->data_size,
                                  sizeof v->data - v->data_size);
}

static void settle(recording *r)
{
    answer(r);
    read_data(r, HF_CLIENT);
    read_data(r, HF_SERVER);
    collect(r, HF_CLIENT);
    collect(r, HF_SERVER);
}

/* ---------------------------------------------------------------- passing on */

/* Nothing behind what has come may be read. */
static void run_guarded(endpoint *e)
{
    uint8_t *end = e->rx + e->conn.in.end;
    size_t size = e->rx_size - e->conn.in.end;
    ASAN_POISON_MEMORY_REGION(end, size);
    (void)endpoint_run(e);
    ASAN_UNPOISON_MEMORY_REGION(end, size);
}

void recording_give(recording *r, hf_role sender, const uint8_t *bytes, size_t size)
{
    endpoint *e = recording_end(r, recording_other(sender));
    for (size_t given = 0; given < size;) {
        hf_buf room = hf_conn_incoming(&e->conn);
        size_t most = size - given < room.size ? size - given : room.size;
        if (most == 0)
            break;
        memcpy(room.data, bytes + given, most);
        cr_assert_eq(hf_conn_received(&e->conn, most), HF_OK);
        given += most;
        run_guarded(e);
    }
    settle(r);
}

void recording_give_clear(recording *r, const flight_part *like, const uint8_t *content,
                          size_t size)
{
    static uint8_t records[80000];
    uint16_t agreed = hf_conn_max_fragment_length(&recording_end(r, like->sender)->conn);
    size_t most = agreed != 0 ? agreed : HF_PLAINTEXT_MAX, out = 0;
    do {
        size_t taken = size < most ? size : most;
        out += clear_record(records + out, like->content, like->version, content, taken);
        content += taken;
        size -= taken;
    } while (size != 0);
    recording_give(r, like->sender, records, out);
}

static const hf_protection *protection_for(const recording *r, const flight_part *like)
{
    return like->sender == HF_CLIENT ? &r->p.server.conn.in.protection
                                     : &r->p.client.conn.in.protection;
}

size_t recording_open(const recording *r, const flight_part *sealed, uint8_t *plain)
{
    static uint8_t fragment[sizeof r->bytes];
    hf_protection keys = *protection_for(r, sealed);
    size_t size;
    memcpy(fragment, r->bytes + sealed->at, sealed->size);
    cr_assert_eq(
        hf_protection_open(&keys, sealed->content, sealed->version, fragment, sealed->size, &size),
        HF_OK);
    memcpy(plain, fragment + hf_protection_prefix(&keys), size);
    return size;
}

void recording_give_sealed(recording *r, const flight_part *like, const uint8_t *content,
                           size_t size)
{
    static uint8_t record[5 + HF_PLAINTEXT_MAX + 64];
    hf_protection keys = *protection_for(r, like);
    size_t prefix = hf_protection_prefix(&keys), sealed = hf_protection_sealed_size(&keys, size);
    cr_assert_leq(5 + sealed, sizeof record);
    (void)clear_record(record, like->content, like->version, NULL, 0);
    record[3] = (uint8_t)(sealed >> 8);
    record[4] = (uint8_t)sealed;
    if (size != 0)
        memcpy(record + 5 + prefix, content, size);
    cr_assert_eq(hf_protection_seal(&keys, like->content, like->version, record + 5 + prefix, size),
                 HF_OK);
    recording_give(r, like->sender, record, 5 + sealed);
}

/* ---------------------------------------------------------------- from part to part */

void recording_start(recording *r)
{
    pair_start(&r->p);
    collect(r, HF_CLIENT);
}

static bool is_at_rest(const endpoint *e)
{
    return e->conn.established && !e->conn.failed && !hf_conn_is_renegotiating(&e->conn);
}

static void act(recording *r)
{
    endpoint *client = &r->p.client, *server = &r->p.server;
    switch (*r->script++) {
    case ACT_DATA:
        (void)endpoint_write(client, "to the server", 13);
        (void)endpoint_write(server, "to the client", 13);
        break;
    case ACT_CLIENT_HELLO:
        cr_assert_eq(hf_conn_renegotiate(&client->conn, NULL), HF_OK);
        break;
    case ACT_HELLO_REQUEST:
        cr_assert_eq(hf_conn_renegotiate(&server->conn, NULL), HF_OK);
        break;
    default:
        hf_conn_close(&client->conn);
    }
    settle(r);
}

const flight_part *recording_peek(recording *r)
{
    while (r->next == r->count) {
        r->size = r->count = r->next = 0;
        if (*r->script == ACT_END || !is_at_rest(&r->p.client) || !is_at_rest(&r->p.server))
            return NULL;
        act(r);
    }
    return &r->parts[r->next];
}

flight_part recording_drop(recording *r)
{
    cr_assert_lt(r->next, r->count);
    return r->parts[r->next++];
}

void recording_pass(recording *r)
{
    static uint8_t record[5 + 0xffff];
    const flight_part now = recording_drop(r);
    if (now.sealed)
        recording_give(r, now.sender, record,
                       clear_record(record, now.content, now.version, r->bytes + now.at, now.size));
    else
        recording_give_clear(r, &now, r->bytes + now.at, now.size);
}

static bool is_open(const endpoint *e)
{
    return !(hf_conn_wants(&e->conn) & (HF_FAILED | HF_CLOSED));
}

bool recording_is_short_of(const endpoint *e)
{
    const hf_incoming *in = &e->conn.in;
    return in->start != in->end || in->message_size != 0 || in->type != 0 || in->header_reported;
}

static void pass_all(recording *r)
{
    for (int i = 0; recording_peek(r) != NULL; i++) {
        cr_assert_lt(i, 4 * PARTS_MAX, "the two sides do not come to an end");
        recording_pass(r);
    }
}

void recording_finish(recording *r)
{
    pass_all(r);
    bool is_over = is_at_rest(&r->p.client) && is_at_rest(&r->p.server) && *r->script == ACT_END;
    for (int role = HF_CLIENT; role <= HF_SERVER && !is_over; role++) {
        endpoint *e = recording_end(r, (hf_role)role);
        if (is_open(e))
            hf_conn_eof(&e->conn);
        (void)endpoint_run(e);
    }
    settle(r);
}
