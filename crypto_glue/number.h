/* Private to crypto_glue: numbers of libtomcrypt's math provider, for what the glue computes
 * itself because libtomcrypt does not check it or does not hide it. */
#ifndef HF_CRYPTO_GLUE_NUMBER_H
#define HF_CRYPTO_GLUE_NUMBER_H

#include "crypto_glue/types.h"

#include <tomcrypt.h>

/* What a return code of libtomcrypt means to the glue's callers. */
hf_crypto_result hf_tomcrypt_result(int code);

/* Notes the outcome of one step of a computation. Steps are chained with &&, so that the first
 * failure ends the chain and stays in `result`:
 *
 *     (void)(hf_step(&result, ltc_mp.sqr(x, y)) && hf_step(&result, ltc_mp.addi(y, 1, y)));
 */
static inline bool hf_step(hf_crypto_result *result, int code)
{
    *result = hf_tomcrypt_result(code);
    return code == CRYPT_OK;
}

/* Makes numbers[0..count), or none of them. */
HF_MUST_USE hf_crypto_result hf_numbers_init(void **numbers, size_t count);

/* Overwrites and frees them. */
void hf_numbers_free(void **numbers, size_t count);

/* Overwrites a number: a provider may give memory back to the heap as it is (GMP does). */
void hf_number_wipe(void *number);

/* Draws a number evenly from [1, limit - 1]; the limit has up to HF_NUMBER_DRAW_MAX bytes. */
#define HF_NUMBER_DRAW_MAX 66 /* the order of P-521 */
HF_MUST_USE hf_crypto_result hf_number_draw(const hf_random *random, void *limit, void *number);

/* 0 < number < limit */
bool hf_number_in_range(void *number, void *limit);

/* Public numbers as bytes, big-endian: without the zeros in front; the length in bits; whether the
 * number is odd and starts with no zero; a < b and 1 < a, where neither starts with a zero. */
hf_span hf_number_strip(hf_span bytes);
size_t hf_number_bits(hf_span bytes);
bool hf_number_is_odd(hf_span bytes);
bool hf_number_is_below(hf_span a, hf_span b);
bool hf_number_is_above_one(hf_span a);

/* Reads a big-endian number; returns libtomcrypt's code, for hf_step. `bytes` may be empty. */
int hf_number_read(void *number, hf_span bytes);

/* Writes exactly `size` bytes, big-endian with leading zeros; for public numbers. */
int hf_number_write(void *number, uint8_t *out, size_t size);

/* The same for a secret, in a time that does not depend on how many zeros it starts with: writes
 * 1 + size bytes, the first of which is of no use. The number must be below 256^size. */
int hf_number_write_secret(void *number, uint8_t *out, size_t size);

#endif
