#include "report.h"

#include "memory_map.h"
#include "meter.h"
#include "semihosting.h"

#include "crypto_glue/arena.h"

static uint32_t ticks_in_run, calls_of_run, ticks_longest;

/* The linker puts this in the place of hf_conn_run (--wrap). */
hf_error __real_hf_conn_run(hf_conn *conn);
hf_error __wrap_hf_conn_run(hf_conn *conn);

hf_error __wrap_hf_conn_run(hf_conn *conn)
{
    uint32_t begin = meter_ticks();
    hf_error error = __real_hf_conn_run(conn);
    uint32_t taken = meter_ticks() - begin;
    ticks_in_run += taken;
    calls_of_run++;
    if (ticks_longest < taken)
        ticks_longest = taken;
    return error;
}

static void report_string_number(const char *prefix, const char *name, uint32_t number)
{
    semihosting_print(prefix);
    meter_print(name, number);
}

void report_handshake_begin(void)
{
    hf_arena_restart_peak();
    meter_paint_stack();
    ticks_in_run = ticks_longest = calls_of_run = 0;
}

void report_handshake(const hf_conn *conn)
{
    meter_print("handshake.suite", hf_conn_suite(conn)->code);
    meter_print("handshake.resumed", hf_conn_resumed(conn));
    meter_print("handshake.thousand_instructions", meter_thousands(ticks_in_run));
    meter_print("handshake.thousand_instructions_longest_call", meter_thousands(ticks_longest));
    meter_print("handshake.calls", calls_of_run);
    meter_print("handshake.arena_peak", hf_arena_status().peak);
    meter_print("handshake.arena_left", hf_arena_status().used);
    meter_print("handshake.stack_peak", meter_stack_peak());
}

static uint32_t operation_begin;

void report_operation_begin(void)
{
    hf_arena_restart_peak();
    meter_paint_stack();
    operation_begin = meter_ticks();
}

void report_operation(const char *name)
{
    uint32_t taken = meter_ticks() - operation_begin;
    report_string_number(name, ".thousand_instructions", meter_thousands(taken));
    report_string_number(name, ".arena_peak", hf_arena_status().peak);
    report_string_number(name, ".stack_peak", meter_stack_peak());
}

bool report_failure(const hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);
    if (failure == NULL)
        return false;
    meter_print("failure.reason", failure->reason);
    meter_print("failure.alert", failure->alert);
    meter_print("failure.message", failure->message);
    return true;
}

void report_memory(const report_sizes *sizes)
{
    hf_arena_use arena = hf_arena_status();
    meter_print("ram.hf_conn", sizeof(hf_conn));
    meter_print("ram.hf_handshake", sizeof(hf_handshake));
    meter_print("ram.rx", sizes->rx);
    meter_print("ram.tx", sizes->tx);
    meter_print("ram.connection", sizeof(hf_conn) + sizes->rx + sizes->tx);
    meter_print("ram.arena", arena.size);
    meter_print("ram.arena_refused", arena.refused);
    meter_print("ram.stack", bytes_between(stack_begin, stack_end));
    meter_print("ram.static", bytes_between(data_begin, bss_end));
}
