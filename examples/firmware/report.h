/* What the programs cost, on the console: lines `NAME NUMBER`. Not a part of what a device needs. */
#ifndef FIRMWARE_REPORT_H
#define FIRMWARE_REPORT_H

#include <handfast/handfast.h>

/* Before main: fills the stack with a pattern, and starts the timer. */
void report_begin(void);

void report_number(const char *name, uint32_t number);

/* After a handshake: whether it was a short one, and what hf_conn_run took for it since the last
 * report of that kind. */
void report_handshake(const hf_conn *conn);

/* What one operation of crypto_glue takes: between the two calls. */
void report_operation_begin(void);
void report_operation(const char *name);

/* The failure, if that is how the connection has ended; whether it is. */
bool report_failure(const hf_conn *conn);

/* At the end: RAM of the connection and of the whole image, peaks of arena and stack. */
typedef struct report_sizes {
    size_t rx, tx;
} report_sizes;
void report_memory(const report_sizes *sizes);

#endif
