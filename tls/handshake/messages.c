#include "tls/handshake/handshake.h"

/* With client authentication both sides show certificates, and both verify the other's. */
#define HF_SHOWING_ONLY(function)     HF_ONLY_WITH(HF_WITH_SERVER || HF_WITH_CLIENT_AUTH, function)
#define HF_VERIFYING_ONLY(function)   HF_ONLY_WITH(HF_WITH_CLIENT || HF_WITH_CLIENT_AUTH, function)
#define HF_CLIENT_AUTH_ONLY(function) HF_ONLY_WITH(HF_WITH_CLIENT_AUTH, function)

static const hf_message messages[] = {
    {
        .type = HF_CLIENT_HELLO,
        .write = HF_CLIENT_ONLY(hf_write_client_hello),
        .read = HF_SERVER_ONLY(hf_read_client_hello),
        .after_read = HF_SERVER_ONLY(hf_finish_client_hello),
    },
    {
        .type = HF_SERVER_HELLO,
        .write = HF_SERVER_ONLY(hf_write_server_hello),
        .read = HF_CLIENT_ONLY(hf_read_server_hello),
        .after_write = HF_SERVER_ONLY(hf_finish_server_hello),
        .after_read = HF_CLIENT_ONLY(hf_finish_server_hello),
    },
    {
        .type = HF_CERTIFICATE,
        .write = hf_write_certificate,
        .piece = HF_SHOWING_ONLY(hf_certificate_piece),
        .read = HF_VERIFYING_ONLY(hf_read_certificate),
        .after_read = HF_VERIFYING_ONLY(hf_verify_certificate),
    },
#if HF_WITH_STATUS_REQUEST
    {
        .type = HF_CERTIFICATE_STATUS,
        .write = HF_SERVER_ONLY(hf_write_certificate_status),
        .piece = HF_SERVER_ONLY(hf_certificate_status_piece),
        .read = HF_CLIENT_ONLY(hf_read_certificate_status),
        .after_read = HF_CLIENT_ONLY(hf_finish_certificate_status),
    },
#endif
#if HF_USE_CERTIFICATE_URL
    {
        .type = HF_CERTIFICATE_URL,
        .write = HF_CLIENT_ONLY(hf_write_certificate_url),
        .read = HF_SERVER_ONLY(hf_read_certificate_url),
        .after_read = HF_SERVER_ONLY(hf_finish_certificate_url),
    },
#endif
    {
        .type = HF_SERVER_KEY_EXCHANGE,
        .write = HF_SERVER_ONLY(hf_write_server_key_exchange),
        .read = HF_CLIENT_ONLY(hf_read_server_key_exchange),
        .after_read = HF_CLIENT_ONLY(hf_finish_server_key_exchange),
    },
#if HF_WITH_CLIENT || HF_WITH_CLIENT_AUTH /* a client without certificates says so */
    {
        .type = HF_CERTIFICATE_REQUEST,
        .write = HF_CLIENT_AUTH_ONLY(HF_SERVER_ONLY(hf_write_certificate_request)),
        .piece = HF_CLIENT_AUTH_ONLY(HF_SERVER_ONLY(hf_certificate_request_piece)),
        .read_part = HF_CLIENT_ONLY(hf_read_certificate_request),
        .after_read = HF_CLIENT_AUTH_ONLY(HF_CLIENT_ONLY(hf_finish_certificate_request)),
    },
#endif
#if HF_WITH_CLIENT_AUTH
    {
        .type = HF_CERTIFICATE_VERIFY,
        .write = HF_CLIENT_ONLY(hf_write_certificate_verify),
        .read = HF_SERVER_ONLY(hf_read_certificate_verify),
        .after_read = HF_SERVER_ONLY(hf_finish_certificate_verify),
    },
#endif
    {
        .type = HF_SERVER_HELLO_DONE,
        .write = HF_SERVER_ONLY(hf_write_server_hello_done),
        .read = HF_CLIENT_ONLY(hf_read_server_hello_done),
    },
    {
        .type = HF_CLIENT_KEY_EXCHANGE,
        .write = HF_CLIENT_ONLY(hf_write_client_key_exchange),
        .read = HF_SERVER_ONLY(hf_read_client_key_exchange),
        .after_write = HF_CLIENT_ONLY(hf_derive_secrets),
        .after_read = HF_SERVER_ONLY(hf_finish_client_key_exchange),
    },
#if HF_WITH_SESSION_TICKET
    {
        .type = HF_NEW_SESSION_TICKET,
        .write = HF_SERVER_ONLY(hf_write_new_session_ticket),
        .read = HF_CLIENT_ONLY(hf_read_new_session_ticket),
    },
#endif
    {
        .type = HF_FINISHED,
        .write = hf_write_finished,
        .read = hf_read_finished,
    },
};

const hf_message *hf_message_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (messages[i].type == type)
            return &messages[i];
    return NULL;
}
