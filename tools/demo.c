/* The verb `demo`: a client and a server of ours in one process, over a real TCP connection on the
 * loopback interface, with the ladder as it happens and a summary. */
#include "tools/demo_credentials.h"
#include "tools/endpoint.h"
#include "tools/failure.h"
#include "tools/net.h"
#include "tools/tools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_MS 5000
#define DEMO_TIMEOUT_MS    20000

static const char greeting[] = "Hello across the ladder!";

struct demo {
    struct tls_options tls;
    struct watch_outputs client_outputs, server_outputs;
    struct endpoint *client, *server;
    size_t greeted, echoed; /* bytes of the greeting sent, and come back */
    bool echo_right;
};

/* ------------------------------------------------------------------ the conversation */

/* True while a renegotiation is still to be had. */
static bool renegotiate(struct demo *demo)
{
    struct endpoint *client = demo->client;
    if (demo->tls.renegotiate && !client->renegotiation_done && demo->greeted == sizeof greeting)
        (void)endpoint_renegotiate(client);
    return hf_conn_is_renegotiating(&client->conn);
}

/* The client greets, reads the echo and says goodbye. */
static void play_client(struct demo *demo)
{
    hf_conn *conn = &demo->client->conn;
    if (!(hf_conn_wants(conn) & HF_ESTABLISHED))
        return;
    demo->greeted += endpoint_write(demo->client, (const uint8_t *)greeting + demo->greeted,
                                    sizeof greeting - demo->greeted);
    hf_conn_flush(conn);
    hf_span data;
    while ((data = hf_conn_readable(conn)).size != 0) {
        demo->echo_right = demo->echo_right && data.size <= sizeof greeting - demo->echoed &&
                           memcmp(data.data, greeting + demo->echoed, data.size) == 0;
        demo->echoed += data.size;
        endpoint_consume(demo->client, data.size);
        endpoint_work(demo->client);
    }
    if (!renegotiate(demo) && demo->echoed >= sizeof greeting)
        hf_conn_close(conn);
}

static void play_server(struct demo *demo)
{
    hf_conn *conn = &demo->server->conn;
    size_t moved;
    do {
        hf_span data = hf_conn_readable(conn);
        moved = endpoint_write(demo->server, data.data, data.size);
        endpoint_consume(demo->server, moved);
        hf_conn_flush(conn);
        endpoint_work(demo->server);
    } while (moved);
}

static bool both_over(const struct demo *demo)
{
    return demo->client->state == ENDPOINT_OVER && demo->server->state == ENDPOINT_OVER;
}

static bool converse(struct demo *demo)
{
    int64_t deadline = net_milliseconds() + DEMO_TIMEOUT_MS;
    endpoint_work(demo->client);
    while (!both_over(demo)) {
        struct pollfd fds[2] = {endpoint_pollfd(demo->client), endpoint_pollfd(demo->server)};
        int64_t left = deadline - net_milliseconds();
        if (left <= 0 || (poll(fds, 2, (int)left) < 0 && errno != EINTR)) {
            complain("the demo did not come to its end");
            return false;
        }
        endpoint_move(demo->client, fds[0].revents);
        play_client(demo);
        endpoint_work(demo->client);
        endpoint_move(demo->server, fds[1].revents);
        play_server(demo);
        endpoint_work(demo->server);
    }
    return true;
}

/* ------------------------------------------------------------------ the result */

static void print_summary(const struct demo *demo)
{
    printf("\n");
    const char *label, *value;
    for (size_t i = 0; summary_row(&demo->client->watch.summary, i, &label, &value); i++)
        if (strcmp(label, "binding") != 0) /* a server's matter: see below */
            printf("  %-24s %s\n", label, value);
    printf("  %-24s %s\n", "server's binding", demo->server->watch.summary.binding);
    printf("  %-24s %llu from the client, %llu from the server\n", "bytes on the wire",
           (unsigned long long)demo->client->sent, (unsigned long long)demo->server->sent);
}

/* Both sides may have failed; the one that did not only receive the other's alert knows why. */
static int report(const struct demo *demo)
{
    const hf_failure *client = hf_conn_failure(&demo->client->conn);
    const hf_failure *server = hf_conn_failure(&demo->server->conn);
    const hf_failure *cause = client && !client->alert_received ? client : server;
    if (!cause)
        cause = client;
    if (cause)
        return failure_report(cause, "");
    if (!demo->echo_right || demo->echoed != sizeof greeting) {
        complain("the echo is not what was sent");
        return STATUS_TLS;
    }
    if (!demo->tls.quiet)
        print_summary(demo);
    return STATUS_DONE;
}

/* ------------------------------------------------------------------ setting up */

/* Two ends of one TCP connection over the loopback interface. */
static bool connect_pair(int *client, int *server)
{
    struct net_place place = {.host = "127.0.0.1", .port = "0"};
    int listener = net_listen(&place);
    if (listener < 0)
        return false;
    char address[NET_ADDRESS_MAX];
    snprintf(place.port, sizeof place.port, "%u", net_local_port(listener, address));
    *client = net_connect(&place, CONNECT_TIMEOUT_MS);
    *server = -1;
    if (*client >= 0) {
        struct pollfd wait = {.fd = listener, .events = POLLIN};
        (void)poll(&wait, 1, CONNECT_TIMEOUT_MS);
        *server = net_accept(listener, address);
        if (*server < 0) {
            complain("cannot accept on the loopback interface: %s", strerror(errno));
            close(*client);
        }
    }
    close(listener);
    return *server >= 0;
}

/* STATUS_DONE, or the exit status after a complaint. */
static int open_pair(struct demo *demo)
{
    int client, server;
    if (!connect_pair(&client, &server))
        return STATUS_OUTSIDE;
    hf_error error, server_error;
    demo->client = endpoint_open(client, HF_CLIENT, &demo->tls, &demo->client_outputs, &error);
    demo->server =
        endpoint_open(server, HF_SERVER, &demo->tls, &demo->server_outputs, &server_error);
    if (error == HF_OK)
        error = server_error;
    if (error == HF_OK && demo->client)
        error = hf_conn_set_server_name(&demo->client->conn, DEMO_SERVER_NAME);
    if (error != HF_OK)
        return failure_report_error(error);
    if (demo->client && demo->server)
        return STATUS_DONE;
    complain("out of memory");
    return STATUS_OUTSIDE;
}

static int run(struct demo *demo)
{
    const hf_credentials credentials[] = {
        demo_ec,
        demo_rsa,
#if HF_WITH_DSS
        demo_dsa,
#endif
    };
    const size_t count = sizeof credentials / sizeof credentials[0];
    const hf_binding bindings[] = {
        {.credentials = credentials, .credentials_count = count},
        {.host = HF_SPAN_LITERAL(DEMO_SERVER_NAME),
         .credentials = credentials,
         .credentials_count = count},
    };
    demo->tls.config.bindings = bindings;
    demo->tls.config.binding_count = 2;
    demo->tls.config.anchors = demo_anchors;
    demo->tls.config.anchor_count = 1;
    demo->tls.ladder = !demo->tls.quiet;
    if (!watch_outputs_open(&demo->client_outputs, &demo->tls, stdout))
        return STATUS_OUTSIDE;
    int status = open_pair(demo);
    if (status == STATUS_DONE)
        status = converse(demo) ? report(demo) : STATUS_OUTSIDE;
    if (demo->client)
        endpoint_close(demo->client);
    if (demo->server)
        endpoint_close(demo->server);
    if (!watch_outputs_close(&demo->client_outputs) && status == STATUS_DONE)
        status = STATUS_OUTSIDE;
    return status;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct demo *demo = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &demo->tls;
        return 0;
    case ARGP_KEY_END:
        if (demo->tls.renegotiate)
            demo->tls.config.renegotiation |= HF_RENEGOTIATION_BY_CLIENT;
        tls_options_complete(&demo->tls);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "no argument is needed: \"%s\"", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int verb_demo(int argc, char **argv)
{
    static const struct argp_child children[] = {{&tls_options_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .parser = parse,
        .doc = "A client and a server on loopback TCP with built-in test credentials: prints the "
               "ladder as it happens, and a summary.",
        .children = children};
    struct demo *demo = must_allocate(1, sizeof *demo);
    tls_options_init(&demo->tls);
    demo->echo_right = true;
    argp_parse(&argp, argc, argv, 0, NULL, demo);
    int status = run(demo);
    free(demo);
    return status;
}
