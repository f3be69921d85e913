/* Sessions resumed by their ID (RFC 5246 7.3 figure 2): in every version and kind of protection,
 * how long they last, and which the server forgets. */
#include "tests/flow/resume.h"
#include "tests/flow/stepper.h"

#include "tls/record/protection.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

static resume r;

/* ---------------------------------------------------------------- what is resumed */

typedef struct resumption_case {
    uint16_t suite, version;
    bool encrypt_then_mac, truncated_hmac, extended;
} resumption_case;

static resumption_case cases[400];

ParameterizedTestParameters(resumption, kinds)
{
    static const uint16_t suites[] = {
        0xcca9, 0xc02b, 0xc02c, 0xc0ac, 0xc0af,                 /* AEADs              */
        0xc023, 0xc024, 0xc009, 0xc008, 0xc007, 0xc006,         /* CBC, RC4, NULL     */
        0x002f, 0x0004, 0x0033, 0x0038, 0x008c, 0x0091, 0x0092, /* RSA, DHE, DSS, PSK */
        0xc036, 0xc018, 0x0034,
    };
    size_t count = 0;
    for (size_t s = 0; s < sizeof suites / sizeof suites[0]; s++) {
        const hf_suite *suite = hf_suite_of(suites[s]);
        bool is_cbc = strstr(suite->name, "CBC") != NULL, has_mac = suite->mac != HF_HASH_NONE;
        for (uint16_t version = suite->version_min; version <= HF_TLS1_2; version++)
            for (int extended = 0; extended < 2; extended++)
                for (int before = 0; before <= is_cbc; before++)
                    for (int truncated = 0; truncated <= has_mac; truncated++)
                        cases[count++] = (resumption_case){.suite = suites[s],
                                                           .version = version,
                                                           .extended = extended,
                                                           .encrypt_then_mac = before,
                                                           .truncated_hmac = truncated};
    }
    return cr_make_param_array(resumption_case, cases, count);
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

static void prepare_case(const resumption_case *k)
{
    resume_prepare(&r, server_key(k->suite), k->suite, k->version);
    hf_config *configs[] = {&r.p.client.config, &r.p.server.config};
    for (size_t i = 0; i < 2; i++) {
        configs[i]->without_encrypt_then_mac = !k->encrypt_then_mac;
        configs[i]->truncated_hmac = k->truncated_hmac;
        configs[i]->without_extended_master_secret = !k->extended;
    }
}

static void expect_ladder(hf_role sender, const uint16_t *expected, size_t count)
{
    cr_assert_eq(r.line.seen_count[sender], count);
    cr_assert_eq(memcmp(r.line.seen[sender], expected, count * sizeof *expected), 0);
}

ParameterizedTest(const resumption_case *k, resumption, kinds)
{
    /* Messages in the clear by type; 0x1400 a ChangeCipherSpec, 0x1600 a protected Finished. */
    static const uint16_t from_client[] = {1, 0x1400, 0x1600}, from_server[] = {2, 0x1400, 0x1600};
    resume_begin(&r);
    prepare_case(k);
    resume_full(&r);
    const hf_session kept = r.session;
    uint8_t master[48];
    memcpy(master, r.p.server.conn.master_secret, sizeof master);
    for (int i = 0; i < 2; i++) {
        prepare_case(k);
        resume_again(&r, NULL, NULL);
        expect_resumed(&r, true);
        expect_ladder(HF_CLIENT, from_client, 3);
        expect_ladder(HF_SERVER, from_server, 3);
        cr_assert_eq(hf_conn_suite(&r.p.server.conn)->code, k->suite);
        cr_assert_eq(hf_conn_version(&r.p.client.conn), k->version);
        cr_assert_eq(memcmp(master, r.p.client.conn.master_secret, 48), 0);
        cr_assert_eq(hf_conn_extended_master_secret(&r.p.client.conn), k->extended);
        cr_assert_eq(hf_conn_extended_master_secret(&r.p.server.conn), k->extended);
        expect_data(&r.p);
        cr_assert(same_memory(&kept, &r.session, sizeof kept), "it stays as it was");
    }
}

/* Each full handshake gets an ID of its own, of 32 bytes; without a cache there is none. */
Test(resumption, ids)
{
    hf_session first;
    resume_begin(&r);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    resume_full(&r);
    first = r.session;
    cr_assert_eq(first.id_size, 32);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    resume_full(&r);
    cr_assert_neq(memcmp(first.id, r.session.id, 32), 0);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.server.config.cache = NULL;
    r.p.session = &r.session;
    relay_connect(&r.line, &r.p, NULL, NULL);
    expect_established(&r.p);
    cr_assert(hf_session_is_empty(&r.session));
}

/* Nothing is kept of a handshake that did not come to its end. */
static bool break_finished(relay *line, relayed *part)
{
    (void)line;
    if (part->sealed && part->sender == HF_CLIENT)
        part->bytes[part->size - 1] ^= 1;
    return true;
}

Test(resumption, unfinished)
{
    resume_begin(&r);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.session = &r.session;
    relay_connect(&r.line, &r.p, break_finished, NULL);
    expect_refusal(&r.p, HF_SERVER, HF_ERROR_BAD_RECORD_MAC, 20);
    for (size_t i = 0; i < RESUME_SLOTS; i++)
        cr_assert_eq(r.slots[i].used, 0);
    cr_assert(hf_session_is_empty(&r.session));
}

/* ---------------------------------------------------------------- as bytes */

/* Through flash and back; the client may be another process. */
Test(resumption, through_bytes)
{
    uint8_t bytes[HF_SESSION_BYTES];
    resume_begin(&r);
    resume_prepare(&r, "p256", 0xc023, HF_TLS1_2);
    resume_full(&r);
    size_t size = hf_session_write(&r.session, bytes);
    hf_session_wipe(&r.session);
    resume_prepare(&r, "p256", 0xc023, HF_TLS1_2);
    cr_assert(hf_session_read(&r.session, (hf_span){bytes, size}));
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, true);
}

/* ---------------------------------------------------------------- time */

static void resume_at(int64_t client_seconds, int64_t server_seconds, bool is_resumed)
{
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.client.now += client_seconds;
    r.p.server.now += server_seconds;
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, is_resumed);
}

static void full_with_lifetime(uint32_t lifetime)
{
    resume_begin(&r);
    hf_session_cache_init(&r.cache, r.slots, RESUME_SLOTS, lifetime);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    resume_full(&r);
}

/* Counted from the full handshake, not from the last use. */
Test(resumption, lifetime_at_server)
{
    full_with_lifetime(100);
    hf_session session = r.session;
    resume_at(0, 99, true);
    r.session = session;
    resume_at(0, 100, false);
    r.session = session;
    resume_at(0, 0, false); /* it is gone for good */
}

/* RFC 5246 F.1.4: at most 24 hours. */
Test(resumption, lifetime_is_bounded)
{
    static const uint32_t lifetimes[] = {0, 86400, 86401, UINT32_MAX};
    for (size_t i = 0; i < 4; i++) {
        full_with_lifetime(lifetimes[i]);
        hf_session session = r.session;
        resume_at(0, 86399, true);
        r.session = session;
        resume_at(0, 86400, false);
    }
}

/* A client does not offer what is too old: no ID at all goes out. */
static bool note_id(relay *line, relayed *part)
{
    if (part->type == HF_CLIENT_HELLO)
        *(uint8_t *)line->context = part->bytes[4 + 2 + 32];
    return true;
}

Test(resumption, lifetime_at_client)
{
    for (int64_t seconds = 86399; seconds <= 86400; seconds++) {
        uint8_t id_size = 0xff;
        full_with_lifetime(0);
        resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
        r.p.client.now += seconds;
        resume_again(&r, note_id, &id_size);
        expect_resumed(&r, seconds < 86400);
        cr_assert_eq(id_size, seconds < 86400 ? 32 : 0);
    }
}

/* No session outlives the certificate that it rests on: 20431231235959Z. */
Test(resumption, end_of_certificate)
{
    const int64_t not_after = INT64_C(2335219199);
    resume_begin(&r);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.client.now = r.p.server.now = not_after - 50;
    r.p.server.config.anchors = pki_roots(&r.p.server.config.anchor_count);
    r.p.server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
    pki_load(&r.p.client.credentials[0], "client-p256", "inter-p256");
    r.p.client.config.credentials = &r.p.client.credentials[0].credentials;
    r.p.client.config.credentials_count = 1;
    resume_full(&r);
    cr_assert_leq(r.session.state.expires, not_after);
    cr_assert_leq(r.slots[0].state.expires, not_after);
}

/* Without a clock on either side sessions do not age. */
Test(resumption, no_clock)
{
    resume_begin(&r);
    for (int i = 0; i < 2; i++) {
        resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
        r.p.client.config.clock = r.p.server.config.clock = NULL;
        r.p.client.config.allow_no_clock = true;
        if (i == 0)
            resume_full(&r);
    }
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, true);
}

/* ---------------------------------------------------------------- the cache */

static hf_session made(void)
{
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    resume_full(&r);
    return r.session;
}

static void expect_kept(const hf_session *session, bool is_kept)
{
    static hf_session_cache none;
    r.session = *session;
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    if (!is_kept) /* the full handshake is not to push another out */
        r.p.server.config.cache = &none;
    size_t found = 0;
    for (size_t i = 0; i < RESUME_SLOTS; i++)
        found += r.slots[i].used != 0 && memcmp(r.slots[i].id, session->id, 32) == 0;
    cr_assert_eq(found, is_kept);
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, is_kept);
}

/* A new session takes the place of the one that was not used for the longest time. */
Test(resumption, least_recently_used)
{
    resume_begin(&r);
    hf_session a = made(), b = made(), c = made();
    expect_kept(&a, true);
    hf_session d = made();
    expect_kept(&b, false);
    expect_kept(&c, true);
    expect_kept(&a, true);
    expect_kept(&d, true);
    hf_session e = made();
    expect_kept(&c, false);
    expect_kept(&e, true);
}

Test(resumption, wiped_cache)
{
    resume_begin(&r);
    (void)made();
    hf_session_cache_wipe(&r.cache);
    const uint8_t *bytes = (const uint8_t *)r.slots;
    for (size_t i = 0; i < sizeof r.slots; i++)
        cr_assert_eq(bytes[i], 0);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, false);
}

/* RFC 5246 7.2.2: after a fatal alert, sent or received, the session is not resumed any more. */
static void send_to_server(uint8_t type, uint8_t level, uint8_t alert, bool damaged)
{
    uint8_t bytes[64];
    hf_protection *out = &r.p.client.conn.out.protection;
    bytes[13] = level;
    bytes[14] = alert;
    cr_assert_eq(hf_protection_prefix(out), 8);
    cr_assert_eq(hf_protection_seal(out, type, HF_TLS1_2, bytes + 13, 2), HF_OK);
    bytes[13 + 2 + 15] ^= damaged;
    memcpy(bytes, (const uint8_t[]){type, 3, 3, 0, 8 + 2 + 16}, 5);
    (void)endpoint_give(&r.p.server, bytes, 13 + 2 + 16);
}

Test(resumption, forgotten_after_fatal_alert)
{
    for (int resumed = 0; resumed < 2; resumed++)
        for (int received = 0; received < 2; received++) {
            resume_begin(&r);
            hf_session session = made();
            if (resumed)
                expect_kept(&session, true);
            send_to_server(received ? 21 : 23, 2, 80, !received);
            cr_assert_eq(endpoint_reason(&r.p.server),
                         received ? HF_ERROR_PEER_ALERT : HF_ERROR_BAD_RECORD_MAC);
            expect_kept(&session, false);
        }
}

/* Warnings and an end without close_notify do no harm; before TLS 1.1 the latter did (RFC 5246
 * 7.2.1, RFC 2246 7.2.1). */
Test(resumption, forgotten_after_truncation)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        resume_begin(&r);
        resume_prepare(&r, "p256", 0xc009, version);
        resume_full(&r);
        hf_conn_eof(&r.p.server.conn);
        cr_assert_eq(endpoint_run(&r.p.server), HF_ERROR_TRUNCATED);
        resume_prepare(&r, "p256", 0xc009, version);
        resume_again(&r, NULL, NULL);
        expect_resumed(&r, version != HF_TLS1_0);
    }
}

Test(resumption, kept_otherwise)
{
    for (int what = 0; what < 3; what++) {
        resume_begin(&r);
        hf_session session = made();
        if (what == 0)
            send_to_server(21, 1, 90, false);
        else if (what == 1)
            send_to_server(21, 1, 0, false);
        else
            hf_conn_eof(&r.p.server.conn);
        (void)endpoint_run(&r.p.server);
        cr_assert_eq(endpoint_reason(&r.p.server), what == 2 ? HF_ERROR_TRUNCATED : HF_OK);
        expect_kept(&session, true);
    }
}

/* Nobody can make a server forget the session of another by what anybody can send. */
static bool break_hello(relay *line, relayed *part)
{
    (void)line;
    return part->sender == HF_SERVER || part->content == HF_CONTENT_HANDSHAKE;
}

Test(resumption, not_forgotten_for_strangers)
{
    resume_begin(&r);
    hf_session session = made();
    for (int what = 0; what < 3; what++) {
        r.session = session;
        resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
        if (what == 0)
            r.session.state.master_secret[5] ^= 1;
        resume_again(&r, what == 1 ? break_finished : what == 2 ? break_hello : NULL, NULL);
        cr_assert_neq(endpoint_reason(&r.p.server), HF_OK);
    }
    expect_kept(&session, true);
}
