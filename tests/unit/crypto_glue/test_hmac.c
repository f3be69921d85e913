#include "crypto_glue/hmac.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <string.h>

static hf_hash_id named(const char *name)
{
    static const char *const names[] = {"", "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};

    for (size_t id = HF_HASH_MD5; id <= HF_HASH_SHA512; id++) {
        if (strcmp(name, names[id]) == 0) {
            return (hf_hash_id)id;
        }
    }
    cr_assert_fail("unknown hash function %s", name);
    return HF_HASH_NONE;
}

/* Each key makes the same tag again and again, over one update and over many. */
static void expect_tag(const vectors *v, const hf_hmac_key *key, hf_span msg, hf_span md,
                       size_t piece)
{
    hf_hash message;
    uint8_t out[HF_HASH_SIZE_MAX];

    hf_hmac_begin(key, &message);
    for (size_t at = 0; at < msg.size; at += piece) {
        size_t rest = msg.size - at;

        hf_hash_update(&message, msg.data + at, rest < piece ? rest : piece);
    }
    cr_assert_eq(hf_hmac_end(key, &message, out), md.size, "%s", vectors_where(v));
    cr_assert_arr_eq(out, md.data, md.size, "%s", vectors_where(v));
}

Test(hmac, vectors_with_one_key_used_again)
{
    vectors v;

    vectors_open(&v, "hmac.txt");
    while (vectors_next(&v)) {
        hf_span secret = vectors_bytes(&v, "key");
        hf_hmac_key key;

        hf_hmac_key_init(&key, named(vectors_section(&v)), secret.data, secret.size);
        for (size_t piece = 1; piece <= 65; piece += 16) {
            expect_tag(&v, &key, vectors_bytes(&v, "msg"), vectors_bytes(&v, "md"), piece);
        }
        hf_hmac_key_wipe(&key);
    }
    vectors_close(&v);
}

Test(hmac, messages_of_one_key_may_run_side_by_side)
{
    static const uint8_t data[3] = {1, 2, 3};
    hf_hmac_key key;
    hf_hash a, b;
    uint8_t alone[HF_HASH_SIZE_MAX], beside[HF_HASH_SIZE_MAX], other[HF_HASH_SIZE_MAX];
    size_t size;

    hf_hmac_key_init(&key, HF_HASH_SHA256, data, sizeof data);
    hf_hmac_begin(&key, &a);
    hf_hash_update(&a, data, 3);
    size = hf_hmac_end(&key, &a, alone);

    hf_hmac_begin(&key, &a);
    hf_hmac_begin(&key, &b);
    hf_hash_update(&a, data, 1);
    hf_hash_update(&b, data, 2);
    hf_hash_update(&a, data + 1, 2);
    cr_assert_eq(hf_hmac_end(&key, &b, other), size);
    cr_assert_eq(hf_hmac_end(&key, &a, beside), size);
    cr_assert_arr_eq(beside, alone, size);
    cr_assert_arr_neq(other, alone, size);
}

Test(hmac, wiping_leaves_nothing_of_the_key)
{
    static const uint8_t zero[sizeof(hf_hmac_key)];
    hf_hmac_key key;

    hf_hmac_key_init(&key, HF_HASH_SHA384, (const uint8_t *)"key", 3);
    hf_hmac_key_wipe(&key);
    cr_assert_arr_eq(&key, zero, sizeof key);
}
