#include "crypto_glue/hmac.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const hf_hash_id supported[] = {HF_HASH_MD5, HF_HASH_SHA1, HF_HASH_SHA256, HF_HASH_SHA384};
#define SUPPORTED_COUNT (sizeof supported / sizeof supported[0])

#define SIZE_LARGEST 300

static uint8_t bytes[SIZE_LARGEST + 200];

static void fill_bytes(void)
{
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 11 + (i >> 8) + 1);
    }
}

TestSuite(hmac_secret_size, .init = fill_bytes, .timeout = 240);

static hf_hmac_key make_key(hf_hash_id id)
{
    hf_hmac_key key;

    hf_hmac_key_init(&key, id, (const uint8_t *)"the key of one direction", 24);
    return key;
}

static size_t plain_hmac(const hf_hmac_key *key, hf_span prefix, hf_span data, uint8_t *out)
{
    hf_hash message;

    hf_hmac_begin(key, &message);
    hf_hash_update(&message, prefix.data, prefix.size);
    hf_hash_update(&message, data.data, data.size);
    return hf_hmac_end(key, &message, out);
}

static void check(const hf_hmac_key *key, hf_span prefix, const uint8_t *data, size_t size_min,
                  size_t size_max, size_t size)
{
    uint8_t expected[HF_HASH_SIZE_MAX], actual[HF_HASH_SIZE_MAX];
    size_t digest_size = plain_hmac(key, prefix, (hf_span){data, size}, expected);

    cr_assert_eq(hf_hmac_secret_size(key, prefix, data, size_min, size_max, size, actual),
                 digest_size);
    cr_assert_arr_eq(actual, expected, digest_size, "prefix %zu, %zu <= %zu <= %zu, hash %d",
                     prefix.size, size_min, size, size_max, (int)key->inner.id);
}

/* From any alignment, with exactly the bytes that may be read. */
Test(hmac_secret_size, every_size_and_alignment_is_plain_hmac)
{
    const hf_span prefix = {bytes, 13};

    for (size_t i = 0; i < SUPPORTED_COUNT; i++) {
        hf_hmac_key key = make_key(supported[i]);

        for (size_t alignment = 0; alignment < 8; alignment++) {
            uint8_t *copy = malloc(alignment + SIZE_LARGEST);

            cr_assert_not_null(copy);
            memcpy(copy + alignment, bytes, SIZE_LARGEST);
            for (size_t size = 0; size <= SIZE_LARGEST; size++) {
                check(&key, prefix, copy + alignment, 0, SIZE_LARGEST, size);
            }
            free(copy);
        }
    }
}

/* The range of a record: up to 255 bytes of padding below its largest size. */
Test(hmac_secret_size, every_range_of_a_record)
{
    const hf_span prefix = {bytes, 13};

    for (size_t i = 0; i < SUPPORTED_COUNT; i++) {
        hf_hmac_key key = make_key(supported[i]);

        for (size_t size_max = 0; size_max <= SIZE_LARGEST; size_max++) {
            size_t size_min = size_max > 255 ? size_max - 255 : 0;

            for (size_t size = size_min; size <= size_max; size += size_max % 7 + 1) {
                check(&key, prefix, bytes + 100, size_min, size_max, size);
            }
            check(&key, prefix, bytes + 100, size_min, size_max, size_max);
            check(&key, prefix, bytes + 100, size_max, size_max, size_max);
        }
    }
}

/* Prefixes that are empty, end with a block, are longer than one, or longer than the shortest
 * message has whole blocks. */
Test(hmac_secret_size, every_prefix)
{
    for (size_t i = 0; i < SUPPORTED_COUNT; i++) {
        hf_hmac_key key = make_key(supported[i]);

        for (size_t prefix_size = 0; prefix_size <= 200; prefix_size++) {
            hf_span prefix = {prefix_size > 0 ? bytes : NULL, prefix_size};

            for (size_t size = 0; size <= 80; size++) {
                check(&key, prefix, bytes + 200, size / 2, 80, size);
            }
            check(&key, prefix, NULL, 0, 0, 0);
        }
    }
}

/* As long as records get; the length of the message then needs three bytes. */
Test(hmac_secret_size, a_full_record)
{
    const size_t size_max = 16384 + 2048;
    const hf_span prefix = {bytes, 13};
    uint8_t *data = malloc(size_max);

    cr_assert_not_null(data);
    for (size_t i = 0; i < size_max; i++) {
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    }
    for (size_t i = 0; i < SUPPORTED_COUNT; i++) {
        hf_hmac_key key = make_key(supported[i]);

        for (size_t size = size_max - 255; size <= size_max; size++) {
            check(&key, prefix, data, size_max - 255, size_max, size);
        }
        check(&key, prefix, data, 0, size_max, 8191);
    }
    free(data);
}

Test(hmac_secret_size, bytes_after_the_message_do_not_matter)
{
    for (size_t i = 0; i < SUPPORTED_COUNT; i++) {
        hf_hmac_key key = make_key(supported[i]);
        uint8_t data[SIZE_LARGEST], one[HF_HASH_SIZE_MAX], other[HF_HASH_SIZE_MAX];

        for (size_t size = 0; size < sizeof data; size++) {
            size_t digest_size;

            memcpy(data, bytes, sizeof data);
            digest_size =
                hf_hmac_secret_size(&key, (hf_span){bytes, 13}, data, 0, sizeof data, size, one);
            memset(data + size, 0xff, sizeof data - size);
            cr_assert_eq(
                hf_hmac_secret_size(&key, (hf_span){bytes, 13}, data, 0, sizeof data, size, other),
                digest_size);
            cr_assert_arr_eq(one, other, digest_size);
        }
    }
}

Test(hmac_secret_size, other_hashes_give_nothing)
{
    static const hf_hash_id others[] = {HF_HASH_NONE, HF_HASH_SHA224, HF_HASH_SHA512,
                                        HF_HASH_MD5_SHA1};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        hf_hmac_key key = make_key(others[i]);
        uint8_t out[HF_HASH_SIZE_MAX] = {0xa5};

        cr_assert_eq(hf_hmac_secret_size(&key, (hf_span){bytes, 13}, bytes, 0, 10, 5, out), 0);
        cr_assert_eq(out[0], 0xa5);
    }
}
