/* What <handfast/conn.h> promises of a connection at any time. */
#ifndef HF_TESTS_CONTRACT_H
#define HF_TESTS_CONTRACT_H

#include "tests/support/pair.h"

/* Every bit of hf_conn_wants has its one meaning. */
void contract_expect(endpoint *e);
/* Without HF_HAS_WORK a call of hf_conn_run changes nothing, neither in sight nor in memory. */
void contract_expect_idle(endpoint *e);
/* Calls hf_conn_run once and checks what it returns. */
hf_error contract_run(endpoint *e);

#endif
