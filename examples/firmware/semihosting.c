#include "semihosting.h"

#include <string.h>

/* Semihosting for AArch32 and AArch64 (Arm IHI 0100), chapter 6. */
enum {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_TIME = 0x11,
    SYS_EXIT_EXTENDED = 0x20
};
#define APPLICATION_EXIT 0x20026u

enum { OPEN_READ = 1, OPEN_WRITE = 5 }; /* "rb" and "wb" */

static uint32_t call(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void semihosting_print(const char *text)
{
    (void)call(SYS_WRITE0, text);
}

_Noreturn void semihosting_exit(int status)
{
    const uint32_t arguments[] = {APPLICATION_EXIT, (uint32_t)status};
    for (;;)
        (void)call(SYS_EXIT_EXTENDED, arguments);
}

bool semihosting_time(void *context, int64_t *unix_seconds)
{
    (void)context;
    *unix_seconds = call(SYS_TIME, NULL);
    return true;
}

/* Transfers up to `size` bytes; the number of them. Both calls return how many were not. */
static size_t transfer(const char *name, uint32_t mode, uint32_t operation, const void *data,
                       size_t size)
{
    const uint32_t open[] = {(uint32_t)name, mode, strlen(name)};
    uint32_t handle = call(SYS_OPEN, open);
    if (handle == UINT32_MAX)
        return 0;
    const uint32_t arguments[] = {handle, (uint32_t)data, size};
    uint32_t left = call(operation, arguments);
    (void)call(SYS_CLOSE, &handle);
    return left <= size ? size - left : 0;
}

bool semihosting_random(void *context, uint8_t *out, size_t size)
{
    (void)context;
    return transfer("/dev/urandom", OPEN_READ, SYS_READ, out, size) == size;
}

size_t semihosting_flash_read(uint8_t *data, size_t size)
{
    return transfer("flash.bin", OPEN_READ, SYS_READ, data, size);
}

bool semihosting_flash_write(const uint8_t *data, size_t size)
{
    return transfer("flash.bin", OPEN_WRITE, SYS_WRITE, data, size) == size;
}
