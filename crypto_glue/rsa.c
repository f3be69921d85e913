#include "crypto_glue/rsa.h"

#include "crypto_glue/number.h"
#include "crypto_glue/rsa_operation.h"

#include <string.h>

#define EXPONENT_MIN      3
#define EXPONENT_SIZE_MAX 4 /* an odd number <= 2^32 is below it */

size_t hf_rsa_bits(const hf_rsa_public *key)
{
    return hf_number_bits(key->modulus);
}

hf_crypto_result hf_rsa_check_public(const hf_rsa_public *key)
{
    hf_span exponent = key->exponent;
    if (!hf_number_is_odd(key->modulus) || !hf_number_is_odd(exponent)) {
        return HF_CRYPTO_BAD_KEY;
    }
    size_t bits = hf_rsa_bits(key);
    if (bits < HF_RSA_BITS_MIN || bits > HF_RSA_BITS_MAX) {
        return HF_CRYPTO_BAD_KEY;
    }
    if (exponent.size > EXPONENT_SIZE_MAX ||
        (exponent.size == 1 && exponent.data[0] < EXPONENT_MIN)) {
        return HF_CRYPTO_BAD_KEY;
    }
    return HF_CRYPTO_OK;
}

bool hf_rsa_in_range(const hf_rsa_public *key, hf_span number)
{
    return number.size == key->modulus.size && number.size > 0 &&
           memcmp(number.data, key->modulus.data, number.size) < 0;
}
