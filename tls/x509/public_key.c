/* SubjectPublicKeyInfo: RSA and DSA keys (RFC 3279 2.3.1, 2.3.2) and EC keys of named curves
 * (RFC 5480 2). */
#include "tls/x509/x509.h"

#define RSA_BITS_DEFAULT 2048

typedef struct curve_row {
    uint8_t oid[8];
    uint8_t oid_size;
    hf_curve curve;
} curve_row;

static const curve_row curves[] = {
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, 8, HF_CURVE_P256}, /* 1.2.840.10045.3.1.7 */
#if HF_WITH_SECP384R1
    {{0x2b, 0x81, 0x04, 0x00, 0x22}, 5, HF_CURVE_P384}, /* 1.3.132.0.34 */
#endif
#if HF_WITH_SECP521R1
    {{0x2b, 0x81, 0x04, 0x00, 0x23}, 5, HF_CURVE_P521}, /* 1.3.132.0.35 */
#endif
};

hf_curve hf_curve_of(hf_span oid)
{
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (hf_span_equal(oid, (hf_span){curves[i].oid, curves[i].oid_size})) {
            return curves[i].curve;
        }
    }
    return HF_CURVE_NONE;
}

/* RSAPublicKey, RFC 8017 A.1.1. */
static bool read_rsa(hf_public_key *key, hf_der *parameters, hf_span bits)
{
    hf_der_read_null(parameters);
    hf_der body = hf_der_open_sequence(bits);
    key->u.rsa.modulus = hf_der_read_positive(&body);
    key->u.rsa.exponent = hf_der_read_positive(&body);
    key->type = HF_KEY_RSA;
    return hf_der_done(&body) && hf_der_done(parameters);
}

/* RFC 5480 2.1.1 and 2.2. Other curves, curves by parameters and compressed points are well formed
 * but not supported. Whether the point is on the curve is checked where it is used. */
static bool read_ec(hf_public_key *key, hf_der *parameters, hf_span point)
{
    if (!hf_der_at(parameters, HF_DER_OID)) {
        return true;
    }
    hf_curve curve = hf_curve_of(hf_der_read_oid(parameters));
    if (!hf_der_done(parameters)) {
        return false;
    }
    if (curve != HF_CURVE_NONE && point.size == hf_ec_point_size(curve) && point.data[0] == 0x04) {
        key->u.ec.curve = curve;
        key->u.ec.point = point;
        key->type = HF_KEY_EC;
    }
    return true;
}

#if HF_WITH_DSS
/* RFC 3279 2.3.2. Without parameters the key is of no use but together with the issuer's. */
static bool read_dsa(hf_public_key *key, hf_der *parameters, hf_span bits)
{
    hf_der whole = hf_der_open(bits);
    key->u.dsa.value = hf_der_read_positive(&whole);
    if (!hf_der_more(parameters)) {
        key->inherits = true;
        return hf_der_done(&whole);
    }
    hf_der domain = hf_der_enter(parameters, HF_DER_SEQUENCE);
    key->u.dsa.prime = hf_der_read_positive(&domain);
    key->u.dsa.subprime = hf_der_read_positive(&domain);
    key->u.dsa.generator = hf_der_read_positive(&domain);
    key->type = HF_KEY_DSA;
    return hf_der_done(&domain) && hf_der_done(parameters) && hf_der_done(&whole);
}

void hf_public_key_inherit(hf_public_key *key, const hf_public_key *issuer)
{
    key->inherits = issuer->inherits;
    if (issuer->type == HF_KEY_DSA) {
        hf_span value = key->u.dsa.value;
        key->u.dsa = issuer->u.dsa;
        key->u.dsa.value = value;
        key->type = HF_KEY_DSA;
    }
}
#endif

bool hf_public_key_read(hf_public_key *key, hf_span der)
{
    hf_der body = hf_der_open_sequence(der);
    hf_der algorithm = hf_der_enter(&body, HF_DER_SEQUENCE);
    hf_span oid = hf_der_read_oid(&algorithm);
    hf_span bits = hf_der_read_octet_bits(&body);
    *key = (hf_public_key){.type = HF_KEY_NONE};
    if (algorithm.failed || !hf_der_done(&body)) {
        return false;
    }
    if (HF_WITH_RSA &&
        hf_span_equal(oid, HF_OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01))) {
        return read_rsa(key, &algorithm, bits);
    }
    if (hf_span_equal(oid, HF_OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01))) {
        return read_ec(key, &algorithm, bits);
    }
#if HF_WITH_DSS
    if (hf_span_equal(oid, HF_OID(0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01))) {
        return read_dsa(key, &algorithm, bits);
    }
#endif
    return true;
}

hf_error hf_public_key_check(const hf_public_key *key, uint16_t rsa_bits_min)
{
    if (key->type == HF_KEY_NONE) {
        return HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED;
    }
    size_t bits_min = rsa_bits_min > 0 ? rsa_bits_min : RSA_BITS_DEFAULT;
    size_t bits = bits_min;
    hf_crypto_result result = HF_CRYPTO_OK;
#if HF_WITH_RSA
    if (key->type == HF_KEY_RSA) {
        bits = hf_rsa_bits(&key->u.rsa);
        result = hf_rsa_check_public(&key->u.rsa);
    }
#endif
#if HF_WITH_DSS
    if (key->type == HF_KEY_DSA) {
        bits = hf_dsa_bits(&key->u.dsa);
        result = hf_dsa_check_domain(&key->u.dsa);
    }
#endif
    if (bits < bits_min) {
        return HF_ERROR_CERTIFICATE_KEY_WEAK;
    }
    return result == HF_CRYPTO_OK ? HF_OK : HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED;
}

#if HF_WITH_TRUSTED_CA_KEYS
/* Of a DSA key that is the whole INTEGER, tag and length included. */
bool hf_public_key_sha1(hf_span der, uint8_t sha1[20])
{
    hf_public_key key;
    if (!hf_public_key_read(&key, der))
        return false;
    hf_der body = hf_der_open_sequence(der);
    (void)hf_der_read(&body, HF_DER_SEQUENCE);
    hf_span bits = hf_der_read_octet_bits(&body);
    (void)hf_hash_digest(HF_HASH_SHA1, key.type == HF_KEY_RSA ? key.u.rsa.modulus : bits, sha1);
    return true;
}
#endif
