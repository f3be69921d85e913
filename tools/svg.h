/* Ladders as a picture: SVG without scripts, which follows the page it is on between light and
 * dark. */
#ifndef TOOLS_SVG_H
#define TOOLS_SVG_H

#include "tools/journal.h"

#include <stdio.h>

#define SVG_CAPTIONS_MAX 3
#define SVG_CAPTION_MAX  160

/* One connection: what happened, and lines that stand above it (the first as a heading; empty ones
 * are left out). Texts may be anything. */
struct svg_ladder {
    const struct journal *journal;
    char captions[SVG_CAPTIONS_MAX][SVG_CAPTION_MAX];
};

/* Connections one below the other, as a file of its own, or as an element of an HTML page. */
void svg_write(FILE *out, const struct svg_ladder *ladders, size_t count);

#endif
