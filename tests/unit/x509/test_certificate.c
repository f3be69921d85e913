/* Reading certificates: those of OpenSSL, and wrong ones made by hand. */
#include "tests/support/pki.h"

#include <criterion/criterion.h>
#include <handfast/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pki_fields plain(void)
{
    return (pki_fields){.issuer = "issuer",
                        .subject = "subject",
                        .key = pki_key_at(0),
                        .extensions = pki_dns("host.example")};
}

static hf_error read_fields(const pki_fields *fields)
{
    hf_certificate c;
    return hf_certificate_read(&c, pki_issue(fields));
}

static hf_error read_with(hf_span extensions)
{
    pki_fields fields = plain();
    fields.extensions = extensions;
    return read_fields(&fields);
}

/* make_pki.sh says what these hold. */
Test(certificate, made_by_openssl)
{
    hf_certificate c;
    cr_assert_eq(hf_certificate_read(&c, pki_bytes_of("server-p256.der")), HF_OK);
    cr_expect_eq(c.version, 3);
    cr_expect_eq(c.not_before, 1704067200); /* 2024-01-01 00:00:00 */
    cr_expect_eq(c.not_after, 2335219199);  /* 2043-12-31 23:59:59 */
    cr_expect_eq(c.public_key.type, HF_KEY_EC);
    cr_expect_eq(c.public_key.u.ec.curve, HF_CURVE_P256);
    cr_expect_eq(c.algorithm.key_type, HF_KEY_EC);
    cr_expect_eq(c.algorithm.hash, HF_HASH_SHA256);
    cr_expect(c.has_basic_constraints && !c.is_ca && !c.has_path_length);
    cr_expect(c.has_key_usage);
    cr_expect_eq(c.key_usage, HF_KEY_USAGE_DIGITAL_SIGNATURE);
    cr_expect_not(c.has_unknown_critical);
    cr_expect(hf_certificate_has_name(&c, HF_SPAN_LITERAL("server.example")));
    cr_expect(hf_certificate_has_name(&c, HF_SPAN_LITERAL("a.wild.example")));
    cr_expect(hf_certificate_has_name(&c, HF_SPAN_LITERAL("127.0.0.1")));
    cr_expect(hf_certificate_has_name(&c, HF_SPAN_LITERAL("::1")));
    cr_expect_not(hf_certificate_has_name(&c, HF_SPAN_LITERAL("other.example")));

    cr_assert_eq(hf_certificate_read(&c, pki_bytes_of("inter-rsa2048.der")), HF_OK);
    cr_expect(c.is_ca && c.has_path_length);
    cr_expect_eq(c.path_length, 0);
    cr_expect_eq(c.key_usage, HF_KEY_USAGE_KEY_CERT_SIGN | HF_KEY_USAGE_CRL_SIGN);
    cr_expect_eq(c.public_key.type, HF_KEY_RSA);
    cr_expect_eq(c.public_key.u.rsa.modulus.size, 256);
    cr_expect_eq(c.public_key.u.rsa.exponent.size, 3); /* 65537 */
    cr_expect_eq(c.algorithm.padding, HF_PADDING_PKCS1);

    cr_assert_eq(hf_certificate_read(&c, pki_bytes_of("bad-critical.der")), HF_OK);
    cr_expect(c.has_unknown_critical);
}

/* A certificate cut anywhere, or with an octet behind it, is none. */
Test(certificate, truncated_and_trailing)
{
    hf_span der = pki_bytes_of("server-p256.der");
    hf_certificate c;
    for (size_t size = 0; size < der.size; size++) {
        uint8_t *copy = malloc(size > 0 ? size : 1);
        memcpy(copy, der.data, size);
        cr_expect_eq(hf_certificate_read(&c, (hf_span){copy, size}), HF_ERROR_CERTIFICATE_MALFORMED,
                     "cut to %zu", size);
        free(copy);
    }
    hf_span longer = PKI_JOIN(der, pki_hex("00"));
    cr_expect_eq(hf_certificate_read(&c, longer), HF_ERROR_CERTIFICATE_MALFORMED);
}

Test(certificate, versions)
{
    static const struct {
        const char *what, *version;
        bool has_extensions, has_unique_ids;
        hf_error error;
    } rows[] = {
        {"3", "a003020102", true, true, HF_OK},
        {"2 with unique identifiers", "a003020101", false, true, HF_OK},
        {"2 with extensions", "a003020101", true, false, HF_ERROR_CERTIFICATE_MALFORMED},
        {"4", "a003020103", true, false, HF_ERROR_CERTIFICATE_MALFORMED},
        {"1 written out", "a003020100", false, false, HF_ERROR_CERTIFICATE_MALFORMED},
        {"negative", "a0030201ff", false, false, HF_ERROR_CERTIFICATE_MALFORMED},
        {"two numbers", "a006020102020102", false, false, HF_ERROR_CERTIFICATE_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pki_fields fields = plain();
        fields.version = pki_hex(rows[i].version);
        fields.extensions = rows[i].has_extensions ? fields.extensions : PKI_NONE;
        fields.unique_ids = rows[i].has_unique_ids ? pki_hex("81020001"
                                                             "82020001")
                                                   : PKI_NONE;
        cr_expect_eq(read_fields(&fields), rows[i].error, "%s", rows[i].what);
    }
}

Test(certificate, version_1)
{
    pki_fields fields = plain();
    fields.is_version_1 = true;
    cr_expect_eq(read_fields(&fields), HF_ERROR_CERTIFICATE_MALFORMED, "with extensions");
    fields.extensions = PKI_NONE;
    hf_certificate c;
    cr_expect_eq(hf_certificate_read(&c, pki_issue(&fields)), HF_OK);
    cr_expect_eq(c.version, 1);
    fields.unique_ids = pki_hex("81020001");
    cr_expect_eq(read_fields(&fields), HF_ERROR_CERTIFICATE_MALFORMED, "with unique identifiers");
}

Test(certificate, serial_numbers)
{
    static const struct {
        const char *what, *integer;
        hf_error error;
    } rows[] = {
        {"zero, to be borne with (RFC 5280 4.1.2.2)", "020100", HF_OK},
        {"negative, to be borne with", "0201ff", HF_OK},
        {"20 octets", "02147f00000000000000000000000000000000000000", HF_OK},
        {"21 octets", "02157f0000000000000000000000000000000000000000",
         HF_ERROR_CERTIFICATE_MALFORMED},
        {"not minimal", "02020001", HF_ERROR_CERTIFICATE_MALFORMED},
        {"no octets", "0200", HF_ERROR_CERTIFICATE_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pki_fields fields = plain();
        fields.serial = pki_hex(rows[i].integer);
        cr_expect_eq(read_fields(&fields), rows[i].error, "%s", rows[i].what);
    }
}

Test(certificate, names_that_must_be_there)
{
    hf_span empty = pki_hex("3000");
    hf_span names = PKI_SEQUENCE(pki_general_name(0x82, "host.example"));
    pki_fields fields = plain();
    fields.issuer_der = empty;
    cr_expect_eq(read_fields(&fields), HF_ERROR_CERTIFICATE_MALFORMED, "empty issuer (4.1.2.4)");
    fields = plain();
    fields.subject_der = empty;
    cr_expect_eq(read_fields(&fields), HF_ERROR_CERTIFICATE_MALFORMED,
                 "empty subject, subjectAltName not critical (4.2.1.6)");
    fields.extensions = pki_extension("2.5.29.17", true, names);
    cr_expect_eq(read_fields(&fields), HF_OK, "empty subject, critical subjectAltName");
    fields.extensions = PKI_JOIN(fields.extensions, pki_basic_constraints(true, -1));
    cr_expect_eq(read_fields(&fields), HF_ERROR_CERTIFICATE_MALFORMED, "a CA without a name");
    fields.extensions = PKI_NONE;
    cr_expect_eq(read_fields(&fields), HF_ERROR_CERTIFICATE_MALFORMED, "no name at all");
    fields = plain();
    fields.subject_der = PKI_SEQUENCE(pki_hex("3100"));
    cr_expect_eq(read_fields(&fields), HF_ERROR_CERTIFICATE_MALFORMED, "an RDN of no attributes");
    fields = plain();
    fields.issuer_der = PKI_SEQUENCE(pki_hex("3100"));
    cr_expect_eq(read_fields(&fields), HF_ERROR_CERTIFICATE_MALFORMED, "the same of the issuer");
}

Test(certificate, validity)
{
    pki_fields fields = plain();
    fields.not_before = "19491231235959Z";
    fields.not_after = "99991231235959Z";
    hf_certificate c;
    cr_assert_eq(hf_certificate_read(&c, pki_issue(&fields)), HF_OK);
    cr_expect_eq(c.not_after, 253402300799);
    fields.not_after = "991231235960Z";
    cr_expect_eq(read_fields(&fields), HF_ERROR_CERTIFICATE_MALFORMED);
}

typedef struct extension_row {
    const char *what, *oid, *value;
    bool is_critical;
    hf_error error;
} extension_row;

#define MALFORMED HF_ERROR_CERTIFICATE_MALFORMED

Test(certificate, extensions)
{
    static const extension_row rows[] = {
        {"basicConstraints, empty", "2.5.29.19", "3000", true, HF_OK},
        {"cA FALSE written out", "2.5.29.19", "3003010100", true, HF_OK},
        {"cA with a path length", "2.5.29.19", "30060101ff020100", true, HF_OK},
        {"path length without cA", "2.5.29.19", "3003020100", true, MALFORMED},
        {"negative path length", "2.5.29.19", "30060101ff0201ff", true, MALFORMED},
        {"BOOLEAN of another value", "2.5.29.19", "3003010101", true, MALFORMED},
        {"trailing octets in it", "2.5.29.19",
         "300500010203"
         "04",
         true, MALFORMED},
        {"trailing octets behind it", "2.5.29.19", "300000", true, MALFORMED},
        {"keyUsage", "2.5.29.15", "03020780", true, HF_OK},
        {"keyUsage, not a BIT STRING", "2.5.29.15", "04020780", true, MALFORMED},
        {"keyUsage, trailing octet", "2.5.29.15", "0302078000", true, MALFORMED},
        {"extendedKeyUsage", "2.5.29.37", "300a06082b06010505070301", false, HF_OK},
        {"extendedKeyUsage of none", "2.5.29.37", "3000", false, MALFORMED},
        {"subjectAltName of none (4.2.1.6)", "2.5.29.17", "3000", false, MALFORMED},
        {"subjectAltName, DNS not ASCII", "2.5.29.17", "3003820180", false, MALFORMED},
        {"subjectAltName, address of 5", "2.5.29.17", "300787050102030405", false, MALFORMED},
        {"subjectAltName, no GeneralName", "2.5.29.17", "3003890100", false, MALFORMED},
        {"subjectAltName, universal tag", "2.5.29.17", "3003160161", false, MALFORMED},
        {"directoryName without a Name", "2.5.29.17", "3003a40100", false, MALFORMED},
        {"nameConstraints, not a CA (4.2.1.10)", "2.5.29.30", "3007a0053003820161", true,
         MALFORMED},
        {"policies", "2.5.29.32",
         "300630040602"
         "5500",
         true, HF_OK},
        {"no policies", "2.5.29.32", "3000", true, MALFORMED},
        {"policyConstraints", "2.5.29.36", "3003800100", true, HF_OK},
        {"policyConstraints, empty (4.2.1.11)", "2.5.29.36", "3000", true, MALFORMED},
        {"policyConstraints, wrong order", "2.5.29.36", "3006810100800100", true, MALFORMED},
        {"inhibitAnyPolicy", "2.5.29.54", "020100", true, HF_OK},
        {"inhibitAnyPolicy, negative", "2.5.29.54", "0201ff", true, MALFORMED},
        {"policyMappings", "2.5.29.33",
         "300a3008060255000602"
         "5501",
         true, HF_OK},
        {"policyMappings of one OID", "2.5.29.33", "3006300406025500", true, MALFORMED},
        {"authorityKeyIdentifier", "2.5.29.35", "3003800101", false, HF_OK},
        {"critical (4.2.1.1)", "2.5.29.35", "3003800101", true, MALFORMED},
        {"issuer without serial", "2.5.29.35", "3004a1028200", false, MALFORMED},
        {"subjectKeyIdentifier", "2.5.29.14", "040101", false, HF_OK},
        {"critical (4.2.1.2)", "2.5.29.14", "040101", true, MALFORMED},
        {"unknown", "1.3.6.1.4.1.55555.1", "00", false, HF_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_span extension = pki_extension(rows[i].oid, rows[i].is_critical, pki_hex(rows[i].value));
        cr_expect_eq(read_with(extension), rows[i].error, "%s: %s", rows[i].what, rows[i].value);
    }
}

Test(certificate, name_constraints_of_a_ca)
{
    static const struct {
        const char *what, *value;
        hf_error error;
    } rows[] = {
        {"permitted DNS", "3007a0053003820161", HF_OK},
        {"excluded DNS", "3007a1053003820161", HF_OK},
        {"neither (4.2.1.10)", "3000", MALFORMED},
        {"empty list", "3002a000", MALFORMED},
        {"minimum written out", "300aa0083006820161800100", MALFORMED},
        {"maximum", "300aa0083006820161810101", MALFORMED},
        {"address without mask", "300aa0083006870401020304", MALFORMED},
        {"address and mask", "300ea00c300a87080a000000ff000000", HF_OK},
        {"mask with a hole", "300ea00c300a87080a000000ff00ff00", MALFORMED},
        {"something behind", "300aa0053003820161820100", MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_span extensions = PKI_JOIN(pki_basic_constraints(true, -1),
                                      pki_extension("2.5.29.30", true, pki_hex(rows[i].value)));
        cr_expect_eq(read_with(extensions), rows[i].error, "%s", rows[i].what);
    }
}

Test(certificate, extension_lists)
{
    hf_span unknown = pki_extension("1.3.6.1.4.1.55555.1", false, pki_hex("00"));
    hf_span other = pki_extension("1.3.6.1.4.1.55555.2", false, pki_hex("00"));
    cr_expect_eq(read_with(PKI_JOIN(unknown, other)), HF_OK);
    cr_expect_eq(read_with(PKI_JOIN(unknown, other, unknown)), MALFORMED, "twice (4.2)");
    cr_expect_eq(read_with(PKI_JOIN(pki_dns("a.example"), pki_dns("a.example"))), MALFORMED);
    cr_expect_eq(read_with(PKI_JOIN(pki_dns("a.example"), pki_hex("0500"))), MALFORMED);
    hf_span longer = PKI_SEQUENCE(pki_oid("1.3.6.1.4.1.55555.1"), pki_hex("0400"), pki_hex("0500"));
    cr_expect_eq(read_with(longer), MALFORMED, "a field too many");

    hf_span many = PKI_NONE;
    for (unsigned i = 0; i < HF_CERTIFICATE_EXTENSIONS_MAX; i++) {
        char oid[32];
        snprintf(oid, sizeof oid, "1.3.6.1.4.1.55555.%u", i + 1);
        many = PKI_JOIN(many, pki_extension(oid, false, pki_hex("00")));
    }
    cr_expect_eq(read_with(many), HF_OK);
    cr_expect_eq(read_with(PKI_JOIN(many, pki_dns("a.example"))), MALFORMED);

    /* An explicit critical FALSE, which X.690 11.5 forbids and CAs have issued. */
    hf_span explicit_false =
        PKI_SEQUENCE(pki_oid("1.3.6.1.4.1.55555.1"), pki_hex("010100"), pki_hex("0400"));
    cr_expect_eq(read_with(explicit_false), HF_OK);
    hf_span empty_list = PKI_DER(0xa3, pki_hex("3000"));
    pki_fields fields = plain();
    fields.extensions = PKI_NONE;
    fields.unique_ids = empty_list;
    cr_expect_eq(read_fields(&fields), MALFORMED, "an empty list (4.1)");
}

/* RFC 5280 4.2.1.4: a critical extension with a qualifier that is not known. */
Test(certificate, policy_qualifiers)
{
    static const struct {
        const char *qualifier;
        bool is_critical, is_unknown;
    } rows[] = {
        {"1.3.6.1.5.5.7.2.1", true, false},
        {"1.3.6.1.5.5.7.2.2", true, false},
        {"1.3.6.1.5.5.7.2.3", true, true},
        {"1.3.6.1.5.5.7.2.3", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_span qualifier = PKI_SEQUENCE(pki_oid(rows[i].qualifier), pki_hex("160161"));
        hf_span policies =
            PKI_SEQUENCE(PKI_SEQUENCE(pki_oid("2.16.840.1"), PKI_SEQUENCE(qualifier)));
        pki_fields fields = plain();
        fields.extensions = pki_extension("2.5.29.32", rows[i].is_critical, policies);
        hf_certificate c;
        cr_assert_eq(hf_certificate_read(&c, pki_issue(&fields)), HF_OK);
        cr_expect_eq(c.has_unknown_critical, rows[i].is_unknown, "row %zu", i);
    }
}

/* RFC 5280 4.2.1.4: PolicyQualifierInfo is an OID and one value, and a list of them has at least
 * one; 4.2.1.10: GeneralSubtrees have at least one as well. */
Test(certificate, malformed_lists)
{
    static const struct {
        const char *oid, *value;
        hf_error error;
    } rows[] = {
        {"2.5.29.32", "3010300e06022a033008300606012a160161", HF_OK},
        {"2.5.29.32", "3012301006022a03300a300806012a1601610500", HF_ERROR_CERTIFICATE_MALFORMED},
        {"2.5.29.32", "300d300b06022a033005300306012a", HF_ERROR_CERTIFICATE_MALFORMED},
        {"2.5.29.32", "300a300806022a0330020500", HF_ERROR_CERTIFICATE_MALFORMED},
        {"2.5.29.32", "3008300606022a033000", HF_ERROR_CERTIFICATE_MALFORMED},
        {"2.5.29.30", "3002a000", HF_ERROR_CERTIFICATE_MALFORMED},
        {"2.5.29.30", "3002a100", HF_ERROR_CERTIFICATE_MALFORMED},
        {"2.5.29.30", "3007a1053003820161", HF_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_certificate c;
        pki_fields fields = plain();
        fields.extensions =
            PKI_JOIN(pki_basic_constraints(true, -1), pki_key_usage(HF_KEY_USAGE_KEY_CERT_SIGN),
                     pki_extension(rows[i].oid, true, pki_hex(rows[i].value)));
        cr_expect_eq(hf_certificate_read(&c, pki_issue(&fields)), rows[i].error, "row %zu", i);
    }
}

typedef struct algorithm_row {
    const char *what, *oid, *parameters;
    hf_key_type key_type;
    hf_padding padding;
    hf_hash_id hash;
} algorithm_row;

/* AlgorithmIdentifiers of RFC 3279 2.2, RFC 4055 and RFC 5758. */
Test(certificate, signature_algorithms)
{
    static const algorithm_row rows[] = {
        {"md5WithRSA", "1.2.840.113549.1.1.4", "0500", HF_KEY_RSA, HF_PADDING_PKCS1, HF_HASH_MD5},
        {"sha1WithRSA", "1.2.840.113549.1.1.5", "0500", HF_KEY_RSA, HF_PADDING_PKCS1, HF_HASH_SHA1},
        {"sha224WithRSA", "1.2.840.113549.1.1.14", "0500", HF_KEY_RSA, HF_PADDING_PKCS1,
         HF_HASH_SHA224},
        {"sha256WithRSA", "1.2.840.113549.1.1.11", "0500", HF_KEY_RSA, HF_PADDING_PKCS1,
         HF_HASH_SHA256},
        {"absent, RFC 4055 5", "1.2.840.113549.1.1.11", "", HF_KEY_RSA, HF_PADDING_PKCS1,
         HF_HASH_SHA256},
        {"sha384WithRSA", "1.2.840.113549.1.1.12", "0500", HF_KEY_RSA, HF_PADDING_PKCS1,
         HF_HASH_SHA384},
        {"sha512WithRSA", "1.2.840.113549.1.1.13", "0500", HF_KEY_RSA, HF_PADDING_PKCS1,
         HF_HASH_SHA512},
        {"other parameters", "1.2.840.113549.1.1.11", "3000", HF_KEY_NONE, HF_PADDING_NONE,
         HF_HASH_NONE},
        {"NULL and more", "1.2.840.113549.1.1.11", "05000500", HF_KEY_NONE, HF_PADDING_NONE,
         HF_HASH_NONE},
        {"ecdsa-with-SHA1", "1.2.840.10045.4.1", "", HF_KEY_EC, HF_PADDING_NONE, HF_HASH_SHA1},
        {"ecdsa-with-SHA224", "1.2.840.10045.4.3.1", "", HF_KEY_EC, HF_PADDING_NONE,
         HF_HASH_SHA224},
        {"ecdsa-with-SHA256", "1.2.840.10045.4.3.2", "", HF_KEY_EC, HF_PADDING_NONE,
         HF_HASH_SHA256},
        {"ecdsa-with-SHA384", "1.2.840.10045.4.3.3", "", HF_KEY_EC, HF_PADDING_NONE,
         HF_HASH_SHA384},
        {"ecdsa-with-SHA512", "1.2.840.10045.4.3.4", "", HF_KEY_EC, HF_PADDING_NONE,
         HF_HASH_SHA512},
        {"with NULL, RFC 5758 3.2", "1.2.840.10045.4.3.2", "0500", HF_KEY_NONE, HF_PADDING_NONE,
         HF_HASH_NONE},
        {"Ed25519", "1.3.101.112", "", HF_KEY_NONE, HF_PADDING_NONE, HF_HASH_NONE},
        {"PSS of defaults", "1.2.840.113549.1.1.10", "3000", HF_KEY_RSA, HF_PADDING_PSS,
         HF_HASH_SHA1},
        {"PSS without parameters", "1.2.840.113549.1.1.10", "", HF_KEY_NONE, HF_PADDING_NONE,
         HF_HASH_NONE},
        {"PSS, SHA-256 throughout", "1.2.840.113549.1.1.10",
         "3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030"
         "40201"
         "0500a203020120",
         HF_KEY_RSA, HF_PADDING_PSS, HF_HASH_SHA256},
        {"PSS, hash parameters absent", "1.2.840.113549.1.1.10",
         "3030a00d300b0609608648016503040201a11a301806092a864886f70d010108300b060960864801650304020"
         "1"
         "a203020120",
         HF_KEY_RSA, HF_PADDING_PSS, HF_HASH_SHA256},
        {"PSS, salt of 20", "1.2.840.113549.1.1.10",
         "3030a00d300b0609608648016503040201a11a301806092a864886f70d010108300b060960864801650304020"
         "1"
         "a203020114",
         HF_KEY_NONE, HF_PADDING_NONE, HF_HASH_NONE},
        {"PSS, MGF1 with SHA-1", "1.2.840.113549.1.1.10",
         "3014a00d300b0609608648016503040201a203020120", HF_KEY_NONE, HF_PADDING_NONE,
         HF_HASH_NONE},
        {"PSS, another mask", "1.2.840.113549.1.1.10",
         "3030a00d300b0609608648016503040201a11a301806092a864886f70d010109300b060960864801650304020"
         "1"
         "a203020120",
         HF_KEY_NONE, HF_PADDING_NONE, HF_HASH_NONE},
        {"PSS, another trailer", "1.2.840.113549.1.1.10",
         "3035a00d300b0609608648016503040201a11a301806092a864886f70d010108300b060960864801650304020"
         "1"
         "a203020120a303020102",
         HF_KEY_NONE, HF_PADDING_NONE, HF_HASH_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pki_fields fields = plain();
        fields.algorithm = PKI_SEQUENCE(pki_oid(rows[i].oid), pki_hex(rows[i].parameters));
        hf_certificate c;
        cr_assert_eq(hf_certificate_read(&c, pki_issue(&fields)), HF_OK, "%s", rows[i].what);
        cr_expect_eq(c.algorithm.key_type, rows[i].key_type, "%s", rows[i].what);
        cr_expect_eq(c.algorithm.padding, rows[i].padding, "%s", rows[i].what);
        cr_expect_eq(c.algorithm.hash, rows[i].hash, "%s", rows[i].what);
    }
}

/* RFC 5280 4.1.1.2. */
Test(certificate, signature_algorithm_inside_is_that_outside)
{
    pki_fields fields = plain();
    fields.outer_algorithm = PKI_SEQUENCE(pki_oid("1.2.840.10045.4.3.3"));
    cr_expect_eq(read_fields(&fields), MALFORMED);
    fields.algorithm = PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.11"), pki_hex("0500"));
    fields.outer_algorithm = PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.11"));
    cr_expect_eq(read_fields(&fields), MALFORMED);
}

static hf_span key_of(const char *algorithm_oid, const char *parameters, hf_span bits)
{
    return PKI_SEQUENCE(PKI_SEQUENCE(pki_oid(algorithm_oid), pki_hex(parameters)),
                        PKI_DER(0x03, pki_hex("00"), bits));
}

typedef struct key_row {
    const char *what;
    hf_span key;
    hf_error error;
    hf_key_type type;
} key_row;

Test(certificate, public_keys)
{
    static const char *const rsa = "1.2.840.113549.1.1.1", *const ec = "1.2.840.10045.2.1";
    static const char *const p256 = "06082a8648ce3d030107";
    const pki_key *key = pki_key_at(0);
    hf_span point = {key->point, 65};
    hf_span compressed = PKI_JOIN(pki_hex("02"), (hf_span){key->point + 1, 32});
    hf_span hybrid = PKI_JOIN(pki_hex("06"), (hf_span){key->point + 1, 64});
    hf_span number = pki_hex("02020081");
    const key_row rows[] = {
        {"P-256", key_of(ec, p256, point), HF_OK, HF_KEY_EC},
        {"compressed point", key_of(ec, p256, compressed), HF_OK, HF_KEY_NONE},
        {"hybrid point", key_of(ec, p256, hybrid), HF_OK, HF_KEY_NONE},
        {"point cut short", key_of(ec, p256, (hf_span){key->point, 64}), HF_OK, HF_KEY_NONE},
        {"secp256k1", key_of(ec, "06052b8104000a", point), HF_OK, HF_KEY_NONE},
        {"explicit parameters", key_of(ec, "3000", point), HF_OK, HF_KEY_NONE},
        {"curve and more", key_of(ec, "06082a8648ce3d0301070500", point), MALFORMED, HF_KEY_NONE},
        {"RSA", key_of(rsa, "0500", PKI_SEQUENCE(number, number)), HF_OK, HF_KEY_RSA},
        {"RSA without NULL (RFC 3279 2.3.1)", key_of(rsa, "", PKI_SEQUENCE(number, number)),
         MALFORMED, HF_KEY_NONE},
        {"RSA, negative modulus", key_of(rsa, "0500", PKI_SEQUENCE(pki_hex("020181"), number)),
         MALFORMED, HF_KEY_NONE},
        {"RSA, three numbers", key_of(rsa, "0500", PKI_SEQUENCE(number, number, number)), MALFORMED,
         HF_KEY_NONE},
        {"RSA, trailing octet",
         key_of(rsa, "0500", PKI_JOIN(PKI_SEQUENCE(number, number), pki_hex("00"))), MALFORMED,
         HF_KEY_NONE},
        {"Ed25519", key_of("1.3.101.112", "", pki_hex("00")), HF_OK, HF_KEY_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pki_fields fields = plain();
        fields.public_key = rows[i].key;
        hf_certificate c;
        cr_expect_eq(hf_certificate_read(&c, pki_issue(&fields)), rows[i].error, "%s",
                     rows[i].what);
        if (rows[i].error == HF_OK) {
            cr_expect_eq(c.public_key.type, rows[i].type, "%s", rows[i].what);
        }
    }
}
