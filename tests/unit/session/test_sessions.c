/* Sessions as bytes, the cache and the tickets by themselves. */
#include "tls/session/sessions.h"

#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <string.h>

#define TICKET_SIZE 200

static hf_session some_session(uint8_t id)
{
    hf_session session;
    memset(&session, 0, sizeof session);
    session.id_size = 32;
    memset(session.id, id, sizeof session.id);
    memset(session.state.master_secret, 0x4d, sizeof session.state.master_secret);
    memset(session.state.server_name, 0x4e, sizeof session.state.server_name);
    memset(session.state.peer_certificate, 0x4f, sizeof session.state.peer_certificate);
    session.state.version = 0x0303;
    session.state.suite = 0xc02b;
    session.state.fragment_length = 1024;
    session.state.expires = INT64_C(0x0102030405060708);
    return session;
}

static hf_session some_ticket(void)
{
    hf_session session = some_session(0);
    session.id_size = 0;
    session.ticket_size = TICKET_SIZE;
    memset(session.ticket, 0x54, TICKET_SIZE);
    return session;
}

static bool are_equal_states(const hf_session_state *a, const hf_session_state *b)
{
    return memcmp(a->master_secret, b->master_secret, sizeof a->master_secret) == 0 &&
           memcmp(a->server_name, b->server_name, sizeof a->server_name) == 0 &&
           memcmp(a->peer_certificate, b->peer_certificate, sizeof a->peer_certificate) == 0 &&
           a->version == b->version && a->suite == b->suite &&
           a->fragment_length == b->fragment_length &&
           a->extended_master_secret == b->extended_master_secret &&
           a->truncated_hmac == b->truncated_hmac &&
           a->client_authenticated == b->client_authenticated &&
           a->server_verified == b->server_verified && a->expires == b->expires;
}

static bool are_equal(const hf_session *a, const hf_session *b)
{
    return are_equal_states(&a->state, &b->state) && a->id_size == b->id_size &&
           memcmp(a->id, b->id, sizeof a->id) == 0 && a->ticket_size == b->ticket_size &&
           memcmp(a->ticket, b->ticket, sizeof a->ticket) == 0;
}

static bool is_zero(const void *memory, size_t size)
{
    const uint8_t *bytes = memory;
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    return size == 0;
}

/* ---------------------------------------------------------------- bytes */

static uint8_t bytes[HF_SESSION_BYTES + 1];

static hf_span written(const hf_session *session)
{
    size_t size = hf_session_write(session, bytes);
    cr_assert_gt(size, 0);
    return (hf_span){bytes, size};
}

static void set_flags(hf_session_state *state, unsigned bits)
{
    state->extended_master_secret = (bits & 1) != 0;
    state->truncated_hmac = (bits & 2) != 0;
    state->client_authenticated = (bits & 4) != 0;
    state->server_verified = (bits & 8) != 0;
}

/* All that there is to a session comes back, for every combination of its flags. */
Test(session, there_and_back)
{
    for (int with_ticket = 0; with_ticket < 2; with_ticket++)
        for (unsigned bits = 0; bits < 16; bits++) {
            hf_session session = with_ticket ? some_ticket() : some_session(7), back;
            set_flags(&session.state, bits);
            memset(&back, 0xee, sizeof back);
            cr_assert(hf_session_read(&back, written(&session)));
            cr_assert(are_equal(&session, &back), "flags %x", bits);
        }
}

/* Each of the bytes counts: another one gives another session or none. */
Test(session, every_byte)
{
    for (int with_ticket = 0; with_ticket < 2; with_ticket++) {
        hf_session session = with_ticket ? some_ticket() : some_session(7), back;
        hf_span whole = written(&session);
        for (size_t i = 0; i < whole.size; i++) {
            bytes[i] ^= 1;
            cr_assert(!hf_session_read(&back, whole) || !are_equal(&session, &back), "byte %zu", i);
            bytes[i] ^= 1;
        }
    }
}

/* Cut off, with a byte too many, of another version's form, or from nobody: empty afterwards. */
Test(session, malformed)
{
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = {{0, 0},    {0, 1},      {0, 3},    {0, 0xff},  {113, 0x80},
                {127, 16}, {127, 0xff}, {128, 33}, {128, 0xff}};
    hf_session session = some_session(7), back;
    hf_span whole = written(&session);
    for (size_t size = 0; size < whole.size; size++) {
        memset(&back, 0xee, sizeof back);
        cr_assert_not(hf_session_read(&back, (hf_span){bytes, size}), "%zu bytes", size);
        cr_assert(is_zero(&back, sizeof back));
    }
    bytes[whole.size] = 0;
    cr_assert_not(hf_session_read(&back, (hf_span){bytes, whole.size + 1}));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        whole = written(&session);
        bytes[rows[i].at] = rows[i].value;
        cr_assert_not(hf_session_read(&back, whole), "row %zu", i);
    }
    memset(bytes, 0, sizeof bytes);
    cr_assert_not(hf_session_read(&back, whole));
    memset(bytes, 0xff, sizeof bytes);
    cr_assert_not(hf_session_read(&back, whole));
}

/* A ticket that another build has let grow. */
Test(session, ticket_too_long)
{
    static uint8_t longer[HF_SESSION_BYTES + 1];
    hf_session session = some_ticket(), back;
    session.ticket_size = HF_TICKET_MAX;
    hf_span whole = written(&session);
    cr_assert_eq(whole.size, HF_SESSION_BYTES - HF_SESSION_ID_SIZE);
    cr_assert(hf_session_read(&back, whole));
    memcpy(longer, bytes, whole.size);
    longer[HF_SESSION_STATE_BYTES + 2]++;
    cr_assert_eq(longer[HF_SESSION_STATE_BYTES + 2], HF_TICKET_MAX % 256 + 1);
    cr_assert_not(hf_session_read(&back, (hf_span){longer, whole.size + 1}));
}

Test(session, empty)
{
    static const hf_session none;
    hf_session session = some_session(7);
    cr_assert(hf_session_is_empty(&none));
    cr_assert_eq(hf_session_write(&none, bytes), 0);
    cr_assert_not(hf_session_is_empty(&session));
    session.id_size = 0;
    cr_assert(hf_session_is_empty(&session));
    session.ticket_size = 1;
    cr_assert_not(hf_session_is_empty(&session));
    session.state.version = 0;
    cr_assert(hf_session_is_empty(&session));
}

Test(session, wiped)
{
    hf_session session = some_ticket();
    hf_session_wipe(&session);
    cr_assert(is_zero(&session, sizeof session));
}

/* ---------------------------------------------------------------- tickets */

static hf_ticket_key keys[3];
static uint64_t random_state = 5;
static const hf_random source = {test_random, &random_state};
static uint8_t ticket[HF_TICKET_SIZE];

static void make_keys(void)
{
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    for (size_t i = 0; i < 3; i++) {
        memset(keys[i].name, (int)(0x10 + i), sizeof keys[i].name);
        memset(keys[i].secret, (int)(0x20 + i), sizeof keys[i].secret);
    }
}

static void seal_with(size_t key)
{
    hf_session session = some_session(7);
    set_flags(&session.state, 5);
    make_keys();
    cr_assert_eq(hf_ticket_seal(&keys[key], &source, &session.state, ticket), HF_OK);
}

static bool open_ticket(size_t first, size_t count, hf_session_state *state, bool *is_stale)
{
    const hf_ticket_keys set = {keys + first, count, 0};
    return hf_ticket_open(&set, (hf_span){ticket, sizeof ticket}, state, is_stale);
}

/* Any of the keys opens what it has sealed; only the first is not stale. */
Test(tickets, there_and_back)
{
    hf_session session = some_session(7);
    hf_session_state back;
    set_flags(&session.state, 5);
    for (size_t key = 0; key < 3; key++) {
        bool is_stale = key == 0;
        seal_with(key);
        cr_assert(open_ticket(0, 3, &back, &is_stale));
        cr_assert(are_equal_states(&session.state, &back));
        cr_assert_eq(is_stale, key != 0);
    }
    bool is_stale;
    seal_with(0);
    cr_assert_not(open_ticket(1, 2, &back, &is_stale), "its key is gone");
    cr_assert_not(open_ticket(0, 0, &back, &is_stale), "no key at all");
}

/* RFC 5077 5.2: nobody else can make one, nor change a bit of it. */
Test(tickets, every_bit)
{
    hf_session_state back;
    bool is_stale;
    seal_with(0);
    for (size_t i = 0; i < 8 * sizeof ticket; i++) {
        ticket[i / 8] ^= (uint8_t)(1 << i % 8);
        cr_assert_not(open_ticket(0, 3, &back, &is_stale), "bit %zu", i);
        ticket[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    cr_assert(open_ticket(0, 3, &back, &is_stale));
    memcpy(keys[1].name, keys[0].name, sizeof keys[0].name);
    cr_assert_not(open_ticket(1, 1, &back, &is_stale), "another secret of the same name");
}

Test(tickets, other_sizes)
{
    static uint8_t longer[2 * HF_TICKET_SIZE];
    const hf_ticket_keys set = {keys, 3, 0};
    hf_session_state back;
    bool is_stale;
    seal_with(0);
    memcpy(longer, ticket, sizeof ticket);
    for (size_t size = 0; size < sizeof longer; size++)
        cr_assert_eq(hf_ticket_open(&set, (hf_span){longer, size}, &back, &is_stale),
                     size == HF_TICKET_SIZE);
}

/* The master secret is not to be seen in it, and no two are alike. */
Test(tickets, are_sealed)
{
    uint8_t before[HF_TICKET_SIZE];
    seal_with(0);
    memcpy(before, ticket, sizeof ticket);
    seal_with(0);
    cr_assert_eq(memcmp(before, ticket, HF_TICKET_KEY_NAME_SIZE), 0);
    for (size_t i = HF_TICKET_KEY_NAME_SIZE; i + 8 <= sizeof ticket; i += 8)
        cr_assert_neq(memcmp(before + i, ticket + i, 8), 0);
}

static bool failing_random(void *context, uint8_t *out, size_t size)
{
    (void)context, (void)out, (void)size;
    return false;
}

Test(tickets, without_random)
{
    static const hf_random broken = {failing_random, NULL};
    hf_session session = some_session(7);
    make_keys();
    cr_assert_eq(hf_ticket_seal(&keys[0], &broken, &session.state, ticket), HF_ERROR_RANDOM_FAILED);
}

/* ---------------------------------------------------------------- the cache */

static hf_session_slot slots[3];
static hf_session_cache cache;

static void keep(uint8_t id)
{
    hf_session session = some_session(id);
    hf_session_cache_keep(&cache, session.id, &session.state);
}

static const hf_session_state *find(uint8_t id, size_t id_size)
{
    uint8_t whole[32];
    memset(whole, id, sizeof whole);
    return hf_session_cache_find(&cache, (hf_span){whole, id_size}, 0);
}

Test(session_cache, by_whole_id)
{
    hf_session_cache_init(&cache, slots, 3, 0);
    cr_assert_eq(cache.lifetime, 86400);
    keep(1);
    cr_assert_not_null(find(1, 32));
    for (size_t size = 0; size < 32; size++)
        cr_assert_null(find(1, size));
    cr_assert_null(find(2, 32));
    cr_assert_null(find(0, 32), "a free slot is no session of zeros");
    cr_assert_null(find(0, 0));
}

Test(session_cache, order_of_use)
{
    hf_session_cache_init(&cache, slots, 3, 0);
    keep(1);
    keep(2);
    keep(3);
    cr_assert_not_null(find(1, 32));
    keep(4);
    cr_assert_null(find(2, 32));
    cr_assert_not_null(find(3, 32));
    keep(5);
    cr_assert_null(find(1, 32));
    cr_assert_not_null(find(4, 32));
    cr_assert_not_null(find(5, 32));
}

/* A slot that is free again is taken before any session is pushed out. */
Test(session_cache, forgotten)
{
    uint8_t id[32];
    memset(id, 2, sizeof id);
    hf_session_cache_init(&cache, slots, 3, 0);
    keep(1);
    keep(2);
    keep(3);
    hf_session_cache_forget(&cache, (hf_span){id, 31});
    cr_assert_not_null(find(2, 32));
    hf_session_cache_forget(&cache, (hf_span){id, 32});
    cr_assert_null(find(2, 32));
    cr_assert(is_zero(&slots[1], sizeof slots[1]), "with its secret");
    keep(4);
    cr_assert_not_null(find(1, 32));
    cr_assert_not_null(find(3, 32));
    cr_assert_not_null(find(4, 32));
}

Test(session_cache, expired)
{
    uint8_t id[32];
    memset(id, 1, sizeof id);
    hf_session_cache_init(&cache, slots, 3, 0);
    keep(1);
    int64_t end = some_session(1).state.expires;
    cr_assert_not_null(hf_session_cache_find(&cache, (hf_span){id, 32}, end - 1));
    cr_assert_null(hf_session_cache_find(&cache, (hf_span){id, 32}, end));
    cr_assert(is_zero(&slots[0], sizeof slots[0]));
}

Test(session_cache, without_slots)
{
    hf_session_cache_init(&cache, slots, 0, 0);
    keep(1);
    cr_assert_null(find(1, 32));
    hf_session_cache_wipe(&cache);
}
