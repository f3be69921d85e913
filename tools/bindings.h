/* The server's bindings: which identities and protocols serve which host name, and what is asked of
 * its clients.
 *
 * The file has one binding a line: host, certificate files, key files, options, separated by
 * blanks; `#` begins a comment. Several certificates and their keys stand in the same order,
 * separated by commas. Relative paths start at the folder of the bindings file. */
#ifndef TOOLS_BINDINGS_H
#define TOOLS_BINDINGS_H

#include "tools/options.h"

#define BINDINGS_MAX 256

struct bindings {
    hf_binding rows[BINDINGS_MAX];
    struct binding_entry *entries[BINDINGS_MAX]; /* what the rows point to */
    size_t count;
};

/* Adds a default binding of identities from pairs of files. STATUS_DONE, or the exit status after
 * a complaint; the same for bindings_read. */
int bindings_add_default(struct bindings *bindings, const struct pair_paths *pairs);
int bindings_read(struct bindings *bindings, const char *path);
/* Binds the DNS names of the default binding's first certificate to it, unless they are bound
 * already: clients that ask for one of them get an acknowledgement (RFC 6066 3). */
void bindings_add_names(struct bindings *bindings);
/* An OCSP response for the first certificate of the first binding. */
void bindings_staple(struct bindings *bindings, hf_span response);
void bindings_free(struct bindings *bindings);

#endif
