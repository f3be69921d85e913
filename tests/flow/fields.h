/* Where the lengths and the code points of a message stand: a reading of the presentation language
 * of RFC 5246 and of the RFCs of the extensions, which shares nothing with the readers of tls/. */
#ifndef HF_TESTS_FIELDS_H
#define HF_TESTS_FIELDS_H

#include <handfast/handfast.h>

/* FIELD_LENGTH counts the bytes from behind it to `end`; the others are of a registry, or a number
 * of which only some values have a meaning. */
typedef enum field_kind {
    FIELD_LENGTH,
    FIELD_CONTENT_TYPE,
    FIELD_MESSAGE_TYPE,
    FIELD_VERSION,
    FIELD_SUITE,
    FIELD_COMPRESSION,
    FIELD_EXTENSION,
    FIELD_NAME_TYPE,
    FIELD_FRAGMENT_LENGTH,
    FIELD_IDENTIFIER_TYPE, /* of trusted_ca_keys */
    FIELD_STATUS_TYPE,
    FIELD_GROUP,
    FIELD_POINT_FORMAT,
    FIELD_SCHEME,
    FIELD_SIZE_LIMIT, /* of record_size_limit */
    FIELD_CERTIFICATE_TYPE,
    FIELD_CURVE_TYPE,
    FIELD_CHAIN_TYPE, /* of CertificateURL */
    FIELD_HASH_FOLLOWS,
    FIELD_CHANGE,
    FIELD_ALERT_LEVEL,
    FIELD_ALERT,
    FIELD_KINDS
} field_kind;

#define NO_EXTENSION (-1)

typedef struct field {
    field_kind kind;
    uint8_t width;
    size_t at, end;
    int32_t extension; /* in the body of which it stands */
    bool is_value;     /* a length in front of bytes without structure */
} field;

#define FIELDS_MAX 512

typedef struct fields {
    field of[FIELDS_MAX]; /* and one of FIELD_KINDS behind the last */
    size_t count;
} fields;

/* What the form of a message depends on. */
typedef struct fields_context {
    hf_role sender;
    uint16_t version, suite; /* negotiated, 0 before that */
} fields_context;

/* Of a handshake message with its header, all of it; fails the test if it has another form. */
void fields_of_message(fields *out, const fields_context *context, const uint8_t *bytes,
                       size_t size);
/* Of another record's content. */
void fields_of_content(fields *out, uint8_t content, size_t size);

/* Values that a field of a kind is replaced by, registered ones and others. */
const uint16_t *field_values(field_kind kind, size_t *count);

#endif
