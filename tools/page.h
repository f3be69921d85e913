/* The page of `server --http`: the very handshake that it came through. */
#ifndef TOOLS_PAGE_H
#define TOOLS_PAGE_H

#include "tools/summary.h"

/* HTML in memory to free; NULL if there is none. */
char *page_compose(const struct summary *summary, size_t *size);

#endif
