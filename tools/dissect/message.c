#include "tools/dissect/dissect.h"

#include "tools/dissect/code_names.h"
#include "tools/dissect/der.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <handfast/registry.h>

#include <string.h>

#define V2_HEADER_SIZE 9  /* msg_type to challenge_length, RFC 5246 E.2 */
#define URL_HASH_SIZE  20 /* RFC 6066 5 */

/* ------------------------------------------------------------------ hellos */

static void client_hello(struct cursor *c)
{
    (void)take_code(c, "client_version", 2, code_version);
    (void)take_bytes(c, "random", HF_RANDOM_SIZE);
    (void)take_opaque(c, "session_id", 1);
    take_codes(c, "cipher_suites", 2, 2, code_suite);
    take_codes(c, "compression_methods", 1, 1, code_compression);
    take_hello_extensions(c, true);
}

static void server_hello(struct cursor *c, struct dissect_context *context)
{
    uint16_t version = (uint16_t)take_code(c, "server_version", 2, code_version);
    (void)take_bytes(c, "random", HF_RANDOM_SIZE);
    (void)take_opaque(c, "session_id", 1);
    uint16_t suite = (uint16_t)take_code(c, "cipher_suite", 2, code_suite);
    if (!c->is_broken)
        *context = (struct dissect_context){version, suite};
    (void)take_code(c, "compression_method", 1, code_compression);
    take_hello_extensions(c, false);
}

/* RFC 5246 E.2: three bytes a suite, those of TLS with a zero before them. */
static void v2_hello(struct cursor *c)
{
    (void)take_number(c, "msg_type", 1);
    (void)take_code(c, "version", 2, code_version);
    size_t specs_size = take_number(c, "cipher_spec_length", 2);
    size_t session_id_size = take_number(c, "session_id_length", 2);
    size_t challenge_size = take_number(c, "challenge_length", 2);
    struct cursor specs = take_group(c, "cipher_specs", specs_size);
    while (cursor_left(&specs))
        (void)take_code(&specs, NULL, 3, code_suite);
    (void)take_bytes(c, "session_id", session_id_size);
    (void)take_bytes(c, "challenge", challenge_size);
}

/* ------------------------------------------------------------------ certificates */

static void certificate(struct cursor *c)
{
    struct cursor list = take_vector(c, "certificate_list", 3);
    while (cursor_left(&list)) {
        struct cursor item = take_vector(&list, "ASN.1Cert", 3);
        take_certificate(&item);
        cursor_end(&item);
    }
}

static void certificate_request(struct cursor *c, const struct dissect_context *context)
{
    take_codes(c, "certificate_types", 1, 1, code_certificate_type);
    if (context->version >= HF_TLS1_2)
        take_codes(c, "supported_signature_algorithms", 2, 2, code_scheme);
    struct cursor list = take_vector(c, "certificate_authorities", 2);
    while (cursor_left(&list)) {
        struct cursor item = take_vector(&list, "DistinguishedName", 2);
        der_name(&item, NULL);
        cursor_end(&item);
    }
}

/* RFC 6066 8. */
static void certificate_status(struct cursor *c)
{
    if (take_code(c, "status_type", 1, code_status_type) != 1) {
        (void)take_rest(c, "response");
        return;
    }
    struct cursor response = take_vector(c, "OCSPResponse", 3);
    take_ocsp_response(&response);
    cursor_end(&response);
}

/* RFC 6066 5. */
static void certificate_url(struct cursor *c)
{
    (void)take_code(c, "type", 1, code_url_chain_type);
    struct cursor list = take_vector(c, "url_and_hash_list", 2);
    while (cursor_left(&list)) {
        take_text(&list, "url", 2);
        (void)take_number(&list, "padding", 1);
        (void)take_bytes(&list, "SHA1Hash", URL_HASH_SIZE);
    }
}

/* ------------------------------------------------------------------ key exchange */

/* DigitallySigned, RFC 5246 4.7. */
static void signature(struct cursor *c, const struct dissect_context *context)
{
    if (context->version >= HF_TLS1_2)
        (void)take_code(c, "algorithm", 2, code_scheme);
    (void)take_opaque(c, "signature", 2);
}

static void server_key_exchange(struct cursor *c, const struct dissect_context *context)
{
    const hf_suite *suite = context->version ? hf_suite_of(context->suite) : NULL;
    if (!suite) {
        (void)take_rest(c, "(of a cipher suite that is not known)");
        return;
    }
    if (suite->key_exchange >= HF_KX_PSK)
        take_text(c, "psk_identity_hint", 2);
    if (suite->key_exchange == HF_KX_DHE || suite->key_exchange == HF_KX_DHE_PSK) {
        (void)take_opaque(c, "dh_p", 2);
        (void)take_opaque(c, "dh_g", 2);
        (void)take_opaque(c, "dh_Ys", 2);
    }
    if (suite->key_exchange == HF_KX_ECDHE || suite->key_exchange == HF_KX_ECDHE_PSK) {
        (void)take_code(c, "curve_type", 1, code_curve_type);
        (void)take_code(c, "namedcurve", 2, code_group);
        (void)take_opaque(c, "public", 1);
    }
    if (suite->authentication != HF_KEY_NONE && suite->key_exchange < HF_KX_PSK)
        signature(c, context);
}

static void client_key_exchange(struct cursor *c, const struct dissect_context *context)
{
    const hf_suite *suite = context->version ? hf_suite_of(context->suite) : NULL;
    if (!suite) {
        (void)take_rest(c, "(of a cipher suite that is not known)");
        return;
    }
    if (suite->key_exchange >= HF_KX_PSK)
        take_text(c, "psk_identity", 2);
    switch (suite->key_exchange) {
    case HF_KX_RSA:
    case HF_KX_RSA_PSK:
        (void)take_opaque(c, "EncryptedPreMasterSecret", 2);
        break;
    case HF_KX_DHE:
    case HF_KX_DHE_PSK:
        (void)take_opaque(c, "dh_Yc", 2);
        break;
    case HF_KX_ECDHE:
    case HF_KX_ECDHE_PSK:
        (void)take_opaque(c, "ecdh_Yc", 1);
        break;
    case HF_KX_PSK:
        break;
    }
}

/* ------------------------------------------------------------------ all of them */

/* RFC 5077 3.3. */
static void new_session_ticket(struct cursor *c)
{
    (void)take_number(c, "ticket_lifetime_hint", 4);
    (void)take_opaque(c, "ticket", 2);
}

static void body(struct cursor *c, struct dissect_context *context, uint8_t type)
{
    switch (type) {
    case HF_HELLO_REQUEST:
    case HF_SERVER_HELLO_DONE:
        break; /* empty */
    case HF_CLIENT_HELLO:
        client_hello(c);
        break;
    case HF_SERVER_HELLO:
        server_hello(c, context);
        break;
    case HF_NEW_SESSION_TICKET:
        new_session_ticket(c);
        break;
    case HF_CERTIFICATE:
        certificate(c);
        break;
    case HF_SERVER_KEY_EXCHANGE:
        server_key_exchange(c, context);
        break;
    case HF_CERTIFICATE_REQUEST:
        certificate_request(c, context);
        break;
    case HF_CERTIFICATE_VERIFY:
        signature(c, context);
        break;
    case HF_CLIENT_KEY_EXCHANGE:
        client_key_exchange(c, context);
        break;
    case HF_FINISHED:
        (void)take_rest(c, "verify_data");
        break;
    case HF_CERTIFICATE_URL:
        certificate_url(c);
        break;
    case HF_CERTIFICATE_STATUS:
        certificate_status(c);
        break;
    default:
        (void)take_rest(c, "body");
        break;
    }
}

static size_t be16(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 8 | bytes[1];
}

/* Where a message of SSL 3.0 and later has its length, this one has a version: it would be three
 * times as long as a record of that format can be. */
static bool is_v2_hello(hf_span message)
{
    const uint8_t *m = message.data;
    return message.size >= V2_HEADER_SIZE && m[0] == HF_CLIENT_HELLO && m[1] == 3 &&
           V2_HEADER_SIZE + be16(m + 3) + be16(m + 5) + be16(m + 7) == message.size;
}

static const char *message_name(uint32_t type)
{
    return hf_message_name((uint8_t)type);
}

/* A message with its header. What its length promises and what there is of it may differ. */
static void handshake(struct cursor *c, struct dissect_context *context)
{
    uint8_t type = (uint8_t)take_code(c, "msg_type", 1, message_name);
    size_t length = take_number(c, "length", HF_MESSAGE_HEADER_SIZE - 1);
    if (c->is_broken)
        return;
    struct cursor inner = *c;
    if (length > cursor_left(c))
        tree_mark(c->tree, cursor_newest(c), "there is less");
    else
        inner.end = c->at + length;
    body(&inner, context, type);
    cursor_end(&inner);
    c->at = inner.end;
    cursor_end(c);
}

void dissect_message(struct tree *tree, struct dissect_context *context, hf_span message)
{
    tree_init(tree);
    struct cursor c = {
        .tree = tree, .parent = &tree->root, .message = message.data, .end = message.size};
    if (is_v2_hello(message)) {
        v2_hello(&c);
        cursor_end(&c);
    } else {
        handshake(&c, context);
    }
}
