/* Renegotiation, RFC 5746: a handshake inside an established connection. The ladder is the same;
 * here is who may begin one, and what it must not change. */
#include "tls/handshake/handshake.h"

#include "crypto_glue/constant_time.h"

#include "tls/record/record.h"

#include <string.h>

/* Verify_data of a connection that resumes a session without the extended master secret may be the
 * same in another connection: "the client MUST disable renegotiation" (RFC 7627 5.4). */
bool hf_can_renegotiate(const hf_conn *c)
{
    return c->secure_renegotiation && (c->extended_master_secret || !c->resumed);
}

bool hf_conn_is_renegotiating(const hf_conn *c)
{
    return !c->failed && !c->close_sent && !c->peer_closed &&
           (c->renegotiate || c->asked_for_hello || hf_is_renegotiation(c));
}

static hf_error begin(hf_conn *c)
{
    if (c->renegotiations == HF_RENEGOTIATIONS_MAX)
        return HF_ERROR_RENEGOTIATION_LIMIT;
    c->renegotiations++;
    c->renegotiate = c->asked_for_hello = c->renegotiation_answered = false;
    memset(c->handshake, 0, sizeof *c->handshake);
    c->handshake->peer_not_after = INT64_MAX;
#if HF_WITH_RENEGOTIATION
    memcpy(c->handshake->previous_session_id, c->session_id, sizeof c->session_id);
    c->handshake->previous_session_id_size = c->session_id_size;
#endif
    c->in_handshake = true;
    return HF_OK;
}

/* RFC 5746 4.5 asks for a warning, and a peer that goes on asking is shut out. Nothing goes out
 * behind a close_notify (RFC 5246 7.2.1). */
static hf_error refuse(hf_conn *c)
{
    c->renegotiation_answered = false;
    if (++c->renegotiations_refused > HF_RENEGOTIATIONS_REFUSED_MAX)
        return HF_ERROR_RENEGOTIATION_LIMIT;
    if (!c->close_sent)
        c->warning = HF_ALERT_NO_RENEGOTIATION;
    return HF_OK;
}

static bool may_peer_begin(const hf_conn *c)
{
    hf_renegotiation peer =
        hf_is_client(c->role) ? HF_RENEGOTIATION_BY_SERVER : HF_RENEGOTIATION_BY_CLIENT;
    return HF_WITH_RENEGOTIATION && hf_can_renegotiate(c) && !c->close_sent &&
           (c->asked_for_hello || (c->config->renegotiation & peer) != 0);
}

hf_error hf_renegotiation_requested(hf_conn *c)
{
    if (!HF_WITH_RENEGOTIATION || !may_peer_begin(c))
        return refuse(c);
    if (c->handshake != NULL)
        return begin(c);
    if (c->renegotiation_answered)
        return refuse(c);
    c->question = (hf_question){.kind = HF_QUESTION_RENEGOTIATION};
    c->has_question = true;
    return HF_WAITING;
}

/* RFC 5246 7.4.1.1: HelloRequest is empty and not part of a handshake. */
static hf_error send_hello_request(hf_conn *c)
{
    static const uint8_t hello_request[HF_MESSAGE_HEADER_SIZE] = {HF_HELLO_REQUEST};
    const hf_span message = {hello_request, sizeof hello_request};
    size_t taken;
    hf_error error = hf_outgoing_seal(&c->out);
    if (error != HF_OK)
        return error;
    if (hf_outgoing_room(&c->out, HF_CONTENT_HANDSHAKE).size < message.size) {
        c->blocked = true;
        return HF_OK;
    }
    error = hf_outgoing_append(&c->out, HF_CONTENT_HANDSHAKE, message, &taken);
    if (error == HF_OK)
        error = hf_outgoing_seal(&c->out);
    hf_observe_message(c, true, HF_HELLO_REQUEST, sizeof hello_request, 0, message);
    c->renegotiate = false;
    c->asked_for_hello = true;
    return error;
}

hf_error hf_renegotiation_start(hf_conn *c)
{
    return hf_is_client(c->role) ? begin(c) : send_hello_request(c);
}

void hf_renegotiation_abandon(hf_conn *c)
{
    hf_wipe(c->handshake, sizeof *c->handshake);
    c->in_handshake = false;
    c->client_authenticated = false; /* what is known of the client now nobody has vouched for */
    c->dirty = true;
}

static bool has_only_peer_left(const hf_conn *c)
{
    const hf_ladder_row *row;
    for (size_t i = c->handshake->row; (row = hf_ladder_at(c->resumed, i)) != NULL; i++)
        if (row->sender == c->role)
            return false;
    return true;
}

void hf_renegotiation_close(hf_conn *c)
{
    if (has_only_peer_left(c))
        return;
    hf_renegotiation_abandon(c);
    c->passes_over = true;
    if (c->in.header_reported && c->in.message_taken == c->in.message_total)
        hf_incoming_take_message(&c->in); /* one that has been read in parts, to the end */
    c->in.in_parts = true; /* what has been gathered of another, and the rest of it */
    c->in.examined = 0;
}

/* The server answers a ClientHello with no_renegotiation instead of a ServerHello, the client a
 * HelloRequest instead of a ClientHello. */
void hf_renegotiation_refused(hf_conn *c)
{
    const bool awaits_server_hello = hf_is_client(c->role) && hf_is_renegotiation(c) &&
                                     c->handshake->phase == HF_PHASE_ROW &&
                                     c->handshake->row == 1 && !c->in.header_reported;
    c->asked_for_hello = false;
    if (awaits_server_hello)
        hf_renegotiation_abandon(c);
}

hf_error hf_renegotiation_check_hello(const hf_conn *c, bool had_extended_master_secret)
{
    if (!c->secure_renegotiation)
        return HF_ERROR_RENEGOTIATION_INFO_WRONG;
    return c->extended_master_secret == had_extended_master_secret
               ? HF_OK
               : HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED;
}

/* The old keys are in use until the handshake is nearly over. */
hf_error hf_renegotiation_check_protection(const hf_conn *c)
{
    return c->in.protection.encrypt_then_mac && hf_suite_is_cbc(c->suite) && !c->encrypt_then_mac
               ? HF_ERROR_RENEGOTIATION_CHANGED
               : HF_OK;
}

void hf_renegotiation_note_peer(hf_conn *c, hf_span identity)
{
#if HF_WITH_RENEGOTIATION
    const hf_config *config = c->config;
    if (config->renegotiation != HF_RENEGOTIATION_OFF || c->session != NULL ||
        config->cache != NULL || config->tickets != NULL || config->ask_about_sessions)
        (void)hf_hash_digest(HF_HASH_SHA256, identity, c->handshake->peer_certificate);
#else
    (void)c, (void)identity;
#endif
}

hf_error hf_renegotiation_check_peer(const hf_conn *c)
{
#if HF_WITH_RENEGOTIATION
    static const uint8_t none[sizeof c->peer_certificate];
    if (c->config->allow_certificate_change)
        return HF_OK;
    if (hf_is_server(c->role) && memcmp(c->peer_certificate, none, sizeof none) == 0)
        return HF_OK; /* a client that shows its certificate only now */
    if (memcmp(c->peer_certificate, c->handshake->peer_certificate, sizeof none) != 0)
        return HF_ERROR_RENEGOTIATION_CHANGED;
#else
    (void)c;
#endif
    return HF_OK;
}
