/* Finite-field Diffie-Hellman: which group a server takes (RFC 7919 4), which a client lets pass,
 * and public values that are none (RFC 5246 7.4.3, 7.4.7.2, 8.1.2; RFC 7919 5.1). */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"
#include "tests/support/pki.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#define DHE_RSA 0x009e /* with AES_128_GCM_SHA256, as are the next two */
#define DH_ANON 0x00a6
#define RSA     0x009c

static pair p;
static relay line;
static uint16_t suites[3];

static void prepare(const char *keys, uint16_t first, uint16_t second)
{
    pair_prepare(&p, keys);
    suites[0] = first;
    suites[1] = second;
    p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
    p.client.config.suites = p.server.config.suites = (hf_code_list){suites, second != 0 ? 2 : 1};
}

/* ---------------------------------------------------------------- the server's choice */

typedef struct groups_edit {
    uint8_t list[12]; /* NamedGroupList, its length included */
    bool removed;
} groups_edit;

static bool edit_groups(relay *r, relayed *part)
{
    const groups_edit *e = r->context;
    if (part->type == HF_CLIENT_HELLO) {
        cr_assert(hello_remove_extension(part, 10));
        if (!e->removed)
            hello_add_extension(part, 10, e->list, 2 + (size_t)e->list[1]);
    }
    return true;
}

static void offer_groups(const char *hex)
{
    groups_edit e = {.removed = hex == NULL};
    if (hex != NULL) {
        hf_span codes = pki_hex(hex);
        e.list[1] = (uint8_t)codes.size;
        memcpy(e.list + 2, codes.data, codes.size);
    }
    relay_connect(&line, &p, edit_groups, &e);
}

/* RFC 7919 4: one of those that the client names, in the server's order. */
Test(dhe, named_groups)
{
    static const struct {
        const char *offered;
        uint16_t chosen;
    } rows[] = {{"0100", 256},     {"0101", 257},         {"0102", 258},     {"01020100", 256},
                {"01030101", 257}, {"001701ff0102", 258}, {"0a0a0101", 257}, {"01000017", 256}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare("rsa2048", DHE_RSA, 0);
        offer_groups(rows[i].offered);
        cr_assert_not_null(hf_conn_group(&p.server.conn), "row %zu", i);
        cr_assert_eq(hf_conn_group(&p.server.conn)->code, rows[i].chosen, "row %zu", i);
    }
}

/* "If none of the client-proposed FFDHE groups are known and acceptable to the server, then the
 * server MUST NOT select an FFDHE cipher suite", whatever codes from 256 to 511 they are. */
Test(dhe, unknown_groups_only)
{
    static const char *const offered[] = {"0103", "0104", "01ff", "00170103", "01fc0017"};
    for (size_t i = 0; i < sizeof offered / sizeof offered[0]; i++) {
        prepare("rsa2048", DHE_RSA, RSA);
        offer_groups(offered[i]);
        cr_assert_eq(hf_conn_suite(&p.server.conn)->code, RSA, "row %zu", i);
        /* "... the server MUST end the connection with a fatal TLS alert of type
         * insufficient_security(71)." */
        prepare("rsa2048", DHE_RSA, 0);
        offer_groups(offered[i]);
        cr_assert_neq(endpoint_reason(&p.server), HF_OK);
        cr_assert_eq(hf_conn_failure(&p.server.conn)->alert, 71, "row %zu: alert %d", i,
                     hf_conn_failure(&p.server.conn)->alert);
        cr_assert_not(hf_conn_failure(&p.server.conn)->alert_received);
    }
}

/* Without codes from that range the client says nothing about finite fields. */
Test(dhe, no_groups_named)
{
    static const char *const offered[] = {NULL, "0017", "0200", "00ff"};
    for (size_t i = 0; i < sizeof offered / sizeof offered[0]; i++) {
        prepare("rsa2048", DHE_RSA, 0);
        offer_groups(offered[i]);
        cr_assert_eq(hf_conn_suite(&p.server.conn)->code, DHE_RSA);
        cr_assert_eq(hf_conn_group(&p.server.conn)->code, 256);
    }
}

/* A server that is to use no such group does without DHE. */
Test(dhe, no_group_enabled)
{
    static const uint16_t curves[] = {23};
    prepare("rsa2048", DHE_RSA, RSA);
    p.server.config.groups = (hf_code_list){curves, 1};
    relay_connect(&line, &p, NULL, NULL);
    expect_established(&p);
    cr_assert_eq(hf_conn_suite(&p.server.conn)->code, RSA);
}

/* RFC 2409 6.2, the second Oakley group: 1024 bits. */
static hf_dh_group oakley_2(void)
{
    return (hf_dh_group){
        .prime = pki_hex("ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd1"
                         "29024e088a67cc74020bbea63b139b22514a08798e3404dd"
                         "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245"
                         "e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
                         "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381"
                         "ffffffffffffffff"),
        .generator = pki_hex("02"),
    };
}

/* A group of the server's own, for clients that name none; a policy may find it too small. */
Test(dhe, custom_group)
{
    static const uint16_t curves[] = {23};
    hf_dh_group group = oakley_2();
    const hf_policy *const policies[] = {&hf_policy_legacy, &hf_policy_compatible};
    for (size_t i = 0; i < 2; i++) {
        prepare("rsa2048", DHE_RSA, 0);
        p.client.config.policy = policies[i];
        p.client.config.groups = (hf_code_list){curves, 1};
        p.server.config.dh_group = &group;
        relay_connect(&line, &p, NULL, NULL);
        if (i == 0) {
            expect_established(&p);
            cr_assert_null(hf_conn_group(&p.client.conn), "it has no code");
            cr_assert_null(hf_conn_group(&p.server.conn));
            expect_data(&p);
        } else {
            expect_refusal(&p, HF_CLIENT, HF_ERROR_GROUP_WEAK, 71);
        }
    }
    /* Clients that name groups do not get it. */
    prepare("rsa2048", DHE_RSA, 0);
    p.server.config.dh_group = &group;
    relay_connect(&line, &p, NULL, NULL);
    expect_established(&p);
    cr_assert_eq(hf_conn_group(&p.client.conn)->code, 256);
}

/* ---------------------------------------------------------------- the client's checks */

/* ServerDHParams: three vectors, each replaced where the edit has one. */
typedef struct parameters_edit {
    const char *prime, *generator, *value; /* hex, or NULL; "p-1" and so on of the prime sent */
} parameters_edit;

/* A number by its name, from the prime. */
static hf_span number_of(const char *name, hf_span prime)
{
    static uint8_t number[520];
    size_t size = prime.size;
    if (name[0] != 'p')
        return pki_hex(name);
    memcpy(number, prime.data, size);
    if (strcmp(name, "p-1") == 0) /* p is odd and ends in ff.. */
        number[size - 1] -= 1;
    else if (strcmp(name, "p/2") == 0)
        number[0] &= 0x7f;
    else if (strcmp(name, "p+1") == 0) {
        size_t i = size;
        while (i-- > 0 && ++number[i] == 0)
            continue;
    } else if (strcmp(name, "p cut") == 0) {
        size -= 130; /* ffdhe2048 with 126 bytes: 1008 bits */
        number[size - 1] |= 1;
    } else if (strcmp(name, "p long") == 0) {
        memset(number, 0xff, 513);
        size = 513;
    }
    return (hf_span){number, size};
}

static size_t replace(relayed *part, size_t at, const char *name, hf_span prime)
{
    size_t size = (size_t)part->bytes[at] << 8 | part->bytes[at + 1];
    if (name != NULL) {
        hf_span number = number_of(name, prime);
        uint8_t length[2] = {(uint8_t)(number.size >> 8), (uint8_t)number.size};
        relayed_splice(part, at, 2 + size, length, 2);
        relayed_splice(part, at + 2, 0, number.data, number.size);
        size = number.size;
    }
    return at + 2 + size;
}

static bool edit_parameters(relay *r, relayed *part)
{
    const parameters_edit *e = r->context;
    static uint8_t prime[512];
    if (part->type != HF_SERVER_KEY_EXCHANGE)
        return true;
    hf_span sent = {prime, (size_t)part->bytes[4] << 8 | part->bytes[5]};
    memcpy(prime, part->bytes + 6, sent.size);
    size_t at = replace(part, 4, e->prime, sent);
    at = replace(part, at, e->generator, sent);
    (void)replace(part, at, e->value, sent);
    return true;
}

/* Nobody signs these, so that only the checks themselves stand in the way. */
Test(dhe, malformed_parameters)
{
    static const struct {
        parameters_edit edit;
        hf_error reason;
        int alert;
    } rows[] = {
        {{.prime = "p-1"}, HF_ERROR_GROUP_WEAK, 71}, /* even */
        {{.prime = "p+1"}, HF_ERROR_GROUP_WEAK, 71},
        {{.prime = "p cut"}, HF_ERROR_GROUP_WEAK, 71},
        {{.prime = "p long"}, HF_ERROR_GROUP_WEAK, 71},
        {{.prime = "01"}, HF_ERROR_GROUP_WEAK, 71},
        {{.prime = "00"}, HF_ERROR_GROUP_WEAK, 71},
        {{.prime = ""}, HF_ERROR_MESSAGE_SYNTAX, 50}, /* dh_p<1..2^16-1> */
        {{.generator = "00"}, HF_ERROR_GROUP_WEAK, 71},
        {{.generator = "01"}, HF_ERROR_GROUP_WEAK, 71},
        {{.generator = "0001"}, HF_ERROR_GROUP_WEAK, 71},
        {{.generator = "p-1"}, HF_ERROR_GROUP_WEAK, 71},
        {{.generator = "p"}, HF_ERROR_GROUP_WEAK, 71},
        {{.generator = "p+1"}, HF_ERROR_GROUP_WEAK, 71},
        {{.generator = ""}, HF_ERROR_MESSAGE_SYNTAX, 50},
        {{.value = "00"}, HF_ERROR_BAD_PUBLIC_VALUE, 47},
        {{.value = "01"}, HF_ERROR_BAD_PUBLIC_VALUE, 47},
        {{.value = "00000001"}, HF_ERROR_BAD_PUBLIC_VALUE, 47},
        {{.value = "p-1"}, HF_ERROR_BAD_PUBLIC_VALUE, 47},
        {{.value = "p"}, HF_ERROR_BAD_PUBLIC_VALUE, 47},
        {{.value = "p+1"}, HF_ERROR_BAD_PUBLIC_VALUE, 47},
        {{.value = "p long"}, HF_ERROR_BAD_PUBLIC_VALUE, 47},
        {{.value = ""}, HF_ERROR_MESSAGE_SYNTAX, 50},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        parameters_edit e = rows[i].edit;
        prepare("rsa2048", DH_ANON, 0);
        relay_connect(&line, &p, edit_parameters, &e);
        cr_assert_eq(endpoint_reason(&p.client), rows[i].reason, "row %zu: %s", i,
                     reason_name(endpoint_reason(&p.client)));
        expect_refusal(&p, HF_CLIENT, rows[i].reason, rows[i].alert);
    }
}

/* ClientDiffieHellmanPublic likewise, also behind a PSK identity. */
static bool edit_client_value(relay *r, relayed *part)
{
    hf_span prime = hf_dh_named_group(256)->prime;
    size_t at = 4;
    if (part->type != HF_CLIENT_KEY_EXCHANGE)
        return true;
    if (hf_conn_suite(&r->p->client.conn)->key_exchange == HF_KX_DHE_PSK)
        at += 2 + ((size_t)part->bytes[4] << 8 | part->bytes[5]);
    (void)replace(part, at, r->context, prime);
    return true;
}

Test(dhe, malformed_client_values)
{
    static const uint16_t kinds[] = {DHE_RSA, DH_ANON, 0x00aa};
    static const hf_psk psk = {{(const uint8_t *)"me", 2}, {(const uint8_t *)"key", 3}};
    char values[][8] = {"00", "01", "0001", "p-1", "p", "p+1", "p long", ""};
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            bool is_empty = values[i][0] == '\0';
            prepare("rsa2048", kinds[k], 0);
            p.client.config.psks = p.server.config.psks = &psk;
            p.client.config.psk_count = p.server.config.psk_count = 1;
            relay_connect(&line, &p, edit_client_value, values[i]);
            expect_refusal(&p, HF_SERVER,
                           is_empty ? HF_ERROR_MESSAGE_SYNTAX : HF_ERROR_BAD_PUBLIC_VALUE,
                           is_empty ? 50 : 47);
        }
}

/* ---------------------------------------------------------------- signed parameters */

/* Changes one byte, counted from the start of a vector or, if negative, from the end. */
static bool flip(relay *r, relayed *part)
{
    int at = *(int *)r->context;
    if (part->type == HF_SERVER_KEY_EXCHANGE)
        part->bytes[at >= 0 ? (size_t)at : part->size - (size_t)-at] ^= 0x10;
    return true;
}

/* Whatever is changed, and whoever signed it with what (RFC 5246 7.4.3, RFC 4346 7.4.3). */
Test(dhe, tampered_parameters)
{
    static const struct {
        const char *keys;
        uint16_t suite;
    } kinds[] = {{"rsa2048", 0x0033}, {"dsa2048", 0x0032}, {"dsa1024", 0x0032}};
    /* ffdhe2048: 4 + 2 + 256 + 2 + 1 + 2 + 256, then scheme and signature */
    int places[] = {6 + 100, 6 + 200, 4 + 2 + 256 + 2, 4 + 258 + 3 + 2 + 17, -1, -20};
    for (size_t k = 0; k < 3; k++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
            for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
                prepare(kinds[k].keys, kinds[k].suite, 0);
                p.client.config.version_min = p.client.config.version_max = version;
                relay_connect(&line, &p, flip, &places[i]);
                expect_refusal(&p, HF_CLIENT, HF_ERROR_SIGNATURE_WRONG, 51);
            }
}

/* The parameters of another handshake: the randoms are signed, too. */
static uint8_t replayed[2000];
static size_t replayed_size;

static bool replay(relay *r, relayed *part)
{
    if (part->type == HF_SERVER_KEY_EXCHANGE && *(bool *)r->context)
        relayed_splice(part, 4, part->size - 4, replayed + 4, replayed_size - 4);
    else if (part->type == HF_SERVER_KEY_EXCHANGE) {
        memcpy(replayed, part->bytes, part->size);
        replayed_size = part->size;
    }
    return true;
}

Test(dhe, replayed_parameters)
{
    static const uint16_t codes[] = {0x0033, 0xc013};
    for (size_t s = 0; s < 2; s++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
            for (int again = 0; again < 2; again++) {
                bool is_replay = again != 0;
                prepare("rsa2048", codes[s], 0);
                p.client.config.version_min = p.client.config.version_max = version;
                p.client.random_state += (uint64_t)again;
                relay_connect(&line, &p, replay, &is_replay);
                if (is_replay)
                    expect_refusal(&p, HF_CLIENT, HF_ERROR_SIGNATURE_WRONG, 51);
                else
                    expect_established(&p);
            }
}
