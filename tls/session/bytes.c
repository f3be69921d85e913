/* Sessions as bytes: big-endian, fixed places, one byte of format in front. */
#include "tls/session/sessions.h"

#include "crypto_glue/constant_time.h"

#include "tls/wire/wire.h"

#include <string.h>

#define FORMAT 2

enum {
    FLAG_EXTENDED_MASTER_SECRET = 1,
    FLAG_CLIENT_AUTHENTICATED = 2,
    FLAG_TRUNCATED_HMAC = 4,
    FLAG_SERVER_VERIFIED = 8,
    FLAGS_ALL = 15
};

static uint8_t flags_of(const hf_session_state *state)
{
    return (uint8_t)((state->extended_master_secret ? FLAG_EXTENDED_MASTER_SECRET : 0) |
                     (state->client_authenticated ? FLAG_CLIENT_AUTHENTICATED : 0) |
                     (state->truncated_hmac ? FLAG_TRUNCATED_HMAC : 0) |
                     (state->server_verified ? FLAG_SERVER_VERIFIED : 0));
}

void hf_session_state_write(const hf_session_state *state, uint8_t bytes[HF_SESSION_STATE_BYTES])
{
    hf_writer w = hf_writer_of(bytes, HF_SESSION_STATE_BYTES);
    hf_write_u8(&w, FORMAT);
    hf_write_bytes(&w, (hf_span){state->master_secret, sizeof state->master_secret});
    hf_write_bytes(&w, (hf_span){state->server_name, sizeof state->server_name});
    hf_write_bytes(&w, (hf_span){state->peer_certificate, sizeof state->peer_certificate});
    for (int shift = 48; shift >= 0; shift -= 16)
        hf_write_u16(&w, (uint16_t)((uint64_t)state->expires >> shift));
    hf_write_u16(&w, state->version);
    hf_write_u16(&w, state->suite);
    hf_write_u16(&w, state->fragment_length);
    hf_write_u8(&w, flags_of(state));
}

static void take(hf_reader *r, uint8_t *out, size_t size)
{
    hf_span bytes = hf_read_bytes(r, size);
    if (bytes.size == size)
        memcpy(out, bytes.data, size);
}

static bool read_state(hf_session_state *state, hf_reader *r)
{
    uint64_t expires = 0;
    uint8_t format = hf_read_u8(r);
    take(r, state->master_secret, sizeof state->master_secret);
    take(r, state->server_name, sizeof state->server_name);
    take(r, state->peer_certificate, sizeof state->peer_certificate);
    for (size_t i = 0; i < 4; i++)
        expires = expires << 16 | hf_read_u16(r);
    state->expires = expires > INT64_MAX ? 0 : (int64_t)expires; /* refused below */
    state->version = hf_read_u16(r);
    state->suite = hf_read_u16(r);
    state->fragment_length = hf_read_u16(r);
    uint8_t flags = hf_read_u8(r);
    state->extended_master_secret = (flags & FLAG_EXTENDED_MASTER_SECRET) != 0;
    state->client_authenticated = (flags & FLAG_CLIENT_AUTHENTICATED) != 0;
    state->truncated_hmac = (flags & FLAG_TRUNCATED_HMAC) != 0;
    state->server_verified = (flags & FLAG_SERVER_VERIFIED) != 0;
    return !r->failed && format == FORMAT && flags <= FLAGS_ALL && expires <= INT64_MAX &&
           state->version != 0;
}

bool hf_session_state_read(hf_session_state *state, hf_span bytes)
{
    hf_reader r = hf_reader_of(bytes);
    memset(state, 0, sizeof *state);
    if (read_state(state, &r) && hf_reader_done(&r))
        return true;
    hf_wipe(state, sizeof *state);
    return false;
}

static hf_span ticket_of(const hf_session *session)
{
#if HF_WITH_SESSION_TICKET
    return (hf_span){session->ticket, session->ticket_size};
#else
    (void)session;
    return (hf_span){NULL, 0};
#endif
}

bool hf_session_is_empty(const hf_session *session)
{
    return session->state.version == 0 || (session->id_size == 0 && ticket_of(session).size == 0);
}

void hf_session_wipe(hf_session *session)
{
    hf_wipe(session, sizeof *session);
}

size_t hf_session_write(const hf_session *session, uint8_t bytes[HF_SESSION_BYTES])
{
    if (hf_session_is_empty(session))
        return 0;
    hf_session_state_write(&session->state, bytes);
    hf_writer w = hf_writer_of(bytes, HF_SESSION_BYTES);
    w.position = HF_SESSION_STATE_BYTES;
    hf_write_vector(&w, (hf_span){session->id, session->id_size}, 1);
    hf_write_vector(&w, ticket_of(session), 2);
    return w.position;
}

static bool take_ticket(hf_session *session, hf_span ticket)
{
#if HF_WITH_SESSION_TICKET
    if (ticket.size > sizeof session->ticket)
        return false;
    if (ticket.size != 0)
        memcpy(session->ticket, ticket.data, ticket.size);
    session->ticket_size = (uint16_t)ticket.size;
    return true;
#else
    (void)session;
    return ticket.size == 0;
#endif
}

bool hf_session_read(hf_session *session, hf_span bytes)
{
    hf_reader r = hf_reader_of(bytes);
    memset(session, 0, sizeof *session);
    bool is_good = read_state(&session->state, &r);
    hf_span id = hf_read_vector8(&r, 0, HF_SESSION_ID_SIZE);
    hf_span ticket = hf_read_vector16(&r, 0, 0xffff);
    if (is_good && hf_reader_done(&r) && take_ticket(session, ticket)) {
        memcpy(session->id, id.data, id.size);
        session->id_size = (uint8_t)id.size;
        if (!hf_session_is_empty(session))
            return true;
    }
    hf_session_wipe(session);
    return false;
}
