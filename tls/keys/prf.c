#include "tls/keys/keys.h"

#include "crypto_glue/constant_time.h"

#include <string.h>

/* The seed of the PRF in the pieces it is made of, so that nothing has to be put together. */
typedef struct prf_seed {
    hf_span label;
    const hf_span *seeds;
    size_t count;
} prf_seed;

static void update_seed(hf_hash *hash, const prf_seed *seed)
{
    hf_hash_update(hash, seed->label.data, seed->label.size);
    for (size_t i = 0; i < seed->count; i++)
        hf_hash_update(hash, seed->seeds[i].data, seed->seeds[i].size);
}

static void xor_into(uint8_t *out, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] ^= bytes[i];
}

/* P_hash of RFC 5246 5: HMAC(secret, A(i) + seed) for A(1), A(2), ..., xored into `out`. */
static void p_hash(hf_hash_id id, hf_span secret, const prf_seed *seed, uint8_t *out, size_t size)
{
    uint8_t a[HF_HASH_SIZE_MAX], block[HF_HASH_SIZE_MAX];
    hf_hmac_key key;
    hf_hash hash;
    hf_hmac_key_init(&key, id, secret.data, secret.size);
    hf_hmac_begin(&key, &hash);
    update_seed(&hash, seed);
    size_t digest_size = hf_hmac_end(&key, &hash, a); /* A(1) */
    while (size != 0) {
        hf_hmac_begin(&key, &hash);
        hf_hash_update(&hash, a, digest_size);
        update_seed(&hash, seed);
        (void)hf_hmac_end(&key, &hash, block);
        size_t used = size < digest_size ? size : digest_size;
        xor_into(out, block, used);
        out += used;
        size -= used;
        if (size != 0) {
            hf_hmac_begin(&key, &hash);
            hf_hash_update(&hash, a, digest_size);
            (void)hf_hmac_end(&key, &hash, a);
        }
    }
    hf_wipe(a, sizeof a);
    hf_wipe(block, sizeof block);
    hf_hmac_key_wipe(&key);
}

void hf_prf(hf_hash_id hash, hf_span secret, const char *label, hf_span seed1, hf_span seed2,
            uint8_t *out, size_t size)
{
    const hf_span seeds[] = {seed1, seed2};
    hf_prf_of(hash, secret, label, seeds, 2, out, size);
}

void hf_prf_of(hf_hash_id hash, hf_span secret, const char *label, const hf_span *seeds,
               size_t count, uint8_t *out, size_t size)
{
    const prf_seed seed = {{(const uint8_t *)label, strlen(label)}, seeds, count};
    memset(out, 0, size);
    if (!HF_WITH_TLS1_0 || hash != HF_HASH_MD5_SHA1) {
        p_hash(hash, secret, &seed, out, size);
        return;
    }
    /* RFC 2246 5: the halves of the secret share their middle byte if its length is odd. */
    size_t half = secret.size - secret.size / 2;
    p_hash(HF_HASH_MD5, (hf_span){secret.data, half}, &seed, out, size);
    p_hash(HF_HASH_SHA1, (hf_span){secret.data + secret.size - half, half}, &seed, out, size);
}
