/* PRF, master secret, key block and verify_data (RFC 5246 5, 6.3, 7.4.9, 8.1; RFC 7627 4). */
#include "tls/keys/keys.h"

#include "crypto_glue/init.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <string.h>

static hf_hash_id hash_of(const char *section)
{
    static const struct {
        const char *name;
        hf_hash_id id;
    } names[] = {{"SHA-224", HF_HASH_SHA224},
                 {"SHA-256", HF_HASH_SHA256},
                 {"SHA-384", HF_HASH_SHA384},
                 {"SHA-512", HF_HASH_SHA512}};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(strchr(section, '-') + 1, names[i].name) == 0)
            return names[i].id;
    cr_assert_fail("section %s", section);
    return HF_HASH_NONE;
}

/* The output at every shorter length is a prefix, and nothing is written behind it; the two seeds
 * are one, wherever they are divided. */
static void check_prf(vectors *v)
{
    uint8_t out[256];
    hf_hash_id hash = hash_of(vectors_section(v));
    hf_span secret = vectors_bytes(v, "secret"), seed = vectors_bytes(v, "seed");
    hf_span output = vectors_bytes(v, "output");
    const char *label = vectors_text(v, "label");
    for (size_t size = 0; size <= output.size; size++) {
        memset(out, 0xee, sizeof out);
        hf_prf(hash, secret, label, seed, (hf_span){NULL, 0}, out, size);
        cr_assert_eq(memcmp(out, output.data, size), 0, "%s, %zu bytes", vectors_where(v), size);
        cr_assert_eq(out[size], 0xee);
    }
    for (size_t cut = 0; cut <= seed.size; cut++) {
        hf_prf(hash, secret, label, (hf_span){seed.data, cut},
               (hf_span){seed.data + cut, seed.size - cut}, out, output.size);
        cr_assert_eq(memcmp(out, output.data, output.size), 0);
    }
}

static void check_extended(vectors *v)
{
    uint8_t out[256];
    hf_hash_id hash = hash_of(vectors_section(v));
    hf_span master = vectors_bytes(v, "master"), block = vectors_bytes(v, "key_block");
    hf_prf(hash, vectors_bytes(v, "premaster"), "extended master secret",
           vectors_bytes(v, "session_hash"), (hf_span){NULL, 0}, out, 48);
    cr_assert_eq(memcmp(out, master.data, 48), 0, "%s", vectors_where(v));
    hf_prf(hash, master, "key expansion", vectors_bytes(v, "server_random"),
           vectors_bytes(v, "client_random"), out, block.size);
    cr_assert_eq(memcmp(out, block.data, block.size), 0, "%s", vectors_where(v));
}

Test(keys, published)
{
    vectors v;
    size_t plain = 0, extended = 0;
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    vectors_open(&v, "tls12_prf.txt");
    while (vectors_next(&v)) {
        if (strncmp(vectors_section(&v), "PRF-", 4) == 0) {
            check_prf(&v);
            plain++;
        } else {
            check_extended(&v);
            extended++;
        }
    }
    cr_assert_eq(plain, 4);
    cr_assert_eq(extended, 4);
    vectors_close(&v);
}

/* ---------------------------------------------------------------- with a connection */

static const hf_config config;
static hf_conn c;
static hf_handshake shake;

static void begin(uint16_t suite)
{
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    memset(&c, 0, sizeof c);
    memset(&shake, 0, sizeof shake);
    c.handshake = &shake;
    c.config = &config;
    c.version = HF_TLS1_2;
    c.suite = hf_suite_of(suite);
    memset(shake.client_random, 0xc1, 32);
    memset(shake.server_random, 0x5e, 32);
    memset(shake.premaster, 0x33, sizeof shake.premaster);
    memset(shake.exponent, 0x44, sizeof shake.exponent);
    shake.premaster_size = 48;
    hf_transcript_begin(&shake.transcript, &config);
}

/* master_secret = PRF(pre_master_secret, "master secret", ClientHello.random +
 * ServerHello.random)[0..47], and the premaster secret is deleted (RFC 5246 8.1). */
Test(keys, master_secret)
{
    static const uint8_t zeroes[HF_PREMASTER_MAX];
    uint8_t premaster[48], seed[64], expected[48];
    begin(0xc02c);
    memcpy(premaster, shake.premaster, 48);
    memset(seed, 0xc1, 32);
    memset(seed + 32, 0x5e, 32);
    hf_prf(HF_HASH_SHA384, (hf_span){premaster, 48}, "master secret", (hf_span){seed, 64},
           (hf_span){NULL, 0}, expected, 48);
    hf_derive_master_secret(&c);
    cr_assert_eq(memcmp(c.master_secret, expected, 48), 0);
    cr_assert_eq(memcmp(shake.premaster, zeroes, sizeof shake.premaster), 0);
    cr_assert_eq(memcmp(shake.exponent, zeroes, sizeof shake.exponent), 0);
}

/* RFC 7627 4: over the session hash instead. */
Test(keys, extended_master_secret)
{
    uint8_t premaster[48], session_hash[32], expected[48];
    begin(0xc02b);
    c.extended_master_secret = true;
    memcpy(premaster, shake.premaster, 48);
    hf_transcript_keep(&shake.transcript, HF_HASH_SHA256);
    hf_transcript_update(&shake.transcript, HF_SPAN_LITERAL("all the messages"));
    (void)hf_hash_digest(HF_HASH_SHA256, HF_SPAN_LITERAL("all the messages"), session_hash);
    hf_prf(HF_HASH_SHA256, (hf_span){premaster, 48}, "extended master secret",
           (hf_span){session_hash, 32}, (hf_span){NULL, 0}, expected, 48);
    hf_derive_master_secret(&c);
    cr_assert_eq(memcmp(c.master_secret, expected, 48), 0);
}

/* The key block: client's key, server's key, client's IV, server's IV (RFC 5246 6.3), no MAC keys
 * for an AEAD; IVs of 4 bytes for GCM (RFC 5288 3) and of 12 for ChaCha20-Poly1305 (RFC 7905 2). */
Test(keys, key_block)
{
    static const struct {
        uint16_t suite;
        size_t key, iv;
    } kinds[] = {{0xc02b, 16, 4}, {0xc02c, 32, 4}, {0xcca9, 32, 12}, {0x009c, 16, 4}};
    for (size_t i = 0; i < 4; i++) {
        uint8_t expected[128], data[32], tag[16], nonce[12] = {0};
        size_t key = kinds[i].key, iv = kinds[i].iv;
        begin(kinds[i].suite);
        memset(c.master_secret, 0x77, 48);
        hf_prf(c.suite->prf_hash, (hf_span){c.master_secret, 48}, "key expansion",
               (hf_span){shake.server_random, 32}, (hf_span){shake.client_random, 32}, expected,
               2 * (key + iv));
        hf_derive_key_block(&c);
        cr_assert_eq(memcmp(shake.key_block, expected, 2 * (key + iv)), 0);
        for (int side = HF_CLIENT; side <= HF_SERVER; side++) {
            hf_protection protection;
            memset(&protection, 0xee, sizeof protection);
            cr_assert_eq(hf_activate_protection(&c, (hf_role)side, &protection), HF_OK);
            cr_assert_eq(protection.sequence, 0); /* RFC 5246 6.1 */
            size_t at = 2 * key + (side == HF_SERVER ? iv : 0);
            cr_assert_eq(memcmp(protection.iv, expected + at, iv), 0);
            for (size_t k = iv; k < 12; k++)
                cr_assert_eq(protection.iv[k], 0);
            /* The key itself shows in what it seals. */
            hf_aead_key own;
            uint8_t same[32], same_tag[16];
            memset(data, 1, sizeof data);
            memset(same, 1, sizeof same);
            cr_assert_eq(
                hf_aead_init(&own, protection.u.aead.id, expected + (side == HF_SERVER ? key : 0)),
                HF_CRYPTO_OK);
            cr_assert_eq(hf_aead_seal(&own, nonce, (hf_span){NULL, 0}, same, 32, same_tag),
                         HF_CRYPTO_OK);
            cr_assert_eq(hf_aead_seal(&protection.u.aead, nonce, (hf_span){NULL, 0}, data, 32, tag),
                         HF_CRYPTO_OK);
            cr_assert_eq(memcmp(data, same, 32), 0);
            cr_assert_eq(memcmp(tag, same_tag, 16), 0);
        }
    }
}

/* verify_data = PRF(master_secret, finished_label, Hash(handshake_messages))[0..11]. */
Test(keys, verify_data)
{
    static const char *const labels[] = {"client finished", "server finished"};
    uint8_t hash[48], expected[12], got[13];
    begin(0xc030);
    memset(c.master_secret, 0x11, 48);
    hf_transcript_update(&shake.transcript, HF_SPAN_LITERAL("first "));
    hf_transcript_keep(&shake.transcript, HF_HASH_SHA384);
    hf_transcript_update(&shake.transcript, HF_SPAN_LITERAL("second"));
    (void)hf_hash_digest(HF_HASH_SHA384, HF_SPAN_LITERAL("first second"), hash);
    for (int side = HF_CLIENT; side <= HF_SERVER; side++) {
        hf_prf(HF_HASH_SHA384, (hf_span){c.master_secret, 48}, labels[side], (hf_span){hash, 48},
               (hf_span){NULL, 0}, expected, 12);
        memset(got, 0xee, sizeof got);
        hf_compute_verify_data(&c, (hf_role)side, got);
        cr_assert_eq(memcmp(got, expected, 12), 0);
        cr_assert_eq(got[12], 0xee);
    }
}

/* Each hash of a suite is kept going until the suite is known; a digest leaves it going. */
Test(keys, transcript)
{
    static const hf_hash_id ids[] = {HF_HASH_SHA256, HF_HASH_SHA384};
    for (size_t i = 0; i < 2; i++) {
        hf_transcript t;
        uint8_t got[64], expected[64];
        cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
        hf_transcript_begin(&t, &config);
        hf_transcript_update(&t, HF_SPAN_LITERAL("one"));
        size_t size = hf_transcript_digest(&t, ids[1 - i], got);
        cr_assert_eq(size, hf_hash_size(ids[1 - i]));
        hf_transcript_keep(&t, ids[i]);
        hf_transcript_update(&t, HF_SPAN_LITERAL("two"));
        cr_assert_eq(hf_transcript_digest(&t, ids[i], got), hf_hash_size(ids[i]));
        (void)hf_hash_digest(ids[i], HF_SPAN_LITERAL("onetwo"), expected);
        cr_assert_eq(memcmp(got, expected, hf_hash_size(ids[i])), 0);
        cr_assert_eq(hf_transcript_digest(&t, ids[i], got), hf_hash_size(ids[i]));
        cr_assert_eq(memcmp(got, expected, hf_hash_size(ids[i])), 0);
    }
}
