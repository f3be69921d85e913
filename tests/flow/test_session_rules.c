/* Sessions that must not be resumed, and hellos that lie about them (RFC 5246 7.4.1.3, 7.4.1.4,
 * F.1.4; RFC 6066 3 and 7; RFC 7627 5.3). */
#include "tests/flow/resume.h"
#include "tests/flow/stepper.h"

#include "crypto_glue/hash.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static resume r;

static void begin(uint16_t suite, uint16_t version)
{
    resume_begin(&r);
    resume_prepare(&r, "p256", suite, version);
    resume_full(&r);
    resume_prepare(&r, "p256", suite, version);
}

static void name_session(const char *name)
{
    (void)hf_hash_digest(HF_HASH_SHA256, (hf_span){(const uint8_t *)name, strlen(name)},
                         r.session.state.server_name);
}

/* The second handshake, for another name. */
static void again_for(const char *name)
{
    memset(&r.line, 0, sizeof r.line);
    r.line.p = &r.p;
    pair_start(&r.p);
    cr_assert_eq(hf_conn_set_server_name(&r.p.client.conn, name), HF_OK);
    cr_assert_eq(hf_conn_set_session(&r.p.client.conn, &r.session), HF_OK);
    relay_run(&r.line);
}

/* ---------------------------------------------------------------- names */

/* A client does not offer a session to another server, nor does a server take it if one does. */
Test(session_rules, other_name)
{
    for (int forged = 0; forged < 2; forged++) {
        begin(0xc02b, HF_TLS1_2);
        if (forged)
            name_session("a.wild.example");
        again_for("a.wild.example");
        expect_resumed(&r, false);
    }
}

Test(session_rules, name_without_case)
{
    begin(0xc02b, HF_TLS1_2);
    again_for("Server.EXAMPLE");
    expect_resumed(&r, true);
}

/* RFC 6066 3: with no name at all is another name, too. */
Test(session_rules, no_name)
{
    begin(0xc02b, HF_TLS1_2);
    r.p.client.config.without_server_name = true;
    again_for("server.example");
    expect_resumed(&r, false);
}

/* RFC 6066 3: "When resuming a session, the server MUST NOT include a server_name extension". */
static bool note_server_name(relay *line, relayed *part)
{
    size_t size;
    if (part->type == HF_SERVER_HELLO)
        *(bool *)line->context = hello_extension(part, 0, &size) != NULL;
    return true;
}

Test(session_rules, name_is_not_acknowledged)
{
    bool acknowledged = false;
    resume_begin(&r);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.server.binding.host = HF_SPAN_LITERAL("server.example");
    r.p.session = &r.session;
    relay_connect(&r.line, &r.p, note_server_name, &acknowledged);
    cr_assert(acknowledged);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.server.binding.host = HF_SPAN_LITERAL("server.example");
    resume_again(&r, note_server_name, &acknowledged);
    expect_resumed(&r, true);
    cr_assert_not(acknowledged);
}

/* ---------------------------------------------------------------- version and suite */

/* A server goes on in full if the version would be another now. */
Test(session_rules, other_version)
{
    for (uint16_t first = HF_TLS1_0; first <= HF_TLS1_2; first++)
        for (uint16_t second = HF_TLS1_0; second <= HF_TLS1_2; second++) {
            begin(0xc009, first);
            r.p.client.config.version_min = HF_TLS1_0;
            r.p.client.config.version_max = HF_TLS1_2;
            r.p.server.config.version_min = r.p.server.config.version_max = second;
            resume_again(&r, NULL, NULL);
            expect_resumed(&r, first == second);
            cr_assert_eq(hf_conn_version(&r.p.client.conn), second);
        }
}

/* Even where it still has the session's version, and whatever the client believes. */
Test(session_rules, other_version_for_same_server)
{
    for (uint16_t first = HF_TLS1_0; first <= HF_TLS1_2; first++)
        for (uint16_t second = HF_TLS1_0; second <= HF_TLS1_2; second++) {
            begin(0xc009, first);
            r.p.client.config.version_min = r.p.client.config.version_max = second;
            r.p.server.config.version_min = HF_TLS1_0;
            r.p.server.config.version_max = HF_TLS1_2;
            r.session.state.version = second;
            resume_again(&r, NULL, NULL);
            expect_resumed(&r, first == second);
            cr_assert_eq(hf_conn_version(&r.p.client.conn), second);
        }
}

/* Nor does a client offer a session of a version that it would not take any more. */
static bool note_id_size(relay *line, relayed *part)
{
    if (part->type == HF_CLIENT_HELLO)
        *(uint8_t *)line->context = part->bytes[4 + 2 + 32];
    return true;
}

Test(session_rules, version_not_allowed)
{
    uint8_t id_size = 0xff;
    begin(0xc009, HF_TLS1_1);
    r.p.client.config.version_min = r.p.client.config.version_max = HF_TLS1_2;
    r.p.server.config.version_max = HF_TLS1_2;
    resume_again(&r, note_id_size, &id_size);
    expect_resumed(&r, false);
    cr_assert_eq(id_size, 0);
}

Test(session_rules, suite_not_offered)
{
    static const uint16_t both[] = {0xc02b, 0xc02c};
    begin(0xc02b, HF_TLS1_2);
    r.p.client.config.suites = (hf_code_list){both + 1, 1};
    r.p.server.config.suites = (hf_code_list){both, 2};
    r.session.state.suite = 0xc02c; /* so that the client offers its ID all the same */
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, false);
    cr_assert_eq(hf_conn_suite(&r.p.client.conn)->code, 0xc02c);
}

Test(session_rules, suite_not_enabled)
{
    static const uint16_t both[] = {0xc02b, 0xc02c};
    for (int at_client = 0; at_client < 2; at_client++) {
        begin(0xc02b, HF_TLS1_2);
        r.p.client.config.suites = (hf_code_list){both + at_client, (size_t)(2 - at_client)};
        r.p.server.config.suites = (hf_code_list){both + 1 - at_client, (size_t)(1 + at_client)};
        resume_again(&r, NULL, NULL);
        expect_resumed(&r, false);
        cr_assert_eq(hf_conn_suite(&r.p.client.conn)->code, 0xc02c);
    }
}

/* A ServerHello that resumes with something else than the session has. */
typedef struct edit {
    size_t at; /* behind the session ID; negative places do not occur */
    uint16_t value;
    bool is_version;
} edit;

static bool edit_server_hello(relay *line, relayed *part)
{
    const edit *e = line->context;
    if (part->type != HF_SERVER_HELLO)
        return true;
    size_t at = e->is_version ? 4 : 4 + 2 + 32 + 1 + (size_t)part->bytes[38];
    part->bytes[at] = (uint8_t)(e->value >> 8);
    part->bytes[at + 1] = (uint8_t)e->value;
    if (e->is_version)
        line->version = e->value;
    return true;
}

Test(session_rules, server_changes_its_mind)
{
    static const uint16_t suites[] = {0xc009, 0xc00a};
    edit suite = {.value = 0xc00a}, version = {.value = HF_TLS1_0, .is_version = true};
    edit *edits[] = {&suite, &version};
    for (size_t i = 0; i < 2; i++) {
        begin(0xc009, HF_TLS1_1);
        r.p.client.config.suites = (hf_code_list){suites, 2};
        r.p.client.config.version_min = HF_TLS1_0;
        resume_again(&r, edit_server_hello, edits[i]);
        cr_assert_eq(endpoint_reason(&r.p.client), HF_ERROR_RESUMPTION_CHANGED, "%s",
                     reason_name(endpoint_reason(&r.p.client)));
        cr_assert_eq(hf_conn_failure(&r.p.client.conn)->alert, 47);
    }
}

/* ---------------------------------------------------------------- extended master secret */

static bool remove_from(relay *line, relayed *part)
{
    if (part->type == *(uint8_t *)line->context)
        cr_assert(hello_remove_extension(part, 23));
    return true;
}

/* RFC 7627 5.3: "If the original session used the "extended_master_secret" extension but the new
 * ClientHello does not contain it, the server MUST abort the abbreviated handshake", and a client
 * likewise where the ServerHello leaves it out. */
Test(session_rules, extended_master_secret_removed)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        uint8_t hello = HF_CLIENT_HELLO;
        begin(0xc009, version);
        resume_again(&r, remove_from, &hello);
        expect_refusal(&r.p, HF_SERVER, HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED, 40);
        hello = HF_SERVER_HELLO;
        begin(0xc009, version);
        resume_again(&r, remove_from, &hello);
        expect_refusal(&r.p, HF_CLIENT, HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED, 40);
    }
}

/* A client that does not want it any more must not offer such a session: "the client MUST send the
 * extension" with the offer. */
Test(session_rules, extended_master_secret_switched_off)
{
    uint8_t id_size = 0xff;
    begin(0xc02b, HF_TLS1_2);
    r.p.client.config.without_extended_master_secret = true;
    resume_again(&r, note_id_size, &id_size);
    expect_resumed(&r, false);
    cr_assert_eq(id_size, 0);
    begin(0xc02b, HF_TLS1_2);
    r.p.server.config.without_extended_master_secret = true;
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, false);
}

static void begin_without(void)
{
    resume_begin(&r);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.client.config.without_extended_master_secret = true;
    resume_full(&r);
    cr_assert_not(r.session.state.extended_master_secret);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
}

/* RFC 7627 5.3: a session without it, now that the client has it, is followed by a full one. */
Test(session_rules, extended_master_secret_new)
{
    begin_without();
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, false);
    cr_assert(hf_conn_extended_master_secret(&r.p.server.conn));
}

/* "If the original session did not use the extension but the new ServerHello contains it, the
 * client MUST abort the handshake." */
static bool extended_for_client_only(relay *line, relayed *part)
{
    (void)line;
    if (part->type == HF_CLIENT_HELLO)
        cr_assert(hello_remove_extension(part, 23));
    if (part->type == HF_SERVER_HELLO)
        hello_add_extension(part, 23, NULL, 0);
    return true;
}

Test(session_rules, extended_master_secret_added)
{
    begin_without();
    resume_again(&r, extended_for_client_only, NULL);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED, 40);
}

/* A policy that needs it does not take sessions without it on either side. */
Test(session_rules, extended_master_secret_needed)
{
    uint8_t id_size = 0xff;
    begin_without();
    r.p.client.config.policy = &hf_policy_default;
    resume_again(&r, note_id_size, &id_size);
    expect_resumed(&r, false);
    cr_assert_eq(id_size, 0);
    begin_without();
    r.p.server.config.policy = &hf_policy_default;
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, false);
}

/* ---------------------------------------------------------------- truncated_hmac */

/* RFC 6066 7: "The negotiated HMAC size applies for the duration of the session including session
 * resumptions." Where the two sides would not have it again the handshake is a full one. */
Test(session_rules, truncated_hmac)
{
    static const uint16_t suites[] = {0xc009, 0xc007};
    for (size_t s = 0; s < 2; s++)
        for (unsigned bits = 0; bits < 16; bits++) {
            bool before = (bits & 1) != 0, client = (bits & 2) != 0, server = (bits & 4) != 0;
            resume_begin(&r);
            resume_prepare(&r, "p256", suites[s], HF_TLS1_2);
            r.p.client.config.truncated_hmac = r.p.server.config.truncated_hmac = before;
            resume_full(&r);
            resume_prepare(&r, "p256", suites[s], HF_TLS1_2);
            r.p.client.config.truncated_hmac = client;
            r.p.server.config.truncated_hmac = server;
            resume_again(&r, NULL, NULL);
            expect_established(&r.p);
            bool now = hf_conn_truncated_hmac(&r.p.client.conn);
            cr_assert_eq(hf_conn_truncated_hmac(&r.p.server.conn), now);
            cr_assert(!hf_conn_resumed(&r.p.client.conn) || now == before, "%d %d %d", before,
                      client, server);
            if (client == before && server == before)
                cr_assert(hf_conn_resumed(&r.p.client.conn));
            expect_data(&r.p);
        }
}

/* ---------------------------------------------------------------- client certificates */

static void prepare_auth(hf_client_auth mode, bool has_certificate)
{
    static hf_credentials offer;
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.server.config.anchors = pki_roots(&r.p.server.config.anchor_count);
    r.p.server.config.client_auth = mode;
    pki_load(&r.p.client.credentials[0], "client-p256", "inter-p256");
    offer = r.p.client.credentials[0].credentials;
    r.p.client.config.credentials = &offer;
    r.p.client.config.credentials_count = has_certificate;
}

/* What the server asks for now must have been satisfied then, and a session of a client that was
 * asked does not go where none is asked. */
Test(session_rules, client_authentication)
{
    for (int before = HF_CLIENT_AUTH_OFF; before <= HF_CLIENT_AUTH_REQUIRE; before++)
        for (int after = HF_CLIENT_AUTH_OFF; after <= HF_CLIENT_AUTH_REQUIRE; after++)
            for (int has = 0; has < 2; has++) {
                if (!has && before == HF_CLIENT_AUTH_REQUIRE)
                    continue;
                resume_begin(&r);
                prepare_auth((hf_client_auth)before, has);
                resume_full(&r);
                bool was = hf_conn_client_authenticated(&r.p.server.conn);
                cr_assert_eq(was, has && before != HF_CLIENT_AUTH_OFF);
                prepare_auth((hf_client_auth)after, true);
                resume_again(&r, NULL, NULL);
                bool may = was ? after != HF_CLIENT_AUTH_OFF : after != HF_CLIENT_AUTH_REQUIRE;
                expect_resumed(&r, may);
                bool is = hf_conn_client_authenticated(&r.p.server.conn);
                cr_assert_eq(is, may ? was : after != HF_CLIENT_AUTH_OFF);
            }
}

/* ---------------------------------------------------------------- peers not verified */

/* RFC 6066 4 and 7: a session goes on with what it was made with, so that a server that agrees to
 * more in resuming it is none. */
static bool agree_to_more(relay *line, relayed *part)
{
    const uint16_t *extension = line->context;
    static const uint8_t code_of_1024 = 2;
    if (part->type == HF_SERVER_HELLO)
        hello_add_extension(part, *extension, &code_of_1024, *extension == 1 ? 1 : 0);
    return true;
}

Test(session_rules, server_agrees_to_more)
{
    static const uint16_t extensions[] = {1, 4}; /* max_fragment_length, truncated_hmac */
    for (size_t i = 0; i < 2; i++) {
        uint16_t extension = extensions[i];
        begin(0xc023, HF_TLS1_2);
        r.p.client.config.max_fragment_length = extension == 1 ? 1024 : 0;
        r.p.client.config.truncated_hmac = extension == 4;
        r.p.server.config.without_max_fragment_length = true;
        resume_again(&r, agree_to_more, &extension);
        expect_refusal(&r.p, HF_CLIENT, HF_ERROR_RESUMPTION_CHANGED, 47);
    }
}

/* A client that did not verify its server keeps no more than that: one that does verify must not
 * take the session for a verified one. */
Test(session_rules, server_not_verified)
{
    resume_begin(&r);
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.client.config.verify = HF_VERIFY_NONE;
    pki_load(&r.p.server.credentials[0], "bad-selfsigned", NULL);
    r.p.server.offered[0] = r.p.server.credentials[0].credentials;
    resume_full(&r);
    hf_session session = r.session;
    for (int verifying = 0; verifying < 2; verifying++) {
        uint8_t bytes[HF_SESSION_BYTES];
        size_t size = hf_session_write(&session, bytes);
        cr_assert(hf_session_read(&r.session, (hf_span){bytes, size}));
        resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
        r.p.client.config.verify = verifying ? HF_VERIFY_REQUIRED : HF_VERIFY_NONE;
        resume_again(&r, NULL, NULL);
        expect_resumed(&r, !verifying);
    }
}

/* ---------------------------------------------------------------- forged IDs */

Test(session_rules, unknown_ids)
{
    for (uint8_t size = 1; size <= 32; size++) {
        begin(0xc02b, HF_TLS1_2);
        if (size == 32)
            r.session.id[31] ^= 1;
        r.session.id_size = size;
        resume_again(&r, NULL, NULL);
        expect_resumed(&r, false);
    }
}

/* RFC 5246 7.4.1.2: SessionID<0..32>. */
static bool lengthen_id(relay *line, relayed *part)
{
    static const uint8_t id[34] = {33};
    if (part->type == *(uint8_t *)line->context)
        relayed_splice(part, 38, 1 + (size_t)part->bytes[38], id, sizeof id);
    return true;
}

Test(session_rules, id_too_long)
{
    uint8_t hello = HF_CLIENT_HELLO;
    begin(0xc02b, HF_TLS1_2);
    resume_again(&r, lengthen_id, &hello);
    expect_refusal(&r.p, HF_SERVER, HF_ERROR_MESSAGE_SYNTAX, 50);
    hello = HF_SERVER_HELLO;
    begin(0xc02b, HF_TLS1_2);
    resume_again(&r, lengthen_id, &hello);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_MESSAGE_SYNTAX, 50);
}

/* Who knows the ID but not the master secret gets nowhere, on either side. */
Test(session_rules, id_without_secret)
{
    begin(0xc02b, HF_TLS1_2);
    r.session.state.master_secret[0] ^= 1;
    resume_again(&r, NULL, NULL);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_BAD_RECORD_MAC, 20);
}

/* ---------------------------------------------------------------- order of the short ladder */

typedef enum disorder {
    SERVER_SPEC_DROPPED,
    SERVER_SPEC_TWICE,
    SERVER_SPEC_BEFORE_HELLO,
    SERVER_CERTIFICATE,
    SERVER_DONE,
    CLIENT_SPEC_DROPPED,
    CLIENT_SPEC_TWICE,
    CLIENT_KEY_EXCHANGE,
    SERVER_FINISHED_DROPPED
} disorder;

static bool disturb(relay *line, relayed *part)
{
    static const uint8_t spec = 1, certificate[] = {11, 0, 0, 3, 0, 0, 0}, done[] = {14, 0, 0, 0},
                         key_exchange[] = {16, 0, 0, 1, 0};
    disorder what = *(disorder *)line->context;
    bool is_spec = part->content == HF_CONTENT_CHANGE_CIPHER_SPEC, from_server = part->sender != 0;
    if (is_spec && from_server) {
        if (what == SERVER_SPEC_TWICE)
            relay_insert(line, part->content, &spec, 1);
        if (what == SERVER_CERTIFICATE)
            relay_insert(line, HF_CONTENT_HANDSHAKE, certificate, sizeof certificate);
        if (what == SERVER_DONE)
            relay_insert(line, HF_CONTENT_HANDSHAKE, done, sizeof done);
        return what != SERVER_SPEC_DROPPED;
    }
    if (is_spec) {
        if (what == CLIENT_SPEC_TWICE)
            relay_insert(line, part->content, &spec, 1);
        if (what == CLIENT_KEY_EXCHANGE)
            relay_insert(line, HF_CONTENT_HANDSHAKE, key_exchange, sizeof key_exchange);
        return what != CLIENT_SPEC_DROPPED;
    }
    if (part->type == HF_SERVER_HELLO && what == SERVER_SPEC_BEFORE_HELLO)
        relay_insert(line, HF_CONTENT_CHANGE_CIPHER_SPEC, &spec, 1);
    return !(part->sealed && from_server && what == SERVER_FINISHED_DROPPED);
}

Test(session_rules, order)
{
    static const struct {
        disorder what;
        hf_role by;
        hf_error
            reason; /* HF_OK: one that depends on what the ciphertext looks like in the clear */
        int alert;
    } rows[] = {
        {SERVER_SPEC_DROPPED, HF_CLIENT, HF_OK, 0},
        {SERVER_SPEC_TWICE, HF_CLIENT, HF_ERROR_BAD_RECORD_MAC, 20},
        {SERVER_SPEC_BEFORE_HELLO, HF_CLIENT, HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC, 10},
        {SERVER_CERTIFICATE, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10},
        {SERVER_DONE, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10},
        {CLIENT_SPEC_DROPPED, HF_SERVER, HF_OK, 0},
        {CLIENT_SPEC_TWICE, HF_SERVER, HF_ERROR_BAD_RECORD_MAC, 20},
        {CLIENT_KEY_EXCHANGE, HF_SERVER, HF_ERROR_UNEXPECTED_MESSAGE, 10},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        disorder what = rows[i].what;
        begin(0xcca9, HF_TLS1_2);
        resume_again(&r, disturb, &what);
        if (rows[i].reason != HF_OK)
            expect_refusal(&r.p, rows[i].by, rows[i].reason, rows[i].alert);
        const endpoint *by = rows[i].by == HF_CLIENT ? &r.p.client : &r.p.server;
        cr_assert_neq(endpoint_reason(by), HF_OK, "row %zu", i);
        cr_assert_not(hf_conn_wants(&by->conn) & HF_ESTABLISHED, "row %zu", i);
    }
    /* Without the server's Finished the client sends none either. */
    disorder what = SERVER_FINISHED_DROPPED;
    begin(0xcca9, HF_TLS1_2);
    resume_again(&r, disturb, &what);
    cr_assert_eq(r.line.seen_count[HF_CLIENT], 1);
    cr_assert_not(hf_conn_wants(&r.p.server.conn) & HF_ESTABLISHED);
}
