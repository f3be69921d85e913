/* CertificateVerify, RFC 5246 7.4.8: the client signs the handshake so far. */
#include "tls/handshake/handshake.h"

enum { STEP_SIGN, STEP_SIGNED };

hf_error hf_write_certificate_verify(hf_conn *c, hf_writer *w)
{
    hf_handshake *h = c->handshake;
    if (h->step == STEP_SIGNED)
        return HF_OK;
    h->scheme = h->client_scheme;
    hf_digest_transcript(c);
    hf_error error = hf_write_signature(c, w);
    if (error == HF_WAITING)
        h->step = STEP_SIGNED;
    return error;
}

/* The transcript does not hold this message yet. A scheme whose hash it lacks was not in the
 * CertificateRequest: there would be nothing to verify against, and a signature over a digest that
 * is the same in every handshake proves nothing. */
hf_error hf_read_certificate_verify(hf_conn *c, hf_reader *r)
{
    hf_error error = hf_read_signature(c, r);
    if (error != HF_OK)
        return error;
    if (!hf_is_before_tls1_2(c->version) && !hf_is_scheme_usable(c, c->handshake->scheme))
        return HF_ERROR_SCHEME_NOT_OFFERED;
    hf_digest_transcript(c);
    return HF_OK;
}

hf_error hf_finish_certificate_verify(hf_conn *c)
{
    hf_error error = hf_conn_may_compute(c) ? hf_verify_signature(c) : HF_AGAIN;
    c->client_authenticated = error == HF_OK && c->config->verify == HF_VERIFY_REQUIRED;
    return error;
}
