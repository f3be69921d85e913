/* CertificateStatus, RFC 6066 8: an OCSP response, streamed from the caller's memory. */
#include "tls/handshake/handshake.h"

hf_error hf_write_certificate_status(hf_conn *c, hf_writer *w)
{
    hf_span response = c->handshake->credentials->ocsp_response;
    if (response.size > 0xffffff - 4)
        return HF_ERROR_OUTPUT_TOO_LONG;
    hf_write_u8(w, HF_STATUS_TYPE_OCSP);
    hf_write_u24(w, (uint32_t)response.size);
    c->handshake->streamed_size = (uint32_t)response.size;
    return HF_OK;
}

hf_span hf_certificate_status_piece(hf_conn *c, size_t index)
{
    (void)index; /* there is one */
    return c->handshake->credentials->ocsp_response;
}

hf_error hf_read_certificate_status(hf_conn *c, hf_reader *r)
{
    uint8_t type = hf_read_u8(r);
    if (!r->failed && type != HF_STATUS_TYPE_OCSP)
        return HF_ERROR_STATUS_TYPE_WRONG;
    c->handshake->status = hf_read_vector24(r, 1, 0xffffff);
    return hf_message_end(r);
}

/* What the response says is the application's to judge. */
hf_error hf_finish_certificate_status(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    if (!c->config->ask_about_status || h->has_answer)
        return HF_OK;
    c->question = (hf_question){.kind = HF_QUESTION_STATUS, .input = h->status};
    c->has_question = h->has_answer = true;
    return HF_WAITING;
}
