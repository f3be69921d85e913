#include "operations.h"

#define P256_SIZE 32
static uint8_t scalar[P256_SIZE], point[1 + 2 * P256_SIZE], secret[P256_SIZE];
static uint8_t signature[HF_ECDSA_SIGNATURE_MAX];
static size_t signature_size;
static const uint8_t digest[P256_SIZE] = {1, 2, 3};

static hf_crypto_result p256_generate(void)
{
    return hf_ec_generate(HF_CURVE_P256, &operations_random, scalar, point);
}

static hf_crypto_result p256_agree(void)
{
    return hf_ec_shared_secret(HF_CURVE_P256, scalar, (hf_span){point, sizeof point}, secret);
}

static hf_crypto_result p256_sign(void)
{
    return hf_ecdsa_sign(HF_CURVE_P256, scalar, &operations_random,
                         (hf_span){digest, sizeof digest}, signature, &signature_size);
}

static hf_crypto_result p256_verify(void)
{
    return hf_ecdsa_verify(HF_CURVE_P256, (hf_span){point, sizeof point},
                           (hf_span){digest, sizeof digest}, (hf_span){signature, signature_size});
}

/* With a wrong digest: what is refused is looked at twice. */
static hf_crypto_result p256_refuse(void)
{
    static const uint8_t other[P256_SIZE] = {3, 2, 1};
    hf_crypto_result result =
        hf_ecdsa_verify(HF_CURVE_P256, (hf_span){point, sizeof point},
                        (hf_span){other, sizeof other}, (hf_span){signature, signature_size});
    if (result == HF_CRYPTO_OK)
        return HF_CRYPTO_FAILED;
    return result == HF_CRYPTO_BAD_SIGNATURE ? HF_CRYPTO_OK : result;
}

const operation operations[] = {
    {"p256.generate", p256_generate}, {"p256.agree", p256_agree},   {"p256.sign", p256_sign},
    {"p256.verify", p256_verify},     {"p256.refuse", p256_refuse}, {NULL, NULL},
};
