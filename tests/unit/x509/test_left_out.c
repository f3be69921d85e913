/* What a build leaves out of path validation makes it refuse, never accept. Holds for every
 * combination of switches. */
#include "path_support.h"

#include <criterion/criterion.h>

/* A CA with one more extension and a leaf below it. */
static hf_error judge(hf_span ca_extension, hf_span leaf_extension)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    return VALIDATE(&rules, leaf_with("b", leaf_extension), ca_with("b", "a", ca_extension)).error;
}

static hf_error refused_unless(bool is_there)
{
    return is_there ? HF_OK : HF_ERROR_CERTIFICATE_CRITICAL_EXTENSION;
}

/* RFC 5280 4.2.1.10: conforming CAs mark it critical; one that did not meant it all the same. */
Test(left_out, name_constraints)
{
    hf_span permitted = PKI_DER(0xa0, pki_subtree(pki_general_name(0x82, "host.example")));
    for (int is_critical = 0; is_critical <= 1; is_critical++) {
        hf_span extension = pki_extension("2.5.29.30", is_critical, PKI_SEQUENCE(permitted));
        cr_expect_eq(judge(extension, PKI_NONE), refused_unless(HF_WITH_NAME_CONSTRAINTS));
    }
    hf_trust_anchor anchor = {.name = pki_name("a"),
                              .public_key = pki_public_key(pki_key_at(0)),
                              .name_constraints = PKI_SEQUENCE(permitted)};
    hf_path_rules rules = {.anchors = &anchor, .anchor_count = 1, .time = NOW};
    cr_expect_eq(VALIDATE(&rules, leaf_of("a")).error,
                 HF_WITH_NAME_CONSTRAINTS ? HF_OK : HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS);
}

/* RFC 5280 4.2.1.4, 4.2.1.11, 4.2.1.14. */
Test(left_out, policies)
{
    hf_span policies = PKI_SEQUENCE(PKI_SEQUENCE(pki_oid("1.3.6.1.4.1.55555.9.1")));
    hf_span policy = pki_extension("2.5.29.32", false, policies);
    hf_span critical = pki_extension("2.5.29.32", true, policies);
    hf_span require_explicit =
        pki_extension("2.5.29.36", true, PKI_SEQUENCE(PKI_DER(0x80, pki_hex("00"))));
    hf_span inhibit_any = pki_extension("2.5.29.54", true, pki_hex("020100"));
    cr_expect_eq(judge(policy, policy), HF_OK);
    cr_expect_eq(judge(critical, policy), refused_unless(HF_WITH_POLICIES));
    cr_expect_eq(judge(policy, critical), refused_unless(HF_WITH_POLICIES));
    cr_expect_eq(judge(PKI_JOIN(policy, require_explicit), policy),
                 refused_unless(HF_WITH_POLICIES));
    cr_expect_eq(judge(inhibit_any, PKI_NONE), refused_unless(HF_WITH_POLICIES));
}

/* RFC 7633 4: status_request is 5. RFC 5280 4.2.1.13: where lists are read, no build looks for one
 * because a certificate demands it. */
Test(left_out, revocation)
{
    for (int is_critical = 0; is_critical <= 1; is_critical++) {
        hf_span feature =
            pki_extension("1.3.6.1.5.5.7.1.24", is_critical, PKI_SEQUENCE(pki_hex("020105")));
        hf_span points = pki_extension("2.5.29.31", is_critical, PKI_SEQUENCE(pki_hex("3000")));
        cr_expect_eq(judge(PKI_NONE, feature),
                     refused_unless(HF_WITH_STATUS_REQUEST || !is_critical));
        cr_expect_eq(judge(PKI_NONE, points), refused_unless(!is_critical));
    }
}

/* RFC 5280 7.1 and 4.1.2.6 (a). */
Test(left_out, name_matching)
{
    hf_trust_anchor anchor = {.name = pki_name("A"), .public_key = pki_public_key(pki_key_at(0))};
    hf_path_rules rules = {.anchors = &anchor, .anchor_count = 1, .time = NOW};
    cr_expect_eq(VALIDATE(&rules, leaf_of("a")).error,
                 HF_USE_NAME_MATCHING ? HF_OK : HF_ERROR_CERTIFICATE_UNKNOWN_CA);
    anchor.name = pki_name("a");
    cr_expect_eq(VALIDATE(&rules, leaf_of("a")).error, HF_OK);
}

Test(left_out, pins)
{
    const hf_span leaf = leaf_of("a");
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_certificate c;
    cr_assert_eq(hf_certificate_read(&c, leaf), HF_OK);
    hf_pin pin;
    (void)hf_hash_digest(HF_HASH_SHA256, c.public_key_der, pin.sha256);
    rules.pins = &pin;
    rules.pin_count = 1;
    cr_expect_eq(VALIDATE(&rules, leaf).error,
                 HF_WITH_PINS ? HF_OK : HF_ERROR_CERTIFICATE_NOT_PINNED);
    pin.sha256[0] ^= 1;
    cr_expect_eq(VALIDATE(&rules, leaf).error, HF_ERROR_CERTIFICATE_NOT_PINNED);
}

Test(left_out, ip_names)
{
    uint8_t address[16];
    hf_certificate c;
    pki_fields fields = fields_of("z", "a");
    fields.extensions = pki_alt_names(PKI_DER(0x87, pki_hex("7f000001")));
    cr_assert_eq(hf_certificate_read(&c, pki_issue(&fields)), HF_OK);
    cr_expect_eq(hf_certificate_has_name(&c, pki_text("127.0.0.1")), HF_WITH_IP_NAMES);
    cr_expect_eq(hf_parse_ip_address(pki_text("127.0.0.1"), address), HF_WITH_IP_NAMES ? 4 : 0);
}
