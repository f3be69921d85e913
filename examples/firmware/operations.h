/* Operations with public keys, to be measured by operations.c one after the other. */
#ifndef FIRMWARE_OPERATIONS_H
#define FIRMWARE_OPERATIONS_H

#include <handfast/handfast.h>

typedef struct operation {
    const char *name;
    hf_crypto_result (*run)(void);
} operation;

/* operations_p256.c or operations_rsa.c; up to one without a name. */
extern const operation operations[];

/* The same numbers in each run, so that figures are the same, too. Never for keys that are used. */
extern const hf_random operations_random;

#endif
