#include "crypto_glue/number.h"

#include "crypto_glue/constant_time.h"

#include <string.h>

#define DRAW_ATTEMPTS 64

hf_crypto_result hf_tomcrypt_result(int code)
{
    switch (code) {
    case CRYPT_OK:
        return HF_CRYPTO_OK;
    case CRYPT_MEM:
        return HF_CRYPTO_NO_MEMORY;
    case CRYPT_ERROR_READPRNG:
        return HF_CRYPTO_NO_RANDOM;
    default:
        return HF_CRYPTO_FAILED;
    }
}

hf_crypto_result hf_numbers_init(void **numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int code = ltc_mp.init(&numbers[i]);
        if (code != CRYPT_OK) {
            hf_numbers_free(numbers, i);
            return hf_tomcrypt_result(code);
        }
    }
    return HF_CRYPTO_OK;
}

void hf_numbers_free(void **numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hf_number_wipe(numbers[i]);
        ltc_mp.deinit(numbers[i]);
    }
}

/* A power of two that is as long as the number overwrites each of its digits. It needs no more
 * memory than the number has, so this cannot fail. */
void hf_number_wipe(void *number)
{
    if (ltc_mp.get_digit_count(number) > 0) {
        (void)ltc_mp.twoexpt(number, ltc_mp.count_bits(number) - 1);
    }
}

hf_span hf_number_strip(hf_span bytes)
{
    while (bytes.size > 0 && bytes.data[0] == 0) {
        bytes = (hf_span){bytes.data + 1, bytes.size - 1};
    }
    return bytes;
}

size_t hf_number_bits(hf_span bytes)
{
    hf_span number = hf_number_strip(bytes);
    size_t bits = 8 * number.size;
    if (bits > 0) {
        for (unsigned first = number.data[0]; first < 0x80; first <<= 1) {
            bits--;
        }
    }
    return bits;
}

bool hf_number_is_odd(hf_span bytes)
{
    return bytes.size > 0 && bytes.data[0] != 0 && (bytes.data[bytes.size - 1] & 1) != 0;
}

bool hf_number_is_below(hf_span a, hf_span b)
{
    return a.size < b.size || (a.size == b.size && memcmp(a.data, b.data, a.size) < 0);
}

bool hf_number_is_above_one(hf_span a)
{
    return a.size > 1 || (a.size == 1 && a.data[0] > 1);
}

/* libtomcrypt does not write to what it reads from, and does not say so in its types. */
int hf_number_read(void *number, hf_span bytes)
{
    if (bytes.size == 0) {
        return ltc_mp.set_int(number, 0);
    }
    return ltc_mp.unsigned_read(number, (unsigned char *)bytes.data, (unsigned long)bytes.size);
}

int hf_number_write(void *number, uint8_t *out, size_t size)
{
    size_t used = ltc_mp.unsigned_size(number);
    if (used > size) {
        return CRYPT_BUFFER_OVERFLOW;
    }
    memset(out, 0, size - used);
    return used == 0 ? CRYPT_OK : ltc_mp.unsigned_write(number, out + (size - used));
}

/* With 256^size added, each value has the same length and no zeros in front of it. */
int hf_number_write_secret(void *number, uint8_t *out, size_t size)
{
    void *longer;
    int code = ltc_mp.init(&longer);
    if (code != CRYPT_OK) {
        return code;
    }
    code = ltc_mp.twoexpt(longer, (int)(8 * size));
    if (code == CRYPT_OK) {
        code = ltc_mp.add(number, longer, longer);
    }
    if (code == CRYPT_OK) {
        code = ltc_mp.unsigned_size(longer) == size + 1 ? ltc_mp.unsigned_write(longer, out)
                                                        : CRYPT_BUFFER_OVERFLOW;
    }
    hf_numbers_free(&longer, 1);
    return code;
}

bool hf_number_in_range(void *number, void *limit)
{
    return ltc_mp.compare_d(number, 0) == LTC_MP_GT && ltc_mp.compare(number, limit) == LTC_MP_LT;
}

/* By testing candidates (FIPS 186-4 B.2.2 and B.4.2): taking a remainder instead, as libtomcrypt
 * does, prefers some values and makes 0 of a source that yields zeros. An attempt succeeds at
 * least every other time, so that many failures in a row mean a broken source. */
hf_crypto_result hf_number_draw(const hf_random *random, void *limit, void *number)
{
    uint8_t bytes[HF_NUMBER_DRAW_MAX];
    size_t size = ltc_mp.unsigned_size(limit);
    if (size == 0 || size > sizeof bytes) {
        return HF_CRYPTO_BAD_KEY;
    }

    int spare_bits = (int)(8 * size) - ltc_mp.count_bits(limit);
    bool drawn = false;
    hf_crypto_result result = HF_CRYPTO_OK;
    for (int i = 0; i < DRAW_ATTEMPTS && result == HF_CRYPTO_OK && !drawn; i++) {
        if (!random->fill(random->context, bytes, size)) {
            result = HF_CRYPTO_NO_RANDOM;
            continue;
        }
        bytes[0] &= (uint8_t)(0xff >> spare_bits);
        drawn = hf_step(&result, hf_number_read(number, (hf_span){bytes, size})) &&
                hf_number_in_range(number, limit);
    }
    hf_wipe(bytes, sizeof bytes);
    return result == HF_CRYPTO_OK && !drawn ? HF_CRYPTO_NO_RANDOM : result;
}
