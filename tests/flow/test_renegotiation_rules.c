/* What ties a renegotiation to its connection (RFC 5746 3.5, 3.7) and what it must not change (RFC
 * 5746 5, RFC 7366 3.1, RFC 7627 5.4). */
#include "tests/flow/renegotiate.h"
#include "tests/flow/stepper.h"

#include "tls/keys/keys.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#define NO_RENEGOTIATION   0x164 /* a warning */
#define RENEGOTIATION_INFO 0xff01

static renegotiation n;
static pair *const p = &n.r.p;

static void prepare(inner_handshake kind)
{
    reneg_prepare(&n, "p256", 0xc02b, HF_TLS1_2, kind);
}

/* ---------------------------------------------------------------- renegotiation_info */

typedef enum info_change {
    INFO_LEFT,
    INFO_MISSING,
    INFO_EMPTY,
    INFO_HALF,        /* one half of the server's, half of the client's */
    INFO_OTHER_HALF,  /* the other one */
    INFO_FIRST_WRONG, /* in its first byte */
    INFO_LAST_WRONG,  /* in its last */
    INFO_TWICE_LONG,
    INFO_ONE_LESS,
    INFO_SWAPPED, /* the server's before the client's, or the server's for the client's */
    INFO_SCSV,
    INFO_SCSV_ONLY,
    INFO_CHANGES
} info_change;

static bool change_info(relay *r, relayed *hello)
{
    info_change what = *(info_change *)r->context;
    uint8_t info[64] = {0};
    size_t size;
    const uint8_t *body = hello_extension(hello, RENEGOTIATION_INFO, &size);
    cr_assert_not_null(body);
    cr_assert_eq(size, hello->type == HF_CLIENT_HELLO ? 13 : 25);
    cr_assert_eq(body[0], size - 1);
    memcpy(info, body, size);
    if (what == INFO_SCSV || what == INFO_SCSV_ONLY)
        hello_add_scsv(hello);
    if (what == INFO_LEFT || what == INFO_SCSV)
        return true;
    cr_assert(hello_remove_extension(hello, RENEGOTIATION_INFO));
    if (what == INFO_MISSING || what == INFO_SCSV_ONLY)
        return true;
    size_t bytes = size - 1;
    if (what == INFO_EMPTY)
        bytes = 0;
    if (what == INFO_HALF || what == INFO_OTHER_HALF)
        bytes /= 2;
    if (what == INFO_OTHER_HALF)
        memmove(info + 1, info + 1 + bytes, bytes);
    if (what == INFO_FIRST_WRONG)
        info[1] ^= 0x80;
    if (what == INFO_LAST_WRONG)
        info[bytes] ^= 1;
    if (what == INFO_TWICE_LONG) {
        memcpy(info + 1 + bytes, info + 1, bytes);
        bytes *= 2;
    }
    if (what == INFO_ONE_LESS)
        bytes--;
    if (what == INFO_SWAPPED) {
        memcpy(info + 1, p->client.conn.verify_data[HF_SERVER], 12);
        memcpy(info + 13, p->client.conn.verify_data[HF_CLIENT], 12);
    }
    info[0] = (uint8_t)bytes;
    hello_add_extension(hello, RENEGOTIATION_INFO, info, 1 + bytes);
    return true;
}

/* RFC 5746 3.5: the client MUST verify that the ServerHello has the extension, with both halves
 * right. RFC 5746 3.7: the server that the ClientHello has it, with client_verify_data, and not the
 * signalling value; "MUST abort the handshake". */
Test(renegotiation, info)
{
    for (int policy = 0; policy < 2; policy++)
        for (int by = HF_CLIENT; by <= HF_SERVER; by++)
            for (int hello = HF_CLIENT; hello <= HF_SERVER; hello++)
                for (int i = INFO_LEFT; i < INFO_CHANGES; i++) {
                    info_change what = (info_change)i;
                    bool is_client = hello == HF_CLIENT;
                    if (what >= INFO_SCSV && !is_client)
                        continue;
                    prepare(INNER_BY_ID);
                    if (policy == 0)
                        p->client.config.policy = p->server.config.policy = &hf_policy_default;
                    reneg_connect(&n);
                    reneg_ask(&n, (hf_role)by);
                    if (by == HF_SERVER)
                        cr_assert(reneg_move(&n, HF_SERVER, 0));
                    if (!is_client)
                        cr_assert(reneg_move(&n, HF_CLIENT, 0));
                    reneg_pass_changed(&n, (hf_role)hello, change_info, &what);
                    if (what == INFO_LEFT) {
                        reneg_expect_settled(&n, 2);
                        continue;
                    }
                    bool is_default = policy == 0 && (what == INFO_MISSING);
                    reneg_expect_refused(&n, reneg_other((hf_role)hello),
                                         is_default ? HF_ERROR_NO_SECURE_RENEGOTIATION
                                                    : HF_ERROR_RENEGOTIATION_INFO_WRONG,
                                         40);
                }
}

/* The verify_data of the last handshake counts, not that of the first. */
Test(renegotiation, info_of_last_handshake)
{
    for (int old = HF_CLIENT; old <= HF_SERVER; old++) {
        uint8_t first[2][12];
        prepare(INNER_FULL);
        reneg_connect(&n);
        memcpy(first, p->client.conn.verify_data, sizeof first);
        cr_assert_eq(memcmp(first, p->server.conn.verify_data, sizeof first), 0);
        reneg_do(&n, HF_CLIENT);
        endpoint *e = reneg_end(&n, (hf_role)old);
        cr_assert_neq(memcmp(first[0], e->conn.verify_data[0], 12), 0);
        cr_assert_neq(memcmp(first[1], e->conn.verify_data[1], 12), 0);
        memcpy(e->conn.verify_data, first, sizeof first);
        reneg_ask(&n, HF_CLIENT);
        reneg_expect_refused(&n, HF_SERVER, HF_ERROR_RENEGOTIATION_INFO_WRONG, 40);
    }
}

/* A session that is resumed in another connection brings no verify_data along: its first handshake
 * has an empty renegotiation_info (RFC 5746 3.1: "for the immediately previous handshake on this
 * connection"). */
Test(renegotiation, info_is_not_of_session)
{
    prepare(INNER_BY_ID);
    reneg_connect(&n);
    reneg_do(&n, HF_CLIENT);
    resume_prepare(&n.r, "p256", 0xc02b, HF_TLS1_2);
    p->client.config.renegotiation = p->server.config.renegotiation = HF_RENEGOTIATION_BY_BOTH;
    p->client.config.resume_in_renegotiation = true;
    resume_again(&n.r, NULL, NULL);
    expect_resumed(&n.r, true);
    cr_assert_eq(hf_conn_renegotiate(&p->client.conn, NULL), HF_OK);
    cr_assert(pair_run(p));
    expect_resumed(&n.r, true);
    expect_data(p);
}

/* ---------------------------------------------------------------- peers without RFC 5746 */

/* Takes renegotiation_info out of the ClientHello, so that the server does not answer it, and lets
 * both sides believe that it never was there, as between two that do not know it. */
typedef struct strip {
    hf_transcript seen;
} strip;

static bool strip_info(relay *r, relayed *part)
{
    strip *s = r->context;
    if (part->content != HF_CONTENT_HANDSHAKE || part->sealed)
        return true;
    if (part->type == HF_CLIENT_HELLO) {
        cr_assert(hello_remove_extension(part, RENEGOTIATION_INFO));
        hf_transcript_begin(&s->seen, &p->server.config);
    }
    if (part->sender == HF_SERVER || part->type == HF_CLIENT_HELLO)
        hf_transcript_update(&s->seen, (hf_span){part->bytes, part->size});
    if (part->type == HF_CLIENT_HELLO)
        p->client.handshake.transcript = s->seen;
    if (part->type == HF_SERVER_HELLO_DONE) {
        p->server.handshake.transcript = s->seen;
        hf_transcript_keep(&p->server.handshake.transcript, HF_HASH_SHA256);
    }
    return true;
}

/* RFC 5746 4.1 to 4.4: with such a peer there is no renegotiation, whoever asks. */
Test(renegotiation, peer_without_rfc5746)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
        strip s;
        endpoint *e = reneg_end(&n, (hf_role)by);
        prepare(INNER_FULL);
        p->client.config.policy = p->server.config.policy = &hf_policy_compatible;
        relay_connect(&n.r.line, p, strip_info, &s);
        expect_established(p);
        cr_assert_not(hf_conn_secure_renegotiation(&p->client.conn));
        cr_assert_not(hf_conn_secure_renegotiation(&p->server.conn));
        cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), HF_ERROR_BAD_STATE);
        cr_assert_not(hf_conn_is_renegotiating(&e->conn));
        expect_data(p);
        /* The peer does it all the same. */
        e->conn.secure_renegotiation = true;
        reneg_ask(&n, (hf_role)by);
        cr_assert(pair_run(p));
        reneg_expect_quiet(&n);
        cr_assert_eq(n.seen[by].alert_heard, NO_RENEGOTIATION);
        cr_assert_eq(n.seen[by].established, 1);
        expect_data(p);
    }
}

/* With a hello that has neither, between two that would allow it: still a failure, 3.5 and 3.7. */
static bool both_without(relay *r, relayed *hello)
{
    (void)r;
    cr_assert(hello_remove_extension(hello, RENEGOTIATION_INFO));
    return true;
}

Test(renegotiation, info_gone_on_both_sides)
{
    prepare(INNER_FULL);
    reneg_connect(&n);
    p->server.conn.secure_renegotiation = true;
    reneg_ask(&n, HF_CLIENT);
    reneg_pass_changed(&n, HF_CLIENT, both_without, NULL);
    reneg_expect_refused(&n, HF_SERVER, HF_ERROR_RENEGOTIATION_INFO_WRONG, 40);
}

/* ---------------------------------------------------------------- version, name */

/* A version that the peer would now choose or offer is not the connection's. */
Test(renegotiation, version)
{
    for (uint16_t first = HF_TLS1_0; first <= HF_TLS1_2; first++)
        for (uint16_t second = HF_TLS1_0; second <= HF_TLS1_2; second++)
            for (int who = HF_CLIENT; who <= HF_SERVER; who++)
                for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
                    reneg_prepare(&n, "p256", 0xc009, first, INNER_FULL);
                    p->client.config.version_min = p->server.config.version_min = HF_TLS1_0;
                    p->client.config.version_max = HF_TLS1_2;
                    p->server.config.version_max = first;
                    reneg_connect(&n);
                    /* The client: offers no more than `second`. The server: takes up to that. */
                    reneg_end(&n, (hf_role)who)->config.version_max = second;
                    bool same = who == HF_CLIENT ? second >= first : second == first;
                    reneg_ask(&n, (hf_role)by);
                    if (same)
                        reneg_expect_settled(&n, 2);
                    else
                        reneg_expect_refused(&n, HF_SERVER, HF_ERROR_RENEGOTIATION_CHANGED, 47);
                }
}

static bool change_version(relay *r, relayed *hello)
{
    memcpy(hello->bytes + 4, r->context, 2);
    return true;
}

/* Nor one that the server puts into its hello, behind a record that says it as well or not. */
Test(renegotiation, version_of_server)
{
    for (uint8_t minor = 1; minor < 3; minor++) {
        uint8_t version[2] = {3, minor};
        reneg_prepare(&n, "p256", 0xc009, HF_TLS1_2, INNER_FULL);
        p->client.config.version_min = p->server.config.version_min = HF_TLS1_0;
        reneg_connect(&n);
        reneg_ask(&n, HF_CLIENT);
        cr_assert(reneg_move(&n, HF_CLIENT, 0));
        reneg_pass_changed(&n, HF_SERVER, change_version, version);
        cr_assert(pair_run(p));
        cr_assert_eq(endpoint_reason(&p->client), HF_ERROR_RECORD_VERSION, "%s",
                     reason_name(endpoint_reason(&p->client)));
        cr_assert_eq(hf_conn_failure(&p->client.conn)->alert, 70);
    }
}

/* RFC 6066 3 fixes the name for the session; here for the connection. */
Test(renegotiation, server_name)
{
    static const struct {
        const char *before, *after; /* NULL: none is sent */
        bool same;
    } rows[] = {{"server.example", "server.example", true},
                {"server.example", "SERVER.Example", true},
                {"server.example", "a.wild.example", false},
                {"server.example", NULL, false},
                {NULL, "server.example", false},
                {NULL, NULL, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int by = HF_CLIENT; by <= HF_SERVER; by++)
            for (int allowed = 0; allowed < 2; allowed++)
                for (int kind = INNER_FULL; kind <= INNER_BY_TICKET; kind++) {
                    prepare((inner_handshake)kind);
                    p->client.config.allow_certificate_change = allowed;
                    p->server.config.allow_certificate_change = allowed;
                    p->client.config.without_server_name = rows[i].before == NULL;
                    reneg_connect(&n);
                    p->client.config.without_server_name = rows[i].after == NULL;
                    if (rows[i].after != NULL)
                        p->client.conn.server_name =
                            (hf_span){(const uint8_t *)rows[i].after, strlen(rows[i].after)};
                    reneg_ask(&n, (hf_role)by);
                    if (rows[i].same)
                        reneg_expect_settled(&n, 2);
                    else
                        reneg_expect_refused(&n, HF_SERVER, HF_ERROR_RENEGOTIATION_CHANGED, 47);
                }
}

/* ---------------------------------------------------------------- certificates */

/* RFC 5746 5: a client that compares no certificates may be handed from one server to another. */
Test(renegotiation, server_certificate)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int allowed = 0; allowed < 2; allowed++) {
            prepare(INNER_FULL);
            p->client.config.allow_certificate_change = allowed;
            reneg_connect(&n);
            reneg_switch_server(&n, "server-p256-direct", NULL);
            reneg_ask(&n, (hf_role)by);
            if (!allowed) {
                reneg_expect_refused(&n, HF_CLIENT, HF_ERROR_RENEGOTIATION_CHANGED, 47);
                continue;
            }
            reneg_expect_settled(&n, 2);
            /* It is the new one that counts from now on. */
            p->client.config.allow_certificate_change = false;
            reneg_do(&n, (hf_role)by);
            reneg_switch_server(&n, "server-p256", "inter-p256");
            reneg_ask(&n, (hf_role)by);
            reneg_expect_refused(&n, HF_CLIENT, HF_ERROR_RENEGOTIATION_CHANGED, 47);
        }
}

/* The same leaf below another chain is the same server. */
Test(renegotiation, server_chain)
{
    prepare(INNER_FULL);
    p->client.config.anchors = pki_roots(&p->client.config.anchor_count);
    reneg_connect(&n);
    p->server.credentials[0].chain[1] = pki_file("inter-p256.der");
    p->server.offered[0].chain_count = 2;
    reneg_do(&n, HF_CLIENT);
}

/* A binding that another name would have led to, and one chosen by the application. */
Test(renegotiation, server_binding)
{
    for (int allowed = 0; allowed < 2; allowed++) {
        pki_credentials other;
        hf_binding bindings[2];
        prepare(INNER_FULL);
        p->client.config.allow_certificate_change = allowed;
        pki_load(&other, "server-p256-direct", NULL);
        bindings[0] = bindings[1] = p->server.binding;
        bindings[1].credentials = &other.credentials;
        p->server.config.bindings = bindings;
        p->server.config.binding_count = 2;
        p->server.config.ask_about_binding = true;
        pair_start(p);
        for (int i = 0; i < 2; i++) {
            const hf_answer answer = {.binding = &bindings[i]};
            cr_assert(pair_run(p));
            cr_assert_not_null(hf_conn_question(&p->server.conn));
            cr_assert_eq(hf_conn_answer(&p->server.conn, &answer), HF_OK);
            cr_assert(pair_run(p));
            if (i == 0)
                reneg_ask(&n, HF_CLIENT);
        }
        if (allowed)
            reneg_expect_settled(&n, 2);
        else
            reneg_expect_refused(&n, HF_CLIENT, HF_ERROR_RENEGOTIATION_CHANGED, 47);
    }
}

/* A server that goes over to a suite without a certificate is nobody any more. */
Test(renegotiation, server_certificate_gone)
{
    static const uint16_t psk = 0x008c, anonymous = 0xc018;
    const uint16_t *suites[] = {&psk, &anonymous};
    for (size_t i = 0; i < 2; i++)
        for (int allowed = 0; allowed < 2; allowed++) {
            prepare(INNER_FULL);
            p->client.config.allow_certificate_change = allowed;
            reneg_connect(&n);
            p->client.config.suites = p->server.config.suites = (hf_code_list){suites[i], 1};
            reneg_ask(&n, HF_CLIENT);
            if (allowed)
                reneg_expect_settled(&n, 2);
            else
                reneg_expect_refused(&n, HF_CLIENT, HF_ERROR_RENEGOTIATION_CHANGED, 47);
        }
}

/* A client may show a certificate only in the renegotiation, where it is hidden from others; but
 * one that has shown one stays who it is. */
Test(renegotiation, client_certificate)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int before = 0; before < 3; before++)
            for (int after = 0; after < 3; after++)
                for (int allowed = 0; allowed < 2; allowed++) {
                    reneg_prepare_auth(&n, HF_CLIENT_AUTH_REQUEST, INNER_FULL);
                    p->server.config.allow_certificate_change = allowed;
                    reneg_show(&n, before);
                    reneg_connect(&n);
                    cr_assert_eq(hf_conn_client_authenticated(&p->server.conn), before != 0);
                    reneg_show(&n, after);
                    reneg_ask(&n, (hf_role)by);
                    if (before != 0 && after != before && !allowed) {
                        reneg_expect_refused(&n, HF_SERVER, HF_ERROR_RENEGOTIATION_CHANGED, 47);
                        continue;
                    }
                    reneg_expect_settled(&n, 2);
                    cr_assert_eq(hf_conn_client_authenticated(&p->server.conn), after != 0);
                }
}

/* The server begins to ask, as for one part of a web site; or it does not ask again. */
Test(renegotiation, client_certificate_asked_for)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++) {
        reneg_prepare_auth(&n, HF_CLIENT_AUTH_OFF, INNER_FULL);
        reneg_show(&n, 1);
        reneg_connect(&n);
        cr_assert_not(hf_conn_client_authenticated(&p->server.conn));
        p->server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
        reneg_ask(&n, (hf_role)by);
        reneg_expect_settled(&n, 2);
        cr_assert(hf_conn_client_authenticated(&p->server.conn));
        /* Without the certificate it would be anybody. */
        p->server.config.client_auth = HF_CLIENT_AUTH_OFF;
        reneg_ask(&n, (hf_role)by);
        reneg_expect_refused(&n, HF_SERVER, HF_ERROR_RENEGOTIATION_CHANGED, 47);
    }
}

/* A certificate of the client that is shown only now must be good like any. */
Test(renegotiation, client_certificate_missing)
{
    reneg_prepare_auth(&n, HF_CLIENT_AUTH_OFF, INNER_FULL);
    reneg_connect(&n);
    p->server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
    reneg_ask(&n, HF_SERVER);
    reneg_expect_refused(&n, HF_SERVER, HF_ERROR_CERTIFICATE_MISSING, 40);
}

/* ---------------------------------------------------------------- how secrets are made and kept */

/* RFC 7627 5.4: a handshake with the extended master secret and one without it are not joined. */
Test(renegotiation, extended_master_secret)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (unsigned bits = 0; bits < 16; bits++) {
            bool client_before = bits & 1, server_before = bits & 2;
            bool client_after = bits & 4, server_after = bits & 8;
            bool before = client_before && server_before, after = client_after && server_after;
            prepare(INNER_FULL);
            p->client.config.without_extended_master_secret = !client_before;
            p->server.config.without_extended_master_secret = !server_before;
            reneg_connect(&n);
            cr_assert_eq(hf_conn_extended_master_secret(&p->client.conn), before);
            p->client.config.without_extended_master_secret = !client_after;
            p->server.config.without_extended_master_secret = !server_after;
            reneg_ask(&n, (hf_role)by);
            if (before == after)
                reneg_expect_settled(&n, 2);
            else /* the server is the first to know */
                reneg_expect_refused(&n, HF_SERVER, HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED, 40);
        }
}

static bool toggle_extended(relay *r, relayed *hello)
{
    (void)r;
    if (!hello_remove_extension(hello, 23))
        hello_add_extension(hello, 23, NULL, 0);
    return true;
}

/* The client looks, too. */
Test(renegotiation, extended_master_secret_of_server)
{
    for (int with = 0; with < 2; with++) {
        prepare(INNER_FULL);
        p->server.config.without_extended_master_secret = !with;
        reneg_connect(&n);
        reneg_ask(&n, HF_CLIENT);
        cr_assert(reneg_move(&n, HF_CLIENT, 0));
        reneg_pass_changed(&n, HF_SERVER, toggle_extended, NULL);
        reneg_expect_refused(&n, HF_CLIENT, HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED, 40);
    }
}

/* RFC 7627 5.4: where a session without the extended master secret is resumed, the verify_data may
 * be that of another connection, "the client MUST disable renegotiation". */
Test(renegotiation, resumed_without_extended_master_secret)
{
    for (int by = HF_CLIENT; by <= HF_SERVER; by++)
        for (int inside = 0; inside < 2; inside++) {
            prepare(INNER_BY_ID);
            p->client.config.without_extended_master_secret = true;
            reneg_connect(&n);
            if (inside) {
                reneg_do(&n, HF_CLIENT);
            } else {
                memset(n.seen, 0, sizeof n.seen);
                reneg_expect_quiet(&n);
                pair_start(p);
                cr_assert(pair_run(p));
            }
            expect_resumed(&n.r, true);
            endpoint *e = reneg_end(&n, (hf_role)by);
            cr_assert_eq(hf_conn_renegotiate(&e->conn, NULL), HF_ERROR_BAD_STATE);
            expect_data(p);
            /* The peer asks all the same. */
            e->conn.resumed = false;
            reneg_ask(&n, (hf_role)by);
            cr_assert(pair_run(p));
            reneg_expect_quiet(&n);
            cr_assert_eq(n.seen[by].alert_heard, NO_RENEGOTIATION);
            expect_data(p);
        }
}

/* RFC 7366 3.1: "implementations MUST NOT downgrade from encrypt-then-MAC to MAC-then-encrypt"; the
 * other way is an upgrade. A cipher without a MAC of its own is neither. */
Test(renegotiation, encrypt_then_mac)
{
    static const uint16_t gcm = 0xc02b;
    for (int kind = INNER_FULL; kind <= INNER_BY_TICKET; kind++)
        for (unsigned bits = 0; bits < 16; bits++) {
            bool before = (bits & 3) == 0, after = (bits & 12) == 0;
            reneg_prepare(&n, "p256", 0xc023, HF_TLS1_2, (inner_handshake)kind);
            p->client.config.without_encrypt_then_mac = bits & 1;
            p->server.config.without_encrypt_then_mac = bits & 2;
            reneg_connect(&n);
            cr_assert_eq(hf_conn_encrypt_then_mac(&p->client.conn), before);
            p->client.config.without_encrypt_then_mac = bits & 4;
            p->server.config.without_encrypt_then_mac = bits & 8;
            reneg_ask(&n, HF_CLIENT);
            if (before && !after) {
                reneg_expect_refused(&n, HF_SERVER, HF_ERROR_RENEGOTIATION_CHANGED, 47);
                continue;
            }
            reneg_expect_settled(&n, 2);
            cr_assert_eq(hf_conn_encrypt_then_mac(&p->server.conn), after);
            if (kind != INNER_FULL)
                continue;
            p->client.config.suites = p->server.config.suites = (hf_code_list){&gcm, 1};
            reneg_do(&n, HF_SERVER);
        }
}

/* Nothing keeps the length of the MAC (RFC 6066 7) but the session, which is not resumed then. */
Test(renegotiation, truncated_hmac)
{
    for (int kind = INNER_FULL; kind <= INNER_BY_TICKET; kind++)
        for (unsigned bits = 0; bits < 16; bits++) {
            bool before = (bits & 3) == 3, after = (bits & 12) == 12;
            reneg_prepare(&n, "p256", 0xc023, HF_TLS1_2, (inner_handshake)kind);
            p->client.config.truncated_hmac = bits & 1;
            p->server.config.truncated_hmac = bits & 2;
            reneg_connect(&n);
            p->client.config.truncated_hmac = bits & 4;
            p->server.config.truncated_hmac = bits & 8;
            reneg_do(&n, HF_SERVER);
            cr_assert_eq(hf_conn_truncated_hmac(&p->client.conn), after);
            cr_assert_eq(hf_conn_truncated_hmac(&p->server.conn), after);
            cr_assert_eq(hf_conn_resumed(&p->server.conn), kind != INNER_FULL && before == after);
            expect_data(p);
        }
}

static bool drop_encrypt_then_mac(relay *r, relayed *hello)
{
    (void)r;
    cr_assert(hello_remove_extension(hello, 22));
    return true;
}

Test(renegotiation, encrypt_then_mac_of_server)
{
    reneg_prepare(&n, "p256", 0xc023, HF_TLS1_2, INNER_FULL);
    reneg_connect(&n);
    reneg_ask(&n, HF_CLIENT);
    cr_assert(reneg_move(&n, HF_CLIENT, 0));
    reneg_pass_changed(&n, HF_SERVER, drop_encrypt_then_mac, NULL);
    reneg_expect_refused(&n, HF_CLIENT, HF_ERROR_RENEGOTIATION_CHANGED, 47);
}

/* A client that is known by its pre-shared key does not become another one. */
Test(renegotiation, psk_identity)
{
    static const hf_psk both[] = {
        {{(const uint8_t *)"one", 3}, {(const uint8_t *)"secret one", 10}},
        {{(const uint8_t *)"two", 3}, {(const uint8_t *)"secret two", 10}},
    };
    for (int other = 0; other < 2; other++)
        for (int allowed = 0; allowed < 2; allowed++) {
            reneg_prepare(&n, "p256", 0x00a8, HF_TLS1_2, INNER_FULL);
            p->server.config.allow_certificate_change = allowed;
            p->client.config.psks = p->server.config.psks = both;
            p->client.config.psk_count = 1;
            p->server.config.psk_count = 2;
            reneg_connect(&n);
            p->client.config.psks = both + other;
            reneg_ask(&n, HF_CLIENT);
            if (other && !allowed)
                reneg_expect_refused(&n, HF_SERVER, HF_ERROR_RENEGOTIATION_CHANGED, 47);
            else
                reneg_expect_settled(&n, 2);
        }
}
