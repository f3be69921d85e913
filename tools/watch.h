/* One connection's observer: keeps summary and journal up to date and hands events to the ladder,
 * the trace and the key log where they are wanted. */
#ifndef TOOLS_WATCH_H
#define TOOLS_WATCH_H

#include "tools/journal.h"
#include "tools/options.h"
#include "tools/summary.h"
#include "tools/svg_file.h"
#include "tools/trace.h"

#include <stdio.h>

/* Where to. NULL: not wanted. Shared by the connections of a process. */
struct watch_outputs {
    FILE *ladder, *trace, *keylog;
    bool trace_json;
    bool keeps_journal, keeps_hello;
    struct svg_file *svg;
    struct capture *capture;
};

/* Opens what the options ask for; the ladder goes to `ladder`. False after a complaint. */
bool watch_outputs_open(struct watch_outputs *outputs, const struct tls_options *options,
                        FILE *ladder);
/* False after a complaint: not all that was asked for has been written. */
bool watch_outputs_close(struct watch_outputs *outputs);

struct watch {
    hf_observer observer;
    const struct watch_outputs *outputs;
    struct summary summary;
    struct journal journal;
    uint8_t *hello; /* the latest ClientHello that was received, or NULL */
    size_t hello_size;
    struct trace trace;
};

void watch_init(struct watch *watch, const struct watch_outputs *outputs);
/* Once the connection is over. */
void watch_end(struct watch *watch);

#endif
