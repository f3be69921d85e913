#include "tools/trace.h"

#include <handfast/registry.h>

#include <jansson.h>
#include <stdlib.h>

#define BYTES_PER_LINE 32

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

static void print_bytes(FILE *out, const hf_event *event)
{
    for (size_t i = 0; i < event->bytes.size; i++) {
        if (i % BYTES_PER_LINE == 0)
            fprintf(out, "%s  %06zx ", i ? "\n" : "", (size_t)event->offset + i);
        fprintf(out, " %02x", event->bytes.data[i]);
    }
    if (event->bytes.size)
        fputc('\n', out);
}

static void trace_text(FILE *out, const hf_event *event)
{
    const char *direction = event->sent ? "sent" : "received";
    if (event->kind == HF_EVENT_MESSAGE) {
        if (event->offset == 0)
            fprintf(out, "%s %s, %u bytes\n", direction, hf_message_name(event->message),
                    (unsigned)event->total);
        print_bytes(out, event);
    } else if (event->kind == HF_EVENT_ALERT) {
        fprintf(out, "%s alert %u %s, %s\n", direction, event->alert, hf_alert_name(event->alert),
                event->alert_level == HF_ALERT_LEVEL_FATAL ? "fatal" : "warning");
    } else if (has_direction(event->kind)) {
        fprintf(out, "%s %s\n", direction, kind_name(event->kind));
    } else {
        fprintf(out, "%s\n", kind_name(event->kind));
    }
}

static json_t *hex(hf_span bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(bytes.size * 2 + 1);
    if (!text)
        return NULL;
    for (size_t i = 0; i < bytes.size; i++) {
        text[2 * i] = digits[bytes.data[i] >> 4];
        text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    json_t *value = json_stringn(text, bytes.size * 2);
    free(text);
    return value;
}

static void trace_json(FILE *out, const hf_event *event)
{
    json_t *object = json_object();
    json_object_set_new(object, "event", json_string(kind_name(event->kind)));
    if (has_direction(event->kind))
        json_object_set_new(object, "sent", json_boolean(event->sent));
    if (event->kind == HF_EVENT_MESSAGE) {
        json_object_set_new(object, "message", json_string(hf_message_name(event->message)));
        json_object_set_new(object, "type", json_integer(event->message));
        json_object_set_new(object, "total", json_integer(event->total));
        json_object_set_new(object, "offset", json_integer(event->offset));
        json_object_set_new(object, "bytes", hex(event->bytes));
    }
    if (event->kind == HF_EVENT_ALERT) {
        json_object_set_new(object, "level", json_integer(event->alert_level));
        json_object_set_new(object, "alert", json_integer(event->alert));
        json_object_set_new(object, "name", json_string(hf_alert_name(event->alert)));
    }
    json_dumpf(object, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(object);
}

void trace_event(FILE *out, bool json, const hf_event *event)
{
    if (json)
        trace_json(out, event);
    else
        trace_text(out, event);
    fflush(out);
}
