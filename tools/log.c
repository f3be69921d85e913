#include "tools/log.h"

#include "tools/failure.h"

#include <string.h>

/* An identity counts only where the handshake has proven it. */
static const char *psk_of(const struct summary *summary)
{
    return summary->established ? summary->psk_identity : "";
}

/* ------------------------------------------------------------------ text */

static const char *or_dash(const char *text)
{
    return text[0] ? text : "-";
}

static void put_quoted(FILE *out, const char *label, const char *text)
{
    if (text[0])
        fprintf(out, ", %s \"%s\"", label, text);
}

/* Scripts read this line: what is added goes before the colon. The binding is said where it is
 * neither the default one nor that of the very name. */
void log_text(FILE *out, const struct log_entry *entry)
{
    const struct summary *s = entry->summary;
    char line[FAILURE_LINE_MAX];
    fprintf(out, "%s %s %s %s %s %s %s %llu in %llu out%s%s", entry->peer, or_dash(s->server_name),
            s->version ? hf_version_name(s->version) : "-", s->suite ? s->suite->name : "-",
            s->group ? s->group->name : "-", s->scheme ? s->scheme->name : "-",
            or_dash(s->protocol), (unsigned long long)entry->received,
            (unsigned long long)entry->sent, s->resumed ? ", resumed" : "",
            s->handshakes > 1 ? ", renegotiated" : "");
    if (strcmp(s->binding, "*") != 0 && strcmp(s->binding, s->server_name) != 0)
        put_quoted(out, "binding", s->binding);
    put_quoted(out, "client", summary_client(s));
    put_quoted(out, "psk", psk_of(s));
    if (entry->failure)
        failure_line(line, entry->failure);
    fprintf(out, ": %s\n",
            entry->failure     ? line
            : entry->timed_out ? "closed for being idle"
                               : "closed");
}

/* ------------------------------------------------------------------ JSON */

static void set(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, text && text[0] ? json_string(text) : json_null());
}

void log_json(FILE *out, const struct log_entry *entry)
{
    const struct summary *s = entry->summary;
    json_t *object = json_object();
    set(object, "peer", entry->peer);
    set(object, "server_name", s->server_name);
    set(object, "binding", s->binding);
    set(object, "version", s->version ? hf_version_name(s->version) : NULL);
    set(object, "suite", s->suite ? s->suite->name : NULL);
    set(object, "group", s->group ? s->group->name : NULL);
    set(object, "scheme", s->scheme ? s->scheme->name : NULL);
    set(object, "protocol", s->protocol);
    set(object, "client", summary_client(s));
    set(object, "psk", psk_of(s));
    json_object_set_new(object, "established", json_boolean(s->established));
    json_object_set_new(object, "resumed", json_boolean(s->resumed));
    json_object_set_new(object, "handshakes", json_integer(s->handshakes));
    json_object_set_new(object, "received", json_integer((json_int_t)entry->received));
    json_object_set_new(object, "sent", json_integer((json_int_t)entry->sent));
    json_object_set_new(object, "idle", json_boolean(entry->timed_out));
    json_object_set_new(object, "failure",
                        entry->failure ? failure_json(entry->failure) : json_null());
    json_dumpf(object, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(object);
}
