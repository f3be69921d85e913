/* What libtomcrypt's table of LibTomMath's functions names and nothing in Handfast calls: to look
 * for primes, and to draw numbers, for which Handfast has its own source. */
#include <tommath.h>

mp_err mp_prime_is_prime(const mp_int *a, int t, mp_bool *result)
{
    (void)a;
    (void)t;
    *result = MP_NO;
    return MP_VAL;
}

mp_err mp_rand(mp_int *a, int digits)
{
    (void)a;
    (void)digits;
    return MP_VAL;
}
