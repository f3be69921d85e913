#include "crypto_glue/dsa_number.h"
#include "crypto_glue/ecdsa_der.h"

/* The numbers of one verification (FIPS 186-4 4.7, with the names used there). */
enum { P, Q, G, Y, E, R, S, W, U1, U2, V, COUNT };

/* Reads what the caller has; HF_CRYPTO_BAD_SIGNATURE unless 0 < r, s < q. */
static hf_crypto_result read_numbers(const hf_dsa_public *key, hf_span digest,
                                     const uint8_t *r_and_s, void **n)
{
    size_t size = key->subprime.size;
    hf_crypto_result result = hf_dsa_digest_read(key->subprime, digest, n[E]);
    if (result != HF_CRYPTO_OK) {
        return result == HF_CRYPTO_FAILED ? HF_CRYPTO_BAD_SIGNATURE : result;
    }
    result = hf_dsa_domain_read(key, n);
    if (result == HF_CRYPTO_OK && hf_step(&result, hf_number_read(n[Y], key->value)) &&
        hf_step(&result, hf_number_read(n[R], (hf_span){r_and_s, size})) &&
        hf_step(&result, hf_number_read(n[S], (hf_span){r_and_s + size, size})) &&
        !(hf_number_in_range(n[R], n[Q]) && hf_number_in_range(n[S], n[Q]))) {
        result = HF_CRYPTO_BAD_SIGNATURE;
    }
    return result;
}

/* w = 1/s mod q. Of a q that is no prime, s may have no inverse; what a math provider then returns
 * and writes is its own affair. */
static hf_crypto_result invert(void **n)
{
    int code = ltc_mp.invmod(n[S], n[Q], n[W]);
    if (code != CRYPT_OK) {
        return code == CRYPT_MEM ? HF_CRYPTO_NO_MEMORY : HF_CRYPTO_BAD_SIGNATURE;
    }
    hf_crypto_result result;
    if (hf_step(&result, ltc_mp.mulmod(n[S], n[W], n[Q], n[V])) &&
        ltc_mp.compare_d(n[V], 1) != LTC_MP_EQ) {
        result = HF_CRYPTO_BAD_SIGNATURE;
    }
    return result;
}

/* r = (g^(e/s) y^(r/s) mod p) mod q */
static hf_crypto_result compare(void **n)
{
    hf_crypto_result result;
    if (hf_step(&result, ltc_mp.mulmod(n[E], n[W], n[Q], n[U1])) &&
        hf_step(&result, ltc_mp.mulmod(n[R], n[W], n[Q], n[U2])) &&
        hf_step(&result, ltc_mp.exptmod(n[G], n[U1], n[P], n[G])) &&
        hf_step(&result, ltc_mp.exptmod(n[Y], n[U2], n[P], n[Y])) &&
        hf_step(&result, ltc_mp.mulmod(n[G], n[Y], n[P], n[V])) &&
        hf_step(&result, ltc_mp.mpdiv(n[V], n[Q], NULL, n[V])) &&
        ltc_mp.compare(n[V], n[R]) != LTC_MP_EQ) {
        result = HF_CRYPTO_BAD_SIGNATURE;
    }
    return result;
}

hf_crypto_result hf_dsa_verify(const hf_dsa_public *key, hf_span digest, hf_span signature)
{
    uint8_t r_and_s[2 * HF_DSA_SUBPRIME_SIZE_MAX];
    hf_crypto_result result = hf_dsa_check_domain(key);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    if (!hf_ecdsa_der_read(signature, key->subprime.size, r_and_s)) {
        return HF_CRYPTO_BAD_SIGNATURE;
    }
    result = hf_dsa_check_public(key);
    if (result != HF_CRYPTO_OK) {
        return result;
    }

    void *n[COUNT];
    result = hf_numbers_init(n, COUNT);
    if (result == HF_CRYPTO_OK) {
        result = read_numbers(key, digest, r_and_s, n);
        if (result == HF_CRYPTO_OK) {
            result = invert(n);
        }
        if (result == HF_CRYPTO_OK) {
            result = compare(n);
        }
        hf_numbers_free(n, COUNT);
    }
    return result;
}
