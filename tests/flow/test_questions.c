/* Questions: keys that are elsewhere and verdicts that the application gives (question.h). */
#include "tests/flow/stepper.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;

/* Makes the server's key external: the connection sees its public part only. */
static hf_private_key real;

static void prepare(const char *keys, uint16_t suite)
{
    static uint16_t code;
    code = suite;
    pair_prepare(&p, keys);
    p.client.config.policy = p.server.config.policy = &hf_policy_compatible;
    p.client.config.suites = (hf_code_list){&code, 1};
    hf_private_key *key = &p.server.credentials[0].key;
    real = *key;
    key->external = true;
    if (key->type == HF_KEY_EC) {
        static uint8_t point[HF_EC_POINT_MAX];
        cr_assert_eq(hf_ec_public(key->u.ec.curve, key->u.ec.scalar.data, point), HF_CRYPTO_OK);
        key->u.ec.point = (hf_span){point, hf_ec_point_size(key->u.ec.curve)};
        key->u.ec.scalar = (hf_span){NULL, 0};
    } else {
        key->u.rsa = (hf_rsa_private){.public_key = real.u.rsa.public_key};
    }
    pair_start(&p);
}

static const hf_question *expect_question(endpoint *e, hf_question_kind kind)
{
    cr_assert(pair_run(&p));
    const hf_question *question = hf_conn_question(&e->conn);
    cr_assert_not_null(question);
    cr_assert_eq(question->kind, kind);
    cr_assert(hf_conn_wants(&e->conn) & HF_HAS_QUESTION);
    cr_assert_eq(hf_conn_wants(&e->conn) & HF_HAS_WORK, 0);
    /* However often it is run, it waits. */
    for (int i = 0; i < 3; i++)
        cr_assert_eq(hf_conn_run(&e->conn), HF_WAITING);
    cr_assert_eq(hf_conn_question(&e->conn), question);
    return question;
}

static void expect_connected(void)
{
    cr_assert(pair_run(&p));
    cr_assert_eq(endpoint_reason(&p.client), HF_OK, "%s", reason_name(endpoint_reason(&p.client)));
    cr_assert_eq(endpoint_reason(&p.server), HF_OK, "%s", reason_name(endpoint_reason(&p.server)));
    cr_assert(hf_conn_wants(&p.client.conn) & HF_ESTABLISHED);
    cr_assert(hf_conn_wants(&p.server.conn) & HF_ESTABLISHED);
}

static void expect_reasons(hf_error client, hf_error server)
{
    cr_assert(pair_run(&p));
    cr_assert_eq(endpoint_reason(&p.client), client, "client: %s",
                 reason_name(endpoint_reason(&p.client)));
    cr_assert_eq(endpoint_reason(&p.server), server, "server: %s",
                 reason_name(endpoint_reason(&p.server)));
}

static size_t sign(const hf_question *question, uint8_t *out)
{
    size_t size = 0;
    const hf_random *random = &p.server.config.random;
    const hf_scheme *scheme = hf_scheme_of(question->scheme);
    cr_assert_not_null(scheme);
    cr_assert_eq(question->hash, scheme->hash);
    cr_assert_eq(question->input.size, hf_hash_size(scheme->hash));
    cr_assert_eq(question->credentials, &p.server.offered[0]);
    if (real.type == HF_KEY_EC)
        cr_assert_eq(hf_ecdsa_sign(real.u.ec.curve, real.u.ec.scalar.data, random, question->input,
                                   out, &size),
                     HF_CRYPTO_OK);
    else
        cr_assert_eq(
            hf_rsa_pss_sign(&real.u.rsa, random, scheme->hash, question->input, out, 512, &size),
            HF_CRYPTO_OK);
    return size;
}

Test(questions, sign)
{
    static const char *const keys[] = {"p256", "p384", "p521", "rsa2048", "rsa4096"};
    static uint8_t signature[512];
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        prepare(keys[i], keys[i][0] == 'r' ? 0xc02f : 0xc02b);
        const hf_question *question = expect_question(&p.server, HF_QUESTION_SIGN);
        hf_answer answer = {.output = {signature, sign(question, signature)}};
        cr_assert_eq(hf_conn_answer(&p.server.conn, NULL), HF_ERROR_BAD_ARGUMENT);
        cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_OK);
        memset(signature, 0, sizeof signature); /* it has been copied */
        cr_assert_null(hf_conn_question(&p.server.conn));
        cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_ERROR_BAD_STATE);
        expect_connected();
    }
}

Test(questions, sign_refused)
{
    prepare("p256", 0xc02b);
    (void)expect_question(&p.server, HF_QUESTION_SIGN);
    hf_answer answer = {.refused = true};
    cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_ERROR_SIGNING_FAILED);
    expect_reasons(HF_ERROR_PEER_ALERT, HF_ERROR_SIGNING_FAILED);
    cr_assert_eq(hf_conn_failure(&p.client.conn)->alert, 80);
}

/* What a device answers is not checked here: the peer does. */
Test(questions, sign_with_rubbish)
{
    static uint8_t rubbish[HF_COMPOSE_MAX];
    static const size_t sizes[] = {1, 64, 72, 256};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        prepare("p256", 0xc02b);
        (void)expect_question(&p.server, HF_QUESTION_SIGN);
        hf_answer answer = {.output = {rubbish, sizes[i]}};
        cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_OK);
        expect_reasons(HF_ERROR_SIGNATURE_WRONG, HF_ERROR_PEER_ALERT);
        cr_assert_eq(hf_conn_failure(&p.server.conn)->alert, 51);
    }
    /* But it must fit. */
    prepare("p256", 0xc02b);
    (void)expect_question(&p.server, HF_QUESTION_SIGN);
    hf_answer answer = {.output = {rubbish, sizeof rubbish}};
    cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_ERROR_SIGNING_FAILED);
    expect_reasons(HF_ERROR_PEER_ALERT, HF_ERROR_SIGNING_FAILED);
    /* And there must be one. */
    prepare("p256", 0xc02b);
    (void)expect_question(&p.server, HF_QUESTION_SIGN);
    answer.output.size = 0;
    cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_ERROR_SIGNING_FAILED);
}

/* The encoded message 00 02 ... 00 premaster (RFC 8017 7.2.1), as a device that does raw RSA would
 * give it; the premaster secret is put back together from the client's deterministic draws. */
static uint8_t encoded[256];
static uint8_t premaster[48];
static uint64_t client_state;

static bool watched_random(void *context, uint8_t *out, size_t size)
{
    (void)context;
    bool ok = test_random(&client_state, out, size);
    if (size == sizeof premaster)
        memcpy(premaster, out, size);
    return ok;
}

static void reach_decrypt(void)
{
    prepare("rsa2048", 0x009c);
    client_state = 77;
    p.client.config.random = (hf_random){watched_random, NULL};
    const hf_question *question = expect_question(&p.server, HF_QUESTION_DECRYPT);
    cr_assert_eq(question->input.size, 256);
    cr_assert_eq(question->credentials, &p.server.offered[0]);
    memset(encoded, 0xa5, sizeof encoded);
    encoded[0] = 0;
    encoded[1] = 2;
    encoded[256 - 49] = 0;
    memcpy(encoded + 256 - 48, premaster, 48);
    encoded[256 - 48] = 3;
    encoded[256 - 47] = 3;
}

static void answer_decrypt(size_t size)
{
    hf_answer answer = {.output = {encoded, size}};
    cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_OK);
}

Test(questions, decrypt)
{
    reach_decrypt();
    answer_decrypt(sizeof encoded);
    expect_connected();
}

/* RFC 5246 7.4.7.1: whatever is wrong with the encoding, the handshake fails only where the keys
 * do not match, and the same way each time. */
Test(questions, decrypt_rubbish)
{
    static const struct {
        size_t at;
        uint8_t value;
    } errors[] = {{0, 1}, {1, 1}, {2, 0}, {100, 0}, {207, 1}, {208, 2}, {209, 4}, {255, 0}};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        reach_decrypt();
        encoded[errors[i].at] =
            (uint8_t)(errors[i].value ^ (errors[i].at == 255 ? premaster[47] ^ 1 : 0));
        answer_decrypt(sizeof encoded);
        cr_assert(pair_run(&p));
        expect_reasons(HF_ERROR_PEER_ALERT, HF_ERROR_BAD_RECORD_MAC);
        cr_assert_eq(hf_conn_failure(&p.client.conn)->alert, 20);
    }
    static const size_t sizes[] = {0, 1, 48, 49, 58, 255};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        reach_decrypt();
        answer_decrypt(sizes[i]);
        expect_reasons(HF_ERROR_PEER_ALERT, HF_ERROR_BAD_RECORD_MAC);
    }
}

/* A device that refuses may do so because of the padding: nobody may tell it from a wrong one. */
Test(questions, decrypt_refused)
{
    reach_decrypt();
    hf_answer answer = {.refused = true};
    cr_assert_eq(hf_conn_answer(&p.server.conn, &answer), HF_OK);
    cr_assert(pair_run(&p));
    expect_reasons(HF_ERROR_PEER_ALERT, HF_ERROR_BAD_RECORD_MAC);
    cr_assert_eq(hf_conn_failure(&p.client.conn)->alert, 20);
}

static void reach_chain(void)
{
    pair_prepare(&p, "p256");
    p.client.config.ask_about_chain = true;
    pair_start(&p);
    const hf_question *question = expect_question(&p.client, HF_QUESTION_CHAIN);
    cr_assert_eq(question->chain_count, 2);
    for (size_t i = 0; i < 2; i++) {
        hf_span own = p.server.credentials[0].chain[i];
        cr_assert_eq(question->chain[i].size, own.size);
        cr_assert_eq(memcmp(question->chain[i].data, own.data, own.size), 0);
    }
}

Test(questions, chain)
{
    hf_answer answer = {.refused = false};
    reach_chain();
    cr_assert_eq(hf_conn_answer(&p.client.conn, &answer), HF_OK);
    expect_connected();
    answer.refused = true;
    reach_chain();
    cr_assert_eq(hf_conn_answer(&p.client.conn, &answer), HF_ERROR_APPLICATION_REFUSED);
    expect_reasons(HF_ERROR_APPLICATION_REFUSED, HF_ERROR_PEER_ALERT);
    cr_assert_eq(hf_conn_failure(&p.server.conn)->alert, 49);
}

/* Nobody is asked about a chain that has been refused already, or was not validated. */
Test(questions, chain_not_asked)
{
    pair_prepare(&p, "p256");
    p.client.config.ask_about_chain = true;
    p.client.now = 4000000000;
    pair_connect(&p);
    cr_assert_eq(endpoint_reason(&p.client), HF_ERROR_CERTIFICATE_EXPIRED);
    cr_assert_null(hf_conn_question(&p.client.conn));
    pair_prepare(&p, "p256");
    p.client.config.ask_about_chain = true;
    p.client.config.verify = HF_VERIFY_NONE;
    pair_start(&p);
    expect_connected();
}

/* An hour later: what arrives meanwhile waits, what ends meanwhile is noticed afterwards. */
Test(questions, answered_late)
{
    hf_answer answer = {.refused = false};
    reach_chain();
    hf_buf room = hf_conn_incoming(&p.client.conn);
    cr_assert_gt(room.size, 7);
    memcpy(room.data, "\x15\3\3\0\2\2\x50", 7);
    cr_assert_eq(hf_conn_received(&p.client.conn, 7), HF_OK);
    cr_assert_eq(hf_conn_run(&p.client.conn), HF_WAITING);
    cr_assert_eq(hf_conn_answer(&p.client.conn, &answer), HF_OK);
    (void)endpoint_run(&p.client);
    cr_assert_eq(endpoint_reason(&p.client), HF_ERROR_PEER_ALERT);
    reach_chain();
    hf_conn_eof(&p.client.conn);
    cr_assert_eq(hf_conn_run(&p.client.conn), HF_WAITING);
    cr_assert_eq(hf_conn_answer(&p.client.conn, &answer), HF_OK);
    (void)endpoint_run(&p.client);
    cr_assert_eq(endpoint_reason(&p.client), HF_ERROR_CLOSED_IN_HANDSHAKE);
    reach_chain();
    hf_conn_close(&p.client.conn);
    cr_assert_eq(hf_conn_run(&p.client.conn), HF_WAITING);
    cr_assert_eq(hf_conn_answer(&p.client.conn, &answer), HF_OK);
    (void)endpoint_run(&p.client);
    cr_assert_eq(endpoint_reason(&p.client), HF_ERROR_HANDSHAKE_ABANDONED);
}
