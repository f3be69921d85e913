/* status_request, RFC 6066 8: the client asks for an OCSP response, the server promises one. */
#include "tls/extensions/extensions.h"

#include "tls/wire/settings.h"

static bool offers(const hf_conn *c)
{
    return c->config->status_request != HF_STATUS_REQUEST_OFF &&
           hf_settings_use_certificates(c->config);
}

/* Any responder that the certificate's issuer knows will do, and no request extension is needed:
 * a nonce would keep the server from using the response twice. */
static void write_offer(const hf_conn *c, hf_writer *w)
{
    (void)c;
    hf_write_u8(w, HF_STATUS_TYPE_OCSP);
    hf_write_u16(w, 0);
    hf_write_u16(w, 0);
}

/* OCSPStatusRequest. Responders and extensions are for a server that would ask one now; what the
 * configuration has was asked for before. */
static hf_error read_ocsp_request(hf_reader *r)
{
    hf_reader responders = hf_reader_of(hf_read_vector16(r, 0, 0xffff));
    while (!responders.failed && hf_reader_left(&responders) != 0)
        (void)hf_read_vector16(&responders, 1, 0xffff);
    (void)hf_read_vector16(r, 0, 0xffff);
    return r->failed || responders.failed ? HF_ERROR_EXTENSION_SYNTAX : HF_OK;
}

/* A status_type that is not known has a request of unknown form, which is passed over. */
static hf_error read_offer(hf_conn *c, hf_reader *r)
{
    uint8_t type = hf_read_u8(r);
    if (r->failed)
        return HF_ERROR_EXTENSION_SYNTAX;
    if (type != HF_STATUS_TYPE_OCSP) {
        (void)hf_read_bytes(r, hf_reader_left(r));
        return HF_OK;
    }
    c->handshake->wants_status = true;
    return read_ocsp_request(r);
}

static bool answers(const hf_conn *c)
{
    const hf_credentials *credentials = c->handshake->credentials;
    return c->handshake->wants_status && !c->resumed && hf_suite_has_certificate(c->suite) &&
           credentials != NULL && credentials->ocsp_response.size != 0;
}

const hf_extension hf_extension_status_request = {
    .info = HF_EXTENSION_INFO(5, "status_request", "RFC 6066 8"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_offer),
    .read_offer = HF_SERVER_ONLY(read_offer),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(hf_write_empty_extension),
    .read_answer = HF_CLIENT_ONLY(hf_read_empty_extension),
};
