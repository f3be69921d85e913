#include "tests/flow/scenario.h"

#include "tests/flow/stepper.h"

#include <criterion/criterion.h>
#include <string.h>

/* Every key exchange, kind of record protection and kind of signature is in some row. */
const scenario scenarios[] = {
    {"RSA, GCM", 0x009c, HF_TLS1_2, SCENARIO_FULL},
    {"RSA, CBC, TLS 1.0", 0x002f, HF_TLS1_0, SCENARIO_FULL},
    {"RSA, RC4, TLS 1.1", 0x0005, HF_TLS1_1, SCENARIO_FULL},
    {"DHE_RSA, CBC, TLS 1.1", 0x0033, HF_TLS1_1, SCENARIO_FULL},
    {"DHE_DSS, CBC", 0x0032, HF_TLS1_2, SCENARIO_FULL},
    {"ECDHE_RSA, CBC", 0xc027, HF_TLS1_2, SCENARIO_FULL},
    {"ECDHE_ECDSA, GCM", 0xc02b, HF_TLS1_2, SCENARIO_FULL},
    {"ECDHE_ECDSA, CCM", 0xc0ac, HF_TLS1_2, SCENARIO_FULL},
    {"ECDHE_ECDSA, ChaCha20", 0xcca9, HF_TLS1_2, SCENARIO_FULL},
    {"PSK, GCM", 0x00a8, HF_TLS1_2, SCENARIO_FULL},
    {"PSK, NULL", 0x002c, HF_TLS1_2, SCENARIO_FULL},
    {"DHE_PSK, CBC", 0x0090, HF_TLS1_2, SCENARIO_FULL},
    {"ECDHE_PSK, CBC, TLS 1.0", 0xc035, HF_TLS1_0, SCENARIO_FULL},
    {"RSA_PSK, CBC", 0x0094, HF_TLS1_2, SCENARIO_FULL},
    {"DH_anon, CBC", 0x0034, HF_TLS1_2, SCENARIO_FULL},
    {"ECDH_anon, CBC", 0xc018, HF_TLS1_2, SCENARIO_FULL},
    {"client certificate", 0xc02b, HF_TLS1_2, SCENARIO_CLIENT_AUTH},
    {"new ticket", 0xc02b, HF_TLS1_2, SCENARIO_NEW_TICKET},
    {"session ID", 0xc023, HF_TLS1_2, SCENARIO_ID},
    {"ticket", 0xcca9, HF_TLS1_2, SCENARIO_TICKET},
    {"renegotiation by the client", 0xc02b, HF_TLS1_2, SCENARIO_RENEGOTIATED_BY_CLIENT},
    {"renegotiation by the server", 0xc023, HF_TLS1_2, SCENARIO_RENEGOTIATED_BY_SERVER},
    {"resumption inside", 0xc02b, HF_TLS1_2, SCENARIO_RESUMED_INSIDE},
};

size_t scenario_places(size_t places[SCENARIO_MAX])
{
    size_t count = sizeof scenarios / sizeof scenarios[0];
    for (size_t i = 0; i < count; i++)
        places[i] = i;
    return count;
}

enum { BUFFER_SIZE = 6000 };

static const char up[] = "what the client says", down[] = "and the server's answer";
static uint8_t heard[2][64]; /* by the one who heard it */
static size_t heard_size[2];

renegotiation world;
static renegotiation remembered;

static bool is_inside(const scenario *s)
{
    return s->handshake >= SCENARIO_RENEGOTIATED_BY_CLIENT;
}

static inner_handshake kind_of(const scenario *s)
{
    if (s->handshake == SCENARIO_ID || s->handshake == SCENARIO_RESUMED_INSIDE)
        return INNER_BY_ID;
    return s->handshake == SCENARIO_TICKET || s->handshake == SCENARIO_NEW_TICKET ? INNER_BY_TICKET
                                                                                  : INNER_FULL;
}

static void prepare(const scenario *s)
{
    reneg_prepare(&world, reneg_keys(s->suite), s->suite, s->version, kind_of(s));
    for (int role = HF_CLIENT; role <= HF_SERVER; role++)
        reneg_end(&world, (hf_role)role)->rx_size = reneg_end(&world, (hf_role)role)->tx_size =
            BUFFER_SIZE;
    if (s->handshake != SCENARIO_CLIENT_AUTH)
        return;
    hf_config *server = &world.r.p.server.config;
    server->anchors = pki_roots(&server->anchor_count);
    server->client_auth = HF_CLIENT_AUTH_REQUIRE;
    reneg_show(&world, 1);
}

void scenario_reach(const scenario *s)
{
    pair *p = &world.r.p;
    prepare(s);
    if (s->handshake == SCENARIO_ID || s->handshake == SCENARIO_TICKET)
        pair_connect(p); /* the session is kept */
    pair_start(p);
    if (is_inside(s)) {
        cr_assert(pair_run(p));
        expect_established(p);
        reneg_ask(&world, s->handshake == SCENARIO_RENEGOTIATED_BY_SERVER ? HF_SERVER : HF_CLIENT);
    }
    world.seen[HF_CLIENT].established = world.seen[HF_SERVER].established = 0;
    remembered = world;
}

void scenario_again(void)
{
    world = remembered;
}

/* What was said twice, as far as it has come. */
static void hear(hf_role role, const char *expected, size_t size)
{
    endpoint *e = reneg_end(&world, role);
    heard_size[role] = endpoint_read(e, heard[role], sizeof heard[role]);
    cr_assert_leq(heard_size[role], 2 * size);
    for (size_t i = 0; i < heard_size[role]; i++)
        cr_assert_eq(heard[role][i], expected[i % size], "wrong data");
}

static void speak(void)
{
    (void)endpoint_write(&world.r.p.client, up, sizeof up);
    (void)endpoint_write(&world.r.p.server, down, sizeof down);
    cr_assert(pair_run(&world.r.p));
}

void scenario_live(void)
{
    pair *p = &world.r.p;
    memset(heard_size, 0, sizeof heard_size);
    cr_assert(pair_run(p));
    if (world.seen[HF_CLIENT].established == 0 || world.seen[HF_SERVER].established == 0)
        return;
    speak();
    speak(); /* while the first words have not been read */
    hear(HF_CLIENT, down, sizeof down);
    hear(HF_SERVER, up, sizeof up);
    hf_conn_close(&p->client.conn);
    cr_assert(pair_run(p));
}

bool scenario_has_succeeded(void)
{
    return (hf_conn_wants(&world.r.p.client.conn) & HF_CLOSED) != 0 &&
           (hf_conn_wants(&world.r.p.server.conn) & HF_CLOSED) != 0 &&
           heard_size[HF_CLIENT] == 2 * sizeof down && heard_size[HF_SERVER] == 2 * sizeof up;
}
