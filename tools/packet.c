#include "tools/packet.h"

#include "tls/wire/reader.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

#define IPV4_HEADER_MIN        20
#define IPV6_HEADER_SIZE       40
#define TCP_HEADER_MIN         20
#define IPV4_FRAGMENT          0x3fff /* offset, and the flag for more to come (RFC 791 3.1) */
#define EXTENSION_HEADERS_MAX  16
#define VLAN_TAGS_MAX          4
#define ETHERTYPE_SERVICE_VLAN 0x88a8

/* ------------------------------------------------------------------ TCP */

/* `bytes` is what was captured of `size` bytes on the wire. */
static enum packet_result read_tcp(struct segment *segment, hf_span bytes, size_t size)
{
    hf_reader r = hf_reader_of(bytes);
    hf_span ports = hf_read_bytes(&r, 4);
    segment->sequence = (uint32_t)hf_read_u16(&r) << 16;
    segment->sequence |= hf_read_u16(&r);
    segment->acknowledged = (uint32_t)hf_read_u16(&r) << 16;
    segment->acknowledged |= hf_read_u16(&r);
    size_t header = (size_t)(hf_read_u8(&r) >> 4) * 4;
    segment->flags = hf_read_u8(&r);
    if (r.failed || header < TCP_HEADER_MIN || header > bytes.size)
        return PACKET_MALFORMED;
    memcpy(segment->from.port, ports.data, 2);
    memcpy(segment->to.port, ports.data + 2, 2);
    segment->payload = (hf_span){bytes.data + header, bytes.size - header};
    segment->size = size - header;
    return PACKET_SEGMENT;
}

/* ------------------------------------------------------------------ IP */

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static void map_address(uint8_t address[16], const uint8_t *ipv4)
{
    memcpy(address, mapped_prefix, sizeof mapped_prefix);
    memcpy(address + sizeof mapped_prefix, ipv4, 4);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* RFC 791 3.1. Ethernet pads short packets: the total length tells where they end. It may be 0
 * where the network card is to cut a long one into packets. */
static enum packet_result read_ipv4(struct segment *segment, hf_span bytes)
{
    if (bytes.size < IPV4_HEADER_MIN)
        return PACKET_MALFORMED;
    const uint8_t *at = bytes.data;
    size_t header = (size_t)(at[0] & 15) * 4, total = (size_t)at[2] << 8 | at[3];
    if (total == 0)
        total = bytes.size;
    if (header < IPV4_HEADER_MIN || header > bytes.size || header > total)
        return PACKET_MALFORMED;
    if (at[9] != IPPROTO_TCP)
        return PACKET_OTHER;
    if (((at[6] << 8 | at[7]) & IPV4_FRAGMENT) != 0)
        return PACKET_FRAGMENT;
    map_address(segment->from.address, at + 12);
    map_address(segment->to.address, at + 16);
    return read_tcp(segment, (hf_span){at + header, smaller(bytes.size, total) - header},
                    total - header);
}

/* The headers between IPv6's own and TCP's (RFC 8200 4). */
static enum packet_result read_after_ipv6(struct segment *segment, uint8_t next, hf_span bytes,
                                          size_t size)
{
    hf_reader r = hf_reader_of(bytes);
    for (int i = 0; i < EXTENSION_HEADERS_MAX; i++) {
        switch (next) {
        case IPPROTO_TCP:
            return read_tcp(segment, (hf_span){bytes.data + r.position, hf_reader_left(&r)},
                            size - r.position);
        case IPPROTO_HOPOPTS:
        case IPPROTO_ROUTING:
        case IPPROTO_DSTOPTS:
            next = hf_read_u8(&r);
            (void)hf_read_bytes(&r, (size_t)hf_read_u8(&r) * 8 + 6);
            if (r.failed)
                return PACKET_MALFORMED;
            break;
        case IPPROTO_FRAGMENT:
        case IPPROTO_ESP:
            return PACKET_FRAGMENT;
        default:
            return PACKET_OTHER;
        }
    }
    return PACKET_MALFORMED;
}

static enum packet_result read_ipv6(struct segment *segment, hf_span bytes)
{
    if (bytes.size < IPV6_HEADER_SIZE)
        return PACKET_MALFORMED;
    const uint8_t *at = bytes.data;
    size_t captured = bytes.size - IPV6_HEADER_SIZE, size = (size_t)at[4] << 8 | at[5];
    if (size == 0) /* as with IPv4 */
        size = captured;
    memcpy(segment->from.address, at + 8, sizeof segment->from.address);
    memcpy(segment->to.address, at + 24, sizeof segment->to.address);
    return read_after_ipv6(segment, at[6],
                           (hf_span){at + IPV6_HEADER_SIZE, smaller(captured, size)}, size);
}

static enum packet_result read_ip(struct segment *segment, hf_span bytes)
{
    if (bytes.size == 0)
        return PACKET_MALFORMED;
    switch (bytes.data[0] >> 4) {
    case 4:
        return read_ipv4(segment, bytes);
    case 6:
        return read_ipv6(segment, bytes);
    default:
        return PACKET_OTHER;
    }
}

/* ------------------------------------------------------------------ links */

/* What follows an EtherType, past any VLAN tags (IEEE 802.1Q). */
static enum packet_result read_ethertype(struct segment *segment, uint16_t type, hf_reader *r)
{
    for (int i = 0; i < VLAN_TAGS_MAX && (type == ETHERTYPE_VLAN || type == ETHERTYPE_SERVICE_VLAN);
         i++) {
        (void)hf_read_u16(r);
        type = hf_read_u16(r);
    }
    if (r->failed)
        return PACKET_MALFORMED;
    if (type != ETHERTYPE_IP && type != ETHERTYPE_IPV6)
        return PACKET_OTHER;
    return read_ip(segment, hf_read_bytes(r, hf_reader_left(r)));
}

/* A header with its EtherType between other fields. */
static enum packet_result read_typed(struct segment *segment, hf_reader *r, size_t before,
                                     size_t after)
{
    (void)hf_read_bytes(r, before);
    uint16_t type = hf_read_u16(r);
    (void)hf_read_bytes(r, after);
    return read_ethertype(segment, type, r);
}

enum packet_result packet_read(struct segment *segment, int link_type, hf_span packet)
{
    hf_reader r = hf_reader_of(packet);
    switch (link_type) {
    case DLT_EN10MB:
        return read_typed(segment, &r, 2 * (size_t)ETHER_ADDR_LEN, 0);
    case DLT_LINUX_SLL:
        return read_typed(segment, &r, 14, 0);
    case DLT_LINUX_SLL2:
        return read_typed(segment, &r, 0, 18);
    case DLT_NULL: /* a family, whose numbers differ between systems: IP tells its version itself */
    case DLT_LOOP:
        (void)hf_read_bytes(&r, 4);
        return read_ip(segment, hf_read_bytes(&r, hf_reader_left(&r)));
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
        return read_ip(segment, packet);
    default:
        return PACKET_LINK_UNKNOWN;
    }
}

/* ------------------------------------------------------------------ text */

void packet_end_text(char text[PACKET_END_TEXT_MAX], const struct packet_end *end)
{
    char address[INET6_ADDRSTRLEN] = "";
    unsigned port = (unsigned)end->port[0] << 8 | end->port[1];
    bool is_ipv4 = memcmp(end->address, mapped_prefix, sizeof mapped_prefix) == 0;
    if (is_ipv4)
        inet_ntop(AF_INET, end->address + sizeof mapped_prefix, address, sizeof address);
    else
        inet_ntop(AF_INET6, end->address, address, sizeof address);
    snprintf(text, PACKET_END_TEXT_MAX, is_ipv4 ? "%s:%u" : "[%s]:%u", address, port);
}
