/* AES and GCM by the processor's instructions against libtomcrypt's AES and the portable GHASH. */
#include "cipher_support.h"
#include "crypto_glue/aead.h"
#include "crypto_glue/cbc.h"
#include "crypto_glue/x86.h"

#include <string.h>

#if HF_GLUE_X86

#define BLOCKS_MAX 35
#define BYTES_MAX  (BLOCKS_MAX * (size_t)16)

static void fill(uint8_t *out, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
        out[i] = (uint8_t)(seed >> 24);
    }
}

Test(x86, is_what_the_glue_chooses)
{
    if (!hf_x86_has_aes()) {
        return; /* nothing to test on this processor */
    }
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cr_assert_eq(cipher_descriptor[find_cipher("aes")].setup, hf_aes_x86_desc.setup);
}

/* FIPS 197 appendices B and C. */
Test(x86, published_vectors)
{
    if (!hf_x86_has_aes()) {
        return; /* nothing to test on this processor */
    }
    static const uint8_t plain[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                      0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    static const uint8_t sealed[3][16] = {{0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8,
                                           0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a},
                                          {0xdd, 0xa9, 0x7c, 0xa4, 0x86, 0x4c, 0xdf, 0xe0, 0x6e,
                                           0xaf, 0x70, 0xa0, 0xec, 0x0d, 0x71, 0x91},
                                          {0x8e, 0xa2, 0xb7, 0xca, 0x51, 0x67, 0x45, 0xbf, 0xea,
                                           0xfc, 0x49, 0x90, 0x4b, 0x49, 0x60, 0x89}};
    uint8_t key[32], out[16];
    symmetric_key schedule;

    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (uint8_t)i;
    }
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(hf_aes_x86_desc.setup(key, 16 + 8 * i, 0, &schedule), CRYPT_OK);
        cr_assert_eq(hf_aes_x86_desc.ecb_encrypt(plain, out, &schedule), CRYPT_OK);
        cr_assert_arr_eq(out, sealed[i], 16);
        cr_assert_eq(hf_aes_x86_desc.ecb_decrypt(out, out, &schedule), CRYPT_OK);
        cr_assert_arr_eq(out, plain, 16);
    }
}

Test(x86, sizes_of_keys)
{
    if (!hf_x86_has_aes()) {
        return; /* nothing to test on this processor */
    }
    uint8_t key[33] = {0};
    symmetric_key schedule;

    for (int size = 0; size <= 33; size++) {
        int expected = size == 16 || size == 24 || size == 32 ? CRYPT_OK : CRYPT_INVALID_KEYSIZE;
        cr_assert_eq(hf_aes_x86_desc.setup(key, size, 0, &schedule), expected, "%d", size);
        int theirs = size, ours = size;
        cr_assert_eq(hf_aes_x86_desc.keysize(&ours), aes_desc.keysize(&theirs), "%d", size);
        cr_assert_eq(ours, theirs, "%d", size);
    }
    cr_assert_eq(hf_aes_x86_desc.setup(key, 16, 12, &schedule), CRYPT_INVALID_ROUNDS);
    cr_assert_eq(hf_aes_x86_desc.setup(key, 16, 10, &schedule), CRYPT_OK);
}

Test(x86, many_blocks)
{
    if (!hf_x86_has_aes()) {
        return; /* nothing to test on this processor */
    }
    uint8_t key[32], data[BYTES_MAX], expected[BYTES_MAX], got[BYTES_MAX];
    symmetric_key theirs, ours;

    for (uint32_t round = 0; round < 60; round++) {
        int size = 16 + 8 * (int)(round % 3);
        fill(key, sizeof key, round);
        fill(data, sizeof data, round + 1000);
        cr_assert_eq(aes_desc.setup(key, size, 0, &theirs), CRYPT_OK);
        cr_assert_eq(hf_aes_x86_desc.setup(key, size, 0, &ours), CRYPT_OK);
        for (unsigned long count = 0; count <= BLOCKS_MAX; count++) {
            memcpy(got, data, sizeof got);
            for (unsigned long i = 0; i < count; i++) {
                cr_assert_eq(aes_desc.ecb_encrypt(data + 16 * i, expected + 16 * i, &theirs),
                             CRYPT_OK);
            }
            cr_assert_eq(hf_aes_x86_desc.accel_ecb_encrypt(got, got, count, &ours), CRYPT_OK);
            cr_assert_arr_eq(got, expected, 16 * count);
            cr_assert_arr_eq(got + 16 * count, data + 16 * count, sizeof got - 16 * count);
            cr_assert_eq(hf_aes_x86_desc.accel_ecb_decrypt(got, got, count, &ours), CRYPT_OK);
            cr_assert_arr_eq(got, data, sizeof got);
        }
    }
}

Test(x86, cbc)
{
    if (!hf_x86_has_aes()) {
        return; /* nothing to test on this processor */
    }
    uint8_t secret[32], data[BYTES_MAX], sealed[2][BYTES_MAX], iv[2][HF_CBC_BLOCK_MAX];
    static const struct ltc_cipher_descriptor *const ciphers[] = {&aes_desc, &hf_aes_x86_desc};

    fill(secret, sizeof secret, 1);
    fill(data, sizeof data, 2);
    for (size_t size = 0; size <= sizeof data; size += 16) {
        for (size_t i = 0; i < 2; i++) {
            hf_cbc_key key;
            use_aes(ciphers[i]);
            cr_assert_eq(
                hf_cbc_init(&key, size % 32 == 0 ? HF_CBC_AES_128 : HF_CBC_AES_256, secret),
                HF_CRYPTO_OK);
            memcpy(sealed[i], data, size);
            fill(iv[i], sizeof iv[i], 3);
            cr_assert_eq(hf_cbc_encrypt(&key, iv[i], sealed[i], size), HF_CRYPTO_OK);
            uint8_t opened[BYTES_MAX], iv_again[HF_CBC_BLOCK_MAX];
            memcpy(opened, sealed[i], size);
            fill(iv_again, sizeof iv_again, 3);
            cr_assert_eq(hf_cbc_decrypt(&key, iv_again, opened, size), HF_CRYPTO_OK);
            cr_assert_arr_eq(opened, data, size);
            cr_assert_arr_eq(iv_again, iv[i], 16);
        }
        cr_assert_arr_eq(sealed[0], sealed[1], size);
        cr_assert_arr_eq(iv[0], iv[1], 16);
    }
}

/* Every size around the blocks in flight, with and without associated data. */
Test(x86, gcm)
{
    if (!hf_x86_has_aes()) {
        return; /* nothing to test on this processor */
    }
    uint8_t secret[32], data[BYTES_MAX + 16], sealed[2][BYTES_MAX + 16], tag[2][16];
    static const struct ltc_cipher_descriptor *const ciphers[] = {&aes_desc, &hf_aes_x86_desc};
    hf_aead_key keys[2];

    fill(secret, sizeof secret, 1);
    fill(data, sizeof data, 2);
    for (int mode = 0; mode < 2; mode++) {
        for (size_t size = 0; size <= BYTES_MAX; size++) {
            const uint8_t nonce[HF_AEAD_NONCE_SIZE] = {(uint8_t)size, 1};
            const hf_span aad = {data, size % 29};
            for (size_t i = 0; i < 2; i++) {
                use_aes(ciphers[i]);
                cr_assert_eq(hf_aead_init(&keys[i],
                                          mode == 0 ? HF_AEAD_AES_128_GCM : HF_AEAD_AES_256_GCM,
                                          secret),
                             HF_CRYPTO_OK);
                memcpy(sealed[i], data, sizeof data);
                cr_assert_eq(hf_aead_seal(&keys[i], nonce, aad, sealed[i] + 1, size, tag[i]),
                             HF_CRYPTO_OK);
            }
            cr_assert_arr_eq(sealed[0], sealed[1], sizeof sealed[0], "%zu bytes", size);
            cr_assert_arr_eq(tag[0], tag[1], 16, "%zu bytes", size);
            cr_assert_eq(hf_aead_open(&keys[1], nonce, aad, sealed[1] + 1, size, tag[1]),
                         HF_CRYPTO_OK);
            cr_assert_arr_eq(sealed[1], data, sizeof data, "%zu bytes", size);

            tag[0][size % 16] ^= 1;
            cr_assert_eq(hf_aead_open(&keys[1], nonce, aad, sealed[0] + 1, size, tag[0]),
                         HF_CRYPTO_BAD_TAG);
            for (size_t k = 0; k + 8 <= size; k++) {
                cr_assert_neq(memcmp(sealed[0] + 1 + k, data + 1 + k, 8), 0, "plaintext at %zu", k);
            }
        }
    }
}

#endif
