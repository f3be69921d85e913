#include "tls/handshake/handshake.h"

#include "tls/keys/keys.h"

#include <string.h>

void hf_digest_parameters(hf_conn *c, hf_hash_id id, hf_span parameters)
{
    hf_handshake *h = c->handshake;
    hf_hash hash;
    hf_hash_init(&hash, id);
    hf_hash_update(&hash, h->client_random, HF_RANDOM_SIZE);
    hf_hash_update(&hash, h->server_random, HF_RANDOM_SIZE);
    hf_hash_update(&hash, parameters.data, parameters.size);
    (void)hf_hash_final(&hash, h->digest);
}

void hf_digest_transcript(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    uint8_t both[HF_HASH_SIZE_MAX];
    if (!hf_is_before_tls1_2(c->version) || c->handshake->scheme->hash == HF_HASH_MD5_SHA1) {
        (void)hf_transcript_digest(&h->transcript, c->handshake->scheme->hash, h->digest);
        return;
    }
    /* RFC 4346 7.4.8: SHA-1 alone for keys other than RSA. */
    size_t size = hf_transcript_digest(&h->transcript, HF_HASH_MD5_SHA1, both);
    size_t sha1_size = hf_hash_size(HF_HASH_SHA1);
    memcpy(h->digest, both + size - sha1_size, sha1_size);
}

hf_error hf_read_signature(hf_conn *c, hf_reader *r)
{
    hf_handshake *h = c->handshake;
    bool is_named = !hf_is_before_tls1_2(c->version);
    uint16_t code = is_named ? hf_read_u16(r) : 0;
    h->peer_signature = hf_read_vector16(r, 0, 0xffff);
    hf_error error = hf_message_end(r);
    if (error != HF_OK)
        return error;
    const hf_scheme *scheme =
        is_named ? hf_scheme_of(code) : hf_scheme_implied(h->peer_public_key.type);
    if (scheme == NULL || scheme->key_type != h->peer_public_key.type ||
        (is_named && !hf_list_has(hf_settings_schemes(c->config), code)))
        return HF_ERROR_SCHEME_NOT_OFFERED;
    h->scheme = scheme;
    return HF_OK;
}

bool hf_scheme_fits(const hf_scheme *scheme, hf_key_type type, size_t rsa_bits)
{
    if (scheme->key_type != type)
        return false;
    /* RFC 8017 9.1.1: the encoded message needs hash, salt of the same length and two bytes. */
    return !HF_WITH_RSA || scheme->padding != HF_PADDING_PSS ||
           rsa_bits >= 8 * (2 * hf_hash_size(scheme->hash) + 2) + 1;
}

static hf_crypto_result sign(const hf_conn *c, const hf_private_key *key, hf_span digest,
                             uint8_t *out, size_t capacity, size_t *size)
{
    const hf_random *random = &c->config->random;
#if HF_WITH_RSA
    if (key->type == HF_KEY_RSA && c->handshake->scheme->padding == HF_PADDING_PSS)
        return hf_rsa_pss_sign(&key->u.rsa, random, c->handshake->scheme->hash, digest, out,
                               capacity, size);
    if (key->type == HF_KEY_RSA)
        return hf_rsa_pkcs1_sign(&key->u.rsa, random, c->handshake->scheme->hash, digest, out,
                                 capacity, size);
#endif
#if HF_WITH_DSS
    if (key->type == HF_KEY_DSA)
        return hf_dsa_sign(&key->u.dsa, random, digest, out, capacity, size);
#endif
    if (capacity < HF_ECDSA_SIGNATURE_MAX)
        return HF_CRYPTO_NO_SPACE;
    return hf_ecdsa_sign(key->u.ec.curve, key->u.ec.scalar.data, random, digest, out, size);
}

hf_error hf_write_signature(hf_conn *c, hf_writer *w)
{
    hf_handshake *h = c->handshake;
    const hf_private_key *key = h->credentials->key;
    hf_span digest = {h->digest, hf_hash_size(c->handshake->scheme->hash)};
    if (!key->external && !hf_conn_may_compute(c))
        return HF_AGAIN;
    if (!hf_is_before_tls1_2(c->version))
        hf_write_u16(w, c->handshake->scheme->code);
    if (key->external) {
        c->question = (hf_question){.kind = HF_QUESTION_SIGN,
                                    .credentials = h->credentials,
                                    .scheme = c->handshake->scheme->code,
                                    .hash = c->handshake->scheme->hash,
                                    .input = digest};
        c->has_question = true;
        return HF_WAITING;
    }
    size_t vector = hf_write_vector_begin(w, 2), size = 0;
    if (w->failed)
        return HF_ERROR_OUTPUT_TOO_LONG;
    hf_crypto_result result =
        sign(c, key, digest, w->data + w->position, w->size - w->position, &size);
    if (result != HF_CRYPTO_OK)
        return hf_error_of(result, HF_ERROR_SIGNING_FAILED);
    (void)hf_write_space(w, size);
    hf_write_vector_end(w, vector, 2);
    return HF_OK;
}

hf_error hf_append_signature(hf_conn *c, hf_span signature)
{
    hf_handshake *h = c->handshake;
    hf_writer w = hf_writer_of(h->compose, sizeof h->compose);
    w.position = h->compose_size;
    hf_write_vector(&w, signature, 2);
    h->compose_size = (uint16_t)w.position;
    return w.failed ? HF_ERROR_SIGNING_FAILED : HF_OK;
}

hf_error hf_verify_signature(const hf_conn *c)
{
    const hf_handshake *h = c->handshake;
    const hf_public_key *key = &h->peer_public_key;
    hf_span digest = {h->digest, hf_hash_size(c->handshake->scheme->hash)};
    hf_crypto_result result = HF_CRYPTO_BAD_KEY;
    if (key->type == HF_KEY_EC)
        result = hf_ecdsa_verify(key->u.ec.curve, key->u.ec.point, digest, h->peer_signature);
#if HF_WITH_DSS
    else if (key->type == HF_KEY_DSA)
        result = hf_dsa_verify(&key->u.dsa, digest, h->peer_signature);
#endif
#if HF_WITH_RSA
    else if (c->handshake->scheme->padding == HF_PADDING_PSS)
        result =
            hf_rsa_pss_verify(&key->u.rsa, c->handshake->scheme->hash, digest, h->peer_signature);
    else
        result =
            hf_rsa_pkcs1_verify(&key->u.rsa, c->handshake->scheme->hash, digest, h->peer_signature);
#endif
    return hf_error_of(result, HF_ERROR_SIGNATURE_WRONG);
}
