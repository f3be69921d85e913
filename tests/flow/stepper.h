/* tests/flow: the engine as a whole, with nothing but bytes around it.
 *
 *   stepper.h stepper.c       a handshake that is delivered to one side piece by piece (this file)
 *   relay.h relay.c           somebody on the line who may change what passes
 *   resume.h resume.c         two handshakes with a session kept between them
 *   renegotiate.h renegotiate.c
 *                             a connection in which handshakes follow one another
 *   staple.h staple.c         OCSP responses for a server to send along
 *   contract.h contract.c     what is true of a connection at any time
 *   primitives.h primitives.c
 *                             functions of crypto_glue counted, and failing at a chosen call
 *   leftovers.h leftovers.c   secrets searched in objects, buffers and on the stack
 *   scenario.h scenario.c     whole connections of every kind
 *   fields.h fields.c         where in a message lengths and code points stand
 *   recording.h recording.c   a connection that may be put back to any of its parts
 *   recorded.h recorded.c     connections with every message and every extension
 *   test_loopback.c           our client and our server over every suite, group and key
 *   grammar.h grammar.c       which messages may follow one another, written from the RFCs
 *   rehearsal.h rehearsal.c   a handshake that is played to one side again and again
 *   test_ladder.c             everything at every step of every handshake
 *   test_sequences.c          all sequences of messages
 *   test_records.c            record types, versions, lengths, fragments, what is not TLS
 *   test_limits.c             what just keeps to a limit, and one more
 *   test_alerts.c             alerts, floods, requests to renegotiate
 *   test_mutation.c           each part of them changed in every way
 *   test_extensions.c         each extension of the table there twice, or not offered
 *   test_channel.c            hf_conn_wants and the eight channel calls
 *   test_transfer.c           buffers, data, closing, hf_pump, hf_io
 *   test_questions.c          keys and verdicts that the application has
 *   test_config.c             what policies, bindings and missing extensions lead to
 *   test_client_auth.c        client certificates
 *   test_dhe.c                groups of DHE, custom and named, and values that are refused
 *   test_psk.c                pre-shared keys; anonymous servers
 *   test_iis.c                a hello of about 2010 and its answer, byte by byte
 *   test_cbc_records.c        CBC on the line: the split, one answer to all damage
 *   test_schemes.c            what servers sign with; extensions that are answered wrongly
 *   test_versions.c           which version two sides come to, rollback, fallback
 *   test_v2_hello.c           a hello in the format of SSL 2.0
 *   test_resumption.c         sessions resumed, how long they last, which are forgotten
 *   test_session_rules.c      sessions that must not be resumed
 *   test_renegotiation.c      handshakes inside a connection, and data around them
 *   test_renegotiation_ends.c
 *                             some that are refused, and connections that end in one
 *   test_renegotiation_rules.c
 *                             what must not change in one
 *   test_renegotiation_attacks.c
 *                             sessions of others, spliced and triple handshakes
 *   test_attacks.c            attacks that have names and no tests elsewhere
 *   test_tickets.c            sessions resumed by ticket
 *   test_ticket_messages.c    NewSessionTicket that is late, long, wrong or not sent
 *   test_external_store.c     sessions that the application keeps
 *   test_choices.c            bindings and credentials that the application chooses
 *   test_certificate_request.c  CertificateRequest of any length, and malformed
 *   test_record_limits.c      max_fragment_length and record_size_limit
 *   test_trusted_ca_keys.c    chains by the roots that a client says it has
 *   test_stapling.c           OCSP responses that a server sends along
 *   test_certificate_url.c    URLs in place of a client's certificates
 *   test_exporter.c           keying material for applications
 *   test_padding.c            hellos that are filled up
 *   test_openssl.c            libssl at the other end
 *   test_status.c             revocation: stapled OCSP responses, must-staple, revocation lists
 *   test_any_call.c           every public call at any time
 *   test_buffer_sizes.c       buffers of every size
 *   test_cuts.c               the transport cut at every byte
 *   test_answers.c            answers that come late, never, twice or are of no use
 *   test_faults.c             random source and primitives that fail
 *   test_transcript_vector.c  a recorded handshake of strangers
 */
#ifndef HF_TESTS_STEPPER_H
#define HF_TESTS_STEPPER_H

#include "tests/support/pair.h"

#define PIECES_MAX  32
#define SECRETS_MAX 16

/* A handshake message without the record around it, or the fragment of another record. */
typedef struct piece {
    uint8_t type; /* ContentType */
    bool sealed;  /* the bytes are a protected fragment */
    size_t offset, size;
} piece;

/* A world that may be saved and restored by assignment, as long as it stays where it is. */
typedef struct stepper {
    pair p;
    endpoint *victim, *peer;
    uint8_t bytes[40000]; /* of the peer's flight */
    size_t size, count, next;
    piece pieces[PIECES_MAX];
    size_t given;     /* pieces that the victim has had so far */
    bool peer_sealed; /* the peer has sent its ChangeCipherSpec */
    uint8_t premaster[48];
    bool has_premaster; /* RSA key transport: as the client drew it */
    hf_session session; /* EXCHANGE_ALL: the client's */
    hf_credentials client_offer;
    hf_certificate_url url;
} stepper;

/* With ECDHE_ECDSA_WITH_AES_128_GCM or RSA_WITH_AES_128_GCM and no more messages than these need;
 * the former with all the messages that a handshake can have: a client's certificate by its URL, a
 * stapled response, a ticket. */
typedef enum exchange { EXCHANGE_ECDSA, EXCHANGE_RSA, EXCHANGE_ALL, EXCHANGES } exchange;

/* Prepares both sides for one suite. */
void stepper_prepare(stepper *s, exchange kind, hf_role victim);
void stepper_start(stepper *s);
/* Gives the victim the next piece, after an exchange of flights where that is due. False once the
 * handshake is over. */
bool stepper_next(stepper *s);
/* Fetches what the server asks for, if it does. */
void stepper_answer(stepper *s);
/* Prepare, start, and `count` pieces. */
void stepper_reach(stepper *s, exchange kind, hf_role victim, size_t count);
/* Lets the rest of the handshake happen. */
void stepper_finish(stepper *s);
/* The next piece that the victim is to get, or NULL. */
const piece *stepper_peek(stepper *s);

/* Pieces that a victim of this role gets in a whole handshake. */
size_t stepper_pieces(exchange kind, hf_role victim);
/* What the piece at this place is: a HandshakeType, or HF_CHANGE_CIPHER_SPEC. */
uint16_t stepper_piece_kind(exchange kind, hf_role victim, size_t place);

/* Gives the victim a record as the peer would send it now: protected if the peer's keys are in
 * use, else in the clear. */
void stepper_inject(stepper *s, uint8_t type, const void *content, size_t size);
/* Gives the victim any bytes, after having noted which secrets there are by now. */
void stepper_give(stepper *s, const uint8_t *bytes, size_t size);
/* What stepper_inject gives; returns their number. */
size_t stepper_record(const stepper *s, uint8_t *out, uint8_t type, const void *content,
                      size_t size);
/* A record in the clear. */
size_t clear_record(uint8_t *out, uint8_t type, uint16_t version, const void *content, size_t size);
void give_clear(endpoint *to, uint8_t type, uint16_t version, const void *content, size_t size);

/* Checks that the victim has failed with this reason and alert, that the alert is what the peer
 * reads, that the connection has ended and that it holds no secret any more. */
void stepper_expect_failure(stepper *s, hf_error reason, int alert);
/* Checks that the victim has not failed and that the handshake can go on to its end. */
void stepper_expect_success(stepper *s);

const char *reason_name(hf_error reason);

/* memcmp over whole objects, padding and all: that nothing at all has changed, or is left. */
bool same_memory(const void *a, const void *b, size_t size);

#endif
