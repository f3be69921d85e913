#include "pk_support.h"

#include <criterion/criterion.h>
#include <string.h>
#include <tomcrypt.h>

TestSuite(ec, .init = pk_init, .timeout = 120);

static const hf_curve curves[] = {HF_CURVE_P256, HF_CURVE_P384, HF_CURVE_P521};
enum { CURVE_COUNT = sizeof curves / sizeof curves[0] };

/* Orders of the curves (FIPS 186-4 D.1.2.3 to D.1.2.5), to full length. */
static const char *const orders[] = {
    "",
    "ffffffff00000000ffffffffffffffff"
    "bce6faada7179e84f3b9cac2fc632551",
    "ffffffffffffffffffffffffffffffffffffffffffffffff"
    "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"};

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void read_order(hf_curve curve, uint8_t *out)
{
    for (size_t i = 0; i < hf_ec_field_size(curve); i++) {
        const char *digits = orders[curve] + 2 * i;
        out[i] = (uint8_t)(digit(digits[0]) << 4 | digit(digits[1]));
    }
}

/* number + difference, big-endian, for a difference that carries no further than one byte */
static void change_last(uint8_t *number, hf_curve curve, int difference)
{
    uint8_t *last = number + hf_ec_field_size(curve) - 1;
    *last = (uint8_t)(*last + difference);
}

static hf_span key_pair(hf_curve curve, uint8_t *scalar, uint8_t *point)
{
    hf_random random = pk_system_random();
    cr_assert_eq(hf_ec_generate(curve, &random, scalar, point), HF_CRYPTO_OK);
    return (hf_span){point, hf_ec_point_size(curve)};
}

Test(ec, sizes_are_those_of_sec1)
{
    cr_assert_eq(hf_ec_field_size(HF_CURVE_P256), 32);
    cr_assert_eq(hf_ec_field_size(HF_CURVE_P384), 48);
    cr_assert_eq(hf_ec_field_size(HF_CURVE_P521), 66);
    cr_assert_eq(hf_ec_field_size(HF_CURVE_NONE), 0);
    cr_assert_eq(hf_ec_point_size(HF_CURVE_P256), 65);
    cr_assert_eq(hf_ec_point_size(HF_CURVE_P384), 97);
    cr_assert_eq(hf_ec_point_size(HF_CURVE_P521), HF_EC_POINT_MAX);
    cr_assert_eq(hf_ec_point_size(HF_CURVE_NONE), 0);
}

static void check_shared_secret(vectors *v)
{
    uint8_t secret[HF_EC_SCALAR_MAX];
    hf_curve curve = pk_curve(vectors_text(v, "curve"));
    hf_span public = vectors_bytes(v, "public");
    hf_span private = vectors_bytes(v, "private");
    bool valid = strcmp(vectors_text(v, "result"), "valid") == 0;
    cr_assert_eq(private.size, hf_ec_field_size(curve), "%s", vectors_where(v));

    hf_crypto_result result = hf_ec_shared_secret(curve, private.data, public, secret);
    cr_expect_eq(result, valid ? HF_CRYPTO_OK : HF_CRYPTO_BAD_POINT, "%s: result %d",
                 vectors_where(v), (int)result);
    cr_expect_eq(hf_ec_check_point(curve, public), valid ? HF_CRYPTO_OK : HF_CRYPTO_BAD_POINT);
    if (valid && result == HF_CRYPTO_OK) {
        hf_span shared = vectors_bytes(v, "shared");
        cr_assert_eq(shared.size, hf_ec_field_size(curve), "%s", vectors_where(v));
        cr_expect_arr_eq(secret, shared.data, shared.size, "%s", vectors_where(v));
    }
}

/* Both ways from scalar to point: with the scalar given, and drawn (FIPS 186-4 B.4.2). */
static void check_key_pair(vectors *v)
{
    uint8_t scalar[HF_EC_SCALAR_MAX];
    uint8_t point[HF_EC_POINT_MAX];
    hf_curve curve = pk_curve(vectors_text(v, "curve"));
    hf_span public = vectors_bytes(v, "public");
    hf_span private = vectors_bytes(v, "private");
    cr_assert_eq(public.size, hf_ec_point_size(curve));
    cr_assert_eq(private.size, hf_ec_field_size(curve));

    cr_expect_eq(hf_ec_public(curve, private.data, point), HF_CRYPTO_OK);
    cr_expect_arr_eq(point, public.data, public.size, "%s", vectors_where(v));

    pk_script script = {.bytes = private, .ends = true};
    hf_random random = pk_random(&script);
    memset(point, 0, sizeof point);
    cr_expect_eq(hf_ec_generate(curve, &random, scalar, point), HF_CRYPTO_OK);
    cr_expect_arr_eq(point, public.data, public.size, "%s", vectors_where(v));
    cr_expect_arr_eq(scalar, private.data, private.size, "%s", vectors_where(v));
}

Test(ec, published_vectors)
{
    vectors v;
    size_t secrets = 0;
    size_t pairs = 0;
    size_t points = 0;
    vectors_open(&v, "ecdh.txt");
    while (vectors_next(&v)) {
        if (strcmp(vectors_section(&v), "shared secret") == 0) {
            check_shared_secret(&v);
            secrets++;
        } else if (strcmp(vectors_section(&v), "key pair") == 0) {
            check_key_pair(&v);
            pairs++;
        } else {
            bool valid = strcmp(vectors_text(&v, "result"), "valid") == 0;
            hf_curve curve = pk_curve(vectors_text(&v, "curve"));
            cr_expect_eq(hf_ec_check_point(curve, vectors_bytes(&v, "public")),
                         valid ? HF_CRYPTO_OK : HF_CRYPTO_BAD_POINT, "%s", vectors_where(&v));
            points++;
        }
    }
    vectors_close(&v);
    cr_assert(secrets > 0 && pairs > 0 && points > 0);
}

Test(ec, both_sides_share_one_secret)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        uint8_t scalars[2][HF_EC_SCALAR_MAX];
        uint8_t points[2][HF_EC_POINT_MAX];
        uint8_t secrets[2][HF_EC_SCALAR_MAX];
        hf_span a = key_pair(*curve, scalars[0], points[0]);
        hf_span b = key_pair(*curve, scalars[1], points[1]);
        cr_assert_neq(memcmp(points[0], points[1], a.size), 0);
        cr_assert_eq(hf_ec_shared_secret(*curve, scalars[0], b, secrets[0]), HF_CRYPTO_OK);
        cr_assert_eq(hf_ec_shared_secret(*curve, scalars[1], a, secrets[1]), HF_CRYPTO_OK);
        cr_assert_arr_eq(secrets[0], secrets[1], hf_ec_field_size(*curve));
    }
}

/* SEC 1 2.3.4 and RFC 8422 5.1.1: only the uncompressed form. */
Test(ec, other_point_forms_are_refused)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        uint8_t scalar[HF_EC_SCALAR_MAX];
        uint8_t point[HF_EC_POINT_MAX];
        hf_span whole = key_pair(*curve, scalar, point);
        cr_assert_eq(hf_ec_check_point(*curve, whole), HF_CRYPTO_OK);
        for (unsigned prefix = 0; prefix < 256; prefix++) {
            point[0] = (uint8_t)prefix;
            cr_assert_eq(hf_ec_check_point(*curve, whole),
                         prefix == 4 ? HF_CRYPTO_OK : HF_CRYPTO_BAD_POINT, "prefix %u", prefix);
        }
    }
}

Test(ec, other_lengths_are_refused)
{
    uint8_t bytes[HF_EC_POINT_MAX + 1] = {0};
    uint8_t scalar[HF_EC_SCALAR_MAX];
    uint8_t secret[HF_EC_SCALAR_MAX];
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        size_t size = key_pair(*curve, scalar, bytes).size;
        for (size_t other = 0; other <= sizeof bytes; other++) {
            hf_span point = {bytes, other};
            hf_crypto_result expected = other == size ? HF_CRYPTO_OK : HF_CRYPTO_BAD_POINT;
            cr_assert_eq(hf_ec_check_point(*curve, point), expected);
            cr_assert_eq(hf_ec_shared_secret(*curve, scalar, point, secret), expected);
        }
        cr_assert_eq(hf_ec_check_point(*curve, (hf_span){NULL, 0}), HF_CRYPTO_BAD_POINT);
    }
}

Test(ec, points_off_the_curve_are_refused)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        uint8_t scalar[HF_EC_SCALAR_MAX];
        uint8_t secret[HF_EC_SCALAR_MAX];
        uint8_t point[HF_EC_POINT_MAX];
        hf_span whole = key_pair(*curve, scalar, point);
        for (size_t bit = 8; bit < 8 * whole.size; bit += 3) {
            point[bit / 8] ^= (uint8_t)(1 << bit % 8);
            cr_assert_eq(hf_ec_check_point(*curve, whole), HF_CRYPTO_BAD_POINT, "bit %zu", bit);
            cr_assert_eq(hf_ec_shared_secret(*curve, scalar, whole, secret), HF_CRYPTO_BAD_POINT);
            point[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        memset(point + 1, 0, whole.size - 1);
        cr_assert_eq(hf_ec_check_point(*curve, whole), HF_CRYPTO_BAD_POINT, "(0, 0)");
    }
}

Test(ec, scalars_out_of_range_are_refused)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        uint8_t good[HF_EC_SCALAR_MAX];
        uint8_t scalar[HF_EC_SCALAR_MAX] = {0};
        uint8_t secret[HF_EC_SCALAR_MAX];
        uint8_t point[HF_EC_POINT_MAX];
        uint8_t unused[HF_EC_POINT_MAX];
        hf_span peer = key_pair(*curve, good, point);

        cr_assert_eq(hf_ec_public(*curve, scalar, unused), HF_CRYPTO_BAD_KEY, "0");
        cr_assert_eq(hf_ec_shared_secret(*curve, scalar, peer, secret), HF_CRYPTO_BAD_KEY);
        read_order(*curve, scalar);
        cr_assert_eq(hf_ec_public(*curve, scalar, unused), HF_CRYPTO_BAD_KEY, "n");
        cr_assert_eq(hf_ec_shared_secret(*curve, scalar, peer, secret), HF_CRYPTO_BAD_KEY);
        change_last(scalar, *curve, 1);
        cr_assert_eq(hf_ec_public(*curve, scalar, unused), HF_CRYPTO_BAD_KEY, "n + 1");
        memset(scalar, 0xff, sizeof scalar);
        cr_assert_eq(hf_ec_public(*curve, scalar, unused), HF_CRYPTO_BAD_KEY);
    }
}

/* 1, n-1 (whose point is -G: the same x) and n-2 are the ends of the range, where a ladder meets
 * infinity if it is made longer without care. n-2 gives -2G, so 2 gives its x. */
Test(ec, the_ends_of_the_scalar_range_work)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        size_t size = hf_ec_field_size(*curve);
        for (int small = 1; small <= 5; small++) {
            uint8_t scalar[HF_EC_SCALAR_MAX] = {0};
            uint8_t low[HF_EC_POINT_MAX];
            uint8_t high[HF_EC_POINT_MAX];
            change_last(scalar, *curve, small);
            cr_assert_eq(hf_ec_public(*curve, scalar, low), HF_CRYPTO_OK);
            cr_assert_eq(hf_ec_check_point(*curve, (hf_span){low, 1 + 2 * size}), HF_CRYPTO_OK);
            read_order(*curve, scalar);
            change_last(scalar, *curve, -small);
            cr_assert_eq(hf_ec_public(*curve, scalar, high), HF_CRYPTO_OK);
            cr_assert_eq(hf_ec_check_point(*curve, (hf_span){high, 1 + 2 * size}), HF_CRYPTO_OK);
            cr_assert_arr_eq(low, high, 1 + size, "n - %d", small);
            cr_assert_neq(memcmp(low + 1 + size, high + 1 + size, size), 0);
        }
    }
}

static ltc_math_descriptor real;
static long doublings;

static int counting_double(ecc_point *point, ecc_point *out, void *modulus, void *mp)
{
    doublings++;
    return real.ecc_ptdbl(point, out, modulus, mp);
}

/* Where n leaves its top digit partly empty, a scalar that leaves it wholly empty must not be
 * told by the number of rounds; where n fills it, that happens once in 2^(digit) times. */
Test(ec, short_scalars_take_as_many_rounds_as_long_ones)
{
    static const int order_bits[] = {0, 256, 384, 521};
    real = ltc_mp;
    ltc_mp.ecc_ptdbl = counting_double;
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        uint8_t scalar[HF_EC_SCALAR_MAX] = {0};
        uint8_t point[HF_EC_POINT_MAX];
        long rounds[2];
        size_t last = hf_ec_field_size(*curve) - 1;
        for (size_t i = 0; i < 2; i++) {
            doublings = 0;
            scalar[last] = (uint8_t)(i == 0 ? 1 : 0x77);
            scalar[1] = (uint8_t)(i == 0 ? 0 : 0x77);
            scalar[0] = (uint8_t)(i == 0 || last == 65 ? 0 : 0x77);
            cr_assert_eq(hf_ec_public(*curve, scalar, point), HF_CRYPTO_OK);
            rounds[i] = doublings;
        }
        cr_assert_geq(rounds[1], order_bits[*curve]);
        if (order_bits[*curve] % ltc_mp.bits_per_digit != 0) {
            cr_assert_eq(rounds[0], rounds[1]);
        }
    }
    ltc_mp = real;
}

/* FIPS 186-4 B.4.2: a candidate out of range is thrown away, and bits above n do not count. */
Test(ec, generation_tests_candidates)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        size_t size = hf_ec_field_size(*curve);
        uint8_t bytes[3 * HF_EC_SCALAR_MAX] = {0};
        uint8_t scalar[HF_EC_SCALAR_MAX];
        uint8_t point[HF_EC_POINT_MAX];
        uint8_t expected[HF_EC_POINT_MAX];
        read_order(*curve, bytes + size);
        memset(bytes + 2 * size, 0x5a, size);
        pk_script script = {.bytes = {bytes, 3 * size}, .ends = true};
        hf_random random = pk_random(&script);
        cr_assert_eq(hf_ec_generate(*curve, &random, scalar, point), HF_CRYPTO_OK);
        cr_assert_eq(script.calls, 3);
        bytes[2 * size] &= *curve == HF_CURVE_P521 ? 0x01 : 0xff;
        cr_assert_arr_eq(scalar, bytes + 2 * size, size);
        cr_assert_eq(hf_ec_public(*curve, scalar, expected), HF_CRYPTO_OK);
        cr_assert_arr_eq(point, expected, hf_ec_point_size(*curve));
    }
}

Test(ec, a_broken_random_source_ends_generation)
{
    static const uint8_t zero = 0x00;
    static const uint8_t ones = 0xff;
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        uint8_t scalar[HF_EC_SCALAR_MAX];
        uint8_t point[HF_EC_POINT_MAX];
        pk_script nothing = {.ends = true};
        const hf_random sources[] = {pk_random(&nothing), pk_constant_random(&zero),
                                     pk_constant_random(&ones)};
        for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
            cr_assert_eq(hf_ec_generate(*curve, &sources[i], scalar, point), HF_CRYPTO_NO_RANDOM);
        }
        cr_assert_eq(nothing.calls, 1);
    }
}

Test(ec, no_curve_is_a_bad_key)
{
    uint8_t scalar[HF_EC_SCALAR_MAX] = {1};
    uint8_t point[HF_EC_POINT_MAX] = {4};
    hf_random random = pk_system_random();
    hf_span span = {point, sizeof point};
    cr_assert_eq(hf_ec_check_point(HF_CURVE_NONE, span), HF_CRYPTO_BAD_KEY);
    cr_assert_eq(hf_ec_generate(HF_CURVE_NONE, &random, scalar, point), HF_CRYPTO_BAD_KEY);
    cr_assert_eq(hf_ec_public(HF_CURVE_NONE, scalar, point), HF_CRYPTO_BAD_KEY);
    cr_assert_eq(hf_ec_shared_secret(HF_CURVE_NONE, scalar, span, scalar), HF_CRYPTO_BAD_KEY);
}

static hf_crypto_result generate_and_agree(void *context)
{
    uint8_t scalar[HF_EC_SCALAR_MAX];
    uint8_t point[HF_EC_POINT_MAX];
    uint8_t secret[HF_EC_SCALAR_MAX];
    static const uint8_t byte = 0x5a;
    hf_curve curve = *(hf_curve *)context;
    hf_random random = pk_constant_random(&byte);
    hf_crypto_result result = hf_ec_generate(curve, &random, scalar, point);
    if (result == HF_CRYPTO_OK) {
        result =
            hf_ec_shared_secret(curve, scalar, (hf_span){point, hf_ec_point_size(curve)}, secret);
    }
    return result;
}

Test(ec, each_want_of_memory_is_reported)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        hf_curve copy = *curve;
        pk_fail_each_math_call(generate_and_agree, &copy);
    }
}
