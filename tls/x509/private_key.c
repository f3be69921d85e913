/* Private keys: PKCS #1 (RFC 8017 A.1.2), SEC 1 (RFC 5915), the six numbers that OpenSSL writes for
 * DSA, and PKCS #8 (RFC 5958).
 *
 * A key is read once, when it is configured, before any peer can watch; what is read here are the
 * lengths and the first octets that DER itself depends on, and one check sum of the primes. */
#include "crypto_glue/constant_time.h"
#include "tls/x509/x509.h"

static bool is_odd(hf_span number)
{
    return number.size > 0 && (number.data[number.size - 1] & 1) != 0;
}

/* The number modulo 2^32. */
static uint32_t low_bits(hf_span number)
{
    uint32_t value = 0;
    size_t start = number.size > 4 ? number.size - 4 : 0;
    for (size_t i = start; i < number.size; i++) {
        value = value << 8 | number.data[i];
    }
    return value;
}

/* What can be seen without arithmetic on long numbers: a key that was damaged or put together
 * wrongly hardly ever passes. RSA with a wrong CRT part gives the primes away when it signs. */
static bool is_plausible_rsa(const hf_rsa_private *key)
{
    size_t size = key->public_key.modulus.size;
    size_t primes_size = key->prime1.size + key->prime2.size;
    if (hf_rsa_check_public(&key->public_key) != HF_CRYPTO_OK ||
        key->private_exponent.size > size || (primes_size != size && primes_size != size + 1) ||
        key->exponent1.size > key->prime1.size || key->exponent2.size > key->prime2.size ||
        key->coefficient.size > key->prime1.size) {
        return false;
    }
    /* Exponents have no factor in common with p - 1 and q - 1, which are even. */
    return is_odd(key->prime1) && is_odd(key->prime2) && is_odd(key->private_exponent) &&
           is_odd(key->exponent1) && is_odd(key->exponent2) &&
           low_bits(key->public_key.modulus) == low_bits(key->prime1) * low_bits(key->prime2);
}

/* RSAPrivateKey, after its version; of two primes, version 0. */
static bool read_rsa(hf_private_key *key, uint32_t version, hf_der *body)
{
    hf_rsa_private *rsa = &key->u.rsa;
    key->type = HF_KEY_RSA;
    rsa->public_key.modulus = hf_der_read_positive(body);
    rsa->public_key.exponent = hf_der_read_positive(body);
    rsa->private_exponent = hf_der_read_positive(body);
    rsa->prime1 = hf_der_read_positive(body);
    rsa->prime2 = hf_der_read_positive(body);
    rsa->exponent1 = hf_der_read_positive(body);
    rsa->exponent2 = hf_der_read_positive(body);
    rsa->coefficient = hf_der_read_positive(body);
    return HF_WITH_RSA && version == 0 && hf_der_done(body) && is_plausible_rsa(rsa);
}

static bool is_zero(hf_span number)
{
    uint32_t any = 0;
    for (size_t i = 0; i < number.size; i++) {
        any |= number.data[i];
    }
    return hf_mask_is_zero(any) != 0;
}

/* ECPrivateKey, after its version. The curve may be known from PKCS #8 and then be left out here
 * (RFC 5958, RFC 5915 3). RFC 5915 3 fixes the scalar's length; a shorter one, as some old programs
 * write it, cannot be padded in a view and is refused. */
static bool read_ec(hf_private_key *key, uint32_t version, hf_der *body, hf_curve curve)
{
    hf_span scalar = hf_der_read(body, HF_DER_OCTET_STRING);
    if (hf_der_at(body, HF_DER_CONSTRUCTED(0))) {
        hf_der field = hf_der_enter(body, HF_DER_CONSTRUCTED(0));
        hf_curve named = hf_curve_of(hf_der_read_oid(&field));
        if (!hf_der_done(&field) || (curve != HF_CURVE_NONE && named != curve)) {
            return false;
        }
        curve = named;
    }
    if (hf_der_at(body, HF_DER_CONSTRUCTED(1))) {
        hf_der field = hf_der_enter(body, HF_DER_CONSTRUCTED(1));
        hf_der_read_octet_bits(&field);
        body->failed = body->failed || !hf_der_done(&field);
    }
    key->type = HF_KEY_EC;
    key->u.ec.curve = curve;
    key->u.ec.scalar = scalar;
    return version == 1 && hf_der_done(body) && curve != HF_CURVE_NONE &&
           scalar.size == hf_ec_field_size(curve) && !is_zero(scalar);
}

#if HF_WITH_DSS
static bool is_plausible_dsa(const hf_dsa_private *key)
{
    return hf_dsa_check_domain(&key->public_key) == HF_CRYPTO_OK &&
           key->exponent.size <= key->public_key.subprime.size;
}

static void read_dsa_domain(hf_dsa_public *key, hf_der *body)
{
    key->prime = hf_der_read_positive(body);
    key->subprime = hf_der_read_positive(body);
    key->generator = hf_der_read_positive(body);
}

/* DSAPrivateKey ::= SEQUENCE { version, p, q, g, y, x }, after its version. */
static bool read_dsa(hf_private_key *key, uint32_t version, hf_der *body)
{
    hf_dsa_private *dsa = &key->u.dsa;
    key->type = HF_KEY_DSA;
    read_dsa_domain(&dsa->public_key, body);
    dsa->public_key.value = hf_der_read_positive(body);
    dsa->exponent = hf_der_read_positive(body);
    return version == 0 && hf_der_done(body) && is_plausible_dsa(dsa);
}

/* PKCS #8 has p, q and g where a public key has them (RFC 3279 2.3.2), x as an INTEGER, and no y:
 * that is computed where it is asked for. */
static bool read_dsa_pkcs8(hf_private_key *key, hf_der *algorithm, hf_der *octets)
{
    hf_dsa_private *dsa = &key->u.dsa;
    hf_der domain = hf_der_enter(algorithm, HF_DER_SEQUENCE);
    key->type = HF_KEY_DSA;
    read_dsa_domain(&dsa->public_key, &domain);
    dsa->exponent = hf_der_read_positive(octets);
    return hf_der_done(&domain) && hf_der_done(algorithm) && hf_der_done(octets) &&
           is_plausible_dsa(dsa);
}

/* Of numbers alone, RSA has eight after the version and DSA five. */
static bool has_five_numbers(hf_der body)
{
    for (size_t i = 0; i < 5; i++) {
        hf_der_read(&body, HF_DER_INTEGER);
    }
    return hf_der_done(&body);
}
#endif

/* OneAsymmetricKey, after its version: RFC 5958 2 adds the public key to PKCS #8 in version 1. */
static bool read_pkcs8(hf_private_key *key, uint32_t version, hf_der *body)
{
    hf_der algorithm = hf_der_enter(body, HF_DER_SEQUENCE);
    hf_span oid = hf_der_read_oid(&algorithm);
    hf_der octets = hf_der_enter(body, HF_DER_OCTET_STRING);
    hf_der_read_optional(body, HF_DER_CONSTRUCTED(0));
    if (version == 1) {
        hf_der_read_optional(body, HF_DER_PRIMITIVE(1));
    }
    if (!hf_der_done(body) || version > 1) {
        return false;
    }
#if HF_WITH_DSS
    if (hf_span_equal(oid, HF_OID(0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01))) {
        return read_dsa_pkcs8(key, &algorithm, &octets);
    }
#endif
    hf_der inner = hf_der_enter(&octets, HF_DER_SEQUENCE);
    uint32_t inner_version = hf_der_read_small(&inner, HF_DER_INTEGER);
    if (!hf_der_done(&octets)) {
        return false;
    }
    if (hf_span_equal(oid, HF_OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01))) {
        hf_der_read_null(&algorithm);
        return hf_der_done(&algorithm) && read_rsa(key, inner_version, &inner);
    }
    if (hf_span_equal(oid, HF_OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01))) {
        hf_curve curve = hf_curve_of(hf_der_read_oid(&algorithm));
        return hf_der_done(&algorithm) && curve != HF_CURVE_NONE &&
               read_ec(key, inner_version, &inner, curve);
    }
    return false;
}

/* The form shows in what follows the version: numbers, the scalar or an AlgorithmIdentifier. */
static bool read_any_form(hf_private_key *key, hf_der *body)
{
    uint32_t version = hf_der_read_small(body, HF_DER_INTEGER);
#if HF_WITH_DSS
    if (has_five_numbers(*body)) {
        return read_dsa(key, version, body);
    }
#endif
    if (hf_der_at(body, HF_DER_INTEGER)) {
        return read_rsa(key, version, body);
    }
    if (hf_der_at(body, HF_DER_OCTET_STRING)) {
        return read_ec(key, version, body, HF_CURVE_NONE);
    }
    return read_pkcs8(key, version, body);
}

/* EncryptedPrivateKeyInfo, RFC 5958 3. */
static bool is_encrypted(hf_der body)
{
    hf_der_read(&body, HF_DER_SEQUENCE);
    hf_der_read(&body, HF_DER_OCTET_STRING);
    return hf_der_done(&body);
}

hf_error hf_private_key_read(hf_private_key *key, hf_span der)
{
    hf_der body = hf_der_open_sequence(der);
    *key = (hf_private_key){.type = HF_KEY_NONE};
    if (body.failed) {
        return HF_ERROR_BAD_PRIVATE_KEY;
    }
    if (is_encrypted(body)) {
        return HF_ERROR_KEY_ENCRYPTED;
    }
    if (!read_any_form(key, &body)) {
        *key = (hf_private_key){.type = HF_KEY_NONE};
        return HF_ERROR_BAD_PRIVATE_KEY;
    }
    return HF_OK;
}

static hf_error error_of(hf_crypto_result result)
{
    switch (result) {
    case HF_CRYPTO_OK:
        return HF_OK;
    case HF_CRYPTO_BAD_KEY:
        return HF_ERROR_BAD_PRIVATE_KEY;
    case HF_CRYPTO_NO_MEMORY:
        return HF_ERROR_OUT_OF_SCRATCH;
    default:
        return HF_ERROR_CRYPTO_FAILED;
    }
}

static hf_error ec_matches(const hf_private_key *key, hf_span point, bool *matches)
{
    uint8_t own[HF_EC_POINT_MAX];
    hf_curve curve = key->u.ec.curve;
    if (key->external) {
        *matches = hf_span_equal(key->u.ec.point, point);
        return HF_OK;
    }
    hf_error error = error_of(hf_ec_public(curve, key->u.ec.scalar.data, own));
    if (error == HF_OK) {
        *matches = hf_span_equal((hf_span){own, hf_ec_point_size(curve)}, point);
    }
    return error;
}

#if HF_WITH_DSS
static hf_error dsa_matches(const hf_private_key *key, const hf_dsa_public *other, bool *matches)
{
    const hf_dsa_public *own = &key->u.dsa.public_key;
    if (!hf_span_equal(own->prime, other->prime) ||
        !hf_span_equal(own->subprime, other->subprime) ||
        !hf_span_equal(own->generator, other->generator)) {
        return HF_OK;
    }
    if (key->external) {
        *matches = hf_span_equal(own->value, other->value);
        return HF_OK;
    }
    uint8_t bytes[HF_DSA_SIZE_MAX];
    hf_error error = error_of(hf_dsa_public_value(&key->u.dsa, bytes));
    if (error == HF_OK) {
        hf_span value = {bytes, own->prime.size};
        while (value.size > other->value.size && value.data[0] == 0) {
            value = (hf_span){value.data + 1, value.size - 1};
        }
        *matches = hf_span_equal(value, other->value);
    }
    return error;
}
#endif

static hf_error own_key_matches(const hf_private_key *key, const hf_public_key *other,
                                bool *matches)
{
    *matches = false;
    if (key->type == HF_KEY_NONE || key->type != other->type) {
        return HF_OK;
    }
    if (key->type == HF_KEY_EC) {
        return key->u.ec.curve == other->u.ec.curve ? ec_matches(key, other->u.ec.point, matches)
                                                    : HF_OK;
    }
#if HF_WITH_DSS
    if (key->type == HF_KEY_DSA) {
        return dsa_matches(key, &other->u.dsa, matches);
    }
#endif
    const hf_rsa_public *own = &key->u.rsa.public_key;
    *matches = hf_span_equal(own->modulus, other->u.rsa.modulus) &&
               hf_span_equal(own->exponent, other->u.rsa.exponent);
    return HF_OK;
}

hf_error hf_private_key_matches(const hf_private_key *key, const hf_public_key *other,
                                bool *matches)
{
    hf_error error = own_key_matches(key, other, matches);
    hf_wipe_stack();
    return error;
}
