/* A session as bytes, and the cache by itself. */
#include "tls/session/sessions.h"

#include <criterion/criterion.h>
#include <string.h>

static hf_session some_session(uint8_t id)
{
    hf_session session;
    memset(&session, 0, sizeof session);
    session.id_size = 32;
    memset(session.id, id, sizeof session.id);
    memset(session.master_secret, 0x4d, sizeof session.master_secret);
    memset(session.server_name, 0x4e, sizeof session.server_name);
    session.version = 0x0303;
    session.suite = 0xc02b;
    session.expires = INT64_C(0x0102030405060708);
    return session;
}

static bool are_equal(const hf_session *a, const hf_session *b)
{
    return a->id_size == b->id_size && memcmp(a->id, b->id, sizeof a->id) == 0 &&
           memcmp(a->master_secret, b->master_secret, sizeof a->master_secret) == 0 &&
           memcmp(a->server_name, b->server_name, sizeof a->server_name) == 0 &&
           a->version == b->version && a->suite == b->suite &&
           a->extended_master_secret == b->extended_master_secret &&
           a->truncated_hmac == b->truncated_hmac &&
           a->client_authenticated == b->client_authenticated &&
           a->server_verified == b->server_verified && a->expires == b->expires;
}

static bool is_zero(const void *memory, size_t size)
{
    const uint8_t *bytes = memory;
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    return size == 0;
}

/* ---------------------------------------------------------------- bytes */

/* All that there is to a session comes back, for every combination of its flags. */
Test(session, there_and_back)
{
    uint8_t bytes[HF_SESSION_BYTES], again[HF_SESSION_BYTES];
    for (unsigned bits = 0; bits < 16; bits++) {
        hf_session session = some_session(7), back;
        session.extended_master_secret = (bits & 1) != 0;
        session.truncated_hmac = (bits & 2) != 0;
        session.client_authenticated = (bits & 4) != 0;
        session.server_verified = (bits & 8) != 0;
        hf_session_write(&session, bytes);
        memset(&back, 0xee, sizeof back);
        cr_assert(hf_session_read(&back, bytes));
        cr_assert(are_equal(&session, &back), "flags %x", bits);
        hf_session_write(&back, again);
        cr_assert_eq(memcmp(bytes, again, sizeof bytes), 0);
    }
}

/* Each of the bytes counts: another one gives another session or none. */
Test(session, every_byte)
{
    uint8_t bytes[HF_SESSION_BYTES];
    hf_session session = some_session(7), back;
    hf_session_write(&session, bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 1;
        cr_assert(!hf_session_read(&back, bytes) || !are_equal(&session, &back), "byte %zu", i);
        bytes[i] ^= 1;
    }
}

/* What another version wrote, or nobody. */
Test(session, malformed)
{
    static const hf_session none;
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = {{0, 0}, {0, 2}, {0, 255}, {1, 33}, {1, 255}, {118, 16}, {118, 255}};
    uint8_t bytes[HF_SESSION_BYTES];
    hf_session session = some_session(7), back;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_session_write(&session, bytes);
        bytes[rows[i].at] = rows[i].value;
        cr_assert_not(hf_session_read(&back, bytes), "row %zu", i);
        cr_assert(are_equal(&none, &back));
    }
    memset(bytes, 0, sizeof bytes);
    cr_assert_not(hf_session_read(&back, bytes));
    memset(bytes, 0xff, sizeof bytes);
    cr_assert_not(hf_session_read(&back, bytes));
}

Test(session, wiped)
{
    hf_session session = some_session(7);
    hf_session_wipe(&session);
    cr_assert(is_zero(&session, sizeof session));
}

/* ---------------------------------------------------------------- the cache */

static hf_session_slot slots[3];
static hf_session_cache cache;

static void keep(uint8_t id)
{
    hf_session session = some_session(id);
    hf_session_cache_keep(&cache, &session);
}

static const hf_session *find(uint8_t id, size_t id_size)
{
    uint8_t bytes[32];
    memset(bytes, id, sizeof bytes);
    return hf_session_cache_find(&cache, (hf_span){bytes, id_size}, 0);
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
    int64_t end = some_session(1).expires;
    cr_assert_not_null(hf_session_cache_find(&cache, (hf_span){id, 32}, end - 1));
    cr_assert_null(hf_session_cache_find(&cache, (hf_span){id, 32}, end));
    cr_assert(is_zero(&slots[0], sizeof slots[0]));
}

/* Sessions that cannot be resumed, and a cache that cannot keep any. */
Test(session_cache, nothing_to_keep)
{
    hf_session session = some_session(1);
    hf_session_cache_init(&cache, slots, 3, 0);
    session.id_size = 0;
    hf_session_cache_keep(&cache, &session);
    cr_assert_eq(slots[0].used, 0);
    hf_session_cache_init(&cache, slots, 0, 0);
    keep(1);
    cr_assert_null(find(1, 32));
    hf_session_cache_wipe(&cache);
}
