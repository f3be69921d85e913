/* The NSS key log: lines "CLIENT_RANDOM <random> <master secret>" that Wireshark reads. */
#ifndef TOOLS_KEYLOG_H
#define TOOLS_KEYLOG_H

#include <handfast/types.h>

#include <stdio.h>

/* Opens `path`, or where it is NULL what SSLKEYLOGFILE names, to append, readable by its owner
 * alone. *file is NULL where neither is given. False after a complaint. */
bool keylog_open(const char *path, FILE **file);
void keylog_write(FILE *file, hf_span client_random, hf_span master_secret);

struct keylog_secret {
    uint8_t client_random[32], master_secret[48];
};

/* A key log that was read, by client random. */
struct keylog {
    struct keylog_secret *secrets;
    size_t count;
};

/* Takes the lines of this form from a file's text and passes over others. */
void keylog_take(struct keylog *keylog, char *text);
/* False after a complaint. */
bool keylog_read(struct keylog *keylog, const char *path);
/* NULL: not there. */
const uint8_t *keylog_find(const struct keylog *keylog, const uint8_t client_random[32]);
void keylog_free(struct keylog *keylog);

#endif
