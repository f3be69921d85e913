/* HMAC (RFC 2104). The key's two pad states are computed once and kept, so that each further
 * message costs no extra block; the PRF of TLS calls HMAC many times with one key. */
#ifndef HF_CRYPTO_GLUE_HMAC_H
#define HF_CRYPTO_GLUE_HMAC_H

#include "crypto_glue/hash.h"

typedef struct hf_hmac_key {
    hf_hash inner; /* after the block key ^ ipad */
    hf_hash outer; /* after the block key ^ opad */
} hf_hmac_key;

/* Any key length is allowed, 0 included. Any hash but HF_HASH_MD5_SHA1: TLS 1.0 and 1.1 combine
 * HMACs with MD5 and with SHA-1 (RFC 4346 5), there is none with the pair. */
void hf_hmac_key_init(hf_hmac_key *key, hf_hash_id id, const uint8_t *secret, size_t size);
void hf_hmac_key_wipe(hf_hmac_key *key);

/* One message: begin, hf_hash_update on the hash any number of times, end. */
void hf_hmac_begin(const hf_hmac_key *key, hf_hash *message);
/* Writes the digest of the key's hash, returns its size. */
size_t hf_hmac_end(const hf_hmac_key *key, hf_hash *message, uint8_t *out);

/* HMAC over prefix || data[0..secret_size) where secret_size is a secret between size_min and
 * size_max: time and memory accesses depend on the limits alone (the number of compressions is that
 * of size_max, and each byte up to size_max is read alike). data[0..size_max) must be readable,
 * prefix and data together below 2^32 bytes.
 * For MAC-then-encrypt records, whose padding length must not leak (RFC 5246 6.2.3.2, Lucky 13).
 * Supports MD5, SHA-1, SHA-256 and SHA-384 keys. Writes the digest, returns its size; with a key of
 * another hash writes nothing and returns 0. */
size_t hf_hmac_secret_size(const hf_hmac_key *key, hf_span prefix, const uint8_t *data,
                           size_t size_min, size_t size_max, size_t secret_size, uint8_t *out);

#endif
