/* RC4, for peers that have nothing else (forbidden by RFC 7465 unless a policy names it). */
#ifndef HF_CRYPTO_GLUE_RC4_H
#define HF_CRYPTO_GLUE_RC4_H

#include "crypto_glue/types.h"

#define HF_RC4_KEY_SIZE 16

typedef struct hf_rc4 {
    uint64_t state[34]; /* libtomcrypt's rc4_state, its size checked in rc4.c */
} hf_rc4;

HF_MUST_USE hf_crypto_result hf_rc4_init(hf_rc4 *rc4, const uint8_t secret[HF_RC4_KEY_SIZE]);
/* Encrypts or decrypts in place; the key stream goes on from call to call. */
HF_MUST_USE hf_crypto_result hf_rc4_crypt(hf_rc4 *rc4, uint8_t *data, size_t size);
void hf_rc4_wipe(hf_rc4 *rc4);

#endif
