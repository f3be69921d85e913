/* A host around the minimal programs:
 *
 *     minimal client PORT   prints what the server on 127.0.0.1:PORT says
 *     minimal server        prints the port it listens on, then what its one client says
 *
 * with the test certificates of HF_PKI_DIR. */
#include "tests/sizes/minimal.h"

#include "crypto_glue/init.h"
#include "crypto_glue/random.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILE_MAX 4096

hf_span minimal_root;
hf_span minimal_chain[2];
uint8_t minimal_scalar[32];

static int peer;

size_t minimal_receive(uint8_t *data, size_t size)
{
    ssize_t got = read(peer, data, size);
    return got > 0 ? (size_t)got : 0;
}

bool minimal_send(const uint8_t *data, size_t size)
{
    return write(peer, data, size) == (ssize_t)size;
}

void minimal_take(hf_span data)
{
    (void)fwrite(data.data, 1, data.size, stdout);
}

bool minimal_random(void *context, uint8_t *out, size_t size)
{
    return hf_random_system(context, out, size);
}

static void require(bool condition, const char *what)
{
    if (!condition) {
        perror(what);
        exit(2);
    }
}

static hf_span load(const char *path, uint8_t *bytes)
{
    FILE *file = fopen(path, "rb");
    require(file != NULL, path);
    size_t size = fread(bytes, 1, FILE_MAX, file);
    (void)fclose(file);
    return (hf_span){bytes, size};
}

/* ECPrivateKey of RFC 5915: version 1, then the scalar in an OCTET STRING. */
static void load_scalar(const char *path)
{
    static const uint8_t before[] = {2, 1, 1, 4, sizeof minimal_scalar};
    uint8_t bytes[FILE_MAX];
    hf_span der = load(path, bytes);
    size_t at = 0;
    while (at + sizeof before + sizeof minimal_scalar < der.size &&
           memcmp(bytes + at, before, sizeof before) != 0)
        at++;
    memcpy(minimal_scalar, bytes + at + sizeof before, sizeof minimal_scalar);
}

static void load_all(void)
{
    static uint8_t files[3][FILE_MAX];
    minimal_root = load(HF_PKI_DIR "/root-p256.der", files[0]);
    minimal_chain[0] = load(HF_PKI_DIR "/server-p256.der", files[1]);
    minimal_chain[1] = load(HF_PKI_DIR "/inter-p256.der", files[2]);
    load_scalar(HF_PKI_DIR "/server-p256.key.der");
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

#if HF_WITH_CLIENT
static int run_client(int port)
{
    struct sockaddr_in address = loopback(port);
    peer = socket(AF_INET, SOCK_STREAM, 0);
    require(peer >= 0 && connect(peer, (struct sockaddr *)&address, sizeof address) == 0,
            "connect");
    return minimal_client();
}
#endif

#if HF_WITH_SERVER
static int run_server(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    require(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
                listen(listener, 1) == 0 &&
                getsockname(listener, (struct sockaddr *)&address, &size) == 0,
            "listen");
    (void)printf("%d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    peer = accept(listener, NULL, NULL);
    require(peer >= 0, "accept");
    return minimal_server();
}
#endif

int main(int argc, char **argv)
{
    require(hf_crypto_init() == HF_CRYPTO_OK, "hf_crypto_init");
    load_all();
#if HF_WITH_CLIENT
    if (argc == 3 && strcmp(argv[1], "client") == 0)
        return run_client((int)strtol(argv[2], NULL, 10));
#endif
#if HF_WITH_SERVER
    if (argc == 2 && strcmp(argv[1], "server") == 0)
        return run_server();
#endif
    (void)fprintf(stderr, "usage: %s client PORT | server, as far as built\n", argv[0]);
    return 2;
}
