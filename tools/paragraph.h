/* Running text. */
#ifndef TOOLS_PARAGRAPH_H
#define TOOLS_PARAGRAPH_H

#include <stdio.h>

/* Prints text indented by two blanks, broken at blanks, and ends the line. */
void paragraph_print(FILE *out, const char *text);

#endif
