/* OCSP stapling (RFC 6066 8): status_request and CertificateStatus, and what comes of what a
 * response says. */
#include "tests/flow/resume.h"
#include "tests/flow/staple.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#define RESPONSE_MAX 65536
#define STATUS       5 /* extension type */

static resume r;
static pair *const p = &r.p;
static uint8_t response[RESPONSE_MAX + 1];
static uint8_t large[RESPONSE_MAX + HF_RX_FULL]; /* to receive it in */

static hf_span response_of(size_t size)
{
    for (size_t i = 0; i < size; i++)
        response[i] = (uint8_t)(i * 7 + i / 256);
    return (hf_span){response, size};
}

/* A client that asks and a server that has a response, of which the client does not verify more
 * than of the certificates: any bytes will do. */
static void prepare(size_t size)
{
    pair_prepare(p, "p256");
    p->client.config.status_request = HF_STATUS_REQUEST_ASK;
    p->client.config.verify = HF_VERIFY_NONE;
    p->server.offered[0].ocsp_response = response_of(size);
}

/* The same with what a responder says about the server's certificate, to a client that verifies. */
static void prepare_signed(const char *leaf, const char *status)
{
    prepare(0);
    p->client.config.verify = HF_VERIFY_REQUIRED;
    p->server.offered[0].ocsp_response = staple_of(leaf, status);
}

static bool was_seen(uint16_t what)
{
    for (size_t i = 0; i < r.line.seen_count[HF_SERVER]; i++)
        if (r.line.seen[HF_SERVER][i] == what)
            return true;
    return false;
}

static bool has_answer;

static bool note_answer(relay *line, relayed *part)
{
    size_t size;
    (void)line;
    if (part->type == HF_SERVER_HELLO)
        has_answer = hello_extension(part, STATUS, &size) != NULL;
    return true;
}

static void connect_through(relay_hook *hook)
{
    has_answer = false;
    relay_connect(&r.line, p, hook, NULL);
}

/* The question about the response, which is what the server had. */
static void expect_question_about(hf_span sent)
{
    const hf_question *question = hf_conn_question(&p->client.conn);
    cr_assert_not_null(question, "%s", reason_name(endpoint_reason(&p->client)));
    cr_assert_eq(question->kind, HF_QUESTION_STATUS);
    cr_assert_eq(question->input.size, sent.size);
    cr_assert_eq(memcmp(question->input.data, sent.data, sent.size), 0);
}

static void expect_question(size_t size)
{
    expect_question_about((hf_span){response, size});
}

static void answer(bool refused)
{
    hf_answer word = {.refused = refused};
    hf_error error = hf_conn_answer(&p->client.conn, &word);
    cr_assert_eq(error, refused ? HF_ERROR_STATUS_REFUSED : HF_OK);
}

/* ---------------------------------------------------------------- who asks, who has one */

Test(stapling, asked_and_had)
{
    for (int which = 0; which < 4; which++) {
        bool asks = which & 1, has = which & 2;
        prepare(has ? 100 : 0);
        p->client.config.status_request = asks ? HF_STATUS_REQUEST_ASK : HF_STATUS_REQUEST_OFF;
        p->client.config.ask_about_status = true;
        connect_through(note_answer);
        cr_assert_eq(has_answer, asks && has);
        cr_assert_eq(was_seen(HF_CERTIFICATE_STATUS), asks && has);
        if (asks && has) {
            expect_question(100);
            answer(false);
            relay_run(&r.line);
        }
        expect_established(p);
        expect_data(p);
    }
}

/* In every version. */
Test(stapling, versions)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        prepare(100);
        p->client.config.policy = p->server.config.policy = &hf_policy_compatible;
        p->client.config.version_max = version;
        connect_through(NULL);
        expect_established(p);
        cr_assert(was_seen(HF_CERTIFICATE_STATUS));
    }
}

/* The response of the credentials that were chosen. */
Test(stapling, of_the_right_chain)
{
    static const uint16_t rsa = 0xc02f;
    for (int has = 0; has < 2; has++) {
        pair_prepare(p, "p256 rsa2048");
        p->client.config.verify = HF_VERIFY_NONE;
        p->client.config.status_request = HF_STATUS_REQUEST_ASK;
        p->client.config.ask_about_status = true;
        p->client.config.suites = (hf_code_list){&rsa, 1};
        p->server.offered[0].ocsp_response = HF_SPAN_LITERAL("of the other certificate");
        if (has)
            p->server.offered[1].ocsp_response = response_of(33);
        connect_through(note_answer);
        cr_assert_eq(has_answer, has);
        if (has) {
            expect_question(33);
            answer(false);
            relay_run(&r.line);
        }
        expect_established(p);
    }
}

/* Without a certificate there is nothing to ask about. */
Test(stapling, without_certificates)
{
    static const uint16_t suite = 0x00a8; /* PSK_WITH_AES_128_GCM_SHA256 */
    static const hf_psk psk = {{(const uint8_t *)"a device", 8},
                               {(const uint8_t *)"a secret key", 12}};
    prepare(100);
    hf_config *configs[] = {&p->client.config, &p->server.config};
    for (size_t i = 0; i < 2; i++) {
        configs[i]->suites = (hf_code_list){&suite, 1};
        configs[i]->psks = &psk;
        configs[i]->psk_count = 1;
    }
    connect_through(note_answer);
    expect_established(p);
    cr_assert_not(has_answer);
}

/* ---------------------------------------------------------------- sizes */

/* Streamed from the caller's memory through the smallest transmit buffer, to a receive buffer that
 * can hold it. */
Test(stapling, sizes)
{
    static const size_t sizes[] = {1,   2,    255,  256,   503,   504,   505,   511,   512,
                                   513, 1023, 4096, 16372, 16380, 16384, 20000, 65535, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int is_small = 0; is_small < 2; is_small++) {
            prepare(sizes[i]);
            p->client.config.ask_about_status = true;
            p->server.tx_size = is_small ? HF_TX_MIN : HF_TX_FULL;
            pair_start(p);
            cr_assert_eq(hf_conn_init(&p->client.conn, HF_CLIENT, &p->client.config,
                                      &p->client.handshake, (hf_buf){large, sizeof large},
                                      (hf_buf){p->client.tx, sizeof p->client.tx}),
                         HF_OK);
            cr_assert_eq(hf_conn_set_server_name(&p->client.conn, "server.example"), HF_OK);
            cr_assert(pair_run(p));
            expect_question(sizes[i]);
            answer(false);
            cr_assert(pair_run(p));
            expect_established(p);
            expect_data(p);
        }
}

/* One that does not fit is refused by the client, which has asked for it. */
Test(stapling, larger_than_the_buffer)
{
    prepare(3000);
    p->client.rx_size = 3000;
    pair_connect(p);
    cr_assert_eq(endpoint_reason(&p->client), HF_ERROR_MESSAGE_EXCEEDS_BUFFER);
    cr_assert_eq(hf_conn_failure(&p->server.conn)->alert, 40);
}

/* ---------------------------------------------------------------- the application's word */

Test(stapling, accepted_late)
{
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        prepare(1000);
        if (is_signed)
            prepare_signed("server-p256", STAPLE_GOOD);
        p->client.config.ask_about_status = true;
        connect_through(NULL);
        for (int i = 0; i < 10; i++) {
            cr_assert_eq(hf_conn_run(&p->client.conn), HF_WAITING);
            relay_run(&r.line);
            expect_question_about(p->server.offered[0].ocsp_response);
        }
        answer(false);
        relay_run(&r.line);
        expect_established(p);
        expect_data(p);
    }
}

/* Clients "MUST check the OCSP response and abort the handshake if the response is not satisfactory
 * with bad_certificate_status_response(113)": by the application's word, though it be good ... */
Test(stapling, refused)
{
    prepare_signed("server-p256", STAPLE_GOOD);
    p->client.config.ask_about_status = true;
    connect_through(NULL);
    expect_question_about(p->server.offered[0].ocsp_response);
    answer(true);
    relay_run(&r.line);
    expect_refusal(p, HF_CLIENT, HF_ERROR_STATUS_REFUSED, 113);
}

static void expect_verdict(hf_error verdict)
{
    p->client.config.ask_about_status = true;
    connect_through(NULL);
    expect_refusal(p, HF_CLIENT, verdict, 113);
    cr_assert_null(hf_conn_question(&p->client.conn));
}

/* ... and by what it says (RFC 6960 3.2), without a question. */
Test(stapling, not_satisfactory)
{
    prepare_signed("server-p256", STAPLE_REVOKED);
    expect_verdict(HF_ERROR_OCSP_REVOKED);
    prepare_signed("server-p256", STAPLE_UNKNOWN);
    expect_verdict(HF_ERROR_OCSP_UNKNOWN);
    prepare_signed("bad-below-notca", STAPLE_GOOD);
    expect_verdict(HF_ERROR_OCSP_OTHER_CERTIFICATE);
    prepare_signed("server-p256", STAPLE_GOOD);
    p->client.now = p->server.now = 1798761601; /* 2027-01-01 00:00:01 */
    expect_verdict(HF_ERROR_OCSP_STALE);
    prepare_signed("server-p256", STAPLE_GOOD);
    p->server.offered[0].ocsp_response = HF_SPAN_LITERAL("\x30\x03\x0a\x01\x03"); /* tryLater */
    expect_verdict(HF_ERROR_OCSP_UNSUCCESSFUL);
    prepare_signed("server-p256", STAPLE_GOOD);
    p->server.offered[0].ocsp_response.size--;
    expect_verdict(HF_ERROR_OCSP_MALFORMED);
}

/* A client that insists on a status does not go on without one. */
Test(stapling, required)
{
    for (int has = 0; has < 2; has++) {
        prepare_signed("server-p256", STAPLE_GOOD);
        p->client.config.status_request = HF_STATUS_REQUEST_REQUIRE;
        if (!has)
            p->server.offered[0].ocsp_response.size = 0;
        connect_through(NULL);
        if (has)
            expect_established(p);
        else
            expect_refusal(p, HF_CLIENT, HF_ERROR_STATUS_MISSING, 113);
    }
}

/* Who does not want to be asked is not. */
Test(stapling, not_asked)
{
    prepare(1000);
    connect_through(NULL);
    cr_assert(was_seen(HF_CERTIFICATE_STATUS));
    expect_established(p);
}

/* ---------------------------------------------------------------- promises */

/* RFC 6066 8: "a server MAY also choose not to send a CertificateStatus message, even if has
 * received a status_request extension in the client hello message and has sent a status_request
 * extension in the server hello message". This one has lost its response while its Certificate was
 * going out through a small buffer. */
Test(stapling, promised_and_not_sent)
{
    static uint8_t hello[2048];
    prepare(100);
    p->client.config.ask_about_status = true;
    p->server.tx_size = HF_TX_MIN;
    pair_start(p);
    size_t size = endpoint_take(&p->client, hello, sizeof hello);
    cr_assert_eq(endpoint_give(&p->server, hello, size), size);
    p->server.offered[0].ocsp_response.size = 0;
    memset(&r.line, 0, sizeof r.line);
    r.line.p = p;
    r.line.hook = note_answer;
    relay_run(&r.line);
    cr_assert(has_answer);
    cr_assert_not(was_seen(HF_CERTIFICATE_STATUS));
    expect_established(p);
    expect_data(p);
}

static bool send_unpromised(relay *line, relayed *part)
{
    static const uint8_t status[] = {22, 0, 0, 5, 1, 0, 0, 1, 0x30};
    if (part->type == HF_SERVER_KEY_EXCHANGE)
        relay_insert(line, HF_CONTENT_HANDSHAKE, status, sizeof status);
    return true;
}

/* "a server MUST NOT send the CertificateStatus message unless it received a status_request
 * extension
 * ... and sent a status_request extension". */
Test(stapling, sent_without_a_promise)
{
    for (int asks = 0; asks < 2; asks++) {
        prepare(0);
        p->client.config.status_request = asks ? HF_STATUS_REQUEST_ASK : HF_STATUS_REQUEST_OFF;
        connect_through(send_unpromised);
        expect_refusal(p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
    }
}

/* Twice is once too often. */
Test(stapling, sent_twice)
{
    prepare(10);
    connect_through(send_unpromised);
    expect_refusal(p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
}

static bool before_certificate(relay *line, relayed *part)
{
    static const uint8_t status[] = {22, 0, 0, 5, 1, 0, 0, 1, 0x30};
    if (part->type == HF_CERTIFICATE)
        relay_insert(line, HF_CONTENT_HANDSHAKE, status, sizeof status);
    return true;
}

/* "immediately after the Certificate message" and not before it. */
Test(stapling, sent_early)
{
    prepare(10);
    connect_through(before_certificate);
    expect_refusal(p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
}

static bool change_type(relay *line, relayed *part)
{
    if (part->type == HF_CERTIFICATE_STATUS)
        part->bytes[4] = *(const uint8_t *)line->context;
    return true;
}

/* Of another type than was asked for. */
Test(stapling, wrong_type)
{
    static const uint8_t types[] = {0, 2, 3, 0x80, 0xff};
    for (size_t i = 0; i < sizeof types; i++) {
        uint8_t type = types[i];
        prepare(10);
        relay_connect(&r.line, p, change_type, &type);
        expect_refusal(p, HF_CLIENT, HF_ERROR_STATUS_TYPE_WRONG, 47);
    }
}

/* ---------------------------------------------------------------- resumption */

/* No Certificate, no status: neither promised nor asked about. */
Test(stapling, resumed)
{
    resume_begin(&r);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    p->client.config.status_request = HF_STATUS_REQUEST_ASK;
    p->server.offered[0].ocsp_response = staple_good();
    resume_full(&r);
    cr_assert(was_seen(HF_CERTIFICATE_STATUS));
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    p->client.config.status_request = HF_STATUS_REQUEST_ASK;
    p->client.config.ask_about_status = true;
    p->server.offered[0].ocsp_response = response_of(100);
    has_answer = true;
    resume_again(&r, note_answer, NULL);
    expect_resumed(&r, true);
    cr_assert_not(has_answer);
    cr_assert_not(was_seen(HF_CERTIFICATE_STATUS));
}
