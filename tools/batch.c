/* `verify --batch`: a stream of path validation cases on standard input (docs/command.md), each
 * answered before the next is read. No case, however broken, ends the process. */
#include "tools/tools.h"

#include <handfast/x509.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_SIZE (4u << 20)
#define ITEMS_MAX     256
#define NAMES_MAX     16
#define ID_MAX        200

/* What the lines of a case have said. Texts and DER are owned. */
struct test_case {
    char id[ID_MAX];
    const char *fault;          /* what is wrong with the case itself, or NULL */
    const char *left_out;       /* what this build cannot check, or NULL */
    const char *left_out_lists; /* the same, where only revocation depends on it */
    hf_span chain[ITEMS_MAX];
    size_t chain_count; /* chain[0] is the leaf, empty until its line has come */
    hf_span anchors[ITEMS_MAX];
    size_t anchor_count;
    hf_span crls[ITEMS_MAX];
    size_t crl_count;
    char *names[NAMES_MAX]; /* with their type in front */
    size_t name_count;
    int64_t depth; /* most intermediates, -1: no limit */
    bool as_server, as_client, has_time;
    uint16_t key_usage;
    int64_t time;
};

/* ------------------------------------------------------------------ reading */

/* A line without its end, in memory to free; NULL at the end of the input. Of a line longer than
 * LINE_MAX_SIZE nothing is kept, and it reads as "!". */
static char *next_line(void)
{
    size_t size = 0, capacity = 256;
    char *line = must_allocate(capacity, 1);
    int c;
    while ((c = getchar()) != EOF && c != '\n') {
        if (size + 1 == capacity && capacity < LINE_MAX_SIZE) {
            char *larger = must_allocate(capacity * 2, 1);
            memcpy(larger, line, size);
            free(line);
            line = larger;
            capacity *= 2;
        }
        if (size + 1 < capacity)
            line[size] = (char)c;
        size++;
    }
    if (c == EOF && size == 0) {
        free(line);
        return NULL;
    }
    if (size >= capacity)
        memcpy(line, "!", 2);
    else
        line[size && line[size - 1] == '\r' ? size - 1 : size] = '\0';
    return line;
}

/* An empty span if the text is not hexadecimal. */
static hf_span read_hex(const char *text)
{
    size_t capacity = strlen(text) / 2, size;
    uint8_t *bytes = must_allocate(capacity, 1);
    if (parse_hex(text, bytes, capacity, &size) && size)
        return (hf_span){bytes, size};
    free(bytes);
    return (hf_span){NULL, 0};
}

static const char *add_item(hf_span *items, size_t *count, const char *text)
{
    if (*count == ITEMS_MAX)
        return "too many certificates";
    items[*count] = read_hex(text);
    return items[(*count)++].size ? NULL : "not hexadecimal";
}

static const char *set_leaf(struct test_case *test, const char *text)
{
    if (test->chain[0].size)
        return "two leaves";
    test->chain[0] = read_hex(text);
    return test->chain[0].size ? NULL : "not hexadecimal";
}

static const char *set_key_usage(struct test_case *test, const char *text)
{
    static const char *const bits[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                       "dataEncipherment", "keyAgreement",   "keyCertSign",
                                       "cRLSign",          "encipherOnly",   "decipherOnly"};
    for (unsigned i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (strcmp(bits[i], text) == 0) {
            test->key_usage = (uint16_t)(test->key_usage | 1u << i);
            return NULL;
        }
    return "unknown key usage";
}

static const char *set_extended_key_usage(struct test_case *test, const char *text)
{
    if (strcmp(text, "serverAuth") == 0)
        test->as_server = true;
    else if (strcmp(text, "clientAuth") == 0)
        test->as_client = true;
    else
        test->left_out = "extended key usages other than serverAuth and clientAuth";
    return NULL;
}

static const char *add_name(struct test_case *test, const char *text)
{
    const char *value = strchr(text, ' ');
    bool is_known = strncmp(text, "DNS ", 4) == 0 || strncmp(text, "IP ", 3) == 0 ||
                    strncmp(text, "RFC822 ", 7) == 0;
    if (!is_known || value[1] == '\0')
        return "unknown kind of name";
    if (test->name_count == NAMES_MAX)
        return "too many names";
    test->names[test->name_count++] = must_copy(text);
    return NULL;
}

/* Deltas and indirect lists are not used; what would be decided without them is no answer. */
static const char *add_crl(struct test_case *test, const char *text)
{
    const char *fault = add_item(test->crls, &test->crl_count, text);
    hf_crl_kind kind = fault ? HF_CRL_MALFORMED : hf_crl_kind_of(test->crls[test->crl_count - 1]);
    if (kind == HF_CRL_DELTA)
        test->left_out_lists = "delta CRLs";
    else if (kind == HF_CRL_INDIRECT)
        test->left_out_lists = "indirect CRLs";
    return fault;
}

static const char *set_depth(struct test_case *test, const char *text)
{
    return parse_number(text, 0, INT32_MAX, &test->depth) ? NULL : "not a number";
}

static const char *set_kind(const char *text)
{
    return strcmp(text, "SERVER") == 0 || strcmp(text, "CLIENT") == 0 ? NULL : "unknown kind";
}

static const char *set_time(struct test_case *test, const char *text)
{
    test->has_time = true;
    return parse_number(text, INT64_MIN, INT64_MAX, &test->time) ? NULL : "not a time";
}

/* NULL, or what is wrong with the item. */
static const char *take_item(struct test_case *test, const char *key, const char *value)
{
    if (strcmp(key, "kind") == 0)
        return set_kind(value);
    if (strcmp(key, "time") == 0)
        return set_time(test, value);
    if (strcmp(key, "name") == 0)
        return add_name(test, value);
    if (strcmp(key, "eku") == 0)
        return set_extended_key_usage(test, value);
    if (strcmp(key, "ku") == 0)
        return set_key_usage(test, value);
    if (strcmp(key, "anchor") == 0)
        return add_item(test->anchors, &test->anchor_count, value);
    if (strcmp(key, "inter") == 0)
        return add_item(test->chain, &test->chain_count, value);
    if (strcmp(key, "leaf") == 0)
        return set_leaf(test, value);
    if (strcmp(key, "crl") == 0)
        return add_crl(test, value);
    if (strcmp(key, "depth") == 0)
        return set_depth(test, value);
    return "unknown item";
}

static void read_case(struct test_case *test, const char *id)
{
    *test = (struct test_case){.chain_count = 1, .depth = -1};
    snprintf(test->id, sizeof test->id, "%s", id);
    bool ended = false;
    for (char *line; !ended && (line = next_line()); free(line)) {
        ended = strcmp(line, "end") == 0;
        if (ended || test->fault)
            continue;
        char *value = strchr(line, ' ');
        if (value)
            *value++ = '\0';
        test->fault = take_item(test, line, value ? value : "");
    }
    if (!test->fault && !test->chain[0].size)
        test->fault = "no leaf";
    if (!test->fault && !test->has_time)
        test->fault = "no time";
}

static void free_case(struct test_case *test)
{
    for (size_t i = 0; i < test->chain_count; i++)
        free((uint8_t *)test->chain[i].data);
    for (size_t i = 0; i < test->anchor_count; i++)
        free((uint8_t *)test->anchors[i].data);
    for (size_t i = 0; i < test->crl_count; i++)
        free((uint8_t *)test->crls[i].data);
    for (size_t i = 0; i < test->name_count; i++)
        free(test->names[i]);
}

/* ------------------------------------------------------------------ judging */

/* "DNS host", "IP address" or "RFC822 mailbox". */
static bool has_name(const hf_certificate *leaf, const char *name)
{
    const char *value = strchr(name, ' ') + 1;
    const hf_span span = {(const uint8_t *)value, strlen(value)};
    return name[0] == 'R' ? hf_certificate_has_mailbox(leaf, span)
                          : hf_certificate_has_name(leaf, span);
}

static hf_error validate(const struct test_case *test, const hf_policy *policy,
                         const hf_trust_anchor *anchors, hf_purpose purpose)
{
    const hf_path_rules rules = {
        .anchors = anchors,
        .anchor_count = test->anchor_count,
        .time = test->time,
        .purpose = purpose,
        .key_usage = test->key_usage,
        .rsa_bits_min = policy->rsa_bits_min,
        .allow_sha1 = policy->allow_sha1,
        .crls = test->crls,
        .crl_count = test->crl_count,
        .length_max =
            (uint8_t)(test->depth >= 0 && test->depth < HF_CHAIN_MAX ? test->depth + 1 : 0),
    };
    hf_path path;
    hf_error error = hf_path_begin(&path, &rules, test->chain, test->chain_count);
    while (error == HF_AGAIN)
        error = hf_path_step(&path);
    for (size_t i = 0; error == HF_OK && i < test->name_count; i++)
        if (!has_name(hf_path_leaf(&path), test->names[i]))
            error = HF_ERROR_CERTIFICATE_NAME_MISMATCH;
    return error;
}

static hf_error judge(const struct test_case *test, const hf_policy *policy)
{
    hf_trust_anchor anchors[ITEMS_MAX] = {0};
    for (size_t i = 0; i < test->anchor_count; i++)
        anchors[i].certificate = test->anchors[i];
    hf_error error = HF_OK;
    if (test->as_server || !test->as_client)
        error =
            validate(test, policy, anchors, test->as_server ? HF_PURPOSE_SERVER : HF_PURPOSE_ANY);
    if (error == HF_OK && test->as_client)
        error = validate(test, policy, anchors, HF_PURPOSE_CLIENT);
    return error;
}

static bool is_about_revocation(hf_error error)
{
    return error == HF_ERROR_CERTIFICATE_REVOKED || error == HF_ERROR_CERTIFICATE_STATUS_UNKNOWN ||
           error == HF_ERROR_CERTIFICATE_STATUS_STALE;
}

/* What this build leaves out matters only where the rest would be accepted. */
static void answer(const struct test_case *test, const hf_policy *policy)
{
    hf_error error = test->fault ? HF_OK : judge(test, policy);
    const char *left_out = test->left_out;
    if (test->left_out_lists && (error == HF_OK || is_about_revocation(error))) {
        left_out = test->left_out_lists;
        error = HF_OK;
    }
    if (test->fault)
        printf("%s REJECT the case is malformed: %s\n", test->id, test->fault);
    else if (error != HF_OK)
        printf("%s REJECT %s\n", test->id, hf_reason_of(error)->symbol);
    else if (left_out)
        printf("%s SKIP this build leaves out %s\n", test->id, left_out);
    else
        printf("%s ACCEPT\n", test->id);
    fflush(stdout);
}

int batch_run(const hf_policy *policy)
{
    static struct test_case test;
    for (char *line; (line = next_line()); free(line)) {
        if (strncmp(line, "case ", 5) != 0)
            continue;
        read_case(&test, line + 5);
        answer(&test, policy);
        free_case(&test);
    }
    return STATUS_DONE;
}
