#include "tests/sizes/minimal.h"

int minimal_client(void)
{
    static hf_conn conn;
    static hf_handshake handshake;
    static uint8_t rx[HF_RX_FULL], tx[HF_TX_MIN];
    static hf_trust_anchor anchor;
    static const hf_config config = {
        .random = {minimal_random, NULL},
        .anchors = &anchor,
        .anchor_count = 1,
        .allow_no_clock = true,
    };
    anchor.certificate = minimal_root;
    if (hf_conn_init(&conn, HF_CLIENT, &config, &handshake, (hf_buf){rx, sizeof rx},
                     (hf_buf){tx, sizeof tx}) != HF_OK ||
        hf_conn_set_server_name(&conn, "server.example") != HF_OK)
        return 1;
    return minimal_run(&conn, HF_SPAN_LITERAL("GET / HTTP/1.0\r\n\r\n"));
}
