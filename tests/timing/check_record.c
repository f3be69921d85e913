#include "tests/timing/plain_cipher.h"
#include "tests/timing/records.h"
#include "tests/timing/timing.h"

#include "tls/handshake/handshake.h"
#include "tls/keys/keys.h"

#include <string.h>

/* ---------------------------------------------------------------- CBC records */

#define RECORD_SIZE 304 /* encrypted: room for every padding and for 48 bytes of MAC */

static void begin_secretly(const record_kind *kind, hf_protection *protection)
{
    record_keys keys = timing_keys;

    timing_secret(&keys, sizeof keys);
    timing_record_begin(kind, &keys, protection);
}

/* The keys and with them all that is decrypted are secret; the fragment is what anybody sees. */
static void open_one(const record_kind *kind, size_t padding, damage what)
{
    static uint8_t fragment[16 + RECORD_SIZE + 48];
    hf_protection p;
    size_t size = 0, fragment_size = timing_record(kind, RECORD_SIZE, padding, what, fragment);

    begin_secretly(kind, &p);
    hf_record_id id = timing_record_id(kind, &p);
    hf_error error = hf_open_cbc(&p, &id, fragment, fragment_size, &size);
    timing_public(&size, sizeof size);
    timing_require((error == HF_OK) == (what == DAMAGE_NONE), "opened or refused by mistake");
    timing_require(error == HF_OK || error == HF_ERROR_BAD_RECORD_MAC, "another reason");
}

static void open_all(const record_kind *kind)
{
    timing_use_plain_cipher();
    for (size_t padding = 0; padding < 256; padding += 17) {
        open_one(kind, padding, DAMAGE_NONE);
        open_one(kind, padding, DAMAGE_PADDING);
        if (!kind->encrypt_then_mac) { /* else the MAC alone decides, and nothing else is secret */
            open_one(kind, padding, DAMAGE_MAC);
            open_one(kind, padding, DAMAGE_LENGTH);
        }
    }
    timing_use_real_cipher();
}

static void check_open_sha1(void)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        open_all(&(record_kind){.suite = 0x002f, .version = version});
}

static void check_open_sha256(void)
{
    open_all(&(record_kind){.suite = 0x003c, .version = HF_TLS1_2});
}

static void check_open_sha384(void)
{
    open_all(&(record_kind){.suite = 0xc024, .version = HF_TLS1_2});
}

static void check_open_truncated(void)
{
    open_all(&(record_kind){.suite = 0x002f, .version = HF_TLS1_2, .truncated = true});
}

static void check_open_encrypt_then_mac(void)
{
    open_all(&(record_kind){.suite = 0x002f, .version = HF_TLS1_2, .encrypt_then_mac = true});
}

static void seal(const record_kind *kind)
{
    uint8_t buffer[16 + 200 + 48 + 16];
    hf_protection p;

    begin_secretly(kind, &p);
    timing_secret(buffer, sizeof buffer);
    timing_require(hf_protection_seal(&p, 23, kind->version, buffer + 16, 200) == HF_OK,
                   "sealing fails");
}

static void check_seal(void)
{
    timing_use_plain_cipher();
    for (int before = 0; before < 2; before++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
            seal(&(record_kind){
                .suite = 0x002f, .version = version, .encrypt_then_mac = before != 0});
    timing_use_real_cipher();
}

/* ---------------------------------------------------------------- Finished */

/* The master secret is secret, and so is what a protected record has brought. */
static void finished(uint16_t version, bool is_right)
{
    static const hf_config config;
    static hf_conn c;
    static hf_handshake h;
    uint8_t message[HF_VERIFY_DATA_SIZE];

    memset(&c, 0, sizeof c);
    memset(&h, 0, sizeof h);
    c.config = &config;
    c.handshake = &h;
    c.role = HF_SERVER;
    c.version = version;
    c.suite = hf_suite_of(0x002f);
    h.transcript.count = 1;
    hf_hash_init(&h.transcript.hashes[0], hf_negotiated_hash(&c));
    memset(c.master_secret, 0x3d, sizeof c.master_secret);
    hf_compute_verify_data(&c, HF_CLIENT, message);
    message[5] ^= !is_right;
    timing_secret(c.master_secret, sizeof c.master_secret);
    timing_secret(message, sizeof message);
    hf_reader r = hf_reader_of((hf_span){message, sizeof message});
    hf_error error = hf_read_finished(&c, &r);
    timing_require(error == (is_right ? HF_OK : HF_ERROR_FINISHED_WRONG), "wrong verdict");
}

static void check_finished(void)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        finished(version, true);
        finished(version, false);
    }
}

/* The key schedule from the premaster secret on. */
static void check_derivation(void)
{
    static const hf_config config;
    static hf_conn c;
    static hf_handshake h;

    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        memset(&c, 0, sizeof c);
        memset(&h, 0, sizeof h);
        c.config = &config;
        c.handshake = &h;
        c.version = version;
        c.suite = hf_suite_of(0x002f);
        h.premaster_size = HF_PREMASTER_SIZE;
        timing_secret(h.premaster, sizeof h.premaster);
        hf_derive_master_secret(&c);
        hf_derive_key_block(&c);
        timing_public(h.key_block, sizeof h.key_block);
        timing_require(h.key_block[0] != 0 || h.key_block[1] != 0, "no keys");
    }
}

const timing_check timing_record_checks[] = {
    {"opening CBC with HMAC-SHA-1", check_open_sha1, false},
    {"opening CBC with HMAC-SHA-256", check_open_sha256, false},
    {"opening CBC with HMAC-SHA-384", check_open_sha384, false},
    {"opening CBC with truncated HMAC", check_open_truncated, false},
    {"opening CBC with encrypt-then-MAC", check_open_encrypt_then_mac, false},
    {"sealing CBC", check_seal, false},
    {"Finished", check_finished, false},
    {"master secret and key block", check_derivation, false},
    {NULL, NULL, false},
};
