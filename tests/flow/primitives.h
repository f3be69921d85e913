/* Stands in front of every function of crypto_glue that the engine calls and that can fail: the
 * linker puts those of primitives.c there (tests/flow/CMakeLists.txt, --wrap). They count, let one
 * call fail that a test has chosen, and note the secrets that pass (leftovers.h). */
#ifndef HF_TESTS_PRIMITIVES_H
#define HF_TESTS_PRIMITIVES_H

#include "crypto_glue/types.h"

/* What a function may return, from what its header says: a bit for each hf_crypto_result. */
#define MAY(result) (1u << HF_CRYPTO_##result)

typedef struct primitive {
    const char *name;
    unsigned results;   /* besides HF_CRYPTO_OK */
    bool is_public_key; /* one operation of those that hf_conn_run does one at a time of */
} primitive;

#define PRIMITIVE_CALLS_MAX 400

typedef struct primitive_calls {
    unsigned count;                              /* since primitives_watch */
    const primitive *which[PRIMITIVE_CALLS_MAX]; /* in order */
    unsigned fail_at;                            /* counted from 1; 0: none */
    hf_crypto_result fail_with;
    unsigned public_key; /* of them; the tests that count set it to 0 themselves */
} primitive_calls;

extern primitive_calls primitives;

/* Counts from 0, and lets call number `fail_at` fail instead of being made. */
void primitives_watch(unsigned fail_at, hf_crypto_result fail_with);

#endif
