/* A strict DER reader (X.690): definite and minimal lengths, one-byte tags, canonical values.
 *
 * The cursor's error is sticky: after the first violation every read gives an empty span, zero or
 * false, so that a caller reads a whole structure and asks hf_der_done once. Nothing is copied. */
#ifndef HF_X509_DER_H
#define HF_X509_DER_H

#include "crypto_glue/types.h"

#define HF_DER_BOOLEAN          0x01
#define HF_DER_INTEGER          0x02
#define HF_DER_BIT_STRING       0x03
#define HF_DER_OCTET_STRING     0x04
#define HF_DER_NULL             0x05
#define HF_DER_OID              0x06
#define HF_DER_ENUMERATED       0x0a
#define HF_DER_UTF8_STRING      0x0c
#define HF_DER_PRINTABLE_STRING 0x13
#define HF_DER_IA5_STRING       0x16
#define HF_DER_UTC_TIME         0x17
#define HF_DER_GENERALIZED_TIME 0x18
#define HF_DER_SEQUENCE         0x30
#define HF_DER_SET              0x31
#define HF_DER_PRIMITIVE(n)     (0x80 | (n)) /* context-specific [n], IMPLICIT of a primitive type */
#define HF_DER_CONSTRUCTED(n)   (0xa0 | (n)) /* context-specific [n], EXPLICIT or of a SEQUENCE */

typedef struct hf_der {
    const uint8_t *next;
    size_t left;
    bool failed;
} hf_der;

/* A cursor over bytes that hold zero or more elements. */
static inline hf_der hf_der_open(hf_span bytes)
{
    return (hf_der){bytes.data, bytes.size, false};
}

/* Whether another element with this tag comes next. Never fails. */
bool hf_der_at(const hf_der *der, uint8_t tag);
/* Whether there is more to read; false once failed, so that it may control a loop. */
bool hf_der_more(const hf_der *der);
/* Whether all has been read without a violation. */
bool hf_der_done(const hf_der *der);

/* Takes the next element, whose tag must be `tag`: its content, or header and content. */
hf_span hf_der_read(hf_der *der, uint8_t tag);
hf_span hf_der_read_element(hf_der *der, uint8_t tag);
/* The content of the next element if it has this tag, else empty: of an OPTIONAL field. */
hf_span hf_der_read_optional(hf_der *der, uint8_t tag);
/* Takes the next element whatever it is; its content and tag. */
hf_span hf_der_read_any(hf_der *der, uint8_t *tag);
/* The same as hf_der_read, as a cursor over the content. */
hf_der hf_der_enter(hf_der *der, uint8_t tag);
/* A cursor over the content of bytes that are one SEQUENCE and nothing else. */
hf_der hf_der_open_sequence(hf_span bytes);

/* X.690 11.1: 00 or ff. An absent BOOLEAN DEFAULT FALSE reads as false; so does an explicit FALSE,
 * which X.690 11.5 forbids but some CAs have issued, and whose meaning is not in doubt. */
bool hf_der_read_default_false(hf_der *der);
/* X.690 8.3.2: content octets of an INTEGER of either sign, as short as possible. */
hf_span hf_der_read_integer(hf_der *der);
/* An INTEGER above zero, big-endian without a leading zero octet. */
hf_span hf_der_read_positive(hf_der *der);
/* A non-negative INTEGER of tag `tag`; what exceeds 32 bits reads as UINT32_MAX. */
uint32_t hf_der_read_small(hf_der *der, uint8_t tag);
/* X.690 8.19: an OBJECT IDENTIFIER with minimal subidentifiers; content octets. */
hf_span hf_der_read_oid(hf_der *der);
/* A BIT STRING of whole octets. */
hf_span hf_der_read_octet_bits(hf_der *der);
/* The first 16 bits of a BIT STRING, bit n as 1 << n. Trailing zero bits, which X.690 11.2.2
 * forbids in named bit lists, are let through: CAs have issued them, and they mean nothing. */
uint16_t hf_der_read_named_bits(hf_der *der);
/* The same with another tag, as an IMPLICIT one. */
uint16_t hf_der_read_tagged_bits(hf_der *der, uint8_t tag);
void hf_der_read_null(hf_der *der);
/* UTCTime or GeneralizedTime in exactly the forms of RFC 5280 4.1.2.5, as UNIX seconds. */
int64_t hf_der_read_time(hf_der *der);
/* GeneralizedTime alone. */
int64_t hf_der_read_generalized_time(hf_der *der);

bool hf_span_equal(hf_span a, hf_span b);

#endif
