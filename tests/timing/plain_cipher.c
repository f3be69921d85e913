#include "tests/timing/plain_cipher.h"

#include "tests/timing/timing.h"

#include <string.h>
#include <tomcrypt.h>

static int plain_setup(const unsigned char *secret, int size, int rounds, symmetric_key *schedule)
{
    (void)rounds;
    (void)size;
    memcpy(schedule, secret, 16);
    return CRYPT_OK;
}

static int plain_block(const unsigned char *in, unsigned char *out, symmetric_key *schedule)
{
    const unsigned char *key = (const unsigned char *)schedule;

    for (size_t i = 0; i < 16; i++) {
        out[i] = (unsigned char)(in[i] ^ key[i]);
    }
    return CRYPT_OK;
}

static struct ltc_cipher_descriptor plain_cipher(void)
{
    struct ltc_cipher_descriptor plain = aes_desc;

    plain.setup = plain_setup;
    plain.ecb_encrypt = plain_block;
    plain.ecb_decrypt = plain_block;
    return plain;
}

/* The AES that hf_crypto_init has chosen. */
static struct ltc_cipher_descriptor chosen;

static void replace_cipher(const struct ltc_cipher_descriptor *old,
                           const struct ltc_cipher_descriptor *new)
{
    timing_require(unregister_cipher(old) == CRYPT_OK && register_cipher(new) >= 0,
                   "libtomcrypt's table of ciphers");
}

void timing_use_plain_cipher(void)
{
    struct ltc_cipher_descriptor plain = plain_cipher();

    chosen = cipher_descriptor[find_cipher("aes")];
    replace_cipher(&chosen, &plain);
}

void timing_use_real_cipher(void)
{
    struct ltc_cipher_descriptor plain = plain_cipher();

    replace_cipher(&plain, &chosen);
}
