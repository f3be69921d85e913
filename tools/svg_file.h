/* The file of --svg: the ladders of the latest connections. */
#ifndef TOOLS_SVG_FILE_H
#define TOOLS_SVG_FILE_H

#include "tools/summary.h"
#include "tools/svg.h"

#define SVG_FILE_LADDERS_MAX 8

struct svg_file {
    FILE *file;
    const char *path;
    struct journal journals[SVG_FILE_LADDERS_MAX];
    struct svg_ladder ladders[SVG_FILE_LADDERS_MAX];
    size_t count;
    bool has_failed; /* to write, which has been complained about */
};

/* NULL where there is no path. False after a complaint. */
bool svg_file_open(struct svg_file **file, const char *path);
/* Takes the journal of a connection that has ended, and writes the file anew. */
void svg_file_add(struct svg_file *file, struct journal *journal, const struct summary *summary);
void svg_file_close(struct svg_file *file);

/* The lines above a ladder: who and what it was about. */
void svg_captions(struct svg_ladder *ladder, const struct summary *summary);

#endif
