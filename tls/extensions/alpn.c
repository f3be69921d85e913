/* application_layer_protocol_negotiation, RFC 7301 3.1. */
#include "tls/extensions/extensions.h"

#include <string.h>

static bool offers(const hf_conn *c)
{
    return c->config->protocol_count != 0;
}

static void write_offer(const hf_conn *c, hf_writer *w)
{
    size_t list = hf_write_vector_begin(w, 2);
    for (size_t i = 0; i < c->config->protocol_count; i++)
        hf_write_vector(w, c->config->protocols[i], 1);
    hf_write_vector_end(w, list, 2);
}

/* Only checks the form: which protocol is chosen depends on the binding (choose.c). */
static hf_error read_offer(hf_conn *c, hf_reader *r)
{
    hf_span names = hf_read_vector16(r, 2, 0xffff);
    hf_reader list = hf_reader_of(names);
    while (!r->failed && !list.failed && hf_reader_left(&list) != 0)
        (void)hf_read_vector8(&list, 1, 255);
    if (r->failed || list.failed)
        return HF_ERROR_EXTENSION_SYNTAX;
    c->handshake->protocols_offered = names;
    return HF_OK;
}

static bool answers(const hf_conn *c)
{
    return c->protocol.size != 0;
}

static void write_answer(const hf_conn *c, hf_writer *w)
{
    size_t list = hf_write_vector_begin(w, 2);
    hf_write_vector(w, c->protocol, 1);
    hf_write_vector_end(w, list, 2);
}

static hf_error read_answer(hf_conn *c, hf_reader *r)
{
    hf_reader list = hf_reader_of(hf_read_vector16(r, 2, 0xffff));
    hf_span name = hf_read_vector8(&list, 1, 255);
    if (r->failed || list.failed)
        return HF_ERROR_EXTENSION_SYNTAX;
    for (size_t i = 0; i < c->config->protocol_count && hf_reader_done(&list); i++) {
        hf_span own = c->config->protocols[i];
        if (own.size == name.size && memcmp(own.data, name.data, name.size) == 0) {
            c->protocol = own;
            return HF_OK;
        }
    }
    return HF_ERROR_PROTOCOL_NOT_OFFERED;
}

const hf_extension hf_extension_alpn = {
    .info = HF_EXTENSION_INFO(16, "application_layer_protocol_negotiation", "RFC 7301 3.1"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_offer),
    .read_offer = HF_SERVER_ONLY(read_offer),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(write_answer),
    .read_answer = HF_CLIENT_ONLY(read_answer),
};
