#include "tools/trace.h"

#include "tools/failure.h"
#include "tools/tree_json.h"

#include <handfast/registry.h>

#include <stdlib.h>
#include <string.h>

#define INDENT 4

static const char *kind_name(hf_event_kind kind)
{
    switch (kind) {
    case HF_EVENT_MESSAGE:
        return "message";
    case HF_EVENT_CHANGE_KEYS:
        return "change_cipher_spec";
    case HF_EVENT_ALERT:
        return "alert";
    case HF_EVENT_ESTABLISHED:
        return "established";
    case HF_EVENT_FAILED:
        return "failed";
    case HF_EVENT_CLOSED:
        return "closed";
    case HF_EVENT_KEY_LOG:
        break;
    }
    return "event";
}

static bool has_direction(hf_event_kind kind)
{
    return kind == HF_EVENT_MESSAGE || kind == HF_EVENT_CHANGE_KEYS || kind == HF_EVENT_ALERT;
}

/* ------------------------------------------------------------------ messages */

static void print_message(FILE *out, bool sent, const struct trace_message *message,
                          const struct tree *tree)
{
    fprintf(out, "%s %s, %u bytes", sent ? "sent" : "received", hf_message_name(message->type),
            (unsigned)message->total);
    if (message->size < message->total)
        fprintf(out, ", of which %zu %s", message->size, sent ? "went" : "came");
    fputc('\n', out);
    tree_print(tree, out, INDENT);
}

static void print_message_json(FILE *out, bool sent, const struct trace_message *message,
                               const struct tree *tree)
{
    json_t *object = json_object();
    json_object_set_new(object, "event", json_string("message"));
    json_object_set_new(object, "sent", json_boolean(sent));
    json_object_set_new(object, "message", json_string(hf_message_name(message->type)));
    json_object_set_new(object, "type", json_integer(message->type));
    json_object_set_new(object, "total", json_integer(message->total));
    json_object_set_new(object, "offset", json_integer(0));
    json_object_set_new(object, "bytes", tree_json_hex((hf_span){message->bytes, message->size}));
    json_object_set_new(object, "malformed", json_boolean(tree->is_malformed));
    json_object_set_new(object, "fields", tree_json(tree));
    json_dumpf(object, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(object);
}

/* Shows what there is of a message, and forgets it. */
static void show_message(struct trace *trace, FILE *out, bool json, bool sent,
                         struct trace_message *message)
{
    if (!message->total)
        return;
    struct tree tree;
    dissect_message(&tree, &trace->context, (hf_span){message->bytes, message->size});
    tree.is_incomplete = tree.is_incomplete || message->is_lost;
    (json ? print_message_json : print_message)(out, sent, message, &tree);
    tree_free(&tree);
    free(message->bytes);
    *message = (struct trace_message){0};
}

static void gather(struct trace_message *message, const hf_event *event)
{
    if (event->offset == 0) {
        free(message->bytes);
        *message = (struct trace_message){.type = event->message, .total = event->total};
    }
    size_t size = message->size + event->bytes.size;
    uint8_t *bytes = message->is_lost || size == 0 ? NULL : realloc(message->bytes, size);
    if (!bytes) {
        message->is_lost = true;
        return;
    }
    memcpy(bytes + message->size, event->bytes.data, event->bytes.size);
    message->bytes = bytes;
    message->size = size;
}

static void trace_message(struct trace *trace, FILE *out, bool json, const hf_event *event)
{
    struct trace_message *message = event->sent ? &trace->sent : &trace->received;
    gather(message, event);
    if (event->offset + event->bytes.size >= event->total)
        show_message(trace, out, json, event->sent, message);
}

/* ------------------------------------------------------------------ other events */

static void trace_text(FILE *out, const hf_conn *conn, const hf_event *event)
{
    const char *direction = event->sent ? "sent" : "received";
    if (event->kind == HF_EVENT_ALERT) {
        fprintf(out, "%s alert %u %s, %s\n", direction, event->alert, hf_alert_name(event->alert),
                event->alert_level == HF_ALERT_LEVEL_FATAL ? "fatal" : "warning");
    } else if (has_direction(event->kind)) {
        fprintf(out, "%s %s\n", direction, kind_name(event->kind));
    } else if (event->kind == HF_EVENT_FAILED) {
        char line[FAILURE_LINE_MAX];
        failure_line(line, hf_conn_failure(conn));
        fprintf(out, "failed: %s\n", line);
    } else {
        fprintf(out, "%s\n", kind_name(event->kind));
    }
}

static void trace_json(FILE *out, const hf_conn *conn, const hf_event *event)
{
    json_t *object = json_object();
    json_object_set_new(object, "event", json_string(kind_name(event->kind)));
    if (has_direction(event->kind))
        json_object_set_new(object, "sent", json_boolean(event->sent));
    if (event->kind == HF_EVENT_ALERT) {
        json_object_set_new(object, "level", json_integer(event->alert_level));
        json_object_set_new(object, "alert", json_integer(event->alert));
        json_object_set_new(object, "name", json_string(hf_alert_name(event->alert)));
    }
    if (event->kind == HF_EVENT_FAILED)
        json_object_update_new(object, failure_json(hf_conn_failure(conn)));
    json_dumpf(object, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(object);
}

void trace_event(struct trace *trace, FILE *out, bool json, const hf_conn *conn,
                 const hf_event *event)
{
    if (event->kind == HF_EVENT_MESSAGE) {
        trace_message(trace, out, json, event);
    } else {
        if (event->kind == HF_EVENT_FAILED) {
            show_message(trace, out, json, true, &trace->sent);
            show_message(trace, out, json, false, &trace->received);
        }
        (json ? trace_json : trace_text)(out, conn, event);
    }
    fflush(out);
}

void trace_end(struct trace *trace)
{
    free(trace->received.bytes);
    free(trace->sent.bytes);
    *trace = (struct trace){0};
}
