#include "tests/timing/timing.h"

#include "crypto_glue/constant_time.h"
#include "crypto_glue/init.h"

#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>

void timing_secret(void *memory, size_t size)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(memory, size);
}

void timing_public(void *memory, size_t size)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(memory, size);
}

/* The two functions of crypto_glue that say how a check of secrets ended. Their callers branch on
 * the answer, and may: the linker's option --wrap puts these in between, under names that C leaves
 * to it. */
bool real_mask_verdict(uint32_t mask) __asm__("__real_hf_mask_verdict");
bool public_mask_verdict(uint32_t mask) __asm__("__wrap_hf_mask_verdict");
bool real_equal(const uint8_t *a, const uint8_t *b,
                size_t size) __asm__("__real_hf_constant_time_equal");
bool public_equal(const uint8_t *a, const uint8_t *b,
                  size_t size) __asm__("__wrap_hf_constant_time_equal");

bool public_mask_verdict(uint32_t mask)
{
    bool verdict = real_mask_verdict(mask);

    timing_public(&verdict, sizeof verdict);
    return verdict;
}

bool public_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    bool verdict = real_equal(a, b, size);

    timing_public(&verdict, sizeof verdict);
    return verdict;
}

static bool run(const timing_check *check)
{
    unsigned long before = VALGRIND_COUNT_ERRORS;
    check->run();
    unsigned long reports = VALGRIND_COUNT_ERRORS - before;
    bool right = (reports > 0) == check->leaks;

    printf("%s %-40s %s\n", right ? "ok  " : "FAIL", check->name,
           reports > 0 ? "depends on secrets" : "constant");
    (void)fflush(stdout);
    return right;
}

int main(void)
{
    static const timing_check *const lists[] = {timing_glue_checks, timing_record_checks,
                                                timing_leaks};
    bool right = true;

    timing_require(RUNNING_ON_VALGRIND != 0, "means nothing without valgrind");
    timing_require(hf_crypto_init() == HF_CRYPTO_OK, "hf_crypto_init failed");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (const timing_check *check = lists[i]; check->name != NULL; check++) {
            right = run(check) && right;
        }
    }
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
