#include "tools/page.h"

#include <stdio.h>
#include <stdlib.h>

static const char page_top[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>This handshake</title>\n"
    "<style>\n"
    "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; "
    "padding: 0 1rem; color: #1b1f24; background: #fff; }\n"
    "th { text-align: left; font-weight: normal; color: #57606a; padding-right: 2rem; }\n"
    "td { font-family: ui-monospace, monospace; word-break: break-all; }\n"
    "@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117; } "
    "th { color: #9198a1; } }\n"
    "</style>\n</head>\n<body>\n<h1>This handshake</h1>\n<table>\n";
static const char page_bottom[] = "</table>\n</body>\n</html>\n";

static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

char *page_compose(const struct summary *summary, size_t *size)
{
    char *page = NULL;
    FILE *out = open_memstream(&page, size);
    if (!out)
        return NULL;
    fputs(page_top, out);
    const char *label, *value;
    for (size_t i = 0; summary_row(summary, i, &label, &value); i++) {
        fprintf(out, "<tr><th scope=\"row\">%s</th><td>", label);
        put_escaped(out, value);
        fputs("</td></tr>\n", out);
    }
    fputs(page_bottom, out);
    if (fclose(out) == 0)
        return page;
    free(page);
    return NULL;
}
