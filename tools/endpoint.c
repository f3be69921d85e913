#include "tools/endpoint.h"

#include "tools/certificate_urls.h"
#include "tools/net.h"
#include "tools/tools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long the peer gets to read a last alert and close: a socket closed with bytes unread sends a
 * reset, which may overtake the alert. */
#define DRAIN_MS 2000

/* What was at a URL, until the connection ends. */
struct fetched {
    struct fetched *next;
    uint8_t *bytes;
};

static hf_answer fetch(struct endpoint *endpoint, hf_span url)
{
    size_t size = 0;
    struct fetched *fetched = calloc(1, sizeof *fetched);
    if (fetched)
        fetched->bytes = certificate_url_fetch(endpoint->url_folder, url, &size);
    if (!fetched || !fetched->bytes) {
        free(fetched);
        return (hf_answer){.refused = true};
    }
    fetched->next = endpoint->fetched;
    endpoint->fetched = fetched;
    return (hf_answer){.output = {fetched->bytes, size}};
}

static void free_fetched(struct endpoint *endpoint)
{
    while (endpoint->fetched) {
        struct fetched *next = endpoint->fetched->next;
        free(endpoint->fetched->bytes);
        free(endpoint->fetched);
        endpoint->fetched = next;
    }
}

static hf_error begin(struct endpoint *endpoint, hf_role role, const struct tls_options *options)
{
    hf_buf rx = {endpoint->buffers, options->rx_size};
    hf_buf tx = {endpoint->buffers + options->rx_size, options->tx_size};
    return hf_conn_init(&endpoint->conn, role, &endpoint->config, &endpoint->handshake, rx, tx);
}

struct endpoint *endpoint_open(int socket, hf_role role, const struct tls_options *options,
                               const struct watch_outputs *outputs, hf_error *error)
{
    *error = HF_OK;
    struct endpoint *endpoint = calloc(1, sizeof *endpoint);
    uint8_t *buffers = malloc(options->rx_size + options->tx_size);
    if (endpoint && buffers) {
        endpoint->socket = socket;
        endpoint->buffers = buffers;
        watch_init(&endpoint->watch, outputs);
        endpoint->config = options->config;
        endpoint->config.observer = &endpoint->watch.observer;
        *error = begin(endpoint, role, options);
        if (*error == HF_OK) {
            capture_begin(&endpoint->capture, outputs->capture, socket, role);
            return endpoint;
        }
    }
    free(endpoint);
    free(buffers);
    close(socket);
    return NULL;
}

void endpoint_close(struct endpoint *endpoint)
{
    capture_finish(&endpoint->capture, true);
    hf_conn_wipe(&endpoint->conn);
    watch_end(&endpoint->watch);
    free_fetched(endpoint);
    close(endpoint->socket);
    free(endpoint->buffers);
    free(endpoint);
}

static short wanted_events(const struct endpoint *endpoint)
{
    if (endpoint->state == ENDPOINT_OVER)
        return 0;
    if (endpoint->state == ENDPOINT_DRAINING)
        return POLLIN;
    uint32_t wants = endpoint_wants(endpoint);
    short events = 0;
    if ((wants & HF_CAN_RECEIVE) && !endpoint->input_ended)
        events |= POLLIN;
    if (wants & HF_CAN_SEND)
        events |= POLLOUT;
    return events;
}

struct pollfd endpoint_pollfd(const struct endpoint *endpoint)
{
    short events = wanted_events(endpoint);
    return (struct pollfd){.fd = events ? endpoint->socket : -1, .events = events};
}

/* The library takes every count that fits the span it gave out. Should it not, the connection's
 * account is wrong and nothing can be saved. */
static void must_be_ok(struct endpoint *endpoint, hf_error error)
{
    if (error != HF_OK)
        endpoint_abandon(endpoint);
}

/* What recv and send return, with errno where it is an error. */
static bool must_wait(ssize_t result)
{
    return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* recv, into the capture as well. After a reset that send has been told of the end is no orderly
 * one. */
static ssize_t take(struct endpoint *endpoint, hf_buf room)
{
    ssize_t size = recv(endpoint->socket, room.data, room.size, 0);
    if (size > 0)
        capture_bytes(&endpoint->capture, false, (hf_span){room.data, (size_t)size});
    else if (size == 0 && !endpoint->output_broken)
        capture_finish(&endpoint->capture, false);
    else if (size == 0 || errno == ECONNRESET)
        capture_reset(&endpoint->capture, false);
    return size;
}

static void receive(struct endpoint *endpoint)
{
    hf_buf room = hf_conn_incoming(&endpoint->conn);
    if (endpoint->input_ended || room.size == 0)
        return;
    ssize_t size = take(endpoint, room);
    if (size > 0) {
        endpoint->received += (uint64_t)size;
        must_be_ok(endpoint, hf_conn_received(&endpoint->conn, (size_t)size));
    } else if (!must_wait(size)) {
        /* A reset tells no more than an end does: either way it is the engine that knows whether
         * the peer had said goodbye. */
        endpoint->input_ended = true;
        hf_conn_eof(&endpoint->conn);
    }
}

/* True if bytes went out. Once the peer takes no more, the rest is dropped, and reading goes on:
 * its alert may still be there. */
static bool transmit(struct endpoint *endpoint)
{
    hf_span ready = hf_conn_outgoing(&endpoint->conn);
    if (ready.size == 0)
        return false;
    ssize_t size = (ssize_t)ready.size;
    if (!endpoint->output_broken)
        size = send(endpoint->socket, ready.data, ready.size, MSG_NOSIGNAL);
    if (size < 0) {
        if (must_wait(size))
            return false;
        endpoint->output_broken = true;
        size = (ssize_t)ready.size;
    } else if (!endpoint->output_broken) {
        endpoint->sent += (uint64_t)size;
        capture_bytes(&endpoint->capture, true, (hf_span){ready.data, (size_t)size});
    }
    must_be_ok(endpoint, hf_conn_sent(&endpoint->conn, (size_t)size));
    return size > 0;
}

/* The keys of this command are in files, so that there are few questions. Failures are noted where
 * all are. */
static void answer(struct endpoint *endpoint)
{
    const hf_question *question = hf_conn_question(&endpoint->conn);
    struct summary *summary = &endpoint->watch.summary;
    hf_answer reply = {0};
    if (question->kind == HF_QUESTION_CHAIN)
        summary_take_client(summary, question->chain[0]);
    else if (question->kind == HF_QUESTION_STATUS)
        summary->status_size = question->input.size;
    else if (question->kind == HF_QUESTION_CERTIFICATE_URL)
        reply = fetch(endpoint, question->input);
    else
        reply.refused = true;
    if (hf_conn_answer(&endpoint->conn, &reply) == HF_ERROR_BAD_STATE)
        endpoint_abandon(endpoint);
}

bool endpoint_renegotiate(struct endpoint *endpoint)
{
    endpoint->renegotiation_done = true;
    if (hf_conn_renegotiate(&endpoint->conn, NULL) == HF_OK)
        return true;
    complain("no renegotiation: the peer has no secure renegotiation (RFC 5746), or is closing");
    return false;
}

static void run(struct endpoint *endpoint)
{
    uint32_t wants;
    while ((wants = endpoint_wants(endpoint)) & (HF_HAS_WORK | HF_HAS_QUESTION)) {
        if (wants & HF_HAS_QUESTION) {
            answer(endpoint);
            continue;
        }
        hf_error error = hf_conn_run(&endpoint->conn);
        if (error != HF_OK && error != HF_AGAIN && error != HF_WAITING)
            return;
    }
}

/* Discards what still comes, for the peer's sake; see DRAIN_MS. */
static void drain(struct endpoint *endpoint)
{
    uint8_t unread[4096];
    const hf_buf room = {unread, sizeof unread};
    ssize_t size;
    do {
        size = take(endpoint, room);
    } while (size > 0);
    if (!must_wait(size) || net_milliseconds() >= endpoint->drain_deadline)
        endpoint->state = ENDPOINT_OVER;
}

static void finish(struct endpoint *endpoint)
{
    uint32_t wants = endpoint_wants(endpoint);
    bool all_said = (wants & (HF_CLOSED | HF_FAILED)) || (endpoint->shut && !(wants & HF_HAS_WORK));
    if (!all_said || (wants & HF_CAN_SEND))
        return;
    if (endpoint->input_ended || shutdown(endpoint->socket, SHUT_WR) != 0) {
        endpoint->state = ENDPOINT_OVER;
        return;
    }
    capture_finish(&endpoint->capture, true);
    endpoint->state = ENDPOINT_DRAINING;
    endpoint->drain_deadline = net_milliseconds() + DRAIN_MS;
    drain(endpoint);
}

void endpoint_work(struct endpoint *endpoint)
{
    if (endpoint->state != ENDPOINT_OPEN)
        return;
    do {
        run(endpoint);
    } while (transmit(endpoint));
    finish(endpoint);
}

void endpoint_move(struct endpoint *endpoint, short ready)
{
    if (endpoint->state == ENDPOINT_DRAINING)
        drain(endpoint);
    if (endpoint->state != ENDPOINT_OPEN)
        return;
    if (ready & (POLLIN | POLLHUP | POLLERR))
        receive(endpoint);
    endpoint_work(endpoint);
}

void endpoint_shut(struct endpoint *endpoint)
{
    endpoint->shut = true;
    hf_conn_close(&endpoint->conn);
}

void endpoint_abandon(struct endpoint *endpoint)
{
    endpoint->state = ENDPOINT_OVER;
}

size_t endpoint_write(struct endpoint *endpoint, const uint8_t *data, size_t size)
{
    size_t done = 0;
    while (done < size && (endpoint_wants(endpoint) & HF_CAN_WRITE)) {
        hf_buf room = hf_conn_writable(&endpoint->conn);
        size_t part = size - done < room.size ? size - done : room.size;
        memcpy(room.data, data + done, part);
        if (part == 0 || hf_conn_written(&endpoint->conn, part) != HF_OK)
            break;
        done += part;
    }
    return done;
}

void endpoint_consume(struct endpoint *endpoint, size_t size)
{
    must_be_ok(endpoint, hf_conn_consumed(&endpoint->conn, size));
}
