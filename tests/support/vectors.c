#include "tests/support/vectors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef HF_VECTORS_DIR
#error "HF_VECTORS_DIR must be the path of the folder vectors/"
#endif

static _Noreturn void fail(const vectors *v, size_t line, const char *format, ...)
{
    va_list arguments;

    (void)fprintf(stderr, "vectors: %s:%zu: ", v->name, line);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    abort();
}

static void *allocate(const vectors *v, size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL) {
        fail(v, 0, "out of memory");
    }
    return memory;
}

void vectors_open(vectors *v, const char *name)
{
    char path[4096];
    long size;
    FILE *file;

    memset(v, 0, sizeof *v);
    v->name = name;
    v->section = "";
    (void)snprintf(path, sizeof path, "%s/%s", HF_VECTORS_DIR, name);
    file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 ||
        fseek(file, 0, SEEK_SET) != 0) {
        fail(v, 0, "cannot read %s", path);
    }
    v->text = allocate(v, (size_t)size + 1);
    if (fread(v->text, 1, (size_t)size, file) != (size_t)size) {
        fail(v, 0, "cannot read %s", path);
    }
    (void)fclose(file);
    v->text[size] = '\0';
    if (strlen(v->text) != (size_t)size || (size > 0 && v->text[size - 1] != '\n')) {
        fail(v, 0, "not a text file that ends with a newline");
    }
    v->next_line = v->text;
    v->decoded = allocate(v, (size_t)size / 2 + 1);
}

/* The next line without its newline, or NULL. */
static char *take_line(vectors *v)
{
    char *line = v->next_line;
    char *end;

    if (*line == '\0') {
        return NULL;
    }
    end = strchr(line, '\n');
    *end = '\0';
    v->next_line = end + 1;
    v->line++;
    return line;
}

static const vectors_field *find_field(const vectors *v, const char *name)
{
    for (size_t i = 0; i < v->field_count; i++) {
        if (strcmp(v->fields[i].name, name) == 0) {
            return &v->fields[i];
        }
    }
    return NULL;
}

/* "name = value" or "name =". */
static void add_field(vectors *v, char *line)
{
    static const char name_characters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t length = strspn(line, name_characters);
    char *value = line + length;

    if (length == 0 || strncmp(value, " =", 2) != 0 || (value[2] != ' ' && value[2] != '\0')) {
        fail(v, v->line, "neither a comment, a [section] nor `name = value`");
    }
    *value = '\0';
    value += value[2] == ' ' ? 3 : 2;
    if (find_field(v, line) != NULL) {
        fail(v, v->line, "field %s twice in a block", line);
    }
    if (v->field_count == VECTORS_FIELDS_MAX) {
        fail(v, v->line, "more than %d fields in a block", VECTORS_FIELDS_MAX);
    }
    if (v->field_count == 0) {
        v->block_line = v->line;
    }
    v->fields[v->field_count++] = (vectors_field){.name = line, .value = value, .bytes = NULL};
}

static void enter_section(vectors *v, char *line)
{
    size_t length = strlen(line);

    if (length < 3 || line[length - 1] != ']') {
        fail(v, v->line, "malformed section");
    }
    line[length - 1] = '\0';
    v->section = line + 1;
}

bool vectors_next(vectors *v)
{
    char *line;

    v->field_count = 0;
    v->decoded_size = 0;
    while ((line = take_line(v)) != NULL) {
        if (line[0] == '#') {
            continue;
        }
        if (line[0] == '[') {
            if (v->field_count > 0) {
                fail(v, v->line, "a blank line must come before a section");
            }
            enter_section(v, line);
        } else if (line[0] != '\0') {
            add_field(v, line);
        } else if (v->field_count > 0) {
            break;
        }
    }
    if (v->field_count == 0) {
        return false;
    }
    v->block_count++;
    return true;
}

const char *vectors_section(const vectors *v)
{
    return v->section;
}

bool vectors_has(const vectors *v, const char *field)
{
    return find_field(v, field) != NULL;
}

const char *vectors_text(const vectors *v, const char *field)
{
    const vectors_field *found = find_field(v, field);

    if (found == NULL) {
        fail(v, v->block_line, "the block has no field %s", field);
    }
    return found->value;
}

static uint8_t hex_digit(const vectors *v, const char *field, char c)
{
    if (c >= '0' && c <= '9') {
        return (uint8_t)(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return (uint8_t)(c - 'a' + 10);
    }
    fail(v, v->block_line, "%s is not lower-case hex", field);
}

hf_span vectors_bytes(vectors *v, const char *field)
{
    const char *value = vectors_text(v, field);
    vectors_field *found = &v->fields[find_field(v, field) - v->fields];
    size_t size = strlen(value) / 2;

    if (strlen(value) % 2 != 0) {
        fail(v, v->block_line, "%s has an odd number of hex digits", field);
    }
    if (found->bytes == NULL) {
        found->bytes = v->decoded + v->decoded_size;
        v->decoded_size += size;
        for (size_t i = 0; i < size; i++) {
            found->bytes[i] = (uint8_t)(hex_digit(v, field, value[2 * i]) << 4 |
                                        hex_digit(v, field, value[2 * i + 1]));
        }
    }
    return (hf_span){.data = size > 0 ? found->bytes : NULL, .size = size};
}

uint64_t vectors_number(const vectors *v, const char *field)
{
    const char *value = vectors_text(v, field);
    size_t length = strlen(value);

    if (length == 0 || length > 18 || strspn(value, "0123456789") != length) {
        fail(v, v->block_line, "%s is not a decimal number", field);
    }
    return strtoull(value, NULL, 10);
}

const char *vectors_where(const vectors *v)
{
    static char where[128];

    (void)snprintf(where, sizeof where, "%s:%zu", v->name, v->block_line);
    return where;
}

void vectors_close(vectors *v)
{
    if (v->block_count == 0) {
        fail(v, v->line, "not a single block was read");
    }
    free(v->text);
    free(v->decoded);
    memset(v, 0, sizeof *v);
}
