/* TCP put together from its segments: each connection of a capture as two streams of bytes, in
 * order and once, whatever was retransmitted, overlaps, came in another order or is missing. What
 * is kept is bounded: connections at once, and bytes that wait for a hole to be filled. */
#ifndef TOOLS_TCP_STREAM_H
#define TOOLS_TCP_STREAM_H

#include "tools/packet.h"

#include <stdint.h>

#define TCP_CONNECTIONS_MAX 1024       /* at once; the oldest gives way */
#define TCP_PENDING_MAX     (1u << 20) /* bytes behind a hole, each direction */
#define TCP_PIECES_MAX      1024       /* and segments */
/* Segments that are looked ahead: a hole that the other side has acknowledged and none of them
 * fills is the capture's own, and is told before the acknowledging segment is. */
#define TCP_LOOKAHEAD       64

/* A direction: 0 from the side that opened the connection, as far as the capture tells. */
typedef unsigned tcp_side;

/* What becomes of a connection is told to its user, whose state it is that `opened` returns; of one
 * for which that is NULL nothing more is told. */
struct tcp_user {
    void *context;
    void *(*opened)(void *context, const struct segment *first);
    void (*bytes)(void *state, tcp_side side, int64_t time, hf_span bytes);
    void (*lost)(void *state, tcp_side side, int64_t time, uint64_t size);
    void (*finished)(void *state, tcp_side side, int64_t time); /* FIN */
    void (*reset)(void *state, tcp_side side, int64_t time);
    void (*closed)(void *state); /* nothing more will be told, for whatever reason */
};

struct tcp_streams;

struct tcp_streams *tcp_streams_new(const struct tcp_user *user);
void tcp_streams_take(struct tcp_streams *streams, const struct segment *segment);
/* The end of the capture: tells what still waits, and closes all. */
void tcp_streams_end(struct tcp_streams *streams);

#endif
