/* A capture of what goes over our connections, as if it had been taken on the wire: packets of
 * IPv4 or IPv6 and TCP made from the bytes that pass, in a file of libpcap's format. Any number of
 * connections share one file. */
#ifndef TOOLS_CAPTURE_WRITE_H
#define TOOLS_CAPTURE_WRITE_H

#include <handfast/types.h>

#include <netinet/in.h>

struct capture;

/* NULL after a complaint. */
struct capture *capture_open(const char *path);
/* False after a complaint: not all of it could be written. */
bool capture_close(struct capture *capture);

/* One end of a connection as the packets have it. */
struct capture_end {
    struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
    in_port_t port;          /* network byte order */
    uint32_t next;           /* sequence number of its next byte */
    bool is_finished;        /* has sent FIN */
};

/* One connection's packets. Zeroed: nothing is written. */
struct capture_flow {
    struct capture *capture;
    struct capture_end own, peer;
};

/* Writes the packets that open a TCP connection, by us or by the peer. Without a capture, or where
 * the socket is not connected, nothing is written of this connection. */
void capture_begin(struct capture_flow *flow, struct capture *capture, int socket, hf_role role);
void capture_bytes(struct capture_flow *flow, bool sent, hf_span bytes);
/* That side sends no more bytes; only the first time counts. */
void capture_finish(struct capture_flow *flow, bool sent);
/* That side has given up the connection: nothing follows. */
void capture_reset(struct capture_flow *flow, bool sent);

#endif
