/* Buffers of every size: below the minimum hf_conn_init refuses; from there on a handshake either
 * completes or fails because its longest message does not fit, and data passes. */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;
static uint16_t code;

/* The longest message that a side has been sent, header included. */
static uint32_t longest[2];

static void note_length(void *context, const hf_conn *c, const hf_event *event)
{
    uint32_t *most = context;
    (void)c;
    if (event->kind == HF_EVENT_MESSAGE && event->sent && event->total > *most)
        *most = event->total;
}

static const hf_observer observers[2] = {{note_length, &longest[HF_CLIENT], false},
                                         {note_length, &longest[HF_SERVER], false}};

static void prepare(const char *keys, uint16_t suite)
{
    static const hf_psk psk = {{(const uint8_t *)"a device", 8},
                               {(const uint8_t *)"a secret key", 12}};
    endpoint *ends[] = {&p.client, &p.server};
    pair_prepare(&p, keys);
    code = suite;
    memset(longest, 0, sizeof longest);
    for (size_t i = 0; i < 2; i++) {
        hf_config *config = &ends[i]->config;
        config->policy = &hf_policy_compatible;
        config->suites = (hf_code_list){&code, 1};
        config->verify = HF_VERIFY_NONE; /* for speed */
        config->psks = &psk;
        config->psk_count = 1;
        config->observer = &observers[i];
    }
}

/* 700 bytes each way, in as many records as it takes. */
static void expect_transfer(endpoint *from, endpoint *to)
{
    uint8_t out[700], in[700];
    size_t written = 0, read = 0;
    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (uint8_t)(i * 11);
    for (int turn = 0; turn < 100 && read < sizeof in; turn++) {
        size_t room = hf_conn_writable(&from->conn).size;
        size_t size = sizeof out - written < room ? sizeof out - written : room;
        if (size != 0)
            cr_assert(endpoint_write(from, out + written, size));
        written += size;
        cr_assert(pair_run(&p));
        read += endpoint_read(to, in + read, sizeof in - read);
    }
    cr_assert_eq(read, sizeof in);
    cr_assert_eq(memcmp(in, out, sizeof in), 0);
}

static void expect_all_well(size_t size)
{
    cr_assert_eq(endpoint_reason(&p.client), HF_OK, "%zu: %s", size,
                 reason_name(endpoint_reason(&p.client)));
    cr_assert_eq(endpoint_reason(&p.server), HF_OK, "%zu: %s", size,
                 reason_name(endpoint_reason(&p.server)));
    expect_transfer(&p.client, &p.server);
    expect_transfer(&p.server, &p.client);
}

/* A side that still has something of its flight to send hears an alert once it is gone: here into a
 * transport that nobody reads any more. */
static void send_in_vain(endpoint *e)
{
    do {
        cr_assert_eq(hf_conn_sent(&e->conn, hf_conn_outgoing(&e->conn).size), HF_OK);
        (void)endpoint_run(e);
    } while (hf_conn_outgoing(&e->conn).size != 0);
}

/* A part of a message may wait for its rest in front of the next record's header and first byte. */
enum { NEXT_HEADER = 6 };

/* True: the handshake completes, which it must from the size of the longest message on, but for
 * what NEXT_HEADER says. */
static bool completes(endpoint *narrow, endpoint *other, size_t size)
{
    const uint32_t *most = &longest[narrow == &p.client ? HF_SERVER : HF_CLIENT];
    narrow->rx_size = size;
    pair_connect(&p);
    if (endpoint_reason(narrow) == HF_OK) {
        expect_all_well(size);
        cr_assert_leq(*most, size);
        return true;
    }
    cr_assert_eq(endpoint_reason(narrow), HF_ERROR_MESSAGE_EXCEEDS_BUFFER, "%zu: %s", size,
                 reason_name(endpoint_reason(narrow)));
    cr_assert_eq(hf_conn_failure(&narrow->conn)->alert, HF_ALERT_HANDSHAKE_FAILURE);
    send_in_vain(other);
    cr_assert_eq(endpoint_reason(other), HF_ERROR_PEER_ALERT);
    cr_assert_gt(*most + NEXT_HEADER, size, "a message of %u bytes does not fit into %zu",
                 (unsigned)*most, size);
    return false;
}

/* One receive buffer of each size, until well above the first that is enough. */
static void every_size(void (*prepare_pair)(void), hf_role role, size_t step)
{
    size_t enough = 0, failures = 0;
    for (size_t size = HF_RX_MIN; enough < 50; size += step) {
        prepare_pair();
        endpoint *narrow = role == HF_CLIENT ? &p.client : &p.server;
        if (completes(narrow, role == HF_CLIENT ? &p.server : &p.client, size)) {
            enough++;
        } else {
            failures++;
            cr_assert_eq(enough, 0, "a larger buffer did worse");
        }
        cr_assert_lt(size, HF_RX_FULL);
    }
    cr_assert_gt(failures, 0);
}

static void prepare_server_certificate(void)
{
    prepare("rsa2048", 0x009c);
}

Test(buffer_sizes, receiving_client)
{
    every_size(prepare_server_certificate, HF_CLIENT, 1);
}

/* The flight in records of 512 bytes, so that messages are put together over many of them. */
static void prepare_small_records(void)
{
    prepare("rsa2048", 0x009c);
    p.server.tx_size = HF_TX_MIN;
}

Test(buffer_sizes, receiving_pieces)
{
    every_size(prepare_small_records, HF_CLIENT, 3);
}

/* A buffer as long as the longest message. Where its last piece is shorter than the header of the
 * record that brings it, there is no room for that. */
Test(buffer_sizes, receiving_last_bytes)
{
    size_t completed = 0, failed = 0;
    prepare_server_certificate();
    pair_connect(&p);
    size_t size = longest[HF_SERVER];
    for (size_t record = HF_TX_MIN; record < HF_TX_MIN + 600; record++) {
        prepare_server_certificate();
        p.server.tx_size = record;
        if (completes(&p.client, &p.server, size))
            completed++;
        else
            failed++;
    }
    cr_assert_gt(completed, 500);
    cr_assert_gt(failed, 0);
}

static void prepare_client_certificate(void)
{
    static hf_credentials shown;
    prepare("rsa2048", 0x009c);
    pki_load(&p.client.credentials[0], "client-p256", "inter-rsa2048");
    shown = p.client.credentials[0].credentials;
    p.client.config.credentials = &shown;
    p.client.config.credentials_count = 1;
    p.server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
}

Test(buffer_sizes, receiving_server)
{
    every_size(prepare_client_certificate, HF_SERVER, 3);
}

/* No transmit buffer is too small for any message: what does not fit waits. */
Test(buffer_sizes, sending)
{
    for (size_t size = HF_TX_MIN; size < HF_TX_MIN + 1000; size++) {
        prepare("rsa2048", size % 4 == 0 ? 0x009c : 0x00a8);
        p.client.tx_size = p.server.tx_size = size;
        pair_connect(&p);
        expect_all_well(size);
    }
}

Test(buffer_sizes, below_the_minimum)
{
    prepare("p256", 0xc02b);
    endpoint *e = &p.client;
    for (size_t size = 0; size <= HF_RX_MIN; size++)
        cr_assert_eq(hf_conn_init(&e->conn, HF_CLIENT, &e->config, &e->handshake,
                                  (hf_buf){e->rx, size}, (hf_buf){e->tx, HF_TX_MIN}),
                     size < HF_RX_MIN ? HF_ERROR_BUFFER_TOO_SMALL : HF_OK);
    for (size_t size = 0; size <= HF_TX_MIN; size++)
        cr_assert_eq(hf_conn_init(&e->conn, HF_CLIENT, &e->config, &e->handshake,
                                  (hf_buf){e->rx, HF_RX_MIN}, (hf_buf){e->tx, size}),
                     size < HF_TX_MIN ? HF_ERROR_BUFFER_TOO_SMALL : HF_OK);
}
