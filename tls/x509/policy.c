/* Certificate policies (RFC 5280 6.1), with any-policy as the initial set.
 *
 * With that initial set nobody asks which policies a path ends with, only whether any is left. So
 * the tree of 6.1.2 (a) shrinks to the set of policies that its deepest nodes expect: one list of
 * pointers into the certificates, and a flag for anyPolicy. */
#include "tls/x509/x509.h"

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
static bool read_policies(hf_policy_extensions *p, const hf_x509_extension *e, bool *has_unknown)
{
    bool are_known = true;
    hf_der policies = hf_der_open_sequence(e->value);
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
    p->policies = e->value;
    *has_unknown = *has_unknown || (e->is_critical && !are_known);
    return hf_der_done(&policies);
}

static bool read_mappings(hf_policy_extensions *p, hf_span value)
{
    hf_der mappings = hf_der_open_sequence(value);
    do {
        hf_der mapping = hf_der_enter(&mappings, HF_DER_SEQUENCE);
        hf_der_read_oid(&mapping);
        hf_der_read_oid(&mapping);
        if (!hf_der_done(&mapping)) {
            return false;
        }
    } while (hf_der_more(&mappings));
    p->mappings = value;
    return hf_der_done(&mappings);
}

/* SkipCerts. No path is as long as what is cut off here. */
static uint8_t read_skip(hf_der *der, uint8_t tag)
{
    uint32_t skip = hf_der_read_small(der, tag);
    return (uint8_t)(skip < HF_NO_LIMIT ? skip : HF_NO_LIMIT);
}

static bool read_policy_constraints(hf_policy_extensions *p, hf_span value)
{
    hf_der body = hf_der_open_sequence(value);
    bool is_empty = !hf_der_more(&body);
    if (hf_der_at(&body, HF_DER_PRIMITIVE(0))) {
        p->require_explicit_policy = read_skip(&body, HF_DER_PRIMITIVE(0));
    }
    if (hf_der_at(&body, HF_DER_PRIMITIVE(1))) {
        p->inhibit_policy_mapping = read_skip(&body, HF_DER_PRIMITIVE(1));
    }
    return !is_empty && hf_der_done(&body);
}

static bool read_inhibit_any_policy(hf_policy_extensions *p, hf_span value)
{
    hf_der whole = hf_der_open(value);
    p->inhibit_any_policy = read_skip(&whole, HF_DER_INTEGER);
    return hf_der_done(&whole);
}

bool hf_policy_extension_read(hf_policy_extensions *p, uint8_t n, const hf_x509_extension *e,
                              bool *has_unknown)
{
    switch (n) {
    case HF_CE_CERTIFICATE_POLICIES:
        return read_policies(p, e, has_unknown);
    case HF_CE_POLICY_MAPPINGS:
        return read_mappings(p, e->value);
    case HF_CE_POLICY_CONSTRAINTS:
        return read_policy_constraints(p, e->value);
    case HF_CE_INHIBIT_ANY_POLICY:
        return read_inhibit_any_policy(p, e->value);
    default:
        return true;
    }
}

/* The same of a certificate that has been read before. */
static HF_OWN_FRAME bool read_certificate(hf_policy_extensions *p, hf_span der)
{
    hf_certificate_parts parts;
    bool has_unknown = false, is_valid = hf_certificate_take_apart(&parts, der);
    *p = (hf_policy_extensions){.require_explicit_policy = HF_NO_LIMIT,
                                .inhibit_policy_mapping = HF_NO_LIMIT,
                                .inhibit_any_policy = HF_NO_LIMIT};
    hf_der list = hf_der_open(parts.extensions);
    while (is_valid && hf_der_more(&list)) {
        hf_x509_extension e = hf_x509_read_extension(&list);
        is_valid =
            !list.failed && hf_policy_extension_read(p, hf_x509_id_ce(e.oid), &e, &has_unknown);
    }
    return is_valid;
}

typedef struct policy_set {
    const uint8_t *oids[HF_POLICIES_MAX]; /* elements: tag, length, content */
    uint8_t count;
    bool has_any;
} policy_set;

/* What 6.1.2 initializes. The counters say how many certificates may still follow. */
typedef struct policy_state {
    policy_set expected;
    uint8_t explicit_policy, policy_mapping, inhibit_any_policy;
} policy_state;

/* 2.5.29.32.0 */
static const uint8_t any_policy[] = {0x55, 0x1d, 0x20, 0x00};

static hf_span oid_of(const uint8_t *element)
{
    return (hf_span){element + 2, element[1]};
}

static bool is_any_policy(hf_span oid)
{
    return hf_span_equal(oid, (hf_span){any_policy, sizeof any_policy});
}

/* Whether a policy is among those from position `first` to before `end`. */
static bool set_has(const policy_set *set, size_t first, size_t end, hf_span oid)
{
    for (size_t i = first; i < end; i++) {
        if (hf_span_equal(oid_of(set->oids[i]), oid)) {
            return true;
        }
    }
    return false;
}

/* Adds a policy unless it is among those added since `from`. One that finds no room, or whose
 * length takes more than one octet, is not followed: the path can only lose by that. */
static void set_add(policy_set *set, size_t from, hf_span oid)
{
    if (oid.size < 0x80 && set->count < HF_POLICIES_MAX && !set_has(set, from, set->count, oid)) {
        set->oids[set->count++] = oid.data - 2;
    }
}

static bool set_is_empty(const policy_set *set)
{
    return set->count == 0 && !set->has_any;
}

static bool asserts(const hf_policy_extensions *p, hf_span wanted)
{
    hf_der policies = hf_der_open_sequence(p->policies);
    while (hf_der_more(&policies)) {
        hf_der policy = hf_der_enter(&policies, HF_DER_SEQUENCE);
        if (hf_span_equal(hf_der_read_oid(&policy), wanted)) {
            return true;
        }
    }
    return false;
}

static void add_all_policies(policy_set *set, const hf_policy_extensions *p)
{
    hf_der policies = hf_der_open_sequence(p->policies);
    while (hf_der_more(&policies)) {
        hf_der policy = hf_der_enter(&policies, HF_DER_SEQUENCE);
        hf_span oid = hf_der_read_oid(&policy);
        if (!is_any_policy(oid)) {
            set_add(set, 0, oid);
        }
    }
}

/* 6.1.3 (d) and (e): of the expected policies those stay that the certificate has. */
static void apply_policies(policy_set *expected, const hf_policy_extensions *p, bool any_is_allowed)
{
    bool keeps_all = any_is_allowed && asserts(p, (hf_span){any_policy, sizeof any_policy});
    size_t kept = 0;
    for (size_t i = 0; i < expected->count; i++) {
        if (keeps_all || asserts(p, oid_of(expected->oids[i]))) {
            expected->oids[kept++] = expected->oids[i];
        }
    }
    expected->count = (uint8_t)kept;
    if (expected->has_any) {
        add_all_policies(expected, p);
        expected->has_any = keeps_all;
    }
}

typedef struct policy_mapping {
    hf_span issuer_policy, subject_policy;
} policy_mapping;

static policy_mapping read_mapping(hf_der *mappings)
{
    policy_mapping m;
    hf_der mapping = hf_der_enter(mappings, HF_DER_SEQUENCE);
    m.issuer_policy = hf_der_read_oid(&mapping);
    m.subject_policy = hf_der_read_oid(&mapping);
    return m;
}

static hf_der open_mappings(const hf_policy_extensions *p)
{
    hf_der whole = hf_der_open(p->mappings);
    return hf_der_enter(&whole, HF_DER_SEQUENCE);
}

static bool is_mapped(const hf_policy_extensions *p, hf_span oid)
{
    hf_der mappings = open_mappings(p);
    while (hf_der_more(&mappings)) {
        if (hf_span_equal(read_mapping(&mappings).issuer_policy, oid)) {
            return true;
        }
    }
    return false;
}

/* 6.1.4 (a) and (b). False: a mapping from or to anyPolicy. */
static bool apply_mappings(policy_set *expected, const hf_policy_extensions *p, bool is_inhibited)
{
    size_t before = expected->count, kept = 0;
    hf_der mappings = open_mappings(p);
    while (hf_der_more(&mappings)) {
        policy_mapping m = read_mapping(&mappings);
        if (is_any_policy(m.issuer_policy) || is_any_policy(m.subject_policy)) {
            return false;
        }
        /* The policies that were expected up to now stand first; the new ones are put behind. */
        if (!is_inhibited && (expected->has_any || set_has(expected, 0, before, m.issuer_policy))) {
            set_add(expected, before, m.subject_policy);
        }
    }
    for (size_t i = 0; i < expected->count; i++) {
        if (i >= before || !is_mapped(p, oid_of(expected->oids[i]))) {
            expected->oids[kept++] = expected->oids[i];
        }
    }
    expected->count = (uint8_t)kept;
    return true;
}

static void count_down(uint8_t *counter)
{
    if (*counter > 0) {
        (*counter)--;
    }
}

static void lower(uint8_t *counter, uint8_t limit)
{
    if (limit < *counter) {
        *counter = limit;
    }
}

/* 6.1.4 (h) to (j). */
static void prepare_next(policy_state *state, const hf_policy_extensions *p, bool is_self_issued)
{
    if (!is_self_issued) {
        count_down(&state->explicit_policy);
        count_down(&state->policy_mapping);
        count_down(&state->inhibit_any_policy);
    }
    lower(&state->explicit_policy, p->require_explicit_policy);
    lower(&state->policy_mapping, p->inhibit_policy_mapping);
    lower(&state->inhibit_any_policy, p->inhibit_any_policy);
}

bool hf_policy_holds(const hf_span *chain, const uint8_t *route, uint8_t length, uint8_t *failed)
{
    uint8_t never = (uint8_t)(length + 1);
    policy_state state = {{.has_any = true}, never, never, never};
    for (size_t i = length; i-- > 0;) {
        hf_policy_extensions p;
        bool is_last = i == 0, is_self_issued = hf_certificate_is_self_issued(chain[route[i]]);
        *failed = route[i];
        if (!read_certificate(&p, chain[route[i]])) {
            return false;
        }
        apply_policies(&state.expected, &p,
                       state.inhibit_any_policy > 0 || (!is_last && is_self_issued));
        if (state.explicit_policy == 0 && set_is_empty(&state.expected)) {
            return false;
        }
        if (!is_last) {
            if (!apply_mappings(&state.expected, &p, state.policy_mapping == 0)) {
                return false;
            }
            prepare_next(&state, &p, is_self_issued);
        } else if (p.require_explicit_policy == 0) {
            state.explicit_policy = 0; /* 6.1.5 (b) */
        } else {
            count_down(&state.explicit_policy); /* 6.1.5 (a) */
        }
    }
    return state.explicit_policy > 0 || !set_is_empty(&state.expected);
}
