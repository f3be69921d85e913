#include "crypto_glue/ghash.h"

#include "crypto_glue/constant_time.h"

/* Multiplying polynomials over GF(2) with an integer multiplier: with the operands' bits spread
 * out to one in four, sums of partial products (8 at most) stay below the next coefficient and
 * their parity is the coefficient. Only the low half of each product is taken: small machines have
 * no other multiplication, or one whose time depends on its operands. */
#define EVERY_FOURTH UINT32_C(0x11111111)

/* The low 32 bits of the polynomial product. */
static uint32_t multiply_low(uint32_t a, uint32_t b)
{
    uint32_t a0 = a & EVERY_FOURTH, b0 = b & EVERY_FOURTH;
    uint32_t a1 = a & EVERY_FOURTH << 1, b1 = b & EVERY_FOURTH << 1;
    uint32_t a2 = a & EVERY_FOURTH << 2, b2 = b & EVERY_FOURTH << 2;
    uint32_t a3 = a & EVERY_FOURTH << 3, b3 = b & EVERY_FOURTH << 3;

    return ((a0 * b0 ^ a1 * b3 ^ a2 * b2 ^ a3 * b1) & EVERY_FOURTH) |
           ((a0 * b1 ^ a1 * b0 ^ a2 * b3 ^ a3 * b2) & EVERY_FOURTH << 1) |
           ((a0 * b2 ^ a1 * b1 ^ a2 * b0 ^ a3 * b3) & EVERY_FOURTH << 2) |
           ((a0 * b3 ^ a1 * b2 ^ a2 * b1 ^ a3 * b0) & EVERY_FOURTH << 3);
}

static uint32_t reverse_bits(uint32_t v)
{
    v = (v >> 1 & UINT32_C(0x55555555)) | (v & UINT32_C(0x55555555)) << 1;
    v = (v >> 2 & UINT32_C(0x33333333)) | (v & UINT32_C(0x33333333)) << 2;
    v = (v >> 4 & UINT32_C(0x0f0f0f0f)) | (v & UINT32_C(0x0f0f0f0f)) << 4;
    v = (v >> 8 & UINT32_C(0x00ff00ff)) | (v & UINT32_C(0x00ff00ff)) << 8;
    return v >> 16 | v << 16;
}

/* A word and the same word read backwards. The product of two words read backwards is their
 * product read backwards, so that the upper half comes from a low half too. */
typedef struct word {
    uint32_t forward, backward;
} word;

/* A 128-bit element, lowest word first. */
typedef struct element {
    word words[4];
} element;

static word make_word(uint32_t value)
{
    return (word){.forward = value, .backward = reverse_bits(value)};
}

static element make_element(uint64_t high, uint64_t low)
{
    return (element){{make_word((uint32_t)low), make_word((uint32_t)(low >> 32)),
                      make_word((uint32_t)high), make_word((uint32_t)(high >> 32))}};
}

static word add(word a, word b)
{
    return (word){.forward = a.forward ^ b.forward, .backward = a.backward ^ b.backward};
}

/* 63 bits: the 32 lowest from the words as they are, the 31 others from the words backwards. */
static uint64_t multiply_words(word a, word b)
{
    uint32_t low = multiply_low(a.forward, b.forward);
    uint32_t high = reverse_bits(multiply_low(a.backward, b.backward)) >> 1;

    return (uint64_t)high << 32 | low;
}

typedef struct wide {
    uint64_t high, low;
} wide;

/* Karatsuba's method: two words by two words with three multiplications, */
static wide multiply_pairs(word a0, word a1, word b0, word b1)
{
    uint64_t low = multiply_words(a0, b0);
    uint64_t high = multiply_words(a1, b1);
    uint64_t middle = multiply_words(add(a0, a1), add(b0, b1)) ^ low ^ high;

    return (wide){.high = high ^ middle >> 32, .low = low ^ middle << 32};
}

/* and four by four with three times that. The result is reduced modulo x^128 + x^7 + x^2 + x + 1.
 * The bits are reflected: `lower` holds the powers from x^128 up, and x^128 times them is added 0,
 * 1, 2 and 7 bits further down. What these shifts push out of the bottom is folded first. */
static wide multiply(const element *a, const element *b)
{
    const word *x = a->words;
    const word *y = b->words;
    wide lower = multiply_pairs(x[0], x[1], y[0], y[1]);
    wide upper = multiply_pairs(x[2], x[3], y[2], y[3]);
    wide middle =
        multiply_pairs(add(x[0], x[2]), add(x[1], x[3]), add(y[0], y[2]), add(y[1], y[3]));
    uint64_t l, h;

    middle.low ^= lower.low ^ upper.low;
    middle.high ^= lower.high ^ upper.high;
    lower.high ^= middle.low;
    upper.low ^= middle.high;
    l = lower.low;
    h = lower.high ^ l << 63 ^ l << 62 ^ l << 57;
    upper.low ^= l ^ (l >> 1 | h << 63) ^ (l >> 2 | h << 62) ^ (l >> 7 | h << 57);
    upper.high ^= h ^ h >> 1 ^ h >> 2 ^ h >> 7;
    return upper;
}

void hf_ghash_blocks_mul32(const hf_ghash_key *key, uint8_t state[HF_GHASH_BLOCK_SIZE],
                           const uint8_t *blocks, size_t count)
{
    element h = make_element(key->power[0][1], key->power[0][0]);
    wide value = {.high = hf_ghash_load(state), .low = hf_ghash_load(state + 8)};

    for (; count > 0; count--) {
        element sum =
            make_element(value.high ^ hf_ghash_load(blocks), value.low ^ hf_ghash_load(blocks + 8));

        value = multiply(&sum, &h);
        blocks += HF_GHASH_BLOCK_SIZE;
    }
    hf_wipe(&h, sizeof h);
    hf_ghash_store(state, value.high);
    hf_ghash_store(state + 8, value.low);
}
