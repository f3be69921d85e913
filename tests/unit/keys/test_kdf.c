/* NIST's vectors of the key derivation in every version: through the PRF, and through a connection
 * as the handshake does it. */
#include "tls/keys/keys.h"

#include "crypto_glue/init.h"
#include "tests/support/vectors.h"
#include "tls/record/protection.h"

#include <criterion/criterion.h>
#include <string.h>

static hf_hash_id hash_of(const char *section)
{
    static const struct {
        const char *name;
        hf_hash_id id;
    } names[] = {{"MD5-SHA-1", HF_HASH_MD5_SHA1},
                 {"SHA-256", HF_HASH_SHA256},
                 {"SHA-384", HF_HASH_SHA384},
                 {"SHA-512", HF_HASH_SHA512}};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(section, names[i].name) == 0)
            return names[i].id;
    cr_assert_fail("section %s", section);
    return HF_HASH_NONE;
}

static void check_prf(vectors *v, hf_hash_id hash)
{
    uint8_t out[256];
    hf_span master = vectors_bytes(v, "master"), block = vectors_bytes(v, "key_block");
    hf_prf(hash, vectors_bytes(v, "premaster"), "master secret",
           vectors_bytes(v, "client_hello_random"), vectors_bytes(v, "server_hello_random"), out,
           master.size);
    cr_assert_eq(memcmp(out, master.data, master.size), 0, "%s", vectors_where(v));
    hf_prf(hash, master, "key expansion", vectors_bytes(v, "server_random"),
           vectors_bytes(v, "client_random"), out, block.size);
    cr_assert_eq(memcmp(out, block.data, block.size), 0, "%s", vectors_where(v));
}

static void take_random(vectors *v, const char *name, uint8_t out[32])
{
    hf_span bytes = vectors_bytes(v, name);
    cr_assert_eq(bytes.size, 32);
    memcpy(out, bytes.data, 32);
}

/* The hash goes with the version, and from TLS 1.2 on with the suite (RFC 5246 5); before it the
 * suite makes no difference. No suite has a PRF with SHA-512. */
static void check_connection(vectors *v, hf_hash_id hash, uint16_t version, uint16_t suite)
{
    static const hf_config config;
    static hf_conn c;
    static hf_handshake h;
    hf_span premaster = vectors_bytes(v, "premaster"), block = vectors_bytes(v, "key_block");
    memset(&c, 0, sizeof c);
    memset(&h, 0, sizeof h);
    c.config = &config;
    c.handshake = &h;
    c.version = version;
    c.suite = hf_suite_of(suite);
    cr_assert_eq(hf_negotiated_hash(&c), hash);
    memcpy(h.premaster, premaster.data, premaster.size);
    h.premaster_size = (uint16_t)premaster.size;
    take_random(v, "client_hello_random", h.client_random);
    take_random(v, "server_hello_random", h.server_random);
    hf_derive_master_secret(&c);
    cr_assert_eq(memcmp(c.master_secret, vectors_bytes(v, "master").data, 48), 0);
    take_random(v, "client_random", h.client_random);
    take_random(v, "server_random", h.server_random);
    hf_derive_key_block(&c);
    hf_key_sizes sizes = hf_key_sizes_of(c.suite, version);
    size_t used = 2 * ((size_t)sizes.mac_key + sizes.key + sizes.iv);
    cr_assert_eq(memcmp(h.key_block, block.data, used < block.size ? used : block.size), 0);
}

Test(kdf, published)
{
    vectors v;
    size_t count = 0;
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    vectors_open(&v, "tls_kdf.txt");
    for (; vectors_next(&v); count++) {
        hf_hash_id hash = hash_of(vectors_section(&v));
        check_prf(&v, hash);
        if (hash == HF_HASH_MD5_SHA1) {
            check_connection(&v, hash, HF_TLS1_0, 0x0005);
            check_connection(&v, hash, HF_TLS1_1, 0x0005);
            check_connection(&v, hash, HF_TLS1_1, 0x002f);
        } else if (hash != HF_HASH_SHA512) {
            check_connection(&v, hash, HF_TLS1_2, hash == HF_HASH_SHA256 ? 0x003d : 0xc028);
        }
    }
    cr_assert_eq(count, 5);
    vectors_close(&v);
}

/* RFC 5246 6.3 and appendix C, RFC 2246 6.3: bytes of the key block for each side. */
Test(kdf, key_sizes)
{
    static const struct {
        uint16_t suite;
        uint8_t mac_key, key, iv_1_0, iv_1_1;
    } rows[] = {
        {0x0001, 16, 0, 0, 0},   {0x0002, 20, 0, 0, 0},  {0x0004, 16, 16, 0, 0},
        {0x0005, 20, 16, 0, 0},  {0x000a, 20, 24, 8, 0}, {0x002f, 20, 16, 16, 0},
        {0x0035, 20, 32, 16, 0}, {0x003b, 32, 0, 0, 0},  {0x003c, 32, 16, 0, 0},
        {0x003d, 32, 32, 0, 0},  {0xc024, 48, 32, 0, 0}, {0xc02b, 0, 16, 4, 4},
        {0xc02c, 0, 32, 4, 4},   {0xc0ac, 0, 16, 4, 4},  {0xc0af, 0, 32, 4, 4},
        {0xcca9, 0, 32, 12, 12}, {0xc03b, 48, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const hf_suite *suite = hf_suite_of(rows[i].suite);
        for (uint16_t version = suite->version_min; version <= HF_TLS1_2; version++) {
            hf_key_sizes sizes = hf_key_sizes_of(suite, version);
            cr_assert_eq(sizes.mac_key, rows[i].mac_key, "%s", suite->name);
            cr_assert_eq(sizes.key, rows[i].key, "%s", suite->name);
            cr_assert_eq(sizes.iv, version == HF_TLS1_0 ? rows[i].iv_1_0 : rows[i].iv_1_1, "%s",
                         suite->name);
        }
    }
}
