/* One record sealed or opened, in place, whatever the cipher suite:
 *
 *   protection.c         keys and sizes of a suite; the choice between the next three
 *   protection_aead.c    RFC 5246 6.2.3.3, RFC 5288, RFC 6655, RFC 7905
 *   protection_cbc.c     RFC 5246 6.2.3.2, RFC 7366
 *   protection_stream.c  RFC 5246 6.2.3.1
 *   record_mac.c         the MAC of the last two */
#ifndef HF_RECORD_PROTECTION_H
#define HF_RECORD_PROTECTION_H

#include <handfast/state.h>

#define HF_PLAINTEXT_MAX  16384                     /* RFC 5246 6.2.1 */
#define HF_CIPHERTEXT_MAX (HF_PLAINTEXT_MAX + 2048) /* RFC 5246 6.2.3 */

/* Bytes of key material that a suite takes for each side. */
typedef struct hf_key_sizes {
    uint8_t mac_key, key, iv;
} hf_key_sizes;

hf_key_sizes hf_key_sizes_of(const hf_suite *suite, uint16_t version);

typedef struct hf_protection_settings {
    const hf_suite *suite;
    uint16_t version;
    bool encrypt_then_mac, truncated_hmac; /* looked at for CBC suites, and for suites with a MAC */
    const hf_random *random;
    const uint8_t *mac_key, *key, *iv;
} hf_protection_settings;

/* From sequence number 0. */
HF_MUST_USE hf_error hf_protection_init(hf_protection *protection,
                                        const hf_protection_settings *settings);
void hf_protection_wipe(hf_protection *protection);

/* What the payload grows by: bytes in front of it, and the most behind it. */
static inline size_t hf_protection_prefix(const hf_protection *protection)
{
#if HF_USE_CBC || HF_USE_AES_AEAD
    return protection->prefix_size;
#else
    (void)protection;
    return 0;
#endif
}

size_t hf_protection_suffix_max(const hf_protection *protection);
/* The fragment's size for a payload of `size` bytes. */
size_t hf_protection_sealed_size(const hf_protection *protection, size_t size);

/* Seals payload[0..size) where it stands: fills what goes before and behind it. */
HF_MUST_USE hf_error hf_protection_seal(hf_protection *protection, uint8_t type, uint16_t version,
                                        uint8_t *payload, size_t size);

/* Opens a record's fragment in place: the plaintext is fragment[prefix .. prefix + *size). All that
 * can be wrong with it gives HF_ERROR_BAD_RECORD_MAC; HF_ERROR_CRYPTO_FAILED is no word on it. */
HF_MUST_USE hf_error hf_protection_open(hf_protection *protection, uint8_t type, uint16_t version,
                                        uint8_t *fragment, size_t fragment_size, size_t *size);

/* --- private to protection*.c --- */

/* seq_num + type + version + length, RFC 5246 6.2.3.1 and 6.2.3.3. */
#define HF_RECORD_ID_SIZE 13
typedef struct hf_record_id {
    uint8_t bytes[HF_RECORD_ID_SIZE];
} hf_record_id;

hf_record_id hf_record_id_of(const hf_protection *protection, uint8_t type, uint16_t version,
                             size_t size);
void hf_record_id_set_size(hf_record_id *id, size_t size);

HF_MUST_USE hf_error hf_seal_aead(hf_protection *protection, const hf_record_id *id,
                                  uint8_t *payload, size_t size);
HF_MUST_USE hf_error hf_open_aead(hf_protection *protection, const hf_record_id *id,
                                  uint8_t *payload, size_t size);
HF_MUST_USE hf_error hf_seal_cbc(hf_protection *protection, hf_record_id *id, uint8_t *payload,
                                 size_t size);
HF_MUST_USE hf_error hf_open_cbc(hf_protection *protection, hf_record_id *id, uint8_t *fragment,
                                 size_t fragment_size, size_t *size);
HF_MUST_USE hf_error hf_seal_stream(hf_protection *protection, const hf_record_id *id,
                                    uint8_t *payload, size_t size);
HF_MUST_USE hf_error hf_open_stream(hf_protection *protection, hf_record_id *id, uint8_t *payload,
                                    size_t fragment_size, size_t *size);

/* HMAC over id || bytes, cut to the protection's MAC size. */
void hf_record_mac(const hf_protection *protection, const hf_record_id *id, const uint8_t *bytes,
                   size_t size, uint8_t mac[HF_HASH_SIZE_MAX]);

#endif
