/* What the programs cost, on the console: lines `NAME NUMBER`. Not a part of what a device needs.
 */
#ifndef FIRMWARE_REPORT_H
#define FIRMWARE_REPORT_H

#include <handfast/handfast.h>

/* Around a handshake: whether it was a short one, and what hf_conn_run, the arena and the stack
 * took for it. */
void report_handshake_begin(void);
void report_handshake(const hf_conn *conn);

/* What one operation of crypto_glue takes: between the two calls. */
void report_operation_begin(void);
void report_operation(const char *name);

/* The failure, if that is how the connection has ended; whether it is. */
bool report_failure(const hf_conn *conn);

/* At the end: RAM of the connection and of the whole image. */
typedef struct report_sizes {
    size_t rx, tx;
} report_sizes;
void report_memory(const report_sizes *sizes);

#endif
