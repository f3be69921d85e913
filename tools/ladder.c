#include "tools/ladder.h"

#include <handfast/error.h>

#include <string.h>

#define COLUMN_WIDTH 30
#define ARROW_WIDTH  18

void ladder_begin(FILE *out)
{
    fprintf(out, "  %-*s %*s %s\n", COLUMN_WIDTH, "client", ARROW_WIDTH, "", "server");
}

/* `what` stands in its sender's column, in brackets once its records are protected. */
static void draw_arrow(FILE *out, const struct journal_entry *entry, const char *what)
{
    char text[JOURNAL_TEXT_MAX + 16], size[16] = "", shaft[ARROW_WIDTH + 1];
    if (journal_has_size(entry))
        snprintf(size, sizeof size, " %u", (unsigned)entry->size);
    snprintf(text, sizeof text, entry->is_protected ? "[%s%s]" : "%s%s", what, size);
    memset(shaft, '-', ARROW_WIDTH);
    shaft[ARROW_WIDTH] = '\0';
    if (entry->sender == HF_CLIENT) {
        shaft[ARROW_WIDTH - 1] = '>';
        fprintf(out, "  %-*s %s %*s", COLUMN_WIDTH, text, shaft, COLUMN_WIDTH, "");
    } else {
        shaft[0] = '<';
        fprintf(out, "  %-*s %s %-*s", COLUMN_WIDTH, "", shaft, COLUMN_WIDTH, text);
    }
}

void ladder_entry(FILE *out, const struct journal_entry *entry)
{
    char text[JOURNAL_TEXT_MAX], mark[JOURNAL_TEXT_MAX + 64];
    if (entry->kind == JOURNAL_CLOSED)
        return; /* the two warnings say so */
    journal_text(text, entry);
    if (journal_has_arrow(entry)) {
        draw_arrow(out, entry, text);
    } else if (entry->kind == JOURNAL_ESTABLISHED) {
        snprintf(mark, sizeof mark, "= %s", text);
        fprintf(out, "  %-*s %*s %-*s", COLUMN_WIDTH, mark, ARROW_WIDTH, "", COLUMN_WIDTH, mark);
    } else {
        snprintf(mark, sizeof mark, "x %s: %s", text, hf_reason_of(entry->reason)->symbol);
        fprintf(out, "  %-*s", 2 * COLUMN_WIDTH + ARROW_WIDTH + 2, mark);
    }
    fprintf(out, " %8.1f ms\n", (double)entry->microseconds / 1000);
    fflush(out);
}
