/* Whole connections: private keys, PSKs, ticket keys and premaster secrets are secret from the
 * start, and so is all that comes of them, up to the data that the application writes. */
#include "tests/timing/borders.h"
#include "tests/timing/keys.h"
#include "tests/timing/plain_cipher.h"
#include "tests/timing/timing.h"

#include "tls/handshake/handshake.h"

#include <string.h>

typedef struct party {
    hf_conn conn;
    hf_handshake handshake;
    hf_config config;
    uint8_t rx[HF_RX_FULL], tx[HF_TX_FULL];
    uint64_t random;
} party;

static party client, server;

/* What both sides keep between two connections. */
static hf_session session;
static hf_session_slot slots[2];
static hf_session_cache cache;
static uint8_t stored[HF_SESSION_STATE_BYTES];

typedef struct life {
    uint16_t suite, version;
    const char *key; /* of the server, or NULL */
    bool shows_certificate, resumes, by_ticket, from_store, renegotiates;
} life;

/* ---------------------------------------------------------------- the two parties */

static void configure(party *p, const life *l, uint64_t seed)
{
    static uint16_t suite;
    static uint8_t psk_key[16] = {6};
    static const hf_psk psk = {{(const uint8_t *)"a device", 8}, {psk_key, sizeof psk_key}};

    memset(p, 0, sizeof *p);
    timing_secret(psk_key, sizeof psk_key);
    suite = l->suite;
    p->random = seed;
    p->config.random = (hf_random){timing_handshake_random, &p->random};
    p->config.policy = &hf_policy_legacy;
    p->config.version_min = p->config.version_max = l->version;
    p->config.suites = (hf_code_list){&suite, 1};
    p->config.psks = &psk;
    p->config.psk_count = 1;
    p->config.verify = HF_VERIFY_NONE;
    p->config.allow_no_clock = true;
    p->config.allow_no_name = true;
    p->config.renegotiation = HF_RENEGOTIATION_BY_BOTH;
}

static void configure_server(const life *l)
{
    static hf_ticket_key key = {"a name of a key", "and the secret that goes with it"};
    static const hf_ticket_keys keys = {&key, 1, 0};
    static hf_binding binding;

    configure(&server, l, 0x89abcdef);
    if (l->key != NULL) {
        binding = (hf_binding){.credentials = &timing_key_of(l->key)->credentials,
                               .credentials_count = 1};
        server.config.bindings = &binding;
        server.config.binding_count = 1;
    }
    timing_secret(key.secret, sizeof key.secret);
    if (l->by_ticket)
        server.config.tickets = &keys;
    else if (l->resumes && !l->from_store)
        server.config.cache = &cache;
    server.config.ask_about_sessions = l->from_store;
    if (l->shows_certificate)
        server.config.client_auth = HF_CLIENT_AUTH_REQUIRE;
}

static void configure_client(const life *l)
{
    configure(&client, l, 0x1234567);
    if (l->shows_certificate) {
        client.config.credentials = &timing_key_of("client-p256")->credentials;
        client.config.credentials_count = 1;
    }
}

static void start(party *p, hf_role role)
{
    hf_error error = hf_conn_init(&p->conn, role, &p->config, &p->handshake,
                                  (hf_buf){p->rx, sizeof p->rx}, (hf_buf){p->tx, sizeof p->tx});

    timing_require(error == HF_OK, "hf_conn_init refuses");
}

/* The store keeps one session. */
static void answer(party *p)
{
    const hf_question *question = hf_conn_question(&p->conn);
    hf_answer given = {.refused = false};

    if (question == NULL)
        return;
    if (question->kind == HF_QUESTION_KEEP_SESSION)
        memcpy(stored, question->state.data, sizeof stored);
    else
        given.output = (hf_span){stored, sizeof stored};
    timing_require(hf_conn_answer(&p->conn, &given) == HF_OK, "an answer is refused");
}

static bool move(party *from, party *to)
{
    hf_span out = hf_conn_outgoing(&from->conn);
    hf_buf in = hf_conn_incoming(&to->conn);

    if (out.size == 0 || in.size < out.size)
        return false;
    timing_public((uint8_t *)(uintptr_t)out.data, out.size); /* anybody sees it */
    memcpy(in.data, out.data, out.size);
    return hf_conn_received(&to->conn, out.size) == HF_OK &&
           hf_conn_sent(&from->conn, out.size) == HF_OK;
}

static void talk(void)
{
    bool moved = true;

    while (moved) {
        for (size_t i = 0; i < 2; i++) {
            party *p = i == 0 ? &client : &server;
            while ((hf_conn_wants(&p->conn) & (HF_HAS_WORK | HF_HAS_QUESTION)) != 0) {
                (void)hf_conn_run(&p->conn);
                answer(p);
            }
        }
        moved = move(&client, &server);
        moved = move(&server, &client) || moved;
    }
}

/* ---------------------------------------------------------------- what they do */

static void require_secrets(const party *p, const life *l)
{
    const hf_conn *c = &p->conn;
    bool is_established = (hf_conn_wants(c) & HF_ESTABLISHED) != 0;

    timing_require(hf_conn_failure(c) == NULL && is_established, "a handshake fails");
    timing_require(hf_conn_resumed(c) == l->resumes, "resumed, or not, by mistake");
    timing_require(timing_is_secret(c->master_secret, sizeof c->master_secret),
                   "the master secret is public");
}

/* Data is as secret as what it is protected with. */
static void send_data(party *from, party *to)
{
    uint8_t text[300];
    hf_buf room = hf_conn_writable(&from->conn);

    memset(text, 0x74, sizeof text);
    timing_secret(text, sizeof text);
    timing_require(room.size >= sizeof text, "no room");
    memcpy(room.data, text, sizeof text);
    timing_require(hf_conn_written(&from->conn, sizeof text) == HF_OK, "writing fails");
    hf_conn_flush(&from->conn);
    talk();
    for (size_t got = 0; got < sizeof text;) { /* TLS 1.0 has split it */
        hf_span data = hf_conn_readable(&to->conn);
        timing_require(data.size != 0, "data does not arrive");
        timing_require(hf_suite_of(hf_conn_suite(&to->conn)->code)->cipher == HF_CIPHER_NULL ||
                           timing_is_secret(data.data, data.size),
                       "the data is public");
        got += data.size;
        timing_require(hf_conn_consumed(&to->conn, data.size) == HF_OK, "reading fails");
        talk();
    }
}

static void export_from(const party *p)
{
    uint8_t out[40];

    timing_require(hf_conn_export(&p->conn, "EXPERIMENTAL", NULL, out, sizeof out) == HF_OK,
                   "exporting fails");
    timing_require(timing_is_secret(out, sizeof out), "what is exported is public");
}

static void connect_once(const life *l)
{
    configure_client(l);
    configure_server(l);
    start(&client, HF_CLIENT);
    start(&server, HF_SERVER);
    if (l->by_ticket || l->from_store || server.config.cache != NULL)
        timing_require(hf_conn_set_session(&client.conn, &session) == HF_OK, "no session");
    talk();
}

static void live(const life *l)
{
    life first = *l;

    memset(&session, 0, sizeof session);
    hf_session_cache_init(&cache, slots, 2, 0);
    if (l->resumes) {
        connect_once(l);
        first.resumes = false;
        require_secrets(&client, &first);
        connect_once(l);
    } else {
        connect_once(l);
    }
    require_secrets(&client, l);
    require_secrets(&server, l);
    send_data(&client, &server);
    send_data(&server, &client);
    export_from(&client);
    export_from(&server);
    if (l->renegotiates) {
        timing_require(hf_conn_renegotiate(&client.conn, NULL) == HF_OK, "no renegotiation");
        talk();
        require_secrets(&client, l);
        require_secrets(&server, l);
        send_data(&client, &server);
    }
    hf_conn_close(&client.conn);
    talk();
    timing_require((hf_conn_wants(&server.conn) & HF_CLOSED) != 0, "no orderly end");
}

static void live_all(const life *lives, size_t count)
{
    timing_use_plain_cipher();
    for (size_t i = 0; i < count; i++)
        live(&lives[i]);
    timing_use_real_cipher();
}

/* ---------------------------------------------------------------- the checks */

static void check_ephemeral(void)
{
    static const life lives[] = {
        {.suite = 0xc02b, .version = HF_TLS1_2, .key = "server-p256"},
        {.suite = 0xcca9, .version = HF_TLS1_2, .key = "server-p256", .shows_certificate = true},
        {.suite = 0xc0ac, .version = HF_TLS1_2, .key = "server-p256"},
        {.suite = 0xc028, .version = HF_TLS1_2, .key = "server-rsa2048"},
        {.suite = 0xc009, .version = HF_TLS1_0, .key = "server-p256"},
        {.suite = 0x0033, .version = HF_TLS1_1, .key = "server-rsa2048"},
        {.suite = 0x0032, .version = HF_TLS1_2, .key = "server-dsa2048"},
        {.suite = 0x006c, .version = HF_TLS1_2},
        {.suite = 0xc018, .version = HF_TLS1_0},
    };

    live_all(lives, sizeof lives / sizeof lives[0]);
}

static void check_transport(void)
{
    static const life lives[] = {
        {.suite = 0x009c, .version = HF_TLS1_2, .key = "server-rsa2048"},
        {.suite = 0x002f, .version = HF_TLS1_0, .key = "server-rsa2048"},
        {.suite = 0x003b, .version = HF_TLS1_2, .key = "server-rsa2048"}, /* NULL cipher */
    };

    live_all(lives, sizeof lives / sizeof lives[0]);
}

static void check_psk(void)
{
    static const life lives[] = {
        {.suite = 0x00a8, .version = HF_TLS1_2},
        {.suite = 0x008c, .version = HF_TLS1_0},
        {.suite = 0x0090, .version = HF_TLS1_2},
        {.suite = 0xc035, .version = HF_TLS1_1},
        {.suite = 0x0094, .version = HF_TLS1_2, .key = "server-rsa2048"},
    };

    live_all(lives, sizeof lives / sizeof lives[0]);
}

static void check_resumption(void)
{
    static const life lives[] = {
        {.suite = 0x00a8, .version = HF_TLS1_2, .resumes = true},
        {.suite = 0x00a8, .version = HF_TLS1_2, .resumes = true, .by_ticket = true},
        {.suite = 0x00a8, .version = HF_TLS1_2, .resumes = true, .from_store = true},
    };

    live_all(lives, sizeof lives / sizeof lives[0]);
}

static void check_renegotiation(void)
{
    static const life lives[] = {
        {.suite = 0x00a8, .version = HF_TLS1_2, .renegotiates = true},
        {.suite = 0xc023, .version = HF_TLS1_2, .key = "server-p256", .renegotiates = true},
    };

    live_all(lives, sizeof lives / sizeof lives[0]);
}

/* That the secrets of a connection are still marked when it is established, and what it reads. */
static void look_at_a_connection(void)
{
    const life l = {.suite = 0x00a8, .version = HF_TLS1_2};

    timing_use_plain_cipher();
    connect_once(&l);
    send_data(&client, &server);
    timing_use_real_cipher();
    timing_require(client.conn.master_secret[0] != client.conn.master_secret[1] ||
                       client.conn.master_secret[2] != client.conn.master_secret[3],
                   "no master secret");
}

/* A program that acts upon what it is told, before it is told all of it. */
static void look_at_the_data(void)
{
    const life l = {.suite = 0xcca9, .version = HF_TLS1_2, .key = "server-p256"};
    uint8_t *room;

    connect_once(&l);
    room = hf_conn_writable(&client.conn).data;
    memset(room, 0x74, 10);
    timing_require(hf_conn_written(&client.conn, 10) == HF_OK, "writing fails");
    hf_conn_flush(&client.conn);
    talk();
    hf_span data = hf_conn_readable(&server.conn);
    timing_require(data.size == 10 && data.data[0] == 0x74, "other data");
}

const timing_check timing_handshake_checks[] = {
    {"connections with (EC)DHE", check_ephemeral, false},
    {"connections with RSA transport", check_transport, false},
    {"connections with a PSK", check_psk, false},
    {"resumed connections", check_resumption, false},
    {"renegotiation", check_renegotiation, false},
    {"master secret that is looked at", look_at_a_connection, true},
    {"data that decides", look_at_the_data, true},
    {NULL, NULL, false},
};
