#include "tls/keys/keys.h"

#include "crypto_glue/constant_time.h"

#include "tls/record/protection.h"
#include "tls/wire/codes.h"
#include "tls/wire/switches.h"

hf_hash_id hf_negotiated_hash(const hf_conn *c)
{
    return hf_is_before_tls1_2(c->version) ? HF_HASH_MD5_SHA1 : c->suite->prf_hash;
}

static hf_span master_secret(const hf_conn *c)
{
    return (hf_span){c->master_secret, sizeof c->master_secret};
}

/* The PRF over both randoms, or over the hash of the transcript so far. */
static HF_OWN_FRAME void expand_randoms(const hf_conn *c, hf_span secret, const char *label,
                                        hf_role first, uint8_t *out, size_t size)
{
    const hf_span client = {c->handshake->client_random, HF_RANDOM_SIZE};
    const hf_span server = {c->handshake->server_random, HF_RANDOM_SIZE};
    bool is_client_first = first == HF_CLIENT;
    hf_prf(hf_negotiated_hash(c), secret, label, is_client_first ? client : server,
           is_client_first ? server : client, out, size);
}

static void expand_transcript(const hf_conn *c, hf_span secret, const char *label, uint8_t *out,
                              size_t size)
{
    uint8_t digest[HF_HASH_SIZE_MAX];
    hf_hash_id hash = hf_negotiated_hash(c);
    size_t digest_size = hf_transcript_digest(&c->handshake->transcript, hash, digest);
    hf_prf(hash, secret, label, (hf_span){digest, digest_size}, (hf_span){NULL, 0}, out, size);
}

void hf_derive_master_secret(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    hf_span premaster = {h->premaster, h->premaster_size};
    if (c->extended_master_secret)
        expand_transcript(c, premaster, "extended master secret", c->master_secret,
                          sizeof c->master_secret);
    else
        expand_randoms(c, premaster, "master secret", HF_CLIENT, c->master_secret,
                       sizeof c->master_secret);
    hf_wipe(h->premaster, sizeof h->premaster);
    hf_wipe(h->exponent, sizeof h->exponent);
}

/* The key block is MAC keys, keys and IVs, each the client's before the server's (RFC 5246 6.3). */
void hf_derive_key_block(hf_conn *c)
{
    hf_key_sizes sizes = hf_key_sizes_of(c->suite, c->version);
    expand_randoms(c, master_secret(c), "key expansion", HF_SERVER, c->handshake->key_block,
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
    expand_transcript(c, master_secret(c),
                      sender == HF_CLIENT ? "client finished" : "server finished", verify_data,
                      HF_VERIFY_DATA_SIZE);
}
