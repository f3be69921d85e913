#include "tools/paragraph.h"

#include <string.h>

#define WIDTH 78

void paragraph_print(FILE *out, const char *text)
{
    static const char indent[] = "  ";
    size_t column = 0;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column && column + 1 + word > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        fprintf(out, "%s%.*s", column ? " " : indent, (int)word, text);
        column += (column ? 1 : strlen(indent)) + word;
        text += word + strspn(text + word, " ");
    }
    fputc('\n', out);
}
