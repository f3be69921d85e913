/* signature_algorithms, RFC 5246 7.4.1.4.1. Servers do not send it. */
#include "tls/extensions/extensions.h"

#include "tls/wire/settings.h"

static bool offers(const hf_conn *c)
{
    return !hf_is_before_tls1_2(hf_settings_version_max(c->config));
}

static void write_offer(const hf_conn *c, hf_writer *w)
{
    const hf_code_list *schemes = hf_settings_schemes(c->config);
    size_t list = hf_write_vector_begin(w, 2);
    for (size_t i = 0; i < schemes->count; i++)
        if (hf_scheme_of(schemes->codes[i]) != NULL)
            hf_write_u16(w, schemes->codes[i]);
    hf_write_vector_end(w, list, 2);
}

static hf_error read_offer(hf_conn *c, hf_reader *r)
{
    c->handshake->schemes_offered = hf_read_codes16(r, 2, 0xfffe);
    return r->failed ? HF_ERROR_EXTENSION_SYNTAX : HF_OK;
}

const hf_extension hf_extension_signature_algorithms = {
    .info = HF_EXTENSION_INFO(13, "signature_algorithms", "RFC 5246 7.4.1.4.1"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_offer),
    .read_offer = HF_SERVER_ONLY(read_offer),
};
