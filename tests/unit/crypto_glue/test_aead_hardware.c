/* AES-GCM and AES-CCM over descriptors that an application registers for its hardware. Software
 * stands in for the hardware: libtomcrypt's own AES behind the accelerator slots. */
#include "cipher_support.h"
#include "crypto_glue/aead.h"

#include <string.h>
#include <tomcrypt.h>

#define SIZE_LARGEST 200

static unsigned calls;
static unsigned calls_until_failure;

/* libtomcrypt tells ciphers apart by number, so the software AES behind the hardware needs its own.
 */
static void register_software(void)
{
    struct ltc_cipher_descriptor software = aes_desc;

    software.name = "software";
    software.ID = 200;
    cr_assert_geq(register_cipher(&software), 0);
}

/* What plain libtomcrypt AES and the glue's mode yield, as the reference. */
static hf_aead_id id;
static uint8_t expected[SIZE_LARGEST + 1][SIZE_LARGEST];
static uint8_t expected_tag[SIZE_LARGEST + 1][HF_AEAD_TAG_SIZE_MAX];

static const uint8_t secret[HF_AEAD_KEY_SIZE_MAX] = {1, 2, 3};
static const uint8_t nonce[HF_AEAD_NONCE_SIZE] = {4, 5, 6};
static const uint8_t aad_bytes[13] = {7, 8, 9};
static const hf_span aad = {aad_bytes, sizeof aad_bytes};

static int count_call(void)
{
    calls++;
    return calls_until_failure != 0 && calls >= calls_until_failure ? CRYPT_ERROR : CRYPT_OK;
}

static int many_blocks(const unsigned char *pt, unsigned char *ct, unsigned long blocks,
                       symmetric_key *key)
{
    for (unsigned long i = 0; i < blocks; i++) {
        aes_desc.ecb_encrypt(pt + 16 * i, ct + 16 * i, key);
    }
    return count_call();
}

static int counter_mode(const unsigned char *pt, unsigned char *ct, unsigned long blocks,
                        unsigned char *counter, symmetric_key *key, bool increment_first)
{
    unsigned char stream[16];

    for (unsigned long i = 0; i < blocks; i++) {
        if (increment_first) {
            counter[15]++;
        }
        aes_desc.ecb_encrypt(counter, stream, key);
        for (size_t j = 0; j < 16; j++) {
            ct[16 * i + j] = pt[16 * i + j] ^ stream[j];
        }
        if (!increment_first) {
            counter[15]++;
        }
    }
    return count_call();
}

static int counter_mode_of_libtomcrypt(const unsigned char *pt, unsigned char *ct,
                                       unsigned long blocks, unsigned char *counter, int mode,
                                       symmetric_key *key)
{
    cr_assert_eq(mode, CTR_COUNTER_BIG_ENDIAN);
    return counter_mode(pt, ct, blocks, counter, key, true);
}

static int counter_mode_of_others(const unsigned char *pt, unsigned char *ct, unsigned long blocks,
                                  unsigned char *counter, int mode, symmetric_key *key)
{
    (void)mode;
    return counter_mode(pt, ct, blocks, counter, key, false);
}

/* libtomcrypt 1.18 leaves comparing the tag to its caller. */
static int gcm_that_overwrites_the_tag(const unsigned char *key, unsigned long key_size,
                                       const unsigned char *iv, unsigned long iv_size,
                                       const unsigned char *header, unsigned long header_size,
                                       unsigned char *pt, unsigned long size, unsigned char *ct,
                                       unsigned char *tag, unsigned long *tag_size, int direction)
{
    int result = gcm_memory(find_cipher("software"), key, key_size, iv, iv_size, header,
                            header_size, pt, size, ct, tag, tag_size, direction);

    cr_assert_eq(result, CRYPT_OK);
    return count_call();
}

/* Later versions compare, and then leave the tag alone. */
static int gcm_that_compares_the_tag(const unsigned char *key, unsigned long key_size,
                                     const unsigned char *iv, unsigned long iv_size,
                                     const unsigned char *header, unsigned long header_size,
                                     unsigned char *pt, unsigned long size, unsigned char *ct,
                                     unsigned char *tag, unsigned long *tag_size, int direction)
{
    unsigned char given[16];
    int result;

    memcpy(given, tag, sizeof given);
    result = gcm_that_overwrites_the_tag(key, key_size, iv, iv_size, header, header_size, pt, size,
                                         ct, tag, tag_size, direction);
    if (direction == GCM_DECRYPT) {
        result = memcmp(given, tag, sizeof given) == 0 ? result : CRYPT_ERROR;
        memcpy(tag, given, sizeof given);
    }
    return result;
}

/* Two encryptions in place of the decryption that libtomcrypt 1.18 does: it compares the tag. */
static int ccm_that_overwrites_the_tag(const unsigned char *key, unsigned long key_size,
                                       symmetric_key *schedule, const unsigned char *iv,
                                       unsigned long iv_size, const unsigned char *header,
                                       unsigned long header_size, unsigned char *pt,
                                       unsigned long size, unsigned char *ct, unsigned char *tag,
                                       unsigned long *tag_size, int direction)
{
    int software = find_cipher("software");
    unsigned char again[SIZE_LARGEST];

    cr_assert_null(schedule);
    cr_assert_eq(pt, ct);
    cr_assert_eq(ccm_memory(software, key, key_size, NULL, iv, iv_size, header, header_size, pt,
                            size, ct, tag, tag_size, CCM_ENCRYPT),
                 CRYPT_OK);
    if (direction == CCM_DECRYPT) {
        cr_assert_eq(ccm_memory(software, key, key_size, NULL, iv, iv_size, header, header_size, pt,
                                size, again, tag, tag_size, CCM_ENCRYPT),
                     CRYPT_OK);
    }
    return count_call();
}

static int ccm_that_compares_the_tag(const unsigned char *key, unsigned long key_size,
                                     symmetric_key *schedule, const unsigned char *iv,
                                     unsigned long iv_size, const unsigned char *header,
                                     unsigned long header_size, unsigned char *pt,
                                     unsigned long size, unsigned char *ct, unsigned char *tag,
                                     unsigned long *tag_size, int direction)
{
    int result = ccm_memory(find_cipher("software"), key, key_size, schedule, iv, iv_size, header,
                            header_size, pt, size, ct, tag, tag_size, direction);
    int counted = count_call();

    return result == CRYPT_OK ? counted : result;
}

static void make_expected(hf_aead_id mode)
{
    hf_aead_key key;

    id = mode;
    use_aes(&aes_desc);
    cr_assert_eq(hf_aead_init(&key, id, secret), HF_CRYPTO_OK);
    for (size_t size = 0; size <= SIZE_LARGEST; size++) {
        cr_assert_eq(hf_aead_seal(&key, nonce, aad, expected[size], size, expected_tag[size]),
                     HF_CRYPTO_OK);
    }
    cr_assert_eq(unregister_cipher(&aes_desc), CRYPT_OK);
}

static void expect_gcm(void)
{
    make_expected(HF_AEAD_AES_256_GCM);
}

static void expect_ccm(void)
{
    make_expected(HF_AEAD_AES_256_CCM);
}

static void expect_ccm_8(void)
{
    make_expected(HF_AEAD_AES_128_CCM_8);
}

/* Registers `hardware` in place of libtomcrypt's AES and checks all sizes against it. */
static void check(const struct ltc_cipher_descriptor *hardware)
{
    hf_aead_key key;

    cr_assert_geq(register_cipher(hardware), 0);
    cr_assert_eq(hf_aead_init(&key, id, secret), HF_CRYPTO_OK);
    for (size_t size = 0; size <= SIZE_LARGEST; size++) {
        uint8_t data[SIZE_LARGEST] = {0}, zero[SIZE_LARGEST] = {0};
        uint8_t tag[HF_AEAD_TAG_SIZE_MAX] = {0};
        uint8_t *text = size > 0 ? data : NULL;

        calls = 0;
        cr_assert_eq(hf_aead_seal(&key, nonce, aad, text, size, tag), HF_CRYPTO_OK);
        cr_assert_gt(calls, 0, "the hardware was not used");
        cr_assert_arr_eq(tag, expected_tag[size], sizeof tag);
        cr_assert_arr_eq(data, expected[size], sizeof data);
        tag[size % hf_aead_tag_size(id)] ^= 1;
        cr_assert_eq(hf_aead_open(&key, nonce, aad, text, size, tag), HF_CRYPTO_BAD_TAG);
        cr_assert(memcmp(data, expected[size], size) == 0 || memcmp(data, zero, size) == 0);
        tag[size % hf_aead_tag_size(id)] ^= 1;
        memcpy(data, expected[size], sizeof data);
        cr_assert_eq(hf_aead_open(&key, nonce, aad, text, size, tag), HF_CRYPTO_OK);
        cr_assert_arr_eq(data, zero, sizeof data);
    }
}

/* Whatever call of the hardware fails, the result says so and no plaintext is left. */
static void check_failures(void)
{
    hf_aead_key key;
    uint8_t plain[SIZE_LARGEST], data[SIZE_LARGEST], sealed[SIZE_LARGEST];
    uint8_t tag[HF_AEAD_TAG_SIZE_MAX], ignored[HF_AEAD_TAG_SIZE_MAX];

    memset(plain, 0x61, sizeof plain);
    memcpy(sealed, plain, sizeof sealed);
    cr_assert_eq(hf_aead_init(&key, id, secret), HF_CRYPTO_OK);
    cr_assert_eq(hf_aead_seal(&key, nonce, aad, sealed, sizeof sealed, tag), HF_CRYPTO_OK);
    for (unsigned fail_at = 1;; fail_at++) {
        hf_crypto_result result;

        calls = 0;
        calls_until_failure = fail_at;
        memcpy(data, sealed, sizeof data);
        result = hf_aead_open(&key, nonce, aad, data, sizeof data, tag);
        if (result == HF_CRYPTO_OK) {
            cr_assert_gt(fail_at, 1);
            cr_assert_arr_eq(data, plain, sizeof data);
            break;
        }
        for (size_t i = 0; i + 8 <= sizeof data; i++) {
            cr_assert_neq(memcmp(data + i, plain, 8), 0, "plaintext left at %zu", i);
        }
        calls = 0;
        memcpy(data, plain, sizeof data);
        cr_assert_neq(hf_aead_seal(&key, nonce, aad, data, sizeof data, ignored), HF_CRYPTO_OK);
    }
    calls_until_failure = 0;
}

Test(aead_hardware, gcm_with_aes_under_its_other_name, .init = expect_gcm)
{
    struct ltc_cipher_descriptor hardware = rijndael_desc;

    hardware.accel_ecb_encrypt = many_blocks;
    check(&hardware);
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    check(&hardware);
}

Test(aead_hardware, gcm_with_many_blocks_in_one_call, .init = expect_gcm)
{
    struct ltc_cipher_descriptor hardware = aes_desc;

    hardware.accel_ecb_encrypt = many_blocks;
    check(&hardware);
    check_failures();
}

Test(aead_hardware, gcm_with_counter_mode, .init = expect_gcm)
{
    struct ltc_cipher_descriptor hardware = aes_desc;

    hardware.accel_ecb_encrypt = many_blocks;
    hardware.accel_ctr_encrypt = counter_mode_of_libtomcrypt;
    check(&hardware);
    check_failures();
}

Test(aead_hardware, counter_mode_with_another_idea_of_the_counter_is_refused, .init = expect_gcm)
{
    struct ltc_cipher_descriptor hardware = aes_desc;
    hf_aead_key key;

    hardware.accel_ctr_encrypt = counter_mode_of_others;
    cr_assert_geq(register_cipher(&hardware), 0);
    cr_assert_eq(hf_aead_init(&key, id, secret), HF_CRYPTO_FAILED);
}

Test(aead_hardware, gcm_that_leaves_the_tag_to_the_caller, .init = expect_gcm)
{
    struct ltc_cipher_descriptor hardware = aes_desc;

    register_software();
    hardware.accel_gcm_memory = gcm_that_overwrites_the_tag;
    check(&hardware);
    check_failures();
}

Test(aead_hardware, gcm_that_compares_the_tag, .init = expect_gcm)
{
    struct ltc_cipher_descriptor hardware = aes_desc;

    register_software();
    hardware.accel_gcm_memory = gcm_that_compares_the_tag;
    check(&hardware);
    check_failures();
}

Test(aead_hardware, ccm_with_many_blocks_in_one_call, .init = expect_ccm)
{
    struct ltc_cipher_descriptor hardware = aes_desc;

    hardware.accel_ecb_encrypt = many_blocks;
    check(&hardware);
    check_failures();
}

Test(aead_hardware, ccm_with_counter_mode, .init = expect_ccm_8)
{
    struct ltc_cipher_descriptor hardware = aes_desc;

    hardware.accel_ecb_encrypt = many_blocks;
    hardware.accel_ctr_encrypt = counter_mode_of_libtomcrypt;
    check(&hardware);
    check_failures();
}

Test(aead_hardware, ccm_with_another_idea_of_the_counter_is_refused, .init = expect_ccm)
{
    struct ltc_cipher_descriptor hardware = aes_desc;
    hf_aead_key key;

    hardware.accel_ctr_encrypt = counter_mode_of_others;
    cr_assert_geq(register_cipher(&hardware), 0);
    cr_assert_eq(hf_aead_init(&key, id, secret), HF_CRYPTO_FAILED);
}

static void check_whole_ccm(void)
{
    struct ltc_cipher_descriptor hardware = aes_desc;

    register_software();
    hardware.accel_ccm_memory = ccm_that_overwrites_the_tag;
    check(&hardware);
    check_failures();
    cr_assert_eq(unregister_cipher(&hardware), CRYPT_OK);
    hardware.accel_ccm_memory = ccm_that_compares_the_tag;
    check(&hardware);
    check_failures();
}

Test(aead_hardware, all_of_ccm, .init = expect_ccm)
{
    check_whole_ccm();
}

Test(aead_hardware, all_of_ccm_with_short_tags, .init = expect_ccm_8)
{
    check_whole_ccm();
}
