#include "tls/record/protection.h"

#include "tls/wire/codes.h"

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

/* AES-CCM takes two operations of the cipher for a block, so that its key is used up sooner: RFC
 * 9147 4.5.3 and B.1 have 2^23 records, and this is a little less than that. */
#define CCM_WEIGHT 3

static uint32_t weight_of(hf_aead_id id)
{
    switch (id) {
    case HF_AEAD_CHACHA20_POLY1305:
        return 0;
    case HF_AEAD_AES_128_GCM:
    case HF_AEAD_AES_256_GCM:
        return 1;
    default:
        return CCM_WEIGHT;
    }
}

_Static_assert(HF_AES_AEAD_KB_MAX <= UINT32_MAX - CCM_WEIGHT * (HF_PLAINTEXT_MAX / 1024),
               "the count of what a key has sealed does not wrap");

/* RFC 9325 4.4, RFC 8446 5.5: with AES-GCM as much as 2^24.5 full records. Only data is held back:
 * alerts and a handshake that brings new keys may still go out. */
static bool is_exhausted(hf_protection *p, const hf_record_id *id, size_t size)
{
    if (!HF_USE_AES_AEAD || id->bytes[8] != HF_CONTENT_APPLICATION_DATA)
        return false;
    p->used += weight_of(p->u.aead.id) * ((uint32_t)(size + 1023) / 1024);
    return p->used > HF_AES_AEAD_KB_MAX;
}

hf_error hf_seal_aead(hf_protection *p, const hf_record_id *id, uint8_t *payload, size_t size)
{
    if (is_exhausted(p, id, size))
        return HF_ERROR_KEY_EXHAUSTED;
    uint8_t nonce[HF_AEAD_NONCE_SIZE];
    make_nonce(nonce, p, id->bytes); /* it begins with the sequence number */
    memcpy(payload - hf_protection_prefix(p), id->bytes, hf_protection_prefix(p));
    return hf_aead_seal(&p->u.aead, nonce, (hf_span){id->bytes, HF_RECORD_ID_SIZE}, payload, size,
                        payload + size) == HF_CRYPTO_OK
               ? HF_OK
               : HF_ERROR_CRYPTO_FAILED;
}

hf_error hf_open_aead(hf_protection *p, const hf_record_id *id, uint8_t *payload, size_t size)
{
    uint8_t nonce[HF_AEAD_NONCE_SIZE];
    make_nonce(nonce, p,
               hf_protection_prefix(p) != 0 ? payload - hf_protection_prefix(p) : id->bytes);
    hf_crypto_result result = hf_aead_open(
        &p->u.aead, nonce, (hf_span){id->bytes, HF_RECORD_ID_SIZE}, payload, size, payload + size);
    if (result == HF_CRYPTO_BAD_TAG)
        return HF_ERROR_BAD_RECORD_MAC;
    return result == HF_CRYPTO_OK ? HF_OK : HF_ERROR_CRYPTO_FAILED;
}
