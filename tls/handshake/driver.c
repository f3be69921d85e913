/* hf_conn_run: walks the rows of the ladder. Whoever sends a row's message writes it, the other
 * reads it; both sides run this same code. */
#include "tls/handshake/handshake.h"

#include "crypto_glue/constant_time.h"

#include "tls/extensions/extensions.h"
#include "tls/keys/keys.h"
#include "tls/record/record.h"
#include "tls/session/sessions.h"

#include <string.h>

bool hf_conn_may_compute(hf_conn *c)
{
    bool may = !c->spent;
    c->spent = true;
    return may;
}

hf_error hf_conn_random(const hf_conn *c, uint8_t *out, size_t size)
{
    return c->config->random.fill(c->config->random.context, out, size) ? HF_OK
                                                                        : HF_ERROR_RANDOM_FAILED;
}

hf_error hf_message_end(const hf_reader *r)
{
    if (r->failed)
        return HF_ERROR_MESSAGE_SYNTAX;
    return hf_reader_done(r) ? HF_OK : HF_ERROR_MESSAGE_TRAILING_BYTES;
}

/* ---------------------------------------------------------------- along the ladder */

static const hf_ladder_row *current_row(const hf_conn *c)
{
    return hf_ladder_at(c->resumed, c->handshake->row);
}

/* RFC 5077 3.4: the ID beside a ticket that was taken is what the client liked it to be, such as
 * that of another's session. It has been sent back, and names nothing from now on. */
static void drop_borrowed_id(hf_conn *c)
{
#if HF_WITH_SESSION_TICKET
    if (hf_is_server(c->role) && c->resumed && c->config->tickets != NULL &&
        c->handshake->ticket_offered.size != 0)
        c->session_id_size = 0;
#else
    (void)c;
#endif
}

static void establish(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    hf_session_store(c);
    drop_borrowed_id(c);
#if HF_WITH_RENEGOTIATION
    memcpy(c->peer_certificate, h->peer_certificate, sizeof c->peer_certificate);
#endif
#if HF_WITH_EXPORTER
    memcpy(c->randoms[HF_CLIENT], h->client_random, HF_RANDOM_SIZE);
    memcpy(c->randoms[HF_SERVER], h->server_random, HF_RANDOM_SIZE);
#endif
    c->established = true;
    c->in_handshake = false;
    c->flush = true; /* our Finished may be the last message and still be in an open record */
    hf_observe(c, HF_EVENT_ESTABLISHED, false);
    hf_wipe(h, sizeof *h);
}

static hf_error ask_to_keep(hf_conn *c, const hf_session_state *state)
{
    hf_handshake *h = c->handshake;
    hf_session_state_write(state, h->compose);
    c->question = (hf_question){.kind = HF_QUESTION_KEEP_SESSION,
                                .input = {c->session_id, c->session_id_size},
                                .state = {h->compose, HF_SESSION_STATE_BYTES},
                                .expires = state->expires};
    c->has_question = h->has_answer = true;
    return HF_WAITING;
}

/* A server keeps what it has named. */
static hf_error keep_session(hf_conn *c)
{
    hf_session_state state;
    hf_error error = HF_OK;
    if (hf_is_client(c->role) || c->resumed || c->session_id_size == 0 || c->handshake->has_answer)
        return HF_OK;
    hf_session_make(c, &state);
    if (c->config->cache != NULL)
        hf_session_cache_keep(c->config->cache, c->session_id, &state);
    if (HF_WITH_CHOICES && c->config->ask_about_sessions)
        error = ask_to_keep(c, &state);
    hf_wipe(&state, sizeof state);
    return error;
}

static hf_error end_handshake(hf_conn *c)
{
    hf_error error = keep_session(c);
    if (error == HF_OK)
        establish(c);
    return error;
}

static void next_row(hf_conn *c)
{
    c->handshake->phase = HF_PHASE_ROW;
    c->handshake->step = 0;
    c->handshake->has_answer = false;
    c->handshake->row++;
    c->failure.message = HF_NO_MESSAGE;
    if (current_row(c) == NULL)
        c->handshake->phase = HF_PHASE_END;
}

/* ---------------------------------------------------------------- sending */

static hf_error begin_message(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    h->compose_size = HF_MESSAGE_HEADER_SIZE;
    h->piece = h->pieces_hashed = 0;
    h->piece_sent = h->message_sent = h->streamed_size = 0;
    h->phase = HF_PHASE_WRITE;
    return HF_OK;
}

static uint32_t message_total(const hf_handshake *h)
{
    return h->compose_size + h->streamed_size;
}

static hf_error write_message(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    uint8_t type = (uint8_t)current_row(c)->message;
    c->failure.message = type;
    hf_writer w = hf_writer_of(h->compose, sizeof h->compose);
    w.position = h->compose_size;
    hf_error error = hf_message_of(type)->write(c, &w);
    h->compose_size = (uint16_t)w.position;
    if (error != HF_OK)
        return error;
    if (w.failed)
        return HF_ERROR_OUTPUT_TOO_LONG;
    uint32_t body = message_total(h) - HF_MESSAGE_HEADER_SIZE;
    h->compose[0] = type;
    h->compose[1] = (uint8_t)(body >> 16);
    h->compose[2] = (uint8_t)(body >> 8);
    h->compose[3] = (uint8_t)body;
    h->phase = HF_PHASE_EMIT;
    return HF_OK;
}

static hf_span message_piece(hf_conn *c, const hf_message *message)
{
    const hf_handshake *h = c->handshake;
    return h->piece == 0 ? (hf_span){h->compose, h->compose_size} : message->piece(c, h->piece);
}

/* Not every peer puts a message together again: Mbed TLS does not. One that would be split by the
 * agreed limit but fits into a record begins one. */
static hf_error begin_record(hf_conn *c, uint32_t total)
{
    const hf_outgoing *out = &c->out;
    bool is_split_by_limit = total <= out->limit && total > out->limit - out->open_size;
    return is_split_by_limit ? hf_outgoing_seal(&c->out) : HF_OK;
}

/* Puts as much of the message into records as there is room for. Each piece enters the transcript
 * once, before its first byte goes out. */
static hf_error emit_message(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    const hf_message *message = hf_message_of(current_row(c)->message);
    uint32_t total = message_total(h);
    hf_error begun = h->message_sent == 0 ? begin_record(c, total) : HF_OK;
    if (begun != HF_OK)
        return begun;
    while (h->message_sent < total) {
        hf_span piece = message_piece(c, message);
        if (h->pieces_hashed == h->piece) {
            h->pieces_hashed++;
            hf_transcript_update(&h->transcript, piece);
            hf_observe_message(c, true, message->type, total, h->message_sent, piece);
        }
        hf_span rest = {piece.data + h->piece_sent, piece.size - h->piece_sent};
        size_t taken;
        hf_error error = hf_outgoing_append(&c->out, HF_CONTENT_HANDSHAKE, rest, &taken);
        if (error != HF_OK)
            return error;
        h->piece_sent += (uint32_t)taken;
        h->message_sent += (uint32_t)taken;
        if (taken < rest.size) {
            c->blocked = true;
            return HF_OK;
        }
        h->piece++;
        h->piece_sent = 0;
    }
    h->phase = HF_PHASE_AFTER_WRITE;
    return HF_OK;
}

static hf_error after_write(hf_conn *c)
{
    const hf_message *message = hf_message_of(current_row(c)->message);
    hf_error error = message->after_write != NULL ? message->after_write(c) : HF_OK;
    if (error == HF_OK)
        next_row(c);
    return error;
}

/* RFC 5246 7.1: what follows is sealed with the new keys. They are made before the record goes out:
 * if they cannot be, both sides still have the old ones, and the peer can read the alert. */
static hf_error change_keys(hf_conn *c)
{
    hf_protection keys;
    hf_error error = hf_activate_protection(c, c->role, &keys);
    if (error == HF_OK)
        error = hf_outgoing_seal(&c->out);
    if (error == HF_OK)
        c->out.protection = keys;
    hf_protection_wipe(&keys);
    return error;
}

static hf_error send_change_cipher_spec(hf_conn *c)
{
    static const uint8_t one = 1;
    size_t taken;
    hf_error error =
        hf_outgoing_append(&c->out, HF_CONTENT_CHANGE_CIPHER_SPEC, (hf_span){&one, 1}, &taken);
    if (error != HF_OK)
        return error;
    if (taken == 0) {
        c->blocked = true;
        return HF_OK;
    }
    error = change_keys(c);
    if (error != HF_OK)
        return error;
#if HF_WITH_RECORD_LIMITS
    hf_limit_outgoing(c);
#endif
    hf_observe(c, HF_EVENT_CHANGE_KEYS, true);
    next_row(c);
    return HF_OK;
}

/* ---------------------------------------------------------------- receiving */

/* Finds the row that a message or ChangeCipherSpec from the peer belongs to, passing rows that
 * may be left out. False: no row accepts it here. */
static bool accept_row(hf_conn *c, uint16_t message)
{
    hf_handshake *h = c->handshake;
    for (;;) {
        const hf_ladder_row *row = current_row(c);
        hf_when when = row == NULL ? HF_MUST : row->when(c);
        if (row == NULL || (when != HF_NO && row->sender == c->role))
            return false;
        if (when != HF_NO && row->message == message)
            return true;
        if (when == HF_MUST)
            return false;
        h->row++;
    }
}

/* RFC 5246 7.4.1.1: a HelloRequest during a handshake is ignored. It is not in the transcript. */
static bool is_ignored(const hf_conn *c, hf_span message)
{
    return hf_is_client(c->role) && message.data[0] == HF_HELLO_REQUEST && message.size == 4;
}

static bool asks_for_renegotiation(const hf_conn *c, uint8_t type)
{
    return type == (hf_is_client(c->role) ? HF_HELLO_REQUEST : HF_CLIENT_HELLO);
}

/* Before a message is gathered it is known whether it may come here at all. */
static hf_error check_header(hf_conn *c, const uint8_t *header)
{
    c->failure.message = header[0];
    c->failure.offset = 0;
    if (HF_WITH_RENEGOTIATION && c->passes_over) {
        c->in.in_parts = true;
        return HF_OK;
    }
    if (hf_is_client(c->role) && header[0] == HF_HELLO_REQUEST)
        return header[1] == 0 && header[2] == 0 && header[3] == 0 ? HF_OK
                                                                  : HF_ERROR_MESSAGE_TRAILING_BYTES;
    if (!c->in_handshake)
        return asks_for_renegotiation(c, header[0]) ? HF_OK : HF_ERROR_UNEXPECTED_MESSAGE;
    if (!accept_row(c, header[0]))
        return HF_ERROR_UNEXPECTED_MESSAGE;
    c->in.in_parts = HF_WITH_CLIENT && hf_message_of(header[0])->read_part != NULL;
    return HF_OK;
}

/* What has come of a message that nobody wants any more. */
static hf_error pass_over_part(hf_conn *c)
{
    hf_incoming_take_part(&c->in, hf_incoming_message(&c->in).size);
    if (c->in.message_taken == c->in.message_total)
        hf_incoming_take_message(&c->in);
    return HF_OK;
}

/* What has come of a message that is read in parts. */
static hf_error read_part(hf_conn *c)
{
    hf_span bytes = hf_incoming_message(&c->in);
    const hf_message *message = hf_message_of(current_row(c)->message);
    uint32_t total = c->in.message_total, before = c->in.message_taken;
    hf_reader r = hf_reader_of(bytes);
    c->failure.message = message->type;
    if (before == 0)
        (void)hf_read_bytes(&r, HF_MESSAGE_HEADER_SIZE);
    hf_error error = message->read_part(c, &r, total - before - r.position);
    hf_span taken = {bytes.data, r.position};
    if (taken.size != 0)
        hf_observe_message(c, false, message->type, total, before, taken);
    if (error != HF_OK) {
        c->failure.offset = (uint32_t)(before + r.position);
        return error;
    }
    hf_transcript_update(&c->handshake->transcript, taken);
    hf_incoming_take_part(&c->in, taken.size);
    if (c->in.message_taken == total) {
        c->handshake->phase = HF_PHASE_AFTER_READ;
        c->handshake->step = 0;
    }
    return HF_OK;
}

static hf_error read_message(hf_conn *c, hf_span bytes)
{
    hf_handshake *h = c->handshake;
    const hf_message *message = hf_message_of(bytes.data[0]);
    hf_observe_message(c, false, bytes.data[0], (uint32_t)bytes.size, 0, bytes);
    hf_reader r = hf_reader_of(bytes);
    (void)hf_read_bytes(&r, HF_MESSAGE_HEADER_SIZE);
    hf_error error = message->read(c, &r);
    if (error == HF_OK)
        error = hf_message_end(&r);
    if (error != HF_OK) {
        c->failure.offset = (uint32_t)r.position;
        return error;
    }
    hf_transcript_update(&h->transcript, bytes);
    h->phase = HF_PHASE_AFTER_READ;
    h->step = 0;
    return HF_OK;
}

static hf_error take_v2_hello(hf_conn *c)
{
    hf_span bytes = hf_incoming_message(&c->in);
    hf_reader r = hf_reader_of(bytes);
    c->failure.message = HF_CLIENT_HELLO;
    hf_observe_message(c, false, HF_CLIENT_HELLO, (uint32_t)bytes.size, 0, bytes);
    hf_error error = hf_read_v2_hello(c, &r);
    if (error != HF_OK) {
        c->failure.offset = (uint32_t)r.position;
        return error;
    }
    hf_transcript_update(&c->handshake->transcript, bytes);
    c->handshake->phase = HF_PHASE_AFTER_READ;
    return HF_OK;
}

/* Outside a handshake only a request for one gets here (check_header). */
static hf_error take_message(hf_conn *c)
{
    hf_span bytes = hf_incoming_message(&c->in);
    c->failure.message = bytes.data[0];
    if (!c->in_handshake) {
        hf_error error = hf_renegotiation_requested(c);
        if (error != HF_OK)
            return error;
    }
    if (c->in_handshake && !is_ignored(c, bytes))
        return read_message(c, bytes);
    hf_observe_message(c, false, bytes.data[0], (uint32_t)bytes.size, 0, bytes);
    hf_incoming_take_message(&c->in);
    return HF_OK;
}

static hf_error after_read(hf_conn *c)
{
    const hf_message *message = hf_message_of(current_row(c)->message);
    hf_error error = message->after_read != NULL ? message->after_read(c) : HF_OK;
    if (error == HF_OK) {
        hf_incoming_take_message(&c->in);
        next_row(c);
    }
    return error;
}

/* Nothing more will be sealed or opened: the keys have done their work. */
static void end_in_order(hf_conn *c)
{
    hf_observe(c, HF_EVENT_CLOSED, false);
    hf_conn_wipe_secrets(c);
}

static void note_peer_closed(hf_conn *c)
{
    c->peer_closed = true;
    if (c->close_sent)
        end_in_order(c);
}

/* Of a renegotiation that is passed over: what comes behind it cannot be read. It is no data, since
 * our Finished has not been sent, but the rest of the handshake and the peer's close_notify. */
static hf_error pass_over_change_cipher_spec(hf_conn *c)
{
    hf_incoming_take_record(&c->in);
    note_peer_closed(c);
    return HF_OK;
}

static hf_error take_change_cipher_spec(hf_conn *c)
{
    if (HF_WITH_RENEGOTIATION && c->passes_over)
        return pass_over_change_cipher_spec(c);
    if (!c->in_handshake || !accept_row(c, HF_CHANGE_CIPHER_SPEC))
        return HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC;
    hf_role sender = hf_is_client(c->role) ? HF_SERVER : HF_CLIENT;
    hf_incoming_take_record(&c->in);
    hf_error error = hf_activate_protection(c, sender, &c->in.protection);
    if (error != HF_OK)
        return error;
    c->handshake->peer_changed_keys = true;
#if HF_WITH_RECORD_LIMITS
    hf_limit_incoming(c);
#endif
    hf_observe(c, HF_EVENT_CHANGE_KEYS, false);
    next_row(c);
    return HF_OK;
}

static hf_error take_alert(hf_conn *c)
{
    uint8_t level, alert;
    hf_incoming_alert(&c->in, &level, &alert);
    hf_incoming_take_record(&c->in);
    if (level != HF_ALERT_LEVEL_WARNING && level != HF_ALERT_LEVEL_FATAL)
        return HF_ERROR_ALERT_LEVEL;
    hf_observe_alert(c, false, level, alert);
    if (level == HF_ALERT_LEVEL_FATAL) {
        hf_conn_fail_by_alert(c, level, alert);
        return HF_ERROR_PEER_ALERT;
    }
    if (alert == HF_ALERT_CLOSE_NOTIFY) {
        note_peer_closed(c);
        if (hf_is_renegotiation(c))
            hf_renegotiation_abandon(c);
        return c->established ? HF_OK : HF_ERROR_CLOSED_IN_HANDSHAKE;
    }
    if (HF_WITH_RENEGOTIATION && alert == HF_ALERT_NO_RENEGOTIATION)
        hf_renegotiation_refused(c);
    return ++c->warnings > HF_WARNINGS_MAX ? HF_ERROR_TOO_MANY_WARNINGS : HF_OK;
}

static hf_error end_without_close(const hf_conn *c)
{
    return c->established ? HF_ERROR_TRUNCATED : HF_ERROR_CLOSED_IN_HANDSHAKE;
}

/* Nothing more can be made of what has come. */
static hf_error wait_for_bytes(hf_conn *c)
{
    c->idle = true;
    if (c->ended)
        return end_without_close(c);
    return hf_incoming_make_room(&c->in);
}

/* In a renegotiation what the old keys protect is as good as before, but nothing may come between
 * the new keys and the Finished that vouches for them. A peer that has much to say before it
 * answers floods nobody. */
static bool may_data_come(hf_conn *c)
{
    if (!c->in_handshake)
        return true;
    c->handshake->bytes_received = 0;
    return c->established && !c->handshake->peer_changed_keys;
}

static hf_error receive(hf_conn *c)
{
    hf_item item;
    c->failure.message = HF_NO_MESSAGE;
    hf_error error = hf_incoming_next(&c->in, &item);
    if (error != HF_OK)
        return error;
    if (item != HF_ITEM_NONE && item != HF_ITEM_ALERT)
        c->warnings = 0;
    switch (item) {
    case HF_ITEM_HEADER:
        return check_header(c, hf_incoming_message(&c->in).data);
    case HF_ITEM_PART:
        if (HF_WITH_RENEGOTIATION && c->passes_over)
            return pass_over_part(c);
        return HF_WITH_CLIENT ? read_part(c) : HF_ERROR_UNEXPECTED_MESSAGE;
    case HF_ITEM_MESSAGE:
        return take_message(c);
    case HF_ITEM_V2_HELLO:
        return HF_USE_V2_HELLO ? take_v2_hello(c) : HF_ERROR_SSL2_HELLO;
    case HF_ITEM_CHANGE_CIPHER_SPEC:
        return take_change_cipher_spec(c);
    case HF_ITEM_ALERT:
        return take_alert(c);
    case HF_ITEM_DATA:
    case HF_ITEM_EMPTY:
        c->idle = item == HF_ITEM_DATA; /* it stays until the application has read it */
        return may_data_come(c) ? HF_OK : HF_ERROR_DATA_IN_HANDSHAKE;
    default:
        return wait_for_bytes(c);
    }
}

/* ---------------------------------------------------------------- one step */

static hf_error send_warning(hf_conn *c)
{
    hf_error error = hf_outgoing_seal(&c->out);
    if (error != HF_OK)
        return error;
    if (!hf_outgoing_has_room_for_warning(&c->out)) {
        c->blocked = true;
        c->idle = true;
        return HF_OK;
    }
    hf_observe_alert(c, true, HF_ALERT_LEVEL_WARNING, c->warning);
    error = hf_outgoing_alert(&c->out, HF_ALERT_LEVEL_WARNING, c->warning);
    c->warning = HF_ALERT_NONE;
    return error;
}

/* Also in answer to the peer's (RFC 5246 7.2.1); everything written goes out before it. */
static hf_error send_close(hf_conn *c)
{
    hf_error error = hf_outgoing_seal(&c->out);
    if (error != HF_OK)
        return error;
    error = hf_outgoing_alert(&c->out, HF_ALERT_LEVEL_WARNING, HF_ALERT_CLOSE_NOTIFY);
    if (error != HF_OK)
        return error;
    c->close_sent = true;
    hf_observe_alert(c, true, HF_ALERT_LEVEL_WARNING, HF_ALERT_CLOSE_NOTIFY);
    if (c->peer_closed)
        end_in_order(c);
    return HF_OK;
}

static hf_error step_row(hf_conn *c)
{
    const hf_ladder_row *row = current_row(c);
    if (row->when(c) == HF_NO) {
        next_row(c);
        return HF_OK;
    }
    if (row->sender == c->role)
        return row->message == HF_CHANGE_CIPHER_SPEC ? send_change_cipher_spec(c)
                                                     : begin_message(c);
    hf_error error = hf_outgoing_seal(&c->out); /* the end of a flight */
    return error == HF_OK ? receive(c) : error;
}

static hf_error step_handshake(hf_conn *c)
{
    switch (c->handshake->phase) {
    case HF_PHASE_WRITE:
        return write_message(c);
    case HF_PHASE_EMIT:
        return emit_message(c);
    case HF_PHASE_AFTER_WRITE:
        return after_write(c);
    case HF_PHASE_AFTER_READ:
        return after_read(c);
    case HF_PHASE_END:
        return end_handshake(c);
    default:
        return step_row(c);
    }
}

static hf_error step_established(hf_conn *c)
{
    if (c->flush || (c->out.open_size != 0 &&
                     hf_outgoing_room(&c->out, HF_CONTENT_APPLICATION_DATA).size == 0)) {
        c->flush = false;
        hf_error error = hf_outgoing_seal(&c->out);
        if (error != HF_OK)
            return error;
    }
    if ((c->closing || c->peer_closed) && !c->close_sent)
        return send_close(c);
    if (HF_WITH_RENEGOTIATION && c->renegotiate && !c->close_sent && !c->ended)
        return hf_renegotiation_start(c);
    if (c->peer_closed) {
        c->idle = true;
        return HF_OK;
    }
    return receive(c);
}

static hf_error check_limits(const hf_conn *c)
{
    if (c->in_handshake && c->handshake->bytes_received > HF_HANDSHAKE_BYTES_MAX)
        return HF_ERROR_HANDSHAKE_FLOOD;
    return HF_OK;
}

/* One step forward; c->idle is set where nothing more can be done for now. */
static hf_error step(hf_conn *c)
{
    c->idle = c->blocked = false;
    if (c->has_question)
        return HF_WAITING;
    if (c->warning != HF_ALERT_NONE && !c->ended)
        return send_warning(c);
    hf_error error = check_limits(c);
    if (error != HF_OK)
        return error;
    if (hf_is_renegotiation(c) && c->closing)
        hf_renegotiation_close(c);
    if (c->in_handshake && !c->established && c->closing)
        return HF_ERROR_HANDSHAKE_ABANDONED;
    error = c->in_handshake ? step_handshake(c) : step_established(c);
    if (c->blocked) {
        c->idle = true;
        /* Nobody is there to take what is pending. */
        if (error == HF_OK && c->ended && c->in_handshake)
            error = end_without_close(c);
    }
    return error;
}

/* Whether a secret is over that could be left on the stack: of a public-key operation, of a
 * handshake that has ended, of a connection that has. As long as they last it is in the objects as
 * well. */
static bool is_secret_over(const hf_conn *c, bool was_in_handshake)
{
    return c->spent || was_in_handshake != c->in_handshake || c->failed || c->close_sent ||
           c->ended;
}

hf_error hf_conn_run(hf_conn *c)
{
    const bool was_in_handshake = c->in_handshake;
    if (c->failed)
        return c->failure.reason;
    if (c->config == NULL)
        return HF_ERROR_BAD_STATE; /* not begun, or wiped */
    hf_error error;
    c->spent = false;
    do
        error = step(c);
    while (error == HF_OK && !c->idle);
    c->dirty = error == HF_AGAIN;
    if (error != HF_OK && error != HF_AGAIN && error != HF_WAITING && !c->failed)
        hf_conn_fail(c, error);
    if (is_secret_over(c, was_in_handshake))
        hf_wipe_stack();
    return error;
}
