#include "tools/ladder.h"

#include <handfast/registry.h>

#include <string.h>

#define COLUMN_WIDTH 30
#define ARROW_WIDTH  18

/* One arrow; `what` stands in its sender's column, in brackets once its records are encrypted. */
static void draw_arrow(const struct ladder *ladder, FILE *out, hf_role sender, const char *what)
{
    char text[64];
    snprintf(text, sizeof text, ladder->protected_[sender] ? "[%s]" : "%s", what);
    char shaft[ARROW_WIDTH + 1];
    memset(shaft, '-', ARROW_WIDTH);
    shaft[ARROW_WIDTH] = '\0';
    if (sender == HF_CLIENT) {
        shaft[ARROW_WIDTH - 1] = '>';
        fprintf(out, "  %-*s %s\n", COLUMN_WIDTH, text, shaft);
    } else {
        shaft[0] = '<';
        fprintf(out, "  %-*s %s %s\n", COLUMN_WIDTH, "", shaft, text);
    }
}

static void draw_message(struct ladder *ladder, FILE *out, hf_role sender, const hf_event *event)
{
    if (event->offset != 0)
        return; /* a further piece of a message that is drawn already */
    char text[48];
    snprintf(text, sizeof text, "%s %u", hf_message_name(event->message), (unsigned)event->total);
    draw_arrow(ladder, out, sender, text);
}

static void draw_alert(const struct ladder *ladder, FILE *out, hf_role sender,
                       const hf_event *event)
{
    char text[64];
    snprintf(text, sizeof text, "%s %s",
             event->alert_level == HF_ALERT_LEVEL_FATAL ? "fatal" : "warning",
             hf_alert_name(event->alert));
    draw_arrow(ladder, out, sender, text);
}

void ladder_event(struct ladder *ladder, FILE *out, hf_role role, const hf_event *event)
{
    hf_role peer = role == HF_CLIENT ? HF_SERVER : HF_CLIENT;
    hf_role sender = event->sent ? role : peer;
    if (!ladder->begun) {
        ladder->begun = true;
        fprintf(out, "  %-*s %*s %s\n", COLUMN_WIDTH, "client", ARROW_WIDTH, "", "server");
    }
    switch (event->kind) {
    case HF_EVENT_MESSAGE:
        draw_message(ladder, out, sender, event);
        break;
    case HF_EVENT_CHANGE_KEYS:
        draw_arrow(ladder, out, sender, "ChangeCipherSpec");
        ladder->protected_[sender] = true;
        break;
    case HF_EVENT_ALERT:
        draw_alert(ladder, out, sender, event);
        break;
    case HF_EVENT_ESTABLISHED:
        fprintf(out, "  %-*s %*s %s\n", COLUMN_WIDTH, "= established", ARROW_WIDTH, "",
                "= established");
        break;
    case HF_EVENT_FAILED:
        fprintf(out, "  x the %s gives up\n", role == HF_CLIENT ? "client" : "server");
        break;
    case HF_EVENT_CLOSED:
    case HF_EVENT_KEY_LOG:
        break;
    }
    fflush(out);
}
