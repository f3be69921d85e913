/* make_seeds CORPUS: writes the seeds of the harnesses that begin with a connection, by making the
 * connections. To be run again when what goes over the wire has changed; the same build writes the
 * same files. */
#define _POSIX_C_SOURCE 200809L

#include "fuzz/fuzz.h"

#include "tls/extensions/extensions.h"
#include "tls/wire/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEED_MAX      16384
#define HEADER_SIZE   9  /* of a record and of the message in it */
#define HELLO_FIXED   34 /* version and random */
#define READ_WHOLE    0  /* as in fuzz_hello.c */
#define READ_BLOCK    1
#define READ_SINGLE   2
#define PAIR_FROM_END 0x80 /* as in fuzz_pair.c */

typedef struct seed {
    uint8_t bytes[SEED_MAX];
    hf_writer w;
} seed;

static const char *corpus;

static void fail(const char *what)
{
    fprintf(stderr, "make_seeds: %s\n", what);
    exit(EXIT_FAILURE);
}

/* ---------------------------------------------------------------- files */

static hf_writer *seed_begin(seed *s, fuzz_options options)
{
    s->w = hf_writer_of(s->bytes, sizeof s->bytes);
    hf_write_u8(&s->w, options.flags);
    hf_write_u8(&s->w, options.suite);
    return &s->w;
}

static void save(const char *harness, const char *name, const seed *s)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", corpus, harness);
    (void)mkdir(path, 0777); /* may be there already */
    (void)snprintf(path, sizeof path, "%s/%s/%s", corpus, harness, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || s->w.failed || fwrite(s->bytes, 1, s->w.position, file) != s->w.position ||
        fclose(file) != 0)
        fail(path);
}

/* ---------------------------------------------------------------- one connection, recorded */

/* Both ends, and what each of them received. */
static fuzz_endpoint client, server;
static seed to_client, to_server;

static bool carry(fuzz_endpoint *from, fuzz_endpoint *to, hf_writer *record)
{
    hf_span bytes = hf_conn_outgoing(&from->conn);
    if (bytes.size == 0)
        return false;
    hf_write_u16(record, (uint16_t)bytes.size);
    hf_write_bytes(record, bytes);
    memcpy(hf_conn_incoming(&to->conn).data, bytes.data, bytes.size);
    if (hf_conn_received(&to->conn, bytes.size) != HF_OK ||
        hf_conn_sent(&from->conn, bytes.size) != HF_OK)
        fail("a connection does not take bytes");
    fuzz_run(to);
    fuzz_run(from);
    return true;
}

static void carry_all(void)
{
    bool moved;
    fuzz_run(&client);
    fuzz_run(&server);
    do {
        moved = carry(&client, &server, &to_server.w);
        moved = carry(&server, &client, &to_client.w) || moved;
    } while (moved);
}

static void say(fuzz_endpoint *e, const char *text)
{
    size_t size = strlen(text);
    memcpy(hf_conn_writable(&e->conn).data, text, size);
    if (hf_conn_written(&e->conn, size) != HF_OK)
        fail("a connection does not take data");
    hf_conn_flush(&e->conn);
    carry_all();
}

static void read_all(fuzz_endpoint *e)
{
    if (hf_conn_consumed(&e->conn, hf_conn_readable(&e->conn).size) != HF_OK)
        fail("a connection does not give data");
    fuzz_run(e);
}

/* The whole of a connection; false if this build cannot make it. */
static bool record_connection(fuzz_options options)
{
    (void)seed_begin(&to_client, options);
    (void)seed_begin(&to_server, options);
    if (!fuzz_start(&client, HF_CLIENT, options) || !fuzz_start(&server, HF_SERVER, options))
        return false;
    carry_all();
    if ((hf_conn_wants(&client.conn) & hf_conn_wants(&server.conn) & HF_ESTABLISHED) == 0)
        return false;
    say(&client, "ping");
    say(&server, "pong");
    read_all(&client);
    read_all(&server);
    hf_conn_close(&client.conn);
    carry_all();
    return true;
}

/* ---------------------------------------------------------------- hellos */

/* The body of the first message that an endpoint received. */
static hf_span first_body(const seed *received)
{
    const uint8_t *message = received->bytes + 4; /* options, size of the piece */
    size_t size = (size_t)message[6] << 16 | (size_t)message[7] << 8 | message[8];
    return (hf_span){message + HEADER_SIZE, size};
}

/* The extension block: what follows the last field that every hello has. */
static hf_span extension_block(hf_span hello, bool is_client)
{
    hf_reader r = hf_reader_of(hello);
    (void)hf_read_bytes(&r, HELLO_FIXED);
    (void)hf_read_vector8(&r, 0, 32);
    if (is_client) {
        (void)hf_read_vector16(&r, 2, 0xfffe);
        (void)hf_read_vector8(&r, 1, 255);
    } else {
        (void)hf_read_bytes(&r, 3);
    }
    return hf_read_bytes(&r, hf_reader_left(&r));
}

static void save_hello(fuzz_options options, uint8_t what, hf_span body, const char *side,
                       const char *name)
{
    char file[64];
    seed s;
    hf_writer *w = seed_begin(&s, options);
    hf_write_u8(w, what);
    hf_write_bytes(w, body);
    (void)snprintf(file, sizeof file, "%s_%s", side, name);
    save("hello", file, &s);
}

static void save_extensions(fuzz_options options, hf_span block, const char *side)
{
    hf_reader all = hf_reader_of(block);
    hf_reader r = hf_reader_of(hf_read_vector16(&all, 0, 0xffff));
    while (hf_reader_left(&r) != 0) {
        uint16_t code = hf_read_u16(&r);
        hf_span body = hf_read_vector16(&r, 0, 0xffff);
        for (size_t i = 0; hf_extension_at(i) != NULL; i++)
            if (hf_extension_at(i)->code == code)
                save_hello(options, (uint8_t)(READ_SINGLE + i), body, side,
                           hf_extension_at(i)->name);
    }
}

static void save_hellos(fuzz_options options)
{
    hf_span hello = first_body(&to_server), answer = first_body(&to_client);
    save_hello(options, READ_WHOLE, hello, "client", "hello");
    save_hello(options, READ_WHOLE, answer, "server", "hello");
    save_hello(options, READ_BLOCK, extension_block(hello, true), "client", "extensions");
    save_hello(options, READ_BLOCK, extension_block(answer, false), "server", "extensions");
    save_extensions(options, extension_block(hello, true), "client");
    save_extensions(options, extension_block(answer, false), "server");
}

/* ---------------------------------------------------------------- connections of every kind */

typedef struct kind {
    const char *name;
    uint8_t flags;
} kind;

static const kind kinds[] = {
    {"default", 0},
    {"compatible", FUZZ_COMPATIBLE},
    {"small", FUZZ_SMALL},
    {"ask", FUZZ_ASK},
    {"ask_rsa", FUZZ_ASK | FUZZ_RSA},
    {"rsa", FUZZ_RSA},
    {"protocols", FUZZ_PROTOCOLS},
    {"strict", FUZZ_STRICT},
};

/* What fuzz_pair.c does with an established connection, step by step (enum step there). */
typedef struct script {
    const char *name;
    uint8_t steps[64];
    uint8_t size;
} script;

enum { MOVE, SETTLE, FLIP, DROP, FORGE, WRITE, FLUSH, CLOSE, END, MISUSE };

#define EMPTY_DATA_2  MISUSE, 23, 0, MISUSE, 23, 0
#define EMPTY_DATA_4  EMPTY_DATA_2, EMPTY_DATA_2
#define EMPTY_DATA_16 EMPTY_DATA_4, EMPTY_DATA_4, EMPTY_DATA_4, EMPTY_DATA_4
#define WARNING       MISUSE, 21, 2, 1, 90
#define WARNINGS_3    WARNING, WARNING, WARNING
#define HELLO_REQUEST PAIR_FROM_END | MISUSE, 22, 4, 0, 0, 0, 0
#define REQUESTS_3    HELLO_REQUEST, HELLO_REQUEST, HELLO_REQUEST

static const script scripts[] = {
    {"data", {SETTLE, WRITE, 0, 9, FLUSH, SETTLE, PAIR_FROM_END | WRITE, 1, 0, FLUSH}, 10},
    {"close", {SETTLE, CLOSE, SETTLE, PAIR_FROM_END | END, END}, 5},
    {"truncated", {SETTLE, PAIR_FROM_END | WRITE, 0, 5, PAIR_FROM_END | END}, 5},
    {"pieces", {MOVE, 0, 5, MOVE, 0, 9, MOVE, 0, 0, PAIR_FROM_END | MOVE, 0, 99, SETTLE}, 13},
    {"damaged", {SETTLE, WRITE, 0, 9, FLUSH, FLIP, 0, 20, 1, SETTLE}, 10},
    {"damaged_hello", {FLIP, 0, 60, 1, SETTLE}, 5},
    {"dropped", {SETTLE, WRITE, 0, 9, FLUSH, DROP, 0, 0, WRITE, 0, 9, FLUSH}, 12},
    {"forged_alert", {MOVE, 0, 0, FORGE, 7, 21, 3, 3, 0, 2, 2, 40}, 12},
    {"hello_request", {SETTLE, HELLO_REQUEST, SETTLE}, 9},
    {"hello_again", {SETTLE, MISUSE, 22, 6, 1, 0, 0, 2, 3, 3, SETTLE}, 11},
    {"warnings", {SETTLE, WARNING, WARNING, SETTLE}, 12},
    {"empty_data", {SETTLE, MISUSE, 23, 0, MISUSE, 23, 1, 65, SETTLE}, 9},
    {"early_finished", {MOVE, 0, 0, MISUSE, 22, 4, 20, 0, 0, 12, SETTLE}, 11},
    {"flood_of_empty_data", {SETTLE, EMPTY_DATA_16, EMPTY_DATA_2, SETTLE}, 56},
    {"flood_of_warnings", {SETTLE, WARNINGS_3, SETTLE, WARNINGS_3, SETTLE}, 33},
    {"flood_of_requests", {SETTLE, REQUESTS_3, SETTLE, REQUESTS_3, SETTLE}, 45},
    {"second_key_change", {SETTLE, MISUSE, 20, 1, 1, SETTLE}, 6},
};

static void save_connection(const char *name, fuzz_options options)
{
    if (!record_connection(options)) {
        printf("make_seeds: %s does not connect in this build\n", name);
        return;
    }
    save("client", name, &to_client);
    save("server", name, &to_server);
}

static void save_scripts(fuzz_options options, const char *suffix)
{
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        char name[64];
        seed s;
        hf_write_bytes(seed_begin(&s, options), (hf_span){scripts[i].steps, scripts[i].size});
        (void)snprintf(name, sizeof name, "%s%s", scripts[i].name, suffix);
        save("pair", name, &s);
    }
}

/* Damage as fuzz_record.c reads it: position, bits, cut, type, sequence. */
static void save_record(uint8_t aead, const char *name, const uint8_t damage[6])
{
    static const char text[] = "attack at dawn, or at the time that was agreed";
    char file[64];
    seed s;
    s.w = hf_writer_of(s.bytes, sizeof s.bytes);
    hf_write_u8(&s.w, aead);
    for (uint8_t i = 0; i < HF_AEAD_KEY_SIZE_MAX + HF_AEAD_NONCE_SIZE; i++)
        hf_write_u8(&s.w, i);
    hf_write_u8(&s.w, 0);
    hf_write_u16(&s.w, 0);
    hf_write_u16(&s.w, 7);
    hf_write_u8(&s.w, 23);
    hf_write_bytes(&s.w, (hf_span){damage, 6});
    hf_write_bytes(&s.w, (hf_span){(const uint8_t *)text, sizeof text - 1});
    (void)snprintf(file, sizeof file, "aead%u_%s", aead, name);
    save("record", file, &s);
}

int main(int argc, char **argv)
{
    static const uint8_t whole[6], flipped[6] = {0, 12, 0x40}, cut[6] = {0, 0, 0, 3},
                                   type[6] = {0, 0, 0, 0, 1}, replayed[6] = {0, 0, 0, 0, 0, 1};
    if (argc != 2)
        fail("usage: make_seeds CORPUS");
    corpus = argv[1];
    if (LLVMFuzzerInitialize(&argc, &argv) != 0)
        fail("hf_crypto_init");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        save_connection(kinds[i].name, (fuzz_options){kinds[i].flags, 0});
    for (uint8_t i = 0; hf_suite_at(i) != NULL; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "suite_%04x", hf_suite_at(i)->code);
        save_connection(name, (fuzz_options){FUZZ_COMPATIBLE, (uint8_t)(i + 1)});
    }
    if (record_connection((fuzz_options){FUZZ_PROTOCOLS, 0}))
        save_hellos((fuzz_options){FUZZ_PROTOCOLS, 0});
    save_scripts((fuzz_options){0, 0}, "");
    save_scripts((fuzz_options){FUZZ_ESTABLISHED, 0}, "_established");
    save_scripts((fuzz_options){FUZZ_SMALL, 0}, "_small");
    save_scripts((fuzz_options){FUZZ_RSA | FUZZ_ASK | FUZZ_COMPATIBLE, 0}, "_rsa");
    for (uint8_t aead = 0; aead < 3; aead++) {
        save_record(aead, "whole", whole);
        save_record(aead, "flipped", flipped);
        save_record(aead, "cut", cut);
        save_record(aead, "type", type);
        save_record(aead, "replayed", replayed);
    }
    return EXIT_SUCCESS;
}
