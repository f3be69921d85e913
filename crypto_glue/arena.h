/* A fixed piece of memory in the place of a heap, for a libtomcrypt and a LibTomMath that are built
 * for a device: everything that they allocate comes from the one buffer given to hf_arena_init.
 *
 * A libtomcrypt is told by its macros (docs/building.md has all of them):
 *
 *     #define XMALLOC    hf_arena_allocate
 *     #define XCALLOC    hf_arena_allocate_zeros
 *     #define XREALLOC   hf_arena_reallocate
 *     #define XFREE      hf_arena_free
 *     #define MP_MALLOC  hf_arena_allocate                       (LibTomMath)
 *     #define MP_CALLOC  hf_arena_allocate_zeros
 *     #define MP_REALLOC hf_arena_number_reallocate
 *     #define MP_FREE    hf_arena_number_free
 *
 * There is one arena for the whole program, because those hooks have no argument that could name
 * one. Like libtomcrypt's tables it is not locked: operations of several threads need a lock of the
 * application's around them. A request that finds no room gets NULL, which ends the operation with
 * HF_CRYPTO_NO_MEMORY and a handshake with HF_ERROR_OUT_OF_SCRATCH; everything is given back then,
 * and the next operation may succeed.
 *
 * First fit, with one size_t in front of each block; what is freed is overwritten with zeros. */
#ifndef HF_CRYPTO_GLUE_ARENA_H
#define HF_CRYPTO_GLUE_ARENA_H

#include "crypto_glue/types.h"

typedef struct hf_arena_use {
    size_t size;    /* bytes that there are, less what alignment takes at both ends             */
    size_t used;    /* in blocks now, with what stands in front of them; 0: all were given back */
    size_t peak;    /* where the highest block ever ended: an arena of this size would have done */
    size_t refused; /* requests that found no room                                              */
} hf_arena_use;

/* Before hf_crypto_init; without it every request is refused. The buffer is the arena's from then
 * on. Forgets an arena that was given before. False if the buffer has no room for one block. */
HF_MUST_USE bool hf_arena_init(hf_buf memory);

hf_arena_use hf_arena_status(void);
/* From now on `peak` and `refused` are of what follows. */
void hf_arena_restart_peak(void);

/* As malloc, calloc, realloc and free of the C library. Blocks are aligned for any type. Nothing of
 * size 0 is given out. */
void *hf_arena_allocate(size_t size);
void *hf_arena_allocate_zeros(size_t count, size_t size);
void *hf_arena_reallocate(void *block, size_t size);
void hf_arena_free(void *block);

/* The same with the arguments that LibTomMath has for them. */
void *hf_arena_number_reallocate(void *block, size_t old_size, size_t size);
void hf_arena_number_free(void *block, size_t size);

#endif
