/* A server that answers each request with a page about its own connection:
 *
 *     server PORT CHAIN... KEY       DER files, leaf first; PORT 0: the system chooses
 *
 * It serves on 127.0.0.1 until it is killed, one connection after the other; poll.c serves many at
 * once. A connection that fails is reported and the next one taken. */
#include "crypto_glue/random.h"

#include <handfast/handfast.h>
#include <handfast/io.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT_SECONDS 10 /* that a client may be silent while others wait */

static ptrdiff_t read_socket(void *context, uint8_t *data, size_t size)
{
    return recv(*(int *)context, data, size, 0);
}

static ptrdiff_t write_socket(void *context, const uint8_t *data, size_t size)
{
    return send(*(int *)context, data, size, MSG_NOSIGNAL);
}

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
        bind(listener, (struct sockaddr *)&at, size) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &size) != 0)
        return -1;
    printf("listening on 127.0.0.1:%u\n", ntohs(at.sin_port));
    return fflush(stdout) == 0 ? listener : -1;
}

/* Up to the blank line that ends a request; false if it did not come. */
static bool read_request(hf_io *io)
{
    char request[4096];
    size_t size = 0;
    while (size < sizeof request - 1) {
        ptrdiff_t got = hf_io_receive(io, (uint8_t *)request + size, sizeof request - 1 - size);
        if (got <= 0)
            return false;
        size += (size_t)got;
        request[size] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL)
            return true;
    }
    return false;
}

static bool answer(hf_io *io)
{
    char page[256];
    int size = snprintf(page, sizeof page,
                        "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n%s with %s\n",
                        hf_version_name(hf_conn_version(io->conn)), hf_conn_suite(io->conn)->name);
    return hf_io_send(io, (const uint8_t *)page, (size_t)size) == size;
}

/* Why there is no answer, in the library's words. */
static void report(const hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);
    if (failure == NULL) {
        fputs("server: the client asked for nothing\n", stderr);
        return;
    }
    const hf_reason *reason = hf_reason_of(failure->reason);
    fprintf(stderr, "server: %s: %s (%s)\n", reason->symbol, reason->sentence, reason->section);
    if (failure->alert_received)
        fprintf(stderr, "  its alert: %s\n", hf_alert_name(failure->alert));
}

static void serve(hf_conn *conn, int peer)
{
    const struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
    hf_io io = {conn, read_socket, write_socket, &peer};
    if (setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0 ||
        setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) != 0)
        perror("setsockopt");
    bool is_answered = read_request(&io) && answer(&io);
    if (!is_answered)
        report(conn);
    /* Nothing is lost if a client does not answer the close_notify (RFC 5246 7.2.1). */
    if (hf_io_close(&io) != HF_OK && is_answered)
        fputs("server: the client left without a goodbye\n", stderr);
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

int main(int argc, char **argv)
{
    static hf_conn conn;
    static hf_handshake handshake;
    static uint8_t rx[HF_RX_FULL], tx[HF_TX_FULL];
    hf_span chain[HF_CHAIN_MAX];
    hf_private_key key;
    if (argc < 4 || argc > HF_CHAIN_MAX + 3 || hf_crypto_init() != HF_CRYPTO_OK) {
        fputs("usage: server PORT CHAIN... KEY\n", stderr);
        return 2;
    }
    for (int i = 2; i < argc - 1; i++)
        chain[i - 2] = load(argv[i]);
    const hf_credentials credentials = {
        .chain = chain, .chain_count = (size_t)argc - 3, .key = &key};
    const hf_binding binding = {.credentials = &credentials, .credentials_count = 1};
    const hf_config config = {
        .random = {hf_random_system, NULL}, .bindings = &binding, .binding_count = 1};
    hf_error error = hf_private_key_read(&key, load(argv[argc - 1]));
    int listener = listen_at(argv[1]), peer = -1;
    while (error == HF_OK &&
           ((peer = accept(listener, NULL, NULL)) >= 0 || errno == ECONNABORTED)) {
        error = hf_conn_init(&conn, HF_SERVER, &config, &handshake, (hf_buf){rx, sizeof rx},
                             (hf_buf){tx, sizeof tx});
        if (error == HF_OK && peer >= 0)
            serve(&conn, peer);
        hf_conn_wipe(&conn);
        (void)close(peer);
    }
    fprintf(stderr, "server: %s\n",
            error != HF_OK ? hf_reason_of(error)->sentence : strerror(errno));
    return 2;
}
