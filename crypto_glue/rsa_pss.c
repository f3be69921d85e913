#include "crypto_glue/constant_time.h"
#include "crypto_glue/rsa_operation.h"

#include <string.h>

#define SEPARATOR 0x01
#define TRAILER   0xbc

/* Where the parts of an encoded message stand (RFC 8017 9.1, figure 2), and how many bits at its
 * front are always zero because it has one bit less than the modulus. */
typedef struct layout {
    hf_hash_id hash;
    size_t size;      /* of the encoded message: 0 if it has no room for digest and salt */
    size_t hash_size; /* also of the salt */
    size_t db_size;   /* of the masked part */
    uint8_t first_mask;
} layout;

static layout lay_out(const hf_rsa_public *key, hf_hash_id hash)
{
    layout parts = {.hash = hash};
    size_t bits = hf_rsa_bits(key) - 1;
    size_t size = (bits + 7) / 8;
    /* MGF1 with MD5 and SHA-1 together is nobody's. */
    parts.hash_size = hash != HF_HASH_MD5_SHA1 ? hf_hash_size(hash) : 0;
    if (parts.hash_size != 0 && size >= 2 * parts.hash_size + 2) {
        parts.size = size;
        parts.db_size = size - parts.hash_size - 1;
        parts.first_mask = (uint8_t)(0xff >> (8 * size - bits));
    }
    return parts;
}

/* XORs MGF1 of `seed` over data (RFC 8017 B.2.1); the same call masks and unmasks. */
static void mask(hf_hash_id id, const uint8_t *seed, size_t seed_size, uint8_t *data, size_t size)
{
    hf_hash seeded;
    hf_hash_init(&seeded, id);
    hf_hash_update(&seeded, seed, seed_size);

    uint8_t digest[HF_HASH_SIZE_MAX];
    for (uint32_t counter = 0; size > 0; counter++) {
        uint8_t counter_bytes[4] = {(uint8_t)(counter >> 24), (uint8_t)(counter >> 16),
                                    (uint8_t)(counter >> 8), (uint8_t)counter};
        hf_hash hash = seeded;
        hf_hash_update(&hash, counter_bytes, sizeof counter_bytes);
        size_t take = hf_hash_final(&hash, digest);
        take = take < size ? take : size;
        for (size_t i = 0; i < take; i++) {
            data[i] ^= digest[i];
        }
        data += take;
        size -= take;
    }
}

/* H = Hash(eight zeros || digest || salt) */
static void hash_salted(hf_hash_id id, hf_span digest, const uint8_t *salt, uint8_t *out)
{
    static const uint8_t zeros[8] = {0};
    hf_hash hash;
    hf_hash_init(&hash, id);
    hf_hash_update(&hash, zeros, sizeof zeros);
    hf_hash_update(&hash, digest.data, digest.size);
    hf_hash_update(&hash, salt, digest.size);
    (void)hf_hash_final(&hash, out);
}

/* EMSA-PSS encoding (RFC 8017 9.1.1). */
static bool encode(const layout *parts, const hf_random *random, hf_span digest, uint8_t *out)
{
    uint8_t *salt = out + parts->db_size - parts->hash_size;
    uint8_t *hashed = out + parts->db_size;
    if (!random->fill(random->context, salt, parts->hash_size)) {
        return false;
    }
    hash_salted(parts->hash, digest, salt, hashed);
    memset(out, 0, parts->db_size - parts->hash_size);
    salt[-1] = SEPARATOR;
    mask(parts->hash, hashed, parts->hash_size, out, parts->db_size);
    out[0] &= parts->first_mask;
    out[parts->size - 1] = TRAILER;
    return true;
}

/* EMSA-PSS verification (RFC 8017 9.1.2). Overwrites `encoded`. */
static bool is_encoding_of(const layout *parts, hf_span digest, uint8_t *encoded)
{
    const uint8_t *salt = encoded + parts->db_size - parts->hash_size;
    const uint8_t *hashed = encoded + parts->db_size;
    if (encoded[parts->size - 1] != TRAILER || (encoded[0] & ~parts->first_mask) != 0) {
        return false;
    }
    mask(parts->hash, hashed, parts->hash_size, encoded, parts->db_size);
    encoded[0] &= parts->first_mask;

    uint8_t rest = (uint8_t)(salt[-1] ^ SEPARATOR);
    for (const uint8_t *padding = encoded; padding < salt - 1; padding++) {
        rest |= *padding;
    }
    uint8_t expected[HF_HASH_SIZE_MAX];
    hash_salted(parts->hash, digest, salt, expected);
    return rest == 0 && hf_constant_time_equal(hashed, expected, parts->hash_size);
}

hf_crypto_result hf_rsa_pss_sign(const hf_rsa_private *key, const hf_random *random,
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
    layout parts = lay_out(&key->public_key, hash);
    if (parts.hash_size == 0 || digest.size != parts.hash_size) {
        return HF_CRYPTO_FAILED;
    }
    if (parts.size == 0) {
        return HF_CRYPTO_BAD_KEY;
    }

    signature[0] = 0;
    if (!encode(&parts, random, digest, signature + (size - parts.size))) {
        return HF_CRYPTO_NO_RANDOM;
    }
    uint8_t block[HF_RSA_BLOCK_MAX];
    result = hf_rsa_private_operation(key, random, signature, block);
    if (result == HF_CRYPTO_OK) {
        memcpy(signature, block + 1, size);
        *signature_size = size;
    }
    return result;
}

hf_crypto_result hf_rsa_pss_verify(const hf_rsa_public *key, hf_hash_id hash, hf_span digest,
                                   hf_span signature)
{
    hf_crypto_result result = hf_rsa_check_public(key);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    layout parts = lay_out(key, hash);
    if (parts.size == 0 || digest.size != parts.hash_size || !hf_rsa_in_range(key, signature)) {
        return HF_CRYPTO_BAD_SIGNATURE;
    }

    uint8_t encoded[HF_RSA_SIZE_MAX];
    size_t spare = key->modulus.size - parts.size;
    result = hf_rsa_public_operation(key, signature.data, encoded);
    if (result == HF_CRYPTO_OK &&
        ((spare == 1 && encoded[0] != 0) || !is_encoding_of(&parts, digest, encoded + spare))) {
        result = HF_CRYPTO_BAD_SIGNATURE;
    }
    return result;
}
