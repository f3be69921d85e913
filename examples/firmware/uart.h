/* The network of this board: its first serial line, which QEMU connects to a TCP port. Callbacks of
 * <handfast/io.h>; a program with lwIP or the like has its own here. */
#ifndef FIRMWARE_UART_H
#define FIRMWARE_UART_H

#include <stddef.h>
#include <stdint.h>

void uart_begin(void);
/* What has come, once something has; 0, as if the other side had gone, after UART_PATIENCE seconds
 * without a byte: a serial line does not say that it has ended. */
#define UART_PATIENCE 20
ptrdiff_t uart_read(void *context, uint8_t *data, size_t size);
/* One byte and not more. On this line the next connection's first byte follows the last one of
 * this: what is read beyond the end of a connection is lost to the next. */
ptrdiff_t uart_read_byte(void *context, uint8_t *data, size_t size);
ptrdiff_t uart_write(void *context, const uint8_t *data, size_t size);

#endif
