/* ClientHello, RFC 5246 7.4.1.2. */
#include "tls/handshake/handshake.h"

#include "tls/extensions/extensions.h"
#include "tls/keys/keys.h"
#include "tls/session/sessions.h"

#include <string.h>

#define COMPRESSION_NULL 0

/* What goes with the highest version offered. */
static void write_suites(const hf_conn *c, hf_writer *w)
{
    const hf_code_list *suites = hf_settings_suites(c->config);
    size_t list = hf_write_vector_begin(w, 2);
    for (size_t i = 0; i < suites->count; i++)
        if (hf_settings_suite(c->config, suites->codes[i], c->handshake->client_version) != NULL)
            hf_write_u16(w, suites->codes[i]);
    if (c->config->fallback)
        hf_write_u16(w, HF_SCSV_FALLBACK);
    hf_write_vector_end(w, list, 2);
}

/* A ticket stays here if none are wanted, and then its session does. */
static bool is_session_usable(const hf_conn *c, const hf_session *session)
{
#if HF_WITH_RECORD_LIMITS
    if (!hf_fragment_length_suits(c, session->state.fragment_length))
        return false;
#endif
#if HF_WITH_SESSION_TICKET
    if (session->ticket_size != 0 && c->config->without_session_ticket)
        return false;
#endif
    return hf_session_is_usable(c, &session->state);
}

/* A session is offered only if the answer could be taken, and in a renegotiation only if the
 * application wants that: it is there to show a certificate, or for a new key exchange, and GnuTLS
 * fails when it resumes in one. With a ticket goes a session ID made up here: the server that sends
 * it back has taken the ticket (RFC 5077 3.4). */
static hf_error choose_session(hf_conn *c)
{
    hf_session *session = c->session;
    hf_session_note_name(c, c->server_name);
    c->session_id_size = 0;
    if (session == NULL || hf_session_is_empty(session) || !is_session_usable(c, session) ||
        (hf_is_renegotiation(c) && !c->config->resume_in_renegotiation))
        return HF_OK;
    c->handshake->offers_session = true;
#if HF_WITH_SESSION_TICKET
    if (session->ticket_size != 0) {
        c->session_id_size = HF_SESSION_ID_SIZE;
        return hf_conn_random(c, c->session_id, HF_SESSION_ID_SIZE);
    }
#endif
    c->session_id_size = session->id_size;
    memcpy(c->session_id, session->id, session->id_size);
    return HF_OK;
}

static void write_hello(hf_conn *c, hf_writer *w)
{
    hf_write_u16(w, c->handshake->client_version);
    hf_write_bytes(w, (hf_span){c->handshake->client_random, HF_RANDOM_SIZE});
    hf_write_vector(w, (hf_span){c->session_id, c->session_id_size}, 1);
    write_suites(c, w);
    hf_write_u8(w, 1);
    hf_write_u8(w, COMPRESSION_NULL);
    hf_write_extensions(c, w);
}

hf_error hf_write_client_hello(hf_conn *c, hf_writer *w)
{
    hf_handshake *h = c->handshake;
    const hf_config *config = c->config;
    if (config->verify == HF_VERIFY_REQUIRED && c->server_name.size == 0 && !config->allow_no_name)
        return HF_ERROR_BAD_SERVER_NAME;
    hf_error error = hf_conn_random(c, h->client_random, HF_RANDOM_SIZE);
    if (error == HF_OK)
        error = choose_session(c);
    if (error != HF_OK)
        return error;
    hf_transcript_begin(&h->transcript, config);
    h->client_version = hf_settings_version_max(config);
    const hf_writer begin = *w;
    write_hello(c, w);
    /* A ticket that leaves no room for the rest stays at home. */
    if (HF_WITH_SESSION_TICKET && w->failed && h->offers_session) {
        h->offers_session = false;
        c->session_id_size = 0;
        *w = begin;
        write_hello(c, w);
    }
    return HF_OK;
}

/* RFC 5246 E.1: the highest version that both sides have. What a hello of TLS 1.3 says in
 * supported_versions is not for servers that do not know it (RFC 8446 4.2.1). */
static hf_error choose_version(hf_conn *c)
{
    uint16_t highest = hf_settings_version_max(c->config);
    uint16_t offered = c->handshake->client_version;
    uint16_t version = offered < highest ? offered : highest;
    if (hf_is_renegotiation(c) && version != c->version)
        return HF_ERROR_RENEGOTIATION_CHANGED;
    if (version < hf_settings_version_min(c->config))
        return HF_ERROR_VERSION_UNSUPPORTED;
    if (offered < highest && hf_is_suite_offered(c->handshake, HF_SCSV_FALLBACK))
        return HF_ERROR_INAPPROPRIATE_FALLBACK;
    c->version = version;
    c->in.version = version;
    c->out.version = version;
    return HF_OK;
}

/* What a hello without these extensions means (RFC 5746 3.6, RFC 7627 5.3). */
static hf_error check_missing(hf_conn *c)
{
    const hf_policy *policy = hf_settings_policy(c->config);
    if (hf_is_suite_offered(c->handshake, HF_SCSV_RENEGOTIATION)) {
        if (hf_is_renegotiation(c)) /* RFC 5746 3.7 */
            return HF_ERROR_RENEGOTIATION_INFO_WRONG;
        c->secure_renegotiation = true;
    }
    if (!c->secure_renegotiation && !policy->allow_no_secure_renegotiation)
        return HF_ERROR_NO_SECURE_RENEGOTIATION;
    if (!c->extended_master_secret && hf_settings_need_extended_master_secret(c->config))
        return HF_ERROR_NO_EXTENDED_MASTER_SECRET;
    return HF_OK;
}

hf_error hf_read_client_hello(hf_conn *c, hf_reader *r)
{
    hf_handshake *h = c->handshake;
    h->client_version = hf_read_u16(r);
    hf_span random = hf_read_bytes(r, HF_RANDOM_SIZE);
    h->session_id_offered = hf_read_vector8(r, 0, HF_SESSION_ID_MAX);
    h->suites_offered = hf_read_codes16(r, 2, 0xfffe);
    h->suite_size = 2;
    hf_span compressions = hf_read_vector8(r, 1, 255);
    if (r->failed)
        return HF_ERROR_MESSAGE_SYNTAX;
    memcpy(h->client_random, random.data, HF_RANDOM_SIZE);
    if (memchr(compressions.data, COMPRESSION_NULL, compressions.size) == NULL)
        return HF_ERROR_NO_NULL_COMPRESSION;
    return hf_take_client_hello(c, r);
}

hf_error hf_take_client_hello(hf_conn *c, hf_reader *extensions)
{
    bool had_extended_master_secret = c->extended_master_secret;
    hf_error error = choose_version(c);
    if (error != HF_OK)
        return error;
    hf_conn_forget_negotiated(c);
    c->session_id_size = 0;
    error = hf_read_extensions(c, extensions);
#if HF_WITH_RECORD_LIMITS
    if (error == HF_OK)
        error = hf_settle_record_limits(c);
#endif
    if (error == HF_OK)
        error = check_missing(c);
    if (error == HF_OK && hf_is_renegotiation(c))
        error = hf_renegotiation_check_hello(c, had_extended_master_secret);
    if (error == HF_OK)
        hf_transcript_begin(&c->handshake->transcript, c->config);
    return error;
}

hf_error hf_finish_client_hello(hf_conn *c)
{
    hf_error error = hf_choose(c);
    if (error == HF_OK && hf_client_auth_of(c) < HF_CLIENT_AUTH_REQUEST)
        hf_transcript_keep(&c->handshake->transcript, hf_negotiated_hash(c));
    return error;
}
