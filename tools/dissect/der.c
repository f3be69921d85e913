#include "tools/dissect/der.h"

#include "tools/dissect/oids.h"
#include "tools/subject.h"

#include <stdio.h>
#include <string.h>

#define NAME_TEXT_MAX 512
#define CUT_SHORT     "cut short"

/* Where an element stands. */
struct element {
    size_t start, content, end;
    bool is_whole;
};

int der_next_tag(const struct cursor *c)
{
    return cursor_left(c) ? c->message[c->at] : -1;
}

static void refuse(struct cursor *c, const char *field, const char *fault)
{
    if (c->is_broken)
        return;
    (void)take_rest(c, field);
    cursor_break(c, fault);
}

/* X.690 8.1.3: how many octets a length of several takes, 0 for the short form. */
static size_t long_form(uint8_t first)
{
    return first & 0x80 ? first & 0x7fu : 0;
}

/* Moves past the element if its head is whole. */
static bool find_element(struct cursor *c, const char *field, uint8_t tag, struct element *e)
{
    size_t left = cursor_left(c);
    const uint8_t *head = c->message + c->at;
    if (left > 0 && head[0] != tag) {
        refuse(c, field, "another tag was expected");
        return false;
    }
    size_t more = left > 1 ? long_form(head[1]) : 0;
    if (left < 2 + more) {
        refuse(c, field, CUT_SHORT);
        return false;
    }
    if (head[1] == 0x80 || more > 3) {
        refuse(c, field, "not a length of DER");
        return false;
    }
    size_t size = more ? 0 : head[1];
    for (size_t i = 0; i < more; i++)
        size = size << 8 | head[2 + i];
    *e = (struct element){.start = c->at, .content = c->at + 2 + more};
    e->is_whole = size <= c->end - e->content;
    e->end = e->is_whole ? e->content + size : c->end;
    c->at = e->end;
    return true;
}

static struct tree_node *add(struct cursor *c, enum tree_kind kind, const char *field,
                             const struct element *e)
{
    return tree_add(c->tree, c->parent, kind, field, e->start, e->end - e->start);
}

static hf_span content_of(const struct cursor *c, const struct element *e)
{
    return (hf_span){c->message + e->content, e->end - e->content};
}

static void finish(struct cursor *c, const struct element *e)
{
    if (!e->is_whole)
        cursor_break(c, CUT_SHORT);
}

struct cursor der_group(struct cursor *c, const char *field, uint8_t tag)
{
    struct element e;
    if (!find_element(c, field, tag, &e))
        return *c; /* broken */
    struct cursor inner = *c;
    inner.parent = add(c, TREE_GROUP, field, &e);
    inner.at = e.content;
    inner.end = e.end;
    finish(c, &e);
    return inner;
}

struct cursor der_enter(struct cursor *c, const char *field, uint8_t tag)
{
    struct element e;
    if (!find_element(c, field, tag, &e))
        return *c;
    if (!e.is_whole) {
        c->at = e.start;
        refuse(c, field, CUT_SHORT);
        return *c;
    }
    struct cursor inner = *c;
    inner.at = e.content;
    inner.end = e.end;
    return inner;
}

hf_span der_bytes(struct cursor *c, const char *field, uint8_t tag)
{
    struct element e;
    if (!find_element(c, field, tag, &e))
        return (hf_span){NULL, 0};
    hf_span bytes = add(c, TREE_BYTES, field, &e)->bytes = content_of(c, &e);
    finish(c, &e);
    return bytes;
}

void der_text(struct cursor *c, const char *field, uint8_t tag)
{
    struct element e;
    if (!find_element(c, field, tag, &e))
        return;
    tree_set_bytes_as_text(c->tree, add(c, TREE_TEXT, field, &e), content_of(c, &e));
    finish(c, &e);
}

hf_span der_any(struct cursor *c, const char *field)
{
    struct element e;
    int tag = der_next_tag(c);
    if (tag < 0 || !find_element(c, field, (uint8_t)tag, &e))
        return (hf_span){NULL, 0};
    hf_span bytes = {c->message + e.start, e.end - e.start};
    add(c, TREE_BYTES, field, &e)->bytes = bytes;
    finish(c, &e);
    return bytes;
}

hf_span der_bits(struct cursor *c, const char *field)
{
    struct element e;
    if (!find_element(c, field, TAG_BIT_STRING, &e))
        return (hf_span){NULL, 0};
    bool has_octets = e.end > e.content && c->message[e.content] == 0;
    e.content += has_octets;
    hf_span bytes = add(c, TREE_BYTES, field, &e)->bytes = content_of(c, &e);
    finish(c, &e);
    if (!has_octets)
        cursor_break(c, "not a BIT STRING of whole octets");
    return bytes;
}

uint32_t der_number(struct cursor *c, const char *field, uint8_t tag, code_name_function *name)
{
    struct element e;
    if (!find_element(c, field, tag, &e))
        return 0;
    hf_span content = content_of(c, &e);
    if (content.size == 0 || content.size > sizeof(uint32_t) || content.data[0] & 0x80) {
        add(c, TREE_BYTES, field, &e)->bytes = content;
        finish(c, &e);
        return UINT32_MAX;
    }
    uint32_t number = 0;
    for (size_t i = 0; i < content.size; i++)
        number = number << 8 | content.data[i];
    struct tree_node *node = add(c, name ? TREE_CODE : TREE_NUMBER, field, &e);
    node->width = 1;
    node->number = number;
    node->name = name ? name(number) : NULL;
    finish(c, &e);
    return number;
}

bool der_boolean(struct cursor *c, const char *field)
{
    struct element e;
    if (!find_element(c, field, TAG_BOOLEAN, &e))
        return false;
    hf_span content = content_of(c, &e);
    bool is_true = content.size == 1 && content.data[0] != 0;
    tree_set_text(c->tree, add(c, TREE_TEXT, field, &e), is_true ? "true" : "false");
    finish(c, &e);
    return is_true;
}

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ. */
static bool time_text(char text[32], hf_span time, bool has_century)
{
    char digits[16];
    size_t years = has_century ? 4 : 2;
    if (time.size != years + 11 || time.data[time.size - 1] != 'Z')
        return false;
    for (size_t i = 0; i < time.size - 1; i++)
        if (time.data[i] < '0' || time.data[i] > '9')
            return false;
    memcpy(digits, time.data, time.size);
    const char *century = has_century ? "" : digits[0] < '5' ? "20" : "19"; /* RFC 5280 4.1.2.5.1 */
    const char *rest = digits + years;
    snprintf(text, 32, "%s%.*s-%.2s-%.2s %.2s:%.2s:%.2s UTC", century, (int)years, digits, rest,
             rest + 2, rest + 4, rest + 6, rest + 8);
    return true;
}

void der_time(struct cursor *c, const char *field)
{
    struct element e;
    char text[32];
    bool has_century = der_next_tag(c) == TAG_GENERALIZED_TIME;
    if (!find_element(c, field, has_century ? TAG_GENERALIZED_TIME : TAG_UTC_TIME, &e))
        return;
    struct tree_node *node = add(c, TREE_TEXT, field, &e);
    if (time_text(text, content_of(c, &e), has_century)) {
        tree_set_text(c->tree, node, text);
    } else {
        tree_set_bytes_as_text(c->tree, node, content_of(c, &e));
        tree_mark(c->tree, node, "not a time");
    }
    finish(c, &e);
}

hf_span der_oid(struct cursor *c, const char *field)
{
    struct element e;
    char dotted[OID_TEXT_MAX];
    if (!find_element(c, field, TAG_OID, &e))
        return (hf_span){NULL, 0};
    hf_span oid = content_of(c, &e);
    const char *name = oid_name(oid);
    oid_dotted(dotted, oid);
    tree_set_text(c->tree, add(c, TREE_TEXT, field, &e), name ? name : dotted);
    finish(c, &e);
    return oid;
}

void der_name(struct cursor *c, const char *field)
{
    struct element e;
    char text[NAME_TEXT_MAX];
    if (!find_element(c, field, TAG_SEQUENCE, &e))
        return;
    subject_text(text, sizeof text, (hf_span){c->message + e.start, e.end - e.start});
    tree_set_text(c->tree, add(c, TREE_TEXT, field, &e), text);
    finish(c, &e);
}
