/* Reading a certificate (RFC 5280 4.1, 4.2). */
#include "tls/x509/x509.h"

#include <string.h>

#define SERIAL_NUMBER_MAX 20 /* RFC 5280 4.1.2.2: octets */

/* CRLReason, RFC 5280 5.3.1 */
#define REASON_MAX    10
#define REASON_UNUSED 7

static hf_x509_extension read_extension(hf_der *list)
{
    hf_x509_extension e;
    hf_der body = hf_der_enter(list, HF_DER_SEQUENCE);
    e.oid = hf_der_read_oid(&body);
    e.is_critical = hf_der_read_default_false(&body);
    e.value = hf_der_read(&body, HF_DER_OCTET_STRING);
    list->failed = list->failed || !hf_der_done(&body);
    return e;
}

/* RFC 5280 4.2.1.9. A path length goes only with a CA certificate. */
static bool read_basic_constraints(hf_certificate *c, hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
    c->has_basic_constraints = true;
    c->is_ca = hf_der_read_default_false(&body);
    if (c->is_ca && hf_der_more(&body)) {
        c->has_path_length = true;
        c->path_length = hf_der_read_small(&body, HF_DER_INTEGER);
    }
    return hf_der_done(&body) && hf_der_done(&whole);
}

static bool read_key_usage(hf_certificate *c, hf_span value)
{
    hf_der whole = hf_der_open(value);
    c->has_key_usage = true;
    c->key_usage = hf_der_read_named_bits(&whole);
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

/* GeneralName, RFC 5280 4.2.1.6: the types that matter here whole, of the others only the tag. */
static bool is_general_name(uint8_t type, hf_span value)
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
        if (!is_general_name(type, name)) {
            return false;
        }
    } while (hf_der_more(&list));
    return hf_der_done(&list);
}

static bool check_subject_alt_name(hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_span names = hf_der_read(&whole, HF_DER_SEQUENCE);
    return hf_der_done(&whole) && hf_general_names_are_valid(names);
}

static bool check_extended_key_usage(hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_der purposes = hf_der_enter(&whole, HF_DER_SEQUENCE);
    do {
        hf_der_read_oid(&purposes);
    } while (hf_der_more(&purposes));
    return hf_der_done(&purposes) && hf_der_done(&whole);
}

/* An address and its mask, which is a run of ones as in RFC 4632. */
static bool is_address_range(hf_span base)
{
    if (base.size != 8 && base.size != 32) {
        return false;
    }
    bool has_ended = false;
    for (size_t i = base.size / 2; i < base.size; i++) {
        for (uint8_t bit = 0x80; bit != 0; bit >>= 1) {
            bool is_set = (base.data[i] & bit) != 0;
            if (is_set && has_ended) {
                return false;
            }
            has_ended = !is_set;
        }
    }
    return true;
}

/* GeneralSubtrees, RFC 5280 4.2.1.10: minimum is 0 and maximum absent, so that a subtree is its
 * base alone. */
static bool check_subtrees(hf_der *body, uint8_t tag)
{
    hf_der subtrees = hf_der_enter(body, tag);
    do {
        uint8_t type;
        hf_der subtree = hf_der_enter(&subtrees, HF_DER_SEQUENCE);
        hf_span base = hf_der_read_any(&subtree, &type);
        bool is_valid = type == HF_NAME_IP ? is_address_range(base) : is_general_name(type, base);
        if (!is_valid || !hf_der_done(&subtree)) {
            return false;
        }
    } while (hf_der_more(&subtrees));
    return hf_der_done(&subtrees);
}

static bool check_name_constraints(hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
    if (!hf_der_more(&body) || (hf_der_at(&body, HF_DER_CONSTRUCTED(0)) &&
                                !check_subtrees(&body, HF_DER_CONSTRUCTED(0)))) {
        return false;
    }
    if (hf_der_at(&body, HF_DER_CONSTRUCTED(1)) && !check_subtrees(&body, HF_DER_CONSTRUCTED(1))) {
        return false;
    }
    return hf_der_done(&body) && hf_der_done(&whole);
}

/* Whether id-qt-cps and id-qt-unotice, 1.3.6.1.5.5.7.2.1 and .2, are the only qualifiers. */
static bool read_qualifiers(hf_der *policy, bool *are_known)
{
    hf_der qualifiers = hf_der_enter(policy, HF_DER_SEQUENCE);
    do {
        uint8_t tag;
        hf_der qualifier = hf_der_enter(&qualifiers, HF_DER_SEQUENCE);
        hf_span oid = hf_der_read_oid(&qualifier);
        hf_der_read_any(&qualifier, &tag);
        if (!hf_der_done(&qualifier)) {
            return false;
        }
        *are_known = *are_known &&
                     (hf_span_equal(oid, HF_OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x02, 0x01)) ||
                      hf_span_equal(oid, HF_OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x02, 0x02)));
    } while (hf_der_more(&qualifiers));
    return hf_der_done(&qualifiers);
}

/* RFC 5280 4.2.1.4: where the extension is critical its qualifiers must be understood too. */
static bool read_policies(hf_certificate *c, const hf_x509_extension *e)
{
    bool are_known = true;
    hf_der whole = hf_der_open(e->value);
    hf_der policies = hf_der_enter(&whole, HF_DER_SEQUENCE);
    do {
        hf_der policy = hf_der_enter(&policies, HF_DER_SEQUENCE);
        hf_der_read_oid(&policy);
        if (hf_der_more(&policy) && !read_qualifiers(&policy, &are_known)) {
            return false;
        }
        if (!hf_der_done(&policy)) {
            return false;
        }
    } while (hf_der_more(&policies));
    c->certificate_policies = e->value;
    c->has_unknown_critical = c->has_unknown_critical || (e->is_critical && !are_known);
    return hf_der_done(&policies) && hf_der_done(&whole);
}

static bool check_policy_mappings(hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_der mappings = hf_der_enter(&whole, HF_DER_SEQUENCE);
    do {
        hf_der mapping = hf_der_enter(&mappings, HF_DER_SEQUENCE);
        hf_der_read_oid(&mapping);
        hf_der_read_oid(&mapping);
        if (!hf_der_done(&mapping)) {
            return false;
        }
    } while (hf_der_more(&mappings));
    return hf_der_done(&mappings) && hf_der_done(&whole);
}

/* SkipCerts. No path is as long as what is cut off here. */
static uint8_t read_skip(hf_der *der, uint8_t tag)
{
    uint32_t skip = hf_der_read_small(der, tag);
    return (uint8_t)(skip < HF_NO_LIMIT ? skip : HF_NO_LIMIT);
}

static bool read_policy_constraints(hf_certificate *c, hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
    bool is_empty = !hf_der_more(&body);
    if (hf_der_at(&body, HF_DER_PRIMITIVE(0))) {
        c->require_explicit_policy = read_skip(&body, HF_DER_PRIMITIVE(0));
    }
    if (hf_der_at(&body, HF_DER_PRIMITIVE(1))) {
        c->inhibit_policy_mapping = read_skip(&body, HF_DER_PRIMITIVE(1));
    }
    return !is_empty && hf_der_done(&body) && hf_der_done(&whole);
}

static bool read_inhibit_any_policy(hf_certificate *c, hf_span value)
{
    hf_der whole = hf_der_open(value);
    c->inhibit_any_policy = read_skip(&whole, HF_DER_INTEGER);
    return hf_der_done(&whole);
}

/* AuthorityKeyIdentifier, RFC 5280 4.2.1.1: issuer and serial number come together. */
static bool check_authority_key_id(hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
    if (hf_der_at(&body, HF_DER_PRIMITIVE(0))) {
        hf_der_read(&body, HF_DER_PRIMITIVE(0));
    }
    if (hf_der_at(&body, HF_DER_CONSTRUCTED(1))) {
        hf_der_read(&body, HF_DER_CONSTRUCTED(1));
        hf_der_read(&body, HF_DER_PRIMITIVE(2));
    }
    return hf_der_done(&body) && hf_der_done(&whole);
}

static bool check_subject_key_id(hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_der_read(&whole, HF_DER_OCTET_STRING);
    return hf_der_done(&whole);
}

/* CRLDistributionPoints, RFC 5280 4.2.1.13, as far as it takes to walk over them. Critical, they
 * ask for more than a build without CRLs can give. */
static bool check_distribution_points(hf_certificate *c, const hf_x509_extension *e)
{
    hf_der whole = hf_der_open(e->value);
    hf_der points = hf_der_enter(&whole, HF_DER_SEQUENCE);
    c->has_unknown_critical = c->has_unknown_critical || e->is_critical;
    do {
        hf_der_read(&points, HF_DER_SEQUENCE);
    } while (hf_der_more(&points));
    return hf_der_done(&points) && hf_der_done(&whole);
}

/* TLS feature, RFC 7633 4: status_request is 5. */
static bool read_tls_feature(hf_certificate *c, hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_der features = hf_der_enter(&whole, HF_DER_SEQUENCE);
    while (hf_der_more(&features)) {
        c->must_staple = hf_der_read_small(&features, HF_DER_INTEGER) == 5 || c->must_staple;
    }
    return hf_der_done(&features) && hf_der_done(&whole);
}

uint8_t hf_x509_id_ce(hf_span oid)
{
    return oid.size == 3 && oid.data[0] == 0x55 && oid.data[1] == 0x1d ? oid.data[2] : 0;
}

/* Reads one of id-ce, 2.5.29.n. An extension that is only ever used where it is understood whole
 * is checked to its end here, so that later walks over it cannot fail. */
static bool read_known(hf_certificate *c, uint8_t n, const hf_x509_extension *e)
{
    switch (n) {
    case 14:
        c->subject_key_id = e->value;
        return !e->is_critical && check_subject_key_id(e->value); /* 4.2.1.2: never critical */
    case 15:
        return read_key_usage(c, e->value);
    case 17:
        /* 4.2.1.6: where there is no subject, the names here stand for it. */
        c->subject_alt_name = e->value;
        return (e->is_critical || c->subject.size > 2) && check_subject_alt_name(e->value);
    case 19:
        return read_basic_constraints(c, e->value);
    case 30:
        c->name_constraints = e->value;
        return check_name_constraints(e->value);
    case 31:
        c->crl_distribution_points = e->value;
        return check_distribution_points(c, e);
    case 32:
        return read_policies(c, e);
    case 33:
        c->policy_mappings = e->value;
        return check_policy_mappings(e->value);
    case 35:
        c->authority_key_id = e->value;
        return !e->is_critical && check_authority_key_id(e->value); /* 4.2.1.1: never critical */
    case 36:
        return read_policy_constraints(c, e->value);
    case 37:
        c->extended_key_usage = e->value;
        return check_extended_key_usage(e->value);
    case 54:
        return read_inhibit_any_policy(c, e->value);
    default:
        /* id-pe-tlsfeature, 1.3.6.1.5.5.7.1.24 */
        if (hf_span_equal(e->oid, HF_OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18))) {
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
        hf_x509_extension e = read_extension(&list);
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
    *e = read_extension(list);
    return !list->failed && (*count)++ < HF_CERTIFICATE_EXTENSIONS_MAX &&
           !is_repeated(extensions, e->oid);
}

static bool read_extensions(hf_certificate *c)
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
static void read_unique_ids(const hf_certificate *c, hf_der *tbs)
{
    for (uint8_t n = 1; n <= 2; n++) {
        if (c->version >= 2 && hf_der_at(tbs, HF_DER_PRIMITIVE(n))) {
            hf_der_read(tbs, HF_DER_PRIMITIVE(n));
        }
    }
}

/* Version ::= INTEGER { v1(0), v2(1), v3(2) } DEFAULT v1. */
static bool read_version(hf_certificate *c, hf_der *tbs)
{
    c->version = 1;
    if (!hf_der_at(tbs, HF_DER_CONSTRUCTED(0))) {
        return true;
    }
    hf_der field = hf_der_enter(tbs, HF_DER_CONSTRUCTED(0));
    uint32_t version = hf_der_read_small(&field, HF_DER_INTEGER);
    c->version = version == 1 ? 2 : 3;
    return hf_der_done(&field) && (version == 1 || version == 2);
}

static bool read_to_be_signed(hf_certificate *c, hf_span algorithm)
{
    hf_der whole = hf_der_open(c->to_be_signed);
    hf_der tbs = hf_der_enter(&whole, HF_DER_SEQUENCE);
    if (!read_version(c, &tbs)) {
        return false;
    }
    c->serial_number = hf_der_read_integer(&tbs);
    hf_span inner_algorithm = hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    c->issuer = hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    hf_der validity = hf_der_enter(&tbs, HF_DER_SEQUENCE);
    c->not_before = hf_der_read_time(&validity);
    c->not_after = hf_der_read_time(&validity);
    c->subject = hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    c->public_key_der = hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    read_unique_ids(c, &tbs);
    if (c->version == 3 && hf_der_at(&tbs, HF_DER_CONSTRUCTED(3))) {
        hf_der field = hf_der_enter(&tbs, HF_DER_CONSTRUCTED(3));
        c->extensions = hf_der_read(&field, HF_DER_SEQUENCE);
        if (!hf_der_done(&field) || c->extensions.size == 0) {
            return false;
        }
    }
    /* 4.1.1.2: the algorithm inside the signed part is the one outside. 4.1.2.4: an issuer has a
     * name; two octets are an empty SEQUENCE. */
    return hf_der_done(&tbs) && hf_der_done(&whole) && hf_der_done(&validity) &&
           c->serial_number.size <= SERIAL_NUMBER_MAX &&
           hf_span_equal(inner_algorithm, algorithm) && c->issuer.size > 2 &&
           hf_name_is_valid(c->issuer) && hf_name_is_valid(c->subject) &&
           hf_public_key_read(&c->public_key, c->public_key_der) && read_extensions(c) &&
           are_extensions_consistent(c);
}

bool hf_x509_is_crl_reason(hf_span der)
{
    hf_der whole = hf_der_open(der);
    hf_span code = hf_der_read(&whole, HF_DER_ENUMERATED);
    return hf_der_done(&whole) && code.size == 1 && code.data[0] <= REASON_MAX &&
           code.data[0] != REASON_UNUSED;
}

hf_error hf_certificate_read(hf_certificate *certificate, hf_span der)
{
    memset(certificate, 0, sizeof *certificate);
    certificate->require_explicit_policy = HF_NO_LIMIT;
    certificate->inhibit_policy_mapping = HF_NO_LIMIT;
    certificate->inhibit_any_policy = HF_NO_LIMIT;
    certificate->der = der;
    hf_der whole = hf_der_open(der);
    hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
    certificate->to_be_signed = hf_der_read_element(&body, HF_DER_SEQUENCE);
    hf_span algorithm = hf_der_read_element(&body, HF_DER_SEQUENCE);
    certificate->signature = hf_der_read_octet_bits(&body);
    bool is_valid = hf_der_done(&body) && hf_der_done(&whole) &&
                    hf_signature_algorithm_read(&certificate->algorithm, algorithm) &&
                    read_to_be_signed(certificate, algorithm);
    return is_valid ? HF_OK : HF_ERROR_CERTIFICATE_MALFORMED;
}

hf_span hf_certificate_issuer(hf_span der)
{
    hf_der whole = hf_der_open(der);
    hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
    hf_der tbs = hf_der_enter(&body, HF_DER_SEQUENCE);
    if (hf_der_at(&tbs, HF_DER_CONSTRUCTED(0))) {
        hf_der_read(&tbs, HF_DER_CONSTRUCTED(0));
    }
    (void)hf_der_read_integer(&tbs);
    (void)hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    return hf_der_read_element(&tbs, HF_DER_SEQUENCE);
}

bool hf_certificate_is_self_issued(const hf_certificate *certificate)
{
    return hf_name_equal(certificate->issuer, certificate->subject);
}
