/* CBC records: what is accepted, what is refused and how alike, and how they are sealed. */
#include "tests/unit/record/cbc_support.h"

#include <criterion/criterion.h>
#include <string.h>

static cbc_kind kinds[CBC_KINDS_MAX];
static uint8_t content[700], fragment[1200];

static size_t begin(void)
{
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 7 + 3);
    return cbc_kinds(kinds);
}

static hf_error open_fragment(const cbc_kind *kind, size_t fragment_size, size_t *size)
{
    hf_protection p;
    cbc_protection(kind, NULL, &p);
    return hf_protection_open(&p, 23, kind->version, fragment, fragment_size, size);
}

static cbc_record record_of(const cbc_kind *kind, size_t size, size_t padding)
{
    return (cbc_record){
        .content = content, .size = size, .padding = cbc_padding(kind, size, padding), .type = 23};
}

/* ---------------------------------------------------------------- accepted */

static void expect_opened(const cbc_kind *kind, const cbc_record *record)
{
    size_t size, fragment_size = cbc_write(kind, record, fragment);
    cr_assert_eq(open_fragment(kind, fragment_size, &size), HF_OK, "%s, %zu bytes, padding %zu",
                 cbc_name(kind), record->size, record->padding);
    cr_assert_eq(size, record->size);
    cr_assert_eq(memcmp(fragment + cbc_prefix(kind), content, size), 0);
}

/* RFC 5246 6.2.3.2: "The padding MAY be any length up to 255 bytes". */
Test(cbc, every_padding)
{
    size_t count = begin();
    for (size_t k = 0; k < count; k++)
        for (size_t padding = 0; padding < 256; padding++) {
            size_t block = cbc_block(&kinds[k]);
            size_t mac = kinds[k].encrypt_then_mac ? 0 : cbc_mac(&kinds[k]);
            /* content that makes exactly this padding fill the block, little and more of it */
            size_t least = (block - (mac + 1 + padding) % block) % block;
            for (size_t size = least; size < 3 * block; size += block) {
                cbc_record record = record_of(&kinds[k], size, padding);
                cr_assert_eq(record.padding, padding);
                expect_opened(&kinds[k], &record);
            }
        }
}

Test(cbc, every_size)
{
    size_t count = begin();
    for (size_t k = 0; k < count; k++)
        for (size_t size = 0; size < 300; size++) {
            cbc_record record = record_of(&kinds[k], size, 0);
            expect_opened(&kinds[k], &record);
        }
}

/* ---------------------------------------------------------------- refused */

static void expect_refused(const cbc_kind *kind, const cbc_record *record)
{
    size_t size, fragment_size = cbc_write(kind, record, fragment);
    cr_assert_eq(open_fragment(kind, fragment_size, &size), HF_ERROR_BAD_RECORD_MAC,
                 "%s, %zu bytes, padding %zu, wrong %zu %zu", cbc_name(kind), record->size,
                 record->padding, record->wrong_padding, record->wrong_mac);
}

/* "Each uint8 in the padding data vector MUST be filled with the padding length value", and the
 * receiver "MUST check this padding" (TLS 1.1 on; here in 1.0 as well). */
Test(cbc, wrong_padding)
{
    size_t count = begin();
    for (size_t k = 0; k < count; k++)
        for (size_t padding = 0; padding < 256 - 16; padding += 13) {
            cbc_record record = record_of(&kinds[k], 40, padding);
            for (size_t wrong = 1; wrong <= record.padding + 1; wrong++) {
                record.wrong_padding = wrong;
                expect_refused(&kinds[k], &record);
            }
        }
}

Test(cbc, wrong_mac)
{
    size_t count = begin();
    for (size_t k = 0; k < count; k++)
        for (size_t padding = 0; padding < 256 - 16; padding += 29)
            for (size_t wrong = 1; wrong <= cbc_mac(&kinds[k]); wrong++) {
                cbc_record record = record_of(&kinds[k], 20, padding);
                record.wrong_mac = wrong;
                expect_refused(&kinds[k], &record);
            }
}

/* A padding length that reaches into the MAC or beyond the record, though every byte is right. */
Test(cbc, padding_too_long)
{
    size_t count = begin();
    for (size_t k = 0; k < count; k++) {
        size_t mac = kinds[k].encrypt_then_mac ? 0 : cbc_mac(&kinds[k]);
        for (size_t blocks = 1; blocks <= 15; blocks++) {
            size_t inside = blocks * cbc_block(&kinds[k]);
            if (inside < mac + 1)
                continue;
            cbc_record record = {.content = content, .size = inside - mac - 1, .type = 23};
            for (size_t length = inside - mac; length < 256; length += 5) {
                record.filled = (uint8_t)length;
                expect_refused(&kinds[k], &record);
            }
        }
    }
}

/* What the MAC covers: sequence number, type, version and length. */
Test(cbc, other_header)
{
    size_t count = begin();
    for (size_t k = 0; k < count; k++)
        for (int what = 0; what < 4; what++) {
            cbc_record record = record_of(&kinds[k], 33, 0);
            cbc_kind kind = kinds[k];
            record.sequence = what == 0 ? 1 : what == 1 ? UINT64_C(1) << 63 : 0;
            record.type = what == 2 ? 22 : 23;
            size_t size, fragment_size = cbc_write(&kind, &record, fragment);
            if (what == 3) /* opened as a record of another version */
                kind.version ^= 4;
            hf_protection p;
            cbc_protection(&kinds[k], NULL, &p);
            cr_assert_eq(hf_protection_open(&p, 23, kind.version, fragment, fragment_size, &size),
                         HF_ERROR_BAD_RECORD_MAC);
        }
}

/* Every shorter fragment, whole blocks or not, and every flipped bit. */
Test(cbc, cut_short)
{
    static uint8_t whole[1200];
    size_t count = begin(), size;
    for (size_t k = 0; k < count; k++) {
        cbc_record record = record_of(&kinds[k], 50, 20);
        size_t fragment_size = cbc_write(&kinds[k], &record, whole);
        for (size_t cut = 0; cut < fragment_size; cut++) {
            memcpy(fragment, whole, fragment_size);
            cr_assert_eq(open_fragment(&kinds[k], cut, &size), HF_ERROR_BAD_RECORD_MAC, "%s, %zu",
                         cbc_name(&kinds[k]), cut);
        }
        for (size_t bit = 0; bit < 8 * fragment_size; bit += 3) {
            memcpy(fragment, whole, fragment_size);
            fragment[bit / 8] ^= (uint8_t)(1 << bit % 8);
            cr_assert_eq(open_fragment(&kinds[k], fragment_size, &size), HF_ERROR_BAD_RECORD_MAC);
        }
    }
}

/* A record that only the other order of encryption and MAC understands. */
Test(cbc, other_order)
{
    size_t count = begin(), size;
    for (size_t k = 0; k < count; k++) {
        cbc_record record = record_of(&kinds[k], 64, 0);
        size_t fragment_size = cbc_write(&kinds[k], &record, fragment);
        cbc_kind other = kinds[k];
        other.encrypt_then_mac = !other.encrypt_then_mac;
        cr_assert_eq(open_fragment(&other, fragment_size, &size), HF_ERROR_BAD_RECORD_MAC);
        (void)cbc_write(&kinds[k], &record, fragment);
        other = kinds[k];
        other.truncated = !other.truncated;
        cr_assert_eq(open_fragment(&other, fragment_size, &size), HF_ERROR_BAD_RECORD_MAC);
    }
}

/* ---------------------------------------------------------------- sealed */

/* A source that counts up, and remembers how much was drawn. */
static bool count_up(void *context, uint8_t *out, size_t size)
{
    uint8_t *next = context;
    for (size_t i = 0; i < size; i++)
        out[i] = (*next)++;
    return true;
}

/* Records sealed one after the other are what the RFCs say: from TLS 1.1 on each with an IV of its
 * own, before that each beginning where the last one ended (RFC 2246 6.2.3.2). */
Test(cbc, sealed)
{
    static uint8_t sealed[1200];
    size_t count = begin();
    for (size_t k = 0; k < count; k++) {
        const cbc_kind *kind = &kinds[k];
        uint8_t drawn = 0;
        hf_random random = {count_up, &drawn};
        hf_protection p;
        uint8_t chained[16] = {0};
        size_t prefix = cbc_prefix(kind), block = cbc_block(kind);
        cbc_protection(kind, &random, &p);
        cr_assert_eq(hf_protection_prefix(&p), prefix);
        for (size_t size = 0; size < 100; size += 9) {
            cbc_record record = record_of(kind, size, 0);
            record.sequence = size / 9;
            uint8_t before = drawn;
            if (prefix == 0)
                memcpy(record.iv, chained, 16);
            else
                (void)count_up(&before, record.iv, block);
            memset(sealed, 0xee, sizeof sealed);
            memcpy(sealed + prefix, content, size);
            cr_assert_eq(hf_protection_seal(&p, 23, kind->version, sealed + prefix, size), HF_OK);
            cr_assert_eq(drawn, before, "an IV's bytes are drawn, and no more");
            size_t fragment_size = cbc_write(kind, &record, fragment);
            cr_assert_eq(hf_protection_sealed_size(&p, size), fragment_size);
            cr_assert_leq(fragment_size, prefix + size + hf_protection_suffix_max(&p));
            cr_assert_eq(memcmp(sealed, fragment, fragment_size), 0, "%s, %zu bytes",
                         cbc_name(kind), size);
            cr_assert_eq(sealed[fragment_size], 0xee);
            size_t mac = kind->encrypt_then_mac ? cbc_mac(kind) : 0;
            memcpy(chained, sealed + fragment_size - mac - block, block);
        }
    }
}

/* The reader of TLS 1.0 goes on from the last block as well, so that a record cannot be left out
 * or repeated. */
Test(cbc, chain)
{
    size_t count = begin(), size;
    for (size_t k = 0; k < count; k++) {
        uint8_t drawn = 0;
        hf_random random = {count_up, &drawn};
        hf_protection writer, reader;
        cbc_protection(&kinds[k], &random, &writer);
        cbc_protection(&kinds[k], NULL, &reader);
        size_t prefix = cbc_prefix(&kinds[k]);
        for (int i = 0; i < 5; i++) {
            memcpy(fragment + prefix, content, 70);
            cr_assert_eq(hf_protection_seal(&writer, 23, kinds[k].version, fragment + prefix, 70),
                         HF_OK);
            if (i == 3) /* dropped: the next one must fail */
                continue;
            hf_error expected = i == 4 ? HF_ERROR_BAD_RECORD_MAC : HF_OK;
            cr_assert_eq(hf_protection_open(&reader, 23, kinds[k].version, fragment,
                                            hf_protection_sealed_size(&writer, 70), &size),
                         expected);
        }
    }
}

/* RFC 7366 3: "MAC(MAC_write_key, seq_num + TLSCipherText.type + TLSCipherText.version +
 * TLSCipherText.length + IV + ENC(content + padding + padding_length))": the MAC stands last and in
 * the clear, so that it can be computed from the wire alone. */
Test(cbc, mac_over_ciphertext)
{
    size_t count = begin();
    for (size_t k = 0; k < count; k++) {
        if (!kinds[k].encrypt_then_mac)
            continue;
        uint8_t drawn = 0;
        hf_random random = {count_up, &drawn};
        hf_protection p;
        size_t prefix = cbc_prefix(&kinds[k]), mac_size = cbc_mac(&kinds[k]);
        cbc_protection(&kinds[k], &random, &p);
        memcpy(fragment + prefix, content, 41);
        hf_hmac_key hmac = p.mac;
        cr_assert_eq(hf_protection_seal(&p, 22, kinds[k].version, fragment + prefix, 41), HF_OK);
        size_t covered = hf_protection_sealed_size(&p, 41) - mac_size;
        uint8_t header[13] = {0}, mac[HF_HASH_SIZE_MAX];
        header[8] = 22;
        header[9] = 3;
        header[10] = (uint8_t)kinds[k].version;
        header[12] = (uint8_t)covered;
        hf_hash hash;
        hf_hmac_begin(&hmac, &hash);
        hf_hash_update(&hash, header, sizeof header);
        hf_hash_update(&hash, fragment, covered);
        (void)hf_hmac_end(&hmac, &hash, mac);
        cr_assert_eq((covered - prefix) % cbc_block(&kinds[k]), 0);
        cr_assert_eq(memcmp(fragment + covered, mac, mac_size), 0, "%s", cbc_name(&kinds[k]));
    }
}

/* No IV, no record (RFC 5246 6.2.3.2: "unpredictable"). */
static bool out_of_random(void *context, uint8_t *out, size_t size)
{
    (void)context, (void)out, (void)size;
    return false;
}

Test(cbc, no_random)
{
    size_t count = begin();
    for (size_t k = 0; k < count; k++) {
        hf_random random = {out_of_random, NULL};
        hf_protection p;
        cbc_protection(&kinds[k], &random, &p);
        cr_assert_eq(hf_protection_seal(&p, 23, kinds[k].version, fragment + 16, 5),
                     kinds[k].version == HF_TLS1_0 ? HF_OK : HF_ERROR_RANDOM_FAILED);
    }
}

/* ---------------------------------------------------------------- streams, RFC 5246 6.2.3.1 */

static void init_stream(hf_protection *p, uint16_t suite, uint16_t version, bool truncated)
{
    static const uint8_t mac_key[48] = {1, 2, 3}, key[32] = {4, 5, 6};
    const hf_protection_settings settings = {.suite = hf_suite_of(suite),
                                             .version = version,
                                             .truncated_hmac = truncated,
                                             .mac_key = mac_key,
                                             .key = key,
                                             .iv = key};
    cr_assert_eq(hf_protection_init(p, &settings), HF_OK);
}

/* RC4 and NULL: one keystream over all records, a MAC behind each; damage anywhere is one and the
 * same error. */
Test(stream, records)
{
    static const uint16_t suites[] = {0x0004, 0x0005, 0x0001, 0x0002, 0x003b, 0xc03b};
    (void)begin();
    for (size_t s = 0; s < sizeof suites / sizeof suites[0]; s++)
        for (int truncated = 0; truncated < 2; truncated++) {
            const hf_suite *suite = hf_suite_of(suites[s]);
            uint16_t version = suite->version_min;
            size_t mac = truncated ? 10 : hf_hash_size(suite->mac), size;
            hf_protection writer, reader;
            init_stream(&writer, suites[s], version, truncated);
            init_stream(&reader, suites[s], version, truncated);
            for (size_t length = 0; length < 100; length += 11) {
                memcpy(fragment, content, length);
                cr_assert_eq(hf_protection_seal(&writer, 23, version, fragment, length), HF_OK);
                cr_assert_eq(hf_protection_sealed_size(&writer, length), length + mac);
                bool is_plain = suite->cipher == HF_CIPHER_NULL || length < 8;
                cr_assert(is_plain || memcmp(fragment, content, length) != 0);
                for (size_t bit = 0; bit < 8 * (length + mac); bit += 7) {
                    hf_protection copy = reader;
                    uint8_t damaged[200];
                    memcpy(damaged, fragment, length + mac);
                    damaged[bit / 8] ^= (uint8_t)(1 << bit % 8);
                    cr_assert_eq(
                        hf_protection_open(&copy, 23, version, damaged, length + mac, &size),
                        HF_ERROR_BAD_RECORD_MAC);
                }
                for (size_t cut = 0; cut < length + mac; cut++) {
                    hf_protection copy = reader;
                    uint8_t shorter[200];
                    memcpy(shorter, fragment, cut);
                    cr_assert_eq(hf_protection_open(&copy, 23, version, shorter, cut, &size),
                                 HF_ERROR_BAD_RECORD_MAC);
                }
                cr_assert_eq(
                    hf_protection_open(&reader, 23, version, fragment, length + mac, &size), HF_OK);
                cr_assert_eq(size, length);
                cr_assert_eq(memcmp(fragment, content, length), 0);
            }
        }
}
