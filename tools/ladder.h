/* The ladder: each message as an arrow between two columns, client and server, as it happens. */
#ifndef TOOLS_LADDER_H
#define TOOLS_LADDER_H

#include <handfast/observe.h>
#include <handfast/types.h>

#include <stdio.h>

struct ladder {
    bool begun;
    bool protected_[2]; /* by sender: its records are encrypted from here on */
};

/* Draws one event of a connection seen from the side `role`. */
void ladder_event(struct ladder *ladder, FILE *out, hf_role role, const hf_event *event);

#endif
