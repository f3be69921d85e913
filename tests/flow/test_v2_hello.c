/* A ClientHello in the format of SSL 2.0 that offers TLS (RFC 5246 E.2), read only where the
 * configuration says so. */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/keys/keys.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;
static relay line;

/* --- struct V2ClientHello, field by field --- */

typedef struct v2_hello {
    uint16_t version;
    const uint8_t *specs; /* three bytes each */
    size_t specs_size, session_id_size, challenge_size;
    uint8_t challenge[40];
    size_t length_off, specs_off, trailing; /* what is wrong with it */
} v2_hello;

static uint8_t *put_u16(uint8_t *out, size_t value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    return out + 2;
}

static size_t write_v2(uint8_t *out, const v2_hello *hello)
{
    size_t size = 9 + hello->specs_size + hello->session_id_size + hello->challenge_size;
    uint8_t *next = put_u16(out, 0x8000 | (size + hello->length_off + hello->trailing));
    *next++ = 1;
    next = put_u16(next, hello->version);
    next = put_u16(next, hello->specs_size + hello->specs_off);
    next = put_u16(next, hello->session_id_size);
    next = put_u16(next, hello->challenge_size);
    memcpy(next, hello->specs, hello->specs_size);
    next += hello->specs_size;
    memset(next, 0x1d, hello->session_id_size);
    next += hello->session_id_size;
    memcpy(next, hello->challenge, hello->challenge_size);
    next += hello->challenge_size;
    memset(next, 0, hello->trailing);
    return 2 + size + hello->trailing;
}

/* RSA_WITH_AES_128_CBC_SHA between kinds of SSL 2.0, whose codes in TLS would be others, and the
 * signal of RFC 5746. */
static const uint8_t specs[] = {0x01, 0x00, 0x80, 0x07, 0x00, 0xc0, 0x00, 0x00,
                                0x2f, 0x00, 0x00, 0xff, 0x01, 0x00, 0x35};

static v2_hello good(uint16_t version, size_t challenge_size)
{
    v2_hello hello = {.version = version,
                      .specs = specs,
                      .specs_size = sizeof specs,
                      .challenge_size = challenge_size};
    for (size_t i = 0; i < sizeof hello.challenge; i++)
        hello.challenge[i] = (uint8_t)(0xc0 + i);
    return hello;
}

static void prepare(void)
{
    static const uint16_t suites[] = {0x0035, 0x002f};
    pair_prepare(&p, "rsa2048");
    p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
    p.client.config.suites = p.server.config.suites = (hf_code_list){suites, 2};
    p.server.config.accept_v2_hello = true;
}

/* ---------------------------------------------------------------- a whole handshake */

/* Our client's hello in the other form. Its view of the handshake is mended: RFC 5246 E.2 says
 * that the hash begins with msg_type, and that a short challenge stands at the end of a random of
 * zeros. */
static bool convert(relay *r, relayed *part)
{
    const size_t challenge_size = *(size_t *)r->context;
    if (part->type != HF_CLIENT_HELLO)
        return true;
    hf_handshake *h = &r->p->client.handshake;
    v2_hello hello = good((uint16_t)(part->bytes[4] << 8 | part->bytes[5]), challenge_size);
    memset(h->client_random, 0, 32);
    memcpy(h->client_random + 32 - challenge_size, hello.challenge, challenge_size);
    size_t size = write_v2(r->out, &hello);
    hf_transcript_begin(&h->transcript, &r->p->client.config);
    hf_transcript_update(&h->transcript, (hf_span){r->out + 2, size - 2});
    r->out_size = size;
    return false;
}

Test(v2_hello, handshake)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (size_t challenge_size = 16; challenge_size <= 32; challenge_size += 8) {
            prepare();
            p.client.config.version_min = p.client.config.version_max = version;
            relay_connect(&line, &p, convert, &challenge_size);
            expect_established(&p);
            cr_assert_eq(hf_conn_version(&p.server.conn), version);
            cr_assert_eq(hf_conn_suite(&p.server.conn)->code, 0x002f);
            cr_assert(hf_conn_secure_renegotiation(&p.server.conn));
            cr_assert_not(hf_conn_extended_master_secret(&p.server.conn));
            expect_data(&p);
        }
}

/* ---------------------------------------------------------------- one at a time */

static void give(const v2_hello *hello, size_t chunk)
{
    static uint8_t bytes[600];
    size_t size = write_v2(bytes, hello);
    prepare();
    p.server.config.accept_v2_hello = true;
    pair_start(&p);
    for (size_t at = 0; at < size; at += chunk)
        (void)endpoint_give(&p.server, bytes + at, size - at < chunk ? size - at : chunk);
}

static void expect_alert(hf_error reason, uint8_t alert)
{
    uint8_t out[64];
    cr_assert_eq(endpoint_reason(&p.server), reason, "%s instead of %s",
                 reason_name(endpoint_reason(&p.server)), reason_name(reason));
    size_t size = endpoint_take(&p.server, out, sizeof out);
    cr_assert_eq(size, 7);
    cr_assert_eq(memcmp(out, (const uint8_t[]){21, 3, out[2], 0, 2, 2, alert}, 7), 0);
}

Test(v2_hello, byte_by_byte)
{
    v2_hello hello = good(HF_TLS1_0, 32);
    uint8_t out[8000];
    give(&hello, 1);
    cr_assert_gt(endpoint_take(&p.server, out, sizeof out), 1000);
    cr_assert_eq(memcmp(out, "\x16\3\1", 3), 0);
    cr_assert_eq(out[5], HF_SERVER_HELLO);
}

/* Not configured: the alert comes before the hello is read, and in a record that TLS clients who
 * tried this way understand. */
Test(v2_hello, refused_by_default)
{
    v2_hello hello = good(HF_TLS1_2, 32);
    uint8_t bytes[600];
    size_t size = write_v2(bytes, &hello);
    prepare();
    p.server.config.accept_v2_hello = false;
    pair_start(&p);
    (void)endpoint_give(&p.server, bytes, size);
    expect_alert(HF_ERROR_SSL2_HELLO, 70);
}

/* SSL 2.0 itself (RFC 6176) and SSL 3.0 (RFC 7568). */
Test(v2_hello, versions_refused)
{
    static const uint16_t versions[] = {0x0002, 0x0200, 0x0300};
    for (size_t i = 0; i < 3; i++) {
        v2_hello hello = good(versions[i], 32);
        give(&hello, 600);
        expect_alert(HF_ERROR_VERSION_UNSUPPORTED, 70);
    }
}

Test(v2_hello, malformed)
{
    static const uint8_t none[3] = {0};
    v2_hello hellos[10];
    hf_error reasons[10];
    for (size_t i = 0; i < 10; i++) {
        hellos[i] = good(HF_TLS1_2, 32);
        reasons[i] = HF_ERROR_MESSAGE_SYNTAX;
    }
    hellos[0].challenge_size = 15;
    hellos[1].challenge_size = 33;
    hellos[2].challenge_size = 0;
    hellos[3].session_id_size = 16; /* "MUST have a value of zero" with TLS 1.2 */
    hellos[4].specs_size = 0;
    hellos[5].specs_size = 14; /* not a multiple of three */
    hellos[6].specs_off = 3;
    hellos[7].specs_off = 0xf000;
    hellos[8].trailing = 1;
    reasons[8] = HF_ERROR_MESSAGE_TRAILING_BYTES;
    hellos[9].specs = none; /* only kinds that are not ours */
    hellos[9].specs_size = 3;
    reasons[9] = HF_ERROR_NO_COMMON_SUITE;
    for (size_t i = 0; i < 10; i++) {
        give(&hellos[i], 600);
        expect_alert(reasons[i], hf_reason_of(reasons[i])->alert);
    }
}

/* Kinds of SSL 2.0 are not taken for suites of TLS that end in the same two bytes. */
Test(v2_hello, first_byte_of_spec)
{
    static const uint8_t other[] = {0x01, 0x00, 0x2f, 0x07, 0x00, 0x35};
    v2_hello hello = good(HF_TLS1_2, 32);
    hello.specs = other;
    hello.specs_size = sizeof other;
    give(&hello, 600);
    expect_alert(HF_ERROR_NO_COMMON_SUITE, 40);
}

/* RFC 7507 4: the fallback signal counts here, too. */
Test(v2_hello, fallback)
{
    static const uint8_t with_scsv[] = {0x00, 0x00, 0x2f, 0x00, 0x56, 0x00};
    v2_hello hello = good(HF_TLS1_1, 32);
    hello.specs = with_scsv;
    hello.specs_size = sizeof with_scsv;
    give(&hello, 600);
    expect_alert(HF_ERROR_INAPPROPRIATE_FALLBACK, 86);
}

/* A length that the receive buffer cannot hold. */
Test(v2_hello, too_long)
{
    static const uint8_t header[] = {0xff, 0xff, 1, 3, 3, 0x70, 0, 0, 0, 0, 32};
    prepare();
    pair_start(&p);
    (void)endpoint_give(&p.server, header, sizeof header);
    expect_alert(HF_ERROR_MESSAGE_EXCEEDS_BUFFER, 40);
}

/* Only as the first thing on a connection, and only for servers. */
Test(v2_hello, not_later)
{
    v2_hello hello = good(HF_TLS1_2, 32);
    uint8_t bytes[600], out[8000];
    size_t size = write_v2(bytes, &hello);
    give(&hello, 600);
    (void)endpoint_take(&p.server, out, sizeof out);
    (void)endpoint_give(&p.server, bytes, size);
    expect_alert(HF_ERROR_RECORD_TYPE, 10);
    prepare();
    p.client.config.accept_v2_hello = true;
    pair_start(&p);
    (void)endpoint_take(&p.client, out, sizeof out);
    (void)endpoint_give(&p.client, bytes, size);
    cr_assert_eq(endpoint_reason(&p.client), HF_ERROR_SSL2_HELLO);
}
