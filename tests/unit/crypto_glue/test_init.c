#define LTM_DESC
#include "crypto_glue/init.h"
#include "crypto_glue/tomcrypt_random.h"

#include <criterion/criterion.h>
#include <string.h>
#include <tomcrypt.h>

Test(init, registers_what_the_glue_uses)
{
    cr_assert_str_eq(hf_crypto_math_name(), "");
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cr_assert_geq(find_cipher("aes"), 0);
    cr_assert_geq(hf_tomcrypt_prng_index(), 0);
    cr_assert_str_not_empty(hf_crypto_math_name());
}

Test(init, again_changes_nothing)
{
    int cipher, generator;

    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cipher = find_cipher("aes");
    generator = hf_tomcrypt_prng_index();
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cr_assert_eq(find_cipher("aes"), cipher);
    cr_assert_eq(hf_tomcrypt_prng_index(), generator);
    cr_assert_null(prng_descriptor[generator + 1].name);
    cr_assert_null(cipher_descriptor[cipher + 1].name);
}

Test(init, keeps_what_the_application_chose)
{
    static const char name[] = "mine";
    struct ltc_cipher_descriptor mine = aes_desc;

    mine.ID = 77;
    cr_assert_geq(register_cipher(&mine), 0);
    ltc_mp = ltm_desc;
    ltc_mp.name = name;
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cr_assert_eq(hf_crypto_math_name(), name);
    cr_assert_eq(cipher_descriptor[find_cipher("aes")].ID, 77);
    cr_assert_eq(register_cipher(&aes_desc), 1, "the glue must not have registered its own");
}

Test(init, a_full_cipher_table_is_reported)
{
    static char names[TAB_SIZE + 1][4];
    struct ltc_cipher_descriptor other = aes_desc;
    int index = 0;

    for (unsigned i = 0; i <= TAB_SIZE && index >= 0; i++) {
        names[i][0] = 'x';
        names[i][1] = (char)('A' + i % 26);
        names[i][2] = (char)('A' + i / 26);
        other.name = names[i];
        other.ID = (unsigned char)(100 + i);
        index = register_cipher(&other);
    }
    cr_assert_eq(index, -1);
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_FAILED);
}
