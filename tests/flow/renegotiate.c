#define _GNU_SOURCE /* memmem */
#include "tests/flow/renegotiate.h"

#include "tests/flow/stepper.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static void watch(void *context, const hf_conn *c, const hf_event *event)
{
    watched *seen = context;
    (void)c;
    unsigned alert = (unsigned)event->alert_level << 8 | event->alert;
    if (event->kind == HF_EVENT_ALERT)
        *(event->sent ? &seen->alert_sent : &seen->alert_heard) = alert;
    if (event->kind == HF_EVENT_ESTABLISHED)
        seen->established++;
    if (event->kind == HF_EVENT_CHANGE_KEYS)
        seen->key_changes++;
    if (event->kind == HF_EVENT_MESSAGE && event->message == HF_HELLO_REQUEST)
        seen->hello_requests++;
    if (event->kind == HF_EVENT_KEY_LOG)
        memcpy(seen->master, event->bytes.data, sizeof seen->master);
}

const char *reneg_keys(uint16_t suite)
{
    switch (hf_suite_of(suite)->authentication) {
    case HF_KEY_RSA:
        return "rsa2048";
    case HF_KEY_DSA:
        return "dsa2048";
    default:
        return "p256";
    }
}

hf_role reneg_other(hf_role role)
{
    return role == HF_CLIENT ? HF_SERVER : HF_CLIENT;
}

endpoint *reneg_end(renegotiation *n, hf_role role)
{
    return role == HF_CLIENT ? &n->r.p.client : &n->r.p.server;
}

void reneg_prepare(renegotiation *n, const char *server_keys, uint16_t suite, uint16_t version,
                   inner_handshake kind)
{
    static const hf_ticket_key key = {"a name of a key", "and the secret that goes with it"};
    static const hf_ticket_keys keys = {&key, 1, 0};
    uint64_t handshakes = n->r.handshakes;
    memset(n->seen, 0, sizeof n->seen);
    memset(&n->spare, 0, sizeof n->spare);
    resume_begin(&n->r);
    n->r.handshakes = handshakes;
    resume_prepare(&n->r, server_keys, suite, version);
    if (kind != INNER_BY_ID)
        n->r.p.server.config.cache = NULL;
    if (kind == INNER_BY_TICKET)
        n->r.p.server.config.tickets = &keys;
    if (kind != INNER_FULL)
        n->r.p.session = &n->r.session;
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        endpoint *e = reneg_end(n, (hf_role)role);
        n->observers[role] = (hf_observer){watch, &n->seen[role], true};
        e->config.observer = &n->observers[role];
        e->config.renegotiation = HF_RENEGOTIATION_BY_BOTH;
        e->config.resume_in_renegotiation = kind != INNER_FULL;
    }
}

void reneg_expect_quiet(renegotiation *n)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        endpoint *e = reneg_end(n, (hf_role)role);
        cr_assert_eq(endpoint_reason(e), HF_OK, "%d: %s", role, reason_name(endpoint_reason(e)));
        cr_assert_not(hf_conn_is_renegotiating(&e->conn), "%d is in a renegotiation", role);
        cr_assert_null(hf_conn_question(&e->conn));
    }
}

void reneg_connect(renegotiation *n)
{
    pair_connect(&n->r.p);
    expect_established(&n->r.p);
    cr_assert_not(hf_conn_resumed(&n->r.p.client.conn));
    reneg_expect_quiet(n);
}

void reneg_ask(renegotiation *n, hf_role by)
{
    hf_conn *c = &reneg_end(n, by)->conn;
    cr_assert_eq(hf_conn_renegotiate(c, NULL), HF_OK);
    cr_assert(hf_conn_is_renegotiating(c));
    cr_assert(hf_conn_wants(c) & HF_HAS_WORK);
}

/* Whether a record that one side makes now can be opened with the keys given. */
static bool would_open(const endpoint *from, hf_protection keys)
{
    uint8_t record[256] = "whatever may be said";
    hf_protection sealing = from->conn.out.protection;
    size_t prefix = hf_protection_prefix(&sealing), size = 20, opened;
    memmove(record + prefix, record, size);
    cr_assert_eq(hf_protection_seal(&sealing, 23, from->conn.version, record + prefix, size),
                 HF_OK);
    keys.sequence = from->conn.out.protection.sequence;
    return hf_protection_open(&keys, 23, from->conn.version, record,
                              hf_protection_sealed_size(&from->conn.out.protection, size),
                              &opened) == HF_OK;
}

void reneg_do(renegotiation *n, hf_role by)
{
    const endpoint *client = &n->r.p.client, *server = &n->r.p.server;
    const hf_protection up = server->conn.in.protection, down = client->conn.in.protection;
    const watched before[2] = {n->seen[0], n->seen[1]};
    cr_assert(would_open(client, up));
    reneg_ask(n, by);
    cr_assert(pair_run(&n->r.p));
    reneg_expect_quiet(n);
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        const hf_conn *c = &reneg_end(n, (hf_role)role)->conn;
        cr_assert_eq(n->seen[role].established, before[role].established + 1);
        cr_assert_eq(n->seen[role].key_changes, before[role].key_changes + 2);
        bool same = memcmp(n->seen[role].master, before[role].master, 48) == 0;
        cr_assert_eq(same, hf_conn_resumed(c));
        /* RFC 5246 6.1: sequence numbers begin at 0 with new keys, and Finished has had that. */
        cr_assert_eq(c->in.protection.sequence, 1);
        cr_assert_eq(c->out.protection.sequence, 1);
    }
    cr_assert_eq(n->seen[HF_CLIENT].hello_requests - before[HF_CLIENT].hello_requests,
                 by == HF_SERVER);
    cr_assert_eq(memcmp(n->seen[0].master, n->seen[1].master, 48), 0);
    cr_assert(would_open(client, server->conn.in.protection));
    cr_assert(would_open(server, client->conn.in.protection));
    cr_assert_not(would_open(client, up), "the old keys are still in use");
    cr_assert_not(would_open(server, down), "the old keys are still in use");
}

void reneg_slip_in(endpoint *e, uint8_t type, const void *content, size_t size)
{
    size_t taken;
    cr_assert_eq(hf_outgoing_seal(&e->conn.out), HF_OK);
    cr_assert_eq(hf_outgoing_append(&e->conn.out, type, (hf_span){content, size}, &taken), HF_OK);
    cr_assert_eq(taken, size);
    cr_assert_eq(hf_outgoing_seal(&e->conn.out), HF_OK);
}

/* One record: opened as the receiver would, changed, and sealed with the same keys. */
static size_t change(uint8_t *record, const hf_protection *in_use, relay_hook *hook, void *context)
{
    static uint8_t plain[20000], message[8000];
    static relay line;
    hf_protection keys = *in_use;
    uint16_t version = (uint16_t)(record[1] << 8 | record[2]);
    size_t size, prefix = hf_protection_prefix(in_use);
    cr_assert_eq(hf_protection_open(&keys, record[0], version, record + 5,
                                    (size_t)record[3] << 8 | record[4], &size),
                 HF_OK);
    cr_assert_eq(record[0], HF_CONTENT_HANDSHAKE);
    memcpy(plain, record + 5 + prefix, size);
    size_t first = 4 + ((size_t)plain[2] << 8 | plain[3]);
    cr_assert_leq(first, size);
    memcpy(message, plain, first);
    relayed part = {.content = record[0], .type = plain[0], .bytes = message, .size = first};
    line.context = context;
    (void)hook(&line, &part);
    memmove(plain + part.size, plain + first, size - first);
    memcpy(plain, message, part.size);
    size += part.size - first;
    keys = *in_use;
    memcpy(record + 5 + prefix, plain, size);
    cr_assert_eq(hf_protection_seal(&keys, record[0], version, record + 5 + prefix, size), HF_OK);
    size = hf_protection_sealed_size(in_use, size);
    record[3] = (uint8_t)(size >> 8);
    record[4] = (uint8_t)size;
    return 5 + size;
}

void reneg_pass_changed(renegotiation *n, hf_role from, relay_hook *hook, void *context)
{
    static uint8_t raw[20000], changed[20000];
    endpoint *speaker = reneg_end(n, from), *listener = reneg_end(n, reneg_other(from));
    size_t size = endpoint_take(speaker, raw, sizeof raw);
    cr_assert_gt(size, 5);
    size_t first = 5 + ((size_t)raw[3] << 8 | raw[4]);
    memcpy(changed, raw, first);
    size_t now = change(changed, &listener->conn.in.protection, hook, context);
    (void)endpoint_give(listener, changed, now);
    (void)endpoint_give(listener, raw + first, size - first);
}

bool reneg_move(renegotiation *n, hf_role from, size_t most)
{
    endpoint *speaker = reneg_end(n, from), *listener = reneg_end(n, reneg_other(from));
    (void)endpoint_run(speaker);
    (void)endpoint_run(listener);
    hf_span outgoing = hf_conn_outgoing(&speaker->conn);
    hf_buf incoming = hf_conn_incoming(&listener->conn);
    size_t size = outgoing.size < incoming.size ? outgoing.size : incoming.size;
    if (most != 0 && size > most)
        size = most;
    if (size == 0)
        return false;
    memcpy(incoming.data, outgoing.data, size);
    cr_assert_eq(hf_conn_sent(&speaker->conn, size), HF_OK);
    cr_assert_eq(hf_conn_received(&listener->conn, size), HF_OK);
    (void)endpoint_run(listener);
    return true;
}

/* ---------------------------------------------------------------- certificates, outcomes */

void reneg_expect_settled(renegotiation *n, unsigned established)
{
    cr_assert(pair_run(&n->r.p));
    reneg_expect_quiet(n);
    cr_assert_eq(n->seen[HF_CLIENT].established, established);
    cr_assert_eq(n->seen[HF_SERVER].established, established);
    expect_data(&n->r.p);
}

void reneg_expect_refused(renegotiation *n, hf_role by, hf_error reason, int alert)
{
    cr_assert(pair_run(&n->r.p));
    expect_refusal(&n->r.p, by, reason, alert);
    cr_assert_not(hf_conn_is_renegotiating(&n->r.p.client.conn));
    cr_assert_not(hf_conn_is_renegotiating(&n->r.p.server.conn));
    for (int role = HF_CLIENT; role <= HF_SERVER; role++)
        for (int of = HF_CLIENT; of <= HF_SERVER; of++)
            cr_assert_null(
                memmem(reneg_end(n, (hf_role)role), sizeof(endpoint), n->seen[of].master, 16));
}

void hello_add_scsv(relayed *hello)
{
    size_t at = 4 + 2 + 32;
    at += 1 + (size_t)hello->bytes[at];
    size_t suites = ((size_t)hello->bytes[at] << 8 | hello->bytes[at + 1]) + 2;
    hello->bytes[at] = (uint8_t)(suites >> 8);
    hello->bytes[at + 1] = (uint8_t)suites;
    relayed_splice(hello, at + 2, 0, "\0\377", 2);
}

void reneg_switch_server(renegotiation *n, const char *leaf, const char *issuer)
{
    pki_load(&n->r.p.server.credentials[0], leaf, issuer);
    n->r.p.server.offered[0] = n->r.p.server.credentials[0].credentials;
}

static const char *const leaves[] = {NULL, "client-p256", "client-rsa2048"};

void reneg_show(renegotiation *n, int who)
{
    static hf_credentials offers[3];
    if (who != 0) {
        pki_load(&n->r.p.client.credentials[who - 1], leaves[who],
                 who == 1 ? "inter-p256" : "inter-rsa2048");
        offers[who] = n->r.p.client.credentials[who - 1].credentials;
    }
    n->r.p.client.config.credentials = who == 0 ? NULL : &offers[who];
    n->r.p.client.config.credentials_count = who != 0;
}

void reneg_prepare_auth(renegotiation *n, hf_client_auth mode, inner_handshake kind)
{
    reneg_prepare(n, "p256", 0xc02b, HF_TLS1_2, kind);
    n->r.p.server.config.anchors = pki_roots(&n->r.p.server.config.anchor_count);
    n->r.p.server.config.client_auth = mode;
}
