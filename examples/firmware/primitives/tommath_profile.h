/* LibTomMath's sizes of numbers, which have no switch: its header first, then what it has come to.
 * A product is computed in an array on the stack, by default of as many digits as cannot overflow,
 * which is 512: 2 to 4 KB of stack. What is longer than this array is computed without one. */
#ifndef FIRMWARE_TOMMATH_PROFILE_H
#define FIRMWARE_TOMMATH_PROFILE_H

#include <tommath.h>

#undef TAB_SIZE /* LibTomMath has one of its own */

#define PROFILE_DIGITS ((PROFILE_NUMBER_BITS + MP_DIGIT_BIT - 1) / MP_DIGIT_BIT)

#undef PRIVATE_MP_WARRAY
#define PRIVATE_MP_WARRAY (2 * PROFILE_DIGITS + 4)

/* Digits that a number has from the start. */
#undef PRIVATE_MP_PREC
#define PRIVATE_MP_PREC 8

#endif
