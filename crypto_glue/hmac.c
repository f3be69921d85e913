#include "crypto_glue/hmac.h"

#include "crypto_glue/constant_time.h"

#include <string.h>

/* The bytes that RFC 2104 2 mixes into the key for the inner and the outer hash. */
#define INNER_PAD 0x36
#define OUTER_PAD 0x5c

static void start_with_pad(hf_hash *hash, hf_hash_id id, const uint8_t *block, uint8_t pad)
{
    uint8_t padded[HF_HASH_BLOCK_MAX];
    size_t size = hf_hash_block_size(id);

    for (size_t i = 0; i < size; i++) {
        padded[i] = block[i] ^ pad;
    }
    hf_hash_init(hash, id);
    hf_hash_update(hash, padded, size);
    hf_wipe(padded, sizeof padded);
}

void hf_hmac_key_init(hf_hmac_key *key, hf_hash_id id, const uint8_t *secret, size_t size)
{
    uint8_t block[HF_HASH_BLOCK_MAX] = {0};

    if (size > hf_hash_block_size(id)) {
        hf_hash_digest(id, (hf_span){secret, size}, block);
    } else if (size > 0) {
        memcpy(block, secret, size);
    }
    start_with_pad(&key->inner, id, block, INNER_PAD);
    start_with_pad(&key->outer, id, block, OUTER_PAD);
    hf_wipe(block, sizeof block);
}

void hf_hmac_key_wipe(hf_hmac_key *key)
{
    hf_wipe(key, sizeof *key);
}

void hf_hmac_begin(const hf_hmac_key *key, hf_hash *message)
{
    *message = key->inner;
}

size_t hf_hmac_end(const hf_hmac_key *key, hf_hash *message, uint8_t *out)
{
    uint8_t digest[HF_HASH_SIZE_MAX];
    size_t size = hf_hash_final(message, digest);

    *message = key->outer;
    hf_hash_update(message, digest, size);
    hf_wipe(digest, sizeof digest);
    return hf_hash_final(message, out);
}
