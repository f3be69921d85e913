#include "tools/svg.h"

#include "tools/markup.h"

#include <handfast/error.h>
#include <handfast/registry.h>

#include <string.h>

/* Where things stand, in user units. The lines of life of client and server are at CLIENT_X and
 * SERVER_X; times stand left of the one, what happens to the keys right of the other. */
#define WIDTH         720
#define CLIENT_X      170
#define SERVER_X      550
#define MIDDLE_X      ((CLIENT_X + SERVER_X) / 2)
#define MARGIN        20
#define CAPTION_STEP  20
#define HEAD_HEIGHT   56 /* of the boxes that say client and server, with the space around */
#define BOX_HEIGHT    28
#define ROW_HEIGHT    34
#define BAND_HEIGHT   24
#define BETWEEN       28 /* two ladders */
#define SENTENCE_STEP 18
#define SENTENCE_MAX  56 /* characters of a line */

/* Colours by meaning; currentColor carries them to lines and texts. */
static const char style[] =
    "<style>\n"
    ".hf-ladder{color:#1f2328;font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}\n"
    ".hf-ladder text{fill:currentColor}\n"
    ".hf-ladder .hf-panel{fill:#fff;stroke:#d1d9e0}\n"
    ".hf-ladder .hf-head{font-weight:600;font-size:15px}\n"
    ".hf-ladder .hf-small{font-size:11px}\n"
    ".hf-ladder .hf-dim{color:#59636e}\n"
    ".hf-ladder .hf-plain{color:#0550ae}\n"
    ".hf-ladder .hf-safe{color:#116329}\n"
    ".hf-ladder .hf-warning{color:#7d4e00}\n"
    ".hf-ladder .hf-fatal{color:#b3152a}\n"
    ".hf-ladder .hf-band{fill:currentColor;fill-opacity:.1;stroke:currentColor}\n"
    "@media (prefers-color-scheme:dark){\n"
    ".hf-ladder{color:#e6edf3}\n"
    ".hf-ladder .hf-panel{fill:#0d1117;stroke:#3d444d}\n"
    ".hf-ladder .hf-dim{color:#9198a1}\n"
    ".hf-ladder .hf-plain{color:#79c0ff}\n"
    ".hf-ladder .hf-safe{color:#56d364}\n"
    ".hf-ladder .hf-warning{color:#e3b341}\n"
    ".hf-ladder .hf-fatal{color:#ff7b72}\n"
    "}\n"
    "</style>\n";

/* ------------------------------------------------------------------ how high it is */

static int caption_count(const struct svg_ladder *ladder)
{
    int count = 0;
    for (int i = 0; i < SVG_CAPTIONS_MAX; i++)
        count += ladder->captions[i][0] != '\0';
    return count;
}

/* The end of the line that begins at `text`. */
static size_t line_size(const char *text)
{
    size_t size = strlen(text);
    if (size <= SENTENCE_MAX)
        return size;
    for (size = SENTENCE_MAX; size > 0 && text[size] != ' '; size--)
        ;
    return size ? size : SENTENCE_MAX;
}

static int line_count(const char *text)
{
    int count = 0;
    for (; *text; text += strspn(text, " ")) {
        text += line_size(text);
        count++;
    }
    return count;
}

static int row_height(const struct journal_entry *entry)
{
    if (entry->kind == JOURNAL_CLOSED)
        return 0; /* the two warnings say so */
    if (entry->kind != JOURNAL_FAILED)
        return ROW_HEIGHT;
    return ROW_HEIGHT + SENTENCE_STEP * line_count(hf_reason_of(entry->reason)->sentence);
}

static int rows_height(const struct journal *journal)
{
    int height = journal->is_cut ? ROW_HEIGHT : 0;
    for (size_t i = 0; i < journal->count; i++)
        height += row_height(&journal->entries[i]);
    return height;
}

static int ladder_height(const struct svg_ladder *ladder)
{
    return CAPTION_STEP * caption_count(ladder) + HEAD_HEIGHT + rows_height(ladder->journal);
}

/* ------------------------------------------------------------------ parts */

static void put_text(FILE *out, const char *class_, const char *anchor, int x, int y,
                     const char *text)
{
    fprintf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">", class_, x, y, anchor);
    markup_text(out, text);
    fputs("</text>\n", out);
}

static void put_line(FILE *out, const char *attributes, int x1, int y1, int x2, int y2)
{
    fprintf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"currentColor\" %s/>\n", x1,
            y1, x2, y2, attributes);
}

/* Of a whole ladder, from the boxes down; what is drawn later stands on it. */
static void put_lifelines(FILE *out, int top, int bottom)
{
    static const struct {
        int x;
        const char *name;
    } sides[] = {{CLIENT_X, "client"}, {SERVER_X, "server"}};
    for (int i = 0; i < 2; i++) {
        fputs("<g class=\"hf-dim\">\n", out);
        put_line(out, "stroke-opacity=\".5\"", sides[i].x, top + BOX_HEIGHT, sides[i].x, bottom);
        fputs("</g>\n", out);
        fprintf(out,
                "<rect class=\"hf-band\" x=\"%d\" y=\"%d\" width=\"96\" height=\"%d\" rx=\"6\"/>\n",
                sides[i].x - 48, top, BOX_HEIGHT);
        put_text(out, "hf-name", "middle", sides[i].x, top + 19, sides[i].name);
    }
}

static const char *class_of(const struct journal_entry *entry)
{
    if (entry->kind == JOURNAL_FAILED)
        return "hf-fatal";
    if (entry->kind == JOURNAL_ESTABLISHED)
        return "hf-safe";
    if (entry->kind == JOURNAL_ALERT && entry->level == HF_ALERT_LEVEL_FATAL)
        return "hf-fatal";
    if (entry->kind == JOURNAL_ALERT && entry->alert != HF_ALERT_CLOSE_NOTIFY)
        return "hf-warning";
    return entry->is_protected ? "hf-safe" : "hf-plain";
}

/* A filled head at the receiver's line; a dot at the sender's where its keys change. */
static void put_arrow(FILE *out, const struct journal_entry *entry, int y)
{
    bool to_server = entry->sender == HF_CLIENT;
    int from = to_server ? CLIENT_X : SERVER_X, to = to_server ? SERVER_X : CLIENT_X;
    int step = to_server ? -9 : 9;
    bool changes = entry->kind == JOURNAL_CHANGE_KEYS;
    put_line(out, changes ? "stroke-dasharray=\"5 4\"" : "stroke-width=\"1.5\"", from, y, to + step,
             y);
    fprintf(out, "<path d=\"M%d %dl%d -4.5v9z\" fill=\"currentColor\"/>\n", to, y, step);
    if (changes)
        fprintf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"4.5\" fill=\"currentColor\"/>\n", from, y);
}

static void put_time(FILE *out, const struct journal_entry *entry, int y)
{
    char time[32];
    snprintf(time, sizeof time, "%.1f ms", (double)entry->microseconds / 1000);
    put_text(out, "hf-small hf-dim", "end", CLIENT_X - 60, y, time);
}

static void put_message(FILE *out, const struct journal_entry *entry, int y)
{
    char text[JOURNAL_TEXT_MAX], label[JOURNAL_TEXT_MAX + 32];
    journal_text(text, entry);
    snprintf(label, sizeof label, "%s", text);
    if (journal_has_size(entry))
        snprintf(label, sizeof label, "%s, %u bytes", text, (unsigned)entry->size);
    put_arrow(out, entry, y);
    put_text(out, "hf-name", "middle", MIDDLE_X, y - 6, label);
    if (entry->kind == JOURNAL_CHANGE_KEYS)
        put_text(out, "hf-small", "start", SERVER_X + 12, y + 4,
                 entry->sender == HF_CLIENT ? "client: new keys" : "server: new keys");
    else if (entry->is_protected)
        put_text(out, "hf-small", "start", SERVER_X + 12, y + 4, "protected");
}

static void put_band(FILE *out, const struct journal_entry *entry, int y)
{
    char text[JOURNAL_TEXT_MAX], label[JOURNAL_TEXT_MAX + 64];
    journal_text(text, entry);
    snprintf(label, sizeof label, "%s%s%s", text, entry->kind == JOURNAL_FAILED ? ": " : "",
             entry->kind == JOURNAL_FAILED ? hf_reason_of(entry->reason)->symbol : "");
    fprintf(out,
            "<rect class=\"hf-band\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n",
            CLIENT_X - 48, y - BAND_HEIGHT / 2 - 4, SERVER_X - CLIENT_X + 96, BAND_HEIGHT);
    put_text(out, "hf-name", "middle", MIDDLE_X, y + 1, label);
}

/* Broken into lines, below the band. */
static void put_sentence(FILE *out, const char *text, int y)
{
    char line[SENTENCE_MAX + 1];
    for (; *text; text += strspn(text, " ")) {
        size_t size = line_size(text);
        snprintf(line, sizeof line, "%.*s", (int)size, text);
        put_text(out, "hf-small", "middle", MIDDLE_X, y, line);
        text += size;
        y += SENTENCE_STEP;
    }
}

static void put_entry(FILE *out, const struct journal_entry *entry, int y)
{
    fprintf(out, "<g class=\"%s\">\n", class_of(entry));
    if (journal_has_arrow(entry))
        put_message(out, entry, y);
    else
        put_band(out, entry, y);
    if (entry->kind == JOURNAL_FAILED)
        put_sentence(out, hf_reason_of(entry->reason)->sentence, y + SENTENCE_STEP + 6);
    put_time(out, entry, journal_has_arrow(entry) ? y + 4 : y + 1);
    fputs("</g>\n", out);
}

/* ------------------------------------------------------------------ the whole */

static void put_ladder(FILE *out, const struct svg_ladder *ladder, int top)
{
    const struct journal *journal = ladder->journal;
    int y = top;
    for (int i = 0; i < SVG_CAPTIONS_MAX; i++)
        if (ladder->captions[i][0]) {
            y += CAPTION_STEP;
            put_text(out, i == 0 ? "hf-head" : "hf-dim", "start", MARGIN, y - 6,
                     ladder->captions[i]);
        }
    put_lifelines(out, y + HEAD_HEIGHT - BOX_HEIGHT - 16, top + ladder_height(ladder));
    y += HEAD_HEIGHT;
    for (size_t i = 0; i < journal->count; i++) {
        if (row_height(&journal->entries[i]))
            put_entry(out, &journal->entries[i], y + ROW_HEIGHT / 2);
        y += row_height(&journal->entries[i]);
    }
    if (journal->is_cut)
        put_text(out, "hf-dim", "middle", MIDDLE_X, y + ROW_HEIGHT / 2, "and so on");
}

void svg_write(FILE *out, const struct svg_ladder *ladders, size_t count)
{
    int height = 2 * MARGIN, top = MARGIN;
    for (size_t i = 0; i < count; i++)
        height += ladder_height(&ladders[i]) + (i ? BETWEEN : 0);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"hf-ladder\" role=\"img\" "
            "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n<title>",
            WIDTH, height, WIDTH, height);
    markup_text(out, count && ladders[0].captions[0][0] ? ladders[0].captions[0] : "A TLS ladder");
    fprintf(out, "</title>\n%s", style);
    fprintf(out,
            "<rect class=\"hf-panel\" x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n",
            WIDTH - 1, height - 1);
    for (size_t i = 0; i < count; i++) {
        put_ladder(out, &ladders[i], top);
        top += ladder_height(&ladders[i]) + BETWEEN;
    }
    fputs("</svg>\n", out);
}
