/* Hellos without the records around them: hf_read_client_hello, hf_read_server_hello,
 * hf_read_extensions, and the reader of each extension on its own.
 *
 * The input is two bytes of options (fuzz.h), one that says what is to be read, and its body. */
#include "fuzz/fuzz.h"

#include "tls/extensions/extensions.h"
#include "tls/handshake/handshake.h"
#include "tls/keys/keys.h"

#include <string.h>

#define BODY_MAX 4096

enum { WHOLE_HELLO = 0, EXTENSIONS = 1, FIRST_EXTENSION = 2 };

static hf_error read_hello(fuzz_endpoint *e, hf_reader *r)
{
    hf_conn *c = &e->conn;
    if (c->role == HF_SERVER)
        return hf_read_client_hello(c, r);
    c->in.record_version = HF_TLS1_2;
    return hf_read_server_hello(c, r);
}

/* The body as the one extension of type number `index` in the table, correctly framed. */
static hf_error read_one(fuzz_endpoint *e, size_t index, hf_span body)
{
    static uint8_t block[BODY_MAX + 6];
    hf_writer w = hf_writer_of(block, sizeof block);
    hf_write_u16(&w, (uint16_t)(body.size + 4));
    hf_write_u16(&w, hf_extension_at(index)->code);
    hf_write_u16(&w, (uint16_t)body.size);
    hf_write_bytes(&w, body);
    fuzz_require(!w.failed);
    hf_reader r = hf_reader_of((hf_span){block, w.position});
    hf_error error = hf_read_extensions(&e->conn, &r);
    fuzz_require(error != HF_OK || hf_reader_done(&r));
    return error;
}

static void read_role(fuzz_endpoint *e, hf_role role, fuzz_options options, uint8_t what,
                      hf_span body)
{
    hf_reader r = hf_reader_of(body);
    hf_error error;
    if (!fuzz_start(e, role, options))
        return;
    if (role == HF_CLIENT) /* a ServerHello answers a ClientHello, which says what was offered */
        fuzz_run(e);
    e->conn.suite = hf_suite_at(0); /* a ServerHello says it before its extensions */
    if (what >= FIRST_EXTENSION) {
        if (hf_extension_at(what - FIRST_EXTENSION) != NULL)
            (void)read_one(e, what - FIRST_EXTENSION, body);
        return;
    }
    error = what == WHOLE_HELLO ? read_hello(e, &r) : hf_read_extensions(&e->conn, &r);
    fuzz_require(r.position <= r.size);
    fuzz_require(error != HF_OK || hf_reader_done(&r));
    fuzz_require(error != HF_AGAIN && error != HF_WAITING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_endpoint endpoint;
    hf_reader input = hf_reader_of((hf_span){data, size});
    fuzz_options options = fuzz_read_options(&input);
    uint8_t what = hf_read_u8(&input);
    size_t left = hf_reader_left(&input);
    hf_span body = hf_read_bytes(&input, left < BODY_MAX ? left : BODY_MAX);
    read_role(&endpoint, HF_SERVER, options, what, body);
    read_role(&endpoint, HF_CLIENT, options, what, body);
    return 0;
}
