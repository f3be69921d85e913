#include "tests/sizes/minimal.h"

#define RX_SIZE 2048

int minimal_server(void)
{
    static hf_conn conn;
    static hf_handshake handshake;
    static uint8_t rx[RX_SIZE], tx[HF_TX_MIN];
    static const hf_private_key key = {
        .type = HF_KEY_EC,
        .u.ec = {.curve = HF_CURVE_P256, .scalar = {minimal_scalar, sizeof minimal_scalar}},
    };
    static const hf_credentials credentials = {
        .chain = minimal_chain, .chain_count = 2, .key = &key};
    static const hf_binding binding = {.credentials = &credentials, .credentials_count = 1};
    static const hf_config config = {
        .random = {minimal_random, NULL},
        .bindings = &binding,
        .binding_count = 1,
    };
    if (hf_conn_init(&conn, HF_SERVER, &config, &handshake, (hf_buf){rx, sizeof rx},
                     (hf_buf){tx, sizeof tx}) != HF_OK)
        return 1;
    return minimal_run(&conn, HF_SPAN_LITERAL("HTTP/1.0 200 OK\r\n\r\nfrom the minimal server\n"));
}
