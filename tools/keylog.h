/* The NSS key log: lines "CLIENT_RANDOM <random> <master secret>" that Wireshark reads. */
#ifndef TOOLS_KEYLOG_H
#define TOOLS_KEYLOG_H

#include <handfast/types.h>

#include <stdio.h>

/* Opens `path`, or where it is NULL what SSLKEYLOGFILE names, to append, readable by its owner
 * alone. *file is NULL where neither is given. False after a complaint. */
bool keylog_open(const char *path, FILE **file);
void keylog_write(FILE *file, hf_span client_random, hf_span master_secret);

#endif
