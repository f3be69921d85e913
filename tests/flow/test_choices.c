/* Choices that an application makes in the middle of a handshake: which binding serves a name,
 * which certificate a client shows (question.h; RFC 6066 3; RFC 5246 7.4.4, 7.4.6). */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;

/* ---------------------------------------------------------------- bindings */

/* Row 0 has no host and is the default; row 1 has the wildcard's. Row 2 is not in the table. */
static hf_binding rows[3];
static pki_credentials other;

static void prepare_bindings(void)
{
    pair_prepare(&p, "p256");
    pki_load(&other, "server-rsa2048", "inter-rsa2048");
    for (size_t i = 0; i < 3; i++)
        rows[i] = (hf_binding){.credentials = p.server.offered, .credentials_count = 1};
    rows[1].host = HF_SPAN_LITERAL("*.wild.example");
    rows[2].credentials = &other.credentials;
    p.server.config.bindings = rows;
    p.server.config.binding_count = 2;
    p.server.config.ask_about_binding = true;
}

static relay line;

static bool note_hello(relay *r, relayed *part)
{
    size_t size;
    if (part->type == HF_SERVER_HELLO)
        *(bool *)r->context = hello_extension(part, 0, &size) != NULL;
    return true;
}

static bool acknowledged;

/* Starts a client that asks for the name and reaches the server's question. */
static const hf_question *ask_for(const char *name)
{
    acknowledged = false;
    memset(&line, 0, sizeof line);
    line.p = &p;
    line.hook = note_hello;
    line.context = &acknowledged;
    pair_start(&p);
    cr_assert_eq(hf_conn_set_server_name(&p.client.conn, name), HF_OK);
    relay_run(&line);
    const hf_question *question = hf_conn_question(&p.server.conn);
    cr_assert_not_null(question);
    cr_assert_eq(question->kind, HF_QUESTION_BINDING);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(hf_conn_run(&p.server.conn), HF_WAITING);
    return question;
}

static void expect_input(const hf_question *question, const char *name)
{
    cr_assert_eq(question->input.size, strlen(name));
    cr_assert_eq(memcmp(question->input.data, name, strlen(name)), 0);
}

static hf_error answer_binding(bool refused, const hf_binding *binding)
{
    const hf_answer answer = {.refused = refused, .binding = binding};
    hf_error error = hf_conn_answer(&p.server.conn, &answer);
    relay_run(&line);
    return error;
}

/* The library says what it would take; NULL agrees. */
Test(choices, binding_of_library)
{
    prepare_bindings();
    const hf_question *question = ask_for("a.wild.example");
    expect_input(question, "a.wild.example");
    cr_assert_eq(question->binding, &rows[1]);
    cr_assert_eq(answer_binding(false, NULL), HF_OK);
    expect_established(&p);
    cr_assert_eq(hf_conn_binding(&p.server.conn), &rows[1]);
    cr_assert(acknowledged);
    prepare_bindings();
    question = ask_for("server.example");
    cr_assert_eq(question->binding, &rows[0]);
    cr_assert_eq(answer_binding(false, NULL), HF_OK);
    expect_established(&p);
    cr_assert_not(acknowledged, "the default was not chosen by the name");
}

/* The application may take any binding, also one that is in no table. RFC 6066 3: a server that has
 * used the name for its choice "SHALL include an extension of type server_name". */
Test(choices, binding_of_application)
{
    static const char *const names[] = {"server.example", "a.wild.example"};
    for (size_t i = 0; i < 2; i++) {
        prepare_bindings();
        (void)ask_for(names[i]);
        cr_assert_eq(answer_binding(false, &rows[2]), HF_OK);
        expect_established(&p);
        expect_data(&p);
        cr_assert_eq(hf_conn_binding(&p.server.conn), &rows[2]);
        cr_assert_eq(hf_conn_suite(&p.client.conn)->authentication, HF_KEY_RSA);
        cr_assert(acknowledged);
    }
}

/* What belongs to the binding holds: here its protocols and whether clients are asked. */
Test(choices, binding_with_more)
{
    const hf_span protocols[] = {HF_SPAN_LITERAL("h2"), HF_SPAN_LITERAL("http/1.1")};
    prepare_bindings();
    p.client.config.protocols = protocols;
    p.client.config.protocol_count = 2;
    rows[2].protocols = protocols + 1;
    rows[2].protocol_count = 1;
    rows[2].client_auth = HF_CLIENT_AUTH_REQUIRE;
    rows[2].anchors = pki_roots(&rows[2].anchor_count);
    (void)ask_for("server.example");
    cr_assert_eq(answer_binding(false, &rows[2]), HF_OK);
    expect_refusal(&p, HF_SERVER, HF_ERROR_CERTIFICATE_MISSING, 40);
    cr_assert_eq(hf_conn_protocol(&p.server.conn).size, 8);
}

/* RFC 6066 3: unrecognized_name, fatal. */
Test(choices, binding_refused)
{
    prepare_bindings();
    (void)ask_for("a.wild.example");
    cr_assert_eq(answer_binding(true, &rows[2]), HF_ERROR_SERVER_NAME_UNKNOWN);
    expect_refusal(&p, HF_SERVER, HF_ERROR_SERVER_NAME_UNKNOWN, 112);
}

/* A client that names nobody; a server that has used no name acknowledges none. */
Test(choices, binding_without_name)
{
    for (int chosen = 0; chosen < 2; chosen++) {
        prepare_bindings();
        p.client.config.without_server_name = true;
        const hf_question *question = ask_for("server.example");
        cr_assert_eq(question->input.size, 0);
        cr_assert_eq(question->binding, &rows[0]);
        cr_assert_eq(answer_binding(false, chosen ? &rows[2] : NULL), HF_OK);
        expect_established(&p);
        cr_assert_eq(hf_conn_binding(&p.server.conn), &rows[chosen ? 2 : 0]);
        cr_assert_not(acknowledged);
    }
    prepare_bindings();
    p.client.config.without_server_name = true;
    (void)ask_for("server.example");
    cr_assert_eq(answer_binding(true, NULL), HF_ERROR_SERVER_NAME_UNKNOWN);
    expect_refusal(&p, HF_SERVER, HF_ERROR_SERVER_NAME_UNKNOWN, 112);
}

/* The configuration has a rule for names that nobody has. An application that leaves the choice to
 * the library gets what the rule says, and one that knows better does not. */
Test(choices, binding_for_unknown_name)
{
    prepare_bindings();
    p.server.config.unknown_name = HF_UNKNOWN_NAME_FATAL;
    cr_assert_null(ask_for("server.example")->binding, "it would take none");
    cr_assert_eq(answer_binding(false, NULL), HF_ERROR_SERVER_NAME_UNKNOWN);
    expect_refusal(&p, HF_SERVER, HF_ERROR_SERVER_NAME_UNKNOWN, 112);
    for (int rule = HF_UNKNOWN_NAME_WARN; rule <= HF_UNKNOWN_NAME_FATAL; rule++) {
        prepare_bindings();
        p.server.config.unknown_name = (hf_unknown_name)rule;
        (void)ask_for("server.example");
        cr_assert_eq(answer_binding(false, &rows[2]), HF_OK);
        expect_established(&p);
        cr_assert_eq(line.seen[HF_SERVER][0], HF_SERVER_HELLO, "no warning");
    }
    prepare_bindings();
    p.server.config.unknown_name = HF_UNKNOWN_NAME_WARN;
    cr_assert_eq(ask_for("server.example")->binding, &rows[0]);
    cr_assert_eq(answer_binding(false, NULL), HF_OK);
    expect_established(&p);
    cr_assert_eq(line.seen[HF_SERVER][0], HF_CONTENT_ALERT << 8);
    prepare_bindings();
    p.server.config.unknown_name = HF_UNKNOWN_NAME_FATAL;
    cr_assert_eq(ask_for("a.wild.example")->binding, &rows[1]);
    cr_assert_eq(answer_binding(false, NULL), HF_OK);
    expect_established(&p);
}

/* A binding that has nothing for this client is found out after the answer. */
Test(choices, binding_without_credentials)
{
    prepare_bindings();
    rows[2].credentials_count = 0;
    (void)ask_for("server.example");
    cr_assert_eq(answer_binding(false, &rows[2]), HF_OK);
    expect_refusal(&p, HF_SERVER, HF_ERROR_NO_COMMON_SUITE, 40);
}

/* ---------------------------------------------------------------- credentials of clients */

static pki_credentials own[3];
static hf_credentials offer[2];
static uint16_t suite;
static const char *sent;

static void prepare_credentials(uint16_t version, size_t count)
{
    static const char *const leaves[] = {"client-rsa2048", "client-p256", "client-p384"};
    static const char *const issuers[] = {"inter-rsa2048", "inter-p256", "inter-p384"};
    pair_prepare(&p, "rsa2048");
    for (size_t i = 0; i < 3; i++)
        pki_load(&own[i], leaves[i], issuers[i]);
    offer[0] = own[0].credentials;
    offer[1] = own[1].credentials;
    suite = version == HF_TLS1_2 ? 0xc02f : 0xc013;
    p.client.config.policy = p.server.config.policy = &hf_policy_compatible;
    p.client.config.version_min = p.client.config.version_max = version;
    p.client.config.suites = p.server.config.suites = (hf_code_list){&suite, 1};
    p.client.config.credentials = offer;
    p.client.config.credentials_count = count;
    p.client.config.ask_about_credentials = true;
    p.server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
    p.server.config.anchors = pki_roots(&p.server.config.anchor_count);
}

/* What the client's Certificate is of, by the size of its first entry; "" if it is empty. */
static bool note_certificate(relay *r, relayed *part)
{
    static const char *const leaves[] = {"client-rsa2048.der", "client-p256.der",
                                         "client-p384.der"};
    (void)r;
    if (part->sender != HF_CLIENT || part->type != HF_CERTIFICATE)
        return true;
    sent = part->size == 7 ? "" : "another";
    for (size_t i = 0; i < 3 && part->size > 7; i++) {
        hf_span leaf = pki_file(leaves[i]);
        if (part->size >= 10 + leaf.size && memcmp(part->bytes + 10, leaf.data, leaf.size) == 0)
            sent = leaves[i];
    }
    return true;
}

static const hf_question *reach_credentials(void)
{
    sent = NULL;
    memset(&line, 0, sizeof line);
    line.p = &p;
    line.hook = note_certificate;
    pair_start(&p);
    relay_run(&line);
    const hf_question *question = hf_conn_question(&p.client.conn);
    cr_assert_not_null(question, "client: %s, server: %s", reason_name(endpoint_reason(&p.client)),
                       reason_name(endpoint_reason(&p.server)));
    cr_assert_eq(question->kind, HF_QUESTION_CREDENTIALS);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(hf_conn_run(&p.client.conn), HF_WAITING);
    cr_assert_null(sent);
    return question;
}

static hf_error answer_credentials(bool refused, const hf_credentials *credentials)
{
    const hf_answer answer = {.refused = refused, .credentials = credentials};
    hf_error error = hf_conn_answer(&p.client.conn, &answer);
    relay_run(&line);
    return error;
}

static void expect_shown(const char *leaf)
{
    expect_established(&p);
    expect_data(&p);
    cr_assert_not_null(sent);
    cr_assert_str_eq(sent, leaf);
    cr_assert_eq(hf_conn_client_authenticated(&p.server.conn), leaf[0] != '\0');
}

/* What the library would show is offered; NULL agrees, refusing shows none (RFC 5246 7.4.6). */
Test(choices, credentials_of_library)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        prepare_credentials(version, 2);
        cr_assert_eq(reach_credentials()->credentials, &offer[0]);
        cr_assert_eq(answer_credentials(false, NULL), HF_OK);
        expect_shown("client-rsa2048.der");
        prepare_credentials(version, 2);
        (void)reach_credentials();
        cr_assert_eq(answer_credentials(true, &offer[1]), HF_OK);
        expect_shown("");
    }
}

/* Others, be they configured or not. */
Test(choices, credentials_of_application)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (size_t count = 0; count <= 2; count++) {
            prepare_credentials(version, count);
            const hf_credentials *library = reach_credentials()->credentials;
            cr_assert_eq(library, count == 0 ? NULL : &offer[0]);
            cr_assert_eq(answer_credentials(false, &offer[1]), HF_OK);
            expect_shown("client-p256.der");
        }
}

/* With no suitable one the library shows none, and says so before. */
Test(choices, credentials_of_nobody)
{
    hf_trust_anchor stranger = {.certificate = pki_file("root-p521.der")};
    for (size_t count = 0; count <= 2; count++) {
        prepare_credentials(HF_TLS1_2, count);
        p.server.config.anchors = &stranger;
        p.server.config.anchor_count = 1;
        cr_assert_null(reach_credentials()->credentials);
        cr_assert_eq(answer_credentials(false, NULL), HF_OK);
        expect_shown("");
    }
}

/* Where one is required it is the server's to refuse. */
Test(choices, credentials_required)
{
    prepare_credentials(HF_TLS1_2, 2);
    p.server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
    (void)reach_credentials();
    cr_assert_eq(answer_credentials(true, NULL), HF_OK);
    expect_refusal(&p, HF_SERVER, HF_ERROR_CERTIFICATE_MISSING, 40);
    cr_assert_str_eq(sent, "");
}

/* One whose key cannot sign what the server accepts goes nowhere. */
Test(choices, credentials_that_cannot_sign)
{
    static const uint16_t rsa_only[] = {0x0401, 0x0804};
    prepare_credentials(HF_TLS1_2, 2);
    p.server.config.schemes = (hf_code_list){rsa_only, 2};
    cr_assert_eq(reach_credentials()->credentials, &offer[0]);
    cr_assert_eq(answer_credentials(false, &offer[1]), HF_ERROR_NO_COMMON_SCHEME);
    expect_refusal(&p, HF_CLIENT, HF_ERROR_NO_COMMON_SCHEME, 40);
    cr_assert_null(sent);
}

/* RFC 5246 7.4.6: "The end-entity certificate provided by the client MUST contain a key that is
 * compatible with certificate_types"; before TLS 1.2 nothing else says which (RFC 4346 7.4.4). */
static bool rsa_sign_only(relay *r, relayed *part)
{
    if (part->type == HF_CERTIFICATE_REQUEST)
        relayed_splice(part, 4, 1 + (size_t)part->bytes[4], "\1\1", 2);
    return note_certificate(r, part);
}

Test(choices, credentials_of_other_type)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        prepare_credentials(version, 2);
        sent = NULL;
        relay_connect(&line, &p, rsa_sign_only, NULL);
        cr_assert_eq(hf_conn_question(&p.client.conn)->credentials, &offer[0]);
        cr_assert_eq(answer_credentials(false, &offer[1]), HF_ERROR_NO_COMMON_SCHEME);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_NO_COMMON_SCHEME, 40);
    }
}

/* A client that has no credentials of its own until it is asked signs with whatever the server
 * accepts, whichever hash the suite has (RFC 5246 7.4.8). */
Test(choices, credentials_for_other_hash)
{
    static const uint16_t sha256_only[] = {0x0403, 0x0401}, suites[] = {0xc030, 0xc02f};
    for (size_t count = 0; count <= 2; count += 2) {
        prepare_credentials(HF_TLS1_2, count);
        p.client.config.suites = p.server.config.suites = (hf_code_list){suites, 2};
        p.server.config.schemes = (hf_code_list){sha256_only, 2};
        (void)reach_credentials();
        cr_assert_eq(hf_conn_suite(&p.client.conn)->code, 0xc030);
        cr_assert_eq(answer_credentials(false, &offer[1]), HF_OK);
        expect_shown("client-p256.der");
    }
}

/* A client that is not asked for a certificate asks nobody. */
Test(choices, credentials_not_asked)
{
    prepare_credentials(HF_TLS1_2, 2);
    p.server.config.client_auth = HF_CLIENT_AUTH_OFF;
    relay_connect(&line, &p, NULL, NULL);
    expect_established(&p);
}

/* While the application thinks the connection may end. */
Test(choices, credentials_late)
{
    prepare_credentials(HF_TLS1_2, 2);
    (void)reach_credentials();
    hf_conn_eof(&p.client.conn);
    cr_assert_eq(hf_conn_run(&p.client.conn), HF_WAITING);
    cr_assert_eq(answer_credentials(false, NULL), HF_OK);
    (void)endpoint_run(&p.client);
    cr_assert_eq(endpoint_reason(&p.client), HF_ERROR_CLOSED_IN_HANDSHAKE);
}
