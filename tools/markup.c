#include "tools/markup.h"

/* What neither HTML nor XML has as a character becomes a question mark; the texts of this command
 * are ASCII. */
void markup_text(FILE *out, const char *text)
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
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(*text < ' ' || *text > '~' ? '?' : *text, out);
        }
    }
}
