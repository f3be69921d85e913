#include "tests/timing/borders.h"
#include "tests/timing/keys.h"
#include "tests/timing/plain_cipher.h"
#include "tests/timing/timing.h"

#include "crypto_glue/constant_time.h"
#include "crypto_glue/dh.h"
#include "crypto_glue/ec.h"
#include "crypto_glue/rsa.h"

#include "tls/handshake/key_exchange.h"
#include "tls/keys/keys.h"
#include "tls/session/sessions.h"

#include <string.h>

static uint64_t state = 0x1234567;
static const hf_random secret_source = {timing_secret_random, &state};

static void require_ok(hf_crypto_result result, const char *what)
{
    timing_require(result == HF_CRYPTO_OK, what);
}

/* ---------------------------------------------------------------- agreements */

static void agree_on_curve(hf_curve curve)
{
    uint8_t scalars[2][HF_EC_SCALAR_MAX], points[2][HF_EC_POINT_MAX], secrets[2][HF_EC_SCALAR_MAX];
    size_t size = hf_ec_field_size(curve);

    for (size_t i = 0; i < 2; i++) {
        require_ok(hf_ec_generate(curve, &secret_source, scalars[i], points[i]), "no EC key");
        timing_require(timing_is_secret(scalars[i], size), "the scalar is public");
    }
    for (size_t i = 0; i < 2; i++) {
        hf_span peer = {points[1 - i], hf_ec_point_size(curve)};
        require_ok(hf_ec_shared_secret(curve, scalars[i], peer, secrets[i]), "no EC secret");
    }
    timing_require(timing_is_secret(secrets[0], size), "the secret is public");
    timing_require(hf_constant_time_equal(secrets[0], secrets[1], size), "two EC secrets");
}

static void check_ecdhe(void)
{
    agree_on_curve(HF_CURVE_P256);
    agree_on_curve(HF_CURVE_P384);
    agree_on_curve(HF_CURVE_P521);
}

static void check_dhe(void)
{
    const hf_dh_group *group = hf_dh_named_group(HF_GROUP_FFDHE2048);
    static uint8_t exponents[2][HF_DH_EXPONENT_SIZE], values[2][HF_DH_SIZE_MAX];
    static uint8_t secrets[2][HF_DH_SIZE_MAX];
    size_t sizes[2];

    for (size_t i = 0; i < 2; i++) {
        require_ok(hf_dh_generate(group, &secret_source, exponents[i], values[i]), "no DH key");
        timing_require(timing_is_secret(exponents[i] + 1, HF_DH_EXPONENT_SIZE - 1),
                       "the exponent is public");
        timing_public(values[i], group->prime.size); /* it is sent */
    }
    for (size_t i = 0; i < 2; i++) {
        hf_span peer = {values[1 - i], group->prime.size};
        require_ok(hf_dh_shared_secret(group, exponents[i], peer, secrets[i], &sizes[i]),
                   "no DH secret");
    }
    timing_require(sizes[0] == sizes[1] && timing_is_secret(secrets[0], sizes[0]),
                   "the secret is public");
    timing_require(hf_constant_time_equal(secrets[0], secrets[1], sizes[0]), "two DH secrets");
}

/* ---------------------------------------------------------------- RSA transport */

static void check_rsa_transport(void)
{
    const hf_private_key *key = &timing_key_of("server-rsa2048")->key;
    static const hf_random source = {timing_handshake_random, &state};
    uint8_t sent[HF_PREMASTER_SIZE] = {3, 3, 7}, got[HF_PREMASTER_SIZE], ciphertext[256];
    size_t size = 0;

    timing_secret(sent, sizeof sent);
    require_ok(hf_rsa_encrypt_premaster(&key->u.rsa.public_key, &source, sent, ciphertext,
                                        sizeof ciphertext, &size),
               "encryption fails");
    for (int damaged = 0; damaged < 2; damaged++) {
        ciphertext[200] ^= (uint8_t)damaged;
        require_ok(hf_rsa_decrypt_premaster(&key->u.rsa, &secret_source, 0x0303,
                                            (hf_span){ciphertext, size}, got),
                   "decryption fails");
        timing_require(timing_is_secret(got, sizeof got), "the premaster secret is public");
        timing_require(hf_constant_time_equal(sent, got, sizeof got) == (damaged == 0),
                       "wrong premaster secret");
    }
}

/* ---------------------------------------------------------------- signatures */

static const hf_span digest = {(const uint8_t *)"a digest of thirty-two bytes....", 32};

static void check_ecdsa(void)
{
    const hf_private_key *key = &timing_key_of("server-p256")->key;
    uint8_t signature[HF_ECDSA_SIGNATURE_MAX], point[HF_EC_POINT_MAX];
    size_t size = 0;

    require_ok(hf_ecdsa_sign(HF_CURVE_P256, key->u.ec.scalar.data, &secret_source, digest,
                             signature, &size),
               "ECDSA fails");
    require_ok(hf_ec_public(HF_CURVE_P256, key->u.ec.scalar.data, point), "no public key");
    require_ok(
        hf_ecdsa_verify(HF_CURVE_P256, (hf_span){point, 65}, digest, (hf_span){signature, size}),
        "wrong ECDSA signature");
}

static void check_dsa(void)
{
    const hf_private_key *key = &timing_key_of("server-dsa2048")->key;
    uint8_t signature[HF_DSA_SIGNATURE_MAX], value[HF_DSA_SIZE_MAX];
    size_t size = 0;

    require_ok(hf_dsa_sign(&key->u.dsa, &secret_source, digest, signature, sizeof signature, &size),
               "DSA fails");
    require_ok(hf_dsa_public_value(&key->u.dsa, value), "no public value");
    hf_dsa_public public_key = key->u.dsa.public_key;
    public_key.value = (hf_span){value, public_key.prime.size};
    require_ok(hf_dsa_verify(&public_key, digest, (hf_span){signature, size}),
               "wrong DSA signature");
}

static void check_rsa_signatures(void)
{
    const hf_rsa_private *key = &timing_key_of("server-rsa2048")->key.u.rsa;
    uint8_t signature[256];
    size_t size = 0;

    require_ok(hf_rsa_pkcs1_sign(key, &secret_source, HF_HASH_SHA256, digest, signature,
                                 sizeof signature, &size),
               "PKCS #1 fails");
    timing_public(signature, size);
    require_ok(
        hf_rsa_pkcs1_verify(&key->public_key, HF_HASH_SHA256, digest, (hf_span){signature, size}),
        "wrong PKCS #1 signature");
    require_ok(hf_rsa_pss_sign(key, &secret_source, HF_HASH_SHA256, digest, signature,
                               sizeof signature, &size),
               "PSS fails");
    timing_public(signature, size);
    require_ok(
        hf_rsa_pss_verify(&key->public_key, HF_HASH_SHA256, digest, (hf_span){signature, size}),
        "wrong PSS signature");
}

/* ---------------------------------------------------------------- PRF, premaster secrets */

/* Secrets of any length, also above a block of the hash, and odd ones, which TLS 1.0 splits
 * (RFC 2246 5). */
static void prf(hf_hash_id hash, size_t secret_size)
{
    uint8_t secret[300], out[100];

    memset(secret, 0x61, sizeof secret);
    timing_secret(secret, sizeof secret);
    hf_prf(hash, (hf_span){secret, secret_size}, "label", digest, (hf_span){NULL, 0}, out,
           sizeof out);
    timing_require(timing_is_secret(out, sizeof out), "what comes out is public");
}

static void check_prf(void)
{
    static const size_t sizes[] = {1, 47, 48, 64, 65, 128, 129, 256};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        prf(HF_HASH_SHA256, sizes[i]);
        prf(HF_HASH_SHA384, sizes[i]);
        prf(HF_HASH_MD5_SHA1, sizes[i]);
    }
}

/* RFC 4279 2: the PSK and what else there is, each with its length, which is public. */
static void check_psk_premaster(void)
{
    static const uint16_t suites[] = {0x008c, 0x0090, 0xc035, 0x0094};
    static hf_conn c;
    static hf_handshake h;
    uint8_t key[30] = {5};
    const hf_psk psk = {.key = {key, sizeof key}};

    timing_secret(key, sizeof key);
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        memset(&c, 0, sizeof c);
        memset(&h, 0, sizeof h);
        c.handshake = &h;
        c.suite = hf_suite_of(suites[i]);
        h.psk = &psk;
        timing_secret(hf_other_secret(&c), 48);
        hf_finish_premaster(&c, 48);
        size_t other = i == 0 ? sizeof key : 48;
        timing_require(h.premaster_size == 2 + other + 2 + sizeof key, "wrong length");
        timing_require(timing_is_secret(h.premaster + 2 + other + 2, sizeof key), "public PSK");
    }
}

/* ---------------------------------------------------------------- tickets */

static void check_ticket(void)
{
    static const hf_random source = {timing_handshake_random, &state};
    hf_ticket_key key = {"a name of a key", "and the secret that goes with it"};
    const hf_ticket_keys keys = {&key, 1, 0};
    hf_session_state sealed = {.version = HF_TLS1_2, .suite = 0xc02b}, opened;
    uint8_t ticket[HF_TICKET_SIZE];
    bool is_stale = false;

    timing_secret(sealed.master_secret, sizeof sealed.master_secret);
    timing_secret(key.secret, sizeof key.secret);
    timing_require(hf_ticket_seal(&key, &source, &sealed, ticket) == HF_OK, "no ticket");
    timing_public(ticket, sizeof ticket); /* it is sent */
    for (int damaged = 0; damaged < 2; damaged++) {
        ticket[100] ^= (uint8_t)damaged;
        bool is_good = hf_ticket_open(&keys, (hf_span){ticket, sizeof ticket}, &opened, &is_stale);
        timing_require(is_good == (damaged == 0), "a wrong verdict on a ticket");
        timing_require(damaged != 0 ||
                           timing_is_secret(opened.master_secret, sizeof opened.master_secret),
                       "the master secret is public");
    }
}

/* ---------------------------------------------------------------- wiping */

static void check_wipe(void)
{
    uint8_t secret[100] = {1};

    timing_secret(secret, sizeof secret);
    hf_wipe(secret, sizeof secret);
    hf_wipe_stack();
    timing_require(secret[0] == 0 && secret[99] == 0, "not wiped");
}

const timing_check timing_exchange_checks[] = {
    {"ECDHE outside the big numbers", check_ecdhe, false},
    {"DHE outside the big numbers", check_dhe, false},
    {"RSA transport outside the big numbers", check_rsa_transport, false},
    {"ECDSA outside the big numbers", check_ecdsa, false},
    {"DSA outside the big numbers", check_dsa, false},
    {"RSA signatures outside the big numbers", check_rsa_signatures, false},
    {"PRF", check_prf, false},
    {"premaster secret with a PSK", check_psk_premaster, false},
    {"tickets", check_ticket, false},
    {"wiping", check_wipe, false},
    {NULL, NULL, false},
};
