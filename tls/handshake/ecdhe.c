/* ECDHE, RFC 8422 5.4, 5.7, 5.10 and RFC 5489. */
#include "tls/handshake/key_exchange.h"

static hf_error generate(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    h->own_public_size = (uint16_t)hf_ec_point_size(c->group->curve);
    return hf_error_of(
        hf_ec_generate(c->group->curve, &c->config->random, h->exponent, h->own_public),
        HF_ERROR_CRYPTO_FAILED);
}

static void write_public(const hf_conn *c, hf_writer *w)
{
    hf_write_vector(w, (hf_span){c->handshake->own_public, c->handshake->own_public_size}, 1);
}

static void write_parameters(const hf_conn *c, hf_writer *w)
{
    hf_write_u8(w, HF_CURVE_TYPE_NAMED);
    hf_write_u16(w, c->group->code);
    write_public(c, w);
}

static void read_public(hf_conn *c, hf_reader *r)
{
    c->handshake->peer_public = hf_read_vector8(r, 1, 255);
}

static hf_error read_parameters(hf_conn *c, hf_reader *r)
{
    uint8_t curve_type = hf_read_u8(r);
    uint16_t code = hf_read_u16(r);
    if (r->failed)
        return HF_ERROR_MESSAGE_SYNTAX;
    const hf_group *group = hf_group_of(code);
    if (curve_type != HF_CURVE_TYPE_NAMED || group == NULL || group->curve == HF_CURVE_NONE ||
        !hf_settings_have_group(c->config, code))
        return HF_ERROR_GROUP_NOT_OFFERED;
    c->group = group;
    read_public(c, r);
    if (r->failed)
        return HF_ERROR_MESSAGE_SYNTAX;
    return hf_error_of(hf_ec_check_point(group->curve, c->handshake->peer_public),
                       HF_ERROR_BAD_PUBLIC_VALUE);
}

/* RFC 8422 5.10: the X coordinate with its leading zeros. */
static hf_error agree(hf_conn *c, uint8_t *secret, size_t *size)
{
    hf_handshake *h = c->handshake;
    *size = hf_ec_field_size(c->group->curve);
    return hf_error_of(hf_ec_shared_secret(c->group->curve, h->exponent, h->peer_public, secret),
                       HF_ERROR_BAD_PUBLIC_VALUE);
}

const hf_agreement hf_agreement_ecdhe = {generate,     write_parameters, read_parameters,
                                         write_public, read_public,      agree};
