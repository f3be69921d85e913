/* Path validation, RFC 5280 6.1: each rule broken by itself. */
#include "crypto_glue/random.h"
#include "path_support.h"

#include <criterion/criterion.h>
#include <string.h>

#define CHECK(o, expected_error, expected_failed)                                  \
    do {                                                                           \
        outcome got = (o);                                                         \
        cr_expect_eq(got.error, (expected_error), "%d instead of %d", got.error,   \
                     (expected_error));                                            \
        cr_expect_eq(got.failed, (expected_failed), "certificate %d", got.failed); \
    } while (0)
#define ACCEPTED(o) CHECK((o), HF_OK, HF_NO_CERTIFICATE)

Test(path, accepted)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    rules.name = pki_text("host.example");
    outcome o = VALIDATE(&rules, leaf_of("a"));
    ACCEPTED(o);
    cr_expect_eq(o.length, 1);
    cr_expect_eq(o.steps, 1, "one signature check");
    o = VALIDATE(&rules, leaf_of("c"), ca_of("c", "b"), ca_of("b", "a"));
    ACCEPTED(o);
    cr_expect_eq(o.length, 3);
    cr_expect_eq(o.steps, 3);
    ACCEPTED(VALIDATE(&rules, leaf_of("b"), ca_of("b", "a"), root_of("a")));
}

/* OpenSSL's chains of every kind (make_pki.sh). */
Test(path, made_by_openssl)
{
    static const char *const kinds[][3] = {
        {"server-rsa2048.der", "inter-rsa2048.der", "root-rsa2048.der"},
        {"server-rsa4096.der", "inter-rsa2048.der", "root-rsa2048.der"},
        {"server-p256.der", "inter-p256.der", "root-p256.der"},
        {"server-p384.der", "inter-p384.der", "root-p384.der"},
        {"server-p521.der", "inter-p521.der", "root-p521.der"},
        {"server-cross.der", "inter-p256.der", "root-p256.der"},
    };
    hf_trust_anchor anchor;
    pki_key_at(0);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        hf_path_rules rules = rules_for(&anchor, pki_bytes_of(kinds[i][2]));
        rules.name = pki_text("server.example");
        rules.key_usage = HF_KEY_USAGE_DIGITAL_SIGNATURE;
        outcome o = VALIDATE(&rules, pki_bytes_of(kinds[i][0]), pki_bytes_of(kinds[i][1]));
        cr_expect_eq(o.error, HF_OK, "%s: %d", kinds[i][0], o.error);
    }
}

Test(path, refused_openssl)
{
    static const struct {
        const char *leaf, *issuer;
        hf_error error;
        uint8_t failed;
    } rows[] = {
        {"bad-selfsigned.der", "inter-p256.der", HF_ERROR_CERTIFICATE_SELF_SIGNED, 0},
        {"bad-expired.der", "inter-p256.der", HF_ERROR_CERTIFICATE_EXPIRED, 0},
        {"bad-notyet.der", "inter-p256.der", HF_ERROR_CERTIFICATE_NOT_YET_VALID, 0},
        {"bad-signature.der", "inter-p256.der", HF_ERROR_CERTIFICATE_SIGNATURE_WRONG, 0},
        {"bad-eku.der", "inter-p256.der", HF_ERROR_CERTIFICATE_EXTENDED_KEY_USAGE, 0},
        {"bad-critical.der", "inter-p256.der", HF_ERROR_CERTIFICATE_CRITICAL_EXTENSION, 0},
        {"bad-name.der", "inter-p256.der", HF_ERROR_CERTIFICATE_NAME_MISMATCH, 0},
        {"bad-noname.der", "inter-p256.der", HF_ERROR_CERTIFICATE_NAME_MISMATCH, 0},
        {"bad-keyusage.der", "inter-p256.der", HF_ERROR_CERTIFICATE_KEY_USAGE, 0},
        {"bad-below-notca.der", "bad-inter-notca.der", HF_ERROR_CERTIFICATE_NOT_CA, 1},
        {"bad-below-nosign.der", "bad-inter-nosign.der", HF_ERROR_CERTIFICATE_KEY_USAGE, 1},
        {"bad-below-expired.der", "bad-inter-expired.der", HF_ERROR_CERTIFICATE_EXPIRED, 1},
        {"bad-below-unknown.der", "bad-root.der", HF_ERROR_CERTIFICATE_UNKNOWN_CA, 1},
    };
    hf_trust_anchor anchor;
    pki_key_at(0);
    hf_path_rules rules = rules_for(&anchor, pki_bytes_of("root-p256.der"));
    rules.name = pki_text("server.example");
    rules.key_usage = HF_KEY_USAGE_DIGITAL_SIGNATURE;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        outcome o = VALIDATE(&rules, pki_bytes_of(rows[i].leaf), pki_bytes_of(rows[i].issuer));
        cr_expect_eq(o.error, rows[i].error, "%s: %d", rows[i].leaf, o.error);
        cr_expect_eq(o.failed, rows[i].failed, "%s: certificate %d", rows[i].leaf, o.failed);
    }
    CHECK(VALIDATE(&rules, pki_bytes_of("bad-below-pathlen.der"),
                   pki_bytes_of("bad-inter-pathlen.der"), pki_bytes_of("inter-p256.der")),
          HF_ERROR_CERTIFICATE_PATH_LENGTH, 2);
}

/* What the arguments alone decide. */
Test(path, begin)
{
    hf_trust_anchor anchor;
    hf_path path;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span chain[HF_CHAIN_MAX + 1];
    for (size_t i = 0; i < HF_CHAIN_MAX + 1; i++) {
        chain[i] = leaf_of("a");
    }
    cr_expect_eq(hf_path_begin(&path, &rules, chain, 0), HF_ERROR_CERTIFICATE_MISSING);
    cr_expect_eq(hf_path_begin(&path, &rules, chain, HF_CHAIN_MAX + 1),
                 HF_ERROR_CERTIFICATE_CHAIN_TOO_LONG);
    cr_expect_eq(hf_path_begin(&path, &rules, chain, HF_CHAIN_MAX), HF_AGAIN);
    rules.anchor_count = 0;
    cr_expect_eq(hf_path_begin(&path, &rules, chain, 1), HF_ERROR_NO_TRUST_ANCHORS);
    rules.anchor_count = 1;
    CHECK(VALIDATE(&rules, pki_hex("3000")), HF_ERROR_CERTIFICATE_MALFORMED, 0);
    cr_assert_eq(hf_path_begin(&path, &rules, chain, 1), HF_AGAIN);
    cr_expect_eq(hf_path_leaf(&path)->der.data, chain[0].data);
}

/* What the leaf says is checked before any signature is. */
Test(path, leaf_first)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    rules.name = pki_text("other.example");
    outcome o = VALIDATE(&rules, leaf_of("a"));
    CHECK(o, HF_ERROR_CERTIFICATE_NAME_MISMATCH, 0);
    cr_expect_eq(o.steps, 0);
    rules.name = pki_text("not a name");
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_NAME_MISMATCH, 0);
}

/* RFC 5280 4.1.2.5: both ends of the period belong to it. */
Test(path, validity)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    pki_fields fields = fields_of("z", "a");
    fields.not_before = "250101000000Z";
    fields.not_after = "20250101000001Z";
    hf_span leaf = pki_issue(&fields);
    rules.time = NOW - 1;
    CHECK(VALIDATE(&rules, leaf), HF_ERROR_CERTIFICATE_NOT_YET_VALID, 0);
    rules.time = NOW;
    ACCEPTED(VALIDATE(&rules, leaf));
    rules.time = NOW + 1;
    ACCEPTED(VALIDATE(&rules, leaf));
    rules.time = NOW + 2;
    CHECK(VALIDATE(&rules, leaf), HF_ERROR_CERTIFICATE_EXPIRED, 0);
    rules.ignore_time = true;
    ACCEPTED(VALIDATE(&rules, leaf));
}

Test(path, validity_of_issuers)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    pki_fields ca = fields_of("b", "a");
    ca.extensions = pki_basic_constraints(true, -1);
    ca.not_after = "241231235959Z";
    CHECK(VALIDATE(&rules, leaf_of("b"), pki_issue(&ca)), HF_ERROR_CERTIFICATE_EXPIRED, 1);
    ca = fields_of("a", "a");
    ca.extensions = pki_basic_constraints(true, -1);
    ca.not_after = "241231235959Z";
    rules = rules_for(&anchor, pki_issue(&ca));
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_EXPIRED, HF_NO_CERTIFICATE);
    anchor = (hf_trust_anchor){.name = pki_name("a"), .public_key = pki_public_key(pki_key_at(0))};
    ACCEPTED(VALIDATE(&rules, leaf_of("a")));
}

/* RFC 5280 4.2.1.12, and as a limit on what is below a CA. */
Test(path, extended_key_usage)
{
    hf_span server = pki_oid("1.3.6.1.5.5.7.3.1"), client = pki_oid("1.3.6.1.5.5.7.3.2");
    hf_span any = pki_oid("2.5.29.37.0"), other = pki_oid("1.3.6.1.5.5.7.3.3");
    const struct {
        hf_span purposes;
        bool for_server, for_client;
    } rows[] = {
        {server, true, false}, {client, false, true}, {PKI_JOIN(other, client, server), true, true},
        {other, false, false}, {any, true, true},
    };
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_span extension = pki_extension("2.5.29.37", false, PKI_SEQUENCE(rows[i].purposes));
        for (int is_server = 0; is_server <= 1; is_server++) {
            rules.purpose = is_server ? HF_PURPOSE_SERVER : HF_PURPOSE_CLIENT;
            bool fits = is_server ? rows[i].for_server : rows[i].for_client;
            hf_error expected = fits ? HF_OK : HF_ERROR_CERTIFICATE_EXTENDED_KEY_USAGE;
            outcome o = VALIDATE(&rules, leaf_with("a", extension));
            cr_expect_eq(o.error, expected, "leaf, row %zu", i);
            o = VALIDATE(&rules, leaf_of("b"), ca_with("b", "a", extension));
            cr_expect_eq(o.error, expected, "CA, row %zu", i);
            cr_expect_eq(o.failed, fits ? HF_NO_CERTIFICATE : 1);
        }
        rules.purpose = HF_PURPOSE_ANY;
        ACCEPTED(VALIDATE(&rules, leaf_with("a", extension)));
    }
}

Test(path, key_usage_of_the_leaf)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span leaf = leaf_with("a", pki_key_usage(HF_KEY_USAGE_DIGITAL_SIGNATURE));
    rules.key_usage = HF_KEY_USAGE_DIGITAL_SIGNATURE;
    ACCEPTED(VALIDATE(&rules, leaf));
    ACCEPTED(VALIDATE(&rules, leaf_of("a")));
    rules.key_usage = HF_KEY_USAGE_DIGITAL_SIGNATURE | HF_KEY_USAGE_KEY_AGREEMENT;
    CHECK(VALIDATE(&rules, leaf), HF_ERROR_CERTIFICATE_KEY_USAGE, 0);
    rules.key_usage = 0;
    leaf = leaf_with("a", pki_key_usage(HF_KEY_USAGE_KEY_CERT_SIGN));
    CHECK(VALIDATE(&rules, leaf), HF_ERROR_CERTIFICATE_KEY_USAGE, 0);
}

/* RFC 5280 4.2.1.3 and 4.2.1.9. */
Test(path, issuers_that_are_no_ca)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    pki_fields fields = fields_of("b", "a");
    CHECK(VALIDATE(&rules, leaf_of("b"), pki_issue(&fields)), HF_ERROR_CERTIFICATE_NOT_CA, 1);
    fields.extensions = pki_basic_constraints(false, -1);
    CHECK(VALIDATE(&rules, leaf_of("b"), pki_issue(&fields)), HF_ERROR_CERTIFICATE_NOT_CA, 1);
    fields.extensions =
        PKI_JOIN(pki_basic_constraints(true, -1), pki_key_usage(HF_KEY_USAGE_DIGITAL_SIGNATURE));
    CHECK(VALIDATE(&rules, leaf_of("b"), pki_issue(&fields)), HF_ERROR_CERTIFICATE_KEY_USAGE, 1);
    fields.extensions = pki_basic_constraints(true, -1);
    ACCEPTED(VALIDATE(&rules, leaf_of("b"), pki_issue(&fields)));
}

/* A root of version 1 cannot say that it is a CA; one of version 3 that does not say so is none. */
Test(path, anchors_that_are_no_ca)
{
    hf_trust_anchor anchor;
    pki_fields fields = fields_of("a", "a");
    hf_path_rules rules = rules_for(&anchor, pki_issue(&fields));
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_NOT_CA, HF_NO_CERTIFICATE);
    fields.version = pki_hex("a003020101");
    rules = rules_for(&anchor, pki_issue(&fields));
    ACCEPTED(VALIDATE(&rules, leaf_of("a")));
    fields = fields_of("a", "a");
    fields.extensions =
        PKI_JOIN(pki_basic_constraints(true, -1), pki_key_usage(HF_KEY_USAGE_DIGITAL_SIGNATURE));
    rules = rules_for(&anchor, pki_issue(&fields));
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_KEY_USAGE, HF_NO_CERTIFICATE);
    rules = rules_for(&anchor,
                      ca_with("a", "a", pki_extension("1.3.6.1.4.1.55555.1", true, pki_hex("00"))));
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_CRITICAL_EXTENSION,
          HF_NO_CERTIFICATE);
    rules = rules_for(&anchor, pki_hex("3000"));
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_UNKNOWN_CA, 0);
}

static hf_span ca_of_length(const char *name, const char *issuer, int path_length)
{
    pki_fields fields = fields_of(name, issuer);
    fields.extensions = pki_basic_constraints(true, path_length);
    return pki_issue(&fields);
}

/* RFC 5280 4.2.1.9: the leaf and self-issued CAs do not count. */
Test(path, path_length)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span b0 = ca_of_length("b", "a", 0), b1 = ca_of_length("b", "a", 1);
    hf_span c = ca_of("c", "b"), d = ca_of("d", "c");
    ACCEPTED(VALIDATE(&rules, leaf_of("b"), b0));
    CHECK(VALIDATE(&rules, leaf_of("c"), c, b0), HF_ERROR_CERTIFICATE_PATH_LENGTH, 2);
    ACCEPTED(VALIDATE(&rules, leaf_of("c"), c, b1));
    CHECK(VALIDATE(&rules, leaf_of("d"), d, c, b1), HF_ERROR_CERTIFICATE_PATH_LENGTH, 3);

    /* "b" signs a new key of its own. */
    pki_fields rollover = {
        .subject = "b", .issuer = "b", .key = pki_key_at(10), .signer = pki_key_at(1)};
    rollover.extensions = pki_basic_constraints(true, 0);
    pki_fields leaf = fields_of("z", "b");
    leaf.signer = pki_key_at(10);
    ACCEPTED(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&rollover), b0));

    rules = rules_for(&anchor, ca_of_length("a", "a", 0));
    ACCEPTED(VALIDATE(&rules, leaf_of("a")));
    CHECK(VALIDATE(&rules, leaf_of("b"), b0), HF_ERROR_CERTIFICATE_PATH_LENGTH, HF_NO_CERTIFICATE);
}

Test(path, critical_extensions)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span critical = pki_extension("1.3.6.1.4.1.55555.1", true, pki_hex("00"));
    hf_span harmless = pki_extension("1.3.6.1.4.1.55555.1", false, pki_hex("00"));
    CHECK(VALIDATE(&rules, leaf_with("a", critical)), HF_ERROR_CERTIFICATE_CRITICAL_EXTENSION, 0);
    CHECK(VALIDATE(&rules, leaf_of("b"), ca_with("b", "a", critical)),
          HF_ERROR_CERTIFICATE_CRITICAL_EXTENSION, 1);
    ACCEPTED(VALIDATE(&rules, leaf_with("b", harmless), ca_with("b", "a", harmless)));
}

Test(path, signatures)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    pki_fields leaf = fields_of("z", "b"), ca = fields_of("b", "a");
    ca.extensions = pki_basic_constraints(true, -1);
    ca.has_bad_signature = true;
    CHECK(VALIDATE(&rules, pki_issue(&leaf), pki_issue(&ca)), HF_ERROR_CERTIFICATE_SIGNATURE_WRONG,
          1);
    leaf.has_bad_signature = true;
    CHECK(VALIDATE(&rules, pki_issue(&leaf), ca_of("b", "a")), HF_ERROR_CERTIFICATE_SIGNATURE_WRONG,
          0);
}

/* The same certificate signed by an RSA key with PSS. */
static hf_span sign_with_pss(hf_span certificate, hf_hash_id hash)
{
    static const hf_random random = {hf_random_system, NULL};
    static uint8_t signature[256];
    uint8_t digest[HF_HASH_SIZE_MAX];
    hf_private_key key;
    hf_certificate c;
    size_t size = 0;
    cr_assert_eq(hf_private_key_read(&key, pki_pem_of("root-rsa2048.key")), HF_OK);
    cr_assert_eq(hf_certificate_read(&c, certificate), HF_OK);
    hf_span digested = {digest, hf_hash_digest(hash, c.to_be_signed, digest)};
    cr_assert_eq(
        hf_rsa_pss_sign(&key.u.rsa, &random, hash, digested, signature, sizeof signature, &size),
        HF_CRYPTO_OK);
    /* What is between the two is the AlgorithmIdentifier. */
    const uint8_t *after = c.to_be_signed.data + c.to_be_signed.size;
    return PKI_SEQUENCE(c.to_be_signed, (hf_span){after, 2U + after[1]},
                        PKI_DER(0x03, pki_hex("00"), (hf_span){signature, size}));
}

Test(path, pss)
{
    static const struct {
        hf_hash_id hash;
        const char *last, *salt; /* last octet of the hash's OID; the salt's length */
    } rows[] = {
        {HF_HASH_SHA256, "01", "20"}, {HF_HASH_SHA384, "02", "30"}, {HF_HASH_SHA512, "03", "40"}};
    hf_trust_anchor anchor;
    pki_key_at(0);
    hf_path_rules rules = rules_for(&anchor, pki_bytes_of("root-rsa2048.der"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_span hash = PKI_SEQUENCE(
            PKI_DER(0x06, pki_hex("6086480165030402"), pki_hex(rows[i].last)), pki_hex("0500"));
        hf_span mask = PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.8"), hash);
        hf_span parameters = PKI_SEQUENCE(PKI_DER(0xa0, hash), PKI_DER(0xa1, mask),
                                          PKI_DER(0xa2, pki_hex("0201"), pki_hex(rows[i].salt)));
        pki_fields leaf = fields_of("z", "z");
        leaf.issuer = "Handfast test root-rsa2048";
        leaf.algorithm = PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.10"), parameters);
        hf_span good = sign_with_pss(pki_issue(&leaf), rows[i].hash);
        ACCEPTED(VALIDATE(&rules, good));
        hf_hash_id other = rows[i].hash == HF_HASH_SHA256 ? HF_HASH_SHA384 : HF_HASH_SHA256;
        CHECK(VALIDATE(&rules, sign_with_pss(good, other)), HF_ERROR_CERTIFICATE_SIGNATURE_WRONG,
              0);
    }
}

/* A signature says which kind of key made it. */
Test(path, signature_of_another_kind)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    pki_fields leaf = fields_of("z", "a");
    leaf.algorithm = PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.11"), pki_hex("0500"));
    CHECK(VALIDATE(&rules, pki_issue(&leaf)), HF_ERROR_CERTIFICATE_SIGNATURE_WRONG, 0);
    leaf.algorithm = PKI_SEQUENCE(pki_oid("1.3.101.112"));
    CHECK(VALIDATE(&rules, pki_issue(&leaf)), HF_ERROR_CERTIFICATE_ALGORITHM_UNSUPPORTED, 0);
    pki_fields ca = fields_of("b", "a");
    ca.extensions = pki_basic_constraints(true, -1);
    ca.algorithm = leaf.algorithm;
    CHECK(VALIDATE(&rules, leaf_of("b"), pki_issue(&ca)),
          HF_ERROR_CERTIFICATE_ALGORITHM_UNSUPPORTED, 1);
}

Test(path, weak_hashes)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    pki_fields leaf = fields_of("z", "a");
    leaf.algorithm = PKI_SEQUENCE(pki_oid("1.2.840.10045.4.1")); /* ecdsa-with-SHA1 */
    CHECK(VALIDATE(&rules, pki_issue(&leaf)), HF_ERROR_CERTIFICATE_HASH_WEAK, 0);
    rules.allow_sha1 = true; /* pki_issue hashes with SHA-256, which shows that it went on */
    CHECK(VALIDATE(&rules, pki_issue(&leaf)), HF_ERROR_CERTIFICATE_SIGNATURE_WRONG, 0);
    leaf.algorithm = PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.4"), pki_hex("0500")); /* MD5 */
    CHECK(VALIDATE(&rules, pki_issue(&leaf)), HF_ERROR_CERTIFICATE_HASH_WEAK, 0);
    rules.allow_sha1 = false;
    pki_fields ca = fields_of("b", "a");
    ca.extensions = pki_basic_constraints(true, -1);
    ca.algorithm = PKI_SEQUENCE(pki_oid("1.2.840.10045.4.1"));
    CHECK(VALIDATE(&rules, leaf_of("b"), pki_issue(&ca)), HF_ERROR_CERTIFICATE_HASH_WEAK, 1);
    rules = rules_for(&anchor, pki_issue(&ca)); /* an anchor's own signature is not looked at */
    ACCEPTED(VALIDATE(&rules, leaf_of("b")));
}

Test(path, weak_and_unknown_keys)
{
    hf_trust_anchor anchor;
    pki_key_at(0);
    hf_path_rules rules = rules_for(&anchor, pki_bytes_of("root-rsa2048.der"));
    hf_span leaf = pki_bytes_of("server-rsa4096.der"), ca = pki_bytes_of("inter-rsa2048.der");
    rules.rsa_bits_min = 2049;
    CHECK(VALIDATE(&rules, leaf, ca), HF_ERROR_CERTIFICATE_KEY_WEAK, 1);
    rules.rsa_bits_min = 4097;
    CHECK(VALIDATE(&rules, leaf, ca), HF_ERROR_CERTIFICATE_KEY_WEAK, 0);
    rules.rsa_bits_min = 2048;
    ACCEPTED(VALIDATE(&rules, leaf, ca));

    rules = rules_for(&anchor, root_of("a"));
    pki_fields odd = fields_of("z", "a");
    odd.public_key = PKI_SEQUENCE(PKI_SEQUENCE(pki_oid("1.3.101.112")), pki_hex("03020000"));
    CHECK(VALIDATE(&rules, pki_issue(&odd)), HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED, 0);
    hf_span small = PKI_SEQUENCE(pki_hex("02020081"), pki_integer(3));
    odd.public_key = PKI_SEQUENCE(PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.1"), pki_hex("0500")),
                                  PKI_DER(0x03, pki_hex("00"), small));
    CHECK(VALIDATE(&rules, pki_issue(&odd)), HF_ERROR_CERTIFICATE_KEY_WEAK, 0);
    /* 2048 bits, but even. */
    uint8_t modulus[257] = {0, 0x80};
    hf_span even = PKI_SEQUENCE(pki_element(0x02, (hf_span){modulus, 257}), pki_integer(3));
    odd.public_key = PKI_SEQUENCE(PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.1"), pki_hex("0500")),
                                  PKI_DER(0x03, pki_hex("00"), even));
    CHECK(VALIDATE(&rules, pki_issue(&odd)), HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED, 0);
}

/* A point that is not on the curve shows when it is used. */
Test(path, issuer_key_off_the_curve)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    pki_key wrong = *pki_key_at(1);
    wrong.point[64] ^= 1;
    pki_fields ca = fields_of("b", "a");
    ca.public_key = pki_public_key(&wrong);
    ca.extensions = pki_basic_constraints(true, -1);
    CHECK(VALIDATE(&rules, leaf_of("b"), pki_issue(&ca)), HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED, 0);
}

Test(path, anchors_of_name_and_key)
{
    hf_trust_anchor anchor = {.name = pki_name("A"), .public_key = pki_public_key(pki_key_at(0))};
    hf_path_rules rules = {.anchors = &anchor, .anchor_count = 1, .time = NOW};
    ACCEPTED(VALIDATE(&rules, leaf_of("a")));
    ACCEPTED(VALIDATE(&rules, leaf_of("b"), ca_of("b", "a")));
    anchor.public_key = pki_public_key(pki_key_at(5));
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_SIGNATURE_WRONG, 0);
    anchor.public_key = pki_hex("3000");
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_MALFORMED, HF_NO_CERTIFICATE);
    hf_span constraints =
        PKI_SEQUENCE(PKI_DER(0xa0, pki_subtree(pki_general_name(0x82, "other.example"))));
    anchor.public_key = pki_public_key(pki_key_at(0));
    anchor.name_constraints = constraints;
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS, HF_NO_CERTIFICATE);
}

/* The leaf itself is trusted, by whomever it is signed. */
Test(path, pinned_leaf)
{
    hf_trust_anchor anchor;
    pki_fields fields = fields_of("z", "b");
    fields.extensions = pki_dns("host.example");
    hf_span leaf = pki_issue(&fields);
    hf_path_rules rules = rules_for(&anchor, leaf);
    outcome o = VALIDATE(&rules, leaf);
    ACCEPTED(o);
    cr_expect_eq(o.length, 1);
    fields.has_bad_signature = true;
    ACCEPTED(VALIDATE(&rules, pki_issue(&fields)));
    fields.serial = pki_integer(2);
    CHECK(VALIDATE(&rules, pki_issue(&fields)), HF_ERROR_CERTIFICATE_UNKNOWN_CA, 0);
    rules.name = pki_text("other.example");
    CHECK(VALIDATE(&rules, leaf), HF_ERROR_CERTIFICATE_NAME_MISMATCH, 0);
    rules.name = PKI_NONE;
    rules.time = NOW + (10 * 366 * 24 * 3600);
    CHECK(VALIDATE(&rules, leaf), HF_ERROR_CERTIFICATE_EXPIRED, 0);
    rules.time = NOW;
    /* It vouches for itself only. */
    pki_fields below = fields_of("y", "z");
    below.signer = fields.key;
    CHECK(VALIDATE(&rules, pki_issue(&below)), HF_ERROR_CERTIFICATE_NOT_CA, HF_NO_CERTIFICATE);
    anchor = (hf_trust_anchor){.name = pki_name("z"), .public_key = pki_public_key(fields.key)};
    ACCEPTED(VALIDATE(&rules, leaf));
}

/* An anchor may stand anywhere in the chain; what is above it is not looked at. */
Test(path, anchor_in_the_middle)
{
    hf_trust_anchor anchor;
    hf_span ca = ca_of("b", "a");
    hf_path_rules rules = rules_for(&anchor, ca);
    outcome o = VALIDATE(&rules, leaf_of("c"), ca_of("c", "b"), ca, root_of("a"));
    ACCEPTED(o);
    cr_expect_eq(o.length, 2);
    pki_fields broken = fields_of("b", "a");
    broken.extensions = pki_basic_constraints(true, -1);
    broken.has_bad_signature = true;
    rules = rules_for(&anchor, pki_issue(&broken));
    ACCEPTED(VALIDATE(&rules, leaf_of("b")));
}

Test(path, self_signed)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    CHECK(VALIDATE(&rules, leaf_of("z")), HF_ERROR_CERTIFICATE_SELF_SIGNED, 0);
    CHECK(VALIDATE(&rules, leaf_of("b"), root_of("b")), HF_ERROR_CERTIFICATE_UNKNOWN_CA, 1);
    CHECK(VALIDATE(&rules, leaf_of("b")), HF_ERROR_CERTIFICATE_UNKNOWN_CA, 0);
}

/* Any order, and extras of every sort. */
Test(path, order_and_extras)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span leaf = leaf_of("d"), d = ca_of("d", "c"), c = ca_of("c", "b"), b = ca_of("b", "a");
    ACCEPTED(VALIDATE(&rules, leaf, b, c, d));
    ACCEPTED(VALIDATE(&rules, leaf, c, d, b));
    ACCEPTED(VALIDATE(&rules, leaf, d, d, c, c, b, b));
    ACCEPTED(VALIDATE(&rules, leaf, root_of("f"), leaf_of("a"), b, c, d, leaf));
    ACCEPTED(VALIDATE(&rules, leaf, pki_hex("3000"), d, pki_hex(""), c, b));
    CHECK(VALIDATE(&rules, leaf, pki_hex("3000"), d, c), HF_ERROR_CERTIFICATE_MALFORMED, 1);
}

/* Cross-certificates: the way that is closed must not hide the one that is open. */
Test(path, alternatives)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span leaf = leaf_of("c");
    pki_fields expired = fields_of("c", "b");
    expired.extensions = pki_basic_constraints(true, -1);
    expired.not_after = "241231235959Z";
    ACCEPTED(VALIDATE(&rules, leaf, pki_issue(&expired), ca_of("c", "b"), ca_of("b", "a")));
    /* To a root that is not trusted, and to one that is. */
    ACCEPTED(VALIDATE(&rules, leaf, ca_of("c", "e"), root_of("e"), ca_of("c", "a")));
    ACCEPTED(
        VALIDATE(&rules, leaf, ca_of("c", "e"), ca_of("e", "f"), ca_of("f", "g"), ca_of("e", "a")));
    /* Another CA of the same name with another key. */
    pki_fields namesake = fields_of("c", "a");
    namesake.key = pki_key_at(9);
    namesake.extensions = pki_basic_constraints(true, -1);
    ACCEPTED(VALIDATE(&rules, leaf, pki_issue(&namesake), ca_of("c", "a")));
    /* Two anchors of the same name. */
    pki_fields other_root = fields_of("a", "a");
    other_root.key = pki_key_at(9);
    other_root.signer = NULL;
    other_root.extensions = pki_basic_constraints(true, -1);
    hf_trust_anchor both[] = {{.certificate = pki_issue(&other_root)}, anchor};
    rules.anchors = both;
    rules.anchor_count = 2;
    ACCEPTED(VALIDATE(&rules, leaf, ca_of("c", "a")));
}

/* No signature is checked twice when the search steps back. */
Test(path, each_signature_once)
{
    pki_fields namesake = fields_of("c", "c");
    namesake.key = namesake.signer = pki_key_at(9);
    namesake.extensions = pki_basic_constraints(true, -1);
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, pki_issue(&namesake));
    outcome o = VALIDATE(&rules, leaf_of("c"), ca_of("c", "e"), ca_of("c", "f"));
    CHECK(o, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG, 0);
    cr_expect_eq(o.steps, 4, "the anchor, both CAs, and the end");
}

Test(path, loops)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    CHECK(VALIDATE(&rules, leaf_of("b"), ca_of("b", "c"), ca_of("c", "b")),
          HF_ERROR_CERTIFICATE_UNKNOWN_CA, 2);
    ACCEPTED(VALIDATE(&rules, leaf_of("b"), ca_of("b", "c"), ca_of("c", "b"), ca_of("c", "a")));
}

/* CAs of one name that all sign each other: every way up is tried until the budget is used up. */
Test(path, budget)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span chain[HF_CHAIN_MAX] = {leaf_of("b")};
    for (size_t i = 1; i < HF_CHAIN_MAX; i++) {
        pki_fields fields = {
            .subject = "b", .issuer = "b", .key = pki_key_at(1 + i), .signer = pki_key_at(1)};
        fields.key = i == 1 ? pki_key_at(1) : fields.key;
        fields.extensions = pki_basic_constraints(true, -1);
        chain[i] = pki_issue(&fields);
    }
    outcome o = validate(&rules, chain, HF_CHAIN_MAX);
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG);
    cr_expect_leq(o.steps, HF_SIGNATURE_CHECKS_MAX + 1);
    rules.checks_max = 5;
    o = validate(&rules, chain, HF_CHAIN_MAX);
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_PATH_BUDGET);
    cr_expect_eq(o.steps, 6);
    rules.checks_max = 2;
    ACCEPTED(VALIDATE(&rules, leaf_of("c"), ca_of("c", "a")));
    rules.checks_max = 1;
    CHECK(VALIDATE(&rules, leaf_of("c"), ca_of("c", "a")), HF_ERROR_CERTIFICATE_PATH_BUDGET, 1);
}

/* ---------------------------------------------------------------- key identifiers */

static hf_span authority_key_id(const char *hex)
{
    return pki_extension("2.5.29.35", false, PKI_SEQUENCE(PKI_DER(0x80, pki_hex(hex))));
}

/* A CA "b" below the root "a" with the n-th key. */
static hf_span namesake(size_t key, const char *key_id)
{
    pki_fields fields = fields_of("b", "a");
    fields.key = pki_key_at(key);
    fields.extensions = PKI_JOIN(pki_basic_constraints(true, -1),
                                 pki_extension("2.5.29.14", false, PKI_DER(0x04, pki_hex(key_id))));
    return pki_issue(&fields);
}

/* RFC 4158 3.5.12: of many CAs of one name the one that the certificate points at is tried first.
 */
Test(path, key_identifier_points_the_way)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span chain[HF_CHAIN_MAX] = {leaf_with("b", authority_key_id("b1"))};
    for (size_t i = 1; i < HF_CHAIN_MAX - 1; i++) {
        chain[i] = namesake(2 + i, "c2");
    }
    chain[HF_CHAIN_MAX - 1] = namesake(1, "b1");
    rules.checks_max = 2;
    ACCEPTED(validate(&rules, chain, HF_CHAIN_MAX));
    chain[0] = leaf_of("b");
    cr_expect_eq(validate(&rules, chain, HF_CHAIN_MAX).error, HF_ERROR_CERTIFICATE_PATH_BUDGET);
}

/* It is a hint: where all others fail, whoever has another identifier is tried, too. */
Test(path, wrong_key_identifier)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span leaf = leaf_with("b", authority_key_id("b1"));
    ACCEPTED(VALIDATE(&rules, leaf, namesake(1, "c2")));
    ACCEPTED(VALIDATE(&rules, leaf, namesake(1, "c2"), namesake(3, "b1")));
    ACCEPTED(VALIDATE(&rules, leaf, namesake(3, "c2"), namesake(1, "c2"), namesake(4, "b1")));
    CHECK(VALIDATE(&rules, leaf, namesake(3, "c2"), namesake(4, "b1")),
          HF_ERROR_CERTIFICATE_SIGNATURE_WRONG, 0);
}

/* A way that leads nowhere, among the likely ones and among the others, is left for the next. */
Test(path, key_identifiers_and_dead_ends)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    const char *const dead_ids[] = {"b1", "c2"}, *const good_ids[] = {"b1", "c2"};
    for (size_t i = 0; i < 4; i++) {
        pki_fields dead = fields_of("b", "d"); /* nobody has sent d */
        dead.extensions =
            PKI_JOIN(pki_basic_constraints(true, -1),
                     pki_extension("2.5.29.14", false, PKI_DER(0x04, pki_hex(dead_ids[i / 2]))));
        hf_span leaf = leaf_with("b", authority_key_id("b1")), good = namesake(1, good_ids[i % 2]);
        hf_span dead_end = pki_issue(&dead);
        ACCEPTED(VALIDATE(&rules, leaf, dead_end, good));
        ACCEPTED(VALIDATE(&rules, leaf, good, dead_end));
    }
}

/* ---------------------------------------------------------------- malformed issuers */

/* A CA of which what is said about the signature inside differs from outside (RFC 5280 4.1.1.2). */
static hf_span contradictory_ca(const char *name, const char *issuer)
{
    const pki_signer sha1 = {.key = pki_key_at(0), .is_sha1 = true};
    pki_fields fields = fields_of(name, issuer);
    fields.outer_algorithm = pki_algorithm(&sha1);
    fields.extensions = pki_basic_constraints(true, -1);
    return pki_issue(&fields);
}

/* A malformed certificate matters only where one of its name is looked for. */
Test(path, malformed_certificates_among_others)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_span bad = contradictory_ca("b", "a");
    CHECK(VALIDATE(&rules, leaf_of("b"), bad), HF_ERROR_CERTIFICATE_MALFORMED, 1);
    CHECK(VALIDATE(&rules, leaf_of("c"), bad), HF_ERROR_CERTIFICATE_UNKNOWN_CA, 0);
    ACCEPTED(VALIDATE(&rules, leaf_of("b"), bad, ca_of("b", "a")));
    CHECK(VALIDATE(&rules, leaf_of("c"), pki_hex("3000")), HF_ERROR_CERTIFICATE_MALFORMED, 1);
}

Test(path, malformed_anchor)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, contradictory_ca("a", "a"));
    CHECK(VALIDATE(&rules, leaf_of("a")), HF_ERROR_CERTIFICATE_MALFORMED, HF_NO_CERTIFICATE);
    CHECK(VALIDATE(&rules, leaf_of("c")), HF_ERROR_CERTIFICATE_UNKNOWN_CA, 0);
}
