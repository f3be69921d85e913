/* The DER reader against X.690: what it must take and what it must refuse. */
#include "tests/support/pki.h"
#include "tls/x509/der.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

typedef struct der_row {
    const char *what;
    const char *hex;
    bool is_valid;
} der_row;

/* A copy of exactly that size, so that a sanitizer sees any read past its end. */
static hf_span exact(const char *hex)
{
    hf_span bytes = pki_hex(hex);
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    memcpy(copy, bytes.data, bytes.size);
    return (hf_span){copy, bytes.size};
}

static void release(hf_span bytes)
{
    free((void *)(uintptr_t)bytes.data);
}

#define CHECK_ROWS(rows, read)                                                        \
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows)[0]; i++) {                     \
        hf_span bytes = exact((rows)[i].hex);                                         \
        hf_der der = hf_der_open(bytes);                                              \
        read(&der);                                                                   \
        cr_expect_eq(hf_der_done(&der), (rows)[i].is_valid, "%s: %s", (rows)[i].what, \
                     (rows)[i].hex);                                                  \
        release(bytes);                                                               \
    }

static void read_octets(hf_der *der)
{
    hf_der_read(der, HF_DER_OCTET_STRING);
}

Test(der, lengths)
{
    static const der_row rows[] = {
        {"empty content", "0400", true},
        {"one octet", "0401aa", true},
        {"nothing at all", "", false},
        {"tag only", "04", false},
        {"content missing", "0401", false},
        {"content cut short", "0402aa", false},
        {"trailing octet", "0401aa00", false},
        {"another tag", "0501aa", false},
        {"long form of a short length (8.1.3.5, 10.1)", "048101aa", false},
        {"indefinite form (8.1.3.6, 10.1)", "0480aa0000", false},
        {"reserved length octet (8.1.3.5 c)", "04ffaa", false},
        {"length octets cut short", "0482", false},
        {"leading zero in the length", "04820001aa", false},
        {"five length octets", "04850000000001aa", false},
        {"four gigabytes", "0484ffffffff", false},
        {"tag number above 30 (8.1.2.4)", "1f0401aa", false},
    };
    CHECK_ROWS(rows, read_octets)
}

Test(der, long_lengths)
{
    static const size_t sizes[] = {0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000};
    static uint8_t content[0x10000];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        hf_span element = pki_element(0x04, (hf_span){content, sizes[i]});
        hf_der der = hf_der_open(element);
        cr_expect_eq(hf_der_read(&der, HF_DER_OCTET_STRING).size, sizes[i]);
        cr_expect(hf_der_done(&der));
        der = hf_der_open((hf_span){element.data, element.size - 1});
        hf_der_read(&der, HF_DER_OCTET_STRING);
        cr_expect_not(hf_der_done(&der));
    }
}

/* A length that is too long by a leading zero octet, or by more octets than can be counted. */
Test(der, long_lengths_not_minimal)
{
    static const char *const headers[] = {"04820080", "0483000100", "04850100000080",
                                          "04850000000080"};
    static uint8_t content[0x100];
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        hf_span bytes = PKI_JOIN(pki_hex(headers[i]), (hf_span){content, i == 1 ? 0x100U : 0x80U});
        hf_der der = hf_der_open(bytes);
        hf_der_read(&der, HF_DER_OCTET_STRING);
        cr_expect_not(hf_der_done(&der), "%s", headers[i]);
    }
}

static void read_boolean(hf_der *der)
{
    hf_der_read_default_false(der);
}

Test(der, boolean)
{
    static const der_row rows[] = {
        {"absent", "", true},        {"true", "0101ff", true},
        {"false", "010100", true},   {"another octet (11.1)", "010101", false},
        {"no octet", "0100", false}, {"two octets", "0102ffff", false},
    };
    CHECK_ROWS(rows, read_boolean)
    hf_der yes = hf_der_open(pki_hex("0101ff")), no = hf_der_open(pki_hex("010100"));
    cr_expect(hf_der_read_default_false(&yes));
    cr_expect_not(hf_der_read_default_false(&no));
}

static void read_integer(hf_der *der)
{
    hf_der_read_integer(der);
}

static void read_positive(hf_der *der)
{
    hf_der_read_positive(der);
}

Test(der, integer)
{
    static const der_row rows[] = {
        {"zero", "020100", true},
        {"127", "02017f", true},
        {"128", "02020080", true},
        {"-128", "020180", true},
        {"-129", "0202ff7f", true},
        {"no content (8.3.1)", "0200", false},
        {"nine leading zeros (8.3.2)", "0202007f", false},
        {"nine leading ones (8.3.2)", "0202ff80", false},
    };
    CHECK_ROWS(rows, read_integer)
    static const der_row positive[] = {
        {"one", "020101", true},
        {"128", "02020080", true},
        {"zero", "020100", false},
        {"-1", "0201ff", false},
    };
    CHECK_ROWS(positive, read_positive)
    hf_der der = hf_der_open(pki_hex("02020080"));
    hf_span number = hf_der_read_positive(&der);
    cr_expect(hf_span_equal(number, pki_hex("80")), "the leading zero is dropped");
}

static void read_small(hf_der *der)
{
    hf_der_read_small(der, HF_DER_INTEGER);
}

Test(der, small_integer)
{
    static const struct {
        const char *hex;
        uint32_t value;
    } rows[] = {
        {"020100", 0},
        {"02020080", 128},
        {"02047fffffff", 0x7fffffff},
        {"020500ffffffff", UINT32_MAX},
        {"02050100000000", UINT32_MAX},
        {"020900ffffffffffffffff", UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_der der = hf_der_open(pki_hex(rows[i].hex));
        cr_expect_eq(hf_der_read_small(&der, HF_DER_INTEGER), rows[i].value, "%s", rows[i].hex);
        cr_expect(hf_der_done(&der), "%s", rows[i].hex);
    }
    static const der_row bad[] = {{"negative", "0201ff", false},
                                  {"leading zeros", "0202007f", false}};
    CHECK_ROWS(bad, read_small)
}

static void read_oid(hf_der *der)
{
    hf_der_read_oid(der);
}

Test(der, object_identifier)
{
    static const der_row rows[] = {
        {"2.5.29.17", "0603551d11", true},      {"1.2.840.113549", "06062a864886f70d", true},
        {"no content (8.19.2)", "0600", false}, {"leading 80 (8.19.2)", "0603558011", false},
        {"first octet 80", "06028001", false},  {"last octet goes on", "0602558a", false},
    };
    CHECK_ROWS(rows, read_oid)
}

static void read_octet_bits(hf_der *der)
{
    hf_der_read_octet_bits(der);
}

static void read_named_bits(hf_der *der)
{
    hf_der_read_named_bits(der);
}

Test(der, bit_string)
{
    static const der_row octets[] = {
        {"empty", "030100", true},
        {"one octet", "030200aa", true},
        {"no unused-bits octet", "0300", false},
        {"unused bits", "030201aa", false},
    };
    CHECK_ROWS(octets, read_octet_bits)
    static const der_row named[] = {
        {"empty", "030100", true},
        {"seven unused", "03020780", true},
        {"not as short as possible, as CAs have issued it", "03020086", true},
        {"no unused-bits octet", "0300", false},
        {"eight unused (8.6.2.2)", "03020880", false},
        {"unused bits without octets (8.6.2.3)", "030101", false},
        {"an unused bit set (11.2.1)", "03020181", false},
    };
    CHECK_ROWS(named, read_named_bits)
}

Test(der, named_bits)
{
    static const struct {
        const char *hex;
        uint16_t flags;
    } rows[] = {
        {"030100", 0},       {"03020780", 1},       {"03020106", 1 << 5 | 1 << 6},
        {"0303070080", 256}, {"03050180000100", 1}, {"03040000017e", 1 << 15},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_der der = hf_der_open(pki_hex(rows[i].hex));
        cr_expect_eq(hf_der_read_named_bits(&der), rows[i].flags, "%s", rows[i].hex);
        cr_expect(hf_der_done(&der), "%s", rows[i].hex);
    }
}

Test(der, null)
{
    hf_der good = hf_der_open(pki_hex("0500")), bad = hf_der_open(pki_hex("050100"));
    hf_der_read_null(&good);
    hf_der_read_null(&bad);
    cr_expect(hf_der_done(&good));
    cr_expect_not(hf_der_done(&bad));
}

static hf_der time_of(const char *text)
{
    return hf_der_open(pki_element(strlen(text) == 15 ? 0x18 : 0x17, pki_text(text)));
}

/* Seconds as Python's datetime gives them. */
Test(der, times)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } rows[] = {
        {"700101000000Z", 0},
        {"000229120000Z", 951825600},
        {"240229000000Z", 1709164800},
        {"991231235959Z", 946684799},
        {"491231235959Z", 2524607999},
        {"500101000000Z", -631152000},
        {"19700101000000Z", 0},
        {"19000301000000Z", -2203891200},
        {"21000301000000Z", 4107542400},
        {"99991231235959Z", 253402300799},
        {"00010101000000Z", -62135596800},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_der der = time_of(rows[i].text);
        cr_expect_eq(hf_der_read_time(&der), rows[i].seconds, "%s", rows[i].text);
        cr_expect(hf_der_done(&der), "%s", rows[i].text);
    }
}

Test(der, times_that_are_none)
{
    static const char *const rows[] = {
        "2401010000Z",       /* RFC 5280 4.1.2.5.1: seconds must be there     */
        "240101000000+0000", /* and the time zone must be Z                   */
        "240101000000",
        "240101000000z",
        "24010100000 Z",
        "240001000000Z",
        "241301000000Z",
        "240100000000Z",
        "240132000000Z",
        "240431000000Z",
        "230229000000Z",
        "21000229000000Z",
        "240101240000Z",
        "240101006000Z",
        "240101000060Z",
        "-40101000000Z",
        "",
        "Z",
        "20240101000000.5Z",
        "2024010100000000Z",
        "00000101000000Z",
        "2024 101000000Z",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_der der = time_of(rows[i]);
        hf_der_read_time(&der);
        cr_expect_not(hf_der_done(&der), "%s", rows[i]);
    }
    /* The right text under the other tag. */
    hf_der utc = hf_der_open(pki_element(0x18, pki_text("240101000000Z")));
    hf_der_read_time(&utc);
    cr_expect_not(hf_der_done(&utc));
    hf_der generalized = hf_der_open(pki_element(0x17, pki_text("20240101000000Z")));
    hf_der_read_time(&generalized);
    cr_expect_not(hf_der_done(&generalized));
}

/* After the first violation nothing more is read, and nested cursors know of it. */
Test(der, sticky_error)
{
    hf_der der = hf_der_open(pki_hex("0401aa020101"));
    cr_expect_eq(hf_der_read(&der, HF_DER_INTEGER).size, 0);
    cr_expect_not(hf_der_more(&der));
    cr_expect_not(hf_der_at(&der, HF_DER_OCTET_STRING));
    cr_expect_eq(hf_der_read(&der, HF_DER_OCTET_STRING).size, 0);
    hf_der inner = hf_der_enter(&der, HF_DER_SEQUENCE);
    cr_expect_not(hf_der_done(&inner));
    cr_expect_not(hf_der_done(&der));
}

Test(der, elements)
{
    hf_der der = hf_der_open(pki_hex("3003020105"
                                     "0500"));
    hf_der copy = der;
    cr_expect(hf_span_equal(hf_der_read_element(&der, HF_DER_SEQUENCE), pki_hex("3003020105")));
    uint8_t tag;
    cr_expect_eq(hf_der_read_any(&der, &tag).size, 0);
    cr_expect_eq(tag, HF_DER_NULL);
    cr_expect(hf_der_done(&der));
    hf_der inner = hf_der_enter(&copy, HF_DER_SEQUENCE);
    cr_expect_eq(hf_der_read_small(&inner, HF_DER_INTEGER), 5);
    cr_expect(hf_der_done(&inner));
    cr_expect_not(hf_der_done(&copy));
}
