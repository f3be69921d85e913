#include "crypto_glue/aead.h"
#include "crypto_glue/cbc.h"
#include "crypto_glue/constant_time.h"
#include "crypto_glue/ghash.h"
#include "crypto_glue/hmac.h"
#include "crypto_glue/rsa.h"
#include "crypto_glue/x86.h"
#include "tests/timing/plain_cipher.h"
#include "tests/timing/timing.h"

#include <string.h>

/* ---------------------------------------------------------------- masks */

static void check_masks(void)
{
    uint32_t a = 5, b = 7, masks[3];

    timing_secret(&a, sizeof a);
    timing_secret(&b, sizeof b);
    masks[0] = hf_mask_is_zero(a);
    masks[1] = hf_mask_equal(a, b);
    masks[2] = hf_mask_less(a, b);
    timing_public(masks, sizeof masks);
    timing_require(masks[0] == 0 && masks[1] == 0 && masks[2] == UINT32_MAX, "wrong masks");
}

static void check_compare(void)
{
    uint8_t a[33] = {1}, b[33] = {2};

    timing_secret(a, sizeof a);
    timing_secret(b, sizeof b);
    timing_require(!hf_constant_time_equal(a, b, sizeof a), "1 equals 2");
    timing_require(hf_constant_time_equal(a + 1, b + 1, sizeof a - 1), "zeros differ");
    timing_require(!hf_mask_verdict(hf_mask_bytes_equal(a, b, sizeof a)), "1 equals 2");
}

static void check_select(void)
{
    uint8_t mask = 0xff, yes[20] = {1}, no[20] = {2}, out[20];

    timing_secret(&mask, sizeof mask);
    timing_secret(yes, sizeof yes);
    timing_secret(no, sizeof no);
    hf_constant_time_select(out, mask, yes, no, sizeof out);
    timing_public(out, sizeof out);
    timing_require(out[0] == 1, "the other was selected");
}

/* ---------------------------------------------------------------- RSA */

static void unpad(uint8_t first_byte, uint8_t expected)
{
    uint8_t encoded[256], fallback[HF_PREMASTER_SIZE], premaster[HF_PREMASTER_SIZE];
    size_t separator = sizeof encoded - HF_PREMASTER_SIZE - 1;

    memset(encoded, 0xa7, sizeof encoded);
    memcpy(encoded, (const uint8_t[]){first_byte, 2}, 2);
    memcpy(encoded + separator, (const uint8_t[]){0, 3, 3, 0x11}, 4);
    memset(fallback, 0xfb, sizeof fallback);
    timing_secret(encoded, sizeof encoded);
    timing_secret(fallback, sizeof fallback);
    hf_rsa_unpad_premaster((hf_span){encoded, sizeof encoded}, 0x0303, fallback, premaster);
    timing_public(premaster, sizeof premaster);
    timing_require(premaster[2] == expected, "wrong premaster secret");
}

static void check_premaster(void)
{
    unpad(0, 0x11);
    unpad(1, 0xfb);
}

/* ---------------------------------------------------------------- MACs */

#define RECORD_MAX 400

/* Key, data and prefix (which has the length of the data in it) are secret, and the size is. */
static void hmac_secret_size(hf_hash_id id)
{
    uint8_t secret[48] = {9}, prefix[13] = {1}, data[RECORD_MAX] = {2};
    uint8_t expected[HF_HASH_SIZE_MAX], actual[HF_HASH_SIZE_MAX];

    for (size_t size = RECORD_MAX - 255; size <= RECORD_MAX; size += 17) {
        size_t secret_size = size;
        hf_hmac_key key;
        hf_hash message;

        timing_secret(secret, sizeof secret);
        timing_secret(prefix, sizeof prefix);
        timing_secret(data, sizeof data);
        hf_hmac_key_init(&key, id, secret, sizeof secret);
        hf_hmac_begin(&key, &message);
        hf_hash_update(&message, prefix, sizeof prefix);
        hf_hash_update(&message, data, size);
        size_t digest_size = hf_hmac_end(&key, &message, expected);
        timing_secret(&secret_size, sizeof secret_size);
        (void)hf_hmac_secret_size(&key, (hf_span){prefix, sizeof prefix}, data, RECORD_MAX - 255,
                                  RECORD_MAX, secret_size, actual);
        timing_require(hf_constant_time_equal(actual, expected, digest_size), "wrong HMAC");
    }
}

static void check_hmac_md5(void)
{
    hmac_secret_size(HF_HASH_MD5);
}

static void check_hmac_sha1(void)
{
    hmac_secret_size(HF_HASH_SHA1);
}

static void check_hmac_sha256(void)
{
    hmac_secret_size(HF_HASH_SHA256);
}

static void check_hmac_sha384(void)
{
    hmac_secret_size(HF_HASH_SHA384);
}

/* ---------------------------------------------------------------- GHASH */

static void ghash(hf_ghash_blocks_function *multiply)
{
    uint8_t h[HF_GHASH_BLOCK_SIZE] = {0x66, 0xe9}, state[HF_GHASH_BLOCK_SIZE] = {0};
    uint8_t blocks[9 * HF_GHASH_BLOCK_SIZE] = {1, 2, 3};
    hf_ghash_key key;

    timing_secret(h, sizeof h);
    timing_secret(state, sizeof state);
    timing_secret(blocks, sizeof blocks);
    hf_ghash_key_init(&key, h);
    multiply(&key, state, blocks, 9);
    timing_public(state, sizeof state);
    timing_require(state[0] != 0 || state[1] != 0, "no product");
}

static void check_ghash_mul32(void)
{
    ghash(hf_ghash_blocks_mul32);
}

#ifdef HF_GHASH_HAS_MUL64
static void check_ghash_mul64(void)
{
    ghash(hf_ghash_blocks_mul64);
}
#endif

/* ---------------------------------------------------------------- AEADs and CBC */

/* The bytes of the nonce that do not travel with the record come first. */
#define SALT_SIZE 4 /* of GCM and CCM, RFC 5288 3, RFC 6655 3 */

static void aead(hf_aead_id id, size_t secret_nonce_size)
{
    uint8_t secret[HF_AEAD_KEY_SIZE_MAX] = {4}, nonce[HF_AEAD_NONCE_SIZE] = {5};
    uint8_t data[300] = {6}, tag[HF_AEAD_TAG_SIZE_MAX] = {0};
    const hf_span associated = {(const uint8_t *)"thirteen byte", 13};
    hf_aead_key key;

    timing_secret(secret, sizeof secret);
    timing_secret(nonce, secret_nonce_size);
    timing_secret(data, sizeof data);
    timing_require(
        hf_aead_init(&key, id, secret) == HF_CRYPTO_OK &&
            hf_aead_seal(&key, nonce, associated, data, sizeof data, tag) == HF_CRYPTO_OK &&
            hf_aead_open(&key, nonce, associated, data, sizeof data, tag) == HF_CRYPTO_OK,
        "a sealed record does not open");
    tag[0] ^= 1;
    timing_require(hf_aead_open(&key, nonce, associated, data, sizeof data, tag) ==
                       HF_CRYPTO_BAD_TAG,
                   "a wrong tag is taken");
    hf_aead_wipe(&key);
}

static void check_chacha20_poly1305(void)
{
    aead(HF_AEAD_CHACHA20_POLY1305, HF_AEAD_NONCE_SIZE);
}

static void check_gcm(void)
{
    timing_use_plain_cipher();
    aead(HF_AEAD_AES_128_GCM, SALT_SIZE);
    timing_use_real_cipher();
}

#if HF_GLUE_X86
/* AES, counter mode and GHASH; nothing where the processor has none of it. */
static void check_x86(void)
{
    if (hf_x86_has_aes()) {
        aead(HF_AEAD_AES_128_GCM, SALT_SIZE);
        aead(HF_AEAD_AES_256_GCM, SALT_SIZE);
    }
}
#endif

static void check_ccm(void)
{
    timing_use_plain_cipher();
    aead(HF_AEAD_AES_128_CCM, SALT_SIZE);
    aead(HF_AEAD_AES_128_CCM_8, SALT_SIZE);
    timing_use_real_cipher();
}

static void check_cbc(void)
{
    uint8_t secret[16] = {4}, iv[16] = {5}, data[64] = {6};
    hf_cbc_key key;

    timing_use_plain_cipher();
    timing_secret(secret, sizeof secret);
    timing_secret(iv, sizeof iv);
    timing_secret(data, sizeof data);
    timing_require(hf_cbc_init(&key, HF_CBC_AES_128, secret) == HF_CRYPTO_OK &&
                       hf_cbc_encrypt(&key, iv, data, sizeof data) == HF_CRYPTO_OK &&
                       hf_cbc_decrypt(&key, iv, data, sizeof data) == HF_CRYPTO_OK,
                   "CBC fails");
    timing_use_real_cipher();
}

const timing_check timing_glue_checks[] = {
    {"masks", check_masks, false},
    {"compare", check_compare, false},
    {"select", check_select, false},
    {"RSA premaster secret", check_premaster, false},
    {"HMAC-MD5 of a secret size", check_hmac_md5, false},
    {"HMAC-SHA-1 of a secret size", check_hmac_sha1, false},
    {"HMAC-SHA-256 of a secret size", check_hmac_sha256, false},
    {"HMAC-SHA-384 of a secret size", check_hmac_sha384, false},
    {"GHASH by 32-bit multiplications", check_ghash_mul32, false},
#ifdef HF_GHASH_HAS_MUL64
    {"GHASH by 64-bit multiplications", check_ghash_mul64, false},
#endif
    {"ChaCha20-Poly1305", check_chacha20_poly1305, false},
    {"GCM around a cipher without tables", check_gcm, false},
#if HF_GLUE_X86
    {"GCM by the processor's instructions", check_x86, false},
#endif
    {"CCM around a cipher without tables", check_ccm, false},
    {"CBC around a cipher without tables", check_cbc, false},
    {NULL, NULL, false},
};
