/* Counts public-key operations (primitives.h). */
#ifndef HF_TESTS_COUNT_OPERATIONS_H
#define HF_TESTS_COUNT_OPERATIONS_H

#include "tests/support/pair.h"

/* Lets both sides run in turn, one call of hf_conn_run each, for long enough for a handshake.
 * Checks that no call does more than one operation and returns how many there were. */
unsigned count_operations(pair *p);

#endif
