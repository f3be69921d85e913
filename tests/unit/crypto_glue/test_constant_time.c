#include "crypto_glue/constant_time.h"

#include <criterion/criterion.h>
#include <string.h>

Test(constant_time, equal_sees_every_bit)
{
    uint8_t a[37], b[37];

    for (size_t i = 0; i < sizeof a; i++) {
        a[i] = b[i] = (uint8_t)(i * 7);
    }
    cr_assert(hf_constant_time_equal(a, b, sizeof a));
    cr_assert_eq(hf_mask_bytes_equal(a, b, sizeof a), 0xffffffff);
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_not(hf_constant_time_equal(a, b, sizeof a));
        cr_assert_eq(hf_mask_bytes_equal(a, b, sizeof a), 0);
        cr_assert(hf_constant_time_equal(a, b, bit / 8));
        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

Test(constant_time, differences_do_not_cancel)
{
    static const uint8_t a[2] = {0x55, 0x55};
    static const uint8_t b[2] = {0x54, 0x54};

    cr_assert_not(hf_constant_time_equal(a, b, 2));
}

Test(constant_time, nothing_equals_nothing)
{
    cr_assert(hf_constant_time_equal(NULL, NULL, 0));
}

Test(constant_time, masks)
{
    static const uint32_t values[] = {0,          1,          2,          0x7f,       0x80,
                                      0xff,       0x100,      0x7fffffff, 0x80000000, 0x80000001,
                                      0xfffffffe, 0xffffffff, 0x00010000, 0x55555555, 0xaaaaaaaa};
    const size_t count = sizeof values / sizeof values[0];

    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(hf_mask_is_zero(values[i]), values[i] == 0 ? 0xffffffff : 0);
        for (size_t j = 0; j < count; j++) {
            cr_assert_eq(hf_mask_equal(values[i], values[j]), i == j ? 0xffffffff : 0);
            cr_assert_eq(hf_mask_less(values[i], values[j]),
                         values[i] < values[j] ? 0xffffffff : 0);
        }
    }
    for (unsigned bit = 0; bit < 32; bit++) {
        cr_assert_eq(hf_mask_is_zero(UINT32_C(1) << bit), 0);
    }
}

Test(constant_time, verdicts_of_masks)
{
    cr_assert(hf_mask_verdict(hf_mask_is_zero(0)));
    cr_assert_not(hf_mask_verdict(hf_mask_is_zero(1)));
}

Test(constant_time, select_takes_one_or_the_other)
{
    static const uint8_t yes[4] = {0x00, 0xff, 0x12, 0xed};
    static const uint8_t no[4] = {0xff, 0x00, 0x34, 0xcb};
    uint8_t out[4];

    hf_constant_time_select(out, 0xff, yes, no, sizeof out);
    cr_assert_arr_eq(out, yes, sizeof out);
    hf_constant_time_select(out, 0x00, yes, no, sizeof out);
    cr_assert_arr_eq(out, no, sizeof out);
}

Test(constant_time, select_in_place)
{
    static const uint8_t no[2] = {3, 4};
    uint8_t both[2] = {1, 2};

    hf_constant_time_select(both, 0xff, both, no, sizeof both);
    cr_assert_eq(both[0], 1);
    hf_constant_time_select(both, 0x00, both, no, sizeof both);
    cr_assert_eq(both[1], 4);
}

Test(constant_time, wipe_stays_inside_its_bounds)
{
    uint8_t memory[10];

    memset(memory, 0xa5, sizeof memory);
    hf_wipe(memory + 1, 8);
    cr_assert_eq(memory[0], 0xa5);
    cr_assert_eq(memory[9], 0xa5);
    for (size_t i = 1; i < 9; i++) {
        cr_assert_eq(memory[i], 0);
    }
    hf_wipe(NULL, 0);
}
