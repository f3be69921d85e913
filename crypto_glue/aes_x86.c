#include "crypto_glue/x86.h"

#if HF_GLUE_X86

#include "crypto_glue/cipher.h"
#include "crypto_glue/constant_time.h"

#define LANES HF_X86_LANES

_Static_assert(sizeof(hf_x86_schedule) <= sizeof(symmetric_key), "libtomcrypt's modes hold it");

/* ---------------------------------------------------------------- key expansion, FIPS 197 5.2 */

/* SubWord, in constant time. */
HF_X86_TARGET static uint32_t sub_word(uint32_t word)
{
    __m128i x = _mm_set1_epi32((int)word);
    return (uint32_t)_mm_cvtsi128_si32(_mm_aeskeygenassist_si128(x, 0));
}

/* Words are little-endian here, so that RotWord shifts to the right. */
HF_X86_TARGET static void expand(hf_x86_schedule *s, const uint8_t *key, size_t words)
{
    uint32_t w[4 * (HF_X86_ROUNDS_MAX + 1)], round_constant = 1;
    size_t count = 4 * ((size_t)s->rounds + 1);

    memcpy(w, key, 4 * words);
    for (size_t i = words; i < count; i++) {
        uint32_t word = w[i - 1];
        if (i % words == 0) {
            word = sub_word(word >> 8 | word << 24) ^ round_constant;
            round_constant = round_constant << 1 ^ (round_constant >> 7) * 0x11b;
        } else if (words > 6 && i % words == 4) {
            word = sub_word(word);
        }
        w[i] = w[i - words] ^ word;
    }
    memcpy(s->encrypt, w, 4 * count);
    hf_wipe(w, sizeof w);
}

HF_X86_TARGET static void invert(hf_x86_schedule *s)
{
    size_t last = s->rounds;

    memcpy(s->decrypt[0], s->encrypt[last], 16);
    for (size_t i = 1; i < last; i++) {
        hf_x86_store(s->decrypt[i], _mm_aesimc_si128(hf_x86_load(s->encrypt[last - i])));
    }
    memcpy(s->decrypt[last], s->encrypt[0], 16);
}

static int setup(const unsigned char *key, int size, int rounds, symmetric_key *schedule)
{
    hf_x86_schedule *s = (hf_x86_schedule *)(void *)schedule;

    if (size != 16 && size != 24 && size != 32) {
        return CRYPT_INVALID_KEYSIZE;
    }
    s->rounds = (uint32_t)size / 4 + 6;
    if (rounds != 0 && rounds != (int)s->rounds) {
        return CRYPT_INVALID_ROUNDS;
    }
    expand(s, key, (size_t)size / 4);
    invert(s);
    return CRYPT_OK;
}

/* ---------------------------------------------------------------- blocks */

static const hf_x86_schedule *schedule_of(const symmetric_key *key)
{
    return (const hf_x86_schedule *)(const void *)key;
}

HF_X86_INLINE void load_lanes(__m128i *b, const uint8_t *in, size_t count)
{
#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++) {
        b[i] = hf_x86_load(in + 16 * i);
    }
}

HF_X86_INLINE void store_lanes(uint8_t *out, const __m128i *b, size_t count)
{
#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++) {
        hf_x86_store(out + 16 * i, b[i]);
    }
}

HF_X86_INLINE void crypt_blocks(const hf_x86_schedule *s, const uint8_t *in, uint8_t *out,
                                size_t count, bool encrypts)
{
    __m128i b[LANES];

    for (; count >= LANES; count -= LANES, in += sizeof b, out += sizeof b) {
        load_lanes(b, in, LANES);
        hf_x86_crypt(s, b, LANES, encrypts);
        store_lanes(out, b, LANES);
    }
    for (; count > 0; count--, in += 16, out += 16) {
        load_lanes(b, in, 1);
        hf_x86_crypt(s, b, 1, encrypts);
        store_lanes(out, b, 1);
    }
}

HF_X86_TARGET static int encrypt_blocks(const unsigned char *in, unsigned char *out,
                                        unsigned long count, symmetric_key *key)
{
    crypt_blocks(schedule_of(key), in, out, count, true);
    return CRYPT_OK;
}

HF_X86_TARGET static int decrypt_blocks(const unsigned char *in, unsigned char *out,
                                        unsigned long count, symmetric_key *key)
{
    crypt_blocks(schedule_of(key), in, out, count, false);
    return CRYPT_OK;
}

static int encrypt_block(const unsigned char *in, unsigned char *out, symmetric_key *key)
{
    return encrypt_blocks(in, out, 1, key);
}

static int decrypt_block(const unsigned char *in, unsigned char *out, symmetric_key *key)
{
    return decrypt_blocks(in, out, 1, key);
}

/* ---------------------------------------------------------------- CBC */

HF_X86_TARGET static int encrypt_chained(const unsigned char *in, unsigned char *out,
                                         unsigned long count, unsigned char *iv, symmetric_key *key)
{
    const hf_x86_schedule *s = schedule_of(key);
    __m128i block = hf_x86_load(iv);

    for (; count > 0; count--, in += 16, out += 16) {
        block = _mm_xor_si128(block, hf_x86_load(in));
        hf_x86_crypt(s, &block, 1, true);
        hf_x86_store(out, block);
    }
    hf_x86_store(iv, block);
    return CRYPT_OK;
}

HF_X86_INLINE __m128i decrypt_chained_lanes(const hf_x86_schedule *s, const uint8_t *in,
                                            uint8_t *out, __m128i before, size_t count)
{
    __m128i b[LANES], sealed[LANES];

    load_lanes(sealed, in, count);
    load_lanes(b, in, count);
    hf_x86_crypt(s, b, count, false);
#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++) {
        b[i] = _mm_xor_si128(b[i], before);
        before = sealed[i];
    }
    store_lanes(out, b, count);
    return before;
}

HF_X86_TARGET static int decrypt_chained(const unsigned char *in, unsigned char *out,
                                         unsigned long count, unsigned char *iv, symmetric_key *key)
{
    const hf_x86_schedule *s = schedule_of(key);
    __m128i before = hf_x86_load(iv);

    for (; count >= LANES; count -= LANES, in += 16 * LANES, out += 16 * LANES) {
        before = decrypt_chained_lanes(s, in, out, before, LANES);
    }
    for (; count > 0; count--, in += 16, out += 16) {
        before = decrypt_chained_lanes(s, in, out, before, 1);
    }
    hf_x86_store(iv, before);
    return CRYPT_OK;
}

/* ---------------------------------------------------------------- the descriptor */

static int test(void)
{
    return CRYPT_NOP; /* tests/unit/crypto_glue/ does it */
}

static void done(symmetric_key *key)
{
    (void)key;
}

static int key_size(int *size)
{
    if (*size < 16) {
        return CRYPT_INVALID_KEYSIZE;
    }
    *size = *size < 24 ? 16 : *size < 32 ? 24 : 32;
    return CRYPT_OK;
}

const struct ltc_cipher_descriptor hf_aes_x86_desc = {
    .name = "aes",
    .ID = 6, /* that of libtomcrypt's own */
    .min_key_length = 16,
    .max_key_length = 32,
    .block_length = 16,
    .default_rounds = 10,
    .setup = setup,
    .ecb_encrypt = encrypt_block,
    .ecb_decrypt = decrypt_block,
    .test = test,
    .done = done,
    .keysize = key_size,
    .accel_ecb_encrypt = encrypt_blocks,
    .accel_ecb_decrypt = decrypt_blocks,
    .accel_cbc_encrypt = encrypt_chained,
    .accel_cbc_decrypt = decrypt_chained,
};

#endif
