/* handshake: the ladder, the driver that walks it, and one file per message.
 *
 *   handshake.h            internal declarations of this folder (this file)
 *   flow.c                 the ladders of RFC 5246 figures 1 and 2 as one table
 *   messages.c             which functions write and read each message
 *   driver.c               hf_conn_run: one reading of the table for each role
 *   conn.c                 the public calls that only account
 *   failure.c              how a connection fails: reason, alert, events, wiping
 *   choose.c               server: binding, suite, group, credentials, scheme, protocol
 *   signature.c            signing and verifying with a scheme
 *   client_hello.c server_hello.c certificate.c server_key_exchange.c server_hello_done.c
 *   client_key_exchange.c certificate_request.c certificate_verify.c finished.c
 *                          one message each, read and write together
 *   key_exchange.h ecdhe.c dhe.c rsa_transport.c psk.c      what key exchanges are made of
 *   new_session_ticket.c certificate_status.c certificate_url.c
 *                          likewise
 *   renegotiation.c        a handshake inside an established connection (RFC 5746)
 *   v2_hello.c             a ClientHello in the format of SSL 2.0 (RFC 5246 E.2)
 *   pump.c io.c            hf_pump and hf_io, built on the public calls
 */
#ifndef HF_HANDSHAKE_HANDSHAKE_H
#define HF_HANDSHAKE_HANDSHAKE_H

#include <handfast/conn.h>

#include "tls/wire/settings.h"
#include "tls/wire/switches.h"
#include "tls/wire/wire.h"

/* --- flow.c --- */

typedef enum hf_when { HF_NO, HF_MAY, HF_MUST } hf_when;

typedef struct hf_ladder_row {
    hf_role sender;
    uint16_t message; /* HandshakeType or HF_CHANGE_CIPHER_SPEC */
    hf_when (*when)(const hf_conn *c);
#if HF_WITH_TEXT
    const char *when_name;
#endif
} hf_ladder_row;

/* A row of the full or the short ladder, which begin alike; NULL past the last one. */
const hf_ladder_row *hf_ladder_at(bool is_resumed, size_t index);
/* The position of such a row among all (hf_flow_at). */
uint8_t hf_ladder_step(bool is_resumed, uint8_t index);

/* --- messages.c --- */

typedef struct hf_message {
    uint8_t type;
    /* Appends the body to `w`. May return HF_AGAIN or HF_WAITING after having appended a part of
     * it: it is called again with the writer where it was, and h->step says where to go on. */
    hf_error (*write)(hf_conn *c, hf_writer *w);
    /* Pieces 1, 2, ... of a message that is not composed but streamed from the caller's memory;
     * NULL if there are none. */
    hf_span (*piece)(hf_conn *c, size_t index);
    /* Reads the body, checks that all of it was used, and takes what it says. No public-key
     * operation. The message is not in the transcript yet. */
    hf_error (*read)(hf_conn *c, hf_reader *r);
    /* Instead of read, for a message that may be longer than the receive buffer: takes whole
     * elements of what has come of the body and leaves the rest, to be called again when more has
     * come. `left` is what the body has from the reader's position on; it is over when the reader
     * reaches its end. */
    hf_error (*read_part)(hf_conn *c, hf_reader *r, size_t left);
    /* What follows once the message is in the transcript; may return HF_AGAIN and HF_WAITING. A
     * received message stays in the receive buffer until this is done. NULL: nothing. */
    hf_error (*after_write)(hf_conn *c);
    hf_error (*after_read)(hf_conn *c);
} hf_message;

const hf_message *hf_message_of(uint16_t type);

HF_MUST_USE hf_error hf_write_client_hello(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_client_hello(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_finish_client_hello(hf_conn *c);
HF_MUST_USE hf_error hf_write_server_hello(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_server_hello(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_finish_server_hello(hf_conn *c);
HF_MUST_USE hf_error hf_write_certificate(hf_conn *c, hf_writer *w);
hf_span hf_certificate_piece(hf_conn *c, size_t index);
HF_MUST_USE hf_error hf_read_certificate(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_verify_certificate(hf_conn *c);
HF_MUST_USE hf_error hf_write_certificate_status(hf_conn *c, hf_writer *w);
hf_span hf_certificate_status_piece(hf_conn *c, size_t index);
HF_MUST_USE hf_error hf_read_certificate_status(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_finish_certificate_status(hf_conn *c);
HF_MUST_USE hf_error hf_write_certificate_url(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_certificate_url(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_finish_certificate_url(hf_conn *c);
HF_MUST_USE hf_error hf_write_server_key_exchange(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_server_key_exchange(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_finish_server_key_exchange(hf_conn *c);
HF_MUST_USE hf_error hf_write_server_hello_done(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_server_hello_done(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_write_client_key_exchange(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_client_key_exchange(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_finish_client_key_exchange(hf_conn *c);
HF_MUST_USE hf_error hf_derive_secrets(hf_conn *c);
HF_MUST_USE hf_error hf_write_certificate_request(hf_conn *c, hf_writer *w);
hf_span hf_certificate_request_piece(hf_conn *c, size_t index);
HF_MUST_USE hf_error hf_read_certificate_request(hf_conn *c, hf_reader *r, size_t left);
HF_MUST_USE hf_error hf_finish_certificate_request(hf_conn *c);
HF_MUST_USE hf_error hf_write_certificate_verify(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_certificate_verify(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_finish_certificate_verify(hf_conn *c);
HF_MUST_USE hf_error hf_write_new_session_ticket(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_new_session_ticket(hf_conn *c, hf_reader *r);
HF_MUST_USE hf_error hf_write_finished(hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_finished(hf_conn *c, hf_reader *r);

/* --- v2_hello.c --- */

/* Reads a ClientHello in the format of SSL 2.0, without its two bytes of length. */
HF_MUST_USE hf_error hf_read_v2_hello(hf_conn *c, hf_reader *r);
/* What both formats of a ClientHello have in common: version and extensions. */
HF_MUST_USE hf_error hf_take_client_hello(hf_conn *c, hf_reader *extensions);

/* --- renegotiation.c --- */

/* Whether the handshake under way is one inside an established connection. */
static inline bool hf_is_renegotiation(const hf_conn *c)
{
    return HF_WITH_RENEGOTIATION && c->established && c->in_handshake;
}

/* Whether the handshake before can vouch for another (RFC 5746, RFC 7627 5.4). */
bool hf_can_renegotiate(const hf_conn *c);
/* The peer has sent a HelloRequest or a ClientHello outside a handshake: one is begun, refused with
 * a warning, or the application asked (HF_WAITING). */
HF_MUST_USE hf_error hf_renegotiation_requested(hf_conn *c);
/* The application wants one. */
HF_MUST_USE hf_error hf_renegotiation_start(hf_conn *c);
/* The peer has sent no_renegotiation. */
void hf_renegotiation_refused(hf_conn *c);
/* Back to the connection as it was before. */
void hf_renegotiation_abandon(hf_conn *c);
/* The application closes the connection: the same, unless nothing is left but what the peer has to
 * say, which is waited for. What the peer has sent in the meantime is passed over. */
void hf_renegotiation_close(hf_conn *c);

/* What a renegotiation is held to. After the extensions of the peer's hello have been read:
 * renegotiation_info must be there (RFC 5746 3.5, 3.7) and the extended master secret may not come
 * or go, which would let the two handshakes be spliced (RFC 7627 5.4). */
HF_MUST_USE hf_error hf_renegotiation_check_hello(const hf_conn *c,
                                                  bool had_extended_master_secret);
/* Once suite and extensions are known: there is no way back from encrypt-then-MAC, RFC 7366 3.1. */
HF_MUST_USE hf_error hf_renegotiation_check_protection(const hf_conn *c);
/* The peer's certificate, or its PSK identity, where somebody will want to know that it is the same
 * again: a renegotiation, or one in a connection that resumes this one's session. */
void hf_renegotiation_note_peer(hf_conn *c, hf_span identity);
/* Whether the peer is still whom it was, RFC 5746 5. */
HF_MUST_USE hf_error hf_renegotiation_check_peer(const hf_conn *c);

/* --- driver.c --- */

/* Asked before each public-key operation: false if this call of hf_conn_run has had its one. */
bool hf_conn_may_compute(hf_conn *c);

/* Draws from the configured random source. */
HF_MUST_USE hf_error hf_conn_random(const hf_conn *c, uint8_t *out, size_t size);

/* What a reader amounts to at the end of a message: HF_OK, MESSAGE_SYNTAX or TRAILING_BYTES. */
HF_MUST_USE hf_error hf_message_end(const hf_reader *r);

/* --- failure.c --- */

/* Ends the connection: notes the reason, queues its alert, tells the observer, wipes secrets. */
void hf_conn_fail(hf_conn *c, hf_error reason);
/* The same for a fatal alert from the peer. */
void hf_conn_fail_by_alert(hf_conn *c, uint8_t level, uint8_t alert);
void hf_conn_wipe_secrets(hf_conn *c);

/* Events; nothing where HF_WITH_OBSERVER is 0 or nobody watches. */
#if HF_WITH_OBSERVER
void hf_observe(const hf_conn *c, hf_event_kind kind, bool sent);
void hf_observe_alert(const hf_conn *c, bool sent, uint8_t level, uint8_t alert);
void hf_observe_message(const hf_conn *c, bool sent, uint8_t type, uint32_t total, uint32_t offset,
                        hf_span bytes);
void hf_observe_master_secret(const hf_conn *c);
#else
static inline void hf_observe(const hf_conn *c, hf_event_kind kind, bool sent)
{
    (void)c, (void)kind, (void)sent;
}

static inline void hf_observe_alert(const hf_conn *c, bool sent, uint8_t level, uint8_t alert)
{
    (void)c, (void)sent, (void)level, (void)alert;
}

static inline void hf_observe_message(const hf_conn *c, bool sent, uint8_t type, uint32_t total,
                                      uint32_t offset, hf_span bytes)
{
    (void)c, (void)sent, (void)type, (void)total, (void)offset, (void)bytes;
}

static inline void hf_observe_master_secret(const hf_conn *c)
{
    (void)c;
}
#endif

/* Before a hello is read: what the handshake before it has negotiated holds no longer. */
void hf_conn_forget_negotiated(hf_conn *c);

/* The glue's results as reasons. */
hf_error hf_error_of(hf_crypto_result result, hf_error otherwise);

/* --- certificate.c --- */

/* Takes the peer's certificates, leaf first: what needs no public-key operation. */
HF_MUST_USE hf_error hf_take_chain(hf_conn *c, const hf_span *chain, size_t count);

/* --- certificate_status.c --- */

/* Client: remembers of a chain that was verified what a response must be about. */
void hf_note_issuer(hf_conn *c);
/* Client, when the server is done: whether a response has come where one is needed. */
HF_MUST_USE hf_error hf_check_status(const hf_conn *c);

/* --- certificate_url.c --- */

/* Server: takes what the application has fetched. */
HF_MUST_USE hf_error hf_take_fetched(hf_conn *c, const hf_answer *answer);

/* --- certificate_request.c --- */

/* Server: what holds for the binding that was chosen. */
static inline hf_client_auth hf_client_auth_of(const hf_conn *c)
{
    if (!HF_WITH_CLIENT_AUTH)
        return HF_CLIENT_AUTH_OFF;
    if (c->binding != NULL && c->binding->client_auth != HF_CLIENT_AUTH_INHERIT)
        return c->binding->client_auth;
    return c->config->client_auth;
}

const hf_trust_anchor *hf_client_anchors_of(const hf_conn *c, size_t *count);
/* Whether the transcript has the hash that a CertificateVerify with this scheme needs. */
bool hf_is_scheme_usable(const hf_conn *c, const hf_scheme *scheme);

/* Server: whether a CertificateRequest may go with the suite (RFC 5246 7.4.4) and has a scheme in
 * it that signatures over this handshake can be checked with. */
bool hf_may_ask_client(const hf_conn *c, const hf_suite *suite);

/* Client: takes the application's choice of certificate. */
HF_MUST_USE hf_error hf_take_credentials(hf_conn *c, const hf_answer *answer);

/* --- choose.c --- */

/* The suites that the client offers: by position, and whether a code is among them. */
bool hf_offered_suite_at(const hf_handshake *h, size_t index, uint16_t *code);
bool hf_is_suite_offered(const hf_handshake *h, uint16_t code);

/* Server, after a ClientHello has been read: fills in binding, session to resume, protocol, suite,
 * group, credentials and scheme. May return HF_WAITING; h->step says where to go on. */
HF_MUST_USE hf_error hf_choose(hf_conn *c);
/* The application's choice of binding. */
HF_MUST_USE hf_error hf_take_binding(hf_conn *c, const hf_answer *answer);
/* The state that an external store has found. */
HF_MUST_USE hf_error hf_take_found_session(hf_conn *c, hf_span state);

/* --- signature.c --- */

/* Digest of client_random + server_random + params (RFC 5246 7.4.3) into h->digest. */
void hf_digest_parameters(hf_conn *c, hf_hash_id id, hf_span parameters);
/* Digest of the handshake so far, for CertificateVerify (RFC 5246 7.4.8), into h->digest. */
void hf_digest_transcript(hf_conn *c);
/* Appends {scheme, signature} over h->digest with h->scheme, before TLS 1.2
 * without the scheme. One public-key operation, or a question if the key
 * is external: HF_WAITING, and the answer appends the signature. */
HF_MUST_USE hf_error hf_write_signature(hf_conn *c, hf_writer *w);
/* Takes an external signature for the message being composed. */
HF_MUST_USE hf_error hf_append_signature(hf_conn *c, hf_span signature);
/* Verifies h->peer_signature over h->digest with the peer's key. One public-key
 * operation. */
HF_MUST_USE hf_error hf_verify_signature(const hf_conn *c);
/* {scheme, signature} at the end of a message, for the peer's key: fills in h->scheme. */
HF_MUST_USE hf_error hf_read_signature(hf_conn *c, hf_reader *r);
/* Whether a scheme can be used with a key of this type and size. */
bool hf_scheme_fits(const hf_scheme *scheme, hf_key_type type, size_t rsa_bits);

#endif
