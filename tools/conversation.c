#include "tools/conversation.h"

#include "crypto_glue/constant_time.h"

#include "tls/keys/keys.h"
#include "tls/record/record.h"

#include "tools/tools.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_MAX      (HF_RECORD_HEADER_SIZE + HF_CIPHERTEXT_MAX)
#define MICROSECONDS    1000000
#define KEY_BLOCK_MAX   256
#define V2_CLIENT_HELLO 1 /* RFC 5246 E.2 */
#define V2_LENGTH_SIZE  2
#define ALERT_SIZE      2

/* Positions begin..end; empty if `end` is 0. */
struct range {
    size_t begin, end;
};

/* What one side has sent. */
struct direction {
    hf_role role; /* once that is known */
    uint8_t record[RECORD_MAX];
    size_t have;
    bool has_begun;   /* a first record was recognised */
    struct range gap; /* what is missing of this record */
    bool is_given_up;
    bool is_protected, can_open;
    hf_protection protection; /* if it can be opened */
    hf_protection prepared;   /* from its next ChangeCipherSpec on */
    bool is_prepared;
    uint8_t *message; /* handshake bytes that are not a whole message yet */
    size_t message_size;
    size_t skipped; /* bytes still to come of a message that is damaged */
};

/* ------------------------------------------------------------------ the list */

/* One more place, or that of what is left out. */
static struct item *new_place(struct conversation *c)
{
    if (c->item_count == CONVERSATION_ITEMS_MAX) {
        c->items_dropped++;
        return &c->overflow;
    }
    if (c->item_count == c->item_capacity) {
        size_t larger = c->item_capacity ? 2 * c->item_capacity : 32;
        struct item *items = must_allocate(larger, sizeof *items);
        for (size_t i = 0; i < c->item_count; i++)
            items[i] = c->items[i];
        free(c->items);
        c->items = items;
        c->item_capacity = larger;
    }
    return &c->items[c->item_count++];
}

static struct item *add_item(struct conversation *c, const struct direction *d, enum item_kind kind,
                             int64_t time)
{
    struct item *item = new_place(c);
    *item = (struct item){
        .kind = kind, .sender = d->role, .time = time, .is_protected = d->is_protected};
    return item;
}

static void add_coded(struct conversation *c, const struct direction *d, enum item_kind kind,
                      int64_t time, uint8_t code, uint64_t size)
{
    struct item *item = add_item(c, d, kind, time);
    item->code = code;
    item->size = size;
}

/* Records in a row are one thing. Data must not take the places of what ends the connection. */
static void add_data(struct conversation *c, const struct direction *d, int64_t time, size_t size)
{
    c->data[d->role] += size;
    struct item *last = c->item_count ? &c->items[c->item_count - 1] : &c->overflow;
    bool goes_on = c->item_count && last->kind == ITEM_DATA && last->sender == d->role;
    if (!goes_on && c->item_count >= CONVERSATION_ITEMS_MAX - CONVERSATION_ITEMS_KEPT) {
        c->items_dropped++;
        return;
    }
    struct item *item = goes_on ? last : add_item(c, d, ITEM_DATA, time);
    item->size += size;
    item->records++;
}

/* Who is the client is known from the first hello. Until then it is whoever opened the connection.
 */
static void set_client(struct conversation *c, tcp_side side)
{
    if (c->is_side_known)
        return;
    c->is_side_known = true;
    c->client_side = side;
    c->directions[side]->role = HF_CLIENT;
    c->directions[!side]->role = HF_SERVER;
    if (side != 0) {
        struct packet_end first = c->ends[0];
        c->ends[0] = c->ends[1];
        c->ends[1] = first;
    }
}

/* ------------------------------------------------------------------ keys */

static const uint8_t *side_of(const uint8_t *keys, size_t size, hf_role role)
{
    return keys + (role == HF_SERVER ? size : 0);
}

static bool prepare(struct direction *d, const struct facts *facts, const uint8_t *key_block)
{
    hf_key_sizes sizes = hf_key_sizes_of(facts->suite, facts->version);
    const uint8_t *keys = key_block + 2 * (size_t)sizes.mac_key;
    const uint8_t *ivs = keys + 2 * (size_t)sizes.key;
    const hf_protection_settings settings = {
        .suite = facts->suite,
        .version = facts->version,
        .encrypt_then_mac = facts->encrypt_then_mac,
        .truncated_hmac = facts->truncated_hmac,
        .mac_key = side_of(key_block, sizes.mac_key, d->role),
        .key = side_of(keys, sizes.key, d->role),
        .iv = side_of(ivs, sizes.iv, d->role),
    };
    return hf_protection_init(&d->prepared, &settings) == HF_OK;
}

/* The key block of RFC 5246 6.3 from the key log's master secret, once both randoms, the version
 * and the suite are known. */
static void prepare_keys(struct conversation *c)
{
    const struct facts *facts = &c->facts;
    const uint8_t *master = keylog_find(c->owner->keys, facts->client_random);
    bool is_old = facts->version < HF_TLS1_2;
    hf_hash_id hash = HF_HASH_MD5_SHA1;
    if (facts->suite && !is_old)
        hash = facts->suite->prf_hash;
    if (!master || !facts->suite || facts->version < HF_TLS1_0 || facts->version > HF_TLS1_2 ||
        hf_hash_size(hash) == 0)
        return;
    uint8_t key_block[KEY_BLOCK_MAX];
    hf_key_sizes sizes = hf_key_sizes_of(facts->suite, facts->version);
    hf_prf(hash, (hf_span){master, HF_MASTER_SIZE}, "key expansion",
           (hf_span){facts->server_random, HF_RANDOM_SIZE},
           (hf_span){facts->client_random, HF_RANDOM_SIZE}, key_block,
           2 * ((size_t)sizes.mac_key + sizes.key + sizes.iv));
    for (tcp_side side = 0; side < 2; side++) {
        struct direction *d = c->directions[side];
        d->is_prepared = prepare(d, facts, key_block);
    }
    hf_wipe(key_block, sizeof key_block);
}

static void change_keys(struct direction *d)
{
    d->is_protected = true;
    d->can_open = d->is_prepared;
    if (d->is_prepared)
        d->protection = d->prepared;
    d->is_prepared = false;
}

/* ------------------------------------------------------------------ handshake messages */

static void begin_handshake(struct conversation *c)
{
    c->is_handshaking = true;
    c->has_finished[HF_CLIENT] = c->has_finished[HF_SERVER] = false;
}

/* The first message behind a ChangeCipherSpec is Finished, whether it can be read or not. */
static void note_finished(struct conversation *c, const struct direction *d, int64_t time)
{
    if (!c->is_handshaking || c->has_finished[d->role])
        return;
    c->has_finished[d->role] = true;
    if (!c->has_finished[d->role == HF_CLIENT ? HF_SERVER : HF_CLIENT])
        return;
    c->is_handshaking = false;
    c->handshakes++;
    c->settled = c->facts;
    add_item(c, d, ITEM_ESTABLISHED, time);
}

static void take_message(struct conversation *c, tcp_side side, int64_t time, hf_span message)
{
    struct direction *d = c->directions[side];
    uint8_t type = message.data[0];
    if (type == HF_CLIENT_HELLO || type == HF_SERVER_HELLO)
        set_client(c, type == HF_CLIENT_HELLO ? side : !side);
    add_coded(c, d, ITEM_MESSAGE, time, type, message.size);
    if (type == HF_CLIENT_HELLO)
        begin_handshake(c);
    facts_take(&c->facts, d->role, message, time / MICROSECONDS);
    if (type == HF_SERVER_HELLO)
        prepare_keys(c);
    if (type == HF_FINISHED)
        note_finished(c, d, time);
}

static size_t message_size(const uint8_t *header)
{
    return HF_MESSAGE_HEADER_SIZE + ((size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3]);
}

static void drop_message(struct direction *d)
{
    free(d->message);
    d->message = NULL;
    d->message_size = d->skipped = 0;
}

/* What is left of a record when its whole messages have been taken. */
static void keep_message(struct conversation *c, struct direction *d, int64_t time, hf_span bytes)
{
    if (bytes.size >= HF_MESSAGE_HEADER_SIZE &&
        message_size(bytes.data) > CONVERSATION_MESSAGE_MAX) {
        d->is_given_up = true;
        add_item(c, d, ITEM_NOT_TLS, time);
        return;
    }
    d->message_size = bytes.size;
    d->message = must_allocate(bytes.size, 1);
    if (bytes.size)
        memcpy(d->message, bytes.data, bytes.size);
}

/* Handshake bytes from the start of a message on. Of those in `gap` nothing is known: a message
 * with some of them is named, but not read, and after one whose header is among them there is no
 * telling where the next begins. */
static void take_messages(struct conversation *c, tcp_side side, int64_t time, hf_span bytes,
                          struct range gap)
{
    struct direction *d = c->directions[side];
    size_t at = 0;
    while (bytes.size - at >= HF_MESSAGE_HEADER_SIZE) {
        size_t size = message_size(bytes.data + at), left = bytes.size - at;
        bool is_hit = gap.begin < at + size && gap.end > at;
        if (is_hit && gap.begin < at + HF_MESSAGE_HEADER_SIZE)
            return;
        if (size > left && !is_hit)
            break;
        if (is_hit)
            add_coded(c, d, ITEM_MESSAGE, time, bytes.data[at], size);
        else
            take_message(c, side, time, (hf_span){bytes.data + at, size});
        if (size > left) {
            d->skipped = size - left;
            return;
        }
        at += size;
    }
    if (gap.end <= at)
        keep_message(c, d, time, (hf_span){bytes.data + at, bytes.size - at});
}

/* Messages may be split over records, and records hold several (RFC 5246 6.2.1). */
static void take_handshake(struct conversation *c, tcp_side side, int64_t time, hf_span bytes,
                           struct range gap)
{
    struct direction *d = c->directions[side];
    size_t skipped = d->skipped < bytes.size ? d->skipped : bytes.size;
    size_t still_skipped = d->skipped - skipped, before = d->message_size;
    size_t size = before + bytes.size - skipped;
    uint8_t *all = must_allocate(size, 1);
    if (before)
        memcpy(all, d->message, before);
    if (bytes.size > skipped)
        memcpy(all + before, bytes.data + skipped, bytes.size - skipped);
    drop_message(d);
    d->skipped = still_skipped;
    if (gap.end > skipped) {
        gap.begin = before + (gap.begin > skipped ? gap.begin - skipped : 0);
        gap.end = before + gap.end - skipped;
    } else {
        gap = (struct range){0, 0};
    }
    take_messages(c, side, time, (hf_span){all, size}, gap);
    free(all);
}

/* ------------------------------------------------------------------ records */

static void take_change_cipher_spec(struct conversation *c, struct direction *d, int64_t time)
{
    add_item(c, d, ITEM_CHANGE_KEYS, time);
    if (d->role == HF_SERVER && c->facts.has_server_hello && !c->has_loss)
        c->facts.is_resumed = !c->facts.has_server_hello_done; /* RFC 5246 7.3, figure 2 */
    change_keys(d);
}

static void take_alert(struct conversation *c, const struct direction *d, int64_t time,
                       hf_span alert)
{
    if (alert.size != ALERT_SIZE)
        return;
    struct item *item = add_item(c, d, ITEM_ALERT, time);
    item->level = alert.data[0];
    item->code = alert.data[1];
}

static void take_content(struct conversation *c, tcp_side side, int64_t time, uint8_t type,
                         hf_span content)
{
    struct direction *d = c->directions[side];
    switch (type) {
    case HF_CONTENT_CHANGE_CIPHER_SPEC:
        take_change_cipher_spec(c, d, time);
        break;
    case HF_CONTENT_ALERT:
        take_alert(c, d, time, content);
        break;
    case HF_CONTENT_HANDSHAKE:
        take_handshake(c, side, time, content, (struct range){0, 0});
        break;
    default:
        add_data(c, d, time, content.size);
        break;
    }
}

/* The type and the size are all that can be read. */
static void take_unreadable(struct conversation *c, struct direction *d, int64_t time, uint8_t type,
                            size_t size)
{
    c->is_unreadable = true;
    if (type == HF_CONTENT_APPLICATION_DATA)
        add_data(c, d, time, size);
    else
        add_coded(c, d, ITEM_UNREADABLE, time, type, size);
    if (type == HF_CONTENT_CHANGE_CIPHER_SPEC)
        change_keys(d);
    if (type == HF_CONTENT_HANDSHAKE)
        note_finished(c, d, time);
}

/* A record of which bytes are missing or wrong: those after it can be read if they do not hang on
 * it. */
static void pass_over_record(struct direction *d)
{
    drop_message(d);
    d->protection.sequence++;
    if (d->protection.kind != HF_PROTECT_AEAD && d->protection.prefix_size == 0)
        d->can_open = false;
}

static void open_record(struct conversation *c, tcp_side side, int64_t time, uint8_t type,
                        uint8_t *fragment, size_t size)
{
    struct direction *d = c->directions[side];
    uint16_t version = (uint16_t)(d->record[1] << 8 | d->record[2]);
    size_t opened = 0;
    if (hf_protection_open(&d->protection, type, version, fragment, size, &opened) == HF_OK) {
        c->was_decrypted = true;
        take_content(c, side, time, type,
                     (hf_span){fragment + hf_protection_prefix(&d->protection), opened});
    } else {
        add_coded(c, d, ITEM_BAD_RECORD, time, type, size);
        pass_over_record(d);
    }
}

/* Only handshake messages in the clear may still be read around what is missing. */
static void take_damaged(struct conversation *c, tcp_side side, int64_t time)
{
    struct direction *d = c->directions[side];
    hf_span content = {d->record + HF_RECORD_HEADER_SIZE, d->have - HF_RECORD_HEADER_SIZE};
    struct range gap = {d->gap.begin - HF_RECORD_HEADER_SIZE, d->gap.end - HF_RECORD_HEADER_SIZE};
    if (d->is_protected)
        pass_over_record(d);
    else if (d->record[0] == HF_CONTENT_HANDSHAKE)
        take_handshake(c, side, time, content, gap);
}

static void take_record(struct conversation *c, tcp_side side, int64_t time)
{
    struct direction *d = c->directions[side];
    uint8_t type = d->record[0], *fragment = d->record + HF_RECORD_HEADER_SIZE;
    size_t size = d->have - HF_RECORD_HEADER_SIZE;
    if (d->gap.end)
        take_damaged(c, side, time);
    else if (!d->is_protected)
        take_content(c, side, time, type, (hf_span){fragment, size});
    else if (d->can_open)
        open_record(c, side, time, type, fragment, size);
    else
        take_unreadable(c, d, time, type, size);
    d->have = 0;
    d->gap = (struct range){0, 0};
}

/* The first header of a side may be that of a ClientHello in SSL 2.0's format, whose first bit says
 * that its length has two bytes. */
static bool is_v2_hello(const struct direction *d)
{
    return !d->has_begun && (d->record[0] & 0x80) && d->record[2] == V2_CLIENT_HELLO &&
           d->record[3] == 3;
}

static bool is_record(const uint8_t *header)
{
    size_t size = (size_t)header[3] << 8 | header[4];
    return header[0] >= HF_CONTENT_CHANGE_CIPHER_SPEC && header[0] <= HF_CONTENT_APPLICATION_DATA &&
           header[1] == 3 && size <= HF_CIPHERTEXT_MAX;
}

/* Bytes of the record that begins in `record`, as far as its header is there. */
static size_t record_size(const struct direction *d)
{
    if (d->have < HF_RECORD_HEADER_SIZE)
        return HF_RECORD_HEADER_SIZE;
    if (is_v2_hello(d))
        return V2_LENGTH_SIZE + ((size_t)(d->record[0] & 0x7f) << 8 | d->record[1]);
    return HF_RECORD_HEADER_SIZE + ((size_t)d->record[3] << 8 | d->record[4]);
}

static void take_v2_hello(struct conversation *c, tcp_side side, int64_t time)
{
    struct direction *d = c->directions[side];
    hf_span message = {d->record + V2_LENGTH_SIZE, d->have - V2_LENGTH_SIZE};
    set_client(c, side);
    add_coded(c, d, ITEM_MESSAGE, time, HF_CLIENT_HELLO, message.size);
    begin_handshake(c);
    facts_take_v2_hello(&c->facts, message);
    d->have = 0;
}

static bool is_long_enough_v2_hello(const struct direction *d)
{
    return is_v2_hello(d) && record_size(d) > HF_RECORD_HEADER_SIZE && record_size(d) <= RECORD_MAX;
}

/* A header is there. False: it is none. */
static bool accept_header(struct conversation *c, struct direction *d, int64_t time)
{
    if (is_record(d->record) || is_long_enough_v2_hello(d)) {
        c->is_tls = true;
        return true;
    }
    d->is_given_up = true;
    add_item(c, d, ITEM_NOT_TLS, time);
    return false;
}

static void take_bytes(void *state, tcp_side side, int64_t time, hf_span bytes)
{
    struct conversation *c = state;
    struct direction *d = c->directions[side];
    for (size_t at = 0; at < bytes.size && !d->is_given_up;) {
        size_t part = record_size(d) - d->have;
        if (part > bytes.size - at)
            part = bytes.size - at;
        memcpy(d->record + d->have, bytes.data + at, part);
        d->have += part;
        at += part;
        if (d->have == HF_RECORD_HEADER_SIZE && !accept_header(c, d, time))
            return;
        if (d->have < HF_RECORD_HEADER_SIZE || d->have < record_size(d))
            continue;
        if (is_v2_hello(d))
            take_v2_hello(c, side, time);
        else
            take_record(c, side, time);
        d->has_begun = true;
    }
}

/* A gap that ends within a record loses that one alone. Past it, it is hoped that the next bytes
 * begin a record; how many were lost, and so the sequence number, is not known. */
static void take_gap(void *state, tcp_side side, int64_t time, uint64_t size)
{
    struct conversation *c = state;
    struct direction *d = c->directions[side];
    if (d->is_given_up)
        return;
    c->has_loss = true;
    add_coded(c, d, ITEM_LOST, time, 0, size);
    bool is_inside = d->have >= HF_RECORD_HEADER_SIZE && !is_v2_hello(d);
    if (is_inside && size <= record_size(d) - d->have) {
        memset(d->record + d->have, 0, (size_t)size);
        if (!d->gap.end)
            d->gap.begin = d->have;
        d->have += (size_t)size;
        d->gap.end = d->have;
        if (d->have == record_size(d))
            take_record(c, side, time);
        return;
    }
    drop_message(d);
    d->have = 0;
    d->gap = (struct range){0, 0};
    d->can_open = false;
    c->is_unreadable = c->is_unreadable || d->is_protected;
}

/* ------------------------------------------------------------------ the connection */

static void take_finish(void *state, tcp_side side, int64_t time)
{
    struct conversation *c = state;
    add_item(c, c->directions[side], ITEM_FINISHED, time);
}

static void take_reset(void *state, tcp_side side, int64_t time)
{
    struct conversation *c = state;
    add_item(c, c->directions[side], ITEM_RESET, time);
}

static void *open_conversation(void *context, const struct segment *first)
{
    struct conversations *all = context;
    struct conversation *c = must_allocate(1, sizeof *c);
    bool is_answer = (first->flags & SEGMENT_SYN) && (first->flags & SEGMENT_ACK);
    c->owner = all;
    c->ends[is_answer] = first->from;
    c->ends[!is_answer] = first->to;
    c->began = first->time;
    c->number = ++all->opened;
    for (tcp_side side = 0; side < 2; side++) {
        c->directions[side] = must_allocate(1, sizeof *c->directions[side]);
        c->directions[side]->role = side == 0 ? HF_CLIENT : HF_SERVER;
    }
    return c;
}

static void close_conversation(void *state)
{
    struct conversation *c = state;
    struct conversations *all = c->owner;
    if (c->is_tls) {
        all->count++;
        all->done(all->context, c);
    } else {
        all->others++;
    }
    for (tcp_side side = 0; side < 2; side++) {
        drop_message(c->directions[side]);
        hf_wipe(c->directions[side], sizeof *c->directions[side]);
        free(c->directions[side]);
    }
    free(c->items);
    free(c);
}

struct tcp_user conversations_user(struct conversations *conversations)
{
    return (struct tcp_user){.context = conversations,
                             .opened = open_conversation,
                             .bytes = take_bytes,
                             .lost = take_gap,
                             .finished = take_finish,
                             .reset = take_reset,
                             .closed = close_conversation};
}
