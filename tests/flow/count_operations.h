/* Counts public-key operations: the linker puts the functions of count_operations.c in front of
 * those of crypto_glue (tests/flow/CMakeLists.txt, --wrap). */
#ifndef HF_TESTS_COUNT_OPERATIONS_H
#define HF_TESTS_COUNT_OPERATIONS_H

extern unsigned operations;

#endif
