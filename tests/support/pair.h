/* A client and a server in one process, joined by memory: for tests of the engine. */
#ifndef HF_TESTS_PAIR_H
#define HF_TESTS_PAIR_H

#include <handfast/handfast.h>

/* --- credentials from the test certificates (tests/support/make_pki.sh) --- */

#define PKI_CHAIN_MAX 2

typedef struct pki_credentials {
    hf_credentials credentials;
    hf_span chain[PKI_CHAIN_MAX];
    hf_private_key key;
} pki_credentials;

/* A whole file of the certificate folder, loaded once and kept until the process ends. */
hf_span pki_file(const char *name);
/* `leaf` as in make_pki.sh ("server-p256"), `issuer` the intermediate ("inter-p256") or NULL. */
void pki_load(pki_credentials *out, const char *leaf, const char *issuer);
/* The four roots as trust anchors. */
const hf_trust_anchor *pki_roots(size_t *count);

/* --- the pair --- */

typedef struct endpoint {
    hf_conn conn;
    hf_handshake handshake;
    hf_config config;
    hf_binding binding;
    pki_credentials credentials[2];
    hf_credentials offered[2]; /* server */
    uint8_t rx[HF_RX_FULL];
    uint8_t tx[HF_TX_FULL];
    size_t rx_size, tx_size; /* how much of them the connection gets */
    uint64_t random_state;
    int64_t now;
} endpoint;

typedef struct pair {
    endpoint client, server;
    size_t chunk;        /* most bytes that cross at a time; 0: all there are */
    hf_session *session; /* where the client keeps its session, or NULL */
} pair;

/* Sets both sides up with safe defaults and the server's certificates ("p256", "rsa2048", ...;
 * several separated by a space); the test may then change the configurations. */
void pair_prepare(pair *p, const char *server_keys);
/* hf_conn_init on both ends; fails the test if either refuses. */
void pair_start(pair *p);
/* Moves bytes until neither side gets on. Returns false after a bounded number of rounds. */
bool pair_run(pair *p);
/* Both at once. */
void pair_connect(pair *p);

/* Takes everything the endpoint has to send: up to `capacity` bytes into `out`. Runs it first. */
size_t endpoint_take(endpoint *e, uint8_t *out, size_t capacity);
/* Gives bytes to the endpoint and runs it; returns how many it took. */
size_t endpoint_give(endpoint *e, const uint8_t *bytes, size_t size);
/* Runs until there is nothing to do; returns what hf_conn_run returned last. */
hf_error endpoint_run(endpoint *e);

/* Writes all of it as application data; false if there is no room for it. */
bool endpoint_write(endpoint *e, const void *data, size_t size);
/* Reads what there is, over as many records as it takes, up to `capacity`. */
size_t endpoint_read(endpoint *e, void *data, size_t capacity);

/* The reason of the endpoint's failure, HF_OK if it has not failed. */
hf_error endpoint_reason(const endpoint *e);

/* Deterministic bytes: a generator that only tests may use. */
bool test_random(void *context, uint8_t *out, size_t size);

#endif
