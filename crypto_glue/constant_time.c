#include "crypto_glue/constant_time.h"

#include "crypto_glue/switches.h"

#include <string.h>

/* Hides from the optimizer where a value came from, so that it cannot turn arithmetic on masks
 * back into a branch. */
static inline uint32_t opaque(uint32_t value)
{
#if defined(__GNUC__)
    __asm__("" : "+r"(value));
    return value;
#else
    volatile uint32_t copy = value;
    return copy;
#endif
}

uint32_t hf_mask_is_zero(uint32_t value)
{
    uint32_t v = opaque(value);

    /* v | -v has its top bit set for every v but 0. */
    return ((v | (0 - v)) >> 31) - 1;
}

uint32_t hf_mask_equal(uint32_t a, uint32_t b)
{
    return hf_mask_is_zero(a ^ b);
}

uint32_t hf_mask_less(uint32_t a, uint32_t b)
{
    uint64_t difference = (uint64_t)opaque(a) - opaque(b);

    /* The upper half is what is borrowed. */
    return (uint32_t)(difference >> 32);
}

uint32_t hf_mask_bytes_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    uint32_t difference = 0;

    for (size_t i = 0; i < size; i++) {
        difference |= (uint32_t)(a[i] ^ b[i]);
    }
    return hf_mask_is_zero(difference);
}

bool hf_mask_verdict(uint32_t mask)
{
    return (mask & 1) != 0;
}

bool hf_constant_time_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    return hf_mask_verdict(hf_mask_bytes_equal(a, b, size));
}

void hf_constant_time_select(uint8_t *out, uint8_t mask, const uint8_t *yes, const uint8_t *no,
                             size_t size)
{
    uint32_t m = opaque(mask);

    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)((yes[i] & m) | (no[i] & ~m));
    }
}

#if HF_STACK_WIPED > 0
#if defined(__GNUC__)
__attribute__((noinline))
#endif
void hf_wipe_stack(void)
{
    uint8_t area[HF_STACK_WIPED];

    hf_wipe(area, sizeof area);
}
#else
void hf_wipe_stack(void)
{
}
#endif

void hf_wipe(void *memory, size_t size)
{
    if (size == 0) {
        return;
    }
#if defined(__GNUC__)
    memset(memory, 0, size);
    __asm__ volatile("" : : "r"(memory) : "memory");
#else
    volatile uint8_t *bytes = memory;

    for (size_t i = 0; i < size; i++) {
        bytes[i] = 0;
    }
#endif
}
