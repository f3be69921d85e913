#include "crypto_glue/number.h"
#include "crypto_glue/rsa_operation.h"

#include <string.h>

#define PREFIX_SIZE_MAX  19
#define INFO_SIZE_MAX    (PREFIX_SIZE_MAX + HF_HASH_SIZE_MAX)
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

/* DigestInfo (RFC 8017 9.2); returns its size, 0 for a digest of another length. */
static size_t write_digest_info(hf_hash_id hash, hf_span digest, uint8_t out[INFO_SIZE_MAX])
{
    size_t digest_size = hf_hash_size(hash);
    if (digest_size == 0 || digest.size != digest_size) {
        return 0;
    }
    size_t prefix_size = prefixes[hash].size;
    memcpy(out, prefixes[hash].bytes, prefix_size);
    memcpy(out + prefix_size, digest.data, digest_size);
    return prefix_size + digest_size;
}

/* EMSA-PKCS1-v1_5 (RFC 8017 9.2). There is exactly one encoding of a digest. */
static bool encode(hf_hash_id hash, hf_span digest, uint8_t *out, size_t size)
{
    uint8_t info[INFO_SIZE_MAX];
    size_t info_size = write_digest_info(hash, digest, info);
    if (info_size == 0 || size < PADDING_SIZE_MIN + info_size) {
        return false;
    }
    size_t separator = size - info_size - 1;
    out[0] = 0x00;
    out[1] = 0x01;
    memset(out + 2, 0xff, separator - 2);
    out[separator] = 0x00;
    memcpy(out + separator + 1, info, info_size);
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

/* The same encoding as a number. With 01 at byte size - 2, counted from the end, and ff below it
 * down to the zero before DigestInfo it is 2 * 256^(size - 2) - 256^(info_size + 1) + DigestInfo.
 */
static hf_crypto_result encode_number(hf_span info, size_t size, void *part, void *out)
{
    hf_crypto_result result;
    (void)(hf_step(&result, ltc_mp.twoexpt(out, (int)(8 * (size - 2) + 1))) &&
           hf_step(&result, ltc_mp.twoexpt(part, (int)(8 * (info.size + 1)))) &&
           hf_step(&result, ltc_mp.sub(out, part, out)) &&
           hf_step(&result, hf_number_read(part, info)) &&
           hf_step(&result, ltc_mp.add(out, part, out)));
    return result;
}

/* The whole encoded message is compared with the only right one, so that there is nothing to
 * parse and no way to hide bytes in it; as a number, which takes no buffer as long as the key. */
hf_crypto_result hf_rsa_pkcs1_verify(const hf_rsa_public *key, hf_hash_id hash, hf_span digest,
                                     hf_span signature)
{
    enum { ENCODED, EXPECTED, PART, COUNT };
    void *n[COUNT];
    uint8_t info[INFO_SIZE_MAX];
    size_t size = key->modulus.size, info_size = write_digest_info(hash, digest, info);
    hf_crypto_result result = hf_rsa_check_public(key);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    if (!hf_rsa_in_range(key, signature) || info_size == 0 || size < PADDING_SIZE_MIN + info_size) {
        return HF_CRYPTO_BAD_SIGNATURE;
    }
    result = hf_numbers_init(n, COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    result = hf_rsa_public_operation(key, signature, n[ENCODED]);
    if (result == HF_CRYPTO_OK) {
        result = encode_number((hf_span){info, info_size}, size, n[PART], n[EXPECTED]);
    }
    if (result == HF_CRYPTO_OK && ltc_mp.compare(n[ENCODED], n[EXPECTED]) != LTC_MP_EQ) {
        result = HF_CRYPTO_BAD_SIGNATURE;
    }
    hf_numbers_free(n, COUNT);
    return result;
}
