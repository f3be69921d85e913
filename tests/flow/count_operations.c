#include "tests/flow/count_operations.h"

#include "tests/flow/primitives.h"

#include <criterion/criterion.h>
#include <string.h>

unsigned count_operations(pair *p)
{
    unsigned total = 0;
    for (int round = 0; round < 200; round++) {
        endpoint *e = round % 2 == 0 ? &p->client : &p->server;
        endpoint *other = round % 2 == 0 ? &p->server : &p->client;
        primitives.public_key = 0;
        (void)hf_conn_run(&e->conn);
        cr_assert_leq(primitives.public_key, 1);
        total += primitives.public_key;
        hf_span out = hf_conn_outgoing(&e->conn);
        hf_buf in = hf_conn_incoming(&other->conn);
        cr_assert_leq(out.size, in.size);
        if (out.size != 0)
            memcpy(in.data, out.data, out.size);
        cr_assert_eq(hf_conn_received(&other->conn, out.size), HF_OK);
        cr_assert_eq(hf_conn_sent(&e->conn, out.size), HF_OK);
    }
    return total;
}
