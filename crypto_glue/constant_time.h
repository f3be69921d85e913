/* Operations on secrets whose time and memory accesses do not depend on the values. */
#ifndef HF_CRYPTO_GLUE_CONSTANT_TIME_H
#define HF_CRYPTO_GLUE_CONSTANT_TIME_H

#include "crypto_glue/types.h"

/* 0xffffffff if the condition holds, else 0. Only `size` is public. */
uint32_t hf_mask_is_zero(uint32_t value);
uint32_t hf_mask_equal(uint32_t a, uint32_t b);
uint32_t hf_mask_less(uint32_t a, uint32_t b);
uint32_t hf_mask_bytes_equal(const uint8_t *a, const uint8_t *b, size_t size);

/* Turns a mask into a bool to branch on. This is where a verdict over secrets becomes public: what
 * leads to it stays a mask, and what it covers must be all that anybody may learn. */
bool hf_mask_verdict(uint32_t mask);

/* The verdict on a[0..size) being equal to b[0..size), for tags and the like. */
bool hf_constant_time_equal(const uint8_t *a, const uint8_t *b, size_t size);

/* out = mask is all ones ? yes : no, byte by byte. `mask` is 0x00 or 0xff. */
void hf_constant_time_select(uint8_t *out, uint8_t mask, const uint8_t *yes, const uint8_t *no,
                             size_t size);

/* Zeroes memory in a way that the compiler may not remove. */
void hf_wipe(void *memory, size_t size);

/* Zeroes HF_STACK_WIPED bytes of the stack below the caller: hash functions, ciphers and big
 * numbers leave there what they worked with. */
void hf_wipe_stack(void);

#endif
