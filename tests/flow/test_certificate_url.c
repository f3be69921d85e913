/* URLs in place of a client's certificates (RFC 6066 5, RFC 3546 3.3): what the server's
 * application is asked to fetch, and what becomes of it. */
#include "tests/flow/resume.h"
#include "tests/flow/stepper.h"
#include "tests/support/pki.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#define URLS_MAX (HF_CHAIN_MAX + 1)

static resume r;
static hf_credentials offer[2];
static hf_certificate_url urls[URLS_MAX];
static hf_span fetched[URLS_MAX]; /* what is at each of them */
static size_t answered;

static void set_url(size_t place, hf_span content)
{
    urls[place].url = HF_SPAN_LITERAL("http://pki.example/?which=certificate");
    urls[place].url.size = urls[place].url.size - place; /* each is another */
    (void)hf_hash_digest(HF_HASH_SHA1, content, urls[place].sha1);
    fetched[place] = content;
}

/* PkiPath, RFC 6066 10.1: the certificate nearest to the root first. */
static hf_span pkipath_of(const hf_span *chain, size_t count)
{
    hf_span parts[URLS_MAX];
    for (size_t i = 0; i < count; i++)
        parts[i] = chain[count - 1 - i];
    return pki_element(0x30, pki_join(parts, count));
}

static void set_type(hf_url_type type)
{
    const hf_credentials *own = &r.p.client.credentials[0].credentials;
    offer[0].url_type = type;
    offer[0].url_count = type == HF_URLS_OF_CERTIFICATES ? own->chain_count : 1;
    if (type == HF_URLS_OF_PKIPATH)
        set_url(0, pkipath_of(own->chain, own->chain_count));
    for (size_t i = 0; i < offer[0].url_count && type == HF_URLS_OF_CERTIFICATES; i++)
        set_url(i, own->chain[i]);
}

/* A client with URLs and a server that takes them, and requires a certificate. */
static void prepare(uint16_t version, hf_url_type type)
{
    answered = 0;
    resume_prepare(&r, "p256", version == HF_TLS1_2 ? 0xc02b : 0xc009, version);
    pki_load(&r.p.client.credentials[0], "client-p256", "inter-p256");
    offer[0] = r.p.client.credentials[0].credentials;
    offer[0].urls = urls;
    set_type(type);
    r.p.client.config.credentials = offer;
    r.p.client.config.credentials_count = 1;
    r.p.server.config.anchors = pki_roots(&r.p.server.config.anchor_count);
    r.p.server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
    r.p.server.config.accept_certificate_urls = true;
}

static hf_answer found_at(size_t place)
{
    return (hf_answer){.output = fetched[place]};
}

static void answer_one(const hf_answer *answer)
{
    const hf_question *question = hf_conn_question(&r.p.server.conn);
    cr_assert_not_null(question, "%s", reason_name(endpoint_reason(&r.p.server)));
    cr_assert_eq(question->kind, HF_QUESTION_CERTIFICATE_URL);
    cr_assert_lt(answered, offer[0].url_count);
    hf_span url = urls[answered++].url;
    cr_assert_eq(question->input.size, url.size);
    cr_assert_eq(memcmp(question->input.data, url.data, url.size), 0);
    cr_assert_eq(question->is_pkipath, offer[0].url_type == HF_URLS_OF_PKIPATH);
    if (hf_conn_answer(&r.p.server.conn, answer) != HF_OK)
        cr_assert_neq(endpoint_reason(&r.p.server), HF_OK);
    relay_run(&r.line);
}

/* Fetches everything that is asked for. */
static void answer_all(void)
{
    while (hf_conn_question(&r.p.server.conn) != NULL) {
        hf_answer answer = found_at(answered);
        answer_one(&answer);
    }
}

static void connect_through(relay_hook *hook)
{
    relay_connect(&r.line, &r.p, hook, NULL);
}

static bool was_seen(hf_role sender, uint16_t what)
{
    for (size_t i = 0; i < r.line.seen_count[sender]; i++)
        if (r.line.seen[sender][i] == what)
            return true;
    return false;
}

static void expect_authenticated(bool by_urls)
{
    expect_established(&r.p);
    cr_assert(hf_conn_client_authenticated(&r.p.server.conn));
    cr_assert_eq(was_seen(HF_CLIENT, HF_CERTIFICATE_URL), by_urls);
    cr_assert_eq(was_seen(HF_CLIENT, HF_CERTIFICATE), !by_urls);
    cr_assert(was_seen(HF_CLIENT, HF_CERTIFICATE_VERIFY));
    expect_data(&r.p);
}

/* ---------------------------------------------------------------- good ones */

/* The message stands in place of the Certificate, in every version and of both kinds. */
Test(certificate_url, types_and_versions)
{
    resume_begin(&r);
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (int type = HF_URLS_OF_CERTIFICATES; type <= HF_URLS_OF_PKIPATH; type++) {
            prepare(version, (hf_url_type)type);
            connect_through(NULL);
            answer_all();
            cr_assert_eq(answered, type == HF_URLS_OF_CERTIFICATES ? 2 : 1);
            expect_authenticated(true);
        }
}

/* Until an answer comes the connection waits, whatever it is given (question.h). */
Test(certificate_url, late)
{
    resume_begin(&r);
    prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
    connect_through(NULL);
    for (int i = 0; i < 10; i++) {
        cr_assert_eq(hf_conn_run(&r.p.server.conn), HF_WAITING);
        cr_assert(hf_conn_wants(&r.p.server.conn) & HF_HAS_QUESTION);
        relay_run(&r.line);
    }
    answer_all();
    expect_authenticated(true);
}

/* Who the client is is known as from a Certificate, so that it must stay so (RFC 5246 F.1.4). */
Test(certificate_url, identity)
{
    uint8_t digest[32];
    resume_begin(&r);
    for (int type = HF_URLS_OF_CERTIFICATES; type <= HF_URLS_OF_PKIPATH; type++) {
        prepare(HF_TLS1_2, (hf_url_type)type);
        connect_through(NULL);
        answer_all();
        expect_authenticated(true);
        (void)hf_hash_digest(HF_HASH_SHA256, offer[0].chain[0], digest);
        cr_assert_eq(memcmp(digest, r.p.server.conn.peer_certificate, sizeof digest), 0);
    }
}

/* Whether a hello of the server had the extension. */
static bool has_answer;

static bool note_answer(relay *line, relayed *part)
{
    size_t size;
    (void)line;
    if (part->type == HF_SERVER_HELLO)
        has_answer = hello_extension(part, 2, &size) != NULL;
    return true;
}

Test(certificate_url, resumed)
{
    resume_begin(&r);
    prepare(HF_TLS1_2, HF_URLS_OF_PKIPATH);
    r.p.session = &r.session;
    connect_through(note_answer);
    answer_all();
    expect_authenticated(true);
    cr_assert(has_answer);
    prepare(HF_TLS1_2, HF_URLS_OF_PKIPATH);
    resume_again(&r, note_answer, NULL);
    expect_resumed(&r, true);
    cr_assert_not(has_answer);
    cr_assert(hf_conn_client_authenticated(&r.p.server.conn));
    cr_assert_eq(answered, 0);
}

/* ---------------------------------------------------------------- who agrees to what */

/* Of use only to a server that asks for a certificate; one that does not, or does not take URLs,
 * stays silent, and the client sends its Certificate where it is asked. */
Test(certificate_url, not_agreed)
{
    resume_begin(&r);
    for (int mode = HF_CLIENT_AUTH_OFF; mode <= HF_CLIENT_AUTH_REQUIRE; mode++)
        for (int accepts = 0; accepts < 2; accepts++) {
            bool asks = mode != HF_CLIENT_AUTH_OFF;
            prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
            r.p.server.config.client_auth = (hf_client_auth)mode;
            r.p.server.config.accept_certificate_urls = accepts != 0;
            connect_through(note_answer);
            answer_all();
            cr_assert_eq(has_answer, asks && accepts != 0);
            if (asks)
                expect_authenticated(accepts != 0);
            else
                expect_established(&r.p);
        }
}

/* "clients MAY send a CertificateURL message in place of a Certificate message": this one has no
 * URLs for the certificate that it shows. */
Test(certificate_url, certificate_all_the_same)
{
    resume_begin(&r);
    prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
    offer[1] = offer[0];
    offer[0].url_count = 0;
    r.p.client.config.credentials_count = 2;
    connect_through(note_answer);
    cr_assert(has_answer);
    expect_authenticated(false);
}

/* A client without a certificate sends the empty Certificate that RFC 5246 7.4.6 has for it. */
Test(certificate_url, nothing_to_show)
{
    static const uint16_t ecdsa = 0x0403;
    resume_begin(&r);
    for (int mode = HF_CLIENT_AUTH_REQUEST; mode <= HF_CLIENT_AUTH_REQUIRE; mode++) {
        prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
        r.p.server.config.client_auth = (hf_client_auth)mode;
        r.p.server.config.schemes = (hf_code_list){&ecdsa, 1};
        pki_load(&r.p.client.credentials[0], "client-rsa2048", "inter-rsa2048");
        offer[0].chain = r.p.client.credentials[0].chain;
        offer[0].key = &r.p.client.credentials[0].key;
        connect_through(NULL);
        if (mode == HF_CLIENT_AUTH_REQUIRE) {
            expect_refusal(&r.p, HF_SERVER, HF_ERROR_CERTIFICATE_MISSING, 40);
            continue;
        }
        expect_established(&r.p);
        cr_assert_not(hf_conn_client_authenticated(&r.p.server.conn));
    }
}

/* ---------------------------------------------------------------- what is fetched */

static void expect_refused(hf_error reason, int alert)
{
    expect_refusal(&r.p, HF_SERVER, reason, alert);
    cr_assert_null(hf_conn_question(&r.p.server.conn));
}

/* RFC 6066 5: certificate_unobtainable. */
Test(certificate_url, unobtainable)
{
    static const hf_answer answers[] = {{.refused = true}, {.output = {NULL, 0}}};
    resume_begin(&r);
    for (int type = HF_URLS_OF_CERTIFICATES; type <= HF_URLS_OF_PKIPATH; type++)
        for (size_t i = 0; i < 2; i++) {
            prepare(HF_TLS1_2, (hf_url_type)type);
            connect_through(NULL);
            answer_one(&answers[i]);
            expect_refused(HF_ERROR_CERTIFICATE_UNOBTAINABLE, 111);
        }
    /* The second of two. */
    prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
    connect_through(NULL);
    hf_answer first = found_at(0);
    answer_one(&first);
    answer_one(&answers[0]);
    expect_refused(HF_ERROR_CERTIFICATE_UNOBTAINABLE, 111);
}

/* "the server MUST check that the SHA-1 hash of the contents of the object retrieved from that URL
 * ... matches": bad_certificate_hash_value. */
Test(certificate_url, wrong_hash)
{
    resume_begin(&r);
    for (size_t byte = 0; byte < HF_URL_HASH_SIZE; byte++) {
        size_t place = byte % 2;
        prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
        urls[place].sha1[byte] ^= 0x80;
        connect_through(NULL);
        answer_all();
        cr_assert_eq(answered, place + 1);
        expect_refused(HF_ERROR_CERTIFICATE_URL_HASH_WRONG, 114);
    }
    /* The two certificates exchanged. */
    prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
    connect_through(NULL);
    hf_answer second = found_at(1);
    answer_one(&second);
    expect_refused(HF_ERROR_CERTIFICATE_URL_HASH_WRONG, 114);
}

static void fetch_instead(hf_url_type type, hf_span content)
{
    prepare(HF_TLS1_2, type);
    offer[0].url_count = 1;
    set_url(0, content);
    connect_through(NULL);
    answer_all();
}

/* Whatever the hash is right for may be no certificate. */
Test(certificate_url, garbage)
{
    static const uint8_t page[] = "<!DOCTYPE html><title>404</title>";
    resume_begin(&r);
    for (int type = HF_URLS_OF_CERTIFICATES; type <= HF_URLS_OF_PKIPATH; type++) {
        fetch_instead((hf_url_type)type, (hf_span){page, sizeof page});
        expect_refused(HF_ERROR_CERTIFICATE_MALFORMED, 42);
        fetch_instead((hf_url_type)type, (hf_span){page, 1});
        expect_refused(HF_ERROR_CERTIFICATE_MALFORMED, 42);
    }
    /* One kind in place of the other. */
    const hf_span *chain = r.p.client.credentials[0].chain;
    fetch_instead(HF_URLS_OF_CERTIFICATES, pkipath_of(chain, 2));
    expect_refused(HF_ERROR_CERTIFICATE_MALFORMED, 42);
    fetch_instead(HF_URLS_OF_PKIPATH, chain[0]);
    expect_refused(HF_ERROR_CERTIFICATE_MALFORMED, 42);
    fetch_instead(HF_URLS_OF_PKIPATH, pki_element(0x30, PKI_NONE));
    expect_refused(HF_ERROR_CERTIFICATE_MALFORMED, 42);
}

/* A certificate of somebody else, whose key the client does not have. */
Test(certificate_url, somebody_elses)
{
    resume_begin(&r);
    const hf_span chain[] = {pki_file("client-p384.der"), pki_file("inter-p384.der")};
    fetch_instead(HF_URLS_OF_PKIPATH, pkipath_of(chain, 2));
    cr_assert_eq(hf_reason_of(endpoint_reason(&r.p.server))->class_, HF_CLASS_MISBEHAVED);
    const hf_span server[] = {pki_file("server-p256.der"), pki_file("inter-p256.der")};
    fetch_instead(HF_URLS_OF_PKIPATH, pkipath_of(server, 2));
    expect_refused(HF_ERROR_CERTIFICATE_EXTENDED_KEY_USAGE, 42);
    fetch_instead(HF_URLS_OF_PKIPATH, pkipath_of(server, 1));
    expect_refused(HF_ERROR_CERTIFICATE_EXTENDED_KEY_USAGE, 42);
    const hf_span alone[] = {pki_file("client-p256.der")};
    fetch_instead(HF_URLS_OF_PKIPATH, pkipath_of(alone, 1));
    expect_refused(HF_ERROR_CERTIFICATE_UNKNOWN_CA, 48);
}

/* The client's own certificate is the last of a PkiPath; the first here, the authority's is taken
 * for it and refused. */
Test(certificate_url, pkipath_reversed)
{
    resume_begin(&r);
    prepare(HF_TLS1_2, HF_URLS_OF_PKIPATH);
    const hf_span *own = r.p.client.credentials[0].chain;
    const hf_span reversed[] = {own[1], own[0]};
    fetch_instead(HF_URLS_OF_PKIPATH, pkipath_of(reversed, 2));
    expect_refused(HF_ERROR_CERTIFICATE_KEY_USAGE, 42);
}

Test(certificate_url, too_many)
{
    resume_begin(&r);
    for (size_t count = HF_CHAIN_MAX; count <= HF_CHAIN_MAX + 1; count++) {
        hf_span chain[HF_CHAIN_MAX + 1];
        prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
        for (size_t i = 0; i < count; i++)
            set_url(i, chain[i] = offer[0].chain[i != 0]);
        offer[0].url_count = count;
        connect_through(NULL);
        answer_all();
        if (count <= HF_CHAIN_MAX)
            expect_authenticated(true);
        else
            expect_refused(HF_ERROR_CERTIFICATE_CHAIN_TOO_LONG, 42);
        fetch_instead(HF_URLS_OF_PKIPATH, pkipath_of(chain, count));
        if (count <= HF_CHAIN_MAX)
            expect_authenticated(true);
        else
            expect_refused(HF_ERROR_CERTIFICATE_CHAIN_TOO_LONG, 42);
    }
}

/* ---------------------------------------------------------------- against the rules */

/* A CertificateURL that this client would not send. */
static const uint8_t one_url[4 + 1 + 2 + 2 + 1 + 1 + 20] = {21, 0, 0, 27, 0, 0, 24, 0, 1, 'u', 1};

static bool replace_certificate(relay *line, relayed *part)
{
    if (part->type != HF_CERTIFICATE || part->sender != HF_CLIENT)
        return true;
    relay_insert(line, HF_CONTENT_HANDSHAKE, one_url, sizeof one_url);
    return false;
}

/* RFC 6066 5: only where the server has agreed. */
Test(certificate_url, without_agreement)
{
    resume_begin(&r);
    prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
    r.p.server.config.accept_certificate_urls = false;
    connect_through(replace_certificate);
    expect_refused(HF_ERROR_UNEXPECTED_MESSAGE, 10);
}

static bool add_certificate(relay *line, relayed *part)
{
    static const uint8_t none[] = {11, 0, 0, 3, 0, 0, 0};
    if (part->type == HF_CLIENT_KEY_EXCHANGE)
        relay_insert(line, HF_CONTENT_HANDSHAKE, none, sizeof none);
    return true;
}

static bool add_url(relay *line, relayed *part)
{
    if (part->type == HF_CLIENT_KEY_EXCHANGE)
        relay_insert(line, HF_CONTENT_HANDSHAKE, one_url, sizeof one_url);
    return true;
}

/* One of the two messages, not both, in either order, nor one twice. */
Test(certificate_url, both_messages)
{
    resume_begin(&r);
    prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
    connect_through(add_certificate);
    answer_all();
    expect_refused(HF_ERROR_UNEXPECTED_MESSAGE, 10);
    prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
    connect_through(add_url);
    answer_all();
    expect_refused(HF_ERROR_UNEXPECTED_MESSAGE, 10);
    prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
    offer[1] = offer[0];
    offer[0].url_count = 0;
    r.p.client.config.credentials_count = 2;
    connect_through(add_url);
    expect_refused(HF_ERROR_UNEXPECTED_MESSAGE, 10);
}

static bool drop_certificate(relay *line, relayed *part)
{
    (void)line;
    return part->sender == HF_SERVER ||
           (part->type != HF_CERTIFICATE_URL && part->type != HF_CERTIFICATE);
}

/* Neither of them. */
Test(certificate_url, no_message)
{
    resume_begin(&r);
    prepare(HF_TLS1_2, HF_URLS_OF_CERTIFICATES);
    r.p.server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
    connect_through(drop_certificate);
    expect_refused(HF_ERROR_UNEXPECTED_MESSAGE, 10);
}

/* A list of URLs that does not fit where the message is composed is not cut short. */
Test(certificate_url, long_urls)
{
    static uint8_t text[0xffff];
    resume_begin(&r);
    memset(text, 'u', sizeof text);
    for (size_t size = 500; size <= 0xffff; size = size * 2 + 535) {
        prepare(HF_TLS1_2, HF_URLS_OF_PKIPATH);
        urls[0].url = (hf_span){text, size};
        bool fits = 4 + 1 + 2 + 2 + size + 1 + 20 <= sizeof r.p.client.handshake.compose;
        connect_through(NULL);
        answer_all();
        if (fits)
            expect_authenticated(true);
        else
            expect_refusal(&r.p, HF_CLIENT, HF_ERROR_OUTPUT_TOO_LONG, 80);
    }
}
