/* What servers sign with in each version (RFC 5246 7.4.1.4.1, 7.4.3; RFC 4346 7.4.3; RFC 8422 5.4),
 * and extensions that servers answer wrongly (RFC 7366 3, RFC 5246 7.4.1.4). */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "crypto_glue/dsa.h"
#include "crypto_glue/ec.h"
#include "crypto_glue/hash.h"
#include "crypto_glue/rsa.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;
static relay line;
static uint16_t suites[2];

static void prepare(const char *keys, uint16_t suite, uint16_t version)
{
    pair_prepare(&p, keys);
    suites[0] = suite;
    p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
    p.client.config.suites = p.server.config.suites = (hf_code_list){suites, 1};
    p.client.config.version_min = p.client.config.version_max = version;
}

/* ---------------------------------------------------------------- what is signed */

static uint8_t randoms[64], exchange_bytes[2000];
static size_t exchange_size;

static bool note(relay *r, relayed *part)
{
    (void)r;
    if (part->type == HF_CLIENT_HELLO)
        memcpy(randoms, part->bytes + 6, 32);
    if (part->type == HF_SERVER_HELLO)
        memcpy(randoms + 32, part->bytes + 6, 32);
    if (part->type == HF_SERVER_KEY_EXCHANGE) {
        memcpy(exchange_bytes, part->bytes, part->size);
        exchange_size = part->size;
    }
    return true;
}

/* Bytes of the parameters, which the signature follows. */
static size_t parameters_size(uint16_t suite)
{
    const uint8_t *bytes = exchange_bytes + 4;
    size_t at = 0;
    if (hf_suite_of(suite)->key_exchange == HF_KX_ECDHE)
        return 4 + (size_t)bytes[3];
    for (int i = 0; i < 3; i++)
        at += 2 + ((size_t)bytes[at] << 8 | bytes[at + 1]);
    return at;
}

static size_t digest(hf_hash_id id, size_t parameters, uint8_t *out)
{
    hf_hash hash;
    hf_hash_init(&hash, id);
    hf_hash_update(&hash, randoms, 64);
    hf_hash_update(&hash, exchange_bytes + 4, parameters);
    return hf_hash_final(&hash, out);
}

static hf_crypto_result verify(const char *leaf, hf_hash_id id, hf_span hashed, hf_span signature)
{
    hf_certificate certificate;
    cr_assert_eq(hf_certificate_read(&certificate, pki_file(leaf)), HF_OK);
    const hf_public_key *key = &certificate.public_key;
    if (key->type == HF_KEY_EC)
        return hf_ecdsa_verify(key->u.ec.curve, key->u.ec.point, hashed, signature);
    if (key->type == HF_KEY_DSA)
        return hf_dsa_verify(&key->u.dsa, hashed, signature);
    return hf_rsa_pkcs1_verify(&key->u.rsa, id, hashed, signature);
}

/* Before TLS 1.2: RSA signs MD5 and SHA-1 one after the other, DSA and ECDSA sign SHA-1, and
 * nothing says so. */
Test(schemes, before_tls1_2)
{
    static const struct {
        const char *keys, *leaf;
        uint16_t suite;
    } rows[] = {
        {"rsa2048", "server-rsa2048.der", 0xc013}, {"rsa2048", "server-rsa2048.der", 0x0033},
        {"p256", "server-p256.der", 0xc009},       {"p521", "server-p521.der", 0xc009},
        {"dsa2048", "server-dsa2048.der", 0x0032}, {"dsa1024", "server-dsa1024.der", 0x0032}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_1; version++) {
            uint8_t both[36];
            bool is_rsa = rows[i].keys[0] == 'r';
            prepare(rows[i].keys, rows[i].suite, version);
            relay_connect(&line, &p, note, NULL);
            expect_established(&p);
            size_t parameters = parameters_size(rows[i].suite);
            (void)digest(HF_HASH_MD5, parameters, both);
            (void)digest(HF_HASH_SHA1, parameters, both + 16);
            const uint8_t *end = exchange_bytes + 4 + parameters;
            hf_span signature = {end + 2, (size_t)end[0] << 8 | end[1]};
            cr_assert_eq(4 + parameters + 2 + signature.size, exchange_size);
            cr_assert_eq(verify(rows[i].leaf, HF_HASH_MD5_SHA1,
                                is_rsa ? (hf_span){both, 36} : (hf_span){both + 16, 20}, signature),
                         HF_CRYPTO_OK, "row %zu", i);
        }
}

/* A hello of TLS 1.2 without signature_algorithms stands for SHA-1 (RFC 5246 7.4.1.4.1), which only
 * the legacy policy has. */
static bool remove_schemes(relay *r, relayed *part)
{
    if (part->type == HF_CLIENT_HELLO)
        cr_assert(hello_remove_extension(part, 13));
    return note(r, part);
}

Test(schemes, not_named)
{
    static const struct {
        const char *keys, *leaf;
        uint16_t suite, scheme;
    } rows[] = {{"rsa2048", "server-rsa2048.der", 0xc02f, 0x0201},
                {"p256", "server-p256.der", 0xc02b, 0x0203},
                {"dsa2048", "server-dsa2048.der", 0x00a2, 0x0202}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare(rows[i].keys, rows[i].suite, HF_TLS1_2);
        relay_connect(&line, &p, remove_schemes, NULL);
        const uint8_t *end = exchange_bytes + 4 + parameters_size(rows[i].suite);
        cr_assert_eq(end[0] << 8 | end[1], rows[i].scheme);
        prepare(rows[i].keys, rows[i].suite, HF_TLS1_2);
        p.server.config.policy = &hf_policy_compatible;
        relay_connect(&line, &p, remove_schemes, NULL);
        expect_refusal(&p, HF_SERVER, HF_ERROR_NO_COMMON_SCHEME, 40);
    }
}

/* In TLS 1.2 the client holds the server to its list and to the key of its certificate. */
static bool edit_scheme(relay *r, relayed *part)
{
    if (part->type == HF_SERVER_KEY_EXCHANGE) {
        (void)note(r, part);
        uint8_t *end = part->bytes + 4 + parameters_size(suites[0]);
        end[0] = (uint8_t)(*(uint16_t *)r->context >> 8);
        end[1] = (uint8_t) * (uint16_t *)r->context;
    }
    return true;
}

Test(schemes, not_offered)
{
    static const uint16_t rsa[] = {0x0101, 0x0201, 0x0403, 0x0402, 0x0807, 0x0000, 0xffff, 0x0301},
                          ec[] = {0x0103, 0x0203, 0x0401, 0x0804, 0x0402, 0x0303, 0x0807, 0x0003};
    for (size_t i = 0; i < 8; i++) {
        uint16_t scheme = rsa[i];
        prepare("rsa2048", 0xc02f, HF_TLS1_2);
        p.client.config.policy = &hf_policy_compatible;
        relay_connect(&line, &p, edit_scheme, &scheme);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_SCHEME_NOT_OFFERED, 47);
        scheme = ec[i];
        prepare("p256", 0xc02b, HF_TLS1_2);
        p.client.config.policy = &hf_policy_compatible;
        relay_connect(&line, &p, edit_scheme, &scheme);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_SCHEME_NOT_OFFERED, 47);
    }
    /* One that was offered, but is not what was signed. */
    uint16_t scheme = 0x0501;
    prepare("rsa2048", 0xc02f, HF_TLS1_2);
    relay_connect(&line, &p, edit_scheme, &scheme);
    expect_refusal(&p, HF_CLIENT, HF_ERROR_SIGNATURE_WRONG, 51);
}

/* ---------------------------------------------------------------- answers nobody may give */

static bool answer(relay *r, relayed *part)
{
    if (part->type == HF_SERVER_HELLO)
        hello_add_extension(part, *(uint16_t *)r->context, NULL, 0);
    return true;
}

/* RFC 7366 3: encrypt_then_mac "MUST NOT" be answered for a stream or AEAD suite. */
Test(schemes, encrypt_then_mac_without_cbc)
{
    static const uint16_t others[] = {0xc02b, 0xcca9, 0xc0ac, 0xc007, 0xc006};
    uint16_t code = 22;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        prepare("p256", others[i], HF_TLS1_2);
        suites[1] = 0xc009; /* so that it is offered */
        p.client.config.suites = (hf_code_list){suites, 2};
        relay_connect(&line, &p, answer, &code);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_ENCRYPT_THEN_MAC_WRONG, 47);
        /* Without any CBC suite it was not offered. */
        prepare("p256", others[i], HF_TLS1_2);
        relay_connect(&line, &p, answer, &code);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_EXTENSION_NOT_OFFERED, 110);
    }
}

Test(schemes, answers_not_asked_for)
{
    static const uint16_t codes[] = {4, 22, 16, 1, 5, 35, 13, 0x0a0a};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        uint16_t code = codes[i];
        prepare("p256", 0xc009, HF_TLS1_2);
        p.client.config.without_encrypt_then_mac = true;
        relay_connect(&line, &p, answer, &code);
        cr_assert_neq(endpoint_reason(&p.client), HF_OK, "extension %u", code);
        cr_assert_eq(hf_conn_failure(&p.client.conn)->alert, 110, "extension %u", code);
    }
}

/* Both are empty (RFC 7366 2, RFC 6066 7). */
typedef struct lengthening {
    uint8_t hello;
    uint16_t code;
} lengthening;

static bool lengthen(relay *r, relayed *part)
{
    const lengthening *what = r->context;
    if (part->type == what->hello) {
        cr_assert(hello_remove_extension(part, what->code));
        hello_add_extension(part, what->code, "\0", 1);
    }
    return true;
}

Test(schemes, not_empty)
{
    static const uint16_t codes[] = {4, 22, 23};
    for (size_t i = 0; i < 3; i++)
        for (int hello = HF_CLIENT_HELLO; hello <= HF_SERVER_HELLO; hello++) {
            lengthening what = {(uint8_t)hello, codes[i]};
            prepare("p256", 0xc009, HF_TLS1_2);
            p.client.config.truncated_hmac = p.server.config.truncated_hmac = true;
            relay_connect(&line, &p, lengthen, &what);
            expect_refusal(&p, hello == HF_CLIENT_HELLO ? HF_SERVER : HF_CLIENT,
                           HF_ERROR_EXTENSION_SYNTAX, 50);
        }
}
