#include "tls/keys/keys.h"

#include "crypto_glue/constant_time.h"

#include "tls/record/protection.h"
#include "tls/wire/codes.h"
#include "tls/wire/switches.h"

hf_hash_id hf_negotiated_hash(const hf_conn *c)
{
    return hf_is_before_tls1_2(c->version) ? HF_HASH_MD5_SHA1 : c->suite->prf_hash;
}

static hf_span randoms(const uint8_t random[32])
{
    return (hf_span){random, HF_RANDOM_SIZE};
}

void hf_derive_master_secret(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    hf_span premaster = {h->premaster, h->premaster_size};
    hf_hash_id hash = hf_negotiated_hash(c);
    if (c->extended_master_secret) {
        uint8_t session_hash[HF_HASH_SIZE_MAX];
        size_t size = hf_transcript_digest(&h->transcript, hash, session_hash);
        hf_prf(hash, premaster, "extended master secret", (hf_span){session_hash, size},
               (hf_span){NULL, 0}, c->master_secret, sizeof c->master_secret);
    } else {
        hf_prf(hash, premaster, "master secret", randoms(h->client_random),
               randoms(h->server_random), c->master_secret, sizeof c->master_secret);
    }
    hf_wipe(h->premaster, sizeof h->premaster);
    hf_wipe(h->exponent, sizeof h->exponent);
}

/* The key block is MAC keys, keys and IVs, each the client's before the server's (RFC 5246 6.3). */
void hf_derive_key_block(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    hf_key_sizes sizes = hf_key_sizes_of(c->suite, c->version);
    hf_prf(hf_negotiated_hash(c), (hf_span){c->master_secret, sizeof c->master_secret},
           "key expansion", randoms(h->server_random), randoms(h->client_random), h->key_block,
           2 * ((size_t)sizes.mac_key + sizes.key + sizes.iv));
}

hf_error hf_activate_protection(hf_conn *c, hf_role sender, hf_protection *protection)
{
    hf_key_sizes sizes = hf_key_sizes_of(c->suite, c->version);
    size_t side = sender == HF_SERVER ? 1 : 0;
    const uint8_t *mac_keys = c->handshake->key_block;
    const uint8_t *keys = mac_keys + 2 * (size_t)sizes.mac_key;
    const uint8_t *ivs = keys + 2 * (size_t)sizes.key;
    const hf_protection_settings settings = {
        .suite = c->suite,
        .version = c->version,
        .encrypt_then_mac = c->encrypt_then_mac,
        .truncated_hmac = c->truncated_hmac,
        .random = &c->config->random,
        .mac_key = mac_keys + side * sizes.mac_key,
        .key = keys + side * sizes.key,
        .iv = ivs + side * sizes.iv,
    };
    return hf_protection_init(protection, &settings);
}

void hf_compute_verify_data(const hf_conn *c, hf_role sender, uint8_t *verify_data)
{
    uint8_t digest[HF_HASH_SIZE_MAX];
    hf_hash_id hash = hf_negotiated_hash(c);
    size_t size = hf_transcript_digest(&c->handshake->transcript, hash, digest);
    hf_prf(hash, (hf_span){c->master_secret, sizeof c->master_secret},
           sender == HF_CLIENT ? "client finished" : "server finished", (hf_span){digest, size},
           (hf_span){NULL, 0}, verify_data, HF_VERIFY_DATA_SIZE);
}
