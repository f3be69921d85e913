#include "tests/timing/timing.h"
#include "tests/timing/borders.h"

#include "crypto_glue/init.h"

#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>

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
    static const timing_check *const lists[] = {timing_glue_checks, timing_exchange_checks,
                                                timing_record_checks, timing_handshake_checks,
                                                timing_leaks};
    bool right = true;

    timing_require(RUNNING_ON_VALGRIND != 0, "means nothing without valgrind");
    timing_require(hf_crypto_init() == HF_CRYPTO_OK, "hf_crypto_init failed");
    timing_guard_numbers();
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (const timing_check *check = lists[i]; check->name != NULL; check++) {
            right = run(check) && right;
        }
    }
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
