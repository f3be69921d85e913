/* Record protection: hf_protection_seal, hf_protection_open, hf_aead_seal, hf_aead_open with every
 * AEAD.
 *
 * The input is: AEAD, key, sequence number, content type, where and how a sealed record is damaged,
 * how much is cut off its end, and a payload. What was sealed must open again if it is whole and
 * must not if anything about it was changed; the payload itself must not open. */
#include "fuzz/fuzz.h"

#include "tls/record/record.h"

#include <string.h>

#define PAYLOAD_MAX 4096
#define PREFIX      8 /* explicit nonce */

typedef struct damage {
    uint16_t position;
    uint8_t bits;     /* flipped there */
    uint8_t cut;      /* bytes missing at the end, if there are so many */
    uint8_t type;     /* added to the content type */
    uint8_t sequence; /* added to the sequence number */
} damage;

/* Seals with one copy of the protection, opens with another. */
static void seal_and_open(const hf_protection *fresh, uint8_t type, const damage *d,
                          hf_span payload)
{
    static uint8_t fragment[PREFIX + PAYLOAD_MAX + HF_AEAD_TAG_SIZE_MAX];
    hf_protection seal = *fresh, open = *fresh;
    size_t prefix = hf_protection_prefix(&seal);
    size_t whole = prefix + payload.size + hf_protection_suffix_max(&seal), size = 0;
    size_t cut = d->cut <= whole ? d->cut : 0;
    if (payload.size != 0)
        memcpy(fragment + prefix, payload.data, payload.size);
    hf_error error = hf_protection_seal(&seal, type, HF_TLS1_2, fragment + prefix, payload.size);
    fuzz_require((error == HF_OK) == (fresh->sequence != UINT64_MAX));
    if (error != HF_OK)
        return;
    fuzz_require(seal.sequence == fresh->sequence + 1);
    fragment[d->position % whole] ^= d->bits;
    open.sequence += d->sequence;
    error = hf_protection_open(&open, (uint8_t)(type + d->type), HF_TLS1_2, fragment, whole - cut,
                               &size);
    if ((d->bits | d->type | d->sequence) != 0 || cut != 0) {
        fuzz_require(error == HF_ERROR_BAD_RECORD_MAC);
    } else {
        fuzz_require(error == HF_OK && size == payload.size);
        fuzz_require(size == 0 || memcmp(fragment + prefix, payload.data, size) == 0);
    }
}

static void open_forgery(const hf_protection *fresh, uint8_t type, hf_span payload)
{
    static uint8_t fragment[PAYLOAD_MAX];
    hf_protection open = *fresh;
    size_t size;
    if (payload.size != 0)
        memcpy(fragment, payload.data, payload.size);
    fuzz_require(hf_protection_open(&open, type, HF_TLS1_2, fragment, payload.size, &size) ==
                 HF_ERROR_BAD_RECORD_MAC);
    fuzz_require(open.sequence == fresh->sequence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_reader input = hf_reader_of((hf_span){data, size});
    static const uint16_t suites[] = {0xc02f, 0xc030, 0xcca8};
    uint16_t suite = suites[hf_read_u8(&input) % 3];
    hf_span key = hf_read_bytes(&input, HF_AEAD_KEY_SIZE_MAX);
    hf_span iv = hf_read_bytes(&input, HF_AEAD_NONCE_SIZE);
    bool is_last = hf_read_u8(&input) == 0xff;
    uint64_t sequence = (uint64_t)hf_read_u16(&input) << 32 | hf_read_u16(&input);
    uint8_t type = hf_read_u8(&input);
    damage d = {.position = hf_read_u16(&input),
                .bits = hf_read_u8(&input),
                .cut = hf_read_u8(&input),
                .type = hf_read_u8(&input),
                .sequence = hf_read_u8(&input)};
    hf_protection fresh;
    size_t left = hf_reader_left(&input);
    hf_span payload = hf_read_bytes(&input, left < PAYLOAD_MAX ? left : PAYLOAD_MAX);
    if (input.failed)
        return 0;
    const hf_protection_settings settings = {
        .suite = hf_suite_of(suite), .version = HF_TLS1_2, .key = key.data, .iv = iv.data};
    fuzz_require(hf_protection_init(&fresh, &settings) == HF_OK);
    fresh.sequence = is_last ? UINT64_MAX : sequence;
    seal_and_open(&fresh, type, &d, payload);
    open_forgery(&fresh, type, payload);
    return 0;
}
