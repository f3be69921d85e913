#include "crypto_glue/constant_time.h"
#include "crypto_glue/number.h"
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

/* XORs a block of MGF1 (RFC 8017 B.2.1) over `size` bytes, not more than a digest has; the seed is
 * as long as the digest. The same call masks and unmasks. */
static void mask(hf_hash_id id, const uint8_t *seed, size_t block, uint8_t *data, size_t size)
{
    const uint8_t counter[4] = {0, 0, (uint8_t)(block >> 8), (uint8_t)block};
    uint8_t bytes[HF_HASH_SIZE_MAX];
    hf_hash hash;
    hf_hash_init(&hash, id);
    hf_hash_update(&hash, seed, hf_hash_size(id));
    hf_hash_update(&hash, counter, sizeof counter);
    (void)hf_hash_final(&hash, bytes);
    for (size_t i = 0; i < size; i++) {
        data[i] ^= bytes[i];
    }
}

/* Bytes of a block of the masked part. */
static size_t block_size(const layout *parts, size_t block)
{
    size_t left = parts->db_size - block * parts->hash_size;
    return left < parts->hash_size ? left : parts->hash_size;
}

static size_t count_blocks(const layout *parts)
{
    return (parts->db_size + parts->hash_size - 1) / parts->hash_size;
}

/* H = Hash(eight zeros || digest || salt); `out` may be where the salt is. */
static HF_OWN_FRAME void hash_salted(hf_hash_id id, hf_span digest, const uint8_t *salt,
                                     uint8_t *out)
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
    for (size_t i = 0; i < count_blocks(parts); i++) {
        mask(parts->hash, hashed, i, out + i * parts->hash_size, block_size(parts, i));
    }
    out[0] &= parts->first_mask;
    out[parts->size - 1] = TRAILER;
    return true;
}

/* The numbers of a verification: the encoded message, of which blocks are taken off. */
enum { ENCODED, REST, POWER, COUNT };

/* Splits a number: its last `size` bytes become `low`, the others stay in it. */
static hf_crypto_result split(void *number, size_t size, void *power, void *low)
{
    hf_crypto_result result;
    (void)(hf_step(&result, ltc_mp.twoexpt(power, (int)(8 * size))) &&
           hf_step(&result, ltc_mp.mpdiv(number, power, NULL, low)) &&
           hf_step(&result, ltc_mp.sub(number, low, number)) &&
           hf_step(&result, ltc_mp.mpdiv(number, power, number, NULL)));
    return result;
}

/* Takes the first block off what is left of the masked part, and unmasks it. */
static hf_crypto_result take_block(const layout *parts, void **n, const uint8_t *hashed,
                                   size_t block, uint8_t *out)
{
    size_t size = block_size(parts, block);
    size_t after = parts->db_size - block * parts->hash_size - size;
    hf_crypto_result result = split(n[ENCODED], after, n[POWER], n[REST]);
    if (result == HF_CRYPTO_OK && hf_step(&result, hf_number_write(n[ENCODED], out, size))) {
        mask(parts->hash, hashed, block, out, size);
        if (block == 0) {
            out[0] &= parts->first_mask;
        }
        void *rest = n[REST];
        n[REST] = n[ENCODED];
        n[ENCODED] = rest;
    }
    return result;
}

/* The unmasked part is zeros, the separator and the salt. Collects the salt, and in `wrong` all
 * bits of the others that should not be set. */
static hf_crypto_result unmask(const layout *parts, void **n, const uint8_t *hashed, uint8_t *salt,
                               uint8_t *wrong)
{
    size_t separator = parts->db_size - parts->hash_size - 1, position = 0;
    *wrong = 0;
    for (size_t i = 0; i < count_blocks(parts); i++) {
        uint8_t block[HF_HASH_SIZE_MAX];
        hf_crypto_result result = take_block(parts, n, hashed, i, block);
        if (result != HF_CRYPTO_OK) {
            return result;
        }
        for (size_t k = 0; k < block_size(parts, i); k++, position++) {
            if (position > separator) {
                salt[position - separator - 1] = block[k];
            } else {
                *wrong |= (uint8_t)(position == separator ? block[k] ^ SEPARATOR : block[k]);
            }
        }
    }
    return HF_CRYPTO_OK;
}

/* EMSA-PSS verification (RFC 8017 9.1.2) of the number n[ENCODED], block by block, which takes no
 * buffer as long as the key. */
static hf_crypto_result check_encoding(const layout *parts, hf_span digest, void **n)
{
    uint8_t tail[HF_HASH_SIZE_MAX + 1], salt[HF_HASH_SIZE_MAX], wrong;
    size_t tail_size = parts->hash_size + 1;
    hf_crypto_result result = split(n[ENCODED], tail_size, n[POWER], n[REST]);
    if (result == HF_CRYPTO_OK) {
        (void)hf_step(&result, hf_number_write(n[REST], tail, tail_size));
    }
    if (result == HF_CRYPTO_OK) {
        result = unmask(parts, n, tail, salt, &wrong);
    }
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    hash_salted(parts->hash, digest, salt, salt);
    return wrong == 0 && tail[parts->hash_size] == TRAILER &&
                   hf_constant_time_equal(tail, salt, parts->hash_size)
               ? HF_CRYPTO_OK
               : HF_CRYPTO_BAD_SIGNATURE;
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

    void *n[COUNT];
    result = hf_numbers_init(n, COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    result = hf_rsa_public_operation(key, signature, n[ENCODED]);
    if (result == HF_CRYPTO_OK && (size_t)ltc_mp.count_bits(n[ENCODED]) >= hf_rsa_bits(key)) {
        result = HF_CRYPTO_BAD_SIGNATURE; /* one bit less than the modulus, 9.1.1 */
    }
    if (result == HF_CRYPTO_OK) {
        result = check_encoding(&parts, digest, n);
    }
    hf_numbers_free(n, COUNT);
    return result;
}
