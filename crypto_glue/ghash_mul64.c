#include "crypto_glue/ghash.h"

#include "crypto_glue/constant_time.h"

#ifdef HF_GHASH_HAS_MUL64

__extension__ typedef unsigned __int128 wide;

/* Multiplying polynomials over GF(2) with an integer multiplier: if the bits of both operands are
 * spread out, each sum of partial products stays within the gap below the next one and its parity
 * is the coefficient. One bit in four leaves room for sums up to 15. A word has 16 such bits, one
 * too many, so the key's lowest four bits are multiplied apart: times one bit in four they give
 * products that do not even touch. */
#define GROUPS       4
#define KEY_GROUPS   8
#define EVERY_FOURTH UINT64_C(0x1111111111111111)
#define LOWEST       UINT64_C(15)

/* Blocks to a reduction. */
#define GROUP (HF_GHASH_POWERS < 4 ? HF_GHASH_POWERS : 4)

/* A word of the key. The groups are there twice, so that any four in a row are all of them. */
typedef struct key_word {
    uint64_t group[KEY_GROUPS];
    uint64_t lowest;
} key_word;

typedef struct data_word {
    uint64_t group[GROUPS];
} data_word;

/* Karatsuba's three operands of a 128-bit element: its halves and their sum. */
enum { LOW, HIGH, SUM, PARTS };

static void spread_key_word(key_word *word, uint64_t value)
{
    for (size_t i = 0; i < KEY_GROUPS; i++) {
        word->group[i] = value & EVERY_FOURTH << i % GROUPS & ~LOWEST;
    }
    word->lowest = value & LOWEST;
}

/* The powers of H that go with `count` blocks, the first block's first. */
static void spread_key(key_word out[PARTS][GROUP], const hf_ghash_key *key, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t *power = key->power[count - 1 - i];

        spread_key_word(&out[LOW][i], power[0]);
        spread_key_word(&out[HIGH][i], power[1]);
        spread_key_word(&out[SUM][i], power[0] ^ power[1]);
    }
}

static inline void spread_data_word(data_word *word, uint64_t value)
{
    word->group[0] = value & EVERY_FOURTH;
    word->group[1] = value & EVERY_FOURTH << 1;
    word->group[2] = value & EVERY_FOURTH << 2;
    word->group[3] = value & EVERY_FOURTH << 3;
}

/* key[0] * data[0] ^ key[1] * data[1] ^ ..., reduced to parities once for all of them. */
static inline wide inner_product(const key_word *key, const data_word *data, size_t count)
{
    wide mask = (wide)EVERY_FOURTH << 64 | EVERY_FOURTH;
    wide result = 0;

    for (size_t k = 0; k < GROUPS; k++) {
        wide sum = 0;

        for (size_t i = 0; i < count; i++) {
            const uint64_t *x = key[i].group + k;
            const uint64_t *y = data[i].group;

            sum ^= (wide)x[4] * y[0];
            sum ^= (wide)x[3] * y[1];
            sum ^= (wide)x[2] * y[2];
            sum ^= (wide)x[1] * y[3];
        }
        result ^= sum & mask << k;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t x = key[i].lowest;
        const uint64_t *y = data[i].group;

        result ^= (wide)x * y[0];
        result ^= (wide)x * y[1];
        result ^= (wide)x * y[2];
        result ^= (wide)x * y[3];
    }
    return result;
}

/* Reduces modulo x^128 + x^7 + x^2 + x + 1. The bits are reflected: `lower` holds the powers from
 * x^128 up, and x^128 times them is added 0, 1, 2 and 7 bits further down. What these shifts push
 * out of the bottom is folded first. */
static inline wide reduce(wide lower, wide upper)
{
    uint64_t bottom = (uint64_t)lower;

    lower ^= (wide)(bottom << 63 ^ bottom << 62 ^ bottom << 57) << 64;
    return upper ^ lower ^ lower >> 1 ^ lower >> 2 ^ lower >> 7;
}

/* (value ^ block[0]) * H^count ^ block[1] * H^(count - 1) ^ ... ^ block[count - 1] * H */
static inline wide absorb(key_word key[PARTS][GROUP], wide value, const uint8_t *blocks,
                          size_t count)
{
    data_word data[PARTS][GROUP];
    wide lower, upper, middle;

    for (size_t i = 0; i < count; i++, blocks += HF_GHASH_BLOCK_SIZE) {
        uint64_t high = hf_ghash_load(blocks) ^ (uint64_t)(value >> 64);
        uint64_t low = hf_ghash_load(blocks + 8) ^ (uint64_t)value;

        spread_data_word(&data[LOW][i], low);
        spread_data_word(&data[HIGH][i], high);
        spread_data_word(&data[SUM][i], low ^ high);
        value = 0;
    }
    lower = inner_product(key[LOW], data[LOW], count);
    upper = inner_product(key[HIGH], data[HIGH], count);
    middle = inner_product(key[SUM], data[SUM], count) ^ lower ^ upper;
    return reduce(lower ^ middle << 64, upper ^ middle >> 64);
}

void hf_ghash_blocks_mul64(const hf_ghash_key *key, uint8_t state[HF_GHASH_BLOCK_SIZE],
                           const uint8_t *blocks, size_t count)
{
    key_word spread[PARTS][GROUP];
    wide value = (wide)hf_ghash_load(state) << 64 | hf_ghash_load(state + 8);

    if (count >= GROUP) {
        spread_key(spread, key, GROUP);
        for (; count >= GROUP; count -= GROUP) {
            value = absorb(spread, value, blocks, GROUP);
            blocks += (size_t)GROUP * HF_GHASH_BLOCK_SIZE;
        }
    }
    if (count > 0) {
        spread_key(spread, key, count);
        value = absorb(spread, value, blocks, count);
    }
    hf_wipe(spread, sizeof spread);
    hf_ghash_store(state, (uint64_t)(value >> 64));
    hf_ghash_store(state + 8, (uint64_t)value);
}

#endif
