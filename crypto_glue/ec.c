#include "crypto_glue/ec.h"

#include "crypto_glue/constant_time.h"
#include "crypto_glue/ec_curve.h"

#include <string.h>

size_t hf_ec_field_size(hf_curve curve)
{
    switch (curve) {
    case HF_CURVE_P256:
        return 32;
    case HF_CURVE_P384:
        return HF_WITH_SECP384R1 ? 48 : 0;
    case HF_CURVE_P521:
        return HF_WITH_SECP521R1 ? 66 : 0;
    case HF_CURVE_NONE:
        break;
    }
    return 0;
}

size_t hf_ec_point_size(hf_curve curve)
{
    size_t size = hf_ec_field_size(curve);
    return size == 0 ? 0 : 1 + 2 * size;
}

hf_crypto_result hf_ec_check_point(hf_curve curve, hf_span point)
{
    hf_ec_domain domain;
    hf_crypto_result result = hf_ec_domain_init(&domain, curve);
    if (result != HF_CRYPTO_OK) {
        return result;
    }
    ecc_point *read;
    result = hf_ec_point_new(&read);
    if (result == HF_CRYPTO_OK) {
        result = hf_ec_point_read(&domain, point, read);
    }
    ltc_ecc_del_point(read);
    hf_ec_domain_free(&domain);
    return result;
}

/* The public point of `scalar`, which is in range and left as hf_ec_multiply does. */
static hf_crypto_result write_public(const hf_ec_domain *domain, void *scalar, uint8_t *point)
{
    ecc_point *product;
    hf_crypto_result result = hf_ec_multiply_base(domain, scalar, &product);
    if (result == HF_CRYPTO_OK) {
        result = hf_ec_point_write(domain, product, point);
    }
    ltc_ecc_del_point(product);
    return result;
}

hf_crypto_result hf_ec_generate(hf_curve curve, const hf_random *random, uint8_t *scalar,
                                uint8_t *point)
{
    hf_ec_domain domain;
    hf_crypto_result result = hf_ec_domain_init(&domain, curve);
    if (result != HF_CRYPTO_OK) {
        return result;
    }

    uint8_t bytes[1 + HF_EC_SCALAR_MAX];
    void *drawn;
    result = hf_numbers_init(&drawn, 1);
    if (result == HF_CRYPTO_OK) {
        result = hf_ec_scalar_draw(&domain, random, drawn);
        if (result == HF_CRYPTO_OK &&
            hf_step(&result, hf_number_write_secret(drawn, bytes, domain.size))) {
            result = write_public(&domain, drawn, point);
        }
        if (result == HF_CRYPTO_OK) {
            memcpy(scalar, bytes + 1, domain.size);
        }
        hf_numbers_free(&drawn, 1);
    }
    hf_wipe(bytes, sizeof bytes);
    hf_ec_domain_free(&domain);
    return result;
}

hf_crypto_result hf_ec_public(hf_curve curve, const uint8_t *scalar, uint8_t *point)
{
    hf_ec_domain domain;
    hf_crypto_result result = hf_ec_domain_init(&domain, curve);
    if (result != HF_CRYPTO_OK) {
        return result;
    }

    void *number;
    result = hf_numbers_init(&number, 1);
    if (result == HF_CRYPTO_OK) {
        result = hf_ec_scalar_read(&domain, scalar, number);
        if (result == HF_CRYPTO_OK) {
            result = write_public(&domain, number, point);
        }
        hf_numbers_free(&number, 1);
    }
    hf_ec_domain_free(&domain);
    return result;
}

/* SEC 1 3.3.1. The product is never infinity: the scalar is in [1, n-1] and the order of the
 * peer's point is n. */
static hf_crypto_result multiply_peer(const hf_ec_domain *domain, void *scalar, ecc_point *point,
                                      uint8_t *secret)
{
    uint8_t x[1 + HF_EC_SCALAR_MAX];
    hf_crypto_result result = hf_ec_multiply(domain, scalar, point);
    if (result == HF_CRYPTO_OK &&
        hf_step(&result, hf_number_write_secret(point->x, x, domain->size))) {
        memcpy(secret, x + 1, domain->size);
    }
    hf_wipe(x, sizeof x);
    return result;
}

hf_crypto_result hf_ec_shared_secret(hf_curve curve, const uint8_t *scalar, hf_span peer_point,
                                     uint8_t *secret)
{
    hf_ec_domain domain;
    hf_crypto_result result = hf_ec_domain_init(&domain, curve);
    if (result != HF_CRYPTO_OK) {
        return result;
    }

    ecc_point *point = NULL;
    void *number;
    result = hf_numbers_init(&number, 1);
    if (result == HF_CRYPTO_OK) {
        result = hf_ec_point_new(&point);
        if (result == HF_CRYPTO_OK) {
            result = hf_ec_point_read(&domain, peer_point, point);
        }
        if (result == HF_CRYPTO_OK) {
            result = hf_ec_scalar_read(&domain, scalar, number);
        }
        if (result == HF_CRYPTO_OK) {
            result = multiply_peer(&domain, number, point, secret);
        }
        hf_ec_point_free(point);
        hf_numbers_free(&number, 1);
    }
    hf_ec_domain_free(&domain);
    return result;
}
