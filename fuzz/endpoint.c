#include "fuzz/fuzz.h"

#include "crypto_glue/init.h"
#include "tools/demo_credentials.h"

#include <string.h>

#define NOW       1767225600 /* 2026-01-01, within the validity of the demo certificates */
#define RUNS_MAX  100        /* calls of hf_conn_run in a row that may have work left */
#define REPLY_MAX 100

static const hf_span protocols[] = {{(const uint8_t *)"h2", 2}, {(const uint8_t *)"http/1.1", 8}};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return hf_crypto_init() == HF_CRYPTO_OK ? 0 : 1;
}

/* A linear congruential generator (Knuth's MMIX): repeatable is all that it has to be. */
static bool fixed_random(void *context, uint8_t *out, size_t size)
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

/* ---------------------------------------------------------------- configuration */

fuzz_options fuzz_read_options(hf_reader *input)
{
    fuzz_options options;
    options.flags = hf_read_u8(input);
    options.suite = hf_read_u8(input);
    return options;
}

static void configure_server(fuzz_endpoint *e, fuzz_options options)
{
    bool rsa_first = (options.flags & FUZZ_RSA) != 0;
    e->credentials[0] = rsa_first ? demo_rsa : demo_ec;
    e->credentials[1] = rsa_first ? demo_ec : demo_rsa;
#if HF_WITH_DSS
    e->credentials[2] = demo_dsa;
#endif
    for (size_t i = 0; i < FUZZ_KEYS; i++) {
        e->keys[i] = *e->credentials[i].key;
        e->keys[i].external = (options.flags & FUZZ_ASK) != 0;
        e->credentials[i].key = &e->keys[i];
    }
    e->bindings[0] = (hf_binding){.host = HF_SPAN_LITERAL(DEMO_SERVER_NAME),
                                  .credentials = e->credentials,
                                  .credentials_count = FUZZ_KEYS};
    e->bindings[1] = (hf_binding){.host = HF_SPAN_LITERAL("*.wild.example"),
                                  .credentials = e->credentials,
                                  .credentials_count = 1};
    e->config.bindings = e->bindings;
    e->config.binding_count = 2;
    e->config.server_preference_off = (options.flags & FUZZ_STRICT) != 0;
    e->config.unknown_name =
        (options.flags & FUZZ_STRICT) != 0 ? HF_UNKNOWN_NAME_FATAL : HF_UNKNOWN_NAME_WARN;
}

static void configure(fuzz_endpoint *e, hf_role role, fuzz_options options)
{
    const hf_suite *suite = options.suite != 0 ? hf_suite_at(options.suite - 1U) : NULL;
    memset(e, 0, offsetof(fuzz_endpoint, rx));
    e->random_state = role == HF_CLIENT ? 1 : 2;
    e->config.random = (hf_random){fixed_random, &e->random_state};
    e->config.clock = fixed_clock;
    if ((options.flags & FUZZ_COMPATIBLE) != 0)
        e->config.policy = &hf_policy_compatible;
    if (suite != NULL) {
        e->suite = suite->code;
        e->config.suites = (hf_code_list){&e->suite, 1};
        if (suite->authentication == HF_KEY_DSA) /* no other policy has its signature schemes */
            e->config.policy = &hf_policy_legacy;
    }
    if ((options.flags & FUZZ_PROTOCOLS) != 0) {
        e->config.protocols = protocols;
        e->config.protocol_count = 2;
    }
    if (role == HF_SERVER) {
        configure_server(e, options);
    } else {
        e->config.anchors = demo_anchors;
        e->config.anchor_count = 1;
        e->config.ask_about_chain = (options.flags & FUZZ_ASK) != 0;
    }
}

bool fuzz_start(fuzz_endpoint *e, hf_role role, fuzz_options options)
{
    bool is_small = (options.flags & FUZZ_SMALL) != 0;
    hf_buf rx = {e->rx, is_small ? HF_RX_MIN : sizeof e->rx};
    hf_buf tx = {e->tx, is_small ? HF_TX_MIN : sizeof e->tx};
    configure(e, role, options);
    return hf_conn_init(&e->conn, role, &e->config, &e->handshake, rx, tx) == HF_OK &&
           (role == HF_SERVER || hf_conn_set_server_name(&e->conn, DEMO_SERVER_NAME) == HF_OK);
}

/* ---------------------------------------------------------------- what must hold */

static bool is_within(hf_span part, const uint8_t *buffer, size_t size)
{
    return part.size == 0 ||
           (part.data >= buffer && part.size <= size && part.data <= buffer + (size - part.size));
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= bytes[i];
    return any == 0;
}

static void check_failure(hf_conn *conn, uint32_t wants)
{
    const hf_failure *failure = hf_conn_failure(conn);
    fuzz_require((failure != NULL) == ((wants & HF_FAILED) != 0));
    if (failure == NULL)
        return;
    fuzz_require(failure->reason > HF_WAITING);
    fuzz_require(hf_conn_run(conn) == failure->reason);
    fuzz_require((wants & (HF_CAN_RECEIVE | HF_CAN_READ | HF_CAN_WRITE | HF_HAS_QUESTION)) == 0);
    fuzz_require(is_zero(conn->master_secret, sizeof conn->master_secret));
    fuzz_require(is_zero(conn->handshake->premaster, sizeof conn->handshake->premaster));
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
    fuzz_require(is_within((hf_span){incoming.data, incoming.size}, e->rx, conn->in.size));
    fuzz_require(is_within((hf_span){writable.data, writable.size}, e->tx, conn->out.size));
    fuzz_require(is_within(outgoing, e->tx, conn->out.size));
    fuzz_require(is_within(readable, e->rx, conn->in.size));
    check_failure(conn, wants);
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
    if (hf_scheme_of(question->scheme)->padding == HF_PADDING_PSS)
        return hf_rsa_pss_sign(&key->u.rsa, random, question->hash, question->input, out,
                               HF_RSA_SIZE_MAX, size);
    return hf_rsa_pkcs1_sign(&key->u.rsa, random, question->hash, question->input, out,
                             HF_RSA_SIZE_MAX, size);
}

/* A secure element that signs, and that decrypts everything to the same nonsense. */
static void answer(fuzz_endpoint *e)
{
    static uint8_t output[HF_RSA_SIZE_MAX];
    const hf_question *question = hf_conn_question(&e->conn);
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
    default:
        fuzz_require(question->chain_count != 0);
        break;
    }
    const hf_answer given = {.output = {output, size}};
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
