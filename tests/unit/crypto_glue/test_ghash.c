#include "crypto_glue/gcm_x86.h"
#include "crypto_glue/ghash.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

#define BLOCKS_MAX 19

/* SP 800-38D 6.3, algorithm 1, bit by bit. */
static void multiply(uint8_t x[16], const uint8_t y[16])
{
    uint8_t z[16] = {0};
    uint8_t v[16];

    memcpy(v, y, sizeof v);
    for (int i = 0; i < 128; i++) {
        bool odd = (v[15] & 1) != 0;

        for (int j = 0; (x[i / 8] >> (7 - i % 8) & 1) != 0 && j < 16; j++) {
            z[j] ^= v[j];
        }
        for (int j = 15; j > 0; j--) {
            v[j] = (uint8_t)(v[j] >> 1 | v[j - 1] << 7);
        }
        v[0] = (uint8_t)(v[0] >> 1 ^ (odd ? 0xe1 : 0));
    }
    memcpy(x, z, sizeof z);
}

/* SP 800-38D 6.4, algorithm 2. */
static void reference(const uint8_t h[16], uint8_t y[16], const uint8_t *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < 16; j++) {
            y[j] ^= blocks[16 * i + j];
        }
        multiply(y, h);
    }
}

/* Patterns that fill every bit group of the multipliers, so that their sums are largest, beside
 * ordinary bytes from a linear congruential generator. */
static void fill(uint8_t *out, size_t size, unsigned pattern)
{
    static const uint8_t constant[] = {0x00, 0xff, 0x11, 0x22, 0x44, 0x88, 0xf0, 0x0f, 0x01, 0x80};
    static uint32_t state = 1;

    for (size_t i = 0; i < size; i++) {
        state = state * UINT32_C(1664525) + UINT32_C(1013904223);
        out[i] = pattern < sizeof constant ? constant[pattern] : (uint8_t)(state >> 24);
    }
}

static void compare(hf_ghash_blocks_function *function, const char *name)
{
    for (unsigned round = 0; round < 16 * 16 * 3; round++) {
        uint8_t h[16], start[16], expected[16], actual[16];
        uint8_t blocks[16 * BLOCKS_MAX];
        hf_ghash_key key;

        fill(h, sizeof h, round % 16);
        fill(blocks, sizeof blocks, round / 16 % 16);
        fill(start, sizeof start, round % 3 == 0 ? 0 : 99);
        hf_ghash_key_init(&key, h);
        for (size_t count = 0; count <= BLOCKS_MAX; count++) {
            memcpy(expected, start, 16);
            memcpy(actual, start, 16);
            reference(h, expected, blocks, count);
            function(&key, actual, blocks, count);
            cr_assert_arr_eq(actual, expected, 16, "%s, round %u, %zu blocks", name, round, count);
        }
    }
}

Test(ghash, the_small_multiplier_follows_the_standard)
{
    compare(hf_ghash_blocks_mul32, "mul32");
}

#ifdef HF_GHASH_HAS_MUL64
Test(ghash, the_large_multiplier_follows_the_standard)
{
    compare(hf_ghash_blocks_mul64, "mul64");
}
#endif

#if HF_GLUE_X86
Test(ghash, the_processors_multiplier_follows_the_standard)
{
    if (hf_x86_has_aes()) {
        compare(hf_ghash_blocks_x86, "x86");
    }
}
#endif

Test(ghash, every_single_bit_of_key_and_data)
{
    for (unsigned bit = 0; bit < 128 * 128; bit++) {
        uint8_t h[16] = {0}, block[16] = {0}, expected[16] = {0}, actual[16] = {0};
        hf_ghash_key key;

        h[bit / 128 / 8] = (uint8_t)(1 << bit / 128 % 8);
        block[bit % 128 / 8] = (uint8_t)(1 << bit % 8);
        hf_ghash_key_init(&key, h);
        reference(h, expected, block, 1);
        hf_ghash_update(&key, actual, block, 16);
        cr_assert_arr_eq(actual, expected, 16);
        memset(actual, 0, 16);
        hf_ghash_blocks_mul32(&key, actual, block, 1);
        cr_assert_arr_eq(actual, expected, 16);
    }
}

Test(ghash, the_last_block_is_filled_up_with_zeros)
{
    uint8_t h[16], data[16 * 6] = {0}, expected[16], actual[16];
    hf_ghash_key key;

    fill(h, sizeof h, 99);
    hf_ghash_key_init(&key, h);
    for (size_t size = 0; size <= 80; size++) {
        memset(data, 0, sizeof data);
        fill(data, size, 99);
        memset(expected, 0, 16);
        memset(actual, 0, 16);
        reference(h, expected, data, (size + 15) / 16);
        memset(data + size, 0xa5, sizeof data - size);
        hf_ghash_update(&key, actual, data, size);
        cr_assert_arr_eq(actual, expected, 16, "%zu bytes", size);
    }
    memset(actual, 0x3c, 16);
    hf_ghash_update(&key, actual, NULL, 0);
    cr_assert_eq(actual[0], 0x3c);
}
