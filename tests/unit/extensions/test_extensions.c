/* Extensions of the hellos: exact formats, every length off by one, empty, trailing, twice, not
 * offered (RFC 5246 7.4.1.4, 5746, 6066, 7301, 7627, 8422). */
#include "tls/extensions/extensions.h"

#include "tests/support/pair.h"
#include "tls/handshake/handshake.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;
static hf_conn *c;
static const hf_span protocols[] = {{(const uint8_t *)"h2", 2}, {(const uint8_t *)"http/1.1", 8}};

enum {
    SERVER_NAME = 0,
    SUPPORTED_GROUPS = 10,
    EC_POINT_FORMATS = 11,
    SIGNATURE_ALGORITHMS = 13,
    ALPN = 16,
    EXTENDED_MASTER_SECRET = 23,
    RENEGOTIATION_INFO = 0xff01
};

/* A connection that has offered everything (client) or waits for a hello (server). */
static void begin(hf_role role)
{
    static uint8_t out[1024];
    pair_prepare(&p, "p256");
    p.client.config.protocols = p.server.config.protocols = protocols;
    p.client.config.protocol_count = p.server.config.protocol_count = 2;
    pair_start(&p);
    c = role == HF_CLIENT ? &p.client.conn : &p.server.conn;
    if (role == HF_CLIENT) {
        hf_writer w = hf_writer_of(out, sizeof out);
        hf_write_extensions(c, &w);
        cr_assert_not(w.failed);
    }
}

typedef struct body {
    hf_role role; /* of the reader */
    uint16_t code;
    const char *bytes;
    size_t size;
} body;

#define BODY(role, code, literal)                \
    {                                            \
        role, code, literal, sizeof(literal) - 1 \
    }

static size_t put_extension(uint8_t *out, uint16_t code, const void *bytes, size_t size)
{
    out[0] = (uint8_t)(code >> 8);
    out[1] = (uint8_t)code;
    out[2] = (uint8_t)(size >> 8);
    out[3] = (uint8_t)size;
    if (size != 0)
        memcpy(out + 4, bytes, size);
    return 4 + size;
}

/* Reads a whole extension block. */
static hf_error read_block(hf_role role, const uint8_t *block, size_t size)
{
    static uint8_t bytes[0x10000];
    bytes[0] = (uint8_t)(size >> 8);
    bytes[1] = (uint8_t)size;
    memcpy(bytes + 2, block, size);
    begin(role);
    hf_reader r = hf_reader_of((hf_span){bytes, size + 2});
    hf_error error = hf_read_extensions(c, &r);
    if (error == HF_OK)
        cr_assert(hf_reader_done(&r));
    return error;
}

static hf_error read_one(hf_role role, uint16_t code, const void *bytes, size_t size)
{
    static uint8_t block[4 + 2048];
    return read_block(role, block, put_extension(block, code, bytes, size));
}

static hf_error read_body(const body *b)
{
    return read_one(b->role, b->code, b->bytes, b->size);
}

static const body good[] = {
    BODY(HF_SERVER, SERVER_NAME, "\0\x11\0\0\x0eserver.example"),
    BODY(HF_SERVER, SUPPORTED_GROUPS, "\0\4\0\x17\0\x18"),
    BODY(HF_SERVER, EC_POINT_FORMATS, "\1\0"),
    BODY(HF_SERVER, EC_POINT_FORMATS, "\3\1\2\0"),
    BODY(HF_SERVER, SIGNATURE_ALGORITHMS, "\0\4\4\3\10\4"),
    BODY(HF_SERVER, ALPN, "\0\x0c\2h2\10http/1.1"),
    BODY(HF_SERVER, EXTENDED_MASTER_SECRET, ""),
    BODY(HF_SERVER, RENEGOTIATION_INFO, "\0"),
    BODY(HF_CLIENT, SERVER_NAME, ""),
    BODY(HF_CLIENT, EC_POINT_FORMATS, "\1\0"),
    BODY(HF_CLIENT, ALPN, "\0\3\2h2"),
    BODY(HF_CLIENT, EXTENDED_MASTER_SECRET, ""),
    BODY(HF_CLIENT, RENEGOTIATION_INFO, "\0"),
};

#define GOOD_COUNT (sizeof good / sizeof good[0])

Test(extensions, good)
{
    for (size_t i = 0; i < GOOD_COUNT; i++)
        cr_assert_eq(read_body(&good[i]), HF_OK, "case %zu", i);
}

Test(extensions, cut_off)
{
    for (size_t i = 0; i < GOOD_COUNT; i++)
        for (size_t size = 0; size < good[i].size; size++)
            cr_assert_eq(read_one(good[i].role, good[i].code, good[i].bytes, size),
                         HF_ERROR_EXTENSION_SYNTAX, "case %zu cut to %zu", i, size);
}

Test(extensions, trailing_byte)
{
    uint8_t bytes[64];
    for (size_t i = 0; i < GOOD_COUNT; i++) {
        memset(bytes, 0, sizeof bytes);
        memcpy(bytes, good[i].bytes, good[i].size);
        cr_assert_eq(read_one(good[i].role, good[i].code, bytes, good[i].size + 1),
                     HF_ERROR_EXTENSION_SYNTAX, "case %zu", i);
    }
}

/* Each length field one up and one down. */
Test(extensions, lengths_off_by_one)
{
    static const struct {
        size_t which, at;
    } lengths[] = {{0, 1}, {0, 4}, {1, 1}, {2, 0}, {3, 0}, {4, 1},
                   {5, 1}, {5, 2}, {5, 5}, {9, 0}, {10, 1}};
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const body *b = &good[lengths[i].which];
        for (int change = -1; change <= 1; change += 2) {
            memcpy(bytes, b->bytes, b->size);
            bytes[lengths[i].at] = (uint8_t)(bytes[lengths[i].at] + change);
            hf_error error = read_one(b->role, b->code, bytes, b->size);
            cr_assert_eq(hf_reason_of(error)->alert, HF_ALERT_DECODE_ERROR, "case %zu %+d: %s", i,
                         change, hf_reason_of(error)->symbol);
        }
    }
}

/* Vectors below their least length. */
Test(extensions, empty_vectors)
{
    static const body empty[] = {
        BODY(HF_SERVER, SERVER_NAME, "\0\0"),
        BODY(HF_SERVER, SERVER_NAME, "\0\3\0\0\0"),
        BODY(HF_SERVER, SUPPORTED_GROUPS, "\0\0"),
        BODY(HF_SERVER, EC_POINT_FORMATS, "\0"),
        BODY(HF_SERVER, SIGNATURE_ALGORITHMS, "\0\0"),
        BODY(HF_SERVER, ALPN, "\0\0"),
        BODY(HF_SERVER, ALPN, "\0\1\0"),
        BODY(HF_SERVER, ALPN, "\0\4\2h2\0"),
        BODY(HF_CLIENT, ALPN, "\0\0"),
        BODY(HF_CLIENT, ALPN, "\0\1\0"),
        BODY(HF_CLIENT, EC_POINT_FORMATS, "\0"),
    };
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
        cr_assert_eq(read_body(&empty[i]), HF_ERROR_EXTENSION_SYNTAX, "case %zu", i);
}

/* Right in form, wrong in what they say. */
Test(extensions, meanings)
{
    static const struct {
        body body;
        hf_error error;
    } bad[] = {
        /* RFC 8422 5.1.2: the uncompressed form must be there, from either side. */
        {BODY(HF_SERVER, EC_POINT_FORMATS, "\2\1\2"), HF_ERROR_NO_UNCOMPRESSED_POINTS},
        {BODY(HF_CLIENT, EC_POINT_FORMATS, "\1\1"), HF_ERROR_NO_UNCOMPRESSED_POINTS},
        /* RFC 5746 3.4, 3.6: empty in the first handshake. */
        {BODY(HF_SERVER, RENEGOTIATION_INFO, "\1\0"), HF_ERROR_RENEGOTIATION_INFO_WRONG},
        {BODY(HF_CLIENT, RENEGOTIATION_INFO, "\1\0"), HF_ERROR_RENEGOTIATION_INFO_WRONG},
        {BODY(HF_CLIENT, RENEGOTIATION_INFO,
              "\x0c"
              "abcdefghijkl"),
         HF_ERROR_RENEGOTIATION_INFO_WRONG},
        /* RFC 7301 3.1: exactly one name, of those that were offered. */
        {BODY(HF_CLIENT, ALPN, "\0\3\2h3"), HF_ERROR_PROTOCOL_NOT_OFFERED},
        {BODY(HF_CLIENT, ALPN, "\0\2\1h"), HF_ERROR_PROTOCOL_NOT_OFFERED},
        {BODY(HF_CLIENT, ALPN, "\0\x0c\2h2\10http/1.1"), HF_ERROR_PROTOCOL_NOT_OFFERED},
        {BODY(HF_CLIENT, ALPN, "\0\3\2H2"), HF_ERROR_PROTOCOL_NOT_OFFERED},
        {BODY(HF_CLIENT, ALPN, "\0\3\1h2"), HF_ERROR_PROTOCOL_NOT_OFFERED},
        /* RFC 6066 3: one name of each type, a DNS name without a trailing dot, no address. */
        {BODY(HF_SERVER, SERVER_NAME, "\0\x0a\0\0\2aa\0\0\2bb"), HF_ERROR_SERVER_NAME_SYNTAX},
        {BODY(HF_SERVER, SERVER_NAME, "\0\5\0\0\2a."), HF_ERROR_SERVER_NAME_SYNTAX},
        {BODY(HF_SERVER, SERVER_NAME, "\0\6\0\0\3a b"), HF_ERROR_SERVER_NAME_SYNTAX},
        {BODY(HF_SERVER, SERVER_NAME, "\0\6\0\0\3a\0b"), HF_ERROR_SERVER_NAME_SYNTAX},
        {BODY(HF_SERVER, SERVER_NAME, "\0\6\0\0\3a\xc3\xa4"), HF_ERROR_SERVER_NAME_SYNTAX},
        {BODY(HF_SERVER, SERVER_NAME,
              "\0\x0c\0\0\x09"
              "192.0.2.1"),
         HF_ERROR_SERVER_NAME_SYNTAX},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hf_error error = read_body(&bad[i].body);
        cr_assert_eq(error, bad[i].error, "case %zu: %s", i, hf_reason_of(error)->symbol);
    }
}

Test(extensions, what_is_taken)
{
    static const body many_names = BODY(HF_SERVER, SERVER_NAME, "\0\x0d\1\0\2\0\0\0\0\5a_b.c");
    cr_assert_eq(read_body(&many_names), HF_OK, "other name types are passed over");
    hf_span name = hf_conn_server_name(c);
    cr_assert_eq(name.size, 5);
    cr_assert_eq(memcmp(name.data, "a_b.c", 5), 0);
    cr_assert_eq(read_body(&good[0]), HF_OK);
    cr_assert_eq(hf_conn_server_name(c).size, 14);
    cr_assert_eq(read_body(&good[10]), HF_OK);
    cr_assert_eq(hf_conn_protocol(c).data, protocols[0].data, "a view of the configuration");
    cr_assert_eq(read_body(&good[11]), HF_OK);
    cr_assert(hf_conn_extended_master_secret(c));
    cr_assert_not(hf_conn_secure_renegotiation(c));
    cr_assert_eq(read_body(&good[12]), HF_OK);
    cr_assert_not(hf_conn_extended_master_secret(c));
    cr_assert(hf_conn_secure_renegotiation(c));
    cr_assert_eq(read_body(&good[1]), HF_OK);
    cr_assert(hf_extension_received(c, &hf_extension_supported_groups));
    cr_assert_not(hf_extension_received(c, &hf_extension_server_name));
}

/* The longest name that fits a host name is read, a longer one refused. */
Test(extensions, long_server_names)
{
    uint8_t bytes[5 + 300];
    for (size_t size = 250; size < 300; size++) {
        memset(bytes, 'a', sizeof bytes);
        for (size_t i = 5 + 50; i < sizeof bytes; i += 51)
            bytes[i] = '.';
        if (bytes[5 + size - 1] == '.')
            bytes[5 + size - 1] = 'b';
        memset(bytes, 0, 5);
        bytes[0] = (uint8_t)((size + 3) >> 8);
        bytes[1] = (uint8_t)(size + 3);
        bytes[3] = (uint8_t)(size >> 8);
        bytes[4] = (uint8_t)size;
        hf_error error = read_one(HF_SERVER, SERVER_NAME, bytes, size + 5);
        cr_assert_eq(error, size <= 253 ? HF_OK : HF_ERROR_SERVER_NAME_SYNTAX, "%zu", size);
    }
}

/* ---------------------------------------------------------------- the block */

/* RFC 5246 7.4.1.4: from a server only what was asked for, with unsupported_extension otherwise;
 * from a client unknown ones are passed over. */
Test(extensions, unknown_ones)
{
    static const uint16_t codes[] = {7,  9,  12,     14,     15,     17,     19,    24,
                                     36, 43, 0x0a0a, 0x3374, 0xff00, 0xff02, 0xffff};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        cr_assert_eq(read_one(HF_SERVER, codes[i], "junk", 4), HF_OK);
        cr_assert_eq(read_one(HF_CLIENT, codes[i], "", 0), HF_ERROR_EXTENSION_NOT_OFFERED);
    }
    /* "Servers MUST NOT send this extension", RFC 5246 7.4.1.4.1. */
    cr_assert_eq(read_one(HF_CLIENT, SIGNATURE_ALGORITHMS, "\0\2\4\3", 4),
                 HF_ERROR_EXTENSION_NOT_OFFERED);
}

/* What a client has not offered, each in turn. */
Test(extensions, not_offered)
{
    for (size_t i = 8; i < GOOD_COUNT; i++) {
        const body *b = &good[i];
        uint8_t block[64];
        size_t size = put_extension(block + 2, b->code, b->bytes, b->size);
        block[0] = 0;
        block[1] = (uint8_t)size;
        begin(HF_CLIENT);
        c->handshake->offered = 0;
        hf_reader r = hf_reader_of((hf_span){block, size + 2});
        cr_assert_eq(hf_read_extensions(c, &r), HF_ERROR_EXTENSION_NOT_OFFERED);
    }
}

/* RFC 5246 7.4.1.4: "There MUST NOT be more than one extension of the same type", known or not. */
Test(extensions, twice)
{
    static uint8_t block[256];
    for (size_t i = 0; i < GOOD_COUNT; i++) {
        const body *b = &good[i];
        size_t size = put_extension(block, b->code, b->bytes, b->size);
        if (b->role == HF_SERVER)
            size += put_extension(block + size, 0x1234, "between", 7);
        size += put_extension(block + size, b->code, b->bytes, b->size);
        cr_assert_eq(read_block(b->role, block, size), HF_ERROR_EXTENSION_DUPLICATE);
    }
    size_t size = put_extension(block, 0x4321, "a", 1);
    size += put_extension(block + size, 0x4321, "b", 1);
    cr_assert_eq(read_block(HF_SERVER, block, size), HF_ERROR_EXTENSION_DUPLICATE);
}

/* As many as a hello can have; one of those that are known is missed nowhere among them. */
Test(extensions, many)
{
    static uint8_t block[0x10000];
    for (size_t before = 0; before < 16381; before += 409) {
        size_t size = 0;
        for (size_t i = 0; i < 16381; i++) {
            if (i == before)
                size += put_extension(block + size, 23, NULL, 0);
            size += put_extension(block + size, (uint16_t)(0x5000 + i), NULL, 0);
        }
        cr_assert_eq(read_block(HF_SERVER, block, size), HF_OK);
        size += put_extension(block + size, 23, NULL, 0);
        cr_assert_eq(read_block(HF_SERVER, block, size), HF_ERROR_EXTENSION_DUPLICATE);
    }
}

/* Nothing at all, an empty block, and lengths of the block that are wrong. */
Test(extensions, block_lengths)
{
    static const uint8_t block[] = {0, 4, 0, 23, 0, 0, 0};
    begin(HF_SERVER);
    hf_reader r = hf_reader_of((hf_span){block, 0});
    cr_assert_eq(hf_read_extensions(c, &r), HF_OK);
    cr_assert_eq(read_block(HF_SERVER, block, 0), HF_OK);
    for (size_t size = 1; size <= sizeof block; size++) {
        r = hf_reader_of((hf_span){block, size});
        hf_error error = hf_read_extensions(c, &r);
        if (size == 6)
            cr_assert_eq(error, HF_OK);
        else
            cr_assert_eq(hf_reason_of(error)->alert, HF_ALERT_DECODE_ERROR, "%zu", size);
    }
    for (size_t size = 1; size < 4; size++)
        cr_assert_eq(read_block(HF_SERVER, block + 2, size), HF_ERROR_EXTENSION_SYNTAX);
    cr_assert_eq(read_block(HF_SERVER, (const uint8_t *)"\0\x17\0\1", 4),
                 HF_ERROR_EXTENSION_SYNTAX);
}

/* ---------------------------------------------------------------- writing */

static size_t find(const uint8_t *block, size_t size, uint16_t code, const uint8_t **out)
{
    for (size_t at = 2; at < size;) {
        size_t length = (size_t)block[at + 2] << 8 | block[at + 3];
        if ((block[at] << 8 | block[at + 1]) == code) {
            *out = block + at + 4;
            return length;
        }
        at += 4 + length;
    }
    return SIZE_MAX;
}

static void expect_written(const uint8_t *block, size_t size, uint16_t code, const char *bytes,
                           size_t expected)
{
    const uint8_t *at = NULL;
    size_t length = find(block, size, code, &at);
    cr_assert_eq(length, expected, "extension %u has %zu bytes", code, length);
    cr_assert(expected == 0 || memcmp(at, bytes, expected) == 0, "extension %u", code);
}

#define EXPECT(code, literal) expect_written(block, w.position, code, literal, sizeof(literal) - 1)

Test(extensions, offers)
{
    static uint8_t block[512];
    static const uint16_t groups[] = {25, 99, 23}, schemes[] = {0x0804, 0x0403};
    begin(HF_CLIENT);
    p.client.config.groups = (hf_code_list){groups, 3};
    p.client.config.schemes = (hf_code_list){schemes, 2};
    hf_writer w = hf_writer_of(block, sizeof block);
    hf_write_extensions(c, &w);
    cr_assert_eq((size_t)(block[0] << 8 | block[1]) + 2, w.position);
    EXPECT(SERVER_NAME, "\0\x11\0\0\x0eserver.example");
    EXPECT(SUPPORTED_GROUPS, "\0\4\0\x19\0\x17"); /* without the unknown one */
    EXPECT(EC_POINT_FORMATS, "\1\0");
    EXPECT(SIGNATURE_ALGORITHMS, "\0\4\10\4\4\3");
    EXPECT(ALPN, "\0\x0c\2h2\10http/1.1");
    EXPECT(EXTENDED_MASTER_SECRET, "");
    EXPECT(RENEGOTIATION_INFO, "\0");
}

/* RFC 6066 3: no addresses; RFC 8422 5.1: no groups without an ECC suite. */
Test(extensions, not_offered_without_reason)
{
    static uint8_t block[512];
    static const uint16_t transport = 0x009c;
    const uint8_t *at;
    begin(HF_CLIENT);
    p.client.config.suites = (hf_code_list){&transport, 1};
    p.client.config.protocol_count = 0;
    p.client.config.without_extended_master_secret = true;
    cr_assert_eq(hf_conn_set_server_name(c, "192.0.2.1"), HF_OK);
    hf_writer w = hf_writer_of(block, sizeof block);
    hf_write_extensions(c, &w);
    static const uint16_t absent[] = {SERVER_NAME, SUPPORTED_GROUPS, EC_POINT_FORMATS, ALPN,
                                      EXTENDED_MASTER_SECRET};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        cr_assert_eq(find(block, w.position, absent[i], &at), SIZE_MAX, "%u", absent[i]);
    EXPECT(SIGNATURE_ALGORITHMS, "\0\x12\4\3\5\3\6\3\10\4\10\5\10\6\4\1\5\1\6\1");
    EXPECT(RENEGOTIATION_INFO, "\0");
    p.client.config.without_server_name = true;
    cr_assert_eq(hf_conn_set_server_name(c, "server.example"), HF_OK);
    w = hf_writer_of(block, sizeof block);
    hf_write_extensions(c, &w);
    cr_assert_eq(find(block, w.position, SERVER_NAME, &at), SIZE_MAX);
}

/* A server answers only what was offered; without anything to say there is no block (RFC 5246
 * 7.4.1.3). */
Test(extensions, answers)
{
    static uint8_t block[512];
    hf_writer w;
    cr_assert_eq(read_block(HF_SERVER, block, 0), HF_OK);
    c->suite = hf_suite_of(0xc02b);
    w = hf_writer_of(block, sizeof block);
    hf_write_extensions(c, &w);
    cr_assert_eq(w.position, 0);
    static uint8_t offer[256];
    size_t size = 0;
    for (size_t i = 0; i < 8; i++)
        if (i != 3)
            size += put_extension(offer + size, good[i].code, good[i].bytes, good[i].size);
    cr_assert_eq(read_block(HF_SERVER, offer, size), HF_OK);
    hf_binding binding = {.host = HF_SPAN_LITERAL("server.example")};
    c->suite = hf_suite_of(0xc02b);
    c->binding = &binding;
    c->handshake->is_name_bound = true;
    c->protocol = protocols[1];
    w = hf_writer_of(block, sizeof block);
    hf_write_extensions(c, &w);
    const uint8_t *at;
    EXPECT(SERVER_NAME, "");
    EXPECT(EC_POINT_FORMATS, "\1\0");
    EXPECT(ALPN, "\0\x09\10http/1.1");
    EXPECT(EXTENDED_MASTER_SECRET, "");
    EXPECT(RENEGOTIATION_INFO, "\0");
    cr_assert_eq(find(block, w.position, SUPPORTED_GROUPS, &at), SIZE_MAX);
    cr_assert_eq(find(block, w.position, SIGNATURE_ALGORITHMS, &at), SIZE_MAX);
}
