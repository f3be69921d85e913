/* CertificateRequest, RFC 5246 7.4.4. There may be thousands of names of certification authorities:
 * they are streamed from the trust anchors, and read one by one as they come. */
#include "tls/handshake/handshake.h"

#include "tls/keys/keys.h"
#include "tls/x509/x509.h"

#include <string.h>

/* ClientCertificateType, RFC 5246 7.4.4 and RFC 8422 5.5. */
#define TYPE_RSA_SIGN   1
#define TYPE_DSS_SIGN   2
#define TYPE_ECDSA_SIGN 64

#define LENGTH_SIZE     2 /* of certificate_authorities and of each name in it */
#define AUTHORITIES_MAX 0xffff

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

bool hf_may_ask_client(const hf_conn *c, const hf_suite *suite)
{
    const hf_code_list *own = hf_settings_schemes(c->config);
    bool has_scheme = hf_is_before_tls1_2(c->version);
    for (size_t i = 0; i < own->count && !has_scheme; i++)
        has_scheme = hf_is_scheme_usable(c, hf_scheme_of(own->codes[i]));
    return has_scheme && hf_suite_lets_ask_client(suite);
}

static bool has_type(const hf_conn *c, hf_key_type key_type)
{
    const hf_code_list *own = hf_settings_schemes(c->config);
    if (hf_is_before_tls1_2(c->version))
        return hf_scheme_implied(key_type) != NULL;
    for (size_t i = 0; i < own->count; i++) {
        const hf_scheme *scheme = hf_scheme_of(own->codes[i]);
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
    const hf_code_list *own = hf_settings_schemes(c->config);
    size_t list = hf_write_vector_begin(w, 2);
    for (size_t i = 0; i < own->count; i++)
        if (hf_is_scheme_usable(c, hf_scheme_of(own->codes[i])))
            hf_write_u16(w, own->codes[i]);
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

/* ---------------------------------------------------------------- what a client makes of it */

/* The order of the fields; h->step says which is next. */
enum { FIELD_TYPES, FIELD_SCHEMES, FIELD_AUTHORITIES, FIELD_NAMES };

static bool accepts_type(const hf_handshake *h, hf_key_type key_type)
{
    return (h->request_types >> key_type & 1) != 0;
}

static void take_types(hf_handshake *h, hf_span types)
{
    static const hf_key_type known[] = {HF_KEY_EC, HF_KEY_RSA, HF_KEY_DSA};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (memchr(types.data, type_of(known[i]), types.size) != NULL)
            h->request_types |= (uint8_t)(1u << known[i]);
}

/* Of the own schemes, by position. */
static void take_schemes(hf_conn *c, hf_span schemes)
{
    const hf_code_list *own = hf_settings_schemes(c->config);
    for (size_t i = 0; i < own->count && i < HF_SCHEMES_MAX; i++)
        if (hf_codes_have(schemes, own->codes[i]))
            c->handshake->request_schemes |= UINT32_C(1) << i;
}

static const hf_scheme *choose_scheme(const hf_conn *c, const hf_private_key *key)
{
    if (hf_is_before_tls1_2(c->version))
        return hf_scheme_implied(key->type);
    size_t rsa_bits =
        HF_WITH_RSA && key->type == HF_KEY_RSA ? hf_rsa_bits(&key->u.rsa.public_key) : 0;
    const hf_code_list *own = hf_settings_schemes(c->config);
    for (size_t i = 0; i < own->count && i < HF_SCHEMES_MAX; i++) {
        const hf_scheme *scheme = hf_scheme_of(own->codes[i]);
        if ((c->handshake->request_schemes >> i & 1) != 0 && hf_is_scheme_usable(c, scheme) &&
            hf_scheme_fits(scheme, key->type, rsa_bits))
            return scheme;
    }
    return NULL;
}

/* Notes the credentials of which a certificate is issued by this authority. */
static void take_authority(hf_conn *c, hf_span name)
{
    for (size_t i = 0; i < c->config->credentials_count; i++) {
        const hf_credentials *own = &c->config->credentials[i];
        for (size_t k = 0; k < own->chain_count; k++)
            if (hf_span_equal(hf_certificate_issuer(own->chain[k]), name))
                c->handshake->request_issuers |= UINT32_C(1) << i;
    }
}

/* A vector whose whole may not have come yet: HF_AGAIN. `left` is what the message still has. */
static hf_error take_vector(hf_reader *r, size_t *left, size_t width, size_t minimum,
                            hf_span *vector)
{
    hf_reader ahead = *r;
    if (*left < width)
        return HF_ERROR_MESSAGE_SYNTAX;
    if (hf_reader_left(r) < width)
        return HF_AGAIN;
    size_t size = width == 1 ? hf_read_u8(&ahead) : hf_read_u16(&ahead);
    if (size < minimum || size > *left - width)
        return HF_ERROR_MESSAGE_SYNTAX;
    if (hf_reader_left(&ahead) < size)
        return HF_AGAIN;
    *vector = hf_read_bytes(&ahead, size);
    *left -= width + size;
    *r = ahead;
    return HF_OK;
}

static hf_error take_length(hf_conn *c, hf_reader *r, size_t *left)
{
    if (*left < LENGTH_SIZE)
        return HF_ERROR_MESSAGE_SYNTAX;
    if (hf_reader_left(r) < LENGTH_SIZE)
        return HF_AGAIN;
    size_t size = hf_read_u16(r);
    *left -= LENGTH_SIZE;
    c->handshake->request_has_names = size != 0;
    if (size == *left)
        return HF_OK;
    return size < *left ? HF_ERROR_MESSAGE_TRAILING_BYTES : HF_ERROR_MESSAGE_SYNTAX;
}

static hf_error take_field(hf_conn *c, hf_reader *r, size_t *left)
{
    hf_handshake *h = c->handshake;
    hf_span vector = {NULL, 0};
    hf_error error = HF_OK;
    switch (h->step) {
    case FIELD_TYPES:
        error = take_vector(r, left, 1, 1, &vector);
        if (error == HF_OK && HF_WITH_CLIENT_AUTH)
            take_types(h, vector);
        break;
    case FIELD_SCHEMES:
        if (hf_is_before_tls1_2(c->version))
            break;
        error = take_vector(r, left, 2, 2, &vector);
        if (error == HF_OK && vector.size % 2 != 0)
            return HF_ERROR_MESSAGE_SYNTAX;
        if (error == HF_OK && HF_WITH_CLIENT_AUTH)
            take_schemes(c, vector);
        break;
    case FIELD_AUTHORITIES:
        error = take_length(c, r, left);
        break;
    default:
        error = take_vector(r, left, LENGTH_SIZE, 1, &vector);
        if (error == HF_OK && HF_WITH_CLIENT_AUTH)
            take_authority(c, vector);
        return error;
    }
    if (error == HF_OK)
        h->step++;
    return error;
}

hf_error hf_read_certificate_request(hf_conn *c, hf_reader *r, size_t left)
{
    hf_error error = hf_suite_is_anonymous(c->suite) ? HF_ERROR_ANONYMOUS_SERVER_ASKS : HF_OK;
    while (error == HF_OK && (left != 0 || c->handshake->step != FIELD_NAMES))
        error = take_field(c, r, &left);
    c->handshake->certificate_requested = true;
    return error == HF_AGAIN ? HF_OK : error;
}

static void show(hf_handshake *h, const hf_credentials *credentials, const hf_scheme *scheme)
{
    h->credentials = credentials;
    h->client_scheme = scheme;
}

/* A server that names no authority takes any (RFC 5246 7.4.4). */
static void choose_credentials(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    show(h, NULL, NULL);
    for (size_t i = 0; i < c->config->credentials_count && h->credentials == NULL; i++) {
        const hf_credentials *own = &c->config->credentials[i];
        const hf_scheme *scheme = choose_scheme(c, own->key);
        bool is_issued = !h->request_has_names || (h->request_issuers >> i & 1) != 0;
        if (scheme != NULL && accepts_type(h, own->key->type) && is_issued)
            show(h, own, scheme);
    }
}

hf_error hf_finish_certificate_request(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    if (h->has_answer)
        return HF_OK;
    choose_credentials(c);
    if (!HF_WITH_CHOICES || !c->config->ask_about_credentials)
        return HF_OK;
    c->question = (hf_question){.kind = HF_QUESTION_CREDENTIALS, .credentials = h->credentials};
    c->has_question = h->has_answer = true;
    return HF_WAITING;
}

/* What the application shows is its affair, but it must be able to sign, with a key of a type that
 * the server has named (RFC 5246 7.4.6). */
hf_error hf_take_credentials(hf_conn *c, const hf_answer *answer)
{
    hf_handshake *h = c->handshake;
    if (answer->refused) {
        show(h, NULL, NULL);
    } else if (answer->credentials != NULL) {
        const hf_scheme *scheme = choose_scheme(c, answer->credentials->key);
        if (scheme == NULL || !accepts_type(h, answer->credentials->key->type))
            return HF_ERROR_NO_COMMON_SCHEME;
        show(h, answer->credentials, scheme);
    }
    return HF_OK;
}
