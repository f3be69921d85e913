/* Text in HTML and SVG. */
#ifndef TOOLS_MARKUP_H
#define TOOLS_MARKUP_H

#include <stdio.h>

/* Writes a text so that it means itself, between tags and in quoted attributes. */
void markup_text(FILE *out, const char *text);

#endif
