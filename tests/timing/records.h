/* CBC records for the checks of this folder: MAC-then-encrypt of a fixed size, right or wrong. */
#ifndef HF_TESTS_TIMING_RECORDS_H
#define HF_TESTS_TIMING_RECORDS_H

#include "tls/record/protection.h"

typedef enum damage { DAMAGE_NONE, DAMAGE_PADDING, DAMAGE_MAC, DAMAGE_LENGTH } damage;

typedef struct record_kind {
    const char *name;
    uint16_t suite, version;
    bool encrypt_then_mac, truncated;
} record_kind;

typedef struct record_keys {
    uint8_t mac_key[48], key[32];
} record_keys;

/* The keys that records are made with. */
extern const record_keys timing_keys;

void timing_record_begin(const record_kind *kind, const record_keys *keys,
                         hf_protection *protection);

/* Writes a fragment whose encrypted part has `size` bytes whatever the padding_length is; of an
 * encrypt-then-MAC kind the MAC stands behind it. Returns the fragment's size. */
size_t timing_record(const record_kind *kind, size_t size, size_t padding, damage what,
                     uint8_t *fragment);

/* What hf_protection_open looks like to hf_open_cbc: the header that the MAC covers. */
hf_record_id timing_record_id(const record_kind *kind, const hf_protection *protection);

#endif
