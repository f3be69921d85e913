#include "tools/tcp_stream.h"

#include "tools/tools.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define WINDOW_MAX (1 << 30) /* RFC 7323 2.3: nothing is sent further ahead */

/* Bytes that came before others that belong in front of them. */
struct piece {
    struct piece *next;
    int64_t offset;
    size_t size;
    uint8_t bytes[];
};

/* One direction. Offsets count the stream's bytes from 0. */
struct half {
    bool is_known; /* where it begins */
    uint32_t first;
    int64_t next;         /* the first byte that has not been told */
    int64_t acknowledged; /* by the other side */
    int64_t end;          /* where FIN stands */
    bool has_end, is_finished;
    struct piece *pending; /* by offset; they may overlap */
    size_t pending_size, piece_count;
};

struct connection {
    TAILQ_ENTRY(connection) link;
    struct packet_end ends[2]; /* by side */
    struct half halves[2];
    void *state;
    bool is_over; /* stays for a while, so that what still comes is not taken for a new one */
};

/* A segment that is looked at ahead of its turn. */
struct expected {
    struct segment segment;
    uint8_t *payload;
    bool is_taken;
};

struct tcp_streams {
    struct tcp_user user;
    struct expected ahead[TCP_LOOKAHEAD]; /* a ring */
    size_t first, ahead_count;
    void *tree; /* of connections, by their two ends */
    TAILQ_HEAD(age_list, connection) by_age;
    size_t count;
    int64_t now;
};

struct tcp_streams *tcp_streams_new(const struct tcp_user *user)
{
    struct tcp_streams *streams = must_allocate(1, sizeof *streams);
    streams->user = *user;
    TAILQ_INIT(&streams->by_age);
    return streams;
}

/* ------------------------------------------------------------------ one direction */

static void tell_bytes(const struct tcp_streams *streams, struct connection *c, tcp_side side,
                       hf_span bytes)
{
    struct half *half = &c->halves[side];
    half->next += (int64_t)bytes.size;
    if (c->state && bytes.size)
        streams->user.bytes(c->state, side, streams->now, bytes);
}

/* Bytes from `offset` on, of which the first may have been told before. */
static void tell_new(const struct tcp_streams *streams, struct connection *c, tcp_side side,
                     int64_t offset, hf_span bytes)
{
    int64_t known = c->halves[side].next - offset;
    if (known < (int64_t)bytes.size)
        tell_bytes(streams, c, side, (hf_span){bytes.data + known, bytes.size - (size_t)known});
}

static void drop_first_piece(struct half *half)
{
    struct piece *piece = half->pending;
    half->pending = piece->next;
    half->pending_size -= piece->size;
    half->piece_count--;
    free(piece);
}

/* Tells all that has no hole before it. */
static void advance(const struct tcp_streams *streams, struct connection *c, tcp_side side)
{
    struct half *half = &c->halves[side];
    while (half->pending && half->pending->offset <= half->next) {
        const struct piece *piece = half->pending;
        tell_new(streams, c, side, piece->offset, (hf_span){piece->bytes, piece->size});
        drop_first_piece(half);
    }
    if (half->has_end && !half->is_finished && half->next >= half->end) {
        half->is_finished = true;
        if (c->state)
            streams->user.finished(c->state, side, streams->now);
    }
}

/* Goes on behind the hole, which ends at `end`. */
static void give_up_hole(const struct tcp_streams *streams, struct connection *c, tcp_side side,
                         int64_t end)
{
    struct half *half = &c->halves[side];
    uint64_t size = (uint64_t)(end - half->next);
    half->next = end;
    if (c->state)
        streams->user.lost(c->state, side, streams->now, size);
    advance(streams, c, side);
}

/* Whether there is a hole, and where it ends. */
static bool find_hole(const struct half *half, int64_t *end)
{
    *end = half->next;
    if (half->pending)
        *end = half->pending->offset;
    else if (half->has_end)
        *end = half->end;
    else if (half->acknowledged > half->next)
        *end = half->acknowledged;
    return *end > half->next;
}

static void give_up_all_holes(const struct tcp_streams *streams, struct connection *c,
                              tcp_side side)
{
    int64_t end;
    while (find_hole(&c->halves[side], &end))
        give_up_hole(streams, c, side, end);
}

static void keep_piece(struct half *half, int64_t offset, hf_span bytes)
{
    struct piece **at = &half->pending;
    while (*at && (*at)->offset < offset)
        at = &(*at)->next;
    if (*at && (*at)->offset == offset && (*at)->size >= bytes.size)
        return; /* sent again */
    struct piece *piece = must_allocate(1, sizeof *piece + bytes.size);
    piece->next = *at;
    piece->offset = offset;
    piece->size = bytes.size;
    memcpy(piece->bytes, bytes.data, bytes.size);
    *at = piece;
    half->pending_size += bytes.size;
    half->piece_count++;
}

/* Sequence numbers wrap (RFC 9293 3.4): of all offsets that one may stand for the nearest. */
static int64_t offset_of(const struct half *half, uint32_t sequence)
{
    uint32_t next = half->first + (uint32_t)half->next;
    return half->next + (int32_t)(sequence - next);
}

static void begin_half(struct half *half, uint32_t first)
{
    if (half->is_known)
        return;
    half->is_known = true;
    half->first = first;
}

static void take_bytes(const struct tcp_streams *streams, struct connection *c, tcp_side side,
                       const struct segment *segment)
{
    struct half *half = &c->halves[side];
    uint32_t sequence = segment->sequence + (segment->flags & SEGMENT_SYN ? 1 : 0);
    begin_half(half, sequence);
    int64_t offset = offset_of(half, sequence);
    if (offset > half->next + WINDOW_MAX)
        return;
    if (segment->flags & SEGMENT_FIN && !half->has_end) {
        half->has_end = true;
        half->end = offset + (int64_t)segment->size;
    }
    if (offset <= half->next)
        tell_new(streams, c, side, offset, segment->payload);
    else if (segment->payload.size)
        keep_piece(half, offset, segment->payload);
    advance(streams, c, side);
    while (half->pending_size > TCP_PENDING_MAX || half->piece_count > TCP_PIECES_MAX)
        give_up_hole(streams, c, side, half->pending->offset);
}

static void take_acknowledgement(struct half *half, const struct segment *segment)
{
    if (!(segment->flags & SEGMENT_ACK))
        return;
    begin_half(half, segment->acknowledged);
    int64_t offset = offset_of(half, segment->acknowledged);
    if (offset > half->next + WINDOW_MAX)
        return;
    if (half->has_end && offset > half->end)
        offset = half->end; /* FIN takes a number, too */
    if (offset > half->acknowledged)
        half->acknowledged = offset;
}

/* ------------------------------------------------------------------ connections */

/* The same for both directions. */
static int compare(const void *a, const void *b)
{
    const struct connection *left = a, *right = b;
    const size_t size = sizeof left->ends[0];
    const struct packet_end *l = left->ends, *r = right->ends;
    bool l_turned = memcmp(&l[0], &l[1], size) > 0, r_turned = memcmp(&r[0], &r[1], size) > 0;
    int order = memcmp(&l[l_turned], &r[r_turned], size);
    return order ? order : memcmp(&l[!l_turned], &r[!r_turned], size);
}

static void close_connection(const struct tcp_streams *streams, struct connection *c)
{
    for (tcp_side side = 0; side < 2; side++) {
        give_up_all_holes(streams, c, side);
        while (c->halves[side].pending)
            drop_first_piece(&c->halves[side]);
    }
    c->is_over = true;
    if (c->state)
        streams->user.closed(c->state);
    c->state = NULL;
}

static void remove_connection(struct tcp_streams *streams, struct connection *c)
{
    close_connection(streams, c);
    tdelete(c, &streams->tree, compare);
    TAILQ_REMOVE(&streams->by_age, c, link);
    streams->count--;
    free(c);
}

static struct connection *find(const struct tcp_streams *streams, const struct segment *segment)
{
    struct connection key = {.ends = {segment->from, segment->to}};
    struct connection *const *found = tfind(&key, &streams->tree, compare);
    return found ? *found : NULL;
}

/* Whoever sends SYN alone has opened it; SYN with ACK is the answer. */
static struct connection *add(struct tcp_streams *streams, const struct segment *segment)
{
    if (streams->count == TCP_CONNECTIONS_MAX)
        remove_connection(streams, TAILQ_FIRST(&streams->by_age));
    struct connection *c = must_allocate(1, sizeof *c);
    bool is_answer = (segment->flags & SEGMENT_SYN) && (segment->flags & SEGMENT_ACK);
    c->ends[is_answer] = segment->from;
    c->ends[!is_answer] = segment->to;
    if (!tsearch(c, &streams->tree, compare)) {
        free(c);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&streams->by_age, c, link);
    streams->count++;
    c->state = streams->user.opened(streams->user.context, segment);
    return c;
}

static bool begins_another(const struct connection *c, const struct segment *segment)
{
    if (!(segment->flags & SEGMENT_SYN) || (segment->flags & SEGMENT_ACK))
        return false;
    const struct half *half = &c->halves[0];
    return c->is_over || !half->is_known || half->first != segment->sequence + 1;
}

/* NULL: not of a connection that is of interest. */
static struct connection *find_or_add(struct tcp_streams *streams, const struct segment *segment)
{
    struct connection *c = find(streams, segment);
    if (c && begins_another(c, segment)) {
        remove_connection(streams, c);
        c = NULL;
    }
    if (!c && ((segment->flags & SEGMENT_SYN) || segment->payload.size))
        c = add(streams, segment);
    return c && !c->is_over ? c : NULL;
}

/* ------------------------------------------------------------------ segments */

/* Whether a segment has the byte at `offset`, as which FIN counts, too. */
static bool has_byte(const struct half *half, const struct segment *segment, int64_t offset)
{
    int64_t begin = offset_of(half, segment->sequence);
    int64_t end = begin + (int64_t)segment->payload.size + (segment->flags & SEGMENT_FIN ? 1 : 0);
    return begin <= offset && offset < end;
}

/* Takes the next byte of a side out of its turn; false if no segment ahead has it. */
static bool take_ahead(struct tcp_streams *streams, struct connection *c, tcp_side side)
{
    for (size_t i = 0; i < streams->ahead_count; i++) {
        struct expected *expected = &streams->ahead[(streams->first + i) % TCP_LOOKAHEAD];
        const struct segment *segment = &expected->segment;
        if (!expected->is_taken && !(segment->flags & (SEGMENT_RST | SEGMENT_SYN)) &&
            memcmp(&segment->from, &c->ends[side], sizeof segment->from) == 0 &&
            memcmp(&segment->to, &c->ends[!side], sizeof segment->to) == 0 &&
            has_byte(&c->halves[side], segment, c->halves[side].next)) {
            expected->is_taken = true;
            take_bytes(streams, c, side, segment);
            return true;
        }
    }
    return false;
}

static void settle_holes(struct tcp_streams *streams, struct connection *c, tcp_side side)
{
    const struct half *half = &c->halves[side];
    int64_t end;
    while (find_hole(half, &end) && half->acknowledged >= end)
        if (!take_ahead(streams, c, side))
            give_up_hole(streams, c, side, end);
}

static void process(struct tcp_streams *streams, const struct segment *segment)
{
    streams->now = segment->time;
    struct connection *c = find_or_add(streams, segment);
    if (!c)
        return;
    tcp_side side = memcmp(&segment->from, &c->ends[0], sizeof segment->from) != 0;
    take_acknowledgement(&c->halves[!side], segment);
    settle_holes(streams, c, !side);
    if (!(segment->flags & SEGMENT_RST)) { /* whose payload would be words (RFC 9293 3.5.2) */
        take_bytes(streams, c, side, segment);
        if (c->halves[0].is_finished && c->halves[1].is_finished)
            close_connection(streams, c);
        return;
    }
    give_up_all_holes(streams, c, 0);
    give_up_all_holes(streams, c, 1);
    if (c->state)
        streams->user.reset(c->state, side, streams->now);
    close_connection(streams, c);
}

static void process_first(struct tcp_streams *streams)
{
    struct expected expected = streams->ahead[streams->first];
    streams->first = (streams->first + 1) % TCP_LOOKAHEAD;
    streams->ahead_count--;
    if (expected.is_taken)
        expected.segment.payload.size = expected.segment.size = 0;
    process(streams, &expected.segment);
    free(expected.payload);
}

void tcp_streams_take(struct tcp_streams *streams, const struct segment *segment)
{
    if (streams->ahead_count == TCP_LOOKAHEAD)
        process_first(streams);
    struct expected *last =
        &streams->ahead[(streams->first + streams->ahead_count++) % TCP_LOOKAHEAD];
    *last =
        (struct expected){.segment = *segment, .payload = must_allocate(segment->payload.size, 1)};
    if (segment->payload.size)
        memcpy(last->payload, segment->payload.data, segment->payload.size);
    last->segment.payload.data = last->payload;
}

void tcp_streams_end(struct tcp_streams *streams)
{
    while (streams->ahead_count)
        process_first(streams);
    struct connection *c;
    while ((c = TAILQ_FIRST(&streams->by_age)))
        remove_connection(streams, c);
    free(streams);
}
