#include "crypto_glue/rc4.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <string.h>

#define OFFSET_MAX 4096

/* Encrypting zeros yields the key stream. Goes to the offset in pieces of `step` bytes. */
static void check_stream(vectors *v, size_t step)
{
    uint8_t data[OFFSET_MAX + 16] = {0};
    hf_span stream = vectors_bytes(v, "stream");
    size_t offset = (size_t)vectors_number(v, "offset");
    hf_rc4 rc4;

    cr_assert_eq(vectors_bytes(v, "key").size, HF_RC4_KEY_SIZE);
    cr_assert_leq(offset + stream.size, sizeof data);
    cr_assert_eq(hf_rc4_init(&rc4, vectors_bytes(v, "key").data), HF_CRYPTO_OK);
    for (size_t at = 0; at < offset + stream.size; at += step) {
        size_t rest = offset + stream.size - at;

        cr_assert_eq(hf_rc4_crypt(&rc4, data + at, rest < step ? rest : step), HF_CRYPTO_OK);
    }
    cr_assert_arr_eq(data + offset, stream.data, stream.size, "%s", vectors_where(v));
}

Test(rc4, vectors)
{
    vectors v;

    vectors_open(&v, "rc4.txt");
    while (vectors_next(&v)) {
        check_stream(&v, OFFSET_MAX + 16);
        check_stream(&v, 1);
        check_stream(&v, 37);
    }
    vectors_close(&v);
}

Test(rc4, what_is_encrypted_decrypts)
{
    static const uint8_t secret[HF_RC4_KEY_SIZE] = {1, 2, 3};
    uint8_t data[64];
    hf_rc4 one, other;

    memset(data, 0x5a, sizeof data);
    cr_assert_eq(hf_rc4_init(&one, secret), HF_CRYPTO_OK);
    other = one;
    cr_assert_eq(hf_rc4_crypt(&one, data, sizeof data), HF_CRYPTO_OK);
    cr_assert_neq(data[0], 0x5a);
    cr_assert_eq(hf_rc4_crypt(&other, NULL, 0), HF_CRYPTO_OK);
    cr_assert_eq(hf_rc4_crypt(&other, data, sizeof data), HF_CRYPTO_OK);
    for (size_t i = 0; i < sizeof data; i++) {
        cr_assert_eq(data[i], 0x5a);
    }
}

Test(rc4, wiping_leaves_nothing_of_the_key)
{
    static const uint8_t secret[HF_RC4_KEY_SIZE] = {1, 2, 3};
    static const uint8_t zero[sizeof(hf_rc4)];
    hf_rc4 rc4;

    cr_assert_eq(hf_rc4_init(&rc4, secret), HF_CRYPTO_OK);
    hf_rc4_wipe(&rc4);
    cr_assert_arr_eq(&rc4, zero, sizeof rc4);
}
