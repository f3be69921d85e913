#include "bench/bench.h"

#include "crypto_glue/init.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX 8192
#define NOW           1767225600 /* 2026-01-01 */

void bench_fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(EXIT_FAILURE);
}

bool bench_random(void *context, uint8_t *out, size_t size)
{
    uint64_t *counter = context;
    while (size > 0) {
        uint64_t z = *counter += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        z ^= z >> 31;
        size_t part = size < sizeof z ? size : sizeof z;
        memcpy(out, &z, part);
        out += part;
        size -= part;
    }
    return true;
}

static bool fixed_clock(void *context, int64_t *unix_seconds)
{
    (void)context;
    *unix_seconds = NOW;
    return true;
}

/* Loaded files stay until the program ends. */
static hf_span load(const char *stem, const char *suffix)
{
    char path[1024];
    uint8_t *data = malloc(FILE_SIZE_MAX);
    const char *folder = getenv("HF_PKI_DIR");
    int length =
        snprintf(path, sizeof path, "%s/%s%s", folder != NULL ? folder : HF_PKI_DIR, stem, suffix);
    bench_expect(data != NULL && length > 0 && (size_t)length < sizeof path, "out of memory");
    FILE *file = fopen(path, "rb");
    bench_expect(file != NULL, path);
    size_t size = fread(data, 1, FILE_SIZE_MAX, file);
    bench_expect(size > 0 && size < FILE_SIZE_MAX, path);
    (void)fclose(file);
    return (hf_span){data, size};
}

static void load_chain(bench_chain *chain, const char *keys)
{
    const char *ca = strncmp(keys, "rsa", 3) == 0 ? "rsa2048" : keys;
    char name[64];
    (void)snprintf(name, sizeof name, "server-%s", keys);
    chain->certificates[0] = load(name, ".der");
    hf_span key = load(name, ".key.der"); /* PKCS #8 */
    (void)snprintf(name, sizeof name, "inter-%s", ca);
    chain->certificates[1] = load(name, ".der");
    (void)snprintf(name, sizeof name, "root-%s", ca);
    chain->root = load(name, ".der");
    chain->anchor = (hf_trust_anchor){.certificate = chain->root};
    bench_expect(hf_private_key_read(&chain->key, key) == HF_OK, "cannot read the key");
    chain->credentials =
        (hf_credentials){.chain = chain->certificates, .chain_count = 2, .key = &chain->key};
}

void bench_prepare(bench_pair *pair, uint16_t suite, uint16_t group, const char *keys)
{
    bench_expect(hf_crypto_init() == HF_CRYPTO_OK, "hf_crypto_init");
    memset(pair, 0, sizeof *pair);
    load_chain(&pair->chain, keys);
    pair->suite = suite;
    pair->group = group;
    pair->client.random_state = 1;
    pair->server.random_state = 2;
    pair->binding = (hf_binding){.credentials = &pair->chain.credentials, .credentials_count = 1};
    const hf_config common = {.policy = &hf_policy_compatible,
                              .suites = {&pair->suite, 1},
                              .groups = {&pair->group, 1},
                              .clock = fixed_clock};
    pair->client.config = common;
    pair->client.config.random = (hf_random){bench_random, &pair->client.random_state};
    pair->client.config.groups = (hf_code_list){NULL, 0}; /* the certificate's curve is one, too */
    pair->client.config.anchors = &pair->chain.anchor;
    pair->client.config.anchor_count = 1;
    pair->server.config = common;
    pair->server.config.random = (hf_random){bench_random, &pair->server.random_state};
    pair->server.config.bindings = &pair->binding;
    pair->server.config.binding_count = 1;
}

static void start(bench_endpoint *e, hf_role role)
{
    bench_expect(hf_conn_init(&e->conn, role, &e->config, &e->handshake,
                              (hf_buf){e->rx, sizeof e->rx},
                              (hf_buf){e->tx, sizeof e->tx}) == HF_OK,
                 "hf_conn_init");
}

void bench_run(hf_conn *conn)
{
    hf_error error;
    do
        error = hf_conn_run(conn);
    while (error == HF_AGAIN);
    bench_expect(error == HF_OK, hf_reason_of(error)->symbol);
}

size_t bench_transfer(hf_conn *from, hf_conn *to)
{
    hf_span outgoing = hf_conn_outgoing(from);
    hf_buf incoming = hf_conn_incoming(to);
    size_t size = outgoing.size < incoming.size ? outgoing.size : incoming.size;
    if (size != 0)
        memcpy(incoming.data, outgoing.data, size);
    bench_expect(hf_conn_sent(from, size) == HF_OK, "hf_conn_sent");
    bench_expect(hf_conn_received(to, size) == HF_OK, "hf_conn_received");
    return size;
}

void bench_connect(bench_pair *pair)
{
    hf_conn *client = &pair->client.conn, *server = &pair->server.conn;
    start(&pair->client, HF_CLIENT);
    start(&pair->server, HF_SERVER);
    bench_expect(hf_conn_set_server_name(client, "server.example") == HF_OK, "server name");
    if (pair->session != NULL)
        bench_expect(hf_conn_set_session(client, pair->session) == HF_OK, "session");
    size_t moved;
    do {
        bench_run(client);
        moved = bench_transfer(client, server);
        bench_run(server);
        moved += bench_transfer(server, client);
    } while (moved != 0);
    bench_expect((hf_conn_wants(client) & hf_conn_wants(server) & HF_ESTABLISHED) != 0,
                 "the handshake was not completed");
}
