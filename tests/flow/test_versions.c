/* Which version two sides come to, and what guards the choice (RFC 5246 E.1, RFC 7507, RFC 8446
 * 4.1.3, RFC 6176, RFC 7568). */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;
static relay line;
static uint16_t only_suite;

static void prepare(const char *keys, uint16_t suite)
{
    pair_prepare(&p, keys);
    only_suite = suite;
    p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
    p.client.config.suites = p.server.config.suites = (hf_code_list){&only_suite, 1};
}

static void set_versions(endpoint *e, uint16_t min, uint16_t max)
{
    e->config.version_min = min;
    e->config.version_max = max;
}

/* ---------------------------------------------------------------- negotiation */

static void negotiate(uint16_t client_min, uint16_t client_max, uint16_t server_min,
                      uint16_t server_max)
{
    uint16_t highest = client_max < server_max ? client_max : server_max;
    prepare("p256", 0xc009);
    set_versions(&p.client, client_min, client_max);
    set_versions(&p.server, server_min, server_max);
    relay_connect(&line, &p, NULL, NULL);
    if (server_min > client_max) {
        expect_refusal(&p, HF_SERVER, HF_ERROR_VERSION_UNSUPPORTED, 70);
    } else if (client_min > server_max) {
        expect_refusal(&p, HF_CLIENT, HF_ERROR_VERSION_UNSUPPORTED, 70);
    } else {
        expect_established(&p);
        cr_assert_eq(hf_conn_version(&p.client.conn), highest);
        cr_assert_eq(hf_conn_version(&p.server.conn), highest);
        cr_assert_eq(line.version, highest, "records carry it");
    }
}

/* The highest that both have, or none. */
Test(versions, every_combination)
{
    for (uint16_t a = HF_TLS1_0; a <= HF_TLS1_2; a++)
        for (uint16_t b = a; b <= HF_TLS1_2; b++)
            for (uint16_t c = HF_TLS1_0; c <= HF_TLS1_2; c++)
                for (uint16_t d = c; d <= HF_TLS1_2; d++)
                    negotiate(a, b, c, d);
}

Test(versions, configurations_refused)
{
    static const uint16_t bad[][2] = {{HF_TLS1_1, HF_TLS1_0}, {0x0300, HF_TLS1_2},
                                      {HF_TLS1_0, 0x0304},    {0x0304, 0x0304},
                                      {0x0002, HF_TLS1_2},    {0xfeff, 0xfefd}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        prepare("p256", 0xc009);
        endpoint *ends[] = {&p.client, &p.server};
        for (int role = 0; role < 2; role++) {
            endpoint *e = ends[role];
            set_versions(e, bad[i][0], bad[i][1]);
            cr_assert_eq(hf_conn_init(&e->conn, (hf_role)role, &e->config, &e->handshake,
                                      (hf_buf){e->rx, e->rx_size}, (hf_buf){e->tx, e->tx_size}),
                         HF_ERROR_NOTHING_ENABLED, "row %zu", i);
        }
    }
}

/* A hello without a single suite must not go out (RFC 5246 7.4.1.2: cipher_suites<2..2^16-2>). */
Test(versions, no_suite_for_version)
{
    prepare("p256", 0xc02b);
    endpoint *ends[] = {&p.client, &p.server};
    for (int role = 0; role < 2; role++) {
        endpoint *e = ends[role];
        set_versions(e, HF_TLS1_0, HF_TLS1_1);
        cr_assert_eq(hf_conn_init(&e->conn, (hf_role)role, &e->config, &e->handshake,
                                  (hf_buf){e->rx, e->rx_size}, (hf_buf){e->tx, e->tx_size}),
                     HF_ERROR_NOTHING_ENABLED);
    }
}

typedef struct edit {
    uint8_t type; /* of the hello whose version is changed */
    uint16_t version;
    bool record_too;
} edit;

static bool edit_version(relay *r, relayed *part)
{
    const edit *e = r->context;
    if (part->type == e->type) {
        part->bytes[4] = (uint8_t)(e->version >> 8);
        part->bytes[5] = (uint8_t)e->version;
        if (e->record_too)
            r->version = e->version;
    }
    return true;
}

/* What is newer than all that the server knows gets the highest that it has. */
Test(versions, newer_clients)
{
    static const uint16_t newer[] = {0x0304, 0x0305, 0x03ff, 0x0400, 0xffff};
    for (size_t i = 0; i < 5; i++) {
        edit e = {HF_CLIENT_HELLO, newer[i], false};
        prepare("p256", 0xc009);
        relay_connect(&line, &p, edit_version, &e);
        cr_assert_eq(hf_conn_version(&p.server.conn), HF_TLS1_2);
    }
}

/* RFC 6176, RFC 7568; and nothing below 3.0 ever was TLS. */
Test(versions, older_clients)
{
    static const uint16_t older[] = {0x0300, 0x0002, 0x0200, 0x02ff, 0x0000};
    for (size_t i = 0; i < 5; i++) {
        edit e = {HF_CLIENT_HELLO, older[i], older[i] == 0x0300};
        prepare("p256", 0xc009);
        relay_connect(&line, &p, edit_version, &e);
        expect_refusal(&p, HF_SERVER, HF_ERROR_VERSION_UNSUPPORTED, 70);
    }
}

Test(versions, server_answers)
{
    static const struct {
        uint16_t version;
        hf_error reason;
    } rows[] = {{0x0300, HF_ERROR_VERSION_UNSUPPORTED}, {0x0002, HF_ERROR_VERSION_UNSUPPORTED},
                {0x0304, HF_ERROR_VERSION_NOT_OFFERED}, {0x03ff, HF_ERROR_VERSION_NOT_OFFERED},
                {0x0400, HF_ERROR_VERSION_NOT_OFFERED}, {HF_TLS1_2, HF_ERROR_VERSION_NOT_OFFERED}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        edit e = {HF_SERVER_HELLO, rows[i].version, rows[i].version >> 8 == 3};
        prepare("p256", 0xc009);
        set_versions(&p.client, HF_TLS1_0, HF_TLS1_1);
        relay_connect(&line, &p, edit_version, &e);
        cr_assert_eq(endpoint_reason(&p.client), rows[i].reason, "row %zu: %s", i,
                     reason_name(endpoint_reason(&p.client)));
        cr_assert_eq(hf_conn_failure(&p.client.conn)->alert, 70);
    }
}

/* RFC 5246 E.1: a hello's record may have any version 3.x; all later ones the version chosen. */
static bool edit_record(relay *r, relayed *part)
{
    const edit *e = r->context;
    if (part->type == e->type)
        r->version = e->version;
    return true;
}

Test(versions, version_of_records)
{
    for (uint16_t version = 0x0300; version <= 0x0304; version++) {
        edit e = {HF_CLIENT_HELLO, version, false};
        prepare("p256", 0xc009);
        relay_connect(&line, &p, edit_record, &e);
        expect_established(&p);
    }
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (uint16_t other = 0x0300; other <= 0x0304; other++) {
            edit e = {HF_CLIENT_KEY_EXCHANGE, other, false};
            prepare("p256", 0xc009);
            set_versions(&p.client, version, version);
            relay_connect(&line, &p, edit_record, &e);
            if (other == version)
                expect_established(&p);
            else
                expect_refusal(&p, HF_SERVER, HF_ERROR_RECORD_VERSION, 70);
        }
}

/* ---------------------------------------------------------------- rollback */

/* RFC 5246 7.4.7.1: the premaster secret has the version that the client offered. Somebody lowers
 * it on the way, and the server, which has no TLS 1.2 itself, agrees to the same as it would have
 * before. The keys would be the same, and only Finished would tell; but the version is the first to
 * be missed. */
Test(versions, rollback_seen_in_premaster)
{
    edit e = {HF_CLIENT_HELLO, HF_TLS1_1, false};
    for (int edited = 0; edited < 2; edited++) {
        prepare("rsa2048", 0x002f);
        p.client.config.without_extended_master_secret = true;
        set_versions(&p.server, HF_TLS1_0, HF_TLS1_1);
        relay_connect(&line, &p, edited ? edit_version : NULL, &e);
        if (edited)
            expect_refusal(&p, HF_SERVER, HF_ERROR_BAD_RECORD_MAC, 20);
        else
            expect_established(&p);
        cr_assert_eq(hf_conn_version(&p.server.conn), HF_TLS1_1);
    }
}

/* RFC 8446 4.1.3: the last eight bytes of server_random. */
static uint8_t server_random[32];
static const uint8_t mark[] = {0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44, 0x00};

static bool note_random(relay *r, relayed *part)
{
    (void)r;
    if (part->type == HF_SERVER_HELLO)
        memcpy(server_random, part->bytes + 6, 32);
    return true;
}

/* Written by servers that have TLS 1.2 and use less, and by no other. */
Test(versions, downgrade_mark_written)
{
    for (uint16_t server = HF_TLS1_0; server <= HF_TLS1_2; server++)
        for (uint16_t client = HF_TLS1_0; client <= HF_TLS1_2; client++) {
            prepare("p256", 0xc009);
            set_versions(&p.client, HF_TLS1_0, client);
            set_versions(&p.server, HF_TLS1_0, server);
            relay_connect(&line, &p, note_random, NULL);
            expect_established(&p);
            bool is_marked = memcmp(server_random + 24, mark, 8) == 0;
            cr_assert_eq(is_marked, server == HF_TLS1_2 && client < HF_TLS1_2);
        }
}

/* A client that has TLS 1.2 and gets less looks for it. */
Test(versions, downgrade_mark_checked)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_1; version++) {
        edit e = {HF_CLIENT_HELLO, version, false};
        prepare("p256", 0xc009);
        relay_connect(&line, &p, edit_version, &e);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_DOWNGRADE_DETECTED, 47);
        prepare("rsa2048", 0x002f);
        relay_connect(&line, &p, edit_version, &e);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_DOWNGRADE_DETECTED, 47);
    }
}

/* The mark of servers that have TLS 1.3 says nothing to a client that has not. */
static bool write_mark(relay *r, relayed *part)
{
    if (part->type == HF_SERVER_HELLO) {
        memcpy(part->bytes + 6 + 24, mark, 8);
        part->bytes[6 + 31] = *(uint8_t *)r->context;
    }
    return true;
}

Test(versions, downgrade_mark_of_tls1_3)
{
    for (uint8_t last = 0; last < 2; last++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
            prepare("rsa2048", 0x002f);
            p.client.config.without_extended_master_secret = true;
            set_versions(&p.server, HF_TLS1_0, version);
            relay_connect(&line, &p, write_mark, &last);
            bool detected = endpoint_reason(&p.client) == HF_ERROR_DOWNGRADE_DETECTED;
            cr_assert_eq(detected, last == 0 && version < HF_TLS1_2);
        }
}

/* ---------------------------------------------------------------- fallback, RFC 7507 */

static bool find_scsv(relay *r, relayed *part)
{
    if (part->type == HF_CLIENT_HELLO) {
        size_t at = 4 + 2 + 32 + 1, count = part->bytes[at + 1] / 2u;
        for (size_t i = 0; i < count; i++)
            *(int *)r->context += memcmp(part->bytes + at + 2 + 2 * i, "\x56\0", 2) == 0;
    }
    return true;
}

Test(versions, fallback)
{
    for (int fallback = 0; fallback < 2; fallback++)
        for (uint16_t client = HF_TLS1_0; client <= HF_TLS1_2; client++)
            for (uint16_t server = HF_TLS1_0; server <= HF_TLS1_2; server++) {
                int found = 0;
                prepare("p256", 0xc009);
                p.client.config.fallback = fallback != 0;
                set_versions(&p.client, HF_TLS1_0, client);
                set_versions(&p.server, HF_TLS1_0, server);
                relay_connect(&line, &p, find_scsv, &found);
                cr_assert_eq(found, fallback);
                if (fallback && server > client)
                    expect_refusal(&p, HF_SERVER, HF_ERROR_INAPPROPRIATE_FALLBACK, 86);
                else
                    expect_established(&p);
            }
}

/* ---------------------------------------------------------------- suites and versions */

/* RFC 5246 A.5, RFC 5288 4, RFC 5289 4: suites of TLS 1.2 are not for versions before it. */
Test(versions, new_suites_in_old_versions)
{
    static const uint16_t suites[] = {0xc02b, 0xcca9, 0xc0ac, 0xc023, 0xc024, 0xc009};
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        prepare("p256", 0);
        p.client.config.suites = p.server.config.suites = (hf_code_list){suites, 6};
        set_versions(&p.server, HF_TLS1_0, version);
        relay_connect(&line, &p, NULL, NULL);
        expect_established(&p);
        cr_assert_eq(hf_conn_suite(&p.client.conn)->code, version < HF_TLS1_2 ? 0xc009 : 0xc02b);
        prepare("p256", 0);
        p.client.config.suites = (hf_code_list){suites, 5};
        p.server.config.suites = (hf_code_list){suites, 6};
        set_versions(&p.server, HF_TLS1_0, version);
        relay_connect(&line, &p, NULL, NULL);
        if (version < HF_TLS1_2)
            expect_refusal(&p, HF_SERVER, HF_ERROR_NO_COMMON_SUITE, 40);
        else
            expect_established(&p);
    }
}

static bool edit_suite(relay *r, relayed *part)
{
    if (part->type == HF_SERVER_HELLO) {
        size_t at = 4 + 2 + 32 + 1 + (size_t)part->bytes[38];
        part->bytes[at] = (uint8_t)(*(uint16_t *)r->context >> 8);
        part->bytes[at + 1] = (uint8_t) * (uint16_t *)r->context;
    }
    return true;
}

Test(versions, server_chooses_new_suite)
{
    static const uint16_t suites[] = {0xc02b, 0xcca9, 0xc0ac, 0xc023, 0xc024, 0xc009};
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_1; version++)
        for (size_t i = 0; i < 5; i++) {
            uint16_t chosen = suites[i];
            prepare("p256", 0);
            p.client.config.suites = p.server.config.suites = (hf_code_list){suites, 6};
            set_versions(&p.server, HF_TLS1_0, version);
            relay_connect(&line, &p, edit_suite, &chosen);
            expect_refusal(&p, HF_CLIENT, HF_ERROR_SUITE_NOT_OFFERED, 47);
        }
}

/* Signalling values and what was never offered are no suites to choose. */
Test(versions, server_chooses_what_is_no_suite)
{
    static const uint16_t codes[] = {0x0000, 0x00ff, 0x5600, 0x1301, 0x0a0a, 0xc00a};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        uint16_t chosen = codes[i];
        prepare("p256", 0xc009);
        p.client.config.fallback = true;
        relay_connect(&line, &p, edit_suite, &chosen);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_SUITE_NOT_OFFERED, 47);
    }
}
