#include "tls/session/sessions.h"

#include "crypto_glue/constant_time.h"

#include "tls/wire/settings.h"
#include "tls/wire/switches.h"
#include "tls/wire/wire.h"

#include <string.h>

/* Names compare without case (RFC 6066 3). */
void hf_session_note_name(hf_conn *c, hf_span name)
{
    hf_hash hash;
    memset(c->server_name_digest, 0, sizeof c->server_name_digest);
    if (name.size == 0)
        return;
    hf_hash_init(&hash, HF_HASH_SHA256);
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];
        byte = byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 'a' - 'A') : byte;
        hf_hash_update(&hash, &byte, 1);
    }
    (void)hf_hash_final(&hash, c->server_name_digest);
}

static int64_t lifetime_of(const hf_conn *c)
{
    const hf_config *config = c->config;
    uint32_t lifetime = 0;
    if (hf_is_client(c->role))
        lifetime = c->handshake->ticket_lifetime; /* a server's hint, RFC 5077 3.3 */
    else if (HF_WITH_SESSION_TICKET && c->handshake->sends_ticket)
        lifetime = config->tickets->lifetime;
    else if (config->cache != NULL)
        lifetime = config->cache->lifetime;
    return lifetime == 0 || lifetime > HF_SESSION_LIFETIME_MAX ? HF_SESSION_LIFETIME_MAX : lifetime;
}

/* A session does not outlive the certificate that it rests on, nor does resuming it make it last
 * longer; what a ticket is renewed with, a hint or a lifetime that is shorter now, may end it
 * sooner. */
static int64_t expiry_of(const hf_conn *c)
{
    const hf_handshake *h = c->handshake;
    bool is_renewed = HF_WITH_SESSION_TICKET && c->resumed; /* by nothing but a ticket */
    int64_t now, end = is_renewed ? h->session_expires : h->peer_not_after;
    if (!hf_settings_read_clock(c->config, &now))
        return is_renewed ? end : INT64_MAX;
    int64_t lifetime = lifetime_of(c);
    return now < end - lifetime ? now + lifetime : end;
}

void hf_session_make(const hf_conn *c, hf_session_state *state)
{
    memset(state, 0, sizeof *state);
    memcpy(state->master_secret, c->master_secret, sizeof state->master_secret);
    memcpy(state->server_name, c->server_name_digest, sizeof state->server_name);
#if HF_WITH_RENEGOTIATION
    memcpy(state->peer_certificate, c->handshake->peer_certificate, sizeof state->peer_certificate);
#endif
    state->version = c->version;
    state->suite = c->suite->code;
    state->fragment_length = c->fragment_length;
    state->extended_master_secret = c->extended_master_secret;
    state->truncated_hmac = c->truncated_hmac;
    state->client_authenticated = c->client_authenticated;
    state->server_verified = c->server_verified;
    state->expires = expiry_of(c);
}

/* RFC 7627 5.3: a session that has the extended master secret goes with hellos that have it. */
static bool suits_master_secret(const hf_config *config, const hf_session_state *state)
{
    return state->extended_master_secret ? !config->without_extended_master_secret
                                         : !hf_settings_need_extended_master_secret(config);
}

/* What was not verified when the session was made is not verified by resuming it. */
static bool suits_verification(const hf_conn *c, const hf_session_state *state,
                               const hf_suite *suite)
{
    return c->role == HF_SERVER || state->server_verified ||
           c->config->verify != HF_VERIFY_REQUIRED || suite->authentication == HF_KEY_NONE;
}

bool hf_session_is_usable(const hf_conn *c, const hf_session_state *state)
{
    int64_t now;
    const hf_suite *suite = hf_settings_suite(c->config, state->suite, state->version);
    if (suite == NULL || state->version < hf_settings_version_min(c->config) ||
        state->version > hf_settings_version_max(c->config))
        return false;
    bool has_clock = hf_settings_read_clock(c->config, &now);
    if (state->expires != INT64_MAX && !has_clock && !c->config->allow_no_clock)
        return false; /* it ends at some time, and nobody knows what time it is */
    if (has_clock && state->expires <= now)
        return false;
    if (!suits_master_secret(c->config, state) || !suits_verification(c, state, suite) ||
        (HF_USE_TRUNCATED_HMAC && state->truncated_hmac && !c->config->truncated_hmac))
        return false;
    return memcmp(state->server_name, c->server_name_digest, sizeof state->server_name) == 0;
}

void hf_session_resume(hf_conn *c, const hf_session_state *state)
{
    c->resumed = true;
    c->suite = hf_suite_of(state->suite);
    c->truncated_hmac = state->truncated_hmac;
    c->fragment_length = state->fragment_length;
    c->client_authenticated = state->client_authenticated;
    c->server_verified = state->server_verified;
    c->handshake->session_expires = state->expires;
#if HF_WITH_RENEGOTIATION
    memcpy(c->handshake->peer_certificate, state->peer_certificate, sizeof state->peer_certificate);
#endif
    memcpy(c->master_secret, state->master_secret, sizeof c->master_secret);
}

/* A ticket has been put in its place when it came; a session ID stands for the session only if
 * there is no ticket (RFC 5077 3.4). A handshake that resumes by an ID leaves the session as it
 * was. */
void hf_session_store(hf_conn *c)
{
    hf_session *session = c->session;
    bool has_ticket = c->handshake->has_new_ticket;
    if (session == NULL || (c->resumed && !has_ticket))
        return;
    if (!has_ticket) {
        hf_session_wipe(session);
        session->id_size = c->session_id_size;
        memcpy(session->id, c->session_id, c->session_id_size);
    }
    hf_session_make(c, &session->state);
}
