/* Whole files in memory. */
#ifndef TOOLS_FILE_H
#define TOOLS_FILE_H

#include <stddef.h>
#include <stdint.h>

#define FILE_SIZE_MAX (16u << 20)

/* The bytes of a file, with a zero after the last, for free(). NULL after a complaint: the file
 * cannot be read or is longer than FILE_SIZE_MAX. */
uint8_t *file_read(const char *path, size_t *size);

#endif
