/* Certificate, RFC 5246 7.4.2. It is not composed but streamed: the certificates go from the
 * caller's memory straight into records. */
#include "tls/handshake/handshake.h"

#include <string.h>

#define LENGTH_SIZE 3 /* of certificate_list and of each ASN.1Cert in it */

/* A client without a suitable certificate sends an empty list (RFC 5246 7.4.6). */
hf_error hf_write_certificate(hf_conn *c, hf_writer *w)
{
    hf_handshake *h = c->handshake;
    size_t total = 0;
    h->client_has_certificate = hf_is_client(c->role) && h->credentials != NULL;
    for (size_t i = 0; h->credentials != NULL && i < h->credentials->chain_count; i++)
        total += LENGTH_SIZE + h->credentials->chain[i].size;
    if (total > 0xffffff - LENGTH_SIZE)
        return HF_ERROR_OUTPUT_TOO_LONG;
    hf_write_u24(w, (uint32_t)total);
    h->streamed_size = (uint32_t)total;
    return HF_OK;
}

/* Pieces 1, 3, 5 .. are lengths, 2, 4, 6 .. certificates. */
hf_span hf_certificate_piece(hf_conn *c, size_t index)
{
    hf_handshake *h = c->handshake;
    hf_span certificate = h->credentials->chain[(index - 1) / 2];
    if (index % 2 == 0)
        return certificate;
    hf_writer w = hf_writer_of(h->piece_length, sizeof h->piece_length);
    hf_write_u24(&w, (uint32_t)certificate.size);
    return (hf_span){w.data, w.position};
}

/* Copies what a span shows and lets it show the copy. */
static void keep_number(hf_writer *w, hf_span *number)
{
    uint8_t *kept = w->data + w->position;
    hf_write_bytes(w, *number);
    number->data = kept;
}

/* Keeps the peer's public key beyond the message that it came in. */
static hf_error keep_public_key(hf_conn *c, const hf_public_key *key)
{
    hf_handshake *h = c->handshake;
    hf_writer w = hf_writer_of(h->peer_key, sizeof h->peer_key);
    h->peer_public_key = *key;
    if (HF_WITH_RSA && key->type == HF_KEY_RSA) {
        hf_rsa_public *kept = &h->peer_public_key.u.rsa;
        keep_number(&w, &kept->modulus);
        keep_number(&w, &kept->exponent);
    } else if (key->type == HF_KEY_EC) {
        keep_number(&w, &h->peer_public_key.u.ec.point);
#if HF_WITH_DSS
    } else if (key->type == HF_KEY_DSA) {
        hf_dsa_public *kept = &h->peer_public_key.u.dsa;
        keep_number(&w, &kept->prime);
        keep_number(&w, &kept->subprime);
        keep_number(&w, &kept->generator);
        keep_number(&w, &kept->value);
#endif
    }
    return w.failed ? HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED : HF_OK;
}

/* The group of a key's curve must be one that was offered (RFC 8422 5.3). */
static bool curve_is_enabled(const hf_conn *c, hf_curve curve)
{
    const hf_group *group = hf_group_of_curve(curve);
    return group != NULL && hf_settings_have_group(c->config, group->code);
}

static hf_error take_leaf(hf_conn *c, const hf_certificate *leaf)
{
    const hf_public_key *key = &leaf->public_key;
    if (key->type == HF_KEY_NONE ||
        (hf_is_client(c->role) && key->type != c->suite->authentication) ||
        (key->type == HF_KEY_EC && !curve_is_enabled(c, key->u.ec.curve)))
        return HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED;
    c->handshake->peer_not_after = leaf->not_after;
    return keep_public_key(c, key);
}

/* What the leaf's key is used for in this handshake. A client always signs with it. */
static uint16_t key_usage(const hf_conn *c)
{
    return hf_is_server(c->role) || hf_suite_is_signed(c->suite) ? HF_KEY_USAGE_DIGITAL_SIGNATURE
                                                                 : HF_KEY_USAGE_KEY_ENCIPHERMENT;
}

/* What the chain must satisfy for this connection. */
static hf_error fill_in_rules(hf_conn *c)
{
    const hf_config *config = c->config;
    const hf_policy *policy = hf_settings_policy(config);
    hf_path_rules *rules = &c->handshake->path_rules;
    *rules = (hf_path_rules){
        .anchors = config->anchors,
        .anchor_count = config->anchor_count,
        .purpose = hf_is_client(c->role) ? HF_PURPOSE_SERVER : HF_PURPOSE_CLIENT,
        .key_usage = key_usage(c),
        .rsa_bits_min = policy->rsa_bits_min,
        .allow_sha1 = policy->allow_sha1,
    };
    if (HF_WITH_PINS) {
        rules->pins = config->pins;
        rules->pin_count = config->pin_count;
    }
    if (HF_WITH_CRL) {
        rules->crls = config->crls;
        rules->crl_count = config->crl_count;
        rules->allow_missing_crls = config->allow_missing_crls;
    }
    if (hf_is_client(c->role))
        rules->name = c->server_name;
    else
        rules->anchors = hf_client_anchors_of(c, &rules->anchor_count);
    if (hf_settings_read_clock(config, &rules->time))
        return HF_OK;
    rules->ignore_time = config->allow_no_clock;
    return config->allow_no_clock ? HF_OK : HF_ERROR_NO_CLOCK;
}

static hf_error begin_verification(hf_conn *c, const hf_span *chain, size_t count)
{
    hf_handshake *h = c->handshake;
    if (c->config->verify == HF_VERIFY_NONE) {
        hf_certificate leaf;
        hf_error error = hf_certificate_read(&leaf, chain[0]);
        return error == HF_OK ? take_leaf(c, &leaf) : error;
    }
    hf_error error = fill_in_rules(c);
    if (error != HF_OK)
        return error;
    error = hf_path_begin(&h->path, &h->path_rules, chain, count);
    if (error != HF_OK && error != HF_AGAIN) {
        c->failure.certificate = hf_path_failed_certificate(&h->path);
        return error;
    }
    return take_leaf(c, hf_path_leaf(&h->path));
}

hf_error hf_take_chain(hf_conn *c, const hf_span *chain, size_t count)
{
    hf_renegotiation_note_peer(c, chain[0]);
    c->handshake->client_has_certificate = hf_is_server(c->role);
    hf_error error = hf_is_renegotiation(c) ? hf_renegotiation_check_peer(c) : HF_OK;
    return error == HF_OK ? begin_verification(c, chain, count) : error;
}

hf_error hf_read_certificate(hf_conn *c, hf_reader *r)
{
    hf_span chain[HF_CHAIN_MAX];
    size_t count = 0;
    hf_reader list = hf_reader_of(hf_read_vector24(r, 0, 0xffffff));
    while (hf_reader_left(&list) != 0 && !list.failed) {
        hf_span certificate = hf_read_vector24(&list, 1, 0xffffff);
        if (count == HF_CHAIN_MAX)
            return HF_ERROR_CERTIFICATE_CHAIN_TOO_LONG;
        chain[count++] = certificate;
    }
    if (list.failed)
        return HF_ERROR_MESSAGE_SYNTAX;
    hf_error error = hf_message_end(r);
    if (error != HF_OK)
        return error;
    if (count != 0)
        return hf_take_chain(c, chain, count);
    return hf_is_server(c->role) && hf_client_auth_of(c) == HF_CLIENT_AUTH_REQUEST
               ? HF_OK
               : HF_ERROR_CERTIFICATE_MISSING;
}

enum { STEP_VERIFY, STEP_ANSWERED };

hf_error hf_verify_certificate(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    if (hf_is_server(c->role) && !h->client_has_certificate)
        return HF_OK;
    while (h->step == STEP_VERIFY && c->config->verify == HF_VERIFY_REQUIRED) {
        if (!hf_conn_may_compute(c))
            return HF_AGAIN;
        hf_error error = hf_path_step(&h->path);
        if (error == HF_OK)
            break;
        if (error != HF_AGAIN) {
            c->failure.certificate = hf_path_failed_certificate(&h->path);
            return error;
        }
    }
    c->server_verified = hf_is_client(c->role) && c->config->verify == HF_VERIFY_REQUIRED;
#if HF_WITH_STATUS_REQUEST
    if (c->server_verified && c->config->status_request != HF_STATUS_REQUEST_OFF)
        hf_note_issuer(c);
#endif
    if (h->step != STEP_ANSWERED && c->config->ask_about_chain &&
        c->config->verify == HF_VERIFY_REQUIRED) {
        h->step = STEP_ANSWERED;
        c->question = (hf_question){
            .kind = HF_QUESTION_CHAIN, .chain = h->path.chain, .chain_count = h->path.count};
        c->has_question = true;
        return HF_WAITING;
    }
    return HF_OK;
}
