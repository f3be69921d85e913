/* DH and DSA against an independent implementation, OpenSSL's libcrypto, in both directions. */
#include "pk_support.h"

#include "crypto_glue/dh.h"
#include "crypto_glue/ecdsa_der.h"

#include <criterion/criterion.h>

#ifdef HF_TESTS_OPENSSL

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/dsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

TestSuite(finite_field_openssl, .init = pk_init, .timeout = 120);

static hf_span get_number(const EVP_PKEY *key, const char *name, uint8_t *room, size_t capacity)
{
    BIGNUM *number = NULL;
    cr_assert_eq(EVP_PKEY_get_bn_param(key, name, &number), 1);
    cr_assert_leq((size_t)BN_num_bytes(number), capacity);
    hf_span bytes = {room, (size_t)BN_bn2bin(number, room)};
    BN_free(number);
    return bytes;
}

/* ---------------------------------------------------------------- Diffie-Hellman */

static const struct {
    uint16_t code;
    const char *name;
} groups[] = {{256, "ffdhe2048"}, {257, "ffdhe3072"}, {258, "ffdhe4096"}};
enum { GROUP_COUNT = sizeof groups / sizeof groups[0] };

static EVP_PKEY *make_dh(const char *group)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)group, 0),
        OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    cr_assert_eq(EVP_PKEY_keygen_init(context), 1);
    cr_assert_eq(EVP_PKEY_CTX_set_params(context, parameters), 1);
    cr_assert_eq(EVP_PKEY_generate(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* A public key of the group of `key`. */
static EVP_PKEY *peer_of(const EVP_PKEY *key, const uint8_t *value, size_t size)
{
    EVP_PKEY *peer = EVP_PKEY_new();
    cr_assert_eq(EVP_PKEY_copy_parameters(peer, key), 1);
    cr_assert_eq(EVP_PKEY_set1_encoded_public_key(peer, value, size), 1);
    return peer;
}

static size_t derive(EVP_PKEY *key, EVP_PKEY *peer, uint8_t *secret)
{
    size_t size = HF_DH_SIZE_MAX;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    cr_assert_eq(EVP_PKEY_derive_init(context), 1);
    cr_assert_eq(EVP_PKEY_derive_set_peer(context, peer), 1);
    cr_assert_eq(EVP_PKEY_derive(context, secret, &size), 1);
    EVP_PKEY_CTX_free(context);
    return size;
}

/* One exchange; the length of the secret. */
static size_t exchange(EVP_PKEY *theirs, const hf_dh_group *group, hf_span their_value)
{
    uint8_t exponent[HF_DH_EXPONENT_SIZE];
    uint8_t value[HF_DH_SIZE_MAX];
    uint8_t ours_secret[HF_DH_SIZE_MAX];
    uint8_t their_secret[HF_DH_SIZE_MAX];
    size_t size = 0;
    hf_random random = pk_system_random();
    cr_assert_eq(hf_dh_generate(group, &random, exponent, value), HF_CRYPTO_OK);
    EVP_PKEY *ours = peer_of(theirs, value, group->prime.size);
    cr_assert_eq(hf_dh_shared_secret(group, exponent, their_value, ours_secret, &size),
                 HF_CRYPTO_OK);
    cr_assert_eq(derive(theirs, ours, their_secret), size);
    cr_assert_arr_eq(ours_secret, their_secret, size);
    EVP_PKEY_free(ours);
    return size;
}

Test(finite_field_openssl, named_groups)
{
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        uint8_t bytes[HF_DH_SIZE_MAX];
        const hf_dh_group *group = hf_dh_named_group(groups[i].code);
        EVP_PKEY *theirs = make_dh(groups[i].name);
        hf_span prime = get_number(theirs, OSSL_PKEY_PARAM_FFC_P, bytes, sizeof bytes);
        cr_assert_eq(group->prime.size, prime.size);
        cr_assert_arr_eq(group->prime.data, prime.data, prime.size);
        hf_span generator = get_number(theirs, OSSL_PKEY_PARAM_FFC_G, bytes, sizeof bytes);
        cr_assert_eq(generator.size, 1);
        cr_assert_eq(group->generator.data[0], generator.data[0]);
        hf_span value = get_number(theirs, OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof bytes);
        exchange(theirs, group, value);
        EVP_PKEY_free(theirs);
    }
}

/* Until a secret starts with a zero, which one in 256 does; libcrypto strips it, too. */
Test(finite_field_openssl, secrets_with_leading_zeros)
{
    uint8_t bytes[HF_DH_SIZE_MAX];
    const hf_dh_group *group = hf_dh_named_group(256);
    EVP_PKEY *theirs = make_dh("ffdhe2048");
    hf_span value = get_number(theirs, OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof bytes);
    size_t attempts = 0;
    while (exchange(theirs, group, value) == group->prime.size) {
        cr_assert_lt(++attempts, 8192);
    }
    EVP_PKEY_free(theirs);
}

/* ---------------------------------------------------------------- DSA */

static EVP_PKEY *make_dsa(int prime_bits, int subprime_bits)
{
    EVP_PKEY *parameters = NULL;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    cr_assert_eq(EVP_PKEY_paramgen_init(context), 1);
    cr_assert_eq(EVP_PKEY_CTX_set_dsa_paramgen_bits(context, prime_bits), 1);
    cr_assert_eq(EVP_PKEY_CTX_set_dsa_paramgen_q_bits(context, subprime_bits), 1);
    cr_assert_eq(EVP_PKEY_paramgen(context, &parameters), 1);
    EVP_PKEY_CTX_free(context);
    context = EVP_PKEY_CTX_new(parameters, NULL);
    cr_assert_eq(EVP_PKEY_keygen_init(context), 1);
    cr_assert_eq(EVP_PKEY_keygen(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(parameters);
    return key;
}

static void export_dsa(const EVP_PKEY *key, pk_dsa_key *out)
{
    static const char *const names[] = {OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q,
                                        OSSL_PKEY_PARAM_FFC_G, OSSL_PKEY_PARAM_PUB_KEY,
                                        OSSL_PKEY_PARAM_PRIV_KEY};
    hf_dsa_public *public_key = &out->key.public_key;
    hf_span *spans[] = {&public_key->prime, &public_key->subprime, &public_key->generator,
                        &public_key->value, &out->key.exponent};
    for (size_t i = 0; i < 5; i++) {
        *spans[i] = get_number(key, names[i], out->bytes[i], sizeof out->bytes[i]);
    }
}

static EVP_PKEY_CTX *start(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *))
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    cr_assert_eq(init(context), 1);
    return context;
}

static void check_both_ways(EVP_PKEY *theirs, const pk_dsa_key *ours, hf_span digest)
{
    uint8_t signature[HF_DSA_SIGNATURE_MAX];
    size_t size = 0;
    hf_random random = pk_system_random();
    cr_assert_eq(hf_dsa_sign(&ours->key, &random, digest, signature, sizeof signature, &size),
                 HF_CRYPTO_OK);
    EVP_PKEY_CTX *context = start(theirs, EVP_PKEY_verify_init);
    cr_assert_eq(EVP_PKEY_verify(context, signature, size, digest.data, digest.size), 1);
    EVP_PKEY_CTX_free(context);

    context = start(theirs, EVP_PKEY_sign_init);
    size = sizeof signature;
    cr_assert_eq(EVP_PKEY_sign(context, signature, &size, digest.data, digest.size), 1);
    EVP_PKEY_CTX_free(context);
    cr_assert_eq(hf_dsa_verify(&ours->key.public_key, digest, (hf_span){signature, size}),
                 HF_CRYPTO_OK);
}

Test(finite_field_openssl, dsa)
{
    static const int bits[][2] = {{1024, 160}, {2048, 224}, {2048, 256}};
    static const hf_hash_id hashes[] = {HF_HASH_SHA1, HF_HASH_SHA224, HF_HASH_SHA256,
                                        HF_HASH_SHA384, HF_HASH_SHA512};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        pk_dsa_key ours;
        uint8_t value[HF_DSA_SIZE_MAX];
        EVP_PKEY *theirs = make_dsa(bits[i][0], bits[i][1]);
        export_dsa(theirs, &ours);
        cr_assert_eq(hf_dsa_check_public(&ours.key.public_key), HF_CRYPTO_OK);
        cr_assert_eq(hf_dsa_public_value(&ours.key, value), HF_CRYPTO_OK);
        size_t zeros = ours.key.public_key.prime.size - ours.key.public_key.value.size;
        cr_assert_arr_eq(value + zeros, ours.key.public_key.value.data,
                         ours.key.public_key.value.size);
        for (size_t h = 0; h < sizeof hashes / sizeof hashes[0]; h++) {
            for (int round = 0; round < 20; round++) { /* r and s of various lengths */
                check_both_ways(theirs, &ours, pk_digest(hashes[h], ours.key.public_key.value));
            }
        }
        EVP_PKEY_free(theirs);
    }
}

/* A key with the given q: p = 1 mod 2q is prime, g and y have order q, or a divisor of it. */
static void make_key(pk_dsa_key *out, const BIGNUM *q)
{
    BN_CTX *scratch = BN_CTX_new();
    BIGNUM *p = BN_new();
    BIGNUM *g = BN_new();
    BIGNUM *x = BN_new();
    BIGNUM *step = BN_new();
    const BIGNUM *numbers[] = {p, q, g, NULL, x};
    BN_lshift1(step, q);
    cr_assert_eq(BN_generate_prime_ex(p, 1024, 0, step, NULL, NULL), 1);
    BN_sub(step, p, BN_value_one());
    BN_div(step, NULL, step, q, scratch);
    BN_set_word(g, 2);
    BN_mod_exp(g, g, step, p, scratch);
    BN_priv_rand_range(x, q);
    BN_mod_exp(step, g, x, p, scratch);
    numbers[3] = step;

    hf_dsa_public *public_key = &out->key.public_key;
    hf_span *spans[] = {&public_key->prime, &public_key->subprime, &public_key->generator,
                        &public_key->value, &out->key.exponent};
    for (size_t i = 0; i < 5; i++) {
        *spans[i] = (hf_span){out->bytes[i], (size_t)BN_bn2bin(numbers[i], out->bytes[i])};
    }
    cr_assert_eq(hf_dsa_check_public(public_key), HF_CRYPTO_OK);
    BN_free(p);
    BN_free(g);
    BN_free(x);
    BN_free(step);
    BN_CTX_free(scratch);
}

/* FIPS 186-4 4.6: the leftmost N bits of the digest, where N is no multiple of 8. libcrypto has no
 * such keys; but the bits that count are known. */
Test(finite_field_openssl, digests_are_cut_to_bits)
{
    static const int lengths[] = {161, 167, 168, 169, 201, 255};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        pk_dsa_key key;
        uint8_t digest[32];
        uint8_t signature[HF_DSA_SIGNATURE_MAX];
        size_t size = 0;
        hf_random random = pk_system_random();
        BIGNUM *q = BN_new();
        cr_assert_eq(BN_generate_prime_ex(q, lengths[i], 0, NULL, NULL, NULL), 1);
        make_key(&key, q);
        BN_free(q);
        memset(digest, 0x5a, sizeof digest);
        hf_span span = {digest, sizeof digest};
        cr_assert_eq(hf_dsa_sign(&key.key, &random, span, signature, sizeof signature, &size),
                     HF_CRYPTO_OK);
        for (int bit = 0; bit < 256; bit++) {
            digest[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
            cr_assert_eq(hf_dsa_verify(&key.key.public_key, span, (hf_span){signature, size}),
                         bit < lengths[i] ? HF_CRYPTO_BAD_SIGNATURE : HF_CRYPTO_OK, "bit %d of %d",
                         bit, lengths[i]);
            digest[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        }
    }
}

/* q = 3 q': an s that is a multiple of 3 has no inverse. With 0 in its place each product would
 * be 1, and so r = 1 would be right for every message. */
Test(finite_field_openssl, a_composite_q_forges_nothing)
{
    pk_dsa_key key;
    uint8_t numbers[64] = {0};
    uint8_t der[HF_DSA_SIGNATURE_MAX];
    static const uint8_t digest[20] = {1};
    BIGNUM *q = BN_new();
    cr_assert_eq(BN_generate_prime_ex(q, 165, 0, NULL, NULL, NULL), 1);
    BN_mul_word(q, 3);
    make_key(&key, q);
    BN_free(q);
    size_t size = key.key.public_key.subprime.size;
    numbers[size - 1] = 1;
    for (uint8_t s = 3; s < 100; s = (uint8_t)(s + 3)) {
        numbers[2 * size - 1] = s;
        hf_span signature = {der, hf_ecdsa_der_write(numbers, size, der)};
        cr_assert_eq(hf_dsa_verify(&key.key.public_key, (hf_span){digest, 20}, signature),
                     HF_CRYPTO_BAD_SIGNATURE);
    }
}

#endif
