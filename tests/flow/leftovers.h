/* Finds secrets that were left over: in the objects and buffers of a connection, and on the stack
 * below the calls. What a secret is, primitives.c knows. */
#ifndef HF_TESTS_LEFTOVERS_H
#define HF_TESTS_LEFTOVERS_H

#include "tests/support/pair.h"

/* No secrets are known. From the first call on those that pass are noted. */
void leftovers_forget(void);
void leftovers_note(const uint8_t *bytes, size_t size);
size_t leftovers_known(void);

/* The first place where 8 bytes of a secret stand in a row, in the order of the protocol or in that
 * of a number of this machine; NULL: there is none. */
const void *leftovers_in(const void *memory, size_t size);

/* Overwrites the stack below the caller, and looks at what calls have put there since. The two must
 * be called from the same function. False: a secret is there. */
void leftovers_paint_stack(void);
bool leftovers_stack_is_clean(void);

/* Fails the test if the endpoint holds a secret in any place where none may be now: none at all
 * after the end; while the connection lasts the keys and the master secret in hf_conn, and during a
 * handshake what is in hf_handshake. */
void leftovers_expect_none(const endpoint *e, const char *when);

#endif
