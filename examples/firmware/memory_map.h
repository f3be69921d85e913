/* What board.ld says of where things are, and the distance between two such places. */
#ifndef FIRMWARE_MEMORY_MAP_H
#define FIRMWARE_MEMORY_MAP_H

#include <stddef.h>
#include <stdint.h>

extern uint8_t data_begin[], data_end[], bss_begin[], bss_end[], stack_begin[], stack_end[];
extern const uint8_t data_source[];

static inline size_t bytes_between(const uint8_t *begin, const uint8_t *end)
{
    return (uintptr_t)end - (uintptr_t)begin;
}

#endif
