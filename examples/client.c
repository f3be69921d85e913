/* A client that verifies its server and fetches one page:
 *
 *     client ADDRESS PORT NAME ROOT      ROOT: the certificate to trust, in DER
 *
 * The socket blocks, so hf_io moves the bytes; poll.c does that by itself. Nothing is allocated:
 * connection, handshake and buffers are the program's. */
#include "crypto_glue/random.h"

#include <handfast/handfast.h>
#include <handfast/io.h>

#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static bool clock_of_host(void *context, int64_t *unix_seconds)
{
    (void)context;
    *unix_seconds = (int64_t)time(NULL);
    return true;
}

static ptrdiff_t read_socket(void *context, uint8_t *data, size_t size)
{
    return recv(*(int *)context, data, size, 0);
}

static ptrdiff_t write_socket(void *context, const uint8_t *data, size_t size)
{
    return send(*(int *)context, data, size, MSG_NOSIGNAL);
}

/* A socket, or -1. */
static int connect_to(const char *address, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int peer = -1;
    if (getaddrinfo(address, port, &hints, &found) != 0)
        return -1;
    for (struct addrinfo *at = found; at != NULL && peer < 0; at = at->ai_next) {
        peer = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
        if (peer >= 0 && connect(peer, at->ai_addr, at->ai_addrlen) != 0) {
            (void)close(peer);
            peer = -1;
        }
    }
    freeaddrinfo(found);
    return peer;
}

/* False if anything went wrong, which includes an end without the server's close_notify: then the
 * page may have been cut off. */
static bool fetch(hf_io *io)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    uint8_t page[1024];
    ptrdiff_t size = hf_io_send(io, (const uint8_t *)request, sizeof request - 1);
    while (size > 0 && (size = hf_io_receive(io, page, sizeof page)) > 0)
        (void)fwrite(page, 1, (size_t)size, stdout);
    return size == 0 && hf_io_close(io) == HF_OK;
}

/* Why, in the library's words: the connection's own reason, or else that of a call. */
static int report(const hf_conn *conn, hf_error error)
{
    const hf_failure *failure = hf_conn_failure(conn);
    const hf_reason *reason = hf_reason_of(failure != NULL ? failure->reason : error);
    fprintf(stderr, "client: %s: %s (%s)\n", reason->symbol, reason->sentence, reason->section);
    if (failure != NULL && failure->alert_received)
        fprintf(stderr, "  its alert: %s\n", hf_alert_name(failure->alert));
    return 1;
}

int main(int argc, char **argv)
{
    static hf_conn conn;
    static hf_handshake handshake;
    static uint8_t rx[HF_RX_FULL], tx[HF_TX_MIN], root[8192];
    FILE *file = argc == 5 ? fopen(argv[4], "rb") : NULL;
    if (file == NULL || hf_crypto_init() != HF_CRYPTO_OK) {
        fputs("usage: client ADDRESS PORT NAME ROOT\n", stderr);
        return 2;
    }
    const hf_trust_anchor anchor = {.certificate = {root, fread(root, 1, sizeof root, file)}};
    const hf_config config = {.random = {hf_random_system, NULL},
                              .clock = clock_of_host,
                              .anchors = &anchor,
                              .anchor_count = 1};
    (void)fclose(file);
    hf_error error = hf_conn_init(&conn, HF_CLIENT, &config, &handshake, (hf_buf){rx, sizeof rx},
                                  (hf_buf){tx, sizeof tx});
    if (error == HF_OK)
        error = hf_conn_set_server_name(&conn, argv[3]);
    if (error != HF_OK)
        return report(&conn, error);
    int peer = connect_to(argv[1], argv[2]);
    if (peer < 0) {
        fprintf(stderr, "client: no connection to %s\n", argv[1]);
        return 1;
    }
    hf_io io = {&conn, read_socket, write_socket, &peer};
    int status = fetch(&io) ? 0 : report(&conn, HF_ERROR_TRUNCATED);
    hf_conn_wipe(&conn);
    (void)close(peer);
    return status;
}
