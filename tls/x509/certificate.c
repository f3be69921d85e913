/* Reading a certificate (RFC 5280 4.1, 4.2). */
#include "tls/x509/x509.h"

#include <string.h>

#define SERIAL_NUMBER_MAX 20 /* RFC 5280 4.1.2.2: octets */

/* CRLReason, RFC 5280 5.3.1 */
#define REASON_MAX    10
#define REASON_UNUSED 7

hf_x509_extension hf_x509_read_extension(hf_der *list)
{
    hf_x509_extension e;
    hf_der body = hf_der_enter(list, HF_DER_SEQUENCE);
    e.oid = hf_der_read_oid(&body);
    e.is_critical = hf_der_read_default_false(&body);
    e.value = hf_der_read(&body, HF_DER_OCTET_STRING);
    list->failed = list->failed || !hf_der_done(&body);
    return e;
}

/* A path length goes only with a CA certificate. */
bool hf_basic_constraints_read(hf_span value, bool *is_ca, bool *has_path_length,
                               uint32_t *path_length)
{
    hf_der body = hf_der_open_sequence(value);
    *is_ca = hf_der_read_default_false(&body);
    *has_path_length = *is_ca && hf_der_more(&body);
    *path_length = *has_path_length ? hf_der_read_small(&body, HF_DER_INTEGER) : 0;
    return hf_der_done(&body);
}

bool hf_key_usage_read(hf_span value, uint16_t *key_usage)
{
    hf_der whole = hf_der_open(value);
    *key_usage = hf_der_read_named_bits(&whole);
    return hf_der_done(&whole);
}

static bool is_ascii(hf_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

bool hf_general_name_is_valid(uint8_t type, hf_span value)
{
    switch (type) {
    case HF_NAME_MAILBOX:
    case HF_NAME_DNS:
    case HF_NAME_URI:
        return is_ascii(value);
    case HF_NAME_DIRECTORY:
        return hf_name_is_valid(value);
    case HF_NAME_IP:
        return value.size == 4 || value.size == 16;
    case HF_DER_CONSTRUCTED(0): /* otherName     */
    case HF_DER_CONSTRUCTED(3): /* x400Address   */
    case HF_DER_CONSTRUCTED(5): /* ediPartyName  */
    case HF_DER_PRIMITIVE(8):   /* registeredID  */
        return true;
    default:
        return false;
    }
}

bool hf_general_names_are_valid(hf_span names)
{
    hf_der list = hf_der_open(names);
    do {
        uint8_t type;
        hf_span name = hf_der_read_any(&list, &type);
        if (!hf_general_name_is_valid(type, name)) {
            return false;
        }
    } while (hf_der_more(&list));
    return hf_der_done(&list);
}

static void read_sequence(hf_der *der, hf_span *element)
{
    *element = hf_der_read_element(der, HF_DER_SEQUENCE);
}

static bool check_subject_alt_name(hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_span names = hf_der_read(&whole, HF_DER_SEQUENCE);
    return hf_der_done(&whole) && hf_general_names_are_valid(names);
}

static bool check_extended_key_usage(hf_span value)
{
    hf_der purposes = hf_der_open_sequence(value);
    do {
        hf_der_read_oid(&purposes);
    } while (hf_der_more(&purposes));
    return hf_der_done(&purposes);
}

/* AuthorityKeyIdentifier, RFC 5280 4.2.1.1: issuer and serial number come together. */
static bool check_authority_key_id(hf_span value)
{
    hf_der body = hf_der_open_sequence(value);
    hf_der_read_optional(&body, HF_DER_PRIMITIVE(0));
    if (hf_der_at(&body, HF_DER_CONSTRUCTED(1))) {
        hf_der_read(&body, HF_DER_CONSTRUCTED(1));
        hf_der_read(&body, HF_DER_PRIMITIVE(2));
    }
    return hf_der_done(&body);
}

static bool check_subject_key_id(hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_der_read(&whole, HF_DER_OCTET_STRING);
    return hf_der_done(&whole);
}

#if HF_WITH_CRL
/* CRLDistributionPoints, RFC 5280 4.2.1.13, as far as it takes to walk over them. Critical, they
 * ask for more than is here. */
static bool check_distribution_points(hf_certificate *c, const hf_x509_extension *e)
{
    hf_der points = hf_der_open_sequence(e->value);
    c->has_unknown_critical = c->has_unknown_critical || e->is_critical;
    do {
        hf_der_read(&points, HF_DER_SEQUENCE);
    } while (hf_der_more(&points));
    return hf_der_done(&points);
}
#endif

/* TLS feature, RFC 7633 4: status_request is 5. */
static bool read_tls_feature(hf_certificate *c, hf_span value)
{
    hf_der features = hf_der_open_sequence(value);
    while (hf_der_more(&features)) {
        c->must_staple = hf_der_read_small(&features, HF_DER_INTEGER) == 5 || c->must_staple;
    }
    return hf_der_done(&features);
}

uint8_t hf_x509_id_ce(hf_span oid)
{
    return oid.size == 3 && oid.data[0] == 0x55 && oid.data[1] == 0x1d ? oid.data[2] : 0;
}

#if HF_WITH_POLICIES
static bool read_policies(hf_certificate *c, uint8_t n, const hf_x509_extension *e)
{
    hf_policy_extensions policies;
    return hf_policy_extension_read(&policies, n, e, &c->has_unknown_critical);
}
#endif

/* Reads one of id-ce, 2.5.29.n. An extension that is only ever used where it is understood whole
 * is checked to its end here, so that later walks over it cannot fail. */
static bool read_known(hf_certificate *c, uint8_t n, const hf_x509_extension *e)
{
    switch (n) {
    case HF_CE_SUBJECT_KEY_ID: /* 4.2.1.2: never critical */
        return !e->is_critical && check_subject_key_id(e->value);
    case HF_CE_KEY_USAGE:
        c->has_key_usage = true;
        return hf_key_usage_read(e->value, &c->key_usage);
    case HF_CE_SUBJECT_ALT_NAME:
        /* 4.2.1.6: where there is no subject, the names here stand for it. */
        c->subject_alt_name = e->value;
        return (e->is_critical || c->subject.size > 2) && check_subject_alt_name(e->value);
    case HF_CE_BASIC_CONSTRAINTS:
        c->has_basic_constraints = true;
        return hf_basic_constraints_read(e->value, &c->is_ca, &c->has_path_length, &c->path_length);
    case HF_CE_NAME_CONSTRAINTS:
#if HF_WITH_NAME_CONSTRAINTS
        c->name_constraints = e->value;
        return hf_constraints_are_valid(e->value);
#else
        c->has_unknown_critical = true; /* 4.2.1.10: it is always critical */
        return true;
#endif
#if HF_WITH_CRL
    case HF_CE_CRL_DISTRIBUTION_POINTS:
        return check_distribution_points(c, e);
#endif
    case HF_CE_AUTHORITY_KEY_ID: /* 4.2.1.1: never critical */
        return !e->is_critical && check_authority_key_id(e->value);
    case HF_CE_EXTENDED_KEY_USAGE:
        c->extended_key_usage = e->value;
        return check_extended_key_usage(e->value);
#if HF_WITH_POLICIES
    case HF_CE_CERTIFICATE_POLICIES:
    case HF_CE_POLICY_MAPPINGS:
    case HF_CE_POLICY_CONSTRAINTS:
    case HF_CE_INHIBIT_ANY_POLICY:
        return read_policies(c, n, e);
#endif
    default:
        /* id-pe-tlsfeature, 1.3.6.1.5.5.7.1.24 */
        if (HF_WITH_STATUS_REQUEST &&
            hf_span_equal(e->oid, HF_OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18))) {
            return read_tls_feature(c, e->value);
        }
        c->has_unknown_critical = c->has_unknown_critical || e->is_critical;
        return true;
    }
}

/* RFC 5280 4.2: at most one of each. */
static bool is_repeated(hf_span extensions, hf_span oid)
{
    hf_der list = hf_der_open(extensions);
    for (;;) {
        hf_x509_extension e = hf_x509_read_extension(&list);
        if (e.oid.data == oid.data) {
            return false;
        }
        if (hf_span_equal(e.oid, oid)) {
            return true;
        }
    }
}

bool hf_x509_next_extension(hf_x509_extension *e, hf_der *list, hf_span extensions, size_t *count)
{
    *e = hf_x509_read_extension(list);
    return !list->failed && (*count)++ < HF_CERTIFICATE_EXTENSIONS_MAX &&
           !is_repeated(extensions, e->oid);
}

static HF_OWN_FRAME bool read_extensions(hf_certificate *c)
{
    size_t count = 0;
    hf_der list = hf_der_open(c->extensions);
    while (hf_der_more(&list)) {
        hf_x509_extension e;
        if (!hf_x509_next_extension(&e, &list, c->extensions, &count) ||
            !read_known(c, hf_x509_id_ce(e.oid), &e)) {
            return false;
        }
    }
    return hf_der_done(&list);
}

/* What RFC 5280 asks of the extensions of one certificate together: a CA has a subject (4.1.2.6),
 * what has no subject has subjectAltName, and only a CA constrains names (4.2.1.10). */
static bool are_extensions_consistent(const hf_certificate *c)
{
    bool has_subject = c->subject.size > 2;
    return c->is_ca
               ? has_subject
               : c->name_constraints.size == 0 && (has_subject || c->subject_alt_name.size > 0);
}

/* issuerUniqueID and subjectUniqueID, 4.1.2.8: of versions 2 and 3. */
static void read_unique_ids(const hf_certificate_parts *parts, hf_der *tbs)
{
    if (parts->version >= 2) {
        hf_der_read_optional(tbs, HF_DER_PRIMITIVE(1));
        hf_der_read_optional(tbs, HF_DER_PRIMITIVE(2));
    }
}

/* Version ::= INTEGER { v1(0), v2(1), v3(2) } DEFAULT v1. */
static bool read_version(hf_certificate_parts *parts, hf_der *tbs)
{
    parts->version = 1;
    if (!hf_der_at(tbs, HF_DER_CONSTRUCTED(0))) {
        return true;
    }
    hf_der field = hf_der_enter(tbs, HF_DER_CONSTRUCTED(0));
    uint32_t version = hf_der_read_small(&field, HF_DER_INTEGER);
    parts->version = version == 1 ? 2 : 3;
    return hf_der_done(&field) && (version == 1 || version == 2);
}

/* Extensions, of version 3: one at least. */
static bool read_extension_list(hf_certificate_parts *parts, hf_der *tbs)
{
    if (parts->version < 3 || !hf_der_at(tbs, HF_DER_CONSTRUCTED(3))) {
        return true;
    }
    hf_der field = hf_der_enter(tbs, HF_DER_CONSTRUCTED(3));
    parts->extensions = hf_der_read(&field, HF_DER_SEQUENCE);
    return hf_der_done(&field) && parts->extensions.size != 0;
}

/* 4.1.1.2: the algorithm inside the signed part is the one outside. */
static bool take_apart_signed(hf_certificate_parts *parts)
{
    hf_der tbs = hf_der_open_sequence(parts->to_be_signed);
    if (!read_version(parts, &tbs)) {
        return false;
    }
    parts->serial_number = hf_der_read_integer(&tbs);
    hf_span algorithm;
    read_sequence(&tbs, &algorithm);
    read_sequence(&tbs, &parts->issuer);
    read_sequence(&tbs, &parts->validity);
    read_sequence(&tbs, &parts->subject);
    read_sequence(&tbs, &parts->public_key);
    read_unique_ids(parts, &tbs);
    return read_extension_list(parts, &tbs) && hf_der_done(&tbs) &&
           hf_span_equal(algorithm, parts->algorithm);
}

bool hf_certificate_take_apart(hf_certificate_parts *parts, hf_span der)
{
    hf_der whole = hf_der_open(der);
    hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
    memset(parts, 0, sizeof *parts);
    read_sequence(&body, &parts->to_be_signed);
    read_sequence(&body, &parts->algorithm);
    parts->signature = hf_der_read_octet_bits(&body);
    return take_apart_signed(parts) && hf_der_done(&body) && hf_der_done(&whole);
}

hf_span hf_certificate_issuer(hf_span der)
{
    hf_certificate_parts parts;
    return hf_certificate_take_apart(&parts, der) ? parts.issuer : (hf_span){NULL, 0};
}

bool hf_certificate_is_self_issued(hf_span der)
{
    hf_certificate_parts parts;
    return hf_certificate_take_apart(&parts, der) && hf_name_equal(parts.issuer, parts.subject);
}

hf_span hf_certificate_extension(const hf_certificate_parts *parts, uint8_t n)
{
    hf_der list = hf_der_open(parts->extensions);
    while (hf_der_more(&list)) {
        hf_x509_extension e = hf_x509_read_extension(&list);
        if (!list.failed && hf_x509_id_ce(e.oid) == n) {
            return e.value;
        }
    }
    return (hf_span){NULL, 0};
}

static bool read_validity(hf_certificate *c, hf_span value)
{
    hf_der validity = hf_der_open_sequence(value);
    c->not_before = hf_der_read_time(&validity);
    c->not_after = hf_der_read_time(&validity);
    return hf_der_done(&validity);
}

/* All but the extensions. 4.1.2.4: an issuer has a name; two octets are an empty SEQUENCE. */
static HF_OWN_FRAME bool read_fields(hf_certificate *c)
{
    hf_certificate_parts parts;
    if (!hf_certificate_take_apart(&parts, c->der)) {
        return false;
    }
    c->to_be_signed = parts.to_be_signed;
    c->signature = parts.signature;
    c->version = parts.version;
    c->serial_number = parts.serial_number;
    c->issuer = parts.issuer;
    c->subject = parts.subject;
    c->public_key_der = parts.public_key;
    c->extensions = parts.extensions;
    return c->serial_number.size <= SERIAL_NUMBER_MAX && read_validity(c, parts.validity) &&
           c->issuer.size > 2 && hf_name_is_valid(c->issuer) && hf_name_is_valid(c->subject) &&
           hf_signature_algorithm_read(&c->algorithm, parts.algorithm) &&
           hf_public_key_read(&c->public_key, c->public_key_der);
}

hf_error hf_certificate_read(hf_certificate *certificate, hf_span der)
{
    memset(certificate, 0, sizeof *certificate);
    certificate->der = der;
    return read_fields(certificate) && read_extensions(certificate) &&
                   are_extensions_consistent(certificate)
               ? HF_OK
               : HF_ERROR_CERTIFICATE_MALFORMED;
}

bool hf_x509_is_crl_reason(hf_span der)
{
    hf_der whole = hf_der_open(der);
    hf_span code = hf_der_read(&whole, HF_DER_ENUMERATED);
    return hf_der_done(&whole) && code.size == 1 && code.data[0] <= REASON_MAX &&
           code.data[0] != REASON_UNUSED;
}
