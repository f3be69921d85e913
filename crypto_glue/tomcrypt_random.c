#include "crypto_glue/tomcrypt_random.h"

#include "crypto_glue/constant_time.h"

static const char generator_name[] = "handfast";

/* A generator without state has nothing to start, feed, ready, end or save. */
static int accept_state(prng_state *state)
{
    (void)state;
    return CRYPT_OK;
}

static int accept_entropy(const unsigned char *in, unsigned long size, prng_state *state)
{
    (void)in;
    (void)size;
    (void)state;
    return CRYPT_OK;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the signature is libtomcrypt's */
static int export_nothing(unsigned char *out, unsigned long *size, prng_state *state)
{
    (void)out;
    (void)state;
    *size = 0;
    return CRYPT_OK;
}

static int test_nothing(void)
{
    return CRYPT_NOP;
}

/* libtomcrypt takes any count other than the one it asked for as failure, so all or nothing. */
static unsigned long read_random(unsigned char *out, unsigned long size, prng_state *state)
{
    const hf_random *random = (const hf_random *)(const void *)state;

    if (size == 0 || random == NULL || random->fill == NULL) {
        return 0;
    }
    if (!random->fill(random->context, out, size)) {
        hf_wipe(out, size);
        return 0;
    }
    return size;
}

static const struct ltc_prng_descriptor generator = {
    .name = generator_name,
    .export_size = 0,
    .start = accept_state,
    .add_entropy = accept_entropy,
    .ready = accept_state,
    .read = read_random,
    .done = accept_state,
    .pexport = export_nothing,
    .pimport = accept_entropy,
    .test = test_nothing,
};

hf_crypto_result hf_tomcrypt_random_register(void)
{
    return register_prng(&generator) >= 0 ? HF_CRYPTO_OK : HF_CRYPTO_FAILED;
}

int hf_tomcrypt_prng_index(void)
{
    return find_prng(generator_name);
}

prng_state *hf_tomcrypt_prng(const hf_random *random)
{
    /* libtomcrypt only passes the pointer on, and read_random gives it its const back. */
    return (prng_state *)(void *)random;
}
