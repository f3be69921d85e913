/* One loop, many connections: an echo server over sockets that never block.
 *
 *     poll PORT CHAIN... KEY       DER files, leaf first; on 127.0.0.1, PORT 0: the system chooses
 *
 * This is how a program drives connections itself; a client's are driven in the same way. What
 * hf_conn_wants says becomes what poll(2) waits for, bytes go straight between the sockets and the
 * spans that a connection hands out, and hf_conn_run does the work: at most one public-key
 * operation a call, so that one connection's handshake does not hold up the others. Ends on SIGINT
 * or SIGTERM. */
#include "crypto_glue/random.h"

#include <handfast/handfast.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PEERS_MAX       64
#define HANDSHAKES_MAX  8  /* at once; whoever comes then waits in the backlog */
#define TIMEOUT_SECONDS 30 /* for a handshake, and then without a byte */

struct peer {
    int socket; /* -1: a free place */
    bool is_draining;
    time_t deadline;
    hf_handshake *handshake; /* NULL once it has been given back */
    hf_conn conn;
    uint8_t rx[HF_RX_FULL], tx[HF_TX_FULL];
};

static struct peer peers[PEERS_MAX];
static hf_handshake *spare[HANDSHAKES_MAX];
static size_t spare_count;
static volatile sig_atomic_t is_stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    is_stopped = 1;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* ------------------------------------------------------------------ one connection */

static void give_back_handshake(struct peer *peer)
{
    if (peer->handshake != NULL)
        spare[spare_count++] = peer->handshake;
    peer->handshake = NULL;
}

/* All of a connection is over. What is in its handshake object is wiped with it. */
static void end(struct peer *peer)
{
    hf_conn_wipe(&peer->conn);
    give_back_handshake(peer);
    (void)close(peer->socket);
    peer->socket = -1;
}

/* Why a connection has failed, in the library's words. */
static void report(const hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);
    if (failure == NULL)
        return;
    const hf_reason *reason = hf_reason_of(failure->reason);
    fprintf(stderr, "poll: %s: %s (%s)\n", reason->symbol, reason->sentence, reason->section);
    if (failure->alert_received)
        fprintf(stderr, "  its alert: %s\n", hf_alert_name(failure->alert));
}

/* From the socket into the connection. Its end is news, too: the connection knows whether the peer
 * had said goodbye before. False if the connection is beyond help. */
static bool receive(struct peer *peer)
{
    hf_buf room = hf_conn_incoming(&peer->conn);
    if (room.size == 0)
        return true;
    ssize_t size = recv(peer->socket, room.data, room.size, 0);
    if (size > 0)
        return hf_conn_received(&peer->conn, (size_t)size) == HF_OK;
    if (size == 0 || !would_block())
        hf_conn_eof(&peer->conn);
    return true;
}

/* From the connection into the socket, as much as that takes. */
static bool transmit(struct peer *peer)
{
    hf_span bytes = hf_conn_outgoing(&peer->conn);
    if (bytes.size == 0)
        return true;
    ssize_t size = send(peer->socket, bytes.data, bytes.size, MSG_NOSIGNAL);
    if (size < 0)
        return would_block();
    return hf_conn_sent(&peer->conn, (size_t)size) == HF_OK;
}

/* The application: what can be read is written back, no more of it than there is room for. What is
 * left stays where it is, and a peer that sends but never reads is held up by its own silence. */
static bool echo(hf_conn *conn)
{
    hf_span data = hf_conn_readable(conn);
    hf_buf room = hf_conn_writable(conn);
    size_t size = data.size < room.size ? data.size : room.size;
    if (size == 0)
        return true;
    memcpy(room.data, data.data, size);
    if (hf_conn_written(conn, size) != HF_OK || hf_conn_consumed(conn, size) != HF_OK)
        return false;
    hf_conn_flush(conn);
    return true;
}

/* A socket that is closed with bytes unread is reset, and a reset may overtake our last alert. So
 * our end is closed first, and what still comes is thrown away. */
static void drain(struct peer *peer)
{
    uint8_t unread[4096];
    ssize_t size = recv(peer->socket, unread, sizeof unread, 0);
    if (size == 0 || (size < 0 && !would_block()))
        end(peer);
}

static void finish(struct peer *peer)
{
    report(&peer->conn);
    peer->is_draining = true;
    if (shutdown(peer->socket, SHUT_WR) != 0)
        end(peer);
}

/* One turn. After it the connection may still have work, for which it gets another one. */
static void take_turn(struct peer *peer, bool is_ready)
{
    if (peer->is_draining) {
        drain(peer);
        return;
    }
    bool is_fine = !is_ready || receive(peer);
    (void)hf_conn_run(&peer->conn); /* if that fails, there is still an alert to send */
    if (!is_fine || !echo(&peer->conn) || !transmit(peer)) {
        end(peer);
        return;
    }
    uint32_t wants = hf_conn_wants(&peer->conn);
    if ((wants & HF_ESTABLISHED) != 0 && hf_conn_release_handshake(&peer->conn) != NULL)
        give_back_handshake(peer);
    if ((wants & HF_ESTABLISHED) != 0 && is_ready)
        peer->deadline = time(NULL) + TIMEOUT_SECONDS;
    if ((wants & (HF_CLOSED | HF_FAILED)) != 0 && (wants & HF_CAN_SEND) == 0)
        finish(peer);
}

/* ------------------------------------------------------------------ all of them */

static struct peer *free_place(void)
{
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (peers[i].socket < 0)
            return &peers[i];
    return NULL;
}

/* Both a place and a handshake object are free. */
static void take_client(int listener, const hf_config *config)
{
    struct peer *peer = free_place();
    peer->socket = accept(listener, NULL, NULL);
    if (peer->socket < 0)
        return; /* it has gone already */
    peer->is_draining = false;
    peer->deadline = time(NULL) + TIMEOUT_SECONDS;
    peer->handshake = spare[--spare_count];
    hf_error error =
        hf_conn_init(&peer->conn, HF_SERVER, config, peer->handshake,
                     (hf_buf){peer->rx, sizeof peer->rx}, (hf_buf){peer->tx, sizeof peer->tx});
    if (error != HF_OK)
        fprintf(stderr, "poll: %s\n", hf_reason_of(error)->sentence);
    if (error != HF_OK || fcntl(peer->socket, F_SETFL, O_NONBLOCK) != 0)
        end(peer);
}

/* What to wait for. A socket of which nothing is wanted is left out: poll(2) would report its
 * hanging up again and again. */
static struct pollfd interest(const struct peer *peer)
{
    uint32_t wants = hf_conn_wants(&peer->conn);
    int events = 0;
    if (peer->is_draining || (wants & HF_CAN_RECEIVE) != 0)
        events |= POLLIN;
    if (!peer->is_draining && (wants & HF_CAN_SEND) != 0)
        events |= POLLOUT;
    return (struct pollfd){.fd = events != 0 ? peer->socket : -1, .events = (short)events};
}

/* Whether another turn would get on without waiting: for the connection, or for the application. */
static bool has_work(const struct peer *peer)
{
    if (peer->socket < 0 || peer->is_draining)
        return false;
    uint32_t wants = hf_conn_wants(&peer->conn);
    return (wants & HF_HAS_WORK) != 0 ||
           ((wants & HF_CAN_READ) != 0 && (wants & HF_CAN_WRITE) != 0);
}

/* Until a signal comes, or poll(2) fails. */
static int loop(int listener, const hf_config *config)
{
    while (!is_stopped) {
        struct pollfd polled[PEERS_MAX + 1];
        bool is_taking = free_place() != NULL && spare_count > 0, is_busy = false;
        for (size_t i = 0; i < PEERS_MAX; i++) {
            polled[i] = interest(&peers[i]);
            is_busy = is_busy || has_work(&peers[i]);
        }
        polled[PEERS_MAX] = (struct pollfd){.fd = is_taking ? listener : -1, .events = POLLIN};
        /* A second is the precision of the deadlines. */
        if (poll(polled, PEERS_MAX + 1, is_busy ? 0 : 1000) < 0) {
            if (errno == EINTR)
                continue;
            perror("poll");
            return 1;
        }
        for (size_t i = 0; i < PEERS_MAX; i++) {
            if (polled[i].revents != 0 || has_work(&peers[i]))
                take_turn(&peers[i], (polled[i].revents & ~POLLOUT) != 0);
            if (peers[i].socket >= 0 && peers[i].deadline < time(NULL))
                end(&peers[i]);
        }
        if (polled[PEERS_MAX].revents != 0)
            take_client(listener, config);
    }
    return 0;
}

/* Says goodbye, without waiting for an answer (RFC 5246 7.2.1). */
static void end_all(void)
{
    for (size_t i = 0; i < PEERS_MAX; i++) {
        if (peers[i].socket < 0)
            continue;
        hf_conn_close(&peers[i].conn);
        while (hf_conn_run(&peers[i].conn) == HF_AGAIN)
            continue;
        (void)transmit(&peers[i]);
        end(&peers[i]);
    }
}

/* ------------------------------------------------------------------ setting up */

/* A socket, or -1. Says on standard output which port it got. */
static int listen_at(const char *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    const int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(listener, (struct sockaddr *)&at, size) != 0 || listen(listener, PEERS_MAX) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &size) != 0 ||
        fcntl(listener, F_SETFL, O_NONBLOCK) != 0)
        return -1;
    printf("listening on 127.0.0.1:%u\n", ntohs(at.sin_port));
    return fflush(stdout) == 0 ? listener : -1;
}

/* A file, which stays in memory until the end; exits if there is none. */
static hf_span load(const char *path)
{
    static uint8_t files[HF_CHAIN_MAX + 1][8192];
    static size_t count;
    FILE *file = fopen(path, "rb");
    if (file == NULL || count == sizeof files / sizeof files[0]) {
        perror(path);
        exit(2);
    }
    size_t size = fread(files[count], 1, sizeof files[count], file);
    (void)fclose(file);
    return (hf_span){files[count++], size};
}

static bool set_up(void)
{
    static hf_handshake handshakes[HANDSHAKES_MAX];
    const struct sigaction action = {.sa_handler = stop};
    for (size_t i = 0; i < PEERS_MAX; i++)
        peers[i].socket = -1;
    while (spare_count < HANDSHAKES_MAX) {
        spare[spare_count] = &handshakes[spare_count];
        spare_count++;
    }
    return sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0 &&
           hf_crypto_init() == HF_CRYPTO_OK;
}

int main(int argc, char **argv)
{
    hf_span chain[HF_CHAIN_MAX];
    hf_private_key key;
    if (argc < 4 || argc > HF_CHAIN_MAX + 3 || !set_up()) {
        fputs("usage: poll PORT CHAIN... KEY\n", stderr);
        return 2;
    }
    for (int i = 2; i < argc - 1; i++)
        chain[i - 2] = load(argv[i]);
    hf_error error = hf_private_key_read(&key, load(argv[argc - 1]));
    if (error != HF_OK) {
        fprintf(stderr, "poll: %s\n", hf_reason_of(error)->sentence);
        return 2;
    }
    const hf_credentials credentials = {
        .chain = chain, .chain_count = (size_t)argc - 3, .key = &key};
    const hf_binding binding = {.credentials = &credentials, .credentials_count = 1};
    const hf_config config = {
        .random = {hf_random_system, NULL}, .bindings = &binding, .binding_count = 1};
    int listener = listen_at(argv[1]);
    if (listener < 0) {
        perror("listen");
        return 2;
    }
    int status = loop(listener, &config);
    end_all();
    (void)close(listener);
    return status;
}
