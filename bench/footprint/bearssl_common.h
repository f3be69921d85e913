/* What the client and the server with BearSSL share: one suite, and the implementations that are
 * meant for processors like this, whose long multiplication is slow (BR_LOMUL). Of P-256 there are
 * two, and FOOTPRINT_EC is the one to take: br_ec_prime_i15 is smaller, br_ec_p256_m15 faster. */
#ifndef FOOTPRINT_BEARSSL_COMMON_H
#define FOOTPRINT_BEARSSL_COMMON_H

#include <bearssl.h>

/* One buffer for both directions, used by one at a time: a record of 1024 bytes and what BearSSL
 * wants beyond that (MAX_IN_OVERHEAD). */
#define IOBUF_SIZE (1024 + 325)

/* The suite, its primitives, the buffer and a seed; whether there was one. */
bool bear_configure(br_ssl_engine_context *engine);
/* After the reset: the connection over the line, of which the others are. */
void bear_begin(br_ssl_engine_context *engine);
bool bear_write(const char *text, size_t size);
int bear_read(uint8_t *data, size_t size);
void bear_close(void);

#endif
