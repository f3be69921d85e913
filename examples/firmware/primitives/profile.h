/* What a device wants of libtomcrypt 1.18 and LibTomMath 1.2, in the place of their own
 * configuration. Given to the compiler with -include, for both libraries and for all that includes
 * <tomcrypt.h>, so that everyone sees the same structures. */
#ifndef FIRMWARE_PROFILE_H
#define FIRMWARE_PROFILE_H

#include <stddef.h>

/* The numbers that public keys are made of: 256 bits for P-256, 2048 for RSA keys of that size.
 * Longer ones work, too, with slower code. */
#ifndef PROFILE_NUMBER_BITS
#define PROFILE_NUMBER_BITS 256
#endif

/* ---- all memory comes from crypto_glue/arena.h */
#define XMALLOC            hf_arena_allocate
#define XCALLOC            hf_arena_allocate_zeros
#define XREALLOC           hf_arena_reallocate
#define XFREE              hf_arena_free
#define MP_MALLOC          hf_arena_allocate
#define MP_CALLOC          hf_arena_allocate_zeros
#define MP_REALLOC         hf_arena_number_reallocate
#define MP_FREE            hf_arena_number_free
#define MP_NO_ZERO_ON_FREE /* the arena does that */

/* ---- libtomcrypt */
#define LTC_NOTHING
#define LTC_NO_FILE
#define LTC_NO_TEST
#define LTC_SMALL_CODE
#define ARGTYPE  4 /* no checks of arguments, which would abort: crypto_glue makes them */
#define TAB_SIZE 2 /* ciphers and generators that can be registered */

#define LTC_SHA256
#define LTC_CHACHA
#define LTC_POLY1305
#define LTC_MECC
#define LTC_DER /* comes with LTC_MECC */
#define LTC_NO_CURVES
#define LTC_ECC256
#ifdef PROFILE_WITH_RSA
#define LTC_MRSA
#define LTC_SHA512
#define LTC_SHA384
#endif

/* ---- LibTomMath */
#define MP_LOW_MEM
#define MP_NO_FILE
#define MP_NO_DEV_URANDOM
#define MP_FIXED_CUTOFFS

#endif
