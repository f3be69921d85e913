/* trusted_ca_keys (RFC 6066 6): a server with several chains sends the one that the client says it
 * can verify. */
#include "tests/flow/resume.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static resume r;
static pair *const p = &r.p;
static hf_trust_anchor anchors[400];

static const char *const kinds[] = {"off", "names", "key hashes", "certificate hashes",
                                    "pre-agreed"};

static hf_span root_of(const char *keys)
{
    char name[32];
    (void)snprintf(name, sizeof name, "root-%s.der", keys);
    return pki_file(name);
}

/* A server with two chains and a client that trusts one root. */
static void prepare(const char *server_keys, const char *trusted, hf_trusted_ca_keys kind)
{
    memset(&r.session, 0, sizeof r.session);
    pair_prepare(p, server_keys);
    memset(anchors, 0, sizeof anchors);
    anchors[0].certificate = root_of(trusted);
    p->client.config.anchors = anchors;
    p->client.config.anchor_count = 1;
    p->client.config.trusted_ca_keys = kind;
}

/* Tells the server the roots that its chains leave out. */
static void give_roots(const char *first, const char *second)
{
    p->server.offered[0].root = root_of(first);
    p->server.offered[1].root = root_of(second);
}

static bool has_answer;

static bool note_answer(relay *line, relayed *part)
{
    size_t size;
    (void)line;
    if (part->type == HF_SERVER_HELLO)
        has_answer = hello_extension(part, 3, &size) != NULL;
    return true;
}

static void connect_both(void)
{
    has_answer = false;
    relay_connect(&r.line, p, note_answer, NULL);
}

/* The client could verify the chain, so that it was the right one, and knows that it was chosen. */
static void expect_chosen(void)
{
    expect_established(p);
    cr_assert(has_answer, "no acknowledgement");
}

/* What the server would have done without the extension, which its client cannot verify. */
static void expect_usual(void)
{
    cr_assert_eq(endpoint_reason(&p->client), HF_ERROR_CERTIFICATE_UNKNOWN_CA, "%s",
                 reason_name(endpoint_reason(&p->client)));
    cr_assert_not(has_answer);
}

/* ---------------------------------------------------------------- kinds of identifiers */

typedef struct chains {
    const char *keys, *first, *second;
} chains;

/* Of two types of keys, in either order, and of one type. */
static const chains servers[] = {{"p256 rsa2048", "p256", "rsa2048"},
                                 {"rsa2048 p256", "rsa2048", "p256"},
                                 {"p256 p384", "p256", "p384"}};

/* Without the extension one of the two roots is of no use. */
Test(trusted_ca_keys, off)
{
    for (size_t i = 0; i < 3; i++) {
        size_t established = 0;
        for (int second = 0; second < 2; second++) {
            prepare(servers[i].keys, second ? servers[i].second : servers[i].first,
                    HF_TRUSTED_CA_KEYS_OFF);
            give_roots(servers[i].first, servers[i].second);
            connect_both();
            cr_assert_not(has_answer);
            established += endpoint_reason(&p->client) == HF_OK;
        }
        cr_assert_eq(established, 1);
    }
}

/* By name the authority is found as the issuer of the chain's last certificate; by its hashes only
 * where the server has the root itself. */
Test(trusted_ca_keys, kinds)
{
    for (size_t i = 0; i < 3; i++)
        for (int kind = HF_TRUSTED_CA_KEYS_NAMES; kind <= HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES;
             kind++)
            for (int which = 0; which < 4; which++) {
                bool second = which & 1, has_roots = which & 2;
                const char *trusted = second ? servers[i].second : servers[i].first;
                prepare(servers[i].keys, trusted, (hf_trusted_ca_keys)kind);
                if (has_roots)
                    give_roots(servers[i].first, servers[i].second);
                connect_both();
                if (has_roots || kind == HF_TRUSTED_CA_KEYS_NAMES) {
                    cr_assert(has_answer, "%s, %s", servers[i].keys, kinds[kind]);
                    expect_chosen();
                } else {
                    cr_assert_not(has_answer);
                }
            }
}

/* A chain that is sent with its root needs none beside it. */
Test(trusted_ca_keys, root_in_the_chain)
{
    hf_span whole[] = {pki_file("server-rsa2048.der"), pki_file("inter-rsa2048.der"),
                       pki_file("root-rsa2048.der")};
    for (int kind = HF_TRUSTED_CA_KEYS_NAMES; kind <= HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES;
         kind++) {
        prepare("p256 rsa2048", "rsa2048", (hf_trusted_ca_keys)kind);
        p->server.offered[1].chain = whole;
        p->server.offered[1].chain_count = 3;
        connect_both();
        expect_chosen();
    }
}

/* An intermediate that the client trusts is an authority like any other. */
Test(trusted_ca_keys, intermediate)
{
    for (int kind = HF_TRUSTED_CA_KEYS_NAMES; kind <= HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES;
         kind++) {
        prepare("p256 rsa2048", "rsa2048", (hf_trusted_ca_keys)kind);
        anchors[0].certificate = pki_file("inter-rsa2048.der");
        connect_both();
        expect_chosen();
    }
}

/* "pre_agreed: no CA root key identity supplied": the server knows what to do, which is what it
 * prefers. */
Test(trusted_ca_keys, pre_agreed)
{
    prepare("p256 rsa2048", "p256", HF_TRUSTED_CA_KEYS_PRE_AGREED);
    connect_both();
    expect_chosen();
    prepare("p256 rsa2048", "rsa2048", HF_TRUSTED_CA_KEYS_PRE_AGREED);
    connect_both();
    cr_assert(has_answer);
    cr_assert_eq(endpoint_reason(&p->client), HF_ERROR_CERTIFICATE_UNKNOWN_CA);
}

/* Anchors that are a name and a key: the key's hash stands in for the certificate's. */
Test(trusted_ca_keys, bare_anchors)
{
    static const char *const roots[] = {"p256", "rsa2048"};
    for (int kind = HF_TRUSTED_CA_KEYS_NAMES; kind <= HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES; kind++)
        for (size_t i = 0; i < 2; i++) {
            hf_certificate root;
            prepare("p256 rsa2048", roots[i], (hf_trusted_ca_keys)kind);
            give_roots("p256", "rsa2048");
            cr_assert_eq(hf_certificate_read(&root, anchors[0].certificate), HF_OK);
            anchors[0] = (hf_trust_anchor){.name = root.subject, .public_key = root.public_key_der};
            connect_both();
            expect_chosen();
        }
}

/* One authority of several that leads somewhere is enough. */
Test(trusted_ca_keys, several)
{
    for (int kind = HF_TRUSTED_CA_KEYS_NAMES; kind <= HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES;
         kind++) {
        prepare("p256 rsa2048", "p521", (hf_trusted_ca_keys)kind);
        give_roots("p256", "rsa2048");
        anchors[1].certificate = root_of("p384");
        anchors[2].certificate = root_of("rsa2048");
        p->client.config.anchor_count = 3;
        connect_both();
        expect_chosen();
    }
}

/* ---------------------------------------------------------------- no match */

Test(trusted_ca_keys, no_match)
{
    for (int kind = HF_TRUSTED_CA_KEYS_NAMES; kind <= HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES;
         kind++) {
        prepare("p256 rsa2048", "p521", (hf_trusted_ca_keys)kind);
        give_roots("p256", "rsa2048");
        connect_both();
        expect_usual();
    }
}

/* A chain of which the client can use no suite is no choice: the usual one then. */
Test(trusted_ca_keys, no_suite_for_the_match)
{
    static const uint16_t ecdsa = 0xc02b;
    prepare("p256 rsa2048", "rsa2048", HF_TRUSTED_CA_KEYS_NAMES);
    p->client.config.suites = (hf_code_list){&ecdsa, 1};
    connect_both();
    expect_usual();
}

/* The chain goes before the order of suites, whoever's that is. */
Test(trusted_ca_keys, before_preferences)
{
    static const uint16_t suites[] = {0xc02c, 0xc02b, 0xcca9, 0xc02f};
    for (int off = 0; off < 2; off++) {
        prepare("p256 rsa2048", "rsa2048", HF_TRUSTED_CA_KEYS_NAMES);
        p->client.config.suites = p->server.config.suites = (hf_code_list){suites, 4};
        p->server.config.server_preference_off = off != 0;
        connect_both();
        expect_chosen();
        cr_assert_eq(hf_conn_suite(&p->client.conn)->code, 0xc02f);
    }
}

/* RFC 6066 6 lets the list be empty: nothing to go by. */
Test(trusted_ca_keys, empty_list)
{
    prepare("p256 rsa2048", "rsa2048", HF_TRUSTED_CA_KEYS_NAMES);
    p->client.config.anchor_count = 0;
    p->client.config.verify = HF_VERIFY_NONE;
    connect_both();
    expect_established(p);
    cr_assert_not(has_answer);
}

/* ---------------------------------------------------------------- where it is not answered */

/* "servers ... MAY use the information ... to guide their selection of an appropriate certificate
 * chain ... In this event, the server SHALL include an extension": not where none is sent. */
Test(trusted_ca_keys, without_certificates)
{
    static const uint16_t suite = 0x00a8; /* PSK_WITH_AES_128_GCM_SHA256 */
    static const hf_psk psk = {{(const uint8_t *)"a device", 8},
                               {(const uint8_t *)"a secret key", 12}};
    prepare("p256 rsa2048", "rsa2048", HF_TRUSTED_CA_KEYS_NAMES);
    hf_config *configs[] = {&p->client.config, &p->server.config};
    for (size_t i = 0; i < 2; i++) {
        configs[i]->suites = (hf_code_list){&suite, 1};
        configs[i]->psks = &psk;
        configs[i]->psk_count = 1;
    }
    connect_both();
    expect_established(p);
    cr_assert_not(has_answer);
}

Test(trusted_ca_keys, resumed)
{
    resume_begin(&r);
    for (int again = 0; again < 2; again++) {
        hf_session kept = r.session;
        prepare("p256 rsa2048", "rsa2048", HF_TRUSTED_CA_KEYS_NAMES);
        r.session = kept;
        p->session = &r.session;
        p->server.config.cache = &r.cache;
        p->client.random_state += (uint64_t)again;
        p->server.random_state += (uint64_t)again;
        connect_both();
        expect_established(p);
        cr_assert_eq(hf_conn_resumed(&p->client.conn), again != 0);
        cr_assert_eq(has_answer, again == 0);
    }
}

/* ---------------------------------------------------------------- long lists */

/* A list that does not fit is not cut short, which would say that the rest is not trusted. */
Test(trusted_ca_keys, too_long)
{
    size_t fitting = 0;
    for (int kind = HF_TRUSTED_CA_KEYS_NAMES; kind <= HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES; kind++)
        for (size_t count = 1; count <= 400; count += 19) {
            prepare("p256 rsa2048", "rsa2048", (hf_trusted_ca_keys)kind);
            give_roots("p256", "rsa2048");
            size_t each = kind != HF_TRUSTED_CA_KEYS_NAMES ? 21 : 0;
            for (size_t i = 0; i < count; i++)
                anchors[i].certificate = root_of("rsa2048");
            p->client.config.anchor_count = count;
            connect_both();
            if (endpoint_reason(&p->client) == HF_OK) {
                expect_chosen();
                cr_assert_lt(count * each, sizeof p->client.handshake.compose);
                fitting++;
            } else {
                expect_refusal(p, HF_CLIENT, HF_ERROR_OUTPUT_TOO_LONG, 80);
                cr_assert_gt(count * (each != 0 ? each : 60) + 400,
                             sizeof p->client.handshake.compose);
            }
        }
    cr_assert_gt(fitting, 6);
}
