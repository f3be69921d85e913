/* The page of `server --http`: the very handshake that it came through. */
#ifndef TOOLS_PAGE_H
#define TOOLS_PAGE_H

#include "tools/journal.h"
#include "tools/summary.h"

struct page_facts {
    const struct summary *summary;
    const struct journal *journal;
    hf_span hello;       /* the ClientHello, empty if there was no memory for it */
    bool client_prefers; /* whose order of suites and groups counts */
};

/* HTML in memory to free; NULL if there is none. */
char *page_compose(const struct page_facts *facts, size_t *size);

#endif
