#include "pk_support.h"

#include "crypto_glue/ecdsa_der.h"

#include <criterion/criterion.h>
#include <string.h>
#include <tomcrypt.h>

TestSuite(dsa, .init = pk_init, .timeout = 120);

#define Q_SIZE_MAX 32

static const uint8_t some_digest[32] = {0x80, 1, 2, 3};

/* ---------------------------------------------------------------- published vectors */

static bool is_valid(vectors *v)
{
    return strcmp(vectors_text(v, "result"), "valid") == 0;
}

static void check_verification(const pk_dsa_key *key, bool key_is_good, vectors *v)
{
    uint8_t der[HF_DSA_SIGNATURE_MAX];
    hf_span digest = pk_digest(pk_hash(vectors_text(v, "hash")), vectors_bytes(v, "message"));
    hf_span signature = {der, 0};
    if (vectors_has(v, "signature")) {
        signature = vectors_bytes(v, "signature");
    } else {
        uint8_t numbers[2 * Q_SIZE_MAX];
        size_t size = key->key.public_key.subprime.size;
        memcpy(numbers, vectors_bytes(v, "r").data, size);
        memcpy(numbers + size, vectors_bytes(v, "s").data, size);
        signature.size = hf_ecdsa_der_write(numbers, size, der);
    }
    hf_crypto_result result = hf_dsa_verify(&key->key.public_key, digest, signature);
    hf_crypto_result expected = is_valid(v) ? HF_CRYPTO_OK : HF_CRYPTO_BAD_SIGNATURE;
    cr_expect_eq(result, key_is_good ? expected : HF_CRYPTO_BAD_KEY, "%s (%s): result %d",
                 vectors_where(v), vectors_text(v, "comment"), (int)result);
}

/* The nonce is the first thing that is drawn. */
static void check_signing(const pk_dsa_key *key, vectors *v)
{
    uint8_t signature[HF_DSA_SIGNATURE_MAX];
    uint8_t numbers[2 * Q_SIZE_MAX];
    size_t size = 0;
    size_t half = key->key.public_key.subprime.size;
    hf_span digest = pk_digest(pk_hash(vectors_text(v, "hash")), vectors_bytes(v, "message"));
    pk_script script = {.bytes = vectors_bytes(v, "nonce")};
    hf_random random = pk_random(&script);
    cr_assert_eq(hf_dsa_sign(&key->key, &random, digest, signature, sizeof signature, &size),
                 HF_CRYPTO_OK);
    cr_assert(hf_ecdsa_der_read((hf_span){signature, size}, half, numbers));
    cr_expect_arr_eq(numbers, vectors_bytes(v, "r").data, half, "%s", vectors_where(v));
    cr_expect_arr_eq(numbers + half, vectors_bytes(v, "s").data, half, "%s", vectors_where(v));
}

/* The public value is the one that belongs to the private key. */
static void check_pair(const pk_dsa_key *key)
{
    uint8_t value[HF_DSA_SIZE_MAX] = {0xee};
    hf_span expected = key->key.public_key.value;
    size_t zeros = key->key.public_key.prime.size - expected.size;
    cr_assert_eq(hf_dsa_public_value(&key->key, value), HF_CRYPTO_OK);
    cr_assert_arr_eq(value + zeros, expected.data, expected.size);
    for (size_t i = 0; i < zeros; i++) {
        cr_assert_eq(value[i], 0);
    }
}

Test(dsa, published_vectors)
{
    vectors v;
    pk_dsa_key key = {.key = {.exponent = {NULL, 0}}};
    bool key_is_good = false;
    size_t keys = 0;
    size_t verified = 0;
    size_t signed_ = 0;
    vectors_open(&v, "dsa.txt");
    while (vectors_next(&v)) {
        if (vectors_has(&v, "prime")) {
            pk_read_dsa(&key, &v);
            keys++;
            key_is_good = !vectors_has(&v, "comment");
            cr_expect_eq(hf_dsa_check_public(&key.key.public_key),
                         key_is_good ? HF_CRYPTO_OK : HF_CRYPTO_BAD_KEY, "%s", vectors_where(&v));
            if (key.key.exponent.size > 0) {
                check_pair(&key);
            }
        } else if (strcmp(vectors_section(&v), "sign") == 0) {
            check_signing(&key, &v);
            signed_++;
        } else {
            check_verification(&key, key_is_good, &v);
            verified++;
        }
    }
    vectors_close(&v);
    cr_assert(keys > 0 && verified > 0 && signed_ > 0);
}

/* ---------------------------------------------------------------- signatures */

/* The first published key of each length, in the order of the file. */
typedef struct signer {
    pk_dsa_key key;
    hf_span digest;
    uint8_t signature[HF_DSA_SIGNATURE_MAX];
    size_t size;
} signer;
enum { KEY_COUNT = 4 };
static const struct {
    size_t prime_bits;
    size_t subprime_size;
} lengths[KEY_COUNT] = {{1024, 20}, {2048, 28}, {2048, 32}, {3072, 32}};

static void sign(signer *s)
{
    hf_random random = pk_system_random();
    cr_assert_eq(
        hf_dsa_sign(&s->key.key, &random, s->digest, s->signature, sizeof s->signature, &s->size),
        HF_CRYPTO_OK);
}

/* Reads key number n and signs a digest of SHA-256 with it. */
static void start(signer *s, size_t n)
{
    vectors v;
    hf_dsa_public *key = &s->key.key.public_key;
    vectors_open(&v, "dsa.txt");
    do {
        do {
            cr_assert(vectors_next(&v));
        } while (!vectors_has(&v, "private"));
        pk_read_dsa(&s->key, &v);
    } while (hf_dsa_bits(key) != lengths[n].prime_bits ||
             key->subprime.size != lengths[n].subprime_size);
    vectors_close(&v);
    s->digest = (hf_span){some_digest, sizeof some_digest};
    memset(s->signature, 0, sizeof s->signature);
    sign(s);
}

static hf_crypto_result verify(const signer *s, const uint8_t *signature, size_t size)
{
    return hf_dsa_verify(&s->key.key.public_key, s->digest, (hf_span){signature, size});
}

static hf_crypto_result verify_own(const signer *s)
{
    return verify(s, s->signature, s->size);
}

/* FIPS 186-4 4.6: of a digest that is longer than q only the first bits count. */
Test(dsa, digests_of_each_length_are_signed)
{
    static const size_t sizes[] = {1, 16, 20, 28, 32, 48, 64};
    for (size_t n = 0; n < KEY_COUNT; n++) {
        signer s;
        start(&s, n);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            uint8_t bytes[HF_HASH_SIZE_MAX];
            memset(bytes, 0xa5, sizeof bytes);
            s.digest = (hf_span){bytes, sizes[i]};
            sign(&s);
            cr_assert_eq(verify_own(&s), HF_CRYPTO_OK);
            for (size_t byte = 0; byte < sizes[i]; byte++) {
                bytes[byte] ^= 1;
                cr_assert_eq(verify_own(&s), byte < lengths[n].subprime_size
                                                 ? HF_CRYPTO_BAD_SIGNATURE
                                                 : HF_CRYPTO_OK);
                bytes[byte] ^= 1;
            }
        }
    }
}

/* e = 0 leaves y^(r/s) alone, and e = 2^N - 1 is above q. */
Test(dsa, digests_at_the_ends_are_signed)
{
    for (size_t n = 0; n < KEY_COUNT; n++) {
        uint8_t bytes[HF_HASH_SIZE_MAX];
        for (int byte = 0; byte <= 0xff; byte += 0xff) {
            signer s;
            start(&s, n);
            memset(bytes, byte, sizeof bytes);
            s.digest = (hf_span){bytes, sizeof bytes};
            sign(&s);
            cr_assert_eq(verify_own(&s), HF_CRYPTO_OK);
        }
    }
}

Test(dsa, digests_of_no_hash_are_refused)
{
    signer s;
    uint8_t bytes[HF_HASH_SIZE_MAX + 1] = {0};
    const hf_span digests[] = {{NULL, 0}, {bytes, sizeof bytes}};
    hf_random random = pk_system_random();
    start(&s, 0);
    for (size_t i = 0; i < 2; i++) {
        size_t size;
        uint8_t signature[HF_DSA_SIGNATURE_MAX];
        cr_assert_eq(
            hf_dsa_sign(&s.key.key, &random, digests[i], signature, sizeof signature, &size),
            HF_CRYPTO_FAILED);
        s.digest = digests[i];
        cr_assert_eq(verify_own(&s), HF_CRYPTO_BAD_SIGNATURE);
    }
}

Test(dsa, two_signatures_differ)
{
    signer s;
    uint8_t before[HF_DSA_SIGNATURE_MAX];
    start(&s, 1);
    memcpy(before, s.signature, sizeof before);
    sign(&s);
    cr_assert_neq(memcmp(s.signature, before, 30), 0);
}

Test(dsa, each_flipped_bit_is_noticed)
{
    for (size_t n = 0; n < KEY_COUNT; n++) {
        signer s;
        start(&s, n);
        for (size_t bit = 0; bit < 8 * s.size; bit += bit < 64 ? 1 : 7) {
            s.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
            cr_assert_eq(verify_own(&s), HF_CRYPTO_BAD_SIGNATURE, "bit %zu", bit);
            s.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        cr_assert_eq(verify_own(&s), HF_CRYPTO_OK);
    }
}

Test(dsa, each_other_length_is_noticed)
{
    signer s;
    uint8_t longer[HF_DSA_SIGNATURE_MAX + 1] = {0};
    start(&s, 0);
    memcpy(longer, s.signature, s.size);
    for (size_t size = 0; size < s.size; size++) {
        cr_assert_eq(verify(&s, longer, size), HF_CRYPTO_BAD_SIGNATURE);
    }
    cr_assert_eq(verify(&s, longer, s.size + 1), HF_CRYPTO_BAD_SIGNATURE);
    cr_assert_eq(verify(&s, NULL, 0), HF_CRYPTO_BAD_SIGNATURE);
}

/* 0 < r, s < q; r + q and s + q would be the same numbers mod q. */
Test(dsa, numbers_out_of_range_are_refused)
{
    for (size_t n = 0; n < KEY_COUNT; n++) {
        signer s;
        uint8_t good[2 * Q_SIZE_MAX];
        uint8_t bad[2 * Q_SIZE_MAX];
        uint8_t der[HF_DSA_SIGNATURE_MAX];
        size_t size = lengths[n].subprime_size;
        start(&s, n);
        cr_assert(hf_ecdsa_der_read((hf_span){s.signature, s.size}, size, good));
        for (size_t half = 0; half < 2 * size; half += size) {
            memcpy(bad, good, sizeof bad);
            memset(bad + half, 0, size);
            cr_assert_eq(verify(&s, der, hf_ecdsa_der_write(bad, size, der)),
                         HF_CRYPTO_BAD_SIGNATURE);
            memcpy(bad + half, s.key.key.public_key.subprime.data, size);
            cr_assert_eq(verify(&s, der, hf_ecdsa_der_write(bad, size, der)),
                         HF_CRYPTO_BAD_SIGNATURE);
            memset(bad + half, 0xff, size);
            cr_assert_eq(verify(&s, der, hf_ecdsa_der_write(bad, size, der)),
                         HF_CRYPTO_BAD_SIGNATURE);
        }
        cr_assert_eq(verify(&s, der, hf_ecdsa_der_write(good, size, der)), HF_CRYPTO_OK);
    }
}

/* Whatever the numbers are, the encoding fits. */
Test(dsa, signatures_have_room)
{
    for (size_t n = 0; n < KEY_COUNT; n++) {
        signer s;
        size_t needed = 2 * lengths[n].subprime_size + 8;
        hf_random random = pk_system_random();
        start(&s, n);
        memset(s.signature, 0xee, sizeof s.signature);
        cr_assert_eq(hf_dsa_sign(&s.key.key, &random, s.digest, s.signature, needed - 1, &s.size),
                     HF_CRYPTO_NO_SPACE);
        cr_assert_eq(s.signature[0], 0xee);
        cr_assert_eq(hf_dsa_sign(&s.key.key, &random, s.digest, s.signature, needed, &s.size),
                     HF_CRYPTO_OK);
        cr_assert_leq(s.size, needed);
        cr_assert_eq(verify_own(&s), HF_CRYPTO_OK);
    }
}

/* ---------------------------------------------------------------- keys */

static void expect_bad_public(const signer *s, const hf_dsa_public *key, const char *what)
{
    cr_expect_eq(hf_dsa_check_public(key), HF_CRYPTO_BAD_KEY, "%s", what);
    cr_expect_eq(hf_dsa_verify(key, s->digest, (hf_span){s->signature, s->size}), HF_CRYPTO_BAD_KEY,
                 "%s", what);
}

Test(dsa, public_keys_are_checked)
{
    static const uint8_t one = 1;
    static const uint8_t zero_two[] = {0, 2};
    static const uint8_t two = 2;
    uint8_t long_prime[HF_DSA_SIZE_MAX + 1] = {[0] = 1, [HF_DSA_SIZE_MAX] = 1};
    uint8_t short_prime[128] = {[0] = 0x7f, [127] = 1};
    uint8_t long_subprime[33] = {[0] = 1, [32] = 1};
    uint8_t short_subprime[20] = {[0] = 0x7f, [19] = 1};
    signer s;
    uint8_t minus_one[HF_DSA_SIZE_MAX];
    uint8_t even_subprime[Q_SIZE_MAX];
    start(&s, 0);
    const hf_dsa_public good = s.key.key.public_key;
    size_t size = good.prime.size;
    memcpy(minus_one, good.prime.data, size);
    minus_one[size - 1] ^= 1;
    memcpy(even_subprime, good.subprime.data, good.subprime.size);
    even_subprime[good.subprime.size - 1] ^= 1;
    const hf_span none = {NULL, 0};
    const hf_span p_minus_one = {minus_one, size};
    const struct {
        const char *what;
        hf_dsa_public key;
    } cases[] = {
        {"no p", {none, good.subprime, good.generator, good.value}},
        {"no q", {good.prime, none, good.generator, good.value}},
        {"no g", {good.prime, good.subprime, none, good.value}},
        {"no y", {good.prime, good.subprime, good.generator, none}},
        {"even p", {p_minus_one, good.subprime, good.generator, good.value}},
        {"p of 3073 bits",
         {{long_prime, sizeof long_prime}, good.subprime, good.generator, good.value}},
        {"p of 1023 bits",
         {{short_prime, sizeof short_prime}, good.subprime, {&two, 1}, {&two, 1}}},
        {"even q", {good.prime, {even_subprime, good.subprime.size}, good.generator, good.value}},
        {"q of 257 bits",
         {good.prime, {long_subprime, sizeof long_subprime}, good.generator, good.value}},
        {"q of 159 bits",
         {good.prime, {short_subprime, sizeof short_subprime}, good.generator, good.value}},
        {"g = 1", {good.prime, good.subprime, {&one, 1}, good.value}},
        {"g = 02", {good.prime, good.subprime, {zero_two, 2}, good.value}},
        {"g = 2, not of order q", {good.prime, good.subprime, {&two, 1}, good.value}},
        {"g = p - 1, not of order q", {good.prime, good.subprime, p_minus_one, good.value}},
        {"g = p", {good.prime, good.subprime, good.prime, good.value}},
        {"y = 1", {good.prime, good.subprime, good.generator, {&one, 1}}},
        {"y = 02", {good.prime, good.subprime, good.generator, {zero_two, 2}}},
        {"y = 2, not of order q", {good.prime, good.subprime, good.generator, {&two, 1}}},
        {"y = p - 1, not of order q", {good.prime, good.subprime, good.generator, p_minus_one}},
        {"y = p", {good.prime, good.subprime, good.generator, good.prime}},
    };
    cr_assert_eq(hf_dsa_check_public(&good), HF_CRYPTO_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_bad_public(&s, &cases[i].key, cases[i].what);
    }
}

Test(dsa, bits_of_a_key)
{
    static const uint8_t number[] = {0, 0, 0x05, 0xff};
    cr_assert_eq(hf_dsa_bits(&(hf_dsa_public){.prime = {number, 4}}), 11);
    cr_assert_eq(hf_dsa_bits(&(hf_dsa_public){.prime = {number, 2}}), 0);
    cr_assert_eq(hf_dsa_bits(&(hf_dsa_public){.prime = {NULL, 0}}), 0);
}

/* 0 < x < q, and nothing longer than q is read at all. */
Test(dsa, private_keys_out_of_range_are_refused)
{
    for (size_t n = 0; n < KEY_COUNT; n++) {
        signer s;
        uint8_t bytes[Q_SIZE_MAX + 1] = {0};
        uint8_t value[HF_DSA_SIZE_MAX];
        hf_random random = pk_system_random();
        start(&s, n);
        hf_span q = s.key.key.public_key.subprime;
        bytes[q.size] = 1;
        const hf_span bad[] = {{NULL, 0}, {bytes, 1}, {bytes, q.size}, q, {bytes, q.size + 1}};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            s.key.key.exponent = bad[i];
            cr_expect_eq(hf_dsa_sign(&s.key.key, &random, s.digest, s.signature, sizeof s.signature,
                                     &s.size),
                         HF_CRYPTO_BAD_KEY, "case %zu", i);
            cr_expect_eq(hf_dsa_public_value(&s.key.key, value), HF_CRYPTO_BAD_KEY, "case %zu", i);
        }
    }
}

/* Domain parameters that would make the time or the sizes of what follows absurd. */
Test(dsa, private_keys_need_plausible_parameters)
{
    static const uint8_t one = 1;
    signer s;
    uint8_t value[HF_DSA_SIZE_MAX];
    hf_random random = pk_system_random();
    start(&s, 0);
    const hf_dsa_private good = s.key.key;
    hf_dsa_private bad[3] = {good, good, good};
    bad[0].public_key.prime = (hf_span){NULL, 0};
    bad[1].public_key.subprime = good.public_key.prime;
    bad[2].public_key.generator = (hf_span){&one, 1};
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(
            hf_dsa_sign(&bad[i], &random, s.digest, s.signature, sizeof s.signature, &s.size),
            HF_CRYPTO_BAD_KEY);
        cr_assert_eq(hf_dsa_public_value(&bad[i], value), HF_CRYPTO_BAD_KEY);
    }
}

/* PKCS #8 keys come without y. */
Test(dsa, signing_needs_no_public_value)
{
    signer s;
    start(&s, 2);
    hf_span value = s.key.key.public_key.value;
    s.key.key.public_key.value = (hf_span){NULL, 0};
    sign(&s);
    s.key.key.public_key.value = value;
    cr_assert_eq(verify_own(&s), HF_CRYPTO_OK);
}

/* ---------------------------------------------------------------- secrets and failures */

static ltc_math_descriptor real;
static int exponent_bits;

static int watching_exptmod(void *a, void *b, void *c, void *d)
{
    exponent_bits = ltc_mp.count_bits(b);
    return real.exptmod(a, b, c, d);
}

/* The bits of the exponent that signs with a nonce of n bytes. */
static int bits_for_nonce(signer *s, size_t n)
{
    enum { MASK_SIZE = 8 };
    uint8_t drawn[2 * Q_SIZE_MAX + MASK_SIZE];
    size_t size = s->key.key.public_key.subprime.size;
    pk_script script = {.bytes = {drawn, 2 * size + MASK_SIZE}, .ends = true};
    hf_random random = pk_random(&script);
    memset(drawn, 0x5a, sizeof drawn);
    memset(drawn, 0, size - n);
    cr_assert_eq(
        hf_dsa_sign(&s->key.key, &random, s->digest, s->signature, sizeof s->signature, &s->size),
        HF_CRYPTO_OK);
    cr_assert_eq(script.bytes.size, 0);
    return exponent_bits;
}

/* A short nonce that a shorter exponentiation tells gives the key away in the end. */
Test(dsa, short_nonces_take_as_long_as_long_ones)
{
    real = ltc_mp;
    ltc_mp.exptmod = watching_exptmod;
    for (size_t n = 0; n < KEY_COUNT; n++) {
        signer s;
        start(&s, n);
        size_t size = lengths[n].subprime_size;
        int expected = bits_for_nonce(&s, size);
        cr_assert_geq(expected, (int)(8 * size) + 63);
        for (size_t bytes = 1; bytes < size; bytes++) {
            cr_assert_eq(bits_for_nonce(&s, bytes), expected, "nonce of %zu bytes", bytes);
            cr_assert_eq(verify_own(&s), HF_CRYPTO_OK);
        }
    }
    ltc_mp = real;
}

Test(dsa, short_private_keys_take_as_long_as_long_ones)
{
    real = ltc_mp;
    ltc_mp.exptmod = watching_exptmod;
    for (size_t n = 0; n < KEY_COUNT; n++) {
        signer s;
        uint8_t x[Q_SIZE_MAX];
        uint8_t value[HF_DSA_SIZE_MAX];
        start(&s, n);
        memset(x, 0x5a, sizeof x);
        for (size_t size = 1; size <= lengths[n].subprime_size; size++) {
            s.key.key.exponent = (hf_span){x, size};
            cr_assert_eq(hf_dsa_public_value(&s.key.key, value), HF_CRYPTO_OK);
            cr_assert_eq(exponent_bits, (int)(8 * lengths[n].subprime_size) + 1);
        }
    }
    ltc_mp = real;
}

Test(dsa, a_broken_random_source_ends_signing)
{
    static const uint8_t zero = 0x00;
    static const uint8_t ones = 0xff;
    for (size_t n = 0; n < KEY_COUNT; n++) {
        signer s;
        uint8_t bytes[2 * Q_SIZE_MAX];
        start(&s, n);
        size_t size = lengths[n].subprime_size;
        memset(bytes, 0x11, sizeof bytes);
        pk_script nothing = {.ends = true};
        pk_script nonce_only = {.bytes = {bytes, size}, .ends = true};
        pk_script no_mask = {.bytes = {bytes, 2 * size}, .ends = true};
        const hf_random sources[] = {pk_random(&nothing), pk_random(&nonce_only),
                                     pk_random(&no_mask), pk_constant_random(&zero),
                                     pk_constant_random(&ones)};
        for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
            uint8_t before[HF_DSA_SIGNATURE_MAX];
            memcpy(before, s.signature, sizeof before);
            cr_assert_eq(hf_dsa_sign(&s.key.key, &sources[i], s.digest, s.signature,
                                     sizeof s.signature, &s.size),
                         HF_CRYPTO_NO_RANDOM, "source %zu", i);
            cr_assert_arr_eq(s.signature, before, sizeof before);
        }
    }
}

static hf_crypto_result sign_again(void *context)
{
    static const uint8_t byte = 0x5a;
    signer *s = context;
    hf_random random = pk_constant_random(&byte);
    return hf_dsa_sign(&s->key.key, &random, s->digest, s->signature, sizeof s->signature,
                       &s->size);
}

static hf_crypto_result verify_again(void *context)
{
    return verify_own(context);
}

static hf_crypto_result compute_public_again(void *context)
{
    const signer *s = context;
    uint8_t value[HF_DSA_SIZE_MAX];
    return hf_dsa_public_value(&s->key.key, value);
}

Test(dsa, each_want_of_memory_is_reported)
{
    for (size_t n = 0; n < KEY_COUNT; n++) {
        signer s;
        start(&s, n);
        pk_fail_each_math_call(sign_again, &s);
        pk_fail_each_math_call(verify_again, &s);
        pk_fail_each_math_call(compute_public_again, &s);
    }
}
