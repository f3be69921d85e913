#include "cipher_support.h"
#include "crypto_glue/cbc.h"
#include "tests/support/vectors.h"

#include <string.h>

#define TEXT_MAX 512

static const hf_cbc_id all_ids[] = {
    HF_CBC_AES_128,
    HF_CBC_AES_256,
#if HF_WITH_3DES
    HF_CBC_3DES_EDE,
#endif
};
#define ID_COUNT (sizeof all_ids / sizeof all_ids[0])

static const uint8_t secret[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

static void set_up(void)
{
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
}

TestSuite(cbc, .init = set_up);

/* One vector in calls of at most `step` bytes: the chaining value must go on from call to call. */
static void check_steps(vectors *v, const hf_cbc_key *key, size_t step)
{
    hf_span iv = vectors_bytes(v, "iv"), pt = vectors_bytes(v, "pt"), ct = vectors_bytes(v, "ct");
    size_t block_size = hf_cbc_block_size(key->id);
    uint8_t chain[HF_CBC_BLOCK_MAX], data[TEXT_MAX];

    memcpy(data, pt.data, pt.size);
    memcpy(chain, iv.data, iv.size);
    for (size_t at = 0; at < pt.size; at += step) {
        size_t size = step < pt.size - at ? step : pt.size - at;

        cr_assert_eq(hf_cbc_encrypt(key, chain, data + at, size), HF_CRYPTO_OK);
        cr_assert_arr_eq(chain, ct.data + at + size - block_size, block_size);
    }
    cr_assert_arr_eq(data, ct.data, ct.size, "%s: encrypted", vectors_where(v));

    memcpy(chain, iv.data, iv.size);
    for (size_t at = 0; at < ct.size; at += step) {
        size_t size = step < ct.size - at ? step : ct.size - at;

        cr_assert_eq(hf_cbc_decrypt(key, chain, data + at, size), HF_CRYPTO_OK);
        cr_assert_arr_eq(chain, ct.data + at + size - block_size, block_size);
    }
    cr_assert_arr_eq(data, pt.data, pt.size, "%s: decrypted", vectors_where(v));
}

static void check_vector(vectors *v, hf_cbc_id id)
{
    size_t block_size = hf_cbc_block_size(id);
    hf_cbc_key key;

    cr_assert_eq(vectors_bytes(v, "key").size, hf_cbc_key_size(id));
    cr_assert_eq(vectors_bytes(v, "iv").size, block_size);
    cr_assert_leq(vectors_bytes(v, "pt").size, TEXT_MAX);
    cr_assert_eq(vectors_bytes(v, "pt").size, vectors_bytes(v, "ct").size);
    cr_assert_eq(hf_cbc_init(&key, id, vectors_bytes(v, "key").data), HF_CRYPTO_OK);
    for (size_t blocks = 1; blocks <= TEXT_MAX / block_size; blocks = 2 * blocks + 1) {
        check_steps(v, &key, blocks * block_size);
    }
    hf_cbc_wipe(&key);
}

Test(cbc, aes_vectors)
{
    vectors v;

    vectors_open(&v, "aes_cbc.txt");
    while (vectors_next(&v)) {
        bool long_key = strcmp(vectors_section(&v), "AES-256") == 0;

        cr_assert(long_key || strcmp(vectors_section(&v), "AES-128") == 0);
        check_vector(&v, long_key ? HF_CBC_AES_256 : HF_CBC_AES_128);
    }
    vectors_close(&v);
}

#if HF_WITH_3DES
Test(cbc, triple_des_vectors)
{
    vectors v;

    vectors_open(&v, "des3_cbc.txt");
    while (vectors_next(&v)) {
        check_vector(&v, HF_CBC_3DES_EDE);
    }
    vectors_close(&v);
}
#endif

Test(cbc, sizes)
{
    static const size_t expected[][2] = {[HF_CBC_NONE] = {0, 0},
                                         [HF_CBC_AES_128] = {16, 16},
                                         [HF_CBC_AES_256] = {32, 16},
                                         [HF_CBC_3DES_EDE] = {24, 8}};

    for (hf_cbc_id id = HF_CBC_NONE; id <= HF_CBC_3DES_EDE; id++) {
        cr_assert_eq(hf_cbc_key_size(id), expected[id][0]);
        cr_assert_eq(hf_cbc_block_size(id), expected[id][1]);
        cr_assert_leq(hf_cbc_block_size(id), HF_CBC_BLOCK_MAX);
    }
}

Test(cbc, only_whole_blocks)
{
    for (size_t i = 0; i < ID_COUNT; i++) {
        uint8_t iv[HF_CBC_BLOCK_MAX] = {0}, data[64] = {0};
        const uint8_t zero[64] = {0};
        size_t block_size = hf_cbc_block_size(all_ids[i]);
        hf_cbc_key key;

        cr_assert_eq(hf_cbc_init(&key, all_ids[i], secret), HF_CRYPTO_OK);
        for (size_t size = 0; size < sizeof data; size++) {
            if (size % block_size != 0) {
                cr_assert_eq(hf_cbc_encrypt(&key, iv, data, size), HF_CRYPTO_FAILED);
                cr_assert_eq(hf_cbc_decrypt(&key, iv, data, size), HF_CRYPTO_FAILED);
                cr_assert_arr_eq(data, zero, sizeof data);
            }
        }
        cr_assert_eq(hf_cbc_encrypt(&key, iv, NULL, 0), HF_CRYPTO_OK);
        cr_assert_eq(hf_cbc_decrypt(&key, iv, NULL, 0), HF_CRYPTO_OK);
        cr_assert_arr_eq(iv, zero, sizeof iv, "nothing to do leaves the IV alone");
    }
}

Test(cbc, no_cipher_is_an_error)
{
    uint8_t iv[HF_CBC_BLOCK_MAX] = {0}, data[16] = {0};
    hf_cbc_key key;

    cr_assert_eq(hf_cbc_init(&key, HF_CBC_NONE, secret), HF_CRYPTO_FAILED);
    cr_assert_eq(hf_cbc_encrypt(&key, iv, data, sizeof data), HF_CRYPTO_FAILED);
    cr_assert_eq(hf_cbc_decrypt(&key, iv, data, sizeof data), HF_CRYPTO_FAILED);
}

Test(cbc_before_init, aes_is_an_error)
{
    hf_cbc_key key;

    cr_assert_eq(hf_cbc_init(&key, HF_CBC_AES_128, secret), HF_CRYPTO_FAILED);
}

Test(cbc, wiping_leaves_nothing_of_the_key)
{
    static const uint8_t zero[sizeof(hf_cbc_key)];

    for (size_t i = 0; i < ID_COUNT; i++) {
        hf_cbc_key key;

        cr_assert_eq(hf_cbc_init(&key, all_ids[i], secret), HF_CRYPTO_OK);
        hf_cbc_wipe(&key);
        cr_assert_arr_eq(&key, zero, sizeof key);
    }
}

/* ---------------------------------------------------------------- hardware, played by software */

static unsigned calls;
static bool broken;

static int count_call(void)
{
    calls++;
    return broken ? CRYPT_ERROR : CRYPT_OK;
}

/* CBC by the book, block by block (SP 800-38A 6.2). */
static int chain(int direction, const struct ltc_cipher_descriptor *software, uint8_t *data,
                 unsigned long blocks, uint8_t *iv, symmetric_key *key)
{
    size_t size = (size_t)software->block_length;

    for (unsigned long i = 0; i < blocks; i++) {
        uint8_t in[HF_CBC_BLOCK_MAX];
        uint8_t *block = data + i * size;

        memcpy(in, block, size);
        for (size_t j = 0; direction == 0 && j < size; j++) {
            block[j] ^= iv[j];
        }
        if (direction == 0) {
            software->ecb_encrypt(block, block, key);
        } else {
            software->ecb_decrypt(block, block, key);
        }
        for (size_t j = 0; direction == 1 && j < size; j++) {
            block[j] ^= iv[j];
        }
        memcpy(iv, direction == 0 ? block : in, size);
    }
    return count_call();
}

static int encrypt_aes(const unsigned char *pt, unsigned char *ct, unsigned long blocks,
                       unsigned char *iv, symmetric_key *key)
{
    cr_assert_eq(pt, ct);
    return chain(0, &aes_desc, ct, blocks, iv, key);
}

static int decrypt_aes(const unsigned char *ct, unsigned char *pt, unsigned long blocks,
                       unsigned char *iv, symmetric_key *key)
{
    cr_assert_eq(pt, ct);
    return chain(1, &aes_desc, pt, blocks, iv, key);
}

#if HF_WITH_3DES
static int encrypt_3des(const unsigned char *pt, unsigned char *ct, unsigned long blocks,
                        unsigned char *iv, symmetric_key *key)
{
    cr_assert_eq(pt, ct);
    return chain(0, &des3_desc, ct, blocks, iv, key);
}

static int decrypt_3des(const unsigned char *ct, unsigned char *pt, unsigned long blocks,
                        unsigned char *iv, symmetric_key *key)
{
    cr_assert_eq(pt, ct);
    return chain(1, &des3_desc, pt, blocks, iv, key);
}
#endif

static void encrypt_some(hf_cbc_id id, uint8_t *data, size_t size, uint8_t *iv)
{
    hf_cbc_key key;

    memset(data, 0x5a, size);
    memset(iv, 0xc3, HF_CBC_BLOCK_MAX);
    cr_assert_eq(hf_cbc_init(&key, id, secret), HF_CRYPTO_OK);
    cr_assert_eq(hf_cbc_encrypt(&key, iv, data, size), HF_CRYPTO_OK);
}

static void check_hardware(hf_cbc_id id, const struct ltc_cipher_descriptor *software,
                           const struct ltc_cipher_descriptor *hardware)
{
    uint8_t expected[96], data[96], expected_iv[HF_CBC_BLOCK_MAX], iv[HF_CBC_BLOCK_MAX];
    hf_cbc_key key;

    encrypt_some(id, expected, sizeof expected, expected_iv);
    cr_assert_eq(calls, 0);
    (void)unregister_cipher(software);
    cr_assert_geq(register_cipher(hardware), 0);
    encrypt_some(id, data, sizeof data, iv);
    cr_assert_eq(calls, 1, "the hardware was not used");
    cr_assert_arr_eq(data, expected, sizeof data);
    cr_assert_arr_eq(iv, expected_iv, hf_cbc_block_size(id));

    cr_assert_eq(hf_cbc_init(&key, id, secret), HF_CRYPTO_OK);
    memset(iv, 0xc3, sizeof iv);
    cr_assert_eq(hf_cbc_decrypt(&key, iv, data, sizeof data), HF_CRYPTO_OK);
    cr_assert_eq(calls, 2, "the hardware was not used");
    cr_assert_arr_eq(iv, expected_iv, hf_cbc_block_size(id));
    for (size_t i = 0; i < sizeof data; i++) {
        cr_assert_eq(data[i], 0x5a);
    }
    broken = true;
    cr_assert_eq(hf_cbc_encrypt(&key, iv, data, sizeof data), HF_CRYPTO_FAILED);
    cr_assert_eq(hf_cbc_decrypt(&key, iv, data, sizeof data), HF_CRYPTO_FAILED);
}

Test(cbc, hardware_for_aes)
{
    struct ltc_cipher_descriptor hardware = aes_desc;

    use_aes(&aes_desc);
    hardware.accel_cbc_encrypt = encrypt_aes;
    hardware.accel_cbc_decrypt = decrypt_aes;
    check_hardware(HF_CBC_AES_256, &aes_desc, &hardware);
}

#if HF_WITH_3DES
Test(cbc, hardware_for_triple_des)
{
    struct ltc_cipher_descriptor hardware = des3_desc;

    hardware.accel_cbc_encrypt = encrypt_3des;
    hardware.accel_cbc_decrypt = decrypt_3des;
    check_hardware(HF_CBC_3DES_EDE, &des3_desc, &hardware);
}
#endif

static int failing_block(const unsigned char *in, unsigned char *out, symmetric_key *key)
{
    (void)in;
    (void)out;
    (void)key;
    return CRYPT_ERROR;
}

Test(cbc, a_block_that_fails_is_reported)
{
    struct ltc_cipher_descriptor hardware = aes_desc;
    uint8_t iv[HF_CBC_BLOCK_MAX] = {0}, data[32] = {0};
    hf_cbc_key key;

    use_aes(&aes_desc);
    cr_assert_eq(hf_cbc_init(&key, HF_CBC_AES_128, secret), HF_CRYPTO_OK);
    cr_assert_eq(unregister_cipher(&aes_desc), CRYPT_OK);
    hardware.ecb_encrypt = failing_block;
    hardware.ecb_decrypt = failing_block;
    cr_assert_geq(register_cipher(&hardware), 0);
    cr_assert_eq(hf_cbc_encrypt(&key, iv, data, sizeof data), HF_CRYPTO_FAILED);
    cr_assert_eq(hf_cbc_decrypt(&key, iv, data, sizeof data), HF_CRYPTO_FAILED);
}
