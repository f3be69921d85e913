/* max_fragment_length (RFC 6066 4) and record_size_limit (RFC 8449): what is offered, agreed upon,
 * sent and taken. */
#include "tests/flow/resume.h"
#include "tests/flow/stepper.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#define FRAGMENT_LENGTH 1 /* extension types */
#define SIZE_LIMIT      28
#define GCM_OVERHEAD    24 /* explicit nonce and tag, RFC 5288 3 */
#define NO_LIMIT        16384

static resume r;
static pair *const p = &r.p;

/* ---------------------------------------------------------------- records on the line */

typedef struct sizes {
    size_t clear, sealed; /* the longest fragment, without its header */
    size_t records[400];  /* of each protected one */
    size_t count;
    bool is_sealed;
} sizes;

static sizes seen[2]; /* by sender */

static void note_records(sizes *s, const uint8_t *raw, size_t raw_size)
{
    for (size_t at = 0; at < raw_size;) {
        size_t size = (size_t)raw[at + 3] << 8 | raw[at + 4];
        size_t *longest = s->is_sealed ? &s->sealed : &s->clear;
        if (size > *longest)
            *longest = size;
        if (s->is_sealed && s->count < sizeof s->records / sizeof s->records[0])
            s->records[s->count++] = size;
        if (raw[at] == HF_CONTENT_CHANGE_CIPHER_SPEC)
            s->is_sealed = true;
        at += 5 + size;
    }
}

/* Moves what one side has to send to the other, which reads data as it comes. */
static size_t carry(endpoint *from, endpoint *to, size_t *got)
{
    static uint8_t raw[70000], data[20000];
    size_t size = endpoint_take(from, raw, sizeof raw), given = 0;
    note_records(&seen[from->conn.role], raw, size);
    while (given < size) {
        size_t part = endpoint_give(to, raw + given, size - given);
        size_t read = endpoint_read(to, data, sizeof data);
        given += part;
        *got += read;
        if (part == 0 && read == 0)
            break;
    }
    return size;
}

static void run(void)
{
    size_t ignored = 0;
    while (carry(&p->client, &p->server, &ignored) + carry(&p->server, &p->client, &ignored) != 0)
        continue;
}

static void connect_both(void)
{
    memset(seen, 0, sizeof seen);
    pair_start(p);
    run();
    expect_established(p);
}

static void transfer(endpoint *from, endpoint *to, size_t size)
{
    size_t written = 0, got = 0;
    while (got < size) {
        hf_buf room = hf_conn_writable(&from->conn);
        size_t part = size - written < room.size ? size - written : room.size;
        memset(room.data, 'x', part);
        cr_assert_eq(hf_conn_written(&from->conn, part), HF_OK);
        written += part;
        hf_conn_flush(&from->conn);
        cr_assert_gt(carry(from, to, &got), 0, "%zu of %zu bytes, %s, %s", got, size,
                     reason_name(endpoint_reason(from)), reason_name(endpoint_reason(to)));
    }
    cr_assert_eq(got, size);
}

static void prepare(uint16_t version)
{
    resume_begin(&r);
    resume_prepare(&r, "p256", version == HF_TLS1_2 ? 0xc02b : 0xc009, version);
    p->client.config.without_encrypt_then_mac = version == HF_TLS1_0;
}

static void expect_limits(size_t to_client, size_t to_server)
{
    cr_assert_eq(hf_conn_record_limit_taken(&p->client.conn), to_client);
    cr_assert_eq(hf_conn_record_limit_sent(&p->server.conn), to_client);
    cr_assert_eq(hf_conn_record_limit_taken(&p->server.conn), to_server);
    cr_assert_eq(hf_conn_record_limit_sent(&p->client.conn), to_server);
}

static void expect_fragment_length(size_t length)
{
    cr_assert_eq(hf_conn_max_fragment_length(&p->client.conn), length);
    cr_assert_eq(hf_conn_max_fragment_length(&p->server.conn), length);
}

/* A record of data with as many bytes, as if the sender knew of no limit. */
static void give_sealed(endpoint *from, endpoint *to, size_t size)
{
    static uint8_t record[5 + NO_LIMIT + 256];
    hf_protection *protection = &from->conn.out.protection;
    size_t prefix = hf_protection_prefix(protection);
    uint16_t version = from->conn.out.version;
    memset(record, 'x', sizeof record);
    (void)clear_record(record, HF_CONTENT_APPLICATION_DATA, version, NULL, 0);
    size_t sealed = hf_protection_sealed_size(protection, size);
    cr_assert_eq(hf_protection_seal(protection, HF_CONTENT_APPLICATION_DATA, version,
                                    record + 5 + prefix, size),
                 HF_OK);
    record[3] = (uint8_t)(sealed >> 8);
    record[4] = (uint8_t)sealed;
    (void)endpoint_give(to, record, 5 + sealed);
}

/* Exactly the limit is read, one byte more is a record_overflow. */
static void expect_enforced(endpoint *from, endpoint *to, size_t limit)
{
    uint8_t data[NO_LIMIT];
    give_sealed(from, to, limit);
    cr_assert_eq(endpoint_read(to, data, sizeof data), limit);
    give_sealed(from, to, limit + 1);
    run();
    expect_refusal(p, to->conn.role, HF_ERROR_RECORD_OVERFLOW, 22);
}

/* ---------------------------------------------------------------- max_fragment_length */

typedef struct length_case {
    uint16_t version, length;
} length_case;

static length_case length_cases[12];

static size_t make_length_cases(void)
{
    size_t count = 0;
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (unsigned length = 512; length <= 4096; length *= 2)
            length_cases[count++] = (length_case){version, (uint16_t)length};
    return count;
}

ParameterizedTestParameters(record_limits, fragment_lengths)
{
    return cr_make_param_array(length_case, length_cases, make_length_cases());
}

/* RFC 5246 6.2.3.2, RFC 7366 3: explicit IV from TLS 1.1 on, a MAC of 20 bytes, and at least one
 * byte of padding, to whole blocks with the MAC in TLS 1.0 here and without it in TLS 1.1. */
static size_t sealed_size(uint16_t version, size_t size)
{
    if (version == HF_TLS1_2)
        return size + GCM_OVERHEAD;
    return version == HF_TLS1_0 ? (size + 20) / 16 * 16 + 16 : 16 + size / 16 * 16 + 16 + 20;
}

/* "the client and server MUST immediately begin fragmenting messages (including handshake messages)
 * to ensure that no fragment larger than the negotiated length is sent". */
ParameterizedTest(const length_case *k, record_limits, fragment_lengths)
{
    prepare(k->version);
    p->client.config.max_fragment_length = k->length;
    connect_both();
    expect_fragment_length(k->length);
    expect_limits(k->length, k->length);
    cr_assert_leq(seen[HF_SERVER].clear, k->length);
    if (k->length == 512) /* the chain is longer */
        cr_assert_eq(seen[HF_SERVER].clear, k->length);
    transfer(&p->client, &p->server, 20000);
    transfer(&p->server, &p->client, 20000);
    cr_assert_eq(seen[HF_CLIENT].sealed, sealed_size(k->version, k->length));
    cr_assert_eq(seen[HF_SERVER].sealed, sealed_size(k->version, k->length));
}

/* Where TLS 1.0 splits the first byte off (RFC 4346 F.3), both records together hold no more. */
Test(record_limits, split_records)
{
    prepare(HF_TLS1_0);
    p->client.config.max_fragment_length = 512;
    connect_both();
    transfer(&p->client, &p->server, 5120);
    const sizes *s = &seen[HF_CLIENT];
    cr_assert_eq(s->count, 1 + 2 * 10, "%zu", s->count);
    for (size_t i = 1; i < s->count; i++) /* 1 + 20 + 11, 511 + 20 + 13 */
        cr_assert_eq(s->records[i], i % 2 == 1 ? 32 : 544, "record %zu: %zu", i, s->records[i]);
}

ParameterizedTestParameters(record_limits, fragment_lengths_taken)
{
    return cr_make_param_array(length_case, length_cases, make_length_cases());
}

ParameterizedTest(const length_case *k, record_limits, fragment_lengths_taken)
{
    for (int to_server = 0; to_server < 2; to_server++) {
        prepare(k->version);
        p->client.config.max_fragment_length = k->length;
        connect_both();
        if (to_server)
            expect_enforced(&p->client, &p->server, k->length);
        else
            expect_enforced(&p->server, &p->client, k->length);
    }
}

/* In the clear the limit holds from the hellos on; before them it does not. */
Test(record_limits, fragment_length_in_the_clear)
{
    static uint8_t flight[20000], header[5 + 4] = {22, 3, 3, 0, 0, 16, 0, 7, 0};
    for (size_t size = 512; size <= 513; size++) {
        prepare(HF_TLS1_2);
        p->client.config.max_fragment_length = 512;
        pair_start(p);
        size_t hello = endpoint_take(&p->client, flight, sizeof flight);
        cr_assert_eq(endpoint_give(&p->server, flight, hello), hello);
        /* To the server: the beginning of a ClientKeyExchange. */
        header[3] = (uint8_t)(size >> 8);
        header[4] = (uint8_t)size;
        size_t answer = endpoint_take(&p->server, flight, sizeof flight);
        (void)endpoint_give(&p->server, header, sizeof header);
        cr_assert_eq(endpoint_reason(&p->server), size == 512 ? HF_OK : HF_ERROR_RECORD_OVERFLOW);
        /* To the client: its first record has the hello and is 512 bytes long. */
        size_t first = 5 + ((size_t)flight[3] << 8 | flight[4]);
        cr_assert_eq(first, 5 + 512);
        cr_assert_gt(answer, first);
        cr_assert_eq(endpoint_give(&p->client, flight, first), first);
        cr_assert_eq(hf_conn_max_fragment_length(&p->client.conn), 512);
        (void)endpoint_give(&p->client, header, 5);
        cr_assert_eq(endpoint_reason(&p->client), size == 512 ? HF_OK : HF_ERROR_RECORD_OVERFLOW);
        if (size == 513)
            cr_assert_eq(hf_conn_failure(&p->client.conn)->alert, 22);
    }
}

/* Not every peer puts a message together again that need not have been split: one that fits into a
 * record is in one. */
static size_t record_at(const uint8_t *flight, size_t place)
{
    size_t record = 0;
    for (size_t size = 0;; record++) {
        size += (size_t)flight[3] << 8 | flight[4];
        if (place < size)
            return record;
        flight += 5 + ((size_t)flight[3] << 8 | flight[4]);
    }
}

static size_t put_together(uint8_t *messages, const uint8_t *flight, size_t size)
{
    size_t whole = 0;
    for (size_t at = 0; at < size; at += 5 + ((size_t)flight[at + 3] << 8 | flight[at + 4])) {
        size_t part = (size_t)flight[at + 3] << 8 | flight[at + 4];
        memcpy(messages + whole, flight + at + 5, part);
        whole += part;
    }
    return whole;
}

Test(record_limits, messages_that_fit_are_whole)
{
    static uint8_t flight[20000], messages[20000];
    for (size_t length = 512; length <= 2048; length *= 2) {
        prepare(HF_TLS1_2);
        p->client.config.max_fragment_length = (uint16_t)length;
        pair_start(p);
        size_t size = endpoint_take(&p->client, flight, sizeof flight), count = 0;
        cr_assert_eq(endpoint_give(&p->server, flight, size), size);
        size = put_together(messages, flight, endpoint_take(&p->server, flight, sizeof flight));
        for (size_t at = 0, end; at < size; at = end, count++) {
            end = at + 4 + ((size_t)messages[at + 2] << 8 | messages[at + 3]);
            if (end - at <= length)
                cr_assert_eq(record_at(flight, at), record_at(flight, end - 1), "%zu: %u", length,
                             messages[at]);
        }
        cr_assert_eq(count, 4);
    }
}

Test(record_limits, long_records_before_the_hello)
{
    static uint8_t flight[20000], record[5 + NO_LIMIT];
    prepare(HF_TLS1_2);
    p->client.config.max_fragment_length = 512;
    pair_start(p);
    size_t hello = endpoint_take(&p->client, flight, sizeof flight);
    (void)endpoint_give(&p->server, flight, hello);
    size_t size = 0, taken = endpoint_take(&p->server, flight, sizeof flight);
    for (size_t at = 0; at < taken; at += 5 + ((size_t)flight[at + 3] << 8 | flight[at + 4])) {
        size_t part = (size_t)flight[at + 3] << 8 | flight[at + 4];
        memcpy(record + 5 + size, flight + at + 5, part);
        size += part;
    }
    (void)clear_record(record, HF_CONTENT_HANDSHAKE, HF_TLS1_2, NULL, 0);
    record[3] = (uint8_t)(size >> 8);
    record[4] = (uint8_t)size;
    cr_assert_gt(size, 512);
    cr_assert_eq(endpoint_give(&p->client, record, 5 + size), 5 + size);
    run();
    expect_established(p);
}

/* ---------------------------------------------------------------- what servers answer */

static bool replace_in_server_hello(relay *line, relayed *part, uint16_t code)
{
    const hf_span *body = line->context;
    if (part->type == HF_SERVER_HELLO) {
        (void)hello_remove_extension(part, code);
        hello_add_extension(part, code, body->data, body->size);
    }
    return true;
}

static bool replace_fragment_length(relay *line, relayed *part)
{
    return replace_in_server_hello(line, part, FRAGMENT_LENGTH);
}

static bool replace_size_limit(relay *line, relayed *part)
{
    return replace_in_server_hello(line, part, SIZE_LIMIT);
}

/* RFC 6066 4: an answer "that differs from the length it requested" makes the client abort with an
 * illegal_parameter alert. */
Test(record_limits, wrong_echo)
{
    for (unsigned length = 1; length <= 4; length++)
        for (unsigned echo = 0; echo < 256; echo = echo < 6 ? echo + 1 : echo * 2 + 3) {
            const uint8_t code = (uint8_t)echo;
            hf_span body = {&code, 1};
            if (echo == length)
                continue;
            prepare(HF_TLS1_2);
            p->client.config.max_fragment_length = (uint16_t)(256u << length);
            relay_connect(&r.line, p, replace_fragment_length, &body);
            expect_refusal(p, HF_CLIENT, HF_ERROR_FRAGMENT_LENGTH_WRONG, 47);
        }
}

/* A server that ignores the extension: all is as without it. */
Test(record_limits, no_echo)
{
    prepare(HF_TLS1_2);
    p->client.config.max_fragment_length = 512;
    p->server.config.without_max_fragment_length = true;
    connect_both();
    expect_fragment_length(0);
    expect_limits(NO_LIMIT, NO_LIMIT);
    transfer(&p->server, &p->client, 40000);
    cr_assert_eq(seen[HF_SERVER].sealed, NO_LIMIT + GCM_OVERHEAD);
}

/* ---------------------------------------------------------------- resumption */

static const hf_ticket_key ticket_key = {{7}, {8}};
static const hf_ticket_keys ticket_keys = {&ticket_key, 1, 0};

static void prepare_session(bool by_ticket, uint16_t length)
{
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    p->client.config.max_fragment_length = length;
    if (by_ticket) {
        p->server.config.cache = NULL;
        p->server.config.tickets = &ticket_keys;
    }
}

/* "The negotiated length applies for the duration of the session including session resumptions." */
Test(record_limits, resumed)
{
    for (int by_ticket = 0; by_ticket < 2; by_ticket++) {
        resume_begin(&r);
        prepare_session(by_ticket, 1024);
        resume_full(&r);
        prepare_session(by_ticket, 1024);
        memset(seen, 0, sizeof seen);
        p->session = &r.session;
        pair_start(p);
        run();
        expect_resumed(&r, true);
        expect_fragment_length(1024);
        expect_limits(1024, 1024);
        transfer(&p->client, &p->server, 10000);
        transfer(&p->server, &p->client, 10000);
        cr_assert_eq(seen[HF_CLIENT].sealed, 1024 + GCM_OVERHEAD);
        cr_assert_eq(seen[HF_SERVER].sealed, 1024 + GCM_OVERHEAD);
        expect_enforced(&p->server, &p->client, 1024);
    }
}

/* A client that wants another length now, or none, does not offer the session. */
Test(record_limits, another_length_now)
{
    static const uint16_t lengths[] = {0, 512, 1024, 4096};
    for (int by_ticket = 0; by_ticket < 2; by_ticket++)
        for (size_t before = 0; before < 4; before++)
            for (size_t now = 0; now < 4; now++) {
                resume_begin(&r);
                prepare_session(by_ticket, lengths[before]);
                resume_full(&r);
                expect_fragment_length(lengths[before]);
                prepare_session(by_ticket, lengths[now]);
                resume_again(&r, NULL, NULL);
                expect_resumed(&r, lengths[before] == lengths[now]);
                expect_fragment_length(lengths[now]);
                expect_data(p);
            }
}

static int answered_id; /* whether the ServerHello has the session ID that was offered */

static bool ask_for_2048(relay *line, relayed *part)
{
    static const uint8_t code = 3;
    (void)line;
    if (part->type == HF_CLIENT_HELLO) {
        cr_assert(hello_remove_extension(part, FRAGMENT_LENGTH));
        hello_add_extension(part, FRAGMENT_LENGTH, &code, 1);
    }
    if (part->type == HF_SERVER_HELLO)
        answered_id = memcmp(part->bytes + 39, p->client.conn.session_id, 32) == 0;
    return true;
}

/* A client that offers the session all the same gets a full handshake. */
Test(record_limits, another_length_on_the_line)
{
    resume_begin(&r);
    prepare_session(false, 1024);
    resume_full(&r);
    prepare_session(false, 1024);
    answered_id = 2;
    resume_again(&r, ask_for_2048, NULL);
    cr_assert_eq(answered_id, 0, "the session was not resumed");
    expect_refusal(p, HF_CLIENT, HF_ERROR_FRAGMENT_LENGTH_WRONG, 47);
}

/* ---------------------------------------------------------------- what is offered by itself */

typedef struct offers {
    size_t length, limit; /* 0: not offered */
} offers;

static bool note_offers(relay *line, relayed *part)
{
    offers *to = line->context;
    size_t size;
    if (part->type != HF_CLIENT_HELLO)
        return true;
    const uint8_t *length = hello_extension(part, FRAGMENT_LENGTH, &size);
    to->length = length != NULL ? 256u << length[0] : 0;
    const uint8_t *limit = hello_extension(part, SIZE_LIMIT, &size);
    to->limit = limit != NULL ? (size_t)limit[0] << 8 | limit[1] : 0;
    return true;
}

static offers offers_with(size_t rx_size)
{
    offers found = {1, 1};
    p->client.rx_size = rx_size;
    relay_connect(&r.line, p, note_offers, &found);
    return found;
}

/* What is asked for fits into the buffer with all that protection adds, and no more would. */
Test(record_limits, from_the_buffer)
{
    for (size_t size = HF_RX_MIN; size <= HF_RX_FULL; size += size < 6000 ? 61 : 997) {
        prepare(HF_TLS1_2);
        offers found = offers_with(size);
        size_t fits = size - HF_RECORD_OVERHEAD;
        if (fits >= NO_LIMIT) {
            cr_assert_eq(found.length, 0);
            cr_assert_eq(found.limit, 0);
            continue;
        }
        cr_assert_eq(found.limit, fits);
        cr_assert_leq(found.length, fits);
        cr_assert(found.length == 4096 || 2 * found.length > fits, "%zu in %zu", found.length,
                  size);
    }
    prepare(HF_TLS1_2);
    cr_assert_eq(offers_with(HF_RX_FULL).limit, 0);
}

Test(record_limits, switched_off)
{
    for (int which = 0; which < 4; which++) {
        prepare(HF_TLS1_2);
        p->client.config.without_max_fragment_length = (which & 1) != 0;
        p->client.config.without_record_size_limit = (which & 2) != 0;
        offers found = offers_with(6000);
        cr_assert_eq(found.length, (which & 1) != 0 ? 0 : 4096);
        cr_assert_eq(found.limit, (which & 2) != 0 ? 0 : 6000 - HF_RECORD_OVERHEAD);
    }
}

Test(record_limits, configured)
{
    prepare(HF_TLS1_2);
    p->client.config.max_fragment_length = 1024;
    offers found = offers_with(HF_RX_FULL);
    cr_assert_eq(found.length, 1024);
    cr_assert_eq(found.limit, 0);
    prepare(HF_TLS1_2);
    p->client.config.record_size_limit = 3000;
    found = offers_with(HF_RX_FULL);
    cr_assert_eq(found.length, 2048, "for servers that know only the older extension");
    cr_assert_eq(found.limit, 3000);
    /* Never more than fits. */
    prepare(HF_TLS1_2);
    p->client.config.record_size_limit = 16384;
    cr_assert_eq(offers_with(2048).limit, 2048 - HF_RECORD_OVERHEAD);
    prepare(HF_TLS1_2);
    p->client.config.record_size_limit = 16384;
    cr_assert_eq(offers_with(HF_RX_FULL).limit, 16384, "to learn the server's");
}

Test(record_limits, impossible_configurations)
{
    static const uint16_t lengths[] = {1, 256, 511, 513, 1000, 4095, 8192, 16384, 0xffff};
    static const uint16_t limits[] = {1, 63, 16385, 0xffff};
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        for (size_t i = 0; i < 9 + 4; i++) {
            prepare(HF_TLS1_2);
            endpoint *e = role == HF_CLIENT ? &p->client : &p->server;
            if (i < 9)
                e->config.max_fragment_length = lengths[i];
            else
                e->config.record_size_limit = limits[i - 9];
            cr_assert_eq(hf_conn_init(&e->conn, (hf_role)role, &e->config, &e->handshake,
                                      (hf_buf){e->rx, sizeof e->rx}, (hf_buf){e->tx, sizeof e->tx}),
                         HF_ERROR_BAD_ARGUMENT);
        }
    }
}

/* ---------------------------------------------------------------- record_size_limit */

/* Each side's limit is for what the other sends, and for protected records alone (RFC 8449 4). */
Test(record_limits, each_direction)
{
    static const uint16_t limits[] = {64, 65, 100, 512, 3000, 16383, 16384};
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (size_t client = 0; client < 6; client++)
            for (size_t server = 0; server < 7; server++) {
                prepare(version);
                p->client.config.record_size_limit = limits[client];
                p->server.config.record_size_limit = limits[server];
                connect_both();
                expect_fragment_length(0);
                expect_limits(limits[client], limits[server]);
                cr_assert_gt(seen[HF_SERVER].clear, 512, "records in the clear are as they were");
                transfer(&p->client, &p->server, 17000);
                transfer(&p->server, &p->client, 17000);
                if (version != HF_TLS1_2)
                    continue;
                cr_assert_eq(seen[HF_SERVER].sealed, limits[client] + GCM_OVERHEAD);
                cr_assert_eq(seen[HF_CLIENT].sealed, limits[server] + GCM_OVERHEAD);
            }
}

/* RFC 8449 4: "A TLS endpoint that receives a record larger than its advertised limit MUST generate
 * a fatal record_overflow alert". */
Test(record_limits, size_limits_taken)
{
    static const uint16_t limits[] = {64, 1000, 16383};
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (size_t i = 0; i < 3; i++)
            for (int to_server = 0; to_server < 2; to_server++) {
                prepare(version);
                p->client.config.record_size_limit = to_server ? 70 : limits[i];
                p->server.config.record_size_limit = to_server ? limits[i] : 70;
                connect_both();
                if (to_server)
                    expect_enforced(&p->client, &p->server, limits[i]);
                else
                    expect_enforced(&p->server, &p->client, limits[i]);
            }
}

/* 64 is the least; 2^14 the most that a server may answer in TLS 1.2. */
Test(record_limits, values_from_servers)
{
    static const struct {
        uint16_t limit;
        bool is_wrong;
    } values[] = {{0, true},      {63, true},    {64, false},
                  {16384, false}, {16385, true}, {0xffff, true}};
    for (size_t i = 0; i < 6; i++) {
        const uint8_t bytes[] = {(uint8_t)(values[i].limit >> 8), (uint8_t)values[i].limit};
        hf_span body = {bytes, 2};
        prepare(HF_TLS1_2);
        p->client.config.record_size_limit = 1000;
        relay_connect(&r.line, p, replace_size_limit, &body);
        if (values[i].is_wrong)
            expect_refusal(p, HF_CLIENT, HF_ERROR_RECORD_SIZE_LIMIT_WRONG, 47);
        else
            cr_assert_neq(endpoint_reason(&p->client), HF_ERROR_RECORD_SIZE_LIMIT_WRONG);
    }
}

static bool ask_for_limit(relay *line, relayed *part)
{
    const hf_span *body = line->context;
    if (part->type == HF_CLIENT_HELLO) {
        (void)hello_remove_extension(part, SIZE_LIMIT);
        hello_add_extension(part, SIZE_LIMIT, body->data, body->size);
    }
    return true;
}

/* Above 2^14 a client may know what this server does not: it is taken for no limit. */
Test(record_limits, values_from_clients)
{
    static const uint16_t limits[] = {0, 63, 64, 16384, 16385, 0xffff};
    for (size_t i = 0; i < 6; i++) {
        const uint8_t bytes[] = {(uint8_t)(limits[i] >> 8), (uint8_t)limits[i]};
        hf_span body = {bytes, 2};
        prepare(HF_TLS1_2);
        p->client.config.record_size_limit = 1000;
        relay_connect(&r.line, p, ask_for_limit, &body);
        if (limits[i] < 64)
            expect_refusal(p, HF_SERVER, HF_ERROR_RECORD_SIZE_LIMIT_WRONG, 47);
        else /* the hellos differ */
            cr_assert_neq(endpoint_reason(&p->server), HF_ERROR_RECORD_SIZE_LIMIT_WRONG);
    }
}

typedef struct answers {
    bool length, limit;
} answers;

static bool note_answers(relay *line, relayed *part)
{
    answers *to = line->context;
    size_t size;
    if (part->type == HF_SERVER_HELLO) {
        to->length = hello_extension(part, FRAGMENT_LENGTH, &size) != NULL;
        to->limit = hello_extension(part, SIZE_LIMIT, &size) != NULL;
    }
    return true;
}

/* RFC 8449 5: "A server that supports the record_size_limit extension MUST ignore a
 * max_fragment_length that appears in a ClientHello if both extensions appear." */
Test(record_limits, both_from_a_client)
{
    for (int knows = 0; knows < 2; knows++) {
        answers found = {false, false};
        prepare(HF_TLS1_2);
        p->client.config.max_fragment_length = 512;
        p->client.config.record_size_limit = 2000;
        p->server.config.without_record_size_limit = !knows;
        relay_connect(&r.line, p, note_answers, &found);
        expect_established(p);
        cr_assert_eq(found.length, !knows);
        cr_assert_eq(found.limit, knows);
        expect_fragment_length(knows ? 0 : 512);
        expect_limits(knows ? 2000 : 512, knows ? NO_LIMIT : 512);
    }
    /* A server that knows neither. */
    answers found = {true, true};
    prepare(HF_TLS1_2);
    p->client.config.record_size_limit = 2000;
    p->server.config.without_record_size_limit = true;
    p->server.config.without_max_fragment_length = true;
    relay_connect(&r.line, p, note_answers, &found);
    expect_established(p);
    cr_assert_not(found.length || found.limit);
    expect_limits(NO_LIMIT, NO_LIMIT);
}

/* RFC 8449 5: "A client MUST treat receipt of both max_fragment_length and record_size_limit as a
 * fatal error, and it SHOULD generate an illegal_parameter alert." */
Test(record_limits, both_from_a_server)
{
    static const uint8_t code = 2;
    hf_span body = {&code, 1};
    prepare(HF_TLS1_2);
    p->client.config.max_fragment_length = 1024;
    p->client.config.record_size_limit = 2000;
    relay_connect(&r.line, p, replace_fragment_length, &body);
    expect_refusal(p, HF_CLIENT, HF_ERROR_RECORD_SIZE_LIMIT_WRONG, 47);
}

/* RFC 8449 4: "During resumption, the record size limit is renegotiated." */
Test(record_limits, size_limit_not_resumed)
{
    for (int by_ticket = 0; by_ticket < 2; by_ticket++) {
        resume_begin(&r);
        prepare_session(by_ticket, 0);
        p->client.config.record_size_limit = 300;
        resume_full(&r);
        expect_limits(300, NO_LIMIT);
        prepare_session(by_ticket, 0);
        p->client.config.record_size_limit = 200;
        p->server.config.record_size_limit = 100;
        resume_again(&r, NULL, NULL);
        expect_resumed(&r, true);
        expect_limits(200, 100);
        prepare_session(by_ticket, 0);
        resume_again(&r, NULL, NULL);
        expect_resumed(&r, true);
        expect_limits(NO_LIMIT, NO_LIMIT);
    }
}

/* ---------------------------------------------------------------- renegotiation */

static void renegotiate(void)
{
    memset(seen, 0, sizeof seen);
    seen[HF_CLIENT].is_sealed = seen[HF_SERVER].is_sealed = true;
    cr_assert_eq(hf_conn_renegotiate(&p->client.conn, NULL), HF_OK);
    run();
    expect_established(p);
    cr_assert_not(hf_conn_is_renegotiating(&p->client.conn));
}

/* RFC 8449 4: "Records are subject to the limits that were set in the handshake that produces the
 * keys that are used to protect those records", those of the next handshake among them. */
Test(record_limits, renegotiated)
{
    prepare(HF_TLS1_2);
    p->client.config.renegotiation = p->server.config.renegotiation = HF_RENEGOTIATION_BY_CLIENT;
    p->client.config.record_size_limit = 300;
    connect_both();
    expect_limits(300, NO_LIMIT);
    p->client.config.record_size_limit = 2000;
    p->server.config.record_size_limit = 1500;
    renegotiate();
    cr_assert_eq(seen[HF_SERVER].sealed, 300 + GCM_OVERHEAD);
    expect_limits(2000, 1500);
    transfer(&p->client, &p->server, 17000);
    transfer(&p->server, &p->client, 17000);
    cr_assert_eq(seen[HF_SERVER].sealed, 2000 + GCM_OVERHEAD);
    cr_assert_eq(seen[HF_CLIENT].sealed, 1500 + GCM_OVERHEAD);
    /* To the other extension, and to nothing. */
    p->client.config.record_size_limit = 0;
    p->client.config.max_fragment_length = 512;
    renegotiate();
    cr_assert_leq(seen[HF_SERVER].sealed, 2000 + GCM_OVERHEAD);
    expect_fragment_length(512);
    expect_limits(512, 512);
    expect_data(p);
    p->client.config.max_fragment_length = 0;
    renegotiate();
    cr_assert_eq(seen[HF_SERVER].sealed, 512 + GCM_OVERHEAD);
    expect_fragment_length(0);
    expect_limits(NO_LIMIT, NO_LIMIT);
    expect_data(p);
}

/* ---------------------------------------------------------------- the smallest buffer */

static void prepare_small(endpoint *small, uint16_t version)
{
    prepare(version);
    pki_load(&p->server.credentials[0], "server-p256-direct", NULL);
    p->server.offered[0] = p->server.credentials[0].credentials;
    small->rx_size = HF_RX_MIN;
}

/* 1024 bytes to receive in against a peer with full buffers. */
Test(record_limits, smallest_buffer)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (int knows = 0; knows < 2; knows++) {
            prepare_small(&p->client, version);
            p->server.config.without_record_size_limit = !knows;
            connect_both();
            expect_fragment_length(knows ? 0 : 512);
            transfer(&p->client, &p->server, 100000);
            transfer(&p->server, &p->client, 100000);
        }
}

/* A server can ask for short records only of a client that has offered to. */
Test(record_limits, smallest_buffer_of_a_server)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        prepare_small(&p->server, version);
        p->client.config.record_size_limit = 16383;
        connect_both();
        transfer(&p->client, &p->server, 100000);
        transfer(&p->server, &p->client, 100000);
    }
    prepare_small(&p->server, HF_TLS1_2);
    connect_both();
    expect_limits(NO_LIMIT, NO_LIMIT);
    give_sealed(&p->client, &p->server, 2000);
    cr_assert_eq(endpoint_reason(&p->server), HF_ERROR_RECORD_EXCEEDS_BUFFER);
    cr_assert_eq(hf_conn_failure(&p->server.conn)->alert, 22);
}

/* More than the receive buffer holds is not asked for, whatever is configured. */
Test(record_limits, configured_beyond_the_buffer)
{
    static const struct {
        size_t rx_size;
        uint16_t configured, expected;
    } rows[] = {{1024, 4096, 512}, {2048, 4096, 1024}, {8192, 4096, 4096}, {8192, 512, 512}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static pair small;
        pair_prepare(&small, "p256");
        small.client.rx_size = rows[i].rx_size;
        small.client.config.max_fragment_length = rows[i].configured;
        small.client.config.without_record_size_limit = true;
        pair_connect(&small);
        expect_established(&small);
        cr_assert_eq(hf_conn_max_fragment_length(&small.server.conn), rows[i].expected, "row %zu",
                     i);
    }
}
