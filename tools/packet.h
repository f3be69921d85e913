/* One captured packet taken apart: link layer, VLAN tags, IPv4 or IPv6 with their options, TCP. */
#ifndef TOOLS_PACKET_H
#define TOOLS_PACKET_H

#include <handfast/types.h>

/* One end of a connection, all in network byte order, so that it can be compared as bytes. */
struct packet_end {
    uint8_t address[16]; /* of IPv6; IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2) */
    uint8_t port[2];
};
_Static_assert(sizeof(struct packet_end) == 18, "padding would be compared as well");

/* RFC 9293 3.1. */
#define SEGMENT_FIN 0x01
#define SEGMENT_SYN 0x02
#define SEGMENT_RST 0x04
#define SEGMENT_ACK 0x10

struct segment {
    int64_t time; /* microseconds since 1970 */
    struct packet_end from, to;
    uint32_t sequence, acknowledged;
    uint8_t flags;
    size_t size;     /* of the payload on the wire */
    hf_span payload; /* as far as it was captured; a view of the packet */
};

enum packet_result {
    PACKET_SEGMENT,
    PACKET_OTHER,     /* not TCP over IP               */
    PACKET_FRAGMENT,  /* of an IP packet, or an encrypted one: not put together */
    PACKET_MALFORMED, /* headers that end too early, or contradict themselves   */
    PACKET_LINK_UNKNOWN
};

/* `link_type` is one of libpcap's DLT_ values. Leaves segment->time alone. */
enum packet_result packet_read(struct segment *segment, int link_type, hf_span packet);

#define PACKET_END_TEXT_MAX 64
/* As ADDRESS:PORT, an IPv6 address in brackets. */
void packet_end_text(char text[PACKET_END_TEXT_MAX], const struct packet_end *end);

#endif
