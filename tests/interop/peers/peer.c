#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096, ECHO_BLOCK = 16384 };

static const char request[] = "GET / HTTP/1.0\r\n\r\n";
static const char page[] =
    "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nthe page of a peer\n";

bool peer_failed(const char *function, long error)
{
    fprintf(stderr, "%s: %ld (%s0x%lx)\n", function, error, error < 0 ? "-" : "",
            (unsigned long)labs(error));
    return false;
}

int peer_receive(int socket, void *data, size_t size)
{
    ssize_t count;
    do
        count = read(socket, data, size);
    while (count < 0 && errno == EINTR);
    return (int)count;
}

int peer_send(int socket, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = write(socket, (const char *)data + done, size - done);
        if (count > 0)
            done += (size_t)count;
        else if (errno != EINTR)
            return -1;
    }
    return (int)size;
}

/* ---------------------------------------------------------------------------- command line */

static bool parse_hex(const char *hex, uint8_t *bytes, size_t room, size_t *parsed)
{
    size_t size = strlen(hex) / 2;
    if (strlen(hex) % 2 != 0 || size > room)
        return false;
    for (size_t i = 0; i < size; i++) {
        const char pair[] = {hex[2 * i], hex[2 * i + 1], 0};
        char *end;
        bytes[i] = (uint8_t)strtoul(pair, &end, 16);
        if (*end != 0)
            return false;
    }
    *parsed = size;
    return true;
}

/* KIND:HEX */
static bool parse_trusted(struct peer_options *options, const char *text)
{
    static const char *const kinds[] = {"names", "keys", "certificates", "pre-agreed"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t size = strlen(kinds[i]);
        if (strncmp(text, kinds[i], size) == 0 && text[size] == ':') {
            options->trusted_kind = kinds[i];
            return parse_hex(text + size + 1, options->trusted, sizeof options->trusted,
                             &options->trusted_size);
        }
    }
    return false;
}

/* The value if the argument is `name=value`. */
static const char *value_of(const char *argument, const char *name)
{
    size_t size = strlen(name);
    return strncmp(argument, name, size) == 0 && argument[size] == '=' ? argument + size + 1 : NULL;
}

static bool parse_file(struct peer_options *options, const char *argument)
{
    const struct {
        const char *name, **to;
    } texts[] = {
        {"suite", &options->suite}, {"chain", &options->chain},
        {"key", &options->key},     {"anchors", &options->anchors},
        {"name", &options->name},   {"identity", &options->identity},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *value = value_of(argument, texts[i].name);
        if (value != NULL) {
            *texts[i].to = value;
            return true;
        }
    }
    return false;
}

/* What else is agreed on, and what is done with the connection. */
static bool parse_more(struct peer_options *options, const char *argument)
{
    const char *value;
    if (strcmp(argument, "etm=off") == 0)
        options->no_encrypt_then_mac = true;
    else if (strcmp(argument, "ems=off") == 0)
        options->no_extended_master_secret = true;
    else if (strcmp(argument, "truncated=on") == 0)
        options->truncated_hmac = true;
    else if (strcmp(argument, "resume=id") == 0)
        options->resume = PEER_RESUME_BY_ID;
    else if (strcmp(argument, "resume=ticket") == 0)
        options->resume = PEER_RESUME_BY_TICKET;
    else if ((value = value_of(argument, "fragment")) != NULL)
        options->fragment = (unsigned)strtoul(value, NULL, 10);
    else if ((value = value_of(argument, "echo")) != NULL)
        options->echo = strtoul(value, NULL, 10);
    else if ((value = value_of(argument, "trusted")) != NULL)
        return parse_trusted(options, value);
    else
        return parse_file(options, argument);
    return true;
}

static bool parse_argument(struct peer_options *options, const char *argument)
{
    const char *value;
    if ((value = value_of(argument, "port")) != NULL)
        options->port = (uint16_t)strtoul(value, NULL, 10);
    else if ((value = value_of(argument, "code")) != NULL)
        options->code = (uint16_t)strtoul(value, NULL, 16);
    else if ((value = value_of(argument, "version")) != NULL && strncmp(value, "1.", 2) == 0)
        options->minor = value[2] - '0' + 1;
    else if ((value = value_of(argument, "psk")) != NULL)
        return parse_hex(value, options->psk, sizeof options->psk, &options->psk_size);
    else
        return parse_more(options, argument);
    return true;
}

/* ---------------------------------------------------------------------------- connections */

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    return fd;
}

/* Says which port the system chose. */
static int listen_somewhere(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 1) != 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return -1;
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static bool exchange_as_client(const struct peer_library *library)
{
    char data[1024];
    int count;
    if (!library->write(request, sizeof request - 1))
        return false;
    while ((count = library->read(data, sizeof data)) > 0)
        fwrite(data, 1, (size_t)count, stdout);
    if (count < 0)
        fprintf(stderr, "the page did not end with close_notify\n");
    return count == 0;
}

static bool exchange_as_server(const struct peer_library *library)
{
    char data[REQUEST_MAX + 1];
    size_t size = 0;
    while (size < REQUEST_MAX) {
        int count = library->read(data + size, REQUEST_MAX - size);
        if (count <= 0)
            break;
        size += (size_t)count;
        data[size] = 0;
        if (strstr(data, "\r\n\r\n") != NULL)
            return library->write(page, sizeof page - 1);
    }
    fprintf(stderr, "no whole request\n");
    return false;
}

/* Block by block, each of which comes back before the next one goes: sockets hold that much. */
static bool echo_as_client(const struct peer_library *library, size_t size)
{
    static unsigned char sent[ECHO_BLOCK], received[ECHO_BLOCK];
    for (size_t done = 0; done < size;) {
        size_t block = size - done < sizeof sent ? size - done : sizeof sent, back = 0;
        for (size_t i = 0; i < block; i++)
            sent[i] = (unsigned char)(i * 31 + done / ECHO_BLOCK);
        if (!library->write(sent, block))
            return false;
        while (back < block) {
            int count = library->read(received + back, block - back);
            if (count <= 0)
                return peer_failed("echo", count);
            back += (size_t)count;
        }
        if (memcmp(sent, received, block) != 0)
            return peer_failed("other bytes came back", 0);
        done += block;
    }
    fprintf(stderr, "echoed %zu\n", size);
    return true;
}

static bool echo_as_server(const struct peer_library *library, size_t size)
{
    static unsigned char data[ECHO_BLOCK];
    for (size_t done = 0; done < size;) {
        int count = library->read(data, sizeof data);
        if (count <= 0)
            return peer_failed("echo", count);
        if (!library->write(data, (size_t)count))
            return false;
        done += (size_t)count;
    }
    return true;
}

static bool exchange(const struct peer_library *library, const struct peer_options *options)
{
    if (options->echo != 0)
        return options->is_server ? echo_as_server(library, options->echo)
                                  : echo_as_client(library, options->echo);
    return options->is_server ? exchange_as_server(library) : exchange_as_client(library);
}

/* A socket that is closed with bytes unread would take the page with it. */
static void drain(int fd)
{
    char data[1024];
    shutdown(fd, SHUT_WR);
    while (peer_receive(fd, data, sizeof data) > 0)
        continue;
}

static bool run(const struct peer_library *library, const struct peer_options *options,
                int listener)
{
    struct peer_result result = {.words = ""};
    int fd = options->is_server ? accept(listener, NULL, NULL) : connect_to(options->port);
    if (fd < 0)
        return peer_failed("socket", errno);
    bool done = library->open(options, fd, &result);
    if (done) {
        fprintf(stderr, "negotiated 1.%d %04X%s\n", result.minor - 1, result.code, result.words);
        done = exchange(library, options);
        library->close();
    }
    drain(fd);
    close(fd);
    return done;
}

int peer_main(int argc, char **argv, const struct peer_library *library)
{
    struct peer_options options = {.minor = 3, .name = "server.example", .identity = ""};
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        library->list();
        return 0;
    }
    if (argc < 2 || (strcmp(argv[1], "client") != 0 && strcmp(argv[1], "server") != 0)) {
        fprintf(stderr, "usage: %s list|client|server [NAME=VALUE ...]\n", argv[0]);
        return 2;
    }
    options.is_server = strcmp(argv[1], "server") == 0;
    for (int i = 2; i < argc; i++) {
        if (!parse_argument(&options, argv[i])) {
            fprintf(stderr, "what is %s?\n", argv[i]);
            return 2;
        }
    }
    int listener = options.is_server ? listen_somewhere() : -1;
    bool done = run(library, &options, listener);
    if (done && options.resume != PEER_RESUME_OFF) {
        options.is_second = true;
        done = run(library, &options, listener);
    }
    return done ? 0 : 1;
}
