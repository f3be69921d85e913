/* tests/timing: that no branch and no address depends on a secret.
 *
 * Under valgrind a check marks its secrets as undefined memory and calls the code. Memcheck follows
 * them through every computation and reports each jump and each access whose target they decide.
 * The lists also hold code that leaks, which must be reported: it shows that the checks can fail.
 *
 *   timing.h       what a check is made of                               (this file)
 *   timing.c       runs the lists
 *   borders.h      where secrets begin and end, and what is not checked, in one list
 *   require.c      what ends the programs here when a check did not do its work
 *   check_glue.c   crypto_glue: compares, unpadding, MACs, modes, AEADs
 *   check_exchange.c  premaster secrets, PRF, signatures, tickets
 *   check_handshake.c whole connections, with all their secrets
 *   check_record.c records opened and sealed, Finished, the key schedule
 *   plain_cipher.h records.h   a cipher without tables; CBC records, right and wrong
 *   cbc_instructions.c .sh     instructions that opening a record takes, under callgrind
 *   check_leaks.c  code that is wrong on purpose, and libtomcrypt's AES, which has tables
 *
 * To check more, write a function and add a row to a list; a new list goes into timing.c. */
#ifndef HF_TESTS_TIMING_H
#define HF_TESTS_TIMING_H

#include <stdbool.h>
#include <stddef.h>

typedef struct timing_check {
    const char *name;
    void (*run)(void);
    bool leaks;
} timing_check;

/* Each ends with a row without a name. */
extern const timing_check timing_glue_checks[];
extern const timing_check timing_exchange_checks[];
extern const timing_check timing_record_checks[];
extern const timing_check timing_handshake_checks[];
extern const timing_check timing_leaks[];

/* Marks memory as secret, or as known to everybody. What was computed from secrets and is needed
 * by the check itself (a result, a tag to compare) must be made public first. */
void timing_secret(void *memory, size_t size);
void timing_public(void *memory, size_t size);

/* Ends the program unless the check has really done what it is meant to watch. */
void timing_require(bool condition, const char *what);

#endif
