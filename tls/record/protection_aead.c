#include "tls/record/protection.h"

#include <string.h>

/* The nonce is the IV with its last 8 bytes xored: by the record's explicit part for GCM and CCM,
 * whose IV is zero there (RFC 5288 3), by the sequence number for ChaCha20-Poly1305 (RFC 7905 2).
 */
static void make_nonce(uint8_t nonce[HF_AEAD_NONCE_SIZE], const hf_protection *p,
                       const uint8_t varying[8])
{
    memcpy(nonce, p->iv, HF_AEAD_NONCE_SIZE);
    for (size_t i = 0; i < 8; i++)
        nonce[4 + i] ^= varying[i];
}

hf_error hf_seal_aead(hf_protection *p, const hf_record_id *id, uint8_t *payload, size_t size)
{
    uint8_t nonce[HF_AEAD_NONCE_SIZE];
    make_nonce(nonce, p, id->bytes); /* it begins with the sequence number */
    memcpy(payload - p->prefix_size, id->bytes, p->prefix_size);
    return hf_aead_seal(&p->u.aead, nonce, (hf_span){id->bytes, HF_RECORD_ID_SIZE}, payload, size,
                        payload + size) == HF_CRYPTO_OK
               ? HF_OK
               : HF_ERROR_CRYPTO_FAILED;
}

hf_error hf_open_aead(hf_protection *p, const hf_record_id *id, uint8_t *payload, size_t size)
{
    uint8_t nonce[HF_AEAD_NONCE_SIZE];
    make_nonce(nonce, p, p->prefix_size != 0 ? payload - p->prefix_size : id->bytes);
    hf_crypto_result result = hf_aead_open(
        &p->u.aead, nonce, (hf_span){id->bytes, HF_RECORD_ID_SIZE}, payload, size, payload + size);
    if (result == HF_CRYPTO_BAD_TAG)
        return HF_ERROR_BAD_RECORD_MAC;
    return result == HF_CRYPTO_OK ? HF_OK : HF_ERROR_CRYPTO_FAILED;
}
