/* A client and a server of ours and somebody in between who moves, damages, drops and invents
 * bytes, and who has both ends write, close and break rules under their own keys: hf_conn_run in
 * both roles, the eight channel calls, hf_conn_flush, hf_conn_close, hf_conn_eof, and what is
 * behind record protection: hf_read_finished, alerts, data and renegotiation in an established
 * connection.
 *
 * The input is two bytes of options (fuzz.h) for both ends, then steps (enum step). With
 * FUZZ_ESTABLISHED the handshake is behind them when the first step is taken. If both ends believe
 * in the handshake they agree on all of it, nobody reads what was not written, and where nobody
 * interferes all of it arrives. */
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
    STEPS
};
#define FROM_SERVER 0x80

#define ROUNDS_MAX 1000
#define KEPT_MAX   16

typedef struct side {
    fuzz_endpoint endpoint;
    uint32_t written, read; /* bytes of application data */
    bool has_foreign_data;  /* data among the written that write_data did not make */
} side;

typedef struct pair {
    side client, server;
    bool is_disturbed; /* some step did more than to move and write */
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

static void check_agreement(const pair *p)
{
    const hf_conn *a = &p->client.endpoint.conn, *b = &p->server.endpoint.conn;
    if (a->failed || b->failed || !a->established || !b->established)
        return;
    fuzz_require(memcmp(a->master_secret, b->master_secret, sizeof a->master_secret) == 0);
    fuzz_require(a->suite == b->suite && a->group == b->group && a->scheme == b->scheme);
    fuzz_require(a->extended_master_secret == b->extended_master_secret);
    fuzz_require(a->secure_renegotiation == b->secure_renegotiation);
    fuzz_require(a->protocol.size == b->protocol.size);
}

static void take_step(pair *p, hf_reader *input)
{
    uint8_t code = hf_read_u8(input);
    side *from = (code & FROM_SERVER) != 0 ? &p->server : &p->client;
    side *to = (code & FROM_SERVER) != 0 ? &p->client : &p->server;
    size_t number;
    uint8_t byte;
    enum step what = (enum step)((code & ~FROM_SERVER) % STEPS);
    if (what != MOVE && what != SETTLE && what != WRITE && what != FLUSH)
        p->is_disturbed = true;
    switch (what) {
    case MOVE:
        (void)move(from, to, hf_read_u16(input));
        break;
    case FLIP:
        number = hf_read_u16(input);
        flip(from, number, hf_read_u8(input));
        break;
    case DROP:
        drop(from, hf_read_u16(input));
        break;
    case FORGE:
        (void)deliver(to, from, hf_read_vector8(input, 0, 255));
        break;
    case WRITE:
        write_data(from, hf_read_u16(input));
        break;
    case FLUSH:
        hf_conn_flush(&from->endpoint.conn);
        break;
    case CLOSE:
        hf_conn_close(&from->endpoint.conn);
        break;
    case END:
        hf_conn_eof(&to->endpoint.conn);
        break;
    case MISUSE:
        byte = hf_read_u8(input);
        misuse(from, byte, hf_read_vector8(input, 0, 255));
        break;
    default:
        settle(p);
        break;
    }
    fuzz_run(&from->endpoint);
    fuzz_run(&to->endpoint);
    check_agreement(p);
}

static void flush_all(side *s)
{
    hf_conn_flush(&s->endpoint.conn);
    fuzz_run(&s->endpoint);
}

/* What has been left in peace works, apart from what the options rule out: small buffers and a
 * secure element that cannot decrypt. */
static void check_success(pair *p, fuzz_options options)
{
    if (p->is_disturbed || (options.flags & (FUZZ_SMALL | FUZZ_ASK)) != 0)
        return;
    flush_all(&p->client);
    flush_all(&p->server);
    settle(p);
    fuzz_require(p->client.endpoint.conn.established && p->server.endpoint.conn.established);
    fuzz_require(p->client.read == p->server.written && p->server.read == p->client.written);
}

static bool start(pair *p, fuzz_options options)
{
    p->is_disturbed = false;
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
    size_t i = 0;
    while (i < KEPT_MAX - 1 && kept[i].is_made &&
           (kept[i].options.flags != options.flags || kept[i].options.suite != options.suite))
        i++;
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
