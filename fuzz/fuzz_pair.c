/* A client and a server of ours and somebody in between who moves, damages, drops, repeats,
 * reorders and invents records, and who has both ends write, close, renegotiate and break rules
 * under their own keys. So this reaches what is behind record protection, too: the Finished,
 * alerts, data and renegotiation in an established connection.
 *
 * The input is three bytes of options (fuzz.h) for both ends, then steps (enum step). With
 * FUZZ_ESTABLISHED the handshake is behind them when the first step is taken. If both ends believe
 * in the handshake they agree on all of it, nobody reads what was not written, and where nobody
 * interferes all of it arrives.
 *
 * covers: hf_conn_run, hf_conn_wants, hf_conn_incoming, hf_conn_received, hf_conn_outgoing
 * covers: hf_conn_sent, hf_conn_readable, hf_conn_consumed, hf_conn_writable
 * covers: hf_conn_written, hf_conn_flush, hf_conn_close, hf_conn_eof, hf_conn_wipe
 * covers: hf_conn_renegotiate, hf_conn_question, hf_conn_answer, hf_conn_export
 * covers: hf_incoming_next, hf_outgoing_append, hf_outgoing_seal, hf_outgoing_alert
 * covers: hf_read_finished, hf_write_finished, hf_conn_fail, hf_renegotiation_requested
 * covers: hf_renegotiation_start, hf_renegotiation_check_hello, driver.c:take_alert
 * covers: driver.c:check_header, driver.c:take_change_cipher_spec, hf_session_resume
 * covers: hf_session_is_usable, hf_session_cache_find, hf_choose
 * dictionary: tls.dict */
#include "fuzz/fuzz.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <string.h>

/* A step is one byte: what (low bits) and the sender (high bit); its operands follow. */
enum step {
    MOVE,   /* u16 n: the network carries n bytes from the sender to the other end, 0: all */
    SETTLE, /* both ends and the network go on until nothing moves any more */
    FLIP,   /* u16 position, u8 bits: damages what is under way */
    DROP,   /* u16 n: n bytes under way are lost */
    FORGE,  /* u8 n, n bytes: the other end receives bytes that nobody sent */
    WRITE,  /* u16 n: the sender's application writes up to n bytes */
    FLUSH,
    CLOSE,
    END,    /* the sender's transport ends */
    MISUSE, /* u8 type, u8 n, n bytes: the sender puts a record of its own among the others */
    SWAP,   /* the first two records under way change places */
    LOSE,   /* the first record under way is lost */
    KEEP,   /* remembers the first record under way */
    REPLAY, /* the other end receives the record that was remembered last, from whichever side */
    RENEGOTIATE,
    STEPS
};
#define FROM_SERVER 0x80

#define ROUNDS_MAX 1000
#define KEPT_MAX   61
#define EXPORT_MAX 16

typedef struct side {
    fuzz_endpoint endpoint;
    uint32_t written, read; /* bytes of application data */
    bool has_foreign_data;  /* data among the written that write_data did not make */
} side;

typedef struct pair {
    side client, server;
    bool is_disturbed; /* some step did more than to move, write and renegotiate */
    uint8_t kept[HF_TX_FULL];
    size_t kept_size;
} pair;

/* The byte at a place of what a side writes. */
static uint8_t stream_byte(const side *writer, uint32_t place)
{
    return (uint8_t)(place * 7 + (hf_conn_role(&writer->endpoint.conn) == HF_CLIENT ? 1 : 2));
}

/* ---------------------------------------------------------------- applications */

static void write_data(side *s, size_t size)
{
    hf_buf writable = hf_conn_writable(&s->endpoint.conn);
    if (size > writable.size)
        size = writable.size;
    for (size_t i = 0; i < size; i++)
        writable.data[i] = stream_byte(s, s->written++);
    fuzz_require(hf_conn_written(&s->endpoint.conn, size) == HF_OK);
    fuzz_run(&s->endpoint);
}

static void read_data(side *reader, const side *writer)
{
    hf_span readable;
    while ((readable = hf_conn_readable(&reader->endpoint.conn)).size != 0) {
        for (size_t i = 0; i < readable.size && !writer->has_foreign_data; i++)
            fuzz_require(reader->read < writer->written &&
                         readable.data[i] == stream_byte(writer, reader->read++));
        fuzz_require(hf_conn_consumed(&reader->endpoint.conn, readable.size) == HF_OK);
        fuzz_run(&reader->endpoint);
    }
}

/* ---------------------------------------------------------------- the network */

static bool deliver(side *to, const side *from, hf_span bytes)
{
    hf_buf incoming = hf_conn_incoming(&to->endpoint.conn);
    if (bytes.size == 0 || bytes.size > incoming.size)
        return false;
    memcpy(incoming.data, bytes.data, bytes.size);
    fuzz_require(hf_conn_received(&to->endpoint.conn, bytes.size) == HF_OK);
    fuzz_run(&to->endpoint);
    read_data(to, from);
    return true;
}

static bool move(side *from, side *to, size_t most)
{
    hf_span outgoing = hf_conn_outgoing(&from->endpoint.conn);
    size_t room = hf_conn_incoming(&to->endpoint.conn).size;
    size_t size = outgoing.size < room ? outgoing.size : room;
    if (most != 0 && most < size)
        size = most;
    if (!deliver(to, from, (hf_span){outgoing.data, size}))
        return false;
    fuzz_require(hf_conn_sent(&from->endpoint.conn, size) == HF_OK);
    fuzz_run(&from->endpoint);
    return true;
}

static void settle(pair *p)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        bool moved = move(&p->client, &p->server, 0);
        moved = move(&p->server, &p->client, 0) || moved;
        if (!moved)
            return;
    }
    __builtin_trap();
}

static void flip(side *from, size_t position, uint8_t bits)
{
    const hf_conn *conn = &from->endpoint.conn;
    size_t size = hf_conn_outgoing(conn).size;
    if (size != 0)
        conn->out.data[conn->out.start + position % size] ^= bits;
}

static void drop(side *from, size_t size)
{
    size_t pending = hf_conn_outgoing(&from->endpoint.conn).size;
    fuzz_require(hf_conn_sent(&from->endpoint.conn, size < pending ? size : pending) == HF_OK);
    fuzz_run(&from->endpoint);
}

/* The record at a place of what is under way; less if it is not whole, empty past the end. */
static hf_span record_at(const side *from, size_t place)
{
    hf_span outgoing = hf_conn_outgoing(&from->endpoint.conn);
    if (place >= outgoing.size)
        return (hf_span){NULL, 0};
    hf_reader r = hf_reader_of((hf_span){outgoing.data + place, outgoing.size - place});
    (void)hf_read_bytes(&r, 3);
    size_t size = HF_RECORD_HEADER_SIZE + hf_read_u16(&r);
    return (hf_span){outgoing.data + place, size < r.size ? size : r.size};
}

static void swap(side *from)
{
    static uint8_t first[HF_TX_FULL];
    hf_span a = record_at(from, 0), b = record_at(from, a.size);
    const hf_conn *conn = &from->endpoint.conn;
    uint8_t *start = conn->out.data + conn->out.start;
    if (a.size == 0 || b.size == 0)
        return;
    memcpy(first, a.data, a.size);
    memmove(start, b.data, b.size);
    memcpy(start + b.size, first, a.size);
}

static void keep(pair *p, const side *from)
{
    hf_span record = record_at(from, 0);
    if (record.size == 0)
        return;
    memcpy(p->kept, record.data, record.size);
    p->kept_size = record.size;
}

/* ---------------------------------------------------------------- an end that breaks rules */

/* The engine itself never makes an empty record. */
static void append_empty(hf_outgoing *out, uint8_t type)
{
    uint8_t *header = out->data + out->end;
    size_t prefix = hf_protection_prefix(&out->protection);
    size_t size = hf_protection_sealed_size(&out->protection, 0);
    if (hf_outgoing_room(out, type).size == 0)
        return;
    fuzz_require(hf_protection_seal(&out->protection, type, out->version,
                                    header + HF_RECORD_HEADER_SIZE + prefix, 0) == HF_OK);
    header[0] = type;
    header[1] = (uint8_t)(out->version >> 8);
    header[2] = (uint8_t)out->version;
    header[3] = 0;
    header[4] = (uint8_t)size;
    out->end += HF_RECORD_HEADER_SIZE + size;
}

static void misuse(side *s, uint8_t type, hf_span bytes)
{
    hf_conn *conn = &s->endpoint.conn;
    size_t taken = 0;
    if (conn->failed)
        return;
    if (type == HF_CONTENT_APPLICATION_DATA && bytes.size != 0)
        s->has_foreign_data = true;
    fuzz_require(hf_outgoing_seal(&conn->out) == HF_OK);
    if (bytes.size == 0)
        append_empty(&conn->out, type);
    else if (hf_outgoing_append(&conn->out, type, bytes, &taken) == HF_OK)
        fuzz_require(hf_outgoing_seal(&conn->out) == HF_OK);
}

/* ---------------------------------------------------------------- */

/* Not while one of them is changing its mind, or has gone. */
static bool is_settled(const hf_conn *c)
{
    return !c->failed && c->established && !c->in_handshake && !c->closing && !c->close_sent;
}

static void check_exporter(const hf_conn *a, const hf_conn *b)
{
#if HF_WITH_EXPORTER
    uint8_t x[EXPORT_MAX], y[EXPORT_MAX];
    hf_error error = hf_conn_export(a, "EXPERIMENTAL fuzzing", NULL, x, sizeof x);
    fuzz_require(hf_conn_export(b, "EXPERIMENTAL fuzzing", NULL, y, sizeof y) == error);
    fuzz_require(error != HF_OK || memcmp(x, y, sizeof x) == 0);
#else
    (void)a, (void)b;
#endif
}

static void check_agreement(const pair *p)
{
    const hf_conn *a = &p->client.endpoint.conn, *b = &p->server.endpoint.conn;
    if (!is_settled(a) || !is_settled(b))
        return;
    fuzz_require(memcmp(a->master_secret, b->master_secret, sizeof a->master_secret) == 0);
    fuzz_require(memcmp(a->verify_data, b->verify_data, sizeof a->verify_data) == 0);
    fuzz_require(a->version == b->version && a->suite == b->suite && a->resumed == b->resumed);
    fuzz_require(a->group == b->group && a->scheme == b->scheme);
    fuzz_require(a->extended_master_secret == b->extended_master_secret);
    fuzz_require(a->encrypt_then_mac == b->encrypt_then_mac);
    fuzz_require(a->truncated_hmac == b->truncated_hmac);
    fuzz_require(a->fragment_length == b->fragment_length);
    fuzz_require(a->secure_renegotiation == b->secure_renegotiation);
    fuzz_require(a->protocol.size == b->protocol.size);
    fuzz_require(a->protocol.size == 0 ||
                 memcmp(a->protocol.data, b->protocol.data, a->protocol.size) == 0);
    check_exporter(a, b);
}

/* What the network does; false if it is none of it. */
static bool interfere(pair *p, enum step what, side *from, side *to, hf_reader *input)
{
    size_t number;
    switch (what) {
    case FLIP:
        number = hf_read_u16(input);
        flip(from, number, hf_read_u8(input));
        return true;
    case DROP:
        drop(from, hf_read_u16(input));
        return true;
    case LOSE:
        drop(from, record_at(from, 0).size);
        return true;
    case FORGE:
        (void)deliver(to, from, hf_read_vector8(input, 0, 255));
        return true;
    case SWAP:
        swap(from);
        return true;
    case KEEP:
        keep(p, from);
        return true;
    case REPLAY:
        (void)deliver(to, from, (hf_span){p->kept, p->kept_size});
        return true;
    case END:
        hf_conn_eof(&to->endpoint.conn);
        return true;
    default:
        return false;
    }
}

/* What the sender does. */
static void act(enum step what, side *from, hf_reader *input)
{
    hf_conn *conn = &from->endpoint.conn;
    uint8_t type;
    switch (what) {
    case WRITE:
        write_data(from, hf_read_u16(input));
        break;
    case FLUSH:
        hf_conn_flush(conn);
        break;
    case CLOSE:
        hf_conn_close(conn);
        break;
    case MISUSE:
        type = hf_read_u8(input);
        misuse(from, type, hf_read_vector8(input, 0, 255));
        break;
    default:
        if (hf_conn_renegotiate(conn, &from->endpoint.handshake) == HF_OK)
            fuzz_require(hf_conn_is_renegotiating(conn));
        break;
    }
}

static void take_step(pair *p, hf_reader *input)
{
    uint8_t code = hf_read_u8(input);
    side *from = (code & FROM_SERVER) != 0 ? &p->server : &p->client;
    side *to = (code & FROM_SERVER) != 0 ? &p->client : &p->server;
    enum step what = (enum step)((code & ~FROM_SERVER) % STEPS);
    if (what == SETTLE)
        settle(p);
    else if (what == MOVE)
        (void)move(from, to, hf_read_u16(input));
    else if (interfere(p, what, from, to, input))
        p->is_disturbed = true;
    else
        act(what, from, input);
    if (what == CLOSE || what == MISUSE)
        p->is_disturbed = true;
    fuzz_run(&from->endpoint);
    fuzz_run(&to->endpoint);
    check_agreement(p);
}

static void flush_all(side *s)
{
    hf_conn_flush(&s->endpoint.conn);
    fuzz_run(&s->endpoint);
}

/* Options may leave nothing that both sides accept. */
static bool are_incompatible(const pair *p)
{
    const hf_failure *a = hf_conn_failure(&p->client.endpoint.conn);
    const hf_failure *b = hf_conn_failure(&p->server.endpoint.conn);
    return a != NULL && b != NULL &&
           (hf_reason_of(a->reason)->class_ == HF_CLASS_INCOMPATIBLE ||
            hf_reason_of(b->reason)->class_ == HF_CLASS_INCOMPATIBLE);
}

/* What has been left in peace works, apart from what the options rule out: small buffers and a
 * secure element that cannot decrypt. */
static void check_success(pair *p, fuzz_options options)
{
    const hf_conn *a = &p->client.endpoint.conn, *b = &p->server.endpoint.conn;
    if (p->is_disturbed || (options.flags & (FUZZ_SMALL | FUZZ_ASK)) != 0)
        return;
    flush_all(&p->client);
    flush_all(&p->server);
    settle(p);
    if (are_incompatible(p))
        return;
    fuzz_require(!a->failed && !b->failed && a->established && b->established);
    fuzz_require(p->client.read == p->server.written && p->server.read == p->client.written);
}

static bool start(pair *p, fuzz_options options)
{
    p->is_disturbed = false;
    p->kept_size = 0;
    p->client.written = p->client.read = p->server.written = p->server.read = 0;
    p->client.has_foreign_data = p->server.has_foreign_data = false;
    return fuzz_start(&p->client.endpoint, HF_CLIENT, options) &&
           fuzz_start(&p->server.endpoint, HF_SERVER, options);
}

/* Making a connection takes a hundred times as long as most of what comes after it. It is plain
 * memory, so that a copy that was kept can be put back where it was. */
static bool start_established(pair *p, fuzz_options options)
{
    static struct {
        fuzz_options options;
        bool is_made;
        pair pair;
    } kept[KEPT_MAX];
    size_t i = (options.flags + 31U * options.suite) % KEPT_MAX;
    if (kept[i].is_made && kept[i].options.flags == options.flags &&
        kept[i].options.suite == options.suite) {
        memcpy(p, &kept[i].pair, sizeof *p);
        return true;
    }
    if (!start(p, options))
        return false;
    fuzz_run(&p->client.endpoint);
    settle(p);
    kept[i].options = options;
    kept[i].is_made = true;
    memcpy(&kept[i].pair, p, sizeof *p);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static pair p;
    hf_reader input = hf_reader_of((hf_span){data, size});
    fuzz_options options = fuzz_read_options(&input);
    bool is_established = (options.flags & FUZZ_ESTABLISHED) != 0;
    if (!(is_established ? start_established(&p, options) : start(&p, options)))
        return 0;
    fuzz_run(&p.client.endpoint);
    while (!input.failed && hf_reader_left(&input) != 0)
        take_step(&p, &input);
    settle(&p);
    check_agreement(&p);
    check_success(&p, options);
    hf_conn_wipe(&p.client.endpoint.conn);
    hf_conn_wipe(&p.server.endpoint.conn);
    return 0;
}
