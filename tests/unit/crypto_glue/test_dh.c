#include "pk_support.h"

#include "crypto_glue/dh.h"

#include <criterion/criterion.h>
#include <string.h>
#include <tomcrypt.h>

TestSuite(dh, .init = pk_init, .timeout = 120);

static const uint8_t two[] = {2};
static const uint16_t codes[] = {256, 257, 258};
enum { CODE_COUNT = sizeof codes / sizeof codes[0] };

/* 2^1024 + 1 is no prime, which the glue does not test, but its powers of two need no arithmetic:
 * 2^1024 = -1 and 2^2048 = 1. */
static const uint8_t fermat[129] = {[0] = 1, [128] = 1};
static const hf_dh_group fermat_group = {{fermat, sizeof fermat}, {two, sizeof two}};

static void put_exponent(uint8_t exponent[HF_DH_EXPONENT_SIZE], hf_span number)
{
    cr_assert_leq(number.size, HF_DH_EXPONENT_SIZE);
    memset(exponent, 0, HF_DH_EXPONENT_SIZE);
    memcpy(exponent + HF_DH_EXPONENT_SIZE - number.size, number.data, number.size);
}

static hf_crypto_result exchange(const hf_dh_group *group, hf_span private, hf_span peer_value,
                                 uint8_t *secret, size_t *size)
{
    uint8_t exponent[HF_DH_EXPONENT_SIZE];
    put_exponent(exponent, private);
    return hf_dh_shared_secret(group, exponent, peer_value, secret, size);
}

static bool yields(const hf_dh_group *group, hf_span private, hf_span peer_value, hf_span expected)
{
    uint8_t secret[HF_DH_SIZE_MAX];
    size_t size = 0;
    cr_assert_eq(exchange(group, private, peer_value, secret, &size), HF_CRYPTO_OK);
    return size == expected.size && memcmp(secret, expected.data, size) == 0;
}

/* ---------------------------------------------------------------- published values */

static void check_group(vectors *v)
{
    uint16_t code = (uint16_t)vectors_number(v, "code");
    hf_dh_group expected = {vectors_bytes(v, "prime"), vectors_bytes(v, "generator")};
    const hf_dh_group *group = hf_dh_named_group(code);
    cr_assert_neq(group, NULL);
    cr_assert_eq(group->prime.size, expected.prime.size);
    cr_assert_arr_eq(group->prime.data, expected.prime.data, expected.prime.size);
    cr_assert_eq(group->generator.size, 1);
    cr_assert_eq(group->generator.data[0], 2);
    cr_assert_eq(hf_dh_group_code(&expected), code);
    cr_assert_eq(hf_dh_check_group(group, 8 * expected.prime.size), HF_CRYPTO_OK);
    cr_assert_eq(hf_dh_check_group(group, 8 * expected.prime.size + 1), HF_CRYPTO_BAD_KEY);
}

/* The public values are powers of the generator, and both sides have the same secret. */
static void check_exchange(vectors *v)
{
    hf_dh_group group = {vectors_bytes(v, "prime"), vectors_bytes(v, "generator")};
    hf_span private1 = vectors_bytes(v, "private1");
    hf_span private2 = vectors_bytes(v, "private2");
    hf_span public1 = vectors_bytes(v, "public1");
    hf_span public2 = vectors_bytes(v, "public2");
    hf_span secret = vectors_bytes(v, "secret");
    bool valid = strcmp(vectors_text(v, "result"), "valid") == 0;
    cr_expect(yields(&group, private1, group.generator, public1), "%s", vectors_where(v));
    cr_expect(yields(&group, private2, group.generator, public2), "%s", vectors_where(v));
    cr_expect_eq(yields(&group, private1, public2, secret), valid, "%s", vectors_where(v));
    cr_expect_eq(yields(&group, private2, public1, secret), valid, "%s", vectors_where(v));
}

Test(dh, published_vectors)
{
    vectors v;
    size_t groups = 0;
    size_t exchanges = 0;
    vectors_open(&v, "dh.txt");
    while (vectors_next(&v)) {
        if (strcmp(vectors_section(&v), "group") == 0) {
            check_group(&v);
            groups++;
        } else {
            check_exchange(&v);
            exchanges++;
        }
    }
    vectors_close(&v);
    cr_assert(groups == CODE_COUNT && exchanges > 0);
}

Test(dh, other_groups_have_no_name)
{
    for (unsigned code = 0; code <= 0xffff; code++) {
        cr_assert_eq(hf_dh_named_group((uint16_t)code) != NULL, code >= 256 && code <= 258);
    }
    const hf_dh_group *named = hf_dh_named_group(256);
    static const uint8_t five[] = {5};
    const hf_dh_group others[] = {{{NULL, 0}, {NULL, 0}},
                                  {named->prime, {five, sizeof five}},
                                  {named->prime, {NULL, 0}},
                                  {{named->prime.data, named->prime.size - 1}, named->generator},
                                  fermat_group};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        cr_assert_eq(hf_dh_group_code(&others[i]), 0, "case %zu", i);
    }
}

/* ---------------------------------------------------------------- groups */

/* A number of the given length in bits that ends in the given byte. */
static hf_span number_of(uint8_t *room, size_t bits, uint8_t last)
{
    size_t size = (bits + 7) / 8;
    memset(room, 0, size);
    room[0] = (uint8_t)(1 << (bits - 1) % 8);
    room[size - 1] |= last;
    return (hf_span){room, size};
}

Test(dh, primes_are_odd_and_of_the_right_length)
{
    uint8_t room[HF_DH_SIZE_MAX + 1];
    for (size_t bits = 1000; bits <= HF_DH_BITS_MAX + 8; bits++) {
        hf_dh_group group = {number_of(room, bits, 1), {two, sizeof two}};
        bool good = bits >= 1024 && bits <= HF_DH_BITS_MAX;
        cr_assert_eq(hf_dh_check_group(&group, 0), good ? HF_CRYPTO_OK : HF_CRYPTO_BAD_KEY);
        cr_assert_eq(hf_dh_check_group(&group, 2048),
                     good && bits >= 2048 ? HF_CRYPTO_OK : HF_CRYPTO_BAD_KEY);
        room[group.prime.size - 1] ^= 1;
        cr_assert_eq(hf_dh_check_group(&group, 0), HF_CRYPTO_BAD_KEY);
    }
    for (uint8_t last = 0; last < 8; last++) {
        hf_dh_group small = {{&last, 1}, {two, sizeof two}};
        cr_assert_eq(hf_dh_check_group(&small, 0), HF_CRYPTO_BAD_KEY);
    }
}

Test(dh, generators_are_between_one_and_p_minus_one)
{
    uint8_t prime[129];
    uint8_t bytes[130] = {0};
    const hf_span p = number_of(prime, 1032, 0x85);
    const struct {
        size_t bits;
        uint8_t last;
        bool good;
    } cases[] = {{1, 1, false},       {2, 2, true},       {2, 3, true},        {1024, 0, true},
                 {1032, 0x82, true},  {1032, 0x83, true}, {1032, 0x84, false}, {1032, 0x85, false},
                 {1032, 0x86, false}, {1033, 0, false},   {1040, 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_dh_group group = {p, number_of(bytes, cases[i].bits, cases[i].last)};
        cr_expect_eq(hf_dh_check_group(&group, 0), cases[i].good ? HF_CRYPTO_OK : HF_CRYPTO_BAD_KEY,
                     "case %zu", i);
    }
}

Test(dh, numbers_of_a_group_start_with_no_zero)
{
    uint8_t zero_prime[130] = {0};
    static const uint8_t zero_two[] = {0, 2};
    static const uint8_t zero[] = {0};
    memcpy(zero_prime + 1, fermat, sizeof fermat);
    const hf_dh_group groups[] = {{{zero_prime, sizeof zero_prime}, {two, sizeof two}},
                                  {{fermat, sizeof fermat}, {zero_two, sizeof zero_two}},
                                  {{fermat, sizeof fermat}, {zero, sizeof zero}},
                                  {{fermat, sizeof fermat}, {NULL, 0}},
                                  {{NULL, 0}, {two, sizeof two}}};
    hf_random random = pk_system_random();
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        uint8_t exponent[HF_DH_EXPONENT_SIZE] = {7};
        uint8_t value[HF_DH_SIZE_MAX];
        size_t size;
        cr_assert_eq(hf_dh_check_group(&groups[i], 0), HF_CRYPTO_BAD_KEY);
        cr_assert_eq(
            hf_dh_shared_secret(&groups[i], exponent, (hf_span){two, sizeof two}, value, &size),
            HF_CRYPTO_BAD_KEY);
        cr_assert_eq(hf_dh_generate(&groups[i], &random, exponent, value), HF_CRYPTO_BAD_KEY);
    }
}

/* ---------------------------------------------------------------- exchanges */

Test(dh, both_sides_agree)
{
    hf_random random = pk_system_random();
    for (size_t i = 0; i < CODE_COUNT; i++) {
        const hf_dh_group *group = hf_dh_named_group(codes[i]);
        uint8_t exponents[2][HF_DH_EXPONENT_SIZE];
        uint8_t values[2][HF_DH_SIZE_MAX];
        uint8_t secrets[2][HF_DH_SIZE_MAX];
        size_t sizes[2];
        for (size_t side = 0; side < 2; side++) {
            cr_assert_eq(hf_dh_generate(group, &random, exponents[side], values[side]),
                         HF_CRYPTO_OK);
        }
        cr_assert_neq(memcmp(exponents[0], exponents[1], HF_DH_EXPONENT_SIZE), 0);
        cr_assert_neq(memcmp(values[0], values[1], group->prime.size), 0);
        for (size_t side = 0; side < 2; side++) {
            cr_assert_eq(hf_dh_shared_secret(group, exponents[side],
                                             (hf_span){values[1 - side], group->prime.size},
                                             secrets[side], &sizes[side]),
                         HF_CRYPTO_OK);
        }
        cr_assert_eq(sizes[0], sizes[1]);
        cr_assert_arr_eq(secrets[0], secrets[1], sizes[0]);
    }
}

/* 2^(2^511 + 8) = 2^8 mod 2^1024 + 1: the public value is as long as the prime all the same. */
Test(dh, public_values_keep_their_zeros)
{
    uint8_t exponent[HF_DH_EXPONENT_SIZE];
    uint8_t drawn[HF_DH_EXPONENT_SIZE] = {[HF_DH_EXPONENT_SIZE - 1] = 8};
    uint8_t value[sizeof fermat];
    uint8_t expected[sizeof fermat] = {[sizeof fermat - 2] = 1};
    pk_script script = {.bytes = {drawn, sizeof drawn}, .ends = true};
    hf_random random = pk_random(&script);
    memset(value, 0xee, sizeof value);
    cr_assert_eq(hf_dh_generate(&fermat_group, &random, exponent, value), HF_CRYPTO_OK);
    cr_assert_arr_eq(value, expected, sizeof value);
    drawn[0] = 0x80; /* the exponent is what was drawn with its first bit set */
    cr_assert_arr_eq(exponent, drawn, sizeof drawn);
}

/* RFC 5246 8.1.2: leading zeros of the secret are stripped, and only they. */
Test(dh, secrets_lose_their_zeros)
{
    for (uint8_t x = 1; x < 255; x++) {
        uint8_t expected[33] = {0};
        size_t size = x / 8 + 1u;
        expected[0] = (uint8_t)(1 << x % 8);
        cr_assert(
            yields(&fermat_group, (hf_span){&x, 1}, (hf_span){two, 1}, (hf_span){expected, size}),
            "2^%u", x);
    }
}

Test(dh, public_values_of_the_peer_are_checked)
{
    static const struct {
        size_t size;
        uint8_t first;
        uint8_t last;
        hf_crypto_result result;
    } cases[] = {
        {0, 0, 0, HF_CRYPTO_BAD_POINT},   {1, 0, 0, HF_CRYPTO_BAD_POINT},
        {1, 0, 1, HF_CRYPTO_BAD_POINT},   {1, 0, 2, HF_CRYPTO_OK},
        {129, 0, 1, HF_CRYPTO_BAD_POINT}, {129, 0, 2, HF_CRYPTO_OK}, /* zeros in front */
        {131, 0, 2, HF_CRYPTO_OK},        {131, 0, 1, HF_CRYPTO_BAD_POINT},
        {128, 0xff, 0xff, HF_CRYPTO_OK},  {129, 1, 0, HF_CRYPTO_BAD_POINT}, /* p - 1 */
        {129, 1, 1, HF_CRYPTO_BAD_POINT}, {129, 1, 2, HF_CRYPTO_BAD_POINT},
        {130, 1, 2, HF_CRYPTO_BAD_POINT}, {131, 1, 0, HF_CRYPTO_BAD_POINT},
    };
    static const uint8_t three = 3;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t value[131] = {0};
        uint8_t secret[HF_DH_SIZE_MAX];
        size_t size;
        value[0] = cases[i].first;
        if (cases[i].size > 0) {
            value[cases[i].size - 1] |= cases[i].last;
        }
        cr_expect_eq(exchange(&fermat_group, (hf_span){&three, 1}, (hf_span){value, cases[i].size},
                              secret, &size),
                     cases[i].result, "case %zu", i);
    }
}

/* 2^512 has order 4 here, so that the secret is 1 or p - 1 every other time. */
Test(dh, secrets_that_everybody_knows_are_refused)
{
    uint8_t value[65] = {1};
    uint8_t secret[HF_DH_SIZE_MAX];
    size_t size;
    for (uint8_t x = 1; x < 40; x++) {
        memset(secret, 0xee, sizeof secret);
        hf_crypto_result result = exchange(&fermat_group, (hf_span){&x, 1},
                                           (hf_span){value, sizeof value}, secret, &size);
        cr_assert_eq(result, x % 2 == 0 ? HF_CRYPTO_BAD_POINT : HF_CRYPTO_OK, "x = %u", x);
        cr_assert(result == HF_CRYPTO_OK || secret[0] == 0xee);
    }
    static const uint8_t zero = 0;
    cr_assert_eq(exchange(&fermat_group, (hf_span){&zero, 1}, (hf_span){two, 1}, secret, &size),
                 HF_CRYPTO_BAD_POINT);
}

/* (2^512 + 1)^2 = 0 modulo the same number. */
Test(dh, powers_that_vanish_are_refused)
{
    static const uint8_t root[65] = {[0] = 1, [64] = 1};
    static const uint8_t square[129] = {[0] = 1, [64] = 2, [128] = 1};
    const hf_dh_group group = {{square, sizeof square}, {root, sizeof root}};
    uint8_t exponent[HF_DH_EXPONENT_SIZE];
    uint8_t value[HF_DH_SIZE_MAX];
    size_t size;
    hf_random random = pk_system_random();
    cr_assert_eq(hf_dh_check_group(&group, 0), HF_CRYPTO_OK);
    cr_assert_eq(hf_dh_generate(&group, &random, exponent, value), HF_CRYPTO_BAD_KEY);
    static const uint8_t three = 3;
    cr_assert_eq(exchange(&group, (hf_span){&three, 1}, group.generator, value, &size),
                 HF_CRYPTO_BAD_POINT);
}

/* ---------------------------------------------------------------- secrets and failures */

static ltc_math_descriptor real;
static int exponent_bits;

static int watching_exptmod(void *a, void *b, void *c, void *d)
{
    exponent_bits = ltc_mp.count_bits(b);
    return real.exptmod(a, b, c, d);
}

/* All exponents are equally long, whatever is drawn. */
Test(dh, exponents_have_one_length)
{
    hf_random random = pk_system_random();
    real = ltc_mp;
    ltc_mp.exptmod = watching_exptmod;
    for (size_t i = 0; i < 64; i++) {
        uint8_t drawn[HF_DH_EXPONENT_SIZE];
        uint8_t exponent[HF_DH_EXPONENT_SIZE];
        uint8_t value[HF_DH_SIZE_MAX];
        random.fill(random.context, drawn, sizeof drawn);
        memset(drawn, 0, i);
        drawn[63] |= 1;
        pk_script script = {.bytes = {drawn, sizeof drawn}};
        hf_random scripted = pk_random(&script);
        cr_assert_eq(hf_dh_generate(&fermat_group, &scripted, exponent, value), HF_CRYPTO_OK);
        cr_assert_eq(exponent_bits, 512);
    }
    ltc_mp = real;
}

Test(dh, a_broken_random_source_is_reported)
{
    static const uint8_t zero = 0;
    static const uint8_t nothing[HF_DH_EXPONENT_SIZE] = {0};
    pk_script ends = {.ends = true};
    const hf_random sources[] = {pk_random(&ends), pk_constant_random(&zero)};
    for (size_t i = 0; i < 2; i++) {
        uint8_t exponent[HF_DH_EXPONENT_SIZE] = {1};
        uint8_t value[HF_DH_SIZE_MAX];
        cr_assert_eq(hf_dh_generate(hf_dh_named_group(256), &sources[i], exponent, value),
                     HF_CRYPTO_NO_RANDOM);
        cr_assert_arr_eq(exponent, nothing, sizeof exponent);
    }
}

static hf_crypto_result generate_and_exchange(void *context)
{
    static const uint8_t byte = 0x5a;
    const hf_dh_group *group = context;
    uint8_t exponent[HF_DH_EXPONENT_SIZE];
    uint8_t value[HF_DH_SIZE_MAX];
    size_t size;
    hf_random random = pk_constant_random(&byte);
    hf_crypto_result result = hf_dh_generate(group, &random, exponent, value);
    if (result == HF_CRYPTO_OK) {
        result =
            hf_dh_shared_secret(group, exponent, (hf_span){value, group->prime.size}, value, &size);
    }
    return result;
}

Test(dh, each_want_of_memory_is_reported)
{
    hf_dh_group group = *hf_dh_named_group(256);
    pk_fail_each_math_call(generate_and_exchange, &group);
}
