/* The random source and the primitives of crypto_glue failing at any call: the connection fails
 * with a reason of its own, its alert can be sent, nothing more is taken or handed out, and no
 * secret is left anywhere. */
#include "tests/flow/leftovers.h"
#include "tests/flow/primitives.h"
#include "tests/flow/scenario.h"
#include "tests/flow/stepper.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- the random source */

static struct {
    unsigned count, fail_at;
    bool for_good; /* all later calls fail as well */
    uint64_t *of;  /* whose source fails */
} source;

static bool failing_random(void *context, uint8_t *out, size_t size)
{
    if (context == source.of) {
        source.count++;
        if (source.fail_at != 0 &&
            (source.count == source.fail_at || (source.for_good && source.count > source.fail_at)))
            return false;
    }
    return test_random(context, out, size);
}

static void watch_source(endpoint *e, unsigned fail_at, bool for_good)
{
    source.count = 0;
    source.fail_at = fail_at;
    source.for_good = for_good;
    source.of = &e->random_state;
}

static void use_failing_source(void)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++)
        reneg_end(&world, (hf_role)role)->config.random.fill = failing_random;
}

/* ---------------------------------------------------------------- what must hold afterwards */

static endpoint *failed_itself(void)
{
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        endpoint *e = reneg_end(&world, (hf_role)role);
        if (endpoint_reason(e) != HF_OK && !hf_conn_failure(&e->conn)->alert_received)
            return e;
    }
    return NULL;
}

static void expect_dead(endpoint *e, const char *what)
{
    hf_conn *c = &e->conn;
    const hf_answer answer = {.refused = false};
    uint32_t wants = hf_conn_wants(c) & ~(uint32_t)(HF_ESTABLISHED | HF_CAN_SEND);
    cr_assert_eq(wants, HF_FAILED, "%s: wants %x", what, wants);
    cr_assert_eq(hf_conn_incoming(c).size, 0, "%s", what);
    cr_assert_eq(hf_conn_readable(c).size, 0, "%s", what);
    cr_assert_eq(hf_conn_writable(c).size, 0, "%s", what);
    cr_assert_null(hf_conn_question(c), "%s", what);
    cr_assert_eq(hf_conn_run(c), endpoint_reason(e), "%s", what);
    cr_assert_eq(hf_conn_received(c, 1), HF_ERROR_BAD_STATE, "%s", what);
    cr_assert_eq(hf_conn_written(c, 1), HF_ERROR_BAD_STATE, "%s", what);
    cr_assert_eq(hf_conn_consumed(c, 1), HF_ERROR_BAD_ARGUMENT, "%s", what);
    cr_assert_eq(hf_conn_answer(c, &answer), HF_ERROR_BAD_STATE, "%s", what);
    cr_assert_eq(hf_conn_renegotiate(c, NULL), HF_ERROR_BAD_STATE, "%s", what);
    leftovers_expect_none(e, what);
}

/* One side has failed, and the other has heard of it by the alert that the reason has; unless the
 * last record of all cannot be read: nothing is said behind one's own close_notify (RFC 5246
 * 7.2.1). */
static hf_error expect_told(const char *what)
{
    endpoint *victim = failed_itself();
    cr_assert_not_null(victim, "%s: nobody has failed", what);
    endpoint *other = victim == &world.r.p.client ? &world.r.p.server : &world.r.p.client;
    const hf_failure *why = hf_conn_failure(&victim->conn);
    expect_dead(victim, what);
    if ((hf_conn_wants(&other->conn) & HF_CLOSED) != 0) {
        cr_assert_eq(why->alert, HF_ALERT_NONE, "%s", what);
        leftovers_expect_none(other, what);
        return why->reason;
    }
    cr_assert_eq(why->alert, hf_reason_of(why->reason)->alert, "%s: %s has alert %d", what,
                 reason_name(why->reason), why->alert);
    cr_assert_eq(endpoint_reason(other), HF_ERROR_PEER_ALERT, "%s: %s, the other %s", what,
                 reason_name(why->reason), reason_name(endpoint_reason(other)));
    cr_assert_eq(hf_conn_failure(&other->conn)->alert, why->alert, "%s", what);
    expect_dead(other, what);
    return why->reason;
}

static bool is_over(const endpoint *e)
{
    return (hf_conn_wants(&e->conn) & (HF_FAILED | HF_CLOSED)) != 0;
}

/* A side that waits for another that has gone without a word still needs its secrets. */
static void live_watched(const char *what)
{
    scenario_again();
    use_failing_source();
    leftovers_forget();
    leftovers_paint_stack();
    scenario_live();
    const bool are_over = is_over(&world.r.p.client) && is_over(&world.r.p.server);
    cr_assert(!are_over || leftovers_stack_is_clean(), "%s: a secret is on the stack", what);
}

static const char *describe(const scenario *s, const char *what, unsigned call)
{
    static char text[160];
    (void)snprintf(text, sizeof text, "%s: %s, call %u", s->name, what, call);
    return text;
}

ParameterizedTestParameters(faults, random_source)
{
    static size_t places[SCENARIO_MAX];
    return cr_make_param_array(size_t, places, scenario_places(places));
}

ParameterizedTest(const size_t *place, faults, random_source)
{
    const scenario *s = &scenarios[*place];
    scenario_reach(s);
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        endpoint *e = reneg_end(&world, (hf_role)role);
        unsigned calls = 0;
        for (unsigned k = 0; k <= calls; k++) {
            const char *what = describe(s, role == HF_CLIENT ? "client's random" : "server's", k);
            watch_source(e, k, false);
            live_watched(what);
            if (k == 0) {
                cr_assert(scenario_has_succeeded(), "%s", what);
                leftovers_expect_none(&world.r.p.client, what);
                leftovers_expect_none(&world.r.p.server, what);
                calls = source.count;
            } else {
                cr_assert_eq(failed_itself(), e, "%s", what);
                cr_assert_eq(expect_told(what), HF_ERROR_RANDOM_FAILED, "%s", what);
            }
        }
        cr_assert_gt(calls, 0);
    }
}

ParameterizedTestParameters(faults, dead_random_source)
{
    static size_t places[SCENARIO_MAX];
    return cr_make_param_array(size_t, places, scenario_places(places));
}

/* A source that does not come back. Where each record takes an IV from it (RFC 5246 6.2.3.2) there
 * can be no alert either. */
ParameterizedTest(const size_t *place, faults, dead_random_source)
{
    const scenario *s = &scenarios[*place];
    scenario_reach(s);
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        endpoint *e = reneg_end(&world, (hf_role)role);
        for (unsigned k = 1;; k++) {
            const char *what = describe(s, role == HF_CLIENT ? "client's random" : "server's", k);
            watch_source(e, k, true);
            live_watched(what);
            if (source.count < k)
                break;
            cr_assert_eq(endpoint_reason(e), HF_ERROR_RANDOM_FAILED, "%s", what);
            expect_dead(e, what);
            if (source.count == k)
                (void)expect_told(what);
            else /* the alert, too, has asked for an IV */
                cr_assert_eq(hf_conn_failure(&e->conn)->alert, HF_ALERT_NONE, "%s", what);
            hf_conn_wipe(&world.r.p.client.conn);
            hf_conn_wipe(&world.r.p.server.conn);
            cr_assert(leftovers_stack_is_clean(), "%s: a secret is on the stack", what);
        }
    }
}

/* ---------------------------------------------------------------- primitives */

/* What the failures lead to that tell something about the peer or the configuration. */
static const struct {
    const char *function;
    hf_crypto_result result;
    hf_error reasons[2]; /* in the key exchange, in a certificate's path */
} verdicts[] = {
    {"hf_ec_shared_secret", HF_CRYPTO_BAD_POINT, {HF_ERROR_BAD_PUBLIC_VALUE}},
    {"hf_ec_shared_secret", HF_CRYPTO_BAD_KEY, {HF_ERROR_BAD_PUBLIC_VALUE}},
    {"hf_ec_check_point",
     HF_CRYPTO_BAD_POINT,
     {HF_ERROR_BAD_PUBLIC_VALUE, HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED}},
    {"hf_ecdsa_sign", HF_CRYPTO_BAD_KEY, {HF_ERROR_SIGNING_FAILED}},
    {"hf_ecdsa_verify",
     HF_CRYPTO_BAD_POINT,
     {HF_ERROR_SIGNATURE_WRONG, HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED}},
    {"hf_ecdsa_verify",
     HF_CRYPTO_BAD_SIGNATURE,
     {HF_ERROR_SIGNATURE_WRONG, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG}},
    {"hf_dh_generate", HF_CRYPTO_BAD_KEY, {HF_ERROR_CRYPTO_FAILED}},
    {"hf_dh_shared_secret", HF_CRYPTO_BAD_KEY, {HF_ERROR_BAD_PUBLIC_VALUE}},
    {"hf_dh_shared_secret", HF_CRYPTO_BAD_POINT, {HF_ERROR_BAD_PUBLIC_VALUE}},
    {"hf_dsa_sign", HF_CRYPTO_BAD_KEY, {HF_ERROR_SIGNING_FAILED}},
    {"hf_dsa_sign", HF_CRYPTO_NO_SPACE, {HF_ERROR_SIGNING_FAILED}},
    {"hf_dsa_verify",
     HF_CRYPTO_BAD_KEY,
     {HF_ERROR_SIGNATURE_WRONG, HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED}},
    {"hf_dsa_verify",
     HF_CRYPTO_BAD_SIGNATURE,
     {HF_ERROR_SIGNATURE_WRONG, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG}},
    {"hf_rsa_pkcs1_sign", HF_CRYPTO_BAD_KEY, {HF_ERROR_SIGNING_FAILED}},
    {"hf_rsa_pkcs1_sign", HF_CRYPTO_NO_SPACE, {HF_ERROR_SIGNING_FAILED}},
    {"hf_rsa_pss_sign", HF_CRYPTO_BAD_KEY, {HF_ERROR_SIGNING_FAILED}},
    {"hf_rsa_pss_sign", HF_CRYPTO_NO_SPACE, {HF_ERROR_SIGNING_FAILED}},
    {"hf_rsa_pkcs1_verify",
     HF_CRYPTO_BAD_KEY,
     {HF_ERROR_SIGNATURE_WRONG, HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED}},
    {"hf_rsa_pkcs1_verify",
     HF_CRYPTO_BAD_SIGNATURE,
     {HF_ERROR_SIGNATURE_WRONG, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG}},
    {"hf_rsa_pss_verify",
     HF_CRYPTO_BAD_KEY,
     {HF_ERROR_SIGNATURE_WRONG, HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED}},
    {"hf_rsa_pss_verify",
     HF_CRYPTO_BAD_SIGNATURE,
     {HF_ERROR_SIGNATURE_WRONG, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG}},
    {"hf_rsa_encrypt_premaster", HF_CRYPTO_BAD_KEY, {HF_ERROR_CRYPTO_FAILED}},
    {"hf_rsa_encrypt_premaster", HF_CRYPTO_NO_SPACE, {HF_ERROR_CRYPTO_FAILED}},
    {"hf_rsa_decrypt_premaster", HF_CRYPTO_BAD_KEY, {HF_ERROR_CRYPTO_FAILED}},
    {"hf_aead_open", HF_CRYPTO_BAD_TAG, {HF_ERROR_BAD_RECORD_MAC}},
};

/* A primitive that could not do its work says nothing about the peer. */
static bool is_right_reason(const char *function, hf_crypto_result result, hf_error reason)
{
    if (result == HF_CRYPTO_NO_RANDOM)
        return reason == HF_ERROR_RANDOM_FAILED;
    if (result == HF_CRYPTO_NO_MEMORY)
        return reason == HF_ERROR_OUT_OF_SCRATCH;
    if (result == HF_CRYPTO_FAILED)
        return reason == HF_ERROR_CRYPTO_FAILED;
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
        if (strcmp(verdicts[i].function, function) == 0 && verdicts[i].result == result)
            return reason == verdicts[i].reasons[0] || reason == verdicts[i].reasons[1];
    return false;
}

/* RFC 5077 3.1: a ticket that cannot be opened means a full handshake. */
static bool may_do_without(const scenario *s, const char *function)
{
    return s->handshake == SCENARIO_TICKET && !hf_conn_resumed(&world.r.p.client.conn) &&
           (strcmp(function, "hf_aead_init") == 0 || strcmp(function, "hf_aead_open") == 0);
}

static void fail_call(const scenario *s, const char *function, unsigned k, hf_crypto_result result)
{
    char what[160];
    (void)snprintf(what, sizeof what, "%s: call %u, %s gives %d", s->name, k, function, result);
    primitives_watch(k, result);
    live_watched(what);
    if (scenario_has_succeeded()) {
        cr_assert(may_do_without(s, function), "%s, and nobody cares", what);
        return;
    }
    hf_error reason = expect_told(what);
    cr_assert(is_right_reason(function, result, reason), "%s: %s", what, reason_name(reason));
}

ParameterizedTestParameters(faults, primitives)
{
    static size_t places[SCENARIO_MAX];
    return cr_make_param_array(size_t, places, scenario_places(places));
}

ParameterizedTest(const size_t *place, faults, primitives)
{
    static primitive_calls good;
    const scenario *s = &scenarios[*place];
    scenario_reach(s);
    watch_source(&world.r.p.client, 0, false);
    primitives_watch(0, HF_CRYPTO_OK);
    live_watched(s->name);
    cr_assert(scenario_has_succeeded(), "%s", s->name);
    good = primitives;
    cr_assert_leq(good.count, PRIMITIVE_CALLS_MAX);
    for (unsigned k = 1; k <= good.count; k++)
        for (int result = HF_CRYPTO_BAD_KEY; result <= HF_CRYPTO_FAILED; result++)
            if ((good.which[k - 1]->results >> result & 1) != 0)
                fail_call(s, good.which[k - 1]->name, k, (hf_crypto_result)result);
}
