#include "crypto_glue/dh.h"

#include "crypto_glue/constant_time.h"
#include "crypto_glue/number.h"

#include <string.h>

/* 1 < number < p - 1, for public numbers: the powers of 0, 1 and p - 1 are known to everybody
 * (RFC 7919 5.1). The prime is odd, so that p - 1 differs from it in one bit. */
static bool is_usable(hf_span number, hf_span prime)
{
    size_t last = prime.size - 1;
    bool is_minus_one = number.size == prime.size && number.data[last] == (prime.data[last] ^ 1) &&
                        memcmp(number.data, prime.data, last) == 0;
    return hf_number_is_above_one(number) && hf_number_is_below(number, prime) && !is_minus_one;
}

hf_crypto_result hf_dh_check_group(const hf_dh_group *group, size_t bits_min)
{
    size_t bits = hf_number_bits(group->prime);
    bool is_good = hf_number_is_odd(group->prime) && bits >= HF_DH_BITS_MIN && bits >= bits_min &&
                   bits <= HF_DH_BITS_MAX && group->generator.size > 0 &&
                   group->generator.data[0] != 0 && is_usable(group->generator, group->prime);
    return is_good ? HF_CRYPTO_OK : HF_CRYPTO_BAD_KEY;
}

/* out[1..] = base^x mod p, as long as p; out[0] is of no use, see hf_number_write_secret. The
 * time depends on the bits of x in a math provider that has no better exponentiation; x is used
 * for one handshake only, which leaves nothing to average over. */
static hf_crypto_result exponentiate(hf_span prime, hf_span base,
                                     const uint8_t exponent[HF_DH_EXPONENT_SIZE], uint8_t *out)
{
    enum { P, X, POWER, COUNT };
    void *n[COUNT];
    hf_crypto_result result = hf_numbers_init(n, COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    (void)(hf_step(&result, hf_number_read(n[P], prime)) &&
           hf_step(&result, hf_number_read(n[POWER], base)) &&
           hf_step(&result, hf_number_read(n[X], (hf_span){exponent, HF_DH_EXPONENT_SIZE})) &&
           hf_step(&result, ltc_mp.exptmod(n[POWER], n[X], n[P], n[POWER])) &&
           hf_step(&result, hf_number_write_secret(n[POWER], out, prime.size)));
    hf_numbers_free(n, COUNT);
    return result;
}

/* Whether a secret number as long as the prime is 0, 1 or p - 1 (SP 800-56A 5.7.1.1). */
static bool is_degenerate(const uint8_t *number, hf_span prime)
{
    size_t last = prime.size - 1;
    uint32_t from_zero = 0;
    uint32_t from_prime = 0;
    for (size_t i = 0; i < last; i++) {
        from_zero |= number[i];
        from_prime |= (uint32_t)(number[i] ^ prime.data[i]);
    }
    from_zero |= (uint32_t)(number[last] >> 1);
    from_prime |= (uint32_t)(number[last] ^ prime.data[last] ^ 1);
    return hf_mask_verdict(hf_mask_is_zero(from_zero) | hf_mask_is_zero(from_prime));
}

/* Evenly from [2^511, 2^512): all exponents are equally long, and none is as long as a prime. A
 * source that yields nothing but zeros is broken. */
static hf_crypto_result draw_exponent(const hf_random *random,
                                      uint8_t exponent[HF_DH_EXPONENT_SIZE])
{
    if (!random->fill(random->context, exponent, HF_DH_EXPONENT_SIZE)) {
        return HF_CRYPTO_NO_RANDOM;
    }
    uint32_t any = 0;
    for (size_t i = 0; i < HF_DH_EXPONENT_SIZE; i++) {
        any |= exponent[i];
    }
    exponent[0] |= 0x80;
    return hf_mask_verdict(hf_mask_is_zero(any)) ? HF_CRYPTO_NO_RANDOM : HF_CRYPTO_OK;
}

hf_crypto_result hf_dh_generate(const hf_dh_group *group, const hf_random *random,
                                uint8_t exponent[HF_DH_EXPONENT_SIZE], uint8_t *public_value)
{
    hf_crypto_result result = hf_dh_check_group(group, HF_DH_BITS_MIN);
    if (result != HF_CRYPTO_OK) {
        return result;
    }

    uint8_t power[1 + HF_DH_SIZE_MAX] = {0};
    hf_span prime = group->prime;
    result = draw_exponent(random, exponent);
    if (result == HF_CRYPTO_OK) {
        result = exponentiate(prime, group->generator, exponent, power);
    }
    if (result == HF_CRYPTO_OK && is_degenerate(power + 1, prime)) {
        result = HF_CRYPTO_BAD_KEY; /* the generator generates next to nothing */
    }
    if (result == HF_CRYPTO_OK) {
        memcpy(public_value, power + 1, prime.size);
    } else {
        hf_wipe(exponent, HF_DH_EXPONENT_SIZE);
    }
    return result;
}

/* The length of the stripped secret shows in the time of what is hashed with it later. That is in
 * the protocol (RFC 5246 8.1.2) and one more reason to use an exponent only once. */
hf_crypto_result hf_dh_shared_secret(const hf_dh_group *group,
                                     const uint8_t exponent[HF_DH_EXPONENT_SIZE],
                                     hf_span peer_value, uint8_t *secret, size_t *secret_size)
{
    hf_crypto_result result = hf_dh_check_group(group, HF_DH_BITS_MIN);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    hf_span prime = group->prime;
    hf_span base = hf_number_strip(peer_value);
    if (!is_usable(base, prime)) {
        return HF_CRYPTO_BAD_POINT;
    }

    uint8_t power[1 + HF_DH_SIZE_MAX] = {0};
    result = exponentiate(prime, base, exponent, power);
    if (result == HF_CRYPTO_OK && is_degenerate(power + 1, prime)) {
        result = HF_CRYPTO_BAD_POINT;
    }
    if (result == HF_CRYPTO_OK) {
        hf_span stripped = hf_number_strip((hf_span){power + 1, prime.size});
        memcpy(secret, stripped.data, stripped.size);
        *secret_size = stripped.size;
    }
    hf_wipe(power, sizeof power);
    return result;
}
