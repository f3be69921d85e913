#include "crypto_glue/aead.h"

#include "crypto_glue/aead_mode.h"
#include "crypto_glue/constant_time.h"

/* NULL for what is not in the build. */
static const hf_aead_mode *find_mode(hf_aead_id id)
{
    switch (id) {
    case HF_AEAD_AES_128_GCM:
        return HF_WITH_AES_GCM ? &hf_aead_aes_128_gcm : NULL;
    case HF_AEAD_AES_256_GCM:
        return HF_WITH_AES_GCM ? &hf_aead_aes_256_gcm : NULL;
    case HF_AEAD_CHACHA20_POLY1305:
        return HF_WITH_CHACHA20_POLY1305 ? &hf_aead_chacha20_poly1305 : NULL;
    case HF_AEAD_AES_128_CCM:
        return HF_WITH_AES_CCM ? &hf_aead_aes_128_ccm : NULL;
    case HF_AEAD_AES_256_CCM:
        return HF_WITH_AES_CCM ? &hf_aead_aes_256_ccm : NULL;
    case HF_AEAD_AES_128_CCM_8:
        return HF_WITH_AES_CCM ? &hf_aead_aes_128_ccm_8 : NULL;
    case HF_AEAD_AES_256_CCM_8:
        return HF_WITH_AES_CCM ? &hf_aead_aes_256_ccm_8 : NULL;
    case HF_AEAD_NONE:
        break;
    }
    return NULL;
}

size_t hf_aead_key_size(hf_aead_id id)
{
    const hf_aead_mode *mode = find_mode(id);

    return mode != NULL ? mode->key_size : 0;
}

size_t hf_aead_tag_size(hf_aead_id id)
{
    const hf_aead_mode *mode = find_mode(id);

    return mode != NULL ? mode->tag_size : 0;
}

hf_crypto_result hf_aead_init(hf_aead_key *key, hf_aead_id id, const uint8_t *secret)
{
    const hf_aead_mode *mode = find_mode(id);
    hf_crypto_result result = HF_CRYPTO_FAILED;

    if (mode != NULL) {
        key->id = id;
        result = mode->init(key, secret, mode->key_size);
    }
    if (result != HF_CRYPTO_OK) {
        hf_aead_wipe(key);
    }
    return result;
}

void hf_aead_wipe(hf_aead_key *key)
{
    hf_wipe(key, sizeof *key);
}

hf_crypto_result hf_aead_seal(const hf_aead_key *key, const uint8_t nonce[HF_AEAD_NONCE_SIZE],
                              hf_span aad, uint8_t *data, size_t size,
                              uint8_t tag[HF_AEAD_TAG_SIZE_MAX])
{
    const hf_aead_mode *mode = find_mode(key->id);

    if (mode == NULL || size > mode->size_max) {
        return HF_CRYPTO_FAILED;
    }
    return mode->seal(key, nonce, aad, (hf_buf){data, size}, tag);
}

hf_crypto_result hf_aead_open(const hf_aead_key *key, const uint8_t nonce[HF_AEAD_NONCE_SIZE],
                              hf_span aad, uint8_t *data, size_t size,
                              const uint8_t tag[HF_AEAD_TAG_SIZE_MAX])
{
    const hf_aead_mode *mode = find_mode(key->id);

    if (mode == NULL || size > mode->size_max) {
        return HF_CRYPTO_FAILED;
    }
    return mode->open(key, nonce, aad, (hf_buf){data, size}, tag);
}
