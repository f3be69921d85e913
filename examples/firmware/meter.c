#include "meter.h"

#include "memory_map.h"
#include "semihosting.h"

#include <stddef.h>

/* ------------------------------------------------------------------ the stack */

#define PATTERN 0xc5

#define MARGIN 64 /* below the frame that paints */

/* Not the frames of this function and of its callers. */
void meter_paint_stack(void)
{
    const uint8_t *here = __builtin_frame_address(0);
    size_t size = bytes_between(stack_begin, here) - MARGIN;
    for (size_t i = 0; i < size; i++)
        ((volatile uint8_t *)stack_begin)[i] = PATTERN;
}

uint32_t meter_stack_peak(void)
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

uint32_t meter_ticks(void)
{
    return UINT32_MAX - TIMER0->value;
}

uint32_t meter_thousands(uint32_t ticks)
{
    return ticks / (1000 / INSTRUCTIONS_PER_TICK);
}

void meter_begin(void)
{
    TIMER0->reload = UINT32_MAX;
    TIMER0->value = UINT32_MAX;
    TIMER0->control = TIMER_ENABLE;
    meter_paint_stack();
}

/* ------------------------------------------------------------------ lines */

void meter_print(const char *name, uint32_t number)
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
