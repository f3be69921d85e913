/* Name constraints (RFC 5280 4.2.1.10): whether a name lies in the subtrees of an issuer.
 *
 * Where a name or a subtree is of a kind that cannot be compared, the answer is the one that
 * refuses the certificate: outside of what is permitted, inside of what is excluded. */
#include "tls/x509/x509.h"

#include <string.h>

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
        bool is_valid =
            type == HF_NAME_IP ? is_address_range(base) : hf_general_name_is_valid(type, base);
        if (!is_valid || !hf_der_done(&subtree)) {
            return false;
        }
    } while (hf_der_more(&subtrees));
    return hf_der_done(&subtrees);
}

bool hf_constraints_are_valid(hf_span name_constraints)
{
    hf_der body = hf_der_open_sequence(name_constraints);
    if (!hf_der_more(&body) || (hf_der_at(&body, HF_DER_CONSTRUCTED(0)) &&
                                !check_subtrees(&body, HF_DER_CONSTRUCTED(0)))) {
        return false;
    }
    if (hf_der_at(&body, HF_DER_CONSTRUCTED(1)) && !check_subtrees(&body, HF_DER_CONSTRUCTED(1))) {
        return false;
    }
    return hf_der_done(&body);
}

typedef struct comparison {
    hf_span permitted, excluded; /* GeneralSubtrees, content octets */
    uint32_t *checks_left;
} comparison;

static hf_span skip_octets(hf_span text, size_t count)
{
    return (hf_span){text.data + count, text.size - count};
}

static bool starts_with_octet(hf_span text, uint8_t octet)
{
    return text.size > 0 && text.data[0] == octet;
}

/* Whether `host` is below `domain`, with at least one label of its own. */
static bool is_below(hf_span host, hf_span domain)
{
    if (host.size < domain.size + 2) {
        return false;
    }
    size_t own = host.size - domain.size;
    return host.data[own - 1] == '.' && hf_text_equal(skip_octets(host, own), domain);
}

/* The part of a text before the first of `ends`. */
static hf_span up_to(hf_span text, hf_span ends)
{
    size_t size = 0;
    while (size < text.size && memchr(ends.data, text.data[size], ends.size) == NULL) {
        size++;
    }
    return (hf_span){text.data, size};
}

/* Whether "*." before `parent` stands for `name` among others. */
static bool wildcard_covers(hf_span parent, hf_span name)
{
    hf_span label = up_to(name, HF_SPAN_LITERAL("."));
    return label.size < name.size && hf_text_equal(skip_octets(name, label.size + 1), parent);
}

/* A domain stands for itself and all below it; with a leading dot, which the RFC does not have for
 * DNS but CAs use, only for what is below it. A wildcard name covers a set: all of it must be
 * permitted, and none of it excluded. */
static bool dns_is_within(hf_span name, hf_span base, bool if_unknown)
{
    bool is_wildcard = name.size > 2 && name.data[0] == '*' && name.data[1] == '.';
    hf_span parent = is_wildcard ? skip_octets(name, 2) : name;
    bool only_below = starts_with_octet(base, '.');
    hf_span domain = only_below ? skip_octets(base, 1) : base;
    if (base.size == 0) {
        return true;
    }
    if (!hf_is_host_name(parent) || !hf_is_host_name(domain)) {
        return if_unknown;
    }
    bool covers_base = is_wildcard && if_unknown && wildcard_covers(parent, domain);
    return is_below(name, domain) || (!only_below && hf_text_equal(name, domain)) || covers_base;
}

/* The rule of mailboxes and URIs: a host stands for itself, ".domain" for all below the domain. */
static bool host_is_within(hf_span host, hf_span base)
{
    return starts_with_octet(base, '.') ? is_below(host, skip_octets(base, 1))
                                        : hf_text_equal(host, base);
}

/* What follows the last `octet`; all of the text if there is none. */
static hf_span after_last(hf_span text, uint8_t octet)
{
    size_t start = text.size;
    while (start > 0 && text.data[start - 1] != octet) {
        start--;
    }
    return skip_octets(text, start);
}

static bool mailbox_is_within(hf_span mailbox, hf_span base, bool if_unknown)
{
    hf_span host = after_last(mailbox, '@');
    if (base.size == 0) {
        return true;
    }
    if (host.size + 2 > mailbox.size || !hf_is_host_name(host)) {
        return if_unknown;
    }
    bool is_one_mailbox = after_last(base, '@').size < base.size;
    return is_one_mailbox ? hf_mailbox_equal(mailbox, base) : host_is_within(host, base);
}

/* The host of a URI with an authority (RFC 3986 3.2); empty if there is none. */
static hf_span host_of(hf_span uri)
{
    hf_span scheme = up_to(uri, HF_SPAN_LITERAL(":/?#"));
    hf_span rest = skip_octets(uri, scheme.size);
    if (scheme.size == 0 || rest.size < 3 || memcmp(rest.data, "://", 3) != 0) {
        return (hf_span){uri.data, 0};
    }
    hf_span authority = up_to(skip_octets(rest, 3), HF_SPAN_LITERAL("/?#"));
    return up_to(after_last(authority, '@'), HF_SPAN_LITERAL(":"));
}

/* A URI without a host name, or with an address for one, must not pass. */
static bool uri_is_within(hf_span uri, hf_span base, bool if_unknown)
{
    hf_span host = host_of(uri);
    if (!hf_is_host_name(host)) {
        return if_unknown;
    }
    return base.size == 0 || host_is_within(host, base);
}

/* The base is an address followed by a mask. */
static bool address_is_within(hf_span address, hf_span base)
{
    if (base.size != 2 * address.size) {
        return false;
    }
    for (size_t i = 0; i < address.size; i++) {
        if (((address.data[i] ^ base.data[i]) & base.data[address.size + i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_within(uint8_t type, hf_span name, hf_span base, bool if_unknown)
{
    switch (type) {
    case HF_NAME_DNS:
        return dns_is_within(name, base, if_unknown);
    case HF_NAME_IP:
        return address_is_within(name, base);
    case HF_NAME_DIRECTORY:
        return hf_name_starts_with(name, base);
    case HF_NAME_MAILBOX:
        return mailbox_is_within(name, base, if_unknown);
    case HF_NAME_URI:
        return uri_is_within(name, base, if_unknown);
    default:
        return if_unknown;
    }
}

typedef enum verdict { NOT_CONSTRAINED, INSIDE, OUTSIDE } verdict;

/* Where a name stands with regard to the subtrees of its type. Once the comparisons are used up
 * it is where it will be refused. */
static verdict find_subtree(comparison *c, hf_span subtrees, bool if_unknown, uint8_t name_type,
                            hf_span name)
{
    verdict result = NOT_CONSTRAINED;
    hf_der list = hf_der_open(subtrees);
    while (hf_der_more(&list)) {
        if (*c->checks_left == 0) {
            return if_unknown ? INSIDE : OUTSIDE;
        }
        (*c->checks_left)--;
        uint8_t type;
        hf_der subtree = hf_der_enter(&list, HF_DER_SEQUENCE);
        hf_span base = hf_der_read_any(&subtree, &type);
        if (type != name_type) {
            continue;
        }
        if (is_within(type, name, base, if_unknown)) {
            return INSIDE;
        }
        result = OUTSIDE;
    }
    return result;
}

static bool is_name_allowed(comparison *c, uint8_t type, hf_span name)
{
    return find_subtree(c, c->permitted, false, type, name) != OUTSIDE &&
           find_subtree(c, c->excluded, true, type, name) != INSIDE;
}

/* The emailAddress attributes of a subject (PKCS #9, 1.2.840.113549.1.9.1), in which older
 * certificates carry mailboxes. */
static HF_OWN_FRAME bool are_mailboxes_allowed(comparison *c, hf_span subject)
{
    hf_der rdns = hf_name_open(subject);
    while (hf_der_more(&rdns)) {
        hf_der rdn = hf_der_enter(&rdns, HF_DER_SET);
        while (hf_der_more(&rdn)) {
            uint8_t tag;
            hf_der attribute = hf_der_enter(&rdn, HF_DER_SEQUENCE);
            hf_span type = hf_der_read_oid(&attribute);
            hf_span value = hf_der_read_any(&attribute, &tag);
            if (hf_span_equal(type, HF_OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01)) &&
                !is_name_allowed(c, HF_NAME_MAILBOX, value)) {
                return false;
            }
        }
    }
    return true;
}

static HF_OWN_FRAME bool are_alternatives_allowed(comparison *c, hf_span subject_alt_name)
{
    hf_der extension = hf_der_open(subject_alt_name);
    hf_der names = hf_der_enter(&extension, HF_DER_SEQUENCE);
    while (hf_der_more(&names)) {
        uint8_t type;
        hf_span name = hf_der_read_any(&names, &type);
        if (!is_name_allowed(c, type, name)) {
            return false;
        }
    }
    return true;
}

static HF_OWN_FRAME bool read_subtrees(comparison *c, hf_span name_constraints)
{
    hf_der body = hf_der_open_sequence(name_constraints);
    c->permitted = hf_der_read_optional(&body, HF_DER_CONSTRUCTED(0));
    c->excluded = hf_der_read_optional(&body, HF_DER_CONSTRUCTED(1));
    return hf_der_done(&body);
}

/* Two octets are the Name without any attribute. */
bool hf_constraints_allow(hf_span name_constraints, hf_span subject, hf_span subject_alt_name,
                          uint32_t *checks_left)
{
    comparison c = {.checks_left = checks_left};
    return read_subtrees(&c, name_constraints) &&
           (subject.size <= 2 || is_name_allowed(&c, HF_NAME_DIRECTORY, subject)) &&
           are_mailboxes_allowed(&c, subject) && are_alternatives_allowed(&c, subject_alt_name);
}
