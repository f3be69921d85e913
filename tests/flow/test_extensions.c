/* Every extension of the table, as a hello of ours carries it: twice, and answered without having
 * been offered (RFC 5246 7.4.1.4); test_mutation.c cuts and lengthens the same hellos. A row of the
 * table that no hello here has makes a test fail: a new extension needs a configuration that sends
 * it, or a reason why not. */
#include "tests/flow/recorded.h"
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#define BODY_MAX 1024

/* ---------------------------------------------------------------- worlds */

/* Two extensions exclude each other, and padding wants a hello of a certain size. */
static void (*const worlds[])(recording *) = {recorded_prepare_fetched, recorded_prepare_limited,
                                              recorded_prepare_padded};
#define WORLDS (sizeof worlds / sizeof worlds[0])

static recording r;
static relay line;

/* Lets the handshake happen and fetches what the server wants. */
static void connect_through(relay_hook *hook, void *context)
{
    relay_connect(&line, &r.p, hook, context);
    for (size_t i = 0; hf_conn_question(&r.p.server.conn) != NULL; i++) {
        hf_answer answer = {.output = r.client_offer.chain[i]};
        cr_assert_eq(hf_conn_answer(&r.p.server.conn, &answer), HF_OK);
        relay_run(&line);
    }
}

/* ---------------------------------------------------------------- what is sent */

/* The body of an extension as one side sends it. */
typedef struct sample {
    bool is_sent;
    size_t in; /* of the worlds */
    uint8_t body[BODY_MAX];
    size_t size;
} sample;

static sample samples[32][2]; /* by row of the table and sender */
static size_t in_world;

static bool record(relay *on, relayed *part)
{
    (void)on;
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
        s->in = in_world;
        s->is_sent = true;
    }
    return true;
}

static void take_samples(void)
{
    memset(samples, 0, sizeof samples);
    for (in_world = 0; in_world < WORLDS; in_world++) {
        worlds[in_world](&r);
        connect_through(record, NULL);
        expect_established(&r.p);
    }
}

/* RFC 5246 7.4.1.4.1 and RFC 7685 3 forbid servers to send these; supported_groups is not sent
 * before TLS 1.3. */
static bool is_never_answered(uint16_t code)
{
    return code == 10 || code == 13 || code == 21;
}

Test(extensions, every_row_is_sent)
{
    take_samples();
    for (size_t i = 0; hf_extension_at(i) != NULL; i++) {
        const hf_extension_info *info = hf_extension_at(i);
        cr_assert(samples[i][HF_CLIENT].is_sent, "no client here offers %s", info->name);
        cr_assert_eq(samples[i][HF_SERVER].is_sent, !is_never_answered(info->code),
                     "no server here answers %s, or one that should not does", info->name);
    }
}

/* ---------------------------------------------------------------- changes */

typedef struct change {
    uint16_t code;
    hf_role sender;
    bool is_there; /* before the change */
    uint8_t body[BODY_MAX];
    size_t size;
} change;

static bool apply(relay *on, relayed *part)
{
    const change *to = on->context;
    if (part->sender != to->sender ||
        part->type != (to->sender == HF_CLIENT ? HF_CLIENT_HELLO : HF_SERVER_HELLO))
        return true;
    size_t size;
    const uint8_t *body = hello_extension(part, to->code, &size);
    cr_assert_eq(body != NULL, to->is_there);
    hello_add_extension(part, to->code, to->body, to->size);
    return true;
}

Test(extensions, every_row_twice)
{
    take_samples();
    for (size_t i = 0; hf_extension_at(i) != NULL; i++)
        for (int sender = HF_CLIENT; sender <= HF_SERVER; sender++) {
            const sample *s = &samples[i][sender];
            change to = {.code = hf_extension_at(i)->code,
                         .sender = (hf_role)sender,
                         .is_there = true,
                         .size = s->size};
            if (!s->is_sent)
                continue;
            memcpy(to.body, s->body, s->size);
            worlds[s->in](&r);
            connect_through(apply, &to);
            expect_refusal(&r.p, recording_other((hf_role)sender), HF_ERROR_EXTENSION_DUPLICATE,
                           HF_ALERT_ILLEGAL_PARAMETER);
        }
}

/* ---------------------------------------------------------------- not asked for */

/* A client that offers next to nothing. */
static void prepare_bare(void)
{
    static const uint16_t suite = 0x009c; /* RSA key transport: no groups */
    pair_prepare(&r.p, "rsa2048");
    hf_config *configs[] = {&r.p.client.config, &r.p.server.config};
    for (size_t i = 0; i < 2; i++) {
        configs[i]->policy = &hf_policy_compatible;
        configs[i]->suites = (hf_code_list){&suite, 1};
    }
    r.p.client.config.without_server_name = true;
    r.p.client.config.without_extended_master_secret = true;
    r.p.server.config.without_extended_master_secret = true;
}

/* RFC 5246 7.4.1.4: "the client MUST abort the handshake with an unsupported_extension fatal
 * alert", also over what it has offered but no server may send. Only renegotiation_info is offered
 * always. */
Test(extensions, answers_without_an_offer)
{
    size_t count = 0;
    take_samples();
    for (size_t i = 0; hf_extension_at(i) != NULL; i++) {
        uint16_t code = hf_extension_at(i)->code;
        const sample *s = &samples[i][samples[i][HF_SERVER].is_sent ? HF_SERVER : HF_CLIENT];
        change to = {.code = code, .sender = HF_SERVER, .size = s->size};
        memcpy(to.body, s->body, s->size);
        if (code == 0xff01)
            continue;
        prepare_bare();
        connect_through(apply, &to);
        expect_refusal(&r.p, HF_CLIENT, HF_ERROR_EXTENSION_NOT_OFFERED, 110);
        count++;
    }
    cr_assert_gt(count, 10);
}

/* RFC 7685 3: what was offered and is never answered. */
Test(extensions, padding_answered)
{
    change to = {.code = 21, .sender = HF_SERVER, .size = 1};
    recorded_prepare_padded(&r);
    connect_through(apply, &to);
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_EXTENSION_NOT_OFFERED, 110);
}
