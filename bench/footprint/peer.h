/* What the programs around other TLS libraries share: the line, the figures, a little HTTP. They
 * use the board of examples/firmware/, and like the programs there they run in QEMU. */
#ifndef FOOTPRINT_PEER_H
#define FOOTPRINT_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* client_constants.S and server_constants.S of examples/firmware/ */
extern const uint8_t root_certificate[];
extern const uint32_t root_certificate_size;
extern const uint8_t leaf_certificate[], issuer_certificate[], private_scalar[];
extern const uint32_t leaf_certificate_size, issuer_certificate_size, private_scalar_size;

#define PEER_NAME    "server.example"
#define PEER_REQUEST "GET / HTTP/1.0\r\n\r\n"
#define PEER_PAGE \
    "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nThis is a Cortex-M3, measured.\n"

/* The line, as uart_read and uart_write; what they wait is not counted as the library's. */
ptrdiff_t peer_receive(uint8_t *data, size_t size);
ptrdiff_t peer_send(const uint8_t *data, size_t size);

/* Unix time, and bytes from the board's source of entropy. */
int64_t peer_time(void);
bool peer_random(uint8_t *out, size_t size);

void peer_begin(void);

/* Around the handshake: instructions, stack, and what there is in the arena. */
void peer_handshake_begin(void);
void peer_handshake_end(void);

/* Bytes of the objects that last as long as the connection, that only its handshake needs, and that
 * all connections share. */
void peer_report_memory(size_t connection, size_t handshake, size_t shared);

/* Data from the connection: the number of bytes, 0 or less at the end. */
typedef int (*peer_read_function)(uint8_t *data, size_t size);

/* Reads until the empty line at the end of a request. */
bool peer_take_request(peer_read_function read);
/* Prints all that comes. */
void peer_take_page(peer_read_function read);

#endif
