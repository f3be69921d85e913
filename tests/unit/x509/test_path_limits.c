/* What a program may ask of a path beyond RFC 5280: pinned keys, a greatest length; and how large
 * chains may be. */
#include "path_support.h"

#include "crypto_glue/hash.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static hf_pin pin_of(hf_span certificate)
{
    hf_certificate c;
    hf_pin pin;
    cr_assert_eq(hf_certificate_read(&c, certificate), HF_OK);
    (void)hf_hash_digest(HF_HASH_SHA256, c.public_key_der, pin.sha256);
    return pin;
}

/* RFC 7469 2.6: one of the path's keys, whichever. */
Test(path_limits, pins)
{
    hf_trust_anchor anchor;
    hf_span leaf = leaf_of("b"), ca = ca_of("b", "a"), root = root_of("a"), other = root_of("c");
    hf_path_rules rules = rules_for(&anchor, root);
    const hf_span pinned[] = {leaf, ca, root};
    for (size_t i = 0; i < 3; i++) {
        const hf_pin pins[] = {pin_of(other), pin_of(pinned[i])};
        rules.pins = pins;
        rules.pin_count = 2;
        cr_expect_eq(VALIDATE(&rules, leaf, ca).error, HF_OK, "certificate %zu", i);
        rules.pin_count = 1;
        cr_expect_eq(VALIDATE(&rules, leaf, ca).error, HF_ERROR_CERTIFICATE_NOT_PINNED);
    }
}

/* A pin of something that is sent along but not in the path proves nothing. */
Test(path_limits, pin_beside_the_path)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span beside = ca_of("d", "a");
    const hf_pin pin = pin_of(beside);
    rules.pins = &pin;
    rules.pin_count = 1;
    cr_expect_eq(VALIDATE(&rules, leaf_of("b"), ca_of("b", "a"), beside).error,
                 HF_ERROR_CERTIFICATE_NOT_PINNED);
}

/* Also where the leaf is an anchor itself, and where anchors are names and keys alone. */
Test(path_limits, pins_and_other_anchors)
{
    hf_span leaf = leaf_of("a"), other = root_of("c");
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, leaf);
    hf_pin pin = pin_of(other);
    rules.pins = &pin;
    rules.pin_count = 1;
    cr_expect_eq(VALIDATE(&rules, leaf).error, HF_ERROR_CERTIFICATE_NOT_PINNED);
    pin = pin_of(leaf);
    cr_expect_eq(VALIDATE(&rules, leaf).error, HF_OK);
    hf_certificate root;
    cr_assert_eq(hf_certificate_read(&root, root_of("a")), HF_OK);
    anchor = (hf_trust_anchor){.name = root.subject, .public_key = root.public_key_der};
    pin = pin_of(root_of("a"));
    cr_expect_eq(VALIDATE(&rules, leaf).error, HF_OK);
}

Test(path_limits, length)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    for (uint8_t most = 0; most < 5; most++) {
        rules.length_max = most;
        hf_error expected = most == 0 || most >= 3 ? HF_OK : HF_ERROR_CERTIFICATE_PATH_TOO_LONG;
        cr_expect_eq(VALIDATE(&rules, leaf_of("c"), ca_of("c", "b"), ca_of("b", "a")).error,
                     expected, "at most %u", most);
    }
}

/* Ten certificates of 4 KB each. */
Test(path_limits, large_chain)
{
    static uint8_t filling[3600];
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    /* Nobody's, and not critical, so that it is passed over. */
    hf_span padding =
        pki_extension("1.3.6.1.4.1.99999.1", false, (hf_span){filling, sizeof filling});
    hf_span chain[10] = {leaf_with("j", padding)};
    size_t total = chain[0].size;
    for (size_t i = 1; i < 10; i++) {
        chain[i] = ca_with(names[10 - i], names[9 - i], padding);
        total += chain[i].size;
    }
    cr_expect_gt(total, 38000);
    outcome o = validate(&rules, chain, 10);
    cr_expect_eq(o.error, HF_OK, "%d", o.error);
    cr_expect_eq(o.length, 10);
    cr_expect_eq(o.steps, 10, "one signature check a certificate");
}
