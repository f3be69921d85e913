/* Keying material for applications (RFC 5705), compared with libssl's where it is installed. */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#ifdef HF_TESTS_OPENSSL
#include <openssl/ssl.h>
#endif

static pair p;

static void connect_with(uint16_t suite, uint16_t version)
{
    static uint16_t only;
    only = suite;
    pair_prepare(&p, "p256");
    p.client.config.policy = p.server.config.policy = &hf_policy_compatible;
    p.client.config.suites = p.server.config.suites = (hf_code_list){&only, 1};
    p.client.config.version_max = version;
    pair_connect(&p);
    expect_established(&p);
}

static void export_from(const endpoint *e, const char *label, const hf_span *context, uint8_t *out,
                        size_t size)
{
    cr_assert_eq(hf_conn_export(&e->conn, label, context, out, size), HF_OK);
}

/* Both ends export the same, which is put into `out`. */
static void export_both(const char *label, const hf_span *context, uint8_t *out, size_t size)
{
    static uint8_t other[5000];
    cr_assert_leq(size, sizeof other);
    memset(out, 0, size);
    memset(other, 1, size);
    export_from(&p.client, label, context, out, size);
    export_from(&p.server, label, context, other, size);
    cr_assert_eq(memcmp(out, other, size), 0, "%s", label);
}

/* ---------------------------------------------------------------- both ends */

static const char label[] = "EXPORTER-Channel-Binding"; /* RFC 9266 4.2 */

Test(exporter, both_ends)
{
    static const uint16_t suites[] = {0xc02b, 0xc02c, 0xc009};
    static const char *const labels[] = {"EXPORTER-Channel-Binding", "EXPERIMENTAL x", "e",
                                         "EXTRACTOR-dtls_srtp"};
    static const size_t sizes[] = {1, 16, 20, 31, 32, 33, 48, 64, 65, 1000, 5000};
    static uint8_t context_bytes[0xffff], out[5000];
    for (size_t s = 0; s < 3; s++) {
        connect_with(suites[s], s == 2 ? HF_TLS1_0 : HF_TLS1_2);
        for (size_t l = 0; l < 4; l++)
            for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
                hf_span context = {context_bytes, i == 10 ? 0xffff : 7 * i};
                export_both(labels[l], NULL, out, sizes[i]);
                export_both(labels[l], &context, out, sizes[i]);
            }
    }
}

/* A shorter one is the beginning of a longer one: P_hash (RFC 5246 5). */
Test(exporter, prefixes)
{
    uint8_t whole[100], part[100];
    connect_with(0xc02b, HF_TLS1_2);
    export_both(label, NULL, whole, sizeof whole);
    for (size_t size = 1; size < sizeof part; size++) {
        memset(part, 0x5a, sizeof part);
        export_both(label, NULL, part, size);
        cr_assert_eq(memcmp(part, whole, size), 0);
        for (size_t i = size; i < sizeof part; i++)
            cr_assert_eq(part[i], 0x5a, "nothing is written behind it");
    }
}

/* RFC 5705 4: "no context" and "empty context" differ, as do labels and contexts. */
Test(exporter, what_makes_a_difference)
{
    static const struct {
        const char *label;
        bool has_context;
        hf_span context;
    } inputs[] = {
        {"EXPORTER-a", false, {NULL, 0}},
        {"EXPORTER-a", true, {NULL, 0}},
        {"EXPORTER-a", true, {(const uint8_t *)"\0", 1}},
        {"EXPORTER-a", true, {(const uint8_t *)"\0\0", 2}},
        {"EXPORTER-a", true, {(const uint8_t *)"a", 1}},
        {"EXPORTER-a", true, {(const uint8_t *)"ab", 2}},
        {"EXPORTER-b", false, {NULL, 0}},
        {"EXPORTER-b", true, {(const uint8_t *)"a", 1}},
        {"EXPORTER-aa", false, {NULL, 0}},
        {"EXPORTER-A", false, {NULL, 0}},
    };
    enum { COUNT = sizeof inputs / sizeof inputs[0] };
    uint8_t made[2 * COUNT][32];
    for (int connection = 0; connection < 2; connection++) {
        if (connection == 0)
            connect_with(0xc02b, HF_TLS1_2);
        else /* another connection, by the next randoms */
            connect_with(0xc02c, HF_TLS1_2);
        for (size_t i = 0; i < COUNT; i++)
            export_both(inputs[i].label, inputs[i].has_context ? &inputs[i].context : NULL,
                        made[(size_t)connection * COUNT + i], 32);
    }
    for (size_t i = 0; i < (size_t)2 * COUNT; i++)
        for (size_t k = 0; k < i; k++)
            cr_assert_neq(memcmp(made[i], made[k], 32), 0, "%zu and %zu", i, k);
}

/* Of the same configuration with other randoms. */
Test(exporter, another_connection)
{
    uint8_t made[2][32];
    for (unsigned i = 0; i < 2; i++) {
        pair_prepare(&p, "p256");
        p.client.random_state += i;
        pair_connect(&p);
        expect_established(&p);
        export_both(label, NULL, made[i], 32);
    }
    cr_assert_neq(memcmp(made[0], made[1], 32), 0);
}

/* ---------------------------------------------------------------- refusals */

static hf_error refusal(const char *with_label, const hf_span *context, size_t size)
{
    uint8_t out[32];
    hf_error errors[2] = {hf_conn_export(&p.client.conn, with_label, context, out, size),
                          hf_conn_export(&p.server.conn, with_label, context, out, size)};
    cr_assert_eq(errors[0], errors[1]);
    return errors[0];
}

/* RFC 5705 4: the labels of TLS itself would give away what its own keys are made of. */
Test(exporter, labels_of_tls)
{
    static const char *const labels[] = {"client finished",        "server finished",
                                         "master secret",          "key expansion",
                                         "extended master secret", ""};
    connect_with(0xc02b, HF_TLS1_2);
    for (size_t i = 0; i < 6; i++)
        cr_assert_eq(refusal(labels[i], NULL, 32), HF_ERROR_BAD_ARGUMENT, "%s", labels[i]);
    cr_assert_eq(refusal(NULL, NULL, 32), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(refusal("key expansions", NULL, 32), HF_OK);
    cr_assert_eq(hf_conn_export(&p.client.conn, label, NULL, NULL, 32), HF_ERROR_BAD_ARGUMENT);
}

/* uint16 context_value_length. */
Test(exporter, long_context)
{
    static uint8_t bytes[0x10000];
    connect_with(0xc02b, HF_TLS1_2);
    cr_assert_eq(refusal(label, &(hf_span){bytes, 0xffff}, 32), HF_OK);
    cr_assert_eq(refusal(label, &(hf_span){bytes, 0x10000}, 32), HF_ERROR_BAD_ARGUMENT);
}

static void export_in_hook(pair *both)
{
    uint8_t out[32];
    cr_assert_eq(hf_conn_export(&both->client.conn, label, NULL, out, 32), HF_ERROR_BAD_STATE);
    if (!(hf_conn_wants(&both->server.conn) & HF_ESTABLISHED))
        cr_assert_eq(hf_conn_export(&both->server.conn, label, NULL, out, 32), HF_ERROR_BAD_STATE);
}

static bool try_in_between(relay *r, relayed *part)
{
    if (part->sender == HF_CLIENT || !part->sealed)
        export_in_hook(r->p);
    return true;
}

/* Not before both Finished messages have been seen, nor after a failure. */
Test(exporter, states)
{
    static relay line;
    uint8_t out[32];
    pair_prepare(&p, "p256");
    relay_connect(&line, &p, try_in_between, NULL);
    expect_established(&p);
    export_both(label, NULL, out, 32);
    give_clear(&p.server, 99, HF_TLS1_2, "x", 1);
    cr_assert_neq(endpoint_reason(&p.server), HF_OK);
    cr_assert_eq(hf_conn_export(&p.server.conn, label, NULL, out, 32), HF_ERROR_BAD_STATE);
}

/* Until both sides have closed, which is when the secret is wiped. */
Test(exporter, closed)
{
    uint8_t out[32];
    connect_with(0xc02b, HF_TLS1_2);
    hf_conn_close(&p.client.conn);
    (void)endpoint_run(&p.client);
    cr_assert_eq(hf_conn_export(&p.client.conn, label, NULL, out, 32), HF_OK);
    cr_assert(pair_run(&p));
    cr_assert(hf_conn_wants(&p.client.conn) & HF_CLOSED);
    cr_assert_eq(hf_conn_export(&p.client.conn, label, NULL, out, 32), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_export(&p.server.conn, label, NULL, out, 32), HF_ERROR_BAD_STATE);
}

/* The handshake object is not needed for it. */
Test(exporter, released)
{
    uint8_t before[32], after[32];
    connect_with(0xc02b, HF_TLS1_2);
    export_both(label, NULL, before, 32);
    cr_assert_not_null(hf_conn_release_handshake(&p.client.conn));
    cr_assert_not_null(hf_conn_release_handshake(&p.server.conn));
    expect_data(&p);
    export_both(label, NULL, after, 32);
    cr_assert_eq(memcmp(before, after, 32), 0);
}

/* RFC 7627 5.4: without the extended master secret the same could be exported from a connection of
 * somebody else's. */
Test(exporter, without_extended_master_secret)
{
    pair_prepare(&p, "p256");
    p.client.config.without_extended_master_secret = true;
    p.server.config.without_extended_master_secret = true;
    pair_connect(&p);
    expect_established(&p);
    cr_assert_eq(refusal(label, NULL, 32), HF_ERROR_NO_EXTENDED_MASTER_SECRET);
}

/* ---------------------------------------------------------------- other handshakes */

/* RFC 5705 4: from the master secret and randoms of the handshake that is in force. */
Test(exporter, renegotiated)
{
    uint8_t before[32], after[32], out[32];
    pair_prepare(&p, "p256");
    p.client.config.renegotiation = p.server.config.renegotiation = HF_RENEGOTIATION_BY_CLIENT;
    pair_connect(&p);
    expect_established(&p);
    export_both(label, NULL, before, 32);
    cr_assert_eq(hf_conn_renegotiate(&p.client.conn, NULL), HF_OK);
    (void)endpoint_run(&p.client);
    cr_assert_eq(hf_conn_export(&p.client.conn, label, NULL, out, 32), HF_ERROR_BAD_STATE);
    cr_assert(pair_run(&p));
    expect_established(&p);
    cr_assert_not(hf_conn_is_renegotiating(&p.client.conn));
    export_both(label, NULL, after, 32);
    cr_assert_neq(memcmp(before, after, 32), 0);
}

/* The master secret is the same again, the randoms are not. */
Test(exporter, resumed)
{
    static hf_session session;
    static hf_session_slot slots[2];
    hf_session_cache cache;
    uint8_t made[2][32];
    hf_session_cache_init(&cache, slots, 2, 0);
    for (unsigned i = 0; i < 2; i++) {
        pair_prepare(&p, "p256");
        p.client.random_state += i;
        p.server.random_state += i;
        p.server.config.cache = &cache;
        p.session = &session;
        pair_connect(&p);
        expect_established(&p);
        cr_assert_eq(hf_conn_resumed(&p.client.conn), i == 1);
        export_both(label, NULL, made[i], 32);
    }
    cr_assert_neq(memcmp(made[0], made[1], 32), 0);
}

/* ---------------------------------------------------------------- libssl */

#ifdef HF_TESTS_OPENSSL

typedef struct stranger_case {
    hf_role role; /* ours */
    uint16_t suite, version;
} stranger_case;

static const char *openssl_suite(uint16_t suite)
{
    if (suite == 0xc009)
        return "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0";
    return suite == 0xc02b ? "ECDHE-ECDSA-AES128-GCM-SHA256" : "ECDHE-ECDSA-AES256-GCM-SHA384";
}

static const char *path_of(const char *name)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", HF_PKI_DIR, name);
    return path;
}

static SSL *make_stranger(SSL_CTX *context, const stranger_case *k)
{
    cr_assert(SSL_CTX_set_min_proto_version(context, k->version));
    cr_assert(SSL_CTX_set_max_proto_version(context, k->version));
    cr_assert(SSL_CTX_set_cipher_list(context, openssl_suite(k->suite)));
    if (k->role == HF_CLIENT) {
        cr_assert(SSL_CTX_use_certificate_chain_file(context, path_of("server-p256.chain.pem")));
        cr_assert(
            SSL_CTX_use_PrivateKey_file(context, path_of("server-p256.key"), SSL_FILETYPE_PEM));
    }
    SSL *ssl = SSL_new(context);
    cr_assert_not_null(ssl);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (k->role == HF_CLIENT)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    return ssl;
}

static void shake_hands(endpoint *own, SSL *ssl)
{
    static uint8_t bytes[20000];
    for (int round = 0; round < 10; round++) {
        (void)SSL_do_handshake(ssl);
        int got = BIO_read(SSL_get_wbio(ssl), bytes, sizeof bytes);
        if (got > 0)
            (void)endpoint_give(own, bytes, (size_t)got);
        size_t size = endpoint_take(own, bytes, sizeof bytes);
        if (size != 0)
            (void)BIO_write(SSL_get_rbio(ssl), bytes, (int)size);
    }
    cr_assert_eq(endpoint_reason(own), HF_OK, "%s", reason_name(endpoint_reason(own)));
    cr_assert(SSL_is_init_finished(ssl));
    cr_assert(hf_conn_wants(&own->conn) & HF_ESTABLISHED);
}

static void compare(const endpoint *own, SSL *ssl)
{
    static const char *const contexts[] = {NULL, "", "c", "a context of some length"};
    static const size_t sizes[] = {1, 32, 48, 100, 255};
    uint8_t ours[255], theirs[255];
    for (size_t i = 0; i < 4; i++)
        for (size_t s = 0; s < 5; s++) {
            const char *text = contexts[i];
            hf_span context = {(const uint8_t *)text, text != NULL ? strlen(text) : 0};
            export_from(own, label, text != NULL ? &context : NULL, ours, sizes[s]);
            cr_assert_eq(SSL_export_keying_material(ssl, theirs, sizes[s], label, strlen(label),
                                                    context.data, context.size, text != NULL),
                         1);
            cr_assert_eq(memcmp(ours, theirs, sizes[s]), 0, "context %zu, %zu bytes", i, sizes[s]);
        }
}

ParameterizedTestParameters(exporter, libssl)
{
    static const stranger_case cases[] = {
        {HF_CLIENT, 0xc02b, HF_TLS1_2}, {HF_SERVER, 0xc02b, HF_TLS1_2},
        {HF_CLIENT, 0xc02c, HF_TLS1_2}, {HF_SERVER, 0xc02c, HF_TLS1_2},
        {HF_CLIENT, 0xc009, HF_TLS1_0}, {HF_SERVER, 0xc009, HF_TLS1_0},
        {HF_CLIENT, 0xc009, HF_TLS1_1}, {HF_SERVER, 0xc009, HF_TLS1_1},
    };
    return cr_make_param_array(const stranger_case, (void *)cases, sizeof cases / sizeof cases[0]);
}

/* The PRFs of SHA-256, SHA-384 and of TLS 1.0, in both roles. */
ParameterizedTest(const stranger_case *k, exporter, libssl)
{
    pair_prepare(&p, "p256");
    endpoint *own = k->role == HF_CLIENT ? &p.client : &p.server;
    own->config.policy = &hf_policy_compatible;
    SSL_CTX *context =
        SSL_CTX_new(k->role == HF_CLIENT ? TLS_server_method() : TLS_client_method());
    cr_assert_not_null(context);
    SSL *ssl = make_stranger(context, k);
    pair_start(&p);
    shake_hands(own, ssl);
    cr_assert_eq(hf_conn_suite(&own->conn)->code, k->suite);
    cr_assert_eq(hf_conn_version(&own->conn), k->version);
    compare(own, ssl);
    SSL_free(ssl);
    SSL_CTX_free(context);
}
#endif
