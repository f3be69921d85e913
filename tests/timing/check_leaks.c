#include "crypto_glue/ec.h"
#include "crypto_glue/hmac.h"
#include "crypto_glue/rsa.h"
#include "tests/timing/borders.h"
#include "tests/timing/keys.h"
#include "tests/timing/timing.h"

#include "tls/keys/keys.h"
#include "tls/session/sessions.h"

#include <string.h>
#include <tomcrypt.h>

/* Stops at the first difference, as memcmp does. */
static void compare_that_stops(void)
{
    uint8_t a[16] = {1, 2, 3}, b[16] = {1, 2, 4};
    size_t same = 0;

    timing_secret(a, sizeof a);
    while (same < sizeof a && a[same] == b[same]) {
        same++;
    }
    timing_require(same == 2, "wrong place");
}

/* Searches the separator, and says where it stopped by the time that it takes. */
static void unpadding_that_searches(void)
{
    uint8_t encoded[128];
    size_t at = 2;

    memset(encoded, 0xa7, sizeof encoded);
    encoded[sizeof encoded - HF_PREMASTER_SIZE - 1] = 0;
    timing_secret(encoded, sizeof encoded);
    while (at < sizeof encoded && encoded[at] != 0) {
        at++;
    }
    timing_require(sizeof encoded - at - 1 == HF_PREMASTER_SIZE, "wrong place");
}

/* Takes the padding off a CBC record and says by the time how long it was (Lucky 13). */
static void padding_that_is_cut_off(void)
{
    uint8_t data[64];
    size_t wrong = 0;

    memset(data, 20, sizeof data);
    timing_secret(data, sizeof data);
    for (size_t i = 0; i <= data[sizeof data - 1]; i++) {
        wrong |= data[sizeof data - 1 - i] ^ data[sizeof data - 1];
    }
    timing_public(&wrong, sizeof wrong);
    timing_require(wrong == 0, "wrong padding");
}

/* Takes as many blocks as the message has: what hf_hmac_secret_size is there to avoid. */
static void hmac_of_only_the_message(void)
{
    static const uint8_t data[400] = {1};
    uint8_t out[HF_HASH_SIZE_MAX];
    size_t size = 200;
    hf_hmac_key key;
    hf_hash message;

    hf_hmac_key_init(&key, HF_HASH_SHA1, data, 20);
    timing_secret(&size, sizeof size);
    hf_hmac_begin(&key, &message);
    hf_hash_update(&message, data, size);
    timing_require(hf_hmac_end(&key, &message, out) == 20, "wrong size");
}

/* An access decided by a secret, without any branch. */
static void table_of_secrets(void)
{
    static const uint8_t table[256] = {[0x42] = 7};
    uint8_t index = 0x42, found;

    timing_secret(&index, sizeof index);
    found = table[index];
    timing_public(&found, sizeof found);
    timing_require(found == 7, "wrong entry");
}

/* A few hundred signatures whose nonces are known to start with a zero give the key away. */
static void nonce_that_is_looked_at(void)
{
    static uint64_t state = 0x51;
    static const hf_random source = {timing_secret_random, &state};
    uint8_t nonce[32], point[HF_EC_POINT_MAX];
    size_t zeros = 0;

    timing_require(hf_ec_generate(HF_CURVE_P256, &source, nonce, point) == HF_CRYPTO_OK,
                   "no EC key");
    while (zeros < sizeof nonce && nonce[zeros] == 0) {
        zeros++;
    }
    timing_require(zeros < sizeof nonce, "a nonce of zero");
}

/* Bit by bit, with a multiplication where the bit is set. */
static void exponent_that_decides(void)
{
    const hf_rsa_private *key = &timing_key_of("server-rsa2048")->key.u.rsa;
    unsigned multiplications = 0;

    for (size_t i = 0; i < 8; i++) {
        if ((key->private_exponent.data[0] >> i & 1) != 0) {
            multiplications++;
        }
    }
    timing_public(&multiplications, sizeof multiplications);
    timing_require(multiplications <= 8, "more bits than there are");
}

/* The zeros in front of an ECDHE secret stay, so that nothing depends on them (RFC 8422 5.10). */
static void stripped_shared_secret(void)
{
    static uint64_t state = 0x52;
    static const hf_random source = {timing_secret_random, &state};
    uint8_t scalar[32], point[HF_EC_POINT_MAX], secret[32] = {0}, out[48];
    size_t zeros = 0;

    timing_require(hf_ec_generate(HF_CURVE_P256, &source, scalar, point) == HF_CRYPTO_OK &&
                       hf_ec_shared_secret(HF_CURVE_P256, scalar, (hf_span){point, 65}, secret) ==
                           HF_CRYPTO_OK,
                   "no EC secret");
    while (zeros < sizeof secret && secret[zeros] == 0) {
        zeros++;
    }
    hf_prf(HF_HASH_SHA256, (hf_span){secret + zeros, sizeof secret - zeros}, "label",
           (hf_span){NULL, 0}, (hf_span){NULL, 0}, out, sizeof out);
}

/* Where the PSK is found by its bytes instead of by its identity. */
static void psk_that_is_searched(void)
{
    static const uint8_t known[2][16] = {{1}, {2}};
    uint8_t key[16] = {2};
    int which = 0;

    timing_secret(key, sizeof key);
    for (int i = 0; i < 2; i++) {
        if (memcmp(key, known[i], sizeof key) == 0) {
            which = i;
        }
    }
    timing_require(which == 1, "wrong key");
}

/* What comes out of a ticket is as secret as what went in. */
static void ticket_that_is_looked_at(void)
{
    static uint64_t state = 0x53;
    static const hf_random source = {timing_handshake_random, &state};
    hf_ticket_key key = {"a name of a key", "and the secret that goes with it"};
    const hf_ticket_keys keys = {&key, 1, 0};
    hf_session_state session = {.version = HF_TLS1_2, .suite = 0xc02b, .master_secret = {9}};
    uint8_t ticket[HF_TICKET_SIZE];
    bool is_stale = false;

    timing_secret(key.secret, sizeof key.secret);
    timing_require(hf_ticket_seal(&key, &source, &session, ticket) == HF_OK, "no ticket");
    timing_public(ticket, sizeof ticket);
    timing_require(hf_ticket_open(&keys, (hf_span){ticket, sizeof ticket}, &session, &is_stale),
                   "the ticket does not open");
    timing_require(session.master_secret[0] == 9, "another master secret");
}

/* What docs and headers say of AES in software, seen here: prefer hardware or ChaCha20. */
static void aes_of_libtomcrypt(void)
{
    uint8_t secret[16] = {1}, data[16] = {3};
    symmetric_key schedule;

    timing_secret(secret, sizeof secret);
    timing_require(aes_desc.setup(secret, sizeof secret, 0, &schedule) == CRYPT_OK &&
                       aes_desc.ecb_encrypt(data, data, &schedule) == CRYPT_OK,
                   "AES fails");
}

const timing_check timing_leaks[] = {
    {"compare that stops early", compare_that_stops, true},
    {"unpadding that searches", unpadding_that_searches, true},
    {"padding that is cut off", padding_that_is_cut_off, true},
    {"HMAC of only the message", hmac_of_only_the_message, true},
    {"table indexed by a secret", table_of_secrets, true},
    {"nonce that is looked at", nonce_that_is_looked_at, true},
    {"exponent that decides", exponent_that_decides, true},
    {"ECDHE secret without its zeros", stripped_shared_secret, true},
    {"PSK that is searched", psk_that_is_searched, true},
    {"ticket that is looked at", ticket_that_is_looked_at, true},
    {"libtomcrypt's AES", aes_of_libtomcrypt, true},
    {NULL, NULL, false},
};
