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

static bool read_clock(const hf_conn *c, int64_t *now)
{
    return c->config->clock != NULL && c->config->clock(c->config->clock_context, now);
}

/* A session does not outlive the certificate that it rests on. */
void hf_session_note_expiry(hf_conn *c)
{
    int64_t now, lifetime = HF_SESSION_LIFETIME_MAX;
    c->session_expires = INT64_MAX;
    if (!read_clock(c, &now))
        return;
    if (hf_is_server(c->role) && c->config->cache != NULL)
        lifetime = c->config->cache->lifetime;
    c->session_expires = now + lifetime < c->peer_not_after ? now + lifetime : c->peer_not_after;
}

void hf_session_make(const hf_conn *c, hf_session *session)
{
    memset(session, 0, sizeof *session);
    session->id_size = c->session_id_size;
    memcpy(session->id, c->session_id, c->session_id_size);
    memcpy(session->master_secret, c->master_secret, sizeof session->master_secret);
    memcpy(session->server_name, c->server_name_digest, sizeof session->server_name);
    session->version = c->version;
    session->suite = c->suite->code;
    session->extended_master_secret = c->extended_master_secret;
    session->truncated_hmac = c->truncated_hmac;
    session->client_authenticated = c->client_authenticated;
    session->server_verified = c->role == HF_CLIENT && c->config->verify == HF_VERIFY_REQUIRED;
    session->expires = c->session_expires;
}

/* RFC 7627 5.3: a session that has the extended master secret goes with hellos that have it. */
static bool suits_master_secret(const hf_config *config, const hf_session *session)
{
    return session->extended_master_secret ? !config->without_extended_master_secret
                                           : !hf_settings_need_extended_master_secret(config);
}

/* What was not verified when the session was made is not verified by resuming it. */
static bool suits_verification(const hf_conn *c, const hf_session *session, const hf_suite *suite)
{
    return c->role == HF_SERVER || session->server_verified ||
           c->config->verify != HF_VERIFY_REQUIRED || suite->authentication == HF_KEY_NONE;
}

bool hf_session_is_usable(const hf_conn *c, const hf_session *session)
{
    int64_t now;
    const hf_suite *suite = hf_settings_suite(c->config, session->suite, session->version);
    if (session->id_size == 0 || suite == NULL ||
        session->version < hf_settings_version_min(c->config) ||
        session->version > hf_settings_version_max(c->config))
        return false;
    if (session->expires != INT64_MAX && !c->config->allow_no_clock && !read_clock(c, &now))
        return false; /* it ends at some time, and nobody knows what time it is */
    if (read_clock(c, &now) && session->expires <= now)
        return false;
    if (!suits_master_secret(c->config, session) || !suits_verification(c, session, suite) ||
        (session->truncated_hmac && !c->config->truncated_hmac))
        return false;
    return memcmp(session->server_name, c->server_name_digest, sizeof session->server_name) == 0;
}

void hf_session_resume(hf_conn *c, const hf_session *session)
{
    c->resumed = true;
    c->suite = hf_suite_of(session->suite);
    c->truncated_hmac = session->truncated_hmac;
    c->client_authenticated = session->client_authenticated;
    c->session_id_size = session->id_size;
    memcpy(c->session_id, session->id, session->id_size);
    memcpy(c->master_secret, session->master_secret, sizeof c->master_secret);
}

#define FORMAT 1 /* first byte of the form as bytes */

enum {
    FLAG_EXTENDED_MASTER_SECRET = 1,
    FLAG_CLIENT_AUTHENTICATED = 2,
    FLAG_TRUNCATED_HMAC = 4,
    FLAG_SERVER_VERIFIED = 8,
    FLAGS_ALL = 15
};

static uint8_t flags_of(const hf_session *session)
{
    return (uint8_t)((session->extended_master_secret ? FLAG_EXTENDED_MASTER_SECRET : 0) |
                     (session->client_authenticated ? FLAG_CLIENT_AUTHENTICATED : 0) |
                     (session->truncated_hmac ? FLAG_TRUNCATED_HMAC : 0) |
                     (session->server_verified ? FLAG_SERVER_VERIFIED : 0));
}

void hf_session_write(const hf_session *session, uint8_t bytes[HF_SESSION_BYTES])
{
    hf_writer w = hf_writer_of(bytes, HF_SESSION_BYTES);
    hf_write_u8(&w, FORMAT);
    hf_write_u8(&w, session->id_size);
    hf_write_bytes(&w, (hf_span){session->id, sizeof session->id});
    hf_write_bytes(&w, (hf_span){session->master_secret, sizeof session->master_secret});
    hf_write_bytes(&w, (hf_span){session->server_name, sizeof session->server_name});
    hf_write_u16(&w, session->version);
    hf_write_u16(&w, session->suite);
    hf_write_u8(&w, flags_of(session));
    for (int shift = 56; shift >= 0; shift -= 8)
        hf_write_u8(&w, (uint8_t)((uint64_t)session->expires >> shift));
}

static void take(hf_reader *r, uint8_t *out, size_t size)
{
    memcpy(out, hf_read_bytes(r, size).data, size);
}

bool hf_session_read(hf_session *session, const uint8_t bytes[HF_SESSION_BYTES])
{
    hf_reader r = hf_reader_of((hf_span){bytes, HF_SESSION_BYTES});
    uint64_t expires = 0;
    memset(session, 0, sizeof *session);
    uint8_t format = hf_read_u8(&r);
    session->id_size = hf_read_u8(&r);
    take(&r, session->id, sizeof session->id);
    take(&r, session->master_secret, sizeof session->master_secret);
    take(&r, session->server_name, sizeof session->server_name);
    session->version = hf_read_u16(&r);
    session->suite = hf_read_u16(&r);
    uint8_t flags = hf_read_u8(&r);
    for (size_t i = 0; i < 8; i++)
        expires = expires << 8 | hf_read_u8(&r);
    session->extended_master_secret = (flags & FLAG_EXTENDED_MASTER_SECRET) != 0;
    session->client_authenticated = (flags & FLAG_CLIENT_AUTHENTICATED) != 0;
    session->truncated_hmac = (flags & FLAG_TRUNCATED_HMAC) != 0;
    session->server_verified = (flags & FLAG_SERVER_VERIFIED) != 0;
    session->expires = expires > INT64_MAX ? 0 : (int64_t)expires;
    if (format == FORMAT && session->id_size <= HF_SESSION_ID_SIZE && flags <= FLAGS_ALL)
        return true;
    hf_session_wipe(session);
    return false;
}

void hf_session_wipe(hf_session *session)
{
    hf_wipe(session, sizeof *session);
}
