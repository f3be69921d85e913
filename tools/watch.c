#include "tools/watch.h"

#include "tools/capture_write.h"
#include "tools/keylog.h"
#include "tools/ladder.h"
#include "tools/net.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_CERTIFICATE  11 /* RFC 5246 7.4 */
#define MESSAGE_CLIENT_HELLO 1
#define MESSAGE_HEADER_SIZE  4

static void write_down(struct watch *watch, const hf_conn *conn, const hf_event *event)
{
    const struct watch_outputs *outputs = watch->outputs;
    struct journal_entry entry;
    bool is_first = !watch->journal.has_begun;
    if (!journal_entry_of(&watch->journal, conn, event, net_microseconds(), &entry))
        return;
    if (outputs->ladder && is_first)
        ladder_begin(outputs->ladder);
    if (outputs->ladder)
        ladder_entry(outputs->ladder, &entry);
    if (outputs->keeps_journal)
        journal_add(&watch->journal, &entry);
}

/* Without memory there is none to show. */
static void keep_hello(struct watch *watch, const hf_event *event)
{
    free(watch->hello);
    watch->hello = malloc(event->bytes.size);
    watch->hello_size = watch->hello ? event->bytes.size : 0;
    if (watch->hello)
        memcpy(watch->hello, event->bytes.data, event->bytes.size);
}

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
    if (outputs->keeps_hello && event->kind == HF_EVENT_MESSAGE && !event->sent &&
        event->message == MESSAGE_CLIENT_HELLO && event->bytes.size)
        keep_hello(watch, event);
    write_down(watch, conn, event);
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
    if (watch->outputs->svg && watch->journal.count)
        svg_file_add(watch->outputs->svg, &watch->journal, &watch->summary);
    journal_free(&watch->journal);
    free(watch->hello);
}

bool watch_outputs_open(struct watch_outputs *outputs, const struct tls_options *options,
                        FILE *ladder)
{
    *outputs = (struct watch_outputs){.ladder = options->ladder ? ladder : NULL,
                                      .trace = options->trace ? stderr : NULL,
                                      .trace_json = options->trace_json,
                                      .keeps_journal = options->svg_path != NULL};
    bool is_open = keylog_open(options->keylog_path, &outputs->keylog) &&
                   svg_file_open(&outputs->svg, options->svg_path);
    if (is_open && options->capture_path)
        outputs->capture = capture_open(options->capture_path);
    return is_open && (outputs->capture || !options->capture_path);
}

bool watch_outputs_close(struct watch_outputs *outputs)
{
    if (outputs->keylog)
        fclose(outputs->keylog);
    svg_file_close(outputs->svg);
    return !outputs->capture || capture_close(outputs->capture);
}
