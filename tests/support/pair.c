#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 64

typedef struct loaded_file {
    char name[64];
    uint8_t *data;
    size_t size;
} loaded_file;

static loaded_file files[FILES_MAX];
static size_t file_count;

static void load(loaded_file *file, const char *name)
{
    char path[1024];
    (void)snprintf(file->name, sizeof file->name, "%s", name);
    (void)snprintf(path, sizeof path, "%s/%s", HF_PKI_DIR, name);
    FILE *in = fopen(path, "rb");
    cr_assert_not_null(in, "cannot open %s", path);
    cr_assert_eq(fseek(in, 0, SEEK_END), 0);
    file->size = (size_t)ftell(in);
    rewind(in);
    file->data = malloc(file->size);
    cr_assert_not_null(file->data);
    cr_assert_eq(fread(file->data, 1, file->size, in), file->size);
    (void)fclose(in);
}

hf_span pki_file(const char *name)
{
    size_t i = 0;
    while (i < file_count && strcmp(files[i].name, name) != 0)
        i++;
    if (i == file_count) {
        cr_assert_lt(file_count, FILES_MAX);
        load(&files[file_count++], name);
    }
    return (hf_span){files[i].data, files[i].size};
}

void pki_load(pki_credentials *out, const char *leaf, const char *issuer)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s.der", leaf);
    out->chain[0] = pki_file(name);
    if (issuer != NULL) {
        (void)snprintf(name, sizeof name, "%s.der", issuer);
        out->chain[1] = pki_file(name);
    }
    (void)snprintf(name, sizeof name, "%s.key.der", leaf);
    cr_assert_eq(hf_private_key_read(&out->key, pki_file(name)), HF_OK, "key %s", name);
    out->credentials = (hf_credentials){
        .chain = out->chain, .chain_count = issuer != NULL ? 2 : 1, .key = &out->key};
}

const hf_trust_anchor *pki_roots(size_t *count)
{
    static hf_trust_anchor anchors[4];
    anchors[0].certificate = pki_file("root-rsa2048.der");
    anchors[1].certificate = pki_file("root-p256.der");
    anchors[2].certificate = pki_file("root-p384.der");
    anchors[3].certificate = pki_file("root-p521.der");
    *count = 4;
    return anchors;
}

bool test_random(void *context, uint8_t *out, size_t size)
{
    uint64_t *state = context;
    for (size_t i = 0; i < size; i++) { /* xorshift64* */
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        out[i] = (uint8_t)((*state * UINT64_C(0x2545f4914f6cdd1d)) >> 56);
    }
    return true;
}

static bool test_clock(void *context, int64_t *unix_seconds)
{
    *unix_seconds = *(const int64_t *)context;
    return true;
}

static void prepare_endpoint(endpoint *e, uint64_t seed)
{
    memset(e, 0, sizeof *e);
    e->random_state = seed;
    e->now = 1767225600; /* 2026-01-01 */
    e->rx_size = sizeof e->rx;
    e->tx_size = sizeof e->tx;
    e->config.random = (hf_random){test_random, &e->random_state};
    e->config.clock = test_clock;
    e->config.clock_context = &e->now;
}

void pair_prepare(pair *p, const char *server_keys)
{
    size_t count = 0;
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    p->chunk = 0;
    p->session = NULL;
    prepare_endpoint(&p->client, 0x1234567);
    prepare_endpoint(&p->server, 0x89abcdef);
    p->client.config.anchors = pki_roots(&p->client.config.anchor_count);
    for (const char *kind = server_keys; *kind != '\0'; count++) {
        char leaf[64], issuer[64];
        int size = (int)strcspn(kind, " ");
        cr_assert_lt(count, 2);
        (void)snprintf(leaf, sizeof leaf, "server-%.*s", size, kind);
        if (kind[0] != 'p') /* RSA and DSA keys are below the RSA intermediate */
            (void)snprintf(issuer, sizeof issuer, "inter-rsa2048");
        else
            (void)snprintf(issuer, sizeof issuer, "inter-%.*s", size, kind);
        kind += size + (kind[size] == ' ');
        pki_load(&p->server.credentials[count], leaf, issuer);
        p->server.offered[count] = p->server.credentials[count].credentials;
    }
    p->server.binding.credentials = p->server.offered;
    p->server.binding.credentials_count = count;
    p->server.config.bindings = &p->server.binding;
    p->server.config.binding_count = 1;
}

static void start_endpoint(endpoint *e, hf_role role)
{
    cr_assert_eq(hf_conn_init(&e->conn, role, &e->config, &e->handshake,
                              (hf_buf){e->rx, e->rx_size}, (hf_buf){e->tx, e->tx_size}),
                 HF_OK);
}

void pair_start(pair *p)
{
    start_endpoint(&p->client, HF_CLIENT);
    start_endpoint(&p->server, HF_SERVER);
    cr_assert_eq(hf_conn_set_server_name(&p->client.conn, "server.example"), HF_OK);
    if (p->session != NULL)
        cr_assert_eq(hf_conn_set_session(&p->client.conn, p->session), HF_OK);
}

hf_error endpoint_run(endpoint *e)
{
    hf_error error;
    for (int i = 0; i < 1000; i++) {
        error = hf_conn_run(&e->conn);
        if (error != HF_AGAIN)
            return error;
        cr_assert(hf_conn_wants(&e->conn) & HF_HAS_WORK, "HF_AGAIN without HF_HAS_WORK");
    }
    cr_assert_fail("hf_conn_run does not come to an end");
    return error;
}

static size_t minimum(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t endpoint_take(endpoint *e, uint8_t *out, size_t capacity)
{
    size_t taken = 0;
    for (;;) {
        (void)endpoint_run(e);
        hf_span outgoing = hf_conn_outgoing(&e->conn);
        size_t size = minimum(outgoing.size, capacity - taken);
        if (size == 0)
            return taken;
        memcpy(out + taken, outgoing.data, size);
        cr_assert_eq(hf_conn_sent(&e->conn, size), HF_OK);
        taken += size;
    }
}

size_t endpoint_give(endpoint *e, const uint8_t *bytes, size_t size)
{
    size_t given = 0;
    for (;;) {
        hf_buf incoming = hf_conn_incoming(&e->conn);
        size_t part = minimum(incoming.size, size - given);
        if (part == 0)
            return given;
        memcpy(incoming.data, bytes + given, part);
        cr_assert_eq(hf_conn_received(&e->conn, part), HF_OK);
        given += part;
        (void)endpoint_run(e);
    }
}

/* One transfer of at most `chunk` bytes, in place from buffer to buffer. */
static bool transfer(endpoint *from, endpoint *to, size_t chunk)
{
    hf_span outgoing = hf_conn_outgoing(&from->conn);
    hf_buf incoming = hf_conn_incoming(&to->conn);
    size_t size = minimum(outgoing.size, incoming.size);
    if (chunk != 0)
        size = minimum(size, chunk);
    if (size == 0)
        return false;
    memcpy(incoming.data, outgoing.data, size);
    cr_assert_eq(hf_conn_sent(&from->conn, size), HF_OK);
    cr_assert_eq(hf_conn_received(&to->conn, size), HF_OK);
    return true;
}

bool pair_run(pair *p)
{
    for (int round = 0; round < 200000; round++) {
        (void)endpoint_run(&p->client);
        (void)endpoint_run(&p->server);
        bool moved = transfer(&p->client, &p->server, p->chunk);
        moved |= transfer(&p->server, &p->client, p->chunk);
        if (!moved)
            return true;
    }
    return false;
}

void pair_connect(pair *p)
{
    pair_start(p);
    cr_assert(pair_run(p), "the handshake does not come to an end");
}

bool endpoint_write(endpoint *e, const void *data, size_t size)
{
    hf_buf writable = hf_conn_writable(&e->conn);
    if (size > writable.size)
        return false;
    memcpy(writable.data, data, size);
    cr_assert_eq(hf_conn_written(&e->conn, size), HF_OK);
    hf_conn_flush(&e->conn);
    return true;
}

size_t endpoint_read(endpoint *e, void *data, size_t capacity)
{
    size_t done = 0;
    for (;;) {
        hf_span readable = hf_conn_readable(&e->conn);
        size_t size = minimum(readable.size, capacity - done);
        if (size == 0)
            return done;
        memcpy((uint8_t *)data + done, readable.data, size);
        cr_assert_eq(hf_conn_consumed(&e->conn, size), HF_OK);
        done += size;
        (void)endpoint_run(e); /* what was written may have come in more than one record */
    }
}

hf_error endpoint_reason(const endpoint *e)
{
    const hf_failure *failure = hf_conn_failure(&e->conn);
    return failure == NULL ? HF_OK : failure->reason;
}
