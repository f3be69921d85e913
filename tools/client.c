/* The verb `client`: connects, verifies, and pipes standard input and output, or asks for one page.
 */
#include "tools/certificate_urls.h"
#include "tools/endpoint.h"
#include "tools/failure.h"
#include "tools/identity.h"
#include "tools/keeping.h"
#include "tools/net.h"
#include "tools/tools.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_BUNDLE        "/etc/ssl/certs/ca-certificates.crt"
#define CONNECT_TIMEOUT_MS   10000
#define HANDSHAKE_TIMEOUT_MS 30000

struct client {
    struct tls_options tls;
    struct net_place place;
    const char *place_text, *ca_path, *name, *path;
    const char *session_in, *session_out;
    char *urls[HF_CHAIN_MAX]; /* of --cert-url */
    size_t url_count;
    int64_t resumptions; /* further connections */
    hf_session session;
    bool insecure, http;
    struct pair_paths pairs;
    struct identity_list identities;
    struct anchor_list anchors;
    struct crl_files crls;

    struct endpoint *endpoint;
    char *request; /* of --http */
    size_t request_size, request_sent;
    uint8_t typed[16384]; /* from standard input, not yet taken by the connection */
    size_t typed_size, typed_sent;
    bool input_ended, close_asked, announced, warned;
    int64_t handshake_deadline;
};

/* ------------------------------------------------------------------ arguments */

enum key {
    KEY_CA = 0x100,
    KEY_NAME,
    KEY_INSECURE,
    KEY_HTTP,
    KEY_TIME,
    KEY_FALLBACK,
    KEY_RESUME,
    KEY_SESSION_IN,
    KEY_SESSION_OUT,
    KEY_CERT_URL,
    KEY_TRUSTED_CA,
    KEY_STAPLE,
    KEY_CRL
};

static const struct argp_option rows[] = {
    {"ca", KEY_CA, "FILE", 0, "Trust anchors in PEM; default " SYSTEM_BUNDLE, 1},
    {"name", KEY_NAME, "NAME", 0, "The name to ask for and to verify; default HOST", 1},
    {"insecure", KEY_INSECURE, NULL, 0, "Do not verify the server: anyone may be answering", 1},
    {"time", KEY_TIME, "UNIX", 0, "Judge certificates at this time instead of now", 1},
    {"fallback", KEY_FALLBACK, NULL, 0,
     "Say that this is a second try with a lower --max (TLS_FALLBACK_SCSV)", 1},
    {"resume", KEY_RESUME, "N", 0, "Make N further connections, each resuming the session", 1},
    {"session-in", KEY_SESSION_IN, "FILE", 0, "Resume the session in this file if it fits", 1},
    {"session-out", KEY_SESSION_OUT, "FILE", 0,
     "Write the session there at the end; it holds a secret", 1},
    {"cert-url", KEY_CERT_URL, "URL", 0,
     "Show --cert by its URL to servers that agree (RFC 6066 5): one a certificate, leaf first, or "
     "one that ends in .pkipath for all",
     1},
    {"trusted-ca", KEY_TRUSTED_CA, "KIND", OPTION_ARG_OPTIONAL,
     "Tell the server which CAs --ca has (RFC 6066 6), by names (the default), keys, certificates "
     "or "
     "pre-agreed",
     1},
    {"staple", KEY_STAPLE, "require", OPTION_ARG_OPTIONAL,
     "Ask for an OCSP response (RFC 6066 8), which must be good; =require: and must come", 1},
    {"crl", KEY_CRL, "FILE", 0,
     "Revocation lists in PEM or DER, of which each of the server's certificates needs some that "
     "cover it; may be repeated",
     1},
    {"http", KEY_HTTP, "PATH", OPTION_ARG_OPTIONAL,
     "Ask for one page (default /) and print the answer; PATH may also follow as an argument", 1},
    {0},
};

static void take_argument(struct client *client, char *argument, struct argp_state *state)
{
    if (argument[0] == '/' && client->http && !client->path)
        client->path = argument;
    else if (!client->place_text)
        client->place_text = argument;
    else
        argp_error(state, "one HOST:PORT is enough: \"%s\"", argument);
}

static void check_arguments(struct client *client, struct argp_state *state)
{
    if (!client->place_text)
        argp_error(state, "HOST:PORT is missing");
    if (!net_parse(client->place_text, false, &client->place))
        argp_error(state, "\"%s\" is not HOST:PORT", client->place_text);
    if (client->insecure && client->ca_path)
        argp_error(state, "--insecure and --ca exclude each other");
    if (client->insecure && client->crls.count)
        argp_error(state, "--insecure and --crl exclude each other");
    if (!client->path)
        client->path = "/";
    if (client->path[0] != '/' || strpbrk(client->path, " \r\n"))
        argp_error(state, "\"%s\" is not a path", client->path);
    if (!client->name)
        client->name = client->place.host;
    if (client->url_count && client->pairs.count == 0)
        argp_error(state, "--cert-url goes with --cert and --key");
    if (client->tls.renegotiate)
        client->tls.config.renegotiation |= HF_RENEGOTIATION_BY_CLIENT;
    tls_options_complete(&client->tls);
}

static hf_trusted_ca_keys option_trusted_ca(const struct argp_state *state, const char *text)
{
    static const char *const kinds[] = {"names", "keys", "certificates", "pre-agreed", NULL};
    static const hf_trusted_ca_keys values[] = {
        HF_TRUSTED_CA_KEYS_NAMES, HF_TRUSTED_CA_KEYS_KEY_HASHES,
        HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES, HF_TRUSTED_CA_KEYS_PRE_AGREED};
    return text ? values[option_choice(state, "trusted-ca", text, kinds)] : values[0];
}

/* Options about sessions and what RFC 6066 adds. */
static error_t parse_extra(int key, char *argument, struct argp_state *state)
{
    struct client *client = state->input;
    hf_config *config = &client->tls.config;
    switch (key) {
    case KEY_RESUME:
        client->resumptions = option_number(state, "resume", argument, 0, INT32_MAX);
        return 0;
    case KEY_SESSION_IN:
        client->session_in = argument;
        return 0;
    case KEY_SESSION_OUT:
        client->session_out = argument;
        return 0;
    case KEY_CERT_URL:
        if (client->url_count == HF_CHAIN_MAX || !*argument || strlen(argument) > UINT16_MAX)
            argp_error(state, "--cert-url takes up to %d URLs", HF_CHAIN_MAX);
        client->urls[client->url_count++] = argument;
        return 0;
    case KEY_TRUSTED_CA:
        config->trusted_ca_keys = option_trusted_ca(state, argument);
        return 0;
    case KEY_STAPLE:
        if (argument && strcmp(argument, "require") != 0)
            argp_error(state, "--staple takes nothing or =require, not \"%s\"", argument);
        config->status_request = argument ? HF_STATUS_REQUEST_REQUIRE : HF_STATUS_REQUEST_ASK;
        config->ask_about_status = true;
        return 0;
    case KEY_CRL:
        option_crl(state, &client->crls, argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct client *client = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &client->pairs;
        state->child_inputs[1] = &client->tls;
        return 0;
    case KEY_CA:
        client->ca_path = argument;
        return 0;
    case KEY_NAME:
        client->name = argument;
        return 0;
    case KEY_INSECURE:
        client->insecure = true;
        return 0;
    case KEY_TIME:
        tls_options_set_time(&client->tls,
                             option_number(state, "time", argument, INT64_MIN, INT64_MAX));
        return 0;
    case KEY_FALLBACK:
        client->tls.config.fallback = true;
        return 0;
    case KEY_HTTP:
        client->http = true;
        if (argument)
            client->path = argument;
        return 0;
    case ARGP_KEY_ARG:
        take_argument(client, argument, state);
        return 0;
    case ARGP_KEY_END:
        check_arguments(client, state);
        return 0;
    default:
        return parse_extra(key, argument, state);
    }
}

static const struct argp_child children[] = {
    {&pair_paths_argp, 0, NULL, 0}, {&tls_options_argp, 0, NULL, 0}, {0}};
static const struct argp client_argp = {
    rows,
    parse,
    "HOST:PORT",
    "Connects, verifies the server's certificate, then pipes standard input and output. The end "
    "of the input sends close_notify; reading goes on until the server closes too.",
    children,
    NULL,
    NULL};

/* ------------------------------------------------------------------ data both ways */

/* Suites that are used only where they were named, but whose names say little. */
static void warn_about_suite(const hf_suite *suite)
{
    if (suite->authentication == HF_KEY_NONE && suite->key_exchange < HF_KX_PSK)
        fputs("handfast: WARNING: the suite is anonymous: the server is NOT verified\n", stderr);
    if (suite->cipher == HF_CIPHER_NULL)
        fputs("handfast: WARNING: the suite does NOT encrypt\n", stderr);
}

static void say_connected(const struct summary *summary)
{
    fprintf(stderr, "handfast: connected: %s %s%s%s%s%s%s%s%s%s%s\n",
            hf_version_name(summary->version), summary->suite->name, summary->group ? " " : "",
            summary->group ? summary->group->name : "", summary->scheme ? " " : "",
            summary->scheme ? summary->scheme->name : "", summary->protocol[0] ? " ALPN " : "",
            summary->protocol, summary->resumed ? " resumed" : "",
            summary->handshakes > 1 ? " renegotiated" : "", summary->status_size ? " stapled" : "");
}

/* The first line on standard error is a failure's reason whenever it comes about.
 * Good news therefore waits for the end, except for somebody who watches. */
static bool is_watched(const struct client *client)
{
    return client->tls.trace || client->tls.ladder || isatty(STDERR_FILENO);
}

static void announce(struct client *client, bool has_ended)
{
    const struct summary *summary = &client->endpoint->watch.summary;
    if (!summary->established || client->tls.quiet || client->announced ||
        !(has_ended || is_watched(client)))
        return;
    client->announced = true;
    say_connected(summary);
}

static void warn_if_established(struct client *client)
{
    if (client->warned || !client->endpoint->watch.summary.established)
        return;
    client->warned = true;
    warn_about_suite(client->endpoint->watch.summary.suite);
}

/* With --renegotiate the request is cut after its first line. */
static void send_request(struct client *client)
{
    struct endpoint *endpoint = client->endpoint;
    bool cuts = client->tls.renegotiate && !endpoint->renegotiation_done;
    size_t end = cuts ? strcspn(client->request, "\n") + 1 : client->request_size;
    client->request_sent +=
        endpoint_write(endpoint, (const uint8_t *)client->request + client->request_sent,
                       end - client->request_sent);
    hf_conn_flush(&endpoint->conn);
    if (cuts && client->request_sent == end)
        (void)endpoint_renegotiate(endpoint);
}

/* The end of the input closes our direction; what the server still sends is read. */
static void send_typed(struct client *client)
{
    client->typed_sent += endpoint_write(client->endpoint, client->typed + client->typed_sent,
                                         client->typed_size - client->typed_sent);
    if (client->typed_sent < client->typed_size)
        return;
    bool is_first = client->typed_size != 0 && !client->endpoint->renegotiation_done;
    client->typed_size = client->typed_sent = 0;
    hf_conn_flush(&client->endpoint->conn);
    if (is_first && client->tls.renegotiate)
        (void)endpoint_renegotiate(client->endpoint);
    if (hf_conn_is_renegotiating(&client->endpoint->conn))
        return;
    if (client->input_ended && !client->close_asked) {
        client->close_asked = true;
        hf_conn_close(&client->endpoint->conn);
    }
}

static bool has_unsent(const struct client *client)
{
    return client->http ? client->request_sent < client->request_size
                        : client->typed_sent < client->typed_size;
}

/* Until all is on its way or the socket takes no more: only then will poll say when to go on. */
static void send_data(struct client *client)
{
    do {
        if (!(endpoint_wants(client->endpoint) & HF_ESTABLISHED))
            return;
        if (client->http)
            send_request(client);
        else
            send_typed(client);
        endpoint_work(client->endpoint);
    } while (has_unsent(client) && (endpoint_wants(client->endpoint) & HF_CAN_WRITE));
}

static bool wants_input(const struct client *client)
{
    return !client->http && !client->input_ended && client->typed_size == 0 &&
           (endpoint_wants(client->endpoint) & HF_CAN_WRITE);
}

static void read_input(struct client *client)
{
    ssize_t size = read(STDIN_FILENO, client->typed, sizeof client->typed);
    if (size > 0)
        client->typed_size = (size_t)size;
    else if (size == 0 || errno != EINTR)
        client->input_ended = true;
}

/* At most what a pipe that poll calls writable takes without blocking. */
static bool write_output(struct client *client)
{
    hf_span data = hf_conn_readable(&client->endpoint->conn);
    ssize_t size = write(STDOUT_FILENO, data.data, data.size < PIPE_BUF ? data.size : PIPE_BUF);
    if (size < 0 && errno != EINTR && errno != EAGAIN) {
        complain("cannot write to standard output: %s", strerror(errno));
        return false;
    }
    if (size > 0)
        endpoint_consume(client->endpoint, (size_t)size);
    return true;
}

static int poll_timeout(const struct client *client)
{
    const struct endpoint *endpoint = client->endpoint;
    int64_t deadline = -1;
    if (endpoint->state == ENDPOINT_DRAINING)
        deadline = endpoint->drain_deadline;
    else if (!(endpoint_wants(endpoint) & HF_ESTABLISHED))
        deadline = client->handshake_deadline;
    if (deadline < 0)
        return -1;
    int64_t left = deadline - net_milliseconds();
    return left > 0 ? (int)left : 0;
}

/* False if poll itself failed. A signal counts as an event of which nothing is seen. */
static bool wait_for_events(const struct client *client, struct pollfd fds[3], bool *timed_out)
{
    int ready = poll(fds, 3, poll_timeout(client));
    *timed_out = ready == 0;
    if (ready >= 0)
        return true;
    for (size_t i = 0; i < 3; i++)
        fds[i].revents = 0;
    return errno == EINTR;
}

/* STATUS_DONE to go on. */
static int turn(struct client *client)
{
    struct endpoint *endpoint = client->endpoint;
    bool data_waits = endpoint_wants(endpoint) & HF_CAN_READ;
    struct pollfd fds[3] = {
        endpoint_pollfd(endpoint),
        {.fd = wants_input(client) ? STDIN_FILENO : -1, .events = POLLIN},
        {.fd = data_waits ? STDOUT_FILENO : -1, .events = POLLOUT},
    };
    bool timed_out;
    if (!wait_for_events(client, fds, &timed_out)) {
        complain("poll: %s", strerror(errno));
        return STATUS_OUTSIDE;
    }
    if (timed_out && endpoint->state == ENDPOINT_OPEN) {
        complain("the server did not finish the handshake within %d seconds",
                 HANDSHAKE_TIMEOUT_MS / 1000);
        return STATUS_OUTSIDE;
    }
    if (fds[1].revents)
        read_input(client);
    if (fds[2].revents && !write_output(client))
        return STATUS_OUTSIDE;
    endpoint_move(endpoint, fds[0].revents);
    warn_if_established(client);
    announce(client, false);
    send_data(client);
    return STATUS_DONE;
}

/* Data that came before a failure or the end is still printed. */
static bool is_over(const struct client *client)
{
    const struct endpoint *endpoint = client->endpoint;
    uint32_t wants = endpoint_wants(endpoint);
    if (wants & HF_CAN_READ)
        return false;
    return endpoint->state == ENDPOINT_OVER || ((wants & HF_CLOSED) && !(wants & HF_CAN_SEND));
}

static int converse(struct client *client)
{
    client->handshake_deadline = net_milliseconds() + HANDSHAKE_TIMEOUT_MS;
    endpoint_work(client->endpoint);
    while (!is_over(client)) {
        int status = turn(client);
        if (status != STATUS_DONE)
            return status;
    }
    const hf_failure *failure = hf_conn_failure(&client->endpoint->conn);
    if (failure)
        return failure_report(
            failure, summary_subject(&client->endpoint->watch.summary, failure->certificate));
    announce(client, true);
    return STATUS_DONE;
}

/* ------------------------------------------------------------------ setting up */

/* An HTTP/1.0 request: its answer ends with the connection. */
static void compose_request(struct client *client)
{
    static const char form[] = "GET %s HTTP/1.0\r\nHost: %s%s%s:%s\r\n"
                               "User-Agent: handfast\r\nAccept: */*\r\n\r\n";
    const char *open = strchr(client->name, ':') ? "[" : "", *close_ = *open ? "]" : "";
    int size =
        snprintf(NULL, 0, form, client->path, open, client->name, close_, client->place.port);
    client->request = must_allocate((size_t)size + 1, 1);
    client->request_size = (size_t)size;
    snprintf(client->request, (size_t)size + 1, form, client->path, open, client->name, close_,
             client->place.port);
}

static int run_connection(struct client *client, const struct watch_outputs *outputs)
{
    int socket = net_connect(&client->place, CONNECT_TIMEOUT_MS);
    if (socket < 0)
        return STATUS_OUTSIDE;
    hf_error error;
    client->endpoint = endpoint_open(socket, HF_CLIENT, &client->tls, outputs, &error);
    if (client->endpoint)
        error = hf_conn_set_server_name(&client->endpoint->conn, client->name);
    if (client->endpoint && error == HF_OK)
        error = hf_conn_set_session(&client->endpoint->conn, &client->session);
    int status = STATUS_OUTSIDE;
    if (error != HF_OK)
        status = failure_report_error(error);
    else if (!client->endpoint)
        complain("out of memory");
    else
        status = converse(client);
    if (client->endpoint)
        endpoint_close(client->endpoint);
    client->endpoint = NULL;
    return status;
}

/* The first connection, and those of --resume; each asks again, but standard input is read once. */
static int run_connections(struct client *client, const struct watch_outputs *outputs)
{
    if (client->session_in && !session_load(&client->session, client->session_in))
        return STATUS_OUTSIDE;
    int status = run_connection(client, outputs);
    for (int64_t i = 0; i < client->resumptions && status == STATUS_DONE; i++) {
        client->request_sent = 0;
        client->close_asked = client->announced = client->warned = false;
        status = run_connection(client, outputs);
    }
    if (status == STATUS_DONE && client->session_out &&
        !session_save(&client->session, client->session_out))
        status = STATUS_OUTSIDE;
    hf_session_wipe(&client->session);
    return status;
}

/* Without a suite that goes with certificates nobody's need be trusted. */
static bool load_anchors(struct client *client)
{
    hf_config *config = &client->tls.config;
    if (client->insecure) {
        fputs("handfast: WARNING: --insecure: the server is NOT verified; anyone may be "
              "answering, reading and changing what you send\n",
              stderr);
        config->verify = HF_VERIFY_NONE;
        return true;
    }
    if (!client->ca_path && !tls_options_use_certificates(&client->tls))
        return true;
    bool good =
        anchor_list_read(&client->anchors, client->ca_path ? client->ca_path : SYSTEM_BUNDLE);
    config->anchors = client->anchors.items;
    config->anchor_count = client->anchors.count;
    good = good && crl_files_read(&client->crls);
    config->crls = client->crls.lists.items;
    config->crl_count = client->crls.lists.count;
    return good;
}

static bool load_identities(struct client *client)
{
    const struct pair_paths *pairs = &client->pairs;
    for (size_t i = 0; i < pairs->count; i++)
        if (!identity_list_add(&client->identities, pairs->certificates[i], pairs->keys[i]))
            return false;
    client->tls.config.credentials = client->identities.credentials;
    client->tls.config.credentials_count = client->identities.count;
    return true;
}

static int run(struct client *client)
{
    struct watch_outputs outputs = {0};
    if (!load_anchors(client) || !load_identities(client) ||
        !watch_outputs_open(&outputs, &client->tls, stderr))
        return STATUS_OUTSIDE;
    if (client->url_count &&
        !certificate_urls_set(&client->identities, client->urls, client->url_count))
        return STATUS_USAGE;
    if (client->http)
        compose_request(client);
    int status = run_connections(client, &outputs);
    if (!watch_outputs_close(&outputs) && status == STATUS_DONE)
        status = STATUS_OUTSIDE;
    return status;
}

int verb_client(int argc, char **argv)
{
    struct client *client = must_allocate(1, sizeof *client);
    tls_options_init(&client->tls);
    argp_parse(&client_argp, argc, argv, 0, NULL, client);
    int status = run(client);
    free(client->request);
    anchor_list_free(&client->anchors);
    crl_files_free(&client->crls);
    identity_list_free(&client->identities);
    free(client);
    return status;
}
