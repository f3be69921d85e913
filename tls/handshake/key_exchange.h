/* How the two sides come to a premaster secret. A key exchange is made of parts:
 *
 *   agreement    an ephemeral key of each side: ECDHE (ecdhe.c) or DHE (dhe.c)
 *   transport    a secret encrypted with the server's RSA key (rsa_transport.c)
 *   psk          a key known before (psk.c), alone or with one of the others
 *   signature    over the server's ephemeral key (signature.c)
 *
 * ServerKeyExchange and ClientKeyExchange put the parts together for the suite's key exchange. */
#ifndef HF_HANDSHAKE_KEY_EXCHANGE_H
#define HF_HANDSHAKE_KEY_EXCHANGE_H

#include "tls/handshake/handshake.h"

typedef struct hf_agreement {
    /* A fresh key: h->exponent and h->own_public. One public-key operation. */
    hf_error (*generate)(hf_conn *c);
    /* The group and the server's public key. The reader checks the group against what was offered
     * and leaves the peer's public key as a view in h->peer_public. */
    void (*write_parameters)(const hf_conn *c, hf_writer *w);
    hf_error (*read_parameters)(hf_conn *c, hf_reader *r);
    /* The client's public key. */
    void (*write_public)(const hf_conn *c, hf_writer *w);
    void (*read_public)(hf_conn *c, hf_reader *r);
    /* The shared secret from h->exponent and h->peer_public, which is checked first. One
     * public-key operation. */
    hf_error (*agree)(hf_conn *c, uint8_t *secret, size_t *size);
} hf_agreement;

extern const hf_agreement hf_agreement_ecdhe;
extern const hf_agreement hf_agreement_dhe;

/* The suite's, or NULL. */
static inline const hf_agreement *hf_agreement_of(const hf_suite *suite)
{
    if (hf_suite_uses_curve(suite))
        return &hf_agreement_ecdhe;
    return hf_suite_uses_dh(suite) ? &hf_agreement_dhe : NULL;
}

/* Computes the shared secret and makes the premaster secret of it. */
HF_MUST_USE hf_error hf_agree(hf_conn *c);

/* --- rsa_transport.c --- */

/* Draws a premaster secret and appends it encrypted. One public-key operation. */
HF_MUST_USE hf_error hf_write_encrypted_premaster(hf_conn *c, hf_writer *w);
void hf_read_encrypted_premaster(hf_conn *c, hf_reader *r);
/* One public-key operation, or a question if the key is external. */
HF_MUST_USE hf_error hf_decrypt_premaster(hf_conn *c);
/* Takes the encoded message that an external key has decrypted. */
HF_MUST_USE hf_error hf_take_decrypted(hf_conn *c, hf_span encoded);

/* --- psk.c --- */

void hf_write_psk_hint(const hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_psk_hint(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_write_psk_identity(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_psk_identity(hf_conn *c, hf_reader *r);

/* Where the secret that the other parts agree upon goes in h->premaster, and what makes the
 * premaster secret of it: with a PSK other_secret and psk, each with its length (RFC 4279 2). */
uint8_t *hf_other_secret(hf_conn *c);
void hf_finish_premaster(hf_conn *c, size_t other_size);

#endif
