#include "tests/flow/rehearsal.h"

#include "tests/flow/staple.h"
#include "tests/flow/stepper.h"
#include "tests/support/pki.h"

#include "crypto_glue/ec.h"
#include "tls/keys/keys.h"
#include "tls/record/record.h"
#include "tls/wire/codes.h"
#include "tls/wire/reasons.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Suites without encryption where there are any, so that protected records are cheap and alerts
 * can be read. All are for every version. */
static const struct {
    const char *name, *keys;
    uint16_t suite;
} exchanges[] = {
    [KX_RSA] = {"RSA", "rsa2048", 0x0002},          /* NULL_SHA */
    [KX_DHE] = {"DHE", "rsa2048", 0x0033},          /* AES_128_CBC_SHA */
    [KX_ECDHE] = {"ECDHE", "p256", 0xc006},         /* ECDHE_ECDSA, NULL_SHA */
    [KX_PSK] = {"PSK", "p256", 0x002c},             /* NULL_SHA */
    [KX_DHE_PSK] = {"DHE_PSK", "p256", 0x002d},     /* NULL_SHA */
    [KX_ECDHE_PSK] = {"ECDHE_PSK", "p256", 0xc039}, /* NULL_SHA */
    [KX_RSA_PSK] = {"RSA_PSK", "rsa2048", 0x002e},  /* NULL_SHA */
    [KX_DH_ANON] = {"DH_anon", "p256", 0x0034},     /* AES_128_CBC_SHA */
    [KX_ECDH_ANON] = {"ECDH_anon", "p256", 0xc015}, /* NULL_SHA */
};

static const char *const auth_names[] = {"no client certificate", "asked, none there", "asked",
                                         "required"};
static const char *const course_names[] = {"full",          "full with ticket",  "full with status",
                                           "full with URL", "full with all",     "by ID",
                                           "by ticket",     "by ticket, renewed"};

/* ---------------------------------------------------------------- situations */

static bool is_resumption(course c)
{
    return c >= COURSE_BY_ID;
}

/* RFC 5246 7.4.4: neither of anonymous servers nor of clients that have a pre-shared key. */
static bool may_ask(key_exchange kx)
{
    return kx == KX_RSA || kx == KX_DHE || kx == KX_ECDHE;
}

/* RFC 5246 7.4.2, RFC 4279 4. */
static bool shows_certificate(key_exchange kx)
{
    return may_ask(kx) || kx == KX_RSA_PSK;
}

static bool gives_status(course c)
{
    return c == COURSE_FULL_STATUS || c == COURSE_FULL_ALL;
}

static bool gives_urls(course c)
{
    return c == COURSE_FULL_URL || c == COURSE_FULL_ALL;
}

static bool gives_ticket(course c)
{
    return c == COURSE_FULL_TICKET || c == COURSE_FULL_ALL || c == COURSE_RENEWED;
}

bool situation_exists(const situation *what)
{
    if (what->auth != AUTH_NONE && !may_ask(what->kx))
        return false;
    if (gives_urls(what->course) && what->auth == AUTH_WITHOUT)
        return false;
    if (is_resumption(what->course)) /* nobody is asked again */
        return what->auth == AUTH_NONE || what->auth == AUTH_REQUIRED;
    return !gives_status(what->course) || shows_certificate(what->kx);
}

unsigned situation_facts(const situation *what)
{
    unsigned facts = 0;
    facts |= is_resumption(what->course) ? FACT_RESUMES : 0;
    facts |= gives_ticket(what->course) ? FACT_TICKET : 0;
    facts |= gives_status(what->course) ? FACT_STATUS : 0;
    facts |= gives_urls(what->course) ? FACT_URLS : 0;
    facts |= what->auth != AUTH_NONE ? FACT_ASKS : 0;
    facts |= what->auth == AUTH_REQUIRED ? FACT_REQUIRES : 0;
    return facts;
}

const char *situation_name(const situation *what)
{
    static char name[128];
    (void)snprintf(name, sizeof name, "%s, %s, %s, %s, %s",
                   what->victim == HF_CLIENT ? "client" : "server", hf_version_name(what->version),
                   exchanges[what->kx].name, auth_names[what->auth], course_names[what->course]);
    return name;
}

/* ---------------------------------------------------------------- two sides */

static void prepare_client_certificate(rehearsal *r)
{
    hf_config *client = &r->p.client.config, *server = &r->p.server.config;
    r->client_issuer.certificate = pki_file("inter-p256.der");
    server->anchors = &r->client_issuer;
    server->anchor_count = 1;
    if (r->what.auth != AUTH_NONE)
        server->client_auth =
            r->what.auth == AUTH_REQUIRED ? HF_CLIENT_AUTH_REQUIRE : HF_CLIENT_AUTH_REQUEST;
    if (r->what.auth < AUTH_REQUESTED && !gives_urls(r->what.course))
        return;
    client->credentials = &r->client_offer;
    client->credentials_count = 1;
}

static void load_client_certificate(rehearsal *r)
{
    pki_load(&r->p.client.credentials[0], "client-p256", NULL);
    r->client_offer = r->p.client.credentials[0].credentials;
    if (!gives_urls(r->what.course))
        return;
    r->url.url = HF_SPAN_LITERAL("http://a.example/b");
    (void)hf_hash_digest(HF_HASH_SHA1, r->client_offer.chain[0], r->url.sha1);
    r->client_offer.urls = &r->url;
    r->client_offer.url_count = 1;
    r->p.server.config.accept_certificate_urls = true;
}

/* The responses of the tests are about the certificate for P-256; a client that does not validate
 * does not mind. */
static void prepare_status(rehearsal *r)
{
    if (!gives_status(r->what.course))
        return;
    r->p.client.config.status_request = HF_STATUS_REQUEST_ASK;
    r->p.server.offered[0].ocsp_response = staple_good();
}

static void prepare_endpoint(rehearsal *r, endpoint *e)
{
    static const hf_psk psk = {{(const uint8_t *)"a device", 8},
                               {(const uint8_t *)"a secret key", 12}};
    e->rx_size = REHEARSAL_RX;
    e->tx_size = HF_TX_MIN;
    e->config.policy = &hf_policy_legacy;
    e->config.version_min = e->config.version_max = r->what.version;
    e->config.suites = (hf_code_list){&r->suite, 1};
    e->config.psks = &psk;
    e->config.psk_count = 1;
    e->config.without_max_fragment_length = e->config.without_record_size_limit = true;
}

static void prepare(rehearsal *r)
{
    pair_prepare(&r->p, exchanges[r->what.kx].keys);
    r->suite = exchanges[r->what.kx].suite;
    prepare_endpoint(r, &r->p.client);
    prepare_endpoint(r, &r->p.server);
    /* Order is what counts here, and the validation of chains takes long. */
    r->p.client.config.verify = HF_VERIFY_NONE;
    load_client_certificate(r);
    prepare_client_certificate(r);
    prepare_status(r);
    r->p.session = &r->session;
    r->p.server.config.cache = r->what.course == COURSE_BY_ID ? &r->cache : NULL;
    bool has_tickets = gives_ticket(r->what.course) || r->what.course == COURSE_BY_TICKET;
    r->p.server.config.tickets = has_tickets ? &r->tickets : NULL;
}

/* The session that is resumed; its ticket has the second key, which is still good for reading if
 * the first one makes new tickets. */
static void make_session(rehearsal *r)
{
    r->tickets = (hf_ticket_keys){r->keys + 1, 1, 0};
    prepare(r);
    r->p.client.random_state++;
    r->p.server.random_state++;
    pair_connect(&r->p);
    cr_assert_not(hf_session_is_empty(&r->session), "%s", situation_name(&r->what));
    if (r->what.course == COURSE_RENEWED)
        r->tickets = (hf_ticket_keys){r->keys, 2, 0};
}

/* ---------------------------------------------------------------- the rehearsal */

static hf_role other_than(hf_role role)
{
    return role == HF_CLIENT ? HF_SERVER : HF_CLIENT;
}

static endpoint *end_of(rehearsal *r, hf_role role)
{
    return role == HF_CLIENT ? &r->p.client : &r->p.server;
}

static void add_part(script *s, uint16_t symbol, size_t offset, size_t size)
{
    cr_assert_lt(s->count, SCRIPT_MAX);
    s->parts[s->count++] = (part){symbol, offset, size};
}

static uint16_t symbol_of(const uint8_t *message, size_t size)
{
    return message[0] == HF_CERTIFICATE && size == 7 ? SYMBOL_EMPTY_CERTIFICATE : message[0];
}

static void add_messages(script *s, size_t begin)
{
    while (begin != s->size) {
        const uint8_t *header = s->bytes + begin;
        size_t size = 4 + ((size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3]);
        cr_assert_leq(size, s->size - begin);
        add_part(s, symbol_of(header, size), begin, size);
        begin += size;
    }
}

/* Takes a flight apart; behind ChangeCipherSpec there is but the Finished. */
static void note_flight(script *s, const uint8_t *raw, size_t raw_size)
{
    size_t begin = s->size;
    for (size_t at = 0; at < raw_size;) {
        size_t size = (size_t)raw[at + 3] << 8 | raw[at + 4];
        if (raw[at] == HF_CONTENT_CHANGE_CIPHER_SPEC) {
            add_messages(s, begin);
            add_part(s, SYMBOL_CHANGE_CIPHER_SPEC, 0, 0);
            add_part(s, HF_FINISHED, 0, 0);
            return;
        }
        cr_assert_eq(raw[at], HF_CONTENT_HANDSHAKE);
        cr_assert_leq(s->size + size, sizeof s->bytes);
        memcpy(s->bytes + s->size, raw + at + 5, size);
        s->size += size;
        at += 5 + size;
    }
    add_messages(s, begin);
}

/* Fetches a certificate for the server, if it asks for one. */
static bool fetch(rehearsal *r)
{
    const hf_question *question = hf_conn_question(&r->p.server.conn);
    if (question == NULL)
        return false;
    cr_assert_eq(question->kind, HF_QUESTION_CERTIFICATE_URL);
    hf_answer answer = {.output = r->client_offer.chain[0]};
    if (hf_conn_answer(&r->p.server.conn, &answer) == HF_OK)
        (void)endpoint_run(&r->p.server);
    return true;
}

static bool pass_flight(rehearsal *r, hf_role sender)
{
    static uint8_t raw[sizeof r->scripts[0].bytes];
    size_t size = endpoint_take(end_of(r, sender), raw, sizeof raw);
    note_flight(&r->scripts[sender], raw, size);
    cr_assert_eq(endpoint_give(end_of(r, other_than(sender)), raw, size), size);
    (void)fetch(r);
    return size != 0;
}

static const part *find_part(const script *s, uint16_t symbol)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->parts[i].symbol == symbol && s->parts[i].size != 0)
            return &s->parts[i];
    return NULL;
}

/* The situation is what it says: these messages have been sent if and only if they belong to it. */
static void check_course(const rehearsal *r)
{
    const situation *what = &r->what;
    const script *client = &r->scripts[HF_CLIENT], *server = &r->scripts[HF_SERVER];
    bool asks = what->auth != AUTH_NONE && !is_resumption(what->course);
    bool is_right =
        hf_conn_resumed(&r->p.client.conn) == is_resumption(what->course) &&
        (find_part(server, HF_NEW_SESSION_TICKET) != NULL) == gives_ticket(what->course) &&
        (find_part(server, HF_CERTIFICATE_STATUS) != NULL) == gives_status(what->course) &&
        (find_part(server, HF_CERTIFICATE_REQUEST) != NULL) == asks &&
        (find_part(client, HF_CERTIFICATE_URL) != NULL) == (asks && gives_urls(what->course)) &&
        (find_part(client, HF_CERTIFICATE_VERIFY) != NULL) ==
            (asks && what->auth >= AUTH_REQUESTED);
    cr_assert(is_right, "%s", situation_name(what));
}

static void run(rehearsal *r)
{
    pair_start(&r->p);
    while (pass_flight(r, HF_CLIENT) || pass_flight(r, HF_SERVER))
        continue;
    const hf_conn *client = &r->p.client.conn, *server = &r->p.server.conn;
    cr_assert(hf_conn_wants(client) & hf_conn_wants(server) & HF_ESTABLISHED, "%s: %s, %s",
              situation_name(&r->what), reason_name(endpoint_reason(&r->p.client)),
              reason_name(endpoint_reason(&r->p.server)));
    check_course(r);
    hf_role sender = other_than(r->what.victim);
    memcpy(r->verify_data, end_of(r, sender)->conn.verify_data[sender], sizeof r->verify_data);
}

/* The victim's randoms are the same as in the rehearsal, so that what the other side has said then
 * is right again. */
static void restart(rehearsal *r, const rehearsal *start)
{
    static uint8_t dropped[sizeof r->scripts[0].bytes];
    static rehearsal done;
    done = *r;
    *r = *start;
    memcpy(r->scripts, done.scripts, sizeof r->scripts);
    memcpy(r->verify_data, done.verify_data, sizeof r->verify_data);
    pair_start(&r->p);
    (void)endpoint_take(r->victim, dropped, sizeof dropped);
}

void rehearse(rehearsal *r, const situation *what)
{
    static rehearsal start;
    memset(r, 0, sizeof *r);
    r->what = *what;
    r->victim = end_of(r, what->victim);
    memset(r->keys, 0x61, sizeof r->keys);
    memset(&r->keys[1].name, 0x62, sizeof r->keys[1].name);
    r->tickets = (hf_ticket_keys){r->keys, 1, 0};
    hf_session_cache_init(&r->cache, r->slots, 2, 0);
    if (is_resumption(what->course))
        make_session(r);
    prepare(r);
    start = *r;
    run(r);
    restart(r, &start);
}

const script *rehearsed(const rehearsal *r)
{
    return &r->scripts[other_than(r->what.victim)];
}

/* ---------------------------------------------------------------- moments */

void rehearsal_save(const rehearsal *r, moment *to)
{
    const endpoint *e = r->victim;
    to->conn = e->conn;
    to->handshake = e->handshake;
    memcpy(to->rx, e->rx, e->conn.in.end);
    /* All that it has had to say has been taken, so that the other buffer is empty. */
    cr_assert_eq(e->conn.out.end + e->conn.out.open_size, 0);
    to->random_state = e->random_state;
    to->session = r->session;
    memcpy(to->slots, r->slots, sizeof to->slots);
    to->cache = r->cache;
}

void rehearsal_restore(rehearsal *r, const moment *from)
{
    endpoint *e = r->victim;
    e->conn = from->conn;
    e->handshake = from->handshake;
    memcpy(e->rx, from->rx, from->conn.in.end);
    e->random_state = from->random_state;
    r->session = from->session;
    memcpy(r->slots, from->slots, sizeof from->slots);
    r->cache = from->cache;
}

/* ---------------------------------------------------------------- messages */

static bool copy_part(const script *s, uint16_t symbol, uint8_t *out, size_t *size)
{
    const part *found = find_part(s, symbol);
    if (found == NULL)
        return false;
    cr_assert_leq(found->size, CONTENT_MAX);
    memcpy(out, s->bytes + found->offset, found->size);
    *size = found->size;
    return true;
}

/* Two handshakes of a version that between them have every message there is. */
static const rehearsal *other_rehearsal(uint16_t version, course c)
{
    static rehearsal others[HF_TLS1_2 - HF_TLS1_0 + 1][COURSES];
    rehearsal *other = &others[version - HF_TLS1_0][c];
    const situation what = {HF_CLIENT, version, KX_ECDHE, AUTH_REQUIRED, c};
    if (other->victim == NULL)
        rehearse(other, &what);
    return other;
}

static bool copy_from_others(uint16_t version, hf_role sender, uint16_t symbol, uint8_t *out,
                             size_t *size)
{
    return copy_part(&other_rehearsal(version, COURSE_FULL)->scripts[sender], symbol, out, size) ||
           copy_part(&other_rehearsal(version, COURSE_FULL_ALL)->scripts[sender], symbol, out,
                     size);
}

/* As this side has said it; as it says it elsewhere; as the other side does. */
static void copy_message(const rehearsal *r, uint16_t symbol, uint8_t *out, size_t *size)
{
    hf_role sender = other_than(r->what.victim);
    for (size_t i = 0; i < 2; i++, sender = r->what.victim)
        if (copy_part(&r->scripts[sender], symbol, out, size) ||
            copy_from_others(r->what.version, sender, symbol, out, size))
            return;
    cr_assert_fail("no %s", symbol_name(symbol));
}

/* Over what the victim has seen, which need not be what it saw in the rehearsal. */
static void make_finished(const rehearsal *r, uint8_t *out, size_t *size)
{
    static const uint8_t header[4] = {HF_FINISHED, 0, 0, HF_VERIFY_DATA_SIZE};
    const hf_conn *c = &r->victim->conn;
    memset(out, 0, sizeof header + HF_VERIFY_DATA_SIZE);
    memcpy(out, header, sizeof header);
    if (c->in_handshake && c->suite != NULL)
        hf_compute_verify_data(c, other_than(r->what.victim), out + sizeof header);
    *size = sizeof header + HF_VERIFY_DATA_SIZE;
}

/* RFC 5246 7.4.8, RFC 4346 7.4.8: with the key of the client's certificate, for P-256. */
static void make_certificate_verify(const rehearsal *r, uint8_t *out, size_t *size)
{
    const hf_transcript *transcript = &r->victim->handshake.transcript;
    bool is_new = r->what.version == HF_TLS1_2;
    uint64_t state = 5;
    const hf_random random = {test_random, &state};
    uint8_t digest[HF_HASH_SIZE_MAX], signature[HF_ECDSA_SIGNATURE_MAX];
    size_t digest_size =
        hf_transcript_digest(transcript, is_new ? HF_HASH_SHA256 : HF_HASH_MD5_SHA1, digest);
    hf_span hashed = is_new ? (hf_span){digest, digest_size} : (hf_span){digest + 16, 20};
    size_t signature_size, at = 4;
    cr_assert_eq(hf_ecdsa_sign(HF_CURVE_P256, r->client_offer.key->u.ec.scalar.data, &random,
                               hashed, signature, &signature_size),
                 HF_CRYPTO_OK);
    if (is_new) { /* ecdsa_secp256r1_sha256 */
        out[at++] = 4;
        out[at++] = 3;
    }
    out[at++] = (uint8_t)(signature_size >> 8);
    out[at++] = (uint8_t)signature_size;
    memcpy(out + at, signature, signature_size);
    *size = at + signature_size;
    const uint8_t header[4] = {HF_CERTIFICATE_VERIFY, 0, 0, (uint8_t)(*size - sizeof header)};
    memcpy(out, header, sizeof header);
}

static void put(uint8_t *out, size_t *size, const void *bytes, size_t count)
{
    memcpy(out, bytes, count);
    *size = count;
}

/* Whether the client has to sign something else than it did, which takes long. A signature of the
 * rehearsal is as good as any where none is due. */
static bool needs_signature(const rehearsal *r)
{
    const hf_handshake *h = &r->victim->handshake;
    const script *s = rehearsed(r);
    bool has_signed = find_part(s, HF_CERTIFICATE_VERIFY) != NULL;
    bool had_urls = find_part(s, HF_CERTIFICATE_URL) != NULL;
    return r->what.victim == HF_SERVER && h->client_has_certificate &&
           (!has_signed || had_urls != h->has_urls);
}

static void message_content(const rehearsal *r, uint16_t symbol, uint8_t *out, size_t *size)
{
    bool has_hint_only = r->what.kx == KX_PSK || r->what.kx == KX_RSA_PSK;
    if (symbol == HF_HELLO_REQUEST)
        put(out, size, "\0\0\0", 4);
    else if (symbol == HF_FINISHED)
        make_finished(r, out, size);
    else if (symbol == SYMBOL_EMPTY_CERTIFICATE)
        put(out, size, "\13\0\0\3\0\0", 7);
    else if (symbol == HF_SERVER_KEY_EXCHANGE && has_hint_only) /* RFC 4279 2 */
        put(out, size, "\14\0\0\6\0\4hint", 10);
    else if (symbol == HF_CERTIFICATE_VERIFY && needs_signature(r))
        make_certificate_verify(r, out, size);
    else
        copy_message(r, symbol, out, size);
}

uint8_t rehearsal_content(const rehearsal *r, uint16_t symbol, uint8_t *out, size_t *size)
{
    switch (symbol) {
    case SYMBOL_CHANGE_CIPHER_SPEC:
        put(out, size, "\1", 1);
        return HF_CONTENT_CHANGE_CIPHER_SPEC;
    case SYMBOL_APPLICATION_DATA:
        put(out, size, "data", 4);
        return HF_CONTENT_APPLICATION_DATA;
    case SYMBOL_WARNING: /* user_canceled */
        put(out, size, "\1\132", 2);
        return HF_CONTENT_ALERT;
    case SYMBOL_FATAL: /* internal_error */
        put(out, size, "\2\120", 2);
        return HF_CONTENT_ALERT;
    case SYMBOL_CLOSE_NOTIFY:
        put(out, size, "\1\0", 2);
        return HF_CONTENT_ALERT;
    default:
        message_content(r, symbol, out, size);
        return HF_CONTENT_HANDSHAKE;
    }
}

/* ---------------------------------------------------------------- the play */

/* What the other side's keys make of a content: the same as the victim's, which only reads with
 * them, would (RFC 5246 6.3). */
static size_t seal(const rehearsal *r, uint8_t *out, uint8_t type, const void *content, size_t size)
{
    static uint64_t state = 77;
    static const hf_random random = {test_random, &state};
    hf_protection protection = r->victim->conn.in.protection;
    size_t prefix = hf_protection_prefix(&protection),
           sealed = hf_protection_sealed_size(&protection, size);
    protection.random = &random;
    (void)clear_record(out, type, r->what.version, NULL, 0);
    out[3] = (uint8_t)(sealed >> 8);
    out[4] = (uint8_t)sealed;
    if (size != 0)
        memcpy(out + 5 + prefix, content, size);
    cr_assert_eq(hf_protection_seal(&protection, type, r->what.version, out + 5 + prefix, size),
                 HF_OK);
    return 5 + sealed;
}

void rehearsal_give(rehearsal *r, uint8_t type, const void *content, size_t size)
{
    static uint8_t record[0x5000];
    const hf_incoming *in = &r->victim->conn.in;
    /* A first record of an unknown type and version 3.1 is like a hello of SSL 2.0, which is
     * something else (RFC 5246 E.2). */
    bool is_open = in->version == 0 && type != HF_CONTENT_HANDSHAKE;
    size_t record_size =
        in->protection.kind == HF_PROTECT_NOTHING
            ? clear_record(record, type, is_open ? HF_TLS1_2 : r->what.version, content, size)
            : seal(r, record, type, content, size);
    rehearsal_give_bytes(r, record, record_size);
}

void rehearsal_give_bytes(rehearsal *r, const uint8_t *bytes, size_t size)
{
    (void)endpoint_give(r->victim, bytes, size);
    r->sent_size = 0;
    do {
        r->sent_size +=
            endpoint_take(r->victim, r->sent + r->sent_size, sizeof r->sent - r->sent_size);
    } while (fetch(r));
}

void rehearsal_play(rehearsal *r, uint16_t symbol)
{
    uint8_t content[CONTENT_MAX], data[8];
    size_t size;
    uint8_t type = rehearsal_content(r, symbol, content, &size);
    rehearsal_give(r, type, content, size);
    (void)endpoint_read(r->victim, data, sizeof data);
}

/* ---------------------------------------------------------------- outcomes */

const char *rehearsal_why_not_accepted(const rehearsal *r)
{
    const hf_conn *c = &r->victim->conn;
    if (c->failed)
        return reason_name(c->failure.reason);
    if (c->in.type != 0 || c->in.start != c->in.end || c->in.message_size != 0)
        return "not all of it has been taken";
    return c->has_question ? "there is a question" : NULL;
}

/* The last record is a fatal alert, which can be read unless it is encrypted. */
static bool ends_with_alert(const rehearsal *r, uint8_t alert)
{
    hf_span sent = {r->sent, r->sent_size};
    size_t at = 0, size = 0;
    while (at + size < sent.size) {
        at += size;
        size = 5 + ((size_t)sent.data[at + 3] << 8 | sent.data[at + 4]);
    }
    if (at + size != sent.size || size < 7 || sent.data[at] != HF_CONTENT_ALERT)
        return false;
    if (size > 7 && r->victim->conn.suite->cipher != HF_CIPHER_NULL)
        return true;
    return sent.data[at + 5] == HF_ALERT_LEVEL_FATAL && sent.data[at + 6] == alert;
}

/* The reason that goes with an alert of the grammar. */
static hf_error reason_of(uint16_t symbol, uint8_t alert)
{
    if (alert == HF_ALERT_HANDSHAKE_FAILURE)
        return symbol == SYMBOL_EMPTY_CERTIFICATE ? HF_ERROR_CERTIFICATE_MISSING
                                                  : HF_ERROR_ANONYMOUS_SERVER_ASKS;
    switch (symbol) {
    case SYMBOL_CHANGE_CIPHER_SPEC:
        return HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC;
    case SYMBOL_APPLICATION_DATA:
        return HF_ERROR_DATA_IN_HANDSHAKE;
    case SYMBOL_WARNING:
        return HF_ERROR_TOO_MANY_WARNINGS;
    default:
        return HF_ERROR_UNEXPECTED_MESSAGE;
    }
}

/* RFC 5246 7.2.1, 7.2.2: with a close_notify in its place the connection ends in order. */
static const char *why_not_ended(const rehearsal *r, bool in_order)
{
    const hf_conn *c = &r->victim->conn;
    if (hf_conn_incoming(&r->victim->conn).size != 0)
        return "it takes more bytes";
    if (in_order)
        return hf_conn_wants(c) == (HF_CLOSED | HF_ESTABLISHED) ? NULL : "it is not closed";
    return (hf_conn_wants(c) & ~(uint32_t)HF_ESTABLISHED) == HF_FAILED ? NULL : "it has not failed";
}

const char *rehearsal_why_wrong(rehearsal *r, const grammar *before, uint16_t symbol)
{
    uint8_t alert;
    switch (grammar_peek(before, symbol, &alert)) {
    case VERDICT_ACCEPTED:
        return rehearsal_why_not_accepted(r);
    case VERDICT_ENDED:
        return why_not_ended(r, symbol == SYMBOL_CLOSE_NOTIFY && grammar_is_over(before));
    default:
        return rehearsal_why_not_refused(r, reason_of(symbol, alert), alert);
    }
}

const char *rehearsal_why_not_refused(const rehearsal *r, hf_error reason, uint8_t alert)
{
    const hf_conn *c = &r->victim->conn;
    const hf_failure *why = hf_conn_failure(c);
    if (why == NULL)
        return "it has been accepted";
    if (why->reason != reason)
        return reason_name(why->reason);
    if (why->alert != alert || why->alert_received || hf_reason_alert(reason) != alert)
        return "another alert than the RFC's";
    if ((hf_conn_wants(c) & ~(uint32_t)HF_ESTABLISHED) != HF_FAILED)
        return "the connection has not ended";
    return ends_with_alert(r, alert) ? NULL : "the alert is not what was sent last";
}
