#include "crypto_glue/constant_time.h"
#include "crypto_glue/rsa_operation.h"

#include <string.h>

#define PREFIX_SIZE_MAX  19
#define PADDING_SIZE_MIN 11 /* 00 01, eight bytes of ff, 00 */

/* DigestInfo up to the digest, DER with the NULL parameters (RFC 8017 9.2, note 1). MD5 and SHA-1
 * together have none (RFC 4346 7.4.3). */
static const struct {
    uint8_t size;
    uint8_t bytes[PREFIX_SIZE_MAX];
} prefixes[HF_HASH_COUNT] = {
    [HF_HASH_MD5] = {18,
                     {0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02,
                      0x05, 0x05, 0x00, 0x04, 0x10}},
    [HF_HASH_SHA1] = {15,
                      {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00,
                       0x04, 0x14}},
    [HF_HASH_SHA224] = {19,
                        {0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                         0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c}},
    [HF_HASH_SHA256] = {19,
                        {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                         0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}},
    [HF_HASH_SHA384] = {19,
                        {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                         0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30}},
    [HF_HASH_SHA512] = {19,
                        {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                         0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40}},
    [HF_HASH_MD5_SHA1] = {0, {0}},
};

/* EMSA-PKCS1-v1_5 (RFC 8017 9.2). There is exactly one encoding of a digest. */
static bool encode(hf_hash_id hash, hf_span digest, uint8_t *out, size_t size)
{
    size_t digest_size = hf_hash_size(hash);
    if (digest_size == 0) {
        return false;
    }
    size_t prefix_size = prefixes[hash].size;
    if (digest.size != digest_size || size < PADDING_SIZE_MIN + prefix_size + digest_size) {
        return false;
    }
    size_t separator = size - digest_size - prefix_size - 1;
    out[0] = 0x00;
    out[1] = 0x01;
    memset(out + 2, 0xff, separator - 2);
    out[separator] = 0x00;
    memcpy(out + separator + 1, prefixes[hash].bytes, prefix_size);
    memcpy(out + size - digest_size, digest.data, digest_size);
    return true;
}

hf_crypto_result hf_rsa_pkcs1_sign(const hf_rsa_private *key, const hf_random *random,
                                   hf_hash_id hash, hf_span digest, uint8_t *signature,
                                   size_t capacity, size_t *signature_size)
{
    size_t size = key->public_key.modulus.size;
    hf_crypto_result result = hf_rsa_check_public(&key->public_key);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    if (capacity < size) {
        return HF_CRYPTO_NO_SPACE;
    }
    if (!encode(hash, digest, signature, size)) {
        return HF_CRYPTO_FAILED;
    }

    uint8_t block[HF_RSA_BLOCK_MAX];
    result = hf_rsa_private_operation(key, random, signature, block);
    if (result == HF_CRYPTO_OK) {
        memcpy(signature, block + 1, size);
        *signature_size = size;
    }
    return result;
}

/* The whole encoded message is compared with the only right one, so that there is nothing to
 * parse and no way to hide bytes in it. */
hf_crypto_result hf_rsa_pkcs1_verify(const hf_rsa_public *key, hf_hash_id hash, hf_span digest,
                                     hf_span signature)
{
    uint8_t expected[HF_RSA_SIZE_MAX];
    uint8_t encoded[HF_RSA_SIZE_MAX];
    size_t size = key->modulus.size;
    hf_crypto_result result = hf_rsa_check_public(key);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    if (!hf_rsa_in_range(key, signature) || !encode(hash, digest, expected, size)) {
        return HF_CRYPTO_BAD_SIGNATURE;
    }
    result = hf_rsa_public_operation(key, signature.data, encoded);
    if (result == HF_CRYPTO_OK && !hf_constant_time_equal(encoded, expected, size)) {
        result = HF_CRYPTO_BAD_SIGNATURE;
    }
    return result;
}
