/* The calls of <handfast/conn.h> that only account; what there is to do is done by hf_conn_run. */
#include "tls/handshake/key_exchange.h"

#include "crypto_glue/constant_time.h"

#include "tls/record/record.h"
#include "tls/session/sessions.h"

#include <string.h>

static bool is_in_build(hf_role role)
{
    return role == HF_CLIENT ? HF_WITH_CLIENT : role == HF_SERVER && HF_WITH_SERVER;
}

hf_error hf_conn_init(hf_conn *c, hf_role role, const hf_config *config, hf_handshake *handshake,
                      hf_buf rx, hf_buf tx)
{
    if (c == NULL || config == NULL || handshake == NULL || rx.data == NULL || tx.data == NULL ||
        !is_in_build(role))
        return HF_ERROR_BAD_ARGUMENT;
    if (rx.size < HF_RX_MIN || tx.size < HF_TX_MIN)
        return HF_ERROR_BUFFER_TOO_SMALL;
    hf_error error = hf_settings_check(config, role);
    if (error != HF_OK)
        return error;
    memset(c, 0, sizeof *c);
    memset(handshake, 0, sizeof *handshake);
    c->config = config;
    c->handshake = handshake;
    c->role = role;
    c->in.data = rx.data;
    c->in.size = rx.size;
    c->in.accept_v2_hello = role == HF_SERVER && config->accept_v2_hello;
    c->out.data = tx.data;
    c->out.size = tx.size;
    c->in.limit = c->out.limit = HF_PLAINTEXT_MAX;
    /* RFC 5246 E.1: the first ClientHello goes out in a record of version 3.1, for servers that
     * look at that field and know nothing newer. A server's alerts before its choice as well. */
    c->out.version = HF_TLS1_0;
    c->warning = HF_ALERT_NONE;
    c->failure.alert = HF_ALERT_NONE;
    c->failure.message = HF_NO_MESSAGE;
    c->failure.certificate = HF_NO_CERTIFICATE;
    c->in_handshake = c->dirty = true;
    handshake->peer_not_after = INT64_MAX;
    return HF_OK;
}

void hf_conn_forget_negotiated(hf_conn *c)
{
    c->group = NULL;
    c->scheme = NULL;
    c->binding = NULL;
    c->protocol = (hf_span){NULL, 0};
    c->fragment_length = 0;
    c->extended_master_secret = c->encrypt_then_mac = c->truncated_hmac = false;
    c->resumed = c->client_authenticated = c->server_verified = c->secure_renegotiation = false;
}

static bool has_begun(const hf_conn *c)
{
    return c->handshake == NULL || c->established || c->failed ||
           c->handshake->phase != HF_PHASE_ROW || c->handshake->row != 0;
}

hf_error hf_conn_set_server_name(hf_conn *c, const char *name)
{
    uint8_t address[16];
    if (name == NULL)
        return HF_ERROR_BAD_ARGUMENT;
    if (hf_is_server(c->role) || has_begun(c))
        return HF_ERROR_BAD_STATE;
    hf_span span = {(const uint8_t *)name, strlen(name)};
    if (!hf_is_host_name(span) && hf_parse_ip_address(span, address) == 0)
        return HF_ERROR_BAD_SERVER_NAME;
    c->server_name = span;
    return HF_OK;
}

hf_error hf_conn_set_session(hf_conn *c, hf_session *session)
{
    if (hf_is_server(c->role) || has_begun(c))
        return HF_ERROR_BAD_STATE;
    c->session = session;
    return HF_OK;
}

static bool has_data(const hf_conn *c)
{
    return c->established && !c->failed && c->in.type == HF_CONTENT_APPLICATION_DATA &&
           c->in.left != 0;
}

static bool may_receive(const hf_conn *c)
{
    return !c->failed && !c->ended && !c->peer_closed;
}

/* Not during a renegotiation: few peers take data between its messages. */
static bool may_write(const hf_conn *c)
{
    return c->established && !c->in_handshake && !c->failed && !c->closing && !c->peer_closed;
}

static size_t writable_size(const hf_conn *c)
{
    return may_write(c) ? hf_outgoing_room(&c->out, HF_CONTENT_APPLICATION_DATA).size : 0;
}

uint32_t hf_conn_wants(const hf_conn *c)
{
    uint32_t wants = 0;
    if (may_receive(c) && c->in.end < c->in.size)
        wants |= HF_CAN_RECEIVE;
    if (c->out.start < c->out.end)
        wants |= HF_CAN_SEND;
    if (has_data(c))
        wants |= HF_CAN_READ;
    if (writable_size(c) != 0)
        wants |= HF_CAN_WRITE;
    if (c->dirty)
        wants |= HF_HAS_WORK;
    if (c->has_question)
        wants |= HF_HAS_QUESTION;
    if (c->peer_closed && c->close_sent && !c->failed && c->out.start == c->out.end)
        wants |= HF_CLOSED;
    if (c->failed)
        wants |= HF_FAILED;
    if (c->established)
        wants |= HF_ESTABLISHED;
    return wants;
}

/* A connection that was not begun, or was wiped, has no buffers, and nothing may be added to a null
 * pointer, not even 0 (C11 6.5.6 8). */
hf_buf hf_conn_incoming(hf_conn *c)
{
    if (c->in.data == NULL || !may_receive(c))
        return (hf_buf){NULL, 0};
    return (hf_buf){c->in.data + c->in.end, c->in.size - c->in.end};
}

hf_error hf_conn_received(hf_conn *c, size_t size)
{
    if (size == 0)
        return HF_OK;
    if (size > hf_conn_incoming(c).size)
        return may_receive(c) ? HF_ERROR_BAD_ARGUMENT : HF_ERROR_BAD_STATE;
    c->in.end += size;
    if (c->in_handshake)
        c->handshake->bytes_received += (uint32_t)size;
    if (!has_data(c) && !c->has_question)
        c->dirty = true;
    return HF_OK;
}

hf_span hf_conn_outgoing(const hf_conn *c)
{
    if (c->out.data == NULL) /* as above */
        return (hf_span){NULL, 0};
    return (hf_span){c->out.data + c->out.start, c->out.end - c->out.start};
}

hf_error hf_conn_sent(hf_conn *c, size_t size)
{
    if (size > c->out.end - c->out.start)
        return HF_ERROR_BAD_ARGUMENT;
    hf_outgoing_sent(&c->out, size);
    if (size != 0 && c->blocked && !c->failed)
        c->dirty = true;
    return HF_OK;
}

hf_span hf_conn_readable(const hf_conn *c)
{
    return has_data(c) ? hf_incoming_data(&c->in) : (hf_span){NULL, 0};
}

hf_error hf_conn_consumed(hf_conn *c, size_t size)
{
    if (size == 0)
        return HF_OK;
    if (size > hf_conn_readable(c).size)
        return HF_ERROR_BAD_ARGUMENT;
    hf_incoming_take_data(&c->in, size);
    if (!has_data(c))
        c->dirty = true;
    return HF_OK;
}

hf_buf hf_conn_writable(hf_conn *c)
{
    return may_write(c) ? hf_outgoing_room(&c->out, HF_CONTENT_APPLICATION_DATA)
                        : (hf_buf){NULL, 0};
}

hf_error hf_conn_written(hf_conn *c, size_t size)
{
    if (size == 0)
        return HF_OK;
    hf_buf room = hf_conn_writable(c);
    if (size > room.size)
        return may_write(c) ? HF_ERROR_BAD_ARGUMENT : HF_ERROR_BAD_STATE;
    hf_outgoing_added(&c->out, size);
    if (size == room.size)
        c->dirty = true;
    return HF_OK;
}

void hf_conn_flush(hf_conn *c)
{
    if (c->out.open_size != 0 && may_write(c))
        c->flush = c->dirty = true;
}

void hf_conn_close(hf_conn *c)
{
    if (c->failed || c->closing || c->config == NULL)
        return;
    c->closing = true;
    c->dirty = true;
}

void hf_conn_eof(hf_conn *c)
{
    if (c->failed || c->ended || c->config == NULL)
        return;
    c->ended = true;
    c->dirty = !c->peer_closed;
}

void hf_conn_wipe(hf_conn *c)
{
    hf_conn_wipe_secrets(c);
    hf_wipe(c->in.data, c->in.size);
    hf_wipe(c->out.data, c->out.size);
    hf_wipe(c, sizeof *c);
    hf_wipe_stack();
}

const hf_failure *hf_conn_failure(const hf_conn *c)
{
    return c->failed ? &c->failure : NULL;
}

hf_handshake *hf_conn_release_handshake(hf_conn *c)
{
    hf_handshake *handshake = c->handshake;
    if ((c->in_handshake || c->renegotiate) && !c->failed)
        return NULL;
    c->handshake = NULL;
    return handshake;
}

/* RFC 5246 7.4.1.1: a HelloRequest is not repeated until the handshake that it asks for is done. */
static bool may_begin_renegotiation(const hf_conn *c)
{
    hf_renegotiation own =
        c->role == HF_CLIENT ? HF_RENEGOTIATION_BY_CLIENT : HF_RENEGOTIATION_BY_SERVER;
    return HF_WITH_RENEGOTIATION && may_write(c) && !hf_conn_is_renegotiating(c) &&
           !c->has_question && hf_can_renegotiate(c) && c->renegotiations < HF_RENEGOTIATIONS_MAX &&
           (c->config->renegotiation & own) != 0;
}

/* It is asked what it knows before the handshake begins, and may hold anything. */
static void take_handshake(hf_conn *c, hf_handshake *handshake)
{
    memset(handshake, 0, sizeof *handshake);
    c->handshake = handshake;
}

hf_error hf_conn_renegotiate(hf_conn *c, hf_handshake *handshake)
{
    if (!may_begin_renegotiation(c))
        return HF_ERROR_BAD_STATE;
    if (c->handshake == NULL && handshake == NULL)
        return HF_ERROR_BAD_ARGUMENT;
    if (c->handshake == NULL)
        take_handshake(c, handshake);
    c->renegotiate = c->dirty = true;
    return HF_OK;
}

const hf_question *hf_conn_question(const hf_conn *c)
{
    return c->has_question ? &c->question : NULL;
}

/* Bytes that are promised are somewhere, and credentials such as a configuration may have. */
static bool is_usable(hf_question_kind kind, const hf_answer *answer)
{
    switch (kind) {
    case HF_QUESTION_SIGN:
    case HF_QUESTION_DECRYPT:
    case HF_QUESTION_FIND_SESSION:
    case HF_QUESTION_CERTIFICATE_URL:
        return answer->output.data != NULL || answer->output.size == 0;
    case HF_QUESTION_BINDING:
        return answer->binding == NULL ||
               hf_settings_are_complete(answer->binding->credentials,
                                        answer->binding->credentials_count);
    case HF_QUESTION_CREDENTIALS:
        return answer->credentials == NULL || hf_settings_are_complete(answer->credentials, 1);
    default:
        return true;
    }
}

static hf_error take_answer(hf_conn *c, const hf_answer *answer)
{
    switch (c->question.kind) {
    case HF_QUESTION_SIGN:
        return answer->refused || answer->output.size == 0 ? HF_ERROR_SIGNING_FAILED
                                                           : hf_append_signature(c, answer->output);
#if HF_USE_RSA_KX
    case HF_QUESTION_DECRYPT:
        /* RFC 5246 7.4.7.1: a refusal may be the device's word on the padding, which nobody may
         * learn; it is treated like any wrong padding. */
        return hf_take_decrypted(c, answer->refused ? (hf_span){NULL, 0} : answer->output);
#endif
#if HF_WITH_CHOICES
    case HF_QUESTION_BINDING:
        return hf_take_binding(c, answer);
    case HF_QUESTION_FIND_SESSION:
        return answer->refused ? HF_OK : hf_take_found_session(c, answer->output);
    case HF_QUESTION_KEEP_SESSION:
        return HF_OK;
    case HF_QUESTION_CREDENTIALS:
        return hf_take_credentials(c, answer);
#endif
#if HF_WITH_STATUS_REQUEST
    case HF_QUESTION_STATUS:
        return answer->refused ? HF_ERROR_STATUS_REFUSED : HF_OK;
#endif
#if HF_USE_CERTIFICATE_URL
    case HF_QUESTION_CERTIFICATE_URL:
        return hf_take_fetched(c, answer);
#endif
#if HF_WITH_RENEGOTIATION
    case HF_QUESTION_RENEGOTIATION:
        c->renegotiation_answered = true;
        if (!answer->refused && answer->handshake != NULL)
            take_handshake(c, answer->handshake);
        return HF_OK;
#endif
    default:
        return answer->refused ? HF_ERROR_APPLICATION_REFUSED : HF_OK;
    }
}

hf_error hf_conn_answer(hf_conn *c, const hf_answer *answer)
{
    if (!c->has_question || c->failed)
        return HF_ERROR_BAD_STATE;
    if (answer == NULL || (!answer->refused && !is_usable(c->question.kind, answer)))
        return HF_ERROR_BAD_ARGUMENT;
    hf_error error = take_answer(c, answer);
    c->has_question = false;
    c->dirty = true;
    if (error != HF_OK)
        hf_conn_fail(c, error);
    return error;
}

hf_role hf_conn_role(const hf_conn *c)
{
    return c->role;
}

uint16_t hf_conn_version(const hf_conn *c)
{
    return c->version;
}

const hf_suite *hf_conn_suite(const hf_conn *c)
{
    return c->suite;
}

const hf_group *hf_conn_group(const hf_conn *c)
{
    return c->group;
}

const hf_scheme *hf_conn_scheme(const hf_conn *c)
{
    return c->scheme;
}

hf_span hf_conn_protocol(const hf_conn *c)
{
    return c->protocol;
}

hf_span hf_conn_server_name(const hf_conn *c)
{
    if (hf_is_client(c->role))
        return c->server_name;
    if (c->handshake == NULL)
        return (hf_span){NULL, 0};
    return (hf_span){c->handshake->server_name, c->handshake->server_name_size};
}

bool hf_conn_resumed(const hf_conn *c)
{
    return c->resumed;
}

/* In a renegotiation nothing is proved before the Finished: naming a session takes no more than its
 * ID, and what such a client still sends comes under the old keys. */
bool hf_conn_client_authenticated(const hf_conn *c)
{
    return c->client_authenticated && !hf_is_renegotiation(c);
}

bool hf_conn_extended_master_secret(const hf_conn *c)
{
    return c->extended_master_secret;
}

bool hf_conn_secure_renegotiation(const hf_conn *c)
{
    return c->secure_renegotiation;
}

bool hf_conn_encrypt_then_mac(const hf_conn *c)
{
    return c->encrypt_then_mac;
}

bool hf_conn_truncated_hmac(const hf_conn *c)
{
    return c->truncated_hmac;
}

uint16_t hf_conn_max_fragment_length(const hf_conn *c)
{
    return c->fragment_length;
}

size_t hf_conn_record_limit_sent(const hf_conn *c)
{
    return c->out.limit;
}

size_t hf_conn_record_limit_taken(const hf_conn *c)
{
    return c->in.limit;
}

hf_span hf_conn_psk_identity(const hf_conn *c)
{
    return c->handshake != NULL && c->handshake->psk != NULL ? c->handshake->psk->identity
                                                             : (hf_span){NULL, 0};
}

const hf_binding *hf_conn_binding(const hf_conn *c)
{
    return c->binding;
}
