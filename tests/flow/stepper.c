#define _GNU_SOURCE /* memmem */
#include "tests/flow/stepper.h"

#include "tests/flow/staple.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

const char *reason_name(hf_error reason)
{
    return hf_reason_of(reason)->symbol;
}

bool same_memory(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

/* ---------------------------------------------------------------- records */

size_t clear_record(uint8_t *out, uint8_t type, uint16_t version, const void *content, size_t size)
{
    out[0] = type;
    out[1] = (uint8_t)(version >> 8);
    out[2] = (uint8_t)version;
    out[3] = (uint8_t)(size >> 8);
    out[4] = (uint8_t)size;
    if (size != 0)
        memcpy(out + 5, content, size);
    return 5 + size;
}

void give_clear(endpoint *to, uint8_t type, uint16_t version, const void *content, size_t size)
{
    static uint8_t record[5 + 0x10000];
    (void)endpoint_give(to, record, clear_record(record, type, version, content, size));
}

size_t stepper_record(const stepper *s, uint8_t *out, uint8_t type, const void *content,
                      size_t size)
{
    if (s->victim->conn.in.protection.kind == HF_PROTECT_NOTHING)
        return clear_record(out, type, HF_TLS1_2, content, size);
    hf_protection protection = s->peer->conn.out.protection;
    protection.sequence = s->victim->conn.in.protection.sequence;
    size_t prefix = hf_protection_prefix(&protection),
           suffix = hf_protection_suffix_max(&protection);
    (void)clear_record(out, type, HF_TLS1_2, NULL, 0);
    out[3] = (uint8_t)((prefix + size + suffix) >> 8);
    out[4] = (uint8_t)(prefix + size + suffix);
    if (size != 0)
        memcpy(out + 5 + prefix, content, size);
    hf_error sealed = hf_protection_seal(&protection, type, HF_TLS1_2, out + 5 + prefix, size);
    cr_assert(sealed == HF_OK || protection.sequence == UINT64_MAX);
    return 5 + prefix + size + suffix;
}

static void note_secrets(const stepper *s);

void stepper_give(stepper *s, const uint8_t *bytes, size_t size)
{
    note_secrets(s);
    (void)endpoint_give(s->victim, bytes, size);
}

void stepper_inject(stepper *s, uint8_t type, const void *content, size_t size)
{
    static uint8_t record[0x11000];
    stepper_give(s, record, stepper_record(s, record, type, content, size));
}

/* ---------------------------------------------------------------- stepping */

/* The client's premaster secret of RSA key transport is the only draw of 48 bytes. */
static bool watched_random(void *context, uint8_t *out, size_t size)
{
    stepper *s = context;
    bool ok = test_random(&s->p.client.random_state, out, size);
    if (size == sizeof s->premaster) {
        memcpy(s->premaster, out, size);
        s->has_premaster = true;
    }
    return ok;
}

/* What it takes for every message to be sent. The client's certificate is below no intermediate, so
 * that one URL leads to all of it. */
static void prepare_all(stepper *s)
{
    static const hf_ticket_key key = {{1}, {2}};
    static const hf_ticket_keys keys = {&key, 1, 0};
    static hf_trust_anchor anchor;
    hf_config *client = &s->p.client.config, *server = &s->p.server.config;
    s->p.session = &s->session;
    server->tickets = &keys;
    client->status_request = HF_STATUS_REQUEST_ASK;
    s->p.server.offered[0].ocsp_response = staple_good();
    pki_load(&s->p.client.credentials[0], "client-p256", NULL);
    s->client_offer = s->p.client.credentials[0].credentials;
    s->url.url = HF_SPAN_LITERAL("http://a.example/b");
    (void)hf_hash_digest(HF_HASH_SHA1, s->client_offer.chain[0], s->url.sha1);
    s->client_offer.urls = &s->url;
    s->client_offer.url_count = 1;
    client->credentials = &s->client_offer;
    client->credentials_count = 1;
    anchor.certificate = pki_file("inter-p256.der");
    server->anchors = &anchor;
    server->anchor_count = 1;
    server->client_auth = HF_CLIENT_AUTH_REQUIRE;
    server->accept_certificate_urls = true;
}

void stepper_answer(stepper *s)
{
    const hf_question *question = hf_conn_question(&s->p.server.conn);
    if (question == NULL || question->kind != HF_QUESTION_CERTIFICATE_URL)
        return;
    hf_answer answer = {.output = s->client_offer.chain[0]};
    if (hf_conn_answer(&s->p.server.conn, &answer) == HF_OK)
        (void)endpoint_run(&s->p.server);
}

void stepper_prepare(stepper *s, exchange kind, hf_role victim)
{
    static const uint16_t suites[] = {0xc02b, 0x009c, 0xc02b};
    memset(s, 0, sizeof *s);
    pair_prepare(&s->p, kind == EXCHANGE_RSA ? "rsa2048" : "p256");
    s->p.client.config.policy = s->p.server.config.policy = &hf_policy_compatible;
    s->p.client.config.suites = (hf_code_list){&suites[kind], 1};
    s->p.client.config.random = (hf_random){watched_random, s};
    if (kind == EXCHANGE_ALL)
        prepare_all(s);
    s->victim = victim == HF_CLIENT ? &s->p.client : &s->p.server;
    s->peer = victim == HF_CLIENT ? &s->p.server : &s->p.client;
}

void stepper_start(stepper *s)
{
    pair_start(&s->p);
}

static void add_piece(stepper *s, uint8_t type, bool sealed, size_t offset, size_t size)
{
    cr_assert_lt(s->count, PIECES_MAX);
    s->pieces[s->count++] = (piece){type, sealed, offset, size};
}

/* Splits the gathered handshake bytes into messages. */
static void add_messages(stepper *s, size_t begin, size_t end)
{
    while (begin != end) {
        const uint8_t *header = s->bytes + begin;
        size_t size = 4 + ((size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3]);
        cr_assert_leq(size, end - begin);
        add_piece(s, HF_CONTENT_HANDSHAKE, false, begin, size);
        begin += size;
    }
}

/* Takes the peer's flight apart. */
static void take_flight(stepper *s)
{
    static uint8_t raw[sizeof s->bytes];
    size_t raw_size = endpoint_take(s->peer, raw, sizeof raw), handshake = 0;
    s->size = s->count = s->next = 0;
    for (size_t at = 0; at < raw_size;) {
        size_t size = (size_t)raw[at + 3] << 8 | raw[at + 4];
        uint8_t type = raw[at];
        if (type != HF_CONTENT_HANDSHAKE || s->peer_sealed) {
            add_messages(s, handshake, s->size);
            handshake = s->size + size;
            add_piece(s, type, s->peer_sealed, s->size, size);
        }
        s->peer_sealed = s->peer_sealed || type == HF_CONTENT_CHANGE_CIPHER_SPEC;
        memcpy(s->bytes + s->size, raw + at + 5, size);
        s->size += size;
        at += 5 + size;
    }
    add_messages(s, handshake, s->size);
}

static void exchange_flights(stepper *s)
{
    static uint8_t flight[sizeof s->bytes];
    size_t size = endpoint_take(s->victim, flight, sizeof flight);
    cr_assert_eq(endpoint_give(s->peer, flight, size), size);
    stepper_answer(s);
    take_flight(s);
}

const piece *stepper_peek(stepper *s)
{
    if (s->next == s->count)
        exchange_flights(s);
    return s->next == s->count ? NULL : &s->pieces[s->next];
}

bool stepper_next(stepper *s)
{
    const piece *next = stepper_peek(s);
    if (next == NULL)
        return false;
    give_clear(s->victim, next->type, HF_TLS1_2, s->bytes + next->offset, next->size);
    stepper_answer(s);
    s->next++;
    s->given++;
    (void)stepper_peek(s);
    return true;
}

void stepper_reach(stepper *s, exchange kind, hf_role victim, size_t count)
{
    stepper_prepare(s, kind, victim);
    stepper_start(s);
    (void)stepper_peek(s);
    while (s->given < count)
        cr_assert(stepper_next(s));
    cr_assert_eq(endpoint_reason(s->victim), HF_OK);
}

void stepper_finish(stepper *s)
{
    while (stepper_next(s))
        continue;
}

/* RFC 5246 7.3 figure 1, without what neither side asks for; RFC 6066 5 and 8, RFC 5077 3.3. */
static const uint16_t to_client_ecdsa[] = {2, 11, 12, 14, HF_CHANGE_CIPHER_SPEC, 20};
static const uint16_t to_client_rsa[] = {2, 11, 14, HF_CHANGE_CIPHER_SPEC, 20};
static const uint16_t to_client_all[] = {2, 11, 22, 12, 13, 14, 4, HF_CHANGE_CIPHER_SPEC, 20};
static const uint16_t to_server[] = {1, 16, HF_CHANGE_CIPHER_SPEC, 20};
static const uint16_t to_server_all[] = {1, 21, 16, 15, HF_CHANGE_CIPHER_SPEC, 20};

typedef struct order {
    const uint16_t *kinds;
    size_t count;
} order;

#define ORDER(array)                            \
    {                                           \
        array, sizeof(array) / sizeof(array)[0] \
    }

static const order orders[EXCHANGES][2] = {
    [EXCHANGE_ECDSA] = {[HF_CLIENT] = ORDER(to_client_ecdsa), [HF_SERVER] = ORDER(to_server)},
    [EXCHANGE_RSA] = {[HF_CLIENT] = ORDER(to_client_rsa), [HF_SERVER] = ORDER(to_server)},
    [EXCHANGE_ALL] = {[HF_CLIENT] = ORDER(to_client_all), [HF_SERVER] = ORDER(to_server_all)},
};

size_t stepper_pieces(exchange kind, hf_role victim)
{
    return orders[kind][victim].count;
}

uint16_t stepper_piece_kind(exchange kind, hf_role victim, size_t place)
{
    return orders[kind][victim].kinds[place];
}

/* ---------------------------------------------------------------- what remains of secrets */

typedef struct secret {
    uint8_t bytes[80];
    size_t size;
} secret;

static secret secrets[SECRETS_MAX];
static size_t secret_count;

static void note_secret(const uint8_t *bytes, size_t size)
{
    static const uint8_t zeroes[sizeof secrets[0].bytes];
    if (memcmp(bytes, zeroes, size) == 0)
        return;
    cr_assert_lt(secret_count, SECRETS_MAX);
    memcpy(secrets[secret_count].bytes, bytes, size);
    secrets[secret_count++].size = size;
}

/* All that the two sides share or the victim keeps, as far as the handshake has come. */
static void note_secrets(const stepper *s)
{
    const hf_handshake *shake = &s->victim->handshake;
    uint8_t shared[32];
    secret_count = 0;
    note_secret(s->victim->conn.master_secret, 48);
    note_secret(s->peer->conn.master_secret, 48);
    note_secret(shake->key_block, 40);
    note_secret(s->peer->handshake.key_block, 40);
    note_secret(shake->exponent, 32);
    if (s->has_premaster)
        note_secret(s->premaster + 2, 46);
    hf_span point = {shake->own_public, 65};
    if (shake->own_public[0] == 4 && s->peer->handshake.own_public[0] == 4 &&
        hf_ec_shared_secret(HF_CURVE_P256, s->peer->handshake.exponent, point, shared) ==
            HF_CRYPTO_OK)
        note_secret(shared, sizeof shared);
}

static void expect_no_secrets(const endpoint *e)
{
    for (size_t i = 0; i < secret_count; i++) {
        for (size_t at = 0; at + 16 <= secrets[i].size; at += 16) {
            const uint8_t *part = secrets[i].bytes + at;
            cr_assert_null(memmem(&e->conn, sizeof e->conn, part, 16), "secret %zu in conn", i);
            cr_assert_null(memmem(&e->handshake, sizeof e->handshake, part, 16),
                           "secret %zu in handshake", i);
            cr_assert_null(memmem(e->rx, e->conn.in.end, part, 16), "secret %zu in rx", i);
            cr_assert_null(memmem(e->tx, sizeof e->tx / 8, part, 16), "secret %zu in tx", i);
        }
    }
}

/* ---------------------------------------------------------------- outcomes */

/* The alert has been sent, fatal, and is the last thing that is sent. */
static void expect_alert_at_peer(stepper *s, int alert)
{
    uint8_t out[4096];
    size_t size = endpoint_take(s->victim, out, sizeof out);
    if (alert == HF_ALERT_NONE) {
        cr_assert_eq(size, 0);
        return;
    }
    (void)endpoint_give(s->peer, out, size);
    const hf_failure *heard = hf_conn_failure(&s->peer->conn);
    cr_assert_not_null(heard, "the peer has heard of no failure");
    cr_assert_eq(heard->reason, HF_ERROR_PEER_ALERT, "peer: %s", reason_name(heard->reason));
    cr_assert(heard->alert_received);
    cr_assert_eq(heard->alert_level, HF_ALERT_LEVEL_FATAL);
    cr_assert_eq(heard->alert, alert, "alert %d instead of %d", heard->alert, alert);
}

void stepper_expect_failure(stepper *s, hf_error reason, int alert)
{
    hf_conn *c = &s->victim->conn;
    const hf_failure *why = hf_conn_failure(c);
    cr_assert_not_null(why, "no failure, but %s was expected", reason_name(reason));
    cr_assert_eq(why->reason, reason, "%s instead of %s", reason_name(why->reason),
                 reason_name(reason));
    cr_assert_eq(why->alert, alert);
    cr_assert_not(why->alert_received);
    cr_assert_eq(hf_conn_wants(c) & ~(uint32_t)HF_ESTABLISHED,
                 HF_FAILED | (alert == HF_ALERT_NONE ? 0 : HF_CAN_SEND));
    expect_no_secrets(s->victim);
    expect_alert_at_peer(s, alert);
    cr_assert_eq(hf_conn_run(c), reason);
    cr_assert_eq(hf_conn_wants(c) & ~(uint32_t)HF_ESTABLISHED, HF_FAILED);
    cr_assert_eq(hf_conn_incoming(c).size, 0);
    cr_assert_eq(hf_conn_writable(c).size, 0);
    cr_assert_eq(hf_conn_readable(c).size, 0);
}

void stepper_expect_success(stepper *s)
{
    cr_assert_eq(endpoint_reason(s->victim), HF_OK, "%s", reason_name(endpoint_reason(s->victim)));
    stepper_finish(s);
    cr_assert_eq(endpoint_reason(s->victim), HF_OK, "%s", reason_name(endpoint_reason(s->victim)));
    cr_assert_eq(endpoint_reason(s->peer), HF_OK, "%s", reason_name(endpoint_reason(s->peer)));
    cr_assert(hf_conn_wants(&s->victim->conn) & HF_ESTABLISHED);
    cr_assert(hf_conn_wants(&s->peer->conn) & HF_ESTABLISHED);
}
