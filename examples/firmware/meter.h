/* Instructions and stack, counted for the sake of figures, and numbers on the console. Not a part
 * of what a device needs. */
#ifndef FIRMWARE_METER_H
#define FIRMWARE_METER_H

#include <stdint.h>

/* Before main: starts the timer, and fills the stack with a pattern. */
void meter_begin(void);

/* The most stack that was used since this was filled with the pattern. */
void meter_paint_stack(void);
uint32_t meter_stack_peak(void);

/* Ticks since the beginning, and how many thousand instructions a number of them are. */
uint32_t meter_ticks(void);
uint32_t meter_thousands(uint32_t ticks);

/* A line `NAME NUMBER`. */
void meter_print(const char *name, uint32_t number);

#endif
