/* CertificateRequest as clients get it: longer than any buffer of theirs, in pieces of any size,
 * cut off, and with lengths that do not add up (RFC 5246 7.4.4; RFC 4346 7.4.4; RFC 8422 5.5). */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"
#include "tests/support/pki.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static pair p;
static relay line;
static hf_credentials offer[2];
static uint16_t suite;

/* The server shows its leaf alone, below an anchor that the client has, so that its Certificate
 * fits into the smallest buffer. */
static void prepare(uint16_t version)
{
    static hf_trust_anchor anchor;
    pair_prepare(&p, "p256");
    suite = version == HF_TLS1_2 ? 0xc02b : 0xc009;
    anchor.certificate = pki_file("inter-p256.der");
    p.server.offered[0].chain_count = 1;
    p.client.config.anchors = &anchor;
    p.client.config.anchor_count = 1;
    p.client.config.policy = p.server.config.policy = &hf_policy_compatible;
    p.client.config.suites = p.server.config.suites = (hf_code_list){&suite, 1};
    p.client.config.version_min = p.client.config.version_max = version;
    p.server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
    p.server.config.anchors = pki_roots(&p.server.config.anchor_count);
    pki_load(&p.client.credentials[0], "client-rsa2048", "inter-rsa2048");
    pki_load(&p.client.credentials[1], "client-p256", "inter-p256");
    for (size_t i = 0; i < 2; i++)
        offer[i] = p.client.credentials[i].credentials;
    p.client.config.credentials = offer;
    p.client.config.credentials_count = 2;
}

/* ---------------------------------------------------------------- thousands of names */

#define AUTHORITIES_MAX 0xffff

static hf_trust_anchor anchors[4000];
static size_t anchor_count;

/* A Name with one commonName of this many letters: all the bytes around them are known. */
static hf_span long_name(size_t letters, char letter)
{
    static char text[4096];
    cr_assert_lt(letters, sizeof text);
    memset(text, letter, letters);
    text[letters] = '\0';
    return pki_name(text);
}

static hf_span root_name(const char *file)
{
    hf_certificate root;
    cr_assert_eq(hf_certificate_read(&root, pki_file(file)), HF_OK);
    return root.subject;
}

static size_t total_of_anchors(void)
{
    size_t total = 0;
    for (size_t i = 0; i < anchor_count; i++)
        total += 2 + anchors[i].name.size;
    return total;
}

static void add_name(hf_span name)
{
    static hf_span key;
    if (key.size == 0)
        key = pki_public_key(pki_key_at(0));
    cr_assert_lt(anchor_count, sizeof anchors / sizeof anchors[0]);
    anchors[anchor_count++] = (hf_trust_anchor){.name = name, .public_key = key};
}

/* Names that nobody has, the last one so that all of them and `last` come to `total` bytes. */
static void name_authorities(size_t total, hf_span last)
{
    size_t overhead = 2 + long_name(100, 'x').size - 100; /* of names of 100 to 127 letters */
    anchor_count = 0;
    if (last.size != 0)
        total -= 2 + last.size;
    for (;;) {
        size_t left = total - total_of_anchors();
        if (left <= overhead + 110) {
            add_name(long_name(left - overhead, 'y'));
            break;
        }
        char text[32];
        (void)snprintf(text, sizeof text, "authority %05zu", anchor_count);
        hf_span name = left > overhead + 250 ? pki_name(text) : long_name(left / 2 - overhead, 'z');
        add_name(name);
    }
    cr_assert_eq(total_of_anchors(), total);
    if (last.size != 0)
        add_name(last);
}

static void ask_for_them(void)
{
    p.server.config.anchors = anchors;
    p.server.config.anchor_count = anchor_count;
}

/* The client's Certificate: which of `offer` it shows, or -1. */
static int shown;
static size_t authorities;

static bool note(relay *r, relayed *part)
{
    (void)r;
    if (part->type == HF_CERTIFICATE_REQUEST) {
        size_t at = 5 + (size_t)part->bytes[4];
        if (hf_conn_version(&p.server.conn) == HF_TLS1_2)
            at += 2 + ((size_t)part->bytes[at] << 8 | part->bytes[at + 1]);
        authorities = (size_t)part->bytes[at] << 8 | part->bytes[at + 1];
    }
    if (part->sender == HF_CLIENT && part->type == HF_CERTIFICATE) {
        shown = -1;
        for (int i = 0; i < 2 && part->size > 10; i++)
            if (part->size > 10 + offer[i].chain[0].size &&
                memcmp(part->bytes + 10, offer[i].chain[0].data, offer[i].chain[0].size) == 0)
                shown = i;
    }
    return true;
}

static void begin_noted(void)
{
    shown = -2;
    authorities = SIZE_MAX;
    memset(&line, 0, sizeof line);
    line.p = &p;
    line.hook = note;
}

static void connect_noted(void)
{
    begin_noted();
    pair_start(&p);
    relay_run(&line);
}

/* The server does not know these authorities' keys; what counts here is what the client makes of
 * their names. */
static void expect_shown(int which)
{
    cr_assert_eq(shown, which);
    if (which < 0)
        expect_established(&p);
    else
        cr_assert_neq(endpoint_reason(&p.server), HF_OK);
    cr_assert_not(hf_conn_client_authenticated(&p.server.conn));
}

/* The credentials are found by the last name of thousands, however small the receive buffer. */
Test(certificate_request, last_of_thousands)
{
    static const size_t buffers[] = {HF_RX_MIN, 1025, 1500, 2048, 4096, HF_RX_FULL};
    name_authorities(AUTHORITIES_MAX - 1, root_name("root-p256.der"));
    cr_assert_gt(anchor_count, 1500);
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
            prepare(version);
            ask_for_them();
            p.client.rx_size = buffers[i];
            connect_noted();
            cr_assert_eq(authorities, AUTHORITIES_MAX - 1);
            expect_shown(1);
        }
}

/* In the middle, and the name of a CA below a root. */
Test(certificate_request, one_of_thousands)
{
    static const char *const names[] = {"root-rsa2048.der", "inter-rsa2048.der", "root-p256.der",
                                        "inter-p256.der"};
    for (size_t i = 0; i < 8; i++) {
        hf_span name = root_name(names[i / 2]);
        prepare(HF_TLS1_2);
        name_authorities(50000, PKI_NONE);
        ask_for_them();
        anchors[i % 2 == 0 ? 0 : anchor_count / 2].name = name;
        p.client.rx_size = HF_RX_MIN;
        connect_noted();
        cr_assert_eq(shown, i < 4 ? 0 : 1);
    }
}

/* Names that no credentials have: the client shows none (RFC 5246 7.4.6). */
Test(certificate_request, none_of_thousands)
{
    name_authorities(AUTHORITIES_MAX, PKI_NONE);
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        prepare(version);
        ask_for_them();
        p.client.rx_size = HF_RX_MIN;
        connect_noted();
        cr_assert_eq(authorities, AUTHORITIES_MAX);
        expect_shown(-1);
        expect_data(&p);
    }
}

/* A name that only begins or ends like the right one is another. */
Test(certificate_request, similar_names)
{
    uint8_t similar[300];
    hf_span name = root_name("root-p256.der");
    for (int what = 0; what < 5; what++) {
        size_t size = name.size;
        memset(similar, 0, sizeof similar);
        memcpy(similar, name.data, name.size);
        if (what == 0)
            size--;
        else if (what == 1)
            size++;
        else if (what == 2)
            similar[size - 1] ^= 1;
        else if (what == 3)
            similar[0] ^= 1;
        else
            size = 1;
        prepare(HF_TLS1_2);
        name_authorities(2000, (hf_span){similar, size});
        ask_for_them();
        connect_noted();
        expect_shown(-1);
    }
}

/* certificate_authorities<0..2^16-1>: the longest list that fits is sent, and one byte more makes
 * it be left out, which stands for any authority. */
Test(certificate_request, longest_list)
{
    for (size_t total = AUTHORITIES_MAX; total <= AUTHORITIES_MAX + 1; total++) {
        prepare(HF_TLS1_2);
        name_authorities(total, root_name("root-p256.der"));
        ask_for_them();
        connect_noted();
        cr_assert_eq(authorities, total <= AUTHORITIES_MAX ? total : 0);
        expect_shown(total <= AUTHORITIES_MAX ? 1 : 0);
    }
}

/* Byte by byte, and in records of any size (the transmit buffer's payload). */
Test(certificate_request, pieces_of_any_size)
{
    static const size_t chunks[] = {1, 2, 3, 7, 513};
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        prepare(HF_TLS1_2);
        name_authorities(i == 0 ? 20000 : AUTHORITIES_MAX, root_name("inter-p256.der"));
        ask_for_them();
        p.server.tx_size = HF_TX_MIN + 17 * i;
        p.client.rx_size = HF_RX_MIN;
        p.chunk = chunks[i];
        pair_connect(&p);
        expect_refusal(&p, HF_SERVER, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG, 42);
    }
}

/* With the right key behind the name all ends well. */
Test(certificate_request, accepted)
{
    size_t count;
    name_authorities(30000, root_name("root-p256.der"));
    anchors[anchor_count - 1] = pki_roots(&count)[1];
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        prepare(version);
        ask_for_them();
        p.server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
        p.client.rx_size = HF_RX_MIN;
        p.server.tx_size = HF_TX_MIN;
        p.chunk = version == HF_TLS1_2 ? 1 : 100;
        pair_connect(&p);
        expect_established(&p);
        cr_assert(hf_conn_client_authenticated(&p.server.conn));
    }
}

/* Only a single name is bound by the receive buffer. */
Test(certificate_request, name_longer_than_buffer)
{
    for (int is_longer = 0; is_longer < 2; is_longer++) {
        prepare(HF_TLS1_2);
        hf_span name = long_name(is_longer ? 1100 : 900, 'n');
        name_authorities(5000, root_name("root-p256.der"));
        ask_for_them();
        anchors[1].name = name;
        p.client.rx_size = HF_RX_MIN;
        connect_noted();
        if (is_longer)
            expect_refusal(&p, HF_CLIENT, HF_ERROR_MESSAGE_EXCEEDS_BUFFER, 40);
        else
            expect_shown(1);
    }
}

/* ---------------------------------------------------------------- what a server asks for */

/* RFC 5246 7.4.4: neither certificate_types nor supported_signature_algorithms may be empty. A
 * server that accepts no signature over the handshake does not ask, or refuses to go on. */
Test(certificate_request, nothing_to_accept)
{
    static const uint16_t sha512_only[] = {0x0603};
    for (int mode = HF_CLIENT_AUTH_REQUEST; mode <= HF_CLIENT_AUTH_REQUIRE; mode++) {
        prepare(HF_TLS1_2);
        p.server.config.schemes = (hf_code_list){sha512_only, 1};
        p.server.config.client_auth = (hf_client_auth)mode;
        connect_noted();
        if (mode == HF_CLIENT_AUTH_REQUEST) {
            expect_established(&p);
            cr_assert_eq(authorities, SIZE_MAX, "no CertificateRequest");
        } else {
            expect_refusal(&p, HF_SERVER, HF_ERROR_NO_COMMON_SUITE, 40);
        }
    }
}

/* ---------------------------------------------------------------- by hand */

/* A request put together by a test; the server sees another handshake than the client. */
static uint8_t request[2048];
static size_t request_size;

static bool replace(relay *r, relayed *part)
{
    if (part->type == HF_CERTIFICATE_REQUEST)
        relayed_splice(part, 4, part->size - 4, request, request_size);
    return note(r, part);
}

static void put(const void *bytes, size_t size)
{
    memcpy(request + request_size, bytes, size);
    request_size += size;
}

#define PUT(text) put(text, sizeof(text) - 1)

static void put_u16(size_t value)
{
    uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    put(bytes, 2);
}

static void give_request(uint16_t version)
{
    prepare(version);
    begin_noted();
    line.hook = replace;
    pair_start(&p);
    relay_run(&line);
}

/* Where the lengths are. */
static size_t schemes_at, authorities_at, first_name_at;

/* Types, schemes where the version has them, the names of a stranger and of the client's root. */
static void compose(uint16_t version)
{
    hf_span stranger = pki_name("a stranger"), root = root_name("root-p256.der");
    request_size = 0;
    PUT("\3\1\2\x40");
    schemes_at = request_size;
    if (version == HF_TLS1_2)
        PUT("\0\4\4\3\4\1");
    authorities_at = request_size;
    put_u16(2 + stranger.size + 2 + root.size);
    first_name_at = request_size;
    put_u16(stranger.size);
    put(stranger.data, stranger.size);
    put_u16(root.size);
    put(root.data, root.size);
}

/* The client has taken the request: its Certificate is out, and what follows fails at the server
 * alone. */
static void expect_taken(int which)
{
    cr_assert_eq(shown, which);
    const hf_failure *why = hf_conn_failure(&p.client.conn);
    cr_assert(why == NULL || why->alert_received);
}

static void expect_decode_error(hf_error reason)
{
    expect_refusal(&p, HF_CLIENT, reason, 50);
    cr_assert_eq(hf_conn_failure(&p.client.conn)->message, HF_CERTIFICATE_REQUEST);
    cr_assert_eq(shown, -2, "nothing is shown");
    cr_assert_eq(hf_conn_wants(&p.client.conn) & (HF_CAN_RECEIVE | HF_ESTABLISHED), 0);
}

Test(certificate_request, composed)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        compose(version);
        give_request(version);
        expect_taken(1);
    }
}

/* A message that ends at any byte before its end. */
Test(certificate_request, truncated)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        compose(version);
        size_t whole = request_size;
        for (size_t size = 0; size < whole; size++) {
            compose(version);
            request_size = size;
            give_request(version);
            expect_decode_error(HF_ERROR_MESSAGE_SYNTAX);
        }
    }
}

/* The transport ends at any byte. */
static bool end_within(relay *r, relayed *part)
{
    if (part->sender == HF_CLIENT)
        return true;
    if (part->type == HF_CERTIFICATE_REQUEST)
        relay_insert(r, part->content, part->bytes, *(size_t *)r->context);
    return part->type == HF_SERVER_HELLO || part->type == HF_CERTIFICATE ||
           part->type == HF_SERVER_KEY_EXCHANGE;
}

Test(certificate_request, ended)
{
    for (size_t size = 1; size <= 120; size += 7) {
        prepare(HF_TLS1_2);
        relay_connect(&line, &p, end_within, &size);
        cr_assert_eq(endpoint_reason(&p.client), HF_OK);
        hf_conn_eof(&p.client.conn);
        cr_assert_eq(endpoint_run(&p.client), HF_ERROR_CLOSED_IN_HANDSHAKE);
    }
}

Test(certificate_request, trailing_bytes)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (int is_empty = 0; is_empty < 2; is_empty++) {
            compose(version);
            if (is_empty) {
                request_size = authorities_at;
                put_u16(0);
            }
            PUT("x");
            give_request(version);
            expect_decode_error(HF_ERROR_MESSAGE_TRAILING_BYTES);
        }
}

/* Each length, one more and one less. */
Test(certificate_request, lengths)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (int which = 0; which < 5; which++)
            for (int change = -1; change <= 1; change += 2) {
                compose(version);
                if (which == 1 && version != HF_TLS1_2)
                    continue;
                size_t second_name_at = first_name_at + 2 + request[first_name_at + 1];
                const size_t places[] = {0, schemes_at + 1, authorities_at + 1, first_name_at + 1,
                                         second_name_at + 1};
                request[places[which]] = (uint8_t)(request[places[which]] + change);
                give_request(version);
                hf_error reason = which == 2 && change < 0 ? HF_ERROR_MESSAGE_TRAILING_BYTES
                                                           : endpoint_reason(&p.client);
                cr_assert(reason == HF_ERROR_MESSAGE_SYNTAX ||
                              reason == HF_ERROR_MESSAGE_TRAILING_BYTES,
                          "length %d: %s", which, reason_name(reason));
                expect_decode_error(reason);
            }
}

/* Lengths that reach far beyond the message. */
Test(certificate_request, lengths_beyond)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (int which = 0; which < 4; which++) {
            compose(version);
            const size_t places[] = {schemes_at, authorities_at, first_name_at,
                                     first_name_at + 2 + request[first_name_at + 1]};
            if (which == 0 && version != HF_TLS1_2)
                request[0] = 0xff;
            else
                memset(request + places[which], 0xff, 2);
            give_request(version);
            expect_decode_error(HF_ERROR_MESSAGE_SYNTAX);
        }
}

/* ClientCertificateType certificate_types<1..2^8-1>. */
Test(certificate_request, empty_types)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        request_size = 0;
        PUT("\0");
        if (version == HF_TLS1_2)
            PUT("\0\2\4\3");
        put_u16(0);
        give_request(version);
        expect_decode_error(HF_ERROR_MESSAGE_SYNTAX);
    }
}

/* SignatureAndHashAlgorithm supported_signature_algorithms<2..2^16-2>: two bytes each. */
Test(certificate_request, odd_schemes)
{
    for (size_t size = 0; size <= 5; size++) {
        request_size = 0;
        PUT("\1\x40");
        put_u16(size);
        put("\4\3\4\1\5\3", size);
        put_u16(0);
        give_request(HF_TLS1_2);
        if (size == 0 || size % 2 != 0)
            expect_decode_error(HF_ERROR_MESSAGE_SYNTAX);
        else
            expect_taken(1);
    }
}

/* opaque DistinguishedName<1..2^16-1>. */
Test(certificate_request, empty_name)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (int is_first = 0; is_first < 2; is_first++) {
            hf_span root = root_name("root-p256.der");
            compose(version);
            request_size = authorities_at;
            put_u16(4 + root.size);
            if (is_first)
                put_u16(0);
            put_u16(root.size);
            put(root.data, root.size);
            if (!is_first)
                put_u16(0);
            give_request(version);
            expect_decode_error(HF_ERROR_MESSAGE_SYNTAX);
        }
}

/* A list of half a length is none. */
Test(certificate_request, half_a_length)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        compose(version);
        request_size = authorities_at;
        put_u16(1);
        PUT("\0");
        give_request(version);
        expect_decode_error(HF_ERROR_MESSAGE_SYNTAX);
    }
}

/* A name need not be DER: it is compared, not read. An empty list stands for any authority. */
Test(certificate_request, names_are_opaque)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
        compose(version);
        request_size = authorities_at;
        put_u16(3);
        PUT("\0\1x");
        give_request(version);
        expect_taken(-1);
        compose(version);
        request_size = authorities_at;
        put_u16(0);
        give_request(version);
        expect_taken(0);
    }
}

/* The schemes that TLS 1.2 has between the two lists are none of the older versions' business. */
Test(certificate_request, fields_of_other_version)
{
    compose(HF_TLS1_2);
    give_request(HF_TLS1_1);
    expect_decode_error(HF_ERROR_MESSAGE_TRAILING_BYTES);
    compose(HF_TLS1_1);
    give_request(HF_TLS1_2);
    cr_assert_neq(endpoint_reason(&p.client), HF_OK);
    expect_decode_error(endpoint_reason(&p.client));
}

/* Types and schemes that nobody here knows are passed over. */
Test(certificate_request, unknown_types_and_schemes)
{
    request_size = 0;
    PUT("\4\x40\xee\5\x42");
    PUT("\0\6\xee\xee\4\3\7\7");
    put_u16(0);
    give_request(HF_TLS1_2);
    expect_taken(1);
    request_size = 0;
    PUT("\1\xee");
    PUT("\0\2\xee\xee");
    put_u16(0);
    give_request(HF_TLS1_2);
    expect_taken(-1);
}

/* ---------------------------------------------------------------- where it may stand */

static bool repeat(relay *r, relayed *part)
{
    if (part->type == HF_CERTIFICATE_REQUEST)
        relay_insert(r, part->content, part->bytes, part->size);
    return true;
}

Test(certificate_request, twice)
{
    prepare(HF_TLS1_2);
    relay_connect(&line, &p, repeat, NULL);
    expect_refusal(&p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
}

/* Nothing else may come between the fragments of it (RFC 5246 6.2.1), but an alert may. */
static uint8_t between;

static bool split(relay *r, relayed *part)
{
    static const uint8_t spec[] = {1}, warning[] = {1, 90}, data[] = {'x'};
    if (part->type != HF_CERTIFICATE_REQUEST)
        return true;
    relay_insert(r, part->content, part->bytes, 40);
    if (between == HF_CONTENT_ALERT)
        relay_insert(r, between, warning, sizeof warning);
    else
        relay_insert(r, between, between == HF_CONTENT_APPLICATION_DATA ? data : spec, 1);
    relay_insert(r, part->content, part->bytes + 40, part->size - 40);
    return false;
}

Test(certificate_request, interrupted)
{
    static const uint8_t others[] = {HF_CONTENT_CHANGE_CIPHER_SPEC, HF_CONTENT_ALERT,
                                     HF_CONTENT_APPLICATION_DATA};
    for (size_t i = 0; i < sizeof others; i++) {
        between = others[i];
        prepare(HF_TLS1_2);
        relay_connect(&line, &p, split, NULL);
        if (between == HF_CONTENT_ALERT)
            expect_established(&p);
        else
            expect_refusal(&p, HF_CLIENT, HF_ERROR_SPLIT_ACROSS_KEY_CHANGE, 10);
    }
}
