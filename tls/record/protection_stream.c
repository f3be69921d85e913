#include "tls/record/protection.h"

#include "crypto_glue/constant_time.h"

#include <string.h>

static hf_error crypt(hf_protection *p, uint8_t *data, size_t size)
{
#if HF_WITH_RC4
    if (!p->ciphers_nothing)
        return hf_rc4_crypt(&p->u.rc4, data, size) == HF_CRYPTO_OK ? HF_OK : HF_ERROR_CRYPTO_FAILED;
#endif
    (void)p, (void)data, (void)size;
    return HF_OK;
}

hf_error hf_seal_stream(hf_protection *p, const hf_record_id *id, uint8_t *payload, size_t size)
{
    uint8_t mac[HF_HASH_SIZE_MAX];
    hf_record_mac(p, id, payload, size, mac);
    memcpy(payload + size, mac, p->mac_size);
    return crypt(p, payload, size + p->mac_size);
}

hf_error hf_open_stream(hf_protection *p, hf_record_id *id, uint8_t *payload, size_t fragment_size,
                        size_t *size)
{
    uint8_t mac[HF_HASH_SIZE_MAX];
    if (fragment_size < p->mac_size)
        return HF_ERROR_BAD_RECORD_MAC;
    *size = fragment_size - p->mac_size;
    hf_record_id_set_size(id, *size);
    hf_error error = crypt(p, payload, fragment_size);
    if (error != HF_OK)
        return error;
    hf_record_mac(p, id, payload, *size, mac);
    return hf_constant_time_equal(mac, payload + *size, p->mac_size) ? HF_OK
                                                                     : HF_ERROR_BAD_RECORD_MAC;
}
