/* CMSDK UART, polled (Arm DDI 0479 4.3). */
#include "uart.h"

#include "semihosting.h"

#include <stdbool.h>

typedef struct uart {
    volatile uint32_t data, state, control, interrupts, divider;
} uart;

#define UART0         ((uart *)0x40004000)
#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u
#define CONTROL_TX    1u
#define CONTROL_RX    2u
#define DIVIDER_LEAST 16u

#define POLLS_A_LOOK 100000u /* at the clock, which costs more than a look at the line */
#define POLLS_QUIET  500u    /* after which what has come is handed on */

void uart_begin(void)
{
    UART0->divider = DIVIDER_LEAST;
    UART0->control = CONTROL_TX | CONTROL_RX;
}

static bool has_byte(void)
{
    return (UART0->state & STATE_RX_FULL) != 0;
}

static bool wait_for_byte(void)
{
    int64_t now, begin;
    if (!semihosting_time(NULL, &begin))
        return false;
    do {
        for (uint32_t i = 0; i < POLLS_A_LOOK; i++) {
            if (has_byte())
                return true;
        }
    } while (semihosting_time(NULL, &now) && now - begin <= UART_PATIENCE);
    return false;
}

ptrdiff_t uart_read(void *context, uint8_t *data, size_t size)
{
    (void)context;
    size_t got = 0;
    uint32_t polls = 0;
    if (!wait_for_byte())
        return 0;
    while (got < size && polls < POLLS_QUIET) {
        polls++;
        if (has_byte()) {
            data[got++] = (uint8_t)UART0->data;
            polls = 0;
        }
    }
    return (ptrdiff_t)got;
}

ptrdiff_t uart_read_byte(void *context, uint8_t *data, size_t size)
{
    return uart_read(context, data, size < 1 ? size : 1);
}

ptrdiff_t uart_write(void *context, const uint8_t *data, size_t size)
{
    (void)context;
    for (size_t i = 0; i < size; i++) {
        while ((UART0->state & STATE_TX_FULL) != 0)
            continue;
        UART0->data = data[i];
    }
    return (ptrdiff_t)size;
}
