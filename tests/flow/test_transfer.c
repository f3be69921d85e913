/* Buffers of every size, data in both directions, closing, and the two helpers on top of the
 * channel calls: hf_pump and hf_io. */
#include "tests/flow/stepper.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <handfast/io.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pair p;
static stepper s;
static uint8_t sent[70000], got[70000];

static void fill_pattern(void)
{
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)(i * 31 + i / 251);
}

/* Sends `size` bytes from one end to the other and compares. */
static void transfer_all(endpoint *from, endpoint *to, size_t size)
{
    size_t written = 0, read = 0;
    for (int round = 0; round < 100000 && read < size; round++) {
        hf_buf room = hf_conn_writable(&from->conn);
        size_t part = size - written < room.size ? size - written : room.size;
        if (part != 0)
            memcpy(room.data, sent + written, part);
        cr_assert_eq(hf_conn_written(&from->conn, part), HF_OK);
        written += part;
        hf_conn_flush(&from->conn);
        cr_assert(pair_run(&p));
        read += endpoint_read(to, got + read, sizeof got - read);
    }
    cr_assert_eq(read, size);
    cr_assert_eq(memcmp(sent, got, size), 0);
}

static void expect_connected(void)
{
    cr_assert_eq(endpoint_reason(&p.client), HF_OK, "client: %s",
                 reason_name(endpoint_reason(&p.client)));
    cr_assert_eq(endpoint_reason(&p.server), HF_OK, "server: %s",
                 reason_name(endpoint_reason(&p.server)));
    cr_assert(hf_conn_wants(&p.client.conn) & HF_ESTABLISHED);
    cr_assert(hf_conn_wants(&p.server.conn) & HF_ESTABLISHED);
}

/* ---------------------------------------------------------------- buffers */

/* The receive buffer bounds one handshake message: as soon as the longest one fits, all goes. */
Test(transfer, receive_buffers)
{
    size_t connected = 0;
    for (size_t size = HF_RX_MIN; size < HF_RX_MIN + 1200; size += 16) {
        pair_prepare(&p, "p256");
        p.client.rx_size = size;
        p.server.rx_size = HF_RX_MIN;
        p.client.tx_size = p.server.tx_size = HF_TX_MIN;
        pair_connect(&p);
        if (endpoint_reason(&p.client) == HF_OK) {
            expect_connected();
            connected++;
        } else {
            cr_assert_eq(endpoint_reason(&p.client), HF_ERROR_MESSAGE_EXCEEDS_BUFFER);
            cr_assert_eq(endpoint_reason(&p.server), HF_ERROR_PEER_ALERT);
            cr_assert_eq(hf_conn_failure(&p.server.conn)->alert, 40);
            cr_assert_eq(connected, 0, "a larger buffer did worse");
        }
    }
    cr_assert_gt(connected, 0);
}

Test(transfer, smallest_buffers)
{
    static const size_t chunks[] = {0, 1, 3, 100};
    fill_pattern();
    for (size_t i = 0; i < 4; i++) {
        pair_prepare(&p, "p256");
        p.server.credentials[0].credentials.chain_count = 1;
        pki_load(&p.server.credentials[0], "server-p256-direct", NULL);
        p.server.offered[0] = p.server.credentials[0].credentials;
        p.chunk = chunks[i];
        p.client.rx_size = p.server.rx_size = HF_RX_MIN;
        p.client.tx_size = p.server.tx_size = HF_TX_MIN;
        pair_connect(&p);
        expect_connected();
        transfer_all(&p.client, &p.server, 5000);
        transfer_all(&p.server, &p.client, 5000);
    }
}

/* A server's flight in one record of the largest size passes through a receive buffer that is
 * smaller than the record: only messages must fit. */
Test(transfer, large_clear_records)
{
    static uint8_t flight[20000];
    size_t size = 0;
    stepper_prepare(&s, EXCHANGE_ECDSA, HF_CLIENT);
    s.p.client.rx_size = 4096;
    s.p.server.credentials[0].credentials.chain_count = 2;
    stepper_start(&s);
    cr_assert_not_null(stepper_peek(&s));
    for (; s.next < s.count; s.next++) {
        const piece *next = &s.pieces[s.next];
        memcpy(flight + size, s.bytes + next->offset, next->size);
        size += next->size;
        /* What a client ignores makes the record as long as a record may be. */
        while (s.next == 0 && size + 4 <= 14000) {
            memset(flight + size, 0, 4);
            size += 4;
        }
    }
    cr_assert_gt(size, 14000);
    cr_assert_leq(size, 16384);
    static uint8_t record[20000];
    size_t whole = clear_record(record, 22, HF_TLS1_2, flight, size);
    cr_assert_eq(endpoint_give(s.victim, record, whole), whole);
    stepper_expect_success(&s);
}

/* A protected record that cannot fit has a reason of its own. */
Test(transfer, record_exceeds_buffer)
{
    stepper_prepare(&s, EXCHANGE_ECDSA, HF_SERVER);
    s.p.server.rx_size = HF_RX_MIN;
    stepper_start(&s);
    (void)stepper_peek(&s);
    stepper_finish(&s);
    static uint8_t content[2000];
    size_t fits = HF_RX_MIN - 5 - 8 - 16;
    stepper_inject(&s, 23, content, fits);
    cr_assert_eq(hf_conn_readable(&s.victim->conn).size, fits);
    cr_assert_eq(endpoint_read(s.victim, got, sizeof got), fits);
    (void)endpoint_run(s.victim);
    stepper_inject(&s, 23, content, fits + 1);
    stepper_expect_failure(&s, HF_ERROR_RECORD_EXCEEDS_BUFFER, 22);
}

/* ---------------------------------------------------------------- data */

typedef struct size_case {
    size_t size, rx, tx;
} size_case;

ParameterizedTestParameters(transfer, sizes)
{
    static size_case cases[100];
    static const size_t sizes[] = {1,     2,     511,   512,   513,   1023,  1024,  16383,
                                   16384, 16385, 32767, 32768, 32769, 65535, 65536, 70000};
    size_t count = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        cases[count++] = (size_case){sizes[i], HF_RX_FULL, HF_TX_FULL};
        cases[count++] = (size_case){sizes[i], HF_RX_MIN + 1000, HF_TX_MIN};
        cases[count++] = (size_case){sizes[i], HF_RX_FULL, 3000};
    }
    return cr_make_param_array(size_case, cases, count);
}

ParameterizedTest(const size_case *k, transfer, sizes)
{
    fill_pattern();
    pair_prepare(&p, "p256");
    p.client.rx_size = p.server.rx_size = k->rx;
    p.client.tx_size = p.server.tx_size = k->tx;
    pair_connect(&p);
    expect_connected();
    transfer_all(&p.client, &p.server, k->size);
    transfer_all(&p.server, &p.client, k->size);
    expect_connected();
}

/* RFC 5246 6.2.1: no more than 2^14 bytes in a record, however large the buffer; and a full
 * record is sealed without hf_conn_flush. */
Test(transfer, largest_record)
{
    pair_prepare(&p, "p256");
    pair_connect(&p);
    hf_buf room = hf_conn_writable(&p.client.conn);
    cr_assert_eq(room.size, 16384);
    memset(room.data, 'x', room.size);
    cr_assert_eq(hf_conn_written(&p.client.conn, room.size), HF_OK);
    (void)endpoint_run(&p.client);
    hf_span out = hf_conn_outgoing(&p.client.conn);
    cr_assert_eq(out.size, 5 + 16384 + 16); /* ChaCha20-Poly1305: no explicit nonce */
    cr_assert(pair_run(&p));
    cr_assert_eq(endpoint_read(&p.server, got, sizeof got), 16384);
}

/* Data arrives in order while the other direction is busy, too. */
Test(transfer, both_directions_at_once)
{
    fill_pattern();
    pair_prepare(&p, "p256");
    p.client.tx_size = p.server.tx_size = 1000;
    p.client.rx_size = p.server.rx_size = 2048;
    pair_connect(&p);
    size_t up = 0, down = 0, up_read = 0, down_read = 0;
    for (int round = 0; round < 10000 && (up_read < 60000 || down_read < 60000); round++) {
        hf_buf room = hf_conn_writable(&p.client.conn);
        size_t part = 60000 - up < room.size ? 60000 - up : room.size;
        memcpy(room.data, sent + up, part);
        cr_assert_eq(hf_conn_written(&p.client.conn, part), HF_OK);
        up += part;
        room = hf_conn_writable(&p.server.conn);
        part = 60000 - down < room.size ? 60000 - down : room.size;
        memcpy(room.data, sent + down, part);
        cr_assert_eq(hf_conn_written(&p.server.conn, part), HF_OK);
        down += part;
        hf_conn_flush(&p.client.conn);
        hf_conn_flush(&p.server.conn);
        cr_assert(pair_run(&p));
        hf_span data = hf_conn_readable(&p.server.conn);
        cr_assert_eq(memcmp(data.data, sent + up_read, data.size), 0);
        up_read += data.size;
        cr_assert_eq(hf_conn_consumed(&p.server.conn, data.size), HF_OK);
        data = hf_conn_readable(&p.client.conn);
        cr_assert_eq(memcmp(data.data, sent + down_read, data.size), 0);
        down_read += data.size;
        cr_assert_eq(hf_conn_consumed(&p.client.conn, data.size), HF_OK);
    }
    cr_assert_eq(up_read, 60000);
    cr_assert_eq(down_read, 60000);
}

/* ---------------------------------------------------------------- closing */

/* Data that was written before hf_conn_close arrives, from either side (RFC 5246 7.2.1). */
Test(transfer, close_with_data_pending)
{
    for (int i = 0; i < 2; i++) {
        pair_prepare(&p, "p256");
        pair_connect(&p);
        endpoint *from = i == 0 ? &p.client : &p.server, *to = i == 0 ? &p.server : &p.client;
        hf_buf room = hf_conn_writable(&from->conn);
        memcpy(room.data, "the end", 7);
        cr_assert_eq(hf_conn_written(&from->conn, 7), HF_OK);
        hf_conn_close(&from->conn);
        cr_assert_eq(hf_conn_writable(&from->conn).size, 0);
        cr_assert_eq(hf_conn_written(&from->conn, 1), HF_ERROR_BAD_STATE);
        cr_assert(pair_run(&p));
        cr_assert_not(hf_conn_wants(&to->conn) & HF_CLOSED);
        cr_assert_eq(endpoint_read(to, got, sizeof got), 7);
        cr_assert_eq(memcmp(got, "the end", 7), 0);
        cr_assert(pair_run(&p));
        cr_assert_eq(hf_conn_wants(&from->conn), HF_CLOSED | HF_ESTABLISHED);
        cr_assert_eq(hf_conn_wants(&to->conn), HF_CLOSED | HF_ESTABLISHED);
    }
}

/* Data from the peer is still read after one's own close_notify. */
Test(transfer, read_after_close)
{
    pair_prepare(&p, "p256");
    pair_connect(&p);
    hf_conn_close(&p.client.conn);
    (void)endpoint_run(&p.client);
    cr_assert(endpoint_write(&p.server, "late", 4));
    (void)endpoint_run(&p.server);
    cr_assert(pair_run(&p));
    cr_assert_eq(endpoint_read(&p.client, got, sizeof got), 4);
    cr_assert(pair_run(&p));
    cr_assert_eq(hf_conn_wants(&p.client.conn), HF_CLOSED | HF_ESTABLISHED);
}

Test(transfer, both_close_at_once)
{
    pair_prepare(&p, "p256");
    pair_connect(&p);
    hf_conn_close(&p.client.conn);
    hf_conn_close(&p.server.conn);
    hf_conn_close(&p.server.conn); /* once more: nothing */
    cr_assert(pair_run(&p));
    cr_assert_eq(hf_conn_wants(&p.client.conn), HF_CLOSED | HF_ESTABLISHED);
    cr_assert_eq(hf_conn_wants(&p.server.conn), HF_CLOSED | HF_ESTABLISHED);
}

/* The end of the transport without a close_notify is truncation, but what came is read first. */
Test(transfer, truncation)
{
    pair_prepare(&p, "p256");
    pair_connect(&p);
    cr_assert(endpoint_write(&p.client, "half", 4));
    cr_assert(pair_run(&p));
    hf_conn_eof(&p.server.conn);
    (void)endpoint_run(&p.server);
    cr_assert_eq(endpoint_reason(&p.server), HF_OK);
    cr_assert_eq(endpoint_read(&p.server, got, 2), 2);
    (void)endpoint_run(&p.server);
    cr_assert_eq(endpoint_reason(&p.server), HF_OK);
    cr_assert_eq(endpoint_read(&p.server, got, 2), 2);
    (void)endpoint_run(&p.server);
    const hf_failure *why = hf_conn_failure(&p.server.conn);
    cr_assert_not_null(why);
    cr_assert_eq(why->reason, HF_ERROR_TRUNCATED);
    cr_assert_eq(why->alert, HF_ALERT_NONE);
    cr_assert_eq(hf_conn_outgoing(&p.server.conn).size, 0);
}

/* The same within a record, and within a handshake at each of its steps. */
Test(transfer, truncation_within)
{
    pair_prepare(&p, "p256");
    pair_connect(&p);
    cr_assert_eq(endpoint_give(&p.server, (const uint8_t *)"\x17\3\3\0", 4), 4);
    hf_conn_eof(&p.server.conn);
    (void)endpoint_run(&p.server);
    cr_assert_eq(endpoint_reason(&p.server), HF_ERROR_TRUNCATED);
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        for (size_t n = 0; n < stepper_pieces(EXCHANGE_ECDSA, (hf_role)role); n++) {
            stepper_reach(&s, EXCHANGE_ECDSA, (hf_role)role, n);
            hf_conn_eof(&s.victim->conn);
            (void)endpoint_run(s.victim);
            cr_assert_eq(endpoint_reason(s.victim), HF_ERROR_CLOSED_IN_HANDSHAKE);
        }
    }
}

/* hf_conn_close during the handshake abandons it with user_canceled (RFC 5246 7.2.2). */
Test(transfer, abandoned)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        for (size_t n = 0; n < stepper_pieces(EXCHANGE_ECDSA, (hf_role)role); n++) {
            stepper_reach(&s, EXCHANGE_ECDSA, (hf_role)role, n);
            hf_conn_close(&s.victim->conn);
            (void)endpoint_run(s.victim);
            stepper_expect_failure(&s, HF_ERROR_HANDSHAKE_ABANDONED, 90);
        }
    }
}

/* The handshake object goes to another connection as soon as it is free, wiped. */
Test(transfer, pooled_handshake)
{
    static const hf_handshake zeroes;
    static hf_conn second;
    static uint8_t rx[4096], tx[4096];
    pair_prepare(&p, "p256");
    pair_start(&p);
    cr_assert_null(hf_conn_release_handshake(&p.server.conn));
    cr_assert(pair_run(&p));
    hf_handshake *free = hf_conn_release_handshake(&p.server.conn);
    cr_assert_eq(free, &p.server.handshake);
    cr_assert(same_memory(free, &zeroes, sizeof zeroes));
    cr_assert_eq(hf_conn_init(&second, HF_SERVER, &p.server.config, free, (hf_buf){rx, sizeof rx},
                              (hf_buf){tx, sizeof tx}),
                 HF_OK);
    fill_pattern();
    transfer_all(&p.client, &p.server, 1000);
    transfer_all(&p.server, &p.client, 1000);
    cr_assert_eq(hf_conn_server_name(&p.server.conn).size, 0);
    hf_conn_close(&p.client.conn);
    cr_assert(pair_run(&p));
    cr_assert_eq(hf_conn_wants(&p.server.conn), HF_CLOSED | HF_ESTABLISHED);
    hf_conn_wipe(&p.server.conn);
}

/* ---------------------------------------------------------------- hf_pump */

Test(transfer, pump)
{
    static uint8_t wire[2][40000];
    for (size_t room = 1; room < 3000; room += 731) {
        size_t held[2] = {0, 0};
        pair_prepare(&p, "p256");
        pair_start(&p);
        for (int round = 0; round < 20000; round++) {
            hf_conn *c = round % 2 == 0 ? &p.client.conn : &p.server.conn;
            int mine = round % 2, theirs = 1 - mine;
            size_t in = held[mine], out = sizeof wire[0] - held[theirs];
            if (out > room)
                out = room;
            cr_assert_eq(hf_pump(c, wire[mine], &in, wire[theirs] + held[theirs], &out), HF_OK);
            cr_assert_leq(in, held[mine]);
            cr_assert_leq(out, room);
            held[mine] -= in;
            memmove(wire[mine], wire[mine] + in, held[mine]);
            held[theirs] += out;
        }
        expect_connected();
        cr_assert_eq(hf_conn_wants(&p.client.conn) & (HF_HAS_WORK | HF_CAN_SEND), 0);
    }
}

Test(transfer, pump_reports_failure)
{
    uint8_t out[256];
    pair_prepare(&p, "p256");
    pair_start(&p);
    size_t in = 16, room = sizeof out;
    cr_assert_eq(hf_pump(&p.server.conn, (const uint8_t *)"GET / HTTP/1.1\r\n", &in, out, &room),
                 HF_ERROR_NOT_TLS);
    cr_assert_eq(room, 7);
    cr_assert_eq(memcmp(out, "\x15\3\1\0\2\2\x0a", 7), 0);
}

/* ---------------------------------------------------------------- hf_io */

static ptrdiff_t read_socket(void *context, uint8_t *data, size_t size)
{
    return read(*(int *)context, data, size);
}

static ptrdiff_t write_socket(void *context, const uint8_t *data, size_t size)
{
    return write(*(int *)context, data, size > 1000 ? 1000 : size);
}

typedef struct peer_thread {
    hf_io io;
    hf_error closed;
    ptrdiff_t end;
} peer_thread;

/* The server: sends back all it gets. */
static void *serve(void *context)
{
    peer_thread *t = context;
    uint8_t part[5000];
    t->end = HF_IO_ERROR;
    t->closed = HF_ERROR_BAD_STATE;
    if (hf_io_handshake(&t->io) != HF_OK)
        return NULL;
    while ((t->end = hf_io_receive(&t->io, part, sizeof part)) > 0)
        if (hf_io_send(&t->io, part, (size_t)t->end) != t->end)
            return NULL;
    t->closed = hf_io_close(&t->io);
    return NULL;
}

Test(transfer, io_over_sockets, .timeout = 30)
{
    int ends[2];
    pthread_t thread;
    fill_pattern();
    pair_prepare(&p, "p256");
    pair_start(&p);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    peer_thread server = {.io = {&p.server.conn, read_socket, write_socket, &ends[1]}};
    hf_io client = {&p.client.conn, read_socket, write_socket, &ends[0]};
    cr_assert_eq(pthread_create(&thread, NULL, serve, &server), 0);
    cr_assert_eq(hf_io_handshake(&client), HF_OK);
    for (size_t size = 1; size < 20000; size = size * 3 + 1) {
        cr_assert_eq(hf_io_send(&client, sent, size), (ptrdiff_t)size);
        for (size_t at = 0; at < size;) {
            ptrdiff_t part = hf_io_receive(&client, got + at, sizeof got - at);
            cr_assert_gt(part, 0);
            at += (size_t)part;
        }
        cr_assert_eq(memcmp(sent, got, size), 0);
    }
    cr_assert_eq(hf_io_close(&client), HF_OK);
    cr_assert_eq(hf_io_receive(&client, got, sizeof got), 0);
    cr_assert_eq(hf_io_receive(&client, got, sizeof got), 0);
    cr_assert_eq(hf_io_send(&client, sent, 1), HF_IO_ERROR);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(server.end, 0);
    cr_assert_eq(server.closed, HF_OK);
    cr_assert_eq(close(ends[0]), 0);
    cr_assert_eq(close(ends[1]), 0);
}

/* The transport ends without a close_notify: no end of data, but an error with its reason. */
Test(transfer, io_truncated, .timeout = 30)
{
    int ends[2];
    pthread_t thread;
    pair_prepare(&p, "p256");
    pair_start(&p);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    peer_thread server = {.io = {&p.server.conn, read_socket, write_socket, &ends[1]}};
    hf_io client = {&p.client.conn, read_socket, write_socket, &ends[0]};
    cr_assert_eq(pthread_create(&thread, NULL, serve, &server), 0);
    cr_assert_eq(hf_io_handshake(&client), HF_OK);
    cr_assert_eq(shutdown(ends[0], SHUT_WR), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(server.end, HF_IO_ERROR);
    cr_assert_eq(endpoint_reason(&p.server), HF_ERROR_TRUNCATED);
    cr_assert_eq(close(ends[1]), 0);
    cr_assert_eq(hf_io_receive(&client, got, sizeof got), HF_IO_ERROR);
    cr_assert_eq(endpoint_reason(&p.client), HF_ERROR_TRUNCATED);
    cr_assert_eq(close(ends[0]), 0);
}
