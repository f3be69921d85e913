#include "tools/subject.h"

#include "tools/dissect/oids.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PARTS_MAX 32 /* relative distinguished names that are shown */

#define DER_OID              0x06
#define DER_UTF8_STRING      0x0c
#define DER_PRINTABLE_STRING 0x13
#define DER_IA5_STRING       0x16

/* Where text grows to; full once it has no room for one more character and the final NUL. */
struct text {
    char *at;
    size_t left;
};

static void put(struct text *out, const char *string)
{
    for (; *string && out->left > 1; string++, out->left--)
        *out->at++ = *string;
    *out->at = '\0';
}

static void put_hex(struct text *out, const char *before, uint8_t byte)
{
    char hex[4];
    snprintf(hex, sizeof hex, "%s%02X", before, byte);
    put(out, hex);
}

/* ------------------------------------------------------------------ DER */

/* Takes the first value off `rest`; false at the end or at something that is no DER. The
 * certificate has been read before, so that only the end occurs. */
static bool take(hf_span *rest, uint8_t *tag, hf_span *content)
{
    if (rest->size < 2)
        return false;
    size_t header = 2, size = rest->data[1];
    if (size > 0x80 && size <= 0x82) {
        header += size - 0x80;
        if (rest->size < header)
            return false;
        size = 0;
        for (size_t i = 2; i < header; i++)
            size = size << 8 | rest->data[i];
    } else if (size >= 0x80) {
        return false;
    }
    if (size > rest->size - header)
        return false;
    *tag = rest->data[0];
    *content = (hf_span){rest->data + header, size};
    *rest = (hf_span){rest->data + header + size, rest->size - header - size};
    return true;
}

/* ------------------------------------------------------------------ RFC 4514 */

/* The names of RFC 4514 3; other types are shown by number, and their values in hexadecimal. */
static const char *type_name(hf_span oid)
{
    static const struct {
        const char *name;
        uint8_t size;
        uint8_t oid[10];
    } types[] = {
        {"CN", 3, {0x55, 4, 3}},
        {"L", 3, {0x55, 4, 7}},
        {"ST", 3, {0x55, 4, 8}},
        {"O", 3, {0x55, 4, 10}},
        {"OU", 3, {0x55, 4, 11}},
        {"C", 3, {0x55, 4, 6}},
        {"STREET", 3, {0x55, 4, 9}},
        {"DC", 10, {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25}},
        {"UID", 10, {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1}},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (oid.size == types[i].size && memcmp(oid.data, types[i].oid, oid.size) == 0)
            return types[i].name;
    return NULL;
}

/* RFC 4514 2.4; what is not visible ASCII is escaped byte by byte. */
static void put_string(struct text *out, hf_span string)
{
    for (size_t i = 0; i < string.size; i++) {
        uint8_t c = string.data[i];
        bool at_edge = i == 0 || i == string.size - 1;
        char plain[3] = {(char)c, '\0', '\0'};
        if (c < ' ' || c > '~' || (c == ' ' && at_edge)) {
            put_hex(out, "\\", c);
        } else if (strchr("\"+,;<>\\", c) || (c == '#' && i == 0)) {
            plain[0] = '\\';
            plain[1] = (char)c;
            put(out, plain);
        } else {
            put(out, plain);
        }
    }
}

static void put_attribute(struct text *out, hf_span attribute)
{
    uint8_t tag;
    hf_span oid, string, rest = attribute;
    if (!take(&rest, &tag, &oid) || tag != DER_OID)
        return;
    hf_span value = rest;
    if (!take(&rest, &tag, &string))
        return;
    const char *name = type_name(oid);
    char dotted[OID_TEXT_MAX];
    oid_dotted(dotted, oid);
    put(out, name ? name : dotted);
    put(out, "=");
    if (name && (tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING)) {
        put_string(out, string);
        return;
    }
    put(out, "#");
    for (size_t i = 0; i < value.size && out->left > 1; i++)
        put_hex(out, "", value.data[i]);
}

/* The last relative distinguished name comes first (RFC 4514 2.1). */
void subject_text(char *text, size_t capacity, hf_span name)
{
    struct text out = {text, capacity};
    hf_span rest, parts[PARTS_MAX], attribute;
    uint8_t tag;
    size_t count = 0;
    put(&out, "");
    if (!take(&name, &tag, &rest))
        return;
    while (count < PARTS_MAX && take(&rest, &tag, &parts[count]))
        count++;
    if (rest.size)
        put(&out, "...,");
    while (count-- > 0) {
        for (bool first = true; take(&parts[count], &tag, &attribute); first = false) {
            if (!first)
                put(&out, "+");
            put_attribute(&out, attribute);
        }
        put(&out, count ? "," : "");
    }
}

#define TAG_DNS_NAME 0x82 /* GeneralName dNSName [2], RFC 5280 4.2.1.6 */

bool subject_dns_name(hf_span subject_alt_name, size_t index, hf_span *name)
{
    uint8_t tag;
    hf_span names;
    if (!take(&subject_alt_name, &tag, &names))
        return false;
    while (take(&names, &tag, name))
        if (tag == TAG_DNS_NAME && index-- == 0)
            return true;
    return false;
}
