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

/* The chain will have been overwritten when the response has come: what it must be about is kept
 * where messages are composed, of which there is none before. */
void hf_note_issuer(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    hf_span serial = hf_path_leaf(&h->path)->serial_number, name, key;
    hf_writer w = hf_writer_of(h->compose, sizeof h->compose);
    h->must_staple = hf_path_leaf(&h->path)->must_staple;
    if (!hf_path_issuer(&h->path, &name, &key))
        return;
    hf_write_bytes(&w, serial);
    hf_write_bytes(&w, name);
    hf_write_bytes(&w, key);
    if (w.failed)
        return; /* no response can be verified then */
    h->serial_size = (uint8_t)serial.size;
    h->issuer_name_size = (uint16_t)name.size;
    h->issuer_key_size = (uint16_t)key.size;
}

static hf_ocsp_subject subject_of(const hf_conn *c)
{
    const hf_handshake *h = c->handshake;
    const uint8_t *name = h->compose + h->serial_size, *key = name + h->issuer_name_size;
    return (hf_ocsp_subject){.serial_number = {h->compose, h->serial_size},
                             .issuer_name = {name, h->issuer_name_size},
                             .issuer_key = {key, h->issuer_key_size},
                             .time = h->path_rules.time,
                             .ignore_time = h->path_rules.ignore_time,
                             .allow_sha1 = h->path_rules.allow_sha1,
                             .rsa_bits_min = h->path_rules.rsa_bits_min};
}

/* One public-key operation. */
static hf_error verify(hf_conn *c)
{
    const hf_ocsp_subject subject = subject_of(c);
    return hf_conn_may_compute(c)
               ? hf_ocsp_step(&subject, c->handshake->status, &c->handshake->step)
               : HF_AGAIN;
}

static hf_error ask_about_status(hf_conn *c)
{
    c->question = (hf_question){.kind = HF_QUESTION_STATUS, .input = c->handshake->status};
    c->has_question = c->handshake->has_answer = true;
    return HF_WAITING;
}

hf_error hf_finish_certificate_status(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    if (!h->has_answer && c->config->verify == HF_VERIFY_REQUIRED) {
        hf_error error = verify(c);
        if (error != HF_OK)
            return error;
    }
    h->has_status = true;
    return c->config->ask_about_status && !h->has_answer ? ask_about_status(c) : HF_OK;
}

/* RFC 7633 4.2.3.1: a certificate's TLS feature holds for clients that have asked. */
hf_error hf_check_status(const hf_conn *c)
{
    const hf_handshake *h = c->handshake;
    hf_status_request wanted = c->config->status_request;
    bool is_needed =
        wanted == HF_STATUS_REQUEST_REQUIRE || (wanted == HF_STATUS_REQUEST_ASK && h->must_staple);
    return is_needed && !h->has_status && hf_suite_has_certificate(c->suite) &&
                   c->config->verify == HF_VERIFY_REQUIRED
               ? HF_ERROR_STATUS_MISSING
               : HF_OK;
}
