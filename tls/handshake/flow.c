#include "tls/handshake/handshake.h"

#include "tls/extensions/extensions.h"

static hf_when always(const hf_conn *c)
{
    (void)c;
    return HF_MUST;
}

/* RFC 5246 7.4.2: all but anonymous and purely pre-shared key exchanges. */
static hf_when server_has_certificate(const hf_conn *c)
{
    return hf_suite_has_certificate(c->suite) ? HF_MUST : HF_NO;
}

#if HF_WITH_STATUS_REQUEST
/* RFC 6066 8: the server may still send none although it has answered the extension. */
static hf_when server_staples(const hf_conn *c)
{
    if (hf_is_client(c->role))
        return hf_extension_received(c, &hf_extension_status_request) ? HF_MAY : HF_NO;
    return hf_extension_status_request.answers(c) ? HF_MUST : HF_NO;
}
#endif

/* RFC 5246 7.4.3: only where the Certificate message does not hold enough data. A hint for a PSK
 * need not be sent (RFC 4279 2): the server knows whether it will, the client does not. */
static hf_when key_exchange_sends_parameters(const hf_conn *c)
{
    if (HF_USE_ECDHE_ONLY)
        return HF_MUST;
    switch (c->suite->key_exchange) {
    case HF_KX_RSA:
        return HF_NO;
    case HF_KX_PSK:
    case HF_KX_RSA_PSK:
        if (hf_is_client(c->role))
            return HF_MAY;
        return c->config->psk_hint.size != 0 ? HF_MUST : HF_NO;
    default:
        return HF_MUST;
    }
}

/* RFC 5246 7.4.4: only a server that has shown a certificate itself may ask for one. The alert for
 * an anonymous server that does is not that for a message out of order: whoever reads it says so.
 */
static hf_when server_asks_for_certificate(const hf_conn *c)
{
    if (hf_is_client(c->role))
        return hf_suite_lets_ask_client(c->suite) || hf_suite_is_anonymous(c->suite) ? HF_MAY
                                                                                     : HF_NO;
    return hf_client_auth_of(c) >= HF_CLIENT_AUTH_REQUEST && hf_may_ask_client(c, c->suite)
               ? HF_MUST
               : HF_NO;
}

/* RFC 5246 7.4.6: also without a suitable certificate, the list is then empty. */
static hf_when client_was_asked(const hf_conn *c)
{
    return c->handshake->certificate_requested && !c->handshake->has_urls ? HF_MUST : HF_NO;
}

#if HF_USE_CERTIFICATE_URL
/* RFC 6066 5: if the server has agreed, the client may send URLs in place of the Certificate. */
static hf_when client_sends_urls(const hf_conn *c)
{
    const hf_handshake *h = c->handshake;
    if (!h->certificate_requested || !h->accepts_urls)
        return HF_NO;
    if (hf_is_server(c->role))
        return HF_MAY;
    return h->credentials != NULL && h->credentials->url_count != 0 ? HF_MUST : HF_NO;
}
#endif

#if HF_WITH_CLIENT_AUTH
/* RFC 5246 7.4.8: all certificates that are let in here can sign. */
static hf_when client_sent_certificate(const hf_conn *c)
{
    return c->handshake->client_has_certificate ? HF_MUST : HF_NO;
}
#endif

#if HF_WITH_SESSION_TICKET
/* RFC 5077 3.3: a server that has answered the extension must send one, another must not. */
static hf_when server_sends_ticket(const hf_conn *c)
{
    bool is_due = hf_is_client(c->role) ? hf_extension_received(c, &hf_extension_session_ticket)
                                        : c->handshake->sends_ticket;
    return is_due ? HF_MUST : HF_NO;
}
#endif

#if HF_WITH_TEXT
#define HF_ROW(sender, message, when)          \
    {                                          \
        HF_##sender, HF_##message, when, #when \
    }
#define HF_WHEN_NAME(row) ((row)->when_name)
#else
#define HF_ROW(sender, message, when)   \
    {                                   \
        HF_##sender, HF_##message, when \
    }
#define HF_WHEN_NAME(row) ""
#endif

/* RFC 5246 7.3 figure 1, with the additions of later RFCs. HelloRequest is no row: it may come at
 * any time and is not part of a handshake (RFC 5246 7.4.1.1); the driver deals with it. */
static const hf_ladder_row full[] = {
    /* who     sends                when */
    HF_ROW(CLIENT, CLIENT_HELLO, always),
    HF_ROW(SERVER, SERVER_HELLO, always), /* may switch to the short ladder */
    HF_ROW(SERVER, CERTIFICATE, server_has_certificate),
#if HF_WITH_STATUS_REQUEST
    HF_ROW(SERVER, CERTIFICATE_STATUS, server_staples),
#endif
    HF_ROW(SERVER, SERVER_KEY_EXCHANGE, key_exchange_sends_parameters),
    HF_ROW(SERVER, CERTIFICATE_REQUEST, server_asks_for_certificate),
    HF_ROW(SERVER, SERVER_HELLO_DONE, always),
#if HF_USE_CERTIFICATE_URL
    HF_ROW(CLIENT, CERTIFICATE_URL, client_sends_urls), /* in place of the next */
#endif
    HF_ROW(CLIENT, CERTIFICATE, client_was_asked),
    HF_ROW(CLIENT, CLIENT_KEY_EXCHANGE, always),
#if HF_WITH_CLIENT_AUTH
    HF_ROW(CLIENT, CERTIFICATE_VERIFY, client_sent_certificate),
#endif
    HF_ROW(CLIENT, CHANGE_CIPHER_SPEC, always),
    HF_ROW(CLIENT, FINISHED, always),
#if HF_WITH_SESSION_TICKET
    HF_ROW(SERVER, NEW_SESSION_TICKET, server_sends_ticket),
#endif
    HF_ROW(SERVER, CHANGE_CIPHER_SPEC, always),
    HF_ROW(SERVER, FINISHED, always),
};

/* RFC 5246 7.3 figure 2. */
static const hf_ladder_row resumed[] = {
    HF_ROW(CLIENT, CLIENT_HELLO, always),
    HF_ROW(SERVER, SERVER_HELLO, always),
#if HF_WITH_SESSION_TICKET
    HF_ROW(SERVER, NEW_SESSION_TICKET, server_sends_ticket),
#endif
    HF_ROW(SERVER, CHANGE_CIPHER_SPEC, always),
    HF_ROW(SERVER, FINISHED, always),
    HF_ROW(CLIENT, CHANGE_CIPHER_SPEC, always),
    HF_ROW(CLIENT, FINISHED, always),
};

#define FULL_COUNT    (sizeof full / sizeof full[0])
#define RESUMED_COUNT (sizeof resumed / sizeof resumed[0])

const hf_ladder_row *hf_ladder_at(bool is_resumed, size_t index)
{
    if (is_resumed)
        return index < RESUMED_COUNT ? &resumed[index] : NULL;
    return index < FULL_COUNT ? &full[index] : NULL;
}

uint8_t hf_ladder_step(bool is_resumed, uint8_t index)
{
    return (uint8_t)(is_resumed ? FULL_COUNT + index : index);
}

bool hf_flow_at(size_t index, hf_flow_row *row)
{
    bool is_resumed = index >= FULL_COUNT;
    const hf_ladder_row *from = hf_ladder_at(is_resumed, is_resumed ? index - FULL_COUNT : index);
    if (from == NULL)
        return false;
    row->sender = from->sender;
    row->message = from->message;
    row->resumed = is_resumed;
    row->name = from->message == HF_CHANGE_CIPHER_SPEC ? "[ChangeCipherSpec]"
                                                       : hf_message_name((uint8_t)from->message);
    row->when = HF_WHEN_NAME(from);
    return true;
}
