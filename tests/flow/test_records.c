/* The record layer seen from outside: types, versions, lengths, fragments, and what is not TLS at
 * all (RFC 5246 6.2, E.1, E.2). */
#include "tests/flow/stepper.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

static stepper s, saved;
static uint8_t bytes[0x12000];

typedef struct step_case {
    exchange kind;
    hf_role victim;
    size_t given;
} step_case;

static size_t make_cases(step_case *cases)
{
    size_t count = 0;
    for (int role = HF_CLIENT; role <= HF_SERVER; role++)
        for (size_t n = 0; n <= stepper_pieces(EXCHANGE_ECDSA, (hf_role)role); n++)
            cases[count++] = (step_case){EXCHANGE_ECDSA, (hf_role)role, n};
    return count;
}

static void reach(const step_case *k)
{
    stepper_reach(&s, k->kind, k->victim, k->given);
    saved = s;
}

static bool is_protected(void)
{
    return s.victim->conn.in.protection.kind != HF_PROTECT_NOTHING;
}

ParameterizedTestParameters(records, every_type)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* RFC 5246 6: unexpected_message for a content type that is not known. Where nothing has been
 * understood yet the peer does not speak TLS. */
ParameterizedTest(const step_case *k, records, every_type)
{
    reach(k);
    for (unsigned type = 0; type < 256; type++) {
        s = saved;
        stepper_inject(&s, (uint8_t)type, "\1\1\1", 3);
        if (type >= 20 && type <= 23)
            continue; /* each has tests of its own */
        if (k->given != 0)
            stepper_expect_failure(&s, HF_ERROR_RECORD_TYPE, 10);
        else
            stepper_expect_failure(&s, HF_ERROR_NOT_TLS, 10);
    }
}

ParameterizedTestParameters(records, empty)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* RFC 5246 6.2.1: no zero-length fragments but of application data. */
ParameterizedTest(const step_case *k, records, empty)
{
    static const uint8_t types[] = {20, 21, 22};
    reach(k);
    for (size_t i = 0; i < sizeof types; i++) {
        s = saved;
        stepper_inject(&s, types[i], NULL, 0);
        stepper_expect_failure(&s, HF_ERROR_RECORD_EMPTY, 10);
    }
}

ParameterizedTestParameters(records, overlong)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* RFC 5246 6.2.1 and 6.2.3: at most 2^14 bytes of plaintext, 2^14 + 2048 of ciphertext. The header
 * is enough to refuse. */
ParameterizedTest(const step_case *k, records, overlong)
{
    static const size_t lengths[] = {16385, 18433, 0xffff};
    reach(k);
    bool sealed = is_protected();
    const uint8_t longest[5] = {HF_CONTENT_HANDSHAKE, 3, 3, sealed ? 0x48 : 0x40, 0};
    stepper_give(&s, longest, sizeof longest);
    cr_assert_eq(endpoint_reason(s.victim), HF_OK);
    for (uint8_t type = 20; type <= 23; type++) {
        for (size_t i = sealed ? 1 : 0; i < 3; i++) {
            s = saved;
            const uint8_t header[5] = {type, 3, 3, (uint8_t)(lengths[i] >> 8), (uint8_t)lengths[i]};
            stepper_give(&s, header, sizeof header);
            stepper_expect_failure(&s, HF_ERROR_RECORD_OVERFLOW, 22);
        }
        if (sealed) {
            s = saved;
            memset(bytes, 'x', 16385);
            static uint8_t record[0x5000];
            stepper_give(&s, record, stepper_record(&s, record, type, bytes, 16385));
            stepper_expect_failure(&s, HF_ERROR_RECORD_OVERFLOW, 22);
        }
    }
}

ParameterizedTestParameters(records, versions)
{
    static step_case cases[64];
    return cr_make_param_array(step_case, cases, make_cases(cases));
}

/* Until the version has been agreed upon a record may have any version 3.x (RFC 5246 E.1), then
 * only that one. */
ParameterizedTest(const step_case *k, records, versions)
{
    static const uint16_t versions[] = {0x0000, 0x0002, 0x0200, 0x0300, 0x0301, 0x0302,
                                        0x0304, 0x03ff, 0x0403, 0x1303, 0xfefd, 0xffff};
    reach(k);
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        s = saved;
        size_t size = stepper_record(&s, bytes, 22, "\24\0\0", 3);
        bytes[1] = (uint8_t)(versions[i] >> 8);
        bytes[2] = (uint8_t)versions[i];
        stepper_give(&s, bytes, size);
        if (k->given != 0 || versions[i] >> 8 != 3)
            stepper_expect_failure(&s, HF_ERROR_RECORD_VERSION, 70);
        else
            cr_assert_eq(endpoint_reason(s.victim), HF_OK);
    }
}

/* RFC 5246 E.1: the ClientHello comes in records of any version 3.x. */
Test(records, client_hello_version)
{
    stepper_reach(&s, EXCHANGE_ECDSA, HF_SERVER, 0);
    saved = s;
    for (unsigned minor = 0; minor < 256; minor++) {
        s = saved;
        const piece *hello = stepper_peek(&s);
        give_clear(s.victim, 22, (uint16_t)(0x300 | minor), s.bytes + hello->offset, hello->size);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        cr_assert_eq(hf_conn_version(&s.victim->conn), HF_TLS1_2);
    }
}

/* What the record of the first ClientHello says, for the sake of old servers (RFC 5246 E.1). */
Test(records, own_client_hello)
{
    stepper_prepare(&s, EXCHANGE_ECDSA, HF_CLIENT);
    stepper_start(&s);
    cr_assert_gt(endpoint_take(&s.p.client, bytes, sizeof bytes), 11);
    cr_assert_eq(memcmp(bytes, "\x16\3\1", 3), 0);
    cr_assert_eq(memcmp(bytes + 9, "\3\3", 2), 0);
}

/* ---------------------------------------------------------------- not TLS */

typedef struct stranger {
    const char *bytes;
    size_t size;
    hf_error reason;
} stranger;

static const stranger strangers[] = {
    {"GET / HTTP/1.1\r\n", 16, HF_ERROR_NOT_TLS},
    {"HTTP/1.1 400 Bad Request\r\n", 26, HF_ERROR_NOT_TLS},
    {"SSH-2.0-OpenSSH_9.2\r\n", 21, HF_ERROR_NOT_TLS},
    {"220 mail.example ESMTP\r\n", 24, HF_ERROR_NOT_TLS},
    {"\0\0\0\0\0", 5, HF_ERROR_NOT_TLS},
    {"\xff\xff\xff\xff\xff", 5, HF_ERROR_NOT_TLS},
    {"\x16\2\0\0\1", 5, HF_ERROR_RECORD_VERSION},
    {"\x16\xfe\xfd\0\0", 5, HF_ERROR_RECORD_VERSION}, /* DTLS */
    /* RFC 5246 E.2: a V2 ClientHello that offers TLS 1.2, and one of SSL 2.0 itself. */
    {"\x80\x2e\1\3\3\0\x15\0\0\0\x10", 11, HF_ERROR_SSL2_HELLO},
    {"\x80\x2e\1\0\2\0\x15\0\0\0\x10", 11, HF_ERROR_SSL2_HELLO},
};

Test(records, strangers)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        stepper_reach(&s, EXCHANGE_ECDSA, (hf_role)role, 0);
        saved = s;
        for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
            /* RFC 5246 6 for an unknown type, RFC 5246 E.1 and 6176 for a version. */
            int alert = strangers[i].reason == HF_ERROR_NOT_TLS ? 10 : 70;
            s = saved;
            stepper_give(&s, (const uint8_t *)strangers[i].bytes, strangers[i].size);
            stepper_expect_failure(&s, strangers[i].reason, alert);
            /* The same, one byte at a time. */
            s = saved;
            for (size_t k = 0; k < strangers[i].size; k++)
                stepper_give(&s, (const uint8_t *)strangers[i].bytes + k, 1);
            stepper_expect_failure(&s, strangers[i].reason, alert);
        }
    }
}

/* ---------------------------------------------------------------- fragments */

/* The clear part of the peer's flight as one stream of handshake bytes. */
static size_t clear_flight(uint8_t *out)
{
    size_t size = 0;
    for (size_t i = s.next; i < s.count && s.pieces[i].type == 22 && !s.pieces[i].sealed; i++) {
        memcpy(out + size, s.bytes + s.pieces[i].offset, s.pieces[i].size);
        size += s.pieces[i].size;
        s.next = i + 1;
    }
    return size;
}

/* Goes on with what the flight has besides handshake messages in the clear. */
static void expect_completed(void)
{
    stepper_expect_success(&s);
    cr_assert_eq(memcmp(s.p.client.conn.master_secret, s.p.server.conn.master_secret, 48), 0);
}

/* RFC 5246 6.2.1: messages may share a record or be spread over several, wherever they are cut. */
static void split_everywhere(exchange kind, hf_role victim, size_t given)
{
    static uint8_t flight[20000];
    stepper_reach(&s, kind, victim, given);
    size_t size = clear_flight(flight);
    cr_assert_gt(size, 0);
    saved = s;
    give_clear(s.victim, 22, HF_TLS1_2, flight, size);
    expect_completed();
    for (size_t cut = 1; cut < size; cut++) {
        s = saved;
        give_clear(s.victim, 22, HF_TLS1_2, flight, cut);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK, "cut at %zu", cut);
        give_clear(s.victim, 22, HF_TLS1_2, flight + cut, size - cut);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK, "cut at %zu: %s", cut,
                     reason_name(endpoint_reason(s.victim)));
        if (cut % 64 == 1)
            expect_completed();
        /* To get here the victim must have read the whole flight. */
        cr_assert_eq(hf_conn_incoming(&s.victim->conn).size, s.victim->rx_size);
    }
    for (size_t each = 1; each < 8; each++) {
        s = saved;
        for (size_t at = 0; at < size; at += each)
            give_clear(s.victim, 22, HF_TLS1_2, flight + at, size - at < each ? size - at : each);
        expect_completed();
    }
}

Test(records, split_client_hello)
{
    split_everywhere(EXCHANGE_ECDSA, HF_SERVER, 0);
}

Test(records, split_client_key_exchange)
{
    split_everywhere(EXCHANGE_ECDSA, HF_SERVER, 1);
    split_everywhere(EXCHANGE_RSA, HF_SERVER, 1);
}

Test(records, split_server_flight)
{
    split_everywhere(EXCHANGE_ECDSA, HF_CLIENT, 0);
}

Test(records, split_server_flight_rsa)
{
    split_everywhere(EXCHANGE_RSA, HF_CLIENT, 0);
}

/* Each split point of the bytes on the wire, records and all: what arrives together means
 * nothing. */
static void chop_everywhere(hf_role victim)
{
    static uint8_t flight[20000];
    stepper_prepare(&s, EXCHANGE_ECDSA, victim);
    stepper_start(&s);
    if (victim == HF_CLIENT) {
        size_t hello = endpoint_take(s.victim, flight, sizeof flight);
        cr_assert_eq(endpoint_give(s.peer, flight, hello), hello);
    }
    size_t size = endpoint_take(s.peer, flight, sizeof flight);
    saved = s;
    for (size_t cut = 1; cut < size; cut += 3) {
        s = saved;
        cr_assert_eq(endpoint_give(s.victim, flight, cut), cut);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        cr_assert_eq(endpoint_give(s.victim, flight + cut, size - cut), size - cut);
        cr_assert(hf_conn_wants(&s.victim->conn) & HF_CAN_SEND);
        if (cut % 64 == 1) {
            cr_assert(pair_run(&s.p));
            cr_assert(hf_conn_wants(&s.victim->conn) & HF_ESTABLISHED);
        }
    }
}

Test(records, chop_client_hello)
{
    chop_everywhere(HF_SERVER);
}

Test(records, chop_server_flight)
{
    chop_everywhere(HF_CLIENT);
}

/* Finished in two protected records, and in one together with what may follow it. */
Test(records, split_finished)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        size_t before = stepper_pieces(EXCHANGE_ECDSA, (hf_role)role) - 1;
        for (size_t cut = 1; cut < 16; cut++) {
            stepper_reach(&s, EXCHANGE_ECDSA, (hf_role)role, before);
            const piece *sealed = stepper_peek(&s);
            uint8_t finished[32];
            size_t size;
            hf_protection keys = s.victim->conn.in.protection;
            memcpy(bytes, s.bytes + sealed->offset, sealed->size);
            cr_assert_eq(hf_protection_open(&keys, 22, HF_TLS1_2, bytes, sealed->size, &size),
                         HF_OK);
            cr_assert_eq(size, 16);
            memcpy(finished, bytes + hf_protection_prefix(&keys), size);
            stepper_inject(&s, 22, finished, cut);
            cr_assert_not(hf_conn_wants(&s.victim->conn) & HF_ESTABLISHED);
            stepper_inject(&s, 22, finished + cut, size - cut);
            cr_assert(hf_conn_wants(&s.victim->conn) & HF_ESTABLISHED);
            cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        }
    }
}

/* Data between the pieces of a message: refused as soon as the record begins. */
Test(records, interleaved)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        size_t all = stepper_pieces(EXCHANGE_ECDSA, (hf_role)role);
        stepper_reach(&s, EXCHANGE_ECDSA, (hf_role)role, all);
        stepper_inject(&s, 22, role == HF_CLIENT ? "\0\0" : "\1\0", 2);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        stepper_inject(&s, 23, "data", 4);
        stepper_expect_failure(&s, HF_ERROR_SPLIT_ACROSS_KEY_CHANGE, 10);
    }
}

/* ---------------------------------------------------------------- protected records */

ParameterizedTestParameters(records, damaged)
{
    static step_case cases[] = {{EXCHANGE_ECDSA, HF_CLIENT, 5},
                                {EXCHANGE_ECDSA, HF_CLIENT, 6},
                                {EXCHANGE_ECDSA, HF_SERVER, 3},
                                {EXCHANGE_ECDSA, HF_SERVER, 4}};
    return cr_make_param_array(step_case, cases, sizeof cases / sizeof cases[0]);
}

/* Any bit of a protected record changed, any byte cut off, replayed, or out of order:
 * bad_record_mac (RFC 5246 7.2.2). */
ParameterizedTest(const step_case *k, records, damaged)
{
    static const uint8_t content[] = "\1\0\1\0\1\0";
    uint8_t type = k->given == stepper_pieces(k->kind, k->victim) ? 23 : 22;
    reach(k);
    size_t size = stepper_record(&s, bytes, type, content, sizeof content);
    for (size_t bit = 0; bit < 8 * (size - 5); bit++) {
        s = saved;
        (void)stepper_record(&s, bytes, type, content, sizeof content);
        bytes[5 + bit / 8] ^= (uint8_t)(1 << bit % 8);
        stepper_give(&s, bytes, size);
        stepper_expect_failure(&s, HF_ERROR_BAD_RECORD_MAC, 20);
    }
    for (size_t length = 0; length < size - 5; length++) {
        s = saved;
        (void)stepper_record(&s, bytes, type, content, sizeof content);
        bytes[3] = 0;
        bytes[4] = (uint8_t)length;
        stepper_give(&s, bytes, 5 + length);
        stepper_expect_failure(&s, HF_ERROR_BAD_RECORD_MAC, 20);
    }
    /* Another content type over the same bytes: the type is authenticated (RFC 5246 6.2.3.3). */
    s = saved;
    (void)stepper_record(&s, bytes, type, content, sizeof content);
    bytes[0] = type == 22 ? 23 : 22;
    stepper_give(&s, bytes, size);
    stepper_expect_failure(&s, HF_ERROR_BAD_RECORD_MAC, 20);
    /* A sequence number ahead (a record was taken out). */
    s = saved;
    s.victim->conn.in.protection.sequence++;
    size = stepper_record(&s, bytes, type, content, sizeof content);
    s.victim->conn.in.protection.sequence--;
    stepper_give(&s, bytes, size);
    stepper_expect_failure(&s, HF_ERROR_BAD_RECORD_MAC, 20);
    /* In the clear although keys are in use. */
    s = saved;
    stepper_give(&s, bytes, clear_record(bytes, type, HF_TLS1_2, content, sizeof content));
    stepper_expect_failure(&s, HF_ERROR_BAD_RECORD_MAC, 20);
}

Test(records, replayed)
{
    char got[8];
    stepper_reach(&s, EXCHANGE_ECDSA, HF_SERVER, 4);
    size_t size = stepper_record(&s, bytes, 23, "once", 4);
    stepper_give(&s, bytes, size);
    cr_assert_eq(endpoint_read(s.victim, got, sizeof got), 4);
    s.victim->conn.in.protection.sequence--;
    size = stepper_record(&s, bytes, 23, "once", 4);
    s.victim->conn.in.protection.sequence++;
    stepper_give(&s, bytes, size);
    stepper_expect_failure(&s, HF_ERROR_BAD_RECORD_MAC, 20);
}

/* RFC 5246 6.1: sequence numbers do not wrap. */
Test(records, sequence_numbers_end)
{
    stepper_reach(&s, EXCHANGE_ECDSA, HF_SERVER, 4);
    s.victim->conn.in.protection.sequence = UINT64_MAX - 1;
    stepper_inject(&s, 23, "last", 4);
    char got[8];
    cr_assert_eq(endpoint_read(s.victim, got, sizeof got), 4);
    cr_assert_eq(s.victim->conn.in.protection.sequence, UINT64_MAX);
    stepper_inject(&s, 23, "more", 4);
    stepper_expect_failure(&s, HF_ERROR_SEQUENCE_EXHAUSTED, 80);
}

Test(records, own_sequence_numbers_end)
{
    stepper_reach(&s, EXCHANGE_ECDSA, HF_SERVER, 4);
    s.victim->conn.out.protection.sequence = UINT64_MAX;
    cr_assert(endpoint_write(s.victim, "more", 4));
    (void)endpoint_run(s.victim);
    /* Nothing can be sealed any more, not even the alert. */
    stepper_expect_failure(&s, HF_ERROR_SEQUENCE_EXHAUSTED, HF_ALERT_NONE);
}

/* ---------------------------------------------------------------- floods */

/* RFC 5246 6.2.1 allows empty application data as a countermeasure to traffic analysis; a flood of
 * it is cut off. */
Test(records, empty_data_flood)
{
    char got[4];
    stepper_reach(&s, EXCHANGE_ECDSA, HF_SERVER, 4);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < HF_EMPTY_RECORDS_MAX; i++)
            stepper_inject(&s, 23, NULL, 0);
        stepper_inject(&s, 23, "x", 1);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        cr_assert_eq(endpoint_read(s.victim, got, sizeof got), 1);
    }
    for (int i = 0; i <= HF_EMPTY_RECORDS_MAX; i++)
        stepper_inject(&s, 23, NULL, 0);
    stepper_expect_failure(&s, HF_ERROR_TOO_MANY_EMPTY_RECORDS, 10);
}

/* HelloRequests cost a client in a handshake nothing, so their number is bounded by bytes. */
Test(records, handshake_flood)
{
    stepper_reach(&s, EXCHANGE_ECDSA, HF_CLIENT, 0);
    size_t sent = 0;
    while (endpoint_reason(s.victim) == HF_OK && sent < 2 * (size_t)HF_HANDSHAKE_BYTES_MAX) {
        static const uint8_t requests[4096];
        stepper_inject(&s, 22, requests, sizeof requests);
        sent += 5 + sizeof requests;
    }
    cr_assert_gt(sent, HF_HANDSHAKE_BYTES_MAX);
    stepper_expect_failure(&s, HF_ERROR_HANDSHAKE_FLOOD, 40);
}

/* A message longer than the receive buffer is known from its header. */
Test(records, message_exceeds_buffer)
{
    stepper_reach(&s, EXCHANGE_ECDSA, HF_SERVER, 0);
    stepper_inject(&s, 22, "\1\0\x50\0", 4);
    stepper_expect_failure(&s, HF_ERROR_MESSAGE_EXCEEDS_BUFFER, 40);
}
