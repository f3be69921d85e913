#include "tools/net.h"

#include "tools/tools.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

bool net_parse(const char *text, bool host_optional, struct net_place *place)
{
    const char *colon = strrchr(text, ':');
    const char *host = text, *port = colon ? colon + 1 : text;
    size_t host_size = colon ? (size_t)(colon - text) : 0;
    if (host_size >= 2 && host[0] == '[' && host[host_size - 1] == ']') {
        host++;
        host_size -= 2;
    } else if (memchr(host, ':', host_size)) {
        return false; /* an IPv6 address without brackets: where its port begins is anyone's guess
                       */
    }
    int64_t number;
    if ((host_size == 0 && !host_optional) || host_size >= sizeof place->host ||
        !parse_number(port, 0, UINT16_MAX, &number) || strlen(port) >= sizeof place->port)
        return false;
    memcpy(place->host, host, host_size);
    place->host[host_size] = '\0';
    memcpy(place->port, port, strlen(port) + 1);
    return true;
}

static struct addrinfo *resolve(const struct net_place *place, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(place->host[0] ? place->host : NULL, place->port, &hints, &found);
    if (error != 0) {
        complain("cannot find %s: %s", place->host,
                 error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
        return NULL;
    }
    return found;
}

static void set_option(int socket, int level, int option, int value)
{
    /* A convenience each time: the socket works without it. */
    (void)setsockopt(socket, level, option, &value, sizeof value);
}

static int new_socket(const struct addrinfo *address)
{
    return socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                  address->ai_protocol);
}

/* 0, or the errno of the attempt. */
static int connect_one(int fd, const struct addrinfo *address, int timeout_ms)
{
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int ready = poll(&wait, 1, timeout_ms);
    if (ready < 0)
        return errno;
    if (ready == 0)
        return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

int net_connect(const struct net_place *place, int timeout_ms)
{
    struct addrinfo *found = resolve(place, 0);
    if (!found)
        return -1;
    int fd = -1, error = 0;
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
        fd = new_socket(at);
        error = fd < 0 ? errno : connect_one(fd, at, timeout_ms);
        if (fd >= 0 && error != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd < 0)
        complain("cannot connect to %s port %s: %s", place->host, place->port, strerror(error));
    else
        set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    return fd;
}

static int listen_one(const struct addrinfo *address)
{
    int fd = new_socket(address);
    if (fd < 0)
        return -1;
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (address->ai_family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Without a host: the IPv6 wildcard takes IPv4 too; a machine without IPv6 has only the other. */
static int listen_any(const struct addrinfo *found)
{
    static const int families[] = {AF_INET6, AF_INET};
    int fd = -1;
    for (size_t i = 0; i < 2 && fd < 0; i++)
        for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
            if (at->ai_family == families[i])
                fd = listen_one(at);
    return fd;
}

int net_listen(const struct net_place *place)
{
    struct addrinfo *found = resolve(place, AI_PASSIVE);
    if (!found)
        return -1;
    int fd = place->host[0] ? listen_one(found) : listen_any(found);
    int error = errno;
    freeaddrinfo(found);
    if (fd < 0)
        complain("cannot listen on %s port %s: %s", place->host[0] ? place->host : "any address",
                 place->port, strerror(error));
    return fd;
}

static uint16_t describe(const struct sockaddr *address, socklen_t size, char text[NET_ADDRESS_MAX])
{
    char host[NET_ADDRESS_MAX - 10], port[6];
    if (getnameinfo(address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        snprintf(text, NET_ADDRESS_MAX, "unknown");
        return 0;
    }
    snprintf(text, NET_ADDRESS_MAX, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
    int64_t number = 0;
    (void)parse_number(port, 0, UINT16_MAX, &number);
    return (uint16_t)number;
}

int net_accept(int listener, char address[NET_ADDRESS_MAX])
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return -1;
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    describe((const struct sockaddr *)&peer, size, address);
    return fd;
}

uint16_t net_local_port(int socket, char address[NET_ADDRESS_MAX])
{
    struct sockaddr_storage own;
    socklen_t size = sizeof own;
    if (getsockname(socket, (struct sockaddr *)&own, &size) != 0) {
        snprintf(address, NET_ADDRESS_MAX, "unknown");
        return 0;
    }
    return describe((const struct sockaddr *)&own, size, address);
}

int64_t net_microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t net_milliseconds(void)
{
    return net_microseconds() / 1000;
}
