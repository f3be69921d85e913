/* Private to crypto_glue: AES and GHASH by the instructions of x86-64 processors (AES-NI,
 * PCLMULQDQ), which take the same time whatever the key and data. Whether the processor has them is
 * asked at run time.
 *
 *   aes_x86.c  a descriptor of AES for libtomcrypt's table, where hf_crypto_init puts it
 *   gcm_x86.c  GHASH, and counter mode and GHASH of GCM in one pass over the data
 *
 * HF_WITHOUT_X86 leaves them out. */
#ifndef HF_CRYPTO_GLUE_X86_H
#define HF_CRYPTO_GLUE_X86_H

#include "crypto_glue/switches.h"
#include "crypto_glue/types.h"

#if HF_GLUE_AES && defined(__x86_64__) && defined(__GNUC__) && !defined(HF_WITHOUT_X86)
#define HF_GLUE_X86 1
#else
#define HF_GLUE_X86 0
#endif

#if HF_GLUE_X86

#include <immintrin.h>
#include <tomcrypt.h>

#define HF_X86_TARGET __attribute__((target("aes,pclmul,sse4.1")))
#define HF_X86_INLINE HF_X86_TARGET __attribute__((always_inline)) static inline

static inline bool hf_x86_has_aes(void)
{
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
           __builtin_cpu_supports("sse4.1");
}

/* A key schedule: the round keys, and those of the equivalent inverse cipher (FIPS 197 5.3.5). */
#define HF_X86_ROUNDS_MAX 14
typedef struct hf_x86_schedule {
    uint8_t encrypt[HF_X86_ROUNDS_MAX + 1][16];
    uint8_t decrypt[HF_X86_ROUNDS_MAX + 1][16];
    uint32_t rounds;
} hf_x86_schedule;

extern const struct ltc_cipher_descriptor hf_aes_x86_desc;

HF_X86_INLINE __m128i hf_x86_load(const uint8_t *bytes)
{
    return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

HF_X86_INLINE void hf_x86_store(uint8_t *bytes, __m128i value)
{
    _mm_storeu_si128((__m128i *)(void *)bytes, value);
}

/* AES over blocks in flight, at most HF_X86_LANES: as many as hide what a round takes until its
 * result is there. Callers give a count and a direction that the compiler knows. */
#define HF_X86_LANES ((size_t)8)
HF_X86_INLINE void hf_x86_crypt(const hf_x86_schedule *s, __m128i *blocks, size_t count,
                                bool encrypts)
{
    const uint8_t(*keys)[16] = encrypts ? s->encrypt : s->decrypt;
    __m128i key = hf_x86_load(keys[0]);

#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++) {
        blocks[i] = _mm_xor_si128(blocks[i], key);
    }
    for (size_t round = 1; round < s->rounds; round++) {
        key = hf_x86_load(keys[round]);
#pragma GCC unroll 8
        for (size_t i = 0; i < count; i++) {
            blocks[i] =
                encrypts ? _mm_aesenc_si128(blocks[i], key) : _mm_aesdec_si128(blocks[i], key);
        }
    }
    key = hf_x86_load(keys[s->rounds]);
#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++) {
        blocks[i] =
            encrypts ? _mm_aesenclast_si128(blocks[i], key) : _mm_aesdeclast_si128(blocks[i], key);
    }
}

#endif
#endif
