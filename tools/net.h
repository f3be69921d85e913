/* TCP sockets, all of them non-blocking. */
#ifndef TOOLS_NET_H
#define TOOLS_NET_H

#include <stdbool.h>
#include <stdint.h>

#define NET_ADDRESS_MAX 64

/* HOST:PORT taken apart; an IPv6 address stands in brackets. */
struct net_place {
    char host[256]; /* empty: none was given */
    char port[6];
};

/* Reads HOST:PORT, or PORT alone where `host_optional`. False: not of that form. */
bool net_parse(const char *text, bool host_optional, struct net_place *place);

/* A socket, or -1 after a complaint. Connecting tries every address of the host, each for
 * `timeout_ms`. Without a host the listener serves every address of the machine. */
int net_connect(const struct net_place *place, int timeout_ms);
int net_listen(const struct net_place *place);
/* A connection, or -1 if none is waiting (or it went away while it waited). */
int net_accept(int listener, char address[NET_ADDRESS_MAX]);

/* The address of a socket's own end as text, and its port. */
uint16_t net_local_port(int socket, char address[NET_ADDRESS_MAX]);

/* Milliseconds of a clock that never jumps. */
int64_t net_milliseconds(void);
int64_t net_microseconds(void);

#endif
