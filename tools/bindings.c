#include "tools/bindings.h"

#include "tools/file.h"
#include "tools/subject.h"
#include "tools/tools.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r"

struct binding_entry {
    char *text; /* the line that host and protocols point into, or NULL */
    struct identity_list identities;
    struct anchor_list anchors; /* of its clients */
    hf_span protocols[OPTION_PROTOCOLS_MAX];
};

/* Where a complaint is about. */
struct line {
    const char *path;
    unsigned number;
};

static int refuse(const struct line *line, const char *what, const char *about)
{
    complain("%s:%u: %s: %s", line->path, line->number, about, what);
    return STATUS_USAGE;
}

static struct binding_entry *add_entry(struct bindings *bindings)
{
    struct binding_entry *entry = must_allocate(1, sizeof *entry);
    bindings->rows[bindings->count] = (hf_binding){.credentials = entry->identities.credentials};
    bindings->entries[bindings->count++] = entry;
    return entry;
}

static bool add_identity(struct bindings *bindings, const char *certificate, const char *key)
{
    struct identity_list *identities = &bindings->entries[bindings->count - 1]->identities;
    bool good = identity_list_add(identities, certificate, key);
    bindings->rows[bindings->count - 1].credentials_count = identities->count;
    return good;
}

int bindings_add_default(struct bindings *bindings, const struct pair_paths *pairs)
{
    add_entry(bindings);
    for (size_t i = 0; i < pairs->count; i++)
        if (!add_identity(bindings, pairs->certificates[i], pairs->keys[i]))
            return STATUS_OUTSIDE;
    return STATUS_DONE;
}

void bindings_staple(struct bindings *bindings, hf_span response)
{
    bindings->entries[0]->identities.credentials[0].ocsp_response = response;
}

static bool is_bound(const struct bindings *bindings, hf_span name)
{
    for (size_t i = 0; i < bindings->count; i++) {
        hf_span host = bindings->rows[i].host;
        if (host.size == name.size && memcmp(host.data, name.data, name.size) == 0)
            return true;
    }
    return false;
}

void bindings_add_names(struct bindings *bindings)
{
    hf_certificate leaf;
    hf_span name;
    const hf_binding *first = &bindings->rows[0];
    if (hf_certificate_read(&leaf, first->credentials[0].chain[0]) != HF_OK)
        return;
    for (size_t i = 0;
         bindings->count < BINDINGS_MAX && subject_dns_name(leaf.subject_alt_name, i, &name); i++) {
        if (!is_bound(bindings, name)) {
            bindings->rows[bindings->count] = *first;
            bindings->rows[bindings->count].host = name;
            bindings->entries[bindings->count++] = NULL; /* the first binding's */
        }
    }
}

/* `*` is the default binding, `*.example` a wildcard of one label. */
static bool set_host(hf_binding *row, const char *host)
{
    if (strcmp(host, "*") == 0)
        return true;
    const char *name = strncmp(host, "*.", 2) == 0 ? host + 2 : host;
    row->host = (hf_span){(const uint8_t *)host, strlen(host)};
    return hf_is_host_name((hf_span){(const uint8_t *)name, strlen(name)});
}

/* `name` beside the bindings file, in memory to free. */
static char *beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    size_t folder = name[0] == '/' || !slash ? 0 : (size_t)(slash - path) + 1;
    size_t size = strlen(name) + 1;
    char *joined = must_allocate(folder + size, 1);
    memcpy(joined, path, folder);
    memcpy(joined + folder, name, size);
    return joined;
}

static int set_protocols(hf_binding *row, struct binding_entry *entry, const struct line *line,
                         const char *text)
{
    row->protocols = entry->protocols;
    if (parse_protocols(text, entry->protocols, OPTION_PROTOCOLS_MAX, &row->protocol_count))
        return STATUS_DONE;
    return refuse(line, "alpn= takes protocols separated by commas", text);
}

static int set_client_auth(hf_binding *row, const struct line *line, const char *text)
{
    if (parse_client_auth(text, &row->client_auth))
        return STATUS_DONE;
    return refuse(line, "client-auth is off, request or require", text);
}

static int set_client_ca(hf_binding *row, struct binding_entry *entry, const struct line *line,
                         const char *name)
{
    char *path = beside(line->path, name);
    anchor_list_free(&entry->anchors);
    bool good = anchor_list_read(&entry->anchors, path);
    free(path);
    row->anchors = entry->anchors.items;
    row->anchor_count = entry->anchors.count;
    return good ? STATUS_DONE : STATUS_OUTSIDE;
}

/* What stands behind "name=", or NULL if that is not how the option begins. */
static const char *value_of(const char *option, const char *name)
{
    size_t size = strlen(name);
    return strncmp(option, name, size) == 0 && option[size] == '=' ? option + size + 1 : NULL;
}

static int set_option(hf_binding *row, struct binding_entry *entry, const struct line *line,
                      const char *option)
{
    const char *value;
    if ((value = value_of(option, "alpn")))
        return set_protocols(row, entry, line, value);
    if ((value = value_of(option, "client-auth")))
        return set_client_auth(row, line, value);
    if ((value = value_of(option, "client-ca")))
        return set_client_ca(row, entry, line, value);
    return refuse(line, "there is no such option", option);
}

static int load_pair(struct bindings *bindings, const struct line *line, const char *certificate,
                     const char *key)
{
    char *certificate_path = beside(line->path, certificate);
    char *key_path = beside(line->path, key);
    bool good = add_identity(bindings, certificate_path, key_path);
    free(certificate_path);
    free(key_path);
    return good ? STATUS_DONE : STATUS_OUTSIDE;
}

static int load_pairs(struct bindings *bindings, const struct line *line, char *certificates,
                      char *keys)
{
    char *certificate_rest, *key_rest;
    char *certificate = strtok_r(certificates, ",", &certificate_rest);
    char *key = strtok_r(keys, ",", &key_rest);
    int status = STATUS_DONE;
    for (size_t i = 0; certificate && key && status == STATUS_DONE; i++) {
        if (i == IDENTITIES_MAX)
            return refuse(line, "too many certificates for one host", certificate);
        status = load_pair(bindings, line, certificate, key);
        certificate = strtok_r(NULL, ",", &certificate_rest);
        key = strtok_r(NULL, ",", &key_rest);
    }
    if (status == STATUS_DONE && (certificate || key))
        return refuse(line, "certificates and keys are not equally many",
                      certificate ? certificate : key);
    return status;
}

static int read_line(struct bindings *bindings, const struct line *line, char *text)
{
    text[strcspn(text, "#")] = '\0';
    if (text[strspn(text, BLANKS)] == '\0')
        return STATUS_DONE;
    if (bindings->count == BINDINGS_MAX)
        return refuse(line, "too many bindings", text);
    struct binding_entry *entry = add_entry(bindings);
    hf_binding *row = &bindings->rows[bindings->count - 1];
    entry->text = must_copy(text);
    char *rest;
    char *host = strtok_r(entry->text, BLANKS, &rest);
    char *certificates = strtok_r(NULL, BLANKS, &rest);
    char *keys = strtok_r(NULL, BLANKS, &rest);
    if (!keys)
        return refuse(line, "a binding is a host, certificate files and key files", host);
    if (!set_host(row, host))
        return refuse(line, "not a host name, *.name or *", host);
    int status = load_pairs(bindings, line, certificates, keys);
    for (char *option; status == STATUS_DONE && (option = strtok_r(NULL, BLANKS, &rest));)
        status = set_option(row, entry, line, option);
    return status;
}

int bindings_read(struct bindings *bindings, const char *path)
{
    size_t size;
    char *text = (char *)file_read(path, &size);
    if (!text)
        return STATUS_OUTSIDE;
    struct line line = {.path = path, .number = 0};
    int status = STATUS_DONE;
    for (char *at = text, *next; at && status == STATUS_DONE; at = next) {
        next = strchr(at, '\n');
        if (next)
            *next++ = '\0';
        line.number++;
        status = read_line(bindings, &line, at);
    }
    free(text);
    return status;
}

static void free_entry(struct binding_entry *entry)
{
    if (!entry)
        return;
    identity_list_free(&entry->identities);
    anchor_list_free(&entry->anchors);
    free(entry->text);
    free(entry);
}

void bindings_free(struct bindings *bindings)
{
    for (size_t i = 0; i < bindings->count; i++)
        free_entry(bindings->entries[i]);
    bindings->count = 0;
}
