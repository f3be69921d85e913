/* The trace: each event of a connection, messages in hexadecimal or as one JSON object a line. */
#ifndef TOOLS_TRACE_H
#define TOOLS_TRACE_H

#include <handfast/observe.h>

#include <stdio.h>

void trace_event(FILE *out, bool json, const hf_event *event);

#endif
