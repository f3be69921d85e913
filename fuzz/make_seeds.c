/* make_seeds CORPUS: writes the seeds of the harnesses that begin with a connection, by making the
 * connections, and those that come from vectors/. To be run again when what goes over the wire has
 * changed; the same build writes the same files. Seeds that are certificates and what is around
 * them, and PEM files, were made once. */
#define _POSIX_C_SOURCE 200809L

#include "fuzz/fuzz.h"

#include "tests/support/vectors.h"
#include "tls/extensions/extensions.h"
#include "tls/session/sessions.h"
#include "tls/wire/codes.h"
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
#define FOR_SERVER    0x80 /* as in fuzz_message.c */
#define VECTOR_MAX    300  /* bytes of a vector that is worth a file */

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
    hf_write_u16(&s->w, options.flags);
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

/* ---------------------------------------------------------------- messages */

/* Which messages of a connection become seeds, and what they are called after. */
static const char *messages_of;
static bool are_key_exchanges_enough;
static fuzz_options messages_options;
static seed message;

static void save_message(uint8_t what)
{
    char name[96];
    uint8_t type = what & (uint8_t)~FOR_SERVER;
    if (are_key_exchanges_enough && type != HF_SERVER_KEY_EXCHANGE &&
        type != HF_CLIENT_KEY_EXCHANGE)
        return;
    (void)snprintf(name, sizeof name, "%s_%s_%s", messages_of, what == type ? "client" : "server",
                   hf_message_name(type));
    save("message", name, &message);
}

/* Puts a message that an end has received together. Those of a renegotiation are no seeds. */
static void watch(void *context, const struct hf_conn *conn, const hf_event *event)
{
    const uint8_t *for_end = context;
    size_t skipped = event->offset == 0 ? HEADER_SIZE - 5 : 0;
    if (event->kind != HF_EVENT_MESSAGE || event->sent || messages_of == NULL || conn->established)
        return;
    if (event->offset == 0)
        hf_write_u8(seed_begin(&message, messages_options), event->message | *for_end);
    hf_write_bytes(&message.w, (hf_span){event->bytes.data + skipped, event->bytes.size - skipped});
    if (event->offset + event->bytes.size == event->total)
        save_message(event->message | *for_end);
}

/* The whole of a connection; false if this build cannot make it. */
static bool record_connection(fuzz_options options)
{
    (void)seed_begin(&to_client, options);
    (void)seed_begin(&to_server, options);
    if (!fuzz_start(&client, HF_CLIENT, options) || !fuzz_start(&server, HF_SERVER, options))
        return false;
    static const uint8_t for_server = FOR_SERVER, for_client = 0;
    static const hf_observer by_server = {watch, (void *)&for_server, false},
                             by_client = {watch, (void *)&for_client, false};
    server.config.observer = &by_server;
    client.config.observer = &by_client;
    messages_options = options;
    carry_all();
    if ((hf_conn_wants(&client.conn) & hf_conn_wants(&server.conn) & HF_ESTABLISHED) == 0)
        return false;
    say(&client, "ping");
    say(&server, "pong");
    read_all(&client);
    read_all(&server);
    if ((options.flags & FUZZ_RENEGOTIATE) != 0 &&
        hf_conn_renegotiate(&client.conn, &client.handshake) != HF_OK)
        fail("a connection does not renegotiate");
    carry_all();
    hf_conn_close(&client.conn);
    carry_all();
    return true;
}

/* ---------------------------------------------------------------- hellos */

/* The body of the first message that an endpoint received. */
static hf_span first_body(const seed *received)
{
    const uint8_t *record = received->bytes + 5; /* options, size of the piece */
    size_t size = (size_t)record[6] << 16 | (size_t)record[7] << 8 | record[8];
    return (hf_span){record + HEADER_SIZE, size};
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
    if (!record_connection(options))
        fail("no hellos");
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
    uint16_t flags;
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
    {"legacy", FUZZ_LEGACY},
    {"client_auth", FUZZ_CLIENT_AUTH},
    {"client_auth_tls1_0", FUZZ_CLIENT_AUTH | FUZZ_TLS1_0},
    {"tickets", FUZZ_TICKETS},
    {"resume_id", FUZZ_RESUME},
    {"resume_ticket", FUZZ_RESUME | FUZZ_TICKETS},
    {"resume_elsewhere", FUZZ_RESUME | FUZZ_ASK},
    {"renegotiate", FUZZ_RENEGOTIATE},
    {"renegotiate_resume", FUZZ_RENEGOTIATE | FUZZ_RESUME | FUZZ_ASK | FUZZ_CLIENT_AUTH},
    {"extras", FUZZ_EXTRAS},
    {"extras_strict", FUZZ_EXTRAS | FUZZ_STRICT | FUZZ_ASK},
    {"urls", FUZZ_EXTRAS | FUZZ_CLIENT_AUTH},
    {"tls1_1", FUZZ_TLS1_1},
    {"tls1_0", FUZZ_TLS1_0 | FUZZ_NO_ETM},
};

/* One suite for each key exchange, then one for each protection that these leave out. */
static const uint16_t suites[] = {
    0xcca9, /* ECDHE_ECDSA, CHACHA20_POLY1305 */
    0xc02f, /* ECDHE_RSA, AES_128_GCM         */
    0x009f, /* DHE_RSA, AES_256_GCM           */
    0x00a2, /* DHE_DSS                        */
    0x009d, /* RSA                            */
    0x00a8, /* PSK                            */
    0x00aa, /* DHE_PSK                        */
    0xd001, /* ECDHE_PSK                      */
    0x00ac, /* RSA_PSK                        */
    0x00a6, /* DH_anon                        */
    0xc018, /* ECDH_anon, AES_128_CBC_SHA     */
    0xc0ac, /* AES_128_CCM                    */
    0xc0af, /* AES_256_CCM_8                  */
    0xc023, /* AES_128_CBC_SHA256             */
    0xc024, /* AES_256_CBC_SHA384             */
    0xc008, /* 3DES_EDE_CBC_SHA               */
    0xc007, /* RC4_128_SHA                    */
    0xc006, /* NULL_SHA                       */
};

/* As the options have it, and fuzz_record.c one less. */
static uint8_t suite_number(uint16_t code)
{
    for (uint8_t i = 0; hf_suite_at(i) != NULL; i++)
        if (hf_suite_at(i)->code == code)
            return (uint8_t)(i + 1);
    fail("a suite is missing in this build");
    return 0;
}

/* What fuzz_pair.c does with an established connection, step by step (enum step there). */
typedef struct script {
    const char *name;
    uint8_t steps[64];
    uint8_t size;
} script;

enum {
    MOVE,
    SETTLE,
    FLIP,
    DROP,
    FORGE,
    WRITE,
    FLUSH,
    CLOSE,
    END,
    MISUSE,
    SWAP,
    LOSE,
    KEEP,
    REPLAY,
    RENEGOTIATE
};

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
    {"swapped",
     {SETTLE, WRITE, 0, 9, FLUSH, SETTLE, WRITE, 0, 9, FLUSH, WRITE, 0, 3, FLUSH, SWAP, SETTLE},
     16},
    {"swapped_flight",
     {SETTLE, PAIR_FROM_END | WRITE, 0, 9, PAIR_FROM_END | FLUSH, PAIR_FROM_END | WRITE, 0, 3,
      PAIR_FROM_END | FLUSH, PAIR_FROM_END | SWAP},
     10},
    {"lost", {SETTLE, WRITE, 0, 9, FLUSH, LOSE, WRITE, 0, 9, FLUSH}, 10},
    {"replayed", {SETTLE, WRITE, 0, 9, FLUSH, KEEP, SETTLE, REPLAY, SETTLE}, 9},
    {"reflected", {SETTLE, WRITE, 0, 9, FLUSH, KEEP, SETTLE, PAIR_FROM_END | REPLAY}, 8},
    {"repeated_hello", {KEEP, SETTLE, REPLAY, SETTLE}, 4},
    {"swapped_hellos", {MOVE, 0, 0, PAIR_FROM_END | SWAP, SETTLE}, 5},
    {"again", {SETTLE, RENEGOTIATE, SETTLE, WRITE, 0, 9, FLUSH}, 7},
    {"again_by_server",
     {SETTLE, PAIR_FROM_END | RENEGOTIATE, SETTLE, PAIR_FROM_END | WRITE, 0, 9},
     7},
    {"again_cut_off", {SETTLE, RENEGOTIATE, MOVE, 0, 0, CLOSE, SETTLE}, 7},
};

static void save_connection(const char *name, fuzz_options options)
{
    messages_of = name;
    are_key_exchanges_enough = options.suite != 0;
    if (record_connection(options)) {
        save("client", name, &to_client);
        save("server", name, &to_server);
    } else {
        printf("make_seeds: %s does not connect\n", name);
    }
    messages_of = NULL;
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

/* ---------------------------------------------------------------- a hello of old */

static void save_v2_hello(void)
{
    static const uint8_t hello[] = {
        0x80, 0x2e, 1, 3, 3,    0,    0x15, 0, 0,    0, 0x10, /* sizes: 21, 0, 16 */
        0,    0xc0, 9, 0, 0xc0, 0x13, 0,    0, 0x2f, 0, 0,    0x0a, 0, 0, 5, 0, 0, 0xff, 0, 0x56, 0,
    };
    seed s;
    hf_writer *w = seed_begin(&s, (fuzz_options){FUZZ_LEGACY, 0});
    hf_write_u16(w, 48);
    hf_write_bytes(w, (hf_span){hello, sizeof hello});
    while (w->position < 3 + 2 + 48)
        hf_write_u8(w, 0x5a);
    save("server", "v2_hello", &s);
}

/* ---------------------------------------------------------------- records */

/* Damage as fuzz_record.c reads it: position, bits, cut, type, sequence. */
static void save_record(uint16_t suite, uint8_t how, const char *name, const uint8_t damage[6])
{
    static const char text[] = "attack at dawn, or at the time that was agreed";
    char file[64];
    seed s;
    s.w = hf_writer_of(s.bytes, sizeof s.bytes);
    hf_write_u8(&s.w, (uint8_t)(suite_number(suite) - 1));
    hf_write_u8(&s.w, how);
    hf_write_u8(&s.w, 1); /* keys */
    hf_write_u8(&s.w, 0);
    hf_write_u16(&s.w, 0);
    hf_write_u16(&s.w, 7);
    hf_write_u8(&s.w, HF_CONTENT_APPLICATION_DATA);
    hf_write_bytes(&s.w, (hf_span){damage, 6});
    hf_write_bytes(&s.w, (hf_span){(const uint8_t *)text, sizeof text - 1});
    (void)snprintf(file, sizeof file, "%04x_%02x_%s", suite, how, name);
    save("record", file, &s);
}

static void save_records(void)
{
    static const uint16_t protections[] = {0xcca9, 0xc02f, 0x009f, 0xc0ac, 0xc0af, 0xc009,
                                           0xc023, 0xc024, 0xc008, 0xc007, 0xc006};
    static const uint8_t hows[] = {0, 0x80, 0xc0, 0x41, 0x02}; /* versions and extensions there */
    static const uint8_t whole[6], flipped[6] = {0, 12, 0x40}, cut[6] = {0, 0, 0, 3},
                                   type[6] = {0, 0, 0, 0, 1}, replayed[6] = {0, 0, 0, 0, 0, 1};
    for (size_t i = 0; i < sizeof protections / sizeof protections[0]; i++) {
        bool has_mac = hf_suite_of(protections[i])->mac != HF_HASH_NONE;
        for (size_t j = 0; j < (has_mac ? sizeof hows : 1); j++)
            save_record(protections[i], hows[j], "whole", whole);
        save_record(protections[i], 0, "flipped", flipped);
    }
    save_record(0xc02f, 0, "cut", cut);
    save_record(0xc02f, 0, "type", type);
    save_record(0xc02f, 0, "replayed", replayed);
    save_record(0xc009, 0, "cut", cut);
}

/* ---------------------------------------------------------------- vectors */

/* The position of an extension in the table, by the name that vectors/ have for it; -1: unknown. */
static int extension_named(const char *name)
{
    for (int i = 0; hf_extension_at((size_t)i) != NULL; i++)
        if (strcmp(hf_extension_at((size_t)i)->name, name) == 0)
            return i;
    return -1;
}

/* What is right of vectors/rfc6066.txt: bodies of extensions, and of three messages. */
static void save_vectors(void)
{
    static const struct {
        const char *section;
        uint16_t flags;
        uint8_t what;
    } messages[] = {
        {"certificate_url", FUZZ_EXTRAS | FUZZ_CLIENT_AUTH, HF_CERTIFICATE_URL | FOR_SERVER},
        {"certificate_status", FUZZ_EXTRAS, HF_CERTIFICATE_STATUS},
        {"new_session_ticket", FUZZ_TICKETS, HF_NEW_SESSION_TICKET},
    };
    vectors v;
    vectors_open(&v, "rfc6066.txt");
    for (int n = 0; vectors_next(&v); n++) {
        char name[64];
        seed s;
        int extension = extension_named(vectors_section(&v));
        hf_span data = vectors_has(&v, "data") ? vectors_bytes(&v, "data") : (hf_span){NULL, 0};
        if (vectors_has(&v, "error") || data.size > VECTOR_MAX)
            continue;
        (void)snprintf(name, sizeof name, "%s_%d", vectors_section(&v), n);
        if (extension >= 0)
            save_hello((fuzz_options){FUZZ_EXTRAS, 0}, (uint8_t)(READ_SINGLE + extension), data,
                       "vector", name);
        for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
            if (strcmp(messages[i].section, vectors_section(&v)) != 0)
                continue;
            hf_writer *w = seed_begin(&s, (fuzz_options){messages[i].flags, 0});
            hf_write_u8(w, messages[i].what);
            hf_write_bytes(w, data);
            save("message", name, &s);
        }
    }
    vectors_close(&v);
}

/* ---------------------------------------------------------------- sessions and names */

/* `what` and what follows it as in fuzz_session.c. */
static void save_session(const char *name, uint8_t what, const char *more, hf_span bytes)
{
    seed s;
    s.w = hf_writer_of(s.bytes, sizeof s.bytes);
    hf_write_u8(&s.w, what);
    hf_write_bytes(&s.w, (hf_span){(const uint8_t *)more, what == 3 ? 3U : 0U});
    hf_write_bytes(&s.w, bytes);
    save("session", name, &s);
}

/* Of a connection that gives the client one. */
static void save_sessions(fuzz_options options, const char *name)
{
    uint8_t bytes[HF_SESSION_BYTES];
    char file[64];
    if (!record_connection(options))
        fail("no session");
    size_t size = hf_session_write(&client.session, bytes);
    save_session(name, 0, "", (hf_span){bytes, size});
    hf_session_state_write(&client.session.state, bytes);
    const hf_span state = {bytes, HF_SESSION_STATE_BYTES};
    (void)snprintf(file, sizeof file, "%s_state", name);
    save_session(file, 1, "", state);
    (void)snprintf(file, sizeof file, "%s_sealed", name);
    save_session(file, 3, "\1\2\0", state);
    (void)snprintf(file, sizeof file, "%s_damaged", name);
    save_session(file, 3, "\1\62\1", state);
#if HF_WITH_SESSION_TICKET
    uint8_t ticket[HF_TICKET_SIZE];
    uint64_t random_state = 5;
    const hf_random random = {fuzz_random, &random_state};
    if (hf_ticket_seal(fuzz_ticket_keys.keys, &random, &client.session.state, ticket) != HF_OK)
        fail("no ticket");
    ticket[HF_TICKET_SIZE - 1] ^= 1;
    (void)snprintf(file, sizeof file, "%s_ticket", name);
    save_session(file, 2, "", (hf_span){ticket, sizeof ticket});
#endif
}

/* `what` as in fuzz_name.c. */
static void save_name(const char *name, uint8_t what, hf_span a, hf_span b, hf_span c)
{
    const hf_span pieces[] = {a, b, c};
    seed s;
    s.w = hf_writer_of(s.bytes, sizeof s.bytes);
    hf_write_u8(&s.w, what);
    for (size_t i = 0; i < 3; i++) {
        hf_write_u16(&s.w, (uint16_t)pieces[i].size);
        hf_write_bytes(&s.w, pieces[i]);
    }
    save("name", name, &s);
}

static void save_texts(const char *name, uint8_t what, const char *a, const char *b)
{
    save_name(name, what, (hf_span){(const uint8_t *)a, strlen(a)},
              (hf_span){(const uint8_t *)b, strlen(b)}, (hf_span){NULL, 0});
}

static void save_names(void)
{
    /* O=Handfast, CN=x in a UTF8String and with other letters in a PrintableString; the first RDN
     * alone; both attributes in one RDN, in both orders (the second is not DER: SET OF is sorted).
     */
    static const uint8_t utf8[] = "\x30\x1d\x31\x11\x30\x0f\x06\x03\x55\x04\x0a\x0c\x08Handfast"
                                  "\x31\x08\x30\x06\x06\x01\x2a\x0c\x01x";
    static const uint8_t printable[] = "\x30\x1f\x31\x13\x30\x11\x06\x03\x55\x04\x0a\x13\x0a"
                                       " HANDfast \x31\x08\x30\x06\x06\x01\x2a\x13\x01X";
    static const uint8_t first[] = "\x30\x13\x31\x11\x30\x0f\x06\x03\x55\x04\x0a\x0c\x08Handfast";
    static const uint8_t longer[] =
        "\x30\x18\x31\x16\x30\x14\x06\x03\x55\x04\x0a\x0c\x0dHandfast demo";
    static const uint8_t one_way[] = "\x30\x12\x31\x10\x30\x06\x06\x01\x2a\x0c\x01x"
                                     "\x30\x06\x06\x01\x2b\x0c\x01y";
    static const uint8_t other_way[] = "\x30\x12\x31\x10\x30\x06\x06\x01\x2b\x13\x01Y"
                                       "\x30\x06\x06\x01\x2a\x13\x01X";
    const hf_span a = {utf8, sizeof utf8 - 1}, b = {printable, sizeof printable - 1},
                  c = {first, sizeof first - 1}, d = {one_way, sizeof one_way - 1},
                  e = {other_way, sizeof other_way - 1};
    save_name("distinguished", 0, a, b, c);
    save_name("distinguished_prefix", 0, c, a, b);
    save_name("distinguished_sets", 0, d, e, a);
    save_name("distinguished_longer", 0, c, (hf_span){longer, sizeof longer - 1}, a);
    save_name("subtree_directory", 2, a, c, b);
    save_texts("host", 1, "Host.example", "host.example");
    save_texts("host_wildcard", 1, "*.example.org", "a.example.org");
    save_texts("host_wildcard_two_labels", 1, "*.example.org", "a.b.example.org");
    save_texts("host_mailbox", 1, "box@host.example", "box@HOST.example");
    save_texts("host_ipv4", 1, "\x7f\1\1\1", "127.1.1.1");
    save_texts("host_ipv6", 1, "::1", "2001:db8::127.0.0.1");
    save_texts("host_ipv6_whole", 1, "2001:db8:0:0:0:0:0:1", "1:2:3:4:5:6:7:8");
    save_texts("subtree_dns", 2, "a.host.example", "host.example");
    save_texts("subtree_dns_no_label", 2, "myhost.example", "host.example");
    save_texts("subtree_dns_dot", 2, "a.host.example", ".host.example");
    save_texts("subtree_wildcard", 2, "*.host.example", "a.host.example");
    save_texts("subtree_mailbox", 2, "box@host.example", "host.example");
    save_texts("subtree_one_mailbox", 2, "box@host.example", "box@Host.example");
    save_texts("subtree_uri", 2, "ldap://user@host.example:389/o=x", "host.example");
    save_texts("subtree_ipv4", 2, "\x0a\1\1\1", "\x0a\1\1\1\xff\xff\xff\xff");
}

/* ---------------------------------------------------------------- */

int main(int argc, char **argv)
{
    if (argc != 2)
        fail("usage: make_seeds CORPUS");
    corpus = argv[1];
    if (LLVMFuzzerInitialize(&argc, &argv) != 0)
        fail("hf_crypto_init");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        save_connection(kinds[i].name, (fuzz_options){kinds[i].flags, 0});
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "suite_%04x", suites[i]);
        save_connection(name, (fuzz_options){0, suite_number(suites[i])});
    }
    save_hellos((fuzz_options){FUZZ_EXTRAS | FUZZ_STRICT, suite_number(0xc009)});
    save_hellos((fuzz_options){FUZZ_PROTOCOLS | FUZZ_EXTRAS | FUZZ_TICKETS, 0});
    save_v2_hello();
    save_scripts((fuzz_options){FUZZ_RENEGOTIATE, 0}, "");
    save_scripts((fuzz_options){FUZZ_ESTABLISHED | FUZZ_RENEGOTIATE, 0}, "_established");
    save_scripts((fuzz_options){FUZZ_SMALL, 0}, "_small");
    save_scripts((fuzz_options){FUZZ_RSA | FUZZ_ASK | FUZZ_COMPATIBLE, 0}, "_rsa");
    save_scripts((fuzz_options){FUZZ_RESUME | FUZZ_TLS1_0 | FUZZ_RENEGOTIATE, 0}, "_resumed");
    save_records();
    save_vectors();
    save_sessions((fuzz_options){FUZZ_TICKETS, 0}, "by_ticket");
    save_sessions((fuzz_options){FUZZ_RESUME, 0}, "by_id");
    save_names();
    return EXIT_SUCCESS;
}
