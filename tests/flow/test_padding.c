/* Hellos that are filled up (RFC 7685): some servers hang on a ClientHello of 256 to 511 bytes. */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

#define PADDING 21

static pair p;
static relay line;

typedef struct hello {
    size_t size;    /* with the header of four bytes */
    size_t padding; /* bytes of the extension's body, SIZE_MAX without one */
} hello;

static bool note_hello(relay *r, relayed *part)
{
    hello *to = r->context;
    size_t size;
    if (part->type == HF_SERVER_HELLO)
        cr_assert_null(hello_extension(part, PADDING, &size), "servers do not answer");
    if (part->type != HF_CLIENT_HELLO)
        return true;
    const uint8_t *body = hello_extension(part, PADDING, &size);
    to->size = part->size;
    to->padding = body != NULL ? size : SIZE_MAX;
    for (size_t i = 0; body != NULL && i < size; i++)
        cr_assert_eq(body[i], 0);
    if (body != NULL) /* the last one */
        cr_assert_eq(body + size, part->bytes + part->size);
    return true;
}

/* A hello whose size grows byte by byte with the protocol names that it has. */
static hello hello_with(size_t extra, bool padding)
{
    static uint8_t name[255];
    static hf_span names[4];
    hello found = {0, 0};
    memset(name, 'n', sizeof name);
    pair_prepare(&p, "p256");
    p.client.config.padding = padding;
    p.client.config.protocols = names;
    p.client.config.protocol_count = 0;
    for (size_t left = extra; left > 1; p.client.config.protocol_count++) {
        size_t part = left < 200 ? left : 150; /* with its length */
        names[p.client.config.protocol_count] = (hf_span){name, part - 1};
        left -= part;
    }
    relay_connect(&line, &p, note_hello, &found);
    expect_established(&p);
    return found;
}

/* "the client MUST fill the padding extension completely with zero bytes". A hello that would be
 * shorter or longer than those that hurt is left as it is, all others become 512 bytes long, or a
 * little more where fewer bytes are missing than an extension has at least. */
Test(padding, sizes)
{
    size_t padded = 0, short_ones = 0, long_ones = 0;
    for (size_t extra = 2; extra < 420; extra++) {
        size_t before = hello_with(extra, false).size;
        hello found = hello_with(extra, true);
        cr_assert(found.size < 256 || found.size > 511, "%zu", found.size);
        if (before < 256 || before > 511) {
            cr_assert_eq(found.size, before);
            cr_assert_eq(found.padding, SIZE_MAX);
            *(before < 256 ? &short_ones : &long_ones) += 1;
            continue;
        }
        cr_assert_eq(found.size, before + 4 + 1 > 512 ? before + 4 + 1 : 512, "from %zu", before);
        cr_assert_eq(found.size, before + 4 + found.padding);
        cr_assert_gt(found.padding, 0);
        padded++;
    }
    cr_assert_eq(padded, 256, "each size once");
    cr_assert_gt(short_ones, 0);
    cr_assert_gt(long_ones, 0);
}

/* Server names as well make hellos long. */
Test(padding, server_names)
{
    static char name[254];
    for (size_t size = 20; size < 254; size++) {
        hello found = {0, 0};
        memset(name, 'a', size);
        for (size_t dot = 40; dot + 1 < size; dot += 41)
            name[dot] = '.';
        name[size] = '\0';
        pair_prepare(&p, "p256");
        p.client.config.padding = true;
        p.client.config.verify = HF_VERIFY_NONE;
        pair_start(&p);
        cr_assert_eq(hf_conn_set_server_name(&p.client.conn, name), HF_OK, "%s", name);
        memset(&line, 0, sizeof line);
        line.p = &p;
        line.hook = note_hello;
        line.context = &found;
        relay_run(&line);
        expect_established(&p);
        cr_assert(found.size < 256 || found.size > 511, "%zu", found.size);
    }
}

static bool change_padding(relay *r, relayed *part)
{
    const hf_span *body = r->context;
    if (part->type == HF_CLIENT_HELLO) {
        (void)hello_remove_extension(part, PADDING);
        hello_add_extension(part, PADDING, body->data, body->size);
    }
    return true;
}

/* What a client pads with is the client's affair to this server: it gets as far as with any other
 * hello that is not the one that was sent. */
Test(padding, contents_are_ignored)
{
    static uint8_t bytes[2000];
    static const size_t sizes[] = {0, 1, 2, 255, 256, 2000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memset(bytes, (int)(i * 50), sizeof bytes);
        hf_span body = {bytes, sizes[i]};
        pair_prepare(&p, "p256");
        relay_connect(&line, &p, change_padding, &body);
        cr_assert(endpoint_reason(&p.server) == HF_ERROR_BAD_RECORD_MAC ||
                      endpoint_reason(&p.server) == HF_ERROR_FINISHED_WRONG,
                  "%s", reason_name(endpoint_reason(&p.server)));
    }
}
