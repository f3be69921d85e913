/* What this board lacks, from the host that emulates it (Arm's semihosting): a console, a clock,
 * entropy and flash that can be written. A real device has all of these itself. */
#ifndef FIRMWARE_SEMIHOSTING_H
#define FIRMWARE_SEMIHOSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void semihosting_print(const char *text);
_Noreturn void semihosting_exit(int status);

/* An hf_clock_function. */
bool semihosting_time(void *context, int64_t *unix_seconds);

/* An hf_random_function that reads the host's /dev/urandom. In its place a device has a hardware
 * source, or a generator that was seeded from one. */
bool semihosting_random(void *context, uint8_t *out, size_t size);

/* A page of flash: a file of the host. Reading gives the number of bytes, 0 if it was never
 * written. */
size_t semihosting_flash_read(uint8_t *data, size_t size);
bool semihosting_flash_write(const uint8_t *data, size_t size);

#endif
