/* Hellos without the records around them, and the reader of each extension on its own, both sides.
 *
 * The input is three bytes of options (fuzz.h), one that says what is to be read, and its body.
 *
 * covers: hf_read_client_hello, hf_take_client_hello, hf_read_server_hello
 * covers: hf_read_extensions, alpn.c:read_offer, alpn.c:read_answer
 * covers: ec_point_formats.c:read_formats, encrypt_then_mac.c:read_answer
 * covers: extended_master_secret.c:read_empty, max_fragment_length.c:read_offer
 * covers: max_fragment_length.c:read_answer, record_size_limit.c:read_limit
 * covers: renegotiation_info.c:read_previous, server_name.c:read_offer
 * covers: server_name.c:read_name, session_ticket.c:read_offer
 * covers: signature_algorithms.c:read_offer, status_request.c:read_offer
 * covers: status_request.c:read_ocsp_request, supported_groups.c:read_offer
 * covers: supported_groups.c:read_answer, truncated_hmac.c:read_answer
 * covers: trusted_ca_keys.c:read_offer, hf_read_empty_extension
 * dictionary: tls.dict */
#include "fuzz/fuzz.h"

#include "tls/extensions/extensions.h"
#include "tls/handshake/handshake.h"
#include "tls/keys/keys.h"
#include "tls/wire/reasons.h"

#include <string.h>

#define BODY_MAX 4096

enum { WHOLE_HELLO = 0, EXTENSIONS = 1, FIRST_EXTENSION = 2 };

/* Whatever is refused is refused with an alert. */
static void check_refusal(hf_error error)
{
    fuzz_require(error != HF_AGAIN && error != HF_WAITING);
    fuzz_require(error == HF_OK || hf_reason_alert(error) != HF_ALERT_NONE);
}

static hf_error read_hello(fuzz_endpoint *e, hf_reader *r)
{
    hf_conn *c = &e->conn;
    if (c->role == HF_SERVER)
        return hf_read_client_hello(c, r);
    c->in.record_version = HF_TLS1_2;
    return hf_read_server_hello(c, r);
}

/* The body as the one extension of type number `index` in the table, correctly framed. */
static void read_one(fuzz_endpoint *e, size_t index, hf_span body)
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
    check_refusal(error);
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
    /* A ServerHello says it before its extensions. */
    e->conn.suite = hf_suite_at(options.suite != 0 ? options.suite - 1U : 0);
    if (e->conn.suite == NULL)
        return;
    if (what >= FIRST_EXTENSION) {
        if (hf_extension_at(what - FIRST_EXTENSION) != NULL)
            read_one(e, what - FIRST_EXTENSION, body);
        return;
    }
    error = what == WHOLE_HELLO ? read_hello(e, &r) : hf_read_extensions(&e->conn, &r);
    fuzz_require(r.position <= r.size);
    fuzz_require(error != HF_OK || hf_reader_done(&r));
    check_refusal(error);
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
