#include "tools/capture_write.h"

#include "tools/tools.h"

#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SEGMENT_MAX  32768 /* payload of one packet; more than Ethernet has, as on loopback */
#define SNAPLEN      65535
#define TIME_TO_LIVE 64
#define WINDOW       65535
#define HEADERS_MAX  (sizeof(struct ip6_hdr) + sizeof(struct tcphdr))

struct capture {
    pcap_t *format;
    pcap_dumper_t *file;
    char *path;
};

struct capture *capture_open(const char *path)
{
    struct capture *capture = must_allocate(1, sizeof *capture);
    capture->format = pcap_open_dead(DLT_RAW, SNAPLEN);
    if (capture->format)
        capture->file = pcap_dump_open(capture->format, path);
    if (capture->file) {
        capture->path = must_copy(path);
        return capture;
    }
    complain("cannot open the capture: %s",
             capture->format ? pcap_geterr(capture->format) : "out of memory");
    if (capture->format)
        pcap_close(capture->format);
    free(capture);
    return NULL;
}

bool capture_close(struct capture *capture)
{
    bool is_whole = pcap_dump_flush(capture->file) == 0 && !ferror(pcap_dump_file(capture->file));
    if (!is_whole)
        complain("cannot write all of the capture %s", capture->path);
    pcap_dump_close(capture->file);
    pcap_close(capture->format);
    free(capture->path);
    free(capture);
    return is_whole;
}

/* ------------------------------------------------------------------ one packet */

/* The Internet checksum before its complement is taken (RFC 1071). */
static uint32_t add_words(uint32_t sum, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
    return (sum & 0xffff) + (sum >> 16);
}

static uint16_t checksum(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t) ~(sum + (sum >> 16)));
}

static size_t put_ipv4(uint8_t *out, const struct capture_end *from, const struct capture_end *to,
                       size_t size)
{
    struct iphdr ip = {.version = 4,
                       .ihl = sizeof ip / 4,
                       .tot_len = htons((uint16_t)(sizeof ip + size)),
                       .frag_off = htons(IP_DF),
                       .ttl = TIME_TO_LIVE,
                       .protocol = IPPROTO_TCP};
    memcpy(&ip.saddr, from->address.s6_addr + 12, sizeof ip.saddr);
    memcpy(&ip.daddr, to->address.s6_addr + 12, sizeof ip.daddr);
    ip.check = checksum(add_words(0, &ip, sizeof ip));
    memcpy(out, &ip, sizeof ip);
    return sizeof ip;
}

static size_t put_ipv6(uint8_t *out, const struct capture_end *from, const struct capture_end *to,
                       size_t size)
{
    struct ip6_hdr ip = {.ip6_src = from->address, .ip6_dst = to->address};
    ip.ip6_flow = htonl(UINT32_C(6) << 28);
    ip.ip6_plen = htons((uint16_t)size);
    ip.ip6_nxt = IPPROTO_TCP;
    ip.ip6_hlim = TIME_TO_LIVE;
    memcpy(out, &ip, sizeof ip);
    return sizeof ip;
}

/* Over the pseudo-header, too (RFC 9293 3.1, RFC 8200 8.1): its zeroes add nothing, and neither
 * does what both addresses of IPv4 begin with here, which is left out. */
static uint16_t tcp_checksum(const struct capture_end *from, const struct capture_end *to,
                             const struct tcphdr *tcp, hf_span payload)
{
    size_t skipped = IN6_IS_ADDR_V4MAPPED(&from->address) ? 12 : 0;
    uint32_t sum = IPPROTO_TCP + (uint32_t)(sizeof *tcp + payload.size);
    sum = add_words(sum, from->address.s6_addr + skipped, sizeof from->address - skipped);
    sum = add_words(sum, to->address.s6_addr + skipped, sizeof to->address - skipped);
    sum = add_words(sum, tcp, sizeof *tcp);
    return checksum(add_words(sum, payload.data, payload.size));
}

static void write_packet(struct capture *capture, const uint8_t *packet, size_t size)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const struct pcap_pkthdr header = {
        .ts = {.tv_sec = now.tv_sec, .tv_usec = (suseconds_t)(now.tv_nsec / 1000)},
        .caplen = (bpf_u_int32)size,
        .len = (bpf_u_int32)size};
    pcap_dump((u_char *)capture->file, &header, packet);
}

static void put_segment(struct capture_flow *flow, bool sent, uint8_t flags, hf_span payload)
{
    struct capture_end *from = sent ? &flow->own : &flow->peer;
    const struct capture_end *to = sent ? &flow->peer : &flow->own;
    struct tcphdr tcp = {.th_sport = from->port,
                         .th_dport = to->port,
                         .th_seq = htonl(from->next),
                         .th_ack = flags & TH_ACK ? htonl(to->next) : 0,
                         .th_off = sizeof tcp / 4,
                         .th_flags = flags,
                         .th_win = htons(WINDOW)};
    tcp.th_sum = tcp_checksum(from, to, &tcp, payload);
    uint8_t packet[HEADERS_MAX + SEGMENT_MAX];
    size_t size = (IN6_IS_ADDR_V4MAPPED(&from->address) ? put_ipv4 : put_ipv6)(
        packet, from, to, sizeof tcp + payload.size);
    memcpy(packet + size, &tcp, sizeof tcp);
    size += sizeof tcp;
    if (payload.size)
        memcpy(packet + size, payload.data, payload.size);
    write_packet(flow->capture, packet, size + payload.size);
    from->next += (uint32_t)payload.size + (flags & (TH_SYN | TH_FIN) ? 1 : 0);
}

static void acknowledge(struct capture_flow *flow, bool sent)
{
    put_segment(flow, sent, TH_ACK, (hf_span){NULL, 0});
}

/* ------------------------------------------------------------------ a connection */

static bool take_address(struct capture_end *end, const struct sockaddr_storage *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    switch (address->ss_family) {
    case AF_INET:
        memcpy(&v4, address, sizeof v4);
        memset(end->address.s6_addr + 10, 0xff, 2); /* RFC 4291 2.5.5.2 */
        memcpy(end->address.s6_addr + 12, &v4.sin_addr, sizeof v4.sin_addr);
        end->port = v4.sin_port;
        return true;
    case AF_INET6:
        memcpy(&v6, address, sizeof v6);
        end->address = v6.sin6_addr;
        end->port = v6.sin6_port;
        return true;
    default:
        return false;
    }
}

/* Initial sequence numbers from a clock of 4 microseconds (RFC 9293 3.4.1), so that a connection
 * between the same ports as an earlier one is told from it. */
static uint32_t first_sequence_number(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 250000 + (uint64_t)now.tv_nsec / 4000);
}

void capture_begin(struct capture_flow *flow, struct capture *capture, int socket, hf_role role)
{
    struct sockaddr_storage own, peer;
    socklen_t own_size = sizeof own, peer_size = sizeof peer;
    *flow = (struct capture_flow){0};
    if (!capture || getsockname(socket, (struct sockaddr *)&own, &own_size) != 0 ||
        getpeername(socket, (struct sockaddr *)&peer, &peer_size) != 0 ||
        !take_address(&flow->own, &own) || !take_address(&flow->peer, &peer))
        return;
    flow->capture = capture;
    flow->own.next = first_sequence_number();
    flow->peer.next = flow->own.next + UINT32_MAX / 2;
    bool sent = role == HF_CLIENT;
    put_segment(flow, sent, TH_SYN, (hf_span){NULL, 0});
    put_segment(flow, !sent, TH_SYN | TH_ACK, (hf_span){NULL, 0});
    acknowledge(flow, sent);
}

void capture_bytes(struct capture_flow *flow, bool sent, hf_span bytes)
{
    if (!flow->capture)
        return;
    for (size_t done = 0; done < bytes.size;) {
        size_t size = bytes.size - done < SEGMENT_MAX ? bytes.size - done : SEGMENT_MAX;
        put_segment(flow, sent, TH_PUSH | TH_ACK, (hf_span){bytes.data + done, size});
        acknowledge(flow, !sent);
        done += size;
    }
}

/* Of errors in writing capture_close speaks. */
void capture_finish(struct capture_flow *flow, bool sent)
{
    struct capture_end *from = sent ? &flow->own : &flow->peer;
    if (!flow->capture || from->is_finished)
        return;
    put_segment(flow, sent, TH_FIN | TH_ACK, (hf_span){NULL, 0});
    acknowledge(flow, !sent);
    from->is_finished = true;
    (void)pcap_dump_flush(flow->capture->file);
}

void capture_reset(struct capture_flow *flow, bool sent)
{
    if (!flow->capture)
        return;
    put_segment(flow, sent, TH_RST | TH_ACK, (hf_span){NULL, 0});
    (void)pcap_dump_flush(flow->capture->file);
    flow->capture = NULL;
}
