/* CertificateRequest, RFC 5246 7.4.4. The names of the certification authorities are streamed from
 * the trust anchors: there may be many. */
#include "tls/handshake/handshake.h"

#include "tls/keys/keys.h"

#include <string.h>

/* ClientCertificateType, RFC 5246 7.4.4 and RFC 8422 5.5. */
#define TYPE_RSA_SIGN   1
#define TYPE_DSS_SIGN   2
#define TYPE_ECDSA_SIGN 64

#define LENGTH_SIZE     2 /* of certificate_authorities and of each name in it */
#define AUTHORITIES_MAX 0xffff

hf_client_auth hf_client_auth_of(const hf_conn *c)
{
    if (!HF_WITH_CLIENT_AUTH)
        return HF_CLIENT_AUTH_OFF;
    if (c->binding != NULL && c->binding->client_auth != HF_CLIENT_AUTH_INHERIT)
        return c->binding->client_auth;
    return c->config->client_auth;
}

const hf_trust_anchor *hf_client_anchors_of(const hf_conn *c, size_t *count)
{
    if (c->binding != NULL && c->binding->anchors != NULL) {
        *count = c->binding->anchor_count;
        return c->binding->anchors;
    }
    *count = c->config->anchor_count;
    return c->config->anchors;
}

static uint8_t type_of(hf_key_type key_type)
{
    switch (key_type) {
    case HF_KEY_RSA:
        return TYPE_RSA_SIGN;
    case HF_KEY_DSA:
        return TYPE_DSS_SIGN;
    default:
        return TYPE_ECDSA_SIGN;
    }
}

/* A signature over the handshake needs a hash of all of it, and only those of PRFs are kept. */
bool hf_is_scheme_usable(const hf_conn *c, const hf_scheme *scheme)
{
    const hf_transcript *transcript = &c->handshake->transcript;
    for (size_t i = 0; scheme != NULL && i < transcript->count; i++)
        if (transcript->hashes[i].id == scheme->hash)
            return true;
    return false;
}

static bool has_type(const hf_conn *c, hf_key_type key_type)
{
    hf_code_list own = hf_settings_schemes(c->config);
    if (hf_is_before_tls1_2(c->version))
        return hf_scheme_implied(key_type) != NULL;
    for (size_t i = 0; i < own.count; i++) {
        const hf_scheme *scheme = hf_scheme_of(own.codes[i]);
        if (hf_is_scheme_usable(c, scheme) && scheme->key_type == key_type)
            return true;
    }
    return false;
}

static void write_types(const hf_conn *c, hf_writer *w)
{
    static const hf_key_type types[] = {HF_KEY_EC, HF_KEY_RSA, HF_KEY_DSA};
    size_t list = hf_write_vector_begin(w, 1);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (has_type(c, types[i]))
            hf_write_u8(w, type_of(types[i]));
    hf_write_vector_end(w, list, 1);
}

static void write_schemes(const hf_conn *c, hf_writer *w)
{
    hf_code_list own = hf_settings_schemes(c->config);
    size_t list = hf_write_vector_begin(w, 2);
    for (size_t i = 0; i < own.count; i++)
        if (hf_is_scheme_usable(c, hf_scheme_of(own.codes[i])))
            hf_write_u16(w, own.codes[i]);
    hf_write_vector_end(w, list, 2);
}

static hf_span anchor_name(const hf_trust_anchor *anchor)
{
    hf_certificate certificate;
    if (anchor->certificate.size == 0)
        return anchor->name;
    return hf_certificate_read(&certificate, anchor->certificate) == HF_OK ? certificate.subject
                                                                           : (hf_span){NULL, 0};
}

/* An anchor without a name has no place in the list (RFC 5246 7.4.4: at least one byte each). */
static size_t entry_size(const hf_trust_anchor *anchor)
{
    size_t size = anchor_name(anchor).size;
    return size != 0 ? LENGTH_SIZE + size : 0;
}

/* Names that fit into the message; a list that is cut short would be wrong, so that one that is
 * too long is left out altogether, which stands for any authority. */
static uint32_t authorities_size(const hf_conn *c)
{
    size_t count, total = 0;
    const hf_trust_anchor *anchors = hf_client_anchors_of(c, &count);
    for (size_t i = 0; i < count && total <= AUTHORITIES_MAX; i++)
        total += entry_size(&anchors[i]);
    return total <= AUTHORITIES_MAX ? (uint32_t)total : 0;
}

hf_error hf_write_certificate_request(hf_conn *c, hf_writer *w)
{
    hf_handshake *h = c->handshake;
    write_types(c, w);
    if (!hf_is_before_tls1_2(c->version))
        write_schemes(c, w);
    h->streamed_size = authorities_size(c);
    hf_write_u16(w, (uint16_t)h->streamed_size);
    h->certificate_requested = true;
    return HF_OK;
}

/* Pieces 1, 3, 5 .. are lengths, 2, 4, 6 .. names; both are empty where there is no name. */
hf_span hf_certificate_request_piece(hf_conn *c, size_t index)
{
    size_t count;
    const hf_trust_anchor *anchors = hf_client_anchors_of(c, &count);
    hf_span name = anchor_name(&anchors[(index - 1) / 2]);
    if (index % 2 == 0 && name.size != 0)
        return name;
    hf_writer w = hf_writer_of(c->handshake->piece_length, sizeof c->handshake->piece_length);
    if (name.size != 0)
        hf_write_u16(&w, (uint16_t)name.size);
    return (hf_span){w.data, w.position};
}

/* What the server accepts. */
typedef struct request {
    hf_span types, schemes, authorities;
} request;

static bool accepts_type(const request *wanted, hf_key_type key_type)
{
    return memchr(wanted->types.data, type_of(key_type), wanted->types.size) != NULL;
}

static const hf_scheme *choose_scheme(const hf_conn *c, const request *wanted,
                                      const hf_private_key *key)
{
    if (hf_is_before_tls1_2(c->version))
        return hf_scheme_implied(key->type);
    size_t rsa_bits =
        HF_WITH_RSA && key->type == HF_KEY_RSA ? hf_rsa_bits(&key->u.rsa.public_key) : 0;
    hf_code_list own = hf_settings_schemes(c->config);
    for (size_t i = 0; i < own.count; i++) {
        const hf_scheme *scheme = hf_scheme_of(own.codes[i]);
        if (hf_is_scheme_usable(c, scheme) && hf_scheme_fits(scheme, key->type, rsa_bits) &&
            hf_codes_have(wanted->schemes, scheme->code))
            return scheme;
    }
    return NULL;
}

static bool same_name(hf_span a, hf_span b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

static bool has_authority(hf_span authorities, hf_span issuer)
{
    hf_reader list = hf_reader_of(authorities);
    while (hf_reader_left(&list) != 0)
        if (same_name(hf_read_vector16(&list, 1, 0xffff), issuer))
            return true;
    return false;
}

/* Whether one of the chain's certificates is issued by an authority that the server names; a
 * server that names none takes any (RFC 5246 7.4.4). */
static bool accepts_issuer(const request *wanted, const hf_credentials *credentials)
{
    hf_certificate certificate;
    if (wanted->authorities.size == 0)
        return true;
    for (size_t i = 0; i < credentials->chain_count; i++)
        if (hf_certificate_read(&certificate, credentials->chain[i]) == HF_OK &&
            has_authority(wanted->authorities, certificate.issuer))
            return true;
    return false;
}

static void choose_credentials(hf_conn *c, const request *wanted)
{
    c->handshake->credentials = NULL;
    for (size_t i = 0; i < c->config->credentials_count; i++) {
        const hf_credentials *own = &c->config->credentials[i];
        const hf_scheme *scheme = choose_scheme(c, wanted, own->key);
        if (scheme != NULL && accepts_type(wanted, own->key->type) && accepts_issuer(wanted, own)) {
            c->handshake->credentials = own;
            c->handshake->client_scheme = scheme;
            return;
        }
    }
}

static bool are_names_valid(hf_span authorities)
{
    hf_reader list = hf_reader_of(authorities);
    while (!list.failed && hf_reader_left(&list) != 0)
        (void)hf_read_vector16(&list, 1, 0xffff);
    return !list.failed;
}

hf_error hf_read_certificate_request(hf_conn *c, hf_reader *r)
{
    request wanted = {.types = hf_read_vector8(r, 1, 255)};
    if (!hf_is_before_tls1_2(c->version))
        wanted.schemes = hf_read_codes16(r, 2, 0xfffe);
    wanted.authorities = hf_read_vector16(r, 0, AUTHORITIES_MAX);
    hf_error error = hf_message_end(r);
    if (error != HF_OK)
        return error;
    if (!are_names_valid(wanted.authorities))
        return HF_ERROR_MESSAGE_SYNTAX;
    c->handshake->certificate_requested = true;
    if (HF_WITH_CLIENT_AUTH)
        choose_credentials(c, &wanted);
    return HF_OK;
}
