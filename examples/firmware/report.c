#include "report.h"

#include "memory_map.h"
#include "semihosting.h"

#include "crypto_glue/arena.h"

/* ------------------------------------------------------------------ the stack */

#define PATTERN 0xc5

#define MARGIN 64 /* below the frame that paints */

/* Not the frames of this function and of its callers. */
static void paint_stack(void)
{
    const uint8_t *here = __builtin_frame_address(0);
    size_t size = bytes_between(stack_begin, here) - MARGIN;
    for (size_t i = 0; i < size; i++)
        ((volatile uint8_t *)stack_begin)[i] = PATTERN;
}

static uint32_t stack_peak(void)
{
    size_t size = bytes_between(stack_begin, stack_end), unused = 0;
    while (unused < size && stack_begin[unused] == PATTERN)
        unused++;
    return size - unused;
}

/* ------------------------------------------------------------------ instructions */

/* CMSDK timer (Arm DDI 0479 4.2). It counts down with 25 MHz, and QEMU's `-icount shift=0` lets
 * each instruction take 1 ns. */
typedef struct timer {
    volatile uint32_t control, value, reload;
} timer;

#define TIMER0                ((timer *)0x40000000)
#define TIMER_ENABLE          1u
#define INSTRUCTIONS_PER_TICK 40u

static uint32_t ticks_in_run, calls_of_run, ticks_longest;

static uint32_t ticks(void)
{
    return UINT32_MAX - TIMER0->value;
}

static uint32_t thousands(uint32_t of_ticks)
{
    return of_ticks / (1000 / INSTRUCTIONS_PER_TICK);
}

void report_begin(void)
{
    TIMER0->reload = UINT32_MAX;
    TIMER0->value = UINT32_MAX;
    TIMER0->control = TIMER_ENABLE;
    paint_stack();
}

/* The linker puts this in the place of hf_conn_run (--wrap). */
hf_error __real_hf_conn_run(hf_conn *conn);
hf_error __wrap_hf_conn_run(hf_conn *conn);

hf_error __wrap_hf_conn_run(hf_conn *conn)
{
    uint32_t begin = ticks();
    hf_error error = __real_hf_conn_run(conn);
    uint32_t taken = ticks() - begin;
    ticks_in_run += taken;
    calls_of_run++;
    if (ticks_longest < taken)
        ticks_longest = taken;
    return error;
}

/* ------------------------------------------------------------------ lines */

void report_number(const char *name, uint32_t number)
{
    char digits[sizeof "4294967295\n"];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    digits[--at] = '\n';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    semihosting_print(name);
    semihosting_print(" ");
    semihosting_print(digits + at);
}

static void report_string_number(const char *prefix, const char *name, uint32_t number)
{
    semihosting_print(prefix);
    report_number(name, number);
}

void report_handshake_begin(void)
{
    hf_arena_restart_peak();
    paint_stack();
    ticks_in_run = ticks_longest = calls_of_run = 0;
}

void report_handshake(const hf_conn *conn)
{
    report_number("handshake.suite", hf_conn_suite(conn)->code);
    report_number("handshake.resumed", hf_conn_resumed(conn));
    report_number("handshake.thousand_instructions", thousands(ticks_in_run));
    report_number("handshake.thousand_instructions_longest_call", thousands(ticks_longest));
    report_number("handshake.calls", calls_of_run);
    report_number("handshake.arena_peak", hf_arena_status().peak);
    report_number("handshake.arena_left", hf_arena_status().used);
    report_number("handshake.stack_peak", stack_peak());
}

static uint32_t operation_begin;

void report_operation_begin(void)
{
    hf_arena_restart_peak();
    paint_stack();
    operation_begin = ticks();
}

void report_operation(const char *name)
{
    uint32_t taken = ticks() - operation_begin;
    report_string_number(name, ".thousand_instructions", thousands(taken));
    report_string_number(name, ".arena_peak", hf_arena_status().peak);
    report_string_number(name, ".stack_peak", stack_peak());
}

bool report_failure(const hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);
    if (failure == NULL)
        return false;
    report_number("failure.reason", failure->reason);
    report_number("failure.alert", failure->alert);
    report_number("failure.message", failure->message);
    return true;
}

void report_memory(const report_sizes *sizes)
{
    hf_arena_use arena = hf_arena_status();
    report_number("ram.hf_conn", sizeof(hf_conn));
    report_number("ram.hf_handshake", sizeof(hf_handshake));
    report_number("ram.rx", sizes->rx);
    report_number("ram.tx", sizes->tx);
    report_number("ram.connection", sizeof(hf_conn) + sizes->rx + sizes->tx);
    report_number("ram.arena", arena.size);
    report_number("ram.arena_refused", arena.refused);
    report_number("ram.stack", bytes_between(stack_begin, stack_end));
    report_number("ram.static", bytes_between(data_begin, bss_end));
}
