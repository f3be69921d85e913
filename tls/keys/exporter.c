/* Keying material for the application, RFC 5705. */
#include "tls/keys/keys.h"

#include "crypto_glue/constant_time.h"

#include "tls/wire/codes.h"

#include <handfast/conn.h>

#include <string.h>

#define CONTEXT_MAX 0xffff

/* RFC 5705 4 keeps the labels of TLS itself apart (RFC 5246 5, 6.3, 7.4.9; RFC 7627 4). */
static bool is_label_of_tls(const char *label)
{
    static const char *const reserved[] = {"client finished", "server finished", "master secret",
                                           "extended master secret", "key expansion"};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (strcmp(label, reserved[i]) == 0)
            return true;
    return false;
}

hf_error hf_conn_export(const hf_conn *c, const char *label, const hf_span *context, uint8_t *out,
                        size_t size)
{
    if (label == NULL || label[0] == '\0' || is_label_of_tls(label) || out == NULL ||
        (context != NULL && context->size > CONTEXT_MAX))
        return HF_ERROR_BAD_ARGUMENT;
    bool has_ended = c->failed || (c->peer_closed && c->close_sent);
    if (!c->established || c->in_handshake || c->passes_over || has_ended)
        return HF_ERROR_BAD_STATE;
    if (!c->extended_master_secret)
        return HF_ERROR_NO_EXTENDED_MASTER_SECRET;
    const size_t context_size = context != NULL ? context->size : 0;
    const uint8_t length[2] = {(uint8_t)(context_size >> 8), (uint8_t)context_size};
    const hf_span seeds[] = {
        {&c->randoms[0][0], sizeof c->randoms},
        {length, context != NULL ? sizeof length : 0},
        {context != NULL ? context->data : length, context_size},
    };
    hf_prf_of(hf_negotiated_hash(c), (hf_span){c->master_secret, sizeof c->master_secret}, label,
              seeds, sizeof seeds / sizeof seeds[0], out, size);
    hf_wipe_stack();
    return HF_OK;
}
