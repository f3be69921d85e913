/* OCSP responses: RFC 6960, with the rules of RFC 6066 8 for what is stapled. */
#include "path_support.h"
#include "tests/support/revocation.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#define MALFORMED    HF_ERROR_OCSP_MALFORMED
#define OTHER        HF_ERROR_OCSP_OTHER_CERTIFICATE
#define STALE        HF_ERROR_OCSP_STALE
#define UNAUTHORIZED HF_ERROR_OCSP_UNAUTHORIZED
#define UNSUCCESSFUL HF_ERROR_OCSP_UNSUCCESSFUL
#define REVOKED      HF_ERROR_OCSP_REVOKED
#define UNKNOWN      HF_ERROR_OCSP_UNKNOWN

#define EXPECT(got, expected)                                                         \
    do {                                                                              \
        hf_error outcome_ = (got);                                                    \
        cr_expect_eq(outcome_, (expected), "%d instead of %d", outcome_, (expected)); \
    } while (0)

static const pki_key *key_of(const char *name)
{
    return pki_key_at((size_t)(name[0] - 'a'));
}

static hf_span public_key_of(const char *name)
{
    return pki_public_key(key_of(name));
}

/* The certificate 1 of "a", at NOW. */
static hf_ocsp_subject subject_of_a(void)
{
    return (hf_ocsp_subject){.serial_number = pki_hex("01"),
                             .issuer_name = pki_name("a"),
                             .issuer_key = public_key_of("a"),
                             .time = NOW};
}

static unsigned steps;

static hf_error check_for(const hf_ocsp_subject *subject, hf_span response)
{
    uint8_t step = 0;
    hf_error error = HF_AGAIN;
    for (steps = 0; error == HF_AGAIN; steps++) {
        cr_assert_lt(steps, 3);
        error = hf_ocsp_step(subject, response, &step);
    }
    return error;
}

static hf_error check(hf_span response)
{
    hf_ocsp_subject subject = subject_of_a();
    return check_for(&subject, response);
}

static ocsp_single single_of_a(void)
{
    return (ocsp_single){.issuer_name = pki_name("a"), .issuer_key = public_key_of("a")};
}

static ocsp_fields response_with(hf_span singles)
{
    return (ocsp_fields){.responder = ocsp_by_name(pki_name("a")),
                         .singles = singles,
                         .signer = {.key = key_of("a")}};
}

static ocsp_fields good_response(void)
{
    ocsp_single single = single_of_a();
    return response_with(ocsp_single_of(&single));
}

static hf_error check_single(const ocsp_single *single)
{
    ocsp_fields fields = response_with(ocsp_single_of(single));
    return check(ocsp_issue(&fields));
}

static hf_error check_fields(const ocsp_fields *fields)
{
    return check(ocsp_issue(fields));
}

/* ---------------------------------------------------------------- reading */

/* Every field that may be there. */
static ocsp_fields full_response(void)
{
    hf_span nonce = pki_extension("1.3.6.1.5.5.7.48.1.2", false, pki_hex("040101"));
    ocsp_single other = single_of_a(), single = single_of_a();
    other.serial = pki_integer(2);
    other.status = ocsp_revoked();
    single.extensions =
        PKI_DER(0xa1, PKI_SEQUENCE(pki_extension("1.3.6.1.4.1.55555.1", false, pki_hex("0500"))));
    ocsp_fields fields = response_with(
        PKI_JOIN(ocsp_single_of(&other), ocsp_single_of(&single), ocsp_single_of(&other)));
    fields.version = pki_hex("a003020100");
    fields.extensions = PKI_DER(0xa1, PKI_SEQUENCE(nonce));
    fields.certificates = root_of("a");
    return fields;
}

Test(ocsp, accepted)
{
    ocsp_fields fields = good_response();
    EXPECT(check_fields(&fields), HF_OK);
    cr_expect_eq(steps, 1);
    fields.responder = ocsp_by_key(public_key_of("a"));
    EXPECT(check_fields(&fields), HF_OK);
    fields = full_response();
    EXPECT(check_fields(&fields), HF_OK);
    cr_expect_eq(steps, 1);
}

Test(ocsp, each_prefix)
{
    ocsp_fields fields = full_response();
    hf_span response = ocsp_issue(&fields);
    for (size_t size = 0; size < response.size; size++) {
        EXPECT(check((hf_span){response.data, size}), MALFORMED);
    }
}

/* Each length one off, in what is rightly signed all the same. */
Test(ocsp, each_length)
{
    ocsp_fields fields = full_response();
    hf_span good = ocsp_to_be_signed(&fields);
    size_t position, count = 0;
    for (; pki_length_at(good, count, &position); count++) {
        for (int difference = -1; difference <= 1; difference += 2) {
            hf_span changed = pki_changed(good, position, difference);
            hf_error error = check(ocsp_sign(&fields, changed));
            cr_expect(error == MALFORMED || error == OTHER, "length %zu: %d", count, error);
        }
    }
    cr_assert_gt(count, 50);
}

/* The same around what is signed. */
Test(ocsp, each_length_outside)
{
    ocsp_fields fields = full_response();
    fields.certificates = pki_hex("3000"); /* of no use, but also of no harm */
    hf_span response = ocsp_issue(&fields);
    EXPECT(check(response), HF_OK);
    size_t position;
    for (size_t n = 0; pki_length_at(response, n, &position); n++) {
        for (int difference = -1; difference <= 1; difference += 2) {
            EXPECT(check(pki_changed(response, position, difference)), MALFORMED);
        }
    }
    hf_span basic = PKI_SEQUENCE(pki_signed(&fields.signer, ocsp_to_be_signed(&fields)),
                                 PKI_DER(0xa0, PKI_SEQUENCE(fields.certificates)));
    size_t end = basic.size - 4, count = 0;
    for (; pki_length_at(basic, count, &position); count++) {
        for (int difference = -1; difference <= 1; difference += 2) {
            hf_error error = check(ocsp_wrap(pki_changed(basic, position, difference)));
            bool is_in_signed_part = error == UNAUTHORIZED || error == OTHER;
            cr_expect(error == MALFORMED || (is_in_signed_part && position < end), "length %zu: %d",
                      count, error);
        }
    }
    cr_assert_gt(count, 60);
}

Test(ocsp, each_byte)
{
    ocsp_fields fields = good_response();
    hf_span good = ocsp_issue(&fields);
    for (size_t i = 0; i < good.size; i++) {
        cr_expect_neq(check(pki_changed(good, i, 1)), HF_OK, "byte %zu", i);
        cr_expect_neq(check(pki_changed(good, i, 128)), HF_OK, "byte %zu", i);
    }
}

Test(ocsp, trailing_octets)
{
    ocsp_fields fields = good_response();
    hf_span more = pki_hex("0500"), tbs = ocsp_to_be_signed(&fields);
    hf_span type = pki_oid("1.3.6.1.5.5.7.48.1.1");
    hf_span basic = PKI_SEQUENCE(pki_signed(&fields.signer, tbs)), octets = pki_element(4, basic);
    hf_span status = pki_hex("0a0100");
    size_t length;
    cr_assert(pki_length_at(tbs, 0, &length));
    hf_span content = {tbs.data + length + 1, tbs.size - length - 1};
    EXPECT(check(PKI_SEQUENCE(status, PKI_DER(0xa0, PKI_SEQUENCE(type, octets)))), HF_OK);
    EXPECT(check(PKI_JOIN(PKI_SEQUENCE(status, PKI_DER(0xa0, PKI_SEQUENCE(type, octets))), more)),
           MALFORMED);
    EXPECT(check(PKI_SEQUENCE(status, PKI_DER(0xa0, PKI_SEQUENCE(type, octets)), more)), MALFORMED);
    EXPECT(check(PKI_SEQUENCE(status, PKI_DER(0xa0, PKI_SEQUENCE(type, octets), more))), MALFORMED);
    EXPECT(check(PKI_SEQUENCE(status, PKI_DER(0xa0, PKI_SEQUENCE(type, octets, more)))), MALFORMED);
    EXPECT(check(ocsp_wrap(PKI_JOIN(basic, more))), MALFORMED);
    EXPECT(check(ocsp_wrap(PKI_SEQUENCE(pki_signed(&fields.signer, tbs), more))), MALFORMED);
    EXPECT(check(ocsp_sign(&fields, PKI_SEQUENCE(content))), HF_OK);
    EXPECT(check(ocsp_sign(&fields, PKI_SEQUENCE(content, more))), MALFORMED);
    fields.certificates = PKI_JOIN(root_of("a"), more);
    EXPECT(check_fields(&fields), MALFORMED);
}

/* 4.2.1: without success there is nothing more. */
Test(ocsp, unsuccessful)
{
    static const struct {
        const char *status;
        hf_error error;
    } rows[] = {
        {"0a0101", UNSUCCESSFUL},  {"0a0102", UNSUCCESSFUL}, {"0a0103", UNSUCCESSFUL},
        {"0a0105", UNSUCCESSFUL},  {"0a0106", UNSUCCESSFUL}, {"0a0104", MALFORMED},
        {"0a0107", MALFORMED},     {"0a01ff", MALFORMED},    {"0a0100", MALFORMED},
        {"020101", MALFORMED},     {"0a00", MALFORMED},      {"0a020001", MALFORMED},
        {"0a01010500", MALFORMED}, {"", MALFORMED},          {"0a0101a000", MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        EXPECT(check(PKI_SEQUENCE(pki_hex(rows[i].status))), rows[i].error);
    }
    EXPECT(check(PKI_NONE), MALFORMED);
    EXPECT(check(pki_hex("30030a0101ff")), MALFORMED);
}

Test(ocsp, other_types_of_response)
{
    ocsp_fields fields = good_response();
    hf_span octets =
        pki_element(4, PKI_SEQUENCE(pki_signed(&fields.signer, ocsp_to_be_signed(&fields))));
    hf_span other = PKI_SEQUENCE(pki_oid("1.3.6.1.5.5.7.48.1.3"), octets);
    EXPECT(check(PKI_SEQUENCE(pki_hex("0a0100"), PKI_DER(0xa0, other))), MALFORMED);
}

Test(ocsp, version)
{
    static const char *const bad[] = {"a003020101", "a0030201ff", "a004020100", "a0050201000500",
                                      "a003040100", "a0020200",   "a000"};
    ocsp_fields fields = good_response();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fields.version = pki_hex(bad[i]);
        EXPECT(check_fields(&fields), MALFORMED);
    }
}

/* 4.2.2.1 and 4.2.1: GeneralizedTime everywhere, as RFC 5280 4.1.2.5.2 has it. */
Test(ocsp, types_of_times)
{
    static const char *const bad[] = {"241201000000Z", "2024120100Z", "20241201000000.5Z",
                                      "20241201000000+"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ocsp_single single = single_of_a();
        single.this_update = bad[i];
        EXPECT(check_single(&single), MALFORMED);
        single = single_of_a();
        single.next_update = bad[i];
        EXPECT(check_single(&single), MALFORMED);
        single = single_of_a();
        single.status = PKI_DER(0xa1, pki_time(bad[i]));
        EXPECT(check_single(&single), MALFORMED);
        ocsp_fields fields = good_response();
        fields.produced_at = pki_time(bad[i]);
        EXPECT(check_fields(&fields), MALFORMED);
    }
}

/* ---------------------------------------------------------------- whom it is about */

Test(ocsp, hashes_of_identifiers)
{
    ocsp_single single = single_of_a();
    single.hash = HF_HASH_SHA1;
    EXPECT(check_single(&single), HF_OK);
    single.hash = HF_HASH_SHA256;
    EXPECT(check_single(&single), HF_OK);
    single.status = ocsp_revoked();
    EXPECT(check_single(&single), REVOKED);
}

Test(ocsp, other_certificates)
{
    ocsp_single single = single_of_a();
    for (int is_sha256 = 0; is_sha256 <= 1; is_sha256++) {
        const ocsp_single good = {.issuer_name = single.issuer_name,
                                  .issuer_key = single.issuer_key,
                                  .hash = is_sha256 ? HF_HASH_SHA256 : HF_HASH_SHA1};
        single = good;
        single.serial = pki_integer(2);
        EXPECT(check_single(&single), OTHER);
        single.serial = pki_hex("02020101");
        EXPECT(check_single(&single), OTHER);
        single = good;
        single.issuer_name = pki_name("b");
        EXPECT(check_single(&single), OTHER);
        single = good;
        single.issuer_key = public_key_of("b");
        EXPECT(check_single(&single), OTHER);
    }
    ocsp_fields none = response_with(PKI_NONE);
    EXPECT(check_fields(&none), OTHER);
}

/* A CertID whose hash is none of ours says nothing about any certificate of ours. */
Test(ocsp, unknown_hash_of_identifier)
{
    ocsp_single single = single_of_a(), unknown = single_of_a();
    unknown.hash = HF_HASH_SHA384;
    unknown.status = ocsp_revoked();
    EXPECT(check_single(&unknown), OTHER);
    ocsp_fields fields = response_with(PKI_JOIN(ocsp_single_of(&unknown), ocsp_single_of(&single)));
    EXPECT(check_fields(&fields), HF_OK);
}

Test(ocsp, several_certificates)
{
    ocsp_single single = single_of_a(), other = single_of_a();
    other.serial = pki_integer(7);
    hf_span good = ocsp_single_of(&single), others = ocsp_single_of(&other);
    single.status = ocsp_revoked();
    hf_span revoked = ocsp_single_of(&single);
    other.status = ocsp_revoked();
    ocsp_fields fields = response_with(PKI_JOIN(others, ocsp_single_of(&other), good));
    EXPECT(check_fields(&fields), HF_OK);
    fields = response_with(PKI_JOIN(others, revoked, ocsp_single_of(&other)));
    EXPECT(check_fields(&fields), REVOKED);
    fields = response_with(PKI_JOIN(others, ocsp_single_of(&other)));
    EXPECT(check_fields(&fields), OTHER);
    /* All of them are read. */
    static const char *const bad[] = {"0500", "3000", "00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fields = response_with(PKI_JOIN(good, pki_hex(bad[i])));
        EXPECT(check_fields(&fields), MALFORMED);
        fields = response_with(PKI_JOIN(pki_hex(bad[i]), good));
        EXPECT(check_fields(&fields), MALFORMED);
    }
    other.status = pki_hex("8000");
    other.this_update = "241201000000Z";
    fields = response_with(PKI_JOIN(good, ocsp_single_of(&other)));
    EXPECT(check_fields(&fields), MALFORMED);
}

/* ---------------------------------------------------------------- what it says */

Test(ocsp, statuses)
{
    static const struct {
        const char *status;
        hf_error error;
    } rows[] = {
        {"8000", HF_OK},
        {"8200", UNKNOWN},
        {"a111180f32303234313131353132303030305a", REVOKED},
        {"a116180f32303234313131353132303030305aa0030a0106", REVOKED},
        {"a000", MALFORMED}, /* EXPLICIT, or of other content */
        {"80020500", MALFORMED},
        {"82020500", MALFORMED},
        {"8100", MALFORMED},
        {"8300", MALFORMED},
        {"0500", MALFORMED},
        {"a100", MALFORMED},
        {"a113180f32303234313131353132303030305a0500", MALFORMED},
        {"a113180f32303234313131353132303030305aa000", MALFORMED},
        {"a116180f32303234313131353132303030305aa003020106", MALFORMED},
        {"a116180f32303234313131353132303030305aa0030a0107", MALFORMED},
        {"a118180f32303234313131353132303030305aa0050a01060500", MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ocsp_single single = single_of_a();
        single.status = pki_hex(rows[i].status);
        hf_error error = check_single(&single);
        cr_expect_eq(error, rows[i].error, "%s: %d", rows[i].status, error);
    }
}

/* Bad news counts only if it is as well signed and as fresh as good news. */
Test(ocsp, bad_news)
{
    ocsp_single single = single_of_a();
    single.status = ocsp_revoked();
    ocsp_fields fields = response_with(ocsp_single_of(&single));
    fields.signer.is_bad = true;
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    single.next_update = "20241231235959Z";
    EXPECT(check_single(&single), STALE);
    single.next_update = NULL;
    single.serial = pki_integer(2);
    EXPECT(check_single(&single), OTHER);
}

/* 3.2 (5) and (6), 4.2.2.1: without nextUpdate newer information is always there. */
Test(ocsp, freshness)
{
    ocsp_single single = single_of_a();
    single.this_update = "20250101000001Z";
    EXPECT(check_single(&single), STALE);
    single.this_update = "20250101000000Z";
    EXPECT(check_single(&single), HF_OK);
    single.next_update = "20250101000000Z";
    EXPECT(check_single(&single), HF_OK);
    single.this_update = NULL;
    single.next_update = "20241231235959Z";
    EXPECT(check_single(&single), STALE);
    ocsp_fields fields = response_with(ocsp_single_of(&single));
    hf_ocsp_subject subject = subject_of_a();
    subject.ignore_time = true;
    EXPECT(check_for(&subject, ocsp_issue(&fields)), HF_OK);
    single.next_update = "";
    EXPECT(check_single(&single), STALE);
    fields = response_with(ocsp_single_of(&single));
    EXPECT(check_for(&subject, ocsp_issue(&fields)), HF_OK);
}

/* 4.4: what is critical must be understood. */
Test(ocsp, extensions)
{
    hf_span harmless = pki_extension("1.3.6.1.4.1.55555.1", false, pki_hex("0500"));
    hf_span critical = pki_extension("1.3.6.1.4.1.55555.2", true, pki_hex("0500"));
    const struct {
        hf_span field;
        bool is_good;
    } rows[] = {
        {PKI_DER(0xa1, PKI_SEQUENCE(harmless)), true},
        {PKI_DER(0xa1, PKI_SEQUENCE(critical)), false},
        {PKI_DER(0xa1, PKI_SEQUENCE(harmless, critical)), false},
        {PKI_DER(0xa1, PKI_SEQUENCE(harmless, harmless)), false},
        {PKI_DER(0xa1, PKI_SEQUENCE(PKI_NONE)), false}, /* SIZE (1..MAX) */
        {PKI_DER(0xa1, PKI_NONE), false},
        {PKI_DER(0xa1, PKI_SEQUENCE(harmless), pki_hex("0500")), false},
        {PKI_DER(0xa1, PKI_SEQUENCE(pki_hex("0500"))), false},
        {PKI_DER(0xa2, PKI_SEQUENCE(harmless)), false},
        {PKI_SEQUENCE(harmless), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_error expected = rows[i].is_good ? HF_OK : MALFORMED;
        ocsp_single single = single_of_a();
        single.extensions = rows[i].field;
        hf_error error = check_single(&single);
        cr_expect_eq(error, expected, "single, row %zu: %d", i, error);
        ocsp_fields fields = good_response();
        fields.extensions = rows[i].field;
        error = check_fields(&fields);
        cr_expect_eq(error, expected, "response, row %zu: %d", i, error);
    }
}

/* ---------------------------------------------------------------- who says it */

Test(ocsp, signatures)
{
    ocsp_fields fields = good_response();
    fields.signer.is_bad = true;
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    fields = good_response();
    fields.signer.key = key_of("b");
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    fields = good_response();
    fields.signer.algorithm = PKI_SEQUENCE(pki_oid("1.3.101.112")); /* Ed25519 */
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    fields.signer.algorithm =
        PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.11"), pki_hex("0500")); /* RSA */
    EXPECT(check_fields(&fields), UNAUTHORIZED);
}

Test(ocsp, weak_hash)
{
    ocsp_fields fields = good_response();
    hf_ocsp_subject subject = subject_of_a();
    fields.signer.is_sha1 = true;
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    subject.allow_sha1 = true;
    EXPECT(check_for(&subject, ocsp_issue(&fields)), HF_OK);
    fields.signer.algorithm =
        PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.4"), pki_hex("0500")); /* MD5 */
    EXPECT(check_for(&subject, ocsp_issue(&fields)), UNAUTHORIZED);
}

Test(ocsp, responder)
{
    static const char *const bad[] = {"a30430023000", "a1023000a1023000", "a100", "a200",
                                      "a2020500",     "a1040500",         "8000", "3000"};
    ocsp_fields fields = good_response();
    fields.responder = ocsp_by_name(pki_name("A")); /* RFC 5280 7.1 */
    EXPECT(check_fields(&fields), HF_OK);
    fields.responder = ocsp_by_name(pki_name("b"));
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    fields.responder = ocsp_by_key(public_key_of("b"));
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    fields.responder = PKI_DER(0xa2, pki_element(4, pki_hex("01020304")));
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fields.responder = pki_hex(bad[i]);
        EXPECT(check_fields(&fields), MALFORMED);
    }
}

/* Issuers with keys of every kind, as OpenSSL makes them. */
Test(ocsp, rsa_issuer)
{
    hf_certificate leaf, issuer;
    cr_assert_eq(hf_certificate_read(&leaf, pki_bytes_of("server-rsa2048.der")), HF_OK);
    cr_assert_eq(hf_certificate_read(&issuer, pki_bytes_of("inter-rsa2048.der")), HF_OK);
    hf_ocsp_subject subject = {.serial_number = leaf.serial_number,
                               .issuer_name = issuer.subject,
                               .issuer_key = issuer.public_key_der,
                               .time = NOW};
    ocsp_single single = {.issuer_name = issuer.subject,
                          .issuer_key = issuer.public_key_der,
                          .serial = pki_element(2, leaf.serial_number)};
    ocsp_fields fields = {.responder = ocsp_by_key(issuer.public_key_der),
                          .singles = ocsp_single_of(&single),
                          .signer = {.rsa_name = "inter-rsa2048"}};
    EXPECT(check_for(&subject, ocsp_issue(&fields)), HF_OK);
    fields.responder = ocsp_by_name(issuer.subject);
    EXPECT(check_for(&subject, ocsp_issue(&fields)), HF_OK);
    fields.signer.rsa_name = "root-rsa2048";
    EXPECT(check_for(&subject, ocsp_issue(&fields)), UNAUTHORIZED);
}

/* Of make_pki.sh, from when it was run. */
Test(ocsp, made_by_openssl)
{
    static const struct {
        const char *name;
        hf_error error;
    } rows[] = {{"server-p256.ocsp", HF_OK},
                {"server-p256-revoked.ocsp", REVOKED},
                {"server-p256-unknown.ocsp", UNKNOWN},
                {"server-staple.ocsp", OTHER}};
    hf_certificate leaf, issuer;
    pki_key_at(0);
    cr_assert_eq(hf_certificate_read(&leaf, pki_bytes_of("server-p256.der")), HF_OK);
    cr_assert_eq(hf_certificate_read(&issuer, pki_bytes_of("inter-p256.der")), HF_OK);
    hf_ocsp_subject subject = {.serial_number = leaf.serial_number,
                               .issuer_name = issuer.subject,
                               .issuer_key = issuer.public_key_der,
                               .time = (int64_t)time(NULL)};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        EXPECT(check_for(&subject, pki_bytes_of(rows[i].name)), rows[i].error);
    }
    subject.time = NOW; /* years before */
    EXPECT(check_for(&subject, pki_bytes_of("server-p256.ocsp")), STALE);
}

/* ---------------------------------------------------------------- delegates */

static hf_span purposes(const char *oid)
{
    return pki_extension("2.5.29.37", false, PKI_SEQUENCE(pki_oid(oid)));
}

/* id-kp-OCSPSigning */
#define FOR_OCSP purposes("1.3.6.1.5.5.7.3.9")

static pki_fields delegate_fields(void)
{
    pki_fields fields = fields_of("d", "a");
    fields.serial = pki_integer(20);
    fields.extensions = PKI_JOIN(FOR_OCSP, pki_key_usage(HF_KEY_USAGE_DIGITAL_SIGNATURE));
    return fields;
}

static ocsp_fields delegated(hf_span certificates)
{
    ocsp_fields fields = good_response();
    fields.responder = ocsp_by_name(pki_name("d"));
    fields.signer.key = key_of("d");
    fields.certificates = certificates;
    return fields;
}

static hf_error check_delegate(const pki_fields *certificate)
{
    ocsp_fields fields = delegated(pki_issue(certificate));
    return check_fields(&fields);
}

Test(ocsp, delegate)
{
    pki_fields certificate = delegate_fields();
    EXPECT(check_delegate(&certificate), HF_OK);
    cr_expect_eq(steps, 2, "one signature each");
    ocsp_fields fields = delegated(pki_issue(&certificate));
    fields.responder = ocsp_by_key(public_key_of("d"));
    EXPECT(check_fields(&fields), HF_OK);
    certificate.extensions = FOR_OCSP;
    EXPECT(check_delegate(&certificate), HF_OK);
    certificate.extensions = PKI_JOIN(FOR_OCSP, pki_key_usage(HF_KEY_USAGE_NON_REPUDIATION));
    EXPECT(check_delegate(&certificate), HF_OK); /* RFC 5280 4.2.1.12 */
    certificate.extensions =
        pki_extension("2.5.29.37", true,
                      PKI_SEQUENCE(pki_oid("1.3.6.1.5.5.7.3.1"), pki_oid("1.3.6.1.5.5.7.3.9")));
    EXPECT(check_delegate(&certificate), HF_OK);
    certificate.extensions =
        PKI_JOIN(FOR_OCSP, pki_extension("1.3.6.1.5.5.7.48.1.5", false, pki_hex("0500")));
    EXPECT(check_delegate(&certificate), HF_OK); /* id-pkix-ocsp-nocheck */
    ocsp_single single = single_of_a();
    single.status = ocsp_revoked();
    fields.singles = ocsp_single_of(&single);
    EXPECT(check_fields(&fields), REVOKED);
    single.status = ocsp_unknown();
    fields.singles = ocsp_single_of(&single);
    EXPECT(check_fields(&fields), UNKNOWN);
}

/* 4.2.2.2: by the issuer of the certificate in question, directly, and for this purpose. */
Test(ocsp, unfit_delegates)
{
    const pki_fields good = delegate_fields();
    pki_fields bad[20];
    size_t count = 0;
    bad[count] = good;
    bad[count++].extensions = pki_key_usage(HF_KEY_USAGE_DIGITAL_SIGNATURE);
    bad[count] = good;
    bad[count++].extensions = PKI_NONE;
    bad[count] = good;
    bad[count++].extensions = purposes("1.3.6.1.5.5.7.3.1");
    bad[count] = good;
    bad[count++].extensions = purposes("2.5.29.37.0"); /* anyExtendedKeyUsage */
    bad[count] = good;
    bad[count++].extensions = PKI_JOIN(FOR_OCSP, pki_key_usage(HF_KEY_USAGE_KEY_AGREEMENT));
    bad[count] = good;
    bad[count++].extensions =
        PKI_JOIN(FOR_OCSP, pki_key_usage(HF_KEY_USAGE_KEY_CERT_SIGN | HF_KEY_USAGE_CRL_SIGN));
    bad[count] = good;
    bad[count++].extensions =
        PKI_JOIN(FOR_OCSP, pki_extension("1.3.6.1.4.1.55555.1", true, pki_hex("00")));
    bad[count] = good;
    bad[count++].not_after = "241231235959Z";
    bad[count] = good;
    bad[count++].not_before = "250101000001Z";
    bad[count] = good;
    bad[count].issuer = "b";
    bad[count++].signer = key_of("b");
    bad[count] = good;
    bad[count++].issuer = "b";
    bad[count] = good;
    bad[count++].signer = key_of("b");
    bad[count] = good;
    bad[count++].has_bad_signature = true;
    bad[count] = good;
    bad[count++].subject = "e";
    bad[count] = good;
    bad[count++].key = key_of("e");
    bad[count] = good;
    bad[count].issuer = "d";
    bad[count++].signer = key_of("d"); /* self-signed */
    bad[count] = good;
    bad[count++].algorithm = PKI_SEQUENCE(pki_oid("1.2.840.10045.4.1")); /* SHA-1 */
    for (size_t i = 0; i < count; i++) {
        hf_error error = check_delegate(&bad[i]);
        cr_expect_eq(error, UNAUTHORIZED, "delegate %zu: %d", i, error);
    }
    ocsp_fields fields = delegated(PKI_NONE);
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    fields = delegated(pki_issue(&good));
    fields.signer.is_bad = true;
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    fields = delegated(pki_issue(&good));
    fields.signer.key = key_of("a"); /* says it is the delegate, but is the issuer */
    EXPECT(check_fields(&fields), UNAUTHORIZED);
}

/* A delegate cannot delegate, whatever stands in the response. */
Test(ocsp, chain_of_delegates)
{
    pki_fields first = delegate_fields(), second = fields_of("e", "d");
    first.extensions = PKI_JOIN(FOR_OCSP, pki_basic_constraints(true, -1));
    second.extensions = FOR_OCSP;
    ocsp_fields fields = delegated(PKI_JOIN(pki_issue(&second), pki_issue(&first)));
    fields.responder = ocsp_by_name(pki_name("e"));
    fields.signer.key = key_of("e");
    EXPECT(check_fields(&fields), UNAUTHORIZED);
    fields.responder = ocsp_by_key(public_key_of("e"));
    EXPECT(check_fields(&fields), UNAUTHORIZED);
}

/* Another CA of the same issuer, or one that is above, may not speak for the issuer. */
Test(ocsp, other_authorities)
{
    ocsp_fields fields = delegated(ca_of("b", "a"));
    fields.responder = ocsp_by_name(pki_name("b"));
    fields.signer.key = key_of("b");
    EXPECT(check_fields(&fields), UNAUTHORIZED);
}

Test(ocsp, several_certificates_of_delegates)
{
    pki_fields good = delegate_fields(), expired = delegate_fields(), other = delegate_fields();
    expired.not_after = "241231235959Z";
    other.subject = "e";
    hf_span many[HF_CHAIN_MAX + 1];
    for (size_t i = 0; i < HF_CHAIN_MAX; i++) {
        many[i] = pki_issue(i % 2 == 0 ? &expired : &other);
    }
    many[0] = pki_hex("3000"); /* none, but that is another's fault */
    many[HF_CHAIN_MAX - 1] = pki_issue(&good);
    ocsp_fields fields = delegated(pki_join(many, HF_CHAIN_MAX));
    EXPECT(check_fields(&fields), HF_OK);
    many[HF_CHAIN_MAX] = many[HF_CHAIN_MAX - 1];
    many[HF_CHAIN_MAX - 1] = many[1];
    fields = delegated(pki_join(many, HF_CHAIN_MAX + 1));
    EXPECT(check_fields(&fields), UNAUTHORIZED); /* more than are looked at */
}

Test(ocsp, weak_key_of_a_delegate)
{
    hf_certificate rsa;
    cr_assert_eq(hf_certificate_read(&rsa, pki_bytes_of("inter-rsa2048.der")), HF_OK);
    pki_fields certificate = delegate_fields();
    certificate.public_key = rsa.public_key_der;
    ocsp_fields fields = delegated(pki_issue(&certificate));
    fields.signer = (pki_signer){.rsa_name = "inter-rsa2048"};
    EXPECT(check_fields(&fields), HF_OK);
    hf_ocsp_subject subject = subject_of_a();
    subject.rsa_bits_min = 2049;
    EXPECT(check_for(&subject, ocsp_issue(&fields)), UNAUTHORIZED);
    subject.rsa_bits_min = 2048;
    EXPECT(check_for(&subject, ocsp_issue(&fields)), HF_OK);
}

Test(ocsp, delegate_without_a_clock)
{
    pki_fields certificate = delegate_fields();
    certificate.not_after = "241231235959Z";
    ocsp_fields fields = delegated(pki_issue(&certificate));
    hf_ocsp_subject subject = subject_of_a();
    subject.ignore_time = true;
    EXPECT(check_for(&subject, ocsp_issue(&fields)), HF_OK);
}

/* ---------------------------------------------------------------- from a path */

Test(ocsp, subject_of_a_path)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span chain[] = {leaf_of("b"), ca_of("b", "a")}, direct = leaf_of("a");
    hf_ocsp_subject subject;
    hf_path path;
    rules.allow_sha1 = true;
    rules.rsa_bits_min = 3000;
    hf_error error = hf_path_begin(&path, &rules, chain, 2);
    cr_expect_not(hf_path_ocsp_subject(&path, &subject), "not accepted yet");
    while (error == HF_AGAIN) {
        error = hf_path_step(&path);
    }
    cr_assert_eq(error, HF_OK);
    cr_assert(hf_path_ocsp_subject(&path, &subject));
    cr_expect(subject.allow_sha1 && !subject.ignore_time && subject.time == NOW);
    cr_expect_eq(subject.rsa_bits_min, 3000);
    ocsp_single single = {.issuer_name = pki_name("b"), .issuer_key = public_key_of("b")};
    ocsp_fields fields = response_with(ocsp_single_of(&single));
    fields.responder = ocsp_by_name(pki_name("b"));
    fields.signer.key = key_of("b");
    EXPECT(check_for(&subject, ocsp_issue(&fields)), HF_OK);
    fields = good_response();
    EXPECT(check_for(&subject, ocsp_issue(&fields)), OTHER);

    /* Below a name and a key. */
    anchor = (hf_trust_anchor){.name = pki_name("a"), .public_key = public_key_of("a")};
    error = hf_path_begin(&path, &rules, &direct, 1);
    cr_assert_eq(error, HF_AGAIN);
    cr_assert_eq(hf_path_step(&path), HF_OK);
    cr_assert(hf_path_ocsp_subject(&path, &subject));
    EXPECT(check_for(&subject, ocsp_issue(&fields)), HF_OK);

    /* Nobody knows who vouches for an anchor. */
    anchor = (hf_trust_anchor){.certificate = direct};
    error = hf_path_begin(&path, &rules, &direct, 1);
    cr_assert_eq(error, HF_AGAIN);
    cr_assert_eq(hf_path_step(&path), HF_OK);
    cr_expect_not(hf_path_ocsp_subject(&path, &subject));
}

/* ---------------------------------------------------------------- how much work */

Test(ocsp, many_responses, .timeout = 60)
{
    static hf_span items[2000];
    ocsp_single single = single_of_a(), other = single_of_a();
    other.issuer_name = pki_name("b"); /* the same serial number: the hashes are compared */
    hf_span good = ocsp_single_of(&single), same = ocsp_single_of(&other);
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        items[i] = same;
    }
    ocsp_fields fields =
        response_with(PKI_JOIN(pki_join(items, sizeof items / sizeof items[0]), good));
    hf_span response = ocsp_issue(&fields);
    clock_t begin = clock();
    EXPECT(check(response), HF_OK);
    cr_expect_lt((double)(clock() - begin) / CLOCKS_PER_SEC, 3.0);
}

Test(ocsp, many_extensions, .timeout = 60)
{
    static hf_span items[5000];
    hf_span extension = pki_extension("1.3.6.1.4.1.55555.1", false, pki_hex("00"));
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        items[i] = extension;
    }
    ocsp_fields fields = good_response();
    fields.extensions =
        PKI_DER(0xa1, PKI_SEQUENCE(pki_join(items, sizeof items / sizeof items[0])));
    hf_span response = ocsp_issue(&fields);
    clock_t begin = clock();
    EXPECT(check(response), MALFORMED);
    cr_expect_lt((double)(clock() - begin) / CLOCKS_PER_SEC, 3.0);
}
