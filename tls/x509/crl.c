/* Certificate revocation lists (RFC 5280 5): reading one, what it covers, whether it names a
 * certificate. Complete CRLs of a certificate's own issuer; deltas and indirect ones are told apart
 * and not used. */
#include "tls/x509/crl.h"

#include <string.h>

#define SERIAL_NUMBER_MAX 20

#define FULL_NAME     HF_DER_CONSTRUCTED(0)
#define RELATIVE_NAME HF_DER_CONSTRUCTED(1)

/* ReasonFlags, 4.2.1.13; `unused`, bit 0, is no reason. */
static uint16_t read_reasons(hf_der *der, uint8_t tag)
{
    return hf_der_read_tagged_bits(der, tag) & HF_CRL_ALL_REASONS;
}

static bool read_flag(hf_der *der, uint8_t n)
{
    hf_span value;
    if (!hf_der_at(der, HF_DER_PRIMITIVE(n))) {
        return false;
    }
    value = hf_der_read(der, HF_DER_PRIMITIVE(n));
    der->failed = der->failed || value.size != 1 || (value.data[0] != 0xff && value.data[0] != 0);
    return !der->failed && value.data[0] == 0xff;
}

/* DistributionPointName, 4.2.1.13. */
static bool is_point_name(hf_span name)
{
    uint8_t type;
    hf_der whole = hf_der_open(name);
    hf_span names = hf_der_read_any(&whole, &type);
    return hf_der_done(&whole) && ((type == FULL_NAME && hf_general_names_are_valid(names)) ||
                                   (type == RELATIVE_NAME && hf_rdn_is_valid(names)));
}

/* IssuingDistributionPoint, 5.2.5, which is never without any field. */
static bool read_distribution_point(hf_crl *crl, hf_span value)
{
    hf_der body = hf_der_open_sequence(value);
    bool is_empty = !hf_der_more(&body);
    if (hf_der_at(&body, HF_DER_CONSTRUCTED(0))) {
        crl->distribution_point = hf_der_read(&body, HF_DER_CONSTRUCTED(0));
        body.failed = body.failed || !is_point_name(crl->distribution_point);
    }
    crl->only_users = read_flag(&body, 1);
    crl->only_cas = read_flag(&body, 2);
    if (hf_der_at(&body, HF_DER_PRIMITIVE(3))) {
        crl->reasons = read_reasons(&body, HF_DER_PRIMITIVE(3));
    }
    crl->is_indirect = read_flag(&body, 4);
    crl->only_attributes = read_flag(&body, 5);
    return !is_empty && hf_der_done(&body) &&
           crl->only_users + crl->only_cas + crl->only_attributes <= 1;
}

static bool check_number(hf_span value)
{
    hf_der whole = hf_der_open(value);
    hf_span number = hf_der_read_integer(&whole);
    return hf_der_done(&whole) && number.size <= SERIAL_NUMBER_MAX && (number.data[0] & 0x80) == 0;
}

/* id-ce, 2.5.29.n, of the list itself. */
static bool read_extension(hf_crl *crl, uint8_t n, const hf_x509_extension *e)
{
    switch (n) {
    case 20: /* 5.2.3: in every CRL, and never critical */
        crl->has_number = true;
        return !e->is_critical && check_number(e->value);
    case 27:
        crl->is_delta = true;
        return true;
    case 28:
        return read_distribution_point(crl, e->value);
    case 35:
        return !e->is_critical;
    default:
        crl->has_unknown_critical = crl->has_unknown_critical || e->is_critical;
        return true;
    }
}

static bool read_extensions(hf_crl *crl, hf_span extensions)
{
    size_t count = 0;
    hf_der list = hf_der_open(extensions);
    while (hf_der_more(&list)) {
        hf_x509_extension e;
        if (!hf_x509_next_extension(&e, &list, extensions, &count) ||
            !read_extension(crl, hf_x509_id_ce(e.oid), &e)) {
            return false;
        }
    }
    return hf_der_done(&list);
}

static int64_t read_update(hf_der *tbs)
{
    return hf_der_read_time(tbs);
}

static bool has_time_next(const hf_der *der)
{
    return hf_der_at(der, HF_DER_UTC_TIME) || hf_der_at(der, HF_DER_GENERALIZED_TIME);
}

static bool read_list(hf_crl *crl, hf_span algorithm)
{
    hf_der tbs = hf_der_open_sequence(crl->to_be_signed);
    if (hf_der_read_small(&tbs, HF_DER_INTEGER) != 1) { /* version 2: the others have no number */
        return false;
    }
    hf_span inner_algorithm = hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    crl->issuer = hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    crl->this_update = read_update(&tbs);
    crl->has_next_update = has_time_next(&tbs);
    if (crl->has_next_update) {
        crl->next_update = read_update(&tbs);
    }
    if (hf_der_at(&tbs, HF_DER_SEQUENCE)) {
        crl->revoked = hf_der_read(&tbs, HF_DER_SEQUENCE);
        tbs.failed = tbs.failed || crl->revoked.size == 0; /* 5.1.2.6: absent, not empty */
    }
    hf_der field = hf_der_enter(&tbs, HF_DER_CONSTRUCTED(0));
    hf_span extensions = hf_der_read(&field, HF_DER_SEQUENCE);
    return hf_der_done(&field) && hf_der_done(&tbs) && hf_span_equal(inner_algorithm, algorithm) &&
           crl->issuer.size > 2 && hf_name_is_valid(crl->issuer) &&
           read_extensions(crl, extensions) && crl->has_number;
}

bool hf_crl_read(hf_crl *crl, hf_span der)
{
    memset(crl, 0, sizeof *crl);
    crl->reasons = HF_CRL_ALL_REASONS;
    hf_der body = hf_der_open_sequence(der);
    crl->to_be_signed = hf_der_read_element(&body, HF_DER_SEQUENCE);
    hf_span algorithm = hf_der_read_element(&body, HF_DER_SEQUENCE);
    crl->signature = hf_der_read_octet_bits(&body);
    return hf_der_done(&body) && hf_signature_algorithm_read(&crl->algorithm, algorithm) &&
           read_list(crl, algorithm);
}

hf_crl_kind hf_crl_kind_of(hf_span der)
{
    hf_crl crl;
    if (!hf_crl_read(&crl, der)) {
        return HF_CRL_MALFORMED;
    }
    if (crl.is_delta) {
        return HF_CRL_DELTA;
    }
    return crl.is_indirect ? HF_CRL_INDIRECT : HF_CRL_COMPLETE;
}

/* ---------------------------------------------------------------- scope */

/* Two GeneralNames: names by their rules, the rest byte by byte. */
static bool is_same_general_name(uint8_t type, hf_span a, hf_span b)
{
    return type == HF_NAME_DIRECTORY ? hf_name_equal(a, b) : hf_span_equal(a, b);
}

/* Whether a Name is the issuer's with one more RelativeDistinguishedName (4.2.1.13). */
static bool is_relative(hf_span name, hf_span issuer, hf_span rdn)
{
    if (!hf_name_starts_with(name, issuer)) {
        return false;
    }
    hf_der rdns = hf_name_open(name), issuer_rdns = hf_name_open(issuer);
    hf_span last = {NULL, 0};
    size_t count = 0, issuer_count = 0;
    while (hf_der_more(&rdns)) {
        last = hf_der_read(&rdns, HF_DER_SET);
        count++;
    }
    while (hf_der_more(&issuer_rdns)) {
        hf_der_read(&issuer_rdns, HF_DER_SET);
        issuer_count++;
    }
    return count == issuer_count + 1 && hf_rdn_equal(last, rdn);
}

/* Each name that is looked at takes one from what is left, as both lists are somebody else's. */
static bool has_full_name(hf_span names, uint8_t wanted_type, hf_span wanted, uint32_t *left)
{
    hf_der list = hf_der_open(names);
    for (; hf_der_more(&list) && *left > 0; --*left) {
        uint8_t type;
        hf_span name = hf_der_read_any(&list, &type);
        if (!list.failed && type == wanted_type && is_same_general_name(type, name, wanted)) {
            return true;
        }
    }
    return false;
}

static bool has_relative_name(hf_span names, hf_span issuer, hf_span rdn, uint32_t *left)
{
    hf_der list = hf_der_open(names);
    for (; hf_der_more(&list) && *left > 0; --*left) {
        uint8_t type;
        hf_span name = hf_der_read_any(&list, &type);
        if (!list.failed && type == HF_NAME_DIRECTORY && is_relative(name, issuer, rdn)) {
            return true;
        }
    }
    return false;
}

/* Two DistributionPointNames of the same CRL issuer. */
static bool share_a_name(hf_span a, hf_span b, hf_span issuer, uint32_t *left)
{
    hf_der first = hf_der_open(a), second = hf_der_open(b);
    uint8_t type_a, type_b;
    hf_span names_a = hf_der_read_any(&first, &type_a), names_b = hf_der_read_any(&second, &type_b);
    if (type_a == RELATIVE_NAME && type_b == RELATIVE_NAME) {
        return hf_rdn_equal(names_a, names_b);
    }
    if (type_a == RELATIVE_NAME) {
        return has_relative_name(names_b, issuer, names_a, left);
    }
    if (type_b == RELATIVE_NAME) {
        return has_relative_name(names_a, issuer, names_b, left);
    }
    hf_der list = hf_der_open(names_a);
    while (hf_der_more(&list) && *left > 0) {
        uint8_t type;
        hf_span name = hf_der_read_any(&list, &type);
        --*left;
        if (!list.failed && has_full_name(names_b, type, name, left)) {
            return true;
        }
    }
    return false;
}

/* 6.3.3, at the end: whether the list counts for any certificate of its issuer's, wherever that
 * points. It is of no distribution point, or of one that has the issuer's name. */
static bool is_for_everyone(const hf_crl *crl, uint32_t *comparisons_left)
{
    hf_der name = hf_der_open(crl->distribution_point);
    return crl->distribution_point.size == 0 ||
           (hf_der_at(&name, FULL_NAME) &&
            has_full_name(hf_der_read(&name, FULL_NAME), HF_NAME_DIRECTORY, crl->issuer,
                          comparisons_left));
}

/* The reasons for which the list, which is of a distribution point, speaks through one of the
 * certificate's. One with a cRLIssuer is for an indirect CRL. */
static uint16_t reasons_through(const hf_crl *crl, hf_der *points, uint32_t *comparisons_left)
{
    uint16_t reasons = HF_CRL_ALL_REASONS;
    hf_der point = hf_der_enter(points, HF_DER_SEQUENCE);
    hf_span name = hf_der_read_optional(&point, HF_DER_CONSTRUCTED(0));
    if (hf_der_at(&point, HF_DER_PRIMITIVE(1))) {
        reasons = read_reasons(&point, HF_DER_PRIMITIVE(1));
    }
    return hf_der_done(&point) && name.size != 0 &&
                   share_a_name(crl->distribution_point, name, crl->issuer, comparisons_left)
               ? reasons & crl->reasons
               : 0;
}

bool hf_crl_subject_of(hf_crl_subject *subject, hf_span certificate)
{
    hf_certificate_parts parts;
    if (!hf_certificate_take_apart(&parts, certificate)) {
        return false;
    }
    hf_span constraints = hf_certificate_extension(&parts, HF_CE_BASIC_CONSTRAINTS);
    bool has_path_length;
    uint32_t path_length;
    subject->serial_number = parts.serial_number;
    subject->issuer = parts.issuer;
    subject->distribution_points = hf_certificate_extension(&parts, HF_CE_CRL_DISTRIBUTION_POINTS);
    subject->is_ca = false;
    return constraints.size == 0 ||
           hf_basic_constraints_read(constraints, &subject->is_ca, &has_path_length, &path_length);
}

uint16_t hf_crl_reasons_for(const hf_crl *crl, const hf_crl_subject *subject,
                            uint32_t *comparisons_left)
{
    if (crl->only_attributes || (crl->only_users && subject->is_ca) ||
        (crl->only_cas && !subject->is_ca)) {
        return 0;
    }
    if (is_for_everyone(crl, comparisons_left)) {
        return crl->reasons;
    }
    uint16_t reasons = 0;
    hf_der points = hf_der_open_sequence(subject->distribution_points);
    while (hf_der_more(&points) && *comparisons_left > 0) {
        --*comparisons_left;
        reasons |= reasons_through(crl, &points, comparisons_left);
    }
    return reasons;
}

/* ---------------------------------------------------------------- entries */

static bool is_date(hf_span value)
{
    hf_der whole = hf_der_open(value);
    (void)hf_der_read_generalized_time(&whole);
    return hf_der_done(&whole);
}

/* What is critical in an entry must be understood (5.3); a certificateIssuer is of indirect CRLs.
 */
static bool is_known(const hf_x509_extension *e)
{
    switch (hf_x509_id_ce(e->oid)) {
    case 21:
        return hf_x509_is_crl_reason(e->value);
    case 24: /* invalidityDate, 5.3.2 */
        return is_date(e->value);
    default:
        return !e->is_critical;
    }
}

static bool are_entry_extensions_known(hf_der *entry)
{
    hf_span extensions = hf_der_read(entry, HF_DER_SEQUENCE);
    hf_der list = hf_der_open(extensions);
    size_t count = 0;
    do {
        hf_x509_extension e;
        if (!hf_x509_next_extension(&e, &list, extensions, &count) || !is_known(&e)) {
            return false;
        }
    } while (hf_der_more(&list));
    return true;
}

hf_crl_status hf_crl_find(const hf_crl *crl, hf_span serial_number)
{
    hf_crl_status status = HF_CRL_NOT_LISTED;
    hf_der list = hf_der_open(crl->revoked);
    while (hf_der_more(&list)) {
        hf_der entry = hf_der_enter(&list, HF_DER_SEQUENCE);
        hf_span serial = hf_der_read_integer(&entry);
        (void)hf_der_read_time(&entry);
        if ((hf_der_more(&entry) && !are_entry_extensions_known(&entry)) || !hf_der_done(&entry)) {
            return HF_CRL_UNUSABLE;
        }
        if (hf_span_equal(serial, serial_number)) {
            status = HF_CRL_REVOKED;
        }
    }
    return hf_der_done(&list) ? status : HF_CRL_UNUSABLE;
}
