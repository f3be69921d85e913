#include "tools/capture_read.h"

#include "tools/tools.h"

#include <pcap/pcap.h>

static void take_packet(pcap_t *pcap, const struct pcap_pkthdr *header, const u_char *bytes,
                        segment_taker *take, void *context, struct capture_count *count)
{
    struct segment segment = {.time = (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec};
    hf_span packet = {bytes, header->caplen};
    count->packets++;
    switch (packet_read(&segment, pcap_datalink(pcap), packet)) {
    case PACKET_SEGMENT:
        count->segments++;
        take(context, &segment);
        break;
    case PACKET_FRAGMENT:
        count->fragments++;
        break;
    case PACKET_MALFORMED:
        count->malformed++;
        break;
    case PACKET_OTHER:
    case PACKET_LINK_UNKNOWN:
        break;
    }
}

static bool is_known_link(pcap_t *pcap, const char *name)
{
    static const uint8_t nothing[1];
    struct segment segment;
    int type = pcap_datalink(pcap);
    if (packet_read(&segment, type, (hf_span){nothing, 0}) != PACKET_LINK_UNKNOWN)
        return true;
    const char *link = pcap_datalink_val_to_name(type);
    complain("%s: packets of the link type %s (%d) are not read", name, link ? link : "unknown",
             type);
    return false;
}

static bool read_packets(pcap_t *pcap, const char *name, segment_taker *take, void *context,
                         struct capture_count *count)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    int result;
    while ((result = pcap_next_ex(pcap, &header, &bytes)) == 1)
        take_packet(pcap, header, bytes, take, context, count);
    if (result == PCAP_ERROR)
        complain("%s: %s", name, pcap_geterr(pcap));
    return result != PCAP_ERROR;
}

bool capture_read(FILE *file, const char *name, segment_taker *take, void *context,
                  struct capture_count *count)
{
    char error[PCAP_ERRBUF_SIZE];
    *count = (struct capture_count){0};
    pcap_t *pcap = pcap_fopen_offline(file, error);
    if (!pcap) {
        complain("%s is not a capture: %s", name, error);
        fclose(file);
        return false;
    }
    bool is_whole = is_known_link(pcap, name) && read_packets(pcap, name, take, context, count);
    pcap_close(pcap);
    return is_whole;
}
