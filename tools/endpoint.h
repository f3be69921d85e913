/* One connection over one non-blocking socket, with all the memory it needs. The owner polls the
 * socket, calls endpoint_move, and moves application data through the connection in between. */
#ifndef TOOLS_ENDPOINT_H
#define TOOLS_ENDPOINT_H

#include "tools/capture_write.h"
#include "tools/options.h"
#include "tools/watch.h"

#include <handfast/conn.h>

#include <poll.h>

enum endpoint_state {
    ENDPOINT_OPEN,
    ENDPOINT_DRAINING, /* all is sent and said so to TCP; waits for the peer's end */
    ENDPOINT_OVER      /* nothing more to do; the socket may be closed              */
};

struct endpoint {
    hf_conn conn;
    hf_handshake handshake;
    hf_config config; /* the shared one with this connection's observer */
    struct watch watch;
    int socket; /* owned */
    enum endpoint_state state;
    bool input_ended, output_broken, shut;
    int64_t drain_deadline;  /* net_milliseconds */
    uint64_t received, sent; /* bytes on the wire */
    struct capture_flow capture;
    uint8_t *buffers;        /* rx, then tx */
    const char *url_folder;  /* where certificates behind URLs are, or NULL */
    struct fetched *fetched; /* what was read from there, for as long as it is needed */
    bool renegotiation_done; /* --renegotiate has had its turn */
};

/* Takes the socket, also where it fails. NULL if there is no memory or the connection cannot be
 * begun; *error is then HF_OK or the reason. */
struct endpoint *endpoint_open(int socket, hf_role role, const struct tls_options *options,
                               const struct watch_outputs *outputs, hf_error *error);
/* Wipes the connection and closes the socket. */
void endpoint_close(struct endpoint *endpoint);

/* What to poll for; without a socket while nothing is wanted of it, since poll would otherwise
 * keep reporting a hang-up that nobody can act on yet. */
struct pollfd endpoint_pollfd(const struct endpoint *endpoint);
/* Moves what can be moved without waiting after a poll that gave `ready`, and lets the engine
 * work on it. */
void endpoint_move(struct endpoint *endpoint, short ready);
/* The same without reading from the socket: after the owner has written, read or closed. */
void endpoint_work(struct endpoint *endpoint);
/* Says close_notify and lets the connection end as soon as that is sent, whatever the peer does. */
void endpoint_shut(struct endpoint *endpoint);
/* Starts a renegotiation, once. False after a complaint. */
bool endpoint_renegotiate(struct endpoint *endpoint);
/* Gives up waiting for the peer. */
void endpoint_abandon(struct endpoint *endpoint);

static inline uint32_t endpoint_wants(const struct endpoint *endpoint)
{
    return hf_conn_wants(&endpoint->conn);
}

/* Copies as much of data[0..size) as there is room for into the connection; returns how much. */
size_t endpoint_write(struct endpoint *endpoint, const uint8_t *data, size_t size);
/* Lets go of the first `size` bytes of what is readable. */
void endpoint_consume(struct endpoint *endpoint, size_t size);

#endif
