/* Certificate policies, RFC 5280 6.1, with any-policy as the initial set: they matter where a CA
 * requires one. */
#include "path_support.h"
#include "tls/x509/x509.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* certificatePolicies from letters: "pq" are two policies, '*' is anyPolicy. Empty: none. */
static hf_span policy_oid(char letter)
{
    char oid[32];
    snprintf(oid, sizeof oid, "1.3.6.1.4.1.55555.9.%d", letter);
    return letter == '*' ? pki_oid("2.5.29.32.0") : pki_oid(oid);
}

static hf_span policies(const char *letters)
{
    hf_span list = PKI_NONE;
    for (; *letters != 0; letters++) {
        list = PKI_JOIN(list, PKI_SEQUENCE(policy_oid(*letters)));
    }
    return list.size > 0 ? pki_extension("2.5.29.32", false, PKI_SEQUENCE(list)) : PKI_NONE;
}

/* policyMappings from pairs of letters, issuer's and subject's. */
static hf_span mappings(const char *pairs)
{
    hf_span list = PKI_NONE;
    for (; *pairs != 0; pairs += 2) {
        list = PKI_JOIN(list, PKI_SEQUENCE(policy_oid(pairs[0]), policy_oid(pairs[1])));
    }
    return list.size > 0 ? pki_extension("2.5.29.33", true, PKI_SEQUENCE(list)) : PKI_NONE;
}

/* policyConstraints and inhibitAnyPolicy; -1: left out. */
static hf_span limits(int require_explicit, int inhibit_mapping, int inhibit_any)
{
    hf_span fields = PKI_NONE, any = PKI_NONE;
    if (require_explicit >= 0) {
        uint8_t skip = (uint8_t)require_explicit;
        fields = pki_element(0x80, PKI_JOIN((hf_span){&skip, 1}));
    }
    if (inhibit_mapping >= 0) {
        uint8_t skip = (uint8_t)inhibit_mapping;
        fields = PKI_JOIN(fields, pki_element(0x81, PKI_JOIN((hf_span){&skip, 1})));
    }
    if (inhibit_any >= 0) {
        any = pki_extension("2.5.29.54", true, pki_integer((unsigned)inhibit_any));
    }
    return PKI_JOIN(
        fields.size > 0 ? pki_extension("2.5.29.36", true, PKI_SEQUENCE(fields)) : PKI_NONE, any);
}

typedef struct policy_ca {
    const char *policies, *mappings;
    int require_explicit, inhibit_mapping, inhibit_any;
} policy_ca;

typedef struct policy_row {
    const char *what;
    policy_ca first, second; /* below the root */
    const char *leaf;
    bool is_accepted;
} policy_row;

static hf_span issue_ca(const char *name, const char *issuer, const policy_ca *ca)
{
    return ca_with(name, issuer,
                   PKI_JOIN(policies(ca->policies), mappings(ca->mappings),
                            limits(ca->require_explicit, ca->inhibit_mapping, ca->inhibit_any)));
}

Test(policy, rules)
{
    static const policy_row rows[] = {
        {"nobody asks", {"p", "", -1, -1, -1}, {"q", "", -1, -1, -1}, "r", true},
        {"nobody has one", {"", "", -1, -1, -1}, {"", "", -1, -1, -1}, "", true},
        {"the same throughout", {"p", "", 0, -1, -1}, {"p", "", -1, -1, -1}, "p", true},
        {"one in common", {"pq", "", 0, -1, -1}, {"qr", "", -1, -1, -1}, "sq", true},
        {"each pair but not all", {"pq", "", 0, -1, -1}, {"qr", "", -1, -1, -1}, "rp", false},
        {"the leaf has none", {"p", "", 0, -1, -1}, {"p", "", -1, -1, -1}, "", false},
        {"a CA has none", {"p", "", 0, -1, -1}, {"", "", -1, -1, -1}, "p", false},
        {"another one", {"p", "", 0, -1, -1}, {"p", "", -1, -1, -1}, "q", false},
        {"required by the second", {"p", "", -1, -1, -1}, {"p", "", 0, -1, -1}, "q", false},
        {"required after one", {"p", "", 1, -1, -1}, {"p", "", -1, -1, -1}, "q", false},
        {"required after two, at the end (6.1.5 a)",
         {"p", "", 2, -1, -1},
         {"p", "", -1, -1, -1},
         "q",
         false},
        {"required after more than there are",
         {"p", "", 5, -1, -1},
         {"p", "", -1, -1, -1},
         "q",
         true},
        {"anyPolicy of the first", {"*", "", 0, -1, -1}, {"p", "", -1, -1, -1}, "p", true},
        {"anyPolicy of the second", {"p", "", 0, -1, -1}, {"*", "", -1, -1, -1}, "p", true},
        {"but it adds nothing", {"p", "", 0, -1, -1}, {"*", "", -1, -1, -1}, "q", false},
        {"anyPolicy of the leaf", {"p", "", 0, -1, -1}, {"p", "", -1, -1, -1}, "*", true},
        {"anyPolicy throughout", {"*", "", 0, -1, -1}, {"*", "", -1, -1, -1}, "*", true},
        {"anyPolicy inhibited", {"p", "", 0, -1, 0}, {"*", "", -1, -1, -1}, "p", false},
        {"inhibited after one", {"p", "", 0, -1, 1}, {"*", "", -1, -1, -1}, "p", true},
        {"inhibited for the leaf", {"p", "", 0, -1, 1}, {"p", "", -1, -1, -1}, "*", false},
        {"mapped", {"p", "pq", 0, -1, -1}, {"q", "", -1, -1, -1}, "q", true},
        {"mapped, but used unmapped", {"p", "pq", 0, -1, -1}, {"p", "", -1, -1, -1}, "p", false},
        {"mapped to two", {"p", "pqpr", 0, -1, -1}, {"r", "", -1, -1, -1}, "r", true},
        {"mapped in two steps", {"p", "pq", 0, -1, -1}, {"q", "qr", -1, -1, -1}, "r", true},
        {"not in two steps at once", {"p", "pqqr", 0, -1, -1}, {"r", "", -1, -1, -1}, "r", false},
        {"exchanged", {"pq", "pqqp", 0, -1, -1}, {"q", "", -1, -1, -1}, "q", true},
        {"mapped from nothing", {"p", "qr", 0, -1, -1}, {"r", "", -1, -1, -1}, "r", false},
        {"mapped under anyPolicy", {"*", "pq", 0, -1, -1}, {"q", "", -1, -1, -1}, "q", true},
        {"mapping inhibited", {"p", "", 0, 0, -1}, {"p", "pq", -1, -1, -1}, "q", false},
        {"then the policy is gone (6.1.4 b 2)",
         {"p", "", 0, 0, -1},
         {"p", "pq", -1, -1, -1},
         "p",
         false},
        {"inhibited after one", {"p", "pq", 0, 1, -1}, {"q", "qr", -1, -1, -1}, "r", true},
        {"from anyPolicy (6.1.4 a)", {"*", "*p", -1, -1, -1}, {"p", "", -1, -1, -1}, "p", false},
        {"to anyPolicy (6.1.4 a)", {"p", "p*", -1, -1, -1}, {"p", "", -1, -1, -1}, "p", false},
    };
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        outcome o =
            VALIDATE(&rules, leaf_with("c", policies(rows[i].leaf)),
                     issue_ca("c", "b", &rows[i].second), issue_ca("b", "a", &rows[i].first));
        cr_expect_eq(o.error, rows[i].is_accepted ? HF_OK : HF_ERROR_CERTIFICATE_POLICY, "%s: %d",
                     rows[i].what, o.error);
    }
}

/* The certificate at which the last policy is lost. */
Test(policy, failed_certificate)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    static const policy_ca requires = {"p", "", 0, -1, -1}, none = {"", "", -1, -1, -1};
    outcome o = VALIDATE(&rules, leaf_with("c", policies("p")), issue_ca("c", "b", &none),
                         issue_ca("b", "a", &requires));
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_POLICY);
    cr_expect_eq(o.failed, 1);
}

/* OIDs so long that their length takes two octets are told apart, or not followed. */
Test(policy, long_oids)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    uint8_t content[260];
    memset(content, 0x55, sizeof content);
    hf_span first = pki_element(0x06, (hf_span){content, sizeof content});
    content[200] = 0x56;
    hf_span second = pki_element(0x06, (hf_span){content, sizeof content});
    hf_span ca =
        ca_with("b", "a",
                PKI_JOIN(pki_extension("2.5.29.32", false, PKI_SEQUENCE(PKI_SEQUENCE(first))),
                         limits(0, -1, -1)));
    hf_span leaf =
        leaf_with("b", pki_extension("2.5.29.32", false, PKI_SEQUENCE(PKI_SEQUENCE(second))));
    cr_expect_eq(VALIDATE(&rules, leaf, ca).error, HF_ERROR_CERTIFICATE_POLICY);
}

/* 6.1.5 (b): the leaf itself may require a policy. */
Test(policy, required_by_the_leaf)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    cr_expect_eq(VALIDATE(&rules, leaf_with("a", limits(0, -1, -1))).error,
                 HF_ERROR_CERTIFICATE_POLICY);
    cr_expect_eq(VALIDATE(&rules, leaf_with("a", PKI_JOIN(limits(0, -1, -1), policies("p")))).error,
                 HF_OK);
    cr_expect_eq(VALIDATE(&rules, leaf_with("a", limits(1, -1, -1))).error, HF_OK);
}

/* 6.1.4 (h) and 6.1.3 (d) (2): a self-issued CA counts nothing down and may use anyPolicy. */
Test(policy, self_issued)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    pki_fields rollover = {
        .subject = "b", .issuer = "b", .key = pki_key_at(10), .signer = pki_key_at(1)};
    rollover.extensions = PKI_JOIN(pki_basic_constraints(true, -1), policies("*"));
    pki_fields leaf = fields_of("z", "b");
    leaf.signer = rollover.key;
    leaf.extensions = policies("p");
    hf_span b = ca_with("b", "a", PKI_JOIN(policies("p"), limits(0, -1, 0)));
    cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&rollover), b).error, HF_OK);
    leaf.extensions = policies("*");
    cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&rollover), b).error,
                 HF_ERROR_CERTIFICATE_POLICY);
    leaf.subject = "b"; /* a leaf is no exception for being self-issued */
    cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&rollover), b).error,
                 HF_ERROR_CERTIFICATE_POLICY);
    leaf.subject = "z";
    leaf.extensions = policies("q");
    b = ca_with("b", "a", PKI_JOIN(policies("p"), limits(2, -1, -1)));
    cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&rollover), b).error, HF_OK);
    b = ca_with("b", "a", PKI_JOIN(policies("p"), limits(1, -1, -1)));
    cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&rollover), b).error,
                 HF_ERROR_CERTIFICATE_POLICY);
}

/* More policies than are followed: those that find no room are lost, and nothing else is. */
Test(policy, more_than_are_followed)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    char letters[HF_POLICIES_MAX + 2] = {0};
    for (size_t i = 0; i <= HF_POLICIES_MAX; i++) {
        letters[i] = (char)('0' + i);
    }
    const char *last = letters + HF_POLICIES_MAX;
    hf_span ca = ca_with("b", "a", PKI_JOIN(policies(letters), limits(0, -1, -1)));
    cr_expect_eq(VALIDATE(&rules, leaf_with("b", policies(last)), ca).error,
                 HF_ERROR_CERTIFICATE_POLICY);
    hf_span kept = policies((const char[]){last[-1], 0});
    cr_expect_eq(VALIDATE(&rules, leaf_with("b", kept), ca).error, HF_OK);
}
