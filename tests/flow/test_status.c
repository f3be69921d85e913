/* Whether certificates are revoked, as a handshake asks: by a stapled OCSP response (RFC 6066 8,
 * RFC 6960, RFC 7633) and by revocation lists (RFC 5280 6.3). The responses are real ones, made
 * with the keys of the test certificates' issuers. */
#include "tests/flow/count_operations.h"
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"
#include "tests/support/revocation.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#define FROM   "20251201000000Z" /* around the time of the pair, 2026-01-01 */
#define UNTIL  "20260201000000Z"
#define BEFORE "20251231235959Z"
#define AFTER  "20260101000001Z"

static pair p;
static uint16_t only_suite;

/* ---------------------------------------------------------------- responses */

static hf_certificate certificate_of(const char *name)
{
    char file[64];
    hf_certificate c;
    (void)snprintf(file, sizeof file, "%s.der", name);
    cr_assert_eq(hf_certificate_read(&c, pki_file(file)), HF_OK);
    return c;
}

static ocsp_single single_about(const char *leaf, const char *issuer)
{
    hf_certificate c = certificate_of(leaf), above = certificate_of(issuer);
    return (ocsp_single){.issuer_name = above.subject,
                         .issuer_key = above.public_key_der,
                         .serial = pki_element(2, c.serial_number),
                         .this_update = FROM,
                         .next_update = UNTIL};
}

static pki_signer signer_of(const char *issuer)
{
    static pki_key key;
    if (strstr(issuer, "rsa") != NULL)
        return (pki_signer){.rsa_name = issuer};
    key = pki_key_of_file(issuer);
    return (pki_signer){.key = &key};
}

static hf_span response_of(const ocsp_single *single, const char *issuer)
{
    const ocsp_fields fields = {.responder = ocsp_by_key(single->issuer_key),
                                .singles = ocsp_single_of(single),
                                .signer = signer_of(issuer)};
    return ocsp_issue(&fields);
}

static hf_span good_response(const char *leaf, const char *issuer)
{
    ocsp_single single = single_about(leaf, issuer);
    return response_of(&single, issuer);
}

/* ---------------------------------------------------------------- pairs */

static void prepare(const char *kind, uint16_t suite, uint16_t version, hf_status_request request)
{
    pair_prepare(&p, kind);
    only_suite = suite;
    p.client.config.policy = p.server.config.policy = &hf_policy_compatible;
    p.client.config.suites = p.server.config.suites = (hf_code_list){&only_suite, 1};
    p.client.config.version_min = p.client.config.version_max = version;
    p.client.config.status_request = request;
}

static void prepare_p256(hf_status_request request)
{
    prepare("p256", 0xc02b, HF_TLS1_2, request);
}

/* The server shows another certificate of inter-p256. */
static void serve(const char *leaf)
{
    pki_load(&p.server.credentials[0], leaf, "inter-p256");
    p.server.offered[0] = p.server.credentials[0].credentials;
}

static void staple(hf_span response)
{
    p.server.offered[0].ocsp_response = response;
}

static void expect_connected(void)
{
    pair_connect(&p);
    cr_assert_eq(endpoint_reason(&p.client), HF_OK, "%s", reason_name(endpoint_reason(&p.client)));
    cr_assert_eq(endpoint_reason(&p.server), HF_OK, "%s", reason_name(endpoint_reason(&p.server)));
    cr_assert(hf_conn_wants(&p.client.conn) & HF_ESTABLISHED);
    cr_assert(hf_conn_wants(&p.server.conn) & HF_ESTABLISHED);
}

/* One side refuses; the other hears of it in an alert. */
static void expect_refused_by(endpoint *refusing, endpoint *other, hf_error reason, int alert)
{
    pair_connect(&p);
    const hf_failure *why = hf_conn_failure(&refusing->conn);
    cr_assert_not_null(why);
    cr_assert_eq(why->reason, reason, "%s instead of %s", reason_name(why->reason),
                 reason_name(reason));
    cr_assert_eq(why->alert, alert);
    const hf_failure *heard = hf_conn_failure(&other->conn);
    cr_assert_not_null(heard);
    cr_assert_eq(heard->reason, HF_ERROR_PEER_ALERT);
    cr_assert_eq(heard->alert, alert, "alert %d", heard->alert);
    cr_assert_eq(heard->alert_level, HF_ALERT_LEVEL_FATAL);
    cr_assert_not(hf_conn_wants(&refusing->conn) & HF_ESTABLISHED);
}

static void expect_refused(hf_error reason)
{
    expect_refused_by(&p.client, &p.server, reason, 113);
}

/* ---------------------------------------------------------------- good responses */

typedef struct good_case {
    char kind[16];
    uint16_t suite, version;
} good_case;

ParameterizedTestParameters(status, good)
{
    static good_case cases[] = {
        {"p256", 0xc02b, HF_TLS1_2},    {"p256", 0xc009, HF_TLS1_2},
        {"p256", 0xc009, HF_TLS1_1},    {"p256", 0xc009, HF_TLS1_0},
        {"rsa2048", 0xc02f, HF_TLS1_2}, {"rsa2048", 0x009c, HF_TLS1_2},
        {"rsa2048", 0x002f, HF_TLS1_0}, {"rsa2048", 0x009e, HF_TLS1_2},
    };
    return cr_make_param_array(good_case, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(const good_case *k, status, good)
{
    char leaf[32], issuer[32];
    (void)snprintf(leaf, sizeof leaf, "server-%s", k->kind);
    (void)snprintf(issuer, sizeof issuer, "inter-%s", k->kind);
    for (int request = HF_STATUS_REQUEST_ASK; request <= HF_STATUS_REQUEST_REQUIRE; request++) {
        prepare(k->kind, k->suite, k->version, (hf_status_request)request);
        staple(good_response(leaf, issuer));
        expect_connected();
    }
    /* In single bytes, and through buffers that just hold it. */
    prepare(k->kind, k->suite, k->version, HF_STATUS_REQUEST_REQUIRE);
    staple(good_response(leaf, issuer));
    p.chunk = 1;
    p.server.tx_size = HF_TX_MIN;
    expect_connected();
}

Test(status, delegate)
{
    hf_certificate issuer = certificate_of("inter-p256");
    const pki_key key = pki_key_of_file("inter-p256");
    pki_fields delegate = {
        .subject = "delegate", .issuer_der = issuer.subject, .key = pki_key_at(0), .signer = &key};
    delegate.extensions =
        pki_extension("2.5.29.37", false, PKI_SEQUENCE(pki_oid("1.3.6.1.5.5.7.3.9")));
    ocsp_single single = single_about("server-p256", "inter-p256");
    ocsp_fields fields = {.responder = ocsp_by_name(pki_name("delegate")),
                          .singles = ocsp_single_of(&single),
                          .signer = {.key = pki_key_at(0)},
                          .certificates = pki_issue(&delegate)};
    prepare_p256(HF_STATUS_REQUEST_REQUIRE);
    staple(ocsp_issue(&fields));
    expect_connected();
    delegate.extensions = PKI_NONE;
    fields.certificates = pki_issue(&delegate);
    prepare_p256(HF_STATUS_REQUEST_ASK);
    staple(ocsp_issue(&fields));
    expect_refused(HF_ERROR_OCSP_UNAUTHORIZED);
}

/* Each signature check, the response's and its delegate's too, has a call of its own. */
Test(status, one_operation_at_a_time)
{
    hf_certificate issuer = certificate_of("inter-p256");
    const pki_key key = pki_key_of_file("inter-p256");
    pki_fields delegate = {
        .subject = "delegate", .issuer_der = issuer.subject, .key = pki_key_at(0), .signer = &key};
    delegate.extensions =
        pki_extension("2.5.29.37", false, PKI_SEQUENCE(pki_oid("1.3.6.1.5.5.7.3.9")));
    ocsp_single single = single_about("server-p256", "inter-p256");
    const ocsp_fields fields = {.responder = ocsp_by_name(pki_name("delegate")),
                                .singles = ocsp_single_of(&single),
                                .signer = {.key = pki_key_at(0)},
                                .certificates = pki_issue(&delegate)};
    prepare_p256(HF_STATUS_REQUEST_REQUIRE);
    staple(ocsp_issue(&fields));
    hf_span lists[2];
    crl_fields list = {.issuer_der = issuer.subject,
                       .signer = signer_of("inter-p256"),
                       .this_update = FROM,
                       .next_update = UNTIL};
    lists[0] = crl_issue(&list);
    list.issuer_der = certificate_of("root-p256").subject;
    list.signer = signer_of("root-p256");
    lists[1] = crl_issue(&list);
    p.client.config.crls = lists;
    p.client.config.crl_count = 2;
    pair_start(&p);
    const unsigned total = count_operations(&p);
    cr_assert(hf_conn_wants(&p.client.conn) & HF_ESTABLISHED);
    /* Eight as without (test_channel.c), two of lists, two of the response. */
    cr_assert_eq(total, 12, "%u", total);
}

/* ---------------------------------------------------------------- bad ones */

static void expect_single_refused(const ocsp_single *single, hf_error reason)
{
    prepare_p256(HF_STATUS_REQUEST_ASK);
    staple(response_of(single, "inter-p256"));
    expect_refused(reason);
}

Test(status, revoked_and_unknown)
{
    ocsp_single single = single_about("server-p256", "inter-p256");
    single.status = ocsp_revoked();
    expect_single_refused(&single, HF_ERROR_OCSP_REVOKED);
    single.status = ocsp_unknown();
    expect_single_refused(&single, HF_ERROR_OCSP_UNKNOWN);
}

Test(status, stale)
{
    ocsp_single single = single_about("server-p256", "inter-p256");
    single.next_update = BEFORE;
    expect_single_refused(&single, HF_ERROR_OCSP_STALE);
    hf_span old = response_of(&single, "inter-p256");
    single.this_update = AFTER;
    single.next_update = UNTIL;
    expect_single_refused(&single, HF_ERROR_OCSP_STALE);
    single.this_update = FROM;
    single.next_update = "";
    expect_single_refused(&single, HF_ERROR_OCSP_STALE);
    /* Whoever has no clock has to believe it. */
    prepare_p256(HF_STATUS_REQUEST_REQUIRE);
    p.client.config.clock = NULL;
    p.client.config.allow_no_clock = true;
    staple(old);
    expect_connected();
}

Test(status, about_another_certificate)
{
    ocsp_single single = single_about("server-staple", "inter-p256");
    expect_single_refused(&single, HF_ERROR_OCSP_OTHER_CERTIFICATE);
    single = single_about("server-p256", "inter-p256");
    single.issuer_key = certificate_of("root-p256").public_key_der;
    expect_single_refused(&single, HF_ERROR_OCSP_OTHER_CERTIFICATE);
    /* The intermediate's own is no better. */
    prepare_p256(HF_STATUS_REQUEST_ASK);
    staple(good_response("inter-p256", "root-p256"));
    expect_refused(HF_ERROR_OCSP_OTHER_CERTIFICATE);
}

Test(status, signed_by_somebody_else)
{
    ocsp_single single = single_about("server-p256", "inter-p256");
    ocsp_fields fields = {.responder = ocsp_by_key(single.issuer_key),
                          .singles = ocsp_single_of(&single),
                          .signer = {.key = pki_key_at(0)}};
    prepare_p256(HF_STATUS_REQUEST_ASK);
    staple(ocsp_issue(&fields));
    expect_refused(HF_ERROR_OCSP_UNAUTHORIZED);
    fields.signer = signer_of("root-p256");
    prepare_p256(HF_STATUS_REQUEST_ASK);
    staple(ocsp_issue(&fields));
    expect_refused(HF_ERROR_OCSP_UNAUTHORIZED);
}

Test(status, garbage)
{
    static const char *const texts[] = {"3000", "00", "30030a0100", "30030a010130"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        prepare_p256(HF_STATUS_REQUEST_ASK);
        staple(pki_hex(texts[i]));
        expect_refused(HF_ERROR_OCSP_MALFORMED);
    }
    prepare_p256(HF_STATUS_REQUEST_ASK);
    staple(pki_hex("30030a0103")); /* tryLater */
    expect_refused(HF_ERROR_OCSP_UNSUCCESSFUL);
    /* Who does not verify takes anything. */
    prepare_p256(HF_STATUS_REQUEST_ASK);
    p.client.config.verify = HF_VERIFY_NONE;
    staple(pki_hex("3000"));
    expect_connected();
}

Test(status, each_byte)
{
    hf_span good = good_response("server-p256", "inter-p256");
    for (size_t i = 0; i < good.size; i += 7) {
        prepare_p256(HF_STATUS_REQUEST_ASK);
        staple(pki_changed(good, i, 1));
        pair_connect(&p);
        const hf_failure *why = hf_conn_failure(&p.client.conn);
        cr_assert_not_null(why, "byte %zu", i);
        cr_assert_eq(why->alert, 113);
    }
}

/* ---------------------------------------------------------------- none at all */

Test(status, required)
{
    prepare_p256(HF_STATUS_REQUEST_ASK);
    expect_connected();
    prepare_p256(HF_STATUS_REQUEST_REQUIRE);
    expect_refused(HF_ERROR_STATUS_MISSING);
    prepare("rsa2048", 0x009c, HF_TLS1_2, HF_STATUS_REQUEST_REQUIRE);
    expect_refused(HF_ERROR_STATUS_MISSING);
}

/* RFC 7633 4.2.3.1: the certificate's own promise holds for clients that have asked. */
Test(status, must_staple)
{
    prepare_p256(HF_STATUS_REQUEST_ASK);
    serve("server-staple");
    expect_refused(HF_ERROR_STATUS_MISSING);
    prepare_p256(HF_STATUS_REQUEST_ASK);
    serve("server-staple");
    staple(good_response("server-staple", "inter-p256"));
    expect_connected();
    prepare_p256(HF_STATUS_REQUEST_ASK);
    serve("server-staple");
    staple(good_response("server-p256", "inter-p256"));
    expect_refused(HF_ERROR_OCSP_OTHER_CERTIFICATE);
    prepare_p256(HF_STATUS_REQUEST_OFF);
    serve("server-staple");
    expect_connected();
    prepare_p256(HF_STATUS_REQUEST_OFF);
    serve("server-staple");
    staple(good_response("server-staple", "inter-p256"));
    expect_connected();
}

/* A session that is resumed has no Certificate, and so no status. */
Test(status, resumed)
{
    static hf_session session;
    static hf_session_slot slots[2];
    static hf_session_cache cache;
    memset(&session, 0, sizeof session);
    prepare_p256(HF_STATUS_REQUEST_REQUIRE);
    staple(good_response("server-p256", "inter-p256"));
    hf_session_cache_init(&cache, slots, 2, 0);
    p.server.config.cache = &cache;
    p.session = &session;
    expect_connected();
    hf_conn_close(&p.client.conn);
    cr_assert(pair_run(&p));
    staple(PKI_NONE);
    expect_connected();
    cr_assert(hf_conn_resumed(&p.client.conn));
}

/* ---------------------------------------------------------------- revocation lists */

static hf_span lists[4];

static hf_span list_of(const char *issuer, const char *revoked)
{
    crl_fields fields = {.issuer_der = certificate_of(issuer).subject,
                         .signer = signer_of(issuer),
                         .this_update = FROM,
                         .next_update = UNTIL};
    if (revoked != NULL) {
        hf_span serial = pki_element(2, certificate_of(revoked).serial_number);
        fields.revoked = PKI_SEQUENCE(PKI_SEQUENCE(serial, pki_time("251201000000Z")));
    }
    return crl_issue(&fields);
}

static void give_lists(endpoint *to, hf_span first, hf_span second)
{
    lists[0] = first;
    lists[1] = second;
    to->config.crls = lists;
    to->config.crl_count = 2;
}

Test(status, lists_of_a_client)
{
    hf_span root = list_of("root-p256", NULL), inter = list_of("inter-p256", NULL);
    prepare_p256(HF_STATUS_REQUEST_OFF);
    give_lists(&p.client, root, inter);
    expect_connected();
    prepare_p256(HF_STATUS_REQUEST_OFF);
    give_lists(&p.client, root, list_of("inter-p256", "server-p256"));
    expect_refused_by(&p.client, &p.server, HF_ERROR_CERTIFICATE_REVOKED, 44);
    cr_assert_eq(hf_conn_failure(&p.client.conn)->certificate, 0);
    prepare_p256(HF_STATUS_REQUEST_OFF);
    give_lists(&p.client, list_of("root-p256", "inter-p256"), inter);
    expect_refused_by(&p.client, &p.server, HF_ERROR_CERTIFICATE_REVOKED, 44);
    cr_assert_eq(hf_conn_failure(&p.client.conn)->certificate, 1);
    prepare_p256(HF_STATUS_REQUEST_OFF);
    give_lists(&p.client, list_of("root-p256", "server-p256"), inter);
    expect_connected();
    prepare_p256(HF_STATUS_REQUEST_OFF);
    give_lists(&p.client, inter, inter);
    expect_refused_by(&p.client, &p.server, HF_ERROR_CERTIFICATE_STATUS_UNKNOWN, 46);
    prepare_p256(HF_STATUS_REQUEST_OFF);
    give_lists(&p.client, inter, inter);
    p.client.config.allow_missing_crls = true;
    expect_connected();
    prepare_p256(HF_STATUS_REQUEST_OFF);
    p.client.now += 40 * INT64_C(86400);
    give_lists(&p.client, root, inter);
    expect_refused_by(&p.client, &p.server, HF_ERROR_CERTIFICATE_STATUS_STALE, 46);
}

/* A list says that it is revoked, whatever an OCSP response says. */
Test(status, lists_and_a_response)
{
    prepare_p256(HF_STATUS_REQUEST_ASK);
    staple(good_response("server-p256", "inter-p256"));
    give_lists(&p.client, list_of("root-p256", NULL), list_of("inter-p256", "server-p256"));
    expect_refused_by(&p.client, &p.server, HF_ERROR_CERTIFICATE_REVOKED, 44);
}

static void prepare_client_auth(hf_client_auth mode)
{
    prepare_p256(HF_STATUS_REQUEST_OFF);
    p.server.config.anchors = pki_roots(&p.server.config.anchor_count);
    p.server.config.client_auth = mode;
    pki_load(&p.client.credentials[0], "client-p256", "inter-p256");
    p.client.config.credentials = &p.client.credentials[0].credentials;
    p.client.config.credentials_count = 1;
}

Test(status, lists_of_a_server)
{
    hf_span root = list_of("root-p256", NULL), inter = list_of("inter-p256", NULL);
    prepare_client_auth(HF_CLIENT_AUTH_REQUIRE);
    give_lists(&p.server, root, inter);
    expect_connected();
    cr_assert(hf_conn_client_authenticated(&p.server.conn));
    prepare_client_auth(HF_CLIENT_AUTH_REQUEST);
    give_lists(&p.server, root, list_of("inter-p256", "client-p256"));
    expect_refused_by(&p.server, &p.client, HF_ERROR_CERTIFICATE_REVOKED, 44);
    prepare_client_auth(HF_CLIENT_AUTH_REQUIRE);
    give_lists(&p.server, root, root);
    expect_refused_by(&p.server, &p.client, HF_ERROR_CERTIFICATE_STATUS_UNKNOWN, 46);
    /* Nobody is asked, and nobody is looked up. */
    prepare_p256(HF_STATUS_REQUEST_OFF);
    give_lists(&p.server, root, root);
    expect_connected();
}

/* What OpenSSL makes (make_pki.sh). */
Test(status, lists_of_openssl)
{
    prepare_p256(HF_STATUS_REQUEST_OFF);
    give_lists(&p.client, pki_file("root-p256.crl.der"), pki_file("inter-p256.crl.der"));
    expect_connected();
    prepare_p256(HF_STATUS_REQUEST_OFF);
    give_lists(&p.client, pki_file("root-p256.crl.der"), pki_file("inter-p256-revoked.crl.der"));
    expect_refused_by(&p.client, &p.server, HF_ERROR_CERTIFICATE_REVOKED, 44);
}

/* A response can be required only of a server that has a certificate, and for one that is verified.
 */
Test(status, nothing_to_require_it_for)
{
    static const uint16_t suites[] = {0x008c, 0xc02b};
    const hf_psk psk = {HF_SPAN_LITERAL("a device"), HF_SPAN_LITERAL("a secret key")};
    for (int with_psk = 0; with_psk < 2; with_psk++) {
        pair_prepare(&p, "p256");
        p.client.config.status_request = HF_STATUS_REQUEST_REQUIRE;
        p.client.config.verify = with_psk ? HF_VERIFY_REQUIRED : HF_VERIFY_NONE;
        p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
        p.client.config.psks = p.server.config.psks = &psk;
        p.client.config.psk_count = p.server.config.psk_count = 1;
        p.client.config.suites = (hf_code_list){suites, 2};
        p.server.config.suites = (hf_code_list){with_psk ? suites : suites + 1, 1};
        pair_connect(&p);
        expect_established(&p);
    }
}
