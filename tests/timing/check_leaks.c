#include "crypto_glue/cbc.h"
#include "crypto_glue/hmac.h"
#include "crypto_glue/rsa.h"
#include "tests/timing/timing.h"

#include <string.h>

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

/* What docs and headers say of AES in software, seen here: prefer hardware or ChaCha20. */
static void aes_of_libtomcrypt(void)
{
    uint8_t secret[16] = {1}, iv[16] = {2}, data[16] = {3};
    hf_cbc_key key;

    timing_secret(secret, sizeof secret);
    timing_require(hf_cbc_init(&key, HF_CBC_AES_128, secret) == HF_CRYPTO_OK &&
                       hf_cbc_encrypt(&key, iv, data, sizeof data) == HF_CRYPTO_OK,
                   "AES fails");
}

const timing_check timing_leaks[] = {
    {"compare that stops early", compare_that_stops, true},
    {"unpadding that searches", unpadding_that_searches, true},
    {"padding that is cut off", padding_that_is_cut_off, true},
    {"HMAC of only the message", hmac_of_only_the_message, true},
    {"table indexed by a secret", table_of_secrets, true},
    {"libtomcrypt's AES", aes_of_libtomcrypt, true},
    {NULL, NULL, false},
};
