/* Optional: runs a connection over a pair of blocking callbacks, for programs with a thread to
 * spare. Nothing else of the library knows it. */
#ifndef HANDFAST_IO_H
#define HANDFAST_IO_H

#include <handfast/conn.h>

/* Reads up to `size` bytes, at least one: the number read, 0 at the end, negative on an error. */
typedef ptrdiff_t (*hf_io_read)(void *context, uint8_t *data, size_t size);
/* Writes up to `size` bytes, at least one: the number written, negative on an error. */
typedef ptrdiff_t (*hf_io_write)(void *context, const uint8_t *data, size_t size);

typedef struct hf_io {
    hf_conn *conn;
    hf_io_read read;
    hf_io_write write;
    void *context;
} hf_io;

#define HF_IO_ERROR (-1) /* hf_conn_failure has the reason, or a callback failed */

/* Runs the handshake to its end. HF_WAITING if a question must be answered first. */
HF_MUST_USE hf_error hf_io_handshake(hf_io *io);
/* Application data: the number of bytes (at least 1), 0 at the peer's close_notify, HF_IO_ERROR. */
ptrdiff_t hf_io_receive(hf_io *io, uint8_t *data, size_t size);
/* Sends all of it: `size` or HF_IO_ERROR; also the latter where data of the peer's that was not
 * received yet stands in the way of a renegotiation. */
ptrdiff_t hf_io_send(hf_io *io, const uint8_t *data, size_t size);
/* Sends close_notify and waits for the peer's. */
HF_MUST_USE hf_error hf_io_close(hf_io *io);

#endif
