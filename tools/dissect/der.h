/* DER (X.690) for cursor.h: each take is of one element, whose tag must be the one that is given.
 * What is shown is meant for people and for broken certificates, so that not every rule of DER is
 * insisted on; whether a certificate is good is for hf_certificate_read to say. */
#ifndef TOOLS_DISSECT_DER_H
#define TOOLS_DISSECT_DER_H

#include "tools/dissect/cursor.h"

#define TAG_BOOLEAN          0x01
#define TAG_INTEGER          0x02
#define TAG_BIT_STRING       0x03
#define TAG_OCTET_STRING     0x04
#define TAG_OID              0x06
#define TAG_ENUMERATED       0x0a
#define TAG_UTC_TIME         0x17
#define TAG_GENERALIZED_TIME 0x18
#define TAG_SEQUENCE         0x30
#define TAG_SET              0x31
#define TAG_PRIMITIVE(n)     (0x80 | (n))
#define TAG_CONSTRUCTED(n)   (0xa0 | (n))

/* The tag of the next element, -1 at the end. */
int der_next_tag(const struct cursor *c);

/* A group of what is in the element, and the same without a node: what is in it becomes part of
 * this level. Both need a cursor_end. */
struct cursor der_group(struct cursor *c, const char *field, uint8_t tag);
struct cursor der_enter(struct cursor *c, const char *field, uint8_t tag);

/* Content octets. */
hf_span der_bytes(struct cursor *c, const char *field, uint8_t tag);
void der_text(struct cursor *c, const char *field, uint8_t tag);
/* An element as it stands, with tag and length. */
hf_span der_any(struct cursor *c, const char *field);
/* A BIT STRING of whole octets, without the octet that says so. */
hf_span der_bits(struct cursor *c, const char *field);
/* A small number that is not negative; a longer one is shown as bytes. */
uint32_t der_number(struct cursor *c, const char *field, uint8_t tag, code_name_function *name);
bool der_boolean(struct cursor *c, const char *field);
/* Either kind of time (RFC 5280 4.1.2.5). */
void der_time(struct cursor *c, const char *field);
/* Its name or its numbers as the value. */
hf_span der_oid(struct cursor *c, const char *field);
/* A Name as text (RFC 4514). */
void der_name(struct cursor *c, const char *field);

#endif
