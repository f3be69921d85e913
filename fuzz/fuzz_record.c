/* Record protection of every kind: AEADs, CBC with the MAC inside and outside, RC4 and no cipher,
 * with whole and truncated MACs, in each version.
 *
 * The input is: cipher suite, version and extensions, a byte that the keys are made from, sequence
 * number, content type, where and how a sealed record is damaged, how much is cut off its end, and
 * a payload. What was sealed must open again if it is whole and in order and must not if anything
 * about it was changed; the payload itself must not open.
 *
 * covers: hf_protection_init, hf_protection_seal, hf_protection_open, hf_protection_wipe
 * covers: hf_protection_suffix_max, hf_protection_sealed_size
 * covers: hf_key_sizes_of, hf_record_id_of, hf_record_mac, hf_seal_aead, hf_open_aead
 * covers: hf_seal_cbc, hf_open_cbc, hf_seal_stream, hf_open_stream */
#include "fuzz/fuzz.h"

#include "tls/record/record.h"

#include <string.h>

#define PAYLOAD_MAX  4096
#define FRAGMENT_MAX (PAYLOAD_MAX + 16 + HF_HASH_SIZE_MAX + 16)
#define KEYS_MAX     (HF_HASH_SIZE_MAX + 32 + 16)

/* The byte after the suite: version in the low bits, then these. */
#define VERSIONS         3
#define ENCRYPT_THEN_MAC 0x80
#define TRUNCATED_HMAC   0x40

typedef struct damage {
    uint16_t position;
    uint8_t bits;     /* flipped there */
    uint8_t cut;      /* bytes missing at the end, if there are so many */
    uint8_t type;     /* added to the content type */
    uint8_t sequence; /* added to the sequence number */
} damage;

typedef struct record {
    uint8_t fragment[FRAGMENT_MAX];
    size_t size;
} record;

static uint16_t version;

static hf_error seal(hf_protection *p, uint8_t type, hf_span payload, record *out)
{
    uint8_t *place = out->fragment + hf_protection_prefix(p);
    if (payload.size != 0)
        memcpy(place, payload.data, payload.size);
    out->size = hf_protection_sealed_size(p, payload.size);
    fuzz_require(out->size <= hf_protection_prefix(p) + payload.size + hf_protection_suffix_max(p));
    return hf_protection_seal(p, type, version, place, payload.size);
}

static hf_error open_record(hf_protection *p, uint8_t type, record *r, size_t *size)
{
    return hf_protection_open(p, type, version, r->fragment, r->size, size);
}

static void open_whole(hf_protection *p, uint8_t type, record *r, hf_span payload)
{
    size_t size = 0;
    fuzz_require(open_record(p, type, r, &size) == HF_OK && size == payload.size);
    fuzz_require(size == 0 ||
                 memcmp(r->fragment + hf_protection_prefix(p), payload.data, size) == 0);
}

static void open_damaged(const hf_protection *fresh, uint8_t type, const damage *d, record *r)
{
    hf_protection p = *fresh;
    size_t size = 0, cut = d->cut <= r->size ? d->cut : 0;
    if ((d->bits | d->type | d->sequence) == 0 && cut == 0)
        return;
    r->fragment[d->position % r->size] ^= d->bits;
    r->size -= cut;
    p.sequence += d->sequence;
    fuzz_require(open_record(&p, (uint8_t)(type + d->type), r, &size) == HF_ERROR_BAD_RECORD_MAC);
}

/* Two records of the same payload, sealed with one copy of the protection, opened with others. */
static void seal_and_open(const hf_protection *fresh, uint8_t type, const damage *d,
                          hf_span payload)
{
    static record first, second, again;
    hf_protection seals = *fresh, opens = *fresh;
    size_t size = 0;
    hf_error error = seal(&seals, type, payload, &first);
    fuzz_require((error == HF_OK) == (fresh->sequence != UINT64_MAX));
    if (error != HF_OK)
        return;
    fuzz_require(seals.sequence == fresh->sequence + 1);
    again = first;
    open_damaged(fresh, type, d, &again);
    if (seal(&seals, type, payload, &second) == HF_OK) {
        again = second;
        fuzz_require(open_record(&opens, type, &again, &size) == HF_ERROR_BAD_RECORD_MAC);
        opens = *fresh;
        again = first;
        open_whole(&opens, type, &again, payload);
        open_whole(&opens, type, &second, payload);
    }
    opens = *fresh;
    open_whole(&opens, type, &first, payload);
    hf_protection_wipe(&opens);
}

static void open_forgery(const hf_protection *fresh, uint8_t type, hf_span payload)
{
    static record forged;
    hf_protection p = *fresh;
    size_t size;
    if (payload.size != 0)
        memcpy(forged.fragment, payload.data, payload.size);
    forged.size = payload.size;
    fuzz_require(open_record(&p, type, &forged, &size) == HF_ERROR_BAD_RECORD_MAC);
    fuzz_require(p.sequence == fresh->sequence);
}

/* Of a suite of this build, in a version that has it. */
static void make(hf_protection *fresh, hf_reader *input, const hf_random *random)
{
    static const uint16_t versions[VERSIONS] = {HF_TLS1_2, HF_TLS1_1, HF_TLS1_0};
    uint8_t keys[KEYS_MAX];
    size_t count = 0, index = hf_read_u8(input);
    uint8_t how = hf_read_u8(input);
    uint64_t seed = hf_read_u8(input);
    while (hf_suite_at(count) != NULL)
        count++;
    fuzz_require(count != 0);
    const hf_suite *suite = hf_suite_at(index % count);
    version = HF_WITH_TLS1_0 ? versions[how % VERSIONS] : HF_TLS1_2;
    if (version < suite->version_min)
        version = suite->version_min;
    (void)fuzz_random(&seed, keys, sizeof keys);
    const hf_protection_settings settings = {.suite = suite,
                                             .version = version,
                                             .encrypt_then_mac = (how & ENCRYPT_THEN_MAC) != 0,
                                             .truncated_hmac = (how & TRUNCATED_HMAC) != 0,
                                             .random = random,
                                             .mac_key = keys,
                                             .key = keys + HF_HASH_SIZE_MAX,
                                             .iv = keys + HF_HASH_SIZE_MAX + 32};
    hf_key_sizes sizes = hf_key_sizes_of(suite, version);
    fuzz_require(sizes.mac_key <= HF_HASH_SIZE_MAX && sizes.key <= 32 && sizes.iv <= 16);
    fuzz_require(hf_protection_init(fresh, &settings) == HF_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_reader input = hf_reader_of((hf_span){data, size});
    hf_protection fresh;
    uint64_t random_state = 4;
    const hf_random random = {fuzz_random, &random_state};
    make(&fresh, &input, &random);
    bool is_last = hf_read_u8(&input) == 0xff;
    uint64_t sequence = (uint64_t)hf_read_u16(&input) << 32 | hf_read_u16(&input);
    uint8_t type = hf_read_u8(&input);
    damage d = {.position = hf_read_u16(&input),
                .bits = hf_read_u8(&input),
                .cut = hf_read_u8(&input),
                .type = hf_read_u8(&input),
                .sequence = hf_read_u8(&input)};
    size_t left = hf_reader_left(&input);
    hf_span payload = hf_read_bytes(&input, left < PAYLOAD_MAX ? left : PAYLOAD_MAX);
    if (input.failed)
        return 0;
    fresh.sequence = is_last ? UINT64_MAX : sequence;
    seal_and_open(&fresh, type, &d, payload);
    open_forgery(&fresh, type, payload);
    return 0;
}
