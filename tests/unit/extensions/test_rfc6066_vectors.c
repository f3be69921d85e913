/* vectors/rfc6066.txt, its extensions: every block through the reader of the side that gets it, and
 * what this engine writes compared with the blocks that it can be made to write (RFC 6066, 8449).
 * The messages of the same file are read in tests/unit/handshake/. */
#include "tls/extensions/extensions.h"

#include "tests/support/pair.h"
#include "tests/support/vectors.h"
#include "tls/handshake/handshake.h"
#include "tls/x509/x509.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static pair p;
static hf_conn *c;
static vectors v;

/* Blocks of the file, by what is done with them; a change of the file changes one of these. */
#define EXTENSION_BLOCKS 433
#define SERVER_BLOCKS    82 /* of them sent by servers */

/* The extension of the section that the block stands in; 0xffff if it is none. */
static uint16_t code_of_section(void)
{
    for (size_t i = 0; hf_extension_at(i) != NULL; i++)
        if (strcmp(hf_extension_at(i)->name, vectors_section(&v)) == 0)
            return hf_extension_at(i)->code;
    return 0xffff;
}

static bool is_from_server(void)
{
    return strcmp(vectors_text(&v, "from"), "server") == 0;
}

static hf_span field(const char *name, size_t index)
{
    char numbered[32];
    (void)snprintf(numbered, sizeof numbered, "%s_%zu", name, index);
    return vectors_bytes(&v, numbered);
}

static uint8_t field_number(const char *name, size_t index)
{
    char numbered[32];
    (void)snprintf(numbered, sizeof numbered, "%s_%zu", name, index);
    return (uint8_t)vectors_number(&v, numbered);
}

/* ---------------------------------------------------------------- reading */

/* The side that gets the block, which as a client has offered everything. */
static void begin(void)
{
    pair_prepare(&p, "p256");
    p.client.config.truncated_hmac = true;
    if (vectors_has(&v, "requested"))
        p.client.config.max_fragment_length =
            (uint16_t)(256u << (unsigned)vectors_number(&v, "requested"));
    pair_start(&p);
    c = is_from_server() ? &p.client.conn : &p.server.conn;
    c->handshake->offered = UINT32_MAX;
    c->suite = hf_suite_of(0xc023); /* with an HMAC */
}

static hf_error read_block(void)
{
    static uint8_t bytes[0x4000];
    hf_span data = vectors_bytes(&v, "data");
    hf_writer w = hf_writer_of(bytes, sizeof bytes);
    size_t block = hf_write_vector_begin(&w, 2);
    hf_write_u16(&w, code_of_section());
    size_t body = hf_write_vector_begin(&w, 2);
    hf_write_bytes(&w, data);
    hf_write_vector_end(&w, body, 2);
    hf_write_vector_end(&w, block, 2);
    cr_assert_not(w.failed);
    hf_reader r = hf_reader_of((hf_span){bytes, w.position});
    return hf_read_extensions(c, &r);
}

/* What came of it as the file says it: the alert's name, or "accepted". */
static const char *outcome(hf_error error)
{
    return error == HF_OK ? "accepted" : hf_alert_name(hf_reason_of(error)->alert);
}

static bool is_also_right(hf_error error)
{
    return vectors_has(&v, "also") && strcmp(vectors_text(&v, "also"), outcome(error)) == 0;
}

static void expect_name(void)
{
    hf_span name = {NULL, 0};
    for (size_t i = 0; i < vectors_number(&v, "count"); i++)
        if (field_number("type", i) == 0)
            name = field("name", i);
    cr_assert(hf_span_equal(hf_conn_server_name(c), name), "%s", vectors_where(&v));
}

/* RFC 8449 4: more than the version allows counts as what it allows. */
static void expect_limit(void)
{
    uint64_t limit = vectors_number(&v, "limit");
    cr_assert_eq(c->handshake->peer_record_limit, limit < 16384 ? limit : 16384, "%s",
                 vectors_where(&v));
}

/* The engine keeps the list as it came: it is put together here again from the fields. */
static void expect_authorities(void)
{
    static uint8_t list[2048];
    hf_writer w = hf_writer_of(list, sizeof list);
    for (size_t i = 0; i < vectors_number(&v, "count"); i++) {
        uint8_t type = field_number("type", i);
        hf_span value = field("value", i);
        hf_write_u8(&w, type);
        if (type == 2)
            hf_write_u16(&w, (uint16_t)value.size);
        hf_write_bytes(&w, value);
    }
    cr_assert_not(w.failed);
    cr_assert(hf_span_equal(c->handshake->authorities_offered, (hf_span){list, w.position}), "%s",
              vectors_where(&v));
}

static void expect_fields(void)
{
    const char *name = vectors_section(&v);
    if (is_from_server() && !vectors_has(&v, "length") && !vectors_has(&v, "limit"))
        return; /* an empty answer */
    if (strcmp(name, "server_name") == 0)
        expect_name();
    else if (strcmp(name, "max_fragment_length") == 0)
        cr_assert_eq(hf_conn_max_fragment_length(c), vectors_number(&v, "length"));
    else if (strcmp(name, "record_size_limit") == 0)
        expect_limit();
    else if (strcmp(name, "trusted_ca_keys") == 0)
        expect_authorities();
    else if (strcmp(name, "status_request") == 0)
        cr_assert(c->handshake->wants_status);
    else
        cr_assert_eq(vectors_bytes(&v, "data").size, 0, "nothing to decode");
}

static void expect_outcome(hf_error error)
{
    const char *note = vectors_text(&v, "note");
    if (is_also_right(error))
        return;
    if (vectors_has(&v, "error")) {
        cr_assert_neq(error, HF_OK, "%s accepted: %s", vectors_where(&v), note);
        cr_assert_str_eq(outcome(error), vectors_text(&v, "error"), "%s: %s, %s", vectors_where(&v),
                         hf_reason_of(error)->symbol, note);
        return;
    }
    cr_assert_eq(error, HF_OK, "%s refused with %s: %s", vectors_where(&v),
                 hf_reason_of(error)->symbol, note);
    expect_fields();
}

/* None of the extensions' blocks is beyond a limit of this engine. */
Test(rfc6066_vectors, read)
{
    size_t count = 0, from_servers = 0;
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (code_of_section() == 0xffff)
            continue;
        begin();
        expect_outcome(read_block());
        count++;
        from_servers += is_from_server();
    }
    vectors_close(&v);
    cr_assert_eq(count, EXTENSION_BLOCKS, "%zu", count);
    cr_assert_eq(from_servers, SERVER_BLOCKS, "%zu", from_servers);
}

/* What is of another type than OCSP is passed over: nothing is promised (RFC 6066 8). */
Test(rfc6066_vectors, unknown_status_type)
{
    size_t count = 0;
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (strcmp(vectors_section(&v), "status_request") != 0 ||
            strncmp(vectors_text(&v, "note"), "unknown status_type", 19) != 0)
            continue;
        begin();
        cr_assert_eq(read_block(), HF_OK);
        cr_assert_not(c->handshake->wants_status);
        count++;
    }
    vectors_close(&v);
    cr_assert_eq(count, 12);
}

/* ---------------------------------------------------------------- writing */

/* The body of the section's extension as this end writes it; false if it does not. */
static bool write_one(uint16_t code, hf_span *body)
{
    static uint8_t block[4096];
    hf_writer w = hf_writer_of(block, sizeof block);
    hf_write_extensions(c, &w);
    cr_assert_not(w.failed);
    hf_reader r = hf_reader_of((hf_span){block, w.position});
    r = hf_reader_of(w.position == 0 ? (hf_span){NULL, 0} : hf_read_vector16(&r, 0, 0xffff));
    while (hf_reader_left(&r) != 0) {
        uint16_t type = hf_read_u16(&r);
        *body = hf_read_vector16(&r, 0, 0xffff);
        if (type == code)
            return true;
    }
    return false;
}

static void expect_written(hf_span expected)
{
    hf_span body = {NULL, 0};
    cr_assert(write_one(code_of_section(), &body), "%s: not written", vectors_where(&v));
    cr_assert(hf_span_equal(body, expected), "%s", vectors_where(&v));
}

/* A client that is made to offer what the block has; false if that is not to be had. */
static bool configure_offer(void)
{
    static char name[256];
    static hf_credentials credentials;
    static const hf_certificate_url url = {.url = {(const uint8_t *)"u", 1}};
    hf_config *config = &p.client.config;
    const char *section = vectors_section(&v);
    if (strcmp(section, "server_name") == 0) {
        hf_span own = field("name", 0);
        memcpy(name, own.data, own.size);
        name[own.size] = '\0';
        return vectors_number(&v, "count") == 1 && field_number("type", 0) == 0 &&
               hf_conn_set_server_name(c, name) == HF_OK;
    }
    if (strcmp(section, "max_fragment_length") == 0)
        config->max_fragment_length = (uint16_t)vectors_number(&v, "length");
    else if (strcmp(section, "record_size_limit") == 0)
        config->record_size_limit = (uint16_t)vectors_number(&v, "limit");
    else if (strcmp(section, "truncated_hmac") == 0)
        config->truncated_hmac = true;
    else if (strcmp(section, "status_request") == 0)
        config->status_request = HF_STATUS_REQUEST_ASK;
    else if (strcmp(section, "client_certificate_url") == 0) {
        credentials = (hf_credentials){.urls = &url, .url_count = 1};
        config->credentials = &credentials;
        config->credentials_count = 1;
    } else {
        config->trusted_ca_keys = HF_TRUSTED_CA_KEYS_PRE_AGREED;
    }
    return true;
}

/* A client asks for the largest records by not asking (record_size_limit), and always for any
 * responder (status_request); of trusted authorities more below. */
static bool can_be_offered(void)
{
    const char *section = vectors_section(&v), *note = vectors_text(&v, "note");
    if (code_of_section() == 0xffff || vectors_has(&v, "error") || is_from_server())
        return false;
    if (strcmp(section, "record_size_limit") == 0)
        return vectors_number(&v, "limit") < 16384;
    if (strcmp(section, "status_request") == 0)
        return strcmp(note, "nothing in particular") == 0;
    return strcmp(section, "trusted_ca_keys") != 0 || strcmp(note, "pre_agreed") == 0;
}

Test(rfc6066_vectors, offers)
{
    size_t count = 0;
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (!can_be_offered())
            continue;
        begin();
        c = &p.client.conn;
        if (!configure_offer())
            continue; /* server_name with another type, which this client has none of */
        expect_written(vectors_bytes(&v, "data"));
        count++;
    }
    vectors_close(&v);
    /* Names, lengths, limits, and one each of the other four. */
    cr_assert_eq(count, 7 + 4 + 8 + 4, "%zu", count);
}

/* A server that has made use of everything that was offered. */
static void take_everything(void)
{
    c = &p.server.conn;
    c->suite = hf_suite_of(0xc023);
    c->truncated_hmac = true;
    c->handshake->is_name_bound = c->handshake->is_chain_trusted = true;
    c->handshake->wants_status = c->handshake->accepts_urls = true;
    p.server.offered[0].ocsp_response = (hf_span){(const uint8_t *)"r", 1};
    c->handshake->credentials = &p.server.offered[0];
    if (vectors_has(&v, "length"))
        c->fragment_length = (uint16_t)vectors_number(&v, "length");
    if (vectors_has(&v, "limit")) {
        p.server.config.record_size_limit = (uint16_t)vectors_number(&v, "limit");
        c->handshake->peer_record_limit = 64;
    }
}

Test(rfc6066_vectors, answers)
{
    size_t count = 0;
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (code_of_section() == 0xffff || vectors_has(&v, "error") || !is_from_server() ||
            (vectors_has(&v, "limit") && vectors_number(&v, "limit") > 16384))
            continue;
        begin();
        take_everything();
        expect_written(vectors_bytes(&v, "data"));
        count++;
    }
    vectors_close(&v);
    /* Lengths, limits up to the largest, five empty ones. */
    cr_assert_eq(count, 4 + 9 + 5, "%zu", count);
}

/* ---------------------------------------------------------------- authorities */

/* One TrustedAuthority in a list of one. */
static hf_span authority(uint8_t type, hf_span value)
{
    static uint8_t list[1024];
    hf_writer w = hf_writer_of(list, sizeof list);
    size_t whole = hf_write_vector_begin(&w, 2);
    hf_write_u8(&w, type);
    if (type == 2)
        hf_write_u16(&w, (uint16_t)value.size);
    hf_write_bytes(&w, value);
    hf_write_vector_end(&w, whole, 2);
    return (hf_span){list, w.position};
}

static void expect_authority(hf_trusted_ca_keys kind, const hf_trust_anchor *anchor, uint8_t type,
                             hf_span value)
{
    hf_span body = {NULL, 0};
    pair_prepare(&p, "p256");
    p.client.config.trusted_ca_keys = kind;
    p.client.config.anchors = anchor;
    p.client.config.anchor_count = 1;
    pair_start(&p);
    c = &p.client.conn;
    cr_assert(write_one(3, &body));
    cr_assert(hf_span_equal(body, authority(type, value)), "%s, kind %d", vectors_where(&v), kind);
}

/* RFC 6066 6: the hash of an RSA key is that of its modulus without leading zeros, of other keys
 * that of the public key's bits; a name is the subject's in DER. Of an anchor that is only a name
 * and a key there is no certificate to hash: its key's hash stands in. */
Test(rfc6066_vectors, identifiers)
{
    size_t count = 0;
    vectors_open(&v, "rfc6066.txt");
    while (vectors_next(&v)) {
        if (strcmp(vectors_section(&v), "certificate_identifiers") != 0)
            continue;
        hf_certificate read;
        hf_trust_anchor whole = {.certificate = vectors_bytes(&v, "data")};
        cr_assert_eq(hf_certificate_read(&read, whole.certificate), HF_OK);
        hf_trust_anchor bare = {.name = vectors_bytes(&v, "x509_name"),
                                .public_key = read.public_key_der};
        hf_span key = vectors_bytes(&v, "key_sha1_hash"), name = vectors_bytes(&v, "x509_name"),
                certificate = vectors_bytes(&v, "cert_sha1_hash");
        expect_authority(HF_TRUSTED_CA_KEYS_NAMES, &whole, 2, name);
        expect_authority(HF_TRUSTED_CA_KEYS_NAMES, &bare, 2, name);
        expect_authority(HF_TRUSTED_CA_KEYS_KEY_HASHES, &whole, 1, key);
        expect_authority(HF_TRUSTED_CA_KEYS_KEY_HASHES, &bare, 1, key);
        expect_authority(HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES, &whole, 3, certificate);
        expect_authority(HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES, &bare, 1, key);
        count++;
    }
    vectors_close(&v);
    cr_assert_eq(count, 8);
}
