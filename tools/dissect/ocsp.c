/* OCSP responses, RFC 6960 4.2.1. */
#include "tools/dissect/der.h"
#include "tools/dissect/dissect.h"

static const char *status_name(uint32_t status)
{
    static const char *const names[] = {
        "successful", "malformedRequest", "internalError", "tryLater",
        NULL,         "sigRequired",      "unauthorized"};
    return status < sizeof names / sizeof names[0] ? names[status] : NULL;
}

static const char *revocation_reason(uint32_t reason)
{
    static const char *const names[] = {
        "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
        "superseded",    "cessationOfOperation", "certificateHold", NULL,
        "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
    return reason < sizeof names / sizeof names[0] ? names[reason] : NULL;
}

static void responder_id(struct cursor *c)
{
    bool by_name = der_next_tag(c) == TAG_CONSTRUCTED(1);
    struct cursor s = der_enter(c, "responderID", TAG_CONSTRUCTED(by_name ? 1 : 2));
    if (by_name)
        der_name(&s, "byName");
    else
        (void)der_bytes(&s, "byKey", TAG_OCTET_STRING);
    cursor_end(&s);
}

static void certificate_id(struct cursor *c)
{
    struct cursor s = der_group(c, "certID", TAG_SEQUENCE);
    take_algorithm(&s, "hashAlgorithm");
    (void)der_bytes(&s, "issuerNameHash", TAG_OCTET_STRING);
    (void)der_bytes(&s, "issuerKeyHash", TAG_OCTET_STRING);
    (void)der_bytes(&s, "serialNumber", TAG_INTEGER);
    cursor_end(&s);
}

static void certificate_status(struct cursor *c)
{
    struct cursor s;
    switch (der_next_tag(c)) {
    case TAG_CONSTRUCTED(1):
        s = der_group(c, "revoked", TAG_CONSTRUCTED(1));
        der_time(&s, "revocationTime");
        if (der_next_tag(&s) == TAG_CONSTRUCTED(0)) {
            struct cursor reason = der_enter(&s, "revocationReason", TAG_CONSTRUCTED(0));
            (void)der_number(&reason, "revocationReason", TAG_ENUMERATED, revocation_reason);
        }
        break;
    case TAG_PRIMITIVE(0):
        (void)der_bytes(c, "good", TAG_PRIMITIVE(0));
        break;
    default:
        (void)der_bytes(c, "unknown", TAG_PRIMITIVE(2));
        break;
    }
}

static void single_response(struct cursor *c)
{
    struct cursor s = der_group(c, "SingleResponse", TAG_SEQUENCE);
    certificate_id(&s);
    certificate_status(&s);
    der_time(&s, "thisUpdate");
    if (der_next_tag(&s) == TAG_CONSTRUCTED(0)) {
        struct cursor next = der_enter(&s, "nextUpdate", TAG_CONSTRUCTED(0));
        der_time(&next, "nextUpdate");
    }
    if (der_next_tag(&s) == TAG_CONSTRUCTED(1)) {
        struct cursor list = der_enter(&s, "singleExtensions", TAG_CONSTRUCTED(1));
        take_x509_extensions(&list, "singleExtensions");
    }
    cursor_end(&s);
}

static void response_data(struct cursor *c)
{
    struct cursor s = der_group(c, "tbsResponseData", TAG_SEQUENCE);
    if (der_next_tag(&s) == TAG_CONSTRUCTED(0)) {
        struct cursor version = der_enter(&s, "version", TAG_CONSTRUCTED(0));
        (void)der_number(&version, "version", TAG_INTEGER, NULL);
    }
    responder_id(&s);
    der_time(&s, "producedAt");
    struct cursor list = der_group(&s, "responses", TAG_SEQUENCE);
    while (cursor_left(&list))
        single_response(&list);
    if (der_next_tag(&s) == TAG_CONSTRUCTED(1)) {
        struct cursor extensions = der_enter(&s, "responseExtensions", TAG_CONSTRUCTED(1));
        take_x509_extensions(&extensions, "responseExtensions");
    }
    cursor_end(&s);
}

static void basic_response(struct cursor *c)
{
    struct cursor s = der_group(c, "BasicOCSPResponse", TAG_SEQUENCE);
    response_data(&s);
    take_algorithm(&s, "signatureAlgorithm");
    (void)der_bits(&s, "signature");
    if (der_next_tag(&s) == TAG_CONSTRUCTED(0)) {
        struct cursor holder = der_enter(&s, "certs", TAG_CONSTRUCTED(0));
        struct cursor list = der_group(&holder, "certs", TAG_SEQUENCE);
        while (cursor_left(&list))
            take_certificate(&list);
    }
    cursor_end(&s);
}

void take_ocsp_response(struct cursor *c)
{
    struct cursor s = der_enter(c, "OCSPResponse", TAG_SEQUENCE);
    (void)der_number(&s, "responseStatus", TAG_ENUMERATED, status_name);
    if (der_next_tag(&s) == TAG_CONSTRUCTED(0)) {
        struct cursor holder = der_enter(&s, "responseBytes", TAG_CONSTRUCTED(0));
        struct cursor bytes = der_enter(&holder, "ResponseBytes", TAG_SEQUENCE);
        (void)der_oid(&bytes, "responseType");
        struct cursor response = der_enter(&bytes, "response", TAG_OCTET_STRING);
        basic_response(&response);
    }
    cursor_end(&s);
}
