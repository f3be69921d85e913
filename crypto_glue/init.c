#include "crypto_glue/init.h"

/* tomcrypt.h declares the descriptor of a math provider only where it is asked for. */
#if defined(HF_MATH_GMP)
#define GMP_DESC
#elif defined(HF_MATH_LTM)
#define LTM_DESC
#else
#error "Choose the math provider: define HF_MATH_GMP or HF_MATH_LTM"
#endif

#include "crypto_glue/switches.h"
#include "crypto_glue/tomcrypt_random.h"
#include "crypto_glue/x86.h"

#include <tomcrypt.h>

#if defined(HF_MATH_GMP)
#define MATH_PROVIDER gmp_desc
#else
#define MATH_PROVIDER ltm_desc
#endif

#if HF_GLUE_AES
static const struct ltc_cipher_descriptor *best_aes(void)
{
#if HF_GLUE_X86
    if (hf_x86_has_aes()) {
        return &hf_aes_x86_desc;
    }
#endif
    return &aes_desc;
}
#endif

hf_crypto_result hf_crypto_init(void)
{
    if (ltc_mp.name == NULL) {
        ltc_mp = MATH_PROVIDER;
    }
#if HF_GLUE_AES
    if (find_cipher("aes") < 0 && register_cipher(best_aes()) < 0) {
        return HF_CRYPTO_FAILED;
    }
#endif
    return hf_tomcrypt_random_register();
}

const char *hf_crypto_math_name(void)
{
    return ltc_mp.name != NULL ? ltc_mp.name : "";
}
