#include "crypto_glue/ghash.h"

#include "crypto_glue/constant_time.h"
#include "crypto_glue/gcm_x86.h"

#include <string.h>

static void absorb(const hf_ghash_key *key, uint8_t state[HF_GHASH_BLOCK_SIZE],
                   const uint8_t *blocks, size_t count)
{
#if HF_GLUE_X86
    if (hf_x86_has_aes()) {
        hf_ghash_blocks_x86(key, state, blocks, count);
        return;
    }
#endif
#if defined(HF_GHASH_HAS_MUL64) && !defined(HF_GHASH_MUL32)
    hf_ghash_blocks_mul64(key, state, blocks, count);
#else
    hf_ghash_blocks_mul32(key, state, blocks, count);
#endif
}

/* power = element / x. In GCM's reflected order that is a shift to the left; a constant term that
 * falls out stands for the reduction polynomial x^128 + x^7 + x^2 + x + 1, whose quotient by x is
 * x^127 + x^6 + x + 1. */
static void divide_by_x(uint64_t power[2], const uint8_t element[HF_GHASH_BLOCK_SIZE])
{
    uint64_t high = hf_ghash_load(element);
    uint64_t low = hf_ghash_load(element + 8);
    uint64_t constant_term = 0 - (high >> 63);

    power[1] = (high << 1 | low >> 63) ^ (constant_term & UINT64_C(0xc200000000000000));
    power[0] = low << 1 ^ (constant_term & 1);
}

void hf_ghash_key_init(hf_ghash_key *key, const uint8_t h[HF_GHASH_BLOCK_SIZE])
{
    static const uint8_t zero[HF_GHASH_BLOCK_SIZE] = {0};
    uint8_t element[HF_GHASH_BLOCK_SIZE];

    memcpy(element, h, sizeof element);
    divide_by_x(key->power[0], element);
    for (size_t i = 1; i < HF_GHASH_POWERS; i++) {
        absorb(key, element, zero, 1);
        divide_by_x(key->power[i], element);
    }
    hf_wipe(element, sizeof element);
}

void hf_ghash_update(const hf_ghash_key *key, uint8_t state[HF_GHASH_BLOCK_SIZE],
                     const uint8_t *data, size_t size)
{
    size_t rest = size % HF_GHASH_BLOCK_SIZE;

    absorb(key, state, data, size / HF_GHASH_BLOCK_SIZE);
    if (rest > 0) {
        uint8_t block[HF_GHASH_BLOCK_SIZE] = {0};

        memcpy(block, data + (size - rest), rest);
        absorb(key, state, block, 1);
    }
}
