#include "tests/flow/relay.h"

#include "tests/flow/stepper.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#define MESSAGE_HEADER 4
#define FRAGMENT_MAX   16384
#define ROOM           4096 /* that a hook may add to a part */

static endpoint *end_of(pair *p, hf_role role)
{
    return role == HF_CLIENT ? &p->client : &p->server;
}

void relay_insert(relay *r, uint8_t content, const void *bytes, size_t size)
{
    const uint8_t *next = bytes;
    do {
        size_t part = size < r->fragment_max ? size : r->fragment_max;
        cr_assert_lt(r->out_size + 5 + part, sizeof r->out);
        r->out_size += clear_record(r->out + r->out_size, content, r->version, next, part);
        next += part;
        size -= part;
    } while (size != 0);
}

static void pass(relay *r, relayed *part)
{
    size_t *count = &r->seen_count[part->sender];
    cr_assert_lt(*count, RELAY_SEEN_MAX);
    r->seen[part->sender][(*count)++] =
        (uint16_t)(part->type != 0 ? part->type : part->content << 8);
    if (part->content == HF_CONTENT_CHANGE_CIPHER_SPEC)
        r->sealed[part->sender] = true;
    if (r->hook == NULL || r->hook(r, part))
        relay_insert(r, part->content, part->bytes, part->size);
}

static size_t message_size(const uint8_t *header)
{
    return MESSAGE_HEADER + ((size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3]);
}

/* Takes whole messages off the gathered handshake bytes; returns how many are left. */
static size_t pass_messages(relay *r, hf_role sender, uint8_t *gathered, size_t size)
{
    static uint8_t message[70000];
    size_t at = 0;
    while (size - at >= MESSAGE_HEADER && size - at >= message_size(gathered + at)) {
        relayed part = {.sender = sender,
                        .content = HF_CONTENT_HANDSHAKE,
                        .type = gathered[at],
                        .bytes = message,
                        .size = message_size(gathered + at)};
        cr_assert_lt(part.size + ROOM, sizeof message);
        memcpy(message, gathered + at, part.size);
        at += part.size;
        pass(r, &part);
    }
    memmove(gathered, gathered + at, size - at);
    return size - at;
}

/* Everything that one side has to say, part by part. */
static bool pass_flight(relay *r, hf_role sender)
{
    static uint8_t raw[80000], gathered[70000], fragment[FRAGMENT_MAX + 2048 + ROOM];
    size_t raw_size = endpoint_take(end_of(r->p, sender), raw, sizeof raw), left = 0;
    uint16_t agreed = hf_conn_max_fragment_length(&end_of(r->p, sender)->conn);
    r->fragment_max = agreed != 0 && !r->sealed[sender] ? agreed : FRAGMENT_MAX;
    r->out_size = 0;
    for (size_t at = 0; at < raw_size;) {
        size_t size = (size_t)raw[at + 3] << 8 | raw[at + 4];
        r->version = (uint16_t)(raw[at + 1] << 8 | raw[at + 2]);
        cr_assert_leq(at + 5 + size, raw_size, "records are sent whole");
        if (raw[at] == HF_CONTENT_HANDSHAKE && !r->sealed[sender]) {
            memcpy(gathered + left, raw + at + 5, size);
            left = pass_messages(r, sender, gathered, left + size);
        } else {
            relayed part = {.sender = sender,
                            .content = raw[at],
                            .sealed = r->sealed[sender],
                            .bytes = fragment,
                            .size = size};
            cr_assert_eq(left, 0, "no other content between the parts of a message");
            memcpy(fragment, raw + at + 5, size);
            pass(r, &part);
        }
        at += 5 + size;
    }
    endpoint *to = end_of(r->p, sender == HF_CLIENT ? HF_SERVER : HF_CLIENT);
    (void)endpoint_give(to, r->out, r->out_size);
    (void)endpoint_run(to);
    return raw_size != 0;
}

void relay_run(relay *r)
{
    for (int round = 0; round < 100; round++) {
        bool moved = pass_flight(r, HF_CLIENT);
        moved |= pass_flight(r, HF_SERVER);
        if (!moved)
            return;
    }
    cr_assert_fail("the two sides do not come to an end");
}

void relay_connect(relay *r, pair *p, relay_hook *hook, void *context)
{
    memset(r, 0, sizeof *r);
    r->p = p;
    r->hook = hook;
    r->context = context;
    pair_start(p);
    relay_run(r);
}

/* ---------------------------------------------------------------- messages */

static void put(uint8_t *out, size_t value, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; value >>= 8)
        out[i] = (uint8_t)value;
}

void relayed_splice(relayed *part, size_t at, size_t removed, const void *bytes, size_t size)
{
    cr_assert_leq(at + removed, part->size);
    memmove(part->bytes + at + size, part->bytes + at + removed, part->size - at - removed);
    if (size != 0)
        memcpy(part->bytes + at, bytes, size);
    part->size += size - removed;
    put(part->bytes + 1, part->size - MESSAGE_HEADER, 3);
}

/* Where the block of extensions begins, its length included. */
static size_t extensions_at(const relayed *hello)
{
    const uint8_t *bytes = hello->bytes;
    size_t at = MESSAGE_HEADER + 2 + 32;
    at += 1 + (size_t)bytes[at];
    if (hello->type == HF_SERVER_HELLO)
        return at + 3;
    at += 2 + ((size_t)bytes[at] << 8 | bytes[at + 1]);
    return at + 1 + bytes[at];
}

uint8_t *hello_extension(const relayed *hello, uint16_t code, size_t *size)
{
    for (size_t at = extensions_at(hello) + 2; at + 4 <= hello->size;) {
        uint8_t *bytes = hello->bytes + at;
        *size = (size_t)bytes[2] << 8 | bytes[3];
        if ((bytes[0] << 8 | bytes[1]) == code)
            return bytes + 4;
        at += 4 + *size;
    }
    return NULL;
}

static void mend_extensions(relayed *hello)
{
    size_t at = extensions_at(hello);
    put(hello->bytes + at, hello->size - at - 2, 2);
}

bool hello_remove_extension(relayed *hello, uint16_t code)
{
    size_t size;
    uint8_t *body = hello_extension(hello, code, &size);
    if (body == NULL)
        return false;
    relayed_splice(hello, (size_t)(body - hello->bytes) - 4, 4 + size, NULL, 0);
    mend_extensions(hello);
    return true;
}

void hello_add_extension(relayed *hello, uint16_t code, const void *body, size_t size)
{
    uint8_t header[4];
    put(header, code, 2);
    put(header + 2, size, 2);
    if (extensions_at(hello) == hello->size)
        relayed_splice(hello, hello->size, 0, "\0", 2);
    relayed_splice(hello, hello->size, 0, header, sizeof header);
    relayed_splice(hello, hello->size, 0, body, size);
    mend_extensions(hello);
}

/* ---------------------------------------------------------------- outcomes */

void expect_established(pair *p)
{
    cr_assert_eq(endpoint_reason(&p->client), HF_OK, "client: %s",
                 reason_name(endpoint_reason(&p->client)));
    cr_assert_eq(endpoint_reason(&p->server), HF_OK, "server: %s",
                 reason_name(endpoint_reason(&p->server)));
    cr_assert(hf_conn_wants(&p->client.conn) & HF_ESTABLISHED);
    cr_assert(hf_conn_wants(&p->server.conn) & HF_ESTABLISHED);
}

void expect_refusal(pair *p, hf_role by, hf_error reason, int alert)
{
    const endpoint *refusing = end_of(p, by),
                   *other = end_of(p, by == HF_CLIENT ? HF_SERVER : HF_CLIENT);
    const hf_failure *why = hf_conn_failure(&refusing->conn), *heard;
    cr_assert_not_null(why, "no failure, but %s was expected", reason_name(reason));
    cr_assert_eq(why->reason, reason, "%s instead of %s", reason_name(why->reason),
                 reason_name(reason));
    cr_assert_not(why->alert_received);
    cr_assert_eq(why->alert, alert, "alert %d instead of %d", why->alert, alert);
    heard = hf_conn_failure(&other->conn);
    cr_assert_not_null(heard, "the other side has heard of nothing");
    cr_assert_eq(heard->reason, HF_ERROR_PEER_ALERT, "the other side: %s",
                 reason_name(heard->reason));
    cr_assert_eq(heard->alert, alert);
    cr_assert_eq(heard->alert_level, HF_ALERT_LEVEL_FATAL);
}

static void send_text(pair *p, endpoint *from, endpoint *to, const char *text)
{
    char got[64];
    cr_assert(endpoint_write(from, text, strlen(text)));
    cr_assert(pair_run(p));
    cr_assert_eq(endpoint_read(to, got, sizeof got), strlen(text));
    cr_assert_eq(memcmp(got, text, strlen(text)), 0);
}

void expect_read(endpoint *e, const char *text)
{
    char got[64] = {0};
    cr_assert_eq(endpoint_read(e, got, sizeof got), strlen(text));
    cr_assert_eq(memcmp(got, text, strlen(text)), 0, "%.64s", got);
}

void expect_data(pair *p)
{
    send_text(p, &p->client, &p->server, "from the client");
    send_text(p, &p->server, &p->client, "from the server");
}
