/* trusted_ca_keys, RFC 6066 6: a client says which root keys it has, so that a server with several
 * chains can send one that the client can verify. */
#include "tls/extensions/extensions.h"

#include "tls/wire/settings.h"
#include "tls/x509/x509.h"

#define SHA1_SIZE 20

/* IdentifierType. */
enum { PRE_AGREED, KEY_SHA1_HASH, X509_NAME, CERT_SHA1_HASH };

static bool offers(const hf_conn *c)
{
    return c->config->trusted_ca_keys != HF_TRUSTED_CA_KEYS_OFF;
}

static void write_hash(hf_writer *w, uint8_t type, const uint8_t hash[SHA1_SIZE])
{
    hf_write_u8(w, type);
    hf_write_bytes(w, (hf_span){hash, SHA1_SIZE});
}

static void write_name(hf_writer *w, hf_span name)
{
    hf_write_u8(w, X509_NAME);
    hf_write_vector(w, name, 2);
}

/* An anchor without its certificate has no hash of it: its key's stands in. One that cannot be read
 * is not offered. */
static void write_authority(hf_writer *w, const hf_trust_anchor *anchor, hf_trusted_ca_keys kind)
{
    uint8_t hash[SHA1_SIZE];
    hf_certificate certificate;
    hf_span name = anchor->name, key = anchor->public_key;
    if (anchor->certificate.size != 0) {
        if (hf_certificate_read(&certificate, anchor->certificate) != HF_OK)
            return;
        name = certificate.subject;
        key = certificate.public_key_der;
    }
    if (kind == HF_TRUSTED_CA_KEYS_NAMES) {
        if (name.size != 0)
            write_name(w, name);
    } else if (kind == HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES && anchor->certificate.size != 0) {
        (void)hf_hash_digest(HF_HASH_SHA1, anchor->certificate, hash);
        write_hash(w, CERT_SHA1_HASH, hash);
    } else if (hf_public_key_sha1(key, hash)) {
        write_hash(w, KEY_SHA1_HASH, hash);
    }
}

/* A list that does not fit is not cut short, since that would say that the rest is not trusted. */
static void write_offer(const hf_conn *c, hf_writer *w)
{
    const hf_config *config = c->config;
    size_t list = hf_write_vector_begin(w, 2);
    if (config->trusted_ca_keys == HF_TRUSTED_CA_KEYS_PRE_AGREED)
        hf_write_u8(w, PRE_AGREED);
    for (size_t i = 0; i < config->anchor_count; i++)
        if (config->trusted_ca_keys != HF_TRUSTED_CA_KEYS_PRE_AGREED)
            write_authority(w, &config->anchors[i], config->trusted_ca_keys);
    hf_write_vector_end(w, list, 2);
}

/* One TrustedAuthority. A type that is not known has no length that could be: nothing after it can
 * be read. */
static hf_span read_authority(hf_reader *r, uint8_t *type)
{
    *type = hf_read_u8(r);
    switch (*type) {
    case PRE_AGREED:
        return hf_read_bytes(r, 0);
    case KEY_SHA1_HASH:
    case CERT_SHA1_HASH:
        return hf_read_bytes(r, SHA1_SIZE);
    case X509_NAME:
        return hf_read_vector16(r, 1, 0xffff);
    default:
        r->failed = true;
        return hf_read_bytes(r, 0);
    }
}

static hf_error read_offer(hf_conn *c, hf_reader *r)
{
    uint8_t type;
    hf_span authorities = hf_read_vector16(r, 0, 0xffff);
    hf_reader list = hf_reader_of(authorities);
    while (!list.failed && hf_reader_left(&list) != 0) {
        (void)read_authority(&list, &type);
        if (type > CERT_SHA1_HASH)
            return HF_ERROR_TRUSTED_AUTHORITY_WRONG;
    }
    if (!hf_reader_done(r) || list.failed)
        return HF_ERROR_EXTENSION_SYNTAX;
    c->handshake->authorities_offered = authorities;
    return HF_OK;
}

/* --- which of the server's chains lead to one of them --- */

static bool is_listed(hf_span authorities, uint8_t type, hf_span value)
{
    uint8_t listed;
    hf_reader list = hf_reader_of(authorities);
    while (hf_reader_left(&list) != 0) {
        hf_span authority = read_authority(&list, &listed);
        if (listed == PRE_AGREED || (listed == type && hf_span_equal(authority, value)))
            return true;
    }
    return false;
}

static bool is_ca_listed(hf_span authorities, hf_span der)
{
    uint8_t hash[SHA1_SIZE];
    hf_certificate ca;
    const hf_span digest = {hash, sizeof hash};
    if (hf_certificate_read(&ca, der) != HF_OK)
        return false;
    (void)hf_hash_digest(HF_HASH_SHA1, der, hash);
    if (is_listed(authorities, CERT_SHA1_HASH, digest))
        return true;
    return hf_public_key_sha1(ca.public_key_der, hash) &&
           is_listed(authorities, KEY_SHA1_HASH, digest);
}

/* By the issuer's name of any certificate; by key or certificate where it is at hand: above the
 * leaf, or as the root that is not sent. */
static bool is_chain_trusted(hf_span authorities, const hf_credentials *credentials)
{
    for (size_t i = 0; i < credentials->chain_count; i++) {
        hf_span der = credentials->chain[i];
        if (is_listed(authorities, X509_NAME, hf_certificate_issuer(der)) ||
            (i != 0 && is_ca_listed(authorities, der)))
            return true;
    }
    return credentials->root.size != 0 && is_ca_listed(authorities, credentials->root);
}

uint32_t hf_trusted_credentials(const hf_conn *c)
{
    uint32_t trusted = 0;
    for (size_t i = 0; c->binding != NULL && i < c->binding->credentials_count; i++)
        if (is_chain_trusted(c->handshake->authorities_offered, &c->binding->credentials[i]))
            trusted |= UINT32_C(1) << i;
    return trusted;
}

/* RFC 6066 6: where the server has made use of it. */
static bool answers(const hf_conn *c)
{
    return !c->resumed && c->handshake->is_chain_trusted && hf_suite_has_certificate(c->suite);
}

const hf_extension hf_extension_trusted_ca_keys = {
    .info = HF_EXTENSION_INFO(3, "trusted_ca_keys", "RFC 6066 6"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_offer),
    .read_offer = HF_SERVER_ONLY(read_offer),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(hf_write_empty_extension),
    .read_answer = HF_CLIENT_ONLY(hf_read_empty_extension),
};
