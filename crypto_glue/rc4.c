#include "crypto_glue/rc4.h"

#include "crypto_glue/constant_time.h"

#include <tomcrypt.h>

_Static_assert(sizeof(rc4_state) <= sizeof(((hf_rc4 *)0)->state) &&
                   _Alignof(rc4_state) <= _Alignof(uint64_t),
               "rc4_state fits hf_rc4");

static rc4_state *tomcrypt_state(hf_rc4 *rc4)
{
    return (rc4_state *)(void *)rc4->state;
}

hf_crypto_result hf_rc4_init(hf_rc4 *rc4, const uint8_t secret[HF_RC4_KEY_SIZE])
{
    if (rc4_stream_setup(tomcrypt_state(rc4), secret, HF_RC4_KEY_SIZE) != CRYPT_OK) {
        hf_rc4_wipe(rc4);
        return HF_CRYPTO_FAILED;
    }
    return HF_CRYPTO_OK;
}

hf_crypto_result hf_rc4_crypt(hf_rc4 *rc4, uint8_t *data, size_t size)
{
    /* libtomcrypt aborts on NULL even where there is nothing to read. */
    if (size > 0 &&
        rc4_stream_crypt(tomcrypt_state(rc4), data, (unsigned long)size, data) != CRYPT_OK) {
        return HF_CRYPTO_FAILED;
    }
    return HF_CRYPTO_OK;
}

void hf_rc4_wipe(hf_rc4 *rc4)
{
    hf_wipe(rc4, sizeof *rc4);
}
