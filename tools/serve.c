/* One poll loop for all connections of a server. What happens to one of them never touches another;
 * each ends with one log line. */
#include "tools/http.h"
#include "tools/log.h"
#include "tools/page.h"
#include "tools/server.h"
#include "tools/tools.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_PER_TURN 64
#define ACCEPT_PAUSE_MS  100 /* after running out of descriptors or memory */

struct peer {
    struct endpoint *endpoint;
    char address[NET_ADDRESS_MAX];
    int64_t idle_deadline;
    struct http_request *request;
    char *reply;
    size_t reply_size, reply_sent;
    bool close_after_reply, timed_out;
};

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* ------------------------------------------------------------------ what is done with data */

static void print_data(struct peer *peer)
{
    hf_conn *conn = &peer->endpoint->conn;
    while (hf_conn_wants(conn) & HF_CAN_READ) {
        hf_span data = hf_conn_readable(conn);
        fwrite(data.data, 1, data.size, stdout);
        endpoint_consume(peer->endpoint, data.size);
        endpoint_work(peer->endpoint);
    }
    fflush(stdout);
}

/* Reads no more than it can send back. */
static void echo_data(struct peer *peer)
{
    hf_conn *conn = &peer->endpoint->conn;
    size_t moved;
    do {
        hf_span data = hf_conn_readable(conn);
        moved = endpoint_write(peer->endpoint, data.data, data.size);
        if (moved) {
            endpoint_consume(peer->endpoint, moved);
            hf_conn_flush(conn);
            endpoint_work(peer->endpoint);
        }
    } while (moved);
}

static char *compose_page(const struct server *server, const struct peer *peer, size_t *size)
{
    const struct watch *watch = &peer->endpoint->watch;
    const struct page_facts facts = {.summary = &watch->summary,
                                     .journal = &watch->journal,
                                     .hello = {watch->hello, watch->hello_size},
                                     .client_prefers = server->tls.config.server_preference_off};
    return page_compose(&facts, size);
}

/* Composes the reply to a complete request and makes room for the next one. */
static bool prepare_reply(const struct server *server, struct peer *peer)
{
    struct http_verdict verdict = http_judge(peer->request);
    char *page = NULL;
    size_t page_size = server->page_size;
    if (!server->page && verdict.status == 200)
        page = compose_page(server, peer, &page_size);
    if (server->page || page || verdict.status != 200)
        peer->reply = http_reply(&verdict, "text/html; charset=utf-8",
                                 server->page ? server->page : page, page_size, &peer->reply_size);
    free(page);
    peer->reply_sent = 0;
    peer->close_after_reply = !verdict.keep_alive;
    peer->request->size = 0;
    peer->request->complete = false;
    return peer->reply != NULL;
}

/* True once the whole reply has gone into the connection. */
static bool send_reply(struct peer *peer)
{
    peer->reply_sent +=
        endpoint_write(peer->endpoint, (const uint8_t *)peer->reply + peer->reply_sent,
                       peer->reply_size - peer->reply_sent);
    if (peer->reply_sent < peer->reply_size)
        return false;
    free(peer->reply);
    peer->reply = NULL;
    hf_conn_flush(&peer->endpoint->conn);
    if (peer->close_after_reply)
        endpoint_shut(peer->endpoint);
    return true;
}

static void gather_request(struct peer *peer)
{
    hf_conn *conn = &peer->endpoint->conn;
    while (!peer->request->complete && (hf_conn_wants(conn) & HF_CAN_READ)) {
        size_t used = http_gather(peer->request, hf_conn_readable(conn));
        endpoint_consume(peer->endpoint, used);
        endpoint_work(peer->endpoint);
    }
}

/* One request after the other; one that is answered with a close is the last. */
static void answer_requests(const struct server *server, struct peer *peer)
{
    for (;;) {
        if (!peer->reply && !peer->close_after_reply) {
            gather_request(peer);
            if (!peer->request->complete)
                return;
            if (!prepare_reply(server, peer)) {
                endpoint_abandon(peer->endpoint);
                return;
            }
        }
        if (!peer->reply || !(endpoint_wants(peer->endpoint) & HF_CAN_WRITE) ||
            hf_conn_is_renegotiating(&peer->endpoint->conn))
            return;
        bool whole = send_reply(peer);
        endpoint_work(peer->endpoint);
        if (whole && peer->close_after_reply)
            return;
    }
}

/* After the first data; what it asks for is answered when that is done. */
static void renegotiate(struct peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    if (endpoint->renegotiation_done || !(endpoint_wants(endpoint) & HF_CAN_READ))
        return;
    (void)endpoint_renegotiate(endpoint);
    endpoint_work(endpoint);
}

static void serve_data(const struct server *server, struct peer *peer)
{
    if (server->tls.renegotiate)
        renegotiate(peer);
    switch (server->service) {
    case SERVICE_PRINT:
        print_data(peer);
        break;
    case SERVICE_ECHO:
        echo_data(peer);
        break;
    case SERVICE_HTTP:
        answer_requests(server, peer);
        break;
    }
}

/* ------------------------------------------------------------------ connections */

static void log_end(const struct server *server, const struct peer *peer)
{
    if (server->tls.quiet)
        return;
    const struct endpoint *endpoint = peer->endpoint;
    const struct log_entry entry = {.peer = peer->address,
                                    .summary = &endpoint->watch.summary,
                                    .failure = hf_conn_failure(&endpoint->conn),
                                    .received = endpoint->received,
                                    .sent = endpoint->sent,
                                    .timed_out = peer->timed_out};
    if (server->logs_json)
        log_json(stderr, &entry);
    else
        log_text(stderr, &entry);
}

static void close_peer(struct peer *peer)
{
    endpoint_close(peer->endpoint);
    free(peer->request);
    free(peer->reply);
    free(peer);
}

/* NULL if there is no memory for one more. Takes the socket. */
static struct peer *open_peer(const struct server *server, int socket, const char *address)
{
    hf_error error;
    struct endpoint *endpoint =
        endpoint_open(socket, HF_SERVER, &server->tls, &server->outputs, &error);
    if (!endpoint)
        return NULL;
    struct peer *peer = calloc(1, sizeof *peer);
    struct http_request *request = calloc(1, sizeof *request);
    if (!peer || !request) {
        endpoint_close(endpoint);
        free(peer);
        free(request);
        return NULL;
    }
    endpoint->url_folder = server->url_folder;
    peer->endpoint = endpoint;
    peer->request = request;
    peer->idle_deadline = net_milliseconds() + server->idle_ms;
    snprintf(peer->address, sizeof peer->address, "%s", address);
    return peer;
}

static bool may_accept(const struct server *server)
{
    return server->peer_count < SERVER_PEERS_MAX && !stopped &&
           (!server->connections_max || server->accepted < server->connections_max) &&
           net_milliseconds() >= server->accept_pause_end;
}

static void accept_peers(struct server *server)
{
    char address[NET_ADDRESS_MAX];
    for (int i = 0; i < ACCEPTS_PER_TURN && may_accept(server); i++) {
        int socket = net_accept(server->listener, address);
        if (socket < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        struct peer *peer = socket < 0 ? NULL : open_peer(server, socket, address);
        if (peer) {
            server->accepted++;
            server->peers[server->peer_count++] = peer;
        } else if (socket >= 0 || errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
                   errno == ENOBUFS) {
            server->accept_pause_end = net_milliseconds() + ACCEPT_PAUSE_MS;
        }
    }
}

static int64_t deadline_of(const struct peer *peer)
{
    return peer->endpoint->state == ENDPOINT_DRAINING ? peer->endpoint->drain_deadline
                                                      : peer->idle_deadline;
}

/* Says goodbye to a silent peer; one that does not even take that is dropped. */
static void handle_silence(const struct server *server, struct peer *peer)
{
    int64_t now = net_milliseconds();
    if (peer->endpoint->state != ENDPOINT_OPEN || now < peer->idle_deadline)
        return;
    if (peer->timed_out) {
        endpoint_abandon(peer->endpoint);
        return;
    }
    peer->timed_out = true;
    peer->idle_deadline = now + server->idle_ms;
    endpoint_shut(peer->endpoint);
    endpoint_work(peer->endpoint);
}

/* Bytes put the deadline off only once the handshake is done, or a byte now and then would keep a
 * connection open for ever. */
static void serve_peer(const struct server *server, struct peer *peer, short ready)
{
    struct endpoint *endpoint = peer->endpoint;
    uint64_t before = endpoint->received + endpoint->sent;
    endpoint_move(endpoint, ready);
    serve_data(server, peer);
    endpoint_work(endpoint);
    if (endpoint->received + endpoint->sent != before && !peer->timed_out &&
        (endpoint_wants(endpoint) & HF_ESTABLISHED))
        peer->idle_deadline = net_milliseconds() + server->idle_ms;
    handle_silence(server, peer);
}

/* ------------------------------------------------------------------ the loop */

static int poll_timeout(const struct server *server, int64_t now)
{
    int64_t earliest = now + server->idle_ms;
    if (server->accept_pause_end > now)
        earliest = server->accept_pause_end;
    for (size_t i = 0; i < server->peer_count; i++)
        if (deadline_of(server->peers[i]) < earliest)
            earliest = deadline_of(server->peers[i]);
    return earliest > now ? (int)(earliest - now) : 0;
}

static void remove_finished(struct server *server)
{
    size_t kept = 0;
    for (size_t i = 0; i < server->peer_count; i++) {
        struct peer *peer = server->peers[i];
        if (peer->endpoint->state == ENDPOINT_OVER) {
            log_end(server, peer);
            close_peer(peer);
        } else {
            server->peers[kept++] = peer;
        }
    }
    server->peer_count = kept;
}

/* False if poll itself failed. `mask` lets the stop signals in, here and nowhere else. */
static bool turn(struct server *server, const sigset_t *mask)
{
    keeping_turn(&server->keeping);
    static struct pollfd fds[1 + SERVER_PEERS_MAX];
    size_t count = server->peer_count;
    fds[0] = (struct pollfd){.fd = may_accept(server) ? server->listener : -1, .events = POLLIN};
    for (size_t i = 0; i < count; i++)
        fds[1 + i] = endpoint_pollfd(server->peers[i]->endpoint);
    int timeout = poll_timeout(server, net_milliseconds());
    struct timespec wait = {.tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L};
    int ready = ppoll(fds, (nfds_t)(1 + count), &wait, mask);
    if (ready < 0)
        return errno == EINTR;
    int64_t now = net_milliseconds();
    for (size_t i = 0; i < count; i++)
        if (fds[1 + i].revents || now >= deadline_of(server->peers[i]))
            serve_peer(server, server->peers[i], fds[1 + i].revents);
    if (fds[0].revents)
        accept_peers(server);
    remove_finished(server);
    return true;
}

static bool is_over(const struct server *server)
{
    return stopped || (server->connections_max && server->accepted >= server->connections_max &&
                       server->peer_count == 0);
}

/* Each connection still open gets its close_notify if the socket takes it at once. */
static void close_all(struct server *server)
{
    for (size_t i = 0; i < server->peer_count; i++) {
        struct peer *peer = server->peers[i];
        endpoint_shut(peer->endpoint);
        endpoint_work(peer->endpoint);
        log_end(server, peer);
        close_peer(peer);
    }
    server->peer_count = 0;
}

int serve(struct server *server)
{
    sigset_t stops, before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, &before);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    int status = STATUS_DONE;
    while (!is_over(server) && status == STATUS_DONE)
        if (!turn(server, &before)) {
            complain("poll: %s", strerror(errno));
            status = STATUS_OUTSIDE;
        }
    close_all(server);
    return status;
}
