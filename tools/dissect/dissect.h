/* tools/dissect: takes handshake messages apart (RFC 5246 7.4 and the RFCs of extensions): bytes
 * in, a tree of fields out, with the names that the RFCs give them. Works on bytes alone, whoever
 * sent them and however broken they are.
 *
 *   dissect.h       the entrance, and what the files below share  (this file)
 *   message.c       handshake messages
 *   extensions.c    the extensions of hellos
 *   certificate.c   certificates
 *   ocsp.c          OCSP responses
 *   cursor.h        a cursor that turns what it takes into nodes of the tree
 *   der.h           the same for DER
 *   tree.h          the tree, and printing it
 *   code_names.h    names of code points
 *   oids.h          names of OBJECT IDENTIFIERs */
#ifndef TOOLS_DISSECT_DISSECT_H
#define TOOLS_DISSECT_DISSECT_H

#include "tools/dissect/cursor.h"

/* What has been agreed on, which says how later messages are laid out. All zeros at first;
 * dissect_message learns it from a ServerHello. */
struct dissect_context {
    uint16_t version; /* 0: neither is known yet */
    uint16_t suite;
};

/* The tree of one message with its 4-byte header (or of a ClientHello in the format of SSL 2.0,
 * RFC 5246 E.2); tree_free frees it. A message of which bytes are missing is shown as far as it
 * goes. */
void dissect_message(struct tree *tree, struct dissect_context *context, hf_span message);

/* Parts of a message, in files of their own: the extensions of a hello, which may end before them;
 * a Certificate (RFC 5280 4.1) and an OCSPResponse (RFC 6960 4.2.1) in DER. */
void take_hello_extensions(struct cursor *c, bool from_client);
void take_certificate(struct cursor *c);
void take_ocsp_response(struct cursor *c);
/* A SEQUENCE of certificates' or OCSP extensions, AlgorithmIdentifier as its name. */
void take_x509_extensions(struct cursor *c, const char *field);
void take_algorithm(struct cursor *c, const char *field);

#endif
