/* How certificates are signed: AlgorithmIdentifiers (RFC 3279, RFC 4055, RFC 5758) and verifying.
 */
#include "crypto_glue/hash.h"
#include "tls/x509/x509.h"

#include <string.h>

typedef struct algorithm_row {
    uint8_t oid[9];
    uint8_t oid_size;
    hf_signature_algorithm algorithm;
} algorithm_row;

static const algorithm_row algorithms[] = {
#if HF_WITH_RSA
    /* pkcs-1: 1.2.840.113549.1.1.n */
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4}, 9, {HF_KEY_RSA, HF_PADDING_PKCS1, HF_HASH_MD5}},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5},
     9,
     {HF_KEY_RSA, HF_PADDING_PKCS1, HF_HASH_SHA1}},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14},
     9,
     {HF_KEY_RSA, HF_PADDING_PKCS1, HF_HASH_SHA224}},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11},
     9,
     {HF_KEY_RSA, HF_PADDING_PKCS1, HF_HASH_SHA256}},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12},
     9,
     {HF_KEY_RSA, HF_PADDING_PKCS1, HF_HASH_SHA384}},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13},
     9,
     {HF_KEY_RSA, HF_PADDING_PKCS1, HF_HASH_SHA512}},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10}, 9, {HF_KEY_RSA, HF_PADDING_PSS, HF_HASH_NONE}},
#endif
#if HF_WITH_ECDSA
    /* ansi-X9-62 signatures: 1.2.840.10045.4.1 and 1.2.840.10045.4.3.n */
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1}, 7, {HF_KEY_EC, HF_PADDING_NONE, HF_HASH_SHA1}},
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1}, 8, {HF_KEY_EC, HF_PADDING_NONE, HF_HASH_SHA224}},
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2}, 8, {HF_KEY_EC, HF_PADDING_NONE, HF_HASH_SHA256}},
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3}, 8, {HF_KEY_EC, HF_PADDING_NONE, HF_HASH_SHA384}},
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4}, 8, {HF_KEY_EC, HF_PADDING_NONE, HF_HASH_SHA512}},
#endif
#if HF_WITH_DSS
    /* dsa-with-sha1: 1.2.840.10040.4.3; NIST's signatures: 2.16.840.1.101.3.4.3.n */
    {{0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3}, 7, {HF_KEY_DSA, HF_PADDING_NONE, HF_HASH_SHA1}},
    {{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1}, 9, {HF_KEY_DSA, HF_PADDING_NONE, HF_HASH_SHA224}},
    {{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2}, 9, {HF_KEY_DSA, HF_PADDING_NONE, HF_HASH_SHA256}},
#endif
};

typedef struct hash_row {
    uint8_t oid[9];
    uint8_t oid_size;
    hf_hash_id hash;
} hash_row;

/* Hash functions that RSASSA-PSS may name (RFC 4055 2.1). */
static const hash_row hashes[] = {
    {{0x2b, 0x0e, 0x03, 0x02, 0x1a}, 5, HF_HASH_SHA1},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04}, 9, HF_HASH_SHA224},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}, 9, HF_HASH_SHA256},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}, 9, HF_HASH_SHA384},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}, 9, HF_HASH_SHA512},
};

static const algorithm_row *find_algorithm(hf_span oid)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (hf_span_equal(oid, (hf_span){algorithms[i].oid, algorithms[i].oid_size})) {
            return &algorithms[i];
        }
    }
    return NULL;
}

/* RFC 4055 2.1: the parameters of a hash are NULL or absent, both must be accepted. */
static hf_hash_id read_hash(hf_der *der)
{
    hf_der algorithm = hf_der_enter(der, HF_DER_SEQUENCE);
    hf_span oid = hf_der_read_oid(&algorithm);
    if (hf_der_more(&algorithm)) {
        hf_der_read_null(&algorithm);
    }
    if (!hf_der_done(&algorithm)) {
        return HF_HASH_NONE;
    }
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (hf_span_equal(oid, (hf_span){hashes[i].oid, hashes[i].oid_size})) {
            return hashes[i].hash;
        }
    }
    return HF_HASH_NONE;
}

/* MaskGenAlgorithm: id-mgf1 with its hash. */
static hf_hash_id read_mask_hash(hf_der *der)
{
    hf_der algorithm = hf_der_enter(der, HF_DER_SEQUENCE);
    hf_span oid = hf_der_read_oid(&algorithm);
    hf_hash_id hash = read_hash(&algorithm);
    bool is_mgf1 = hf_span_equal(oid, HF_OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08));
    return is_mgf1 && hf_der_done(&algorithm) ? hash : HF_HASH_NONE;
}

/* RSASSA-PSS-params, RFC 4055 3.1. The hash, if the rest is what RFC 8446 4.2.3 fixes: MGF1 with
 * the same hash, a salt as long as the digest, trailer bc. HF_HASH_NONE otherwise. */
static hf_hash_id read_pss_parameters(hf_der *der)
{
    hf_hash_id hash = HF_HASH_SHA1, mask_hash = HF_HASH_SHA1;
    uint32_t salt_size = 20, trailer = 1;
    hf_der parameters = hf_der_enter(der, HF_DER_SEQUENCE);
    bool is_valid = true;
    if (hf_der_at(&parameters, HF_DER_CONSTRUCTED(0))) {
        hf_der field = hf_der_enter(&parameters, HF_DER_CONSTRUCTED(0));
        hash = read_hash(&field);
        is_valid = is_valid && hf_der_done(&field);
    }
    if (hf_der_at(&parameters, HF_DER_CONSTRUCTED(1))) {
        hf_der field = hf_der_enter(&parameters, HF_DER_CONSTRUCTED(1));
        mask_hash = read_mask_hash(&field);
        is_valid = is_valid && hf_der_done(&field);
    }
    if (hf_der_at(&parameters, HF_DER_CONSTRUCTED(2))) {
        hf_der field = hf_der_enter(&parameters, HF_DER_CONSTRUCTED(2));
        salt_size = hf_der_read_small(&field, HF_DER_INTEGER);
        is_valid = is_valid && hf_der_done(&field);
    }
    if (hf_der_at(&parameters, HF_DER_CONSTRUCTED(3))) {
        hf_der field = hf_der_enter(&parameters, HF_DER_CONSTRUCTED(3));
        trailer = hf_der_read_small(&field, HF_DER_INTEGER);
        is_valid = is_valid && hf_der_done(&field);
    }
    is_valid = is_valid && hf_der_done(&parameters);
    return is_valid && mask_hash == hash && salt_size == hf_hash_size(hash) && trailer == 1
               ? hash
               : HF_HASH_NONE;
}

/* Whether the parameters are right for the algorithm; fills in the hash of RSASSA-PSS. */
static bool read_parameters(hf_signature_algorithm *algorithm, hf_der *body)
{
    switch (HF_WITH_RSA ? algorithm->padding : HF_PADDING_NONE) {
    case HF_PADDING_PKCS1:
        /* RFC 4055 5: NULL, but an implementation must accept absent parameters too. */
        if (hf_der_more(body)) {
            hf_der_read_null(body);
        }
        break;
    case HF_PADDING_PSS:
        algorithm->hash = read_pss_parameters(body);
        if (algorithm->hash == HF_HASH_NONE) {
            return false;
        }
        break;
    case HF_PADDING_NONE:
        break; /* RFC 5758 3.1 and 3.2: absent */
    }
    return hf_der_done(body);
}

bool hf_signature_algorithm_read(hf_signature_algorithm *algorithm, hf_span der)
{
    hf_der body = hf_der_open_sequence(der);
    hf_span oid = hf_der_read_oid(&body);
    *algorithm = (hf_signature_algorithm){HF_KEY_NONE, HF_PADDING_NONE, HF_HASH_NONE};
    if (body.failed) {
        return false;
    }
    const algorithm_row *row = find_algorithm(oid);
    if (row != NULL) {
        hf_signature_algorithm found = row->algorithm;
        if (read_parameters(&found, &body)) {
            *algorithm = found;
        }
    }
    return true;
}

static hf_error error_of(hf_crypto_result result)
{
    switch (result) {
    case HF_CRYPTO_OK:
        return HF_OK;
    case HF_CRYPTO_BAD_SIGNATURE:
        return HF_ERROR_CERTIFICATE_SIGNATURE_WRONG;
    case HF_CRYPTO_BAD_KEY:
    case HF_CRYPTO_BAD_POINT:
        return HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED;
    case HF_CRYPTO_NO_MEMORY:
        return HF_ERROR_OUT_OF_SCRATCH;
    default:
        return HF_ERROR_CRYPTO_FAILED;
    }
}

hf_error hf_x509_verify(const hf_signature_algorithm *algorithm, const hf_public_key *key,
                        hf_span data, hf_span signature)
{
    if (algorithm->key_type == HF_KEY_NONE || hf_hash_size(algorithm->hash) == 0) {
        return HF_ERROR_CERTIFICATE_ALGORITHM_UNSUPPORTED;
    }
    if (key->type == HF_KEY_NONE) {
        return HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED;
    }
    if (key->type != algorithm->key_type) {
        return HF_ERROR_CERTIFICATE_SIGNATURE_WRONG;
    }
    uint8_t digest_bytes[HF_HASH_SIZE_MAX];
    hf_span digest = {digest_bytes, hf_hash_digest(algorithm->hash, data, digest_bytes)};
#if HF_WITH_ECDSA
    if (key->type == HF_KEY_EC) {
        return error_of(hf_ecdsa_verify(key->u.ec.curve, key->u.ec.point, digest, signature));
    }
#endif
#if HF_WITH_DSS
    if (key->type == HF_KEY_DSA) {
        return error_of(hf_dsa_verify(&key->u.dsa, digest, signature));
    }
#endif
#if HF_WITH_RSA
    if (algorithm->padding == HF_PADDING_PSS) {
        return error_of(hf_rsa_pss_verify(&key->u.rsa, algorithm->hash, digest, signature));
    }
    return error_of(hf_rsa_pkcs1_verify(&key->u.rsa, algorithm->hash, digest, signature));
#else
    return HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED;
#endif
}
