#include "crypto_glue/ec_curve.h"
#include "crypto_glue/ecdsa_der.h"

/* The numbers of one signature (FIPS 186-4 6.4, with the names used there). */
enum { K, R, D, BLIND, E, S, SIGN_COUNT };
#define NONCE_COUNT 2 /* K and R: the others are made later, when there is room again */

/* r = the x coordinate of k * G, mod n, for a fresh k */
static hf_crypto_result compute_r(const hf_ec_domain *domain, const hf_random *random, void **n)
{
    hf_crypto_result drawn = hf_ec_scalar_draw(domain, random, n[K]);
    if (drawn != HF_CRYPTO_OK) {
        return drawn;
    }
    ecc_point *product;
    hf_crypto_result result = hf_ec_multiply_base(domain, n[K], &product);
    if (result == HF_CRYPTO_OK) {
        (void)hf_step(&result, ltc_mp.mpdiv(product->x, domain->order, NULL, n[R]));
    }
    hf_ec_point_free(product);
    return result;
}

/* s = (e + d r) / k mod n, computed as (b e + b d r) / (b k) with a random b, so that no
 * operation on d or k alone meets a number that others know. */
static hf_crypto_result compute_s(const hf_ec_domain *domain, void **n)
{
    hf_crypto_result result;
    void *order = domain->order;
    (void)(hf_step(&result, ltc_mp.mulmod(n[K], n[BLIND], order, n[K])) &&
           hf_step(&result, ltc_mp.invmod(n[K], order, n[K])) &&
           hf_step(&result, ltc_mp.mulmod(n[D], n[BLIND], order, n[D])) &&
           hf_step(&result, ltc_mp.mulmod(n[D], n[R], order, n[D])) &&
           hf_step(&result, ltc_mp.mulmod(n[E], n[BLIND], order, n[E])) &&
           hf_step(&result, ltc_mp.addmod(n[E], n[D], order, n[S])) &&
           hf_step(&result, ltc_mp.mulmod(n[S], n[K], order, n[S])));
    return result;
}

/* r and s are written to `r_and_s`. One of them is 0 about as often as a private key is guessed;
 * that is reported as a failure instead of tried again. */
static hf_crypto_result write_numbers(const hf_ec_domain *domain, void **n, uint8_t *r_and_s)
{
    if (!hf_ec_in_range(domain, n[R]) || !hf_ec_in_range(domain, n[S])) {
        return HF_CRYPTO_FAILED;
    }
    hf_crypto_result result;
    (void)(hf_step(&result, hf_number_write(n[R], r_and_s, domain->size)) &&
           hf_step(&result, hf_number_write(n[S], r_and_s + domain->size, domain->size)));
    return result;
}

/* With r there, the rest. */
static hf_crypto_result sign_digest(const hf_ec_domain *domain, const uint8_t *scalar,
                                    const hf_random *random, hf_span digest, void **n)
{
    hf_crypto_result result = hf_ec_scalar_read(domain, scalar, n[D]);
    if (result == HF_CRYPTO_OK) {
        result = hf_ec_digest_read(domain, digest, n[E]);
    }
    if (result == HF_CRYPTO_OK) {
        result = hf_ec_scalar_draw(domain, random, n[BLIND]);
    }
    return result == HF_CRYPTO_OK ? compute_s(domain, n) : result;
}

static hf_crypto_result sign_in(const hf_ec_domain *domain, const uint8_t *scalar,
                                const hf_random *random, hf_span digest, uint8_t *r_and_s)
{
    void *n[SIGN_COUNT];
    hf_crypto_result result = hf_numbers_init(n, NONCE_COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    result = compute_r(domain, random, n);
    if (result == HF_CRYPTO_OK) {
        result = hf_numbers_init(n + NONCE_COUNT, SIGN_COUNT - NONCE_COUNT);
        if (result == HF_CRYPTO_OK) {
            result = sign_digest(domain, scalar, random, digest, n);
            if (result == HF_CRYPTO_OK) {
                result = write_numbers(domain, n, r_and_s);
            }
            hf_numbers_free(n + NONCE_COUNT, SIGN_COUNT - NONCE_COUNT);
        }
    }
    hf_numbers_free(n, NONCE_COUNT);
    return result;
}

/* libtomcrypt's own ecc_sign_hash_rfc7518 draws its nonce with a remainder and multiplies by it
 * in a time that depends on its length (ec_curve.c), and returns success with nothing written
 * when the random source yields zeros. */
hf_crypto_result hf_ecdsa_sign(hf_curve curve, const uint8_t *scalar, const hf_random *random,
                               hf_span digest, uint8_t *signature, size_t *signature_size)
{
    hf_ec_domain domain;
    hf_crypto_result result = hf_ec_domain_init(&domain, curve);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    uint8_t r_and_s[2 * HF_EC_SCALAR_MAX];
    result = sign_in(&domain, scalar, random, digest, r_and_s);
    if (result == HF_CRYPTO_OK) {
        *signature_size = hf_ecdsa_der_write(r_and_s, domain.size, signature);
    }
    hf_ec_domain_free(&domain);
    return result;
}
