/* The trace: each event of a connection, with messages taken apart (dissect.h), as indented text or
 * as one JSON object a line. */
#ifndef TOOLS_TRACE_H
#define TOOLS_TRACE_H

#include "tools/dissect/dissect.h"

#include <handfast/conn.h>

#include <stdio.h>

/* A message that has not come or gone as a whole. */
struct trace_message {
    uint8_t type;
    uint32_t total;
    uint8_t *bytes;
    size_t size;
    bool is_lost; /* there was no memory for it */
};

/* Of one connection; all zeros at first. */
struct trace {
    struct dissect_context context;
    struct trace_message received, sent;
};

void trace_event(struct trace *trace, FILE *out, bool json, const hf_conn *conn,
                 const hf_event *event);
/* Frees what is left of messages that did not come to their end. */
void trace_end(struct trace *trace);

#endif
