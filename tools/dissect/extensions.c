/* The extensions of hellos, RFC 5246 7.4.1.4 and those that define one. */
#include "tools/dissect/code_names.h"
#include "tools/dissect/der.h"
#include "tools/dissect/dissect.h"

#define SHA1_SIZE 20

enum { PRE_AGREED, KEY_SHA1_HASH, X509_NAME, CERT_SHA1_HASH }; /* IdentifierType, RFC 6066 6 */

/* RFC 6066 3. */
static void server_name(struct cursor *c)
{
    struct cursor list = take_vector(c, "server_name_list", 2);
    while (cursor_left(&list)) {
        (void)take_code(&list, "name_type", 1, code_server_name_type);
        take_text(&list, "HostName", 2);
    }
}

/* RFC 6066 4. */
static void max_fragment_length(struct cursor *c)
{
    (void)take_code(c, "MaxFragmentLength", 1, code_fragment_length);
}

/* RFC 6066 6. */
static void trusted_ca_keys(struct cursor *c)
{
    struct cursor list = take_vector(c, "trusted_authorities_list", 2);
    while (cursor_left(&list)) {
        uint32_t type = take_code(&list, "identifier_type", 1, code_trusted_ca_type);
        if (type == KEY_SHA1_HASH || type == CERT_SHA1_HASH) {
            (void)take_bytes(&list, "SHA1Hash", SHA1_SIZE);
        } else if (type == X509_NAME) {
            struct cursor name = take_vector(&list, "DistinguishedName", 2);
            der_name(&name, NULL);
            cursor_end(&name);
        } else if (type != PRE_AGREED) {
            (void)take_rest(&list, NULL);
            cursor_break(&list, "of an unknown type, and so of unknown length");
        }
    }
}

/* RFC 6066 8. */
static void status_request(struct cursor *c)
{
    if (take_code(c, "status_type", 1, code_status_type) != 1) {
        (void)take_rest(c, "request");
        return;
    }
    struct cursor list = take_vector(c, "responder_id_list", 2);
    while (cursor_left(&list))
        (void)take_opaque(&list, "ResponderID", 2);
    (void)take_opaque(c, "request_extensions", 2);
}

/* RFC 7919 2, RFC 8422 5.1.1. */
static void supported_groups(struct cursor *c)
{
    take_codes(c, "named_group_list", 2, 2, code_group);
}

/* RFC 8422 5.1.2. */
static void ec_point_formats(struct cursor *c)
{
    take_codes(c, "ec_point_format_list", 1, 1, code_point_format);
}

/* RFC 5246 7.4.1.4.1, RFC 8446 4.2.3. */
static void signature_algorithms(struct cursor *c)
{
    take_codes(c, "supported_signature_algorithms", 2, 2, code_scheme);
}

/* RFC 7301 3.1. */
static void protocols(struct cursor *c)
{
    struct cursor list = take_vector(c, "protocol_name_list", 2);
    while (cursor_left(&list))
        take_text(&list, "ProtocolName", 1);
}

/* RFC 7685 3. */
static void padding(struct cursor *c)
{
    (void)take_rest(c, "padding");
}

/* RFC 8449 4. */
static void record_size_limit(struct cursor *c)
{
    (void)take_number(c, "RecordSizeLimit", 2);
}

/* RFC 5077 3.2. */
static void session_ticket(struct cursor *c)
{
    (void)take_rest(c, "ticket");
}

/* RFC 8446 4.2.1: a client's list. */
static void supported_versions(struct cursor *c)
{
    take_codes(c, "versions", 1, 2, code_version);
}

/* RFC 5746 3.2. */
static void renegotiation_info(struct cursor *c)
{
    (void)take_opaque(c, "renegotiated_connection", 1);
}

static const struct {
    uint16_t code;
    bool only_from_client; /* a server's is empty or of another form */
    void (*take)(struct cursor *c);
} extensions[] = {
    {0, true, server_name},
    {1, false, max_fragment_length},
    {3, true, trusted_ca_keys},
    {5, true, status_request},
    {10, false, supported_groups},
    {11, false, ec_point_formats},
    {13, false, signature_algorithms},
    {16, false, protocols},
    {21, false, padding},
    {28, false, record_size_limit},
    {35, false, session_ticket},
    {43, true, supported_versions},
    {50, false, signature_algorithms},
    {65281, false, renegotiation_info},
};

/* Of what is not known, and of what has no data, nothing but the bytes is shown. */
static void take_data(struct cursor *c, uint32_t code, bool from_client)
{
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        if (extensions[i].code == code && (from_client || !extensions[i].only_from_client)) {
            extensions[i].take(c);
            cursor_end(c);
            return;
        }
    if (cursor_left(c))
        (void)take_rest(c, "extension_data");
}

void take_hello_extensions(struct cursor *c, bool from_client)
{
    if (cursor_left(c) == 0)
        return;
    struct cursor list = take_vector(c, "extensions", 2);
    while (cursor_left(&list)) {
        uint32_t code = take_code(&list, "extension_type", 2, code_extension);
        struct cursor data = take_vector_below(&list, 2);
        take_data(&data, code, from_client);
    }
}
