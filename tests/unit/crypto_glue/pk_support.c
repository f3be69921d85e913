#include "pk_support.h"

#include "crypto_glue/init.h"
#include "crypto_glue/random.h"

#include <criterion/criterion.h>
#include <string.h>
#include <tomcrypt.h>

void pk_init(void)
{
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
}

static bool fill_from_script(void *context, uint8_t *out, size_t size)
{
    pk_script *script = context;
    size_t take = size < script->bytes.size ? size : script->bytes.size;
    script->calls++;
    if (take > 0) {
        memcpy(out, script->bytes.data, take);
        script->bytes = (hf_span){script->bytes.data + take, script->bytes.size - take};
    }
    if (take == size) {
        return true;
    }
    return !script->ends && hf_random_system(NULL, out + take, size - take);
}

hf_random pk_random(pk_script *script)
{
    return (hf_random){fill_from_script, script};
}

hf_random pk_system_random(void)
{
    return (hf_random){hf_random_system, NULL};
}

static bool fill_with_constant(void *context, uint8_t *out, size_t size)
{
    const uint8_t *byte = context;
    memset(out, *byte, size);
    return true;
}

hf_random pk_constant_random(const uint8_t *byte)
{
    return (hf_random){fill_with_constant, (void *)byte};
}

hf_curve pk_curve(const char *name)
{
    static const char *const names[] = {"", "P-256", "P-384", "P-521"};
    for (size_t i = 1; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (hf_curve)i;
        }
    }
    cr_assert_fail("unknown curve %s", name);
    return HF_CURVE_NONE;
}

hf_hash_id pk_hash(const char *name)
{
    static const char *const names[] = {"",        "MD5",     "SHA-1",  "SHA-224",
                                        "SHA-256", "SHA-384", "SHA-512"};
    for (size_t i = 1; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (hf_hash_id)i;
        }
    }
    return HF_HASH_NONE;
}

hf_span pk_digest(hf_hash_id hash, hf_span message)
{
    static uint8_t digest[HF_HASH_SIZE_MAX];
    return (hf_span){digest, hf_hash_digest(hash, message, digest)};
}

static hf_span keep(uint8_t *room, hf_span bytes)
{
    cr_assert_leq(bytes.size, HF_RSA_SIZE_MAX);
    memcpy(room, bytes.data, bytes.size);
    return (hf_span){room, bytes.size};
}

void pk_read_public(pk_rsa_key *key, vectors *v)
{
    memset(&key->key, 0, sizeof key->key);
    key->key.public_key.modulus = keep(key->bytes[0], vectors_bytes(v, "modulus"));
    key->key.public_key.exponent = keep(key->bytes[1], vectors_bytes(v, "exponent"));
}

void pk_read_private(pk_rsa_key *key, vectors *v)
{
    pk_read_public(key, v);
    key->key.private_exponent = keep(key->bytes[2], vectors_bytes(v, "private_exponent"));
    key->key.prime1 = keep(key->bytes[3], vectors_bytes(v, "prime1"));
    key->key.prime2 = keep(key->bytes[4], vectors_bytes(v, "prime2"));
    key->key.exponent1 = keep(key->bytes[5], vectors_bytes(v, "exponent1"));
    key->key.exponent2 = keep(key->bytes[6], vectors_bytes(v, "exponent2"));
    key->key.coefficient = keep(key->bytes[7], vectors_bytes(v, "coefficient"));
}

void pk_read_dsa(pk_dsa_key *key, vectors *v)
{
    static const char *const names[] = {"prime", "subprime", "generator", "public", "private"};
    hf_dsa_public *public_key = &key->key.public_key;
    hf_span *const spans[] = {&public_key->prime, &public_key->subprime, &public_key->generator,
                              &public_key->value, &key->key.exponent};
    memset(&key->key, 0, sizeof key->key);
    for (size_t i = 0; i < 5; i++) {
        if (i < 4 || vectors_has(v, names[i])) {
            hf_span bytes = vectors_bytes(v, names[i]);
            cr_assert_leq(bytes.size, sizeof key->bytes[i]);
            memcpy(key->bytes[i], bytes.data, bytes.size);
            *spans[i] = (hf_span){key->bytes[i], bytes.size};
        }
    }
}

/* ---------------------------------------------------------------- a provider that fails */

static ltc_math_descriptor real;
static long calls_until_failure; /* the call that makes it 0 fails; below 0: none */
static long numbers_alive;

static bool must_fail(void)
{
    return --calls_until_failure == 0;
}

static int failing_init(void **a)
{
    if (must_fail()) {
        return CRYPT_MEM;
    }
    numbers_alive++;
    return real.init(a);
}

static void counting_deinit(void *a)
{
    numbers_alive--;
    real.deinit(a);
}

static int failing_set_int(void *a, ltc_mp_digit b)
{
    return must_fail() ? CRYPT_MEM : real.set_int(a, b);
}

static int failing_copy(void *a, void *b)
{
    return must_fail() ? CRYPT_MEM : real.copy(a, b);
}

static int failing_read_radix(void *a, const char *b, int radix)
{
    return must_fail() ? CRYPT_MEM : real.read_radix(a, b, radix);
}

static int failing_unsigned_read(void *a, unsigned char *b, unsigned long size)
{
    return must_fail() ? CRYPT_MEM : real.unsigned_read(a, b, size);
}

static int failing_add(void *a, void *b, void *c)
{
    return must_fail() ? CRYPT_MEM : real.add(a, b, c);
}

static int failing_addi(void *a, ltc_mp_digit b, void *c)
{
    return must_fail() ? CRYPT_MEM : real.addi(a, b, c);
}

static int failing_subi(void *a, ltc_mp_digit b, void *c)
{
    return must_fail() ? CRYPT_MEM : real.subi(a, b, c);
}

static int failing_mul(void *a, void *b, void *c)
{
    return must_fail() ? CRYPT_MEM : real.mul(a, b, c);
}

static int failing_muli(void *a, ltc_mp_digit b, void *c)
{
    return must_fail() ? CRYPT_MEM : real.muli(a, b, c);
}

static int failing_mpdiv(void *a, void *b, void *c, void *d)
{
    return must_fail() ? CRYPT_MEM : real.mpdiv(a, b, c, d);
}

static int failing_sqrmod(void *a, void *b, void *c)
{
    return must_fail() ? CRYPT_MEM : real.sqrmod(a, b, c);
}

static int failing_invmod(void *a, void *b, void *c)
{
    return must_fail() ? CRYPT_MEM : real.invmod(a, b, c);
}

static int failing_mulmod(void *a, void *b, void *c, void *d)
{
    return must_fail() ? CRYPT_MEM : real.mulmod(a, b, c, d);
}

static int failing_addmod(void *a, void *b, void *c, void *d)
{
    return must_fail() ? CRYPT_MEM : real.addmod(a, b, c, d);
}

static int failing_submod(void *a, void *b, void *c, void *d)
{
    return must_fail() ? CRYPT_MEM : real.submod(a, b, c, d);
}

static int failing_exptmod(void *a, void *b, void *c, void *d)
{
    return must_fail() ? CRYPT_MEM : real.exptmod(a, b, c, d);
}

static void install_failing_math(void)
{
    real = ltc_mp;
    ltc_mp.init = failing_init;
    ltc_mp.deinit = counting_deinit;
    ltc_mp.set_int = failing_set_int;
    ltc_mp.copy = failing_copy;
    ltc_mp.read_radix = failing_read_radix;
    ltc_mp.unsigned_read = failing_unsigned_read;
    ltc_mp.add = failing_add;
    ltc_mp.addi = failing_addi;
    ltc_mp.subi = failing_subi;
    ltc_mp.mul = failing_mul;
    ltc_mp.muli = failing_muli;
    ltc_mp.mpdiv = failing_mpdiv;
    ltc_mp.sqrmod = failing_sqrmod;
    ltc_mp.invmod = failing_invmod;
    ltc_mp.mulmod = failing_mulmod;
    ltc_mp.addmod = failing_addmod;
    ltc_mp.submod = failing_submod;
    ltc_mp.exptmod = failing_exptmod;
}

/* Each of the first and last calls fails in turn, and of those between, which are rounds of one
 * scalar multiplication, every 997th. */
void pk_fail_each_math_call(hf_crypto_result (*operation)(void *context), void *context)
{
    enum { FIRST = 100, LAST = 100, STEP = 997 };
    install_failing_math();
    numbers_alive = 0;
    calls_until_failure = 0;
    cr_assert_eq(operation(context), HF_CRYPTO_OK);
    cr_assert_eq(numbers_alive, 0);
    long calls = -calls_until_failure;
    cr_assert_gt(calls, 10);

    for (long n = 1; n <= calls; n += n < FIRST || n > calls - LAST ? 1 : STEP) {
        calls_until_failure = n;
        hf_crypto_result result = operation(context);
        cr_assert_eq(result, HF_CRYPTO_NO_MEMORY, "call %ld of %ld: result %d", n, calls,
                     (int)result);
        cr_assert_eq(numbers_alive, 0, "call %ld: %ld numbers not freed", n, numbers_alive);
    }
    ltc_mp = real;
}
