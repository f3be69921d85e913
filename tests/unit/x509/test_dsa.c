/* DSA in certificates and private keys (RFC 3279 2.2.2, 2.3.2; RFC 5758 3.1). */
#include "crypto_glue/hash.h"
#include "crypto_glue/random.h"
#include "path_support.h"
#include "tls/x509/x509.h"

#include <criterion/criterion.h>
#include <handfast/key.h>
#include <stdio.h>
#include <string.h>

#if HF_WITH_DSS

/* The first key starts crypto_glue. */
static void start(void)
{
    (void)pki_key_at(0);
}

TestSuite(dsa, .init = start);

static const char *const sizes[] = {"1024", "2048"};
enum { SIZE_COUNT = 2 };

static hf_span file_of(const char *size, const char *ending)
{
    char name[64];
    (void)snprintf(name, sizeof name, "server-dsa%s%s", size, ending);
    return strstr(ending, ".key") != NULL ? pki_pem_of(name) : pki_bytes_of(name);
}

static hf_public_key public_key_of(const char *size)
{
    hf_certificate c;
    cr_assert_eq(hf_certificate_read(&c, file_of(size, ".der")), HF_OK);
    return c.public_key;
}

static hf_private_key private_key_of(const char *size)
{
    hf_private_key key;
    cr_assert_eq(hf_private_key_read(&key, file_of(size, ".dsa.key")), HF_OK);
    cr_assert_eq(key.type, HF_KEY_DSA);
    return key;
}

/* An INTEGER above zero. */
static hf_span number(hf_span bytes)
{
    return PKI_DER(0x02, bytes.data[0] >= 0x80 ? pki_hex("00") : PKI_NONE, bytes);
}

/* ---------------------------------------------------------------- private keys */

Test(dsa, private_keys_of_openssl)
{
    static const char *const endings[] = {".key", ".dsa.key"};
    for (size_t i = 0; i < (size_t)2 * SIZE_COUNT; i++) {
        hf_private_key key;
        hf_span der = file_of(sizes[i / 2], endings[i % 2]);
        cr_assert_eq(hf_private_key_read(&key, der), HF_OK);
        cr_expect_eq(key.type, HF_KEY_DSA);
        cr_expect_not(key.external);
        for (size_t j = 0; j < SIZE_COUNT; j++) {
            hf_public_key other = public_key_of(sizes[j]);
            bool matches;
            cr_assert_eq(hf_private_key_matches(&key, &other, &matches), HF_OK);
            cr_expect_eq(matches, i / 2 == j);
        }
        for (size_t size = 0; size < der.size; size++) {
            cr_expect_neq(hf_private_key_read(&key, (hf_span){der.data, size}), HF_OK, "cut to %zu",
                          size);
        }
        cr_expect_neq(hf_private_key_read(&key, PKI_JOIN(der, pki_hex("00"))), HF_OK);
    }
}

Test(dsa, private_keys_put_together)
{
    hf_private_key good = private_key_of("1024");
    const hf_dsa_public *public_key = &good.u.dsa.public_key;
    hf_span p = number(public_key->prime), q = number(public_key->subprime);
    hf_span g = number(public_key->generator), y = number(public_key->value);
    hf_span x = number(good.u.dsa.exponent), zero = pki_integer(0), one = pki_integer(1);
    hf_span domain = PKI_SEQUENCE(p, q, g), id = pki_oid("1.2.840.10040.4.1");
    hf_span algorithm = PKI_SEQUENCE(id, domain), octets = pki_element(0x04, x);
    const struct {
        const char *what;
        hf_span der;
        bool is_good;
    } rows[] = {
        {"six numbers", PKI_SEQUENCE(zero, p, q, g, y, x), true},
        {"version 1", PKI_SEQUENCE(one, p, q, g, y, x), false},
        {"without y", PKI_SEQUENCE(zero, p, q, g, x), false},
        {"seven numbers", PKI_SEQUENCE(zero, p, q, g, y, x, x), false},
        {"something behind", PKI_SEQUENCE(zero, p, q, g, y, x, pki_hex("0500")), false},
        {"x = 0", PKI_SEQUENCE(zero, p, q, g, y, zero), false},
        {"x longer than q", PKI_SEQUENCE(zero, p, q, g, y, y), false},
        {"p too short", PKI_SEQUENCE(zero, q, q, g, y, x), false},
        {"q too long", PKI_SEQUENCE(zero, p, p, g, y, x), false},
        {"g = 1", PKI_SEQUENCE(zero, p, q, one, y, x), false},
        {"g = p", PKI_SEQUENCE(zero, p, q, p, y, x), false},
        {"PKCS #8", PKI_SEQUENCE(zero, algorithm, octets), true},
        {"PKCS #8, attributes", PKI_SEQUENCE(zero, algorithm, octets, pki_hex("a000")), true},
        {"RFC 5958, public key", PKI_SEQUENCE(one, algorithm, octets, pki_hex("81020004")), true},
        {"version 2", PKI_SEQUENCE(pki_integer(2), algorithm, octets), false},
        {"no parameters", PKI_SEQUENCE(zero, PKI_SEQUENCE(id), octets), false},
        {"NULL for parameters", PKI_SEQUENCE(zero, PKI_SEQUENCE(id, pki_hex("0500")), octets),
         false},
        {"parameters twice", PKI_SEQUENCE(zero, PKI_SEQUENCE(id, domain, domain), octets), false},
        {"two parameters", PKI_SEQUENCE(zero, PKI_SEQUENCE(id, PKI_SEQUENCE(p, q)), octets), false},
        {"four parameters", PKI_SEQUENCE(zero, PKI_SEQUENCE(id, PKI_SEQUENCE(p, q, g, y)), octets),
         false},
        {"PKCS #8, x = 0", PKI_SEQUENCE(zero, algorithm, pki_element(0x04, zero)), false},
        {"PKCS #8, x longer than q", PKI_SEQUENCE(zero, algorithm, pki_element(0x04, y)), false},
        {"octets behind x",
         PKI_SEQUENCE(zero, algorithm, pki_element(0x04, PKI_JOIN(x, pki_hex("00")))), false},
        {"no x", PKI_SEQUENCE(zero, algorithm, pki_element(0x04, PKI_NONE)), false},
        {"PKCS #8, six numbers in it",
         PKI_SEQUENCE(zero, algorithm, pki_element(0x04, PKI_SEQUENCE(zero, p, q, g, y, x))),
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_private_key key;
        cr_expect_eq(hf_private_key_read(&key, rows[i].der),
                     rows[i].is_good ? HF_OK : HF_ERROR_BAD_PRIVATE_KEY, "%s", rows[i].what);
        cr_expect_eq(key.type, rows[i].is_good ? HF_KEY_DSA : HF_KEY_NONE, "%s", rows[i].what);
    }
}

static bool matches(const hf_private_key *key, const hf_public_key *other)
{
    bool result = true;
    cr_assert_eq(hf_private_key_matches(key, other, &result), HF_OK);
    return result;
}

/* All four numbers of the public key count, and the private key's own y does not. */
Test(dsa, private_key_and_certificate)
{
    hf_private_key key = private_key_of("2048");
    const hf_private_key small = private_key_of("1024");
    const hf_public_key good = public_key_of("2048");
    hf_span *const numbers[] = {&key.u.dsa.public_key.prime, &key.u.dsa.public_key.subprime,
                                &key.u.dsa.public_key.generator, &key.u.dsa.exponent};
    cr_expect(matches(&key, &good));
    for (size_t i = 0; i < 4; i++) {
        hf_span before = *numbers[i];
        uint8_t bytes[HF_DSA_SIZE_MAX];
        memcpy(bytes, before.data, before.size);
        bytes[before.size - 1] ^= 2;
        *numbers[i] = (hf_span){bytes, before.size};
        cr_expect_not(matches(&key, &good), "number %zu", i);
        *numbers[i] = before;
    }
    key.u.dsa.public_key.value = small.u.dsa.public_key.value;
    cr_expect(matches(&key, &good));
    hf_public_key other = good;
    other.u.dsa.value = small.u.dsa.public_key.value;
    cr_expect_not(matches(&key, &other));
    other.type = HF_KEY_RSA;
    cr_expect_not(matches(&key, &other));

    bool result = true;
    key.u.dsa.exponent = key.u.dsa.public_key.subprime;
    cr_expect_eq(hf_private_key_matches(&key, &good, &result), HF_ERROR_BAD_PRIVATE_KEY);
    cr_expect_not(result);
}

/* An external key has no x: its y is compared. */
Test(dsa, external_private_key)
{
    hf_public_key good = public_key_of("2048");
    hf_private_key key = {.type = HF_KEY_DSA, .external = true, .u.dsa.public_key = good.u.dsa};
    cr_expect(matches(&key, &good));
    key.u.dsa.public_key.value = key.u.dsa.public_key.generator;
    cr_expect_not(matches(&key, &good));
}

/* ---------------------------------------------------------------- public keys */

static hf_span bit_string(hf_span content)
{
    return PKI_DER(0x03, pki_hex("00"), content);
}

Test(dsa, public_keys_put_together)
{
    hf_public_key good = public_key_of("1024");
    hf_span p = number(good.u.dsa.prime), q = number(good.u.dsa.subprime);
    hf_span g = number(good.u.dsa.generator), y = bit_string(number(good.u.dsa.value));
    hf_span domain = PKI_SEQUENCE(p, q, g), id = pki_oid("1.2.840.10040.4.1");
    hf_span algorithm = PKI_SEQUENCE(id, domain);
    enum { GOOD, UNSUPPORTED, MALFORMED };
    const struct {
        const char *what;
        hf_span der;
        int outcome;
    } rows[] = {
        {"good", PKI_SEQUENCE(algorithm, y), GOOD},
        {"parameters of the issuer", PKI_SEQUENCE(PKI_SEQUENCE(id), y), UNSUPPORTED},
        {"NULL for parameters", PKI_SEQUENCE(PKI_SEQUENCE(id, pki_hex("0500")), y), MALFORMED},
        {"two parameters", PKI_SEQUENCE(PKI_SEQUENCE(id, PKI_SEQUENCE(p, q)), y), MALFORMED},
        {"four parameters", PKI_SEQUENCE(PKI_SEQUENCE(id, PKI_SEQUENCE(p, q, g, g)), y), MALFORMED},
        {"parameters twice", PKI_SEQUENCE(PKI_SEQUENCE(id, domain, domain), y), MALFORMED},
        {"p = 0", PKI_SEQUENCE(PKI_SEQUENCE(id, PKI_SEQUENCE(pki_integer(0), q, g)), y), MALFORMED},
        {"y = 0", PKI_SEQUENCE(algorithm, bit_string(pki_integer(0))), MALFORMED},
        {"y < 0", PKI_SEQUENCE(algorithm, bit_string(pki_hex("0201ff"))), MALFORMED},
        {"two values", PKI_SEQUENCE(algorithm, bit_string(PKI_JOIN(p, p))), MALFORMED},
        {"no value", PKI_SEQUENCE(algorithm, bit_string(PKI_NONE)), MALFORMED},
        {"bits left over", PKI_SEQUENCE(algorithm, pki_hex("0304010201fe")), MALFORMED},
        {"something behind", PKI_SEQUENCE(algorithm, y, pki_hex("0500")), MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_public_key key;
        bool is_read = hf_public_key_read(&key, rows[i].der);
        cr_expect_eq(is_read, rows[i].outcome != MALFORMED, "%s", rows[i].what);
        cr_expect(!is_read || (key.type == HF_KEY_DSA) == (rows[i].outcome == GOOD), "%s",
                  rows[i].what);
    }
}

Test(dsa, public_keys_of_openssl)
{
    static const size_t subprime_sizes[SIZE_COUNT] = {20, 32};
    static const size_t bits[SIZE_COUNT] = {1024, 2048};
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        hf_public_key key = public_key_of(sizes[i]);
        cr_assert_eq(key.type, HF_KEY_DSA);
        cr_expect_eq(hf_dsa_bits(&key.u.dsa), bits[i]);
        cr_expect_eq(key.u.dsa.subprime.size, subprime_sizes[i]);
        cr_expect_eq(hf_dsa_check_public(&key.u.dsa), HF_CRYPTO_OK);
    }
}

/* ---------------------------------------------------------------- signatures */

static const char sha1[] = "1.2.840.10040.4.3";
static const char sha224[] = "2.16.840.1.101.3.4.3.1";
static const char sha256[] = "2.16.840.1.101.3.4.3.2";

Test(dsa, algorithms)
{
    static const struct {
        const char *oid;
        const char *parameters;
        hf_key_type type;
        hf_hash_id hash;
    } rows[] = {
        {sha1, "", HF_KEY_DSA, HF_HASH_SHA1},
        {sha224, "", HF_KEY_DSA, HF_HASH_SHA224},
        {sha256, "", HF_KEY_DSA, HF_HASH_SHA256},
        {sha1, "0500", HF_KEY_NONE, HF_HASH_NONE},
        {sha256, "0500", HF_KEY_NONE, HF_HASH_NONE},
        {"2.16.840.1.101.3.4.3.9", "", HF_KEY_NONE, HF_HASH_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_signature_algorithm algorithm;
        hf_span der = PKI_SEQUENCE(pki_oid(rows[i].oid), pki_hex(rows[i].parameters));
        cr_expect(hf_signature_algorithm_read(&algorithm, der), "row %zu", i);
        cr_expect_eq(algorithm.key_type, rows[i].type, "row %zu", i);
        cr_expect_eq(algorithm.hash, rows[i].hash, "row %zu", i);
        cr_expect_eq(algorithm.padding, HF_PADDING_NONE, "row %zu", i);
    }
}

static hf_span public_key_info(const hf_public_key *key)
{
    hf_span domain = PKI_SEQUENCE(number(key->u.dsa.prime), number(key->u.dsa.subprime),
                                  number(key->u.dsa.generator));
    return PKI_SEQUENCE(PKI_SEQUENCE(pki_oid("1.2.840.10040.4.1"), domain),
                        bit_string(number(key->u.dsa.value)));
}

/* What `fields` say, signed with a DSA key. */
static hf_span issue(pki_fields *fields, const char *signer, const char *algorithm, hf_hash_id hash)
{
    uint8_t digest[HF_HASH_SIZE_MAX];
    uint8_t signature[HF_DSA_SIGNATURE_MAX];
    size_t size;
    hf_random random = {hf_random_system, NULL};
    hf_private_key key = private_key_of(signer);
    fields->algorithm = PKI_SEQUENCE(pki_oid(algorithm));
    hf_der whole = hf_der_open(pki_issue(fields));
    hf_der parts = hf_der_enter(&whole, HF_DER_SEQUENCE);
    hf_span signed_part = hf_der_read_element(&parts, HF_DER_SEQUENCE);
    hf_span span = {digest, hf_hash_digest(hash, signed_part, digest)};
    cr_assert_eq(hf_dsa_sign(&key.u.dsa, &random, span, signature, sizeof signature, &size),
                 HF_CRYPTO_OK);
    signature[size - 1] ^= fields->has_bad_signature ? 1 : 0;
    return PKI_SEQUENCE(signed_part, fields->algorithm, bit_string((hf_span){signature, size}));
}

/* A root with a DSA key, and a leaf with an EC key that it has signed. */
static hf_span dsa_root(const char *size)
{
    hf_public_key key = public_key_of(size);
    pki_fields fields = fields_of("a", "a");
    fields.public_key = public_key_info(&key);
    fields.extensions =
        PKI_JOIN(pki_basic_constraints(true, -1), pki_key_usage(HF_KEY_USAGE_KEY_CERT_SIGN));
    return issue(&fields, size, sha256, HF_HASH_SHA256);
}

static hf_span leaf_signed_by(const char *size, const char *algorithm, hf_hash_id hash)
{
    pki_fields fields = fields_of("z", "a");
    fields.extensions = pki_dns("host.example");
    return issue(&fields, size, algorithm, hash);
}

Test(dsa, certificates_are_verified)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, dsa_root("2048"));
    static const struct {
        const char *oid;
        hf_hash_id hash;
        hf_error error;
        hf_error with_sha1;
    } rows[] = {
        {sha256, HF_HASH_SHA256, HF_OK, HF_OK},
        {sha224, HF_HASH_SHA224, HF_OK, HF_OK},
        {sha1, HF_HASH_SHA1, HF_ERROR_CERTIFICATE_HASH_WEAK, HF_OK},
        {sha256, HF_HASH_SHA224, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG,
         HF_ERROR_CERTIFICATE_SIGNATURE_WRONG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_span leaf = leaf_signed_by("2048", rows[i].oid, rows[i].hash);
        rules.allow_sha1 = false;
        cr_expect_eq(VALIDATE(&rules, leaf).error, rows[i].error, "row %zu", i);
        rules.allow_sha1 = true;
        cr_expect_eq(VALIDATE(&rules, leaf).error, rows[i].with_sha1, "row %zu", i);
    }
}

Test(dsa, wrong_signatures_are_refused)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, dsa_root("2048"));
    pki_fields fields = fields_of("z", "a");
    fields.extensions = pki_dns("host.example");
    fields.has_bad_signature = true;
    hf_span bad = issue(&fields, "2048", sha256, HF_HASH_SHA256);
    cr_expect_eq(VALIDATE(&rules, bad).error, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG);
    hf_span foreign = leaf_signed_by("1024", sha256, HF_HASH_SHA256);
    cr_expect_eq(VALIDATE(&rules, foreign).error, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG);
    hf_span by_ecdsa = leaf_of("a");
    cr_expect_eq(VALIDATE(&rules, by_ecdsa).error, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG);
}

/* The least length of an RSA key is that of p, too. */
Test(dsa, short_keys_are_weak)
{
    hf_trust_anchor anchor;
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        hf_path_rules rules = rules_for(&anchor, pki_bytes_of("root-rsa2048.der"));
        hf_span leaf = file_of(sizes[i], ".der"), issuer = pki_bytes_of("inter-rsa2048.der");
        rules.name = pki_text("server.example");
        rules.key_usage = HF_KEY_USAGE_DIGITAL_SIGNATURE;
        outcome o = VALIDATE(&rules, leaf, issuer);
        cr_expect_eq(o.error, i == 0 ? HF_ERROR_CERTIFICATE_KEY_WEAK : HF_OK, "%d", o.error);
        rules.rsa_bits_min = 1024;
        cr_expect_eq(VALIDATE(&rules, leaf, issuer).error, HF_OK);
        rules.rsa_bits_min = 2049;
        cr_expect_eq(VALIDATE(&rules, leaf, issuer).error, HF_ERROR_CERTIFICATE_KEY_WEAK);
    }
}

/* Lengths that nothing could be verified with, and numbers that nothing should be. */
Test(dsa, bad_keys_are_unsupported)
{
    hf_trust_anchor anchor;
    hf_path_rules rules = rules_for(&anchor, root_of("a"));
    hf_public_key good = public_key_of("2048");
    static const uint8_t one = 1;
    hf_public_key short_subprime = good, no_generator = good, wrong_value = good;
    short_subprime.u.dsa.subprime.size = 19;
    no_generator.u.dsa.generator = (hf_span){&one, 1};
    wrong_value.u.dsa.value = good.u.dsa.subprime;

    const hf_public_key *const keys[] = {&short_subprime, &no_generator};
    for (size_t i = 0; i < 2; i++) {
        pki_fields fields = fields_of("z", "a");
        fields.public_key = public_key_info(keys[i]);
        fields.extensions = pki_dns("host.example");
        cr_expect_eq(VALIDATE(&rules, pki_issue(&fields)).error,
                     HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED, "key %zu", i);
    }
    hf_signature_algorithm algorithm = {HF_KEY_DSA, HF_PADDING_NONE, HF_HASH_SHA256};
    cr_expect_eq(
        hf_x509_verify(&algorithm, &wrong_value, pki_text("data"), pki_hex("3006020101020101")),
        HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED);
}

#endif
