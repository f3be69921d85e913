/* The smallest program that proves an installation: a client's first record. */
#include "crypto_glue/random.h"

#include <handfast/handfast.h>
#include <stdio.h>

static hf_conn conn;
static hf_handshake shake;
static uint8_t rx[HF_RX_MIN], tx[HF_TX_MIN];

int main(void)
{
    hf_config config = {.random = {hf_random_system, NULL}};
    hf_error error;
    hf_span first;

    if (hf_crypto_init() != HF_CRYPTO_OK)
        return 1;
    /* Anchors are missing, and the header's idea of a configuration is the library's. */
    error = hf_conn_init(&conn, HF_CLIENT, &config, &shake, (hf_buf){rx, sizeof rx},
                         (hf_buf){tx, sizeof tx});
    if (error != HF_ERROR_NO_TRUST_ANCHORS)
        return 2;
    config.verify = HF_VERIFY_NONE;
    error = hf_conn_init(&conn, HF_CLIENT, &config, &shake, (hf_buf){rx, sizeof rx},
                         (hf_buf){tx, sizeof tx});
    if (error != HF_OK)
        return 3;
    while (hf_conn_run(&conn) == HF_AGAIN)
        continue;
    first = hf_conn_outgoing(&conn);
    /* A handshake record (RFC 5246 6.2.1) that holds a ClientHello (7.4). */
    if (first.size < 6 || first.data[0] != 22 || first.data[5] != 1)
        return 4;
    printf("%zu bytes of ClientHello, numbers by %s\n", first.size, hf_crypto_math_name());
    return 0;
}
