/* The verb `server`: its arguments and what is set up before the first connection. */
#include "tools/server.h"

#include "tools/failure.h"
#include "tools/file.h"
#include "tools/tools.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* The largest ClientHello, and a bit of the record behind it: suites and extensions of 2^16 bytes.
 */
#define RX_DEFAULT      (4 + 2 + 32 + 33 + 2 + 0xfffe + 256 + 2 + 0xffff + 64)
#define IDLE_MS_DEFAULT 60000
#define CACHE_DEFAULT   1000
#define CACHE_MAX       1000000

/* ------------------------------------------------------------------ arguments */

enum key {
    KEY_BINDINGS = 0x100,
    KEY_CLIENT_AUTH,
    KEY_CLIENT_CA,
    KEY_ACCEPT_V2_HELLO,
    KEY_HTTP,
    KEY_ECHO,
    KEY_PAGE,
    KEY_PREFER,
    KEY_CONNECTIONS,
    KEY_IDLE,
    KEY_READY,
    KEY_SNI_UNKNOWN,
    KEY_CACHE,
    KEY_STAPLE,
    KEY_FETCH,
    KEY_CRL,
    KEY_LOG
};

static const struct argp_option rows[] = {
    {"bindings", KEY_BINDINGS, "FILE", 0,
     "Host names and what serves them, one a line: host certificates keys options", 1},
    {"sni-unknown", KEY_SNI_UNKNOWN, "HOW", 0,
     "What a name without a binding gets: default, warn or fatal", 1},
    {"client-auth", KEY_CLIENT_AUTH, "MODE", 0,
     "Ask clients for certificates: off, request (they may have none) or require", 1},
    {"client-ca", KEY_CLIENT_CA, "FILE", 0, "Trust anchors in PEM for clients' certificates", 1},
    {"crl", KEY_CRL, "FILE", 0,
     "Revocation lists in PEM or DER, of which each of a client's certificates needs some that "
     "cover it; may be repeated",
     1},
    {"accept-v2-hello", KEY_ACCEPT_V2_HELLO, NULL, 0,
     "Read a ClientHello in the format of SSL 2.0 that offers TLS", 1},
    {"prefer", KEY_PREFER, "WHO", 0, "Whose order of suites and groups counts: client or server",
     1},
    {"cache", KEY_CACHE, "N", 0, "Keep N sessions to be resumed by their ID; default 1000", 1},
    {"staple", KEY_STAPLE, "FILE", 0,
     "An OCSP response in DER for the first --cert, sent to clients that ask (RFC 6066 8)", 1},
    {"fetch", KEY_FETCH, "FOLDER", 0,
     "Take certificates by URL (RFC 6066 5): from the file of that name in FOLDER, never from the "
     "network",
     1},
    {"http", KEY_HTTP, NULL, 0, "Answer each request with a page about its own handshake", 2},
    {"page", KEY_PAGE, "FILE", 0, "With --http: answer with this file instead", 2},
    {"echo", KEY_ECHO, NULL, 0, "Send back what arrives; default: print it", 2},
    {"connections", KEY_CONNECTIONS, "N", 0, "End after N connections", 3},
    {"idle", KEY_IDLE, "SECONDS", 0,
     "Close what has been silent, or has not come through its handshake, for so long; default 60",
     3},
    {"ready", KEY_READY, "FILE", 0, "Write the port there once listening", 3},
    {"log", KEY_LOG, "FORM", 0, "A line a connection as text (the default) or as a JSON object", 3},
    {0},
};

static void set_service(struct server *server, enum service service, const struct argp_state *state)
{
    if (server->service != SERVICE_PRINT && server->service != service)
        argp_error(state, "--http and --echo exclude each other");
    server->service = service;
}

static void check_arguments(struct server *server, struct argp_state *state)
{
    if (!server->place_text)
        argp_error(state, "[ADDR:]PORT is missing");
    if (!net_parse(server->place_text, true, &server->place))
        argp_error(state, "\"%s\" is not [ADDR:]PORT", server->place_text);
    if (server->tls.renegotiate)
        server->tls.config.renegotiation |= HF_RENEGOTIATION_BY_SERVER;
    tls_options_complete(&server->tls);
    if (server->pairs.count == 0 && !server->bindings_path &&
        !tls_options_use_no_certificates(&server->tls))
        argp_error(state, "--cert and --key, or --bindings, are needed");
    if (server->page_path && server->service != SERVICE_HTTP)
        argp_error(state, "--page goes with --http");
}

static error_t parse_serving(int key, char *argument, struct argp_state *state)
{
    static const char *const preferences[] = {"server", "client", NULL};
    static const char *const log_forms[] = {"text", "json", NULL};
    static const char *const unknown_names[] = {"default", "warn", "fatal", NULL};
    struct server *server = state->input;
    switch (key) {
    case KEY_PREFER:
        server->tls.config.server_preference_off =
            option_choice(state, "prefer", argument, preferences) == 1;
        return 0;
    case KEY_SNI_UNKNOWN:
        server->tls.config.unknown_name =
            (hf_unknown_name)option_choice(state, "sni-unknown", argument, unknown_names);
        return 0;
    case KEY_LOG:
        server->logs_json = option_choice(state, "log", argument, log_forms) == 1;
        return 0;
    case KEY_HTTP:
        set_service(server, SERVICE_HTTP, state);
        return 0;
    case KEY_ECHO:
        set_service(server, SERVICE_ECHO, state);
        return 0;
    case KEY_PAGE:
        server->page_path = argument;
        return 0;
    case KEY_CONNECTIONS:
        server->connections_max = option_number(state, "connections", argument, 1, INT32_MAX);
        return 0;
    case KEY_IDLE:
        server->idle_ms = 1000 * option_number(state, "idle", argument, 1, 86400);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Options about who is let in. */
static error_t parse_access(int key, char *argument, struct argp_state *state)
{
    struct server *server = state->input;
    switch (key) {
    case KEY_BINDINGS:
        server->bindings_path = argument;
        return 0;
    case KEY_CLIENT_AUTH:
        if (!parse_client_auth(argument, &server->tls.config.client_auth))
            argp_error(state, "--client-auth is off, request or require, not \"%s\"", argument);
        return 0;
    case KEY_CLIENT_CA:
        server->client_ca_path = argument;
        return 0;
    case KEY_CRL:
        option_crl(state, &server->crls, argument);
        return 0;
    case KEY_ACCEPT_V2_HELLO:
        server->tls.config.accept_v2_hello = true;
        return 0;
    case KEY_CACHE:
        server->cache_size = option_number(state, "cache", argument, 0, CACHE_MAX);
        return 0;
    case KEY_STAPLE:
        server->staple_path = argument;
        return 0;
    case KEY_FETCH:
        server->url_folder = argument;
        server->tls.config.accept_certificate_urls = true;
        return 0;
    default:
        return parse_serving(key, argument, state);
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct server *server = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &server->pairs;
        state->child_inputs[1] = &server->tls;
        return 0;
    case KEY_READY:
        server->ready_path = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (server->place_text)
            argp_error(state, "one [ADDR:]PORT is enough: \"%s\"", argument);
        server->place_text = argument;
        return 0;
    case ARGP_KEY_END:
        check_arguments(server, state);
        return 0;
    default:
        return parse_access(key, argument, state);
    }
}

static const struct argp_child children[] = {
    {&pair_paths_argp, 0, NULL, 0}, {&tls_options_argp, 0, NULL, 0}, {0}};
static const struct argp server_argp = {
    rows,
    parse,
    "[ADDR:]PORT",
    "Serves many connections at once until SIGINT or SIGTERM. Without ADDR it listens on every "
    "address; PORT 0 lets the system choose.",
    children,
    NULL,
    NULL};

/* ------------------------------------------------------------------ setting up */

static int load_staple(struct server *server)
{
    if (server->pairs.count == 0) {
        complain("--staple goes with --cert and --key");
        return STATUS_USAGE;
    }
    server->staple.data = file_read(server->staple_path, &server->staple.size);
    if (!server->staple.data)
        return STATUS_OUTSIDE;
    bindings_staple(&server->bindings, server->staple);
    return STATUS_DONE;
}

static int load_bindings(struct server *server)
{
    int status = STATUS_DONE;
    if (server->pairs.count)
        status = bindings_add_default(&server->bindings, &server->pairs);
    if (status == STATUS_DONE && server->staple_path)
        status = load_staple(server);
    if (status == STATUS_DONE && server->bindings_path)
        status = bindings_read(&server->bindings, server->bindings_path);
    if (status == STATUS_DONE && server->pairs.count)
        bindings_add_names(&server->bindings);
    server->tls.config.bindings = server->bindings.rows;
    server->tls.config.binding_count = server->bindings.count;
    return status;
}

static int load_anchors(struct server *server)
{
    if (!server->client_ca_path)
        return STATUS_DONE;
    if (!anchor_list_read(&server->anchors, server->client_ca_path))
        return STATUS_OUTSIDE;
    server->tls.config.anchors = server->anchors.items;
    server->tls.config.anchor_count = server->anchors.count;
    return STATUS_DONE;
}

static int load_crls(struct server *server)
{
    if (!crl_files_read(&server->crls))
        return STATUS_OUTSIDE;
    server->tls.config.crls = server->crls.lists.items;
    server->tls.config.crl_count = server->crls.lists.count;
    return STATUS_DONE;
}

/* A configuration that cannot work is refused now and not at the first connection. */
static int try_configuration(const struct server *server)
{
    static const struct watch_outputs silent;
    int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    hf_error error;
    struct endpoint *endpoint = endpoint_open(socket_, HF_SERVER, &server->tls, &silent, &error);
    if (endpoint)
        endpoint_close(endpoint);
    return error == HF_OK ? STATUS_DONE : failure_report_error(error);
}

/* The file appears complete, so that whoever waits for it never reads half a number. */
static bool write_ready_file(const char *path, unsigned port)
{
    size_t size = strlen(path) + sizeof ".new";
    char *draft = must_allocate(size, 1);
    snprintf(draft, size, "%s.new", path);
    FILE *file = fopen(draft, "w");
    bool good = file && fprintf(file, "%u\n", port) > 0;
    if (file)
        good = fclose(file) == 0 && good;
    good = good && rename(draft, path) == 0;
    if (!good)
        complain("cannot write %s: %s", path, strerror(errno));
    free(draft);
    return good;
}

/* As many descriptors as the system lets us have; with fewer there are fewer connections at once.
 */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The buffers of a connection come as pages of their own: those that nothing was written to cost
 * nothing, and all go back at its end. */
static void keep_buffers_apart(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 16);
}

static bool start_listening(struct server *server)
{
    server->listener = net_listen(&server->place);
    if (server->listener < 0)
        return false;
    char address[NET_ADDRESS_MAX];
    unsigned port = net_local_port(server->listener, address);
    if (!server->tls.quiet)
        fprintf(stderr, "handfast: listening on %s\n", address);
    return !server->ready_path || write_ready_file(server->ready_path, port);
}

static int run(struct server *server)
{
    if (server->page_path) {
        server->page = (char *)file_read(server->page_path, &server->page_size);
        if (!server->page)
            return STATUS_OUTSIDE;
    }
    int status = load_bindings(server);
    if (status == STATUS_DONE)
        status = load_anchors(server);
    if (status == STATUS_DONE)
        status = load_crls(server);
    if (status == STATUS_DONE)
        status = try_configuration(server);
    if (status != STATUS_DONE)
        return status;
    if (!watch_outputs_open(&server->outputs, &server->tls, stderr) ||
        !keeping_open(&server->keeping, &server->tls.config, (size_t)server->cache_size,
                      !server->tls.without_tickets))
        return STATUS_OUTSIDE;
    if (server->service == SERVICE_HTTP && !server->page)
        server->outputs.keeps_journal = server->outputs.keeps_hello = true;
    raise_descriptor_limit();
    keep_buffers_apart();
    status = start_listening(server) ? serve(server) : STATUS_OUTSIDE;
    if (server->listener >= 0)
        close(server->listener);
    if (!watch_outputs_close(&server->outputs) && status == STATUS_DONE)
        status = STATUS_OUTSIDE;
    keeping_close(&server->keeping);
    return status;
}

int verb_server(int argc, char **argv)
{
    struct server *server = must_allocate(1, sizeof *server);
    tls_options_init(&server->tls);
    server->tls.rx_size = RX_DEFAULT;
    server->tls.without_tickets = true;
    server->tls.config.ask_about_chain = true; /* for the log and the page */
    server->listener = -1;
    server->idle_ms = IDLE_MS_DEFAULT;
    server->cache_size = CACHE_DEFAULT;
    argp_parse(&server_argp, argc, argv, 0, NULL, server);
    int status = run(server);
    bindings_free(&server->bindings);
    anchor_list_free(&server->anchors);
    crl_files_free(&server->crls);
    free(server->page);
    free((uint8_t *)server->staple.data);
    free(server);
    return status;
}
