/* LibTomMath's choices that have no switch: its headers first, then what they have come to. */
#ifndef FIRMWARE_TOMMATH_PROFILE_H
#define FIRMWARE_TOMMATH_PROFILE_H

#undef TAB_SIZE /* LibTomMath has one of its own */

#include <tommath.h>
#include <tommath_class.h>

/* A product is computed in an array on the stack, by default of as many digits as cannot overflow,
 * which is 512: 2 to 4 KB. What is longer than this array is computed without one. */
#define PROFILE_DIGITS ((PROFILE_NUMBER_BITS + MP_DIGIT_BIT - 1) / MP_DIGIT_BIT)
#undef PRIVATE_MP_WARRAY
#define PRIVATE_MP_WARRAY (2 * PROFILE_DIGITS + 4)

/* Digits that a number has from the start: those of a coordinate on P-256, so that few grow. */
#undef PRIVATE_MP_PREC
#define PRIVATE_MP_PREC ((256 + MP_DIGIT_BIT - 1) / MP_DIGIT_BIT)

/* Multiplication of numbers of thousands of bits. */
#undef BN_S_MP_BALANCE_MUL_C
#undef BN_S_MP_KARATSUBA_MUL_C
#undef BN_S_MP_KARATSUBA_SQR_C
#undef BN_S_MP_TOOM_MUL_C
#undef BN_S_MP_TOOM_SQR_C
/* Moduli of forms that no key has. */
#undef BN_MP_DR_IS_MODULUS_C
#undef BN_MP_DR_REDUCE_C
#undef BN_MP_DR_SETUP_C
#undef BN_MP_REDUCE_2K_C
#undef BN_MP_REDUCE_2K_SETUP_C
#undef BN_MP_REDUCE_2K_L_C
#undef BN_MP_REDUCE_2K_SETUP_L_C
#undef BN_MP_REDUCE_IS_2K_C
#undef BN_MP_REDUCE_IS_2K_L_C
/* See absent.c. */
#undef BN_MP_PRIME_IS_PRIME_C
#undef BN_MP_RAND_C

#endif
