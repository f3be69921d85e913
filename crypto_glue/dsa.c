#include "crypto_glue/dsa.h"

#include "crypto_glue/dsa_number.h"
#include "crypto_glue/hash.h"

size_t hf_dsa_bits(const hf_dsa_public *key)
{
    return hf_number_bits(key->prime);
}

/* 1 < number < p */
static bool is_element(hf_span number, hf_span prime)
{
    return number.size > 0 && number.data[0] != 0 && hf_number_is_above_one(number) &&
           hf_number_is_below(number, prime);
}

hf_crypto_result hf_dsa_check_domain(const hf_dsa_public *key)
{
    size_t bits = hf_dsa_bits(key);
    bool is_good = hf_number_is_odd(key->prime) && bits >= HF_DSA_BITS_MIN &&
                   bits <= HF_DSA_BITS_MAX && hf_number_is_odd(key->subprime) &&
                   hf_number_bits(key->subprime) >= HF_DSA_SUBPRIME_BITS_MIN &&
                   key->subprime.size <= HF_DSA_SUBPRIME_SIZE_MAX &&
                   is_element(key->generator, key->prime);
    return is_good ? HF_CRYPTO_OK : HF_CRYPTO_BAD_KEY;
}

hf_crypto_result hf_dsa_domain_read(const hf_dsa_public *key, void **numbers)
{
    hf_crypto_result result;
    (void)(hf_step(&result, hf_number_read(numbers[0], key->prime)) &&
           hf_step(&result, hf_number_read(numbers[1], key->subprime)) &&
           hf_step(&result, hf_number_read(numbers[2], key->generator)));
    return result;
}

/* The leftmost bits of the digest, as many as q has (FIPS 186-4 4.6). */
hf_crypto_result hf_dsa_digest_read(hf_span subprime, hf_span digest, void *number)
{
    if (digest.size == 0 || digest.size > HF_HASH_SIZE_MAX) {
        return HF_CRYPTO_FAILED;
    }
    uint8_t bytes[HF_DSA_SUBPRIME_SIZE_MAX];
    bool is_cut = digest.size >= subprime.size;
    size_t size = is_cut ? subprime.size : digest.size;
    size_t shift = is_cut ? 8 * subprime.size - hf_number_bits(subprime) : 0;
    unsigned window = 0;
    for (size_t i = 0; i < size; i++) {
        window = (window & 0xff) << 8 | digest.data[i];
        bytes[i] = (uint8_t)(window >> shift);
    }
    return hf_tomcrypt_result(hf_number_read(number, (hf_span){bytes, size}));
}

enum { P, Q, G, Y, POWER, COUNT };

/* g^q = y^q = 1: with q prime, both are of order q (FIPS 186-4 A.2.2, SP 800-56A 5.6.2.3.1). */
static hf_crypto_result check_orders(const hf_dsa_public *key, void **n)
{
    hf_crypto_result result = hf_dsa_domain_read(key, n);
    if (result == HF_CRYPTO_OK && hf_step(&result, ltc_mp.exptmod(n[G], n[Q], n[P], n[POWER])) &&
        ltc_mp.compare_d(n[POWER], 1) != LTC_MP_EQ) {
        result = HF_CRYPTO_BAD_KEY;
    }
    if (result == HF_CRYPTO_OK && hf_step(&result, hf_number_read(n[Y], key->value)) &&
        hf_step(&result, ltc_mp.exptmod(n[Y], n[Q], n[P], n[POWER])) &&
        ltc_mp.compare_d(n[POWER], 1) != LTC_MP_EQ) {
        result = HF_CRYPTO_BAD_KEY;
    }
    return result;
}

hf_crypto_result hf_dsa_check_public(const hf_dsa_public *key)
{
    if (hf_dsa_check_domain(key) != HF_CRYPTO_OK || !is_element(key->value, key->prime)) {
        return HF_CRYPTO_BAD_KEY;
    }
    void *n[COUNT];
    hf_crypto_result result = hf_numbers_init(n, COUNT);
    if (result == HF_CRYPTO_OK) {
        result = check_orders(key, n);
        hf_numbers_free(n, COUNT);
    }
    return result;
}
