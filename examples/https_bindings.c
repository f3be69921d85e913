/* HTTPS for several host names at one address and port (server_name, RFC 6066 3):
 *
 *     https_bindings PORT HOST CERTIFICATE ISSUER KEY [HOST CERTIFICATE ISSUER KEY]...
 *
 * Files are DER. HOST is a name, a wildcard (*.example) or * alone, the default: it serves clients
 * that ask for no name or for one that is not there. Without it such names are refused, and the
 * first host serves who asks for none. The same HOST may come twice in a row with keys of different
 * types: each client gets the one that it can verify.
 *
 * It serves on 127.0.0.1 (PORT 0: the system chooses) until it is killed, each connection in a
 * process of its own. Sessions are in tickets, whose keys all these processes have. */
#include "crypto_glue/random.h"

#include <handfast/handfast.h>
#include <handfast/io.h>

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOSTS_MAX       16
#define TIMEOUT_SECONDS 30

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

/* A file, which stays in memory until the end; exits if there is none. */
static hf_span load(const char *path)
{
    static uint8_t files[3 * HOSTS_MAX][8192];
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

/* Whether a key belongs to its certificate: to be known now, not by the clients' complaints. */
static hf_error check_pair(const hf_private_key *key, hf_span certificate)
{
    hf_certificate leaf;
    bool is_pair = false;
    hf_error error = hf_certificate_read(&leaf, certificate);
    if (error == HF_OK)
        error = hf_private_key_matches(key, &leaf.public_key, &is_pair);
    return error == HF_OK && !is_pair ? HF_ERROR_BAD_PRIVATE_KEY : error;
}

/* The table of names, from the arguments; exits if it cannot be made. Rows of one host that follow
 * each other become one binding with several credentials. */
static size_t bind_hosts(hf_binding bindings[HOSTS_MAX], char **arguments, size_t count)
{
    static hf_span chains[HOSTS_MAX][2];
    static hf_private_key keys[HOSTS_MAX];
    static hf_credentials credentials[HOSTS_MAX];
    size_t bound = 0;
    for (size_t i = 0; i < count; i++, arguments += 4) {
        const char *host = strcmp(arguments[0], "*") == 0 ? "" : arguments[0];
        chains[i][0] = load(arguments[1]);
        chains[i][1] = load(arguments[2]);
        hf_error error = hf_private_key_read(&keys[i], load(arguments[3]));
        if (error == HF_OK)
            error = check_pair(&keys[i], chains[i][0]);
        if (error != HF_OK) {
            fprintf(stderr, "https_bindings: %s: %s\n", arguments[3],
                    hf_reason_of(error)->sentence);
            exit(2);
        }
        credentials[i] = (hf_credentials){.chain = chains[i], .chain_count = 2, .key = &keys[i]};
        if (i > 0 && strcmp(arguments[0], arguments[-4]) == 0)
            bindings[bound - 1].credentials_count++;
        else
            bindings[bound++] = (hf_binding){.host = {(const uint8_t *)host, strlen(host)},
                                             .credentials = &credentials[i],
                                             .credentials_count = 1};
    }
    return bound;
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
        bind(listener, (struct sockaddr *)&at, size) != 0 || listen(listener, 64) != 0 ||
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
    const hf_span host = hf_conn_binding(io->conn)->host;
    char page[512];
    int size = snprintf(page, sizeof page,
                        "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"
                        "served by %.*s\n%s with %s%s\n",
                        host.size != 0 ? (int)host.size : 11,
                        host.size != 0 ? (const char *)host.data : "the default",
                        hf_version_name(hf_conn_version(io->conn)), hf_conn_suite(io->conn)->name,
                        hf_conn_resumed(io->conn) ? ", resumed" : "");
    return hf_io_send(io, (const uint8_t *)page, (size_t)size) == size;
}

/* Why there is no answer, in the library's words. */
static void report(const hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);
    if (failure == NULL) {
        fputs("https_bindings: the client asked for nothing\n", stderr);
        return;
    }
    const hf_reason *reason = hf_reason_of(failure->reason);
    fprintf(stderr, "https_bindings: %s: %s (%s)\n", reason->symbol, reason->sentence,
            reason->section);
    if (failure->alert_received)
        fprintf(stderr, "  its alert: %s\n", hf_alert_name(failure->alert));
}

static void serve(const hf_config *config, int peer)
{
    static hf_conn conn;
    static hf_handshake handshake;
    static uint8_t rx[HF_RX_FULL], tx[HF_TX_FULL];
    const struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
    hf_io io = {&conn, read_socket, write_socket, &peer};
    hf_error error = hf_conn_init(&conn, HF_SERVER, config, &handshake, (hf_buf){rx, sizeof rx},
                                  (hf_buf){tx, sizeof tx});
    if (error != HF_OK) {
        fprintf(stderr, "https_bindings: %s\n", hf_reason_of(error)->sentence);
        return;
    }
    if (setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0 ||
        setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) != 0)
        perror("setsockopt");
    bool is_answered = read_request(&io) && answer(&io);
    if (!is_answered)
        report(&conn);
    /* Nothing is lost if a client does not answer the close_notify (RFC 5246 7.2.1). */
    if (hf_io_close(&io) != HF_OK && is_answered)
        fputs("https_bindings: the client left without a goodbye\n", stderr);
    hf_conn_wipe(&conn);
}

int main(int argc, char **argv)
{
    static hf_binding bindings[HOSTS_MAX];
    hf_ticket_key ticket_key;
    size_t count = (size_t)(argc - 2) / 4;
    if (argc < 6 || argc % 4 != 2 || count > HOSTS_MAX || hf_crypto_init() != HF_CRYPTO_OK ||
        !hf_random_system(NULL, (uint8_t *)&ticket_key, sizeof ticket_key)) {
        fputs("usage: https_bindings PORT HOST CERTIFICATE ISSUER KEY ...\n", stderr);
        return 2;
    }
    bool has_default = false;
    for (size_t i = 0; i < count; i++)
        has_default = has_default || strcmp(argv[2 + 4 * i], "*") == 0;
    const hf_ticket_keys tickets = {.keys = &ticket_key, .count = 1};
    const hf_config config = {.random = {hf_random_system, NULL},
                              .clock = clock_of_host,
                              .bindings = bindings,
                              .binding_count = bind_hosts(bindings, argv + 2, count),
                              .unknown_name =
                                  has_default ? HF_UNKNOWN_NAME_DEFAULT : HF_UNKNOWN_NAME_FATAL,
                              .tickets = &tickets};
    int listener = listen_at(argv[1]), peer;
    (void)signal(SIGCHLD, SIG_IGN); /* nobody waits for the processes below */
    while ((peer = accept(listener, NULL, NULL)) >= 0 || errno == ECONNABORTED) {
        if (peer >= 0 && fork() == 0) {
            (void)close(listener);
            serve(&config, peer);
            exit(0);
        }
        (void)close(peer);
    }
    perror("https_bindings");
    return 2;
}
