/* extensions: one file per hello extension with both sides in it, and the table that lists them.
 *
 *   extensions.h               declarations (this file)
 *   extensions.c               the table; reading and writing a hello's extension block
 *   server_name.c              RFC 6066 3
 *   supported_groups.c         RFC 8422 5.1.1, RFC 7919
 *   ec_point_formats.c         RFC 8422 5.1.2
 *   signature_algorithms.c     RFC 5246 7.4.1.4.1
 *   alpn.c                     RFC 7301
 *   extended_master_secret.c   RFC 7627
 *   renegotiation_info.c       RFC 5746
 *   encrypt_then_mac.c         RFC 7366
 *   truncated_hmac.c           RFC 6066 7
 *   session_ticket.c           RFC 5077 3.2
 *   max_fragment_length.c      RFC 6066 4
 *   record_size_limit.c        RFC 8449; record_limits.c: what the two come to
 *   client_certificate_url.c   RFC 6066 5
 *   trusted_ca_keys.c          RFC 6066 6
 *   status_request.c           RFC 6066 8
 *   padding.c                  RFC 7685
 *
 * A new extension is a new file and a new row. */
#ifndef HF_EXTENSIONS_EXTENSIONS_H
#define HF_EXTENSIONS_EXTENSIONS_H

#include <handfast/state.h>

#include "tls/record/protection.h"
#include "tls/wire/switches.h"
#include "tls/wire/wire.h"

/* Offers and answers are bodies without type and length. A reader is given exactly the body and
 * need not check for bytes left over; hf_read_extensions does. A function that is NULL: the
 * extension is never sent (offers, answers) or is ignored (read_offer) or refused (read_answer). */
typedef struct hf_extension {
    hf_extension_info info;
    bool (*offers)(const hf_conn *c); /* client: whether it is sent          */
    void (*write_offer)(const hf_conn *c, hf_writer *w);
    hf_error (*read_offer)(hf_conn *c, hf_reader *r);
    bool (*answers)(const hf_conn *c); /* server: whether it is sent, given that it was offered */
    void (*write_answer)(const hf_conn *c, hf_writer *w);
    hf_error (*read_answer)(hf_conn *c, hf_reader *r);
} hf_extension;

extern const hf_extension hf_extension_server_name;
extern const hf_extension hf_extension_supported_groups;
extern const hf_extension hf_extension_ec_point_formats;
extern const hf_extension hf_extension_signature_algorithms;
extern const hf_extension hf_extension_alpn;
extern const hf_extension hf_extension_extended_master_secret;
extern const hf_extension hf_extension_renegotiation_info;
extern const hf_extension hf_extension_encrypt_then_mac;
extern const hf_extension hf_extension_truncated_hmac;
extern const hf_extension hf_extension_session_ticket;
extern const hf_extension hf_extension_max_fragment_length;
extern const hf_extension hf_extension_record_size_limit;
extern const hf_extension hf_extension_client_certificate_url;
extern const hf_extension hf_extension_trusted_ca_keys;
extern const hf_extension hf_extension_status_request;
extern const hf_extension hf_extension_padding;

/* For those that say what they say by being there. That a body received is empty is checked by
 * hf_read_extensions. */
void hf_write_empty_extension(const hf_conn *c, hf_writer *w);
HF_MUST_USE hf_error hf_read_empty_extension(hf_conn *c, hf_reader *r);

/* The extension block at the end of a hello, its two-byte length included; nothing at all where
 * there is none to send (RFC 5246 7.4.1.2). */
void hf_write_extensions(hf_conn *c, hf_writer *w);

/* The rest of a hello: nothing, or a block that reaches exactly to the end. Each type at most
 * once; from a server only what was offered; unknown ones from a client are ignored. */
HF_MUST_USE hf_error hf_read_extensions(hf_conn *c, hf_reader *r);

/* Whether the peer's hello had this extension. */
bool hf_extension_received(const hf_conn *c, const hf_extension *extension);

/* --- max_fragment_length.c --- */

/* Client: whether a session with this length, 0 for none, goes with what will be offered. */
bool hf_fragment_length_suits(const hf_conn *c, uint16_t length);

/* --- record_limits.c --- */

/* The most payload that this side takes in a protected record. */
size_t hf_own_record_limit(const hf_conn *c);
/* After the extensions of the peer's hello have been read: one of the two rules. */
HF_MUST_USE hf_error hf_settle_record_limits(hf_conn *c);
/* max_fragment_length holds from the hellos on, RFC 6066 4 ... */
void hf_limit_clear_records(hf_conn *c);
/* ... and whatever was agreed upon from a direction's ChangeCipherSpec on. */
void hf_limit_incoming(hf_conn *c);
void hf_limit_outgoing(hf_conn *c);

/* --- trusted_ca_keys.c --- */

/* Server: a bit for each of the binding's credentials that leads to an authority of the client. */
uint32_t hf_trusted_credentials(const hf_conn *c);

#endif
