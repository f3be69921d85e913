#include "crypto_glue/aead.h"
#include "crypto_glue/init.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <tomcrypt.h>

static const struct {
    const char *name;
    hf_aead_id id;
    size_t key_size, tag_size;
    bool is_ccm;
} all[] = {{"AES-128-GCM", HF_AEAD_AES_128_GCM, 16, 16, false},
           {"AES-256-GCM", HF_AEAD_AES_256_GCM, 32, 16, false},
           {"ChaCha20-Poly1305", HF_AEAD_CHACHA20_POLY1305, 32, 16, false},
           {"AES-128-CCM", HF_AEAD_AES_128_CCM, 16, 16, true},
           {"AES-256-CCM", HF_AEAD_AES_256_CCM, 32, 16, true},
           {"AES-128-CCM-8", HF_AEAD_AES_128_CCM_8, 16, 8, true},
           {"AES-256-CCM-8", HF_AEAD_AES_256_CCM_8, 32, 8, true}};
#define AEAD_COUNT (sizeof all / sizeof all[0])

static hf_aead_id named(const char *name)
{
    for (size_t i = 0; i < AEAD_COUNT; i++) {
        if (strcmp(name, all[i].name) == 0) {
            return all[i].id;
        }
    }
    cr_assert_fail("unknown AEAD %s", name);
    return HF_AEAD_NONE;
}

static void set_up(void)
{
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
}

/* A copy with exactly the bytes it has, so that tools see any access beyond; NULL when empty. */
static uint8_t *copy_of(hf_span span)
{
    uint8_t *copy = NULL;

    if (span.size > 0) {
        copy = malloc(span.size);
        cr_assert_not_null(copy);
        memcpy(copy, span.data, span.size);
    }
    return copy;
}

static void expect_bytes(const vectors *v, const char *what, const uint8_t *actual,
                         hf_span expected)
{
    if (expected.size > 0) {
        cr_assert_arr_eq(actual, expected.data, expected.size, "%s: %s", vectors_where(v), what);
    }
}

/* What a wrong tag leaves: the ciphertext, or nothing. */
static bool is_unopened(const uint8_t *data, const uint8_t *sealed, size_t size)
{
    bool is_wiped = true;

    for (size_t i = 0; i < size; i++) {
        is_wiped = is_wiped && data[i] == 0;
    }
    return is_wiped || memcmp(data, sealed, size) == 0;
}

static void check_seal(vectors *v, const hf_aead_key *key)
{
    hf_span pt = vectors_bytes(v, "pt");
    uint8_t *data = copy_of(pt);
    uint8_t tag[HF_AEAD_TAG_SIZE_MAX];

    cr_assert_eq(hf_aead_seal(key, vectors_bytes(v, "nonce").data, vectors_bytes(v, "aad"), data,
                              pt.size, tag),
                 HF_CRYPTO_OK, "%s", vectors_where(v));
    expect_bytes(v, "ciphertext", data, vectors_bytes(v, "ct"));
    expect_bytes(v, "tag", tag, vectors_bytes(v, "tag"));
    free(data);
}

static void check_open(vectors *v, const hf_aead_key *key)
{
    hf_span ct = vectors_bytes(v, "ct");
    uint8_t *data = copy_of(ct);
    bool good = vectors_has(v, "pt");

    cr_assert_eq(hf_aead_open(key, vectors_bytes(v, "nonce").data, vectors_bytes(v, "aad"), data,
                              ct.size, vectors_bytes(v, "tag").data),
                 good ? HF_CRYPTO_OK : HF_CRYPTO_BAD_TAG, "%s", vectors_where(v));
    if (good) {
        expect_bytes(v, "opened", data, vectors_bytes(v, "pt"));
    } else {
        cr_assert(is_unopened(data, ct.data, ct.size), "%s", vectors_where(v));
    }
    free(data);
}

static void check_file(const char *name)
{
    vectors v;

    vectors_open(&v, name);
    while (vectors_next(&v)) {
        hf_aead_id id = named(vectors_section(&v));
        hf_aead_key key;

        cr_assert_eq(vectors_bytes(&v, "key").size, hf_aead_key_size(id));
        cr_assert_eq(vectors_bytes(&v, "nonce").size, HF_AEAD_NONCE_SIZE);
        cr_assert_eq(vectors_bytes(&v, "tag").size, hf_aead_tag_size(id));
        cr_assert_eq(hf_aead_init(&key, id, vectors_bytes(&v, "key").data), HF_CRYPTO_OK);
        if (vectors_has(&v, "pt")) {
            check_seal(&v, &key);
        }
        check_open(&v, &key);
        hf_aead_wipe(&key);
    }
    vectors_close(&v);
}

Test(aead, aes_gcm_vectors, .init = set_up)
{
    check_file("aes_gcm.txt");
}

Test(aead, aes_ccm_vectors, .init = set_up)
{
    check_file("aes_ccm.txt");
}

Test(aead, chacha20_poly1305_vectors, .init = set_up)
{
    check_file("chacha20_poly1305.txt");
}

/* One sealed record and everything that goes into opening it. */
typedef struct record {
    hf_aead_key key;
    uint8_t nonce[HF_AEAD_NONCE_SIZE];
    uint8_t aad[13];
    uint8_t plain[45];
    uint8_t data[45];
    uint8_t tag[HF_AEAD_TAG_SIZE_MAX];
} record;

static void make_record(record *r, hf_aead_id id)
{
    uint8_t secret[HF_AEAD_KEY_SIZE_MAX];

    memset(secret, 0x42, sizeof secret);
    memset(r->nonce, 0x24, sizeof r->nonce);
    memset(r->aad, 0x11, sizeof r->aad);
    memset(r->plain, 0x77, sizeof r->plain);
    memcpy(r->data, r->plain, sizeof r->data);
    cr_assert_eq(hf_aead_init(&r->key, id, secret), HF_CRYPTO_OK);
    cr_assert_eq(hf_aead_seal(&r->key, r->nonce, (hf_span){r->aad, sizeof r->aad}, r->data,
                              sizeof r->data, r->tag),
                 HF_CRYPTO_OK);
}

static hf_crypto_result open_record(const record *r, uint8_t *data, size_t size)
{
    memcpy(data, r->data, size);
    return hf_aead_open(&r->key, r->nonce, (hf_span){r->aad, sizeof r->aad}, data, size, r->tag);
}

static void flip_every_bit(const record *r, uint8_t *field, size_t size)
{
    for (size_t bit = 0; bit < 8 * size; bit++) {
        uint8_t data[sizeof r->data];

        field[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_eq(open_record(r, data, sizeof data), HF_CRYPTO_BAD_TAG);
        cr_assert(is_unopened(data, r->data, sizeof data), "nothing may be decrypted");
        field[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

Test(aead, every_flipped_bit_is_refused, .init = set_up)
{
    for (size_t i = 0; i < AEAD_COUNT; i++) {
        record r;
        uint8_t data[sizeof r.data];

        make_record(&r, all[i].id);
        flip_every_bit(&r, r.tag, all[i].tag_size);
        flip_every_bit(&r, r.nonce, sizeof r.nonce);
        flip_every_bit(&r, r.aad, sizeof r.aad);
        flip_every_bit(&r, r.data, sizeof r.data);
        cr_assert_eq(open_record(&r, data, sizeof data - 1), HF_CRYPTO_BAD_TAG);
        cr_assert_eq(open_record(&r, data, sizeof data), HF_CRYPTO_OK);
        cr_assert_arr_eq(data, r.plain, sizeof data);
    }
}

Test(aead, bytes_do_not_move_between_aad_and_data, .init = set_up)
{
    for (size_t i = 0; i < AEAD_COUNT; i++) {
        record r;
        uint8_t moved[sizeof r.aad + sizeof r.data];

        make_record(&r, all[i].id);
        memcpy(moved, r.aad, sizeof r.aad);
        memcpy(moved + sizeof r.aad, r.data, sizeof r.data);
        cr_assert_eq(hf_aead_open(&r.key, r.nonce, (hf_span){moved, sizeof r.aad - 1},
                                  moved + sizeof r.aad - 1, sizeof r.data + 1, r.tag),
                     HF_CRYPTO_BAD_TAG);
        cr_assert_eq(hf_aead_open(&r.key, r.nonce, (hf_span){moved, sizeof r.aad + 1},
                                  moved + sizeof r.aad + 1, sizeof r.data - 1, r.tag),
                     HF_CRYPTO_BAD_TAG);
    }
}

Test(aead, what_is_sealed_opens_at_every_size, .init = set_up)
{
    for (size_t i = 0; i < AEAD_COUNT; i++) {
        record r;
        uint8_t data[300], tag[HF_AEAD_TAG_SIZE_MAX];

        make_record(&r, all[i].id);
        for (size_t size = 0; size <= sizeof data; size++) {
            hf_span aad = {size % 3 == 0 ? NULL : r.aad, size % 3 == 0 ? 0 : size % 14};

            memset(data, 0x5a, sizeof data);
            cr_assert_eq(hf_aead_seal(&r.key, r.nonce, aad, size > 0 ? data : NULL, size, tag),
                         HF_CRYPTO_OK);
            cr_assert_eq(hf_aead_open(&r.key, r.nonce, aad, size > 0 ? data : NULL, size, tag),
                         HF_CRYPTO_OK);
            for (size_t at = 0; at < sizeof data; at++) {
                cr_assert_eq(data[at], 0x5a);
            }
        }
    }
}

Test(aead, sizes)
{
    for (size_t i = 0; i < AEAD_COUNT; i++) {
        cr_assert_eq(hf_aead_key_size(all[i].id), all[i].key_size);
        cr_assert_eq(hf_aead_tag_size(all[i].id), all[i].tag_size);
    }
    cr_assert_eq(hf_aead_key_size(HF_AEAD_NONE), 0);
    cr_assert_eq(hf_aead_tag_size(HF_AEAD_NONE), 0);
}

/* RFC 6655 4: a short tag is not the start of a long one, because CCM authenticates its size. */
Test(aead, short_tags_stay_short, .init = set_up)
{
    record long_tag, short_tag;
    const uint8_t guard[8] = {0x6b, 0x6b, 0x6b, 0x6b, 0x6b, 0x6b, 0x6b, 0x6b};

    memset(short_tag.tag, 0x6b, sizeof short_tag.tag);
    make_record(&long_tag, HF_AEAD_AES_128_CCM);
    make_record(&short_tag, HF_AEAD_AES_128_CCM_8);
    cr_assert_arr_eq(short_tag.data, long_tag.data, sizeof short_tag.data);
    cr_assert_arr_neq(short_tag.tag, long_tag.tag, 8);
    cr_assert_arr_eq(short_tag.tag + 8, guard, sizeof guard, "only eight bytes are written");
}

/* The forms of the length of associated data (SP 800-38C A.2.2), which no vector with a nonce of 12
 * bytes covers, against libtomcrypt's CCM. */
Test(aead, ccm_with_long_associated_data, .init = set_up)
{
    static const size_t sizes[] = {1,      13,     14,     15,      0xfeff, 0xff00,
                                   0xff01, 0xff0f, 0xffff, 0x10000, 0x12345};
    static uint8_t aad[0x12345];

    for (size_t i = 0; i < sizeof aad; i++) {
        aad[i] = (uint8_t)(i * 5 + (i >> 8));
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        record r;
        uint8_t data[sizeof r.plain], tag[16], expected[sizeof data], expected_tag[16];
        const uint8_t secret[16] = {0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42,
                                    0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42};
        unsigned long tag_size = sizeof expected_tag;

        make_record(&r, HF_AEAD_AES_128_CCM);
        memcpy(data, r.plain, sizeof data);
        cr_assert_eq(
            hf_aead_seal(&r.key, r.nonce, (hf_span){aad, sizes[i]}, data, sizeof data, tag),
            HF_CRYPTO_OK);
        cr_assert_eq(ccm_memory(find_cipher("aes"), secret, sizeof secret, NULL, r.nonce,
                                sizeof r.nonce, aad, (unsigned long)sizes[i], r.plain,
                                sizeof r.plain, expected, expected_tag, &tag_size, CCM_ENCRYPT),
                     CRYPT_OK);
        cr_assert_arr_eq(data, expected, sizeof data);
        cr_assert_arr_eq(tag, expected_tag, sizeof tag, "%zu bytes of aad", sizes[i]);
        cr_assert_eq(
            hf_aead_open(&r.key, r.nonce, (hf_span){aad, sizes[i]}, data, sizeof data, tag),
            HF_CRYPTO_OK);
        cr_assert_arr_eq(data, r.plain, sizeof data);
    }
}

Test(aead, no_algorithm_is_an_error, .init = set_up)
{
    uint8_t bytes[HF_AEAD_KEY_SIZE_MAX] = {0};
    hf_span aad = {NULL, 0};
    hf_aead_key key;

    cr_assert_eq(hf_aead_init(&key, HF_AEAD_NONE, bytes), HF_CRYPTO_FAILED);
    cr_assert_eq(hf_aead_seal(&key, bytes, aad, NULL, 0, bytes), HF_CRYPTO_FAILED);
    cr_assert_eq(hf_aead_open(&key, bytes, aad, NULL, 0, bytes), HF_CRYPTO_FAILED);
}

Test(aead, aes_before_init_is_an_error)
{
    uint8_t secret[HF_AEAD_KEY_SIZE_MAX] = {0};
    hf_aead_key key;

    cr_assert_eq(hf_aead_init(&key, HF_AEAD_AES_128_GCM, secret), HF_CRYPTO_FAILED);
    cr_assert_eq(hf_aead_init(&key, HF_AEAD_AES_128_CCM, secret), HF_CRYPTO_FAILED);
}

static void refuse_size(hf_aead_id id, uint64_t size)
{
    record r;
    hf_span aad = {NULL, 0};

    make_record(&r, id);
    if (size <= SIZE_MAX) {
        cr_assert_eq(hf_aead_seal(&r.key, r.nonce, aad, r.data, (size_t)size, r.tag),
                     HF_CRYPTO_FAILED);
        cr_assert_eq(hf_aead_open(&r.key, r.nonce, aad, r.data, (size_t)size, r.tag),
                     HF_CRYPTO_FAILED);
    }
}

Test(aead, more_data_than_one_nonce_may_protect_is_refused, .init = set_up)
{
    for (size_t i = 0; i < AEAD_COUNT; i++) {
        refuse_size(all[i].id, (all[i].is_ccm ? HF_AEAD_CCM_SIZE_MAX : HF_AEAD_SIZE_MAX) + 1);
    }
}

/* The longest data that has a length in three bytes, and a tag over all of it. */
Test(aead, ccm_protects_all_that_a_nonce_allows, .init = set_up)
{
    const size_t size = (size_t)HF_AEAD_CCM_SIZE_MAX;
    record r;
    uint8_t *data = calloc(size, 1);

    cr_assert_not_null(data);
    make_record(&r, HF_AEAD_AES_128_CCM_8);
    cr_assert_eq(hf_aead_seal(&r.key, r.nonce, (hf_span){NULL, 0}, data, size, r.tag),
                 HF_CRYPTO_OK);
    data[size - 1] ^= 1;
    cr_assert_eq(hf_aead_open(&r.key, r.nonce, (hf_span){NULL, 0}, data, size, r.tag),
                 HF_CRYPTO_BAD_TAG);
    free(data);
}

Test(aead, ccm_refuses_more_associated_data_than_it_can_count, .init = set_up)
{
    record r;

    make_record(&r, HF_AEAD_AES_128_CCM);
    if (SIZE_MAX > UINT32_MAX) {
        hf_span aad = {r.aad, (size_t)UINT32_MAX + 1};

        cr_assert_eq(hf_aead_seal(&r.key, r.nonce, aad, r.data, 1, r.tag), HF_CRYPTO_FAILED);
        cr_assert_eq(hf_aead_open(&r.key, r.nonce, aad, r.data, 1, r.tag), HF_CRYPTO_FAILED);
    }
}

Test(aead, wiping_leaves_nothing_of_the_key, .init = set_up)
{
    static const uint8_t zero[sizeof(hf_aead_key)];

    for (size_t i = 0; i < AEAD_COUNT; i++) {
        record r;

        make_record(&r, all[i].id);
        hf_aead_wipe(&r.key);
        cr_assert_arr_eq(&r.key, zero, sizeof r.key);
    }
}
