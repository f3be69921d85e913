/* The captures that `handfast inspect` reads: packets, TCP, records and messages of anybody's.
 *
 * The input is a file of libpcap's, read with a key log of the secrets of the demonstration's
 * recorded connections. Whatever is in it, every connection must come to a verdict, and what is
 * kept of it stays within its bounds.
 *
 * covers: packet_read, tcp_streams_new, tcp_streams_take, tcp_streams_end, conversations_user,
 *     facts_take, report_print, verdict_reach, keylog_take, keylog_find */
#include "fuzz/fuzz.h"

#include "tools/capture_read.h"
#include "tools/conversation.h"
#include "tools/report.h"
#include "tools/tools.h"
#include "tools/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 65536

/* Of fuzz/corpus/capture: seeds are made with these secrets, which a fuzzer cannot guess. */
static const char secrets[] = "# none of this is secret\n"
#include "fuzz/capture_secrets.inc"
    ;

/* What the command has in main.c. Nobody reads the complaints. */
void complain(const char *format, ...)
{
    fuzz_require(strlen(format) != 0);
}

void *must_allocate(size_t count, size_t size)
{
    void *memory = calloc(count != 0 ? count : 1, size != 0 ? size : 1);
    fuzz_require(memory != NULL);
    return memory;
}

char *must_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(must_allocate(size, 1), text, size);
}

static void check(void *context, const struct conversation *conversation)
{
    FILE *out = context;
    fuzz_require(conversation->item_count <= CONVERSATION_ITEMS_MAX);
    fuzz_require(conversation->number != 0);
    rewind(out);
    report_print(out, conversation);
}

static void take(void *streams, const struct segment *segment)
{
    fuzz_require(segment->payload.size <= segment->size);
    tcp_streams_take(streams, segment);
}

static void inspect(const uint8_t *data, size_t size, FILE *out)
{
    char *text = must_copy(secrets);
    struct keylog keys;
    keylog_take(&keys, text);
    free(text);
    struct conversations all = {.keys = &keys, .done = check, .context = out};
    struct tcp_user user = conversations_user(&all);
    struct tcp_streams *streams = tcp_streams_new(&user);
    struct capture_count count;
    FILE *file = fmemopen((void *)data, size, "rb");
    fuzz_require(file != NULL);
    (void)capture_read(file, "input", take, streams, &count);
    tcp_streams_end(streams);
    fuzz_require(count.segments + count.fragments + count.malformed <= count.packets);
    fuzz_require(all.count + all.others == all.opened);
    keylog_free(&keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t text_size = 0;
    if (size == 0 || size > FILE_MAX)
        return 0;
    FILE *out = open_memstream(&text, &text_size);
    fuzz_require(out != NULL);
    inspect(data, size, out);
    (void)fclose(out);
    free(text);
    return 0;
}
