/* The options that client, server and demo share: what may be negotiated, buffers and what is
 * shown of it. */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include "tools/identity.h"

#include <argp.h>

#define OPTION_CODES_MAX     256
#define OPTION_PROTOCOLS_MAX 16
#define OPTION_PSKS_MAX      64

struct tls_options {
    hf_config config; /* points into the rest; the object must not move */
    uint16_t suites[OPTION_CODES_MAX];
    uint16_t groups[OPTION_CODES_MAX];
    uint16_t schemes[OPTION_CODES_MAX];
    hf_span protocols[OPTION_PROTOCOLS_MAX];
    hf_psk psks[OPTION_PSKS_MAX];
    uint8_t psk_keys[OPTION_PSKS_MAX][HF_PSK_MAX];
    int64_t fixed_time;
    size_t rx_size, tx_size;
    const char *keylog_path, *svg_path, *capture_path;
    bool trace, trace_json, ladder, quiet;
    bool without_tickets;
    bool renegotiate; /* once, after the first data */
};

/* Defaults: the default policy, the system's random source and clock, the largest buffers. */
void tls_options_init(struct tls_options *options);
/* The peer's certificates are judged at this time instead of now. */
void tls_options_set_time(struct tls_options *options, int64_t unix_seconds);

/* To be called once all options are parsed: the PSK suites that go with the policy come before its
 * own where keys but no suites were given. */
void tls_options_complete(struct tls_options *options);
/* Whether a suite is enabled with which the server shows a certificate, and one without. */
bool tls_options_use_certificates(const struct tls_options *options);
bool tls_options_use_no_certificates(const struct tls_options *options);

/* The options as a child of a verb's parser; its input is a struct tls_options. */
extern const struct argp tls_options_argp;

/* Pairs of certificate and key files, as a child too. */
struct pair_paths {
    char *certificates[IDENTITIES_MAX], *keys[IDENTITIES_MAX];
    size_t count, key_count; /* of certificates, of keys; the same after parsing */
};
extern const struct argp pair_paths_argp;

/* "a,b" taken apart into views of the text; false if an entry is empty or longer than a protocol
 * name may be (RFC 7301 3.1), or there are more than `capacity`. */
bool parse_protocols(const char *text, hf_span *protocols, size_t capacity, size_t *count);

/* "off", "request" or "require"; false for anything else. */
bool parse_client_auth(const char *text, hf_client_auth *client_auth);

/* The argument of an option as a number within limits; a usage error otherwise. */
int64_t option_number(const struct argp_state *state, const char *option, const char *text,
                      int64_t low, int64_t high);
/* The argument of --policy. */
const hf_policy *option_policy(const struct argp_state *state, const char *text);
/* The argument of --crl, one of several. */
void option_crl(const struct argp_state *state, struct crl_files *files, const char *path);
/* The position of `text` in a list that ends with NULL; a usage error if it is not there. */
int option_choice(const struct argp_state *state, const char *option, const char *text,
                  const char *const *choices);

#endif
