/* A table that is printed either as aligned text or as JSON. */
#ifndef TOOLS_TABLE_H
#define TOOLS_TABLE_H

#include <jansson.h>
#include <stdbool.h>

/* Parses the arguments of a verb that takes nothing but --json. */
bool table_wants_json(int argc, char **argv, const char *purpose);

/* Prints an array of flat objects, `columns` giving the keys of the text form, NULL at the end,
 * and lets go of it. Returns the exit status. */
int table_print(json_t *rows, const char *const *columns, bool as_json);

/* The same, always as JSON. */
int table_print_json(json_t *rows);

/* The code point as it stands in registries, such as "0xC02B". */
json_t *table_code(unsigned code);

/* Lists of the names used in tables. */
const char *table_hash_name(unsigned hash);
const char *table_class_name(unsigned reason_class);

#endif
