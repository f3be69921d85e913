/* renegotiation_info, RFC 5746 3.2: the verify_data of the handshake before this one, nothing in
 * the first. */
#include "tls/extensions/extensions.h"

#include "crypto_glue/constant_time.h"

static size_t previous_size(const hf_conn *c)
{
    return HF_WITH_RENEGOTIATION && c->established ? HF_VERIFY_DATA_SIZE : 0;
}

static void write_previous(const hf_conn *c, hf_writer *w)
{
    size_t size = previous_size(c);
    size_t vector = hf_write_vector_begin(w, 1);
    hf_write_bytes(w, (hf_span){c->verify_data[HF_CLIENT], size});
    if (hf_is_server(c->role))
        hf_write_bytes(w, (hf_span){c->verify_data[HF_SERVER], size});
    hf_write_vector_end(w, vector, 1);
}

static bool is_previous(hf_span part, const uint8_t *verify_data, size_t size)
{
    return part.size == size && hf_constant_time_equal(part.data, verify_data, size);
}

static hf_error read_previous(hf_conn *c, hf_reader *r)
{
    size_t size = previous_size(c);
    hf_reader info = hf_reader_of(hf_read_vector8(r, 0, 255));
    if (r->failed)
        return HF_ERROR_EXTENSION_SYNTAX;
    bool same = is_previous(hf_read_bytes(&info, size), c->verify_data[HF_CLIENT], size);
    if (hf_is_client(c->role))
        same &= is_previous(hf_read_bytes(&info, size), c->verify_data[HF_SERVER], size);
    if (!same || !hf_reader_done(&info))
        return HF_ERROR_RENEGOTIATION_INFO_WRONG;
    c->secure_renegotiation = true;
    return HF_OK;
}

static bool offers(const hf_conn *c)
{
    (void)c;
    return true;
}

/* Also in answer to the SCSV alone (RFC 5746 3.6). */
static bool answers(const hf_conn *c)
{
    return c->secure_renegotiation;
}

const hf_extension hf_extension_renegotiation_info = {
    .info = HF_EXTENSION_INFO(0xff01, "renegotiation_info", "RFC 5746 3.2"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_previous),
    .read_offer = HF_SERVER_ONLY(read_previous),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(write_previous),
    .read_answer = HF_CLIENT_ONLY(read_previous),
};
