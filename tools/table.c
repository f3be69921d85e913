#include "tools/table.h"

#include "tools/tools.h"

#include "crypto_glue/hash.h"
#include <handfast/error.h>

#include <argp.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS_MAX 10
#define CELL_MAX    24

static error_t parse(int key, char *argument, struct argp_state *state)
{
    bool *json = state->input;
    switch (key) {
    case 'j':
        *json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "no argument is needed: \"%s\"", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

bool table_wants_json(int argc, char **argv, const char *purpose)
{
    static const struct argp_option rows[] = {{"json", 'j', NULL, 0, "Print JSON", 0}, {0}};
    struct argp argp = {.options = rows, .parser = parse, .doc = purpose};
    bool json = false;
    argp_parse(&argp, argc, argv, 0, NULL, &json);
    return json;
}

/* A cell as text. */
static const char *cell(const json_t *row, const char *key, char text[CELL_MAX])
{
    const json_t *value = json_object_get(row, key);
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value)) {
        snprintf(text, CELL_MAX, "%lld", (long long)json_integer_value(value));
        return text;
    }
    return json_is_true(value) ? "yes" : "-";
}

static void print_text(const json_t *rows, const char *const *columns)
{
    size_t widths[COLUMNS_MAX] = {0};
    size_t index;
    const json_t *row;
    char text[CELL_MAX];
    json_array_foreach(rows, index, row) for (size_t i = 0; columns[i]; i++)
    {
        size_t size = strlen(cell(row, columns[i], text));
        widths[i] = size > widths[i] ? size : widths[i];
    }
    json_array_foreach(rows, index, row)
    {
        for (size_t i = 0; columns[i]; i++) {
            bool last = !columns[i + 1];
            printf("%-*s%s", last ? 0 : (int)widths[i], cell(row, columns[i], text),
                   last ? "\n" : "  ");
        }
    }
}

int table_print(json_t *rows, const char *const *columns, bool as_json)
{
    if (as_json)
        return table_print_json(rows);
    print_text(rows, columns);
    json_decref(rows);
    return STATUS_DONE;
}

int table_print_json(json_t *rows)
{
    json_dumpf(rows, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(rows);
    return STATUS_DONE;
}

json_t *table_code(unsigned code)
{
    return json_sprintf("0x%04X", code);
}

const char *table_hash_name(unsigned hash)
{
    static const char *const names[HF_HASH_COUNT] = {
        [HF_HASH_NONE] = "-",         [HF_HASH_MD5] = "MD5",        [HF_HASH_SHA1] = "SHA-1",
        [HF_HASH_SHA224] = "SHA-224", [HF_HASH_SHA256] = "SHA-256", [HF_HASH_SHA384] = "SHA-384",
        [HF_HASH_SHA512] = "SHA-512",
    };
    return hash < HF_HASH_COUNT ? names[hash] : "-";
}

const char *table_class_name(unsigned reason_class)
{
    static const char *const names[] = {
        [HF_CLASS_MISUSE] = "misuse",         [HF_CLASS_LOCAL] = "local",
        [HF_CLASS_MISBEHAVED] = "misbehaved", [HF_CLASS_INCOMPATIBLE] = "incompatible",
        [HF_CLASS_UNTRUSTED] = "untrusted",   [HF_CLASS_ENDED] = "ended",
    };
    return reason_class < sizeof names / sizeof names[0] ? names[reason_class] : "-";
}
