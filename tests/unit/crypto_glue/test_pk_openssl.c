/* EC and RSA against an independent implementation, OpenSSL's libcrypto, in both directions. */
#include "pk_support.h"

#include <criterion/criterion.h>

#ifdef HF_TESTS_OPENSSL

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

TestSuite(pk_openssl, .init = pk_init, .timeout = 120);

static const struct curve_pair {
    hf_curve ours;
    int theirs;
    const char *name;
} curves[] = {{HF_CURVE_P256, NID_X9_62_prime256v1, "P-256"},
              {HF_CURVE_P384, NID_secp384r1, "P-384"},
              {HF_CURVE_P521, NID_secp521r1, "P-521"}};
enum { CURVE_COUNT = sizeof curves / sizeof curves[0] };

static EVP_PKEY *from_parameters(const char *type, int selection, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    cr_assert_eq(EVP_PKEY_fromdata_init(context), 1);
    cr_assert_eq(EVP_PKEY_fromdata(context, &key, selection, parameters), 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static EVP_PKEY *ec_key(const struct curve_pair *curve, const uint8_t *scalar, hf_span point)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *number = scalar == NULL
                         ? NULL
                         : BN_bin2bn(scalar, (int)hf_ec_field_size(curve->ours), BN_secure_new());
    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->name, 0);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data, point.size);
    if (number != NULL) {
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
    }
    EVP_PKEY *key = from_parameters("EC", EVP_PKEY_KEYPAIR, builder);
    BN_free(number);
    return key;
}

static void get_octets(const EVP_PKEY *key, const char *name, uint8_t *out, size_t size)
{
    size_t written = 0;
    cr_assert_eq(EVP_PKEY_get_octet_string_param(key, name, out, size, &written), 1);
    cr_assert_eq(written, size);
}

Test(pk_openssl, ecdh)
{
    for (const struct curve_pair *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        uint8_t scalar[HF_EC_SCALAR_MAX];
        uint8_t ours[HF_EC_POINT_MAX];
        uint8_t theirs[HF_EC_POINT_MAX];
        uint8_t secrets[2][HF_EC_SCALAR_MAX];
        size_t size = hf_ec_field_size(curve->ours);
        hf_span our_point = {ours, 1 + 2 * size};
        hf_span their_point = {theirs, 1 + 2 * size};
        hf_random random = pk_system_random();

        EVP_PKEY *their_key = EVP_EC_gen(curve->name);
        cr_assert_eq(EVP_PKEY_set_utf8_string_param(
                         their_key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed"),
                     1);
        get_octets(their_key, OSSL_PKEY_PARAM_PUB_KEY, theirs, their_point.size);
        cr_assert_eq(hf_ec_generate(curve->ours, &random, scalar, ours), HF_CRYPTO_OK);
        EVP_PKEY *our_key = ec_key(curve, NULL, our_point);

        size_t written = sizeof secrets[0];
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(their_key, NULL);
        cr_assert_eq(EVP_PKEY_derive_init(context), 1);
        cr_assert_eq(EVP_PKEY_derive_set_peer(context, our_key), 1);
        cr_assert_eq(EVP_PKEY_derive(context, secrets[0], &written), 1);
        cr_assert_eq(written, size);
        cr_assert_eq(hf_ec_shared_secret(curve->ours, scalar, their_point, secrets[1]),
                     HF_CRYPTO_OK);
        cr_assert_arr_eq(secrets[0], secrets[1], size);

        EVP_PKEY_CTX_free(context);
        EVP_PKEY_free(our_key);
        EVP_PKEY_free(their_key);
    }
}

/* x + p names the same point as x; where it still fits into the bytes of a coordinate, which on
 * these curves is so for a small x, it must be refused. */
Test(pk_openssl, coordinates_from_p_on_are_refused)
{
    for (const struct curve_pair *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        uint8_t point[HF_EC_POINT_MAX] = {4};
        size_t size = hf_ec_field_size(curve->ours);
        hf_span span = {point, 1 + 2 * size};
        EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->theirs);
        EC_POINT *found = EC_POINT_new(group);
        BIGNUM *x = BN_new();
        BIGNUM *y = BN_new();
        const BIGNUM *p = EC_GROUP_get0_field(group);

        BN_ULONG small = 0;
        do {
            cr_assert_lt(small, 100);
            BN_set_word(x, small++);
        } while (EC_POINT_set_compressed_coordinates(group, found, x, 1, NULL) != 1);
        cr_assert_eq(EC_POINT_get_affine_coordinates(group, found, x, y, NULL), 1);

        BN_bn2binpad(x, point + 1, (int)size);
        BN_bn2binpad(y, point + 1 + size, (int)size);
        cr_assert_eq(hf_ec_check_point(curve->ours, span), HF_CRYPTO_OK);
        BN_add(x, x, p);
        cr_assert_eq(BN_bn2binpad(x, point + 1, (int)size), (int)size);
        cr_assert_eq(hf_ec_check_point(curve->ours, span), HF_CRYPTO_BAD_POINT);

        BN_free(x);
        BN_free(y);
        EC_POINT_free(found);
        EC_GROUP_free(group);
    }
}

static EVP_PKEY_CTX *start(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *), const EVP_MD *hash)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    cr_assert_eq(init(context), 1);
    if (hash != NULL) {
        cr_assert_eq(EVP_PKEY_CTX_set_signature_md(context, hash), 1);
    }
    return context;
}

static const struct hash_pair {
    hf_hash_id ours;
    const EVP_MD *(*theirs)(void);
} hashes[] = {{HF_HASH_SHA1, EVP_sha1},
              {HF_HASH_SHA256, EVP_sha256},
              {HF_HASH_SHA384, EVP_sha384},
              {HF_HASH_SHA512, EVP_sha512}};
enum { HASH_COUNT = sizeof hashes / sizeof hashes[0] };

Test(pk_openssl, ecdsa)
{
    for (const struct curve_pair *curve = curves; curve < curves + CURVE_COUNT; curve++) {
        uint8_t scalar[HF_EC_SCALAR_MAX];
        uint8_t bytes[HF_EC_POINT_MAX];
        hf_random random = pk_system_random();
        hf_span point = {bytes, hf_ec_point_size(curve->ours)};
        cr_assert_eq(hf_ec_generate(curve->ours, &random, scalar, bytes), HF_CRYPTO_OK);
        EVP_PKEY *key = ec_key(curve, scalar, point);
        for (const struct hash_pair *hash = hashes; hash < hashes + HASH_COUNT; hash++) {
            hf_span digest = pk_digest(hash->ours, point);
            for (int i = 0; i < 20; i++) { /* r and s of various lengths */
                uint8_t signature[HF_ECDSA_SIGNATURE_MAX];
                size_t size = 0;
                cr_assert_eq(hf_ecdsa_sign(curve->ours, scalar, &random, digest, signature, &size),
                             HF_CRYPTO_OK);
                EVP_PKEY_CTX *context = start(key, EVP_PKEY_verify_init, hash->theirs());
                cr_assert_eq(EVP_PKEY_verify(context, signature, size, digest.data, digest.size),
                             1);
                EVP_PKEY_CTX_free(context);

                context = start(key, EVP_PKEY_sign_init, hash->theirs());
                size = sizeof signature;
                cr_assert_eq(EVP_PKEY_sign(context, signature, &size, digest.data, digest.size), 1);
                EVP_PKEY_CTX_free(context);
                cr_assert_eq(
                    hf_ecdsa_verify(curve->ours, point, digest, (hf_span){signature, size}),
                    HF_CRYPTO_OK);
            }
        }
        EVP_PKEY_free(key);
    }
}

/* Our view of a key that OpenSSL has made. */
static void export_rsa(const EVP_PKEY *key, pk_rsa_key *out)
{
    static const char *const names[] = {
        OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    hf_span *spans[] = {&out->key.public_key.modulus,
                        &out->key.public_key.exponent,
                        &out->key.private_exponent,
                        &out->key.prime1,
                        &out->key.prime2,
                        &out->key.exponent1,
                        &out->key.exponent2,
                        &out->key.coefficient};
    for (size_t i = 0; i < 8; i++) {
        BIGNUM *number = NULL;
        cr_assert_eq(EVP_PKEY_get_bn_param(key, names[i], &number), 1);
        *spans[i] = (hf_span){out->bytes[i], (size_t)BN_bn2bin(number, out->bytes[i])};
        BN_free(number);
    }
}

static EVP_PKEY *make_rsa(unsigned bits, pk_rsa_key *ours)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
    cr_assert_neq(key, NULL);
    export_rsa(key, ours);
    return key;
}

/* Bits that fill the last byte and bits that do not: PSS has one bit less to fill. */
static const unsigned sizes[] = {1024, 1025, 1030, 1033, 1536, 2048};
enum { SIZE_COUNT = sizeof sizes / sizeof sizes[0] };

static EVP_PKEY_CTX *start_rsa(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *), const EVP_MD *hash,
                               int padding)
{
    EVP_PKEY_CTX *context = start(key, init, NULL);
    cr_assert_eq(EVP_PKEY_CTX_set_rsa_padding(context, padding), 1);
    if (hash != NULL) {
        cr_assert_eq(EVP_PKEY_CTX_set_signature_md(context, hash), 1);
    }
    if (padding == RSA_PKCS1_PSS_PADDING) {
        cr_assert_eq(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    return context;
}

static void check_both_ways(EVP_PKEY *key, const pk_rsa_key *ours, const struct hash_pair *hash,
                            int padding)
{
    bool pss = padding == RSA_PKCS1_PSS_PADDING;
    uint8_t signature[HF_RSA_SIZE_MAX];
    size_t size = 0;
    hf_random random = pk_system_random();
    hf_span digest = pk_digest(hash->ours, ours->key.public_key.modulus);
    hf_crypto_result result = (pss ? hf_rsa_pss_sign : hf_rsa_pkcs1_sign)(
        &ours->key, &random, hash->ours, digest, signature, sizeof signature, &size);
    cr_assert_eq(result, HF_CRYPTO_OK);
    EVP_PKEY_CTX *context = start_rsa(key, EVP_PKEY_verify_init, hash->theirs(), padding);
    cr_assert_eq(EVP_PKEY_verify(context, signature, size, digest.data, digest.size), 1);
    EVP_PKEY_CTX_free(context);

    context = start_rsa(key, EVP_PKEY_sign_init, hash->theirs(), padding);
    size = sizeof signature;
    cr_assert_eq(EVP_PKEY_sign(context, signature, &size, digest.data, digest.size), 1);
    EVP_PKEY_CTX_free(context);
    cr_assert_eq((pss ? hf_rsa_pss_verify : hf_rsa_pkcs1_verify)(
                     &ours->key.public_key, hash->ours, digest, (hf_span){signature, size}),
                 HF_CRYPTO_OK);
}

Test(pk_openssl, rsa_signatures)
{
    for (const unsigned *bits = sizes; bits < sizes + SIZE_COUNT; bits++) {
        pk_rsa_key ours;
        EVP_PKEY *key = make_rsa(*bits, &ours);
        cr_assert_eq(hf_rsa_bits(&ours.key.public_key), (size_t)EVP_PKEY_get_bits(key));
        for (const struct hash_pair *hash = hashes; hash < hashes + HASH_COUNT; hash++) {
            check_both_ways(key, &ours, hash, RSA_PKCS1_PADDING);
            if (*bits >= 1041 || hash->ours != HF_HASH_SHA512) {
                check_both_ways(key, &ours, hash, RSA_PKCS1_PSS_PADDING);
            }
        }
        EVP_PKEY_free(key);
    }
}

Test(pk_openssl, premasters)
{
    for (const unsigned *bits = sizes; bits < sizes + SIZE_COUNT; bits++) {
        pk_rsa_key ours;
        uint8_t premaster[HF_PREMASTER_SIZE] = {3, 1, 0x77};
        uint8_t ciphertext[HF_RSA_SIZE_MAX];
        uint8_t plaintext[HF_RSA_SIZE_MAX];
        hf_random random = pk_system_random();
        EVP_PKEY *key = make_rsa(*bits, &ours);

        size_t size = sizeof ciphertext;
        EVP_PKEY_CTX *context = start_rsa(key, EVP_PKEY_encrypt_init, NULL, RSA_PKCS1_PADDING);
        cr_assert_eq(EVP_PKEY_encrypt(context, ciphertext, &size, premaster, sizeof premaster), 1);
        EVP_PKEY_CTX_free(context);
        cr_assert_eq(hf_rsa_decrypt_premaster(&ours.key, &random, 0x0301,
                                              (hf_span){ciphertext, size}, plaintext),
                     HF_CRYPTO_OK);
        cr_assert_arr_eq(plaintext, premaster, sizeof premaster);

        cr_assert_eq(hf_rsa_encrypt_premaster(&ours.key.public_key, &random, premaster, ciphertext,
                                              sizeof ciphertext, &size),
                     HF_CRYPTO_OK);
        size_t written = sizeof plaintext;
        context = start_rsa(key, EVP_PKEY_decrypt_init, NULL, RSA_PKCS1_PADDING);
        cr_assert_eq(EVP_PKEY_decrypt(context, plaintext, &written, ciphertext, size), 1);
        EVP_PKEY_CTX_free(context);
        cr_assert_eq(written, sizeof premaster);
        cr_assert_arr_eq(plaintext, premaster, sizeof premaster);
        EVP_PKEY_free(key);
    }
}

#endif
