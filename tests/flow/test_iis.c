/* A browser of about 2010 and a web server that has only RC4 left: the ClientHello of a network
 * trace of that time, and the flight that answers it. Every byte is written from RFC 2246 7.4.1.2
 * and the RFCs of the extensions; the lengths are those of the trace. */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#define RECORD_PAYLOAD 128
#define MESSAGE_BODY   124
#define HOST           "www.shop.example" /* 16 bytes are what the lengths leave for the name */

static const uint8_t client_hello[] = {
    22, 3, 1, 0, 128, /* handshake, TLS 1.0, 128 bytes */
    1, 0, 0, 124,     /* ClientHello, 124 bytes */
    3, 1,             /* TLS 1.0 */
    /* random: the time of 2010-05-20 and 28 bytes */
    0x4b, 0xf4, 0xd0, 0x00, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b,
    0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b,
    0,     /* no session ID */
    0, 24, /* twelve suites */
    0x00, 0x2f, 0x00, 0x35, 0x00, 0x05, 0x00, 0x0a, 0xc0, 0x13, 0xc0, 0x14, 0xc0, 0x09, 0xc0, 0x0a,
    0x00, 0x32, 0x00, 0x38, 0x00, 0x13, 0x00, 0x04, 1, 0, /* compression: null */
    0, 59,                                                /* extensions */
    0xff, 0x01, 0, 1, 0,          /* renegotiation_info, RFC 5746 3.2: first handshake */
    0, 0, 0, 21, 0, 19, 0, 0, 16, /* server_name, RFC 6066 3: one host_name */
    'w', 'w', 'w', '.', 's', 'h', 'o', 'p', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 5, 0, 5, 1,
    0, 0, 0, 0,                      /* status_request, RFC 6066 8: ocsp, no lists */
    0, 10, 0, 6, 0, 4, 0, 23, 0, 24, /* elliptic_curves, RFC 4492 5.1.1: P-256, P-384 */
    0, 11, 0, 2, 1, 0,               /* ec_point_formats, 5.1.2: uncompressed */
    0, 35, 0, 0,                     /* SessionTicket, RFC 5077 3.2: empty */
};
_Static_assert(sizeof client_hello == 5 + RECORD_PAYLOAD, "the record of the trace");
_Static_assert(RECORD_PAYLOAD == 4 + MESSAGE_BODY, "one message in it");

static pair p;
static hf_session_cache cache;
static hf_session_slot slots[2];

static void prepare(void)
{
    static const uint16_t rc4[] = {0x0005}; /* TLS_RSA_WITH_RC4_128_SHA */
    pair_prepare(&p, "rsa2048");
    hf_session_cache_init(&cache, slots, 2, 0);
    p.server.config.policy = &hf_policy_legacy;
    p.server.config.suites = (hf_code_list){rc4, 1};
    p.server.config.cache = &cache;
    p.server.binding.host = HF_SPAN_LITERAL(HOST);
}

typedef struct message {
    uint8_t type;
    const uint8_t *body;
    size_t size;
} message;

/* Takes the answer apart: the records must be of TLS 1.0 and hold nothing but handshake messages.
 */
static size_t take_messages(message *out, size_t capacity)
{
    static uint8_t raw[8000], flight[8000];
    size_t raw_size = endpoint_take(&p.server, raw, sizeof raw), size = 0, count = 0;
    for (size_t at = 0; at < raw_size;) {
        size_t length = (size_t)raw[at + 3] << 8 | raw[at + 4];
        cr_assert_eq(memcmp(raw + at, "\x16\3\1", 3), 0);
        memcpy(flight + size, raw + at + 5, length);
        size += length;
        at += 5 + length;
    }
    for (size_t at = 0; at < size; count++) {
        cr_assert_lt(count, capacity);
        out[count] =
            (message){flight[at], flight + at + 4,
                      (size_t)flight[at + 1] << 16 | (size_t)flight[at + 2] << 8 | flight[at + 3]};
        at += 4 + out[count].size;
        cr_assert_leq(at, size);
    }
    return count;
}

static void expect_server_hello(const message *hello)
{
    static const uint8_t extensions[] = {0, 9, 0xff, 0x01, 0, 1, 0, /* renegotiation_info, empty */
                                         0, 0, 0,    0};            /* server_name, acknowledged */
    cr_assert_eq(hello->type, HF_SERVER_HELLO);
    cr_assert_eq(hello->size, 2 + 32 + 1 + 32 + 2 + 1 + sizeof extensions);
    cr_assert_eq(memcmp(hello->body, "\3\1", 2), 0, "TLS 1.0");
    cr_assert_eq(memcmp(hello->body + 26, "DOWNGRD\0", 8), 0, "RFC 8446 4.1.3");
    cr_assert_eq(hello->body[34], 32, "a session ID");
    cr_assert_eq(memcmp(hello->body + 67, "\0\5\0", 3), 0, "RC4, no compression");
    cr_assert_eq(memcmp(hello->body + 70, extensions, sizeof extensions), 0);
}

Test(iis, answer)
{
    for (size_t chunk = 1; chunk <= sizeof client_hello; chunk += 33) {
        message messages[4];
        prepare();
        pair_start(&p);
        for (size_t at = 0; at < sizeof client_hello; at += chunk) {
            size_t left = sizeof client_hello - at;
            (void)endpoint_give(&p.server, client_hello + at, left < chunk ? left : chunk);
        }
        cr_assert_eq(endpoint_reason(&p.server), HF_OK, "%s",
                     reason_name(endpoint_reason(&p.server)));
        cr_assert_eq(take_messages(messages, 4), 3);
        expect_server_hello(&messages[0]);
        cr_assert_eq(messages[1].type, HF_CERTIFICATE);
        hf_span leaf = pki_file("server-rsa2048.der");
        cr_assert_eq(memcmp(messages[1].body + 6, leaf.data, leaf.size), 0);
        cr_assert_eq(messages[2].type, HF_SERVER_HELLO_DONE);
        cr_assert_eq(messages[2].size, 0);
    }
}

/* The default policy has nothing for it. */
Test(iis, default_policy)
{
    uint8_t out[64];
    prepare();
    p.server.config.policy = &hf_policy_default;
    p.server.config.suites = (hf_code_list){NULL, 0};
    pair_start(&p);
    (void)endpoint_give(&p.server, client_hello, sizeof client_hello);
    cr_assert_eq(endpoint_reason(&p.server), HF_ERROR_VERSION_UNSUPPORTED);
    cr_assert_eq(endpoint_take(&p.server, out, sizeof out), 7);
    cr_assert_eq(memcmp(out, "\x15\3\1\0\2\2\x46", 7), 0);
}

/* Our own client goes the whole way with that server. */
Test(iis, whole_handshake)
{
    static relay line;
    static const uint16_t offered[] = {0x002f, 0x0035, 0x0005, 0x000a, 0xc013, 0xc014,
                                       0xc009, 0xc00a, 0x0032, 0x0038, 0x0013, 0x0004};
    prepare();
    p.server.binding.host = HF_SPAN_LITERAL("server.example");
    p.client.config.policy = &hf_policy_legacy;
    p.client.config.suites = (hf_code_list){offered, sizeof offered / sizeof offered[0]};
    p.client.config.version_max = HF_TLS1_0;
    relay_connect(&line, &p, NULL, NULL);
    expect_established(&p);
    cr_assert_eq(hf_conn_suite(&p.client.conn)->code, 0x0005);
    expect_data(&p);
}
