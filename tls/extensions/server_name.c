/* server_name, RFC 6066 3. */
#include "tls/extensions/extensions.h"

#include <string.h>

#define NAME_TYPE_HOST_NAME 0

static bool offers(const hf_conn *c)
{
    return !c->config->without_server_name && hf_is_host_name(c->server_name);
}

static void write_offer(const hf_conn *c, hf_writer *w)
{
    size_t list = hf_write_vector_begin(w, 2);
    hf_write_u8(w, NAME_TYPE_HOST_NAME);
    hf_write_vector(w, c->server_name, 2);
    hf_write_vector_end(w, list, 2);
}

/* One ServerName; other types than host_name have the same shape and are passed over. */
static hf_error read_name(hf_handshake *h, hf_reader *r, bool *has_host_name)
{
    uint8_t type = hf_read_u8(r);
    hf_span name = hf_read_vector16(r, 1, 0xffff);
    if (r->failed)
        return HF_ERROR_EXTENSION_SYNTAX;
    if (type != NAME_TYPE_HOST_NAME)
        return HF_OK;
    if (*has_host_name || name.size > sizeof h->server_name || !hf_is_host_name(name))
        return HF_ERROR_SERVER_NAME_SYNTAX;
    *has_host_name = true;
    memcpy(h->server_name, name.data, name.size);
    h->server_name_size = (uint8_t)name.size;
    return HF_OK;
}

static hf_error read_offer(hf_conn *c, hf_reader *r)
{
    hf_reader list = hf_reader_of(hf_read_vector16(r, 1, 0xffff));
    bool has_host_name = false;
    if (r->failed)
        return HF_ERROR_EXTENSION_SYNTAX;
    while (hf_reader_left(&list) != 0) {
        hf_error error = read_name(c->handshake, &list, &has_host_name);
        if (error != HF_OK)
            return error;
    }
    return HF_OK;
}

/* Acknowledged only where the name chose the binding, and not when a session is resumed. */
static bool answers(const hf_conn *c)
{
    return !c->resumed && c->handshake->is_name_bound;
}

const hf_extension hf_extension_server_name = {
    .info = HF_EXTENSION_INFO(0, "server_name", "RFC 6066 3"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_offer),
    .read_offer = HF_SERVER_ONLY(read_offer),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(hf_write_empty_extension),
    .read_answer = HF_CLIENT_ONLY(hf_read_empty_extension),
};
