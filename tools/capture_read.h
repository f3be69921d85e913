/* The TCP segments of a capture, in the order in which they stand in it: files of libpcap's formats
 * (pcap, pcapng). */
#ifndef TOOLS_CAPTURE_READ_H
#define TOOLS_CAPTURE_READ_H

#include "tools/packet.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef void segment_taker(void *context, const struct segment *segment);

/* What else was in the file. */
struct capture_count {
    uint64_t packets, segments, fragments, malformed;
};

/* Takes the file, also where it fails. False after a complaint about `name`: not a capture, an
 * unknown link layer, or broken further on; what came before has been given to `take`. */
bool capture_read(FILE *file, const char *name, segment_taker *take, void *context,
                  struct capture_count *count);

#endif
