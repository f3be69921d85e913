#include "pk_support.h"

#include "crypto_glue/ecdsa_der.h"

#include <criterion/criterion.h>
#include <string.h>
#include <tomcrypt.h>

TestSuite(ecdsa, .init = pk_init, .timeout = 120);

static const hf_curve curves[] = {HF_CURVE_P256, HF_CURVE_P384, HF_CURVE_P521};
enum { CURVE_COUNT = sizeof curves / sizeof curves[0] };

typedef struct signer {
    hf_curve curve;
    uint8_t scalar[HF_EC_SCALAR_MAX];
    uint8_t point_bytes[HF_EC_POINT_MAX];
    hf_span point;
    hf_span digest;
    uint8_t signature[HF_ECDSA_SIGNATURE_MAX];
    size_t size;
} signer;

/* A fresh key and its signature of a digest of SHA-256. */
static void sign(signer *s, hf_curve curve)
{
    static const uint8_t digest[32] = {0x80, 1, 2, 3};
    hf_random random = pk_system_random();
    s->curve = curve;
    s->digest = (hf_span){digest, sizeof digest};
    cr_assert_eq(hf_ec_generate(curve, &random, s->scalar, s->point_bytes), HF_CRYPTO_OK);
    s->point = (hf_span){s->point_bytes, hf_ec_point_size(curve)};
    cr_assert_eq(hf_ecdsa_sign(curve, s->scalar, &random, s->digest, s->signature, &s->size),
                 HF_CRYPTO_OK);
}

static hf_crypto_result verify(const signer *s, const uint8_t *signature, size_t size)
{
    return hf_ecdsa_verify(s->curve, s->point, s->digest, (hf_span){signature, size});
}

static void check_verification(vectors *v)
{
    hf_curve curve = pk_curve(vectors_text(v, "curve"));
    hf_hash_id hash = pk_hash(vectors_text(v, "hash"));
    bool valid = strcmp(vectors_text(v, "result"), "valid") == 0;
    hf_span digest = pk_digest(hash, vectors_bytes(v, "message"));
    hf_crypto_result result =
        hf_ecdsa_verify(curve, vectors_bytes(v, "public"), digest, vectors_bytes(v, "signature"));
    cr_expect_eq(result, valid ? HF_CRYPTO_OK : HF_CRYPTO_BAD_SIGNATURE, "%s (%s): result %d",
                 vectors_where(v), vectors_text(v, "comment"), (int)result);
}

/* The nonce is the first thing that is drawn. */
static void check_signing(vectors *v)
{
    uint8_t signature[HF_ECDSA_SIGNATURE_MAX];
    uint8_t r_and_s[2 * HF_EC_SCALAR_MAX];
    size_t size = 0;
    hf_curve curve = pk_curve(vectors_text(v, "curve"));
    size_t field = hf_ec_field_size(curve);
    hf_span digest = pk_digest(pk_hash(vectors_text(v, "hash")), vectors_bytes(v, "message"));
    pk_script script = {.bytes = vectors_bytes(v, "nonce")};
    hf_random random = pk_random(&script);
    cr_assert_eq(
        hf_ecdsa_sign(curve, vectors_bytes(v, "private").data, &random, digest, signature, &size),
        HF_CRYPTO_OK);
    cr_assert(hf_ecdsa_der_read((hf_span){signature, size}, field, r_and_s));
    cr_expect_arr_eq(r_and_s, vectors_bytes(v, "r").data, field, "%s", vectors_where(v));
    cr_expect_arr_eq(r_and_s + field, vectors_bytes(v, "s").data, field, "%s", vectors_where(v));
}

static void check_published_vectors(void)
{
    vectors v;
    size_t verified = 0;
    size_t signed_ = 0;
    vectors_open(&v, "ecdsa.txt");
    while (vectors_next(&v)) {
        if (strcmp(vectors_section(&v), "verify") == 0) {
            check_verification(&v);
            verified++;
        } else {
            check_signing(&v);
            signed_++;
        }
    }
    vectors_close(&v);
    cr_assert(verified > 0 && signed_ > 0);
}

Test(ecdsa, published_vectors)
{
    check_published_vectors();
}

/* A libtomcrypt without LTC_ECC_SHAMIR, as on a device: ec_sum.c adds up by itself. */
Test(ecdsa, published_vectors_without_the_table)
{
    ltc_mp.ecc_mul2add = NULL;
    check_published_vectors();
}

static ltc_math_descriptor provider;
static size_t products;

static int counting_product(void *k, ecc_point *in, ecc_point *out, void *modulus, int map)
{
    products++;
    return provider.ecc_ptmul(k, in, out, modulus, map);
}

/* What is refused is computed once more as two products: only what they are called for tells
 * whether the sum was right. */
static void check_sums(void)
{
    enum { SIGNATURES = 20 };
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        for (int i = 0; i < SIGNATURES; i++) {
            signer s;
            sign(&s, *curve);
            provider = ltc_mp;
            ltc_mp.ecc_ptmul = counting_product;
            products = 0;
            cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_OK);
            cr_assert_eq(products, 0, "curve %d", (int)*curve);
            s.digest.size--;
            cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_BAD_SIGNATURE);
            cr_assert_eq(products, 2);
            ltc_mp = provider;
        }
    }
}

Test(ecdsa, good_signatures_need_no_second_look)
{
    check_sums();
}

Test(ecdsa, good_signatures_need_no_second_look_without_the_table)
{
    ltc_mp.ecc_mul2add = NULL;
    check_sums();
}

Test(ecdsa, digests_of_each_length_are_signed)
{
    static const size_t sizes[] = {1, 16, 20, 28, 32, 48, 64};
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        signer s;
        sign(&s, *curve);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            uint8_t bytes[HF_HASH_SIZE_MAX];
            hf_random random = pk_system_random();
            memset(bytes, 0xa5, sizeof bytes);
            s.digest = (hf_span){bytes, sizes[i]};
            cr_assert_eq(hf_ecdsa_sign(*curve, s.scalar, &random, s.digest, s.signature, &s.size),
                         HF_CRYPTO_OK);
            cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_OK);
            bytes[0] ^= 1;
            cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_BAD_SIGNATURE);
        }
    }
}

Test(ecdsa, digests_of_no_hash_are_refused)
{
    signer s;
    uint8_t bytes[HF_HASH_SIZE_MAX + 1] = {0};
    const hf_span digests[] = {{NULL, 0}, {bytes, sizeof bytes}};
    hf_random random = pk_system_random();
    sign(&s, HF_CURVE_P256);
    for (size_t i = 0; i < 2; i++) {
        size_t size;
        uint8_t signature[HF_ECDSA_SIGNATURE_MAX];
        cr_assert_eq(hf_ecdsa_sign(s.curve, s.scalar, &random, digests[i], signature, &size),
                     HF_CRYPTO_FAILED);
        cr_assert_eq(hf_ecdsa_verify(s.curve, s.point, digests[i], (hf_span){s.signature, s.size}),
                     HF_CRYPTO_BAD_SIGNATURE);
    }
}

Test(ecdsa, two_signatures_differ)
{
    signer s;
    uint8_t again[HF_ECDSA_SIGNATURE_MAX];
    size_t size;
    hf_random random = pk_system_random();
    sign(&s, HF_CURVE_P384);
    cr_assert_eq(hf_ecdsa_sign(s.curve, s.scalar, &random, s.digest, again, &size), HF_CRYPTO_OK);
    cr_assert_neq(memcmp(again, s.signature, 40), 0);
}

Test(ecdsa, each_flipped_bit_is_noticed)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        signer s;
        sign(&s, *curve);
        for (size_t bit = 0; bit < 8 * s.size; bit += bit < 64 ? 1 : 7) {
            s.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
            cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_BAD_SIGNATURE, "bit %zu", bit);
            s.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_OK);
    }
}

Test(ecdsa, each_other_length_is_noticed)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        signer s;
        uint8_t longer[HF_ECDSA_SIGNATURE_MAX + 1] = {0};
        sign(&s, *curve);
        memcpy(longer, s.signature, s.size);
        for (size_t size = 0; size < s.size; size++) {
            cr_assert_eq(verify(&s, longer, size), HF_CRYPTO_BAD_SIGNATURE);
        }
        cr_assert_eq(verify(&s, longer, s.size + 1), HF_CRYPTO_BAD_SIGNATURE);
        cr_assert_eq(verify(&s, NULL, 0), HF_CRYPTO_BAD_SIGNATURE);
    }
}

/* A peer's key that is no point is found before anything is computed with it. */
Test(ecdsa, the_public_point_is_checked)
{
    signer s;
    sign(&s, HF_CURVE_P256);
    s.point_bytes[64] ^= 1;
    cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_BAD_POINT);
    s.point_bytes[64] ^= 1;
    s.point_bytes[0] = 0x06;
    cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_BAD_POINT);
    s.point = (hf_span){NULL, 0};
    cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_BAD_POINT);
    s.curve = HF_CURVE_NONE;
    cr_assert_eq(verify(&s, s.signature, s.size), HF_CRYPTO_BAD_KEY);
}

/* r + n and s + n are the same numbers mod n. P-521's n leaves bits free for them in full-length
 * encodings; on the other curves r + n is too long for the curve. */
Test(ecdsa, numbers_from_n_on_are_refused)
{
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                      0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    signer s;
    uint8_t good[64];
    uint8_t bad[64];
    uint8_t der[HF_ECDSA_SIGNATURE_MAX];
    sign(&s, HF_CURVE_P256);
    cr_assert(hf_ecdsa_der_read((hf_span){s.signature, s.size}, 32, good));
    for (size_t half = 0; half < 64; half += 32) {
        memcpy(bad, good, sizeof bad);
        memset(bad + half, 0, 32);
        cr_assert_eq(verify(&s, der, hf_ecdsa_der_write(bad, 32, der)), HF_CRYPTO_BAD_SIGNATURE);
        memcpy(bad + half, order, 32);
        cr_assert_eq(verify(&s, der, hf_ecdsa_der_write(bad, 32, der)), HF_CRYPTO_BAD_SIGNATURE);
        memset(bad + half, 0xff, 32);
        cr_assert_eq(verify(&s, der, hf_ecdsa_der_write(bad, 32, der)), HF_CRYPTO_BAD_SIGNATURE);
    }
    cr_assert_eq(verify(&s, der, hf_ecdsa_der_write(good, 32, der)), HF_CRYPTO_OK);
}

/* What X.690 8.3 and 10.1 leave of the ways to write two small numbers: the first one. */
Test(ecdsa, only_der_is_read)
{
    static const struct {
        size_t size;
        uint8_t bytes[16];
        bool good;
    } cases[] = {
        {8, {0x30, 6, 2, 1, 1, 2, 1, 0x7f}, true},
        {9, {0x30, 7, 2, 1, 1, 2, 2, 0, 0x80}, true},
        {8, {0x30, 6, 2, 1, 0, 2, 1, 0}, true},            /* zero is a number; n decides */
        {8, {0x31, 6, 2, 1, 1, 2, 1, 1}, false},           /* SET */
        {8, {0x30, 6, 3, 1, 1, 2, 1, 1}, false},           /* BIT STRING */
        {8, {0x30, 6, 2, 1, 1, 0x22, 1, 1}, false},        /* constructed */
        {8, {0x30, 6, 2, 1, 0x80, 2, 1, 1}, false},        /* negative */
        {8, {0x30, 6, 2, 1, 1, 2, 1, 0xff}, false},        /* negative */
        {9, {0x30, 7, 2, 2, 0, 1, 2, 1, 1}, false},        /* a zero in front */
        {9, {0x30, 7, 2, 1, 1, 2, 2, 0, 0x7f}, false},     /* a zero in front */
        {10, {0x30, 8, 2, 1, 1, 2, 3, 0, 0, 0x80}, false}, /* two zeros in front */
        {7, {0x30, 5, 2, 0, 2, 1, 1}, false},              /* no number */
        {9, {0x30, 0x81, 6, 2, 1, 1, 2, 1, 1}, false},     /* a long length */
        {9, {0x30, 7, 2, 0x81, 1, 1, 2, 1, 1}, false},     /* a long length */
        {10, {0x30, 0x82, 0, 6, 2, 1, 1, 2, 1, 1}, false},
        {10, {0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0}, false}, /* indefinite */
        {9, {0x30, 6, 2, 1, 1, 2, 1, 1, 0}, false},        /* bytes after the sequence */
        {9, {0x30, 7, 2, 1, 1, 2, 1, 1, 0}, false},        /* bytes after s */
        {10, {0x30, 8, 2, 1, 1, 2, 1, 1, 5, 0}, false},    /* a third element */
        {5, {0x30, 3, 2, 1, 1}, false},                    /* one number only */
        {8, {0x30, 5, 2, 1, 1, 2, 1, 1}, false},
        {8, {0x30, 7, 2, 1, 1, 2, 1, 1}, false},
        {8, {0x30, 6, 2, 2, 1, 2, 1, 1}, false},
        {2, {0x30, 0}, false},
        {2, {0x30, 0x81}, false},
        {1, {0x30}, false},
    };
    uint8_t numbers[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_span der = {cases[i].bytes, cases[i].size};
        cr_expect_eq(hf_ecdsa_der_read(der, 32, numbers), cases[i].good, "case %zu", i);
    }
}

/* A number may be as long as n, with one byte for its sign, and no longer. */
Test(ecdsa, numbers_longer_than_the_curve_are_refused)
{
    uint8_t der[2 + 2 + 33 + 3] = {0x30, 2 + 33 + 3, 2, 33, 0x00};
    uint8_t numbers[64];
    memset(der + 5, 0xee, 32);
    memcpy(der + 37, (const uint8_t[]){2, 1, 9}, 3);
    cr_assert(hf_ecdsa_der_read((hf_span){der, sizeof der}, 32, numbers));
    cr_assert_eq(numbers[0], 0xee);
    cr_assert_eq(numbers[62], 0);
    cr_assert_eq(numbers[63], 9);
    der[4] = 0x01;
    cr_assert_not(hf_ecdsa_der_read((hf_span){der, sizeof der}, 32, numbers));
}

/* Each combination of lengths that P-521 can have, through both forms of the length. */
Test(ecdsa, what_is_written_is_read_again)
{
    uint8_t numbers[2 * HF_EC_SCALAR_MAX];
    uint8_t again[2 * HF_EC_SCALAR_MAX];
    uint8_t der[HF_ECDSA_SIGNATURE_MAX];
    for (size_t r = 0; r <= 65; r++) {
        for (size_t s = 0; s <= 65; s++) {
            memset(numbers, 0, sizeof numbers);
            memset(numbers + 66 - r, r % 2 ? 0x80 : 0x7f, r);
            memset(numbers + 132 - s, s % 3 ? 0xff : 0x01, s);
            size_t size = hf_ecdsa_der_write(numbers, 66, der);
            cr_assert_leq(size, HF_ECDSA_SIGNATURE_MAX);
            cr_assert(hf_ecdsa_der_read((hf_span){der, size}, 66, again));
            cr_assert_arr_eq(again, numbers, sizeof numbers);
        }
    }
}

Test(ecdsa, a_broken_random_source_ends_signing)
{
    static const uint8_t zero = 0x00;
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        signer s = {0};
        uint8_t bytes[HF_EC_SCALAR_MAX] = {0};
        sign(&s, *curve);
        bytes[hf_ec_field_size(*curve) - 1] = 1;
        pk_script nothing = {.ends = true};
        pk_script nonce_only = {.bytes = {bytes, hf_ec_field_size(*curve)}, .ends = true};
        const hf_random sources[] = {pk_random(&nothing), pk_random(&nonce_only),
                                     pk_constant_random(&zero)};
        for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
            uint8_t before[HF_ECDSA_SIGNATURE_MAX];
            memcpy(before, s.signature, sizeof before);
            cr_assert_eq(
                hf_ecdsa_sign(*curve, s.scalar, &sources[i], s.digest, s.signature, &s.size),
                HF_CRYPTO_NO_RANDOM);
            cr_assert_arr_eq(s.signature, before, sizeof before);
        }
    }
}

Test(ecdsa, private_keys_out_of_range_are_refused)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        signer s;
        hf_random random = pk_system_random();
        sign(&s, *curve);
        memset(s.scalar, 0, sizeof s.scalar);
        cr_assert_eq(hf_ecdsa_sign(*curve, s.scalar, &random, s.digest, s.signature, &s.size),
                     HF_CRYPTO_BAD_KEY);
        memset(s.scalar, 0xff, sizeof s.scalar);
        cr_assert_eq(hf_ecdsa_sign(*curve, s.scalar, &random, s.digest, s.signature, &s.size),
                     HF_CRYPTO_BAD_KEY);
        cr_assert_eq(
            hf_ecdsa_sign(HF_CURVE_NONE, s.scalar, &random, s.digest, s.signature, &s.size),
            HF_CRYPTO_BAD_KEY);
    }
}

static hf_crypto_result sign_again(void *context)
{
    static const uint8_t byte = 0x5a;
    signer *s = context;
    hf_random random = pk_constant_random(&byte);
    return hf_ecdsa_sign(s->curve, s->scalar, &random, s->digest, s->signature, &s->size);
}

static hf_crypto_result verify_again(void *context)
{
    signer *s = context;
    return verify(s, s->signature, s->size);
}

Test(ecdsa, each_want_of_memory_is_reported)
{
    for (const hf_curve *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        signer s;
        sign(&s, *curve);
        pk_fail_each_math_call(sign_again, &s);
        pk_fail_each_math_call(verify_again, &s);
        int (*by_table)(ecc_point *, void *, ecc_point *, void *, ecc_point *, void *) =
            ltc_mp.ecc_mul2add;
        ltc_mp.ecc_mul2add = NULL;
        pk_fail_each_math_call(verify_again, &s);
        ltc_mp.ecc_mul2add = by_table;
    }
}
