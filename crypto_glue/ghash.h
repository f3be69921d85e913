/* Private to crypto_glue: GHASH, the universal hash of GCM (NIST SP 800-38D 6.4), in constant
 * time: no table is indexed by, and no branch depends on, key or data.
 *
 *   ghash.c        key set-up and padding
 *   ghash_mul64.c  64 x 64 -> 128 bit multiplications, four blocks to a reduction
 *   ghash_mul32.c  32 x 32 -> 32 bit multiplications, for machines where the wide one is slow,
 *                  missing or takes a time that depends on its operands (Cortex-M3)
 *   gcm_x86.c      PCLMULQDQ, where the processor has it (x86.h)
 *
 * All are compiled and tested where they can be. Define HF_GHASH_MUL32 to have the small one
 * of the first two on a machine that has the choice. */
#ifndef HF_CRYPTO_GLUE_GHASH_H
#define HF_CRYPTO_GLUE_GHASH_H

#include <stddef.h>
#include <stdint.h>

#if defined(__SIZEOF_INT128__)
#define HF_GHASH_HAS_MUL64
#endif

#if defined(__x86_64__)
#define HF_GHASH_POWERS 8
#elif defined(HF_GHASH_HAS_MUL64) && !defined(HF_GHASH_MUL32)
#define HF_GHASH_POWERS 4
#else
#define HF_GHASH_POWERS 1
#endif

#define HF_GHASH_BLOCK_SIZE 16

/* H, H^2, ... each divided by x, low word first. GCM numbers bits from the left, so the product of
 * two reflected operands stands one bit too low; dividing one operand by x once per key saves the
 * shift in every block. */
typedef struct hf_ghash_key {
    uint64_t power[HF_GHASH_POWERS][2];
} hf_ghash_key;

/* `h` is the cipher's encryption of the zero block. */
void hf_ghash_key_init(hf_ghash_key *key, const uint8_t h[HF_GHASH_BLOCK_SIZE]);

/* Absorbs data, the last block filled up with zeros. Start with an all-zero state. */
void hf_ghash_update(const hf_ghash_key *key, uint8_t state[HF_GHASH_BLOCK_SIZE],
                     const uint8_t *data, size_t size);

/* The multipliers: state = (state ^ block) * H for each block in turn. */
typedef void hf_ghash_blocks_function(const hf_ghash_key *key, uint8_t state[HF_GHASH_BLOCK_SIZE],
                                      const uint8_t *blocks, size_t count);

hf_ghash_blocks_function hf_ghash_blocks_mul32;
#ifdef HF_GHASH_HAS_MUL64
hf_ghash_blocks_function hf_ghash_blocks_mul64;
#endif

/* Big-endian; written out so that compilers see one load or store. */
static inline uint64_t hf_ghash_load(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
           (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
           (uint64_t)p[6] << 8 | p[7];
}

static inline void hf_ghash_store(uint8_t *p, uint64_t value)
{
    p[0] = (uint8_t)(value >> 56);
    p[1] = (uint8_t)(value >> 48);
    p[2] = (uint8_t)(value >> 40);
    p[3] = (uint8_t)(value >> 32);
    p[4] = (uint8_t)(value >> 24);
    p[5] = (uint8_t)(value >> 16);
    p[6] = (uint8_t)(value >> 8);
    p[7] = (uint8_t)value;
}

#endif
