#include "crypto_glue/constant_time.h"
#include "crypto_glue/dsa_number.h"
#include "crypto_glue/ecdsa_der.h"

#define MASK_SIZE    8
#define DER_OVERHEAD 8 /* tags, lengths and signs of two numbers of up to 32 bytes */

/* The numbers of one signature (FIPS 186-4 4.6, with the names used there). */
enum { P, Q, G, X, K, BLIND, POWER, E, R, S, COUNT };

/* HF_CRYPTO_BAD_KEY unless 0 < x < q. */
static hf_crypto_result read_private(const hf_dsa_private *key, void **n)
{
    if (hf_dsa_check_domain(&key->public_key) != HF_CRYPTO_OK ||
        key->exponent.size > key->public_key.subprime.size) {
        return HF_CRYPTO_BAD_KEY;
    }
    hf_crypto_result result = hf_dsa_domain_read(&key->public_key, n);
    if (result == HF_CRYPTO_OK && hf_step(&result, hf_number_read(n[X], key->exponent)) &&
        !hf_number_in_range(n[X], n[Q])) {
        result = HF_CRYPTO_BAD_KEY;
    }
    return result;
}

/* r = (g^k mod p) mod q. Some hundred nonces that a shorter time shows to be short give the key
 * away, and so do those of which the time or the cache shows a few bits. So the exponent is
 * k + m q, with a random m of 64 bits the first of which is set: the same power, as long as m
 * makes it. */
static hf_crypto_result compute_r(const hf_random *random, void **n)
{
    uint8_t mask[MASK_SIZE];
    if (!random->fill(random->context, mask, sizeof mask)) {
        return HF_CRYPTO_NO_RANDOM;
    }
    mask[0] |= 0x80;
    hf_crypto_result result;
    (void)(hf_step(&result, hf_number_read(n[POWER], (hf_span){mask, sizeof mask})) &&
           hf_step(&result, ltc_mp.mul(n[POWER], n[Q], n[POWER])) &&
           hf_step(&result, ltc_mp.add(n[POWER], n[K], n[POWER])) &&
           hf_step(&result, ltc_mp.exptmod(n[G], n[POWER], n[P], n[POWER])) &&
           hf_step(&result, ltc_mp.mpdiv(n[POWER], n[Q], NULL, n[R])));
    hf_wipe(mask, sizeof mask);
    return result;
}

/* s = (e + x r) / k mod q, computed as (b e + b x r) / (b k) with a random b, so that no operation
 * on x or k alone meets a number that others know. */
static hf_crypto_result compute_s(void **n)
{
    hf_crypto_result result;
    void *q = n[Q];
    (void)(hf_step(&result, ltc_mp.mulmod(n[K], n[BLIND], q, n[K])) &&
           hf_step(&result, ltc_mp.invmod(n[K], q, n[K])) &&
           hf_step(&result, ltc_mp.mulmod(n[X], n[BLIND], q, n[X])) &&
           hf_step(&result, ltc_mp.mulmod(n[X], n[R], q, n[X])) &&
           hf_step(&result, ltc_mp.mulmod(n[E], n[BLIND], q, n[E])) &&
           hf_step(&result, ltc_mp.addmod(n[E], n[X], q, n[S])) &&
           hf_step(&result, ltc_mp.mulmod(n[S], n[K], q, n[S])));
    return result;
}

/* r and s of the key and the digest in `n`. One of them is 0 about as often as a private key is
 * guessed; that is reported as a failure instead of tried again. */
static hf_crypto_result compute_signature(const hf_random *random, void **n)
{
    hf_crypto_result result = hf_number_draw(random, n[Q], n[K]);
    if (result == HF_CRYPTO_OK) {
        result = hf_number_draw(random, n[Q], n[BLIND]);
    }
    if (result == HF_CRYPTO_OK) {
        result = compute_r(random, n);
    }
    if (result == HF_CRYPTO_OK) {
        result = compute_s(n);
    }
    if (result == HF_CRYPTO_OK &&
        !(hf_number_in_range(n[R], n[Q]) && hf_number_in_range(n[S], n[Q]))) {
        result = HF_CRYPTO_FAILED;
    }
    return result;
}

hf_crypto_result hf_dsa_sign(const hf_dsa_private *key, const hf_random *random, hf_span digest,
                             uint8_t *signature, size_t capacity, size_t *signature_size)
{
    size_t size = key->public_key.subprime.size;
    void *n[COUNT];
    hf_crypto_result result = hf_numbers_init(n, COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }

    uint8_t r_and_s[2 * HF_DSA_SUBPRIME_SIZE_MAX];
    result = read_private(key, n);
    if (result == HF_CRYPTO_OK && capacity < 2 * size + DER_OVERHEAD) {
        result = HF_CRYPTO_NO_SPACE;
    }
    if (result == HF_CRYPTO_OK) {
        result = hf_dsa_digest_read(key->public_key.subprime, digest, n[E]);
    }
    if (result == HF_CRYPTO_OK) {
        result = compute_signature(random, n);
    }
    if (result == HF_CRYPTO_OK && hf_step(&result, hf_number_write(n[R], r_and_s, size)) &&
        hf_step(&result, hf_number_write(n[S], r_and_s + size, size))) {
        *signature_size = hf_ecdsa_der_write(r_and_s, size, signature);
    }
    hf_numbers_free(n, COUNT);
    return result;
}

/* x + q or x + 2q, whichever is one bit longer than q: the same power in a time that does not
 * depend on how long x is. */
static hf_crypto_result even_out(void **n)
{
    hf_crypto_result result;
    if (hf_step(&result, ltc_mp.add(n[X], n[Q], n[X])) &&
        ltc_mp.count_bits(n[X]) == ltc_mp.count_bits(n[Q])) {
        (void)hf_step(&result, ltc_mp.add(n[X], n[Q], n[X]));
    }
    return result;
}

hf_crypto_result hf_dsa_public_value(const hf_dsa_private *key, uint8_t *value)
{
    void *n[COUNT];
    hf_crypto_result result = hf_numbers_init(n, COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    result = read_private(key, n);
    if (result == HF_CRYPTO_OK) {
        result = even_out(n);
    }
    if (result == HF_CRYPTO_OK) {
        (void)(hf_step(&result, ltc_mp.exptmod(n[G], n[X], n[P], n[POWER])) &&
               hf_step(&result, hf_number_write(n[POWER], value, key->public_key.prime.size)));
    }
    hf_numbers_free(n, COUNT);
    return result;
}
