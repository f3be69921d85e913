/* What the client and the server with mbed TLS share. */
#ifndef FOOTPRINT_MBEDTLS_COMMON_H
#define FOOTPRINT_MBEDTLS_COMMON_H

#include <mbedtls/ssl.h>

/* The arena in the place of a heap, and the defaults of `endpoint` with records of 1 KB; false on
 * an error. */
bool mbed_configure(mbedtls_ssl_config *config, int endpoint);
/* The connection over the line, of which the others are. */
bool mbed_begin(const mbedtls_ssl_config *config, const char *name);
bool mbed_handshake(void);
bool mbed_write(const char *text, size_t size);
int mbed_read(uint8_t *data, size_t size);
void mbed_close(void);

#endif
