/* DHE, RFC 5246 7.4.3, 7.4.7.2, 8.1.2, with the groups of RFC 7919. */
#include "tls/handshake/key_exchange.h"

static hf_error generate(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    h->own_public_size = (uint16_t)h->dh_group.prime.size;
    return hf_error_of(hf_dh_generate(&h->dh_group, &c->config->random, h->exponent, h->own_public),
                       HF_ERROR_CRYPTO_FAILED);
}

static void write_public(const hf_conn *c, hf_writer *w)
{
    hf_write_vector(w, (hf_span){c->handshake->own_public, c->handshake->own_public_size}, 2);
}

static void write_parameters(const hf_conn *c, hf_writer *w)
{
    hf_write_vector(w, c->handshake->dh_group.prime, 2);
    hf_write_vector(w, c->handshake->dh_group.generator, 2);
    write_public(c, w);
}

static void read_public(hf_conn *c, hf_reader *r)
{
    c->handshake->peer_public = hf_read_vector16(r, 1, 0xffff);
}

/* The wire may pad a number with zeros; the glue takes it without. */
static hf_span without_leading_zeros(hf_span number)
{
    while (number.size > 1 && number.data[0] == 0) {
        number.data++;
        number.size--;
    }
    return number;
}

/* A group of RFC 7919 is known to be sound; any other is checked as far as that can be done. */
static hf_error read_parameters(hf_conn *c, hf_reader *r)
{
    hf_handshake *h = c->handshake;
    h->dh_group.prime = without_leading_zeros(hf_read_vector16(r, 1, 0xffff));
    h->dh_group.generator = without_leading_zeros(hf_read_vector16(r, 1, 0xffff));
    read_public(c, r);
    if (r->failed)
        return HF_ERROR_MESSAGE_SYNTAX;
    if (hf_dh_check_group(&h->dh_group, hf_settings_policy(c->config)->dh_bits_min) != HF_CRYPTO_OK)
        return HF_ERROR_GROUP_WEAK;
    c->group = hf_group_of(hf_dh_group_code(&h->dh_group));
    return HF_OK;
}

static hf_error agree(hf_conn *c, uint8_t *secret, size_t *size)
{
    hf_handshake *h = c->handshake;
    return hf_error_of(hf_dh_shared_secret(&h->dh_group, h->exponent,
                                           without_leading_zeros(h->peer_public), secret, size),
                       HF_ERROR_BAD_PUBLIC_VALUE);
}

const hf_agreement hf_agreement_dhe = {generate,     write_parameters, read_parameters,
                                       write_public, read_public,      agree};
