/* libssl at the other end, joined by memory: every suite, group and scheme in both roles, and what
 * its peers may lack or do (RFC 5746, 6066, 7301, 7627). */
#include "tests/flow/stepper.h"

#ifdef HF_TESTS_OPENSSL

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

static pair p;

typedef struct stranger {
    SSL_CTX *context;
    SSL *ssl;
    endpoint *own;
    bool is_client;
} stranger;

static const char *path_of(const char *name, const char *suffix)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s%s", HF_PKI_DIR, name, suffix);
    return path;
}

/* Prepares both ends: ours in the given role, libssl in the other, TLS 1.2 on both. */
static stranger prepare(hf_role own_role, const char *keys)
{
    char name[64];
    stranger s = {.is_client = own_role == HF_SERVER};
    pair_prepare(&p, keys);
    s.own = s.is_client ? &p.server : &p.client;
    (void)snprintf(name, sizeof name, "server-%s", keys);
    s.context = SSL_CTX_new(s.is_client ? TLS_client_method() : TLS_server_method());
    cr_assert_not_null(s.context);
    cr_assert(SSL_CTX_set_max_proto_version(s.context, TLS1_2_VERSION));
    if (s.is_client) {
        cr_assert(SSL_CTX_load_verify_locations(s.context, path_of("roots", ".pem"), NULL));
        SSL_CTX_set_verify(s.context, SSL_VERIFY_PEER, NULL);
    } else {
        cr_assert(SSL_CTX_use_certificate_chain_file(s.context, path_of(name, ".chain.pem")));
        cr_assert(SSL_CTX_use_PrivateKey_file(s.context, path_of(name, ".key"), SSL_FILETYPE_PEM));
    }
    return s;
}

static void start(stranger *s)
{
    pair_start(&p);
    s->ssl = SSL_new(s->context);
    cr_assert_not_null(s->ssl);
    SSL_set_bio(s->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (s->is_client) {
        SSL_set_connect_state(s->ssl);
        cr_assert(SSL_set_tlsext_host_name(s->ssl, "server.example"));
        cr_assert(SSL_set1_host(s->ssl, "server.example"));
    } else {
        SSL_set_accept_state(s->ssl);
    }
}

static void finish(stranger *s)
{
    SSL_free(s->ssl);
    SSL_CTX_free(s->context);
    ERR_clear_error();
}

/* Moves bytes both ways once; whether any moved. */
static bool carry(stranger *s)
{
    uint8_t bytes[3000];
    size_t size = endpoint_take(s->own, bytes, sizeof bytes);
    if (size != 0)
        cr_assert_eq(BIO_write(SSL_get_rbio(s->ssl), bytes, (int)size), (int)size);
    bool moved = size != 0;
    hf_buf room = hf_conn_incoming(&s->own->conn);
    int most = room.size < 1000 ? (int)room.size : 1000;
    int got = most == 0 ? 0 : BIO_read(SSL_get_wbio(s->ssl), room.data, most);
    if (got > 0) {
        cr_assert_eq(hf_conn_received(&s->own->conn, (size_t)got), HF_OK);
        (void)endpoint_run(s->own);
        moved = true;
    }
    return moved;
}

/* Runs the handshake until nothing moves. */
static void run(stranger *s)
{
    bool moved = true;
    while (moved) {
        (void)SSL_do_handshake(s->ssl);
        moved = carry(s);
    }
}

static void expect_connected(stranger *s)
{
    char text[256];
    ERR_error_string_n(ERR_peek_error(), text, sizeof text);
    cr_assert_eq(endpoint_reason(s->own), HF_OK, "%s; libssl: %s",
                 reason_name(endpoint_reason(s->own)), text);
    cr_assert(SSL_is_init_finished(s->ssl), "libssl: %s", text);
    cr_assert(hf_conn_wants(&s->own->conn) & HF_ESTABLISHED);
    cr_assert_str_eq(SSL_get_version(s->ssl), "TLSv1.2");
    cr_assert_eq(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(s->ssl)),
                 hf_conn_suite(&s->own->conn)->code);
    cr_assert_eq(SSL_get_extms_support(s->ssl) == 1, hf_conn_extended_master_secret(&s->own->conn));
    cr_assert_eq(SSL_get_secure_renegotiation_support(s->ssl) == 1,
                 hf_conn_secure_renegotiation(&s->own->conn));
    uint8_t master[48];
    cr_assert_eq(SSL_SESSION_get_master_key(SSL_get_session(s->ssl), master, 48), 48);
    cr_assert_eq(memcmp(master, s->own->conn.master_secret, 48), 0);
}

static void expect_failed(stranger *s, hf_error reason, int alert_at_libssl)
{
    cr_assert_eq(endpoint_reason(s->own), reason, "%s", reason_name(endpoint_reason(s->own)));
    cr_assert_not(SSL_is_init_finished(s->ssl));
    if (alert_at_libssl >= 0) /* SSL_AD_REASON_OFFSET */
        cr_assert_eq(ERR_GET_REASON(ERR_peek_last_error()), 1000 + alert_at_libssl);
}

/* Data in both directions, then both close_notify. */
static void exchange_data(stranger *s, size_t size)
{
    static uint8_t data[40000], got[40000];
    size_t sent = 0, read = 0;
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(i * 13);
    cr_assert_eq(SSL_write(s->ssl, data, (int)size), (int)size);
    while (carry(s) || hf_conn_readable(&s->own->conn).size != 0)
        read += endpoint_read(s->own, got + read, sizeof got - read);
    cr_assert_eq(read, size);
    cr_assert_eq(memcmp(data, got, size), 0);
    for (read = 0; read < size;) {
        hf_buf room = hf_conn_writable(&s->own->conn);
        size_t part = size - sent < room.size ? size - sent : room.size;
        if (part != 0)
            memcpy(room.data, data + sent, part);
        cr_assert_eq(hf_conn_written(&s->own->conn, part), HF_OK);
        sent += part;
        hf_conn_flush(&s->own->conn);
        cr_assert(carry(s) || SSL_pending(s->ssl) > 0);
        int n = SSL_read(s->ssl, got + read, (int)(sizeof got - read));
        read += n > 0 ? (size_t)n : 0;
    }
    cr_assert_eq(memcmp(data, got, size), 0);
    hf_conn_close(&s->own->conn);
    (void)carry(s);
    (void)SSL_shutdown(s->ssl);
    while (carry(s))
        (void)SSL_shutdown(s->ssl);
    cr_assert_eq(hf_conn_wants(&s->own->conn), HF_CLOSED | HF_ESTABLISHED);
    cr_assert_eq(SSL_get_shutdown(s->ssl), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

/* ---------------------------------------------------------------- suites, groups, schemes */

typedef struct suite_case {
    hf_role role;
    uint16_t suite, group;
} suite_case;

/* The suites that both sides have with their defaults; tests/interop/ goes through all the others.
 */
static bool is_covered(const hf_suite *suite)
{
    bool is_gcm = suite->cipher == HF_CIPHER_AES_128_GCM || suite->cipher == HF_CIPHER_AES_256_GCM;
    bool is_ecdhe = suite->key_exchange == HF_KX_ECDHE && suite->authentication != HF_KEY_NONE;
    if (suite->key_exchange == HF_KX_RSA)
        return is_gcm;
    return is_ecdhe && (is_gcm || suite->cipher == HF_CIPHER_CHACHA20_POLY1305);
}

ParameterizedTestParameters(openssl, suites)
{
    static suite_case cases[100];
    size_t count = 0;
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        for (size_t i = 0; hf_suite_at(i) != NULL; i++) {
            const hf_suite *suite = hf_suite_at(i);
            if (!is_covered(suite))
                continue;
            for (size_t k = 0; hf_group_at(k) != NULL; k++)
                if (hf_group_at(k)->curve != HF_CURVE_NONE &&
                    (suite->key_exchange == HF_KX_ECDHE || k == 0))
                    cases[count++] = (suite_case){(hf_role)role, suite->code, hf_group_at(k)->code};
        }
    }
    return cr_make_param_array(suite_case, cases, count);
}

static const char *openssl_name(uint16_t suite)
{
    switch (suite) {
    case 0x009c:
        return "AES128-GCM-SHA256";
    case 0x009d:
        return "AES256-GCM-SHA384";
    case 0xc02b:
        return "ECDHE-ECDSA-AES128-GCM-SHA256";
    case 0xc02c:
        return "ECDHE-ECDSA-AES256-GCM-SHA384";
    case 0xc02f:
        return "ECDHE-RSA-AES128-GCM-SHA256";
    case 0xc030:
        return "ECDHE-RSA-AES256-GCM-SHA384";
    case 0xcca8:
        return "ECDHE-RSA-CHACHA20-POLY1305";
    default:
        return "ECDHE-ECDSA-CHACHA20-POLY1305";
    }
}

ParameterizedTest(const suite_case *k, openssl, suites)
{
    const hf_suite *suite = hf_suite_of(k->suite);
    const char *ec_keys = k->group == 23 ? "p256" : k->group == 24 ? "p384" : "p521";
    stranger s = prepare(k->role, suite->authentication == HF_KEY_EC ? ec_keys : "rsa2048");
    s.own->config.policy = &hf_policy_compatible;
    s.own->config.groups = (hf_code_list){&k->group, 1};
    cr_assert(SSL_CTX_set_cipher_list(s.context, openssl_name(k->suite)));
    cr_assert(SSL_CTX_set1_groups_list(s.context, "P-521:P-384:P-256"));
    start(&s);
    run(&s);
    expect_connected(&s);
    cr_assert_eq(hf_conn_suite(&s.own->conn)->code, k->suite);
    if (suite->key_exchange == HF_KX_ECDHE)
        cr_assert_eq(hf_conn_group(&s.own->conn)->code, k->group);
    exchange_data(&s, 20000);
    finish(&s);
}

Test(openssl, schemes)
{
    static const struct {
        const char *name;
        uint16_t code;
    } schemes[] = {
        {"ECDSA+SHA256", 0x0403},   {"ECDSA+SHA384", 0x0503},   {"ECDSA+SHA512", 0x0603},
        {"RSA+SHA256", 0x0401},     {"RSA+SHA384", 0x0501},     {"RSA+SHA512", 0x0601},
        {"RSA-PSS+SHA256", 0x0804}, {"RSA-PSS+SHA384", 0x0805}, {"RSA-PSS+SHA512", 0x0806}};
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
            stranger s = prepare((hf_role)role, schemes[i].name[0] == 'E' ? "p256" : "rsa2048");
            /* libssl holds certificates to this list as well. */
            const char *chain = schemes[i].name[0] == 'E' ? "ECDSA+SHA256" : "RSA+SHA256";
            char list[64];
            (void)snprintf(list, sizeof list, "%s%s%s", schemes[i].name,
                           strcmp(chain, schemes[i].name) == 0 ? "" : ":",
                           strcmp(chain, schemes[i].name) == 0 ? "" : chain);
            cr_assert(SSL_CTX_set1_sigalgs_list(s.context, list));
            s.own->config.schemes = (hf_code_list){&schemes[i].code, 1};
            start(&s);
            run(&s);
            expect_connected(&s);
            cr_assert_eq(hf_conn_scheme(&s.own->conn)->code, schemes[i].code);
            finish(&s);
        }
    }
}

/* ---------------------------------------------------------------- extensions */

static const hf_span protocols[] = {{(const uint8_t *)"h2", 2}, {(const uint8_t *)"http/1.1", 8}};

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *size,
                           const unsigned char *in, unsigned int in_size, void *wanted)
{
    (void)ssl;
    const char *name = wanted;
    for (unsigned i = 0; i < in_size; i += 1u + in[i]) {
        if (in[i] == strlen(name) && memcmp(in + i + 1, name, in[i]) == 0) {
            *out = in + i + 1;
            *size = in[i];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void expect_protocol(stranger *s, const char *name)
{
    const unsigned char *theirs = NULL;
    unsigned int size = 0;
    hf_span ours = hf_conn_protocol(&s->own->conn);
    SSL_get0_alpn_selected(s->ssl, &theirs, &size);
    cr_assert_eq(ours.size, strlen(name));
    cr_assert_eq(size, strlen(name));
    cr_assert(size == 0 || (memcmp(ours.data, name, size) == 0 && memcmp(theirs, name, size) == 0));
}

Test(openssl, alpn_client)
{
    static char names[][9] = {"h2", "http/1.1"};
    for (int i = 0; i < 2; i++) {
        stranger s = prepare(HF_CLIENT, "p256");
        s.own->config.protocols = protocols;
        s.own->config.protocol_count = 2;
        SSL_CTX_set_alpn_select_cb(s.context, choose_protocol, names[i]);
        start(&s);
        run(&s);
        expect_connected(&s);
        expect_protocol(&s, names[i]);
        finish(&s);
    }
    /* A server that does not know the extension. */
    stranger s = prepare(HF_CLIENT, "p256");
    s.own->config.protocols = protocols;
    s.own->config.protocol_count = 2;
    start(&s);
    run(&s);
    expect_connected(&s);
    expect_protocol(&s, "");
    finish(&s);
    /* One with other names only. */
    static char other[] = "imap";
    s = prepare(HF_CLIENT, "p256");
    s.own->config.protocols = protocols;
    s.own->config.protocol_count = 2;
    SSL_CTX_set_alpn_select_cb(s.context, choose_protocol, other);
    start(&s);
    run(&s);
    expect_failed(&s, HF_ERROR_PEER_ALERT, -1);
    cr_assert_eq(hf_conn_failure(&s.own->conn)->alert, 120);
    finish(&s);
}

/* RFC 7301 3.2: the server's preference, no_application_protocol without one in common, and no
 * answer to a client that does not ask. */
Test(openssl, alpn_server)
{
    static const struct {
        const char *offer;
        unsigned size;
        const char *chosen;
    } offers[] = {{"\2h2\10http/1.1", 12, "h2"},
                  {"\10http/1.1\2h2", 12, "h2"},
                  {"\4imap\10http/1.1", 14, "http/1.1"},
                  {NULL, 0, ""},
                  {"\4imap\2h3", 8, NULL}};
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        stranger s = prepare(HF_SERVER, "p256");
        s.own->config.protocols = protocols;
        s.own->config.protocol_count = 2;
        if (offers[i].offer != NULL)
            cr_assert_eq(SSL_CTX_set_alpn_protos(s.context, (const unsigned char *)offers[i].offer,
                                                 offers[i].size),
                         0);
        start(&s);
        run(&s);
        if (offers[i].chosen == NULL) {
            expect_failed(&s, HF_ERROR_NO_COMMON_PROTOCOL, 120);
        } else {
            expect_connected(&s);
            expect_protocol(&s, offers[i].chosen);
        }
        finish(&s);
    }
}

static int note_name(SSL *ssl, int *alert, void *seen)
{
    (void)alert;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    (void)snprintf(seen, 64, "%s", name == NULL ? "none" : name);
    return SSL_TLSEXT_ERR_OK;
}

Test(openssl, server_name_client)
{
    static char seen[64];
    for (int i = 0; i < 3; i++) {
        stranger s = prepare(HF_CLIENT, "p256");
        s.own->config.without_server_name = i == 1;
        SSL_CTX_set_tlsext_servername_callback(s.context, note_name);
        SSL_CTX_set_tlsext_servername_arg(s.context, seen);
        start(&s);
        if (i == 2) /* addresses are verified but not sent, RFC 6066 3 */
            cr_assert_eq(hf_conn_set_server_name(&s.own->conn, "127.0.0.1"), HF_OK);
        run(&s);
        expect_connected(&s);
        cr_assert_str_eq(seen, i == 0 ? "server.example" : "none");
        finish(&s);
    }
}

Test(openssl, server_name_server)
{
    static const struct {
        const char *host;
        hf_unknown_name unknown;
        int binding;
    } kinds[] = {{"server.example", HF_UNKNOWN_NAME_FATAL, 1},
                 {"SERVER.example", HF_UNKNOWN_NAME_FATAL, 1},
                 {"*.example", HF_UNKNOWN_NAME_FATAL, 1},
                 {"*.server.example", HF_UNKNOWN_NAME_DEFAULT, 0},
                 {"other.example", HF_UNKNOWN_NAME_DEFAULT, 0},
                 {"other.example", HF_UNKNOWN_NAME_WARN, 0},
                 {"other.example", HF_UNKNOWN_NAME_FATAL, -1}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        stranger s = prepare(HF_SERVER, "p256");
        hf_binding bindings[2] = {p.server.binding, p.server.binding};
        bindings[1].host = (hf_span){(const uint8_t *)kinds[i].host, strlen(kinds[i].host)};
        s.own->config.bindings = bindings;
        s.own->config.binding_count = 2;
        s.own->config.unknown_name = kinds[i].unknown;
        start(&s);
        run(&s);
        if (kinds[i].binding < 0) {
            expect_failed(&s, HF_ERROR_SERVER_NAME_UNKNOWN, 112);
        } else {
            expect_connected(&s);
            cr_assert_eq(hf_conn_binding(&s.own->conn), &bindings[kinds[i].binding]);
        }
        finish(&s);
    }
}

/* RFC 7627 5.2, 5.3: peers without the extension are refused, unless the policy allows them. */
Test(openssl, without_extended_master_secret)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        for (int allowed = 0; allowed < 2; allowed++) {
            stranger s = prepare((hf_role)role, "p256");
            (void)SSL_CTX_set_options(s.context, SSL_OP_NO_EXTENDED_MASTER_SECRET);
            s.own->config.policy = allowed ? &hf_policy_compatible : NULL;
            start(&s);
            run(&s);
            if (allowed) {
                expect_connected(&s);
                cr_assert_not(hf_conn_extended_master_secret(&s.own->conn));
                exchange_data(&s, 100);
            } else {
                expect_failed(&s, HF_ERROR_NO_EXTENDED_MASTER_SECRET, 40);
            }
            finish(&s);
        }
    }
}

/* Switched off on our side. */
Test(openssl, extended_master_secret_not_offered)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        stranger s = prepare((hf_role)role, "p256");
        s.own->config.policy = &hf_policy_compatible;
        s.own->config.without_extended_master_secret = true;
        start(&s);
        run(&s);
        expect_connected(&s);
        cr_assert_not(hf_conn_extended_master_secret(&s.own->conn));
        finish(&s);
    }
}

/* ---------------------------------------------------------------- versions, refusals */

Test(openssl, other_versions)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        /* TLS 1.3 with 1.2 to fall back upon. */
        stranger s = prepare((hf_role)role, "p256");
        cr_assert(SSL_CTX_set_max_proto_version(s.context, TLS1_3_VERSION));
        start(&s);
        run(&s);
        expect_connected(&s);
        finish(&s);
        /* Nothing but TLS 1.3. */
        s = prepare((hf_role)role, "p256");
        cr_assert(SSL_CTX_set_max_proto_version(s.context, TLS1_3_VERSION));
        cr_assert(SSL_CTX_set_min_proto_version(s.context, TLS1_3_VERSION));
        start(&s);
        run(&s);
        if (role == HF_CLIENT) {
            expect_failed(&s, HF_ERROR_PEER_ALERT, -1);
            cr_assert_eq(hf_conn_failure(&s.own->conn)->alert, 70);
        } else {
            cr_assert_neq(endpoint_reason(s.own), HF_OK);
            cr_assert_not(SSL_is_init_finished(s.ssl));
        }
        finish(&s);
        /* Nothing above TLS 1.1. */
        s = prepare((hf_role)role, "p256");
        SSL_CTX_set_security_level(s.context, 0);
        cr_assert(SSL_CTX_set_max_proto_version(s.context, TLS1_1_VERSION));
        cr_assert(SSL_CTX_set_min_proto_version(s.context, TLS1_1_VERSION));
        start(&s);
        run(&s);
        if (role == HF_SERVER) {
            expect_failed(&s, HF_ERROR_VERSION_UNSUPPORTED, 70);
        } else { /* libssl finds no suite of TLS 1.1 among those offered */
            expect_failed(&s, HF_ERROR_PEER_ALERT, -1);
            cr_assert_eq(hf_conn_failure(&s.own->conn)->alert, 40);
        }
        finish(&s);
    }
}

/* Nothing in common, found by either side. */
Test(openssl, nothing_in_common)
{
    stranger s = prepare(HF_SERVER, "p256");
    cr_assert(SSL_CTX_set_cipher_list(s.context, "ECDHE-RSA-AES128-GCM-SHA256"));
    start(&s);
    run(&s);
    expect_failed(&s, HF_ERROR_NO_COMMON_SUITE, 40);
    finish(&s);
    s = prepare(HF_SERVER, "p256");
    cr_assert(SSL_CTX_set1_groups_list(s.context, "X25519"));
    start(&s);
    run(&s);
    expect_failed(&s, HF_ERROR_NO_COMMON_GROUP, 40);
    finish(&s);
    s = prepare(HF_SERVER, "rsa2048");
    static const uint16_t scheme = 0x0806;
    s.own->config.schemes = (hf_code_list){&scheme, 1};
    cr_assert(SSL_CTX_set1_sigalgs_list(s.context, "RSA+SHA256"));
    start(&s);
    run(&s);
    expect_failed(&s, HF_ERROR_NO_COMMON_SCHEME, 40);
    finish(&s);
    s = prepare(HF_CLIENT, "rsa2048");
    cr_assert(SSL_CTX_set_cipher_list(s.context, "AES128-GCM-SHA256"));
    start(&s);
    run(&s);
    expect_failed(&s, HF_ERROR_PEER_ALERT, -1);
    cr_assert_eq(hf_conn_failure(&s.own->conn)->alert, 40);
    finish(&s);
}

/* A certificate for somebody else; the client says why (RFC 5246 7.2.2). */
Test(openssl, wrong_name)
{
    stranger s = prepare(HF_CLIENT, "p256");
    start(&s);
    cr_assert_eq(hf_conn_set_server_name(&s.own->conn, "other.example"), HF_OK);
    run(&s);
    expect_failed(&s, HF_ERROR_CERTIFICATE_NAME_MISMATCH, 42);
    finish(&s);
}

/* ---------------------------------------------------------------- fragments, refused renegotiation
 */

Test(openssl, small_fragments)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        stranger s = prepare((hf_role)role, "p256");
        cr_assert(SSL_CTX_set_max_send_fragment(s.context, 512));
        s.own->rx_size = 2048;
        s.own->tx_size = HF_TX_MIN;
        start(&s);
        run(&s);
        expect_connected(&s);
        exchange_data(&s, 30000);
        finish(&s);
    }
}

/* What libssl asks for later is refused with a warning, and said so at its end. */
Test(openssl, renegotiation_refused)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        stranger s = prepare((hf_role)role, "p256");
        start(&s);
        run(&s);
        expect_connected(&s);
        cr_assert(SSL_renegotiate(s.ssl));
        (void)SSL_do_handshake(s.ssl);
        while (carry(&s)) {
            uint8_t byte;
            (void)SSL_read(s.ssl, &byte, 1);
        }
        cr_assert_eq(s.own->conn.renegotiations_refused, 1);
        cr_assert_neq(endpoint_reason(s.own), HF_ERROR_RENEGOTIATION_LIMIT);
        cr_assert_eq(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_NO_RENEGOTIATION);
        finish(&s);
    }
}

/* ---------------------------------------------------------------- renegotiation that is allowed */

typedef struct renegotiation_case {
    hf_role role, by;
    uint16_t version;
    bool resumes, cbc;
} renegotiation_case;

ParameterizedTestParameters(openssl, renegotiation)
{
    static renegotiation_case cases[60];
    size_t count = 0;
    for (unsigned bits = 0; bits < 16; bits++)
        for (uint16_t version = TLS1_VERSION; version <= TLS1_2_VERSION; version++)
            if (version == TLS1_2_VERSION || (bits & 8) != 0)
                cases[count++] = (renegotiation_case){.role = bits & 1 ? HF_SERVER : HF_CLIENT,
                                                      .by = bits & 2 ? HF_SERVER : HF_CLIENT,
                                                      .version = version,
                                                      .resumes = bits & 4,
                                                      .cbc = bits & 8};
    return cr_make_param_array(renegotiation_case, cases, count);
}

static stranger prepare_renegotiation(const renegotiation_case *k)
{
    static hf_session session;
    static hf_session_slot slots[4];
    static hf_session_cache cache;
    stranger s = prepare(k->role, "rsa2048");
    memset(&session, 0, sizeof session);
    hf_session_cache_init(&cache, slots, 4, 0);
    SSL_CTX_set_security_level(s.context, 0);
    (void)SSL_CTX_set_options(s.context, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    if (!k->resumes)
        (void)SSL_CTX_set_options(s.context, SSL_OP_NO_TICKET);
    cr_assert(SSL_CTX_set_cipher_list(s.context, k->cbc ? "AES128-SHA:@SECLEVEL=0"
                                                        : "ECDHE-RSA-AES128-GCM-SHA256"));
    cr_assert(SSL_CTX_set_min_proto_version(s.context, k->version));
    cr_assert(SSL_CTX_set_max_proto_version(s.context, k->version));
    s.own->config.policy = &hf_policy_compatible;
    s.own->config.renegotiation = HF_RENEGOTIATION_BY_BOTH;
    s.own->config.resume_in_renegotiation = k->resumes;
    if (k->resumes && k->role == HF_SERVER)
        s.own->config.cache = &cache;
    if (k->resumes && k->role == HF_CLIENT)
        p.session = &session;
    return s;
}

/* What both have read so far. */
static char own_got[100], their_got[100];
static size_t own_size, their_size;

/* Both read, and go on with whatever handshake there is, until nothing moves. */
static void read_and_run(stranger *s)
{
    bool moved = true;
    while (moved) {
        int size = SSL_read(s->ssl, their_got + their_size, (int)(sizeof their_got - their_size));
        if (size > 0)
            their_size += (size_t)size;
        size_t got = endpoint_read(s->own, own_got + own_size, sizeof own_got - own_size);
        own_size += got;
        moved = carry(s) || size > 0 || got != 0;
    }
}

/* Both are as far, and know each other's Finished. */
static void expect_renegotiated(stranger *s, long count)
{
    uint8_t finished[2][12];
    char text[256];
    ERR_error_string_n(ERR_peek_error(), text, sizeof text);
    cr_assert_eq(endpoint_reason(s->own), HF_OK, "%s; libssl: %s",
                 reason_name(endpoint_reason(s->own)), text);
    cr_assert_not(hf_conn_is_renegotiating(&s->own->conn));
    cr_assert(SSL_is_init_finished(s->ssl), "libssl: %s", text);
    cr_assert_eq(s->own->conn.renegotiations, count);
    cr_assert_eq(SSL_get_finished(s->ssl, finished[s->is_client ? HF_CLIENT : HF_SERVER], 12), 12);
    cr_assert_eq(SSL_get_peer_finished(s->ssl, finished[s->is_client ? HF_SERVER : HF_CLIENT], 12),
                 12);
    cr_assert_eq(memcmp(finished, s->own->conn.verify_data, sizeof finished), 0);
    cr_assert_eq(SSL_session_reused(s->ssl) == 1, hf_conn_resumed(&s->own->conn));
}

/* In either role and begun by either side, while data is on its way in both directions. */
ParameterizedTest(const renegotiation_case *k, openssl, renegotiation)
{
    stranger s = prepare_renegotiation(k);
    start(&s);
    run(&s);
    expect_renegotiated(&s, 0);
    own_size = their_size = 0;
    for (int i = 1; i <= 3; i++) {
        bool is_own = (k->by == k->role) == (i % 2 != 0);
        cr_assert(endpoint_write(s.own, "from us.", 8));
        (void)endpoint_run(s.own);
        cr_assert_eq(SSL_write(s.ssl, "from them.", 10), 10);
        if (is_own)
            cr_assert_eq(hf_conn_renegotiate(&s.own->conn, NULL), HF_OK);
        else
            cr_assert(k->resumes ? SSL_renegotiate_abbreviated(s.ssl) : SSL_renegotiate(s.ssl));
        read_and_run(&s);
        expect_renegotiated(&s, i);
        cr_assert_eq(hf_conn_resumed(&s.own->conn), k->resumes);
        cr_assert_eq(own_size, 10 * (size_t)i);
        cr_assert_eq(their_size, 8 * (size_t)i);
        cr_assert_eq(memcmp(own_got + own_size - 10, "from them.", 10), 0);
        cr_assert_eq(memcmp(their_got + their_size - 8, "from us.", 8), 0);
    }
    exchange_data(&s, 5000);
    finish(&s);
}

/* Asked by us and refused by libssl, which does not let clients begin unless it is told to, and
 * whose client can be told not to. */
Test(openssl, renegotiation_refused_by_libssl)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        stranger s = prepare((hf_role)role, "p256");
        (void)SSL_CTX_set_options(s.context, SSL_OP_NO_RENEGOTIATION);
        s.own->config.renegotiation = HF_RENEGOTIATION_BY_BOTH;
        start(&s);
        run(&s);
        expect_connected(&s);
        own_size = their_size = 0;
        cr_assert_eq(hf_conn_renegotiate(&s.own->conn, NULL), HF_OK);
        read_and_run(&s);
        cr_assert_eq(endpoint_reason(s.own), HF_OK, "%s", reason_name(endpoint_reason(s.own)));
        cr_assert_not(hf_conn_is_renegotiating(&s.own->conn));
        exchange_data(&s, 1000);
        finish(&s);
    }
}

#endif
