#include "crypto_glue/ec_curve.h"

#include "crypto_glue/hash.h"

#define POINT_UNCOMPRESSED 0x04 /* SEC 1 2.3.3 */

static const ltc_ecc_set_type *find_set(size_t size)
{
    const ltc_ecc_set_type *set = ltc_ecc_sets;
    while (set->size != 0 && (size_t)set->size != size) {
        set++;
    }
    return set->size != 0 && size != 0 ? set : NULL;
}

hf_crypto_result hf_ec_domain_init(hf_ec_domain *domain, hf_curve curve)
{
    domain->size = hf_ec_field_size(curve);
    domain->set = find_set(domain->size);
    if (domain->set == NULL) {
        return HF_CRYPTO_BAD_KEY;
    }

    void *numbers[2];
    hf_crypto_result result = hf_numbers_init(numbers, 2);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    domain->prime = numbers[0];
    domain->order = numbers[1];
    if (!hf_step(&result, ltc_mp.read_radix(domain->prime, domain->set->prime, 16)) ||
        !hf_step(&result, ltc_mp.read_radix(domain->order, domain->set->order, 16))) {
        hf_ec_domain_free(domain);
    }
    return result;
}

void hf_ec_domain_free(hf_ec_domain *domain)
{
    ltc_mp.deinit(domain->prime);
    ltc_mp.deinit(domain->order);
}

hf_crypto_result hf_ec_point_new(ecc_point **point)
{
    *point = ltc_ecc_new_point();
    return *point == NULL ? HF_CRYPTO_NO_MEMORY : HF_CRYPTO_OK;
}

void hf_ec_point_free(ecc_point *point)
{
    if (point != NULL) {
        hf_number_wipe(point->x);
        hf_number_wipe(point->y);
        hf_number_wipe(point->z);
        ltc_ecc_del_point(point);
    }
}

/* Compares y^2 + 3x with x^3 + b, so that nothing is ever below zero. */
static hf_crypto_result check_equation(const hf_ec_domain *domain, const ecc_point *point)
{
    enum { LEFT, RIGHT, TERM, COUNT };
    void *n[COUNT];
    void *p = domain->prime;
    hf_crypto_result result = hf_numbers_init(n, COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }

    bool computed = hf_step(&result, ltc_mp.sqrmod(point->y, p, n[LEFT])) &&
                    hf_step(&result, ltc_mp.muli(point->x, 3, n[TERM])) &&
                    hf_step(&result, ltc_mp.addmod(n[LEFT], n[TERM], p, n[LEFT])) &&
                    hf_step(&result, ltc_mp.sqrmod(point->x, p, n[RIGHT])) &&
                    hf_step(&result, ltc_mp.mulmod(n[RIGHT], point->x, p, n[RIGHT])) &&
                    hf_step(&result, ltc_mp.read_radix(n[TERM], domain->set->B, 16)) &&
                    hf_step(&result, ltc_mp.addmod(n[RIGHT], n[TERM], p, n[RIGHT]));
    if (computed && ltc_mp.compare(n[LEFT], n[RIGHT]) != LTC_MP_EQ) {
        result = HF_CRYPTO_BAD_POINT;
    }
    hf_numbers_free(n, COUNT);
    return result;
}

/* SEC 1 3.2.2.1. Infinity has no encoding of this length, and (0, 0) is on none of the curves;
 * with cofactor 1 a point on the curve is in the group. */
hf_crypto_result hf_ec_point_read(const hf_ec_domain *domain, hf_span bytes, ecc_point *point)
{
    size_t size = domain->size;
    if (bytes.size != 1 + 2 * size || bytes.data[0] != POINT_UNCOMPRESSED) {
        return HF_CRYPTO_BAD_POINT;
    }

    hf_crypto_result result;
    hf_span x = {bytes.data + 1, size};
    hf_span y = {bytes.data + 1 + size, size};
    if (!hf_step(&result, hf_number_read(point->x, x)) ||
        !hf_step(&result, hf_number_read(point->y, y)) ||
        !hf_step(&result, ltc_mp.set_int(point->z, 1))) {
        return result;
    }
    if (ltc_mp.compare(point->x, domain->prime) != LTC_MP_LT ||
        ltc_mp.compare(point->y, domain->prime) != LTC_MP_LT) {
        return HF_CRYPTO_BAD_POINT;
    }
    return check_equation(domain, point);
}

hf_crypto_result hf_ec_point_write(const hf_ec_domain *domain, const ecc_point *point, uint8_t *out)
{
    hf_crypto_result result;
    out[0] = POINT_UNCOMPRESSED;
    (void)(hf_step(&result, hf_number_write(point->x, out + 1, domain->size)) &&
           hf_step(&result, hf_number_write(point->y, out + 1 + domain->size, domain->size)));
    return result;
}

bool hf_ec_in_range(const hf_ec_domain *domain, void *number)
{
    return hf_number_in_range(number, domain->order);
}

hf_crypto_result hf_ec_scalar_read(const hf_ec_domain *domain, const uint8_t *bytes, void *scalar)
{
    hf_crypto_result result;
    if (hf_step(&result, hf_number_read(scalar, (hf_span){bytes, domain->size})) &&
        !hf_ec_in_range(domain, scalar)) {
        result = HF_CRYPTO_BAD_KEY;
    }
    return result;
}

hf_crypto_result hf_ec_scalar_draw(const hf_ec_domain *domain, const hf_random *random,
                                   void *scalar)
{
    return hf_number_draw(random, domain->order, scalar);
}

/* The leftmost bits of the digest, as many as n has (FIPS 186-4 6.4). These are whole bytes: n is
 * a whole number of bytes long on P-256 and P-384, and no digest is as long as n on P-521. */
hf_crypto_result hf_ec_digest_read(const hf_ec_domain *domain, hf_span digest, void *number)
{
    if (digest.size == 0 || digest.size > HF_HASH_SIZE_MAX) {
        return HF_CRYPTO_FAILED;
    }
    hf_span leftmost = {digest.data, digest.size < domain->size ? digest.size : domain->size};
    return hf_tomcrypt_result(hf_number_read(number, leftmost));
}

/* libtomcrypt's ladder makes one round for each bit of the digits that the scalar occupies. Where
 * n does not fill its top digit (P-521 under GMP, each curve under LibTomMath), a scalar with
 * nothing in that digit is told by a shorter time, and some hundred or thousand such nonces give
 * an ECDSA key away. Then scalar + n stands in, which is the same multiple, needs no further
 * digit and never leaves the top digit empty. (n-1) + n is left as n-1: its ladder would pass
 * through infinity, which libtomcrypt's addition does not know. An accelerator in the place of
 * the ladder gets the plain scalar. */
static hf_crypto_result even_out(const hf_ec_domain *domain, void *scalar)
{
    hf_crypto_result result = HF_CRYPTO_OK;
    if (ltc_mp.ecc_ptmul != ltc_ecc_mulmod ||
        ltc_mp.count_bits(domain->order) % ltc_mp.bits_per_digit == 0) {
        return result;
    }
    if (hf_step(&result, ltc_mp.addi(scalar, 1, scalar))) {
        bool is_last = ltc_mp.compare(scalar, domain->order) == LTC_MP_EQ;
        (void)((is_last || hf_step(&result, ltc_mp.add(scalar, domain->order, scalar))) &&
               hf_step(&result, ltc_mp.subi(scalar, 1, scalar)));
    }
    return result;
}

hf_crypto_result hf_ec_multiply(const hf_ec_domain *domain, void *scalar, ecc_point *point)
{
    hf_crypto_result result = even_out(domain, scalar);
    if (result == HF_CRYPTO_OK) {
        (void)hf_step(&result, ltc_mp.ecc_ptmul(scalar, point, point, domain->prime, 1));
    }
    return result;
}

hf_crypto_result hf_ec_base_new(const hf_ec_domain *domain, ecc_point **base)
{
    hf_crypto_result result = hf_ec_point_new(base);
    if (result == HF_CRYPTO_OK) {
        (void)(hf_step(&result, ltc_mp.read_radix((*base)->x, domain->set->Gx, 16)) &&
               hf_step(&result, ltc_mp.read_radix((*base)->y, domain->set->Gy, 16)) &&
               hf_step(&result, ltc_mp.set_int((*base)->z, 1)));
    }
    return result;
}

hf_crypto_result hf_ec_multiply_base(const hf_ec_domain *domain, void *scalar, ecc_point **product)
{
    hf_crypto_result result = hf_ec_base_new(domain, product);
    if (result == HF_CRYPTO_OK) {
        result = hf_ec_multiply(domain, scalar, *product);
    }
    return result;
}
