#include "tls/handshake/handshake.h"

#include "crypto_glue/constant_time.h"

#include "tls/record/record.h"
#include "tls/session/sessions.h"
#include "tls/wire/reasons.h"

hf_error hf_error_of(hf_crypto_result result, hf_error otherwise)
{
    switch (result) {
    case HF_CRYPTO_OK:
        return HF_OK;
    case HF_CRYPTO_NO_RANDOM:
        return HF_ERROR_RANDOM_FAILED;
    case HF_CRYPTO_NO_MEMORY:
        return HF_ERROR_OUT_OF_SCRATCH;
    case HF_CRYPTO_FAILED:
        return HF_ERROR_CRYPTO_FAILED;
    default:
        return otherwise;
    }
}

#if HF_WITH_OBSERVER

static void tell(const hf_conn *c, const hf_event *event)
{
    const hf_observer *observer = c->config->observer;
    if (observer != NULL && observer->event != NULL)
        observer->event(observer->context, c, event);
}

void hf_observe(const hf_conn *c, hf_event_kind kind, bool sent)
{
    const hf_event event = {.kind = kind, .sent = sent};
    tell(c, &event);
}

void hf_observe_alert(const hf_conn *c, bool sent, uint8_t level, uint8_t alert)
{
    const hf_event event = {
        .kind = HF_EVENT_ALERT, .sent = sent, .alert_level = level, .alert = alert};
    tell(c, &event);
}

void hf_observe_message(const hf_conn *c, bool sent, uint8_t type, uint32_t total, uint32_t offset,
                        hf_span bytes)
{
    const hf_event event = {.kind = HF_EVENT_MESSAGE,
                            .sent = sent,
                            .message = type,
                            .total = total,
                            .offset = offset,
                            .bytes = bytes};
    tell(c, &event);
}

void hf_observe_master_secret(const hf_conn *c)
{
    if (c->config->observer == NULL || !c->config->observer->key_log)
        return;
    const hf_event event = {.kind = HF_EVENT_KEY_LOG,
                            .bytes = {c->master_secret, sizeof c->master_secret},
                            .random = {c->handshake->client_random, HF_RANDOM_SIZE}};
    tell(c, &event);
}

#endif

void hf_conn_wipe_secrets(hf_conn *c)
{
    if (c->handshake != NULL)
        hf_wipe(c->handshake, sizeof *c->handshake);
    hf_protection_wipe(&c->in.protection);
    hf_protection_wipe(&c->out.protection);
    hf_wipe(c->master_secret, sizeof c->master_secret);
}

/* The session that both sides have vouched for. In a renegotiation a client may have named any. */
static hf_span proven_session_id(const hf_conn *c)
{
#if HF_WITH_RENEGOTIATION
    const hf_handshake *h = c->handshake;
    if (h != NULL && hf_is_renegotiation(c))
        return (hf_span){h->previous_session_id, h->previous_session_id_size};
#endif
    return (hf_span){c->session_id, c->session_id_size};
}

/* RFC 5246 7.2.2: a session is not resumed after a fatal alert. Only where the alert is protected,
 * or anybody could make a server forget sessions. The end of the transport without a close_notify
 * has not been held against a session since TLS 1.1 (RFC 5246 7.2.1). A client also lets go of one
 * that it could not resume, or it would fail in the same way for ever, but not because its
 * application would not wait. */
static void forget_session(hf_conn *c)
{
    bool is_on_offer = c->handshake != NULL && c->handshake->offers_session;
    if (c->failure.reason == HF_ERROR_CLOSED_IN_HANDSHAKE ||
        c->failure.reason == HF_ERROR_HANDSHAKE_ABANDONED ||
        (c->failure.reason == HF_ERROR_TRUNCATED && c->version >= HF_TLS1_1))
        return;
    if (hf_is_client(c->role) && c->session != NULL && (c->established || is_on_offer))
        hf_session_wipe(c->session);
    if (hf_is_server(c->role) && c->established && c->config->cache != NULL)
        hf_session_cache_forget(c->config->cache, proven_session_id(c));
}

static void end_in_failure(hf_conn *c)
{
    forget_session(c);
    c->failed = true;
    c->has_question = false;
    c->dirty = false;
    hf_observe(c, HF_EVENT_FAILED, false);
    hf_conn_wipe_secrets(c);
}

/* What has happened and where the handshake stands; the message and the offset have been noted
 * while it was read. */
static void note(hf_conn *c, hf_error reason, bool alert_received, uint8_t level, uint8_t alert)
{
    hf_failure *failure = &c->failure;
    failure->reason = reason;
    failure->alert_received = alert_received;
    failure->alert_level = level;
    failure->alert = alert;
    failure->step = c->in_handshake ? hf_ladder_step(c->resumed, c->handshake->row) : HF_NO_STEP;
    hf_outgoing_drop(&c->out);
}

/* What the peer is told. Nothing is sent behind a close_notify (RFC 5246 7.2.1). */
static uint8_t alert_for(const hf_conn *c, hf_error reason)
{
    if (c->close_sent)
        return HF_ALERT_NONE;
    if (reason < HF_ERROR_NO_CLOCK) /* MISUSE, found only now: the peer must not wait for ever */
        return HF_ALERT_INTERNAL_ERROR;
    return hf_reason_alert(reason);
}

void hf_conn_fail(hf_conn *c, hf_error reason)
{
    uint8_t alert = alert_for(c, reason);
    note(c, reason, false, HF_ALERT_LEVEL_FATAL, alert);
    if (alert != HF_ALERT_NONE) {
        /* Sealing fails if the sequence numbers are used up, or where what has failed is needed for
         * it, such as random bytes for an IV: then nothing can be sent. */
        if (hf_outgoing_alert(&c->out, HF_ALERT_LEVEL_FATAL, alert) == HF_OK)
            hf_observe_alert(c, true, HF_ALERT_LEVEL_FATAL, alert);
        else
            c->failure.alert = HF_ALERT_NONE;
    }
    end_in_failure(c);
}

void hf_conn_fail_by_alert(hf_conn *c, uint8_t level, uint8_t alert)
{
    note(c, HF_ERROR_PEER_ALERT, true, level, alert);
    end_in_failure(c);
}
