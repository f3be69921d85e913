/* Which AES stands in libtomcrypt's table. */
#ifndef HF_TESTS_UNIT_CRYPTO_GLUE_CIPHER_SUPPORT_H
#define HF_TESTS_UNIT_CRYPTO_GLUE_CIPHER_SUPPORT_H

#include "crypto_glue/init.h"

#include <criterion/criterion.h>
#include <tomcrypt.h>

/* Starts crypto_glue with this descriptor, or puts it in place of the one that it has chosen. */
static inline void use_aes(const struct ltc_cipher_descriptor *aes)
{
    int index = find_cipher("aes");

    if (index >= 0) {
        const struct ltc_cipher_descriptor chosen = cipher_descriptor[index];
        cr_assert_eq(unregister_cipher(&chosen), CRYPT_OK);
    }
    cr_assert_geq(register_cipher(aes), 0);
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
}

#endif
