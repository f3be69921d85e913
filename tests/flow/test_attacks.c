/* Attacks that have names, as far as they need tests of their own. docs/security.md lists them all,
 * with the tests elsewhere that stand in the way of each. */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;
static relay line;
static stepper s;
static uint16_t only_suite;

static const hf_policy *const policies[] = {&hf_policy_default, &hf_policy_compatible,
                                            &hf_policy_legacy};

static void prepare(const char *keys, uint16_t suite)
{
    pair_prepare(&p, keys);
    only_suite = suite;
    p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
    p.client.config.suites = p.server.config.suites = (hf_code_list){&only_suite, 1};
}

/* ---------------------------------------------------------------- FREAK, Logjam */

/* RFC 4346 A.5, RFC 2712 and the drafts of the time: all that ever was called EXPORT. */
static const uint16_t export_suites[] = {0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014,
                                         0x0017, 0x0019, 0x0026, 0x0027, 0x0028, 0x0029, 0x002a,
                                         0x002b, 0x0060, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065};
#define EXPORT_SUITES (sizeof export_suites / sizeof export_suites[0])

/* Where cipher_suites begin in a ClientHello or cipher_suite is in a ServerHello. */
static size_t suites_at(const relayed *hello)
{
    return 4 + 2 + 32 + 1 + (size_t)hello->bytes[4 + 2 + 32];
}

/* Somebody on the line lets the client offer nothing but EXPORT. */
static bool offer_export(relay *r, relayed *part)
{
    uint8_t list[2 * EXPORT_SUITES];
    (void)r;
    if (part->type != HF_CLIENT_HELLO)
        return true;
    for (size_t i = 0; i < EXPORT_SUITES; i++) {
        list[2 * i] = (uint8_t)(export_suites[i] >> 8);
        list[2 * i + 1] = (uint8_t)export_suites[i];
    }
    size_t at = suites_at(part), old = (size_t)part->bytes[at] << 8 | part->bytes[at + 1];
    part->bytes[at] = 0;
    part->bytes[at + 1] = sizeof list;
    relayed_splice(part, at + 2, old, list, sizeof list);
    return true;
}

static bool choose_export(relay *r, relayed *part)
{
    uint16_t code = *(uint16_t *)r->context;
    if (part->type == HF_SERVER_HELLO) {
        part->bytes[suites_at(part)] = (uint8_t)(code >> 8);
        part->bytes[suites_at(part) + 1] = (uint8_t)code;
    }
    return true;
}

Test(attacks, freak_export_suites)
{
    for (size_t i = 0; i < 3; i++) {
        pair_prepare(&p, "rsa2048 p256");
        p.client.config.policy = &hf_policy_legacy;
        p.server.config.policy = policies[i];
        relay_connect(&line, &p, offer_export, NULL);
        expect_refusal(&p, HF_SERVER, HF_ERROR_NO_COMMON_SUITE, 40);
        for (size_t k = 0; k < EXPORT_SUITES; k++) {
            uint16_t code = export_suites[k];
            pair_prepare(&p, "rsa2048");
            p.client.config.policy = p.server.config.policy = policies[i];
            relay_connect(&line, &p, choose_export, &code);
            expect_refusal(&p, HF_CLIENT, HF_ERROR_SUITE_NOT_OFFERED, 47);
        }
    }
}

/* The temporary RSA key of 512 bits that such suites had (RFC 2246 7.4.3), where the client has
 * agreed upon a suite that has none. */
static bool insert_temporary_key(relay *r, relayed *part)
{
    static uint8_t message[4 + 2 + 64 + 2 + 3 + 2 + 256] = {HF_SERVER_KEY_EXCHANGE};
    static const uint8_t exponent[] = {0, 3, 1, 0, 1}, signature_size[] = {1, 0};
    if (part->type == HF_SERVER_HELLO_DONE) {
        message[2] = (sizeof message - 4) >> 8;
        message[3] = (uint8_t)(sizeof message - 4);
        message[5] = 64;
        memset(message + 6, 0xc5, 64);
        memcpy(message + 4 + 2 + 64, exponent, sizeof exponent);
        memcpy(message + 4 + 2 + 64 + 5, signature_size, sizeof signature_size);
        relay_insert(r, part->content, message, sizeof message);
    }
    return true;
}

Test(attacks, freak_temporary_rsa_key)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        prepare("rsa2048", 0x002f);
        p.client.config.version_max = version;
        p.client.config.version_min = version;
        relay_connect(&line, &p, insert_temporary_key, NULL);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
    }
}

/* The server's prime in ServerDHParams replaced by an odd number of so many bits. */
static bool shorten_prime(relay *r, relayed *part)
{
    uint8_t prime[2 + 256];
    size_t bits = *(size_t *)r->context, size = (bits + 7) / 8;
    if (part->type != HF_SERVER_KEY_EXCHANGE)
        return true;
    memset(prime, 0xff, sizeof prime);
    prime[0] = (uint8_t)(size >> 8);
    prime[1] = (uint8_t)size;
    prime[2] = (uint8_t)(0xff >> (8 * size - bits));
    size_t old = (size_t)part->bytes[4] << 8 | part->bytes[5];
    relayed_splice(part, 4, 2 + old, prime, 2 + size);
    return true;
}

/* What a policy finds too short is refused before anything is computed with it, signed or not. */
Test(attacks, logjam_short_primes)
{
    static const size_t bits[] = {512, 768, 1023, 1024, 1536, 2047};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 6; k++) {
            size_t size = bits[k];
            bool is_short = size < policies[i]->dh_bits_min;
            prepare("rsa2048", 0x009e);
            p.client.config.policy = policies[i];
            relay_connect(&line, &p, shorten_prime, &size);
            if (is_short)
                expect_refusal(&p, HF_CLIENT, HF_ERROR_GROUP_WEAK, 71);
            else /* the generator and value are those of another group, and the signature is */
                cr_assert_neq(endpoint_reason(&p.client), HF_OK);
            cr_assert(i == 2 ? is_short == (size < 1024) : is_short);
        }
}

/* ---------------------------------------------------------------- Heartbleed */

static bool offer_heartbeat(relay *r, relayed *part)
{
    size_t size;
    bool is_answered = part->type == HF_SERVER_HELLO && hello_extension(part, 15, &size) != NULL;
    (void)r;
    if (part->type == HF_CLIENT_HELLO)
        hello_add_extension(part, 15, "\1", 1);
    cr_assert_not(is_answered, "RFC 6520 2: answered means that heartbeats may come");
    return true;
}

static bool answer_heartbeat(relay *r, relayed *part)
{
    (void)r;
    if (part->type == HF_SERVER_HELLO)
        hello_add_extension(part, 15, "\1", 1);
    return true;
}

/* CVE-2014-0160: nobody has heartbeats here, so that their type is as good as any unknown one. */
Test(attacks, heartbleed)
{
    /* A request with 3 bytes that asks for 16384 back (RFC 6520 4). */
    static const uint8_t request[] = {1, 0x40, 0, 'a', 'b', 'c'};
    prepare("p256", 0xc02b);
    relay_connect(&line, &p, offer_heartbeat, NULL);
    cr_assert_eq(line.seen[HF_SERVER][0], HF_SERVER_HELLO, "it is ignored, not refused");
    prepare("p256", 0xc02b);
    relay_connect(&line, &p, answer_heartbeat, NULL);
    expect_refusal(&p, HF_CLIENT, HF_ERROR_EXTENSION_NOT_OFFERED, 110);
    for (int role = HF_CLIENT; role <= HF_SERVER; role++)
        for (size_t n = 1; n <= stepper_pieces(EXCHANGE_ECDSA, (hf_role)role); n++) {
            stepper_reach(&s, EXCHANGE_ECDSA, (hf_role)role, n);
            size_t before = hf_conn_outgoing(&s.victim->conn).size;
            stepper_inject(&s, 24, request, sizeof request);
            size_t answer = hf_conn_outgoing(&s.victim->conn).size - before;
            cr_assert_leq(answer, HF_ALERT_RESERVE, "%zu bytes", answer);
            stepper_expect_failure(&s, HF_ERROR_RECORD_TYPE, 10);
        }
}

/* ---------------------------------------------------------------- CRIME */

/* Compression methods, DEFLATE being 1 (RFC 3749 2) and LZS 64 (RFC 3943 2). */
typedef struct methods {
    const char *list;
    uint8_t count;
    uint8_t chosen; /* to be written into the ServerHello */
} methods;

static bool edit_methods(relay *r, relayed *part)
{
    const methods *m = r->context;
    size_t at = suites_at(part);
    if (part->type == HF_SERVER_HELLO) {
        cr_assert_eq(part->bytes[at + 2], 0, "the server's choice");
        part->bytes[at + 2] = m->chosen;
    }
    if (part->type != HF_CLIENT_HELLO)
        return true;
    at += 2 + ((size_t)part->bytes[at] << 8 | part->bytes[at + 1]);
    cr_assert_eq(memcmp(part->bytes + at, "\1\0", 2), 0, "all that our clients offer");
    if (m->list != NULL) {
        part->bytes[at] = m->count;
        relayed_splice(part, at + 1, 1, m->list, m->count);
    }
    return true;
}

/* RFC 5246 7.4.1.2: the null method must be among those offered; it is the only one taken. */
Test(attacks, crime_compression)
{
    static const methods with_null[] = {{"\0", 1, 0}, {"\1\0", 2, 0}, {"\0\1\x40", 3, 0}};
    static const methods without[] = {{"\1", 1, 0}, {"\x40", 1, 0}, {"\1\x40", 2, 0}};
    static const methods none = {"", 0, 0};
    for (size_t i = 0; i < 3; i++) {
        methods m = with_null[i];
        prepare("p256", 0xc02b);
        relay_connect(&line, &p, edit_methods, &m);
        cr_assert_eq(line.seen[HF_SERVER][0], HF_SERVER_HELLO);
        m = without[i];
        prepare("p256", 0xc02b);
        relay_connect(&line, &p, edit_methods, &m);
        expect_refusal(&p, HF_SERVER, HF_ERROR_NO_NULL_COMPRESSION, 47);
    }
    methods m = none;
    prepare("p256", 0xc02b);
    relay_connect(&line, &p, edit_methods, &m);
    expect_refusal(&p, HF_SERVER, HF_ERROR_MESSAGE_SYNTAX, 50);
    static const uint8_t chosen[] = {1, 64, 255};
    for (size_t i = 0; i < sizeof chosen; i++) {
        m = (methods){NULL, 0, chosen[i]};
        prepare("p256", 0xc02b);
        relay_connect(&line, &p, edit_methods, &m);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_COMPRESSION_CHOSEN, 47);
    }
}

/* ---------------------------------------------------------------- invalid curve */

#define ECDH_ANON 0xc018 /* nobody signs these, so that only the checks stand in the way */

/* What becomes of a point: 04, X, Y (RFC 8422 5.4.1). */
typedef enum bad_point {
    POINT_OFF_CURVE,
    POINT_ZEROS,
    POINT_NOT_REDUCED,
    POINT_INFINITY,
    POINT_COMPRESSED,
    POINT_HYBRID,
    POINT_SHORT,
    POINT_LONG,
    POINT_EMPTY,
    BAD_POINTS
} bad_point;

static size_t spoil(bad_point how, uint8_t *point, size_t size)
{
    switch (how) {
    case POINT_OFF_CURVE:
        point[size - 1] ^= 1;
        return size;
    case POINT_ZEROS:
        memset(point + 1, 0, size - 1);
        return size;
    case POINT_NOT_REDUCED:
        memset(point + 1, 0xff, size - 1);
        return size;
    case POINT_INFINITY:
        point[0] = 0;
        return 1;
    case POINT_COMPRESSED:
        point[0] = (uint8_t)(2 | (point[size - 1] & 1));
        return 1 + (size - 1) / 2;
    case POINT_HYBRID:
        point[0] = (uint8_t)(6 | (point[size - 1] & 1));
        return size;
    case POINT_SHORT:
        return size - 1;
    case POINT_LONG:
        point[size] = 0;
        return size + 1;
    default:
        return 0;
    }
}

typedef struct point_edit {
    uint8_t message;
    bad_point how;
} point_edit;

static bool edit_point(relay *r, relayed *part)
{
    const point_edit *edit = r->context;
    uint8_t point[256];
    size_t at = edit->message == HF_SERVER_KEY_EXCHANGE ? 4 + 3 : 4;
    if (part->type != edit->message)
        return true;
    size_t old = part->bytes[at];
    memcpy(point, part->bytes + at + 1, old);
    size_t size = spoil(edit->how, point, old);
    part->bytes[at] = (uint8_t)size;
    relayed_splice(part, at + 1, old, point, size);
    return true;
}

/* RFC 8422 5.10, 5.11: both sides check what they get, and illegal_parameter tells of it. */
Test(attacks, invalid_curve)
{
    static const uint16_t groups[] = {23, 24, 25};
    for (size_t g = 0; g < 3; g++)
        for (int by = HF_CLIENT; by <= HF_SERVER; by++)
            for (int how = 0; how < BAD_POINTS; how++) {
                point_edit edit = {by == HF_CLIENT ? HF_SERVER_KEY_EXCHANGE
                                                   : HF_CLIENT_KEY_EXCHANGE,
                                   (bad_point)how};
                prepare("p256", ECDH_ANON);
                p.client.config.groups = (hf_code_list){groups + g, 1};
                relay_connect(&line, &p, edit_point, &edit);
                bool is_empty = how == POINT_EMPTY;
                expect_refusal(&p, (hf_role)by,
                               is_empty ? HF_ERROR_MESSAGE_SYNTAX : HF_ERROR_BAD_PUBLIC_VALUE,
                               is_empty ? 50 : 47);
            }
}

/* ---------------------------------------------------------------- Raccoon */

static uint8_t key_exchanges[8][2][600];

static bool note_exchange(relay *r, relayed *part)
{
    uint8_t *to = key_exchanges[*(size_t *)r->context][part->sender];
    if (part->type == HF_SERVER_KEY_EXCHANGE || part->type == HF_CLIENT_KEY_EXCHANGE)
        memcpy(to, part->bytes, part->size < 530 ? part->size : 530); /* no signature of DHE */
    return true;
}

/* Each handshake has keys of its own on both sides: what an attack learns of one secret, from the
 * zeros that RFC 5246 8.1.2 strips or from a wrong point, is of no use for another. */
Test(attacks, raccoon_fresh_keys)
{
    static const uint16_t suites[] = {0x00a6, ECDH_ANON, 0x009e, 0xc02f};
    for (size_t k = 0; k < 4; k++) {
        uint64_t states[2] = {0};
        memset(key_exchanges, 0, sizeof key_exchanges);
        for (size_t n = 0; n < 8; n++) {
            prepare("rsa2048", suites[k]);
            if (n != 0) { /* the generators go on where they were */
                p.client.random_state = states[HF_CLIENT];
                p.server.random_state = states[HF_SERVER];
            }
            relay_connect(&line, &p, note_exchange, &n);
            expect_established(&p);
            states[HF_CLIENT] = p.client.random_state;
            states[HF_SERVER] = p.server.random_state;
            for (size_t before = 0; before < n; before++)
                for (int role = HF_CLIENT; role <= HF_SERVER; role++)
                    cr_assert_neq(memcmp(key_exchanges[n][role], key_exchanges[before][role], 530),
                                  0, "suite %zu: handshakes %zu and %zu", k, before, n);
        }
    }
}

/* ---------------------------------------------------------------- SLOTH */

/* Each hash of a list of schemes, HashAlgorithm md5 being 1 (RFC 5246 7.4.1.4.1). */
static void expect_no_md5(const uint8_t *list, size_t size)
{
    cr_assert_gt(size, 0);
    for (size_t i = 0; i < size; i += 2)
        cr_assert_neq(list[i], 1);
}

static bool look_for_md5(relay *r, relayed *part)
{
    size_t size;
    (void)r;
    if (part->type == HF_CLIENT_HELLO) {
        const uint8_t *list = hello_extension(part, 13, &size);
        expect_no_md5(list + 2, size - 2);
    }
    if (part->type == HF_CERTIFICATE_REQUEST) {
        const uint8_t *list = part->bytes + 4 + 1 + part->bytes[4];
        expect_no_md5(list + 2, (size_t)list[0] << 8 | list[1]);
    }
    return true;
}

static bool offer_md5(relay *r, relayed *part)
{
    (void)r;
    if (part->type == HF_CLIENT_HELLO) {
        cr_assert(hello_remove_extension(part, 13));
        hello_add_extension(part, 13, "\0\6\1\1\1\2\1\3", 8);
    }
    return true;
}

/* CVE-2015-7575: MD5 is neither asked for nor used by anybody who has a choice (TLS 1.2). What is
 * signed with it although nobody asked is in schemes.not_offered and client_auth.tampering. */
Test(attacks, sloth_md5)
{
    static const char *const keys[] = {"rsa2048", "p256", "dsa2048"};
    static const uint16_t suites[] = {0xc02f, 0xc02b, 0x00a2};
    for (size_t k = 0; k < 3; k++) {
        size_t count;
        const hf_trust_anchor *roots = pki_roots(&count);
        prepare(keys[k], suites[k]);
        p.server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
        p.server.config.anchors = roots;
        p.server.config.anchor_count = count;
        relay_connect(&line, &p, look_for_md5, NULL);
        expect_established(&p);
        prepare(keys[k], suites[k]);
        relay_connect(&line, &p, offer_md5, NULL);
        expect_refusal(&p, HF_SERVER, HF_ERROR_NO_COMMON_SCHEME, 40);
    }
}

/* ---------------------------------------------------------------- Sweet32, RC4 */

static bool is_weak(const hf_suite *suite)
{
    return suite->cipher == HF_CIPHER_3DES_EDE_CBC || suite->cipher == HF_CIPHER_RC4_128 ||
           suite->cipher == HF_CIPHER_NULL || suite->authentication == HF_KEY_NONE;
}

/* CVE-2016-2183 and RFC 7465: blocks of 64 bits and RC4 are for the legacy policy alone, no
 * encryption and no authentication for nobody who does not name them; the default has nothing but
 * ephemeral keys and AEADs. */
Test(attacks, sweet32_and_rc4_only_in_legacy)
{
    size_t weak[3] = {0};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < policies[i]->suites.count; k++) {
            const hf_suite *suite = hf_suite_of(policies[i]->suites.codes[k]);
            cr_assert_not_null(suite);
            weak[i] += is_weak(suite);
            cr_assert(suite->cipher != HF_CIPHER_NULL && suite->authentication != HF_KEY_NONE);
            if (i == 0)
                cr_assert(suite->mac == HF_HASH_NONE && suite->key_exchange == HF_KX_ECDHE);
        }
    cr_assert_eq(weak[0] + weak[1], 0);
    cr_assert_gt(weak[2], 0);
}

/* Blocks in the record that carries "data": an IV since TLS 1.1, then 4 bytes, a MAC of 20 and
 * padding; of its own for the first byte in TLS 1.0. */
static uint32_t blocks_of_data(uint16_t version)
{
    return version == HF_TLS1_0 ? 3 + 3 : 1 + 4;
}

static void connect_with_3des(uint16_t version)
{
    prepare("rsa2048", 0x000a);
    p.client.config.version_min = p.client.config.version_max = version;
    p.client.config.without_encrypt_then_mac = true;
    relay_connect(&line, &p, NULL, NULL);
    expect_established(&p);
}

/* A key of 3DES has a lifetime, which ends at the same record for whoever sends and whoever
 * receives. */
Test(attacks, sweet32_key_lifetime)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (int role = HF_CLIENT; role <= HF_SERVER; role++)
            for (uint32_t over = 0; over < 2; over++) {
                connect_with_3des(version);
                hf_protection *keys = role == HF_CLIENT ? &p.client.conn.out.protection
                                                        : &p.server.conn.in.protection;
                keys->used = HF_3DES_BLOCKS_MAX - blocks_of_data(version) + over;
                cr_assert(endpoint_write(&p.client, "data", 4));
                cr_assert(pair_run(&p));
                expect_read(&p.server, !over ? "data" : version == HF_TLS1_0 ? "d" : "");
                cr_assert(pair_run(&p));
                if (over)
                    expect_refusal(&p, (hf_role)role, HF_ERROR_KEY_EXHAUSTED, 80);
            }
    /* Other ciphers have blocks of 128 bits. */
    prepare("rsa2048", 0x002f);
    relay_connect(&line, &p, NULL, NULL);
    p.client.conn.out.protection.used = p.server.conn.in.protection.used = HF_3DES_BLOCKS_MAX;
    expect_data(&p);
}

/* ---------------------------------------------------------------- nonces */

/* RFC 5288 3: a GCM nonce that comes twice gives the authentication key away. Here the explicit
 * part counts the records. */
Test(attacks, gcm_nonce_never_repeats)
{
    static const uint16_t suites[] = {0xc02f, 0xc030, 0x009c};
    for (size_t k = 0; k < 3; k++) {
        prepare("rsa2048", suites[k]);
        relay_connect(&line, &p, NULL, NULL);
        expect_established(&p);
        for (uint8_t n = 1; n < 40; n++) { /* 0 was Finished */
            uint8_t wire[64], counter[8] = {0};
            counter[7] = n;
            cr_assert(endpoint_write(&p.server, "data", 4));
            cr_assert_eq(endpoint_take(&p.server, wire, sizeof wire), 5 + 8 + 4 + 16);
            cr_assert_eq(memcmp(wire + 5, counter, 8), 0, "record %d", n);
        }
    }
}

/* ---------------------------------------------------------------- large hellos */

#define UNKNOWN_SUITES  1000
#define UNKNOWN_SCHEMES 500

/* Puts codes that nobody knows in front of those that are known, both of suites and of schemes. */
static bool fill_hello(relay *r, relayed *part)
{
    static uint8_t suites[2 * UNKNOWN_SUITES], schemes[2 + 2 * UNKNOWN_SCHEMES + 2];
    (void)r;
    if (part->type != HF_CLIENT_HELLO)
        return true;
    memset(suites, 0xee, sizeof suites);
    size_t at = suites_at(part), old = (size_t)part->bytes[at] << 8 | part->bytes[at + 1];
    part->bytes[at] = (uint8_t)((old + sizeof suites) >> 8);
    part->bytes[at + 1] = (uint8_t)(old + sizeof suites);
    relayed_splice(part, at + 2, 0, suites, sizeof suites);
    memset(schemes, 0xee, sizeof schemes);
    schemes[0] = (sizeof schemes - 2) >> 8;
    schemes[1] = (uint8_t)(sizeof schemes - 2);
    schemes[sizeof schemes - 2] = 4; /* ecdsa_secp256r1_sha256 */
    schemes[sizeof schemes - 1] = 3;
    cr_assert(hello_remove_extension(part, 13));
    hello_add_extension(part, 13, schemes, sizeof schemes);
    return true;
}

/* What a hello costs grows with its length and not faster (DHEat, CVE-2002-20001, is about those
 * that cost more than they should). Here it is read to its end and answered. */
Test(attacks, large_hello)
{
    prepare("p256", 0xc02b);
    relay_connect(&line, &p, fill_hello, NULL);
    cr_assert_eq(line.seen[HF_SERVER][0], HF_SERVER_HELLO);
    cr_assert_eq(hf_conn_suite(&p.server.conn)->code, 0xc02b);
    cr_assert_eq(hf_conn_scheme(&p.server.conn)->code, 0x0403);
}
