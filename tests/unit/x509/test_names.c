/* Host names, addresses, mailboxes and distinguished names. */
#include "tests/support/pki.h"
#include "tls/x509/x509.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(names, host_names)
{
    static const struct {
        const char *name;
        bool is_valid;
    } rows[] = {
        {"a", true},
        {"localhost", true},
        {"www.example.com", true},
        {"WWW.Example.COM", true},
        {"xn--bcher-kva.example", true},
        {"3com.example", true}, /* RFC 1123 2.1: a label may begin with a digit */
        {"a-b.c--d.example", true},
        {"my_device.example", true},
        {"", false},
        {".", false},
        {"example.com.", false}, /* RFC 6066 3 */
        {".example.com", false},
        {"a..b", false},
        {"-a.example", false},
        {"a-.example", false},
        {"*.example.com", false},
        {"exa mple.com", false},
        {"b\xc3\xbc"
         "cher.example",
         false},
        {"1.2.3.4", false},
        {"example.1", false},
        {"::1", false},
        {"a/b", false},
        {"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0.example", true}, /* 63 */
        {"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01.example",
         false}, /* 64 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(hf_is_host_name(pki_text(rows[i].name)), rows[i].is_valid, "\"%s\"",
                     rows[i].name);
    }
    cr_expect_not(hf_is_host_name((hf_span){(const uint8_t *)"a\0b", 3}));
    char text[255];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 2 == 0 ? 'a' : '.';
    }
    cr_expect(hf_is_host_name((hf_span){(const uint8_t *)text, 253}), "253 (RFC 1035 2.3.4)");
    cr_expect_not(hf_is_host_name((hf_span){(const uint8_t *)text, 255}), "255");
}

#if HF_WITH_IP_NAMES
Test(names, ip_addresses)
{
    static const struct {
        const char *text, *octets;
    } rows[] = {
        {"127.0.0.1", "7f000001"},
        {"255.255.255.255", "ffffffff"},
        {"0.0.0.0", "00000000"},
        {"256.0.0.1", ""},
        {"01.2.3.4", ""},
        {"1.2.3", ""},
        {"1.2.3.4.5", ""},
        {"1.2.3.", ""},
        {"1..3.4", ""},
        {" 1.2.3.4", ""},
        {"1.2.3.4 ", ""},
        {"", ""},
        {"::", "00000000000000000000000000000000"},
        {"::1", "00000000000000000000000000000001"},
        {"1::", "00010000000000000000000000000000"},
        {"2001:DB8::8:800:200c:417a", "20010db80000000000080800200c417a"},
        {"1:2:3:4:5:6:7:8", "00010002000300040005000600070008"},
        {"1:2:3:4:5:6:7::", "00010002000300040005000600070000"},
        {"::2:3:4:5:6:7:8", "00000002000300040005000600070008"},
        {"::ffff:1.2.3.4", "00000000000000000000ffff01020304"},
        {"1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"},
        {"1:2:3:4:5:6:7", ""},
        {"1:2:3:4:5:6:7:8:9", ""},
        {"1:2:3:4::5:6:7:8", ""}, /* RFC 4291 2.2: "::" is at least one group */
        {"1::2::3", ""},
        {":::", ""},
        {":", ""},
        {":1", ""},
        {"1:", ""},
        {"1::2:", ""},
        {"12345::", ""},
        {"g::", ""},
        {"::1%eth0", ""},
        {"[::1]", ""},
        {"1.2.3.4::", ""},
        {"::1.2.3.4:5", ""},
        {"1:2:3:4:5:6:7:1.2.3.4", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t address[16];
        hf_span expected = pki_hex(rows[i].octets);
        size_t size = hf_parse_ip_address(pki_text(rows[i].text), address);
        cr_assert_eq(size, expected.size, "\"%s\"", rows[i].text);
        cr_expect(hf_span_equal((hf_span){address, size}, expected), "\"%s\"", rows[i].text);
    }
}
#endif

static hf_certificate with_alt_names(hf_span general_names)
{
    pki_fields fields = {.issuer = "issuer",
                         .subject = "common.example",
                         .key = pki_key_at(0),
                         .extensions = pki_alt_names(general_names)};
    hf_certificate c;
    cr_assert_eq(hf_certificate_read(&c, pki_issue(&fields)), HF_OK);
    return c;
}

/* RFC 9525 6.3 and RFC 6125 6.4. */
Test(names, dns_matching)
{
    static const struct {
        const char *presented, *asked;
        bool matches;
    } rows[] = {
        {"host.example", "host.example", true},
        {"HOST.example", "host.EXAMPLE", true},
        {"host.example", "other.example", false},
        {"host.example", "a.host.example", false},
        {"host.example", "example", false},
        {"host.example", "host.example.", false},
        {"host.example.", "host.example", false},
        {"*.host.example", "a.host.example", true},
        {"*.host.example", "A.HOST.example", true},
        {"*.host.example", "host.example", false},
        {"*.host.example", ".host.example", false},
        {"*.host.example", "a.b.host.example", false},
        {"*.host.example", "*.host.example", false},
        {"*.host.example", "xn--bcher-kva.host.example", true},
        {"*", "host", false},
        {"*", "host.example", false},
        {"*.", "host.", false},
        {"a*.host.example", "ab.host.example", false},
        {"*a.host.example", "ba.host.example", false},
        {"a.*.example", "a.b.example", false},
        {"*.*.example", "a.b.example", false},
        {"xn--*.example", "xn--bcher-kva.example", false},
        {"*.0.0.1", "127.0.0.1", false},
        {"127.0.0.1", "127.0.0.1", false}, /* an address is not a DNS name (RFC 9525 6.5) */
        {"my_device.example", "my_device.example", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_certificate c = with_alt_names(pki_general_name(0x82, rows[i].presented));
        cr_expect_eq(hf_certificate_has_name(&c, pki_text(rows[i].asked)), rows[i].matches,
                     "\"%s\" for \"%s\"", rows[i].presented, rows[i].asked);
    }
}

Test(names, other_matching)
{
    hf_certificate c = with_alt_names(PKI_JOIN(
        pki_general_name(0x81, "Box@host.example"), pki_hex("87040a000001"),
        pki_hex("871000000000000000000000000000000001"),
        pki_general_name(0x86, "https://uri.example/"), pki_general_name(0x82, "last.example")));
    cr_expect_eq(hf_certificate_has_name(&c, pki_text("10.0.0.1")), HF_WITH_IP_NAMES);
    cr_expect_eq(hf_certificate_has_name(&c, pki_text("0:0::1")), HF_WITH_IP_NAMES);
    cr_expect(hf_certificate_has_name(&c, pki_text("last.example")));
    cr_expect_not(hf_certificate_has_name(&c, pki_text("10.0.0.2")));
    cr_expect_not(hf_certificate_has_name(&c, pki_text("::ffff:10.0.0.1")));
    cr_expect_not(hf_certificate_has_name(&c, pki_text("uri.example")));
    cr_expect_not(hf_certificate_has_name(&c, pki_text("host.example")));
    cr_expect_not(hf_certificate_has_name(&c, pki_text("common.example")), "the common name");
    cr_expect_not(hf_certificate_has_name(&c, pki_text("")));
    cr_expect(hf_certificate_has_mailbox(&c, pki_text("Box@HOST.example")));
    cr_expect_not(hf_certificate_has_mailbox(&c, pki_text("box@host.example")));
    cr_expect_not(hf_certificate_has_mailbox(&c, pki_text("@host.example")));
    cr_expect_not(hf_certificate_has_mailbox(&c, pki_text("host.example")));
    hf_certificate odd = with_alt_names(
        PKI_JOIN(pki_general_name(0x81, "@host.example"), pki_general_name(0x81, "host.example")));
    cr_expect_not(hf_certificate_has_mailbox(&odd, pki_text("@host.example")));
    cr_expect_not(hf_certificate_has_mailbox(&odd, pki_text("host.example")));
    hf_certificate none = with_alt_names(pki_general_name(0x86, "x"));
    cr_expect_not(hf_certificate_has_name(&none, pki_text("common.example")));
}

/* A zero octet inside a presented name must not end it. */
Test(names, embedded_zero)
{
    hf_span name = {(const uint8_t *)"host.example\0.evil.example", 26};
    hf_certificate c = with_alt_names(pki_element(0x82, name));
    cr_expect_not(hf_certificate_has_name(&c, pki_text("host.example")));
}

#if HF_USE_NAME_MATCHING
static hf_span text_name(uint8_t tag, const char *text)
{
    return pki_name_of("2.5.4.3", tag, text);
}

/* RFC 5280 7.1. */
Test(names, distinguished_names)
{
    enum { UTF8 = 0x0c, PRINTABLE = 0x13, TELETEX = 0x14, IA5 = 0x16, BMP = 0x1e };
    static const struct {
        uint8_t tag_a;
        const char *a;
        uint8_t tag_b;
        const char *b;
        bool are_equal;
    } rows[] = {
        {UTF8, "Good CA", UTF8, "Good CA", true},
        {UTF8, "Good CA", PRINTABLE, "Good CA", true},
        {PRINTABLE, "GOOD ca", UTF8, "good CA", true},
        {PRINTABLE, "  Good   CA ", PRINTABLE, "Good CA", true},
        {PRINTABLE, "GoodCA", PRINTABLE, "Good CA", false},
        {PRINTABLE, "Good CA", PRINTABLE, "Good CA 2", false},
        {PRINTABLE, "Good CA", PRINTABLE, "Good CB", false},
        {PRINTABLE, "", PRINTABLE, "  ", true},
        {PRINTABLE, "", PRINTABLE, "a", false},
        {UTF8, "\xc3\xbc", UTF8, "\xc3\x9c", false}, /* not folded: refused, never confused */
        {TELETEX, "Good CA", TELETEX, "Good CA", true},
        {TELETEX, "Good CA", TELETEX, "good CA", false},
        {TELETEX, "Good CA", UTF8, "Good CA", false},
        {BMP, "ab", BMP, "ab", true},
        {BMP, "ab", BMP, "aB", false},
        {IA5, "A@b", IA5, "a@B", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_span a = text_name(rows[i].tag_a, rows[i].a), b = text_name(rows[i].tag_b, rows[i].b);
        cr_expect_eq(hf_name_equal(a, b), rows[i].are_equal, "row %zu", i);
        cr_expect_eq(hf_name_equal(b, a), rows[i].are_equal, "row %zu, turned round", i);
    }
    cr_expect_not(
        hf_name_equal(pki_name_of("2.5.4.3", UTF8, "a"), pki_name_of("2.5.4.10", UTF8, "a")));
}

static hf_span attribute(const char *oid, const char *value)
{
    return PKI_SEQUENCE(pki_oid(oid), pki_element(0x0c, pki_text(value)));
}

Test(names, sets_and_sequences)
{
    hf_span c = attribute("2.5.4.6", "C"), o = attribute("2.5.4.10", "O"),
            u = attribute("2.5.4.11", "O"), folded = attribute("2.5.4.10", "o");
    hf_span co = PKI_SEQUENCE(PKI_DER(0x31, c), PKI_DER(0x31, o));
    hf_span oc = PKI_SEQUENCE(PKI_DER(0x31, o), PKI_DER(0x31, c));
    hf_span cou = PKI_SEQUENCE(PKI_DER(0x31, c), PKI_DER(0x31, o), PKI_DER(0x31, u));
    cr_expect_not(hf_name_equal(co, oc), "the order of RDNs matters");
    cr_expect_not(hf_name_equal(co, cou));
    cr_expect_not(hf_name_equal(cou, co));
    cr_expect(hf_name_starts_with(cou, co));
    cr_expect(hf_name_starts_with(co, co));
    cr_expect(hf_name_starts_with(co, pki_hex("3000")));
    cr_expect_not(hf_name_starts_with(co, cou));
    cr_expect_not(hf_name_starts_with(cou, oc));

    hf_span one = PKI_SEQUENCE(PKI_DER(0x31, o, u)), other = PKI_SEQUENCE(PKI_DER(0x31, u, folded));
    cr_expect(hf_name_equal(one, other), "attributes of an RDN are a set");
    hf_span twice = PKI_SEQUENCE(PKI_DER(0x31, o, o));
    cr_expect_not(hf_name_equal(one, twice));
    cr_expect_not(hf_name_equal(twice, one));
    hf_span many = PKI_NONE, many_folded = PKI_NONE;
    for (size_t i = 0; i <= HF_RDN_ATTRIBUTES_MAX; i++) {
        many = PKI_JOIN(many, o);
        many_folded = PKI_JOIN(many_folded, folded);
        cr_expect_eq(hf_name_equal(PKI_SEQUENCE(pki_element(0x31, many)),
                                   PKI_SEQUENCE(pki_element(0x31, many_folded))),
                     i < HF_RDN_ATTRIBUTES_MAX, "%zu attributes", i + 1);
    }
}
#endif
