/* The log line of a server's connection, once that has ended, as text or as a JSON object. */
#ifndef TOOLS_LOG_H
#define TOOLS_LOG_H

#include "tools/summary.h"

#include <stdio.h>

struct log_entry {
    const char *peer; /* its address */
    const struct summary *summary;
    const hf_failure *failure; /* NULL: it ended in order */
    uint64_t received, sent;   /* bytes on the wire */
    bool timed_out;
};

void log_text(FILE *out, const struct log_entry *entry);
void log_json(FILE *out, const struct log_entry *entry);

#endif
