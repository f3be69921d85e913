/* Private to crypto_glue: GCM by the instructions of x86-64 processors. */
#ifndef HF_CRYPTO_GLUE_GCM_X86_H
#define HF_CRYPTO_GLUE_GCM_X86_H

#include "crypto_glue/ghash.h"
#include "crypto_glue/x86.h"

#if HF_GLUE_X86

hf_ghash_blocks_function hf_ghash_blocks_x86;

/* Encrypts or decrypts in place and absorbs the ciphertext, the last block filled up with zeros,
 * into the state of GHASH. `last` is the counter block that was used last. */
typedef void hf_gcm_x86_function(const hf_x86_schedule *schedule, const hf_ghash_key *key,
                                 const uint8_t last[16], uint8_t state[HF_GHASH_BLOCK_SIZE],
                                 hf_buf data);
hf_gcm_x86_function hf_gcm_x86_encrypt, hf_gcm_x86_decrypt;

#endif
#endif
