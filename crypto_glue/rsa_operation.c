#include "crypto_glue/rsa_operation.h"

#include "crypto_glue/constant_time.h"
#include "crypto_glue/number.h"

hf_crypto_result hf_rsa_public_operation(const hf_rsa_public *key, hf_span number, void *out)
{
    enum { MODULUS, EXPONENT, PUBLIC_COUNT };
    void *n[PUBLIC_COUNT];
    hf_crypto_result result = hf_rsa_check_public(key);
    if (result == HF_CRYPTO_OK) {
        result = hf_numbers_init(n, PUBLIC_COUNT);
    }
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    (void)(hf_step(&result, hf_number_read(n[MODULUS], key->modulus)) &&
           hf_step(&result, hf_number_read(n[EXPONENT], key->exponent)) &&
           hf_step(&result, hf_number_read(out, number)) &&
           hf_step(&result, ltc_mp.exptmod(out, n[EXPONENT], n[MODULUS], out)));
    hf_numbers_free(n, PUBLIC_COUNT);
    return result;
}

/* The numbers of a private operation, with the names of RFC 8017 3.2 for the key. */
enum { N, E, P, Q, DP, DQ, QINV, BLIND, UNBLIND, C, M, T, COUNT };

static bool is_usable(hf_span number, size_t size_max)
{
    return number.size > 0 && number.size <= size_max;
}

/* Bounds all lengths by that of the modulus, so that a broken key file costs no time. */
static bool has_all_numbers(const hf_rsa_private *key)
{
    size_t size_max = key->public_key.modulus.size;
    return is_usable(key->private_exponent, size_max) && is_usable(key->prime1, size_max) &&
           is_usable(key->prime2, size_max) && is_usable(key->exponent1, size_max) &&
           is_usable(key->exponent2, size_max) && is_usable(key->coefficient, size_max);
}

/* Reads the key; HF_CRYPTO_BAD_KEY unless n is the product of p and q, which also makes both of
 * them odd. That d fits is not tested here: the check of the result does that. */
static hf_crypto_result read_key(const hf_rsa_private *key, void **n)
{
    hf_crypto_result result;
    if (hf_step(&result, hf_number_read(n[N], key->public_key.modulus)) &&
        hf_step(&result, hf_number_read(n[E], key->public_key.exponent)) &&
        hf_step(&result, hf_number_read(n[P], key->prime1)) &&
        hf_step(&result, hf_number_read(n[Q], key->prime2)) &&
        hf_step(&result, hf_number_read(n[DP], key->exponent1)) &&
        hf_step(&result, hf_number_read(n[DQ], key->exponent2)) &&
        hf_step(&result, hf_number_read(n[QINV], key->coefficient)) &&
        hf_step(&result, ltc_mp.mul(n[P], n[Q], n[T]))) {
        bool consistent = ltc_mp.compare_d(n[P], 1) == LTC_MP_GT &&
                          ltc_mp.compare_d(n[Q], 1) == LTC_MP_GT &&
                          ltc_mp.compare(n[T], n[N]) == LTC_MP_EQ;
        result = consistent ? HF_CRYPTO_OK : HF_CRYPTO_BAD_KEY;
    }
    return result;
}

/* BLIND is random in [1, n-1], UNBLIND its inverse; C becomes C * BLIND^e. The caller's source
 * is used because libtomcrypt's own blinding takes its numbers from the math provider, where
 * GMP's are the same in every process and come from a state that threads share. */
static hf_crypto_result blind(const hf_random *random, size_t size, void **n)
{
    uint8_t bytes[HF_RSA_SIZE_MAX];
    if (!random->fill(random->context, bytes, size)) {
        return HF_CRYPTO_NO_RANDOM;
    }
    hf_crypto_result result;
    if (hf_step(&result, hf_number_read(n[BLIND], (hf_span){bytes, size})) &&
        hf_step(&result, ltc_mp.mpdiv(n[BLIND], n[N], NULL, n[BLIND]))) {
        if (ltc_mp.compare_d(n[BLIND], 0) == LTC_MP_EQ) {
            result = HF_CRYPTO_NO_RANDOM;
        } else {
            (void)(hf_step(&result, ltc_mp.invmod(n[BLIND], n[N], n[UNBLIND])) &&
                   hf_step(&result, ltc_mp.exptmod(n[BLIND], n[E], n[N], n[BLIND])) &&
                   hf_step(&result, ltc_mp.mulmod(n[C], n[BLIND], n[N], n[C])));
        }
    }
    hf_wipe(bytes, size);
    return result;
}

/* M = C^d mod n by the Chinese remainder theorem (RFC 8017 5.1.2), and M^e compared with C: one
 * faulty result that got out would give the factors away. Everything here is still blinded. */
static hf_crypto_result exponentiate(void **n)
{
    hf_crypto_result result;
    bool computed = hf_step(&result, ltc_mp.exptmod(n[C], n[DP], n[P], n[M])) &&
                    hf_step(&result, ltc_mp.exptmod(n[C], n[DQ], n[Q], n[T])) &&
                    hf_step(&result, ltc_mp.submod(n[M], n[T], n[P], n[M])) &&
                    hf_step(&result, ltc_mp.mulmod(n[M], n[QINV], n[P], n[M])) &&
                    hf_step(&result, ltc_mp.mul(n[M], n[Q], n[M])) &&
                    hf_step(&result, ltc_mp.add(n[M], n[T], n[M])) &&
                    hf_step(&result, ltc_mp.exptmod(n[M], n[E], n[N], n[T]));
    if (computed && ltc_mp.compare(n[T], n[C]) != LTC_MP_EQ) {
        result = HF_CRYPTO_FAILED;
    }
    return result;
}

static hf_crypto_result blinded_operation(const hf_rsa_private *key, const hf_random *random,
                                          hf_span number, uint8_t *out)
{
    void *n[COUNT];
    hf_crypto_result result = hf_numbers_init(n, COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    result = read_key(key, n);
    if (result == HF_CRYPTO_OK && hf_step(&result, hf_number_read(n[C], number))) {
        result = blind(random, number.size, n);
    }
    if (result == HF_CRYPTO_OK) {
        result = exponentiate(n);
    }
    if (result == HF_CRYPTO_OK) {
        (void)(hf_step(&result, ltc_mp.mulmod(n[M], n[UNBLIND], n[N], n[M])) &&
               hf_step(&result, hf_number_write_secret(n[M], out, number.size)));
    }
    hf_numbers_free(n, COUNT);
    return result;
}

static void wipe_and_free(rsa_key *key)
{
    void *secrets[] = {key->d, key->p, key->q, key->dP, key->dQ, key->qP};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        hf_number_wipe(secrets[i]);
    }
    rsa_free(key);
}

static int import(const hf_rsa_private *key, rsa_key *imported)
{
    const hf_span *n = &key->public_key.modulus;
    const hf_span *e = &key->public_key.exponent;
    const hf_span *d = &key->private_exponent;
    int code = rsa_set_key(n->data, (unsigned long)n->size, e->data, (unsigned long)e->size,
                           d->data, (unsigned long)d->size, imported);
    if (code == CRYPT_OK) {
        code = rsa_set_factors(key->prime1.data, (unsigned long)key->prime1.size, key->prime2.data,
                               (unsigned long)key->prime2.size, imported);
    }
    if (code == CRYPT_OK) {
        code = rsa_set_crt_params(key->exponent1.data, (unsigned long)key->exponent1.size,
                                  key->exponent2.data, (unsigned long)key->exponent2.size,
                                  key->coefficient.data, (unsigned long)key->coefficient.size,
                                  imported);
    }
    return code;
}

/* An accelerator that the application has put into libtomcrypt's math descriptor. */
static hf_crypto_result accelerated_operation(const hf_rsa_private *key, hf_span number,
                                              uint8_t *out)
{
    rsa_key imported;
    hf_crypto_result result;
    if (!hf_step(&result, import(key, &imported))) {
        return result;
    }
    unsigned long written = (unsigned long)number.size;
    (void)hf_step(&result, ltc_mp.rsa_me(number.data, (unsigned long)number.size, out + 1, &written,
                                         PK_PRIVATE, &imported));
    wipe_and_free(&imported);
    return result;
}

hf_crypto_result hf_rsa_private_operation(const hf_rsa_private *key, const hf_random *random,
                                          const uint8_t *number, uint8_t *out)
{
    hf_crypto_result result = hf_rsa_check_public(&key->public_key);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    if (!has_all_numbers(key)) {
        return HF_CRYPTO_BAD_KEY;
    }
    hf_span input = {number, key->public_key.modulus.size};
    return ltc_mp.rsa_me == rsa_exptmod ? blinded_operation(key, random, input, out)
                                        : accelerated_operation(key, input, out);
}
