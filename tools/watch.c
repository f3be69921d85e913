#include "tools/watch.h"

#include "tools/keylog.h"

#define MESSAGE_CERTIFICATE 11 /* RFC 5246 7.4 */
#define MESSAGE_HEADER_SIZE 4

static void on_event(void *context, const struct hf_conn *conn, const hf_event *event)
{
    struct watch *watch = context;
    const struct watch_outputs *outputs = watch->outputs;
    if (event->kind == HF_EVENT_KEY_LOG) {
        keylog_write(outputs->keylog, event->random, event->bytes);
        return;
    }
    summary_update(&watch->summary, conn);
    if (event->kind == HF_EVENT_MESSAGE && !event->sent && event->message == MESSAGE_CERTIFICATE &&
        event->bytes.size == event->total && event->total > MESSAGE_HEADER_SIZE)
        summary_take_certificates(&watch->summary,
                                  (hf_span){event->bytes.data + MESSAGE_HEADER_SIZE,
                                            event->bytes.size - MESSAGE_HEADER_SIZE});
    if (event->kind == HF_EVENT_ESTABLISHED) {
        watch->summary.established = true;
        watch->summary.handshakes++;
    }
    if (outputs->ladder)
        ladder_event(&watch->ladder, outputs->ladder, hf_conn_role(conn), event);
    if (outputs->trace)
        trace_event(&watch->trace, outputs->trace, outputs->trace_json, conn, event);
}

void watch_init(struct watch *watch, const struct watch_outputs *outputs)
{
    *watch = (struct watch){.outputs = outputs};
    watch->observer =
        (hf_observer){.event = on_event, .context = watch, .key_log = outputs->keylog != NULL};
}

void watch_end(struct watch *watch)
{
    trace_end(&watch->trace);
}

bool watch_outputs_open(struct watch_outputs *outputs, const struct tls_options *options,
                        FILE *ladder)
{
    *outputs = (struct watch_outputs){.ladder = options->ladder ? ladder : NULL,
                                      .trace = options->trace ? stderr : NULL,
                                      .trace_json = options->trace_json};
    return keylog_open(options->keylog_path, &outputs->keylog);
}

void watch_outputs_close(struct watch_outputs *outputs)
{
    if (outputs->keylog)
        fclose(outputs->keylog);
}
