#include "crypto_glue/gcm_x86.h"

#if HF_GLUE_X86

#include "crypto_glue/constant_time.h"

#include <string.h>

/* Blocks to a reduction, and in flight. */
#define LANES HF_X86_LANES
_Static_assert(HF_GHASH_POWERS >= HF_X86_LANES, "a power of H for each block");

/* GCM's bits are reflected: a block is a polynomial once its bytes are turned round. */
HF_X86_INLINE __m128i turn(__m128i block)
{
    return _mm_shuffle_epi8(block,
                            _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/* ---------------------------------------------------------------- GHASH */

/* A sum of products of 256 bits that is not reduced yet. */
typedef struct sum {
    __m128i lower, middle, upper;
} sum;

HF_X86_INLINE void add_product(sum *s, __m128i block, const uint64_t power[2])
{
    __m128i h = _mm_loadu_si128((const __m128i *)(const void *)power);

    s->lower = _mm_xor_si128(s->lower, _mm_clmulepi64_si128(block, h, 0x00));
    s->upper = _mm_xor_si128(s->upper, _mm_clmulepi64_si128(block, h, 0x11));
    s->middle = _mm_xor_si128(s->middle, _mm_clmulepi64_si128(block, h, 0x01));
    s->middle = _mm_xor_si128(s->middle, _mm_clmulepi64_si128(block, h, 0x10));
}

/* Adds a multiple of the polynomial that makes the lowest 64 bits vanish, and exchanges the halves:
 * x^127 + x^126 + x^121 + 1 is GCM's with its bits reflected, its upper half 0xc2 << 56. */
HF_X86_INLINE __m128i fold(__m128i lower)
{
    __m128i polynomial = _mm_set_epi64x((long long)0xc200000000000000, 1);
    __m128i multiple = _mm_clmulepi64_si128(lower, polynomial, 0x10);

    return _mm_xor_si128(_mm_shuffle_epi32(lower, 0x4e), multiple);
}

HF_X86_INLINE __m128i reduce(const sum *s)
{
    __m128i lower = _mm_xor_si128(s->lower, _mm_slli_si128(s->middle, 8));
    __m128i upper = _mm_xor_si128(s->upper, _mm_srli_si128(s->middle, 8));

    return _mm_xor_si128(upper, fold(fold(lower)));
}

/* (value ^ block[0]) * H^count ^ ... ^ block[count - 1] * H, the blocks already turned. */
HF_X86_INLINE __m128i absorb(const hf_ghash_key *key, __m128i value, const __m128i *blocks,
                             size_t count)
{
    sum s = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};

    add_product(&s, _mm_xor_si128(value, blocks[0]), key->power[count - 1]);
#pragma GCC unroll 8
    for (size_t i = 1; i < count; i++) {
        add_product(&s, blocks[i], key->power[count - 1 - i]);
    }
    return reduce(&s);
}

HF_X86_INLINE void load_turned(__m128i *blocks, const uint8_t *bytes, size_t count)
{
#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++) {
        blocks[i] = turn(hf_x86_load(bytes + 16 * i));
    }
}

HF_X86_TARGET void hf_ghash_blocks_x86(const hf_ghash_key *key, uint8_t state[HF_GHASH_BLOCK_SIZE],
                                       const uint8_t *blocks, size_t count)
{
    __m128i value = turn(hf_x86_load(state)), b[LANES];

    for (; count >= LANES; count -= LANES, blocks += sizeof b) {
        load_turned(b, blocks, LANES);
        value = absorb(key, value, b, LANES);
    }
    for (; count > 0; count--, blocks += 16) {
        load_turned(b, blocks, 1);
        value = absorb(key, value, b, 1);
    }
    hf_x86_store(state, turn(value));
}

/* ---------------------------------------------------------------- counter mode with GHASH */

/* The key stream of the `count` blocks after `counter`, which is turned, so that its number is the
 * lowest word. */
HF_X86_INLINE __m128i key_stream(const hf_x86_schedule *s, __m128i counter, __m128i *stream,
                                 size_t count)
{
    const __m128i one = _mm_set_epi32(0, 0, 0, 1);

#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++) {
        counter = _mm_add_epi32(counter, one);
        stream[i] = turn(counter);
    }
    hf_x86_crypt(s, stream, count, true);
    return counter;
}

/* What stands in memory is read once and written once; `sealed` is what GHASH takes. */
HF_X86_INLINE void apply(const __m128i *stream, uint8_t *data, __m128i *sealed, size_t count,
                         bool encrypts)
{
#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++) {
        __m128i before = hf_x86_load(data + 16 * i), after = _mm_xor_si128(before, stream[i]);

        hf_x86_store(data + 16 * i, after);
        sealed[i] = turn(encrypts ? after : before);
    }
}

HF_X86_INLINE void crypt(const hf_x86_schedule *s, const hf_ghash_key *key, const uint8_t *last,
                         uint8_t *state, hf_buf data, bool encrypts)
{
    __m128i counter = turn(hf_x86_load(last)), value = turn(hf_x86_load(state));
    __m128i stream[LANES], sealed[LANES];
    uint8_t rest[16] = {0};

    for (; data.size >= sizeof stream; data.data += sizeof stream, data.size -= sizeof stream) {
        counter = key_stream(s, counter, stream, LANES);
        apply(stream, data.data, sealed, LANES, encrypts);
        value = absorb(key, value, sealed, LANES);
    }
    for (; data.size >= 16; data.data += 16, data.size -= 16) {
        counter = key_stream(s, counter, stream, 1);
        apply(stream, data.data, sealed, 1, encrypts);
        value = absorb(key, value, sealed, 1);
    }
    if (data.size > 0) {
        (void)key_stream(s, counter, stream, 1);
        memcpy(rest, data.data, data.size);
        sealed[0] = turn(hf_x86_load(rest));
        hf_x86_store(rest, _mm_xor_si128(hf_x86_load(rest), stream[0]));
        memcpy(data.data, rest, data.size);
        if (encrypts) {
            memset(rest + data.size, 0, sizeof rest - data.size);
            sealed[0] = turn(hf_x86_load(rest));
        }
        value = absorb(key, value, sealed, 1);
        hf_wipe(rest, sizeof rest);
    }
    hf_x86_store(state, turn(value));
}

HF_X86_TARGET void hf_gcm_x86_encrypt(const hf_x86_schedule *s, const hf_ghash_key *key,
                                      const uint8_t last[16], uint8_t state[16], hf_buf data)
{
    crypt(s, key, last, state, data, true);
}

HF_X86_TARGET void hf_gcm_x86_decrypt(const hf_x86_schedule *s, const hf_ghash_key *key,
                                      const uint8_t last[16], uint8_t state[16], hf_buf data)
{
    crypt(s, key, last, state, data, false);
}

#endif
