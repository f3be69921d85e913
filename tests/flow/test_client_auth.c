/* Client certificates: who asks, who answers with what, and how possession is proved
 * (RFC 5246 7.4.4, 7.4.6, 7.4.8; RFC 4346 7.4.8; RFC 8422 5.5, 5.6, 5.8). */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"
#include "tests/support/pki.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

static pair p;
static relay line;
static hf_credentials client_offer[3];
static uint16_t only_suite;

/* A server of the key type that asks as `mode` says, with the roots for its clients too. */
static void prepare(const char *server_keys, uint16_t suite, uint16_t version, hf_client_auth mode)
{
    pair_prepare(&p, server_keys);
    only_suite = suite;
    p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
    p.client.config.suites = p.server.config.suites = (hf_code_list){&only_suite, 1};
    p.client.config.version_min = p.client.config.version_max = version;
    p.server.config.anchors = pki_roots(&p.server.config.anchor_count);
    p.server.config.client_auth = mode;
}

static void give_client(size_t place, const char *leaf, const char *issuer)
{
    pki_load(&p.client.credentials[place], leaf, issuer);
    client_offer[place] = p.client.credentials[place].credentials;
    p.client.config.credentials = client_offer;
    p.client.config.credentials_count = place + 1;
}

static void issuer_of(char out[32], const char *leaf)
{
    (void)snprintf(out, 32, "inter-%s", strstr(leaf, "dsa") != NULL ? "rsa2048" : leaf + 7);
}

static bool was_seen(hf_role sender, uint16_t what)
{
    for (size_t i = 0; i < line.seen_count[sender]; i++)
        if (line.seen[sender][i] == what)
            return true;
    return false;
}

/* ---------------------------------------------------------------- modes, keys, versions */

typedef struct auth_case {
    char leaf[24];
    uint16_t suite, version;
    hf_client_auth mode;
    bool has_certificate;
} auth_case;

static auth_case cases[400];

ParameterizedTestParameters(client_auth, modes)
{
    static const char *const leaves[] = {"client-rsa2048", "client-p256", "client-p384",
                                         "server-dsa2048"};
    static const hf_client_auth modes[] = {HF_CLIENT_AUTH_INHERIT, HF_CLIENT_AUTH_OFF,
                                           HF_CLIENT_AUTH_REQUEST, HF_CLIENT_AUTH_REQUIRE};
    static const uint16_t suites[] = {0xc014, 0x002f, 0xc030};
    size_t count = 0;
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (size_t s = 0; s < 3; s++)
            for (size_t l = 0; l < 4; l++)
                for (size_t m = 0; m < 8; m++) {
                    auth_case k = {.suite = suites[s],
                                   .version = version,
                                   .mode = modes[m / 2],
                                   .has_certificate = m % 2 != 0};
                    (void)snprintf(k.leaf, sizeof k.leaf, "%s", leaves[l]);
                    if (k.suite == 0xc030 && version < HF_TLS1_2)
                        continue;
                    if ((m / 2 < 2 || !k.has_certificate) && (l != 0 || s != 0))
                        continue;
                    cases[count++] = k;
                }
    return cr_make_param_array(auth_case, cases, count);
}

ParameterizedTest(const auth_case *k, client_auth, modes)
{
    char issuer[32];
    /* The DSA certificates of the tests are servers'; their purpose is tested elsewhere. */
    bool is_dsa = strstr(k->leaf, "dsa") != NULL;
    issuer_of(issuer, k->leaf);
    prepare("rsa2048", k->suite, k->version, k->mode);
    if (k->has_certificate)
        give_client(0, k->leaf, issuer);
    if (is_dsa)
        p.server.config.verify = HF_VERIFY_NONE;
    relay_connect(&line, &p, NULL, NULL);
    bool asks = k->mode == HF_CLIENT_AUTH_REQUEST || k->mode == HF_CLIENT_AUTH_REQUIRE;
    /* DSA signs SHA-1 or SHA-256, neither of which a transcript for SHA-384 alone has. */
    bool can_sign = k->has_certificate && !(is_dsa && k->suite == 0xc030);
    cr_assert_eq(was_seen(HF_SERVER, HF_CERTIFICATE_REQUEST), asks);
    cr_assert_eq(was_seen(HF_CLIENT, HF_CERTIFICATE), asks);
    cr_assert_eq(was_seen(HF_CLIENT, HF_CERTIFICATE_VERIFY), asks && can_sign);
    if (k->mode == HF_CLIENT_AUTH_REQUIRE && !can_sign) {
        expect_refusal(&p, HF_SERVER, HF_ERROR_CERTIFICATE_MISSING, 40);
        return;
    }
    expect_established(&p);
    expect_data(&p);
    cr_assert_eq(hf_conn_client_authenticated(&p.server.conn), asks && can_sign && !is_dsa);
}

/* A binding's own mode goes before the configuration's. */
Test(client_auth, mode_of_binding)
{
    for (int inner = 0; inner <= HF_CLIENT_AUTH_REQUIRE; inner++)
        for (int outer = 0; outer <= HF_CLIENT_AUTH_REQUIRE; outer++) {
            prepare("p256", 0xc02b, HF_TLS1_2, (hf_client_auth)outer);
            p.server.binding.client_auth = (hf_client_auth)inner;
            give_client(0, "client-p256", "inter-p256");
            relay_connect(&line, &p, NULL, NULL);
            expect_established(&p);
            int mode = inner != HF_CLIENT_AUTH_INHERIT ? inner : outer;
            cr_assert_eq(hf_conn_client_authenticated(&p.server.conn),
                         mode >= HF_CLIENT_AUTH_REQUEST);
        }
}

/* ---------------------------------------------------------------- the client's choice */

/* The certificate that the client sent: the first of its Certificate message. */
static hf_span sent_leaf;
static uint8_t sent_message[8000];

static bool note_certificate(relay *r, relayed *part)
{
    (void)r;
    if (part->sender == HF_CLIENT && part->type == HF_CERTIFICATE) {
        cr_assert_leq(part->size, sizeof sent_message);
        memcpy(sent_message, part->bytes, part->size);
        sent_leaf = (hf_span){NULL, 0};
        if (part->size > 7)
            sent_leaf =
                (hf_span){sent_message + 10, (size_t)sent_message[8] << 8 | sent_message[9]};
    }
    return true;
}

static void expect_sent(const char *leaf)
{
    char name[64];
    relay_connect(&line, &p, note_certificate, NULL);
    if (leaf == NULL) {
        cr_assert_eq(sent_leaf.size, 0);
        expect_refusal(&p, HF_SERVER, HF_ERROR_CERTIFICATE_MISSING, 40);
        return;
    }
    (void)snprintf(name, sizeof name, "%s.der", leaf);
    cr_assert_eq(sent_leaf.size, pki_file(name).size);
    cr_assert_eq(memcmp(sent_leaf.data, pki_file(name).data, sent_leaf.size), 0);
    expect_established(&p);
    cr_assert(hf_conn_client_authenticated(&p.server.conn));
}

static void prepare_choice(uint16_t version)
{
    prepare("rsa2048", 0xc014, version, HF_CLIENT_AUTH_REQUIRE);
    give_client(0, "client-rsa2048", "inter-rsa2048");
    give_client(1, "client-p256", "inter-p256");
}

/* RFC 5246 7.4.4: certificate_authorities may name a root or a CA below it. */
Test(client_auth, choice_by_authority)
{
    static const char *const names[] = {"root-rsa2048.der", "root-p256.der", "inter-rsa2048.der",
                                        "inter-p256.der"};
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (size_t i = 0; i < 4; i++) {
            hf_trust_anchor anchor = {.certificate = pki_file(names[i])};
            prepare_choice(version);
            p.server.config.anchors = &anchor;
            p.server.config.anchor_count = 1;
            expect_sent(i % 2 == 0 ? "client-rsa2048" : "client-p256");
        }
    hf_trust_anchor other = {.certificate = pki_file("root-p384.der")};
    prepare_choice(HF_TLS1_2);
    p.server.config.anchors = &other;
    p.server.config.anchor_count = 1;
    expect_sent(NULL);
}

/* The anchors of a binding go before the configuration's. */
Test(client_auth, authorities_of_binding)
{
    hf_trust_anchor anchor = {.certificate = pki_file("root-p256.der")};
    prepare_choice(HF_TLS1_2);
    p.server.binding.anchors = &anchor;
    p.server.binding.anchor_count = 1;
    expect_sent("client-p256");
}

Test(client_auth, choice_by_scheme)
{
    static const uint16_t ecdsa[] = {0x0403}, pss[] = {0x0804, 0x0403};
    prepare_choice(HF_TLS1_2);
    p.client.config.suites = p.server.config.suites = (hf_code_list){NULL, 0};
    p.server.binding.credentials_count = 1;
    pki_load(&p.server.credentials[0], "server-p256", "inter-p256");
    p.server.offered[0] = p.server.credentials[0].credentials;
    p.server.config.schemes = (hf_code_list){ecdsa, 1};
    expect_sent("client-p256");
    prepare_choice(HF_TLS1_2);
    p.server.config.schemes = (hf_code_list){pss, 2};
    expect_sent("client-rsa2048");
}

/* The request as the client saw it. */
static uint8_t request[70000];
static size_t request_size;

/* certificate_types: rsa_sign 1, dss_sign 2, ecdsa_sign 64. */
static bool keep_types(relay *r, relayed *part)
{
    if (part->type == HF_CERTIFICATE_REQUEST) {
        size_t types = part->bytes[4];
        relayed_splice(part, 4, 1 + types, r->context, 1 + (size_t) * (uint8_t *)r->context);
    }
    return note_certificate(r, part);
}

/* The client goes by certificate_types as well; the server then sees another handshake than the
 * client, so that it does not end well. */
Test(client_auth, choice_by_type)
{
    static const struct {
        uint8_t types[3];
        const char *leaf;
    } rows[] = {{{1, 1}, "client-rsa2048.der"},
                {{1, 64}, "client-p256.der"},
                {{2, 64, 1}, "client-rsa2048.der"},
                {{1, 2}, NULL},
                {{1, 5}, NULL}};
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            uint8_t types[3];
            memcpy(types, rows[i].types, sizeof types);
            prepare_choice(version);
            relay_connect(&line, &p, keep_types, types);
            cr_assert_neq(endpoint_reason(&p.server), HF_OK);
            cr_assert_eq(sent_leaf.size, rows[i].leaf == NULL ? 0 : pki_file(rows[i].leaf).size);
            cr_assert(sent_leaf.size == 0 ||
                      memcmp(sent_leaf.data, pki_file(rows[i].leaf).data, sent_leaf.size) == 0);
        }
}

/* ---------------------------------------------------------------- the request on the wire */

static bool note_request(relay *r, relayed *part)
{
    (void)r;
    if (part->type == HF_CERTIFICATE_REQUEST) {
        memcpy(request, part->bytes, part->size);
        request_size = part->size;
    }
    return true;
}

/* RFC 4346 7.4.4: types and authorities; RFC 5246 7.4.4 puts the schemes between them. */
Test(client_auth, request_by_version)
{
    hf_trust_anchor anchor = {.certificate = pki_file("root-p256.der")};
    hf_certificate root;
    cr_assert_eq(hf_certificate_read(&root, anchor.certificate), HF_OK);
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        prepare("rsa2048", 0xc014, version, HF_CLIENT_AUTH_REQUEST);
        p.server.config.anchors = &anchor;
        p.server.config.anchor_count = 1;
        relay_connect(&line, &p, note_request, NULL);
        expect_established(&p);
        size_t at = 4, types = request[at];
        cr_assert_eq(types, 3);
        cr_assert_not_null(memchr(request + 5, 1, types));
        cr_assert_not_null(memchr(request + 5, 2, types));
        cr_assert_not_null(memchr(request + 5, 64, types));
        at += 1 + types;
        if (version >= HF_TLS1_2) {
            size_t schemes = (size_t)request[at] << 8 | request[at + 1];
            cr_assert(schemes >= 2 && schemes % 2 == 0);
            at += 2 + schemes;
        }
        size_t authorities = (size_t)request[at] << 8 | request[at + 1];
        size_t name = (size_t)request[at + 2] << 8 | request[at + 3];
        cr_assert_eq(authorities, 2 + name);
        cr_assert_eq(name, root.subject.size);
        cr_assert_eq(memcmp(request + at + 4, root.subject.data, name), 0);
        cr_assert_eq(at + 4 + name, request_size);
    }
}

/* Hundreds of authorities pass through the smallest transmit buffer over many records, and the
 * client finds its own among them. */
Test(client_auth, many_authorities)
{
    static hf_trust_anchor anchors[2000];
    static uint8_t rx[70000];
    const size_t count = sizeof anchors / sizeof anchors[0];
    size_t roots_count, total = 0;
    prepare("p256", 0xc02b, HF_TLS1_2, HF_CLIENT_AUTH_REQUIRE);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "authority %05zu", i);
        anchors[i] =
            (hf_trust_anchor){.name = pki_name(name), .public_key = pki_public_key(pki_key_at(0))};
        total += 2 + anchors[i].name.size;
    }
    total -= 2 + anchors[count / 2].name.size;
    anchors[count / 2] = pki_roots(&roots_count)[1];
    hf_certificate root;
    cr_assert_eq(hf_certificate_read(&root, anchors[count / 2].certificate), HF_OK);
    total += 2 + root.subject.size;
    p.server.tx_size = HF_TX_MIN;
    p.server.config.anchors = anchors;
    p.server.config.anchor_count = count;
    give_client(0, "client-p256", "inter-p256");
    pair_start(&p);
    cr_assert_eq(hf_conn_init(&p.client.conn, HF_CLIENT, &p.client.config, &p.client.handshake,
                              (hf_buf){rx, sizeof rx}, (hf_buf){p.client.tx, p.client.tx_size}),
                 HF_OK);
    cr_assert_eq(hf_conn_set_server_name(&p.client.conn, "server.example"), HF_OK);
    memset(&line, 0, sizeof line);
    line.p = &p;
    line.hook = note_request;
    relay_run(&line);
    expect_established(&p);
    cr_assert(hf_conn_client_authenticated(&p.server.conn));
    size_t schemes_at = 5 + (size_t)request[4];
    size_t at = schemes_at + 2 + ((size_t)request[schemes_at] << 8 | request[schemes_at + 1]);
    cr_assert_eq((size_t)request[at] << 8 | request[at + 1], total);
    cr_assert_eq(at + 2 + total, request_size);
    cr_assert_gt(total, 3 * sizeof p.client.rx);
}

/* RFC 5246 7.4.4: the list has at most 2^16-1 bytes; cut short it would be wrong, and empty it
 * stands for any authority. */
Test(client_auth, too_many_authorities)
{
    static hf_trust_anchor anchors[2500];
    size_t roots_count;
    prepare("p256", 0xc02b, HF_TLS1_2, HF_CLIENT_AUTH_REQUIRE);
    for (size_t i = 0; i < sizeof anchors / sizeof anchors[0]; i++)
        anchors[i] = (hf_trust_anchor){.name = pki_name("an authority of many"),
                                       .public_key = pki_public_key(pki_key_at(0))};
    anchors[0] = pki_roots(&roots_count)[1];
    p.server.config.anchors = anchors;
    p.server.config.anchor_count = sizeof anchors / sizeof anchors[0];
    give_client(0, "client-p256", "inter-p256");
    relay_connect(&line, &p, note_request, NULL);
    expect_established(&p);
    cr_assert(hf_conn_client_authenticated(&p.server.conn));
    cr_assert_eq(request[request_size - 2] << 8 | request[request_size - 1], 0);
}

/* RFC 5246 7.4.4: a DistinguishedName has at least one byte, so that an anchor without a name,
 * which vouches for itself alone, is not in the list. */
Test(client_auth, anchor_without_name)
{
    size_t count;
    hf_trust_anchor anchors[2] = {pki_roots(&count)[1],
                                  {.public_key = pki_public_key(pki_key_at(0))}};
    for (int first = 0; first < 2; first++) {
        hf_trust_anchor ordered[2] = {anchors[first], anchors[1 - first]};
        prepare("p256", 0xc02b, HF_TLS1_2, HF_CLIENT_AUTH_REQUIRE);
        p.server.config.anchors = ordered;
        p.server.config.anchor_count = 2;
        give_client(0, "client-p256", "inter-p256");
        relay_connect(&line, &p, NULL, NULL);
        expect_established(&p);
    }
}

/* ---------------------------------------------------------------- what is refused */

static void prepare_p256(hf_client_auth mode)
{
    prepare("p256", 0xc02b, HF_TLS1_2, mode);
    give_client(0, "client-p256", "inter-p256");
}

/* RFC 5280 4.2.1.12: a server's certificate does not make a client; one for clients does, whatever
 * its names. */
Test(client_auth, purpose)
{
    for (int mode = HF_CLIENT_AUTH_REQUEST; mode <= HF_CLIENT_AUTH_REQUIRE; mode++) {
        prepare("p256", 0xc02b, HF_TLS1_2, (hf_client_auth)mode);
        give_client(0, "server-p256", "inter-p256");
        relay_connect(&line, &p, NULL, NULL);
        expect_refusal(&p, HF_SERVER, HF_ERROR_CERTIFICATE_EXTENDED_KEY_USAGE, 42);
        prepare("p256", 0xc02b, HF_TLS1_2, (hf_client_auth)mode);
        give_client(0, "bad-eku", "inter-p256");
        relay_connect(&line, &p, NULL, NULL);
        expect_established(&p);
        cr_assert(hf_conn_client_authenticated(&p.server.conn));
    }
}

/* Empties certificate_authorities, so that the client sends what it has. */
static bool name_no_authority(relay *r, relayed *part)
{
    (void)r;
    if (part->type == HF_CERTIFICATE_REQUEST) {
        size_t at = 5 + (size_t)part->bytes[4];
        at += 2 + ((size_t)part->bytes[at] << 8 | part->bytes[at + 1]);
        relayed_splice(part, at, part->size - at, "\0", 2);
    }
    return true;
}

Test(client_auth, unknown_ca)
{
    hf_trust_anchor other = {.certificate = pki_file("root-p384.der")};
    for (int mode = HF_CLIENT_AUTH_REQUEST; mode <= HF_CLIENT_AUTH_REQUIRE; mode++) {
        prepare_p256((hf_client_auth)mode);
        p.server.config.anchors = &other;
        p.server.config.anchor_count = 1;
        relay_connect(&line, &p, name_no_authority, NULL);
        expect_refusal(&p, HF_SERVER, HF_ERROR_CERTIFICATE_UNKNOWN_CA, 48);
        cr_assert_not(hf_conn_client_authenticated(&p.server.conn));
    }
}

Test(client_auth, expired)
{
    prepare("p256", 0xc02b, HF_TLS1_2, HF_CLIENT_AUTH_REQUIRE);
    give_client(0, "client-p256", "inter-p256");
    p.server.now = INT64_C(2400000000); /* 2046 */
    relay_connect(&line, &p, NULL, NULL);
    expect_refusal(&p, HF_SERVER, HF_ERROR_CERTIFICATE_EXPIRED, 45);
}

/* What becomes of the client's messages about itself. */
typedef enum tampering {
    WRONG_SIGNATURE,
    VERIFY_DROPPED,
    VERIFY_TWICE,
    VERIFY_BEFORE_KEY_EXCHANGE,
    CERTIFICATE_DROPPED,
    CERTIFICATE_EMPTIED,
    OTHER_CERTIFICATE,
    SCHEME_OF_OTHER_KEY,
    SCHEME_NOT_OFFERED,
    TRAILING_BYTE
} tampering;

static void put_u24(uint8_t *out, size_t value)
{
    out[0] = (uint8_t)(value >> 16);
    out[1] = (uint8_t)(value >> 8);
    out[2] = (uint8_t)value;
}

static bool tamper(relay *r, relayed *part)
{
    tampering what = *(tampering *)r->context;
    if (part->sender != HF_CLIENT)
        return true;
    if (part->type == HF_CERTIFICATE_VERIFY) {
        if (what == WRONG_SIGNATURE)
            part->bytes[part->size - 1] ^= 1;
        if (what == VERIFY_TWICE)
            relay_insert(r, part->content, part->bytes, part->size);
        if (what == SCHEME_OF_OTHER_KEY)
            memcpy(part->bytes + 4, "\4\1", 2);
        if (what == SCHEME_NOT_OFFERED)
            memcpy(part->bytes + 4, "\6\3", 2);
        if (what == TRAILING_BYTE)
            relayed_splice(part, part->size, 0, "\0", 1);
        return what != VERIFY_DROPPED;
    }
    if (part->type == HF_CERTIFICATE && what == CERTIFICATE_EMPTIED)
        relayed_splice(part, 4, part->size - 4, "\0\0", 3);
    if (part->type == HF_CERTIFICATE && what == OTHER_CERTIFICATE) {
        hf_span leaf = pki_file("bad-eku.der"); /* also good for clients, but not this one's */
        uint8_t lengths[6];
        hf_span inter = pki_file("inter-p256.der");
        put_u24(lengths, 6 + leaf.size + inter.size);
        put_u24(lengths + 3, leaf.size);
        relayed_splice(part, 4, part->size - 4, lengths, 6);
        relayed_splice(part, part->size, 0, leaf.data, leaf.size);
        put_u24(lengths, inter.size);
        relayed_splice(part, part->size, 0, lengths, 3);
        relayed_splice(part, part->size, 0, inter.data, inter.size);
    }
    if (part->type == HF_CLIENT_KEY_EXCHANGE && what == VERIFY_BEFORE_KEY_EXCHANGE) {
        static const uint8_t verify[] = {15, 0, 0, 6, 4, 3, 0, 2, 0x30, 0};
        relay_insert(r, part->content, verify, sizeof verify);
    }
    return !(part->type == HF_CERTIFICATE && what == CERTIFICATE_DROPPED);
}

Test(client_auth, tampering)
{
    static const struct {
        tampering what;
        hf_error reason;
        int alert;
    } rows[] = {{WRONG_SIGNATURE, HF_ERROR_SIGNATURE_WRONG, 51},
                {VERIFY_DROPPED, HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC, 10},
                {VERIFY_TWICE, HF_ERROR_UNEXPECTED_MESSAGE, 10},
                {VERIFY_BEFORE_KEY_EXCHANGE, HF_ERROR_UNEXPECTED_MESSAGE, 10},
                {CERTIFICATE_DROPPED, HF_ERROR_UNEXPECTED_MESSAGE, 10},
                {OTHER_CERTIFICATE, HF_ERROR_SIGNATURE_WRONG, 51},
                {SCHEME_OF_OTHER_KEY, HF_ERROR_SCHEME_NOT_OFFERED, 47},
                {SCHEME_NOT_OFFERED, HF_ERROR_SCHEME_NOT_OFFERED, 47},
                {TRAILING_BYTE, HF_ERROR_MESSAGE_TRAILING_BYTES, 50}};
    for (int mode = HF_CLIENT_AUTH_REQUEST; mode <= HF_CLIENT_AUTH_REQUIRE; mode++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            tampering what = rows[i].what;
            prepare_p256((hf_client_auth)mode);
            relay_connect(&line, &p, tamper, &what);
            expect_refusal(&p, HF_SERVER, rows[i].reason, rows[i].alert);
            /* The first of two is right. */
            cr_assert_eq(hf_conn_client_authenticated(&p.server.conn), what == VERIFY_TWICE);
        }
}

/* A list that somebody empties is missed where it is required; else the CertificateVerify that
 * follows has nothing to go with (RFC 5246 7.4.8). */
Test(client_auth, certificate_emptied)
{
    tampering what = CERTIFICATE_EMPTIED;
    prepare_p256(HF_CLIENT_AUTH_REQUIRE);
    relay_connect(&line, &p, tamper, &what);
    expect_refusal(&p, HF_SERVER, HF_ERROR_CERTIFICATE_MISSING, 40);
    prepare_p256(HF_CLIENT_AUTH_REQUEST);
    relay_connect(&line, &p, tamper, &what);
    expect_refusal(&p, HF_SERVER, HF_ERROR_UNEXPECTED_MESSAGE, 10);
}

/* A CertificateVerify or a Certificate that nobody asked for. */
static bool volunteer(relay *r, relayed *part)
{
    static const uint8_t messages[2][10] = {{15, 0, 0, 6, 4, 3, 0, 2, 0x30, 0},
                                            {11, 0, 0, 3, 0, 0, 0}};
    int which = *(int *)r->context;
    if (part->sender == HF_CLIENT && part->type == HF_CLIENT_KEY_EXCHANGE && which == 1)
        relay_insert(r, part->content, messages[1], 7);
    if (part->sender == HF_CLIENT && part->content == HF_CONTENT_CHANGE_CIPHER_SPEC && which == 0)
        relay_insert(r, HF_CONTENT_HANDSHAKE, messages[0], 10);
    return true;
}

Test(client_auth, unasked)
{
    for (int which = 0; which < 2; which++) {
        prepare_p256(HF_CLIENT_AUTH_OFF);
        relay_connect(&line, &p, volunteer, &which);
        expect_refusal(&p, HF_SERVER, HF_ERROR_UNEXPECTED_MESSAGE, 10);
    }
}

/* RFC 5246 7.4.4: an anonymous server may not ask, for which there is an alert of its own; nor does
 * one with a pre-shared key (RFC 4279 2). */
static bool ask(relay *r, relayed *part)
{
    static const uint8_t message[] = {13, 0, 0, 8, 1, 64, 0, 2, 4, 3, 0, 0};
    if (part->type == HF_SERVER_HELLO_DONE)
        relay_insert(r, part->content, message, sizeof message);
    return true;
}

Test(client_auth, anonymous_server_asks)
{
    static const uint16_t suites[] = {0x006c, 0xc018, 0x00ae, 0x00b2, 0xc037, 0x00b6};
    static const hf_psk psk = {{(const uint8_t *)"me", 2}, {(const uint8_t *)"key", 3}};
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        for (int by_hand = 0; by_hand < 2; by_hand++) {
            prepare("rsa2048", suites[i], HF_TLS1_2,
                    by_hand ? HF_CLIENT_AUTH_OFF : HF_CLIENT_AUTH_REQUEST);
            give_client(0, "client-p256", "inter-p256");
            p.client.config.psks = p.server.config.psks = &psk;
            p.client.config.psk_count = p.server.config.psk_count = 1;
            relay_connect(&line, &p, by_hand ? ask : NULL, NULL);
            if (by_hand) {
                if (hf_suite_of(suites[i])->key_exchange < HF_KX_PSK)
                    expect_refusal(&p, HF_CLIENT, HF_ERROR_ANONYMOUS_SERVER_ASKS, 40);
                else
                    expect_refusal(&p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
            } else {
                expect_established(&p);
                cr_assert_not(was_seen(HF_SERVER, HF_CERTIFICATE_REQUEST));
            }
        }
}

/* ---------------------------------------------------------------- a forgery */

static size_t der_integer(uint8_t *out, const uint8_t *number, size_t size)
{
    size_t sign = number[0] >> 7;
    out[0] = 2;
    out[1] = (uint8_t)(size + sign);
    out[2] = 0;
    memcpy(out + 2 + sign, number, size);
    return 2 + sign + size;
}

/* Whoever knows a P-256 key Q = (x, y) can sign the digest 0 with it: r = s = x verifies, since
 * then u1 = 0, u2 = 1 and R = Q. So a server must never verify a CertificateVerify against a
 * transcript hash that it does not have: here SHA-512, which no PRF uses. The client has the
 * certificate of another and no key; RSA key transport leaves no other digest behind. */
Test(client_auth, signature_over_nothing)
{
    static uint8_t point[HF_EC_POINT_MAX];
    uint8_t forged[80];
    prepare("rsa2048", 0x009c, HF_TLS1_2, HF_CLIENT_AUTH_REQUIRE);
    give_client(0, "client-p256", "inter-p256");
    hf_private_key *key = &p.client.credentials[0].key;
    cr_assert_eq(hf_ec_public(HF_CURVE_P256, key->u.ec.scalar.data, point), HF_CRYPTO_OK);
    key->external = true;
    key->u.ec.scalar = (hf_span){NULL, 0};
    key->u.ec.point = (hf_span){point, 65};
    pair_start(&p);
    cr_assert(pair_run(&p));
    const hf_question *question = hf_conn_question(&p.client.conn);
    cr_assert_not_null(question);
    cr_assert_eq(question->kind, HF_QUESTION_SIGN);
    uint8_t *scheme = p.client.handshake.compose + 4;
    cr_assert_eq(memcmp(scheme, "\4\3", 2), 0);
    scheme[0] = 6; /* ecdsa_secp521r1_sha512: before TLS 1.3 {sha512, ecdsa} */
    size_t size = 2 + der_integer(forged + 2, point + 1, 32);
    size += der_integer(forged + size, point + 1, 32);
    forged[0] = 0x30;
    forged[1] = (uint8_t)(size - 2);
    const hf_answer answer = {.output = {forged, size}};
    cr_assert_eq(hf_conn_answer(&p.client.conn, &answer), HF_OK);
    cr_assert(pair_run(&p));
    cr_assert_not(hf_conn_client_authenticated(&p.server.conn), "the client needs no key at all");
    expect_refusal(&p, HF_SERVER, HF_ERROR_SCHEME_NOT_OFFERED, 47);
}
