/* Hash functions: FIPS 180-4, and MD5 (RFC 1321) for TLS 1.0 and 1.1. */
#ifndef HF_CRYPTO_GLUE_HASH_H
#define HF_CRYPTO_GLUE_HASH_H

#include "crypto_glue/switches.h"
#include "crypto_glue/types.h"

typedef enum hf_hash_id {
    HF_HASH_NONE = 0,
    HF_HASH_MD5,
    HF_HASH_SHA1,
    HF_HASH_SHA224,
    HF_HASH_SHA256,
    HF_HASH_SHA384,
    HF_HASH_SHA512,
    HF_HASH_MD5_SHA1, /* MD5 || SHA-1, 36 bytes: transcripts and signatures of TLS 1.0 and 1.1 */
    HF_HASH_COUNT
} hf_hash_id;

/* Bytes of the longest digest, of the longest input block, and of libtomcrypt's largest state. */
#if HF_GLUE_SHA512
#define HF_HASH_SIZE_MAX  64
#define HF_HASH_BLOCK_MAX 128
#define HF_HASH_STATE_MAX 208
#else
#define HF_HASH_SIZE_MAX  (HF_GLUE_MD5 ? 36 : 32)
#define HF_HASH_BLOCK_MAX 64
#define HF_HASH_STATE_MAX (HF_GLUE_MD5 ? 192 : 112)
#endif

/* A running hash. May be copied by assignment: both copies go on independently. */
typedef struct hf_hash {
    uint64_t state[HF_HASH_STATE_MAX / 8]; /* its size is checked at compile time in hash.c */
    hf_hash_id id;
} hf_hash;

/* Bytes of the digest; 0 for HF_HASH_NONE and for what is not in the build. */
size_t hf_hash_size(hf_hash_id id);
size_t hf_hash_block_size(hf_hash_id id); /* input block bytes */

void hf_hash_init(hf_hash *hash, hf_hash_id id);
void hf_hash_update(hf_hash *hash, const uint8_t *data, size_t size); /* size 0 with NULL is fine */
/* Writes hf_hash_size(id) bytes, wipes the state, returns the number of bytes. */
size_t hf_hash_final(hf_hash *hash, uint8_t *out);

/* The digest of one span. */
size_t hf_hash_digest(hf_hash_id id, hf_span data, uint8_t *out);

#endif
