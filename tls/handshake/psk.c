/* Pre-shared keys, RFC 4279 and RFC 5489. */
#include "tls/handshake/key_exchange.h"

#include <string.h>

#if HF_WITH_PSK

void hf_write_psk_hint(const hf_conn *c, hf_writer *w)
{
    hf_write_vector(w, c->config->psk_hint, 2);
}

/* RFC 4279 5.2: in the absence of a profile that says what a hint means, it is ignored. */
hf_error hf_read_psk_hint(hf_conn *c, hf_reader *r)
{
    (void)c;
    (void)hf_read_vector16(r, 0, 0xffff);
    return r->failed ? HF_ERROR_MESSAGE_SYNTAX : HF_OK;
}

hf_error hf_write_psk_identity(hf_conn *c, hf_writer *w)
{
    if (c->config->psk_count == 0)
        return HF_ERROR_BAD_PSK;
    c->handshake->psk = &c->config->psks[0];
    hf_write_vector(w, c->handshake->psk->identity, 2);
    return HF_OK;
}

hf_error hf_read_psk_identity(hf_conn *c, hf_reader *r)
{
    hf_span identity = hf_read_vector16(r, 0, 0xffff);
    if (r->failed)
        return HF_ERROR_MESSAGE_SYNTAX;
    for (size_t i = 0; i < c->config->psk_count; i++) {
        const hf_psk *psk = &c->config->psks[i];
        if (psk->identity.size == identity.size &&
            memcmp(psk->identity.data, identity.data, identity.size) == 0) {
            c->handshake->psk = psk;
            hf_renegotiation_note_peer(c, identity);
            return hf_is_renegotiation(c) ? hf_renegotiation_check_peer(c) : HF_OK;
        }
    }
    return HF_ERROR_PSK_IDENTITY_UNKNOWN;
}

#endif

uint8_t *hf_other_secret(hf_conn *c)
{
    return c->handshake->premaster + (hf_suite_uses_psk(c->suite) ? 2 : 0);
}

void hf_finish_premaster(hf_conn *c, size_t other_size)
{
    hf_handshake *h = c->handshake;
    h->premaster_size = (uint16_t)other_size;
#if HF_WITH_PSK
    if (!hf_suite_uses_psk(c->suite))
        return;
    hf_span key = h->psk->key;
    if (c->suite->key_exchange == HF_KX_PSK) { /* RFC 4279 2: as many zeros as the key has bytes */
        other_size = key.size;
        memset(hf_other_secret(c), 0, other_size);
    }
    hf_writer w = hf_writer_of(h->premaster, sizeof h->premaster);
    hf_write_u16(&w, (uint16_t)other_size);
    (void)hf_write_space(&w, other_size);
    hf_write_vector(&w, key, 2);
    h->premaster_size = (uint16_t)w.position;
#endif
}
