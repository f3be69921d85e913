#include "crypto_glue/hash.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <string.h>

static hf_hash_id named(const char *name)
{
    static const struct {
        const char *name;
        hf_hash_id id;
    } names[] = {{"MD5", HF_HASH_MD5},       {"SHA1", HF_HASH_SHA1},
                 {"SHA224", HF_HASH_SHA224}, {"SHA256", HF_HASH_SHA256},
                 {"SHA384", HF_HASH_SHA384}, {"SHA512", HF_HASH_SHA512}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0) {
            return names[i].id;
        }
    }
    cr_assert_fail("unknown hash function %s", name);
    return HF_HASH_NONE;
}

static void expect_digest(const vectors *v, hf_span expected, const uint8_t *actual, size_t size)
{
    cr_assert_eq(size, expected.size, "%s: size", vectors_where(v));
    cr_assert_arr_eq(actual, expected.data, size, "%s: digest", vectors_where(v));
}

Test(hash, vectors_in_one_piece)
{
    vectors v;
    uint8_t out[HF_HASH_SIZE_MAX];

    vectors_open(&v, "hash.txt");
    while (vectors_next(&v)) {
        hf_hash_id id = named(vectors_section(&v));
        size_t size = hf_hash_digest(id, vectors_bytes(&v, "msg"), out);

        expect_digest(&v, vectors_bytes(&v, "md"), out, size);
        cr_assert_eq(size, hf_hash_size(id));
    }
    vectors_close(&v);
}

/* Cuts each message at every place up to 200 and feeds the rest in pieces of 1, 2, 3, ... bytes;
 * the copy taken at the cut must not notice what happens to the original. */
static void hash_in_pieces(const vectors *v, hf_hash_id id, hf_span msg, size_t cut, hf_span md)
{
    hf_hash hash, copy;
    uint8_t out[HF_HASH_SIZE_MAX];

    hf_hash_init(&hash, id);
    hf_hash_update(&hash, msg.data, cut);
    copy = hash;
    for (size_t at = cut, piece = 1; at < msg.size; piece++) {
        size_t size = piece < msg.size - at ? piece : msg.size - at;

        hf_hash_update(&hash, msg.data + at, size);
        at += size;
    }
    expect_digest(v, md, out, hf_hash_final(&hash, out));
    if (cut < msg.size) {
        hf_hash_update(&copy, msg.data + cut, msg.size - cut);
    }
    expect_digest(v, md, out, hf_hash_final(&copy, out));
}

Test(hash, vectors_in_pieces_and_from_a_copy)
{
    vectors v;

    vectors_open(&v, "hash.txt");
    while (vectors_next(&v)) {
        hf_span msg = vectors_bytes(&v, "msg");

        for (size_t cut = 0; cut <= msg.size && cut <= 200; cut++) {
            hash_in_pieces(&v, named(vectors_section(&v)), msg, cut, vectors_bytes(&v, "md"));
        }
    }
    vectors_close(&v);
}

/* MD5 || SHA-1 (RFC 4346 7.4.3): each vector of the one or the other holds for its part. */
static void check_half(vectors *v, size_t offset)
{
    hf_span msg = vectors_bytes(v, "msg"), md = vectors_bytes(v, "md");

    for (size_t cut = 0; cut <= msg.size && cut <= 200; cut++) {
        hf_hash hash, copy;
        uint8_t out[2][HF_HASH_SIZE_MAX];
        const uint8_t *rest = cut > 0 ? msg.data + cut : msg.data;

        hf_hash_init(&hash, HF_HASH_MD5_SHA1);
        hf_hash_update(&hash, msg.data, cut);
        copy = hash;
        hf_hash_update(&hash, rest, msg.size - cut);
        cr_assert_eq(hf_hash_final(&hash, out[0]), 36);
        hf_hash_update(&copy, rest, msg.size - cut);
        cr_assert_eq(hf_hash_final(&copy, out[1]), 36);
        cr_assert_arr_eq(out[0] + offset, md.data, md.size, "%s", vectors_where(v));
        cr_assert_arr_eq(out[1], out[0], 36, "%s", vectors_where(v));
    }
}

Test(hash, md5_and_sha1_side_by_side)
{
    vectors v;
    size_t checked[2] = {0, 0};

    vectors_open(&v, "hash.txt");
    while (vectors_next(&v)) {
        hf_hash_id id = named(vectors_section(&v));

        if (id == HF_HASH_MD5 || id == HF_HASH_SHA1) {
            check_half(&v, id == HF_HASH_MD5 ? 0 : 16);
            checked[id == HF_HASH_SHA1]++;
        }
    }
    vectors_close(&v);
    cr_assert(checked[0] > 0 && checked[1] > 0);
}

Test(hash, sizes_are_those_of_fips_180_4_and_rfc_1321)
{
    static const size_t expected[HF_HASH_COUNT][2] = {
        [HF_HASH_NONE] = {0, 0},      [HF_HASH_MD5] = {16, 64},     [HF_HASH_SHA1] = {20, 64},
        [HF_HASH_SHA224] = {28, 64},  [HF_HASH_SHA256] = {32, 64},  [HF_HASH_SHA384] = {48, 128},
        [HF_HASH_SHA512] = {64, 128}, [HF_HASH_MD5_SHA1] = {36, 64}};

    for (int id = 0; id < HF_HASH_COUNT; id++) {
        cr_assert_eq(hf_hash_size((hf_hash_id)id), expected[id][0]);
        cr_assert_eq(hf_hash_block_size((hf_hash_id)id), expected[id][1]);
    }
    cr_assert_eq(hf_hash_size(HF_HASH_COUNT), 0);
}

Test(hash, nothing_to_hash_may_be_null)
{
    static const uint8_t byte = 'x';
    hf_hash hash;
    uint8_t expected[HF_HASH_SIZE_MAX];
    uint8_t actual[HF_HASH_SIZE_MAX];

    for (int id = HF_HASH_NONE + 1; id < HF_HASH_COUNT; id++) {
        size_t size = hf_hash_digest((hf_hash_id)id, (hf_span){&byte, 1}, expected);

        hf_hash_init(&hash, (hf_hash_id)id);
        hf_hash_update(&hash, NULL, 0);
        hf_hash_update(&hash, &byte, 1);
        hf_hash_update(&hash, NULL, 0);
        cr_assert_eq(hf_hash_final(&hash, actual), size);
        cr_assert_arr_eq(actual, expected, size);
    }
}

Test(hash, final_wipes_the_state)
{
    static const uint8_t zero[sizeof(hf_hash)];
    hf_hash hash;
    uint8_t out[HF_HASH_SIZE_MAX];

    for (int id = HF_HASH_NONE + 1; id < HF_HASH_COUNT; id++) {
        hf_hash_init(&hash, (hf_hash_id)id);
        hf_hash_update(&hash, (const uint8_t *)"secret", 6);
        hf_hash_final(&hash, out);
        cr_assert_arr_eq(&hash, zero, sizeof hash);
    }
}

Test(hash, no_function_gives_no_digest)
{
    hf_hash hash;
    uint8_t out[HF_HASH_SIZE_MAX] = {0xa5};

    hf_hash_init(&hash, HF_HASH_NONE);
    hf_hash_update(&hash, (const uint8_t *)"data", 4);
    cr_assert_eq(hf_hash_final(&hash, out), 0);
    cr_assert_eq(out[0], 0xa5);
}
