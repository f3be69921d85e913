/* Each handshake message, given to an end that has come to it: the reader of the message and what
 * follows it, without a fuzzer having to get the messages before it and the records around it
 * right.
 *
 * The input is three bytes of options (fuzz.h), the type of the message (the high bit: for the
 * server), and its body. A handshake of two ends of ours is made up to this message, which then
 * comes from the input.
 *
 * covers: hf_read_client_hello, hf_finish_client_hello, hf_read_server_hello
 * covers: hf_finish_server_hello, hf_read_certificate, hf_verify_certificate, hf_take_chain
 * covers: hf_read_certificate_status, hf_finish_certificate_status, hf_read_certificate_url
 * covers: hf_finish_certificate_url, hf_take_fetched, hf_read_server_key_exchange
 * covers: hf_finish_server_key_exchange, hf_read_certificate_request
 * covers: hf_finish_certificate_request, hf_read_certificate_verify
 * covers: hf_finish_certificate_verify, hf_read_server_hello_done
 * covers: hf_read_client_key_exchange, hf_finish_client_key_exchange
 * covers: hf_read_new_session_ticket, hf_read_finished, hf_read_signature
 * covers: hf_verify_signature, hf_session_store
 * dictionary: tls.dict */
#include "fuzz/fuzz.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"
#include "tls/wire/reader.h"

#include <string.h>

#define FOR_SERVER 0x80
#define BODY_MAX   8192
#define ROUNDS_MAX 100
#define KEPT_MAX   251

/* An end that has come to a message. It is plain memory, so that it can be put back where it was.
 */
typedef struct kept {
    fuzz_options options;
    uint8_t what;
    bool is_made, is_there; /* tried; and such a handshake has the message */
    fuzz_endpoint receiver;
} kept;

static fuzz_endpoint client, server;

/* ---------------------------------------------------------------- up to the message */

static void give(fuzz_endpoint *to, hf_span bytes)
{
    while (bytes.size != 0) {
        hf_buf incoming = hf_conn_incoming(&to->conn);
        size_t size = bytes.size < incoming.size ? bytes.size : incoming.size;
        if (size == 0)
            return;
        memcpy(incoming.data, bytes.data, size);
        fuzz_require(hf_conn_received(&to->conn, size) == HF_OK);
        bytes = (hf_span){bytes.data + size, bytes.size - size};
        fuzz_run(to);
    }
}

/* A message in a record of its own, in the clear. */
static void give_message(fuzz_endpoint *to, uint16_t version, uint8_t type, hf_span body)
{
    static uint8_t bytes[HF_TX_FULL];
    size_t size = HF_MESSAGE_HEADER_SIZE + body.size;
    const uint8_t header[] = {HF_CONTENT_HANDSHAKE,
                              (uint8_t)(version >> 8),
                              (uint8_t)version,
                              (uint8_t)(size >> 8),
                              (uint8_t)size,
                              type,
                              0,
                              (uint8_t)(body.size >> 8),
                              (uint8_t)body.size};
    fuzz_require(sizeof header + body.size <= sizeof bytes);
    memcpy(bytes, header, sizeof header);
    if (body.size != 0)
        memcpy(bytes + sizeof header, body.data, body.size);
    give(to, (hf_span){bytes, sizeof header + body.size});
}

/* One direction: messages that have come in the clear and not been passed on. */
typedef struct flow {
    fuzz_endpoint *from, *to;
    uint8_t bytes[2 * HF_TX_FULL];
    size_t size;
    uint8_t wanted; /* 0: none of these */
} flow;

/* Adds the content of a record and passes on what is whole, one by one; true at the message that
 * is wanted. */
static bool pass_messages(flow *f, uint16_t version, hf_span content)
{
    fuzz_require(content.size <= sizeof f->bytes - f->size);
    memcpy(f->bytes + f->size, content.data, content.size);
    f->size += content.size;
    for (;;) {
        hf_reader r = hf_reader_of((hf_span){f->bytes, f->size});
        uint8_t type = hf_read_u8(&r);
        hf_span body = hf_read_vector24(&r, 0, 0xffffff);
        if (r.failed)
            return false;
        if (type == f->wanted)
            return true;
        give_message(f->to, version, type, body);
        f->size -= r.position;
        memmove(f->bytes, f->bytes + r.position, f->size);
    }
}

/* Passes records on that have been sent. What a protected record holds cannot be seen, but the
 * first is the Finished. */
static bool pass_records(flow *f)
{
    static uint8_t sent[HF_TX_FULL];
    hf_span outgoing = hf_conn_outgoing(&f->from->conn);
    if (outgoing.size == 0)
        return false;
    memcpy(sent, outgoing.data, outgoing.size);
    hf_reader r = hf_reader_of((hf_span){sent, outgoing.size});
    fuzz_require(hf_conn_sent(&f->from->conn, outgoing.size) == HF_OK);
    while (hf_reader_left(&r) != 0) {
        const uint8_t *record = r.data + r.position;
        uint8_t type = hf_read_u8(&r);
        uint16_t version = hf_read_u16(&r);
        hf_span content = hf_read_vector16(&r, 0, 0xffff);
        bool is_protected = f->to->conn.in.protection.kind != HF_PROTECT_NOTHING;
        if (is_protected && f->wanted == HF_FINISHED)
            return true;
        if (is_protected || type != HF_CONTENT_HANDSHAKE)
            give(f->to, (hf_span){record, HF_RECORD_HEADER_SIZE + content.size});
        else if (pass_messages(f, version, content))
            return true;
    }
    fuzz_run(f->from);
    return false;
}

/* Whether two ends that leave each other in peace come to the message. */
static bool come_to(fuzz_options options, uint8_t what)
{
    static flow flows[2];
    uint8_t type = what & (uint8_t)~FOR_SERVER;
    bool is_for_server = (what & FOR_SERVER) != 0;
    if (!fuzz_start(&client, HF_CLIENT, options) || !fuzz_start(&server, HF_SERVER, options))
        return false;
    flows[0] = (flow){.from = &client, .to = &server, .wanted = is_for_server ? type : 0};
    flows[1] = (flow){.from = &server, .to = &client, .wanted = is_for_server ? 0 : type};
    fuzz_run(&client);
    fuzz_run(&server);
    for (int round = 0; round < ROUNDS_MAX; round++)
        if (pass_records(&flows[0]) || pass_records(&flows[1]))
            return true;
    return false;
}

/* ---------------------------------------------------------------- the message */

static const kept *find_kept(fuzz_options options, uint8_t what)
{
    static kept all[KEPT_MAX];
    kept *k = &all[(options.flags + 31U * options.suite + 7U * what) % KEPT_MAX];
    if (k->is_made && k->options.flags == options.flags && k->options.suite == options.suite &&
        k->what == what)
        return k;
    k->options = options;
    k->what = what;
    k->is_made = true;
    k->is_there = come_to(options, what);
    k->receiver = (what & FOR_SERVER) != 0 ? server : client;
    return k;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_reader input = hf_reader_of((hf_span){data, size});
    fuzz_options options = fuzz_read_options(&input);
    uint8_t what = hf_read_u8(&input);
    size_t left = hf_reader_left(&input);
    hf_span body = hf_read_bytes(&input, left < BODY_MAX ? left : BODY_MAX);
    const kept *k = find_kept(options, what);
    fuzz_endpoint *receiver = (what & FOR_SERVER) != 0 ? &server : &client;
    if (input.failed || !k->is_there)
        return 0;
    *receiver = k->receiver;
    if (receiver->conn.in.protection.kind != HF_PROTECT_NOTHING)
        hf_protection_wipe(&receiver->conn.in.protection); /* as if it had opened */
    uint16_t version = receiver->conn.in.version != 0 ? receiver->conn.in.version : HF_TLS1_2;
    give_message(receiver, version, what & (uint8_t)~FOR_SERVER, body);
    hf_conn_eof(&receiver->conn);
    fuzz_run(receiver);
    hf_conn_wipe(&receiver->conn);
    return 0;
}
