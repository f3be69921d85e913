/* Sessions that the application keeps for a server (question.h; RFC 5246 7.4.1.2, F.1.4). */
#include "tests/flow/resume.h"
#include "tests/flow/stepper.h"

#include "tls/session/sessions.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static resume r;

/* ---------------------------------------------------------------- a store */

#define STORE_MAX 4

typedef struct stored {
    uint8_t id[HF_SESSION_ID_SIZE];
    uint8_t state[HF_SESSION_STATE_BYTES];
    int64_t expires;
} stored;

static struct {
    stored entries[STORE_MAX];
    size_t count;
    size_t kept, looked_for, found; /* questions so far */
    int patience;                   /* runs between a question and its answer */
    bool is_lossy;                  /* finds nothing */
} store;

static hf_answer found(hf_span id)
{
    store.looked_for++;
    cr_assert_eq(id.size, HF_SESSION_ID_SIZE);
    for (size_t i = 0; i < store.count && !store.is_lossy; i++)
        if (memcmp(store.entries[i].id, id.data, id.size) == 0) {
            store.found++;
            return (hf_answer){.output = {store.entries[i].state, HF_SESSION_STATE_BYTES}};
        }
    return (hf_answer){.refused = true};
}

static void keep(const hf_question *question)
{
    cr_assert_lt(store.count, STORE_MAX);
    stored *entry = &store.entries[store.count++];
    store.kept++;
    cr_assert_eq(question->input.size, HF_SESSION_ID_SIZE);
    cr_assert_eq(question->state.size, HF_SESSION_STATE_BYTES);
    memcpy(entry->id, question->input.data, HF_SESSION_ID_SIZE);
    memcpy(entry->state, question->state.data, HF_SESSION_STATE_BYTES);
    entry->expires = question->expires;
}

/* Answers what the server asks the store. False: it asks nothing. */
static bool serve(void)
{
    hf_conn *server = &r.p.server.conn;
    const hf_question *question = hf_conn_question(server);
    hf_answer answer = {.refused = false};
    if (question == NULL)
        return false;
    for (int i = 0; i < store.patience; i++) {
        cr_assert_eq(hf_conn_run(server), HF_WAITING);
        cr_assert_eq(hf_conn_wants(server) & (HF_HAS_QUESTION | HF_HAS_WORK), HF_HAS_QUESTION);
        cr_assert(pair_run(&r.p));
        cr_assert_eq(hf_conn_question(server), question);
    }
    if (question->kind == HF_QUESTION_FIND_SESSION)
        answer = found(question->input);
    else if (question->kind == HF_QUESTION_KEEP_SESSION)
        keep(question);
    else
        return false;
    hf_error error = hf_conn_answer(server, &answer);
    cr_assert_eq(error, endpoint_reason(&r.p.server));
    return true;
}

static void begin(void)
{
    memset(&store, 0, sizeof store);
    resume_begin(&r);
}

static void prepare(uint16_t suite, uint16_t version)
{
    resume_prepare(&r, "p256", suite, version);
    r.p.server.config.cache = NULL;
    r.p.server.config.ask_about_sessions = true;
}

static void connect_with_store(void)
{
    r.p.session = &r.session;
    pair_start(&r.p);
    do
        cr_assert(pair_run(&r.p));
    while (serve());
}

static void again(bool is_resumed)
{
    connect_with_store();
    expect_resumed(&r, is_resumed);
}

static void full_of(uint16_t suite, uint16_t version)
{
    begin();
    prepare(suite, version);
    again(false);
    cr_assert_eq(store.kept, 1);
    cr_assert_eq(store.looked_for, 0);
    prepare(suite, version);
}

/* Each full handshake is kept, under the ID that the client has, and is resumed from what the store
 * gives back; a resumed one is not kept again. */
Test(external_store, at_once_and_late)
{
    for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
        for (int patience = 0; patience <= 5; patience += 5) {
            begin();
            store.patience = patience;
            prepare(0xc009, version);
            again(false);
            expect_data(&r.p);
            cr_assert_eq(store.kept, 1);
            cr_assert_eq(r.session.id_size, HF_SESSION_ID_SIZE);
            cr_assert_eq(memcmp(r.session.id, store.entries[0].id, HF_SESSION_ID_SIZE), 0);
            cr_assert_eq(store.entries[0].expires, r.p.server.now + 86400);
            for (size_t i = 1; i <= 2; i++) {
                prepare(0xc009, version);
                again(true);
                expect_data(&r.p);
                cr_assert_eq(store.kept, 1);
                cr_assert_eq(store.found, i);
            }
        }
}

/* In a store that lost it, or that never had it, there is none: the handshake goes on in full. */
Test(external_store, refused)
{
    full_of(0xc02b, HF_TLS1_2);
    store.is_lossy = true;
    again(false);
    cr_assert_eq(store.looked_for, 1);
    cr_assert_eq(store.kept, 2);
    expect_data(&r.p);
    store.is_lossy = false;
    prepare(0xc02b, HF_TLS1_2);
    again(true);
}

/* Nothing is asked where there is nothing to be found: no ID, or one that is none of ours. */
Test(external_store, not_asked)
{
    for (uint8_t size = 0; size < HF_SESSION_ID_SIZE; size += 31) {
        full_of(0xc02b, HF_TLS1_2);
        r.session.id_size = size;
        again(false);
        cr_assert_eq(store.looked_for, 0);
    }
}

/* The cache comes first. */
Test(external_store, beside_cache)
{
    begin();
    for (size_t i = 0; i < 2; i++) {
        prepare(0xc02b, HF_TLS1_2);
        r.p.server.config.cache = &r.cache;
        again(i == 1);
        cr_assert_eq(store.kept, 1);
        cr_assert_eq(store.looked_for, 0);
    }
    hf_session_cache_wipe(&r.cache);
    prepare(0xc02b, HF_TLS1_2);
    r.p.server.config.cache = &r.cache;
    again(true);
    cr_assert_eq(store.found, 1);
}

/* A ticket leaves nothing to be kept, and the ID beside it is none to be looked for (RFC 5077
 * 3.4). */
Test(external_store, beside_tickets)
{
    static hf_ticket_key keys[2] = {{{1}, {1}}, {{2}, {2}}};
    hf_ticket_keys set = {keys, 1, 0};
    begin();
    for (int i = 0; i < 3; i++) {
        prepare(0xc02b, HF_TLS1_2);
        r.p.server.config.tickets = &set;
        if (i == 2)
            set.keys = keys + 1; /* the ticket is of no use any more */
        again(i == 1);
        cr_assert_eq(store.kept, 0);
        cr_assert_eq(store.looked_for, 0);
    }
    /* A client without tickets is served by the store. */
    hf_session_wipe(&r.session);
    for (int i = 0; i < 2; i++) {
        prepare(0xc02b, HF_TLS1_2);
        r.p.server.config.tickets = &set;
        r.p.client.config.without_session_ticket = true;
        again(i == 1);
        cr_assert_eq(store.kept, 1);
    }
}

/* ---------------------------------------------------------------- what a store gives back */

/* Rubbish is no session. */
Test(external_store, rubbish)
{
    for (size_t size = 0; size <= HF_SESSION_STATE_BYTES + 1; size += size < 3 ? 1 : 41) {
        static uint8_t bytes[HF_SESSION_STATE_BYTES + 1];
        for (int fill = 0; fill < 3; fill++) {
            memset(bytes, fill == 0 ? 0 : fill == 1 ? 0xff : 2, sizeof bytes);
            full_of(0xc02b, HF_TLS1_2);
            r.p.session = &r.session;
            pair_start(&r.p);
            cr_assert(pair_run(&r.p));
            cr_assert_eq(hf_conn_question(&r.p.server.conn)->kind, HF_QUESTION_FIND_SESSION);
            hf_answer answer = {.output = {size == 0 && fill == 0 ? NULL : bytes, size}};
            cr_assert_eq(hf_conn_answer(&r.p.server.conn, &answer), HF_OK);
            do
                cr_assert(pair_run(&r.p));
            while (serve());
            expect_resumed(&r, false);
        }
    }
}

static hf_session_state read_stored(void)
{
    hf_session_state state;
    cr_assert(
        hf_session_state_read(&state, (hf_span){store.entries[0].state, HF_SESSION_STATE_BYTES}));
    return state;
}

static void write_stored(const hf_session_state *state)
{
    hf_session_state_write(state, store.entries[0].state);
}

/* Cut off or with a byte too many it is none either. */
Test(external_store, other_size)
{
    for (int size = HF_SESSION_STATE_BYTES - 1; size <= HF_SESSION_STATE_BYTES + 1; size++) {
        uint8_t bytes[HF_SESSION_STATE_BYTES + 1] = {0};
        full_of(0xc02b, HF_TLS1_2);
        memcpy(bytes, store.entries[0].state, HF_SESSION_STATE_BYTES);
        r.p.session = &r.session;
        pair_start(&r.p);
        cr_assert(pair_run(&r.p));
        hf_answer answer = {.output = {bytes, (size_t)size}};
        cr_assert_eq(hf_conn_answer(&r.p.server.conn, &answer), HF_OK);
        memset(bytes, 0, sizeof bytes); /* it has been copied */
        do
            cr_assert(pair_run(&r.p));
        while (serve());
        expect_resumed(&r, size == HF_SESSION_STATE_BYTES);
    }
}

/* A store may mix things up: a session of another name, version, suite, time or kind of client is
 * not resumed. */
typedef enum mix_up {
    OTHER_NAME,
    OTHER_VERSION,
    OTHER_SUITE,
    UNKNOWN_SUITE,
    EXPIRED,
    OTHER_HMAC,
    OTHER_FRAGMENT,
    OTHER_CLIENT,
    MIX_UPS
} mix_up;

static void mix(hf_session_state *state, mix_up what)
{
    switch (what) {
    case OTHER_NAME:
        state->server_name[31] ^= 1;
        break;
    case OTHER_VERSION:
        state->version = HF_TLS1_1;
        break;
    case OTHER_SUITE:
        state->suite = 0xc00a;
        break;
    case UNKNOWN_SUITE:
        state->suite = 0x7a7a;
        break;
    case EXPIRED:
        state->expires = r.p.server.now;
        break;
    case OTHER_HMAC:
        state->truncated_hmac = true;
        break;
    case OTHER_FRAGMENT:
        state->fragment_length = 512;
        break;
    default:
        state->client_authenticated = true;
        break;
    }
}

Test(external_store, mixed_up)
{
    static const uint16_t both[] = {0xc009, 0xc00a};
    for (int what = 0; what < MIX_UPS; what++) {
        full_of(0xc009, HF_TLS1_2);
        hf_session_state state = read_stored();
        mix(&state, (mix_up)what);
        write_stored(&state);
        r.p.server.config.suites = (hf_code_list){both, 2};
        r.p.server.config.version_min = HF_TLS1_0;
        again(false);
        cr_assert_eq(store.found, 1);
        cr_assert_eq(hf_conn_version(&r.p.server.conn), HF_TLS1_2);
        cr_assert_not(hf_conn_client_authenticated(&r.p.server.conn));
    }
    full_of(0xc009, HF_TLS1_2);
    hf_session_state state = read_stored();
    state.expires = r.p.server.now + 1;
    write_stored(&state);
    again(true);
}

/* RFC 7627 5.3, whoever keeps the sessions: with the extension then and without it now the server
 * aborts; without it then and with it now the handshake is a full one. */
Test(external_store, extended_master_secret)
{
    full_of(0xc02b, HF_TLS1_2);
    hf_session_state state = read_stored();
    state.extended_master_secret = false;
    write_stored(&state);
    again(false);
    begin();
    prepare(0xc02b, HF_TLS1_2);
    r.p.client.config.without_extended_master_secret = true;
    again(false);
    state = read_stored();
    cr_assert_not(state.extended_master_secret);
    state.extended_master_secret = true;
    write_stored(&state);
    prepare(0xc02b, HF_TLS1_2);
    r.p.client.config.without_extended_master_secret = true;
    connect_with_store();
    expect_refusal(&r.p, HF_SERVER, HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED, 40);
}

/* The time counts when the answer comes. */
Test(external_store, expires_while_asked)
{
    full_of(0xc02b, HF_TLS1_2);
    r.p.session = &r.session;
    pair_start(&r.p);
    cr_assert(pair_run(&r.p));
    cr_assert_eq(hf_conn_question(&r.p.server.conn)->kind, HF_QUESTION_FIND_SESSION);
    r.p.server.now += 86400;
    do
        cr_assert(pair_run(&r.p));
    while (serve());
    expect_resumed(&r, false);
}

/* Another master secret gets nobody anywhere. */
Test(external_store, wrong_secret)
{
    full_of(0xc02b, HF_TLS1_2);
    store.entries[0].state[1] ^= 1;
    connect_with_store();
    expect_refusal(&r.p, HF_CLIENT, HF_ERROR_BAD_RECORD_MAC, 20);
}

/* ---------------------------------------------------------------- what happens meanwhile */

/* The transport may end, or the application close, while a question is open. */
Test(external_store, ended_meanwhile)
{
    for (int closes = 0; closes < 2; closes++)
        for (int is_refused = 0; is_refused < 2; is_refused++) {
            full_of(0xc02b, HF_TLS1_2);
            r.p.session = &r.session;
            pair_start(&r.p);
            cr_assert(pair_run(&r.p));
            if (closes)
                hf_conn_close(&r.p.server.conn);
            else
                hf_conn_eof(&r.p.server.conn);
            cr_assert_eq(hf_conn_run(&r.p.server.conn), HF_WAITING);
            hf_answer answer = {.refused = is_refused,
                                .output = {store.entries[0].state, HF_SESSION_STATE_BYTES}};
            cr_assert_eq(hf_conn_answer(&r.p.server.conn, &answer), HF_OK);
            (void)endpoint_run(&r.p.server);
            cr_assert_eq(endpoint_reason(&r.p.server),
                         closes ? HF_ERROR_HANDSHAKE_ABANDONED : HF_ERROR_CLOSED_IN_HANDSHAKE);
        }
}

/* A store that cannot keep a session says so, and nobody minds. Nothing of it stays behind. */
Test(external_store, not_kept)
{
    uint8_t secret[48];
    begin();
    prepare(0xc02b, HF_TLS1_2);
    r.p.session = &r.session;
    pair_start(&r.p);
    cr_assert(pair_run(&r.p));
    const hf_question *question = hf_conn_question(&r.p.server.conn);
    cr_assert_eq(question->kind, HF_QUESTION_KEEP_SESSION);
    memcpy(secret, question->state.data + 1, sizeof secret);
    cr_assert_eq(memcmp(secret, r.p.server.conn.master_secret, sizeof secret), 0);
    const hf_answer answer = {.refused = true};
    cr_assert_eq(hf_conn_answer(&r.p.server.conn, &answer), HF_OK);
    cr_assert(pair_run(&r.p));
    expect_resumed(&r, false);
    expect_data(&r.p);
    const uint8_t *shake = (const uint8_t *)&r.p.server.handshake;
    for (size_t i = 0; i < sizeof r.p.server.handshake; i++)
        cr_assert_eq(shake[i], 0);
}

/* A handshake that fails is not offered to be kept. */
static bool break_finished(relay *line, relayed *part)
{
    (void)line;
    if (part->sealed && part->sender == HF_CLIENT)
        part->bytes[part->size - 1] ^= 1;
    return true;
}

Test(external_store, failed_is_not_kept)
{
    begin();
    prepare(0xc02b, HF_TLS1_2);
    r.p.session = &r.session;
    relay_connect(&r.line, &r.p, break_finished, NULL);
    expect_refusal(&r.p, HF_SERVER, HF_ERROR_BAD_RECORD_MAC, 20);
    cr_assert_null(hf_conn_question(&r.p.server.conn));
}

/* Without a clock there is no end to name. */
Test(external_store, no_clock)
{
    begin();
    for (int i = 0; i < 2; i++) {
        prepare(0xc02b, HF_TLS1_2);
        r.p.server.config.clock = NULL;
        again(i == 1);
        cr_assert_eq(store.entries[0].expires, INT64_MAX);
    }
}
