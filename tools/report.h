/* An overheard connection in one paragraph: what was asked for, what was negotiated, what was
 * carried, and what went wrong. */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "tools/conversation.h"

#include <stdio.h>

void report_print(FILE *out, const struct conversation *conversation);

#endif
