#include "tools/file.h"

#include "crypto_glue/constant_time.h"
#include "tools/tools.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Grows by hand instead of realloc, which would leave a private key behind in freed memory. */
static uint8_t *grow(uint8_t *bytes, size_t used, size_t *capacity)
{
    size_t larger = *capacity ? *capacity * 2 : 16384;
    uint8_t *moved = must_allocate(larger + 1, 1);
    if (bytes) {
        memcpy(moved, bytes, used);
        hf_wipe(bytes, used);
        free(bytes);
    }
    *capacity = larger;
    return moved;
}

static uint8_t *read_all(FILE *file, size_t *size)
{
    uint8_t *bytes = NULL;
    size_t used = 0, capacity = 0;
    do {
        if (used == capacity)
            bytes = grow(bytes, used, &capacity);
        used += fread(bytes + used, 1, capacity - used, file);
    } while (used == capacity && used < FILE_SIZE_MAX);
    bytes[used] = 0;
    *size = used;
    return bytes;
}

uint8_t *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        complain("cannot open %s: %s", path, strerror(errno));
        return NULL;
    }
    errno = 0;
    uint8_t *bytes = read_all(file, size);
    const char *problem = NULL;
    if (ferror(file))
        problem = strerror(errno);
    else if (!feof(file))
        problem = "the file is too long";
    fclose(file);
    if (!problem)
        return bytes;
    complain("cannot read %s: %s", path, problem);
    hf_wipe(bytes, *size);
    free(bytes);
    return NULL;
}
