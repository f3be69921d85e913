/* A connection: bytes in, bytes out, the caller moves them (sans-I/O).
 *
 *   channel    take the span           say how much         what flows
 *   incoming   hf_conn_incoming        hf_conn_received     records from the peer
 *   outgoing   hf_conn_outgoing        hf_conn_sent         records for the peer
 *   readable   hf_conn_readable        hf_conn_consumed     application data from the peer
 *   writable   hf_conn_writable        hf_conn_written      application data for the peer
 *
 * The eight calls only account; all parsing and cryptography is in hf_conn_run, which does at
 * most one public-key operation a call. A span stays valid until the next call on the same
 * connection that is not one of hf_conn_wants, hf_conn_question and the like (const ones) or of
 * the four span calls. Objects are not shared between threads without a lock of the caller's. */
#ifndef HANDFAST_CONN_H
#define HANDFAST_CONN_H

#include <handfast/config.h>
#include <handfast/state.h> /* struct hf_conn, struct hf_handshake: complete types, private fields */

/* hf_conn_wants: every bit has one meaning and stays set for as long as it is true. */
#define HF_CAN_RECEIVE  (1u << 0) /* hf_conn_incoming has room                                  */
#define HF_CAN_SEND     (1u << 1) /* hf_conn_outgoing has bytes; also after a failure (the alert) */
#define HF_CAN_READ     (1u << 2) /* hf_conn_readable has bytes                                 */
#define HF_CAN_WRITE    (1u << 3) /* hf_conn_writable has room                                  */
#define HF_HAS_WORK     (1u << 4) /* hf_conn_run will get on                                    */
#define HF_HAS_QUESTION (1u << 5) /* hf_conn_question must be answered                          */
#define HF_CLOSED       (1u << 6) /* nothing more will come or go, in order                     */
#define HF_FAILED       (1u << 7) /* hf_conn_failure has the reason                             */
#define HF_ESTABLISHED  (1u << 8) /* a handshake has been completed                             */

/* Buffer sizes in bytes. A protected record of the largest size needs HF_RX_FULL; with less, peers
 * must be held to smaller records. */
#define HF_RECORD_PLAINTEXT_MAX 16384
#define HF_RX_FULL              (5 + HF_RECORD_PLAINTEXT_MAX + 2048) /* RFC 5246 6.2.3 */
#define HF_RX_MIN               1024
#define HF_TX_FULL              (HF_RECORD_PLAINTEXT_MAX + HF_TX_OVERHEAD)
#define HF_TX_MIN               (512 + HF_TX_OVERHEAD)

/* Begins a connection. `config`, `handshake` and both buffers stay the connection's until the end
 * (`handshake` until hf_conn_release_handshake). Errors: HF_ERROR_BAD_ARGUMENT (also where the
 * build leaves out the role or a kind of authentication that is configured), BUFFER_TOO_SMALL,
 * NO_RANDOM_SOURCE, NO_CREDENTIALS, NO_TRUST_ANCHORS, NOTHING_ENABLED, BAD_PSK. */
HF_MUST_USE hf_error hf_conn_init(hf_conn *conn, hf_role role, const hf_config *config,
                                  hf_handshake *handshake, hf_buf rx, hf_buf tx);

/* Client, before the first hf_conn_run: the name to ask for and to verify: a DNS name or an IP
 * address in text form (verified but not sent, RFC 6066 3). Kept by reference. */
HF_MUST_USE hf_error hf_conn_set_server_name(hf_conn *conn, const char *name);

/* Client, before the first hf_conn_run: where this client keeps its session, all zeros at first.
 * What it holds is resumed if it fits (name, time, version, suite, extended master secret) and the
 * server agrees; else the handshake is a full one. Once established it holds what the handshake
 * has made: a ticket, a session ID, or nothing if the server gave neither (hf_session_is_empty).
 * Without such an object nothing is resumed and no ticket is asked for. Belongs to the connection
 * until that ends; connections that run at the same time each need their own, which may begin as
 * copies of one. */
HF_MUST_USE hf_error hf_conn_set_session(hf_conn *conn, hf_session *session);

/* What is possible now: HF_CAN_RECEIVE and so on. Changes nothing. */
uint32_t hf_conn_wants(const hf_conn *conn);

/* Works on what there is. HF_OK when nothing is left to do for now, HF_AGAIN when there is,
 * HF_WAITING when a question is open, else the reason of the failure (every time again). */
hf_error hf_conn_run(hf_conn *conn);

hf_buf hf_conn_incoming(hf_conn *conn);
HF_MUST_USE hf_error hf_conn_received(hf_conn *conn, size_t size);
hf_span hf_conn_outgoing(const hf_conn *conn);
HF_MUST_USE hf_error hf_conn_sent(hf_conn *conn, size_t size);
hf_span hf_conn_readable(const hf_conn *conn);
HF_MUST_USE hf_error hf_conn_consumed(hf_conn *conn, size_t size);
hf_buf hf_conn_writable(hf_conn *conn);
HF_MUST_USE hf_error hf_conn_written(hf_conn *conn, size_t size);
/* Seals what has been written now instead of when a record is full. hf_conn_run does the work. */
void hf_conn_flush(hf_conn *conn);

/* Sends close_notify after all data written; reading goes on until the peer closes too. A
 * renegotiation is given up, or, if this side's part in it is over, waited for. */
void hf_conn_close(hf_conn *conn);
/* The transport has ended: an orderly end if the peer's close_notify came, HF_ERROR_TRUNCATED (or
 * HF_ERROR_CLOSED_IN_HANDSHAKE) if not. */
void hf_conn_eof(hf_conn *conn);
/* Wipes the connection, the handshake object and both buffers, with the data in them. Secrets do
 * not wait for it: they are wiped when the connection has failed or both sides have closed. What is
 * left is as before hf_conn_init: all zeros, for which hf_conn_run gives HF_ERROR_BAD_STATE. */
void hf_conn_wipe(hf_conn *conn);

/* NULL unless the connection has failed. */
const hf_failure *hf_conn_failure(const hf_conn *conn);

/* Once established: takes the handshake object from the connection, wiped, for use by another.
 * NULL while it is still needed. */
hf_handshake *hf_conn_release_handshake(hf_conn *conn);

/* Once established: a new handshake inside the connection (RFC 5746), a client's by a ClientHello,
 * a server's by a HelloRequest, to which the client need not react. From the ClientHello on nothing
 * can be written until it is done; what the peer still sends can be read, and must be, since the
 * handshake goes on behind it. `handshake` is needed only if the object has been released.
 * HF_ERROR_BAD_STATE if a handshake is under way or asked for by either side, the connection is
 * closing, there have been HF_RENEGOTIATIONS_MAX of them, the peer has no secure renegotiation, the
 * connection resumes a session without the extended master secret (RFC 7627 5.4), or
 * hf_config.renegotiation does not allow it to this side; HF_ERROR_BAD_ARGUMENT if the object is
 * missing. A peer that answers with no_renegotiation leaves the connection as it was. */
HF_MUST_USE hf_error hf_conn_renegotiate(hf_conn *conn, hf_handshake *handshake);
/* Whether a renegotiation that this side has asked for, or one that was accepted, is not done. The
 * end of the connection ends it. */
bool hf_conn_is_renegotiating(const hf_conn *conn);

/* ------------------------------------------------------------------ questions (question.h) */

/* NULL if none is open. Its spans are valid until it is answered. */
const hf_question *hf_conn_question(const hf_conn *conn);
/* Takes the answer; its bytes are copied unless question.h says otherwise, and what it points to
 * must stay until the handshake is done. HF_ERROR_BAD_STATE if no question is open;
 * HF_ERROR_BAD_ARGUMENT, and the question stays open, if there is no answer, its output has a size
 * but no data, or credentials in it have no chain or no key. */
HF_MUST_USE hf_error hf_conn_answer(hf_conn *conn, const hf_answer *answer);

/* ------------------------------------------------------------------ what was negotiated
 *
 * By the last handshake; from the hellos of a renegotiation on, by that one as far as it has come.
 */

hf_role hf_conn_role(const hf_conn *conn);
uint16_t hf_conn_version(const hf_conn *conn);        /* 0 before the ServerHello            */
const hf_suite *hf_conn_suite(const hf_conn *conn);   /* NULL before the ServerHello         */
const hf_group *hf_conn_group(const hf_conn *conn);   /* NULL without an (EC)DHE exchange    */
const hf_scheme *hf_conn_scheme(const hf_conn *conn); /* of the server's signature, or NULL  */
hf_span hf_conn_protocol(const hf_conn *conn);        /* ALPN, empty if none                 */
hf_span hf_conn_server_name(
    const hf_conn *conn); /* asked for (client) or received (server, while the handshake lasts) */
bool hf_conn_resumed(const hf_conn *conn);
/* By a certificate that was verified; not while a renegotiation lasts, nor if one was given up. */
bool hf_conn_client_authenticated(const hf_conn *conn);
bool hf_conn_extended_master_secret(const hf_conn *conn);
bool hf_conn_secure_renegotiation(const hf_conn *conn);
bool hf_conn_encrypt_then_mac(const hf_conn *conn); /* RFC 7366 */
bool hf_conn_truncated_hmac(const hf_conn *conn);   /* RFC 6066 7 */
/* Of the pre-shared key in use, a view of the configuration, while the handshake lasts. */
hf_span hf_conn_psk_identity(const hf_conn *conn);
const hf_binding *hf_conn_binding(const hf_conn *conn); /* server: the row that serves, or NULL */

/* Bytes of a record's payload that the two sides have agreed upon with max_fragment_length, 0 for
 * none; and the most that is sent and taken now, for whatever reason. */
uint16_t hf_conn_max_fragment_length(const hf_conn *conn);
size_t hf_conn_record_limit_sent(const hf_conn *conn);
size_t hf_conn_record_limit_taken(const hf_conn *conn);

#if HF_WITH_EXPORTER
/* Keying material for the application (RFC 5705): both sides get the same `size` bytes for the same
 * label (ASCII, IANA TLS Exporter Labels) and context. No context, NULL, is not the same as an
 * empty one. Errors: HF_ERROR_BAD_ARGUMENT (also for the labels of TLS itself, and a context of
 * more than 65535 bytes); BAD_STATE before the connection is established, during a renegotiation,
 * after a failure and once both sides have closed; NO_EXTENDED_MASTER_SECRET where the secret is
 * not bound to this handshake, so that what is made from it could be somebody else's, too (RFC
 * 7627 5.4). */
HF_MUST_USE hf_error hf_conn_export(const hf_conn *conn, const char *label, const hf_span *context,
                                    uint8_t *out, size_t size);
#endif

/* ------------------------------------------------------------------ all in one call */

/* Moves bytes both ways and runs until nothing more can be done: takes up to *in_size bytes of
 * `in`, puts up to *out_size bytes into `out`, and stores how many were used. Returns what
 * hf_conn_run returned last. Application data still goes through readable and writable. */
hf_error hf_pump(hf_conn *conn, const uint8_t *in, size_t *in_size, uint8_t *out, size_t *out_size);

#endif
