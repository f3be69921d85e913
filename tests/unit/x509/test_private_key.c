/* Private keys of every form that OpenSSL writes, and wrong ones. */
#include "crypto_glue/constant_time.h"
#include "tests/support/pki.h"
#include "tls/x509/der.h"

#include <criterion/criterion.h>
#include <handfast/key.h>
#include <handfast/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static hf_public_key public_key_of(const char *certificate)
{
    hf_certificate c;
    cr_assert_eq(hf_certificate_read(&c, pki_bytes_of(certificate)), HF_OK);
    return c.public_key;
}

Test(private_key, forms_of_openssl)
{
    static const struct {
        const char *key, *certificate;
        hf_key_type type;
    } rows[] = {
        {"server-p256.key", "server-p256.der", HF_KEY_EC},
        {"server-p256.sec1.key", "server-p256.der", HF_KEY_EC},
        {"server-p384.key", "server-p384.der", HF_KEY_EC},
        {"server-p384.sec1.key", "server-p384.der", HF_KEY_EC},
        {"server-p521.key", "server-p521.der", HF_KEY_EC},
        {"server-p521.sec1.key", "server-p521.der", HF_KEY_EC},
        {"server-rsa2048.key", "server-rsa2048.der", HF_KEY_RSA},
        {"server-rsa2048.pkcs1.key", "server-rsa2048.der", HF_KEY_RSA},
        {"server-rsa3072.key", "server-rsa3072.der", HF_KEY_RSA},
        {"server-rsa4096.pkcs1.key", "server-rsa4096.der", HF_KEY_RSA},
    };
    pki_key_at(0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_private_key key;
        hf_span der = pki_pem_of(rows[i].key);
        cr_assert_eq(hf_private_key_read(&key, der), HF_OK, "%s", rows[i].key);
        cr_expect_eq(key.type, rows[i].type, "%s", rows[i].key);
        cr_expect_not(key.external);
        for (size_t j = 0; j < sizeof rows / sizeof rows[0]; j++) {
            hf_public_key other = public_key_of(rows[j].certificate);
            bool matches;
            cr_assert_eq(hf_private_key_matches(&key, &other, &matches), HF_OK);
            cr_expect_eq(matches, strcmp(rows[i].certificate, rows[j].certificate) == 0,
                         "%s and %s", rows[i].key, rows[j].certificate);
        }
        for (size_t size = 0; size < der.size; size++) {
            cr_expect_neq(hf_private_key_read(&key, (hf_span){der.data, size}), HF_OK,
                          "%s cut to %zu", rows[i].key, size);
        }
        cr_expect_neq(hf_private_key_read(&key, PKI_JOIN(der, pki_hex("00"))), HF_OK);
    }
}

Test(private_key, encrypted)
{
    hf_private_key key;
    /* EncryptedPrivateKeyInfo, RFC 5958 3: an algorithm and an OCTET STRING. */
    hf_span encrypted = PKI_SEQUENCE(
        PKI_SEQUENCE(pki_oid("1.2.840.113549.1.5.13"), pki_hex("3000")), pki_hex("0404deadbeef"));
    cr_expect_eq(hf_private_key_read(&key, encrypted), HF_ERROR_KEY_ENCRYPTED);
    cr_expect_eq(key.type, HF_KEY_NONE);
}

static hf_span p256(void)
{
    return pki_oid("1.2.840.10045.3.1.7");
}

static hf_span octets(size_t size, uint8_t value)
{
    uint8_t bytes[80];
    memset(bytes, value, sizeof bytes);
    return pki_element(0x04, PKI_JOIN((hf_span){bytes, size}));
}

static hf_error read_key(hf_span der)
{
    hf_private_key key;
    hf_error error = hf_private_key_read(&key, der);
    cr_expect_eq(error == HF_OK, key.type != HF_KEY_NONE);
    return error;
}

/* RFC 5915 3 and RFC 5958 2. */
Test(private_key, elliptic_curve)
{
    hf_span one = pki_integer(1), zero = pki_integer(0), curve = PKI_DER(0xa0, p256());
    hf_span scalar = octets(32, 1);
    hf_span bare = PKI_SEQUENCE(one, scalar);
    hf_span algorithm = PKI_SEQUENCE(pki_oid("1.2.840.10045.2.1"), p256());
    const struct {
        const char *what;
        hf_span der;
        bool is_good;
    } rows[] = {
        {"SEC 1", PKI_SEQUENCE(one, scalar, curve), true},
        {"without its curve", bare, false},
        {"version 0", PKI_SEQUENCE(zero, scalar, curve), false},
        {"scalar too short", PKI_SEQUENCE(one, octets(31, 1), curve), false},
        {"scalar too long", PKI_SEQUENCE(one, octets(33, 1), curve), false},
        {"scalar zero", PKI_SEQUENCE(one, octets(32, 0), curve), false},
        {"unknown curve", PKI_SEQUENCE(one, scalar, PKI_DER(0xa0, pki_oid("1.3.132.0.10"))), false},
        {"public key", PKI_SEQUENCE(one, scalar, curve, PKI_DER(0xa1, pki_hex("03020004"))), true},
        {"public key of bits", PKI_SEQUENCE(one, scalar, curve, PKI_DER(0xa1, pki_hex("03020104"))),
         false},
        {"something behind", PKI_SEQUENCE(one, scalar, curve, pki_hex("0500")), false},
        {"PKCS #8", PKI_SEQUENCE(zero, algorithm, pki_element(0x04, bare)), true},
        {"PKCS #8, curve twice",
         PKI_SEQUENCE(zero, algorithm, pki_element(0x04, PKI_SEQUENCE(one, scalar, curve))), true},
        {"PKCS #8, two curves",
         PKI_SEQUENCE(
             zero, algorithm,
             pki_element(0x04, PKI_SEQUENCE(one, scalar, PKI_DER(0xa0, pki_oid("1.3.132.0.34"))))),
         false},
        {"PKCS #8, two curves, the scalar fits the inner",
         PKI_SEQUENCE(zero, PKI_SEQUENCE(pki_oid("1.2.840.10045.2.1"), pki_oid("1.3.132.0.34")),
                      pki_element(0x04, PKI_SEQUENCE(one, scalar, curve))),
         false},
        {"PKCS #8, attributes",
         PKI_SEQUENCE(zero, algorithm, pki_element(0x04, bare), pki_hex("a000")), true},
        {"RFC 5958, public key",
         PKI_SEQUENCE(one, algorithm, pki_element(0x04, bare), pki_hex("81020004")), true},
        {"public key in version 0",
         PKI_SEQUENCE(zero, algorithm, pki_element(0x04, bare), pki_hex("81020004")), false},
        {"version 2", PKI_SEQUENCE(pki_integer(2), algorithm, pki_element(0x04, bare)), false},
        {"another algorithm",
         PKI_SEQUENCE(zero, PKI_SEQUENCE(pki_oid("1.3.101.112")), pki_element(0x04, bare)), false},
        {"octets behind the key",
         PKI_SEQUENCE(zero, algorithm, pki_element(0x04, PKI_JOIN(bare, pki_hex("00")))), false},
        {"empty", PKI_NONE, false},
        {"empty sequence", pki_hex("3000"), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(read_key(rows[i].der), rows[i].is_good ? HF_OK : HF_ERROR_BAD_PRIVATE_KEY,
                     "%s", rows[i].what);
    }
}

/* A scalar of the right length but not below n is found when it is used. */
Test(private_key, scalar_out_of_range)
{
    hf_private_key key;
    hf_public_key other = {.type = HF_KEY_EC, .u.ec = {HF_CURVE_P256, {pki_key_at(0)->point, 65}}};
    bool matches = true;
    hf_span der = PKI_SEQUENCE(pki_integer(1), octets(32, 0xff), PKI_DER(0xa0, p256()));
    cr_assert_eq(hf_private_key_read(&key, der), HF_OK);
    cr_expect_eq(hf_private_key_matches(&key, &other, &matches), HF_ERROR_BAD_PRIVATE_KEY);
    cr_expect_not(matches);
}

/* The public part stands in for a key that is elsewhere. */
Test(private_key, external)
{
    hf_span point = {pki_key_at(0)->point, 65}, another = {pki_key_at(1)->point, 65};
    hf_private_key key = {
        .type = HF_KEY_EC, .external = true, .u.ec = {.curve = HF_CURVE_P256, .point = point}};
    hf_public_key own = {.type = HF_KEY_EC, .u.ec = {HF_CURVE_P256, point}};
    hf_public_key other = {.type = HF_KEY_EC, .u.ec = {HF_CURVE_P256, another}};
    bool matches = false;
    cr_expect_eq(hf_private_key_matches(&key, &own, &matches), HF_OK);
    cr_expect(matches);
    cr_expect_eq(hf_private_key_matches(&key, &other, &matches), HF_OK);
    cr_expect_not(matches);
}

enum {
    VERSION,
    MODULUS,
    EXPONENT,
    PRIVATE,
    PRIME1,
    PRIME2,
    EXPONENT1,
    EXPONENT2,
    COEFFICIENT,
    NUMBERS
};

/* RSAPrivateKey of OpenSSL with one of its numbers replaced (an element), or left out. */
static hf_error with_number(size_t index, hf_span replacement)
{
    hf_span parts[NUMBERS];
    hf_der whole = hf_der_open(pki_pem_of("server-rsa2048.pkcs1.key"));
    hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
    for (size_t i = 0; i < NUMBERS; i++) {
        parts[i] = hf_der_read_element(&body, HF_DER_INTEGER);
    }
    cr_assert(hf_der_done(&body));
    if (index < NUMBERS) {
        parts[index] = replacement;
    }
    return read_key(PKI_SEQUENCE(pki_join(parts, NUMBERS)));
}

/* RFC 8017 3.2: what can be seen of the numbers. */
Test(private_key, rsa_numbers)
{
    hf_span other = PKI_DER(0x02, pki_hex("40"), PKI_JOIN((hf_span){pki_key_at(0)->point + 1, 64}),
                            (hf_span){pki_key_at(1)->point + 1, 63}, pki_hex("02"));
    hf_span odd = PKI_DER(0x02, pki_hex("40"), PKI_JOIN((hf_span){pki_key_at(0)->point + 1, 64}),
                          (hf_span){pki_key_at(1)->point + 1, 63}, pki_hex("03"));
    /* As long as a prime; that the low 32 bits of the product are right has a chance of 2^-23. */
    hf_span prime =
        PKI_DER(0x02, pki_hex("00c0"), PKI_JOIN((hf_span){pki_key_at(2)->point + 1, 64}),
                (hf_span){pki_key_at(3)->point + 1, 62}, pki_hex("03"));
    cr_expect_eq(with_number(NUMBERS, PKI_NONE), HF_OK, "as it is");
    cr_expect_neq(with_number(PRIME1, prime), HF_OK, "another prime");
    cr_expect_neq(with_number(PRIME2, prime), HF_OK, "another prime");
    cr_expect_neq(with_number(EXPONENT1, odd), HF_OK, "longer than its prime");
    cr_expect_neq(with_number(EXPONENT2, odd), HF_OK, "longer than its prime");
    cr_expect_neq(with_number(COEFFICIENT, odd), HF_OK, "longer than its prime");
    for (size_t i = MODULUS; i < NUMBERS; i++) {
        cr_expect_neq(with_number(i, PKI_NONE), HF_OK, "number %zu left out", i);
        cr_expect_neq(with_number(i, pki_integer(0)), HF_OK, "number %zu zero", i);
        cr_expect_neq(with_number(i, pki_hex("0201ff")), HF_OK, "number %zu negative", i);
        if (i != COEFFICIENT && i != EXPONENT) {
            cr_expect_neq(with_number(i, other), HF_OK, "number %zu another, even one", i);
        }
    }
    cr_expect_neq(with_number(VERSION, pki_integer(1)), HF_OK, "more than two primes");
    cr_expect_neq(with_number(EXPONENT, pki_integer(1)), HF_OK);
    cr_expect_neq(with_number(EXPONENT, pki_integer(65536)), HF_OK);
    cr_expect_neq(with_number(MODULUS, pki_integer(0x7fffffff)), HF_OK, "a modulus of 31 bits");
}
