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
 *
 * A new extension is a new file and a new row. */
#ifndef HF_EXTENSIONS_EXTENSIONS_H
#define HF_EXTENSIONS_EXTENSIONS_H

#include <handfast/state.h>

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

/* The extension block at the end of a hello, its two-byte length included; nothing at all where
 * there is none to send (RFC 5246 7.4.1.2). */
void hf_write_extensions(hf_conn *c, hf_writer *w);

/* The rest of a hello: nothing, or a block that reaches exactly to the end. Each type at most
 * once; from a server only what was offered; unknown ones from a client are ignored. */
HF_MUST_USE hf_error hf_read_extensions(hf_conn *c, hf_reader *r);

/* Whether the peer's hello had this extension. */
bool hf_extension_received(const hf_conn *c, const hf_extension *extension);

#endif
