/* The ladder: each message as an arrow between two columns, client and server, as it happens. */
#ifndef TOOLS_LADDER_H
#define TOOLS_LADDER_H

#include "tools/journal.h"

#include <stdio.h>

/* The line above the first entry, and the line of an entry. */
void ladder_begin(FILE *out);
void ladder_entry(FILE *out, const struct journal_entry *entry);

#endif
