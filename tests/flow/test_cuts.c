/* The transport ends at any byte, of what comes and of what goes: a truncation is told from a
 * closure (RFC 5246 7.2.1), and no secret is left. */
#include "tests/flow/leftovers.h"
#include "tests/flow/scenario.h"
#include "tests/flow/stepper.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

static endpoint *victim, *peer;
static const char text[] = "some words that may be cut off";

/* ---------------------------------------------------------------- one cut */

static struct {
    endpoint victim;
    hf_session session;
    hf_session_slot slots[RESUME_SLOTS];
} before;

static void save(void)
{
    before.victim = *victim;
    before.session = world.r.session;
    memcpy(before.slots, world.r.slots, sizeof before.slots);
}

static void restore(void)
{
    *victim = before.victim;
    world.r.session = before.session;
    memcpy(world.r.slots, before.slots, sizeof before.slots);
}

/* What had come as a whole can still be read, and is right. */
static void read_the_rest(void)
{
    char got[sizeof text];
    if (hf_conn_readable(&victim->conn).size == 0)
        return;
    cr_assert_null(hf_conn_failure(&victim->conn));
    size_t size = endpoint_read(victim, got, sizeof got);
    cr_assert_eq(memcmp(got, text, size), 0);
}

static void expect_cut(const char *where, size_t at)
{
    hf_conn *c = &victim->conn;
    bool was_established = (hf_conn_wants(c) & HF_ESTABLISHED) != 0;
    save();
    hf_conn_eof(c);
    (void)endpoint_run(victim);
    read_the_rest();
    const hf_failure *why = hf_conn_failure(c);
    cr_assert_not_null(why, "%s at byte %zu is taken for an end", where, at);
    cr_assert_eq(why->reason, was_established ? HF_ERROR_TRUNCATED : HF_ERROR_CLOSED_IN_HANDSHAKE,
                 "%s at byte %zu: %s", where, at, reason_name(why->reason));
    cr_assert_eq(hf_conn_wants(c) & (HF_CAN_READ | HF_CAN_WRITE | HF_CAN_RECEIVE | HF_CLOSED), 0);
    if (at % 8 == 0) /* it takes much more time than all the rest */
        leftovers_expect_none(victim, where);
    restore();
}

/* ---------------------------------------------------------------- every byte */

static size_t sent, received; /* bytes, and with each a cut */

/* What the victim has to say, byte by byte. */
static void speak(void)
{
    hf_span out = hf_conn_outgoing(&victim->conn);
    for (; out.size != 0; out = hf_conn_outgoing(&victim->conn)) {
        hf_buf in = hf_conn_incoming(&peer->conn);
        expect_cut("cut while sending", sent++);
        cr_assert_gt(in.size, 0);
        in.data[0] = out.data[0];
        cr_assert_eq(hf_conn_received(&peer->conn, 1), HF_OK);
        cr_assert_eq(hf_conn_sent(&victim->conn, 1), HF_OK);
        (void)endpoint_run(victim);
    }
}

/* Likewise what it hears. */
static void listen(bool is_last)
{
    hf_span out = hf_conn_outgoing(&peer->conn);
    for (; out.size != 0; out = hf_conn_outgoing(&peer->conn)) {
        hf_buf in = hf_conn_incoming(&victim->conn);
        expect_cut("cut while receiving", received++);
        cr_assert_gt(in.size, 0);
        in.data[0] = out.data[0];
        cr_assert_eq(hf_conn_received(&victim->conn, 1), HF_OK);
        cr_assert_eq(hf_conn_sent(&peer->conn, 1), HF_OK);
        (void)endpoint_run(victim);
    }
    if (!is_last)
        expect_cut("cut between flights", received);
}

static void talk(void)
{
    do {
        (void)endpoint_run(victim);
        speak();
        (void)endpoint_run(peer);
        listen(false);
        (void)endpoint_run(victim);
    } while (hf_conn_outgoing(&victim->conn).size != 0);
}

static void expect_closed(void)
{
    hf_conn_eof(&victim->conn);
    (void)endpoint_run(victim);
    cr_assert_null(hf_conn_failure(&victim->conn), "a closure is taken for a truncation");
}

static void cut_everywhere(const scenario *s, hf_role role)
{
    char got[64];
    victim = reneg_end(&world, role);
    peer = reneg_end(&world, reneg_other(role));
    scenario_again();
    leftovers_forget();
    sent = received = 0;
    (void)endpoint_run(peer);
    talk();
    cr_assert_gt(world.seen[role].established, 0, "%s", s->name);
    cr_assert(endpoint_write(peer, text, sizeof text));
    (void)endpoint_run(peer);
    listen(false);
    cr_assert_eq(endpoint_read(victim, got, sizeof got), sizeof text);
    hf_conn_close(&peer->conn);
    (void)endpoint_run(peer);
    listen(true);
    save();
    expect_closed(); /* before its own close_notify has gone */
    restore();
    (void)endpoint_run(victim);
    cr_assert(hf_conn_outgoing(&victim->conn).size != 0);
    cr_assert_eq(hf_conn_sent(&victim->conn, hf_conn_outgoing(&victim->conn).size), HF_OK);
    expect_closed();
    cr_assert(hf_conn_wants(&victim->conn) & HF_CLOSED);
    leftovers_expect_none(victim, s->name);
    cr_assert_gt(sent, 100);
    cr_assert_gt(received, 100);
}

ParameterizedTestParameters(cuts, every_byte)
{
    static size_t places[SCENARIO_MAX];
    return cr_make_param_array(size_t, places, scenario_places(places));
}

ParameterizedTest(const size_t *place, cuts, every_byte)
{
    scenario_reach(&scenarios[*place]);
    for (int role = HF_CLIENT; role <= HF_SERVER; role++)
        cut_everywhere(&scenarios[*place], (hf_role)role);
}
