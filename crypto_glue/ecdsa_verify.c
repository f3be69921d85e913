#include "crypto_glue/ec_curve.h"
#include "crypto_glue/ecdsa_der.h"

/* The numbers of one verification (FIPS 186-4 6.4, with the names used there). */
enum { R, U1, U2, V, VERIFY_COUNT };

/* x = the x coordinate of a + b, for affine points; HF_CRYPTO_BAD_SIGNATURE if that is infinity. */
static hf_crypto_result add_points(const hf_ec_domain *domain, const ecc_point *a,
                                   const ecc_point *b, void *x)
{
    enum { SLOPE, BELOW, COUNT };
    void *n[COUNT];
    void *p = domain->prime;
    bool same_x = ltc_mp.compare(a->x, b->x) == LTC_MP_EQ;
    if (same_x && ltc_mp.compare(a->y, b->y) != LTC_MP_EQ) {
        return HF_CRYPTO_BAD_SIGNATURE;
    }
    hf_crypto_result result = hf_numbers_init(n, COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }

    bool divided;
    if (same_x) { /* 3 (x^2 - 1) / 2y, the tangent */
        divided = hf_step(&result, ltc_mp.set_int(n[BELOW], 1)) &&
                  hf_step(&result, ltc_mp.sqrmod(a->x, p, n[SLOPE])) &&
                  hf_step(&result, ltc_mp.submod(n[SLOPE], n[BELOW], p, n[SLOPE])) &&
                  hf_step(&result, ltc_mp.muli(n[SLOPE], 3, n[SLOPE])) &&
                  hf_step(&result, ltc_mp.addmod(a->y, a->y, p, n[BELOW]));
    } else {
        divided = hf_step(&result, ltc_mp.submod(b->y, a->y, p, n[SLOPE])) &&
                  hf_step(&result, ltc_mp.submod(b->x, a->x, p, n[BELOW]));
    }
    (void)(divided && hf_step(&result, ltc_mp.invmod(n[BELOW], p, n[BELOW])) &&
           hf_step(&result, ltc_mp.mulmod(n[SLOPE], n[BELOW], p, n[SLOPE])) &&
           hf_step(&result, ltc_mp.sqrmod(n[SLOPE], p, x)) &&
           hf_step(&result, ltc_mp.submod(x, a->x, p, x)) &&
           hf_step(&result, ltc_mp.submod(x, b->x, p, x)));
    hf_numbers_free(n, COUNT);
    return result;
}

/* V = the x coordinate of U1 * G + U2 * Q; Q becomes the second product. U2 is never 0 because r is
 * not. */
static hf_crypto_result compute_v(const hf_ec_domain *domain, ecc_point *point, void **n)
{
    hf_crypto_result result = hf_ec_multiply(domain, n[U2], point);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    if (ltc_mp.compare_d(n[U1], 0) == LTC_MP_EQ) {
        return hf_tomcrypt_result(ltc_mp.copy(point->x, n[V]));
    }
    ecc_point *product;
    result = hf_ec_multiply_base(domain, n[U1], &product);
    if (result == HF_CRYPTO_OK) {
        result = add_points(domain, product, point, n[V]);
    }
    ltc_ecc_del_point(product);
    return result;
}

/* Reads what the caller has, s into U2 and e into U1; HF_CRYPTO_BAD_SIGNATURE unless 0 < r, s < n.
 */
static hf_crypto_result read_numbers(const hf_ec_domain *domain, hf_span digest,
                                     const uint8_t *r_and_s, void **n)
{
    size_t size = domain->size;
    hf_crypto_result result = hf_ec_digest_read(domain, digest, n[U1]);
    if (result != HF_CRYPTO_OK) {
        return result == HF_CRYPTO_FAILED ? HF_CRYPTO_BAD_SIGNATURE : result;
    }
    if (hf_step(&result, hf_number_read(n[R], (hf_span){r_and_s, size})) &&
        hf_step(&result, hf_number_read(n[U2], (hf_span){r_and_s + size, size})) &&
        !(hf_ec_in_range(domain, n[R]) && hf_ec_in_range(domain, n[U2]))) {
        result = HF_CRYPTO_BAD_SIGNATURE;
    }
    return result;
}

/* w = 1 / s, u1 = e w, u2 = r w, all mod n */
static hf_crypto_result compute_factors(const hf_ec_domain *domain, void **n)
{
    hf_crypto_result result;
    void *order = domain->order;
    (void)(hf_step(&result, ltc_mp.invmod(n[U2], order, n[U2])) &&
           hf_step(&result, ltc_mp.mulmod(n[U1], n[U2], order, n[U1])) &&
           hf_step(&result, ltc_mp.mulmod(n[R], n[U2], order, n[U2])));
    return result;
}

/* HF_CRYPTO_BAD_SIGNATURE, also where the sum of both products was not found, means little. */
static hf_crypto_result verify_quickly(const hf_ec_domain *domain, ecc_point *point, void **n)
{
    if (ltc_mp.compare_d(n[U1], 0) == LTC_MP_EQ) {
        return HF_CRYPTO_BAD_SIGNATURE;
    }
    hf_crypto_result result = hf_ec_sum(domain, n[U1], n[U2], point, n[V]);
    if (result == HF_CRYPTO_NO_MEMORY) {
        return result;
    }
    bool is_good = result == HF_CRYPTO_OK && ltc_mp.compare(n[V], n[R]) == LTC_MP_EQ;
    return is_good ? HF_CRYPTO_OK : HF_CRYPTO_BAD_SIGNATURE;
}

static HF_OWN_FRAME hf_crypto_result verify_slowly(const hf_ec_domain *domain, ecc_point *point,
                                                   void **n)
{
    hf_crypto_result result = compute_v(domain, point, n);
    if (result == HF_CRYPTO_OK && hf_step(&result, ltc_mp.mpdiv(n[V], domain->order, NULL, n[V])) &&
        ltc_mp.compare(n[V], n[R]) != LTC_MP_EQ) {
        result = HF_CRYPTO_BAD_SIGNATURE;
    }
    return result;
}

/* FIPS 186-4 6.4. Both products are first added up on the way, without regard to the case that one
 * point is the other's negative. That refuses some good signatures, which nobody meets by chance
 * but which can be made; so what is refused is looked at again. */
static hf_crypto_result verify_with(const hf_ec_domain *domain, ecc_point *point, hf_span digest,
                                    const uint8_t *r_and_s)
{
    void *n[VERIFY_COUNT];
    hf_crypto_result result = hf_numbers_init(n, VERIFY_COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    result = read_numbers(domain, digest, r_and_s, n);
    if (result == HF_CRYPTO_OK) {
        result = compute_factors(domain, n);
    }
    if (result == HF_CRYPTO_OK) {
        result = verify_quickly(domain, point, n);
        if (result == HF_CRYPTO_BAD_SIGNATURE) {
            result = verify_slowly(domain, point, n);
        }
    }
    hf_numbers_free(n, VERIFY_COUNT);
    return result;
}

hf_crypto_result hf_ecdsa_verify(hf_curve curve, hf_span point, hf_span digest, hf_span signature)
{
    hf_ec_domain domain;
    hf_crypto_result result = hf_ec_domain_init(&domain, curve);
    if (result != HF_CRYPTO_OK) {
        return result;
    }

    uint8_t r_and_s[2 * HF_EC_SCALAR_MAX];
    ecc_point *key;
    result = hf_ec_point_new(&key);
    if (result == HF_CRYPTO_OK) {
        result = hf_ec_point_read(&domain, point, key);
    }
    if (result == HF_CRYPTO_OK && !hf_ecdsa_der_read(signature, domain.size, r_and_s)) {
        result = HF_CRYPTO_BAD_SIGNATURE;
    }
    if (result == HF_CRYPTO_OK) {
        result = verify_with(&domain, key, digest, r_and_s);
    }
    ltc_ecc_del_point(key);
    hf_ec_domain_free(&domain);
    return result;
}
