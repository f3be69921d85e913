/* Certificate revocation lists: RFC 5280 5 and 6.3. */
#include "path_support.h"
#include "tests/support/revocation.h"

#include "tls/x509/crl.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#define UNKNOWN HF_ERROR_CERTIFICATE_STATUS_UNKNOWN
#define STALE   HF_ERROR_CERTIFICATE_STATUS_STALE
#define REVOKED HF_ERROR_CERTIFICATE_REVOKED

#define EXPECT(got, expected)                                                   \
    do {                                                                        \
        hf_error error = (got);                                                 \
        cr_expect_eq(error, (expected), "%d instead of %d", error, (expected)); \
    } while (0)

/* ---------------------------------------------------------------- what is looked up */

static const pki_key *key_of(const char *name)
{
    return pki_key_at((size_t)(name[0] - 'a'));
}

static pki_fields ca_fields(const char *name, const char *issuer)
{
    pki_fields fields = fields_of(name, issuer);
    fields.extensions = PKI_JOIN(pki_basic_constraints(true, -1),
                                 pki_key_usage(HF_KEY_USAGE_KEY_CERT_SIGN | HF_KEY_USAGE_CRL_SIGN));
    return fields;
}

/* A CA that may sign lists. */
static hf_span ca(const char *name, const char *issuer)
{
    pki_fields fields = ca_fields(name, issuer);
    return pki_issue(&fields);
}

static crl_fields list_of(const char *issuer)
{
    return (crl_fields){.issuer = issuer, .signer = {.key = key_of(issuer)}};
}

static hf_span list_with(const char *issuer, hf_span extensions)
{
    crl_fields fields = list_of(issuer);
    fields.extensions = extensions;
    return crl_issue(&fields);
}

static hf_span good_list(const char *issuer)
{
    return list_with(issuer, PKI_NONE);
}

static hf_span revoking_list(const char *issuer, hf_span entries)
{
    crl_fields fields = list_of(issuer);
    fields.revoked = PKI_SEQUENCE(entries);
    return crl_issue(&fields);
}

/* Rules for the root "a", at NOW, with lists. */
static hf_trust_anchor anchor;
static hf_span lists[40];

static hf_path_rules rules_with(const hf_span *given, size_t count)
{
    hf_path_rules rules = rules_for(&anchor, ca("a", "a"));
    memcpy(lists, given, count * sizeof lists[0]);
    rules.crls = lists;
    rules.crl_count = count;
    return rules;
}
#define RULES_WITH(...) rules_with((const hf_span[]){__VA_ARGS__}, PKI_COUNT(__VA_ARGS__))

/* What becomes of a leaf of "a" with these lists. */
static hf_error look_up(hf_span leaf, const hf_span *given, size_t count)
{
    hf_path_rules rules = rules_with(given, count);
    outcome o = VALIDATE(&rules, leaf);
    if (o.error != HF_OK) {
        cr_expect_eq(o.failed, 0);
    }
    return o.error;
}
#define LOOK_UP(leaf, ...) look_up((leaf), (const hf_span[]){__VA_ARGS__}, PKI_COUNT(__VA_ARGS__))

/* ---------------------------------------------------------------- reading */

static hf_span list_with_everything(void)
{
    crl_fields fields = list_of("a");
    hf_span reason = pki_extension("2.5.29.21", false, pki_hex("0a0101"));
    hf_span date = pki_extension("2.5.29.24", false, pki_time("20241101000000Z"));
    fields.revoked = PKI_SEQUENCE(crl_entry(7, reason), crl_entry(8, PKI_JOIN(reason, date)));
    fields.extensions = crl_distribution_point(
        PKI_JOIN(pki_full_name(pki_general_name(0x86, "http://a.example/list")), pki_hex("8101ff"),
                 pki_hex("8302017e")));
    return crl_to_be_signed(&fields);
}

static hf_span signed_by_a(hf_span to_be_signed)
{
    const pki_signer signer = {.key = key_of("a")};
    return PKI_SEQUENCE(pki_signed(&signer, to_be_signed));
}

Test(crl, each_prefix)
{
    hf_span list = signed_by_a(list_with_everything());
    cr_assert_eq(hf_crl_kind_of(list), HF_CRL_COMPLETE);
    for (size_t size = 0; size < list.size; size++) {
        cr_expect_eq(hf_crl_kind_of((hf_span){list.data, size}), HF_CRL_MALFORMED, "%zu octets",
                     size);
    }
}

/* Every length one off, in what is rightly signed all the same. */
Test(crl, each_length)
{
    hf_span good = list_with_everything();
    size_t position, count = 0;
    for (; pki_length_at(good, count, &position); count++) {
        for (int difference = -1; difference <= 1; difference += 2) {
            hf_span changed = pki_changed(good, position, difference);
            EXPECT(LOOK_UP(leaf_of("a"), signed_by_a(changed)), UNKNOWN);
        }
    }
    cr_assert_gt(count, 35);
}

static void expect_malformed(hf_span to_be_signed)
{
    cr_expect_eq(hf_crl_kind_of(signed_by_a(to_be_signed)), HF_CRL_MALFORMED);
}

/* The lengths of issuingDistributionPoint, which an OCTET STRING hides from each_length. */
Test(crl, each_length_of_distribution_point)
{
    hf_span fields = PKI_JOIN(pki_full_name(pki_general_name(0x86, "http://a.example/list")),
                              pki_hex("8101ff"), pki_hex("8302017e"), pki_hex("8400"));
    hf_span value = PKI_SEQUENCE(fields);
    size_t position;
    for (size_t n = 0; pki_length_at(value, n, &position); n++) {
        for (int difference = -1; difference <= 1; difference += 2) {
            hf_span changed = pki_changed(value, position, difference);
            cr_expect_eq(hf_crl_kind_of(list_with("a", pki_extension("2.5.29.28", true, changed))),
                         HF_CRL_MALFORMED, "length %zu", n);
        }
    }
}

Test(crl, trailing_octets)
{
    hf_span tbs = list_with_everything(), list = signed_by_a(tbs), more = pki_hex("00");
    const pki_signer signer = {.key = key_of("a")};
    cr_expect_eq(hf_crl_kind_of(PKI_JOIN(list, more)), HF_CRL_MALFORMED);
    cr_expect_eq(hf_crl_kind_of(PKI_SEQUENCE(pki_signed(&signer, tbs), pki_hex("0500"))),
                 HF_CRL_MALFORMED);
    size_t length;
    cr_assert(pki_length_at(tbs, 0, &length));
    hf_span content = {tbs.data + length + 1, tbs.size - length - 1};
    cr_assert_eq(hf_crl_kind_of(signed_by_a(PKI_SEQUENCE(content))), HF_CRL_COMPLETE);
    expect_malformed(PKI_SEQUENCE(content, pki_hex("0500")));
    hf_span number = pki_hex("02010100");
    crl_fields fields = list_of("a");
    fields.has_no_number = true;
    fields.extensions = pki_extension("2.5.29.20", false, number);
    expect_malformed(crl_to_be_signed(&fields));
    fields.extensions = pki_extension("2.5.29.20", false, pki_hex("020101"));
    cr_expect_eq(hf_crl_kind_of(crl_issue(&fields)), HF_CRL_COMPLETE);
}

/* 5.1.2.1: version 2, which is 1; without the field it is version 1. */
Test(crl, version)
{
    static const char *const versions[] = {"020100", "020102",          "0201ff", "02020001",
                                           "0200",   "020501000000 01", "0a0101"};
    crl_fields fields = list_of("a");
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        fields.version = pki_hex(i == 5 ? "02050100000001" : versions[i]);
        expect_malformed(crl_to_be_signed(&fields));
    }
    hf_span tbs = good_list("a");
    cr_assert_eq(hf_crl_kind_of(tbs), HF_CRL_COMPLETE);
    fields = list_of("a");
    hf_span first = PKI_SEQUENCE(pki_algorithm(&fields.signer), pki_name("a"),
                                 pki_time("20241201000000Z"), pki_time("20250201000000Z"));
    expect_malformed(first);
}

/* 5.2.3: in every list, never critical, not negative, up to 20 octets. */
Test(crl, number)
{
    crl_fields fields = list_of("a");
    fields.has_no_extensions = true;
    expect_malformed(crl_to_be_signed(&fields));
    fields.has_no_extensions = false;
    fields.has_no_number = true;
    expect_malformed(crl_to_be_signed(&fields)); /* SIZE (1..MAX) */
    fields.extensions = pki_extension("1.3.6.1.4.1.55555.1", false, pki_hex("00"));
    expect_malformed(crl_to_be_signed(&fields));
    fields.extensions = pki_extension("2.5.29.20", true, pki_hex("020101"));
    expect_malformed(crl_to_be_signed(&fields));
    static const char *const bad[] = {"",       "0200",
                                      "0201ff", "02020001",
                                      "040101", "0215010000000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fields.extensions = pki_extension("2.5.29.20", false, pki_hex(bad[i]));
        expect_malformed(crl_to_be_signed(&fields));
    }
    static const char *const good[] = {"020100", "02020080",
                                       "02147f00000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        fields.extensions = pki_extension("2.5.29.20", false, pki_hex(good[i]));
        cr_expect_eq(hf_crl_kind_of(crl_issue(&fields)), HF_CRL_COMPLETE, "%s", good[i]);
    }
}

/* 5.1.2.6: where nobody is revoked the field is absent. */
Test(crl, empty_list_of_entries)
{
    crl_fields fields = list_of("a");
    fields.revoked = pki_hex("3000");
    expect_malformed(crl_to_be_signed(&fields));
}

/* 5.1.1.2: the algorithm is the same inside and outside. 5.1.2.3: the issuer has a name. */
Test(crl, algorithm_and_issuer)
{
    crl_fields fields = list_of("a");
    fields.outer_algorithm = PKI_SEQUENCE(pki_oid("1.2.840.10045.4.3.3"));
    cr_expect_eq(hf_crl_kind_of(crl_issue(&fields)), HF_CRL_MALFORMED);
    fields = list_of("a");
    fields.issuer_der = pki_hex("3000");
    expect_malformed(crl_to_be_signed(&fields));
    fields.issuer_der = pki_hex("30023100");
    expect_malformed(crl_to_be_signed(&fields));
}

/* 5.1.2.4 and 5.1.2.5: both types of time, in the forms of 4.1.2.5 alone. */
Test(crl, times)
{
    static const char *const bad[] = {"241201000000z", "2412010000000",   "20241301000000Z",
                                      "241232000000Z", "20241201246000Z", "2024120100000+Z"};
    crl_fields fields = list_of("a");
    fields.this_update = "241201000000Z";
    fields.next_update = "250201000000Z";
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), HF_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fields.this_update = bad[i];
        fields.next_update = NULL;
        expect_malformed(crl_to_be_signed(&fields));
        fields.this_update = NULL;
        fields.next_update = bad[i];
        expect_malformed(crl_to_be_signed(&fields));
    }
}

/* 4.2: at most one of each extension. */
Test(crl, repeated_extensions)
{
    hf_span harmless = pki_extension("1.3.6.1.4.1.55555.1", false, pki_hex("00"));
    hf_span other = pki_extension("1.3.6.1.4.1.55555.2", false, pki_hex("00"));
    EXPECT(LOOK_UP(leaf_of("a"), list_with("a", PKI_JOIN(harmless, other))), HF_OK);
    cr_expect_eq(hf_crl_kind_of(list_with("a", PKI_JOIN(harmless, other, harmless))),
                 HF_CRL_MALFORMED);
    hf_span number = pki_extension("2.5.29.20", false, pki_hex("020101"));
    cr_expect_eq(hf_crl_kind_of(list_with("a", number)), HF_CRL_MALFORMED);
}

/* 5.2: what is critical must be understood. */
Test(crl, unknown_critical_extension)
{
    hf_span critical = pki_extension("1.3.6.1.4.1.55555.1", true, pki_hex("00"));
    crl_fields fields = list_of("a");
    fields.extensions = critical;
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), UNKNOWN);
    fields.revoked = PKI_SEQUENCE(crl_entry(1, PKI_NONE));
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), UNKNOWN);
}

/* ---------------------------------------------------------------- issuingDistributionPoint */

/* 5.2.5: at most one of onlyContainsUserCerts, onlyContainsCACerts, onlyContainsAttributeCerts;
 * fields in their order, canonical, never all of them absent. */
Test(crl, distribution_point_syntax)
{
    static const struct {
        const char *fields;
        hf_crl_kind kind;
    } rows[] = {
        {"8101ff", HF_CRL_COMPLETE},
        {"8201ff", HF_CRL_COMPLETE},
        {"8501ff", HF_CRL_COMPLETE},
        {"8401ff", HF_CRL_INDIRECT},
        {"8101ff8401ff", HF_CRL_INDIRECT},
        {"83020640", HF_CRL_COMPLETE},
        {"8303070080", HF_CRL_COMPLETE},
        {"", HF_CRL_MALFORMED},
        {"8101ff8201ff", HF_CRL_MALFORMED},
        {"8101ff8501ff", HF_CRL_MALFORMED},
        {"8201ff8501ff", HF_CRL_MALFORMED},
        {"8101ff8201ff8501ff", HF_CRL_MALFORMED},
        {"8201ff8101ff", HF_CRL_MALFORMED}, /* order */
        {"8401ff83020640", HF_CRL_MALFORMED},
        {"8101ff8101ff", HF_CRL_MALFORMED}, /* twice */
        {"810101", HF_CRL_MALFORMED},       /* BOOLEAN */
        {"8100", HF_CRL_MALFORMED},
        {"8102ffff", HF_CRL_MALFORMED},
        {"a1030101ff", HF_CRL_MALFORMED}, /* EXPLICIT */
        {"8601ff", HF_CRL_MALFORMED},     /* unknown */
        {"0500", HF_CRL_MALFORMED},
        {"8300", HF_CRL_MALFORMED}, /* ReasonFlags */
        {"830100", HF_CRL_COMPLETE},
        {"83020840", HF_CRL_MALFORMED},
        {"83020641", HF_CRL_MALFORMED}, /* a bit that is not used, but set */
        {"830207ff", HF_CRL_MALFORMED},
        {"a000", HF_CRL_MALFORMED}, /* DistributionPointName */
        {"a002a000", HF_CRL_MALFORMED},
        {"a002a100", HF_CRL_MALFORMED},
        {"a0020500", HF_CRL_MALFORMED},
        {"a007a0058603612f62", HF_CRL_COMPLETE},
        {"a009a0058603612f620500", HF_CRL_MALFORMED},
        {"a007a00586036180ff", HF_CRL_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_span list = list_with("a", crl_distribution_point(pki_hex(rows[i].fields)));
        cr_expect_eq(hf_crl_kind_of(list), rows[i].kind, "%s: %d", rows[i].fields,
                     hf_crl_kind_of(list));
    }
}

static hf_span scoped(const char *issuer, const char *fields)
{
    return list_with(issuer, crl_distribution_point(pki_hex(fields)));
}

/* RFC 5280 6.3.3 (b) (2) (ii) to (iv). */
Test(crl, kinds_of_certificates)
{
    hf_span leaf = leaf_of("a");
    EXPECT(LOOK_UP(leaf, scoped("a", "8101ff")), HF_OK);
    EXPECT(LOOK_UP(leaf, scoped("a", "8201ff")), UNKNOWN);
    EXPECT(LOOK_UP(leaf, scoped("a", "8501ff")), UNKNOWN);
    EXPECT(LOOK_UP(leaf, scoped("a", "8201ff"), scoped("a", "8101ff")), HF_OK);
    /* A CA needs one for CAs. */
    hf_path_rules rules = RULES_WITH(good_list("b"), scoped("a", "8101ff"));
    outcome o = VALIDATE(&rules, leaf_of("b"), ca("b", "a"));
    cr_expect_eq(o.error, UNKNOWN);
    cr_expect_eq(o.failed, 1);
    rules = RULES_WITH(good_list("b"), scoped("a", "8201ff"));
    EXPECT(VALIDATE(&rules, leaf_of("b"), ca("b", "a")).error, HF_OK);
    /* What is out of scope does not revoke either. */
    crl_fields fields = list_of("a");
    fields.revoked = PKI_SEQUENCE(crl_entry(1, PKI_NONE));
    fields.extensions = crl_distribution_point(pki_hex("8201ff"));
    EXPECT(LOOK_UP(leaf, crl_issue(&fields), good_list("a")), HF_OK);
}

/* Neither deltas (5.2.4) nor indirect lists (5.2.5) decide anything. */
Test(crl, deltas_and_indirect_lists)
{
    hf_span delta = list_with("a", pki_extension("2.5.29.27", true, pki_hex("020101")));
    cr_expect_eq(hf_crl_kind_of(delta), HF_CRL_DELTA);
    EXPECT(LOOK_UP(leaf_of("a"), delta), UNKNOWN);
    EXPECT(LOOK_UP(leaf_of("a"), scoped("a", "8401ff")), UNKNOWN);
    EXPECT(LOOK_UP(leaf_of("a"), delta, scoped("a", "8401ff"), good_list("a")), HF_OK);
}

/* ---------------------------------------------------------------- reasons */

/* 6.3.3: all reasons must be spoken for, by however many lists. */
Test(crl, reasons)
{
    hf_span leaf = leaf_of("a");
    hf_span some = scoped("a", "83020560"); /* keyCompromise, cACompromise */
    hf_span others = scoped("a", "8303071f80");
    EXPECT(LOOK_UP(leaf, some), UNKNOWN);
    EXPECT(LOOK_UP(leaf, others), UNKNOWN);
    EXPECT(LOOK_UP(leaf, some, some), UNKNOWN);
    EXPECT(LOOK_UP(leaf, some, others), HF_OK);
    EXPECT(LOOK_UP(leaf, others, some), HF_OK);
    EXPECT(LOOK_UP(leaf, scoped("a", "8303077f80")), HF_OK);
    EXPECT(LOOK_UP(leaf, scoped("a", "830200ff")), UNKNOWN); /* not aACompromise */
    EXPECT(LOOK_UP(leaf, scoped("a", "830200ff"), scoped("a", "8303070080")), HF_OK);
    EXPECT(LOOK_UP(leaf, some, good_list("a")), HF_OK);
    crl_fields fields = list_of("a");
    fields.revoked = PKI_SEQUENCE(crl_entry(1, PKI_NONE));
    fields.extensions = crl_distribution_point(pki_hex("8303071f80"));
    EXPECT(LOOK_UP(leaf, some, crl_issue(&fields)), REVOKED);
    EXPECT(LOOK_UP(leaf, crl_issue(&fields)), REVOKED);
}

/* ---------------------------------------------------------------- distribution points */

static hf_span leaf_with_points(hf_span points)
{
    return leaf_with("a", pki_distribution_points(points));
}

static hf_span leaf_with_name(hf_span name)
{
    return leaf_with_points(pki_distribution_point(name, PKI_NONE));
}

static hf_span list_at(hf_span name)
{
    return list_with("a", crl_distribution_point(name));
}

/* "O=Parts" as another RelativeDistinguishedName, and the name of "a" with it. */
static hf_span part(const char *text)
{
    return PKI_SEQUENCE(pki_oid("2.5.4.10"), pki_element(0x0c, pki_text(text)));
}

static hf_span name_with_part(const char *common_name, const char *text)
{
    hf_span attribute = PKI_SEQUENCE(pki_oid("2.5.4.3"), pki_element(0x0c, pki_text(common_name)));
    return PKI_SEQUENCE(pki_element(0x31, attribute), pki_element(0x31, part(text)));
}

static hf_span directory(hf_span name)
{
    return pki_full_name(pki_element(0xa4, name));
}

/* 6.3.3 (b) (2) (i), full names of every kind. */
Test(crl, full_names)
{
    hf_span other = PKI_DER(0xa0, pki_oid("1.3.6.1.4.1.55555.3"), pki_hex("a0020500"));
    const hf_span names[] = {
        pki_general_name(0x86, "http://a.example/list"),
        pki_general_name(0x82, "a.example"),
        pki_general_name(0x81, "a@a.example"),
        pki_element(0xa4, pki_name("list 1")),
        pki_element(0x87, pki_hex("7f000001")),
        pki_hex("88032a0304"),
        other,
    };
    size_t count = sizeof names / sizeof names[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            EXPECT(
                LOOK_UP(leaf_with_name(pki_full_name(names[i])), list_at(pki_full_name(names[j]))),
                i == j ? HF_OK : UNKNOWN);
        }
        hf_span all = pki_full_name(pki_join(names, count));
        EXPECT(LOOK_UP(leaf_with_name(pki_full_name(names[i])), list_at(all)), HF_OK);
        EXPECT(LOOK_UP(leaf_with_name(all), list_at(pki_full_name(names[i]))), HF_OK);
    }
    EXPECT(LOOK_UP(leaf_with_name(directory(pki_name("list  1"))),
                   list_at(directory(pki_name("LIST 1")))),
           HF_OK);
    EXPECT(LOOK_UP(leaf_with_name(pki_full_name(pki_general_name(0x86, "http://a.example/1"))),
                   list_at(pki_full_name(pki_general_name(0x86, "http://a.example/2")))),
           UNKNOWN);
}

/* 4.2.1.13: a relative name is what follows the issuer's. */
Test(crl, relative_names)
{
    hf_span relative = pki_relative_name(part("Parts"));
    hf_span full = directory(name_with_part("a", "Parts"));
    EXPECT(LOOK_UP(leaf_with_name(relative), list_at(relative)), HF_OK);
    EXPECT(LOOK_UP(leaf_with_name(relative), list_at(full)), HF_OK);
    EXPECT(LOOK_UP(leaf_with_name(full), list_at(relative)), HF_OK);
    EXPECT(LOOK_UP(leaf_with_name(relative), list_at(pki_relative_name(part("Other")))), UNKNOWN);
    EXPECT(LOOK_UP(leaf_with_name(relative), list_at(directory(name_with_part("b", "Parts")))),
           UNKNOWN);
    EXPECT(LOOK_UP(leaf_with_name(relative), list_at(directory(name_with_part("a", "Other")))),
           UNKNOWN);
    EXPECT(LOOK_UP(leaf_with_name(relative), list_at(directory(pki_name("b")))), UNKNOWN);
    EXPECT(LOOK_UP(leaf_with_name(relative),
                   list_at(pki_full_name(pki_general_name(0x82, "a.example")))),
           UNKNOWN);
    /* 7.1: compared as names are. */
    hf_span shouted = pki_relative_name(part("PARTS"));
    EXPECT(LOOK_UP(leaf_with_name(relative), list_at(shouted)), HF_OK);
    EXPECT(LOOK_UP(leaf_with_name(shouted), list_at(full)), HF_OK);
}

/* A list of one part is not enough for a certificate that does not say that it is in it. */
Test(crl, distribution_point_on_one_side)
{
    hf_span name = pki_full_name(pki_general_name(0x86, "http://a.example/list"));
    EXPECT(LOOK_UP(leaf_of("a"), list_at(name)), UNKNOWN);
    EXPECT(LOOK_UP(leaf_with_name(name), good_list("a")), HF_OK);
    EXPECT(LOOK_UP(leaf_with_name(name), scoped("a", "8101ff")), HF_OK);
    EXPECT(
        LOOK_UP(leaf_with_points(pki_distribution_point(PKI_NONE, pki_hex("0640"))), list_at(name)),
        UNKNOWN);
}

/* 6.3.3, at the end: a list of the issuer's that is not from any distribution point is taken as if
 * the certificate had one for all reasons, with the issuer's name. */
Test(crl, lists_from_elsewhere)
{
    hf_span name = pki_full_name(pki_general_name(0x86, "http://a.example/list"));
    hf_span issuer_field = PKI_DER(0xa2, PKI_DER(0xa4, pki_name("other")));
    hf_span indirect = leaf_with_points(PKI_SEQUENCE(name, issuer_field));
    EXPECT(LOOK_UP(indirect, list_at(name)), UNKNOWN); /* (b) (1): it is not an indirect list */
    EXPECT(LOOK_UP(indirect, good_list("a")), HF_OK);
    hf_span for_some = leaf_with_points(pki_distribution_point(name, pki_hex("0560")));
    EXPECT(LOOK_UP(for_some, list_at(name)), UNKNOWN);
    EXPECT(LOOK_UP(for_some, good_list("a")), HF_OK);
    EXPECT(LOOK_UP(for_some, list_at(name), good_list("a")), HF_OK);
    hf_span by_issuer = list_at(directory(pki_name("a")));
    EXPECT(LOOK_UP(leaf_of("a"), by_issuer), HF_OK);
    EXPECT(LOOK_UP(leaf_of("a"), list_at(directory(pki_name("b")))), UNKNOWN);
}

/* (d): the reasons of the point and those of the list, whichever are fewer. */
Test(crl, reasons_of_points)
{
    hf_span one = pki_full_name(pki_general_name(0x86, "http://a.example/1"));
    hf_span two = pki_full_name(pki_general_name(0x86, "http://a.example/2"));
    hf_span leaf = leaf_with_points(PKI_JOIN(pki_distribution_point(one, pki_hex("0560")),
                                             pki_distribution_point(two, pki_hex("071f80"))));
    EXPECT(LOOK_UP(leaf, list_at(one)), UNKNOWN);
    EXPECT(LOOK_UP(leaf, list_at(two)), UNKNOWN);
    EXPECT(LOOK_UP(leaf, list_at(one), list_at(two)), HF_OK);
    EXPECT(LOOK_UP(leaf, list_at(one),
                   list_at(PKI_JOIN(two, pki_hex("8303070080")))), /* aACompromise alone */
           UNKNOWN);
    leaf = leaf_with_points(
        PKI_JOIN(pki_distribution_point(one, PKI_NONE), pki_distribution_point(two, PKI_NONE)));
    EXPECT(LOOK_UP(leaf, list_at(two)), HF_OK);
}

/* Points that are not of the form do not count, and do no harm. */
Test(crl, malformed_points)
{
    hf_span name = pki_full_name(pki_general_name(0x86, "http://a.example/list"));
    static const char *const bad[] = {"3000", "30020500", "3003810100", "3004a002a000", "3002a000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        EXPECT(LOOK_UP(leaf_with_points(pki_hex(bad[i])), list_at(name)), UNKNOWN);
    }
}

/* ---------------------------------------------------------------- what a list says */

Test(crl, entries)
{
    hf_span leaf = leaf_of("a"); /* serial number 1 */
    EXPECT(LOOK_UP(leaf, good_list("a")), HF_OK);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(2, PKI_NONE))), HF_OK);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(1, PKI_NONE))), REVOKED);
    EXPECT(LOOK_UP(leaf, revoking_list("a", PKI_JOIN(crl_entry(2, PKI_NONE), crl_entry(1, PKI_NONE),
                                                     crl_entry(3, PKI_NONE)))),
           REVOKED);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(257, PKI_NONE))), HF_OK);
    /* Some CAs have issued serial numbers that are negative. */
    pki_fields fields = fields_of("z", "a");
    fields.serial = pki_hex("0201ff");
    hf_span negative = PKI_SEQUENCE(pki_hex("0201ff"), pki_time("241115120000Z"));
    EXPECT(LOOK_UP(pki_issue(&fields), revoking_list("a", negative)), REVOKED);
    EXPECT(LOOK_UP(pki_issue(&fields), revoking_list("a", crl_entry(255, PKI_NONE))), HF_OK);
}

/* One broken entry spoils the list, wherever it stands. */
Test(crl, malformed_entries)
{
    static const char *const bad[] = {
        "0500",
        "3000",
        "3003020102",                                   /* no date */
        "3014020102170d3234313131353132303030305a0500", /* no extensions */
        "3014020102170d3234313131353132303030305a3000", /* SIZE (1..MAX) */
        "30110200170d3234313131353132303030305a",       /* no serial number */
        "301302020002170d3234313131353132303030305a",   /* a longer one than it need be */
        "3013020102170d3234313131353132303030305a00",   /* trailing */
        "3012020102180d3234313131353132303030305a",     /* no time */
        "3013020102170d3234313131353132303030305a",     /* beyond the end */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hf_span entry = pki_hex(bad[i]);
        EXPECT(LOOK_UP(leaf_of("a"), revoking_list("a", entry)), UNKNOWN);
        EXPECT(LOOK_UP(leaf_of("a"), revoking_list("a", PKI_JOIN(crl_entry(3, PKI_NONE), entry))),
               UNKNOWN);
    }
}

/* 5.3: a list with a critical entry extension that is not understood is of no use at all. */
Test(crl, extensions_of_entries)
{
    hf_span leaf = leaf_of("a");
    hf_span unknown = pki_extension("1.3.6.1.4.1.55555.1", true, pki_hex("00"));
    hf_span harmless = pki_extension("1.3.6.1.4.1.55555.1", false, pki_hex("00"));
    hf_span other_issuer = pki_extension(
        "2.5.29.29", true, PKI_SEQUENCE(pki_element(0xa4, pki_name("b")))); /* 5.3.3 */
    hf_span reason = pki_extension("2.5.29.21", true, pki_hex("0a0101"));
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(2, unknown))), UNKNOWN);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(1, unknown))), UNKNOWN);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(2, other_issuer))), UNKNOWN);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(2, harmless))), HF_OK);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(1, harmless))), REVOKED);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(1, reason))), REVOKED);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(2, reason))), HF_OK);
    EXPECT(LOOK_UP(leaf, revoking_list("a", crl_entry(2, PKI_JOIN(harmless, harmless)))), UNKNOWN);
}

/* 5.3.1 and 5.3.2: what is understood is of the right form. */
Test(crl, reason_codes)
{
    static const struct {
        const char *value;
        bool is_good;
    } rows[] = {{"0a0100", true},    {"0a0106", true},  {"0a010a", true},     {"0a0107", false},
                {"0a010b", false},   {"0a01ff", false}, {"020101", false},    {"0a00", false},
                {"0a020001", false}, {"", false},       {"0a01010500", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_span reason = pki_extension("2.5.29.21", false, pki_hex(rows[i].value));
        EXPECT(LOOK_UP(leaf_of("a"), revoking_list("a", crl_entry(2, reason))),
               rows[i].is_good ? HF_OK : UNKNOWN);
    }
    hf_span date = pki_extension("2.5.29.24", false, pki_time("20241101000000Z"));
    EXPECT(LOOK_UP(leaf_of("a"), revoking_list("a", crl_entry(2, date))), HF_OK);
    date = pki_extension("2.5.29.24", false, pki_time("20241101000000+"));
    EXPECT(LOOK_UP(leaf_of("a"), revoking_list("a", crl_entry(2, date))), UNKNOWN);
    date = pki_extension("2.5.29.24", false, pki_time("241101000000Z")); /* UTCTime */
    EXPECT(LOOK_UP(leaf_of("a"), revoking_list("a", crl_entry(2, date))), UNKNOWN);
}

/* ---------------------------------------------------------------- which lists count */

Test(crl, issuer)
{
    EXPECT(LOOK_UP(leaf_of("a"), good_list("b")), UNKNOWN);
    EXPECT(LOOK_UP(leaf_of("a"), revoking_list("b", crl_entry(1, PKI_NONE)), good_list("a")),
           HF_OK);
    crl_fields fields = list_of("a");
    fields.issuer = "A"; /* 7.1 */
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), HF_OK);
}

/* Of make_pki.sh. */
Test(crl, made_by_openssl)
{
    const hf_span root = pki_bytes_of("root-p256.crl.der");
    hf_span leaf = pki_bytes_of("server-p256.der"), ca_ = pki_bytes_of("inter-p256.der");
    hf_path_rules rules = RULES_WITH(root, pki_bytes_of("inter-p256.crl.der"));
    rules.anchors = &(hf_trust_anchor){.certificate = pki_bytes_of("root-p256.der")};
    EXPECT(VALIDATE(&rules, leaf, ca_).error, HF_OK);
    lists[1] = pki_bytes_of("inter-p256-revoked.crl.der");
    outcome o = VALIDATE(&rules, leaf, ca_);
    cr_expect_eq(o.error, REVOKED);
    cr_expect_eq(o.failed, 0);
    lists[1] = pki_bytes_of("inter-rsa2048.crl.der");
    EXPECT(VALIDATE(&rules, leaf, ca_).error, UNKNOWN);
    rules.anchors = &(hf_trust_anchor){.certificate = pki_bytes_of("inter-rsa2048.der")};
    EXPECT(VALIDATE(&rules, pki_bytes_of("server-rsa2048.der")).error, HF_OK);
}

/* 6.3.3 (a), 5.1.2.4, 5.1.2.5. */
Test(crl, freshness)
{
    crl_fields fields = list_of("a");
    fields.this_update = "20250101000001Z";
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), STALE);
    fields.this_update = "20250101000000Z";
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), HF_OK);
    fields.next_update = "20250101000000Z";
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), HF_OK);
    fields.this_update = NULL;
    fields.next_update = "20241231235959Z";
    hf_span old = crl_issue(&fields);
    EXPECT(LOOK_UP(leaf_of("a"), old), STALE);
    EXPECT(LOOK_UP(leaf_of("a"), old, good_list("a")), HF_OK);
    EXPECT(LOOK_UP(leaf_of("a"), old, good_list("b")), STALE);
    fields.next_update = "";
    hf_span for_ever = crl_issue(&fields);
    cr_expect_eq(hf_crl_kind_of(for_ever), HF_CRL_COMPLETE);
    EXPECT(LOOK_UP(leaf_of("a"), for_ever), STALE);
    hf_path_rules rules = RULES_WITH(old);
    rules.ignore_time = true;
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, HF_OK);
    rules = RULES_WITH(for_ever);
    rules.ignore_time = true;
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, HF_OK);
}

Test(crl, signature)
{
    crl_fields fields = list_of("a");
    fields.signer.is_bad = true;
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), UNKNOWN);
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields), good_list("a")), HF_OK);
    fields.revoked = PKI_SEQUENCE(crl_entry(1, PKI_NONE));
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields), good_list("a")), HF_OK);
    fields = list_of("a");
    fields.signer.key = key_of("b");
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), UNKNOWN);
    fields = list_of("a");
    fields.signer.algorithm = PKI_SEQUENCE(pki_oid("1.3.101.112")); /* Ed25519 */
    EXPECT(LOOK_UP(leaf_of("a"), crl_issue(&fields)), UNKNOWN);
}

Test(crl, weak_hash)
{
    crl_fields fields = list_of("a");
    fields.signer.is_sha1 = true;
    hf_path_rules rules = RULES_WITH(crl_issue(&fields));
    outcome o = VALIDATE(&rules, leaf_of("a"));
    cr_expect_eq(o.error, UNKNOWN);
    rules.allow_sha1 = true;
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, HF_OK);
    fields = list_of("a");
    fields.signer.algorithm =
        PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.4"), pki_hex("0500")); /* MD5 */
    rules = RULES_WITH(crl_issue(&fields));
    rules.allow_sha1 = true;
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, UNKNOWN);
}

/* 6.3.3 (f): where there is a keyUsage it must have cRLSign. */
Test(crl, issuer_that_may_not_sign_lists)
{
    hf_path_rules rules = RULES_WITH(good_list("a"));
    rules.anchors = &(hf_trust_anchor){.certificate = root_of("a")}; /* keyCertSign alone */
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, UNKNOWN);
    pki_fields fields = fields_of("a", "a");
    fields.extensions = pki_basic_constraints(true, -1);
    rules.anchors = &(hf_trust_anchor){.certificate = pki_issue(&fields)};
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, HF_OK);
    rules = RULES_WITH(good_list("a"), good_list("b"));
    outcome o = VALIDATE(&rules, leaf_of("b"), ca_of("b", "a"));
    cr_expect_eq(o.error, UNKNOWN);
    cr_expect_eq(o.failed, 0);
    /* Nor may it revoke. */
    rules = RULES_WITH(good_list("a"), revoking_list("b", crl_entry(1, PKI_NONE)));
    rules.allow_missing_crls = true;
    EXPECT(VALIDATE(&rules, leaf_of("b"), ca_of("b", "a")).error, HF_OK);
}

Test(crl, each_certificate_of_the_path)
{
    hf_span leaf = leaf_of("c"), c = ca("c", "b"), b = ca("b", "a");
    hf_span revoked = crl_entry(1, PKI_NONE);
    hf_path_rules rules = RULES_WITH(good_list("a"), good_list("b"), good_list("c"));
    outcome o = VALIDATE(&rules, leaf, c, b);
    cr_expect_eq(o.error, HF_OK);
    cr_expect_eq(o.length, 3);
    static const char *const names[] = {"c", "b", "a"};
    for (uint8_t i = 0; i < 3; i++) {
        hf_span some[3];
        for (size_t j = 0; j < 3; j++) {
            some[j] = j == i ? revoking_list(names[j], revoked) : good_list(names[j]);
        }
        rules = rules_with(some, 3);
        o = VALIDATE(&rules, leaf, c, b);
        cr_expect_eq(o.error, REVOKED);
        cr_expect_eq(o.failed, i);
        rules.allow_missing_crls = true;
        EXPECT(VALIDATE(&rules, leaf, c, b).error, REVOKED);
        some[i] = good_list("x");
        rules = rules_with(some, 3);
        o = VALIDATE(&rules, leaf, c, b);
        cr_expect_eq(o.error, UNKNOWN);
        cr_expect_eq(o.failed, i);
        rules.allow_missing_crls = true;
        EXPECT(VALIDATE(&rules, leaf, c, b).error, HF_OK);
    }
}

/* An anchor that is only a name and a key may sign lists as well. */
Test(crl, bare_anchor)
{
    hf_path_rules rules = RULES_WITH(good_list("a"));
    const hf_trust_anchor bare = {.name = pki_name("a"), .public_key = pki_public_key(key_of("a"))};
    rules.anchors = &bare;
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, HF_OK);
    rules = RULES_WITH(revoking_list("a", crl_entry(1, PKI_NONE)));
    rules.anchors = &bare;
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, REVOKED);
    rules = RULES_WITH(good_list("b"));
    rules.anchors = &bare;
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, UNKNOWN);
    rules.allow_missing_crls = true;
    EXPECT(VALIDATE(&rules, leaf_of("a")).error, HF_OK);
}

/* Nobody speaks about an anchor, also where it is the leaf. */
Test(crl, pinned_leaf)
{
    hf_span leaf = leaf_of("a");
    hf_path_rules rules = RULES_WITH(revoking_list("a", crl_entry(1, PKI_NONE)));
    rules.anchors = &(hf_trust_anchor){.certificate = leaf};
    EXPECT(VALIDATE(&rules, leaf).error, HF_OK);
}

/* ---------------------------------------------------------------- other keys of the issuer's */

/* A certificate of the name "b" for the key of another letter. */
static pki_fields namesake(const char *key, const char *issuer, const char *signer)
{
    pki_fields fields = fields_of("b", issuer);
    fields.key = key_of(key);
    fields.signer = key_of(signer);
    fields.serial = pki_integer(5);
    fields.extensions = pki_key_usage(HF_KEY_USAGE_CRL_SIGN);
    return fields;
}

static hf_span list_by(const char *issuer, const char *key, hf_span entries)
{
    crl_fields fields = list_of(issuer);
    fields.signer.key = key_of(key);
    fields.revoked = entries.size > 0 ? PKI_SEQUENCE(entries) : PKI_NONE;
    return crl_issue(&fields);
}

/* A key for lists alone, whose certificate is by the CA above. */
Test(crl, separate_key)
{
    pki_fields signer = namesake("k", "a", "a");
    hf_span good = list_by("b", "k", PKI_NONE), leaf = leaf_of("b"), b = ca("b", "a");
    hf_path_rules rules = RULES_WITH(good_list("a"), good);
    EXPECT(VALIDATE(&rules, leaf, b).error, UNKNOWN);
    EXPECT(VALIDATE(&rules, leaf, b, pki_issue(&signer)).error, HF_OK);
    EXPECT(VALIDATE(&rules, leaf, pki_issue(&signer), b).error, HF_OK);
    /* The CA itself may do without cRLSign then. */
    EXPECT(VALIDATE(&rules, leaf, ca_of("b", "a"), pki_issue(&signer)).error, HF_OK);
    rules = RULES_WITH(good_list("a"), list_by("b", "k", crl_entry(1, PKI_NONE)));
    outcome o = VALIDATE(&rules, leaf, b, pki_issue(&signer));
    cr_expect_eq(o.error, REVOKED);
    cr_expect_eq(o.failed, 0);
}

/* Its certificate may have been revoked, too. */
Test(crl, separate_key_revoked)
{
    pki_fields signer = namesake("k", "a", "a");
    hf_span leaf = leaf_of("b"), b = ca("b", "a"), good = list_by("b", "k", PKI_NONE);
    hf_path_rules rules = RULES_WITH(revoking_list("a", crl_entry(5, PKI_NONE)), good);
    outcome o = VALIDATE(&rules, leaf, b, pki_issue(&signer));
    cr_expect_eq(o.error, REVOKED);
    cr_expect_eq(o.failed, 2);
    /* Where nothing says so it is as good as that of any other. */
    signer.serial = pki_integer(6);
    EXPECT(VALIDATE(&rules, leaf, b, pki_issue(&signer)).error, HF_OK);
    /* Lists of the CAs above must cover it. */
    rules = RULES_WITH(scoped("a", "8201ff"), good);
    o = VALIDATE(&rules, leaf, b, pki_issue(&signer));
    cr_expect_eq(o.error, UNKNOWN);
    cr_expect_eq(o.failed, 2);
}

/* What a signer's certificate must be. */
Test(crl, unfit_signers)
{
    hf_span leaf = leaf_of("b"), b = ca("b", "a");
    hf_path_rules rules = RULES_WITH(good_list("a"), list_by("b", "k", PKI_NONE));
    const pki_fields good = namesake("k", "a", "a");
    pki_fields bad[12];
    size_t count = 0;
    bad[count] = good;
    bad[count++].subject = "c";
    bad[count] = good;
    bad[count++].key = key_of("l");
    bad[count] = good;
    bad[count++].signer = key_of("l");
    bad[count] = good;
    bad[count++].issuer = "c";
    bad[count] = good;
    bad[count++].not_after = "241231235959Z";
    bad[count] = good;
    bad[count++].not_before = "250101000001Z";
    bad[count] = good;
    bad[count++].has_bad_signature = true;
    bad[count] = good;
    bad[count++].extensions = pki_key_usage(HF_KEY_USAGE_DIGITAL_SIGNATURE);
    bad[count] = good;
    bad[count++].extensions = PKI_NONE;
    bad[count] = good;
    bad[count++].extensions =
        PKI_JOIN(good.extensions, pki_extension("1.3.6.1.4.1.55555.1", true, pki_hex("00")));
    bad[count] = good;
    bad[count++].algorithm = PKI_SEQUENCE(pki_oid("1.2.840.10045.4.1"));
    EXPECT(VALIDATE(&rules, leaf, b, pki_issue(&good)).error, HF_OK);
    for (size_t i = 0; i < count; i++) {
        outcome o = VALIDATE(&rules, leaf, b, pki_issue(&bad[i]));
        cr_expect_eq(o.error, UNKNOWN, "signer %zu: %d", i, o.error);
        o = VALIDATE(&rules, leaf, b, pki_issue(&bad[i]), pki_issue(&good));
        cr_expect_eq(o.error, HF_OK, "signer %zu before a good one: %d", i, o.error);
    }
}

/* A key is as strong as the policy asks of any other: 1024 bits are not enough for lists either. */
Test(crl, weak_key_of_a_signer)
{
    pki_fields signer = namesake("k", "a", "a");
    hf_certificate rsa;
    cr_assert_eq(hf_certificate_read(&rsa, pki_bytes_of("inter-rsa2048.der")), HF_OK);
    signer.public_key = rsa.public_key_der;
    crl_fields fields = list_of("b");
    fields.signer = (pki_signer){.rsa_name = "inter-rsa2048"};
    hf_path_rules rules = RULES_WITH(good_list("a"), crl_issue(&fields));
    EXPECT(VALIDATE(&rules, leaf_of("b"), ca("b", "a"), pki_issue(&signer)).error, HF_OK);
    rules.rsa_bits_min = 2049;
    EXPECT(VALIDATE(&rules, leaf_of("b"), ca("b", "a"), pki_issue(&signer)).error, UNKNOWN);
}

/* The CA has changed its key; lists are signed with the new one, which the old one vouches for. */
Test(crl, list_by_a_newer_key)
{
    pki_fields fresh = namesake("k", "b", "b");
    hf_span good = list_by("b", "k", PKI_NONE);
    hf_path_rules rules = RULES_WITH(good_list("a"), good);
    EXPECT(VALIDATE(&rules, leaf_of("b"), ca("b", "a"), pki_issue(&fresh)).error, HF_OK);
    rules = RULES_WITH(good_list("a"), list_by("b", "k", crl_entry(5, PKI_NONE)));
    outcome o = VALIDATE(&rules, leaf_of("b"), ca("b", "a"), pki_issue(&fresh));
    cr_expect_eq(o.error, REVOKED);
    cr_expect_eq(o.failed, 2);
}

/* The path goes by the new key, and lists are still signed with the old one. */
Test(crl, list_by_an_older_key)
{
    pki_fields fresh = namesake("k", "b", "b");
    fresh.extensions = PKI_JOIN(pki_basic_constraints(true, -1),
                                pki_key_usage(HF_KEY_USAGE_KEY_CERT_SIGN | HF_KEY_USAGE_CRL_SIGN));
    pki_fields leaf = fields_of("z", "b");
    leaf.signer = key_of("k");
    leaf.extensions = pki_dns("host.example");
    hf_path_rules rules = RULES_WITH(good_list("a"), list_by("b", "b", PKI_NONE));
    outcome o = VALIDATE(&rules, pki_issue(&leaf), pki_issue(&fresh), ca("b", "a"));
    cr_expect_eq(o.length, 3);
    cr_expect_eq(o.error, HF_OK);
    rules = RULES_WITH(good_list("a"), list_by("b", "b", crl_entry(1, PKI_NONE)));
    o = VALIDATE(&rules, pki_issue(&leaf), pki_issue(&fresh), ca("b", "a"));
    cr_expect_eq(o.error, REVOKED);
    cr_expect_eq(o.failed, 0);
}

/* The same with an anchor, as a certificate and as a name with a key. */
Test(crl, list_by_the_older_key_of_an_anchor)
{
    pki_fields fresh = ca_fields("a", "a");
    fresh.key = key_of("k");
    fresh.signer = key_of("a");
    fresh.serial = pki_integer(5);
    pki_fields leaf = fields_of("z", "a");
    leaf.signer = key_of("k");
    leaf.extensions = pki_dns("host.example");
    hf_path_rules rules = RULES_WITH(good_list("a"));
    outcome o = VALIDATE(&rules, pki_issue(&leaf), pki_issue(&fresh));
    cr_expect_eq(o.length, 2);
    cr_expect_eq(o.error, HF_OK);
    const hf_trust_anchor bare = {.name = pki_name("a"), .public_key = pki_public_key(key_of("a"))};
    rules.anchors = &bare;
    EXPECT(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&fresh)).error, HF_OK);
    rules = RULES_WITH(revoking_list("a", crl_entry(5, PKI_NONE)));
    o = VALIDATE(&rules, pki_issue(&leaf), pki_issue(&fresh));
    cr_expect_eq(o.error, REVOKED);
    cr_expect_eq(o.failed, 1);
}

/* Another CA's certificate for the name, or one that the leaf's owner has made, vouches for
 * nothing. */
Test(crl, usurpers)
{
    hf_span leaf = leaf_of("b"), b = ca("b", "a");
    hf_path_rules rules = RULES_WITH(good_list("a"), list_by("b", "k", PKI_NONE));
    pki_fields self_signed = namesake("k", "b", "k"), by_leaf = namesake("k", "z", "z");
    pki_fields by_sibling = namesake("k", "c", "c");
    EXPECT(VALIDATE(&rules, leaf, b, pki_issue(&self_signed)).error, UNKNOWN);
    EXPECT(VALIDATE(&rules, leaf, b, pki_issue(&by_leaf)).error, UNKNOWN);
    EXPECT(VALIDATE(&rules, leaf, b, ca("c", "a"), pki_issue(&by_sibling)).error, UNKNOWN);
    /* Lists of somebody else with the issuer's name do not revoke either. */
    rules = RULES_WITH(good_list("a"), list_by("b", "k", crl_entry(1, PKI_NONE)));
    rules.allow_missing_crls = true;
    EXPECT(VALIDATE(&rules, leaf, b, pki_issue(&self_signed)).error, HF_OK);
}

/* More signers than there is room for do no harm but to those that need them. */
Test(crl, many_signers)
{
    hf_span chain[2 + HF_CRL_SIGNERS_MAX + 1] = {leaf_of("b"), ca("b", "a")},
                                           some[HF_CRL_SIGNERS_MAX + 2];
    static const char *const reasons[] = {"83020640", "83020520", "83020410", "83020308",
                                          "83020204", "83020102", "83020001", "8303070080"};
    static const char *const keys[] = {"k", "l", "m", "n", "o", "p", "q", "r"};
    some[0] = good_list("a");
    for (size_t i = 0; i < HF_CRL_SIGNERS_MAX + 1; i++) {
        pki_fields signer = namesake(keys[i], "a", "a");
        signer.serial = pki_integer((unsigned)(20 + i));
        chain[2 + i] = pki_issue(&signer);
        crl_fields list = list_of("b");
        list.signer.key = key_of(keys[i]);
        list.extensions = crl_distribution_point(pki_hex(reasons[i]));
        some[1 + i] = crl_issue(&list);
    }
    hf_path_rules rules = rules_with(some, HF_CRL_SIGNERS_MAX + 2);
    rules.checks_max = 255;
    EXPECT(validate(&rules, chain, 2 + HF_CRL_SIGNERS_MAX + 1).error, UNKNOWN);
    rules.allow_missing_crls = true;
    EXPECT(validate(&rules, chain, 2 + HF_CRL_SIGNERS_MAX + 1).error, HF_OK);
}

/* ---------------------------------------------------------------- how much work */

/* Each step has one signature check at most, and all of them count. */
Test(crl, budget)
{
    hf_path_rules rules = RULES_WITH(good_list("a"), good_list("b"));
    hf_span leaf = leaf_of("b"), b = ca("b", "a");
    rules.checks_max = 4; /* two signatures of the path, two of lists */
    EXPECT(VALIDATE(&rules, leaf, b).error, HF_OK);
    rules.checks_max = 3;
    outcome o = VALIDATE(&rules, leaf, b);
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_PATH_BUDGET);
    rules.allow_missing_crls = true; /* it is not known what has not been looked at */
    EXPECT(VALIDATE(&rules, leaf, b).error, HF_ERROR_CERTIFICATE_PATH_BUDGET);
}

/* Lists with wrong signatures, and signers with as many, end in the budget as well. */
Test(crl, budget_of_wrong_signatures)
{
    hf_span some[33], chain[HF_CHAIN_MAX] = {leaf_of("b"), ca("b", "a")};
    for (size_t i = 0; i < 33; i++) {
        some[i] = list_by("b", "x", PKI_NONE);
    }
    for (size_t i = 2; i < HF_CHAIN_MAX; i++) {
        pki_fields signer = namesake("k", i % 2 == 0 ? "a" : "b", i % 2 == 0 ? "a" : "b");
        signer.has_bad_signature = i % 3 == 0;
        chain[i] = pki_issue(&signer);
    }
    hf_path_rules rules = rules_with(some, 33);
    outcome o = validate(&rules, chain, HF_CHAIN_MAX);
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_PATH_BUDGET);
    cr_expect_leq(o.steps, 40 * HF_CHAIN_MAX);
    o = validate(&rules, chain, 2);
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_PATH_BUDGET);
    cr_expect_leq(o.steps, 80);
    rules.checks_max = HF_SIGNATURE_CHECKS_MAX;
    cr_expect_eq(validate(&rules, chain, 2).steps, o.steps, "the same as by default");
    rules.checks_max = HF_SIGNATURE_CHECKS_MAX - 1;
    cr_expect_lt(validate(&rules, chain, 2).steps, o.steps);
}

static double seconds_of(hf_error expected, hf_span leaf, hf_span list)
{
    clock_t begin = clock();
    EXPECT(LOOK_UP(leaf, list), expected);
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* `count` times the same bytes. */
static hf_span repeated(hf_span item, size_t count)
{
    static hf_span items[20000];
    for (size_t i = 0; i < count; i++) {
        items[i] = item;
    }
    return pki_join(items, count);
}

Test(crl, many_entries, .timeout = 60)
{
    hf_span entry = crl_entry(70000, pki_extension("2.5.29.21", false, pki_hex("0a0101")));
    cr_expect_lt(seconds_of(HF_OK, leaf_of("a"), revoking_list("a", repeated(entry, 5000))), 3.0);
    hf_span last = crl_entry(1, PKI_NONE);
    cr_expect_lt(seconds_of(REVOKED, leaf_of("a"),
                            revoking_list("a", PKI_JOIN(repeated(entry, 5000), last))),
                 3.0);
}

/* Names, extensions and points are bounded where both factors of a product are somebody else's. */
Test(crl, many_extensions, .timeout = 60)
{
    hf_span extension = pki_extension("1.3.6.1.4.1.55555.1", false, pki_hex("00"));
    hf_span many = repeated(extension, 20000);
    cr_expect_lt(seconds_of(UNKNOWN, leaf_of("a"), list_with("a", many)), 3.0);
    cr_expect_lt(seconds_of(UNKNOWN, leaf_of("a"), revoking_list("a", crl_entry(2, many))), 3.0);
}

Test(crl, many_names, .timeout = 60)
{
    hf_span one = pki_full_name(repeated(pki_hex("820161"), 20000));
    hf_span two = pki_full_name(repeated(pki_hex("820162"), 20000));
    cr_expect_lt(seconds_of(UNKNOWN, leaf_with_name(one), list_at(two)), 3.0);
    hf_span point = pki_distribution_point(pki_full_name(pki_hex("820161")), PKI_NONE);
    cr_expect_lt(seconds_of(UNKNOWN, leaf_with_points(repeated(point, 8000)), list_at(two)), 3.0);
    point = pki_distribution_point(pki_full_name(PKI_NONE), PKI_NONE);
    cr_expect_lt(seconds_of(UNKNOWN, leaf_with_points(repeated(point, 8000)), list_at(two)), 3.0);
    /* As many as there can sensibly be are compared. */
    hf_span found = pki_full_name(PKI_JOIN(repeated(pki_hex("820162"), 100), pki_hex("820163")));
    hf_span wanted = pki_full_name(PKI_JOIN(repeated(pki_hex("820161"), 100), pki_hex("820163")));
    EXPECT(LOOK_UP(leaf_with_name(wanted), list_at(found)), HF_OK);
}

Test(crl, more_lists_than_can_be_counted)
{
    static hf_span many[UINT16_MAX + 1];
    hf_path path;
    hf_span leaf = leaf_of("a");
    hf_path_rules rules = RULES_WITH(good_list("b"));
    rules.crls = many;
    rules.crl_count = UINT16_MAX + 1;
    EXPECT(hf_path_begin(&path, &rules, &leaf, 1), HF_ERROR_BAD_ARGUMENT);
    rules.crl_count = UINT16_MAX;
    many[UINT16_MAX - 1] = good_list("a");
    EXPECT(VALIDATE(&rules, leaf).error, HF_OK);
    many[UINT16_MAX - 1] = good_list("b");
    EXPECT(VALIDATE(&rules, leaf).error, UNKNOWN);
}
