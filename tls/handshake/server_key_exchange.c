/* ServerKeyExchange: a PSK hint (RFC 4279 2, 3), the server's ephemeral public key (RFC 5246 7.4.3,
 * RFC 8422 5.4), its signature; each where the suite has it, in this order. */
#include "tls/handshake/key_exchange.h"

enum { STEP_GENERATE, STEP_SIGN, STEP_SIGNED };

/* What is signed are the parameters alone; suites with a signature have no hint before them. */
static hf_error write_parameters(hf_conn *c, hf_writer *w, const hf_agreement *agreement)
{
    if (!hf_conn_may_compute(c))
        return HF_AGAIN;
    hf_error error = agreement->generate(c);
    if (error != HF_OK)
        return error;
    size_t begin = w->position;
    agreement->write_parameters(c, w);
    if (w->failed)
        return HF_ERROR_OUTPUT_TOO_LONG;
    c->handshake->scheme = c->scheme;
    if (hf_suite_is_signed(c->suite))
        hf_digest_parameters(c, c->scheme->hash, (hf_span){w->data + begin, w->position - begin});
    return HF_OK;
}

hf_error hf_write_server_key_exchange(hf_conn *c, hf_writer *w)
{
    hf_handshake *h = c->handshake;
    const hf_agreement *agreement = hf_agreement_of(c->suite);
    if (h->step == STEP_GENERATE) {
        size_t begin = w->position;
#if HF_WITH_PSK
        if (hf_suite_uses_psk(c->suite))
            hf_write_psk_hint(c, w);
#endif
        hf_error error = agreement != NULL ? write_parameters(c, w, agreement) : HF_OK;
        if (error != HF_OK) {
            w->position = begin; /* written again when the operation may be done */
            return error;
        }
        h->step = STEP_SIGN;
    }
    if (h->step == STEP_SIGNED || !hf_suite_is_signed(c->suite))
        return HF_OK;
    hf_error error = hf_write_signature(c, w);
    if (error == HF_WAITING)
        h->step = STEP_SIGNED;
    return error;
}

hf_error hf_read_server_key_exchange(hf_conn *c, hf_reader *r)
{
    const hf_agreement *agreement = hf_agreement_of(c->suite);
    hf_error error = HF_OK;
#if HF_WITH_PSK
    if (hf_suite_uses_psk(c->suite))
        error = hf_read_psk_hint(c, r);
#endif
    size_t begin = r->position;
    if (error == HF_OK && agreement != NULL)
        error = agreement->read_parameters(c, r);
    if (error != HF_OK || !hf_suite_is_signed(c->suite))
        return error;
    hf_span parameters = {r->data + begin, r->position - begin};
    error = hf_read_signature(c, r);
    if (error != HF_OK)
        return error;
    c->scheme = c->handshake->scheme;
    hf_digest_parameters(c, c->scheme->hash, parameters);
    return HF_OK;
}

enum { STEP_VERIFY, STEP_GENERATE_OWN, STEP_AGREE, STEP_DONE };

/* The client's half of the agreement is done while the server's parameters are still at hand in
 * the receive buffer, so that they need not be kept. */
static hf_error next_step(hf_conn *c, const hf_agreement *agreement)
{
    hf_handshake *h = c->handshake;
    switch (h->step++) {
    case STEP_VERIFY:
        return hf_verify_signature(c);
    case STEP_GENERATE_OWN:
        return agreement->generate(c);
    default:
        return hf_agree(c);
    }
}

hf_error hf_finish_server_key_exchange(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    const hf_agreement *agreement = hf_agreement_of(c->suite);
    if (agreement == NULL)
        return HF_OK;
    if (h->step == STEP_VERIFY && !hf_suite_is_signed(c->suite))
        h->step = STEP_GENERATE_OWN;
    while (h->step < STEP_DONE) {
        if (!hf_conn_may_compute(c))
            return HF_AGAIN;
        hf_error error = next_step(c, agreement);
        if (error != HF_OK)
            return error;
    }
    return HF_OK;
}
