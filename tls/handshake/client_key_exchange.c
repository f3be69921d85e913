/* ClientKeyExchange: a PSK identity (RFC 4279 2), then the client's ephemeral public key
 * (RFC 5246 7.4.7.2, RFC 8422 5.7) or an encrypted premaster secret (RFC 5246 7.4.7.1); each where
 * the suite has it. */
#include "tls/handshake/key_exchange.h"

#include "tls/keys/keys.h"

hf_error hf_agree(hf_conn *c)
{
    size_t size = 0;
    hf_error error = hf_agreement_of(c->suite)->agree(c, hf_other_secret(c), &size);
    c->handshake->shared_size = (uint16_t)size;
    return error;
}

static bool is_transport(const hf_suite *suite)
{
    return HF_USE_RSA_KX &&
           (suite->key_exchange == HF_KX_RSA || suite->key_exchange == HF_KX_RSA_PSK);
}

hf_error hf_write_client_key_exchange(hf_conn *c, hf_writer *w)
{
    hf_error error = HF_OK;
    const hf_agreement *agreement = hf_agreement_of(c->suite);
    /* Nothing may be appended before it is known that the rest can be. */
    if (is_transport(c->suite) && !hf_conn_may_compute(c))
        return HF_AGAIN;
#if HF_WITH_PSK
    if (hf_suite_uses_psk(c->suite))
        error = hf_write_psk_identity(c, w);
#endif
    if (error != HF_OK)
        return error;
#if HF_USE_RSA_KX
    if (is_transport(c->suite))
        return hf_write_encrypted_premaster(c, w);
#endif
    if (agreement != NULL)
        agreement->write_public(c, w);
    hf_finish_premaster(c, c->handshake->shared_size);
    return HF_OK;
}

hf_error hf_read_client_key_exchange(hf_conn *c, hf_reader *r)
{
    const hf_agreement *agreement = hf_agreement_of(c->suite);
    hf_error error = HF_OK;
#if HF_WITH_PSK
    if (hf_suite_uses_psk(c->suite))
        error = hf_read_psk_identity(c, r);
#endif
    if (error != HF_OK)
        return error;
#if HF_USE_RSA_KX
    if (is_transport(c->suite))
        hf_read_encrypted_premaster(c, r);
#endif
    if (agreement != NULL)
        agreement->read_public(c, r);
    return HF_OK;
}

hf_error hf_derive_secrets(hf_conn *c)
{
    hf_derive_master_secret(c);
    hf_derive_key_block(c);
    hf_observe_master_secret(c);
    return HF_OK;
}

enum { STEP_SECRET, STEP_ANSWERED };

static hf_error find_secret(hf_conn *c)
{
#if HF_USE_RSA_KX
    if (is_transport(c->suite)) {
        hf_error error = hf_decrypt_premaster(c);
        if (error == HF_WAITING)
            c->handshake->step = STEP_ANSWERED;
        return error;
    }
#endif
    if (hf_agreement_of(c->suite) != NULL) {
        hf_error error = hf_conn_may_compute(c) ? hf_agree(c) : HF_AGAIN;
        if (error != HF_OK)
            return error;
    }
    hf_finish_premaster(c, c->handshake->shared_size);
    return HF_OK;
}

hf_error hf_finish_client_key_exchange(hf_conn *c)
{
    hf_error error = c->handshake->step == STEP_SECRET ? find_secret(c) : HF_OK;
    return error == HF_OK ? hf_derive_secrets(c) : error;
}
