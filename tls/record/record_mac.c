#include "tls/record/protection.h"

void hf_record_mac(const hf_protection *p, const hf_record_id *id, const uint8_t *bytes,
                   size_t size, uint8_t mac[HF_HASH_SIZE_MAX])
{
    hf_hash hash;
    hf_hmac_begin(&p->mac, &hash);
    hf_hash_update(&hash, id->bytes, HF_RECORD_ID_SIZE);
    hf_hash_update(&hash, bytes, size);
    (void)hf_hmac_end(&p->mac, &hash, mac);
}
