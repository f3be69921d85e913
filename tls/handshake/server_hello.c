/* ServerHello, RFC 5246 7.4.1.3. */
#include "tls/handshake/handshake.h"

#include "tls/extensions/extensions.h"
#include "tls/keys/keys.h"
#include "tls/session/sessions.h"

#include <string.h>

/* RFC 8446 4.1.3: the end of server_random where a server that has TLS 1.2 negotiates less. It is
 * signed with the key exchange, so that nobody can have cut the versions on the way. */
static const uint8_t downgrade_mark[8] = {'D', 'O', 'W', 'N', 'G', 'R', 'D', 0};

static uint8_t *end_of_random(hf_handshake *h)
{
    return h->server_random + HF_RANDOM_SIZE - sizeof downgrade_mark;
}

static void mark_downgrade(hf_conn *c)
{
    if (hf_is_before_tls1_2(c->version) && !hf_is_before_tls1_2(hf_settings_version_max(c->config)))
        memcpy(end_of_random(c->handshake), downgrade_mark, sizeof downgrade_mark);
}

static bool is_downgraded(hf_conn *c)
{
    return hf_is_before_tls1_2(c->version) &&
           !hf_is_before_tls1_2(hf_settings_version_max(c->config)) &&
           memcmp(end_of_random(c->handshake), downgrade_mark, sizeof downgrade_mark) == 0;
}

/* A new session gets an ID only if it will be kept, and not where a ticket stands for it (RFC 5077
 * 3.4). */
static hf_error name_session(hf_conn *c)
{
    if (c->resumed || c->handshake->sends_ticket ||
        (c->config->cache == NULL && !c->config->ask_about_sessions))
        return HF_OK;
    c->session_id_size = HF_SESSION_ID_SIZE;
    return hf_conn_random(c, c->session_id, HF_SESSION_ID_SIZE);
}

hf_error hf_write_server_hello(hf_conn *c, hf_writer *w)
{
    hf_handshake *h = c->handshake;
    hf_error error = hf_conn_random(c, h->server_random, HF_RANDOM_SIZE);
    if (error == HF_OK)
        error = name_session(c);
    if (error != HF_OK)
        return error;
    mark_downgrade(c);
    hf_write_u16(w, c->version);
    hf_write_bytes(w, (hf_span){h->server_random, HF_RANDOM_SIZE});
    hf_write_vector(w, (hf_span){c->session_id, c->session_id_size}, 1);
    hf_write_u16(w, c->suite->code);
    hf_write_u8(w, 0); /* compression_method null */
    hf_write_extensions(c, w);
    return HF_OK;
}

static hf_error take_version(hf_conn *c, uint16_t version)
{
    if (version > c->handshake->client_version)
        return HF_ERROR_VERSION_NOT_OFFERED;
    if (version < hf_settings_version_min(c->config))
        return HF_ERROR_VERSION_UNSUPPORTED;
    if (c->in.record_version != version) /* RFC 5246 E.1: the record that carries it agrees */
        return HF_ERROR_RECORD_VERSION;
    if (hf_is_renegotiation(c) && version != c->version)
        return HF_ERROR_RENEGOTIATION_CHANGED;
    c->version = version;
    c->in.version = version;
    c->out.version = version;
    return is_downgraded(c) ? HF_ERROR_DOWNGRADE_DETECTED : HF_OK;
}

static hf_error take_suite(hf_conn *c, uint16_t code)
{
    const hf_suite *suite = hf_settings_suite(c->config, code, c->version);
    if (suite == NULL)
        return HF_ERROR_SUITE_NOT_OFFERED;
    c->suite = suite;
    if (c->config->credentials_count == 0 && !c->config->ask_about_credentials)
        hf_transcript_keep(&c->handshake->transcript, hf_negotiated_hash(c));
    return HF_OK;
}

/* What a ServerHello without these extensions means (RFC 5746 3.4, RFC 7627 5.2). */
static hf_error check_missing(const hf_conn *c)
{
    const hf_policy *policy = hf_settings_policy(c->config);
    if (!c->secure_renegotiation && !policy->allow_no_secure_renegotiation)
        return HF_ERROR_NO_SECURE_RENEGOTIATION;
    if (!c->extended_master_secret && hf_settings_need_extended_master_secret(c->config))
        return HF_ERROR_NO_EXTENDED_MASTER_SECRET;
    return HF_OK;
}

/* The ID that was offered means that its session is resumed; any other, or none, is for a new one.
 */
static hf_error take_session(hf_conn *c, hf_span id)
{
    if (c->handshake->offers_session && id.size == c->session_id_size &&
        memcmp(id.data, c->session_id, id.size) == 0) {
        const hf_session_state *state = &c->session->state;
        if (state->version != c->version || state->suite != c->suite->code ||
            (HF_USE_TRUNCATED_HMAC && c->truncated_hmac && !state->truncated_hmac) ||
            (HF_WITH_RECORD_LIMITS && c->fragment_length != 0 &&
             c->fragment_length != state->fragment_length))
            return HF_ERROR_RESUMPTION_CHANGED;
        if (state->extended_master_secret != c->extended_master_secret)
            return HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED;
        hf_session_resume(c, state);
        return hf_is_renegotiation(c) ? hf_renegotiation_check_peer(c) : HF_OK;
    }
    c->handshake->offers_session = false; /* declined */
    c->session_id_size = (uint8_t)id.size;
    memcpy(c->session_id, id.data, id.size);
    return HF_OK;
}

hf_error hf_read_server_hello(hf_conn *c, hf_reader *r)
{
    uint16_t version = hf_read_u16(r);
    hf_span random = hf_read_bytes(r, HF_RANDOM_SIZE);
    hf_span session_id = hf_read_vector8(r, 0, HF_SESSION_ID_MAX);
    uint16_t suite = hf_read_u16(r);
    uint8_t compression = hf_read_u8(r);
    if (r->failed)
        return HF_ERROR_MESSAGE_SYNTAX;
    memcpy(c->handshake->server_random, random.data, HF_RANDOM_SIZE);
    bool had_extended_master_secret = c->extended_master_secret;
    hf_error error = take_version(c, version);
    if (error != HF_OK)
        return error;
    hf_conn_forget_negotiated(c);
    error = take_suite(c, suite);
    if (error == HF_OK && compression != 0)
        error = HF_ERROR_COMPRESSION_CHOSEN;
    if (error == HF_OK)
        error = hf_read_extensions(c, r);
#if HF_WITH_RECORD_LIMITS
    if (error == HF_OK)
        error = hf_settle_record_limits(c);
#endif
    if (error == HF_OK)
        error = check_missing(c);
    if (error == HF_OK && hf_is_renegotiation(c))
        error = hf_renegotiation_check_hello(c, had_extended_master_secret);
    if (error == HF_OK && hf_is_renegotiation(c))
        error = hf_renegotiation_check_protection(c);
    if (error == HF_OK)
        error = take_session(c, session_id);
#if HF_WITH_RECORD_LIMITS
    hf_limit_clear_records(c);
#endif
#if HF_USE_CERTIFICATE_URL
    c->handshake->accepts_urls = hf_extension_received(c, &hf_extension_client_certificate_url);
#endif
    return error;
}

/* A resumed session needs no key exchange: its keys can be made at once. */
hf_error hf_finish_server_hello(hf_conn *c)
{
    if (!c->resumed)
        return HF_OK;
    hf_derive_key_block(c);
    hf_observe_master_secret(c);
    return HF_OK;
}
