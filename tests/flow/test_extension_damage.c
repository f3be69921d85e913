/* Every extension of the table, as a hello of ours carries it, damaged on the line: cut off at each
 * byte, one byte longer, each length too small and too large, twice, and answered without having
 * been offered. What is wrong in form ends with decode_error, illegal_parameter or
 * unsupported_extension (RFC 5246 7.2.2, 7.4.1.4; RFC 3546 2.1); a body of which every form is
 * right with Finished, which covers the hellos (RFC 5246 7.4.9). A row of the table that no hello
 * here has makes a test fail: a new extension needs a configuration that sends it, or a reason why
 * not. */
#include "tests/flow/relay.h"
#include "tests/flow/staple.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#define BODY_MAX 1024

/* ---------------------------------------------------------------- worlds */

/* Two extensions exclude each other, and padding wants a hello of a certain size. */
typedef enum world { WORLD_FRAGMENT_LENGTH, WORLD_RECORD_LIMIT, WORLD_PADDING, WORLDS } world;

static pair p;
static relay line;
static hf_session session;
static hf_credentials client_offer;
static hf_certificate_url urls[PKI_CHAIN_MAX];

static void prepare_fetched(void)
{
    pki_load(&p.client.credentials[0], "client-p256", "inter-p256");
    client_offer = p.client.credentials[0].credentials;
    for (size_t i = 0; i < 2; i++) {
        urls[i].url = HF_SPAN_LITERAL("http://a.example/");
        (void)hf_hash_digest(HF_HASH_SHA1, client_offer.chain[i], urls[i].sha1);
    }
    client_offer.urls = urls;
    client_offer.url_count = 2;
    p.client.config.credentials = &client_offer;
    p.client.config.credentials_count = 1;
    p.server.config.accept_certificate_urls = true;
    p.server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
    p.server.config.anchors = pki_roots(&p.server.config.anchor_count);
}

static void prepare(world w)
{
    static const uint16_t suite = 0xc023; /* with CBC and an HMAC */
    static const hf_span protocols[] = {{(const uint8_t *)"h2", 2},
                                        {(const uint8_t *)"http/1.1", 8}};
    static const hf_ticket_key key = {{1}, {2}};
    static const hf_ticket_keys keys = {&key, 1, 0};
    pair_prepare(&p, "p256");
    hf_config *configs[] = {&p.client.config, &p.server.config};
    for (size_t i = 0; i < 2; i++) {
        configs[i]->policy = &hf_policy_compatible;
        configs[i]->suites = (hf_code_list){&suite, 1};
        configs[i]->protocols = protocols;
        configs[i]->protocol_count = 2;
    }
    p.client.config.padding = true;
    p.server.binding.host = HF_SPAN_LITERAL("server.example");
    if (w == WORLD_PADDING) {
        p.client.config.trusted_ca_keys = HF_TRUSTED_CA_KEYS_NAMES; /* of all four */
        return;
    }
    p.client.config.anchors++; /* root-p256 alone */
    p.client.config.anchor_count = 1;
    memset(&session, 0, sizeof session);
    p.session = &session;
    p.server.config.tickets = &keys;
    p.client.config.truncated_hmac = p.server.config.truncated_hmac = true;
    p.client.config.status_request = HF_STATUS_REQUEST_ASK;
    p.server.offered[0].ocsp_response = staple_good();
    p.client.config.trusted_ca_keys = HF_TRUSTED_CA_KEYS_NAMES;
    p.client.config.max_fragment_length = 1024;
    p.client.config.record_size_limit = 2000;
    p.server.config.without_record_size_limit = w == WORLD_FRAGMENT_LENGTH;
    prepare_fetched();
}

/* Lets the handshake happen and fetches what the server wants. */
static void connect_through(relay_hook *hook, void *context)
{
    relay_connect(&line, &p, hook, context);
    for (size_t i = 0; hf_conn_question(&p.server.conn) != NULL; i++) {
        hf_answer answer = {.output = client_offer.chain[i]};
        cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_OK);
        relay_run(&line);
    }
}

/* ---------------------------------------------------------------- what is sent */

/* The body of an extension as one side sends it. */
typedef struct sample {
    bool is_sent;
    world in;
    uint8_t body[BODY_MAX];
    size_t size;
} sample;

static sample samples[32][2]; /* by row of the table and sender */
static world recorded;

static bool record(relay *r, relayed *part)
{
    (void)r;
    if (part->type != HF_CLIENT_HELLO && part->type != HF_SERVER_HELLO)
        return true;
    for (size_t i = 0; hf_extension_at(i) != NULL; i++) {
        size_t size;
        const uint8_t *body = hello_extension(part, hf_extension_at(i)->code, &size);
        sample *s = &samples[i][part->sender];
        if (body == NULL || s->is_sent)
            continue;
        cr_assert_leq(size, sizeof s->body);
        memcpy(s->body, body, size);
        s->size = size;
        s->in = recorded;
        s->is_sent = true;
    }
    return true;
}

static void take_samples(void)
{
    memset(samples, 0, sizeof samples);
    for (recorded = 0; recorded < WORLDS; recorded++) {
        prepare(recorded);
        connect_through(record, NULL);
        expect_established(&p);
    }
}

/* RFC 5246 7.4.1.4.1 and RFC 7685 3 forbid servers to send these; supported_groups is not sent
 * before TLS 1.3. */
static bool is_never_answered(uint16_t code)
{
    return code == 10 || code == 13 || code == 21;
}

/* RFC 5077 3.2: every string of bytes may be a ticket; RFC 7685 3: and padding has no meaning. */
static bool is_opaque(uint16_t code, hf_role sender)
{
    return sender == HF_CLIENT && (code == 35 || code == 21);
}

Test(extension_damage, every_row_is_sent)
{
    take_samples();
    for (size_t i = 0; hf_extension_at(i) != NULL; i++) {
        const hf_extension_info *info = hf_extension_at(i);
        cr_assert(samples[i][HF_CLIENT].is_sent, "no client here offers %s", info->name);
        cr_assert_eq(samples[i][HF_SERVER].is_sent, !is_never_answered(info->code),
                     "no server here answers %s, or one that should not does", info->name);
    }
}

/* Where the last of the lengths ends and the name or the list of codes begins, in which a byte may
 * happen to count what follows it. */
static size_t value_offset(uint16_t code, hf_role sender)
{
    if (sender == HF_CLIENT && code == 3)
        return 2 + 1 + 2;
    return code == 10 || code == 13 ? 2 : BODY_MAX;
}

/* ---------------------------------------------------------------- changes */

typedef struct change {
    uint16_t code;
    hf_role sender;
    bool is_twice, is_added; /* instead of the body that is there */
    uint8_t body[BODY_MAX + 1];
    size_t size;
} change;

static bool apply(relay *r, relayed *part)
{
    const change *to = r->context;
    if (part->sender != to->sender ||
        part->type != (to->sender == HF_CLIENT ? HF_CLIENT_HELLO : HF_SERVER_HELLO))
        return true;
    size_t size;
    const uint8_t *body = hello_extension(part, to->code, &size);
    cr_assert_eq(body == NULL, to->is_added);
    if (!to->is_twice && !to->is_added)
        cr_assert(hello_remove_extension(part, to->code));
    hello_add_extension(part, to->code, to->body, to->size);
    return true;
}

static const endpoint *receiver_of(const change *to)
{
    return to->sender == HF_CLIENT ? &p.server : &p.client;
}

/* The two sides do not agree on the hellos, and notice it at the latest with Finished. */
static void expect_disagreement(void)
{
    hf_error reasons[] = {endpoint_reason(&p.client), endpoint_reason(&p.server)};
    for (size_t i = 0; i < 2; i++)
        cr_assert(reasons[i] == HF_ERROR_PEER_ALERT || reasons[i] == HF_ERROR_FINISHED_WRONG ||
                      reasons[i] == HF_ERROR_BAD_RECORD_MAC ||
                      reasons[i] == HF_ERROR_SIGNATURE_WRONG,
                  "%s", reason_name(reasons[i]));
}

static void try_change(world w, const change *to, const char *what, size_t at)
{
    change copy = *to;
    prepare(w);
    connect_through(apply, &copy);
    const hf_failure *why = hf_conn_failure(&receiver_of(to)->conn);
    cr_assert_not_null(why, "extension %u, %s at %zu: nothing happened", to->code, what, at);
    if (is_opaque(to->code, to->sender) && !to->is_twice) {
        expect_disagreement();
        return;
    }
    cr_assert(why->alert == HF_ALERT_DECODE_ERROR || why->alert == HF_ALERT_ILLEGAL_PARAMETER,
              "extension %u, %s at %zu: %s", to->code, what, at, reason_name(why->reason));
    expect_refusal(&p, to->sender == HF_CLIENT ? HF_SERVER : HF_CLIENT, why->reason, why->alert);
}

/* A length that counts what follows it, in one byte or two. */
static void try_length(world w, const change *original, size_t at, size_t width)
{
    size_t rest = original->size - at - width, most = width == 1 ? 0xff : 0xffff;
    size_t value =
        width == 1 ? original->body[at] : (size_t)original->body[at] << 8 | original->body[at + 1];
    const size_t wrong[] = {rest + 1, rest - 1, 0, most};
    if (value != rest)
        return;
    for (size_t i = 0; i < 4; i++) {
        change to = *original;
        if (wrong[i] == rest || wrong[i] > most)
            continue;
        to.body[at] = (uint8_t)(width == 1 ? wrong[i] : wrong[i] >> 8);
        to.body[at + width - 1] = (uint8_t)wrong[i];
        try_change(w, &to, "length", at);
    }
}

static void try_all(uint16_t code, hf_role sender, const sample *s)
{
    change original = {.code = code, .sender = sender, .size = s->size};
    memcpy(original.body, s->body, s->size);
    for (size_t size = 0; size<s->size; size += s->size> 200 && size > 20 ? 7 : 1) {
        change to = original;
        to.size = size;
        try_change(s->in, &to, "cut", size);
    }
    for (unsigned last = 0; last < 256; last += 255) {
        change to = original;
        to.body[to.size++] = (uint8_t)last;
        try_change(s->in, &to, "one byte more", s->size);
    }
    /* What has no structure has no lengths either. */
    for (size_t at = 0; at < s->size && at < value_offset(code, sender) && !is_opaque(code, sender);
         at++) {
        try_length(s->in, &original, at, 1);
        if (at + 2 <= s->size)
            try_length(s->in, &original, at, 2);
    }
    change twice = original;
    twice.is_twice = true;
    try_change(s->in, &twice, "twice", 0);
    cr_assert_eq(endpoint_reason(receiver_of(&twice)), HF_ERROR_EXTENSION_DUPLICATE);
}

typedef struct row {
    size_t index;
    hf_role sender;
} row;

static row rows[64];

static size_t make_rows(void)
{
    size_t count = 0;
    for (size_t i = 0; hf_extension_at(i) != NULL; i++)
        for (int sender = HF_CLIENT; sender <= HF_SERVER; sender++)
            rows[count++] = (row){i, (hf_role)sender};
    return count;
}

ParameterizedTestParameters(extension_damage, every_row)
{
    return cr_make_param_array(row, rows, make_rows());
}

ParameterizedTest(const row *k, extension_damage, every_row)
{
    take_samples();
    uint16_t code = hf_extension_at(k->index)->code;
    if (samples[k->index][k->sender].is_sent)
        try_all(code, k->sender, &samples[k->index][k->sender]);
    else
        cr_assert(is_never_answered(code) && k->sender == HF_SERVER);
}

/* ---------------------------------------------------------------- not asked for */

/* A client that offers next to nothing. */
static void prepare_bare(void)
{
    static const uint16_t suite = 0x009c; /* RSA key transport: no groups */
    pair_prepare(&p, "rsa2048");
    hf_config *configs[] = {&p.client.config, &p.server.config};
    for (size_t i = 0; i < 2; i++) {
        configs[i]->policy = &hf_policy_compatible;
        configs[i]->suites = (hf_code_list){&suite, 1};
    }
    p.client.config.without_server_name = true;
    p.client.config.without_extended_master_secret = true;
    p.server.config.without_extended_master_secret = true;
}

/* RFC 5246 7.4.1.4: "the client MUST abort the handshake with an unsupported_extension fatal
 * alert", also over what it has offered but no server may send. Only renegotiation_info is offered
 * always. */
Test(extension_damage, answers_without_an_offer)
{
    size_t count = 0;
    take_samples();
    for (size_t i = 0; hf_extension_at(i) != NULL; i++) {
        uint16_t code = hf_extension_at(i)->code;
        const sample *s = &samples[i][samples[i][HF_SERVER].is_sent ? HF_SERVER : HF_CLIENT];
        change to = {.code = code, .sender = HF_SERVER, .is_added = true, .size = s->size};
        memcpy(to.body, s->body, s->size);
        if (code == 0xff01)
            continue;
        prepare_bare();
        connect_through(apply, &to);
        expect_refusal(&p, HF_CLIENT, HF_ERROR_EXTENSION_NOT_OFFERED, 110);
        count++;
    }
    cr_assert_gt(count, 10);
}

/* RFC 7685 3: what was offered and is never answered. */
Test(extension_damage, padding_answered)
{
    change to = {.code = 21, .sender = HF_SERVER, .is_added = true, .size = 1};
    prepare(WORLD_PADDING);
    connect_through(apply, &to);
    expect_refusal(&p, HF_CLIENT, HF_ERROR_EXTENSION_NOT_OFFERED, 110);
}
