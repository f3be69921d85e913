/* a * G + b * Q for public numbers, the costly part of verifying a signature. */
#include "crypto_glue/ec_curve.h"

/* By libtomcrypt, with a table of 16 points, or by an accelerator. */
static hf_crypto_result sum_by_table(const hf_ec_domain *domain, void *a, void *b, ecc_point *point,
                                     void *out)
{
    ecc_point *base;
    hf_crypto_result result = hf_ec_base_new(domain, &base);
    if (result == HF_CRYPTO_OK) {
        (void)(hf_step(&result, ltc_mp.ecc_mul2add(base, a, point, b, base, domain->prime)) &&
               hf_step(&result, ltc_mp.mpdiv(base->x, domain->order, NULL, out)));
    }
    ltc_ecc_del_point(base);
    return result;
}

/* G and Q in affine coordinates, of G + Q and of the sum all three; in Montgomery's form. */
enum { GX, GY, QX, QY, BOTH_X, BOTH_Y, BOTH_Z, SUM_X, SUM_Y, SUM_Z, COUNT };

typedef struct sum {
    void *n[COUNT];
    void *prime;
    void *rho;
    ecc_point addends[3]; /* G, Q, both */
    ecc_point total;
} sum;

/* Lays the points over the numbers. A point without z is an affine one to libtomcrypt. */
static void lay_out(sum *s)
{
    void **n = s->n;
    s->addends[0] = (ecc_point){.x = n[GX], .y = n[GY]};
    s->addends[1] = (ecc_point){.x = n[QX], .y = n[QY]};
    s->addends[2] = (ecc_point){.x = n[BOTH_X], .y = n[BOTH_Y], .z = n[BOTH_Z]};
    s->total = (ecc_point){.x = n[SUM_X], .y = n[SUM_Y], .z = n[SUM_Z]};
}

static bool add(sum *s, ecc_point *addend, ecc_point *out, hf_crypto_result *result)
{
    int code = ltc_mp.ecc_ptadd(&s->total, addend, out, s->prime, s->rho);
    return hf_step(result, code);
}

/* The addends; the total is left as Q, of which z is 1. */
static bool prepare(sum *s, const ltc_ecc_set_type *set, const ecc_point *point,
                    hf_crypto_result *result)
{
    void **n = s->n;
    void *one = n[SUM_Z];
    return hf_step(result, ltc_mp.montgomery_normalization(one, s->prime)) &&
           hf_step(result, ltc_mp.read_radix(n[GX], set->Gx, 16)) &&
           hf_step(result, ltc_mp.read_radix(n[GY], set->Gy, 16)) &&
           hf_step(result, ltc_mp.mulmod(n[GX], one, s->prime, n[GX])) &&
           hf_step(result, ltc_mp.mulmod(n[GY], one, s->prime, n[GY])) &&
           hf_step(result, ltc_mp.mulmod(point->x, one, s->prime, n[QX])) &&
           hf_step(result, ltc_mp.mulmod(point->y, one, s->prime, n[QY])) &&
           hf_step(result, ltc_mp.copy(n[QX], n[SUM_X])) &&
           hf_step(result, ltc_mp.copy(n[QY], n[SUM_Y])) &&
           add(s, &s->addends[0], &s->addends[2], result);
}

static unsigned bit_of(void *number, int bit)
{
    int size = ltc_mp.bits_per_digit;
    return (unsigned)(ltc_mp.get_digit(number, bit / size) >> (bit % size)) & 1;
}

/* The first addend becomes the total. */
static bool begin(sum *s, const ecc_point *first, hf_crypto_result *result)
{
    return hf_step(result, ltc_mp.copy(first->x, s->total.x)) &&
           hf_step(result, ltc_mp.copy(first->y, s->total.y)) &&
           (first->z == NULL || hf_step(result, ltc_mp.copy(first->z, s->total.z)));
}

/* From the highest bits of a and b to the lowest: the total is doubled, and G, Q or both added. */
static bool add_up(sum *s, void *a, void *b, hf_crypto_result *result)
{
    int bits_a = ltc_mp.count_bits(a), bits_b = ltc_mp.count_bits(b);
    bool fine = true, begun = false;
    for (int bit = (bits_a > bits_b ? bits_a : bits_b) - 1; fine && bit >= 0; bit--) {
        unsigned which = bit_of(a, bit) | bit_of(b, bit) << 1;
        if (begun) {
            fine = hf_step(result, ltc_mp.ecc_ptdbl(&s->total, &s->total, s->prime, s->rho));
        }
        if (fine && which != 0) {
            ecc_point *addend = &s->addends[which - 1];
            fine = begun ? add(s, addend, &s->total, result) : begin(s, addend, result);
            begun = true;
        }
    }
    return fine;
}

/* For a libtomcrypt that was built without the table (LTC_ECC_SHAMIR), as for a device: it has
 * 4.5 KB on a 32-bit machine, and verifying takes a sixth longer without it at most. */
static hf_crypto_result sum_by_bits(const hf_ec_domain *domain, void *a, void *b,
                                    const ecc_point *point, void *out)
{
    sum s = {.prime = domain->prime};
    hf_crypto_result result = hf_numbers_init(s.n, COUNT);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    lay_out(&s);
    if (hf_step(&result, ltc_mp.montgomery_setup(s.prime, &s.rho))) {
        (void)(prepare(&s, domain->set, point, &result) && add_up(&s, a, b, &result) &&
               hf_step(&result, ltc_mp.ecc_map(&s.total, s.prime, s.rho)) &&
               hf_step(&result, ltc_mp.mpdiv(s.total.x, domain->order, NULL, out)));
        ltc_mp.montgomery_deinit(s.rho);
    }
    hf_numbers_free(s.n, COUNT);
    return result;
}

hf_crypto_result hf_ec_sum(const hf_ec_domain *domain, void *a, void *b, ecc_point *point,
                           void *out)
{
    return ltc_mp.ecc_mul2add != NULL ? sum_by_table(domain, a, b, point, out)
                                      : sum_by_bits(domain, a, b, point, out);
}
