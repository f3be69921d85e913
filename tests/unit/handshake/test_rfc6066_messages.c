/* vectors/rfc6066.txt, its messages: CertificateURL, CertificateStatus and NewSessionTicket through
 * their readers and, where this engine can be made to write what a block has, through their writers
 * (RFC 6066 5 and 8, RFC 5077 3.3); PkiPath as something that was fetched (RFC 6066 10.1). The
 * extensions of the same file are read in tests/unit/extensions/. */
#include "tls/handshake/handshake.h"

#include "tests/support/pair.h"
#include "tests/support/vectors.h"
#include "tls/x509/x509.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static pair p;
static vectors v;
static hf_session session;

static bool is_in(const char *section)
{
    return strcmp(vectors_section(&v), section) == 0;
}

static hf_span field(const char *name, size_t index)
{
    char numbered[32];
    (void)snprintf(numbered, sizeof numbered, "%s_%zu", name, index);
    return vectors_bytes(&v, numbered);
}

static void begin(void)
{
    pair_prepare(&p, "p256");
    memset(&session, 0, sizeof session);
    p.session = &session;
    pair_start(&p);
}

typedef hf_error reader_function(hf_conn *c, hf_reader *r);

static hf_error read_with(reader_function *read, hf_conn *c)
{
    hf_reader r = hf_reader_of(vectors_bytes(&v, "data"));
    hf_error error = read(c, &r);
    return error == HF_OK ? hf_message_end(&r) : error;
}

/* True for a block that was accepted and has fields to compare. */
static bool expect_outcome(hf_error error)
{
    const hf_reason *reason = hf_reason_of(error);
    const char *note = vectors_text(&v, "note");
    if (!vectors_has(&v, "error")) {
        cr_assert_eq(error, HF_OK, "%s refused with %s: %s", vectors_where(&v), reason->symbol,
                     note);
        return true;
    }
    cr_assert_neq(error, HF_OK, "%s accepted: %s", vectors_where(&v), note);
    const char *alert = hf_alert_name(reason->alert);
    cr_assert(strcmp(alert, vectors_text(&v, "error")) == 0 ||
                  (vectors_has(&v, "also") && strcmp(alert, vectors_text(&v, "also")) == 0),
              "%s: %s, %s", vectors_where(&v), reason->symbol, note);
    return false;
}

/* ---------------------------------------------------------------- CertificateURL */

/* The URLs that the application is asked to fetch, one after the other. */
static void expect_urls(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    size_t count = (size_t)vectors_number(&v, "count");
    cr_assert_eq(h->url_count, count);
    cr_assert_eq(h->url_type, vectors_number(&v, "chain_type"));
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(hf_finish_certificate_url(c), HF_WAITING);
        const hf_question *question = hf_conn_question(c);
        cr_assert_eq(question->kind, HF_QUESTION_CERTIFICATE_URL);
        cr_assert(hf_span_equal(question->input, field("url", i)), "%s", vectors_where(&v));
        cr_assert_eq(question->is_pkipath, h->url_type == 1);
        h->fetched_count++;
    }
}

Test(rfc6066_messages, certificate_url)
{
    size_t good = 0, bad = 0;
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (!is_in("certificate_url"))
            continue;
        begin();
        bool is_good = expect_outcome(read_with(hf_read_certificate_url, &p.server.conn));
        if (is_good)
            expect_urls(&p.server.conn);
        *(is_good ? &good : &bad) += 1;
    }
    vectors_close(&v);
    cr_assert_eq(good, 14, "%zu", good);
    cr_assert_eq(bad, 139, "%zu", bad);
}

/* A message that fits where it is composed is written as the blocks have it. None is too long for
 * the room that this build has. */
Test(rfc6066_messages, certificate_url_written)
{
    static hf_certificate_url urls[HF_CHAIN_MAX];
    static uint8_t out[sizeof p.client.handshake.compose];
    size_t count = 0;
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (!is_in("certificate_url") || vectors_has(&v, "error"))
            continue;
        begin();
        hf_credentials own = {.urls = urls,
                              .url_count = (size_t)vectors_number(&v, "count"),
                              .url_type = (hf_url_type)vectors_number(&v, "chain_type")};
        for (size_t i = 0; i < own.url_count; i++) {
            urls[i].url = field("url", i);
            memcpy(urls[i].sha1, field("hash", i).data, HF_URL_HASH_SIZE);
        }
        p.client.handshake.credentials = &own;
        hf_writer w = hf_writer_of(out, sizeof out);
        cr_assert_eq(hf_write_certificate_url(&p.client.conn, &w), HF_OK);
        cr_assert_not(w.failed, "%s", vectors_where(&v));
        cr_assert(hf_span_equal((hf_span){out, w.position}, vectors_bytes(&v, "data")), "%s",
                  vectors_where(&v));
        count++;
    }
    vectors_close(&v);
    cr_assert_eq(count, 14);
}

/* ---------------------------------------------------------------- CertificateStatus */

static void expect_status_written(hf_span response)
{
    uint8_t head[16];
    hf_conn *c = &p.server.conn;
    p.server.offered[0].ocsp_response = response;
    c->handshake->credentials = &p.server.offered[0];
    hf_writer w = hf_writer_of(head, sizeof head);
    cr_assert_eq(hf_write_certificate_status(c, &w), HF_OK);
    hf_span data = vectors_bytes(&v, "data"), piece = hf_certificate_status_piece(c, 1);
    cr_assert_eq(w.position + piece.size, data.size);
    cr_assert_eq(c->handshake->streamed_size, piece.size);
    cr_assert_eq(memcmp(head, data.data, w.position), 0, "%s", vectors_where(&v));
    cr_assert_eq(memcmp(piece.data, data.data + w.position, piece.size), 0);
}

Test(rfc6066_messages, certificate_status)
{
    size_t good = 0, bad = 0;
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (!is_in("certificate_status"))
            continue;
        begin();
        bool is_good = expect_outcome(read_with(hf_read_certificate_status, &p.client.conn));
        if (is_good) {
            cr_assert(hf_span_equal(p.client.handshake.status, vectors_bytes(&v, "response")), "%s",
                      vectors_where(&v));
            expect_status_written(vectors_bytes(&v, "response"));
        }
        *(is_good ? &good : &bad) += 1;
    }
    vectors_close(&v);
    cr_assert_eq(good, 5, "%zu", good);
    cr_assert_eq(bad, 36, "%zu", bad);
}

/* ---------------------------------------------------------------- NewSessionTicket */

/* A ticket that is longer than HF_TICKET_MAX is let go, as an empty one is (RFC 5077 3.3). */
Test(rfc6066_messages, new_session_ticket)
{
    size_t good = 0, bad = 0, beyond_limit = 0;
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (!is_in("new_session_ticket"))
            continue;
        begin();
        bool is_good = expect_outcome(read_with(hf_read_new_session_ticket, &p.client.conn));
        *(is_good ? &good : &bad) += 1;
        if (!is_good)
            continue;
        hf_span ticket = vectors_bytes(&v, "ticket");
        cr_assert_eq(p.client.handshake.ticket_lifetime, vectors_number(&v, "lifetime_hint"));
        if (ticket.size > HF_TICKET_MAX) {
            beyond_limit++;
            ticket.size = 0;
        }
        cr_assert_eq(p.client.handshake.has_new_ticket, ticket.size != 0);
        cr_assert(hf_span_equal((hf_span){session.ticket, session.ticket_size}, ticket), "%s",
                  vectors_where(&v));
    }
    vectors_close(&v);
    cr_assert_eq(good, 11, "%zu", good);
    cr_assert_eq(bad, 40, "%zu", bad);
    cr_assert_eq(beyond_limit, 1);
}

/* ---------------------------------------------------------------- PkiPath */

/* The certificate of [certificate_identifiers] with this name. */
static hf_span certificate_named(const char *name)
{
    static uint8_t kept[2048];
    static vectors certificates;
    hf_span found = {NULL, 0};
    vectors_open(&certificates, "rfc6066.txt");
    while (found.size == 0 && vectors_next(&certificates))
        if (strcmp(vectors_section(&certificates), "certificate_identifiers") == 0 &&
            strcmp(vectors_text(&certificates, "note"), name) == 0)
            found = vectors_bytes(&certificates, "data");
    cr_assert_gt(found.size, 0);
    memcpy(kept, found.data, found.size);
    vectors_close(&certificates);
    return (hf_span){kept, found.size};
}

/* Lets a server that has the root take the block as what was fetched for a PkiPath. */
static hf_error take_path(hf_span root)
{
    static hf_trust_anchor anchor;
    static uint8_t list[2 + 1 + 1 + HF_URL_HASH_SIZE] = {0, 1, 'u', 1};
    hf_span data = vectors_bytes(&v, "data");
    hf_answer answer = {.output = data};
    pair_prepare(&p, "p256");
    p.server.now = 1830297600; /* 2028-01-01 */
    anchor.certificate = root;
    p.server.config.anchors = &anchor;
    p.server.config.anchor_count = 1;
    p.server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
    pair_start(&p);
    hf_conn *c = &p.server.conn;
    (void)hf_hash_digest(HF_HASH_SHA1, data, list + 4);
    c->handshake->urls = (hf_span){list, sizeof list};
    c->handshake->url_type = HF_URLS_OF_PKIPATH;
    c->handshake->url_count = 1;
    hf_error error = hf_take_fetched(c, &answer);
    if (error != HF_OK)
        return error;
    do {
        c->spent = false;
        error = hf_finish_certificate_url(c);
    } while (error == HF_AGAIN);
    return error;
}

/* Leaf first, as a Certificate message has them. */
static void expect_path(void)
{
    const hf_handshake *h = p.server.conn.handshake;
    cr_assert_eq(h->fetched_count, vectors_number(&v, "count"));
    for (size_t i = 0; i < h->fetched_count; i++)
        cr_assert(hf_span_equal(h->fetched[i], field("certificate", i)), "%s", vectors_where(&v));
}

/* To this engine an answer without bytes says that nothing was to be had, and a certificate that no
 * path needs is not looked at, here as in a Certificate message. */
static bool is_beyond(const char *note)
{
    return strcmp(note, "no bytes") == 0 || strcmp(note, "an empty SEQUENCE as a certificate") == 0;
}

/* Whether a path that is well formed leads to the root, and its leaf may sign, is another matter.
 */
static hf_error verdict(const char *note)
{
    if (strcmp(note, "no bytes") == 0)
        return HF_ERROR_CERTIFICATE_UNOBTAINABLE;
    if (strcmp(note, "the client's certificate alone") == 0)
        return HF_ERROR_CERTIFICATE_UNKNOWN_CA;
    return strcmp(note, "a self-signed certificate") == 0 ? HF_ERROR_CERTIFICATE_KEY_USAGE : HF_OK;
}

Test(rfc6066_messages, pkipath)
{
    size_t good = 0, bad = 0, beyond = 0;
    hf_span root = certificate_named("root-p256");
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (!is_in("pkipath"))
            continue;
        hf_error error = take_path(root);
        if (vectors_has(&v, "error") && !is_beyond(vectors_text(&v, "note"))) {
            (void)expect_outcome(error);
            bad++;
            continue;
        }
        cr_assert_eq(error, verdict(vectors_text(&v, "note")), "%s: %s", vectors_where(&v),
                     hf_reason_of(error)->symbol);
        if (vectors_has(&v, "error")) {
            beyond++;
            continue;
        }
        expect_path();
        good++;
    }
    vectors_close(&v);
    cr_assert_eq(good, 4);
    cr_assert_eq(bad, 22, "%zu", bad);
    cr_assert_eq(beyond, 2, "%zu", beyond);
}

/* RFC 6066 10.1 has each certificate certify the one after it. Paths are looked for and not checked
 * for their order: a leaf that is not the last is refused for what it is, one without its issuer
 * for having none, and a certificate that is of no use is passed over. One block is so beyond what
 * this engine looks at. */
Test(rfc6066_messages, pkipath_order)
{
    static const struct {
        const char *note;
        hf_error error;
    } outcomes[] = {
        {"the client's certificate first", HF_ERROR_CERTIFICATE_KEY_USAGE},
        {"all three, the client's first", HF_ERROR_CERTIFICATE_KEY_USAGE},
        {"the intermediate missing", HF_ERROR_CERTIFICATE_UNKNOWN_CA},
        {"the last two exchanged", HF_ERROR_CERTIFICATE_KEY_USAGE},
        {"another root", HF_OK},
    };
    size_t count = 0;
    hf_span root = certificate_named("root-p256");
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (!is_in("pkipath_order"))
            continue;
        cr_assert_lt(count, 5);
        cr_assert_str_eq(vectors_text(&v, "note"), outcomes[count].note);
        hf_error error = take_path(root);
        cr_assert_eq(error, outcomes[count].error, "%s: %s", vectors_text(&v, "note"),
                     hf_reason_of(error)->symbol);
        count++;
    }
    vectors_close(&v);
    cr_assert_eq(count, 5);
}
