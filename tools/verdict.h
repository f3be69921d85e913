/* What an overheard connection came to: how it ended, and the likely reason where it failed. */
#ifndef TOOLS_VERDICT_H
#define TOOLS_VERDICT_H

#include "tools/conversation.h"

#include <handfast/error.h>

#include <stdio.h>

struct verdict {
    const char *symbol;      /* what `handfast explain` takes; NULL: nothing went wrong */
    const char *section;     /* of an RFC, "" if there is none */
    const struct item *item; /* the alert or other event that shows it, or NULL */
};

/* Writes it in one or two sentences as well. */
struct verdict verdict_reach(const struct conversation *c, FILE *out);

#endif
