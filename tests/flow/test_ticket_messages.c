/* NewSessionTicket as servers should not send it, or as ours does not (RFC 5077 3.2, 3.3). */
#include "tests/flow/resume.h"
#include "tests/flow/stepper.h"

#include "tls/keys/keys.h"
#include "tls/record/protection.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#define SESSION_TICKET 35

static resume r;
static hf_ticket_key keys[2];
static hf_ticket_keys set;

static void prepare(void)
{
    resume_prepare(&r, "p256", 0xc02b, HF_TLS1_2);
    r.p.server.config.cache = NULL;
    r.p.server.config.tickets = &set;
}

static void begin(void)
{
    resume_begin(&r);
    memset(keys, 0x61, sizeof keys);
    memset(&keys[1].name, 0x62, sizeof keys[1].name);
    set = (hf_ticket_keys){keys, 1, 0};
    prepare();
}

/* A session with a ticket of the second key, so that the server renews it. */
static void begin_renewal(void)
{
    begin();
    set.keys = keys + 1;
    resume_again(&r, NULL, NULL);
    expect_resumed(&r, false);
    set = (hf_ticket_keys){keys, 2, 0};
    prepare();
}

/* ---------------------------------------------------------------- another ticket */

/* What becomes of the NewSessionTicket; false: it is dropped. */
typedef bool change(relay *line, relayed *part);

static struct {
    change *change;
    size_t at, size;
    uint32_t hint;
    uint8_t byte;
} what;

/* Gives the client what is on the line so far, so that its transcript can be looked at. */
static void deliver(relay *line)
{
    (void)endpoint_give(&r.p.client, line->out, line->out_size);
    line->out_size = 0;
}

/* A record as the server would have sealed it first with its keys: explicit nonce, ciphertext, tag
 * (RFC 5288 3). */
static size_t seal(uint8_t *fragment, const uint8_t *content, size_t size)
{
    hf_protection protection = r.p.server.conn.out.protection;
    protection.sequence = 0;
    cr_assert_eq(hf_protection_prefix(&protection), 8);
    memcpy(fragment + 8, content, size);
    cr_assert_eq(
        hf_protection_seal(&protection, HF_CONTENT_HANDSHAKE, HF_TLS1_2, fragment + 8, size),
        HF_OK);
    return 8 + size + 16;
}

/* The server's Finished over what the client has read: as if the server had sent that. */
static void mend_finished(relay *line, relayed *part)
{
    uint8_t finished[4 + HF_VERIFY_DATA_SIZE] = {HF_FINISHED, 0, 0, HF_VERIFY_DATA_SIZE};
    deliver(line);
    if (endpoint_reason(&r.p.client) != HF_OK)
        return;
    hf_compute_verify_data(&r.p.client.conn, HF_SERVER, finished + 4);
    cr_assert_eq(seal(part->bytes, finished, sizeof finished), part->size);
}

static bool forge(relay *line, relayed *part)
{
    if (part->type == HF_NEW_SESSION_TICKET)
        return what.change(line, part);
    if (part->sealed && part->sender == HF_SERVER && part->content == HF_CONTENT_HANDSHAKE)
        mend_finished(line, part);
    return true;
}

static void forged(change *by)
{
    what.change = by;
    resume_again(&r, forge, NULL);
}

/* ticket_lifetime_hint, ticket<0..2^16-1> of any bytes. */
static bool replace(relay *line, relayed *part)
{
    static uint8_t body[6 + 0xffff];
    (void)line;
    memset(body, 0x54, sizeof body);
    for (size_t i = 0; i < 4; i++)
        body[i] = (uint8_t)(what.hint >> (24 - 8 * i));
    body[4] = (uint8_t)(what.size >> 8);
    body[5] = (uint8_t)what.size;
    relayed_splice(part, 4, part->size - 4, body, 6 + what.size);
    return true;
}

/* Starts the client with a receive buffer of any size. */
static void forged_with_buffer(size_t size, uint32_t hint, size_t rx_size)
{
    static uint8_t rx[70000];
    what.change = replace;
    what.size = size;
    what.hint = hint;
    memset(&r.line, 0, sizeof r.line);
    r.line.p = &r.p;
    r.line.hook = forge;
    r.p.session = &r.session;
    pair_start(&r.p);
    endpoint *client = &r.p.client;
    cr_assert_leq(rx_size, sizeof rx);
    cr_assert_eq(hf_conn_init(&client->conn, HF_CLIENT, &client->config, &client->handshake,
                              (hf_buf){rx, rx_size}, (hf_buf){client->tx, client->tx_size}),
                 HF_OK);
    cr_assert_eq(hf_conn_set_server_name(&client->conn, "server.example"), HF_OK);
    cr_assert_eq(hf_conn_set_session(&client->conn, &r.session), HF_OK);
    relay_run(&r.line);
}

/* Tickets are opaque; what is longer than a client keeps it lets go, and the handshake is as good
 * as without. */
Test(ticket_messages, sizes)
{
    static const size_t sizes[] = {1, 2, 200, HF_TICKET_MAX, HF_TICKET_MAX + 1, 17000, 65535};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        bool is_kept = sizes[i] <= HF_TICKET_MAX;
        begin();
        forged_with_buffer(sizes[i], 0, 70000);
        expect_resumed(&r, false);
        expect_data(&r.p);
        cr_assert_eq(hf_session_is_empty(&r.session), !is_kept, "%zu bytes", sizes[i]);
        cr_assert_eq(r.session.ticket_size, is_kept ? sizes[i] : 0);
        for (size_t k = 0; k < r.session.ticket_size; k++)
            cr_assert_eq(r.session.ticket[k], 0x54);
    }
}

/* The receive buffer bounds a message. */
Test(ticket_messages, longer_than_buffer)
{
    begin();
    forged_with_buffer(65535, 0, HF_RX_FULL);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_MESSAGE_EXCEEDS_BUFFER, 40);
    cr_assert(hf_session_is_empty(&r.session));
    begin();
    forged_with_buffer(HF_RX_FULL - 10, 0, HF_RX_FULL);
    expect_resumed(&r, false);
    begin();
    forged_with_buffer(HF_RX_FULL - 9, 0, HF_RX_FULL);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_MESSAGE_EXCEEDS_BUFFER, 40);
}

/* The longest that is kept is also shown. */
static bool note_offer(relay *line, relayed *part)
{
    size_t size;
    if (part->type == HF_CLIENT_HELLO && hello_extension(part, SESSION_TICKET, &size) != NULL)
        *(size_t *)line->context = size;
    return true;
}

Test(ticket_messages, longest_is_shown)
{
    size_t offered = 0;
    begin();
    forged_with_buffer(HF_TICKET_MAX, 0, HF_RX_FULL);
    expect_resumed(&r, false);
    prepare();
    resume_again(&r, note_offer, &offered);
    expect_resumed(&r, false);
    cr_assert_eq(offered, HF_TICKET_MAX);
}

/* RFC 5077 3.3: "If the server determines that it does not want to include a ticket after it has
 * included the SessionTicket extension in the ServerHello, then it sends a zero-length ticket". */
Test(ticket_messages, empty)
{
    begin();
    forged_with_buffer(0, 0, HF_RX_FULL);
    expect_resumed(&r, false);
    expect_data(&r.p);
    cr_assert(hf_session_is_empty(&r.session));
    cr_assert_eq(r.session.ticket_size, 0);
    /* What was there before went with an older handshake. */
    begin_renewal();
    set.count = 1;
    forged_with_buffer(0, 0, HF_RX_FULL);
    expect_resumed(&r, false);
    cr_assert(hf_session_is_empty(&r.session));
}

/* ---------------------------------------------------------------- the hint */

static int64_t lifetime_of_hint(uint32_t hint)
{
    begin();
    forged_with_buffer(100, hint, HF_RX_FULL);
    expect_resumed(&r, false);
    return r.session.state.expires - r.p.client.now;
}

/* RFC 5077 3.3: relative to when the ticket is received, zero is unspecified, and a client may let
 * go of it earlier: after a day, as RFC 5246 F.1.4 has it for sessions. */
Test(ticket_messages, hints)
{
    cr_assert_eq(lifetime_of_hint(1), 1);
    cr_assert_eq(lifetime_of_hint(0x010203), 0x010203);
    cr_assert_eq(lifetime_of_hint(86400), 86400);
    cr_assert_eq(lifetime_of_hint(86401), 86400);
    cr_assert_eq(lifetime_of_hint(0x80000000), 86400);
    cr_assert_eq(lifetime_of_hint(0xffffffff), 86400);
    cr_assert_eq(lifetime_of_hint(0), 86400);
}

/* In the short ladder the client finishes last; the server has seen another NewSessionTicket and
 * ends the connection, after which the session is gone. So it is looked at before. */
static hf_session renewed;

static bool forge_renewal(relay *line, relayed *part)
{
    if (part->content == HF_CONTENT_CHANGE_CIPHER_SPEC && part->sender == HF_CLIENT)
        renewed = r.session;
    return forge(line, part);
}

static int64_t lifetime_of_renewal(uint32_t hint)
{
    begin_renewal();
    int64_t since = r.p.client.now;
    r.p.client.now += 1000;
    what.change = replace;
    what.size = 100;
    what.hint = hint;
    memset(&renewed, 0, sizeof renewed);
    resume_again(&r, forge_renewal, NULL);
    cr_assert(hf_conn_resumed(&r.p.client.conn));
    cr_assert_eq(renewed.ticket_size, 100);
    return renewed.state.expires - since;
}

/* A renewed ticket may end sooner than the session did, but not later. */
Test(ticket_messages, hints_of_renewals)
{
    cr_assert_eq(lifetime_of_renewal(10), 1010);
    cr_assert_eq(lifetime_of_renewal(85400), 86400);
    cr_assert_eq(lifetime_of_renewal(86400), 86400);
    cr_assert_eq(lifetime_of_renewal(0), 86400);
}

/* ---------------------------------------------------------------- syntax */

static bool cut(relay *line, relayed *part)
{
    (void)line;
    relayed_splice(part, what.at, part->size - what.at, NULL, 0);
    return true;
}

static bool set_byte(relay *line, relayed *part)
{
    (void)line;
    part->bytes[what.at] = what.byte;
    return true;
}

static bool lengthen(relay *line, relayed *part)
{
    (void)line;
    relayed_splice(part, part->size, 0, "x", 1);
    return true;
}

static bool claim_more(relay *line, relayed *part)
{
    (void)line;
    memcpy(part->bytes + 8, "\xff\xff", 2);
    return true;
}

static size_t message_size;

static bool note_size(relay *line, relayed *part)
{
    (void)line;
    if (part->type == HF_NEW_SESSION_TICKET)
        message_size = part->size;
    return true;
}

static size_t size_of_message(void)
{
    begin();
    resume_again(&r, note_size, NULL);
    expect_resumed(&r, false);
    return message_size;
}

/* Cut off at each byte, in the full ladder and in the short one. */
Test(ticket_messages, truncated)
{
    size_t size = size_of_message();
    cr_assert_gt(size, 100);
    for (int renewal = 0; renewal < 2; renewal++)
        for (what.at = 4; what.at < size; what.at += what.at < 20 ? 1 : 13) {
            if (renewal)
                begin_renewal();
            else
                begin();
            forged(cut);
            expect_refusal(&r.p, HF_CLIENT, HF_ERROR_MESSAGE_SYNTAX, 50);
            cr_assert(hf_session_is_empty(&r.session));
        }
}

/* RFC 5246 7.2.2: lengths that do not add up. */
Test(ticket_messages, lengths)
{
    uint8_t low = (uint8_t)(size_of_message() - 10), high = (uint8_t)((message_size - 10) >> 8);
    const struct {
        size_t at;
        uint8_t value;
        hf_error reason;
    } rows[] = {{9, (uint8_t)(low + 1), HF_ERROR_MESSAGE_SYNTAX},
                {9, (uint8_t)(low - 1), HF_ERROR_MESSAGE_TRAILING_BYTES},
                {9, 0, HF_ERROR_MESSAGE_TRAILING_BYTES},
                {8, (uint8_t)(high + 1), HF_ERROR_MESSAGE_SYNTAX},
                {8, 0xff, HF_ERROR_MESSAGE_SYNTAX}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin();
        what.at = rows[i].at;
        what.byte = rows[i].value;
        forged(set_byte);
        expect_refusal(&r.p, HF_CLIENT, rows[i].reason, 50);
        cr_assert(hf_session_is_empty(&r.session));
    }
    begin();
    forged(lengthen);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_MESSAGE_TRAILING_BYTES, 50);
    begin();
    forged(claim_more);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_MESSAGE_SYNTAX, 50);
}

/* ---------------------------------------------------------------- where it may stand */

static bool drop(relay *line, relayed *part)
{
    (void)line, (void)part;
    return false;
}

static bool twice(relay *line, relayed *part)
{
    relay_insert(line, part->content, part->bytes, part->size);
    return true;
}

/* RFC 5077 3.3: a server that has promised one must send it, and one of them. */
Test(ticket_messages, promised)
{
    for (int renewal = 0; renewal < 2; renewal++) {
        if (renewal)
            begin_renewal();
        else
            begin();
        forged(drop);
        expect_refusal(&r.p, HF_CLIENT, HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC, 10);
        if (renewal)
            begin_renewal();
        else
            begin();
        forged(twice);
        expect_refusal(&r.p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
        cr_assert(hf_session_is_empty(&r.session));
    }
}

/* "This message MUST NOT be sent if the server did not include a SessionTicket extension in the
 * ServerHello." */
static const uint8_t a_ticket[] = {4, 0, 0, 10, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4};

static bool insert_before_keys(relay *line, relayed *part)
{
    if (part->sender == HF_SERVER && part->content == HF_CONTENT_CHANGE_CIPHER_SPEC)
        relay_insert(line, HF_CONTENT_HANDSHAKE, a_ticket, sizeof a_ticket);
    return true;
}

Test(ticket_messages, not_promised)
{
    for (int resumed = 0; resumed < 2; resumed++) {
        begin();
        if (resumed) {
            resume_full(&r);
            prepare();
        } else {
            r.p.server.config.tickets = NULL;
        }
        resume_again(&r, insert_before_keys, NULL);
        expect_refusal(&r.p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
        cr_assert(hf_session_is_empty(&r.session));
    }
}

static bool remove_promise(relay *line, relayed *part)
{
    (void)line;
    if (part->type == HF_SERVER_HELLO)
        cr_assert(hello_remove_extension(part, SESSION_TICKET));
    return true;
}

/* The short ladder shows it before the Finished that would not match. */
Test(ticket_messages, promise_removed)
{
    begin_renewal();
    resume_again(&r, remove_promise, NULL);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
}

/* In the clear behind the ChangeCipherSpec it is no record that opens; sealed it comes too late. */
static uint8_t late[400];
static size_t late_size;
static bool late_is_sealed, is_dropped;

static bool move_behind(relay *line, relayed *part)
{
    if (part->type == HF_NEW_SESSION_TICKET) {
        memcpy(late, part->bytes, part->size);
        late_size = part->size;
        return !is_dropped;
    }
    if (!part->sealed || part->sender != HF_SERVER)
        return true;
    if (late_is_sealed)
        part->size = seal(part->bytes, late, late_size);
    else
        relay_insert(line, HF_CONTENT_HANDSHAKE, late, late_size);
    return true;
}

Test(ticket_messages, behind_change_cipher_spec)
{
    for (int bits = 0; bits < 8; bits++) {
        if ((bits & 4) != 0)
            begin_renewal();
        else
            begin();
        is_dropped = (bits & 1) != 0;
        late_is_sealed = (bits & 2) != 0;
        resume_again(&r, move_behind, NULL);
        if (is_dropped)
            expect_refusal(&r.p, HF_CLIENT, HF_ERROR_UNEXPECTED_CHANGE_CIPHER_SPEC, 10);
        else if (late_is_sealed)
            expect_refusal(&r.p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
        else
            expect_refusal(&r.p, HF_CLIENT, HF_ERROR_BAD_RECORD_MAC, 20);
        cr_assert(hf_session_is_empty(&r.session));
    }
}

/* At every other place, from either side. */
typedef struct place {
    hf_role sender;
    uint8_t before; /* HandshakeType, 0: the ChangeCipherSpec */
} place;

static bool insert_at(relay *line, relayed *part)
{
    const place *where = line->context;
    bool is_spec = part->content == HF_CONTENT_CHANGE_CIPHER_SPEC;
    if (part->sender == where->sender && !part->sealed &&
        (where->before == 0 ? is_spec : part->type == where->before))
        relay_insert(line, HF_CONTENT_HANDSHAKE, a_ticket, sizeof a_ticket);
    return true;
}

Test(ticket_messages, elsewhere)
{
    static const place places[] = {{HF_SERVER, 2},  {HF_SERVER, 11}, {HF_SERVER, 12},
                                   {HF_SERVER, 14}, {HF_CLIENT, 1},  {HF_CLIENT, 16},
                                   {HF_CLIENT, 0}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        place where = places[i];
        begin();
        resume_again(&r, insert_at, &where);
        expect_refusal(&r.p, where.sender == HF_SERVER ? HF_CLIENT : HF_SERVER,
                       HF_ERROR_UNEXPECTED_MESSAGE, 10);
        cr_assert(hf_session_is_empty(&r.session));
    }
}

/* A server that sends one once the handshake is over, as TLS 1.3 has it. */
Test(ticket_messages, after_handshake)
{
    uint8_t record[5 + 8 + sizeof a_ticket + 16] = {22, 3, 3, 0, 8 + sizeof a_ticket + 16};
    begin();
    resume_full(&r);
    hf_protection *out = &r.p.server.conn.out.protection;
    memcpy(record + 13, a_ticket, sizeof a_ticket);
    cr_assert_eq(
        hf_protection_seal(out, HF_CONTENT_HANDSHAKE, HF_TLS1_2, record + 13, sizeof a_ticket),
        HF_OK);
    (void)endpoint_give(&r.p.client, record, sizeof record);
    cr_assert(pair_run(&r.p));
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_UNEXPECTED_MESSAGE, 10);
}

/* ---------------------------------------------------------------- the extension */

static bool add_promise(relay *line, relayed *part)
{
    const hf_span *body = line->context;
    if (part->type == HF_SERVER_HELLO) {
        (void)hello_remove_extension(part, SESSION_TICKET);
        hello_add_extension(part, SESSION_TICKET, body->data, body->size);
    }
    return true;
}

/* RFC 5246 7.4.1.4: what was not asked for must not be answered; RFC 5077 3.2: the answer is empty.
 */
Test(ticket_messages, extension)
{
    hf_span body = {(const uint8_t *)"x", 0};
    begin();
    r.p.client.config.without_session_ticket = true;
    resume_again(&r, add_promise, &body);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_EXTENSION_NOT_OFFERED, 110);
    begin();
    body.size = 1;
    resume_again(&r, add_promise, &body);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_EXTENSION_SYNTAX, 50);
}

/* ---------------------------------------------------------------- handshakes that fail later */

static bool break_finished(relay *line, relayed *part)
{
    (void)line;
    if (part->sealed && part->sender == HF_SERVER)
        part->bytes[part->size - 1] ^= 1;
    return true;
}

static bool drop_finished(relay *line, relayed *part)
{
    (void)line;
    return !part->sealed || part->sender != HF_SERVER;
}

/* RFC 5077 3.3: "The client MUST NOT treat the ticket as valid until it has verified the server's
 * Finished message." */
Test(ticket_messages, not_valid_before_finished)
{
    for (int renewal = 0; renewal < 2; renewal++) {
        if (renewal)
            begin_renewal();
        else
            begin();
        resume_again(&r, break_finished, NULL);
        expect_refusal(&r.p, HF_CLIENT, HF_ERROR_BAD_RECORD_MAC, 20);
        cr_assert(hf_session_is_empty(&r.session));
        if (renewal)
            begin_renewal();
        else
            begin();
        resume_again(&r, drop_finished, NULL);
        cr_assert(hf_session_is_empty(&r.session));
        hf_conn_eof(&r.p.client.conn);
        cr_assert_eq(endpoint_run(&r.p.client), HF_ERROR_CLOSED_IN_HANDSHAKE);
        cr_assert(hf_session_is_empty(&r.session));
    }
}

/* Nor does a server's promise alone. */
Test(ticket_messages, server_refuses_client)
{
    begin();
    r.p.server.config.anchors = pki_roots(&r.p.server.config.anchor_count);
    r.p.server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
    resume_again(&r, NULL, NULL);
    expect_refusal(&r.p, HF_SERVER, HF_ERROR_CERTIFICATE_MISSING, 40);
    cr_assert(hf_session_is_empty(&r.session));
}
