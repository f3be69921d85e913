#include "tools/svg_file.h"

#include "tools/tools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool svg_file_open(struct svg_file **file, const char *path)
{
    *file = NULL;
    if (!path)
        return true;
    FILE *opened = fopen(path, "w");
    if (!opened) {
        complain("cannot write %s: %s", path, strerror(errno));
        return false;
    }
    *file = must_allocate(1, sizeof **file);
    **file = (struct svg_file){.file = opened, .path = path};
    return true;
}

void svg_captions(struct svg_ladder *ladder, const struct summary *summary)
{
    const char *name = summary->server_name;
    snprintf(ladder->captions[0], SVG_CAPTION_MAX, "%s%s%.100s",
             summary->resumed ? "A resumed handshake" : "A handshake", name[0] ? " with " : "",
             name);
    if (!summary->version || !summary->suite)
        return;
    snprintf(ladder->captions[1], SVG_CAPTION_MAX, "%s, %s", hf_version_name(summary->version),
             summary->suite->name);
    snprintf(ladder->captions[2], SVG_CAPTION_MAX, "%s%s%s%s%.80s",
             summary->group ? summary->group->name : "",
             summary->group && summary->scheme ? ", " : "",
             summary->scheme ? summary->scheme->name : "", summary->protocol[0] ? ", ALPN " : "",
             summary->protocol);
}

static void write_all(struct svg_file *file)
{
    rewind(file->file);
    svg_write(file->file, file->ladders, file->count);
    bool good = fflush(file->file) == 0 && ftruncate(fileno(file->file), ftell(file->file)) == 0;
    if (!good && !file->has_failed)
        complain("cannot write %s: %s", file->path, strerror(errno));
    file->has_failed = !good;
}

static void drop_oldest(struct svg_file *file)
{
    journal_free(&file->journals[0]);
    file->count--;
    memmove(file->journals, file->journals + 1, file->count * sizeof file->journals[0]);
    memmove(file->ladders, file->ladders + 1, file->count * sizeof file->ladders[0]);
    for (size_t i = 0; i < file->count; i++)
        file->ladders[i].journal = &file->journals[i];
}

void svg_file_add(struct svg_file *file, struct journal *journal, const struct summary *summary)
{
    if (file->count == SVG_FILE_LADDERS_MAX)
        drop_oldest(file);
    size_t last = file->count++;
    file->journals[last] = *journal;
    *journal = (struct journal){0};
    file->ladders[last] = (struct svg_ladder){.journal = &file->journals[last]};
    svg_captions(&file->ladders[last], summary);
    write_all(file);
}

void svg_file_close(struct svg_file *file)
{
    if (!file)
        return;
    for (size_t i = 0; i < file->count; i++)
        journal_free(&file->journals[i]);
    fclose(file->file);
    free(file);
}
