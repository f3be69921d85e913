#include "tools/options.h"

#include "crypto_glue/random.h"
#include "tools/tools.h"

#include <handfast/conn.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BUFFER_SIZE_MAX (1 << 20)

/* X(symbol, option, argument, value): options of the command whose feature is not in this
 * library. They are listed so that each is refused by its name and never taken for an abbreviation
 * of another one (--key for --keylog). Where a value asks for what happens anyway, it is taken. */
#define ABSENT_OPTIONS(X) X(MAX_CHAIN, "max-chain", "N", NULL)

enum key {
    KEY_MIN = 0x1000,
    KEY_MAX,
    KEY_POLICY,
    KEY_SUITES,
    KEY_GROUPS,
    KEY_SCHEMES,
    KEY_ALPN,
    KEY_WITHOUT,
    KEY_LEGACY,
    KEY_PSK,
    KEY_TRUNCATED_HMAC,
    KEY_MFL,
    KEY_RECORD_SIZE_LIMIT,
    KEY_PADDING,
    KEY_TICKETS,
    KEY_RENEGOTIATE,
    KEY_RENEGOTIATION,
    KEY_RX,
    KEY_TX,
    KEY_KEYLOG,
    KEY_PCAP,
    KEY_TRACE,
    KEY_LADDER,
    KEY_SVG,
    KEY_QUIET,
    KEY_PAIR_ELSEWHERE,
#define ABSENT_KEY(symbol, option, argument, value) KEY_ABSENT_##symbol,
    ABSENT_OPTIONS(ABSENT_KEY)
#undef ABSENT_KEY
};

/* Certificates are valid beyond 2038. */
_Static_assert(sizeof(time_t) >= sizeof(int64_t), "time() ends too early");

static bool system_clock(void *context, int64_t *unix_seconds)
{
    (void)context;
    *unix_seconds = (int64_t)time(NULL);
    return true;
}

static bool fixed_clock(void *context, int64_t *unix_seconds)
{
    const int64_t *fixed = context;
    *unix_seconds = *fixed;
    return true;
}

void tls_options_init(struct tls_options *options)
{
    *options = (struct tls_options){.rx_size = HF_RX_FULL, .tx_size = HF_TX_FULL};
    options->config.policy = &hf_policy_default;
    options->config.random = (hf_random){hf_random_system, NULL};
    options->config.clock = system_clock;
}

void tls_options_set_time(struct tls_options *options, int64_t unix_seconds)
{
    options->fixed_time = unix_seconds;
    options->config.clock = fixed_clock;
    options->config.clock_context = &options->fixed_time;
}

int64_t option_number(const struct argp_state *state, const char *option, const char *text,
                      int64_t low, int64_t high)
{
    int64_t number = 0;
    if (!parse_number(text, low, high, &number))
        argp_error(state, "--%s takes a number from %lld to %lld, not \"%s\"", option,
                   (long long)low, (long long)high, text);
    return number;
}

int option_choice(const struct argp_state *state, const char *option, const char *text,
                  const char *const *choices)
{
    char list[128] = "";
    for (int i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0)
            return i;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", choices[i]);
    }
    argp_error(state, "--%s is one of %s, not \"%s\"", option, list, text);
    return 0;
}

void option_crl(const struct argp_state *state, struct crl_files *files, const char *path)
{
    if (files->count == CRL_FILES_MAX)
        argp_error(state, "more than %d times --crl", CRL_FILES_MAX);
    files->paths[files->count++] = path;
}

/* ------------------------------------------------------------------ lists of code points */

typedef bool (*find_code)(const char *name, size_t size, uint16_t *code);

static bool same_name(const char *name, const char *text, size_t size)
{
    return strlen(name) == size && memcmp(name, text, size) == 0;
}

static bool find_suite(const char *name, size_t size, uint16_t *code)
{
    const hf_suite *row;
    for (size_t i = 0; (row = hf_suite_at(i)); i++)
        if (same_name(row->name, name, size)) {
            *code = row->code;
            return true;
        }
    return false;
}

static bool find_group(const char *name, size_t size, uint16_t *code)
{
    const hf_group *row;
    for (size_t i = 0; (row = hf_group_at(i)); i++)
        if (same_name(row->name, name, size)) {
            *code = row->code;
            return true;
        }
    return false;
}

static bool find_scheme(const char *name, size_t size, uint16_t *code)
{
    const hf_scheme *row;
    for (size_t i = 0; (row = hf_scheme_at(i)); i++)
        if (same_name(row->name, name, size)) {
            *code = row->code;
            return true;
        }
    return false;
}

/* "A:B" as code points into `codes`. */
static hf_code_list option_codes(const struct argp_state *state, const char *option,
                                 const char *text, find_code find, uint16_t *codes)
{
    size_t count = 0;
    for (const char *at = text;; at++) {
        size_t size = strcspn(at, ":");
        if (count == OPTION_CODES_MAX)
            argp_error(state, "--%s has more than %d names", option, OPTION_CODES_MAX);
        if (!find(at, size, &codes[count++]))
            argp_error(state, "--%s: this build has no \"%.*s\"; `handfast %s` lists what it has",
                       option, (int)size, at, option);
        at += size;
        if (*at == '\0')
            return (hf_code_list){codes, count};
    }
}

bool parse_protocols(const char *text, hf_span *protocols, size_t capacity, size_t *count)
{
    *count = 0;
    for (const char *at = text;; at++) {
        size_t size = strcspn(at, ",");
        if (*count == capacity || size == 0 || size > UINT8_MAX)
            return false;
        protocols[(*count)++] = (hf_span){(const uint8_t *)at, size};
        at += size;
        if (*at == '\0')
            return true;
    }
}

/* ------------------------------------------------------------------ the parser */

static uint16_t option_version(const struct argp_state *state, const char *option, const char *text)
{
    static const char *const names[] = {"tls1.0", "tls1.1", "tls1.2", NULL};
    return (uint16_t)(HF_TLS1_0 + option_choice(state, option, text, names));
}

const hf_policy *option_policy(const struct argp_state *state, const char *text)
{
    static const char *const names[] = {"default", "compatible", "legacy", NULL};
    static const hf_policy *const policies[] = {&hf_policy_default, &hf_policy_compatible,
                                                &hf_policy_legacy};
    return policies[option_choice(state, "policy", text, names)];
}

static bool is_extension(const char *name)
{
    const hf_extension_info *row;
    for (size_t i = 0; (row = hf_extension_at(i)); i++)
        if (strcmp(row->name, name) == 0)
            return true;
    return false;
}

static void leave_out(const struct argp_state *state, hf_config *config, const char *extension)
{
    const struct {
        const char *name;
        bool *flag;
    } rows[] = {
        {"server_name", &config->without_server_name},
        {"extended_master_secret", &config->without_extended_master_secret},
        {"encrypt_then_mac", &config->without_encrypt_then_mac},
        {"session_ticket", &config->without_session_ticket},
        {"max_fragment_length", &config->without_max_fragment_length},
        {"record_size_limit", &config->without_record_size_limit},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, extension) == 0) {
            *rows[i].flag = true;
            return;
        }
    }
    if (is_extension(extension))
        argp_error(state, "--without: %s cannot be left out in this build", extension);
    else
        argp_error(state,
                   "--without: there is no \"%s\"; `handfast extensions` lists what there is",
                   extension);
}

/* IDENTITY:HEX; the identity may have colons of its own. */
static void add_psk(const struct argp_state *state, struct tls_options *options,
                    const char *argument)
{
    size_t index = options->config.psk_count;
    if (index == OPTION_PSKS_MAX)
        argp_error(state, "more than %d pre-shared keys", OPTION_PSKS_MAX);
    const char *colon = strrchr(argument, ':');
    size_t identity_size = colon ? (size_t)(colon - argument) : 0;
    uint8_t *key = options->psk_keys[index];
    size_t key_size = 0;
    if (identity_size == 0 || identity_size > HF_PSK_IDENTITY_MAX ||
        !parse_hex(colon + 1, key, HF_PSK_MAX, &key_size) || key_size == 0)
        argp_error(state,
                   "--psk takes IDENTITY:HEX, an identity of 1 to %d bytes and a key of 1 to %d "
                   "bytes in hexadecimal",
                   HF_PSK_IDENTITY_MAX, HF_PSK_MAX);
    options->psks[index] =
        (hf_psk){.identity = {(const uint8_t *)argument, identity_size}, .key = {key, key_size}};
    options->config.psks = options->psks;
    options->config.psk_count = index + 1;
}

static void refuse_absent(const struct argp_state *state, const char *option, const char *argument,
                          const char *accepted)
{
    if (!accepted)
        argp_error(state, "--%s is not in this build", option);
    else if (strcmp(argument, accepted) != 0)
        argp_error(state, "--%s: only \"%s\" is in this build, not \"%s\"", option, accepted,
                   argument);
}

static uint16_t option_fragment_length(const struct argp_state *state, const char *text)
{
    static const char *const lengths[] = {"512", "1024", "2048", "4096", NULL};
    return (uint16_t)(512 << option_choice(state, "mfl", text, lengths));
}

static hf_renegotiation option_renegotiation(const struct argp_state *state, const char *text)
{
    static const char *const names[] = {"off", "client", "server", "both", NULL};
    static const hf_renegotiation values[] = {HF_RENEGOTIATION_OFF, HF_RENEGOTIATION_BY_CLIENT,
                                              HF_RENEGOTIATION_BY_SERVER, HF_RENEGOTIATION_BY_BOTH};
    return values[option_choice(state, "renegotiation", text, names)];
}

/* Options about records, sessions and renegotiation. False: not one of them. */
static bool parse_session_option(int key, char *argument, struct argp_state *state)
{
    static const char *const off_on[] = {"off", "on", NULL};
    struct tls_options *options = state->input;
    hf_config *config = &options->config;
    switch (key) {
    case KEY_MFL:
        config->max_fragment_length = option_fragment_length(state, argument);
        return true;
    case KEY_RECORD_SIZE_LIMIT:
        config->record_size_limit =
            (uint16_t)option_number(state, "record-size-limit", argument, 64, 16384);
        return true;
    case KEY_PADDING:
        config->padding = true;
        return true;
    case KEY_TICKETS:
        options->without_tickets = option_choice(state, "tickets", argument, off_on) == 0;
        config->without_session_ticket = options->without_tickets;
        return true;
    case KEY_RENEGOTIATE:
        options->renegotiate = true;
        return true;
    case KEY_RENEGOTIATION:
        config->renegotiation = option_renegotiation(state, argument);
        return true;
    default:
        return false;
    }
}

/* Options that choose what is negotiated. False: not one of them. */
static bool parse_protocol_option(int key, char *argument, struct argp_state *state)
{
    struct tls_options *options = state->input;
    hf_config *config = &options->config;
    switch (key) {
    case KEY_MIN:
        config->version_min = option_version(state, "min", argument);
        return true;
    case KEY_MAX:
        config->version_max = option_version(state, "max", argument);
        return true;
    case KEY_POLICY:
        config->policy = option_policy(state, argument);
        return true;
    case KEY_SUITES:
        config->suites = option_codes(state, "suites", argument, find_suite, options->suites);
        return true;
    case KEY_GROUPS:
        config->groups = option_codes(state, "groups", argument, find_group, options->groups);
        return true;
    case KEY_SCHEMES:
        config->schemes = option_codes(state, "schemes", argument, find_scheme, options->schemes);
        return true;
    case KEY_ALPN:
        if (!parse_protocols(argument, options->protocols, OPTION_PROTOCOLS_MAX,
                             &config->protocol_count))
            argp_error(state, "--alpn takes up to %d names of 1 to 255 bytes, separated by commas",
                       OPTION_PROTOCOLS_MAX);
        config->protocols = options->protocols;
        return true;
    case KEY_WITHOUT:
        leave_out(state, config, argument);
        return true;
    case KEY_LEGACY:
        config->policy = &hf_policy_legacy;
        return true;
    case KEY_PSK:
        add_psk(state, options, argument);
        return true;
    case KEY_TRUNCATED_HMAC:
        config->truncated_hmac = true;
        return true;
    default:
        return false;
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct tls_options *options = state->input;
    if (parse_protocol_option(key, argument, state) || parse_session_option(key, argument, state))
        return 0;
    switch (key) {
    case KEY_RX:
        options->rx_size = (size_t)option_number(state, "rx", argument, HF_RX_MIN, BUFFER_SIZE_MAX);
        return 0;
    case KEY_TX:
        options->tx_size = (size_t)option_number(state, "tx", argument, HF_TX_MIN, BUFFER_SIZE_MAX);
        return 0;
    case KEY_KEYLOG:
        options->keylog_path = argument;
        return 0;
    case KEY_PCAP:
        options->capture_path = argument;
        return 0;
    case KEY_TRACE:
        if (argument && strcmp(argument, "json") != 0)
            argp_error(state, "--trace takes nothing or =json, not \"%s\"", argument);
        options->trace = true;
        options->trace_json = argument != NULL;
        return 0;
    case KEY_LADDER:
        options->ladder = true;
        return 0;
    case KEY_SVG:
        options->svg_path = argument;
        return 0;
    case KEY_QUIET:
        options->quiet = true;
        return 0;
    case KEY_PAIR_ELSEWHERE:
        argp_error(state, "--cert and --key are options of client and server");
        return 0;
#define ABSENT_CASE(symbol, option, argument_name, value) \
    case KEY_ABSENT_##symbol:                             \
        refuse_absent(state, option, argument, value);    \
        return 0;
        ABSENT_OPTIONS(ABSENT_CASE)
#undef ABSENT_CASE
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option rows[] = {
    {.doc = "What is negotiated:", .group = 10},
    {"min", KEY_MIN, "V", 0, "Lowest version: tls1.0, tls1.1 or tls1.2; default the policy's", 10},
    {"max", KEY_MAX, "V", 0, "Highest version; default the policy's", 10},
    {"policy", KEY_POLICY, "NAME", 0,
     "default (TLS 1.2, ECDHE, AEAD), compatible (adds TLS 1.0 and 1.1, DHE, CBC, RSA key "
     "transport "
     "and peers without extended_master_secret) or legacy (adds 3DES, RC4, DSS, SHA-1 signatures "
     "and keys of 1024 bits)",
     10},
    {"legacy", KEY_LEGACY, NULL, 0, "The same as --policy legacy", 10},
    {"suites", KEY_SUITES, "A:B", 0, "Cipher suites by IANA name, in order of preference", 10},
    {"groups", KEY_GROUPS, "A:B", 0, "Groups by IANA name, in order of preference", 10},
    {"schemes", KEY_SCHEMES, "A:B", 0, "Signature schemes by IANA name, in order", 10},
    {"alpn", KEY_ALPN, "A,B", 0, "Application protocols, in order of preference", 10},
    {"without", KEY_WITHOUT, "EXTENSION", 0,
     "Leave out server_name, extended_master_secret, encrypt_then_mac, session_ticket, "
     "max_fragment_length or record_size_limit; may be repeated",
     10},
    {"psk", KEY_PSK, "IDENTITY:HEX", 0,
     "A pre-shared key; may be repeated, a client uses the first. Without --suites the PSK suites "
     "that go with the policy come first",
     10},
    {"truncated-hmac", KEY_TRUNCATED_HMAC, NULL, 0,
     "Offer and accept MACs of 10 bytes with CBC suites (RFC 6066 7)", 10},
    {"mfl", KEY_MFL, "N", 0,
     "Ask for records of at most 512, 1024, 2048 or 4096 bytes both ways (max_fragment_length); "
     "default what fits into --rx",
     10},
    {"record-size-limit", KEY_RECORD_SIZE_LIMIT, "N", 0,
     "Take protected records of at most N bytes (RFC 8449); default what fits into --rx", 10},
    {"padding", KEY_PADDING, NULL, 0, "No ClientHello of 256 to 511 bytes (RFC 7685)", 10},
    {"tickets", KEY_TICKETS, "on|off", 0,
     "Resume by session tickets (RFC 5077); default on for clients, off for servers", 10},
    {"renegotiation", KEY_RENEGOTIATION, "WHO", 0,
     "Who may start a renegotiation: off, client, server or both; default off", 10},
    {"renegotiate", KEY_RENEGOTIATE, NULL, 0, "Start one after the first data", 10},
    {.doc = "Memory:", .group = 20},
    {"rx", KEY_RX, "BYTES", 0, "Receive buffer; default is the size of the largest record", 20},
    {"tx", KEY_TX, "BYTES", 0, "Transmit buffer; default is the size of the largest record", 20},
    {.doc = "What is shown:", .group = 30},
    {"ladder", KEY_LADDER, NULL, 0, "Draw each message as an arrow, as it happens", 30},
    {"svg", KEY_SVG, "FILE", 0, "Draw the ladders of the latest connections into a picture", 30},
    {"trace", KEY_TRACE, "json", OPTION_ARG_OPTIONAL,
     "Print each message field by field, or as one JSON object a line, on standard error", 30},
    {"keylog", KEY_KEYLOG, "FILE", 0,
     "Append the secrets in NSS key-log form, for Wireshark; default $SSLKEYLOGFILE", 30},
    {"pcap", KEY_PCAP, "FILE", 0,
     "Write what goes over the wire as a capture, for Wireshark and `handfast inspect`", 30},
    {"quiet", KEY_QUIET, NULL, 0, "Print data and failures only", 30},
    /* Of verbs that have them in their own parsers; elsewhere no abbreviation of --keylog. */
    {"cert", KEY_PAIR_ELSEWHERE, "FILE", OPTION_HIDDEN, NULL, 40},
    {"key", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 40},
#define ABSENT_ROW(symbol, option, argument, value) \
    {option, KEY_ABSENT_##symbol, argument, OPTION_HIDDEN, NULL, 40},
    ABSENT_OPTIONS(ABSENT_ROW)
#undef ABSENT_ROW
        {0},
};

const struct argp tls_options_argp = {.options = rows, .parser = parse};

/* ------------------------------------------------------------------ pairs of files */

enum pair_key { KEY_CERT = 0x2000, KEY_KEY };

static void add_path(const struct argp_state *state, char **paths, size_t *count, char *path)
{
    if (*count == IDENTITIES_MAX)
        argp_error(state, "more than %d certificates or keys", IDENTITIES_MAX);
    paths[(*count)++] = path;
}

static error_t parse_pair(int key, char *argument, struct argp_state *state)
{
    struct pair_paths *pairs = state->input;
    switch (key) {
    case KEY_CERT:
        add_path(state, pairs->certificates, &pairs->count, argument);
        return 0;
    case KEY_KEY:
        add_path(state, pairs->keys, &pairs->key_count, argument);
        return 0;
    case ARGP_KEY_END:
        if (pairs->count != pairs->key_count)
            argp_error(state, "each --cert needs its --key");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option pair_rows[] = {
    {"cert", KEY_CERT, "FILE", 0,
     "Own certificate chain in PEM, leaf first; with --key one pair a key type", 1},
    {"key", KEY_KEY, "FILE", 0, "Its private key in PEM, not encrypted", 1},
    {0},
};

const struct argp pair_paths_argp = {.options = pair_rows, .parser = parse_pair};

bool parse_client_auth(const char *text, hf_client_auth *client_auth)
{
    static const struct {
        const char *name;
        hf_client_auth value;
    } modes[] = {{"off", HF_CLIENT_AUTH_OFF},
                 {"request", HF_CLIENT_AUTH_REQUEST},
                 {"require", HF_CLIENT_AUTH_REQUIRE}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(modes[i].name, text) == 0) {
            *client_auth = modes[i].value;
            return true;
        }
    }
    return false;
}
