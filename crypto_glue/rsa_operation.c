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

/* The numbers that last for a private operation: modulus and public exponent, the input times a
 * random number to the e, and the inverse of that number, which takes it out of the result. What
 * else is needed is made where it is needed and freed at once: on a device all of it comes from the
 * arena. */
enum { N, E, C, UNBLIND, COUNT };

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

/* HF_CRYPTO_BAD_KEY unless n is the product of p and q, which also makes both of them odd. That d
 * fits is not tested here: the check of the result does that. */
static hf_crypto_result check_factors(const hf_rsa_private *key, void *modulus)
{
    enum { P, Q, FACTORS };
    void *n[FACTORS];
    hf_crypto_result result = hf_numbers_init(n, FACTORS);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    if (hf_step(&result, hf_number_read(n[P], key->prime1)) &&
        hf_step(&result, hf_number_read(n[Q], key->prime2))) {
        bool are_factors =
            ltc_mp.compare_d(n[P], 1) == LTC_MP_GT && ltc_mp.compare_d(n[Q], 1) == LTC_MP_GT;
        if (hf_step(&result, ltc_mp.mul(n[P], n[Q], n[P])) &&
            !(are_factors && ltc_mp.compare(n[P], modulus) == LTC_MP_EQ)) {
            result = HF_CRYPTO_BAD_KEY;
        }
    }
    hf_numbers_free(n, FACTORS);
    return result;
}

/* b is random in [1, n-1]; C becomes C * b^e and UNBLIND 1 / b. Both are copied, for a copy has no
 * more memory than its value needs. */
enum { B, WORK, BLIND_COUNT };

static hf_crypto_result blind_with(hf_span drawn, void **n, void **blinding)
{
    hf_crypto_result result;
    void *b = blinding[B];
    void *work = blinding[WORK];
    if (hf_step(&result, hf_number_read(b, drawn)) &&
        hf_step(&result, ltc_mp.mpdiv(b, n[N], NULL, b))) {
        if (ltc_mp.compare_d(b, 0) == LTC_MP_EQ) {
            result = HF_CRYPTO_NO_RANDOM;
        } else {
            (void)(hf_step(&result, ltc_mp.exptmod(b, n[E], n[N], work)) &&
                   hf_step(&result, ltc_mp.mulmod(n[C], work, n[N], work)) &&
                   hf_step(&result, ltc_mp.copy(work, n[C])) &&
                   hf_step(&result, ltc_mp.invmod(b, n[N], work)) &&
                   hf_step(&result, ltc_mp.copy(work, n[UNBLIND])));
        }
    }
    return result;
}

/* The caller's source is used because libtomcrypt's own blinding takes its numbers from the math
 * provider, where GMP's are the same in every process and come from a state that threads share. */
static HF_OWN_FRAME hf_crypto_result blind(const hf_random *random, size_t size, void **n)
{
    uint8_t bytes[HF_RSA_SIZE_MAX];
    if (!random->fill(random->context, bytes, size)) {
        return HF_CRYPTO_NO_RANDOM;
    }
    void *blinding[BLIND_COUNT];
    hf_crypto_result result = hf_numbers_init(blinding, BLIND_COUNT);
    if (result == HF_CRYPTO_OK) {
        result = blind_with((hf_span){bytes, size}, n, blinding);
        hf_numbers_free(blinding, BLIND_COUNT);
    }
    hf_wipe(bytes, size);
    return result;
}

/* out = base^exponent mod prime. Copied, for LibTomMath hands out the memory in which it computed,
 * behind that of its table, where it would stand in the way. */
static hf_crypto_result power(void *base, hf_span exponent, hf_span prime, void *out)
{
    enum { POWER, MODULUS, POWER_COUNT };
    void *n[POWER_COUNT];
    hf_crypto_result result = hf_numbers_init(n, POWER_COUNT);
    if (result == HF_CRYPTO_OK) {
        (void)(hf_step(&result, hf_number_read(n[POWER], exponent)) &&
               hf_step(&result, hf_number_read(n[MODULUS], prime)) &&
               hf_step(&result, ltc_mp.exptmod(base, n[POWER], n[MODULUS], n[POWER])) &&
               hf_step(&result, ltc_mp.copy(n[POWER], out)));
        hf_numbers_free(n, POWER_COUNT);
    }
    return result;
}

/* m1 = m2 + q ((m1 - m2) / q mod p), Garner's step */
static hf_crypto_result combine(const hf_rsa_private *key, void *m1, void *m2)
{
    enum { P, OTHER, COMBINE_COUNT }; /* OTHER: 1 / q mod p, then q */
    void *n[COMBINE_COUNT];
    hf_crypto_result result = hf_numbers_init(n, COMBINE_COUNT);
    if (result == HF_CRYPTO_OK) {
        (void)(hf_step(&result, hf_number_read(n[P], key->prime1)) &&
               hf_step(&result, hf_number_read(n[OTHER], key->coefficient)) &&
               hf_step(&result, ltc_mp.submod(m1, m2, n[P], m1)) &&
               hf_step(&result, ltc_mp.mulmod(m1, n[OTHER], n[P], m1)) &&
               hf_step(&result, hf_number_read(n[OTHER], key->prime2)) &&
               hf_step(&result, ltc_mp.mul(m1, n[OTHER], m1)) &&
               hf_step(&result, ltc_mp.add(m1, m2, m1)));
        hf_numbers_free(n, COMBINE_COUNT);
    }
    return result;
}

/* m = C^d mod n by the Chinese remainder theorem (RFC 8017 5.1.2). */
static hf_crypto_result exponentiate(const hf_rsa_private *key, void *c, void *m)
{
    hf_crypto_result result = power(c, key->exponent1, key->prime1, m);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    void *other;
    result = hf_numbers_init(&other, 1);
    if (result == HF_CRYPTO_OK) {
        result = power(c, key->exponent2, key->prime2, other);
        if (result == HF_CRYPTO_OK) {
            result = combine(key, m, other);
        }
        hf_numbers_free(&other, 1);
    }
    return result;
}

/* m^e against C: one faulty result that got out would give the factors away. Everything here is
 * still blinded. */
static hf_crypto_result check_result(void **n, void *m)
{
    void *again;
    hf_crypto_result result = hf_numbers_init(&again, 1);
    if (result == HF_CRYPTO_OK) {
        if (hf_step(&result, ltc_mp.exptmod(m, n[E], n[N], again)) &&
            ltc_mp.compare(again, n[C]) != LTC_MP_EQ) {
            result = HF_CRYPTO_FAILED;
        }
        hf_numbers_free(&again, 1);
    }
    return result;
}

static hf_crypto_result unblind(const hf_rsa_private *key, void **n, hf_buf out)
{
    void *m;
    hf_crypto_result result = hf_numbers_init(&m, 1);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    result = exponentiate(key, n[C], m);
    if (result == HF_CRYPTO_OK) {
        result = check_result(n, m);
    }
    if (result == HF_CRYPTO_OK) {
        (void)(hf_step(&result, ltc_mp.mulmod(m, n[UNBLIND], n[N], m)) &&
               hf_step(&result, hf_number_write_secret(m, out.data, out.size)));
    }
    hf_numbers_free(&m, 1);
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
    if (hf_step(&result, hf_number_read(n[N], key->public_key.modulus)) &&
        hf_step(&result, hf_number_read(n[E], key->public_key.exponent)) &&
        hf_step(&result, hf_number_read(n[C], number))) {
        result = check_factors(key, n[N]);
    }
    if (result == HF_CRYPTO_OK) {
        result = blind(random, number.size, n);
    }
    if (result == HF_CRYPTO_OK) {
        result = unblind(key, n, (hf_buf){out, number.size});
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
