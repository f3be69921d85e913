/* The verb `explain`: what a reason or an alert means, what lies behind it, what to try. */
#include "tools/explain.h"

#include "tools/explain_texts.h"
#include "tools/paragraph.h"
#include "tools/tools.h"

#include <handfast/error.h>
#include <handfast/registry.h>

#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum reason_text {
#define TEXT_POSITION(symbol, causes, remedy) REASON_TEXT_##symbol,
    EXPLAIN_REASONS(TEXT_POSITION)
#undef TEXT_POSITION
};
static const struct explain_text reason_texts[] = {
#define TEXT(symbol, causes, remedy) {causes, remedy},
    EXPLAIN_REASONS(TEXT)
#undef TEXT
};

/* Through the library's own list, so that a reason without a text does not compile. */
static const uint8_t reason_positions[HF_ERROR_END] = {
#define POSITION(symbol, class, alert, section, sentence) \
    [HF_ERROR_##symbol] = REASON_TEXT_##symbol,
    HF_REASONS(POSITION)
#undef POSITION
};

enum alert_text {
#define TEXT_POSITION(symbol, meaning, remedy) ALERT_TEXT_##symbol,
    EXPLAIN_ALERTS(TEXT_POSITION)
#undef TEXT_POSITION
};
static const struct explain_text alert_texts[] = {
#define TEXT(symbol, meaning, remedy) {meaning, remedy},
    EXPLAIN_ALERTS(TEXT)
#undef TEXT
};
static const struct alert {
    uint8_t code, position;
    const char *name, *section;
} alerts[] = {
#define ALERT(symbol, code, name, section) {code, ALERT_TEXT_##symbol, name, section},
    HF_ALERTS(ALERT)
#undef ALERT
};

const struct explain_text *explain_reason_text(hf_error error)
{
    return &reason_texts[reason_positions[error]];
}

/* ------------------------------------------------------------------ printing */

static void put_paragraph(const char *heading, const char *text)
{
    printf("\n%s\n", heading);
    paragraph_print(stdout, text);
}

static const char *class_meaning(hf_reason_class reason_class)
{
    switch (reason_class) {
    case HF_CLASS_MISUSE:
        return "misuse: the application called or configured something wrongly";
    case HF_CLASS_LOCAL:
        return "local: something on this side gave out";
    case HF_CLASS_MISBEHAVED:
        return "misbehaved: the peer broke a rule of the protocol";
    case HF_CLASS_INCOMPATIBLE:
        return "incompatible: both sides keep the rules, but have nothing in common";
    case HF_CLASS_UNTRUSTED:
        return "untrusted: the peer's certificate was refused";
    case HF_CLASS_ENDED:
        break;
    }
    return "ended: the peer or the transport ended the connection";
}

static void explain_reason(const hf_reason *reason)
{
    const struct explain_text *text = explain_reason_text(reason->error);
    printf("%s\n%s\n\n", reason->symbol, reason->sentence);
    printf("  class    %s\n", class_meaning(reason->class_));
    if (reason->alert == HF_ALERT_NONE)
        puts("  alert    none is sent");
    else
        printf("  alert    %u %s\n", reason->alert, hf_alert_name(reason->alert));
    printf("  section  %s\n", reason->section[0] ? reason->section : "none");
    put_paragraph("Usual causes", text->causes);
    put_paragraph("What to try", text->remedy);
}

static void explain_alert(const struct alert *alert)
{
    const struct explain_text *text = &alert_texts[alert->position];
    printf("alert %u %s\n\n  section  %s\n", alert->code, alert->name, alert->section);
    put_paragraph("What it says", text->causes);
    put_paragraph("What to try when a peer sends it", text->remedy);
    bool first = true;
    for (int error = HF_WAITING + 1; error < HF_ERROR_END; error++) {
        const hf_reason *reason = hf_reason_of((hf_error)error);
        if (reason->alert != alert->code)
            continue;
        if (first)
            puts("\nHandfast sends it for");
        first = false;
        printf("  %-34s %s\n", reason->symbol, reason->sentence);
    }
}

/* ------------------------------------------------------------------ looking up */

static const hf_reason *find_reason(const char *name)
{
    if (strncasecmp(name, "HF_ERROR_", 9) == 0)
        name += 9;
    for (int error = HF_WAITING + 1; error < HF_ERROR_END; error++) {
        const hf_reason *reason = hf_reason_of((hf_error)error);
        if (strcasecmp(reason->symbol, name) == 0)
            return reason;
    }
    return NULL;
}

/* By number, or by name with or without its "_RESERVED". */
static const struct alert *find_alert(const char *name)
{
    int64_t code = -1;
    bool is_number = parse_number(name, 0, UINT8_MAX, &code);
    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        size_t bare = strcspn(alerts[i].name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        bool is_bare = strlen(name) + 1 == bare && strncasecmp(alerts[i].name, name, bare - 1) == 0;
        if (is_number ? alerts[i].code == code : strcasecmp(alerts[i].name, name) == 0 || is_bare)
            return &alerts[i];
    }
    return NULL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    const char **name = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (*name)
            argp_error(state, "one REASON or ALERT is enough: \"%s\"", argument);
        *name = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "REASON or ALERT is missing; `handfast reasons` lists the reasons");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int verb_explain(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "REASON|ALERT",
        .doc =
            "Says what a failure reason or an alert (by name or number) means, what usually lies "
            "behind it and what to try. A name that is both is explained as both."};
    const char *name = NULL;
    argp_parse(&argp, argc, argv, 0, NULL, &name);
    const hf_reason *reason = find_reason(name);
    const struct alert *alert = find_alert(name);
    if (!reason && !alert) {
        complain("\"%s\" is neither a reason (`handfast reasons`) nor an alert", name);
        return STATUS_USAGE;
    }
    if (reason)
        explain_reason(reason);
    if (reason && alert)
        putchar('\n');
    if (alert)
        explain_alert(alert);
    return STATUS_DONE;
}
