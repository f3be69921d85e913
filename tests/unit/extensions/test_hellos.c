/* The readers of ClientHello and ServerHello: fixed fields, vectors and their limits (RFC 5246
 * 7.4.1.2, 7.4.1.3). */
#include "tests/support/pair.h"
#include "tls/extensions/extensions.h"
#include "tls/handshake/handshake.h"
#include "tls/keys/keys.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;
static uint8_t bytes[2048];

/* A hello in parts, to be put together and read. */
typedef struct hello {
    hf_role reader;
    uint16_t version;
    size_t session_id;  /* bytes */
    const char *suites; /* client: with length */
    size_t suites_size;
    uint16_t suite;           /* server */
    const char *compressions; /* client: with length; server: one byte */
    size_t compressions_size;
    const char *extensions; /* with length */
    size_t extensions_size;
} hello;

#define PART(literal) literal, sizeof(literal) - 1

static const hello client_hello = {
    .reader = HF_SERVER,
    .version = 0x0303,
    .suites = "\0\6\xc0\x2b\xcc\xa9\0\xff",
    .suites_size = 8,
    .compressions = "\1\0",
    .compressions_size = 2,
    .extensions = "\0\x14\0\x17\0\0\0\x0a\0\4\0\2\0\x17\0\x0d\0\4\0\2\4\3",
    .extensions_size = 22,
};

static const hello server_hello = {
    .reader = HF_CLIENT,
    .version = 0x0303,
    .suite = 0xcca9,
    .compressions = "\0",
    .compressions_size = 1,
    .extensions = "\0\x09\xff\1\0\1\0\0\x17\0\0",
    .extensions_size = 11,
};

static size_t put_hello(const hello *h)
{
    hf_writer w = hf_writer_of(bytes, sizeof bytes);
    hf_write_u16(&w, h->version);
    memset(hf_write_space(&w, 32), 0x5a, 32);
    hf_write_u8(&w, (uint8_t)h->session_id);
    memset(hf_write_space(&w, h->session_id), 1, h->session_id);
    if (h->reader == HF_SERVER)
        hf_write_bytes(&w, (hf_span){(const uint8_t *)h->suites, h->suites_size});
    else
        hf_write_u16(&w, h->suite);
    hf_write_bytes(&w, (hf_span){(const uint8_t *)h->compressions, h->compressions_size});
    hf_write_bytes(&w, (hf_span){(const uint8_t *)h->extensions, h->extensions_size});
    cr_assert_not(w.failed);
    return w.position;
}

static hf_error read_bytes(const hello *h, size_t size)
{
    static uint8_t out[1024];
    pair_prepare(&p, "p256");
    pair_start(&p);
    hf_conn *c = h->reader == HF_SERVER ? &p.server.conn : &p.client.conn;
    c->in.record_version = 0x0303;
    if (h->reader == HF_CLIENT) {
        hf_writer w = hf_writer_of(out, sizeof out);
        cr_assert_eq(hf_write_client_hello(c, &w), HF_OK);
    }
    hf_reader r = hf_reader_of((hf_span){bytes, size});
    hf_error error =
        h->reader == HF_SERVER ? hf_read_client_hello(c, &r) : hf_read_server_hello(c, &r);
    if (error == HF_OK)
        error = hf_message_end(&r);
    return error == HF_OK && h->reader == HF_SERVER ? hf_finish_client_hello(c) : error;
}

static hf_error read_hello(const hello *h)
{
    return read_bytes(h, put_hello(h));
}

Test(hellos, good)
{
    cr_assert_eq(read_hello(&client_hello), HF_OK);
    cr_assert_eq(hf_conn_version(&p.server.conn), 0x0303);
    cr_assert_eq(hf_conn_suite(&p.server.conn)->code, 0xcca9);
    cr_assert_eq(hf_conn_group(&p.server.conn)->code, 23);
    cr_assert_eq(hf_conn_scheme(&p.server.conn)->code, 0x0403);
    cr_assert(hf_conn_secure_renegotiation(&p.server.conn), "by the SCSV");
    cr_assert_eq(read_hello(&server_hello), HF_OK);
    cr_assert_eq(hf_conn_suite(&p.client.conn)->code, 0xcca9);
}

/* Cut off anywhere but where the extensions may be left out. */
Test(hellos, cut_off)
{
    const hello *hellos[] = {&client_hello, &server_hello};
    for (int i = 0; i < 2; i++) {
        size_t whole = put_hello(hellos[i]), bare = whole - hellos[i]->extensions_size;
        for (size_t size = 0; size < whole; size++) {
            hf_error error = read_bytes(hellos[i], size);
            uint8_t alert = hf_reason_of(error)->alert;
            if (size == bare)
                cr_assert_eq(alert, HF_ALERT_HANDSHAKE_FAILURE, "%s", hf_reason_of(error)->symbol);
            else
                cr_assert_eq(alert, HF_ALERT_DECODE_ERROR, "%zu: %s", size,
                             hf_reason_of(error)->symbol);
        }
        bytes[whole] = 0;
        cr_assert_eq(read_bytes(hellos[i], whole + 1), HF_ERROR_MESSAGE_TRAILING_BYTES);
    }
}

/* opaque SessionID<0..32> */
Test(hellos, session_id)
{
    for (size_t size = 0; size < 40; size++) {
        hello client = client_hello, server = server_hello;
        client.session_id = server.session_id = size;
        cr_assert_eq(read_hello(&client), size <= 32 ? HF_OK : HF_ERROR_MESSAGE_SYNTAX);
        cr_assert_eq(read_hello(&server), size <= 32 ? HF_OK : HF_ERROR_MESSAGE_SYNTAX);
    }
}

/* RFC 5246 E.1: the server takes the lower of both highest versions. */
Test(hellos, client_versions)
{
    static const struct {
        uint16_t version;
        hf_error error;
    } versions[] = {{0x0000, HF_ERROR_VERSION_UNSUPPORTED},
                    {0x0002, HF_ERROR_VERSION_UNSUPPORTED},
                    {0x0200, HF_ERROR_VERSION_UNSUPPORTED},
                    {0x0300, HF_ERROR_VERSION_UNSUPPORTED},
                    {0x0301, HF_ERROR_VERSION_UNSUPPORTED},
                    {0x0302, HF_ERROR_VERSION_UNSUPPORTED},
                    {0x0303, HF_OK},
                    {0x0304, HF_OK},
                    {0x03ff, HF_OK},
                    {0x0400, HF_OK},
                    {0xffff, HF_OK}};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        hello h = client_hello;
        h.version = versions[i].version;
        cr_assert_eq(read_hello(&h), versions[i].error, "%04x", h.version);
        if (versions[i].error == HF_OK)
            cr_assert_eq(hf_conn_version(&p.server.conn), 0x0303);
    }
}

Test(hellos, server_versions)
{
    static const uint16_t lower[] = {0x0000, 0x0200, 0x0300, 0x0301, 0x0302};
    static const uint16_t higher[] = {0x0304, 0x03ff, 0x0403, 0xfefd};
    for (size_t i = 0; i < 5; i++) {
        hello h = server_hello;
        h.version = lower[i];
        cr_assert_eq(read_hello(&h), HF_ERROR_VERSION_UNSUPPORTED, "%04x", h.version);
    }
    for (size_t i = 0; i < 4; i++) {
        hello h = server_hello;
        h.version = higher[i];
        cr_assert_eq(read_hello(&h), HF_ERROR_VERSION_NOT_OFFERED, "%04x", h.version);
    }
}

/* CipherSuite cipher_suites<2..2^16-2>; unknown ones are passed over. */
Test(hellos, client_suites)
{
    static const struct {
        const char *suites;
        size_t size;
        hf_error error;
    } lists[] = {
        {PART("\0\0"), HF_ERROR_MESSAGE_SYNTAX},
        {PART("\0\1\xc0"), HF_ERROR_MESSAGE_SYNTAX},
        {PART("\0\3\xc0\x2b\0"), HF_ERROR_MESSAGE_SYNTAX},
        {PART("\0\2\0\xff"), HF_ERROR_NO_COMMON_SUITE},
        {PART("\0\4\x13\1\0\xff"), HF_ERROR_VERSION_UNSUPPORTED}, /* TLS 1.3 alone */
        /* with what stands for no suite: RFC 8701 3.1, RFC 7507, RFC 5746 3.3 */
        {PART("\0\x0a\x2a\x2a\x13\3\x56\0\0\xff\xda\xda"), HF_ERROR_VERSION_UNSUPPORTED},
        {PART("\0\6\x13\1\x0a\x1a\0\xff"), HF_ERROR_NO_COMMON_SUITE}, /* 0x0a1a is no GREASE */
        {PART("\0\4\x0a\x0a\0\xff"), HF_ERROR_NO_COMMON_SUITE},
        {PART("\0\4\0\x9c\0\xff"), HF_ERROR_NO_COMMON_SUITE},   /* not of the default policy */
        {PART("\0\4\xc0\x2f\0\xff"), HF_ERROR_NO_COMMON_SUITE}, /* no RSA certificate */
        {PART("\0\2\xc0\x2b"), HF_ERROR_NO_SECURE_RENEGOTIATION},
        {PART("\0\x0a\x0a\x0a\x13\1\0\xff\xff\xff\xc0\x2c"), HF_OK},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        hello h = client_hello;
        h.suites = lists[i].suites;
        h.suites_size = lists[i].size;
        hf_error error = read_hello(&h);
        cr_assert_eq(error, lists[i].error, "list %zu: %s", i, hf_reason_of(error)->symbol);
    }
}

/* CompressionMethod compression_methods<1..2^8-1>, with null in it. */
Test(hellos, compression)
{
    static const struct {
        const char *methods;
        size_t size;
        hf_error error;
    } lists[] = {{PART("\0"), HF_ERROR_MESSAGE_SYNTAX},
                 {PART("\1\1"), HF_ERROR_NO_NULL_COMPRESSION},
                 {PART("\2\1\x40"), HF_ERROR_NO_NULL_COMPRESSION},
                 {PART("\2\1\0"), HF_OK}};
    for (size_t i = 0; i < 4; i++) {
        hello h = client_hello;
        h.compressions = lists[i].methods;
        h.compressions_size = lists[i].size;
        cr_assert_eq(read_hello(&h), lists[i].error, "list %zu", i);
    }
    for (unsigned method = 1; method < 256; method++) {
        const char one = (char)method;
        hello h = server_hello;
        h.compressions = &one;
        cr_assert_eq(read_hello(&h), HF_ERROR_COMPRESSION_CHOSEN);
    }
}

/* A server's choice must be one of the client's. */
Test(hellos, server_suites)
{
    static const uint16_t refused[] = {0x0000, 0x00ff, 0x009c, 0x1301, 0x002f, 0x5600, 0xffff};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        hello h = server_hello;
        h.suite = refused[i];
        cr_assert_eq(read_hello(&h), HF_ERROR_SUITE_NOT_OFFERED, "%04x", refused[i]);
    }
}

/* What is missing, by default policy (RFC 5746 4.1, RFC 7627 5.2 and 5.3, RFC 5246 7.4.1.4.1). */
Test(hellos, missing_extensions)
{
    static const struct {
        hf_role reader;
        const char *extensions;
        size_t size;
        hf_error error;
    } lists[] = {
        {HF_SERVER, PART("\0\x10\0\x0a\0\4\0\2\0\x17\0\x0d\0\4\0\2\4\3"),
         HF_ERROR_NO_EXTENDED_MASTER_SECRET},
        {HF_SERVER, PART("\0\x0c\0\x17\0\0\0\x0a\0\4\0\2\0\x17"), HF_ERROR_NO_COMMON_SCHEME},
        {HF_SERVER, PART("\0\x14\0\x17\0\0\0\x0a\0\4\0\2\0\x1d\0\x0d\0\4\0\2\4\3"),
         HF_ERROR_NO_COMMON_GROUP},
        {HF_SERVER, PART("\0\x14\0\x17\0\0\0\x0a\0\4\0\2\0\x17\0\x0d\0\4\0\2\2\3"),
         HF_ERROR_NO_COMMON_SCHEME},
        /* RFC 8422 4: a client that names no groups takes any. */
        {HF_SERVER, PART("\0\x0c\0\x17\0\0\0\x0d\0\4\0\2\4\3"), HF_OK},
        {HF_CLIENT, PART("\0\4\0\x17\0\0"), HF_ERROR_NO_SECURE_RENEGOTIATION},
        {HF_CLIENT, PART("\0\5\xff\1\0\1\0"), HF_ERROR_NO_EXTENDED_MASTER_SECRET},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        hello h = lists[i].reader == HF_SERVER ? client_hello : server_hello;
        h.extensions = lists[i].extensions;
        h.extensions_size = lists[i].size;
        hf_error error = read_hello(&h);
        cr_assert_eq(error, lists[i].error, "list %zu: %s", i, hf_reason_of(error)->symbol);
    }
}
