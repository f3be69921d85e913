/* Counts public-key operations: the linker puts the functions of count_operations.c in front of
 * those of crypto_glue (tests/flow/CMakeLists.txt, --wrap). */
#ifndef HF_TESTS_COUNT_OPERATIONS_H
#define HF_TESTS_COUNT_OPERATIONS_H

#include "tests/support/pair.h"

extern unsigned operations;

/* Lets both sides run in turn, one call of hf_conn_run each, for long enough for a handshake.
 * Checks that no call does more than one operation and returns how many there were. */
unsigned count_operations(pair *p);

#endif
