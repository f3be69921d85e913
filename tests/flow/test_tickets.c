/* Sessions resumed by ticket (RFC 5077): in every version and kind of protection, by servers that
 * remember nothing, and when a ticket is not taken. */
#include "tests/flow/renegotiate.h"
#include "tests/flow/stepper.h"

#include "crypto_glue/hash.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#define SESSION_TICKET 35

static resume r;
static hf_ticket_key keys[3];
static hf_ticket_keys set;

/* A server with one key and no other memory. */
static void begin(void)
{
    resume_begin(&r);
    for (size_t i = 0; i < 3; i++) {
        memset(keys[i].name, (int)(0x61 + i), sizeof keys[i].name);
        memset(keys[i].secret, (int)(0x11 + i), sizeof keys[i].secret);
    }
    set = (hf_ticket_keys){keys, 1, 0};
}

static const char *server_key(uint16_t code)
{
    switch (hf_suite_of(code)->authentication) {
    case HF_KEY_RSA:
        return "rsa2048";
    case HF_KEY_DSA:
        return "dsa2048";
    default:
        return "p256";
    }
}

static void prepare(uint16_t suite, uint16_t version)
{
    resume_prepare(&r, server_key(suite), suite, version);
    r.p.server.config.cache = NULL;
    r.p.server.config.tickets = &set;
}

/* What the two hellos and the NewSessionTicket said. */
static struct {
    uint8_t client_id[33], server_id[33]; /* with their length in front */
    bool asks, promises;
    size_t offered; /* bytes of the ticket in the ClientHello */
    uint32_t hint;
} heard;

static bool note(relay *line, relayed *part)
{
    size_t size = 0;
    (void)line;
    if (part->type == HF_CLIENT_HELLO) {
        memset(&heard, 0, sizeof heard);
        memcpy(heard.client_id, part->bytes + 38, 1 + (size_t)part->bytes[38]);
        heard.asks = hello_extension(part, SESSION_TICKET, &size) != NULL;
        heard.offered = heard.asks ? size : 0;
    } else if (part->type == HF_SERVER_HELLO) {
        memcpy(heard.server_id, part->bytes + 38, 1 + (size_t)part->bytes[38]);
        heard.promises = hello_extension(part, SESSION_TICKET, &size) != NULL;
        cr_assert(!heard.promises || size == 0, "RFC 5077 3.2");
    } else if (part->type == HF_NEW_SESSION_TICKET) {
        heard.hint = (uint32_t)part->bytes[4] << 24 | (uint32_t)part->bytes[5] << 16 |
                     (uint32_t)part->bytes[6] << 8 | part->bytes[7];
    }
    return true;
}

/* A handshake that offers nothing and gets a ticket. */
static void full(void)
{
    hf_session_wipe(&r.session);
    resume_again(&r, note, NULL);
    expect_resumed(&r, false);
    cr_assert(heard.asks && heard.promises && heard.offered == 0);
    cr_assert_gt(r.session.ticket_size, 0);
}

static void full_of(uint16_t suite, uint16_t version)
{
    begin();
    prepare(suite, version);
    full();
    prepare(suite, version);
}

/* A second handshake in which the client offers its ticket, or does not. */
static void again(bool is_resumed)
{
    resume_again(&r, note, NULL);
    expect_resumed(&r, is_resumed);
}

/* The ticket went out, but was not taken; the client has a new one that is. */
static void expect_refused(void)
{
    again(false);
    cr_assert_gt(heard.offered, 0);
    cr_assert_eq(heard.client_id[0], 32);
    cr_assert_neq(memcmp(heard.client_id, heard.server_id, 33), 0);
}

/* The client has kept its ticket to itself. */
static void expect_not_offered(void)
{
    again(false);
    cr_assert_eq(heard.offered, 0);
    cr_assert_eq(heard.client_id[0], 0);
}

static void expect_seen(hf_role sender, const uint16_t *expected, size_t count)
{
    cr_assert_eq(r.line.seen_count[sender], count);
    cr_assert_eq(memcmp(r.line.seen[sender], expected, count * sizeof *expected), 0);
}

/* ---------------------------------------------------------------- the ladders */

/* Messages in the clear by type; 0x1400 a ChangeCipherSpec, 0x1600 a protected Finished. */
static const uint16_t short_client[] = {1, 0x1400, 0x1600}, short_server[] = {2, 0x1400, 0x1600},
                      short_with_ticket[] = {2, 4, 0x1400, 0x1600};

typedef struct ticket_case {
    uint16_t suite, version;
    bool truncated_hmac, extended, has_cache;
} ticket_case;

static ticket_case cases[400];

ParameterizedTestParameters(tickets, kinds)
{
    static const uint16_t suites[] = {
        0xcca9, 0xc02b, 0xc02c, 0xc0ac, 0xc0af,         /* AEADs              */
        0xc023, 0xc024, 0xc009, 0xc008, 0xc007, 0xc006, /* CBC, RC4, NULL     */
        0x002f, 0x0033, 0x0038, 0x008c, 0x0091,         /* RSA, DHE, DSS, PSK */
        0xc018, 0x0034,                                 /* nobody             */
    };
    size_t count = 0;
    for (size_t s = 0; s < sizeof suites / sizeof suites[0]; s++) {
        const hf_suite *suite = hf_suite_of(suites[s]);
        for (uint16_t version = suite->version_min; version <= HF_TLS1_2; version++)
            for (int extended = 0; extended < 2; extended++)
                for (int truncated = 0; truncated <= (suite->mac != HF_HASH_NONE); truncated++) {
                    cases[count] = (ticket_case){.suite = suites[s],
                                                 .version = version,
                                                 .extended = extended,
                                                 .truncated_hmac = truncated,
                                                 .has_cache = count % 2 != 0};
                    count++;
                }
    }
    return cr_make_param_array(ticket_case, cases, count);
}

static void prepare_case(const ticket_case *k)
{
    prepare(k->suite, k->version);
    hf_config *configs[] = {&r.p.client.config, &r.p.server.config};
    for (size_t i = 0; i < 2; i++) {
        configs[i]->truncated_hmac = k->truncated_hmac;
        configs[i]->without_extended_master_secret = !k->extended;
    }
    r.p.server.config.cache = k->has_cache ? &r.cache : NULL;
}

/* RFC 5077 3.1: NewSessionTicket comes in the clear right before the server's ChangeCipherSpec. */
static void expect_full_ladder(void)
{
    size_t count = r.line.seen_count[HF_SERVER];
    cr_assert_geq(count, 5);
    cr_assert_eq(memcmp(r.line.seen[HF_SERVER] + count - 3, short_with_ticket + 1, 6), 0);
    for (size_t i = 0; i < count - 3; i++)
        cr_assert_neq(r.line.seen[HF_SERVER][i], HF_NEW_SESSION_TICKET);
}

ParameterizedTest(const ticket_case *k, tickets, kinds)
{
    begin();
    prepare_case(k);
    full();
    expect_full_ladder();
    cr_assert_eq(heard.server_id[0], 0, "RFC 5077 3.4: empty where a ticket is going to be sent");
    cr_assert_eq(heard.hint, 86400);
    cr_assert_eq(r.slots[0].used, 0, "one of the two is enough");
    const hf_session kept = r.session;
    uint8_t master[48];
    memcpy(master, r.p.server.conn.master_secret, sizeof master);
    for (int i = 0; i < 2; i++) {
        prepare_case(k);
        again(true);
        expect_seen(HF_CLIENT, short_client, 3);
        expect_seen(HF_SERVER, short_server, 3);
        cr_assert_eq(heard.offered, kept.ticket_size);
        cr_assert_eq(heard.client_id[0], 32);
        cr_assert_eq(memcmp(heard.client_id, heard.server_id, 33), 0, "RFC 5077 3.4: the same");
        cr_assert_not(heard.promises);
        cr_assert_eq(hf_conn_suite(&r.p.server.conn)->code, k->suite);
        cr_assert_eq(hf_conn_version(&r.p.client.conn), k->version);
        cr_assert_eq(memcmp(master, r.p.client.conn.master_secret, 48), 0);
        cr_assert_eq(hf_conn_extended_master_secret(&r.p.client.conn), k->extended);
        cr_assert_eq(hf_conn_truncated_hmac(&r.p.server.conn), k->truncated_hmac);
        expect_data(&r.p);
        cr_assert(same_memory(&kept, &r.session, sizeof kept), "it stays as it was");
    }
}

Test(tickets, whole_ladder)
{
    static const uint16_t server[] = {2, 11, 12, 14, 4, 0x1400, 0x1600},
                          client[] = {1, 16, 0x1400, 0x1600};
    begin();
    prepare(0xc02b, HF_TLS1_2);
    full();
    expect_seen(HF_SERVER, server, 7);
    expect_seen(HF_CLIENT, client, 4);
}

/* RFC 5077 3.4: each offer goes with an ID of its own, so that nobody can tell them by it. */
Test(tickets, ids_are_fresh)
{
    uint8_t first[33];
    full_of(0xc02b, HF_TLS1_2);
    again(true);
    memcpy(first, heard.client_id, sizeof first);
    prepare(0xc02b, HF_TLS1_2);
    again(true);
    cr_assert_neq(memcmp(first, heard.client_id, 33), 0);
}

/* The client may be another process; the server may have been started anew. */
Test(tickets, through_bytes)
{
    uint8_t bytes[HF_SESSION_BYTES];
    full_of(0xc023, HF_TLS1_2);
    size_t size = hf_session_write(&r.session, bytes);
    hf_session_wipe(&r.session);
    cr_assert(hf_session_read(&r.session, (hf_span){bytes, size}));
    again(true);
}

/* Byte by byte and with the smallest buffers. */
Test(tickets, small)
{
    begin();
    for (int i = 0; i < 3; i++) {
        prepare(0xc02b, HF_TLS1_2);
        r.p.client.tx_size = r.p.server.tx_size = HF_TX_MIN;
        r.p.client.rx_size = r.p.server.rx_size = 2048;
        r.p.chunk = 1;
        r.p.session = &r.session;
        pair_connect(&r.p);
        expect_resumed(&r, i != 0);
        expect_data(&r.p);
    }
}

/* ---------------------------------------------------------------- who asks, who gives */

/* A client without a place for a ticket, or that does not want one, does not ask. */
Test(tickets, not_asked_for)
{
    for (int has_cache = 0; has_cache < 2; has_cache++)
        for (int has_session = 0; has_session < 2; has_session++) {
            begin();
            prepare(0xc02b, HF_TLS1_2);
            r.p.server.config.cache = has_cache ? &r.cache : NULL;
            r.p.client.config.without_session_ticket = has_session;
            r.p.session = has_session ? &r.session : NULL;
            relay_connect(&r.line, &r.p, note, NULL);
            expect_established(&r.p);
            cr_assert_not(heard.asks || heard.promises);
            cr_assert_eq(heard.server_id[0], has_cache ? 32 : 0);
            cr_assert_eq(hf_session_is_empty(&r.session), !has_session || !has_cache);
        }
}

/* Nor does it show one that it had before. An ID that it made up would be of no session (RFC 5246
 * 7.4.1.2), so that there is none. */
Test(tickets, not_shown)
{
    full_of(0xc02b, HF_TLS1_2);
    r.p.client.config.without_session_ticket = true;
    expect_not_offered();
    cr_assert_not(heard.asks);
}

/* A server without keys makes no promise, whatever is offered. */
Test(tickets, server_without_keys)
{
    for (size_t what = 0; what < 3; what++) {
        full_of(0xc02b, HF_TLS1_2);
        r.p.server.config.cache = what == 1 ? &r.cache : NULL;
        r.p.server.config.tickets = NULL;
        expect_refused();
        cr_assert_not(heard.promises);
        cr_assert_eq(heard.server_id[0], what == 1 ? 32 : 0);
        cr_assert_eq(r.session.ticket_size, 0, "the old one is of no use any more");
        cr_assert_eq(hf_session_is_empty(&r.session), what != 1);
    }
}

/* A client that takes no tickets gets an ID from a server that has both. */
Test(tickets, ids_for_others)
{
    begin();
    for (int i = 0; i < 2; i++) {
        prepare(0xc02b, HF_TLS1_2);
        r.p.server.config.cache = &r.cache;
        r.p.client.config.without_session_ticket = true;
        again(i == 1);
        cr_assert_not(heard.asks || heard.promises);
        cr_assert_eq(heard.server_id[0], 32);
    }
}

/* Who has an ID and would like a ticket resumes by the ID. */
Test(tickets, id_of_ticket_client)
{
    begin();
    prepare(0xc02b, HF_TLS1_2);
    r.p.server.config.cache = &r.cache;
    r.p.server.config.tickets = NULL;
    again(false);
    cr_assert_eq(r.session.id_size, 32);
    prepare(0xc02b, HF_TLS1_2);
    r.p.server.config.cache = &r.cache;
    again(true);
    cr_assert(heard.asks);
    cr_assert_eq(heard.offered, 0);
    cr_assert_not(heard.promises);
}

/* ---------------------------------------------------------------- keys */

/* An older key still opens, and the ticket is renewed; a key that is gone means a full handshake.
 * RFC 5077 3.3: the new ticket replaces the old one. */
Test(tickets, rotation)
{
    full_of(0xc02b, HF_TLS1_2);
    const hf_session old = r.session;
    cr_assert_eq(memcmp(old.ticket, keys[0].name, 16), 0);
    const hf_ticket_key rotated[] = {keys[1], keys[0]};
    set = (hf_ticket_keys){rotated, 2, 0};
    r.p.client.now += 10;
    r.p.server.now += 10;
    again(true);
    expect_seen(HF_SERVER, short_with_ticket, 4);
    expect_seen(HF_CLIENT, short_client, 3);
    cr_assert(heard.promises);
    cr_assert_eq(memcmp(heard.client_id, heard.server_id, 33), 0);
    cr_assert_eq(memcmp(r.session.ticket, keys[1].name, 16), 0);
    cr_assert_eq(heard.hint, 86400 - 10, "from the full handshake on");
    cr_assert_eq(r.session.state.expires, old.state.expires);
    cr_assert_eq(memcmp(r.session.state.master_secret, old.state.master_secret, 48), 0);
    expect_data(&r.p);
    set.count = 1; /* the old key is dropped */
    const hf_session renewed = r.session;
    prepare(0xc02b, HF_TLS1_2);
    again(true);
    expect_seen(HF_SERVER, short_server, 3);
    cr_assert(same_memory(&renewed, &r.session, sizeof renewed));
    r.session = old;
    prepare(0xc02b, HF_TLS1_2);
    expect_refused();
    cr_assert_eq(memcmp(r.session.ticket, keys[1].name, 16), 0);
}

/* A renewed ticket lasts no longer than the server would have a new one last now. */
Test(tickets, rotation_to_shorter_lifetime)
{
    full_of(0xc02b, HF_TLS1_2);
    const hf_ticket_key rotated[] = {keys[1], keys[0]};
    set = (hf_ticket_keys){rotated, 2, 60};
    r.p.client.now += 10;
    r.p.server.now += 10;
    again(true);
    cr_assert_eq(heard.hint, 60);
    cr_assert_eq(r.session.state.expires, r.p.client.now + 60);
    prepare(0xc02b, HF_TLS1_2);
    r.p.server.now += 10 + 60;
    expect_refused();
}

/* With the clients of an old key however many are in front of it. */
Test(tickets, oldest_key)
{
    full_of(0xc02b, HF_TLS1_2);
    const hf_ticket_key rotated[] = {keys[2], keys[1], keys[0]};
    set = (hf_ticket_keys){rotated, 3, 0};
    again(true);
    cr_assert_eq(memcmp(r.session.ticket, keys[2].name, 16), 0);
}

/* A key of another server, of the same name or not. */
Test(tickets, other_server)
{
    for (int same_name = 0; same_name < 2; same_name++) {
        full_of(0xc02b, HF_TLS1_2);
        set.keys = keys + 1;
        if (same_name)
            memcpy(keys[1].name, keys[0].name, sizeof keys[0].name);
        expect_refused();
        prepare(0xc02b, HF_TLS1_2);
        again(true);
    }
}

/* ---------------------------------------------------------------- tickets that are no tickets */

/* RFC 5077 3.1, 5.2: a ticket that does not verify is as good as none. */
Test(tickets, tampered)
{
    full_of(0xc02b, HF_TLS1_2);
    const hf_session good = r.session;
    for (size_t at = 0; at < good.ticket_size; at += at < 28 ? 9 : 23) {
        r.session = good;
        r.session.ticket[at] ^= 0x10;
        prepare(0xc02b, HF_TLS1_2);
        expect_refused();
        prepare(0xc02b, HF_TLS1_2);
        again(true);
    }
    r.session = good;
    r.session.ticket[good.ticket_size - 1] ^= 1;
    prepare(0xc02b, HF_TLS1_2);
    expect_refused();
}

Test(tickets, other_sizes)
{
    static const size_t sizes[] = {1, 15, 16, 17, 27, 28, 29, 100, HF_TICKET_MAX};
    full_of(0xc02b, HF_TLS1_2);
    const hf_session good = r.session;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] + 2; i++) {
        size_t size = i < 9 ? sizes[i] : good.ticket_size - 19 + 2 * i;
        cr_assert_neq(size, good.ticket_size);
        r.session = good;
        r.session.ticket_size = (uint16_t)size;
        prepare(0xc02b, HF_TLS1_2);
        expect_refused();
        cr_assert_eq(heard.offered, size);
    }
}

Test(tickets, garbage)
{
    uint64_t state = 99;
    full_of(0xc02b, HF_TLS1_2);
    for (int i = 0; i < 8; i++) {
        (void)test_random(&state, r.session.ticket, r.session.ticket_size);
        if (i % 2 != 0)
            memcpy(r.session.ticket, keys[0].name, sizeof keys[0].name);
        prepare(0xc02b, HF_TLS1_2);
        expect_refused();
    }
}

/* ---------------------------------------------------------------- forged hellos */

static bool replace_id(relay *line, relayed *part)
{
    const hf_span *id = line->context;
    if (part->type == HF_CLIENT_HELLO) {
        uint8_t size = (uint8_t)id->size;
        relayed_splice(part, 38, 1 + (size_t)part->bytes[38], &size, 1);
        relayed_splice(part, 39, 0, id->data, id->size);
    }
    return note(line, part);
}

/* RFC 5077 3.4: a client need not make up an ID; it then tells by what follows the ServerHello. The
 * client here sees another hello than the server, so that it does not end well. */
Test(tickets, without_id)
{
    static const uint16_t short_flight[] = {2, 0x1400, 0x1600};
    hf_span none = {keys[0].name, 0};
    full_of(0xc02b, HF_TLS1_2);
    resume_again(&r, replace_id, &none);
    cr_assert_eq(heard.client_id[0], 0);
    cr_assert_gt(heard.offered, 0);
    cr_assert_geq(r.line.seen_count[HF_SERVER], 3);
    cr_assert_eq(memcmp(r.line.seen[HF_SERVER], short_flight, sizeof short_flight), 0);
    cr_assert(hf_conn_resumed(&r.p.server.conn));
    cr_assert_not(hf_conn_resumed(&r.p.client.conn));
}

/* RFC 5077 3.4: whatever the ID is, it is sent back as it is. */
Test(tickets, id_of_any_size)
{
    static const uint8_t bytes[32] = "one that is not of thirty-two bs";
    for (size_t size = 1; size <= 32; size += 31) {
        hf_span id = {bytes, size};
        full_of(0xc02b, HF_TLS1_2);
        resume_again(&r, replace_id, &id);
        cr_assert_eq(heard.server_id[0], size);
        cr_assert_eq(memcmp(heard.server_id + 1, bytes, size), 0);
        cr_assert_eq(r.line.seen[HF_SERVER][1], 0x1400);
        /* It is not the client's, to which this is a full handshake. */
        expect_refusal(&r.p, HF_CLIENT, HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC, 10);
    }
}

/* RFC 5077 3.4: "If a ticket is presented by the client, the server MUST NOT attempt to use the
 * Session ID in the ClientHello for stateful session resumption." */
Test(tickets, id_beside_ticket)
{
    uint8_t bytes[32];
    begin();
    prepare(0xc02b, HF_TLS1_2);
    r.p.server.config.cache = &r.cache;
    r.p.client.config.without_session_ticket = true;
    again(false);
    cr_assert_eq(r.session.id_size, 32);
    memcpy(bytes, r.session.id, sizeof bytes);
    r.session.ticket_size = 200;
    prepare(0xc02b, HF_TLS1_2);
    r.p.server.config.cache = &r.cache;
    hf_span id = {bytes, sizeof bytes};
    resume_again(&r, replace_id, &id);
    cr_assert_eq(heard.offered, 200);
    cr_assert_eq(heard.client_id[0], 32);
    cr_assert_eq(memcmp(heard.client_id + 1, bytes, 32), 0);
    cr_assert_not(hf_conn_resumed(&r.p.server.conn));
    cr_assert_neq(memcmp(heard.client_id, heard.server_id, 33), 0);
}

/* Nobody can make a server forget the session of another: the ID that a client sends along with a
 * ticket may be any that it has seen on the line. */
typedef struct borrower {
    endpoint *own;
    const uint8_t *id;
    unsigned draws; /* the first for the random of the ClientHello, the second for the ID */
} borrower;

static bool draw(void *context, uint8_t *out, size_t size)
{
    borrower *b = context;
    if (b->draws++ != 1)
        return test_random(&b->own->random_state, out, size);
    cr_assert_eq(size, 32);
    memcpy(out, b->id, size);
    return true;
}

static void prepare_with_cache(bool shows_tickets)
{
    prepare(0xc02b, HF_TLS1_2);
    r.p.server.config.cache = &r.cache;
    r.p.client.config.without_session_ticket = !shows_tickets;
}

Test(tickets, id_of_another)
{
    static const uint8_t fatal[] = {2, 80};
    begin();
    prepare_with_cache(false);
    again(false);
    const hf_session other = r.session;
    prepare_with_cache(true);
    full();

    prepare_with_cache(true);
    borrower b = {.own = &r.p.client, .id = other.id};
    r.p.client.config.random = (hf_random){draw, &b};
    again(true);
    cr_assert_eq(memcmp(heard.client_id + 1, other.id, 32), 0);
    cr_assert_eq(memcmp(heard.server_id + 1, other.id, 32), 0);
    reneg_slip_in(&r.p.client, HF_CONTENT_ALERT, fatal, sizeof fatal);
    relay_run(&r.line);
    cr_assert_eq(endpoint_reason(&r.p.server), HF_ERROR_PEER_ALERT);

    r.session = other;
    prepare_with_cache(false);
    again(true);
}

/* ---------------------------------------------------------------- time */

static void full_with_lifetime(uint32_t lifetime)
{
    begin();
    set.lifetime = lifetime;
    prepare(0xc02b, HF_TLS1_2);
    full();
    prepare(0xc02b, HF_TLS1_2);
}

Test(tickets, lifetime_at_server)
{
    for (int64_t seconds = 99; seconds <= 100; seconds++) {
        full_with_lifetime(100);
        cr_assert_eq(heard.hint, 100);
        r.p.server.now += seconds;
        if (seconds < 100)
            again(true);
        else
            expect_refused();
    }
}

/* RFC 5077 3.3: the hint is seconds relative to when the ticket is received, after which "a client
 * SHOULD delete the ticket". */
Test(tickets, lifetime_at_client)
{
    for (int64_t seconds = 99; seconds <= 100; seconds++) {
        full_with_lifetime(100);
        r.p.client.now += seconds;
        if (seconds < 100)
            again(true);
        else
            expect_not_offered();
    }
}

/* RFC 5246 F.1.4: a day at most. */
Test(tickets, lifetime_is_bounded)
{
    static const uint32_t lifetimes[] = {0, 86400, 86401, UINT32_MAX};
    for (size_t i = 0; i < 8; i++) {
        full_with_lifetime(lifetimes[i / 2]);
        cr_assert_eq(heard.hint, 86400);
        r.p.server.now += i % 2 == 0 ? 86399 : 86400;
        if (i % 2 == 0)
            again(true);
        else
            expect_refused();
    }
}

/* RFC 5077 3.3: a hint of zero is "unspecified", which is what a server without a clock says. */
Test(tickets, hint_unspecified)
{
    for (int64_t seconds = 86399; seconds <= 86400; seconds++) {
        begin();
        prepare(0xc02b, HF_TLS1_2);
        r.p.server.config.clock = NULL;
        full();
        cr_assert_eq(heard.hint, 0);
        prepare(0xc02b, HF_TLS1_2);
        r.p.client.now += seconds;
        if (seconds < 86400)
            again(true);
        else
            expect_not_offered();
    }
}

/* Without a clock on either side tickets do not age; without one where there was one nobody knows
 * how old they are. */
Test(tickets, no_clock)
{
    begin();
    for (int i = 0; i < 3; i++) {
        prepare(0xc02b, HF_TLS1_2);
        r.p.client.config.clock = r.p.server.config.clock = NULL;
        r.p.client.config.allow_no_clock = true;
        again(i != 0);
    }
    full_of(0xc02b, HF_TLS1_2);
    r.p.server.config.clock = NULL;
    expect_refused();
    full_of(0xc02b, HF_TLS1_2);
    r.p.server.config.clock = NULL;
    r.p.server.config.allow_no_clock = true;
    again(true);
}

/* No ticket outlives the certificate that it rests on: 20431231235959Z. */
Test(tickets, end_of_certificate)
{
    const int64_t not_after = INT64_C(2335219199);
    begin();
    for (int i = 0; i < 2; i++) {
        prepare(0xc02b, HF_TLS1_2);
        r.p.client.now = r.p.server.now = not_after - 50 + INT64_C(50) * i;
        r.p.server.config.anchors = pki_roots(&r.p.server.config.anchor_count);
        r.p.server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
        pki_load(&r.p.client.credentials[0], "client-p256", "inter-p256");
        r.p.client.config.credentials = &r.p.client.credentials[0].credentials;
        r.p.client.config.credentials_count = 1;
        r.p.client.now = not_after - 50;
        if (i == 0) {
            full();
            cr_assert_leq(heard.hint, 50);
            cr_assert_leq(r.session.state.expires, not_after);
        } else { /* the server's clock is ahead, and it must not take what it has given */
            resume_again(&r, note, NULL);
            cr_assert_gt(heard.offered, 0);
            cr_assert_not(hf_conn_resumed(&r.p.server.conn));
        }
    }
}

/* ---------------------------------------------------------------- what must fit */

static void name_session(const char *name)
{
    (void)hf_hash_digest(HF_HASH_SHA256, (hf_span){(const uint8_t *)name, strlen(name)},
                         r.session.state.server_name);
}

/* RFC 6066 3: no session is resumed for another name, whoever of the two has to see to it. */
Test(tickets, other_name)
{
    for (int forged = 0; forged < 2; forged++) {
        full_of(0xc02b, HF_TLS1_2);
        if (forged)
            name_session("a.wild.example");
        memset(&r.line, 0, sizeof r.line);
        r.line.p = &r.p;
        r.line.hook = note;
        pair_start(&r.p);
        cr_assert_eq(hf_conn_set_server_name(&r.p.client.conn, "a.wild.example"), HF_OK);
        cr_assert_eq(hf_conn_set_session(&r.p.client.conn, &r.session), HF_OK);
        relay_run(&r.line);
        expect_resumed(&r, false);
        cr_assert_eq(heard.offered != 0, forged);
    }
}

static bool remove_extended(relay *line, relayed *part)
{
    if (part->type == *(uint8_t *)line->context)
        cr_assert(hello_remove_extension(part, 23));
    return note(line, part);
}

/* RFC 7627 5.3: "If the original session used the "extended_master_secret" extension but the new
 * ClientHello does not contain it, the server MUST abort the abbreviated handshake." */
Test(tickets, extended_master_secret_removed)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        uint8_t hello = HF_CLIENT_HELLO;
        full_of(0xc009, version);
        resume_again(&r, remove_extended, &hello);
        cr_assert_gt(heard.offered, 0);
        expect_refusal(&r.p, HF_SERVER, HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED, 40);
        hello = HF_SERVER_HELLO;
        full_of(0xc009, version);
        resume_again(&r, remove_extended, &hello);
        expect_refusal(&r.p, HF_CLIENT, HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED, 40);
        cr_assert(hf_session_is_empty(&r.session));
    }
}

/* Who does not want it any more does not offer the session, or does not take it. */
Test(tickets, extended_master_secret_switched_off)
{
    full_of(0xc02b, HF_TLS1_2);
    r.p.client.config.without_extended_master_secret = true;
    expect_not_offered();
    full_of(0xc02b, HF_TLS1_2);
    r.p.server.config.without_extended_master_secret = true;
    expect_refused();
}

/* "If the original session did not use the extension but the new ClientHello contains it, the
 * server MUST NOT perform the abbreviated handshake." */
Test(tickets, extended_master_secret_new)
{
    begin();
    prepare(0xc02b, HF_TLS1_2);
    r.p.client.config.without_extended_master_secret = true;
    full();
    prepare(0xc02b, HF_TLS1_2);
    expect_refused();
    cr_assert(hf_conn_extended_master_secret(&r.p.client.conn));
}

Test(tickets, other_version)
{
    for (uint16_t first = HF_TLS1_0; first <= HF_TLS1_2; first++)
        for (uint16_t second = HF_TLS1_0; second <= HF_TLS1_2; second++) {
            full_of(0xc009, first);
            r.p.client.config.version_min = HF_TLS1_0;
            r.p.client.config.version_max = HF_TLS1_2;
            r.p.server.config.version_min = r.p.server.config.version_max = second;
            again(first == second);
            cr_assert_eq(hf_conn_version(&r.p.client.conn), second);
        }
}

/* The server has both versions and goes by the hello, not by the ticket. */
Test(tickets, other_version_offered)
{
    full_of(0xc009, HF_TLS1_2);
    r.p.client.config.version_min = r.p.client.config.version_max = HF_TLS1_1;
    r.p.server.config.version_min = HF_TLS1_0;
    r.session.state.version = HF_TLS1_1;
    expect_refused();
    cr_assert_eq(hf_conn_version(&r.p.client.conn), HF_TLS1_1);
}

/* RFC 5246 7.4.1.2: the suite of the session must be among those that are offered, and RFC 5077
 * does not change that. */
Test(tickets, suite_not_offered)
{
    static const uint16_t both[] = {0xc02b, 0xc02c};
    for (int is_known = 0; is_known < 2; is_known++) {
        full_of(0xc02b, HF_TLS1_2);
        r.p.client.config.suites = (hf_code_list){both + 1, 1};
        r.p.server.config.suites = (hf_code_list){both, 2};
        if (is_known) {
            expect_not_offered();
        } else {
            r.session.state.suite = 0xc02c; /* so that the client offers it all the same */
            expect_refused();
        }
        cr_assert_eq(hf_conn_suite(&r.p.client.conn)->code, 0xc02c);
    }
}

Test(tickets, suite_not_enabled)
{
    static const uint16_t both[] = {0xc02b, 0xc02c};
    full_of(0xc02b, HF_TLS1_2);
    r.p.client.config.suites = (hf_code_list){both, 2};
    r.p.server.config.suites = (hf_code_list){both + 1, 1};
    expect_refused();
    cr_assert_eq(hf_conn_suite(&r.p.client.conn)->code, 0xc02c);
}

/* RFC 6066 7: what was agreed upon holds for resumptions; where it is not offered again, or only
 * now, the handshake is a full one. */
Test(tickets, truncated_hmac)
{
    for (unsigned bits = 0; bits < 8; bits++) {
        bool before = (bits & 1) != 0, client = (bits & 2) != 0, server = (bits & 4) != 0;
        begin();
        prepare(0xc009, HF_TLS1_2);
        r.p.client.config.truncated_hmac = r.p.server.config.truncated_hmac = before;
        full();
        prepare(0xc009, HF_TLS1_2);
        r.p.client.config.truncated_hmac = client;
        r.p.server.config.truncated_hmac = server;
        resume_again(&r, note, NULL);
        expect_established(&r.p);
        bool now = hf_conn_truncated_hmac(&r.p.client.conn);
        cr_assert_eq(hf_conn_truncated_hmac(&r.p.server.conn), now);
        cr_assert_eq(now, client && server);
        cr_assert(!hf_conn_resumed(&r.p.server.conn) || now == before);
        cr_assert(client != before || server != before || hf_conn_resumed(&r.p.client.conn));
        expect_data(&r.p);
    }
}

/* ---------------------------------------------------------------- client certificates */

static void prepare_auth(hf_client_auth mode, bool has_certificate)
{
    prepare(0xc02b, HF_TLS1_2);
    r.p.server.config.anchors = pki_roots(&r.p.server.config.anchor_count);
    r.p.server.config.client_auth = mode;
    pki_load(&r.p.client.credentials[0], "client-p256", "inter-p256");
    r.p.client.config.credentials = &r.p.client.credentials[0].credentials;
    r.p.client.config.credentials_count = has_certificate;
}

/* The ticket remembers for the server whether the client has shown a certificate: what is required
 * now must have been shown then. */
Test(tickets, client_authentication)
{
    for (int before = HF_CLIENT_AUTH_OFF; before <= HF_CLIENT_AUTH_REQUIRE; before++)
        for (int after = HF_CLIENT_AUTH_OFF; after <= HF_CLIENT_AUTH_REQUIRE; after++)
            for (int has = before == HF_CLIENT_AUTH_REQUIRE; has < 2; has++) {
                begin();
                prepare_auth((hf_client_auth)before, has);
                full();
                bool was = hf_conn_client_authenticated(&r.p.server.conn);
                cr_assert_eq(was, has && before != HF_CLIENT_AUTH_OFF);
                prepare_auth((hf_client_auth)after, true);
                bool may = was ? after != HF_CLIENT_AUTH_OFF : after != HF_CLIENT_AUTH_REQUIRE;
                again(may);
                cr_assert_gt(heard.offered, 0);
                cr_assert_eq(hf_conn_client_authenticated(&r.p.server.conn),
                             may ? was : after != HF_CLIENT_AUTH_OFF);
            }
}

/* ---------------------------------------------------------------- the client's end of it */

/* RFC 5246 7.2.2: after a fatal alert, sent or received, a session is not resumed any more. The
 * server cannot forget a ticket; the client can. */
Test(tickets, forgotten_after_fatal_alert)
{
    static const uint8_t damaged[29] = {23, 3, 3, 0, 24};
    for (int resumed = 0; resumed < 2; resumed++)
        for (int received = 0; received < 2; received++) {
            full_of(0xc02b, HF_TLS1_2);
            if (resumed)
                again(true);
            else
                full();
            (void)endpoint_give(received ? &r.p.server : &r.p.client, damaged, sizeof damaged);
            cr_assert(pair_run(&r.p));
            cr_assert_eq(endpoint_reason(&r.p.client),
                         received ? HF_ERROR_PEER_ALERT : HF_ERROR_BAD_RECORD_MAC);
            cr_assert(hf_session_is_empty(&r.session));
            cr_assert_eq(r.session.ticket_size, 0);
        }
}

/* RFC 5246 7.2.1: since TLS 1.1 an end without close_notify is not held against a session. */
Test(tickets, kept_after_truncation)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (int resumed = 0; resumed < 2; resumed++) {
            full_of(0xc009, version);
            if (resumed)
                again(true);
            else
                full();
            hf_conn_eof(&r.p.client.conn);
            cr_assert_eq(endpoint_run(&r.p.client), HF_ERROR_TRUNCATED);
            cr_assert_eq(hf_session_is_empty(&r.session), version == HF_TLS1_0);
        }
}

/* An orderly end leaves it as it is. */
Test(tickets, kept_after_close)
{
    full_of(0xc02b, HF_TLS1_2);
    again(true);
    hf_conn_close(&r.p.client.conn);
    hf_conn_close(&r.p.server.conn);
    cr_assert(pair_run(&r.p));
    cr_assert_eq(endpoint_reason(&r.p.client), HF_OK);
    prepare(0xc02b, HF_TLS1_2);
    again(true);
}

/* A handshake that ends before its time leaves the session for the next try. */
static bool only_client(relay *line, relayed *part)
{
    (void)line;
    return part->sender == HF_CLIENT;
}

Test(tickets, kept_after_no_answer)
{
    full_of(0xc02b, HF_TLS1_2);
    resume_again(&r, only_client, NULL);
    hf_conn_eof(&r.p.client.conn);
    cr_assert_eq(endpoint_run(&r.p.client), HF_ERROR_CLOSED_IN_HANDSHAKE);
    prepare(0xc02b, HF_TLS1_2);
    again(true);
}

/* Nor does the client let go of it because its application would not wait. */
Test(tickets, kept_after_close_in_handshake)
{
    full_of(0xc02b, HF_TLS1_2);
    resume_again(&r, only_client, NULL);
    hf_conn_close(&r.p.client.conn);
    cr_assert_eq(endpoint_run(&r.p.client), HF_ERROR_HANDSHAKE_ABANDONED);
    prepare(0xc02b, HF_TLS1_2);
    again(true);
}

/* RFC 5246 7.2.2: a session whose offer a server answers with a fatal alert, or with a hello that
 * cannot be, is not offered again: it would end in the same way for ever. */
static bool alert_instead(relay *line, relayed *part)
{
    static const uint8_t handshake_failure[] = {2, 40};
    if (part->type == HF_SERVER_HELLO)
        relay_insert(line, HF_CONTENT_ALERT, handshake_failure, sizeof handshake_failure);
    return part->sender == HF_CLIENT;
}

Test(tickets, forgotten_after_refused_offer)
{
    full_of(0xc02b, HF_TLS1_2);
    resume_again(&r, alert_instead, NULL);
    cr_assert_eq(endpoint_reason(&r.p.client), HF_ERROR_PEER_ALERT);
    cr_assert(hf_session_is_empty(&r.session));
    prepare(0xc02b, HF_TLS1_2);
    full();
}

/* One that was declined has nothing to do with how the full handshake ends. */
static bool break_done(relay *line, relayed *part)
{
    if (part->type == HF_SERVER_HELLO_DONE)
        relayed_splice(part, 4, 0, "x", 1);
    return note(line, part);
}

Test(tickets, kept_after_other_failure)
{
    full_of(0xc02b, HF_TLS1_2);
    const hf_session kept = r.session;
    set.keys = keys + 1;
    resume_again(&r, break_done, NULL);
    cr_assert_gt(heard.offered, 0);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_MESSAGE_TRAILING_BYTES, 50);
    cr_assert(same_memory(&kept, &r.session, sizeof kept));
}

/* One that could not be resumed is not offered for ever. */
Test(tickets, wrong_secret)
{
    full_of(0xc02b, HF_TLS1_2);
    r.session.state.master_secret[0] ^= 1;
    resume_again(&r, note, NULL);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_BAD_RECORD_MAC, 20);
    cr_assert(hf_session_is_empty(&r.session));
    prepare(0xc02b, HF_TLS1_2);
    full();
}

/* A ticket that leaves no room in the hello for what must be in it is left out. */
Test(tickets, no_room_in_hello)
{
    static uint8_t name[255];
    static hf_span protocols[HF_COMPOSE_MAX / 256 - 1];
    const size_t count = sizeof protocols / sizeof protocols[0];
    for (size_t i = 0; i < count; i++)
        protocols[i] = (hf_span){name, sizeof name};
    full_of(0xc02b, HF_TLS1_2);
    r.session.ticket_size = HF_TICKET_MAX;
    r.p.client.config.protocols = protocols;
    r.p.client.config.protocol_count = count;
    expect_not_offered();
    cr_assert(heard.asks, "it would like another one");
    cr_assert_lt(r.session.ticket_size, HF_TICKET_MAX);
}
