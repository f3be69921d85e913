#include "pk_support.h"

#include "crypto_glue/number.h"
#include "crypto_glue/rsa_operation.h"

#include <criterion/criterion.h>
#include <string.h>
#include <tomcrypt.h>

TestSuite(rsa_signature, .init = pk_init, .timeout = 120);

/* ---------------------------------------------------------------- published vectors */

typedef struct subject {
    pk_rsa_key key;
    hf_hash_id hash;
    bool pss_of_tls; /* salt and MGF are those of TLS */
    size_t done[2];  /* verified, signed */
} subject;

typedef hf_crypto_result (*verify_function)(const hf_rsa_public *, hf_hash_id, hf_span, hf_span);

/* A block with a modulus gives the key for the blocks that follow. */
static bool take_key(subject *s, vectors *v)
{
    if (!vectors_has(v, "modulus")) {
        return false;
    }
    if (vectors_has(v, "prime1")) {
        pk_read_private(&s->key, v);
    } else {
        pk_read_public(&s->key, v);
    }
    s->hash = pk_hash(vectors_text(v, "hash"));
    s->pss_of_tls = !vectors_has(v, "salt_length") ||
                    (vectors_number(v, "salt_length") == hf_hash_size(s->hash) &&
                     pk_hash(vectors_text(v, "mgf_hash")) == s->hash);
    return true;
}

static void check_verification(subject *s, vectors *v, verify_function verify)
{
    bool valid = strcmp(vectors_text(v, "result"), "valid") == 0 && s->pss_of_tls;
    hf_span digest = pk_digest(s->hash, vectors_bytes(v, "message"));
    hf_crypto_result result =
        verify(&s->key.key.public_key, s->hash, digest, vectors_bytes(v, "signature"));
    cr_expect_eq(result, valid ? HF_CRYPTO_OK : HF_CRYPTO_BAD_SIGNATURE, "%s (%s): result %d",
                 vectors_where(v), vectors_text(v, "comment"), (int)result);
    s->done[0]++;
}

static void check_signature(vectors *v, hf_crypto_result result, const uint8_t *signature,
                            size_t size)
{
    hf_span expected = vectors_bytes(v, "signature");
    cr_assert_eq(result, HF_CRYPTO_OK, "%s: result %d", vectors_where(v), (int)result);
    cr_assert_eq(size, expected.size, "%s", vectors_where(v));
    cr_expect_arr_eq(signature, expected.data, size, "%s", vectors_where(v));
}

Test(rsa_signature, published_pkcs1_vectors)
{
    vectors v;
    subject s = {.done = {0}};
    vectors_open(&v, "rsa_pkcs1.txt");
    while (vectors_next(&v)) {
        if (take_key(&s, &v)) {
            continue;
        }
        check_verification(&s, &v, hf_rsa_pkcs1_verify);
        if (strcmp(vectors_section(&v), "sign") == 0) {
            uint8_t signature[HF_RSA_SIZE_MAX];
            size_t size = 0;
            hf_random random = pk_system_random();
            hf_span digest = pk_digest(s.hash, vectors_bytes(&v, "message"));
            hf_crypto_result result = hf_rsa_pkcs1_sign(&s.key.key, &random, s.hash, digest,
                                                        signature, sizeof signature, &size);
            check_signature(&v, result, signature, size);
            s.done[1]++;
        }
    }
    vectors_close(&v);
    cr_assert(s.done[0] > 0 && s.done[1] > 0);
}

/* The salt is the first thing that is drawn. */
Test(rsa_signature, published_pss_vectors)
{
    vectors v;
    subject s = {.done = {0}};
    vectors_open(&v, "rsa_pss.txt");
    while (vectors_next(&v)) {
        if (take_key(&s, &v)) {
            continue;
        }
        if (strcmp(vectors_section(&v), "verify") == 0) {
            check_verification(&s, &v, hf_rsa_pss_verify);
        } else {
            uint8_t signature[HF_RSA_SIZE_MAX];
            size_t size = 0;
            pk_script script = {.bytes = vectors_bytes(&v, "salt")};
            hf_random random = pk_random(&script);
            hf_span digest = pk_digest(s.hash, vectors_bytes(&v, "message"));
            hf_crypto_result result = hf_rsa_pss_sign(&s.key.key, &random, s.hash, digest,
                                                      signature, sizeof signature, &size);
            check_signature(&v, result, signature, size);
            cr_expect_eq(hf_rsa_pss_verify(&s.key.key.public_key, s.hash, digest,
                                           (hf_span){signature, size}),
                         HF_CRYPTO_OK);
            s.done[1]++;
        }
    }
    vectors_close(&v);
    cr_assert(s.done[0] > 0 && s.done[1] > 0);
}

/* ---------------------------------------------------------------- keys */

/* The first private key of at least `bits` bits in the PKCS #1 vectors. */
static void find_key(pk_rsa_key *key, size_t bits)
{
    vectors v;
    bool found = false;
    vectors_open(&v, "rsa_pkcs1.txt");
    while (!found && vectors_next(&v)) {
        if (vectors_has(&v, "prime1")) {
            pk_read_private(key, &v);
            found = hf_rsa_bits(&key->key.public_key) >= bits;
        }
    }
    cr_assert(found);
    vectors_close(&v);
}

static hf_crypto_result check_public(const uint8_t *modulus, size_t modulus_size,
                                     const uint8_t *exponent, size_t exponent_size)
{
    hf_rsa_public key = {{modulus, modulus_size}, {exponent, exponent_size}};
    return hf_rsa_check_public(&key);
}

Test(rsa_signature, the_modulus_has_limits)
{
    static const uint8_t f4[] = {1, 0, 1};
    uint8_t modulus[HF_RSA_SIZE_MAX + 2];
    memset(modulus, 0xff, sizeof modulus);
    for (size_t size = 0; size <= sizeof modulus; size++) {
        bool good = size >= HF_RSA_BITS_MIN / 8 && size <= HF_RSA_SIZE_MAX;
        cr_assert_eq(check_public(modulus, size, f4, 3), good ? HF_CRYPTO_OK : HF_CRYPTO_BAD_KEY,
                     "%zu bytes", size);
    }
    modulus[0] = 0x7f;
    cr_assert_eq(check_public(modulus, HF_RSA_BITS_MIN / 8, f4, 3), HF_CRYPTO_BAD_KEY, "1023 bits");
    modulus[0] = 0x01;
    cr_assert_eq(check_public(modulus, HF_RSA_BITS_MIN / 8 + 1, f4, 3), HF_CRYPTO_OK, "1025 bits");
    cr_assert_eq(check_public(modulus, HF_RSA_SIZE_MAX + 1, f4, 3), HF_CRYPTO_BAD_KEY);
    modulus[0] = 0x00;
    cr_assert_eq(check_public(modulus, 256, f4, 3), HF_CRYPTO_BAD_KEY, "a zero in front");
    modulus[0] = 0xff;
    modulus[255] = 0xfe;
    cr_assert_eq(check_public(modulus, 256, f4, 3), HF_CRYPTO_BAD_KEY, "even");
    cr_assert_eq(check_public(NULL, 0, f4, 3), HF_CRYPTO_BAD_KEY);
}

Test(rsa_signature, the_exponent_has_limits)
{
    static const struct {
        size_t size;
        uint8_t bytes[5];
        hf_crypto_result result;
    } cases[] = {
        {0, {0}, HF_CRYPTO_BAD_KEY},
        {1, {0}, HF_CRYPTO_BAD_KEY},
        {1, {1}, HF_CRYPTO_BAD_KEY},
        {1, {2}, HF_CRYPTO_BAD_KEY},
        {1, {3}, HF_CRYPTO_OK},
        {1, {4}, HF_CRYPTO_BAD_KEY},
        {2, {0, 3}, HF_CRYPTO_BAD_KEY},
        {2, {1, 1}, HF_CRYPTO_OK},
        {3, {1, 0, 1}, HF_CRYPTO_OK},
        {3, {1, 0, 0}, HF_CRYPTO_BAD_KEY},
        {4, {0xff, 0xff, 0xff, 0xff}, HF_CRYPTO_OK}, /* 2^32 - 1 */
        {5, {1, 0, 0, 0, 1}, HF_CRYPTO_BAD_KEY},     /* 2^32 + 1 */
        {5, {0xff, 0xff, 0xff, 0xff, 1}, HF_CRYPTO_BAD_KEY},
    };
    uint8_t modulus[256];
    memset(modulus, 0xff, sizeof modulus);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(check_public(modulus, 256, cases[i].bytes, cases[i].size), cases[i].result,
                     "case %zu", i);
    }
    cr_expect_eq(check_public(modulus, 256, NULL, 0), HF_CRYPTO_BAD_KEY);
}

Test(rsa_signature, bits_are_counted)
{
    uint8_t modulus[129] = {0};
    hf_rsa_public key = {.modulus = {modulus, sizeof modulus}};
    cr_assert_eq(hf_rsa_bits(&key), 0);
    modulus[128] = 1;
    cr_assert_eq(hf_rsa_bits(&key), 1);
    modulus[0] = 1;
    cr_assert_eq(hf_rsa_bits(&key), 1025);
    modulus[0] = 0xff;
    cr_assert_eq(hf_rsa_bits(&key), 1032);
    key.modulus = (hf_span){NULL, 0};
    cr_assert_eq(hf_rsa_bits(&key), 0);
}

/* ---------------------------------------------------------------- signing and verifying */

typedef hf_crypto_result (*sign_function)(const hf_rsa_private *, const hf_random *, hf_hash_id,
                                          hf_span, uint8_t *, size_t, size_t *);

static const struct scheme {
    sign_function sign;
    verify_function verify;
} schemes[] = {{hf_rsa_pkcs1_sign, hf_rsa_pkcs1_verify}, {hf_rsa_pss_sign, hf_rsa_pss_verify}};
enum { SCHEME_COUNT = sizeof schemes / sizeof schemes[0] };

static const uint8_t some_digest[HF_HASH_SIZE_MAX] = {0xd1, 0x9e};

static size_t sign(const struct scheme *scheme, const pk_rsa_key *key, hf_hash_id hash,
                   hf_span digest, uint8_t *signature)
{
    size_t size = 0;
    hf_random random = pk_system_random();
    cr_assert_eq(scheme->sign(&key->key, &random, hash, digest, signature, HF_RSA_SIZE_MAX, &size),
                 HF_CRYPTO_OK);
    cr_assert_eq(size, key->key.public_key.modulus.size);
    return size;
}

Test(rsa_signature, each_hash_is_signed)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    find_key(&key, 2048);
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        for (hf_hash_id hash = HF_HASH_MD5; hash <= HF_HASH_SHA512; hash++) {
            hf_span digest = {some_digest, hf_hash_size(hash)};
            hf_span signed_ = {signature, sign(scheme, &key, hash, digest, signature)};
            for (hf_hash_id other = HF_HASH_NONE; other <= HF_HASH_COUNT; other++) {
                bool exists = other != HF_HASH_NONE && other < HF_HASH_COUNT;
                hf_span claimed = {some_digest, exists ? hf_hash_size(other) : digest.size};
                cr_assert_eq(scheme->verify(&key.key.public_key, other, claimed, signed_),
                             other == hash ? HF_CRYPTO_OK : HF_CRYPTO_BAD_SIGNATURE);
            }
        }
    }
}

/* The encoded message of a signature. */
static void recover(const pk_rsa_key *key, const uint8_t *signature, uint8_t *encoded)
{
    const hf_rsa_public *public_key = &key->key.public_key;
    void *number;
    cr_assert_eq(hf_numbers_init(&number, 1), HF_CRYPTO_OK);
    cr_assert_eq(
        hf_rsa_public_operation(public_key, (hf_span){signature, public_key->modulus.size}, number),
        HF_CRYPTO_OK);
    cr_assert_eq(hf_number_write(number, encoded, public_key->modulus.size), CRYPT_OK);
    hf_numbers_free(&number, 1);
}

/* RFC 4346 7.4.3: MD5 || SHA-1 without a DigestInfo; PSS has no such form. */
Test(rsa_signature, the_old_form_of_tls)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    uint8_t encoded[HF_RSA_SIZE_MAX];
    size_t size;
    hf_random random = pk_system_random();
    hf_span digest = {some_digest, 36};
    find_key(&key, 2048);
    hf_span signed_ = {signature, sign(&schemes[0], &key, HF_HASH_MD5_SHA1, digest, signature)};
    cr_assert_eq(hf_rsa_pkcs1_verify(&key.key.public_key, HF_HASH_MD5_SHA1, digest, signed_),
                 HF_CRYPTO_OK);

    recover(&key, signature, encoded);
    size_t separator = signed_.size - 37;
    cr_assert_eq(encoded[0], 0x00);
    cr_assert_eq(encoded[1], 0x01);
    for (size_t i = 2; i < separator; i++) {
        cr_assert_eq(encoded[i], 0xff);
    }
    cr_assert_eq(encoded[separator], 0x00);
    cr_assert_arr_eq(encoded + separator + 1, some_digest, 36);

    for (hf_hash_id other = HF_HASH_NONE; other <= HF_HASH_COUNT; other++) {
        cr_assert_eq(hf_rsa_pkcs1_verify(&key.key.public_key, other, digest, signed_),
                     other == HF_HASH_MD5_SHA1 ? HF_CRYPTO_OK : HF_CRYPTO_BAD_SIGNATURE);
    }
    cr_assert_eq(hf_rsa_pss_sign(&key.key, &random, HF_HASH_MD5_SHA1, digest, signature,
                                 sizeof signature, &size),
                 HF_CRYPTO_FAILED);
    cr_assert_eq(hf_rsa_pss_verify(&key.key.public_key, HF_HASH_MD5_SHA1, digest, signed_),
                 HF_CRYPTO_BAD_SIGNATURE);
}

Test(rsa_signature, no_hash_is_refused)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    hf_random random = pk_system_random();
    find_key(&key, 2048);
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        for (size_t size = 0; size <= HF_HASH_SIZE_MAX; size += 4) {
            hf_span digest = {some_digest, size};
            hf_span signed_ = {signature, key.key.public_key.modulus.size};
            size_t signature_size;
            memset(signature, 0, sizeof signature);
            cr_assert_eq(scheme->sign(&key.key, &random, HF_HASH_NONE, digest, signature,
                                      sizeof signature, &signature_size),
                         HF_CRYPTO_FAILED);
            cr_assert_eq(scheme->verify(&key.key.public_key, HF_HASH_NONE, digest, signed_),
                         HF_CRYPTO_BAD_SIGNATURE);
        }
    }
}

Test(rsa_signature, digests_of_other_lengths_are_refused)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    hf_random random = pk_system_random();
    find_key(&key, 2048);
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        hf_span digest = {some_digest, 32};
        hf_span signed_ = {signature, sign(scheme, &key, HF_HASH_SHA256, digest, signature)};
        for (digest.size = 0; digest.size <= HF_HASH_SIZE_MAX; digest.size++) {
            if (digest.size != 32) {
                uint8_t unused[HF_RSA_SIZE_MAX];
                size_t size;
                cr_assert_eq(scheme->verify(&key.key.public_key, HF_HASH_SHA256, digest, signed_),
                             HF_CRYPTO_BAD_SIGNATURE);
                cr_assert_eq(scheme->sign(&key.key, &random, HF_HASH_SHA256, digest, unused,
                                          sizeof unused, &size),
                             HF_CRYPTO_FAILED);
            }
        }
    }
}

Test(rsa_signature, each_flipped_bit_is_noticed)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    hf_span digest = {some_digest, 32};
    find_key(&key, 1025);
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        size_t size = sign(scheme, &key, HF_HASH_SHA256, digest, signature);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
            cr_assert_eq(scheme->verify(&key.key.public_key, HF_HASH_SHA256, digest,
                                        (hf_span){signature, size}),
                         HF_CRYPTO_BAD_SIGNATURE, "bit %zu", bit);
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

/* RFC 8017 8.1.2 and 8.2.2, step 1; and RSAVP1: a representative from n on is out of range. */
Test(rsa_signature, other_lengths_and_large_numbers_are_refused)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX + 1] = {0};
    hf_span digest = {some_digest, 32};
    find_key(&key, 2048);
    const hf_rsa_public *public = &key.key.public_key;
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        size_t size = sign(scheme, &key, HF_HASH_SHA256, digest, signature);
        for (size_t other = 0; other <= sizeof signature; other++) {
            cr_assert_eq(
                scheme->verify(public, HF_HASH_SHA256, digest, (hf_span){signature, other}),
                other == size ? HF_CRYPTO_OK : HF_CRYPTO_BAD_SIGNATURE);
        }
        cr_assert_eq(scheme->verify(public, HF_HASH_SHA256, digest, (hf_span){NULL, 0}),
                     HF_CRYPTO_BAD_SIGNATURE);
        cr_assert_eq(scheme->verify(public, HF_HASH_SHA256, digest, public->modulus),
                     HF_CRYPTO_BAD_SIGNATURE);
        memset(signature, 0xff, size);
        cr_assert_eq(scheme->verify(public, HF_HASH_SHA256, digest, (hf_span){signature, size}),
                     HF_CRYPTO_BAD_SIGNATURE);
        memset(signature, 0, size);
        cr_assert_eq(scheme->verify(public, HF_HASH_SHA256, digest, (hf_span){signature, size}),
                     HF_CRYPTO_BAD_SIGNATURE);
    }
}

/* Signs an encoded message that a test has tampered with. */
static hf_crypto_result verify_encoded(const struct scheme *scheme, const pk_rsa_key *key,
                                       const uint8_t *encoded, hf_span digest)
{
    uint8_t block[HF_RSA_BLOCK_MAX];
    hf_random random = pk_system_random();
    cr_assert_eq(hf_rsa_private_operation(&key->key, &random, encoded, block), HF_CRYPTO_OK);
    return scheme->verify(&key->key.public_key, HF_HASH_SHA256, digest,
                          (hf_span){block + 1, key->key.public_key.modulus.size});
}

/* Each byte of the padding counts, whatever holds the private key. */
Test(rsa_signature, each_byte_of_the_encoding_counts)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    uint8_t encoded[HF_RSA_SIZE_MAX];
    hf_span digest = {some_digest, 32};
    find_key(&key, 1024);
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        size_t size = sign(scheme, &key, HF_HASH_SHA256, digest, signature);
        recover(&key, signature, encoded);
        cr_assert_eq(verify_encoded(scheme, &key, encoded, digest), HF_CRYPTO_OK);
        for (size_t i = 0; i < size; i++) {
            encoded[i] ^= 0x01;
            cr_assert_eq(verify_encoded(scheme, &key, encoded, digest), HF_CRYPTO_BAD_SIGNATURE,
                         "byte %zu", i);
            encoded[i] ^= 0x01;
        }
    }
}

/* RFC 8017 9.1.2 step 6: the encoded message has one bit less than the modulus. */
Test(rsa_signature, pss_leaves_the_first_bit_zero)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    uint8_t encoded[HF_RSA_SIZE_MAX];
    hf_span digest = {some_digest, 32};
    find_key(&key, 1024);
    do { /* until the bit may be set without going above the modulus */
        (void)sign(&schemes[1], &key, HF_HASH_SHA256, digest, signature);
        recover(&key, signature, encoded);
        cr_assert_eq(encoded[0] & 0x80, 0);
    } while ((encoded[0] | 0x80) >= key.key.public_key.modulus.data[0]);
    cr_assert_eq(verify_encoded(&schemes[1], &key, encoded, digest), HF_CRYPTO_OK);
    encoded[0] |= 0x80;
    cr_assert_eq(verify_encoded(&schemes[1], &key, encoded, digest), HF_CRYPTO_BAD_SIGNATURE);
}

/* RFC 8017 9.1.1 step 3: 2 * 64 + 2 bytes do not fit into 1024 bits. */
Test(rsa_signature, pss_needs_room_for_digest_and_salt)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX] = {0};
    size_t size = 0;
    hf_random random = pk_system_random();
    hf_span digest = {some_digest, 64};
    find_key(&key, 1024);
    cr_assert_eq(key.key.public_key.modulus.size, 128);
    cr_assert_eq(hf_rsa_pss_sign(&key.key, &random, HF_HASH_SHA512, digest, signature,
                                 sizeof signature, &size),
                 HF_CRYPTO_BAD_KEY);
    cr_assert_eq(
        hf_rsa_pss_verify(&key.key.public_key, HF_HASH_SHA512, digest, (hf_span){signature, 128}),
        HF_CRYPTO_BAD_SIGNATURE);
}

Test(rsa_signature, room_for_the_signature_is_needed)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    size_t size = 0;
    hf_random random = pk_system_random();
    hf_span digest = {some_digest, 32};
    find_key(&key, 2048);
    size_t needed = key.key.public_key.modulus.size;
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        cr_assert_eq(
            scheme->sign(&key.key, &random, HF_HASH_SHA256, digest, signature, needed - 1, &size),
            HF_CRYPTO_NO_SPACE);
        cr_assert_eq(size, 0);
        cr_assert_eq(
            scheme->sign(&key.key, &random, HF_HASH_SHA256, digest, signature, needed, &size),
            HF_CRYPTO_OK);
        size = 0;
    }
}

/* Blinding draws from the caller's source in both schemes, the salt besides. */
Test(rsa_signature, a_broken_random_source_ends_signing)
{
    static const uint8_t zero = 0x00;
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    size_t size = 0;
    hf_span digest = {some_digest, 32};
    find_key(&key, 1024);
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        for (size_t given = 0; given <= 32; given += 32) {
            pk_script script = {.bytes = {some_digest, given}, .ends = true};
            const hf_random sources[] = {pk_random(&script), pk_constant_random(&zero)};
            for (size_t i = 0; i < 2; i++) {
                cr_assert_eq(scheme->sign(&key.key, &sources[i], HF_HASH_SHA256, digest, signature,
                                          sizeof signature, &size),
                             HF_CRYPTO_NO_RANDOM);
                cr_assert_eq(size, 0);
            }
        }
    }
}

/* A key file may hold anything. */
Test(rsa_signature, broken_private_keys_are_refused)
{
    static const uint8_t one = 1;
    static const uint8_t zero = 0;
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    size_t size;
    hf_random random = pk_system_random();
    hf_span digest = {some_digest, 32};
    find_key(&key, 1024);
    hf_span *numbers[] = {&key.key.private_exponent, &key.key.prime1,    &key.key.prime2,
                          &key.key.exponent1,        &key.key.exponent2, &key.key.coefficient};
    const hf_span modulus = key.key.public_key.modulus;
    uint8_t longer[HF_RSA_SIZE_MAX] = {0};
    memcpy(longer + 1, modulus.data, modulus.size);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const hf_span good = *numbers[i];
        const hf_span bad[] = {
            {NULL, 0}, {longer, modulus.size + 1}, {&zero, 1}, {&one, 1}, modulus};
        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            bool noticed_by_length = j < 2;
            bool prime = i == 1 || i == 2;
            *numbers[i] = bad[j];
            hf_crypto_result result = hf_rsa_pkcs1_sign(&key.key, &random, HF_HASH_SHA256, digest,
                                                        signature, sizeof signature, &size);
            if (noticed_by_length || prime) {
                cr_assert_eq(result, HF_CRYPTO_BAD_KEY, "number %zu, case %zu", i, j);
            } else if (i != 0) { /* d stands by; the other five compute */
                cr_assert_eq(result, HF_CRYPTO_FAILED, "number %zu, case %zu", i, j);
            }
        }
        *numbers[i] = good;
    }
    key.key.prime1 = modulus;
    key.key.prime2 = (hf_span){&one, 1};
    cr_assert_eq(hf_rsa_pkcs1_sign(&key.key, &random, HF_HASH_SHA256, digest, signature,
                                   sizeof signature, &size),
                 HF_CRYPTO_BAD_KEY, "n = n * 1");
}

/* A fault in one half of the computation must not get out: it would give the factors away. */
Test(rsa_signature, a_faulty_result_is_held_back)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX] = {0};
    uint8_t block[HF_RSA_BLOCK_MAX] = {0};
    uint8_t untouched[HF_RSA_BLOCK_MAX] = {0};
    hf_random random = pk_system_random();
    find_key(&key, 1024);
    uint8_t *exponent = key.bytes[5];
    exponent[key.key.exponent1.size - 1] ^= 2;
    signature[100] = 1;
    cr_assert_eq(hf_rsa_private_operation(&key.key, &random, signature, block), HF_CRYPTO_FAILED);
    cr_assert_arr_eq(block, untouched, sizeof block);
}

static int accelerator_calls[2];

static int accelerator(const unsigned char *in, unsigned long in_size, unsigned char *out,
                       unsigned long *out_size, int which, rsa_key *key)
{
    accelerator_calls[which]++;
    return rsa_exptmod(in, in_size, out, out_size, which, key);
}

static int (*provider_power)(void *, void *, void *, void *);
static int power_calls;

static int power(void *base, void *exponent, void *modulus, void *out)
{
    power_calls++;
    return provider_power(base, exponent, modulus, out);
}

/* An rsa_me of the application in libtomcrypt's math descriptor is used for the private operation,
 * an exptmod for the public one. */
Test(rsa_signature, an_accelerator_is_used)
{
    pk_rsa_key key;
    uint8_t signature[HF_RSA_SIZE_MAX];
    hf_span digest = {some_digest, 32};
    find_key(&key, 2048);
    provider_power = ltc_mp.exptmod;
    ltc_mp.exptmod = power;
    ltc_mp.rsa_me = accelerator;
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        memset(accelerator_calls, 0, sizeof accelerator_calls);
        hf_span signed_ = {signature, sign(scheme, &key, HF_HASH_SHA256, digest, signature)};
        power_calls = 0;
        cr_assert_eq(scheme->verify(&key.key.public_key, HF_HASH_SHA256, digest, signed_),
                     HF_CRYPTO_OK);
        cr_assert_eq(accelerator_calls[PK_PRIVATE], 1);
        cr_assert_eq(power_calls, 1);
    }
}

static hf_crypto_result sign_and_verify(void *context)
{
    static const uint8_t byte = 0x5a;
    const pk_rsa_key *key = context;
    uint8_t signature[HF_RSA_SIZE_MAX];
    size_t size;
    hf_random random = pk_constant_random(&byte);
    hf_span digest = {some_digest, 32};
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEME_COUNT; scheme++) {
        hf_crypto_result result = scheme->sign(&key->key, &random, HF_HASH_SHA256, digest,
                                               signature, sizeof signature, &size);
        if (result == HF_CRYPTO_OK) {
            result = scheme->verify(&key->key.public_key, HF_HASH_SHA256, digest,
                                    (hf_span){signature, size});
        }
        if (result != HF_CRYPTO_OK) {
            return result;
        }
    }
    return HF_CRYPTO_OK;
}

Test(rsa_signature, each_want_of_memory_is_reported)
{
    pk_rsa_key key;
    find_key(&key, 1024);
    pk_fail_each_math_call(sign_and_verify, &key);
}
