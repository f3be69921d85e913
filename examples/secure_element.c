/* A client whose private key is in a secure element:
 *
 *     secure_element PORT ROOT CHAIN... KEY      DER files; for server.example on 127.0.0.1
 *
 * The connection asks a question for each signature and goes on when it is answered, at once or
 * after the element has taken its time; other connections run meanwhile. Here KEY stands for the
 * element: what is outside of element_sign sees the public half only. */
#include "crypto_glue/random.h"

#include <handfast/handfast.h>
#include <handfast/io.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static hf_private_key element;

static bool element_sign(hf_span digest, uint8_t *signature, size_t *size)
{
    const hf_random random = {hf_random_system, NULL};
    return hf_ecdsa_sign(element.u.ec.curve, element.u.ec.scalar.data, &random, digest, signature,
                         size) == HF_CRYPTO_OK;
}

/* What a program that drives the connection does when hf_conn_wants says HF_HAS_QUESTION. */
static hf_error answer(hf_conn *conn)
{
    const hf_question *question = hf_conn_question(conn);
    uint8_t signature[HF_ECDSA_SIGNATURE_MAX];
    size_t size = 0;
    bool is_signed =
        question->kind == HF_QUESTION_SIGN && element_sign(question->input, signature, &size);
    const hf_answer reply = {.refused = !is_signed, .output = {signature, size}};
    if (is_signed)
        printf("the element signed %zu bytes\n", question->input.size);
    return hf_conn_answer(conn, &reply);
}

static ptrdiff_t read_socket(void *context, uint8_t *data, size_t size)
{
    return read(*(int *)context, data, size);
}

static ptrdiff_t write_socket(void *context, const uint8_t *data, size_t size)
{
    return send(*(int *)context, data, size, MSG_NOSIGNAL);
}

static bool clock_of_host(void *context, int64_t *unix_seconds)
{
    (void)context;
    *unix_seconds = (int64_t)time(NULL);
    return true;
}

static int run(hf_io *io)
{
    char page[512];
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    hf_error error;
    while ((error = hf_io_handshake(io)) == HF_WAITING)
        if (answer(io->conn) != HF_OK)
            return 1;
    if (error != HF_OK || hf_io_send(io, (const uint8_t *)request, sizeof request - 1) < 0) {
        const hf_failure *failure = hf_conn_failure(io->conn);
        fprintf(stderr, "%s\n",
                failure != NULL ? hf_reason_of(failure->reason)->symbol : "no peer");
        return 1;
    }
    for (ptrdiff_t size; (size = hf_io_receive(io, (uint8_t *)page, sizeof page)) > 0;)
        (void)fwrite(page, 1, (size_t)size, stdout);
    return hf_io_close(io) == HF_OK ? 0 : 1;
}

static hf_span load(const char *path)
{
    static uint8_t files[HF_CHAIN_MAX + 2][8192];
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

/* The key as the connection sees it: external, with the public point of the certificate. */
static hf_private_key public_half(hf_span leaf)
{
    hf_certificate certificate;
    hf_private_key key = {.type = HF_KEY_EC, .external = true};
    if (hf_certificate_read(&certificate, leaf) != HF_OK ||
        certificate.public_key.type != HF_KEY_EC)
        exit(2);
    key.u.ec.curve = certificate.public_key.u.ec.curve;
    key.u.ec.point = certificate.public_key.u.ec.point;
    return key;
}

int main(int argc, char **argv)
{
    static hf_conn conn;
    static hf_handshake handshake;
    static uint8_t rx[HF_RX_FULL], tx[HF_TX_MIN];
    hf_span chain[HF_CHAIN_MAX];
    if (argc < 5 || argc > HF_CHAIN_MAX + 4 || hf_crypto_init() != HF_CRYPTO_OK) {
        fputs("usage: secure_element PORT ROOT CHAIN... KEY\n", stderr);
        return 2;
    }
    for (int i = 3; i < argc - 1; i++)
        chain[i - 3] = load(argv[i]);
    if (hf_private_key_read(&element, load(argv[argc - 1])) != HF_OK || element.type != HF_KEY_EC)
        return 2;
    const hf_private_key key = public_half(chain[0]);
    const hf_credentials credentials = {
        .chain = chain, .chain_count = (size_t)argc - 4, .key = &key};
    const hf_trust_anchor anchor = {.certificate = load(argv[2])};
    const hf_config config = {.random = {hf_random_system, NULL},
                              .clock = clock_of_host,
                              .anchors = &anchor,
                              .anchor_count = 1,
                              .credentials = &credentials,
                              .credentials_count = 1};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    if (peer < 0 || connect(peer, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("connect");
        return 2;
    }
    hf_io io = {&conn, read_socket, write_socket, &peer};
    if (hf_conn_init(&conn, HF_CLIENT, &config, &handshake, (hf_buf){rx, sizeof rx},
                     (hf_buf){tx, sizeof tx}) != HF_OK ||
        hf_conn_set_server_name(&conn, "server.example") != HF_OK)
        return 2;
    int result = run(&io);
    hf_conn_wipe(&conn);
    (void)close(peer);
    return result;
}
