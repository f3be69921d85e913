#include "tests/flow/contract.h"

#include "tests/flow/stepper.h"

#include <criterion/criterion.h>
#include <string.h>

/* All that a program can see of a connection. */
typedef struct view {
    uint32_t wants;
    hf_span outgoing, readable;
    hf_buf incoming, writable;
    hf_error reason;
    const hf_question *question;
} view;

static view look(endpoint *e)
{
    return (view){.wants = hf_conn_wants(&e->conn),
                  .outgoing = hf_conn_outgoing(&e->conn),
                  .readable = hf_conn_readable(&e->conn),
                  .incoming = hf_conn_incoming(&e->conn),
                  .writable = hf_conn_writable(&e->conn),
                  .reason = endpoint_reason(e),
                  .question = hf_conn_question(&e->conn)};
}

static bool has(const view *v, uint32_t bit)
{
    return (v->wants & bit) != 0;
}

void contract_expect(endpoint *e)
{
    view v = look(e);
    cr_assert_eq(has(&v, HF_CAN_RECEIVE), v.incoming.size != 0);
    cr_assert_eq(has(&v, HF_CAN_SEND), v.outgoing.size != 0);
    cr_assert_eq(has(&v, HF_CAN_READ), v.readable.size != 0);
    cr_assert_eq(has(&v, HF_CAN_WRITE), v.writable.size != 0);
    cr_assert_eq(has(&v, HF_HAS_QUESTION), v.question != NULL);
    cr_assert_eq(has(&v, HF_FAILED), v.reason != HF_OK);
    /* The alert may still go out, and a handshake that was completed has been. */
    if (has(&v, HF_FAILED))
        cr_assert_eq(v.wants & ~(uint32_t)(HF_CAN_SEND | HF_ESTABLISHED), HF_FAILED);
    if (has(&v, HF_CLOSED))
        cr_assert_eq(v.wants & ~(uint32_t)HF_HAS_WORK, HF_CLOSED | HF_ESTABLISHED);
    if (has(&v, HF_CAN_READ) || has(&v, HF_CAN_WRITE))
        cr_assert(has(&v, HF_ESTABLISHED));
}

hf_error contract_run(endpoint *e)
{
    hf_error error = hf_conn_run(&e->conn);
    view v = look(e);
    cr_assert_eq(error == HF_AGAIN, has(&v, HF_HAS_WORK));
    cr_assert_eq(error == HF_WAITING, has(&v, HF_HAS_QUESTION));
    if (error != HF_AGAIN && error != HF_WAITING)
        cr_assert_eq(error, v.reason);
    return error;
}

void contract_expect_idle(endpoint *e)
{
    static endpoint before;
    if ((hf_conn_wants(&e->conn) & HF_HAS_WORK) != 0)
        return;
    before = *e;
    view then = look(e);
    hf_error error = contract_run(e);
    view now = look(e);
    cr_assert_eq(error, now.reason != HF_OK ? now.reason : now.question ? HF_WAITING : HF_OK);
    cr_assert_eq(now.wants, then.wants);
    cr_assert_eq(now.outgoing.size, then.outgoing.size);
    cr_assert_eq(now.incoming.size, then.incoming.size);
    cr_assert_eq(now.readable.size, then.readable.size);
    cr_assert_eq(now.writable.size, then.writable.size);
    cr_assert_eq(memcmp(e->rx, before.rx, sizeof e->rx), 0);
    cr_assert_eq(memcmp(e->tx, before.tx, sizeof e->tx), 0);
    before.handshake.bytes_received = e->handshake.bytes_received; /* data that waits resets it */
    cr_assert(same_memory(&e->handshake, &before.handshake, sizeof e->handshake));
    cr_assert_eq(e->random_state, before.random_state);
}
