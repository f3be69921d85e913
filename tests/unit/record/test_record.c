/* Records: protection against records computed elsewhere, the parser of incoming bytes and the
 * builder of outgoing ones, each without a connection (RFC 5246 6.2). */
#include "tls/record/record.h"

#include "crypto_glue/init.h"
#include "tests/support/vectors.h"
#include "tls/wire/codes.h"
#include <handfast/conn.h>

#include <criterion/criterion.h>
#include <string.h>

/* ---------------------------------------------------------------- protection */

static const hf_suite *suite_of(const char *section)
{
    if (strcmp(section, "AES-128-GCM") == 0)
        return hf_suite_of(0xc02f);
    return hf_suite_of(strcmp(section, "AES-256-GCM") == 0 ? 0xc030 : 0xcca8);
}

static void init_protection(hf_protection *p, const hf_suite *suite, const uint8_t *key,
                            const uint8_t *iv)
{
    const hf_protection_settings settings = {
        .suite = suite, .version = HF_TLS1_2, .key = key, .iv = iv};
    cr_assert_eq(hf_protection_init(p, &settings), HF_OK);
}

static hf_protection protection_of(vectors *v)
{
    hf_protection p;
    hf_span sequence = vectors_bytes(v, "sequence");
    init_protection(&p, suite_of(vectors_section(v)), vectors_bytes(v, "key").data,
                    vectors_bytes(v, "iv").data);
    for (size_t i = 0; i < 8; i++)
        p.sequence = p.sequence << 8 | sequence.data[i];
    return p;
}

static void check_record(vectors *v)
{
    uint8_t buffer[512];
    hf_span record = vectors_bytes(v, "record"), content = vectors_bytes(v, "content");
    uint8_t type = (uint8_t)vectors_number(v, "type");
    hf_protection p = protection_of(v);
    size_t prefix = hf_protection_prefix(&p), size;
    cr_assert_eq(prefix + content.size + hf_protection_suffix_max(&p), record.size - 5);
    memset(buffer, 0xee, sizeof buffer);
    if (content.size != 0)
        memcpy(buffer + prefix, content.data, content.size);
    uint64_t before = p.sequence;
    cr_assert_eq(hf_protection_seal(&p, type, HF_TLS1_2, buffer + prefix, content.size), HF_OK);
    cr_assert_eq(p.sequence, before + 1);
    cr_assert_eq(memcmp(buffer, record.data + 5, record.size - 5), 0, "%s", vectors_where(v));
    cr_assert_eq(buffer[record.size - 5], 0xee);
    p = protection_of(v);
    cr_assert_eq(hf_protection_open(&p, type, HF_TLS1_2, buffer, record.size - 5, &size), HF_OK);
    cr_assert_eq(size, content.size);
    cr_assert(size == 0 || memcmp(buffer + prefix, content.data, size) == 0);
    cr_assert_eq(p.sequence, before + 1);
}

/* Any change of type, version, sequence number, length or a bit of the fragment. */
static void check_refusals(vectors *v)
{
    uint8_t buffer[512];
    hf_span record = vectors_bytes(v, "record");
    uint8_t type = (uint8_t)vectors_number(v, "type");
    size_t fragment = record.size - 5, size;
    for (size_t i = 0; i < 4 + fragment; i++) {
        hf_protection p = protection_of(v);
        memcpy(buffer, record.data + 5, fragment);
        if (i >= 4)
            buffer[i - 4] ^= (uint8_t)(1 << i % 8);
        p.sequence += i == 2;
        cr_assert_eq(hf_protection_open(&p, (uint8_t)(type ^ (i == 0)),
                                        (uint16_t)(HF_TLS1_2 ^ (i == 1)), buffer,
                                        fragment - (i == 3), &size),
                     HF_ERROR_BAD_RECORD_MAC);
    }
    for (size_t cut = 0; cut < 8 + 16; cut++) {
        hf_protection p = protection_of(v);
        memcpy(buffer, record.data + 5, fragment);
        if (cut < hf_protection_prefix(&p) + hf_protection_suffix_max(&p))
            cr_assert_eq(hf_protection_open(&p, type, HF_TLS1_2, buffer, cut, &size),
                         HF_ERROR_BAD_RECORD_MAC);
    }
}

Test(protection, records)
{
    vectors v;
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    vectors_open(&v, "tls12_records.txt");
    size_t count = 0;
    for (; vectors_next(&v); count++) {
        check_record(&v);
        check_refusals(&v);
    }
    cr_assert_eq(count, 21);
    vectors_close(&v);
}

Test(protection, none)
{
    static uint8_t payload[4] = "abcd";
    hf_protection p;
    memset(&p, 0, sizeof p);
    cr_assert_eq(hf_protection_prefix(&p), 0);
    cr_assert_eq(hf_protection_suffix_max(&p), 0);
    cr_assert_eq(hf_protection_seal(&p, 22, HF_TLS1_2, payload, 4), HF_OK);
    cr_assert_eq(memcmp(payload, "abcd", 4), 0);
}

/* RFC 5246 6.1: sequence numbers must not wrap. */
Test(protection, sequence_exhausted)
{
    uint8_t buffer[64] = {0}, key[32] = {1}, iv[12] = {2};
    size_t size;
    hf_protection p;
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    init_protection(&p, hf_suite_of(0xcca8), key, iv);
    p.sequence = UINT64_MAX - 1;
    cr_assert_eq(hf_protection_seal(&p, 23, HF_TLS1_2, buffer, 4), HF_OK);
    hf_protection last = p;
    cr_assert_eq(hf_protection_seal(&p, 23, HF_TLS1_2, buffer, 4), HF_ERROR_SEQUENCE_EXHAUSTED);
    cr_assert_eq(p.sequence, UINT64_MAX);
    cr_assert_eq(hf_protection_open(&last, 23, HF_TLS1_2, buffer, 20, &size),
                 HF_ERROR_SEQUENCE_EXHAUSTED);
}

/* ---------------------------------------------------------------- incoming */

static uint8_t rx[64];
static hf_incoming in;

static void begin(size_t size)
{
    memset(&in, 0, sizeof in);
    memset(rx, 0xee, sizeof rx);
    in.data = rx;
    in.size = size;
    in.limit = HF_PLAINTEXT_MAX;
}

static void put(const void *bytes, size_t size)
{
    cr_assert_eq(hf_incoming_make_room(&in), HF_OK);
    cr_assert_leq(size, in.size - in.end);
    memcpy(rx + in.end, bytes, size);
    in.end += size;
}

static hf_item next(void)
{
    hf_item item;
    cr_assert_eq(hf_incoming_next(&in, &item), HF_OK);
    return item;
}

static hf_error next_error(void)
{
    hf_item item;
    return hf_incoming_next(&in, &item);
}

Test(incoming, message_byte_by_byte)
{
    static const char record[] = "\x16\3\1\0\6\1\0\0\2ab";
    begin(16);
    for (size_t i = 0; i < 11; i++) {
        cr_assert_eq(next(), HF_ITEM_NONE, "byte %zu", i);
        put(record + i, 1);
        if (i == 8) {
            cr_assert_eq(next(), HF_ITEM_HEADER);
            cr_assert_eq(hf_incoming_message(&in).size, 4);
        }
    }
    cr_assert_eq(next(), HF_ITEM_MESSAGE);
    cr_assert_eq(next(), HF_ITEM_MESSAGE, "until it is taken");
    hf_span message = hf_incoming_message(&in);
    cr_assert_eq(message.size, 6);
    cr_assert_eq(memcmp(message.data, "\1\0\0\2ab", 6), 0);
    hf_incoming_take_message(&in);
    cr_assert_eq(next(), HF_ITEM_NONE);
}

/* Two messages in one record, the second going on in another. */
Test(incoming, messages_across_records)
{
    begin(32);
    put("\x16\3\3\0\7\1\0\0\0\2\0\0", 12);
    cr_assert_eq(next(), HF_ITEM_HEADER);
    cr_assert_eq(next(), HF_ITEM_MESSAGE);
    cr_assert_eq(hf_incoming_message(&in).data[0], 1);
    hf_incoming_take_message(&in);
    cr_assert_eq(next(), HF_ITEM_NONE);
    put("\x16\3\3\0\3\2xy", 8);
    cr_assert_eq(next(), HF_ITEM_HEADER);
    cr_assert_eq(next(), HF_ITEM_MESSAGE);
    cr_assert_eq(memcmp(hf_incoming_message(&in).data, "\2\0\0\2xy", 6), 0);
}

/* A message as long as the buffer, through records whose headers take room as well. */
Test(incoming, message_fills_buffer)
{
    uint8_t expected[16] = {1, 0, 0, 12};
    begin(16);
    put("\x16\3\3\0\x10\1\0\0\14", 9);
    cr_assert_eq(next(), HF_ITEM_HEADER);
    for (size_t i = 4; i < 16; i++) {
        uint8_t byte = (uint8_t)(i * 3);
        expected[i] = byte;
        cr_assert_eq(next(), HF_ITEM_NONE);
        put(&byte, 1);
    }
    cr_assert_eq(next(), HF_ITEM_MESSAGE);
    cr_assert_eq(memcmp(hf_incoming_message(&in).data, expected, 16), 0);
    begin(16);
    put("\x16\3\3\0\x10\1\0\0\15", 9);
    cr_assert_eq(next(), HF_ITEM_HEADER);
    cr_assert_eq(next_error(), HF_ERROR_MESSAGE_EXCEEDS_BUFFER);
}

Test(incoming, other_items)
{
    uint8_t level, alert;
    begin(64);
    put("\x15\3\3\0\2\1\x5a\x14\3\3\0\1\1\x17\3\3\0\0\x17\3\3\0\3abc", 26);
    cr_assert_eq(next(), HF_ITEM_ALERT);
    hf_incoming_alert(&in, &level, &alert);
    cr_assert(level == 1 && alert == 90);
    hf_incoming_take_record(&in);
    cr_assert_eq(next(), HF_ITEM_CHANGE_CIPHER_SPEC);
    hf_incoming_take_record(&in);
    cr_assert_eq(next(), HF_ITEM_EMPTY);
    cr_assert_eq(next(), HF_ITEM_DATA);
    cr_assert_eq(memcmp(hf_incoming_data(&in).data, "abc", 3), 0);
    hf_incoming_take_data(&in, 1);
    cr_assert_eq(next(), HF_ITEM_DATA);
    cr_assert_eq(hf_incoming_data(&in).size, 2);
    hf_incoming_take_data(&in, 2);
    cr_assert_eq(next(), HF_ITEM_NONE);
}

Test(incoming, refusals)
{
    static const struct {
        const char *bytes;
        size_t size;
        hf_error error;
    } bad[] = {
        {"\x13\3\3\0\1", 5, HF_ERROR_NOT_TLS},
        {"\x18\3\3\0\1", 5, HF_ERROR_NOT_TLS},
        {"\x16\2\3\0\1", 5, HF_ERROR_RECORD_VERSION},
        {"\x80\x40\1\3\3", 5, HF_ERROR_SSL2_HELLO},
        {"\x80\x40\2\3\3", 5, HF_ERROR_NOT_TLS},
        {"\x16\3\3\x40\1", 5, HF_ERROR_RECORD_OVERFLOW},
        {"\x16\3\3\0\0", 5, HF_ERROR_RECORD_EMPTY},
        {"\x15\3\3\0\0", 5, HF_ERROR_RECORD_EMPTY},
        {"\x14\3\3\0\0", 5, HF_ERROR_RECORD_EMPTY},
        {"\x15\3\3\0\3", 5, HF_ERROR_ALERT_LENGTH},
        {"\x15\3\3\0\1", 5, HF_ERROR_ALERT_LENGTH},
        {"\x14\3\3\0\2", 5, HF_ERROR_CHANGE_CIPHER_SPEC_CONTENT},
        {"\x14\3\3\0\1\2", 6, HF_ERROR_CHANGE_CIPHER_SPEC_CONTENT},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin(64);
        put(bad[i].bytes, bad[i].size);
        cr_assert_eq(next_error(), bad[i].error, "case %zu", i);
        cr_assert_eq(next_error(), bad[i].error, "the same again");
    }
    /* 2^14 bytes are allowed. */
    begin(64);
    put("\x16\3\3\x40\0", 5);
    cr_assert_eq(next(), HF_ITEM_NONE);
}

/* ---------------------------------------------------------------- outgoing */

static uint8_t tx[HF_TX_MIN + 100];
static hf_outgoing out;

static void begin_out(size_t size)
{
    memset(&out, 0, sizeof out);
    memset(tx, 0xee, sizeof tx);
    out.data = tx;
    out.size = size;
    out.limit = HF_PLAINTEXT_MAX;
    out.version = HF_TLS1_2;
}

Test(outgoing, record)
{
    size_t taken;
    begin_out(sizeof tx);
    cr_assert_eq(hf_outgoing_append(&out, 22, HF_SPAN_LITERAL("ab"), &taken), HF_OK);
    cr_assert_eq(taken, 2);
    cr_assert_eq(hf_outgoing_append(&out, 22, HF_SPAN_LITERAL("c"), &taken), HF_OK);
    cr_assert_eq(out.end, 0, "messages share a record until it is sealed");
    cr_assert_eq(hf_outgoing_append(&out, 20, HF_SPAN_LITERAL("\1"), &taken), HF_OK);
    cr_assert_eq(hf_outgoing_seal(&out), HF_OK);
    cr_assert_eq(hf_outgoing_seal(&out), HF_OK);
    static const char expected[] = "\x16\3\3\0\3abc\x14\3\3\0\1\1";
    cr_assert_eq(out.end, 14);
    cr_assert_eq(memcmp(tx, expected, 14), 0);
    cr_assert_eq(tx[14], 0xee);
}

/* However full the buffer, there is room for an alert; and no byte outside of it is touched. */
Test(outgoing, alert_always_fits)
{
    static const uint8_t filler[1000];
    for (size_t size = HF_TX_MIN; size <= sizeof tx; size += 7) {
        size_t taken;
        begin_out(size);
        cr_assert_eq(hf_outgoing_append(&out, 22, (hf_span){filler, sizeof filler}, &taken), HF_OK);
        cr_assert_lt(taken, sizeof filler);
        cr_assert_geq(taken, 512, "HF_TX_MIN promises 512 bytes of payload");
        cr_assert_eq(hf_outgoing_room(&out, 22).size, 0);
        cr_assert_eq(hf_outgoing_seal(&out), HF_OK);
        size_t before = out.end;
        cr_assert_eq(hf_outgoing_alert(&out, 2, 40), HF_OK);
        cr_assert_eq(out.end, before + 7);
        cr_assert_leq(out.end, size);
        cr_assert_eq(memcmp(tx + before, "\x15\3\3\0\2\2\x28", 7), 0);
        for (size_t i = out.end; i < sizeof tx; i++)
            cr_assert_eq(tx[i], 0xee);
    }
}

Test(outgoing, room_comes_back)
{
    static const uint8_t filler[1000];
    size_t taken;
    begin_out(HF_TX_MIN);
    cr_assert_eq(hf_outgoing_append(&out, 22, (hf_span){filler, sizeof filler}, &taken), HF_OK);
    cr_assert_eq(hf_outgoing_append(&out, 22, (hf_span){filler, 1}, &taken), HF_OK);
    cr_assert_eq(taken, 0);
    size_t pending = out.end;
    hf_outgoing_sent(&out, pending - 1);
    cr_assert_eq(hf_outgoing_room(&out, 22).size, 0);
    hf_outgoing_sent(&out, 1);
    cr_assert_geq(hf_outgoing_room(&out, 22).size, 512);
}

Test(outgoing, dropped)
{
    size_t taken;
    begin_out(sizeof tx);
    cr_assert_eq(hf_outgoing_append(&out, 22, HF_SPAN_LITERAL("half a message"), &taken), HF_OK);
    hf_outgoing_drop(&out);
    cr_assert_eq(hf_outgoing_alert(&out, 2, 80), HF_OK);
    cr_assert_eq(out.end, 7);
}
