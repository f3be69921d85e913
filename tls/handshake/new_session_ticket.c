/* NewSessionTicket, RFC 5077 3.3. */
#include "tls/handshake/handshake.h"

#include "crypto_glue/constant_time.h"

#include "tls/session/sessions.h"

#include <string.h>

/* Seconds that the state is still good for; 0 is "unspecified". A renewed ticket lasts no longer
 * than the one before it. */
static uint32_t lifetime_hint(const hf_conn *c, const hf_session_state *state)
{
    int64_t now;
    if (!hf_settings_read_clock(c->config, &now) || state->expires <= now ||
        state->expires - now > HF_SESSION_LIFETIME_MAX)
        return 0;
    return (uint32_t)(state->expires - now);
}

hf_error hf_write_new_session_ticket(hf_conn *c, hf_writer *w)
{
    hf_session_state state;
    hf_session_make(c, &state);
    uint32_t hint = lifetime_hint(c, &state);
    hf_write_u16(w, (uint16_t)(hint >> 16));
    hf_write_u16(w, (uint16_t)hint);
    hf_write_u16(w, HF_TICKET_SIZE);
    uint8_t *ticket = hf_write_space(w, HF_TICKET_SIZE);
    hf_error error = HF_ERROR_OUTPUT_TOO_LONG;
    if (ticket != NULL)
        error = hf_ticket_seal(&c->config->tickets->keys[0], &c->config->random, &state, ticket);
    hf_wipe(&state, sizeof state);
    return error;
}

/* The session is complete once the handshake is; until then it is none. An empty ticket says that
 * the server has thought better of it. */
static void take_ticket(hf_conn *c, hf_span ticket)
{
    hf_session *session = c->session;
    if (session == NULL || ticket.size == 0 || ticket.size > sizeof session->ticket)
        return;
    hf_session_wipe(session);
    memcpy(session->ticket, ticket.data, ticket.size);
    session->ticket_size = (uint16_t)ticket.size;
    c->handshake->has_new_ticket = true;
}

hf_error hf_read_new_session_ticket(hf_conn *c, hf_reader *r)
{
    uint32_t high = hf_read_u16(r);
    uint32_t hint = high << 16 | hf_read_u16(r);
    hf_span ticket = hf_read_vector16(r, 0, 0xffff);
    hf_error error = hf_message_end(r);
    if (error != HF_OK)
        return error;
    c->handshake->ticket_lifetime = hint;
    take_ticket(c, ticket);
    return HF_OK;
}
