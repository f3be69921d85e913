/* The contract of <handfast/conn.h>: what hf_conn_wants promises, what the eight calls take and
 * refuse, and that one call of hf_conn_run does at most one public-key operation. */
#include "tests/flow/stepper.h"

#include "tests/flow/contract.h"
#include "tests/flow/count_operations.h"
#include "tests/flow/primitives.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

static pair p;
static uint64_t dice_state = 0x9e3779b97f4a7c15;

static size_t dice(size_t sides)
{
    uint8_t bytes[4];
    (void)test_random(&dice_state, bytes, sizeof bytes);
    return ((size_t)bytes[0] << 16 | (size_t)bytes[1] << 8 | bytes[2]) % sides;
}

/* ---------------------------------------------------------------- what wants promises */

static bool has(endpoint *e, uint32_t bit)
{
    return (hf_conn_wants(&e->conn) & bit) != 0;
}

/* Work says what it has done: HF_AGAIN as long as there is more. */
static void run_once(endpoint *e)
{
    primitives.public_key = 0;
    hf_error error = hf_conn_run(&e->conn);
    cr_assert_leq(primitives.public_key, 1, "%u public-key operations in one call",
                  primitives.public_key);
    cr_assert_eq(error == HF_AGAIN, (hf_conn_wants(&e->conn) & HF_HAS_WORK) != 0);
}

typedef struct traffic {
    size_t sent, received; /* application data, byte i is (uint8_t)(i * 7) */
} traffic;

static void write_some(endpoint *e, traffic *t, size_t most)
{
    hf_buf room = hf_conn_writable(&e->conn);
    size_t size = dice(room.size + 1);
    if (size > most - t->sent)
        size = most - t->sent;
    for (size_t i = 0; i < size; i++)
        room.data[i] = (uint8_t)((t->sent + i) * 7);
    cr_assert_eq(hf_conn_written(&e->conn, size), HF_OK);
    t->sent += size;
    if (t->sent == most || dice(4) == 0)
        hf_conn_flush(&e->conn);
}

static void read_some(endpoint *e, traffic *t)
{
    hf_span data = hf_conn_readable(&e->conn);
    size_t size = dice(data.size + 1);
    for (size_t i = 0; i < size; i++)
        cr_assert_eq(data.data[i], (uint8_t)((t->received + i) * 7));
    cr_assert_eq(hf_conn_consumed(&e->conn, size), HF_OK);
    t->received += size;
}

static void carry_some(endpoint *from, endpoint *to)
{
    hf_span out = hf_conn_outgoing(&from->conn);
    hf_buf in = hf_conn_incoming(&to->conn);
    size_t size = dice(2) == 0 ? dice(64) : dice(20000);
    if (size > out.size)
        size = out.size;
    if (size > in.size)
        size = in.size;
    if (size != 0)
        memcpy(in.data, out.data, size);
    cr_assert_eq(hf_conn_sent(&from->conn, size), HF_OK);
    cr_assert_eq(hf_conn_received(&to->conn, size), HF_OK);
}

/* Whether anything at all may still happen without the application's doing. */
static bool is_stuck(void)
{
    endpoint *ends[] = {&p.client, &p.server};
    for (int i = 0; i < 2; i++) {
        if (has(ends[i], HF_HAS_WORK) || has(ends[i], HF_CAN_READ))
            return false;
        if (has(ends[i], HF_CAN_SEND) && has(ends[1 - i], HF_CAN_RECEIVE))
            return false;
    }
    return true;
}

enum { AMOUNT = 5000 };

/* One connection under a random schedule of calls: handshake, data both ways, closing. */
static void random_life(size_t rx, size_t tx)
{
    traffic up = {0, 0}, down = {0, 0};
    pair_prepare(&p, "p256");
    p.client.rx_size = p.server.rx_size = rx;
    p.client.tx_size = p.server.tx_size = tx;
    pair_start(&p);
    for (int turn = 0; turn < 100000; turn++) {
        size_t side = dice(2);
        endpoint *e = side == 0 ? &p.client : &p.server;
        endpoint *other = side == 0 ? &p.server : &p.client;
        switch (dice(6)) {
        case 0:
        case 1:
            run_once(e);
            break;
        case 2:
            carry_some(e, other);
            break;
        case 3:
            write_some(e, side == 0 ? &up : &down, AMOUNT);
            break;
        case 4:
            read_some(e, side == 0 ? &down : &up);
            break;
        default:
            contract_expect_idle(e);
        }
        contract_expect(&p.client);
        contract_expect(&p.server);
        cr_assert_eq(endpoint_reason(&p.client), HF_OK);
        cr_assert_eq(endpoint_reason(&p.server), HF_OK);
        if (is_stuck() && up.sent == AMOUNT && down.sent == AMOUNT)
            break;
        cr_assert(!is_stuck() || (hf_conn_wants(&p.client.conn) & HF_ESTABLISHED),
                  "the handshake hangs");
    }
    cr_assert_eq(up.received, AMOUNT);
    cr_assert_eq(down.received, AMOUNT);
}

Test(channel, random_lives_small)
{
    for (int i = 0; i < 12; i++)
        random_life(HF_RX_MIN + 200 + dice(3000), HF_TX_MIN + dice(400));
}

Test(channel, random_lives_large)
{
    for (int i = 0; i < 6; i++)
        random_life(HF_RX_FULL, HF_TX_FULL);
}

/* HF_HAS_WORK is set where run will get on, and where it will not it is not: at each moment of a
 * quiet connection. */
Test(channel, work_is_announced)
{
    pair_prepare(&p, "p256");
    pair_start(&p);
    cr_assert_eq(hf_conn_wants(&p.client.conn), HF_HAS_WORK | HF_CAN_RECEIVE);
    pair_connect(&p);
    uint32_t quiet = HF_CAN_RECEIVE | HF_CAN_WRITE | HF_ESTABLISHED;
    cr_assert_eq(hf_conn_wants(&p.client.conn), quiet);
    cr_assert_eq(hf_conn_wants(&p.server.conn), quiet);
    /* Nothing to flush, nothing received, nothing consumed: still nothing to do. */
    hf_conn_flush(&p.client.conn);
    cr_assert_eq(hf_conn_received(&p.client.conn, 0), HF_OK);
    cr_assert_eq(hf_conn_written(&p.client.conn, 0), HF_OK);
    cr_assert_eq(hf_conn_consumed(&p.client.conn, 0), HF_OK);
    cr_assert_eq(hf_conn_sent(&p.client.conn, 0), HF_OK);
    cr_assert_eq(hf_conn_wants(&p.client.conn), quiet);
    /* A part of a record waits for hf_conn_flush or for the rest. */
    hf_buf room = hf_conn_writable(&p.client.conn);
    memset(room.data, 0, room.size);
    cr_assert_eq(hf_conn_written(&p.client.conn, 1), HF_OK);
    cr_assert_eq(hf_conn_wants(&p.client.conn), quiet);
    cr_assert_eq(hf_conn_written(&p.client.conn, room.size - 1), HF_OK);
    cr_assert_eq(hf_conn_wants(&p.client.conn), HF_CAN_RECEIVE | HF_ESTABLISHED | HF_HAS_WORK);
    cr_assert_eq(hf_conn_run(&p.client.conn), HF_OK);
    cr_assert(hf_conn_wants(&p.client.conn) & HF_CAN_SEND);
}

/* ---------------------------------------------------------------- public-key operations */

typedef struct key_case {
    char keys[16];
    uint16_t suite;
} key_case;

ParameterizedTestParameters(channel, one_operation_at_a_time)
{
    static key_case cases[] = {
        {"p256", 0xc02b}, {"p384", 0xc02c}, {"rsa2048", 0xc02f}, {"rsa2048", 0x009c}};
    return cr_make_param_array(key_case, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(const key_case *k, channel, one_operation_at_a_time)
{
    pair_prepare(&p, k->keys);
    p.client.config.policy = p.server.config.policy = &hf_policy_compatible;
    p.client.config.suites = (hf_code_list){&k->suite, 1};
    pair_start(&p);
    const unsigned total = count_operations(&p);
    cr_assert(hf_conn_wants(&p.client.conn) & HF_ESTABLISHED);
    cr_assert(hf_conn_wants(&p.server.conn) & HF_ESTABLISHED);
    /* Two signatures of the chain; RSA: encrypt, decrypt; ECDHE: sign, verify, two key pairs and
     * two agreements. */
    cr_assert_eq(total, k->suite == 0x009c ? 4 : 8);
}

/* ---------------------------------------------------------------- misuse */

Test(channel, too_much)
{
    pair_prepare(&p, "p256");
    pair_connect(&p);
    hf_conn *c = &p.client.conn;
    cr_assert_eq(hf_conn_received(c, hf_conn_incoming(c).size + 1), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_received(c, SIZE_MAX), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_sent(c, 1), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_sent(c, SIZE_MAX), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_consumed(c, 1), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_written(c, hf_conn_writable(c).size + 1), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_written(c, SIZE_MAX), HF_ERROR_BAD_ARGUMENT);
    cr_assert_null(hf_conn_failure(c));
    cr_assert_null(hf_conn_question(c));
    const hf_answer answer = {.refused = false};
    cr_assert_eq(hf_conn_answer(c, &answer), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_set_server_name(c, "other.example"), HF_ERROR_BAD_STATE);
    cr_assert(endpoint_write(&p.client, "still alive", 11));
    char got[16];
    cr_assert(pair_run(&p));
    cr_assert_eq(endpoint_read(&p.server, got, sizeof got), 11);
}

Test(channel, before_the_handshake)
{
    pair_prepare(&p, "p256");
    pair_start(&p);
    hf_conn *c = &p.client.conn;
    cr_assert_eq(hf_conn_writable(c).size, 0);
    cr_assert_eq(hf_conn_readable(c).size, 0);
    cr_assert_eq(hf_conn_outgoing(c).size, 0);
    cr_assert_eq(hf_conn_written(c, 1), HF_ERROR_BAD_STATE);
    cr_assert_null(hf_conn_release_handshake(c));
    cr_assert_null(hf_conn_suite(c));
    cr_assert_null(hf_conn_group(c));
    cr_assert_eq(hf_conn_version(c), 0);
    cr_assert_eq(hf_conn_role(c), HF_CLIENT);
    cr_assert_eq(hf_conn_protocol(c).size, 0);
    hf_conn_flush(c);
    cr_assert_eq(hf_conn_set_server_name(c, NULL), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_set_server_name(c, ""), HF_ERROR_BAD_SERVER_NAME);
    cr_assert_eq(hf_conn_set_server_name(c, "no spaces"), HF_ERROR_BAD_SERVER_NAME);
    cr_assert_eq(hf_conn_set_server_name(c, "192.0.2.1"), HF_OK);
    cr_assert_eq(hf_conn_set_server_name(c, "2001:db8::1"), HF_OK);
    cr_assert_eq(hf_conn_set_server_name(c, "server.example"), HF_OK);
    cr_assert_eq(hf_conn_set_server_name(&p.server.conn, "server.example"), HF_ERROR_BAD_STATE);
    (void)hf_conn_run(c);
    cr_assert_eq(hf_conn_set_server_name(c, "server.example"), HF_ERROR_BAD_STATE);
}

Test(channel, initialisation)
{
    pair_prepare(&p, "p256");
    endpoint *e = &p.client;
    hf_buf rx = {e->rx, sizeof e->rx}, tx = {e->tx, sizeof e->tx};
    hf_conn *c = &e->conn;
    hf_config *config = &e->config;
    hf_handshake *shake = &e->handshake;
    cr_assert_eq(hf_conn_init(NULL, HF_CLIENT, config, shake, rx, tx), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_init(c, HF_CLIENT, NULL, shake, rx, tx), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_init(c, HF_CLIENT, config, NULL, rx, tx), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_init(c, HF_CLIENT, config, shake, (hf_buf){NULL, 20000}, tx),
                 HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_init(c, HF_CLIENT, config, shake, rx, (hf_buf){NULL, 20000}),
                 HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_conn_init(c, HF_CLIENT, config, shake, (hf_buf){e->rx, HF_RX_MIN - 1}, tx),
                 HF_ERROR_BUFFER_TOO_SMALL);
    cr_assert_eq(hf_conn_init(c, HF_CLIENT, config, shake, rx, (hf_buf){e->tx, HF_TX_MIN - 1}),
                 HF_ERROR_BUFFER_TOO_SMALL);
    cr_assert_eq(hf_conn_init(c, HF_CLIENT, config, shake, (hf_buf){e->rx, HF_RX_MIN},
                              (hf_buf){e->tx, HF_TX_MIN}),
                 HF_OK);
}

Test(channel, configurations_refused)
{
    static const uint16_t unknown[] = {0x1301, 0xfafa};
    hf_config good, *config = &p.client.config;
    pair_prepare(&p, "p256");
    good = *config;
    hf_buf rx = {p.client.rx, HF_RX_MIN}, tx = {p.client.tx, HF_TX_MIN};
#define EXPECT(role, error)                                                                       \
    cr_assert_eq(hf_conn_init(&p.client.conn, role, config, &p.client.handshake, rx, tx), error); \
    *config = good
    config->random.fill = NULL;
    EXPECT(HF_CLIENT, HF_ERROR_NO_RANDOM_SOURCE);
    config->anchor_count = 0;
    EXPECT(HF_CLIENT, HF_ERROR_NO_TRUST_ANCHORS);
    config->anchor_count = 0;
    config->verify = HF_VERIFY_NONE;
    EXPECT(HF_CLIENT, HF_OK);
    EXPECT(HF_SERVER, HF_ERROR_NO_CREDENTIALS);
    config->suites = (hf_code_list){unknown, 2};
    EXPECT(HF_CLIENT, HF_ERROR_NOTHING_ENABLED);
    config->groups = (hf_code_list){unknown, 2};
    EXPECT(HF_CLIENT, HF_ERROR_NOTHING_ENABLED);
    config->schemes = (hf_code_list){unknown, 2};
    EXPECT(HF_CLIENT, HF_ERROR_NOTHING_ENABLED);
    config->version_min = 0x0304;
    EXPECT(HF_CLIENT, HF_ERROR_NOTHING_ENABLED);
    config->version_max = 0x0302;
    EXPECT(HF_CLIENT, HF_ERROR_NOTHING_ENABLED);
#undef EXPECT
}

/* A client that has to verify needs to know for which name, unless it is told to do without. */
Test(channel, no_server_name)
{
    for (int allowed = 0; allowed < 2; allowed++) {
        pair_prepare(&p, "p256");
        p.client.config.allow_no_name = allowed != 0;
        pair_start(&p);
        cr_assert_eq(hf_conn_init(&p.client.conn, HF_CLIENT, &p.client.config, &p.client.handshake,
                                  (hf_buf){p.client.rx, p.client.rx_size},
                                  (hf_buf){p.client.tx, p.client.tx_size}),
                     HF_OK);
        cr_assert(pair_run(&p));
        cr_assert_eq(endpoint_reason(&p.client), allowed ? HF_OK : HF_ERROR_BAD_SERVER_NAME);
        cr_assert_eq(hf_conn_outgoing(&p.client.conn).size, 0);
    }
}

/* After a failure all calls answer, and nothing but the alert is left. */
Test(channel, after_failure)
{
    pair_prepare(&p, "p256");
    pair_start(&p);
    (void)endpoint_run(&p.client);
    cr_assert_eq(endpoint_give(&p.client, (const uint8_t *)"\0\0\0\0\0", 5), 5);
    hf_conn *c = &p.client.conn;
    cr_assert_eq(endpoint_reason(&p.client), HF_ERROR_NOT_TLS);
    cr_assert_eq(hf_conn_received(c, 1), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_received(c, 0), HF_OK);
    cr_assert_eq(hf_conn_written(c, 1), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_consumed(c, 1), HF_ERROR_BAD_ARGUMENT);
    hf_conn_flush(c);
    hf_conn_close(c);
    hf_conn_eof(c);
    cr_assert_eq(hf_conn_wants(c), HF_FAILED | HF_CAN_SEND);
    cr_assert_eq(hf_conn_run(c), HF_ERROR_NOT_TLS);
    cr_assert_not_null(hf_conn_release_handshake(c));
    cr_assert_eq(hf_conn_set_server_name(c, "server.example"), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_run(c), HF_ERROR_NOT_TLS);
    const hf_answer answer = {.refused = true};
    cr_assert_eq(hf_conn_answer(c, &answer), HF_ERROR_BAD_STATE);
    cr_assert_eq(hf_conn_server_name(c).size, strlen("server.example"));
    size_t left = hf_conn_outgoing(c).size;
    cr_assert_eq(hf_conn_sent(c, left), HF_OK);
    cr_assert_eq(hf_conn_wants(c), HF_FAILED);
    hf_conn_wipe(c);
}

/* The random source fails at its n-th draw: a reason, an alert, no key material. */
static size_t draws_left;

static bool failing_random(void *context, uint8_t *out, size_t size)
{
    if (draws_left == 0)
        return false;
    draws_left--;
    return test_random(context, out, size);
}

static bool dies_without_random(const char *keys, uint16_t suite, hf_role role, size_t draws)
{
    pair_prepare(&p, keys);
    endpoint *e = role == HF_CLIENT ? &p.client : &p.server;
    p.client.config.policy = p.server.config.policy = &hf_policy_compatible;
    p.client.config.suites = (hf_code_list){&suite, 1};
    e->config.random.fill = failing_random;
    draws_left = draws;
    pair_connect(&p);
    if (endpoint_reason(e) == HF_OK)
        return false;
    cr_assert_eq(endpoint_reason(e), HF_ERROR_RANDOM_FAILED);
    endpoint *other = role == HF_CLIENT ? &p.server : &p.client;
    cr_assert_eq(endpoint_reason(other), HF_ERROR_PEER_ALERT);
    cr_assert_eq(hf_conn_failure(&other->conn)->alert, 80);
    return true;
}

Test(channel, random_fails)
{
    static const struct {
        const char *keys;
        uint16_t suite;
    } kinds[] = {{"p256", 0xc02b}, {"rsa2048", 0xc02f}, {"rsa2048", 0x009c}};
    for (size_t i = 0; i < 3; i++) {
        for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
            size_t draws = 0;
            while (dies_without_random(kinds[i].keys, kinds[i].suite, (hf_role)role, draws))
                cr_assert_lt(++draws, 50);
            cr_assert_gt(draws, 0);
        }
    }
}
