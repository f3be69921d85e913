#include "fuzz/fuzz.h"

#include "crypto_glue/init.h"
#include "tls/session/sessions.h"
#include "tls/wire/reasons.h"
#include "tls/wire/settings.h"
#include "tls/x509/der.h"
#include "tools/demo_credentials.h"

#include <string.h>

#define NOW               1798761600 /* 2027-01-01, when all certificates here are valid         */
#define RUNS_MAX          100        /* calls of hf_conn_run in a row that may have work left */
#define REPLY_MAX         100
#define ALERT_RECORD_SIZE 7    /* in the clear; more if it is protected */
#define PAYLOAD_MAX       1000 /* of a record, with FUZZ_EXTRAS */

#define TICKET_KEY_NAME "key for fuzzing"
#define TICKET_SECRET   "everybody who reads this has it"

static const hf_span protocols[] = {{(const uint8_t *)"h2", 2}, {(const uint8_t *)"http/1.1", 8}};
static const hf_psk psks[] = {{.identity = {(const uint8_t *)"somebody", 8},
                               .key = {(const uint8_t *)"open sesame, or not", 19}}};

static const hf_ticket_key ticket_key = {TICKET_KEY_NAME, TICKET_SECRET};
const hf_ticket_keys fuzz_ticket_keys = {.keys = &ticket_key, .count = 1};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return hf_crypto_init() == HF_CRYPTO_OK ? 0 : 1;
}

/* A linear congruential generator (Knuth's MMIX). */
bool fuzz_random(void *context, uint8_t *out, size_t size)
{
    uint64_t *state = context;
    for (size_t i = 0; i < size; i++) {
        *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        out[i] = (uint8_t)(*state >> 56);
    }
    return true;
}

static bool fixed_clock(void *context, int64_t *unix_seconds)
{
    (void)context;
    *unix_seconds = NOW;
    return true;
}

static bool has(fuzz_options options, unsigned flag)
{
    return (options.flags & flag) != 0;
}

/* ---------------------------------------------------------------- configuration */

fuzz_options fuzz_read_options(hf_reader *input)
{
    fuzz_options options;
    options.flags = hf_read_u16(input);
    options.suite = hf_read_u8(input);
    return options;
}

static void configure_policy(fuzz_endpoint *e, fuzz_options options)
{
    const hf_suite *suite = options.suite != 0 ? hf_suite_at(options.suite - 1U) : NULL;
    hf_config *config = &e->config;
    if (has(options, FUZZ_LEGACY))
        config->policy = &hf_policy_legacy;
    else if (has(options, FUZZ_COMPATIBLE | FUZZ_TLS1_0 | FUZZ_TLS1_1))
        config->policy = &hf_policy_compatible;
    if (has(options, FUZZ_TLS1_0 | FUZZ_TLS1_1))
        config->version_max = has(options, FUZZ_TLS1_0) ? HF_TLS1_0 : HF_TLS1_1;
    if (suite == NULL)
        return;
    e->suite = suite->code;
    config->suites = (hf_code_list){&e->suite, 1};
    if (suite->authentication == HF_KEY_DSA) /* no other policy has its signature schemes */
        config->policy = &hf_policy_legacy;
#if HF_WITH_PSK
    config->psks = psks;
    config->psk_count = 1;
    config->psk_hint = HF_SPAN_LITERAL("whom you know");
#endif
}

static void configure_credentials(fuzz_endpoint *e, fuzz_options options)
{
    size_t count = 0;
    if (has(options, FUZZ_EXTRAS))
        e->credentials[count++] = fuzz_peer;
    e->credentials[count++] = has(options, FUZZ_RSA) ? demo_rsa : demo_ec;
    e->credentials[count++] = has(options, FUZZ_RSA) ? demo_ec : demo_rsa;
#if HF_WITH_DSS
    e->credentials[count++] = demo_dsa;
#endif
    if (!has(options, FUZZ_EXTRAS))
        e->credentials[count++] = fuzz_peer;
    for (size_t i = 0; i < count; i++) {
        e->keys[i] = *e->credentials[i].key;
        e->keys[i].external = has(options, FUZZ_ASK);
        e->credentials[i].key = &e->keys[i];
    }
}

static void configure_server(fuzz_endpoint *e, fuzz_options options)
{
    hf_config *config = &e->config;
    configure_credentials(e, options);
    e->bindings[0] = (hf_binding){.host = HF_SPAN_LITERAL(DEMO_SERVER_NAME),
                                  .credentials = e->credentials,
                                  .credentials_count = FUZZ_KEYS};
    e->bindings[1] = (hf_binding){.host = HF_SPAN_LITERAL("*.wild.example"),
                                  .credentials = e->credentials,
                                  .credentials_count = 1};
    config->bindings = e->bindings;
    config->binding_count = 2;
    config->server_preference_off = has(options, FUZZ_STRICT);
    config->unknown_name = has(options, FUZZ_STRICT) ? HF_UNKNOWN_NAME_FATAL : HF_UNKNOWN_NAME_WARN;
    config->accept_v2_hello = HF_USE_V2_HELLO && has(options, FUZZ_LEGACY);
#if HF_WITH_CLIENT_AUTH
    if (has(options, FUZZ_CLIENT_AUTH))
        config->client_auth =
            has(options, FUZZ_STRICT) ? HF_CLIENT_AUTH_REQUIRE : HF_CLIENT_AUTH_REQUEST;
#endif
    config->accept_certificate_urls = HF_USE_CERTIFICATE_URL && has(options, FUZZ_EXTRAS);
#if HF_WITH_SESSION_TICKET
    if (has(options, FUZZ_TICKETS))
        config->tickets = &fuzz_ticket_keys;
#endif
    config->ask_about_binding = HF_WITH_CHOICES && has(options, FUZZ_ASK);
    config->ask_about_sessions =
        HF_WITH_CHOICES && has(options, FUZZ_ASK) && has(options, FUZZ_RESUME);
    if (has(options, FUZZ_RESUME) && !config->ask_about_sessions)
        config->cache = &e->cache;
}

static void configure_client(fuzz_endpoint *e, fuzz_options options)
{
    hf_config *config = &e->config;
    bool is_extra = has(options, FUZZ_EXTRAS);
    if (has(options, FUZZ_CLIENT_AUTH)) {
        e->credentials[0] = fuzz_peer;
        e->credentials[0].key = &e->keys[0];
        e->keys[0] = *fuzz_peer.key;
        e->keys[0].external = has(options, FUZZ_ASK);
        config->credentials = e->credentials;
        config->credentials_count = 1;
    }
    if (is_extra && has(options, FUZZ_CLIENT_AUTH)) {
        e->url.url = HF_SPAN_LITERAL("http://certificates.example/peer");
        (void)hf_hash_digest(HF_HASH_SHA1, fuzz_peer.chain[0], e->url.sha1);
        e->credentials[0].urls = &e->url;
        e->credentials[0].url_count = 1;
    }
    config->ask_about_chain = has(options, FUZZ_ASK);
    config->ask_about_credentials = HF_WITH_CHOICES && has(options, FUZZ_ASK);
    config->ask_about_status = is_extra && has(options, FUZZ_ASK);
    config->without_session_ticket = !has(options, FUZZ_TICKETS);
    config->padding = HF_WITH_PADDING && is_extra;
    if (HF_WITH_STATUS_REQUEST && is_extra)
        config->status_request = HF_STATUS_REQUEST_ASK;
    if (HF_WITH_TRUSTED_CA_KEYS && is_extra)
        config->trusted_ca_keys =
            has(options, FUZZ_STRICT) ? HF_TRUSTED_CA_KEYS_KEY_HASHES : HF_TRUSTED_CA_KEYS_NAMES;
    if (HF_WITH_RECORD_LIMITS && is_extra && has(options, FUZZ_STRICT))
        config->max_fragment_length = 1024;
}

static void configure(fuzz_endpoint *e, hf_role role, fuzz_options options)
{
    hf_config *config = &e->config;
    memset(e, 0, offsetof(fuzz_endpoint, rx));
    e->random_state = role == HF_CLIENT ? 1 : 2;
    config->random = (hf_random){fuzz_random, &e->random_state};
    config->clock = fixed_clock;
    e->anchors[0] = demo_anchors[0];
    e->anchors[1] = fuzz_anchor[0];
    config->anchors = e->anchors;
    config->anchor_count = 2;
    configure_policy(e, options);
    if (has(options, FUZZ_PROTOCOLS)) {
        config->protocols = protocols;
        config->protocol_count = 2;
    }
    if (HF_WITH_RECORD_LIMITS && has(options, FUZZ_EXTRAS))
        config->record_size_limit = PAYLOAD_MAX;
    config->truncated_hmac = HF_USE_TRUNCATED_HMAC && has(options, FUZZ_EXTRAS);
    config->without_encrypt_then_mac = has(options, FUZZ_NO_ETM);
    if (HF_WITH_RENEGOTIATION && has(options, FUZZ_RENEGOTIATE))
        config->renegotiation = HF_RENEGOTIATION_BY_BOTH;
    if (role == HF_SERVER)
        configure_server(e, options);
    else
        configure_client(e, options);
}

/* ---------------------------------------------------------------- a session of before */

static const uint8_t session_id[HF_SESSION_ID_SIZE] = "the ID of the session of before";

/* What the other side has shown, as sessions keep it. */
static void note_peer(const fuzz_endpoint *e, fuzz_options options, hf_session_state *state)
{
    const hf_suite *suite = hf_suite_of(state->suite);
    hf_span shown = {NULL, 0};
    bool is_client = e->conn.role == HF_CLIENT;
    if (is_client && suite->authentication == HF_KEY_EC)
        shown = (has(options, FUZZ_EXTRAS) ? fuzz_peer : demo_ec).chain[0];
    if (is_client && suite->authentication == HF_KEY_RSA)
        shown = demo_rsa.chain[0];
#if HF_WITH_DSS
    if (is_client && suite->authentication == HF_KEY_DSA)
        shown = demo_dsa.chain[0];
#endif
    if (!is_client && hf_suite_uses_psk(suite))
        shown = psks[0].identity;
    if (shown.size != 0)
        (void)hf_hash_digest(HF_HASH_SHA256, shown, state->peer_certificate);
}

static void make_state(const fuzz_endpoint *e, fuzz_options options, hf_session_state *state)
{
    memset(state, 0, sizeof *state);
    memset(state->master_secret, 7, sizeof state->master_secret);
    (void)hf_hash_digest(HF_HASH_SHA256, HF_SPAN_LITERAL(DEMO_SERVER_NAME), state->server_name);
    state->expires = NOW + 3600;
    state->version = e->config.version_max != 0 ? e->config.version_max : HF_TLS1_2;
    state->suite = state->version == HF_TLS1_2 ? 0xcca9 : 0xc009;
    if (e->suite != 0)
        state->suite = e->suite;
    state->extended_master_secret = state->server_verified = true;
    note_peer(e, options, state);
}

static void remember_session(fuzz_endpoint *e, fuzz_options options)
{
    hf_session_state state;
    make_state(e, options, &state);
    hf_session_cache_init(&e->cache, e->slots, FUZZ_SESSIONS, 0);
    if (!has(options, FUZZ_RESUME))
        return;
    hf_session_cache_keep(&e->cache, session_id, &state);
    e->session.state = state;
    e->session.id_size = sizeof session_id;
    memcpy(e->session.id, session_id, sizeof session_id);
#if HF_WITH_SESSION_TICKET
    uint64_t random_state = 3;
    const hf_random random = {fuzz_random, &random_state};
    if (!has(options, FUZZ_TICKETS))
        return;
    fuzz_require(hf_ticket_seal(&ticket_key, &random, &state, e->session.ticket) == HF_OK);
    e->session.ticket_size = HF_TICKET_SIZE;
#endif
}

bool fuzz_start(fuzz_endpoint *e, hf_role role, fuzz_options options)
{
    bool is_small = has(options, FUZZ_SMALL);
    hf_buf rx = {e->rx, is_small ? HF_RX_MIN : sizeof e->rx};
    hf_buf tx = {e->tx, is_small ? HF_TX_MIN : sizeof e->tx};
    configure(e, role, options);
    if (hf_conn_init(&e->conn, role, &e->config, &e->handshake, rx, tx) != HF_OK)
        return false;
    remember_session(e, options);
    if (role == HF_SERVER)
        return true;
    if (has(options, FUZZ_TICKETS | FUZZ_RESUME))
        fuzz_require(hf_conn_set_session(&e->conn, &e->session) == HF_OK);
    return hf_conn_set_server_name(&e->conn, DEMO_SERVER_NAME) == HF_OK;
}

/* ---------------------------------------------------------------- what must hold */

bool fuzz_is_within(hf_span part, hf_span whole)
{
    return part.size == 0 || (part.data >= whole.data && part.size <= whole.size &&
                              part.data <= whole.data + (whole.size - part.size));
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= bytes[i];
    return any == 0;
}

/* Where there is an alert that tells the peer it is queued with the failure. */
static void check_alert(fuzz_endpoint *e, const hf_failure *failure)
{
    bool is_alert_due = !failure->alert_received && !e->conn.close_sent &&
                        hf_reason_alert(failure->reason) != HF_ALERT_NONE;
    if (e->has_failed)
        return;
    e->has_failed = true;
    fuzz_require(failure->alert_received == (failure->reason == HF_ERROR_PEER_ALERT));
    fuzz_require(!is_alert_due || failure->alert != HF_ALERT_NONE);
    fuzz_require(failure->alert_received || failure->alert == HF_ALERT_NONE ||
                 hf_conn_outgoing(&e->conn).size >= ALERT_RECORD_SIZE);
}

static void check_failure(fuzz_endpoint *e, uint32_t wants)
{
    hf_conn *conn = &e->conn;
    const hf_failure *failure = hf_conn_failure(conn);
    fuzz_require((failure != NULL) == ((wants & HF_FAILED) != 0));
    if (failure == NULL)
        return;
    fuzz_require(failure->reason > HF_WAITING);
    fuzz_require(hf_conn_run(conn) == failure->reason);
    fuzz_require((wants & (HF_CAN_RECEIVE | HF_CAN_READ | HF_CAN_WRITE | HF_HAS_QUESTION)) == 0);
    fuzz_require(is_zero(conn->master_secret, sizeof conn->master_secret));
    fuzz_require(is_zero(e->handshake.premaster, sizeof e->handshake.premaster));
    check_alert(e, failure);
}

static void check(fuzz_endpoint *e)
{
    hf_conn *conn = &e->conn;
    uint32_t wants = hf_conn_wants(conn);
    hf_buf incoming = hf_conn_incoming(conn), writable = hf_conn_writable(conn);
    hf_span outgoing = hf_conn_outgoing(conn), readable = hf_conn_readable(conn);
    fuzz_require((wants & (HF_HAS_WORK | HF_HAS_QUESTION)) == 0);
    fuzz_require(((wants & HF_CAN_RECEIVE) != 0) == (incoming.size != 0));
    fuzz_require(((wants & HF_CAN_WRITE) != 0) == (writable.size != 0));
    fuzz_require(((wants & HF_CAN_SEND) != 0) == (outgoing.size != 0));
    fuzz_require(((wants & HF_CAN_READ) != 0) == (readable.size != 0));
    const hf_span rx = {e->rx, conn->in.size}, tx = {e->tx, conn->out.size};
    fuzz_require(fuzz_is_within((hf_span){incoming.data, incoming.size}, rx));
    fuzz_require(fuzz_is_within((hf_span){writable.data, writable.size}, tx));
    fuzz_require(fuzz_is_within(outgoing, tx));
    fuzz_require(fuzz_is_within(readable, rx));
    check_failure(e, wants);
    /* Somebody must always be able to get on: the transport, the application, or nobody any more.
     */
    fuzz_require((wants & (HF_CAN_RECEIVE | HF_CAN_SEND | HF_CAN_READ | HF_CLOSED | HF_FAILED)) !=
                     0 ||
                 conn->peer_closed || conn->ended);
}

/* ---------------------------------------------------------------- running */

static hf_crypto_result sign(fuzz_endpoint *e, const hf_question *question, uint8_t *out,
                             size_t *size)
{
    const hf_private_key *key = question->credentials->key;
    const hf_random *random = &e->config.random;
    if (key->type == HF_KEY_EC)
        return hf_ecdsa_sign(key->u.ec.curve, key->u.ec.scalar.data, random, question->input, out,
                             size);
#if HF_WITH_DSS
    if (key->type == HF_KEY_DSA)
        return hf_dsa_sign(&key->u.dsa, random, question->input, out, HF_RSA_SIZE_MAX, size);
#endif
    const hf_scheme *scheme = hf_scheme_of(question->scheme);
    if (scheme != NULL && scheme->padding == HF_PADDING_PSS)
        return hf_rsa_pss_sign(&key->u.rsa, random, question->hash, question->input, out,
                               HF_RSA_SIZE_MAX, size);
    return hf_rsa_pkcs1_sign(&key->u.rsa, random, question->hash, question->input, out,
                             HF_RSA_SIZE_MAX, size);
}

/* A secure element that signs, and that decrypts everything to the same nonsense; a store with the
 * session of before; and a server of certificates that has one. */
static void answer(fuzz_endpoint *e)
{
    static uint8_t output[HF_RSA_SIZE_MAX];
    const hf_question *question = hf_conn_question(&e->conn);
    hf_answer given = {.handshake = &e->handshake};
    size_t size = 0;
    if (question == NULL)
        __builtin_trap();
    switch (question->kind) {
    case HF_QUESTION_SIGN:
        fuzz_require(sign(e, question, output, &size) == HF_CRYPTO_OK);
        break;
    case HF_QUESTION_DECRYPT:
        size = question->input.size;
        memset(output, 2, size);
        break;
    case HF_QUESTION_FIND_SESSION:
        given.refused = !hf_span_equal(question->input, (hf_span){session_id, sizeof session_id});
        hf_session_state_write(&e->session.state, output);
        size = HF_SESSION_STATE_BYTES;
        break;
    case HF_QUESTION_KEEP_SESSION:
        fuzz_require(hf_session_state_read(&e->slots[0].state, question->state));
        break;
    case HF_QUESTION_CHAIN:
        fuzz_require(question->chain_count != 0);
        break;
    default:
        break;
    }
    given.output = (hf_span){output, size};
    if (question->kind == HF_QUESTION_CERTIFICATE_URL)
        given.output = fuzz_peer.chain[0];
    fuzz_require(hf_conn_answer(&e->conn, &given) == HF_OK || hf_conn_failure(&e->conn) != NULL);
}

void fuzz_run(fuzz_endpoint *e)
{
    for (int i = 0; i < RUNS_MAX; i++) {
        hf_error error = hf_conn_run(&e->conn);
        if (error == HF_WAITING) {
            answer(e);
        } else if (error == HF_AGAIN) {
            fuzz_require((hf_conn_wants(&e->conn) & HF_HAS_WORK) != 0);
        } else {
            check(e);
            return;
        }
    }
    __builtin_trap();
}

/* ---------------------------------------------------------------- a whole life */

/* The network takes all there is; more may follow, as room comes free. */
static void drain(fuzz_endpoint *e)
{
    size_t size;
    while ((size = hf_conn_outgoing(&e->conn).size) != 0) {
        fuzz_require(hf_conn_sent(&e->conn, size) == HF_OK);
        fuzz_run(e);
    }
}

/* Reads in two halves and sends as much back. */
static void use(fuzz_endpoint *e)
{
    hf_span readable;
    while ((readable = hf_conn_readable(&e->conn)).size != 0) {
        size_t half = readable.size / 2;
        hf_buf writable = hf_conn_writable(&e->conn);
        size_t reply = readable.size < REPLY_MAX ? readable.size : REPLY_MAX;
        reply = reply < writable.size ? reply : writable.size;
        if (reply != 0)
            memcpy(writable.data, readable.data, reply);
        fuzz_require(hf_conn_written(&e->conn, reply) == HF_OK);
        hf_conn_flush(&e->conn);
        fuzz_require(hf_conn_consumed(&e->conn, half) == HF_OK);
        fuzz_require(hf_conn_consumed(&e->conn, readable.size - half) == HF_OK);
        fuzz_run(e);
        drain(e);
    }
}

static void receive(fuzz_endpoint *e, hf_span piece)
{
    while (piece.size != 0) {
        hf_buf incoming = hf_conn_incoming(&e->conn);
        size_t size = piece.size < incoming.size ? piece.size : incoming.size;
        if (size == 0)
            return;
        memcpy(incoming.data, piece.data, size);
        fuzz_require(hf_conn_received(&e->conn, size) == HF_OK);
        piece = (hf_span){piece.data + size, piece.size - size};
        fuzz_run(e);
        drain(e);
        use(e);
    }
}

void fuzz_live(fuzz_endpoint *e, hf_reader *input)
{
    fuzz_run(e);
    drain(e);
    while (hf_reader_left(input) > 2) {
        size_t size = hf_read_u16(input), left = hf_reader_left(input);
        receive(e, hf_read_bytes(input, size < left ? size : left));
    }
    hf_conn_eof(&e->conn);
    fuzz_run(e);
    drain(e);
    hf_conn_close(&e->conn);
    fuzz_run(e);
    fuzz_require((hf_conn_wants(&e->conn) & (HF_CLOSED | HF_FAILED)) != 0 ||
                 hf_conn_outgoing(&e->conn).size != 0);
    hf_conn_wipe(&e->conn);
}
