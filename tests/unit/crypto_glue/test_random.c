#include "crypto_glue/init.h"
#include "crypto_glue/random.h"
#include "crypto_glue/tomcrypt_random.h"

#include <criterion/criterion.h>
#include <string.h>

/* Counts up; fails once `left` bytes have been given. */
typedef struct counter {
    size_t left;
    uint8_t next;
} counter;

static bool count_up(void *context, uint8_t *out, size_t size)
{
    counter *c = context;

    if (size > c->left) {
        memset(out, 0xa5, size);
        return false;
    }
    c->left -= size;
    for (size_t i = 0; i < size; i++) {
        out[i] = c->next++;
    }
    return true;
}

static unsigned long draw(const hf_random *random, uint8_t *out, unsigned long size)
{
    int index = hf_tomcrypt_prng_index();

    cr_assert_eq(prng_is_valid(index), CRYPT_OK);
    return prng_descriptor[index].read(out, size, hf_tomcrypt_prng(random));
}

Test(random, the_system_fills_all_of_it)
{
    uint8_t a[4096] = {0}, b[4096] = {0};
    size_t zeros = 0;

    cr_assert(hf_random_system(NULL, a, sizeof a));
    cr_assert(hf_random_system(NULL, b, sizeof b));
    cr_assert_arr_neq(a, b, sizeof a);
    for (size_t i = 0; i < sizeof a; i++) {
        zeros += a[i] == 0;
    }
    /* 16 expected; more than 100 has a probability below 2^-150. */
    cr_assert_lt(zeros, 100);
    cr_assert_neq(memcmp(a + sizeof a - 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16), 0);
}

Test(random, the_system_stays_inside_its_bounds)
{
    uint8_t memory[34];

    memset(memory, 0xa5, sizeof memory);
    cr_assert(hf_random_system(NULL, memory + 1, 32));
    cr_assert_eq(memory[0], 0xa5);
    cr_assert_eq(memory[33], 0xa5);
}

Test(random, the_generator_is_absent_before_init)
{
    cr_assert_eq(hf_tomcrypt_prng_index(), -1);
}

Test(random, the_generator_draws_from_the_source_it_is_given)
{
    counter first = {.left = 100, .next = 1}, second = {.left = 100, .next = 101};
    hf_random a = {count_up, &first}, b = {count_up, &second};
    uint8_t out[3];

    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cr_assert_eq(draw(&a, out, 3), 3);
    cr_assert_arr_eq(out, ((uint8_t[]){1, 2, 3}), 3);
    cr_assert_eq(draw(&b, out, 2), 2);
    cr_assert_arr_eq(out, ((uint8_t[]){101, 102}), 2);
    cr_assert_eq(draw(&a, out, 1), 1);
    cr_assert_eq(out[0], 4);
}

Test(random, a_failing_source_yields_no_bytes_and_leaves_none)
{
    counter empty = {.left = 2, .next = 1};
    hf_random random = {count_up, &empty};
    hf_random none = {NULL, NULL};
    uint8_t out[3] = {1, 2, 3};

    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cr_assert_eq(draw(&random, out, 3), 0);
    cr_assert_arr_eq(out, ((uint8_t[]){0, 0, 0}), 3);
    cr_assert_eq(draw(&none, out, 3), 0);
    cr_assert_eq(draw(NULL, out, 3), 0);
}

Test(random, the_source_is_never_asked_for_nothing)
{
    counter source = {.left = 10, .next = 1};
    hf_random random = {count_up, &source};
    uint8_t out[1];

    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cr_assert_eq(draw(&random, out, 0), 0);
    cr_assert_eq(source.left, 10);
}

Test(random, a_failing_source_makes_libtomcrypt_fail)
{
    counter source = {.left = 0, .next = 1};
    hf_random random = {count_up, &source};
    ecc_key key;

    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cr_assert_eq(ecc_make_key(hf_tomcrypt_prng(&random), hf_tomcrypt_prng_index(), 32, &key),
                 CRYPT_ERROR_READPRNG);
    source.left = 1000;
    cr_assert_eq(ecc_make_key(hf_tomcrypt_prng(&random), hf_tomcrypt_prng_index(), 32, &key),
                 CRYPT_OK);
    ecc_free(&key);
}

Test(random, the_generator_has_a_complete_descriptor)
{
    hf_random random = {hf_random_system, NULL};
    prng_state *state = hf_tomcrypt_prng(&random);
    const struct ltc_prng_descriptor *d;
    unsigned long size = 1;
    uint8_t byte = 0;

    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    d = &prng_descriptor[hf_tomcrypt_prng_index()];
    cr_assert_eq(d->start(state), CRYPT_OK);
    cr_assert_eq(d->add_entropy(&byte, 1, state), CRYPT_OK);
    cr_assert_eq(d->ready(state), CRYPT_OK);
    cr_assert_eq(d->pexport(&byte, &size, state), CRYPT_OK);
    cr_assert_eq(size, 0);
    cr_assert_eq(d->pimport(&byte, 0, state), CRYPT_OK);
    cr_assert_eq(d->test(), CRYPT_NOP);
    cr_assert_eq(d->done(state), CRYPT_OK);
    cr_assert_eq(random.fill, hf_random_system);
}
