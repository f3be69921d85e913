/* The verb `inspect`: reads a capture and explains the TLS connections in it. */
#include "tools/capture_read.h"
#include "tools/conversation.h"
#include "tools/keylog.h"
#include "tools/ladder.h"
#include "tools/options.h"
#include "tools/paragraph.h"
#include "tools/report.h"
#include "tools/svg_file.h"
#include "tools/tools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct inspect {
    const char *path, *keylog_path, *svg_path;
    int64_t wanted; /* the number of a connection, 0: all */
    struct keylog keys;
    struct svg_file *svg;
    unsigned shown;
};

/* ------------------------------------------------------------------ the ladder */

static enum journal_kind kind_of(enum item_kind kind)
{
    static const enum journal_kind kinds[] = {
        [ITEM_MESSAGE] = JOURNAL_MESSAGE,
        [ITEM_CHANGE_KEYS] = JOURNAL_CHANGE_KEYS,
        [ITEM_ALERT] = JOURNAL_ALERT,
        [ITEM_DATA] = JOURNAL_DATA,
        [ITEM_UNREADABLE] = JOURNAL_UNREADABLE,
        [ITEM_BAD_RECORD] = JOURNAL_BAD_RECORD,
        [ITEM_ESTABLISHED] = JOURNAL_ESTABLISHED,
        [ITEM_NOT_TLS] = JOURNAL_NOT_TLS,
        [ITEM_LOST] = JOURNAL_LOST,
        [ITEM_FINISHED] = JOURNAL_FINISHED,
        [ITEM_RESET] = JOURNAL_RESET,
    };
    return kinds[kind];
}

/* TCP's own events and gaps are seen by anyone. */
static struct journal_entry entry_of(const struct conversation *c, const struct item *item)
{
    bool is_below = item->kind == ITEM_LOST || item->kind == ITEM_NOT_TLS ||
                    item->kind == ITEM_FINISHED || item->kind == ITEM_RESET;
    return (struct journal_entry){.kind = kind_of(item->kind),
                                  .sender = item->sender,
                                  .is_protected = item->is_protected && !is_below,
                                  .is_resumed = c->settled.is_resumed,
                                  .message = item->code,
                                  .size =
                                      item->size < UINT32_MAX ? (uint32_t)item->size : UINT32_MAX,
                                  .level = item->level,
                                  .alert = item->code,
                                  .microseconds = item->time - c->items[0].time};
}

static void draw_ladder(const struct conversation *c)
{
    ladder_begin(stdout);
    for (size_t i = 0; i < c->item_count; i++) {
        const struct journal_entry entry = entry_of(c, &c->items[i]);
        ladder_entry(stdout, &entry);
    }
    if (c->items_dropped)
        printf("  ... and %zu more\n", c->items_dropped);
}

static void draw_picture(struct svg_file *svg, const struct conversation *c)
{
    const struct facts *facts = c->handshakes ? &c->settled : &c->facts;
    struct summary summary = {.resumed = c->handshakes && facts->is_resumed,
                              .version = facts->version,
                              .suite = facts->suite,
                              .group = hf_group_of(facts->group_code),
                              .scheme = facts->scheme};
    memcpy(summary.server_name, facts->server_name, sizeof summary.server_name);
    memcpy(summary.protocol, facts->protocol, sizeof summary.protocol);
    struct journal journal = {0};
    for (size_t i = 0; i < c->item_count; i++) {
        const struct journal_entry entry = entry_of(c, &c->items[i]);
        journal_add(&journal, &entry);
    }
    svg_file_add(svg, &journal, &summary);
    journal_free(&journal);
}

/* ------------------------------------------------------------------ the report */

static void print_heading(const struct conversation *c)
{
    char client[PACKET_END_TEXT_MAX], server[PACKET_END_TEXT_MAX], when[64] = "";
    time_t seconds = (time_t)(c->began / 1000000);
    struct tm parts;
    packet_end_text(client, &c->ends[0]);
    packet_end_text(server, &c->ends[1]);
    if (gmtime_r(&seconds, &parts))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &parts);
    printf("connection %u: %s to %s, %s\n", c->number, client, server, when);
}

static void show(void *context, const struct conversation *c)
{
    struct inspect *inspect = context;
    if (inspect->wanted && inspect->wanted != (int64_t)c->number)
        return;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return;
    report_print(out, c);
    fclose(out);
    if (inspect->shown++)
        putchar('\n');
    print_heading(c);
    draw_ladder(c);
    if (inspect->svg)
        draw_picture(inspect->svg, c);
    putchar('\n');
    paragraph_print(stdout, text);
    free(text);
}

static void print_rest(const struct inspect *inspect, const struct conversations *all,
                       const struct capture_count *count)
{
    if (inspect->shown == 0)
        printf("%s: no TLS connection%s\n", inspect->path,
               inspect->wanted ? " of this number" : "");
    if (all->others)
        printf("%sother connections of TCP: %u\n", inspect->shown ? "\n" : "", all->others);
    if (count->fragments)
        printf("fragments of IP packets, not put together: %llu\n",
               (unsigned long long)count->fragments);
    if (count->malformed)
        printf("malformed packets: %llu\n", (unsigned long long)count->malformed);
}

static void take_segment(void *streams, const struct segment *segment)
{
    tcp_streams_take(streams, segment);
}

static int run(struct inspect *inspect)
{
    if (inspect->keylog_path && !keylog_read(&inspect->keys, inspect->keylog_path))
        return STATUS_OUTSIDE;
    if (!svg_file_open(&inspect->svg, inspect->svg_path))
        return STATUS_OUTSIDE;
    FILE *file = fopen(inspect->path, "rb");
    if (!file) {
        complain("cannot open %s: %s", inspect->path, strerror(errno));
        return STATUS_OUTSIDE;
    }
    struct conversations all = {.keys = &inspect->keys, .done = show, .context = inspect};
    struct tcp_user user = conversations_user(&all);
    struct tcp_streams *streams = tcp_streams_new(&user);
    struct capture_count count;
    bool is_whole = capture_read(file, inspect->path, take_segment, streams, &count);
    tcp_streams_end(streams);
    if (is_whole || count.packets)
        print_rest(inspect, &all, &count);
    return is_whole ? STATUS_DONE : STATUS_OUTSIDE;
}

/* ------------------------------------------------------------------ arguments */

enum key { KEY_KEYLOG = 0x100, KEY_SVG, KEY_CONNECTION };

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct inspect *inspect = state->input;
    switch (key) {
    case KEY_KEYLOG:
        inspect->keylog_path = argument;
        return 0;
    case KEY_SVG:
        inspect->svg_path = argument;
        return 0;
    case KEY_CONNECTION:
        inspect->wanted = option_number(state, "connection", argument, 1, UINT32_MAX);
        return 0;
    case ARGP_KEY_ARG:
        if (inspect->path)
            argp_error(state, "one FILE is enough: \"%s\"", argument);
        inspect->path = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "FILE is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option rows[] = {
    {"keylog", KEY_KEYLOG, "FILE", 0, "Decrypt what this key log (NSS form) has the secrets of", 0},
    {"svg", KEY_SVG, "FILE", 0, "Draw the ladders of the last connections into a picture", 0},
    {"connection", KEY_CONNECTION, "N", 0, "Show the connection of this number only", 0},
    {0},
};

int verb_inspect(int argc, char **argv)
{
    static const struct argp argp = {
        .options = rows,
        .parser = parse,
        .args_doc = "FILE",
        .doc =
            "Explains the TLS 1.0 to 1.2 connections in a capture (pcap or pcapng): the messages "
            "as a ladder, what was negotiated, and what went wrong."};
    struct inspect inspect = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &inspect);
    int status = run(&inspect);
    svg_file_close(inspect.svg);
    keylog_free(&inspect.keys);
    return status;
}
