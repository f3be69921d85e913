#include "tools/failure.h"

#include "tools/tools.h"

#include <handfast/registry.h>

#include <stdio.h>
#include <string.h>

/* Adds a part to the bracket at the end of the line. */
static void add_part(char *parts, size_t capacity, const char *part)
{
    size_t used = strlen(parts);
    snprintf(parts + used, capacity - used, "%s%s", used ? "; " : " (", part);
}

/* The message being read or written, or the row of the ladder that was waited for. */
static const char *place(const hf_failure *failure)
{
    if (failure->message != HF_NO_MESSAGE)
        return hf_message_name(failure->message);
    hf_flow_row row;
    return hf_flow_at(failure->step, &row) ? row.name : NULL;
}

void failure_line(char line[FAILURE_LINE_MAX], const hf_failure *failure)
{
    const hf_reason *reason = hf_reason_of(failure->reason);
    char parts[160] = "", part[96];
    if (reason->section[0])
        add_part(parts, sizeof parts, reason->section);
    if (failure->alert != HF_ALERT_NONE) {
        snprintf(part, sizeof part, "alert %u %s %s", failure->alert, hf_alert_name(failure->alert),
                 failure->alert_received ? "received" : "sent");
        add_part(parts, sizeof parts, part);
    }
    const char *where = place(failure);
    if (where) {
        snprintf(part, sizeof part, "at %s", where);
        add_part(parts, sizeof parts, part);
    }
    snprintf(line, FAILURE_LINE_MAX, "%s: %s%s%s", reason->symbol, reason->sentence, parts,
             parts[0] ? ")" : "");
}

json_t *failure_json(const hf_failure *failure)
{
    const hf_reason *reason = hf_reason_of(failure->reason);
    json_t *object = json_object();
    json_object_set_new(object, "reason", json_string(reason->symbol));
    json_object_set_new(object, "sentence", json_string(reason->sentence));
    json_object_set_new(object, "section", json_string(reason->section));
    if (failure->alert != HF_ALERT_NONE) {
        json_object_set_new(object, "alert", json_string(hf_alert_name(failure->alert)));
        json_object_set_new(object, "alert_code", json_integer(failure->alert));
        json_object_set_new(object, "alert_received", json_boolean(failure->alert_received));
    }
    const char *where = place(failure);
    if (where)
        json_object_set_new(object, "message", json_string(where));
    if (failure->message != HF_NO_MESSAGE)
        json_object_set_new(object, "offset", json_integer(failure->offset));
    if (failure->certificate != HF_NO_CERTIFICATE)
        json_object_set_new(object, "certificate", json_integer(failure->certificate));
    return object;
}

hf_failure failure_of_error(hf_error error)
{
    return (hf_failure){.reason = error,
                        .alert = HF_ALERT_NONE,
                        .step = HF_NO_STEP,
                        .message = HF_NO_MESSAGE,
                        .certificate = HF_NO_CERTIFICATE};
}

int failure_report(const hf_failure *failure, const char *subject)
{
    char line[FAILURE_LINE_MAX];
    failure_line(line, failure);
    complain("%s", line);
    if (failure->certificate != HF_NO_CERTIFICATE)
        fprintf(stderr, "  certificate %u of the peer's chain (its own is 0)%s%s\n",
                failure->certificate, subject[0] ? ": " : "", subject);
    if (failure->offset)
        fprintf(stderr, "  at byte %u\n", (unsigned)failure->offset);
    const hf_reason *reason = hf_reason_of(failure->reason);
    fprintf(stderr, "  `handfast explain %s` says more\n", reason->symbol);
    return reason->class_ == HF_CLASS_MISUSE ? STATUS_USAGE : STATUS_TLS;
}

int failure_report_error(hf_error error)
{
    hf_failure failure = failure_of_error(error);
    return failure_report(&failure, "");
}
