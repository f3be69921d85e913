#include "operations.h"

#include <string.h>

/* operations_constants.S */
extern const uint8_t rsa_key[];
extern const uint32_t rsa_key_size;

static const uint8_t digest[32] = {1, 2, 3};
static hf_rsa_private key;
static uint8_t rsa_signature[HF_RSA_SIZE_MAX];

static hf_crypto_result rsa_private(void)
{
    hf_private_key read;
    if (hf_private_key_read(&read, (hf_span){rsa_key, rsa_key_size}) != HF_OK)
        return HF_CRYPTO_BAD_KEY;
    key = read.u.rsa;
    uint8_t made[HF_RSA_SIZE_MAX];
    size_t size;
    hf_crypto_result result =
        hf_rsa_pkcs1_sign(&key, &operations_random, HF_HASH_SHA256,
                          (hf_span){digest, sizeof digest}, made, sizeof made, &size);
    if (result == HF_CRYPTO_OK)
        memcpy(rsa_signature, made, sizeof made);
    return result;
}

static hf_crypto_result rsa_public(void)
{
    return hf_rsa_pkcs1_verify(&key.public_key, HF_HASH_SHA256, (hf_span){digest, sizeof digest},
                               (hf_span){rsa_signature, sizeof rsa_signature});
}

const operation operations[] = {
    {"rsa2048.private", rsa_private},
    {"rsa2048.public", rsa_public},
    {NULL, NULL},
};
