/* bulk SUITE PAYLOAD MEGABYTES: seals and opens that much application data in records of PAYLOAD
 * bytes through an established connection, then does the same with the AEAD alone, on as much
 * memory in the same rhythm. Prints MB/s of all four and what the connection reaches of the bare
 * primitive. Only the engine's own calls are timed: bytes are carried from one end to the other in
 * between, and the application's data is where hf_conn_writable wants it. bulk.sh counts the
 * instructions. */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AAD_SIZE     13                             /* RFC 5246 6.2.3.3 */
#define RECORD_EXTRA (5 + 8 + HF_AEAD_TAG_SIZE_MAX) /* header, explicit nonce, tag */
#define BATCH        65536 /* payload bytes between two looks at the clock */

typedef struct figures {
    double conn_seal, conn_open, aead_seal, aead_open; /* seconds, the best batch */
} figures;

static double now(void)
{
    struct timespec t;
    (void)timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---------------------------------------------------------------- through a connection */

static BENCH_COUNTED size_t counted_conn_seal(hf_conn *conn, size_t payload, size_t records)
{
    for (size_t i = 0; i < records; i++) {
        bench_expect(hf_conn_writable(conn).size >= payload, "no room to write");
        bench_expect(hf_conn_written(conn, payload) == HF_OK, "hf_conn_written");
        hf_conn_flush(conn);
        bench_run(conn);
    }
    return hf_conn_outgoing(conn).size;
}

/* Returns how much payload there was in `size` bytes that have been put into hf_conn_incoming. */
static BENCH_COUNTED size_t counted_conn_open(hf_conn *conn, size_t size)
{
    size_t opened = 0;
    bench_expect(hf_conn_received(conn, size) == HF_OK, "hf_conn_received");
    for (;;) {
        bench_run(conn);
        hf_span readable = hf_conn_readable(conn);
        if (readable.size == 0)
            return opened;
        opened += readable.size;
        bench_expect(hf_conn_consumed(conn, readable.size) == HF_OK, "hf_conn_consumed");
    }
}

static void measure_connection(bench_pair *pair, size_t payload, size_t records, figures *best)
{
    hf_conn *client = &pair->client.conn, *server = &pair->server.conn;
    double start = now();
    size_t size = counted_conn_seal(client, payload, records);
    double seconds = now() - start;
    best->conn_seal = seconds < best->conn_seal ? seconds : best->conn_seal;
    hf_buf incoming = hf_conn_incoming(server);
    bench_expect(incoming.size >= size, "no room to receive");
    memcpy(incoming.data, hf_conn_outgoing(client).data, size);
    bench_expect(hf_conn_sent(client, size) == HF_OK, "hf_conn_sent");
    start = now();
    size_t opened = counted_conn_open(server, size);
    seconds = now() - start;
    best->conn_open = seconds < best->conn_open ? seconds : best->conn_open;
    bench_expect(opened == payload * records, "data was lost");
}

/* ---------------------------------------------------------------- the AEAD alone */

static void number_nonce(uint8_t nonce[HF_AEAD_NONCE_SIZE], size_t number)
{
    memset(nonce, 0, HF_AEAD_NONCE_SIZE);
    memcpy(nonce, &number, sizeof number);
}

static BENCH_COUNTED void counted_aead_seal(const hf_aead_key *key, uint8_t *data, size_t payload,
                                            size_t records)
{
    static const uint8_t aad[AAD_SIZE];
    uint8_t nonce[HF_AEAD_NONCE_SIZE];
    for (size_t i = 0; i < records; i++) {
        number_nonce(nonce, i);
        bench_expect(hf_aead_seal(key, nonce, (hf_span){aad, sizeof aad}, data, payload,
                                  data + payload) == HF_CRYPTO_OK,
                     "hf_aead_seal");
        data += payload + RECORD_EXTRA;
    }
}

static BENCH_COUNTED void counted_aead_open(const hf_aead_key *key, uint8_t *data, size_t payload,
                                            size_t records)
{
    static const uint8_t aad[AAD_SIZE];
    uint8_t nonce[HF_AEAD_NONCE_SIZE];
    for (size_t i = 0; i < records; i++) {
        number_nonce(nonce, i);
        bench_expect(hf_aead_open(key, nonce, (hf_span){aad, sizeof aad}, data, payload,
                                  data + payload) == HF_CRYPTO_OK,
                     "hf_aead_open");
        data += payload + RECORD_EXTRA;
    }
}

static void measure_aead(const hf_aead_key *key, size_t payload, size_t records, figures *best)
{
    static uint8_t data[BENCH_BUFFER];
    double start = now();
    counted_aead_seal(key, data, payload, records);
    double middle = now();
    counted_aead_open(key, data, payload, records);
    double end = now();
    best->aead_seal = middle - start < best->aead_seal ? middle - start : best->aead_seal;
    best->aead_open = end - middle < best->aead_open ? end - middle : best->aead_open;
}

/* ---------------------------------------------------------------- */

static void print(const char *name, const char *what, size_t payload, size_t batch, double conn,
                  double aead)
{
    double size = (double)batch;
    printf("%-46s %5zu %-5s %8.1f MB/s, bare %8.1f MB/s: %5.1f %%\n", name, payload, what,
           size / conn * 1e-6, size / aead * 1e-6, aead / conn * 100);
}

/* Only the AEAD suites have one primitive to compare with. */
static hf_aead_id aead_of(const hf_suite *suite)
{
    switch (suite->cipher) {
    case HF_CIPHER_AES_128_GCM:
        return HF_AEAD_AES_128_GCM;
    case HF_CIPHER_AES_256_GCM:
        return HF_AEAD_AES_256_GCM;
    case HF_CIPHER_CHACHA20_POLY1305:
        return HF_AEAD_CHACHA20_POLY1305;
    default:
        return HF_AEAD_NONE;
    }
}

int main(int argc, char **argv)
{
    static bench_pair pair;
    static const uint8_t secret[HF_AEAD_KEY_SIZE_MAX] = {1, 2, 3};
    hf_aead_key key;
    figures best = {1e9, 1e9, 1e9, 1e9};
    bench_expect(argc == 4, "usage: bulk SUITE PAYLOAD MEGABYTES");
    const hf_suite *suite = hf_suite_of((uint16_t)strtoul(argv[1], NULL, 16));
    size_t payload = strtoul(argv[2], NULL, 10);
    size_t batches = (size_t)(strtod(argv[3], NULL) * 1e6 / BATCH) + 1;
    bench_expect(suite != NULL && payload > 0 && payload <= HF_RECORD_PLAINTEXT_MAX,
                 "no such suite, or a record cannot be so long");
    size_t records = BATCH / payload;
    bench_prepare(&pair, suite->code, hf_group_at(0)->code,
                  suite->authentication == HF_KEY_EC ? "p256" : "rsa2048");
    bench_connect(&pair);
    bench_expect(hf_aead_init(&key, aead_of(suite), secret) == HF_CRYPTO_OK, "hf_aead_init");
    for (size_t i = 0; i < batches; i++) {
        measure_connection(&pair, payload, records, &best);
        measure_aead(&key, payload, records, &best);
    }
    print(suite->name, "seal", payload, payload * records, best.conn_seal, best.aead_seal);
    print(suite->name, "open", payload, payload * records, best.conn_open, best.aead_open);
    return EXIT_SUCCESS;
}
