/* Name constraints, RFC 5280 4.2.1.10. */
#include "path_support.h"
#include "tls/x509/x509.h"

#include <criterion/criterion.h>
#include <string.h>

typedef struct constraint_row {
    uint8_t tag; /* of the GeneralName */
    const char *subtree, *name;
    bool if_permitted; /* accepted where the subtree is the only one permitted */
    bool if_excluded;  /* accepted where the subtree is excluded               */
} constraint_row;

static hf_error with_constraints(hf_span permitted, hf_span excluded, hf_span general_names)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    pki_fields leaf = fields_of("z", "b");
    leaf.extensions = general_names.size > 0 ? pki_alt_names(general_names) : PKI_NONE;
    outcome o =
        VALIDATE(&rules, pki_issue(&leaf), ca_with("b", "a", pki_constraints(permitted, excluded)));
    if (o.error != HF_OK) {
        cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS, "%d", o.error);
        cr_expect_eq(o.failed, 1);
        cr_expect_eq(o.steps, 1, "no signature is checked for it");
    }
    return o.error;
}

static void check_row(const constraint_row *row, hf_span subtree, hf_span name)
{
    hf_error permitted = with_constraints(pki_subtree(subtree), PKI_NONE, name);
    hf_error excluded = with_constraints(PKI_NONE, pki_subtree(subtree), name);
    cr_expect_eq(permitted == HF_OK, row->if_permitted, "\"%s\" permitted, \"%s\"", row->subtree,
                 row->name);
    cr_expect_eq(excluded == HF_OK, row->if_excluded, "\"%s\" excluded, \"%s\"", row->subtree,
                 row->name);
}

Test(constraints, texts)
{
    enum { MAILBOX = 0x81, DNS = 0x82, URI = 0x86 };
    static const constraint_row rows[] = {
        {DNS, "host.example", "host.example", true, false},
        {DNS, "host.example", "HOST.Example", true, false},
        {DNS, "host.example", "a.b.host.example", true, false},
        {DNS, "host.example", "ghost.example", false, true},
        {DNS, "host.example", "myhost.example", false, true},
        {DNS, "host.example", "example", false, true},
        {DNS, ".host.example", "a.host.example", true, false},
        {DNS, ".host.example", "host.example", false, true},
        {DNS, "", "anything.example", true, false},
        {DNS, "host.example", "*.host.example", true, false},
        {DNS, "a.host.example", "*.host.example", false, false}, /* covers a.host.example */
        {DNS, "a.b.host.example", "*.host.example", false, true},
        {DNS, "host.example", "not a name", false, false},
        {DNS, "host.example", "host.example.", false, false},
        {DNS, "*.example", "host.example", false, false}, /* no such subtree */
        {MAILBOX, "box@host.example", "box@HOST.example", true, false},
        {MAILBOX, "box@host.example", "Box@host.example", false, true},
        {MAILBOX, "box@host.example", "other@host.example", false, true},
        {MAILBOX, "host.example", "box@host.example", true, false},
        {MAILBOX, "host.example", "box@a.host.example", false, true},
        {MAILBOX, ".host.example", "box@a.host.example", true, false},
        {MAILBOX, ".host.example", "box@host.example", false, true},
        {MAILBOX, "host.example", "box@ghost.example", false, true},
        {MAILBOX, ".host.example", "box@myhost.example", false, true},
        {MAILBOX, "", "box@host.example", true, false},
        {MAILBOX, "host.example", "host.example", false, false},
        {MAILBOX, "host.example", "@host.example", false, false},
        {URI, "host.example", "https://host.example/path", true, false},
        {URI, "host.example", "https://host.example", true, false},
        {URI, "host.example", "ldap://user@host.example:389?x", true, false},
        {URI, "host.example", "https://a.host.example/", false, true},
        {URI, ".host.example", "https://a.host.example/", true, false},
        {URI, ".host.example", "https://host.example/", false, true},
        {URI, "host.example", "https://evil.example/host.example", false, true},
        {URI, "host.example", "https://host.example@evil.example/", false, true},
        {URI, "host.example", "https://evil.example#@host.example/", false, true},
        {URI, "host.example", "https://10.0.0.1/", false, false}, /* 4.2.1.10: must not pass */
        {URI, "host.example", "https://[::1]/", false, false},
        {URI, "host.example", "urn:host.example", false, false},
        {URI, "host.example", "//host.example", false, false},
        {URI, "host.example", "://host.example", false, false},
        {URI, ".host.example", "https://myhost.example", false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row(&rows[i], pki_general_name(rows[i].tag, rows[i].subtree),
                  pki_general_name(rows[i].tag, rows[i].name));
    }
}

Test(constraints, addresses)
{
    static const constraint_row rows[] = {
        {0x87, "0a000000ff000000", "0a010203", true, false},
        {0x87, "0a000000ff000000", "0b010203", false, true},
        {0x87, "0a010203ffffffff", "0a010203", true, false},
        {0x87, "0000000000000000", "01020304", true, false},
        {0x87, "0a000080ffffff80", "0a0000ff", true, false},
        {0x87, "0a000080ffffff80", "0a00007f", false, true},
        {0x87, "20010db8000000000000000000000000ffffffff000000000000000000000000",
         "20010db8000000000000000000000001", true, false},
        {0x87, "20010db8000000000000000000000000ffffffff000000000000000000000000",
         "20010db9000000000000000000000001", false, true},
        /* An IPv4 address lies in no IPv6 subtree. */
        {0x87, "0000000000000000000000000000000000000000000000000000000000000000", "0a010203",
         false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row(&rows[i], pki_element(0x87, pki_hex(rows[i].subtree)),
                  pki_element(0x87, pki_hex(rows[i].name)));
    }
}

static hf_span directory(hf_span name)
{
    return pki_element(0xa4, name);
}

static hf_span rdn(const char *oid, const char *value)
{
    return PKI_DER(0x31, PKI_SEQUENCE(pki_oid(oid), pki_element(0x0c, pki_text(value))));
}

/* The subject is a directory name too. */
Test(constraints, directory_names)
{
    hf_span country = rdn("2.5.4.6", "XY"), organization = rdn("2.5.4.10", "O"),
            name = rdn("2.5.4.3", "z");
    hf_span subtree = directory(PKI_SEQUENCE(country, organization));
    const struct {
        hf_span subject;
        bool is_inside;
    } rows[] = {
        {PKI_SEQUENCE(country, organization, name), true},
        {PKI_SEQUENCE(country, rdn("2.5.4.10", "o"), name), true},
        {PKI_SEQUENCE(country, organization), true},
        {PKI_SEQUENCE(country, name), false},
        {PKI_SEQUENCE(organization, country, name), false},
        {PKI_SEQUENCE(country), false},
    };
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int is_excluded = 0; is_excluded <= 1; is_excluded++) {
            hf_span constraints = is_excluded ? pki_constraints(PKI_NONE, pki_subtree(subtree))
                                              : pki_constraints(pki_subtree(subtree), PKI_NONE);
            hf_span ca = ca_with("b", "a", constraints);
            hf_error expected = rows[i].is_inside != (is_excluded != 0)
                                    ? HF_OK
                                    : HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS;
            pki_fields leaf = fields_of("z", "b");
            leaf.subject_der = rows[i].subject;
            cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), ca).error, expected, "subject %zu", i);
            leaf = fields_of("z", "b");
            leaf.subject_der = PKI_SEQUENCE(country, organization);
            leaf.extensions = pki_alt_names(directory(rows[i].subject));
            expected = is_excluded ? HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS : expected;
            cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), ca).error, expected, "name %zu", i);
        }
    }
}

/* Mailboxes in the subject, as older certificates have them (4.2.1.6). */
Test(constraints, email_address_attribute)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span only = pki_constraints(pki_subtree(pki_general_name(0x81, "host.example")), PKI_NONE);
    pki_fields leaf = fields_of("z", "b");
    leaf.subject_der = pki_name_of("1.2.840.113549.1.9.1", 0x16, "box@host.example");
    cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), ca_with("b", "a", only)).error, HF_OK);
    leaf.subject_der = pki_name_of("1.2.840.113549.1.9.1", 0x16, "box@other.example");
    cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), ca_with("b", "a", only)).error,
                 HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS);
}

/* A zero octet does not end a name. */
Test(constraints, embedded_zero)
{
    hf_span uri = pki_element(0x86, (hf_span){(const uint8_t *)"https://host.example\0.evil/", 27});
    hf_span dns = pki_element(0x82, (hf_span){(const uint8_t *)"host.example\0.evil", 18});
    cr_expect_neq(
        with_constraints(pki_subtree(pki_general_name(0x86, "host.example")), PKI_NONE, uri),
        HF_OK);
    cr_expect_neq(
        with_constraints(pki_subtree(pki_general_name(0x82, "host.example")), PKI_NONE, dns),
        HF_OK);
}

/* A type that is not constrained is free; of a type that cannot be compared no name passes. */
Test(constraints, other_types)
{
    hf_span dns = pki_general_name(0x82, "host.example");
    hf_span address = pki_hex("87040a000001"), other = pki_hex("a003060100");
    hf_span registered = pki_hex("880155");
    cr_expect_eq(with_constraints(pki_subtree(dns), PKI_NONE, address), HF_OK);
    cr_expect_eq(with_constraints(PKI_NONE, pki_subtree(dns), address), HF_OK);
    cr_expect_eq(with_constraints(pki_subtree(dns), PKI_NONE, PKI_NONE), HF_OK);
    cr_expect_neq(with_constraints(pki_subtree(other), PKI_NONE, other), HF_OK);
    cr_expect_neq(with_constraints(PKI_NONE, pki_subtree(other), other), HF_OK);
    cr_expect_neq(with_constraints(PKI_NONE, pki_subtree(registered), registered), HF_OK);
    cr_expect_eq(with_constraints(PKI_NONE, pki_subtree(other), dns), HF_OK);
}

Test(constraints, lists)
{
    hf_span a = pki_general_name(0x82, "a.example"), b = pki_general_name(0x82, "b.example"),
            c = pki_general_name(0x82, "c.example"), below = pki_general_name(0x82, "x.a.example");
    hf_span both = PKI_JOIN(pki_subtree(a), pki_subtree(b));
    cr_expect_eq(with_constraints(both, PKI_NONE, PKI_JOIN(a, b)), HF_OK);
    cr_expect_neq(with_constraints(both, PKI_NONE, PKI_JOIN(a, b, c)), HF_OK, "each name counts");
    cr_expect_neq(with_constraints(both, pki_subtree(below), PKI_JOIN(below)), HF_OK,
                  "excluded wins");
    cr_expect_eq(with_constraints(both, pki_subtree(below), a), HF_OK);
}

/* RFC 5280 6.1.3 (b): every CA's limits hold for all below it; self-issued CAs are exempt. */
Test(constraints, along_the_path)
{
    hf_trust_anchor anchor;
    hf_span only = pki_constraints(pki_subtree(pki_general_name(0x82, "host.example")), PKI_NONE);
    hf_span other = pki_constraints(pki_subtree(pki_general_name(0x82, "other.example")), PKI_NONE);
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    cr_expect_eq(VALIDATE(&rules, leaf_of("c"), ca_of("c", "b"), ca_with("b", "a", only)).error,
                 HF_OK);
    outcome o = VALIDATE(&rules, leaf_of("c"), ca_with("c", "b", only), ca_with("b", "a", other));
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS);
    cr_expect_eq(o.failed, 2);
    rules = rules_for(&anchor, ca_with("a", "a", other));
    o = VALIDATE(&rules, leaf_of("b"), ca_of("b", "a"));
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS);
    cr_expect_eq(o.failed, HF_NO_CERTIFICATE);

    /* "b" permits only directory names that its own is not; its new key is certified by itself. */
    hf_span elsewhere = pki_constraints(pki_subtree(directory(pki_name("elsewhere"))), PKI_NONE);
    pki_fields rollover = {
        .subject = "b", .issuer = "b", .key = pki_key_at(10), .signer = pki_key_at(1)};
    rollover.extensions = pki_basic_constraints(true, -1);
    pki_fields leaf = fields_of("z", "b");
    leaf.signer = rollover.key;
    leaf.subject_der = pki_name("elsewhere");
    rules = rules_for(&anchor, root_of("a"));
    hf_span constrained = ca_with("b", "a", elsewhere);
    cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&rollover), constrained).error,
                 HF_OK);
    leaf.subject_der = pki_name("b");
    leaf.key = pki_key_at(25);
    cr_expect_eq(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&rollover), constrained).error,
                 HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS, "the leaf is not exempt");
}

/* Many names times many subtrees: the product is bounded, and what is not compared is refused. */
Test(constraints, too_many_comparisons)
{
    hf_span names = PKI_NONE, subtrees = PKI_NONE;
    for (unsigned i = 0; i < 256; i++) {
        if (i > 0) /* the subject is a name as well */
            names = PKI_JOIN(names, pki_general_name(0x82, "host.example"));
        subtrees = PKI_JOIN(subtrees, pki_subtree(pki_general_name(0x82, "b.example")));
    }
    cr_assert_eq(HF_CONSTRAINT_CHECKS_MAX, 256 * 256);
    cr_expect_eq(with_constraints(PKI_NONE, subtrees, names), HF_OK);
    names = PKI_JOIN(names, pki_general_name(0x82, "host.example"));
    cr_expect_neq(with_constraints(PKI_NONE, subtrees, names), HF_OK);
}

/* The exact limit, and one comparison more, of two CAs together: 255 subtrees of the lower one and
 * one of the upper, which is compared with the lower one's name as well. */
Test(constraints, one_comparison_too_many)
{
    hf_span names = PKI_NONE, subtrees = PKI_NONE;
    hf_span one = pki_subtree(pki_general_name(0x82, "b.example"));
    for (unsigned i = 0; i < 255; i++) {
        names = PKI_JOIN(names, pki_general_name(0x82, "host.example"));
        subtrees = PKI_JOIN(subtrees, one);
    }
    for (unsigned over = 0; over < 2; over++) {
        hf_trust_anchor anchor;
        hf_path_rules rules =
            rules_for(&anchor, ca_with("a", "a", over ? pki_constraints(PKI_NONE, one) : PKI_NONE));
        hf_span ca = ca_with("b", "a", pki_constraints(PKI_NONE, subtrees));
        pki_fields leaf = fields_of("z", "b");
        leaf.extensions = pki_alt_names(names);
        outcome o = VALIDATE(&rules, pki_issue(&leaf), ca);
        cr_expect_eq(o.error, over ? HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS : HF_OK);
    }
}
