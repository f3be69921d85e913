/* From reset to main. */
#include "memory_map.h"
#include "meter.h"
#include "semihosting.h"

#include <string.h>

int main(void);

void reset(void);

void reset(void)
{
    memcpy(data_begin, data_source, bytes_between(data_begin, data_end));
    memset(bss_begin, 0, bytes_between(bss_begin, bss_end));
    meter_begin();
    semihosting_exit(main());
}

/* Nothing here is interrupted, and nothing may go wrong in this way. */
static void fault(void)
{
    semihosting_print("fault\n");
    semihosting_exit(1);
}

/* ARMv7-M B1.5.2: the stack's first address, then the handlers from reset to SysTick. */
#define SYSTEM_HANDLERS 15
typedef struct vector_table {
    uint8_t *stack;
    void (*handlers[SYSTEM_HANDLERS])(void);
} vector_table;

__attribute__((section(".vectors"), used)) static const vector_table vectors = {
    stack_end,
    {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
     fault, fault},
};
