/* Attacks on renegotiation, each with the line of defence that it would get through: sessions of
 * others inside a connection, the splicing of CVE-2009-3555, the triple handshake of RFC 7627 1. */
#include "tests/flow/renegotiate.h"
#include "tests/flow/stepper.h"

#include "tls/record/record.h"
#include "tls/session/sessions.h"
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

/* ---------------------------------------------------------------- sessions of others */

/* A session of another client, offered inside an authenticated connection, is another identity by
 * the short way; no certificate message gives it away. Line of defence: the certificate of the
 * session is compared when it is resumed (hf_renegotiation_check_peer in choose.c). */
Test(renegotiation, session_of_other_client)
{
    for (int kind = INNER_BY_ID; kind <= INNER_BY_TICKET; kind++)
        for (int allowed = 0; allowed < 2; allowed++)
            for (int other = 0; other < 3; other++) {
                static hf_session session;
                reneg_prepare_auth(&n, HF_CLIENT_AUTH_REQUEST, (inner_handshake)kind);
                p->server.config.allow_certificate_change = allowed;
                reneg_show(&n, other);
                reneg_connect(&n);
                session = n.r.session;
                hf_session_wipe(&n.r.session);
                memset(n.seen, 0, sizeof n.seen);
                reneg_show(&n, 1);
                reneg_connect(&n);
                n.r.session = session;
                reneg_ask(&n, HF_CLIENT);
                if (other == 1 || allowed) {
                    reneg_expect_settled(&n, 2);
                    cr_assert(hf_conn_resumed(&p->server.conn));
                    cr_assert_eq(hf_conn_client_authenticated(&p->server.conn), other != 0);
                } else {
                    reneg_expect_refused(&n, HF_SERVER, HF_ERROR_RENEGOTIATION_CHANGED, 47);
                    /* At once, before the server has sent anything. */
                    cr_assert_eq(n.seen[HF_SERVER].key_changes, 2);
                }
            }
}

/* Without a certificate before, the session may bring one. */
Test(renegotiation, session_brings_certificate)
{
    static hf_session session;
    reneg_prepare_auth(&n, HF_CLIENT_AUTH_REQUEST, INNER_BY_TICKET);
    reneg_show(&n, 1);
    reneg_connect(&n);
    session = n.r.session;
    hf_session_wipe(&n.r.session);
    memset(n.seen, 0, sizeof n.seen);
    reneg_show(&n, 0);
    reneg_connect(&n);
    cr_assert_not(hf_conn_client_authenticated(&p->server.conn));
    n.r.session = session;
    reneg_ask(&n, HF_CLIENT);
    reneg_expect_settled(&n, 2);
    cr_assert(hf_conn_client_authenticated(&p->server.conn));
}

/* The client's side of it: the session was made with a server that had another certificate. Line of
 * defence: hf_renegotiation_check_peer in server_hello.c. */
Test(renegotiation, session_of_other_server)
{
    for (int kind = INNER_BY_ID; kind <= INNER_BY_TICKET; kind++)
        for (int allowed = 0; allowed < 2; allowed++) {
            static hf_session session;
            prepare((inner_handshake)kind);
            p->client.config.allow_certificate_change = allowed;
            reneg_connect(&n);
            session = n.r.session;
            hf_session_wipe(&n.r.session);
            memset(n.seen, 0, sizeof n.seen);
            reneg_switch_server(&n, "server-p256-direct", NULL);
            reneg_connect(&n);
            n.r.session = session;
            reneg_ask(&n, HF_CLIENT);
            if (allowed) {
                reneg_expect_settled(&n, 2);
                cr_assert(hf_conn_resumed(&p->client.conn));
            } else {
                reneg_expect_refused(&n, HF_CLIENT, HF_ERROR_RENEGOTIATION_CHANGED, 47);
                cr_assert_eq(n.seen[HF_CLIENT].key_changes, 2, "at the ServerHello");
            }
        }
}

/* p->client is an attacker without a certificate. It has seen the ID or the ticket of a session
 * that a client with one has made, and offers it inside a connection of its own. */
static void borrow_session(inner_handshake kind, hf_session *borrowed)
{
    reneg_prepare_auth(&n, HF_CLIENT_AUTH_REQUEST, kind);
    reneg_show(&n, 1);
    reneg_connect(&n);
    cr_assert(hf_conn_client_authenticated(&p->server.conn));
    *borrowed = n.r.session;
    hf_session_wipe(&n.r.session);
    memset(n.seen, 0, sizeof n.seen);
    reneg_show(&n, 0);
    reneg_connect(&n);
    cr_assert_not(hf_conn_client_authenticated(&p->server.conn));
    n.r.session = *borrowed;
    memset(n.r.session.state.master_secret, 'x', 48); /* is not known to it */
    reneg_ask(&n, HF_CLIENT);
    cr_assert(reneg_move(&n, HF_CLIENT, 0));
    cr_assert(p->server.conn.in_handshake);
    cr_assert(hf_conn_resumed(&p->server.conn));
}

/* To name a session is not to have it: data that still comes under the old keys is from a client
 * that has not been authenticated, and nothing may say otherwise before the Finished has come. Line
 * of defence: hf_conn_client_authenticated, and hf_renegotiation_abandon where the server closes.
 */
Test(renegotiation, borrowed_session)
{
    for (int kind = INNER_BY_ID; kind <= INNER_BY_TICKET; kind++)
        for (int closes = 0; closes < 2; closes++) {
            static hf_session borrowed;
            char got[8];
            borrow_session((inner_handshake)kind, &borrowed);
            reneg_slip_in(&p->client, HF_CONTENT_APPLICATION_DATA, "pay me", 6);
            if (closes)
                hf_conn_close(&p->server.conn);
            cr_assert(reneg_move(&n, HF_CLIENT, 0));
            cr_assert_not(hf_conn_client_authenticated(&p->server.conn));
            cr_assert_eq(endpoint_read(&p->server, got, sizeof got), 6);
            cr_assert_not(hf_conn_client_authenticated(&p->server.conn));
            cr_assert(pair_run(p));
            cr_assert_neq(endpoint_reason(&p->client), HF_OK);
            cr_assert_not(hf_conn_client_authenticated(&p->server.conn));
        }
}

/* The same where there was no room for the ServerHello, and the server gives up. */
Test(renegotiation, borrowed_session_given_up)
{
    static hf_session borrowed;
    static uint8_t filler[HF_TX_FULL];
    char got[8];
    reneg_prepare_auth(&n, HF_CLIENT_AUTH_REQUEST, INNER_BY_TICKET);
    reneg_show(&n, 1);
    reneg_connect(&n);
    borrowed = n.r.session;
    hf_session_wipe(&n.r.session);
    memset(n.seen, 0, sizeof n.seen);
    reneg_show(&n, 0);
    p->server.tx_size = HF_TX_MIN;
    reneg_connect(&n);
    n.r.session = borrowed;
    cr_assert(endpoint_write(&p->server, filler, hf_conn_writable(&p->server.conn).size));
    (void)endpoint_run(&p->server);
    reneg_ask(&n, HF_CLIENT);
    cr_assert(reneg_move(&n, HF_CLIENT, 0));
    cr_assert(hf_conn_resumed(&p->server.conn));
    reneg_slip_in(&p->client, HF_CONTENT_APPLICATION_DATA, "pay me", 6);
    hf_conn_close(&p->server.conn);
    cr_assert(reneg_move(&n, HF_CLIENT, 0));
    cr_assert_not(p->server.conn.in_handshake);
    cr_assert_eq(hf_conn_readable(&p->server.conn).size, 6);
    cr_assert_not(hf_conn_client_authenticated(&p->server.conn));
    cr_assert_eq(endpoint_read(&p->server, got, sizeof got), 6);
}

/* Nor does a failure then end the session of another, but that of the connection (RFC 5246 7.2.2:
 * what is "associated with a failed connection"). Line of defence: proven_session_id in failure.c.
 */
Test(renegotiation, borrowed_session_is_not_forgotten)
{
    static hf_session borrowed;
    borrow_session(INNER_BY_ID, &borrowed);
    hf_span own = {p->server.handshake.previous_session_id, HF_SESSION_ID_SIZE};
    uint8_t id[HF_SESSION_ID_SIZE];
    memcpy(id, own.data, sizeof id);
    own.data = id;
    cr_assert_not_null(hf_session_cache_find(&n.r.cache, own, 0));
    cr_assert(pair_run(p));
    cr_assert_eq(endpoint_reason(&p->server), HF_ERROR_PEER_ALERT);
    cr_assert_not_null(
        hf_session_cache_find(&n.r.cache, (hf_span){borrowed.id, borrowed.id_size}, 0));
    cr_assert_null(hf_session_cache_find(&n.r.cache, own, 0));
}

/* ---------------------------------------------------------------- CVE-2009-3555 */

static endpoint victim;
static uint8_t raw[20000];

static void start_victim(void)
{
    victim = p->client;
    victim.random_state ^= 0x55aa55aa;
    victim.config.random.context = &victim.random_state;
    victim.config.clock_context = &victim.now;
    victim.config.observer = NULL;
    cr_assert_eq(hf_conn_init(&victim.conn, HF_CLIENT, &victim.config, &victim.handshake,
                              (hf_buf){victim.rx, victim.rx_size},
                              (hf_buf){victim.tx, victim.tx_size}),
                 HF_OK);
    cr_assert_eq(hf_conn_set_server_name(&victim.conn, "server.example"), HF_OK);
}

/* What the attacker makes of the hello of the victim. */
typedef enum forgery { AS_IT_IS, WITHOUT_INFO, WITH_SCSV, WITH_INFO_OF_ATTACKER } forgery;

static void forge(relayed *hello, forgery how)
{
    uint8_t info[13] = {12};
    if (how == AS_IT_IS)
        return;
    cr_assert(hello_remove_extension(hello, RENEGOTIATION_INFO));
    if (how == WITH_SCSV)
        hello_add_scsv(hello);
    memcpy(info + 1, p->client.conn.verify_data[HF_CLIENT], 12);
    if (how == WITH_INFO_OF_ATTACKER)
        hello_add_extension(hello, RENEGOTIATION_INFO, info, sizeof info);
}

/* p->client is the attacker: it has a connection of its own and has said something in it, then
 * splices the first hello of a victim in as if it were a renegotiation. */
static void splice(forgery how)
{
    char got[32];
    prepare(INNER_FULL);
    p->client.config.policy = p->server.config.policy = &hf_policy_legacy;
    reneg_connect(&n);
    cr_assert(endpoint_write(&p->client, "GET /evil X-Ignore: ", 20));
    cr_assert(pair_run(p));
    cr_assert_eq(endpoint_read(&p->server, got, sizeof got), 20);
    start_victim();
    size_t size = endpoint_take(&victim, raw, sizeof raw);
    relayed hello = {.content = 22, .type = raw[5], .bytes = raw + 5, .size = size - 5};
    cr_assert_eq(hello.type, HF_CLIENT_HELLO);
    forge(&hello, how);
    reneg_slip_in(&p->client, HF_CONTENT_HANDSHAKE, hello.bytes, hello.size);
    cr_assert(reneg_move(&n, HF_CLIENT, 0));
}

/* The server's line of defence: client_verify_data must be that of the connection (read_previous in
 * renegotiation_info.c), and be there (hf_renegotiation_check_hello, check_missing). */
Test(renegotiation, splicing_at_server)
{
    for (int how = AS_IT_IS; how <= WITH_SCSV; how++) {
        splice((forgery)how);
        cr_assert_eq(endpoint_reason(&p->server), HF_ERROR_RENEGOTIATION_INFO_WRONG, "%d: %s", how,
                     reason_name(endpoint_reason(&p->server)));
        cr_assert_eq(hf_conn_failure(&p->server.conn)->alert, 40);
        cr_assert_eq(n.seen[HF_SERVER].established, 1);
    }
}

/* What the server has sent, opened with the attacker's keys and made records in the clear. */
static size_t open_flight(uint8_t *out, relay_hook *hook)
{
    static uint8_t sealed[20000], clear[20000];
    hf_protection keys = p->client.conn.in.protection;
    size_t size = endpoint_take(&p->server, sealed, sizeof sealed), clear_size = 0;
    for (size_t at = 0; at < size;) {
        size_t length = (size_t)sealed[at + 3] << 8 | sealed[at + 4], opened;
        cr_assert_eq(
            hf_protection_open(&keys, sealed[at], HF_TLS1_2, sealed + at + 5, length, &opened),
            HF_OK);
        cr_assert_eq(sealed[at], HF_CONTENT_HANDSHAKE);
        memcpy(clear + clear_size, sealed + at + 5 + hf_protection_prefix(&keys), opened);
        clear_size += opened;
        at += 5 + length;
    }
    size_t first = 4 + ((size_t)clear[2] << 8 | clear[3]);
    static uint8_t message[1000];
    static relay line;
    memcpy(message, clear, first);
    relayed hello = {.content = 22, .type = clear[0], .bytes = message, .size = first};
    cr_assert_eq(hello.type, HF_SERVER_HELLO);
    if (hook != NULL)
        (void)hook(&line, &hello);
    size = clear_record(out, 22, HF_TLS1_2, message, hello.size);
    return size + clear_record(out + size, 22, HF_TLS1_2, clear + first, clear_size - first);
}

static bool empty_info(relay *r, relayed *hello)
{
    (void)r;
    cr_assert(hello_remove_extension(hello, RENEGOTIATION_INFO));
    hello_add_extension(hello, RENEGOTIATION_INFO, "", 1);
    return true;
}

/* An attacker who writes the right value into the victim's hello gets past that. Then the server's
 * answer says to the victim that it is in a renegotiation (RFC 5746 3.4: "if not [empty], MUST
 * abort"). Line of defence: read_previous at the client. */
Test(renegotiation, splicing_at_client)
{
    splice(WITH_INFO_OF_ATTACKER);
    cr_assert_eq(endpoint_reason(&p->server), HF_OK);
    cr_assert(p->server.conn.in_handshake);
    size_t size = open_flight(raw, NULL);
    (void)endpoint_give(&victim, raw, size);
    cr_assert_eq(endpoint_reason(&victim), HF_ERROR_RENEGOTIATION_INFO_WRONG, "%s",
                 reason_name(endpoint_reason(&victim)));
    cr_assert_eq(hf_conn_failure(&victim.conn)->alert, 40);
}

/* And one who changes the ServerHello as well cannot make the two Finished agree. */
Test(renegotiation, splicing_both)
{
    splice(WITH_INFO_OF_ATTACKER);
    size_t size = open_flight(raw, empty_info);
    (void)endpoint_give(&victim, raw, size);
    cr_assert_eq(endpoint_reason(&victim), HF_OK, "%s", reason_name(endpoint_reason(&victim)));
    size = endpoint_take(&victim, raw, sizeof raw);
    bool is_changed = false;
    for (size_t at = 0; at < size; at += 5 + ((size_t)raw[at + 3] << 8 | raw[at + 4])) {
        size_t length = (size_t)raw[at + 3] << 8 | raw[at + 4];
        if (!is_changed) { /* the attacker's own keys protect what comes before the new ones */
            reneg_slip_in(&p->client, raw[at], raw + at + 5, length);
            cr_assert(reneg_move(&n, HF_CLIENT, 0));
        } else { /* and cannot read or change this */
            (void)endpoint_give(&p->server, raw + at, 5 + length);
        }
        is_changed = is_changed || raw[at] == HF_CONTENT_CHANGE_CIPHER_SPEC;
    }
    cr_assert_neq(endpoint_reason(&p->server), HF_OK);
    /* With the extended master secret not even the keys agree. */
    cr_assert_eq(endpoint_reason(&p->server), HF_ERROR_BAD_RECORD_MAC, "%s",
                 reason_name(endpoint_reason(&p->server)));
    cr_assert_eq(n.seen[HF_SERVER].established, 1);
}

/* ---------------------------------------------------------------- the triple handshake */

/* Who draws, and what the attacker has others draw again. */
typedef struct draws {
    hf_random real;
    uint8_t bytes[8][48];
    size_t sizes[8], count, next;
} draws;

static bool note_draw(void *context, uint8_t *out, size_t size)
{
    draws *d = context;
    bool ok = d->real.fill(d->real.context, out, size);
    if (d->count < 8 && size <= 48) {
        memcpy(d->bytes[d->count], out, size);
        d->sizes[d->count++] = size;
    }
    return ok;
}

/* The next one of this size, or something of one's own. */
static bool repeat_draw(void *context, uint8_t *out, size_t size)
{
    draws *d = context;
    for (size_t i = d->next; i < d->count; i++)
        if (d->sizes[i] == size) {
            memcpy(out, d->bytes[i], size);
            d->next = i + 1;
            return true;
        }
    static uint64_t state = 99;
    return test_random(&state, out, size);
}

static renegotiation
    bad; /* the attacker: a server towards the client, a client towards the server */
static draws of_client, of_server;

static void prepare_triple(bool extended)
{
    renegotiation *both[] = {&n, &bad};
    for (size_t i = 0; i < 2; i++) {
        reneg_prepare(both[i], "rsa2048", 0x009c, HF_TLS1_2, INNER_BY_ID);
        both[i]->r.p.client.config.without_extended_master_secret = !extended;
        both[i]->r.p.server.config.without_extended_master_secret = !extended;
    }
    /* A certificate of the attacker's, which the client takes because it means to go there. */
    pki_load(&bad.r.p.server.credentials[0], "server-rsa3072", "inter-rsa2048");
    bad.r.p.server.offered[0] = bad.r.p.server.credentials[0].credentials;
    n.r.p.server.config.anchors = pki_roots(&n.r.p.server.config.anchor_count);
    n.r.p.server.config.client_auth = HF_CLIENT_AUTH_OFF;
    of_client = (draws){.real = n.r.p.client.config.random};
    of_server = (draws){.real = n.r.p.server.config.random};
    n.r.p.client.config.random = (hf_random){note_draw, &of_client};
    n.r.p.server.config.random = (hf_random){note_draw, &of_server};
    bad.r.p.client.config.random = (hf_random){repeat_draw, &of_client};
    bad.r.p.server.config.random = (hf_random){repeat_draw, &of_server};
}

static void carry(endpoint *from, endpoint *to)
{
    static uint8_t bytes[20000];
    size_t size = endpoint_take(from, bytes, sizeof bytes);
    cr_assert_eq(endpoint_give(to, bytes, size), size);
}

/* The first handshake: client to attacker and attacker to server, with the same randoms, session ID
 * and premaster secret, which RSA key transport lets the attacker choose and learn. */
static void synchronise(void)
{
    endpoint *client = &n.r.p.client, *server = &n.r.p.server;
    endpoint *to_client = &bad.r.p.server, *to_server = &bad.r.p.client;
    n.r.p.session = &n.r.session;
    bad.r.p.session = &bad.r.session;
    pair_start(&n.r.p);
    pair_start(&bad.r.p);
    (void)endpoint_run(client); /* draws its random; the attacker repeats it */
    carry(to_server, server);   /* the server draws its own */
    carry(client, to_client);
    carry(to_client, client); /* the client draws the premaster secret */
    carry(server, to_server);
    for (int i = 0; i < 3; i++) {
        carry(client, to_client);
        carry(to_client, client);
        carry(to_server, server);
        carry(server, to_server);
    }
    cr_assert_eq(endpoint_reason(client), HF_OK, "%s", reason_name(endpoint_reason(client)));
    cr_assert_eq(endpoint_reason(server), HF_OK, "%s", reason_name(endpoint_reason(server)));
    cr_assert(hf_conn_wants(&client->conn) & HF_ESTABLISHED);
    cr_assert(hf_conn_wants(&server->conn) & HF_ESTABLISHED);
    cr_assert_eq(client->conn.session_id_size, 32);
    cr_assert_eq(memcmp(client->conn.session_id, server->conn.session_id, 32), 0);
}

/* The second handshake: a new connection, in which the attacker passes everything on. */
static void resume_across(void)
{
    memset(n.seen, 0, sizeof n.seen);
    pair_start(p);
    cr_assert(pair_run(p));
}

/* RFC 7627 1: without the extended master secret both sessions have the same master secret, and the
 * client comes to be connected to a server that it has never seen, with the same verify_data.
 *
 * First line of defence: such a connection cannot be renegotiated (hf_can_renegotiate, RFC 7627
 * 5.4), on either side. Second one, if the first were not there: in the third handshake the client
 * sees another certificate (hf_renegotiation_check_peer), before it signs anything. */
Test(renegotiation, triple_handshake)
{
    for (int line = 1; line <= 2; line++) {
        prepare_triple(false);
        synchronise();
        cr_assert_eq(memcmp(p->client.conn.master_secret, p->server.conn.master_secret, 48), 0);
        resume_across();
        expect_resumed(&n.r, true);
        cr_assert_eq(memcmp(p->client.conn.verify_data, p->server.conn.verify_data, 24), 0);
        p->server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
        reneg_show(&n, 1);
        if (line == 1) {
            cr_assert_eq(hf_conn_renegotiate(&p->server.conn, NULL), HF_ERROR_BAD_STATE);
            cr_assert_eq(hf_conn_renegotiate(&p->client.conn, NULL), HF_ERROR_BAD_STATE);
            p->server.conn.resumed = false; /* one that does not know the rule */
            reneg_ask(&n, HF_SERVER);
            cr_assert(pair_run(p));
            cr_assert_eq(n.seen[HF_SERVER].alert_heard, NO_RENEGOTIATION);
            cr_assert_eq(n.seen[HF_SERVER].established, 1);
            reneg_expect_quiet(&n);
        } else {
            p->client.conn.resumed = p->server.conn.resumed = false;
            hf_session_wipe(&n.r.session); /* the server wants a full one */
            reneg_ask(&n, HF_SERVER);
            reneg_expect_refused(&n, HF_CLIENT, HF_ERROR_RENEGOTIATION_CHANGED, 47);
        }
        cr_assert_not(hf_conn_client_authenticated(&p->server.conn));
    }
}

/* RFC 7627 4: with it the session hash, which has the certificates in it, makes the two master
 * secrets differ, and the second handshake fails at its first Finished. Line of defence:
 * hf_derive_master_secret. */
Test(renegotiation, triple_handshake_extended)
{
    prepare_triple(true);
    synchronise();
    cr_assert_neq(memcmp(p->client.conn.master_secret, p->server.conn.master_secret, 48), 0);
    resume_across();
    expect_refusal(p, HF_CLIENT, HF_ERROR_BAD_RECORD_MAC, 20);
    cr_assert_eq(n.seen[HF_CLIENT].established, 0);
    cr_assert_eq(n.seen[HF_SERVER].established, 0);
}

/* An attacker who takes the extension away in the second handshake gets no further: the server
 * holds to what the session was made with (RFC 7627 5.3). */
static bool drop_extended(relay *r, relayed *part)
{
    (void)r;
    if (part->type == HF_CLIENT_HELLO)
        cr_assert(hello_remove_extension(part, 23));
    return true;
}

Test(renegotiation, triple_handshake_extension_dropped)
{
    prepare_triple(true);
    synchronise();
    resume_again(&n.r, drop_extended, NULL);
    expect_refusal(p, HF_SERVER, HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED, 40);
}
