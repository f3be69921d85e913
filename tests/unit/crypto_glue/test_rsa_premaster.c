#include "pk_support.h"

#include "crypto_glue/rsa_operation.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(rsa_premaster, .init = pk_init, .timeout = 120);

#define TLS1_2 0x0303

static const uint8_t fallback[HF_PREMASTER_SIZE] = {0xfa, 0x11, 0xba, 0xc8};
static const uint8_t some_premaster[HF_PREMASTER_SIZE] = {0x03, 0x03, 0x5e, 0xc2, 0xe7};

static void read_key(pk_rsa_key *key)
{
    vectors v;
    vectors_open(&v, "rsa_premaster.txt");
    cr_assert(vectors_next(&v));
    pk_read_private(key, &v);
    vectors_close(&v);
}

/* What the decryption must yield: the message if it has 48 bytes (here of the version that it
 * starts with), else what was drawn first. */
static void check_decryption(const pk_rsa_key *key, vectors *v)
{
    uint8_t premaster[HF_PREMASTER_SIZE];
    pk_script script = {.bytes = {fallback, sizeof fallback}};
    hf_random random = pk_random(&script);
    hf_span message = vectors_bytes(v, "message");
    hf_span ciphertext = vectors_bytes(v, "ciphertext");
    bool good = strcmp(vectors_text(v, "result"), "valid") == 0 && message.size == sizeof premaster;
    uint16_t version = TLS1_2;
    hf_crypto_result result;

    if (good)
        version = (uint16_t)(message.data[0] << 8 | message.data[1]);
    result = hf_rsa_decrypt_premaster(&key->key, &random, version, ciphertext, premaster);
    if (ciphertext.size != key->key.public_key.modulus.size) {
        cr_expect_eq(result, HF_CRYPTO_FAILED, "%s", vectors_where(v));
        return;
    }
    cr_expect_eq(result, HF_CRYPTO_OK, "%s", vectors_where(v));
    cr_expect_arr_eq(premaster, good ? message.data : fallback, sizeof premaster, "%s (%s)",
                     vectors_where(v), vectors_text(v, "comment"));
}

static void check_encryption(const pk_rsa_key *key, vectors *v)
{
    uint8_t ciphertext[HF_RSA_SIZE_MAX];
    size_t size = 0;
    hf_span expected = vectors_bytes(v, "ciphertext");
    pk_script script = {.bytes = vectors_bytes(v, "padding"), .ends = true};
    hf_random random = pk_random(&script);
    cr_assert_eq(hf_rsa_encrypt_premaster(&key->key.public_key, &random,
                                          vectors_bytes(v, "message").data, ciphertext,
                                          sizeof ciphertext, &size),
                 HF_CRYPTO_OK);
    cr_assert_eq(size, expected.size);
    cr_expect_arr_eq(ciphertext, expected.data, size, "%s", vectors_where(v));
}

Test(rsa_premaster, published_vectors)
{
    vectors v;
    pk_rsa_key key;
    size_t decrypted = 0;
    size_t encrypted = 0;
    vectors_open(&v, "rsa_premaster.txt");
    while (vectors_next(&v)) {
        if (vectors_has(&v, "modulus")) {
            pk_read_private(&key, &v);
            continue;
        }
        check_decryption(&key, &v);
        decrypted++;
        if (vectors_has(&v, "padding") && vectors_bytes(&v, "message").size == 48) {
            check_encryption(&key, &v);
            encrypted++;
        }
    }
    vectors_close(&v);
    cr_assert(decrypted > 0 && encrypted > 0);
}

/* RFC 5246 7.4.7.1: the version is the one that the client offered, not the negotiated one. */
Test(rsa_premaster, the_offered_version_is_checked)
{
    pk_rsa_key key;
    uint8_t ciphertext[HF_RSA_SIZE_MAX];
    uint8_t premaster[HF_PREMASTER_SIZE];
    size_t size = 0;
    hf_random random = pk_system_random();
    read_key(&key);
    cr_assert_eq(hf_rsa_encrypt_premaster(&key.key.public_key, &random, some_premaster, ciphertext,
                                          sizeof ciphertext, &size),
                 HF_CRYPTO_OK);
    static const uint16_t versions[] = {0x0303, 0x0302, 0x0301, 0x0304, 0x0203, 0xfefd, 0};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        pk_script script = {.bytes = {fallback, sizeof fallback}};
        hf_random scripted = pk_random(&script);
        cr_assert_eq(hf_rsa_decrypt_premaster(&key.key, &scripted, versions[i],
                                              (hf_span){ciphertext, size}, premaster),
                     HF_CRYPTO_OK);
        cr_assert_arr_eq(premaster, versions[i] == TLS1_2 ? some_premaster : fallback,
                         sizeof premaster, "version %04x", versions[i]);
    }
}

/* ---------------------------------------------------------------- unpadding */

static void encode(uint8_t *encoded, size_t size)
{
    memset(encoded, 0xa7, size);
    encoded[0] = 0;
    encoded[1] = 2;
    encoded[size - 49] = 0;
    memcpy(encoded + size - 48, some_premaster, 48);
}

static bool unpads(const uint8_t *encoded, size_t size)
{
    uint8_t premaster[HF_PREMASTER_SIZE];
    hf_rsa_unpad_premaster((hf_span){encoded, size}, TLS1_2, fallback, premaster);
    if (memcmp(premaster, fallback, sizeof premaster) == 0) {
        return false;
    }
    cr_assert_arr_eq(premaster, encoded + size - 48, sizeof premaster);
    return true;
}

/* Every value of every byte: wrong ones in the frame, zeros in the padding, and nothing of the
 * secret behind the version matters. */
Test(rsa_premaster, each_byte_of_the_padding_counts)
{
    uint8_t encoded[128];
    encode(encoded, sizeof encoded);
    cr_assert(unpads(encoded, sizeof encoded));
    for (size_t i = 0; i < sizeof encoded; i++) {
        uint8_t right = encoded[i];
        for (unsigned value = 0; value < 256; value++) {
            bool in_padding = i >= 2 && i < 128 - 49;
            bool in_secret = i >= 128 - 46;
            bool good = in_secret || (in_padding ? value != 0 : value == right);
            encoded[i] = (uint8_t)value;
            cr_assert_eq(unpads(encoded, sizeof encoded), good, "byte %zu is %02x", i, value);
        }
        encoded[i] = right;
    }
}

/* A message of another length has its zero elsewhere. */
Test(rsa_premaster, messages_of_other_lengths_are_not_taken)
{
    for (size_t length = 0; length <= 128 - 11; length++) {
        uint8_t encoded[128];
        memset(encoded, 0x03, sizeof encoded);
        encoded[0] = 0;
        encoded[1] = 2;
        encoded[128 - length - 1] = 0;
        cr_assert_eq(unpads(encoded, sizeof encoded), length == 48, "%zu bytes", length);
    }
}

Test(rsa_premaster, each_size_of_block_is_unpadded)
{
    uint8_t encoded[HF_RSA_SIZE_MAX];
    for (size_t size = 59; size <= sizeof encoded; size++) {
        encode(encoded, size);
        cr_assert(unpads(encoded, size), "%zu bytes", size);
    }
    for (size_t size = 0; size < 59; size++) {
        cr_assert_not(unpads(encoded, size), "%zu bytes", size);
    }
}

/* ---------------------------------------------------------------- failures */

/* Only a wrong length makes the decryption fail. */
Test(rsa_premaster, ciphertexts_of_other_lengths_fail)
{
    pk_rsa_key key;
    uint8_t bytes[HF_RSA_SIZE_MAX] = {0};
    uint8_t premaster[HF_PREMASTER_SIZE];
    hf_random random = pk_system_random();
    read_key(&key);
    const hf_span modulus = key.key.public_key.modulus;
    for (size_t size = 0; size <= sizeof bytes; size++) {
        cr_assert_eq(
            hf_rsa_decrypt_premaster(&key.key, &random, TLS1_2, (hf_span){bytes, size}, premaster),
            size == modulus.size ? HF_CRYPTO_OK : HF_CRYPTO_FAILED);
    }
    cr_assert_eq(hf_rsa_decrypt_premaster(&key.key, &random, TLS1_2, (hf_span){NULL, 0}, premaster),
                 HF_CRYPTO_FAILED);
}

/* RFC 5246 7.4.7.1: numbers from n on are no error, as wrong padding is none; n - 1 and 0, which
 * decrypt to themselves, are wrong padding. */
Test(rsa_premaster, ciphertexts_from_n_on_yield_the_fallback)
{
    enum { ZERO, BELOW, EQUAL, ABOVE, LARGEST, COUNT };
    pk_rsa_key key;
    uint8_t bytes[COUNT][HF_RSA_SIZE_MAX] = {{0}};
    read_key(&key);
    const hf_span modulus = key.key.public_key.modulus;
    for (size_t i = BELOW; i <= ABOVE; i++) {
        memcpy(bytes[i], modulus.data, modulus.size);
    }
    bytes[BELOW][modulus.size - 1]--;
    bytes[ABOVE][modulus.size - 1]++;
    memset(bytes[LARGEST], 0xff, modulus.size);
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t premaster[HF_PREMASTER_SIZE] = {0};
        pk_script script = {.bytes = {fallback, sizeof fallback}};
        hf_random random = pk_random(&script);
        hf_span ciphertext = {bytes[i], modulus.size};
        cr_assert_eq(hf_rsa_decrypt_premaster(&key.key, &random, TLS1_2, ciphertext, premaster),
                     HF_CRYPTO_OK, "case %zu", i);
        cr_assert_arr_eq(premaster, fallback, sizeof premaster, "case %zu", i);
    }
}

/* Without a fallback there is nothing to yield. */
Test(rsa_premaster, a_ciphertext_from_n_on_needs_random_too)
{
    pk_rsa_key key;
    uint8_t premaster[HF_PREMASTER_SIZE];
    pk_script nothing = {.ends = true};
    hf_random random = pk_random(&nothing);
    read_key(&key);
    cr_assert_eq(
        hf_rsa_decrypt_premaster(&key.key, &random, TLS1_2, key.key.public_key.modulus, premaster),
        HF_CRYPTO_NO_RANDOM);
}

Test(rsa_premaster, bad_keys_fail)
{
    static const uint8_t even[256] = {0x80};
    pk_rsa_key key;
    uint8_t bytes[HF_RSA_SIZE_MAX];
    size_t size = 0;
    hf_random random = pk_system_random();
    read_key(&key);
    cr_assert_eq(hf_rsa_encrypt_premaster(&key.key.public_key, &random, some_premaster, bytes,
                                          key.key.public_key.modulus.size - 1, &size),
                 HF_CRYPTO_NO_SPACE);
    key.key.public_key.modulus = (hf_span){even, sizeof even};
    cr_assert_eq(hf_rsa_encrypt_premaster(&key.key.public_key, &random, some_premaster, bytes,
                                          sizeof bytes, &size),
                 HF_CRYPTO_BAD_KEY);
    cr_assert_eq(size, 0);
    cr_assert_eq(hf_rsa_decrypt_premaster(&key.key, &random, TLS1_2, (hf_span){bytes, 256}, bytes),
                 HF_CRYPTO_BAD_KEY);
}

/* RFC 8017 7.2.1: no byte of the padding is zero, even from a source that likes zeros. */
Test(rsa_premaster, padding_has_no_zeros)
{
    pk_rsa_key key;
    uint8_t drawn[1024];
    uint8_t ciphertext[HF_RSA_SIZE_MAX];
    uint8_t block[HF_RSA_BLOCK_MAX];
    size_t size = 0;
    hf_random random = pk_system_random();
    read_key(&key);
    for (size_t i = 0; i < sizeof drawn; i++) {
        drawn[i] = (uint8_t)(i % 3 == 0 ? i / 3 : 0);
    }
    pk_script script = {.bytes = {drawn, sizeof drawn}};
    hf_random scripted = pk_random(&script);
    cr_assert_eq(hf_rsa_encrypt_premaster(&key.key.public_key, &scripted, some_premaster,
                                          ciphertext, sizeof ciphertext, &size),
                 HF_CRYPTO_OK);
    cr_assert_eq(hf_rsa_private_operation(&key.key, &random, ciphertext, block), HF_CRYPTO_OK);
    cr_assert(unpads(block + 1, size));
}

Test(rsa_premaster, a_broken_random_source_is_reported)
{
    static const uint8_t zero = 0x00;
    pk_rsa_key key;
    uint8_t ciphertext[HF_RSA_SIZE_MAX] = {0};
    uint8_t premaster[HF_PREMASTER_SIZE];
    size_t size = 0;
    read_key(&key);
    pk_script nothing = {.ends = true};
    pk_script only_fallback = {.bytes = {fallback, sizeof fallback}, .ends = true};
    const hf_random sources[] = {pk_random(&nothing), pk_constant_random(&zero)};
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(hf_rsa_encrypt_premaster(&key.key.public_key, &sources[i], some_premaster,
                                              ciphertext, sizeof ciphertext, &size),
                     HF_CRYPTO_NO_RANDOM);
        cr_assert_eq(size, 0);
    }
    hf_span span = {ciphertext, key.key.public_key.modulus.size};
    cr_assert_eq(hf_rsa_decrypt_premaster(&key.key, &sources[0], TLS1_2, span, premaster),
                 HF_CRYPTO_NO_RANDOM);
    hf_random ends = pk_random(&only_fallback);
    cr_assert_eq(hf_rsa_decrypt_premaster(&key.key, &ends, TLS1_2, span, premaster),
                 HF_CRYPTO_NO_RANDOM);
}

static hf_crypto_result encrypt_and_decrypt(void *context)
{
    static const uint8_t byte = 0x5a;
    const pk_rsa_key *key = context;
    uint8_t ciphertext[HF_RSA_SIZE_MAX];
    uint8_t premaster[HF_PREMASTER_SIZE];
    size_t size = 0;
    hf_random random = pk_constant_random(&byte);
    hf_crypto_result result = hf_rsa_encrypt_premaster(
        &key->key.public_key, &random, some_premaster, ciphertext, sizeof ciphertext, &size);
    if (result == HF_CRYPTO_OK) {
        result = hf_rsa_decrypt_premaster(&key->key, &random, TLS1_2, (hf_span){ciphertext, size},
                                          premaster);
    }
    return result;
}

Test(rsa_premaster, each_want_of_memory_is_reported)
{
    pk_rsa_key key;
    read_key(&key);
    pk_fail_each_math_call(encrypt_and_decrypt, &key);
}
