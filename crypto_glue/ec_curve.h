/* Private to crypto_glue: arithmetic on the NIST prime curves that ec.c and ecdsa.c share. */
#ifndef HF_CRYPTO_GLUE_EC_CURVE_H
#define HF_CRYPTO_GLUE_EC_CURVE_H

#include "crypto_glue/ec.h"
#include "crypto_glue/number.h"

/* A curve y^2 = x^3 - 3x + b over the integers mod p with a base point G of prime order n, so
 * that each of its points but infinity has order n (FIPS 186-4 D.1.2). */
typedef struct hf_ec_domain {
    const ltc_ecc_set_type *set; /* b and G are read from here where they are needed */
    size_t size;                 /* bytes of p and of n: the same for all our curves */
    void *prime;
    void *order;
} hf_ec_domain;

/* HF_CRYPTO_BAD_KEY for a curve that libtomcrypt was built without. */
HF_MUST_USE hf_crypto_result hf_ec_domain_init(hf_ec_domain *domain, hf_curve curve);
void hf_ec_domain_free(hf_ec_domain *domain);

/* A point to be freed with hf_ec_point_free, which overwrites it and also takes NULL. */
HF_MUST_USE hf_crypto_result hf_ec_point_new(ecc_point **point);
void hf_ec_point_free(ecc_point *point);

/* Reads 04 X Y; HF_CRYPTO_BAD_POINT unless all that hf_ec_check_point says holds. */
HF_MUST_USE hf_crypto_result hf_ec_point_read(const hf_ec_domain *domain, hf_span bytes,
                                              ecc_point *point);
HF_MUST_USE hf_crypto_result hf_ec_point_write(const hf_ec_domain *domain, const ecc_point *point,
                                               uint8_t *out);

/* 0 < number < n */
bool hf_ec_in_range(const hf_ec_domain *domain, void *number);

/* A scalar of domain->size bytes; HF_CRYPTO_BAD_KEY unless it is in range. */
HF_MUST_USE hf_crypto_result hf_ec_scalar_read(const hf_ec_domain *domain, const uint8_t *bytes,
                                               void *scalar);

/* A scalar drawn evenly from [1, n-1]. */
HF_MUST_USE hf_crypto_result hf_ec_scalar_draw(const hf_ec_domain *domain, const hf_random *random,
                                               void *scalar);

/* The number that ECDSA makes of a digest; HF_CRYPTO_FAILED for a length that no hash has. */
HF_MUST_USE hf_crypto_result hf_ec_digest_read(const hf_ec_domain *domain, hf_span digest,
                                               void *number);

/* point = scalar * point, in affine coordinates, for a scalar in range. That becomes another one
 * that is the same mod n: both are changed in place, since each number counts on a device. */
HF_MUST_USE hf_crypto_result hf_ec_multiply(const hf_ec_domain *domain, void *scalar,
                                            ecc_point *point);

/* G; whatever this returns, it is to be freed as hf_ec_point_new's. */
HF_MUST_USE hf_crypto_result hf_ec_base_new(const hf_ec_domain *domain, ecc_point **base);

/* product = scalar * G, a new point that is to be freed likewise; the scalar as above. */
HF_MUST_USE hf_crypto_result hf_ec_multiply_base(const hf_ec_domain *domain, void *scalar,
                                                 ecc_point **product);

/* out = the x coordinate of a * G + b * point, mod n; for public numbers below n, a not 0. Faster
 * than two products, but without regard to the case that points which are added are the same or
 * each other's negative: then this fails, or yields some other number. (ec_sum.c) */
HF_MUST_USE hf_crypto_result hf_ec_sum(const hf_ec_domain *domain, void *a, void *b,
                                       ecc_point *point, void *out);

#endif
