/* What usually lies behind a failure, and what to try. */
#ifndef TOOLS_EXPLAIN_H
#define TOOLS_EXPLAIN_H

#include <handfast/error.h>

struct explain_text {
    const char *causes, *remedy;
};

/* Of a reason that is in the list. */
const struct explain_text *explain_reason_text(hf_error error);

#endif
