/* Limits at which a connection ends: what just keeps to one is accepted, one more is refused with a
 * reason of its own. docs/limits.md says where the others are tested. */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/record/record.h"
#include "tls/wire/codes.h"

#include <criterion/criterion.h>
#include <string.h>

static stepper s;
static relay line;

/* Records of HelloRequests, which a client in a handshake ignores (RFC 5246 7.4.1.1). */
Test(limits, bytes_of_a_handshake)
{
    static const uint8_t requests[4096];
    stepper_reach(&s, EXCHANGE_ECDSA, HF_CLIENT, 0);
    for (size_t left = HF_HANDSHAKE_BYTES_MAX; left != 0;) {
        size_t whole = 5 + sizeof requests, size = left < whole ? left - 5 : sizeof requests;
        cr_assert_eq(size % 4, 0);
        stepper_inject(&s, HF_CONTENT_HANDSHAKE, requests, size);
        cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        left -= 5 + size;
    }
    cr_assert_eq(endpoint_give(s.victim, (const uint8_t *)"\x16", 1), 1);
    stepper_expect_failure(&s, HF_ERROR_HANDSHAKE_FLOOD, HF_ALERT_HANDSHAKE_FAILURE);
}

/* Pads the ClientHello to a size (RFC 7685). */
static bool pad(relay *on, relayed *part)
{
    static const uint8_t zeros[HF_RX_MIN];
    const size_t *size = on->context;
    if (part->type == HF_CLIENT_HELLO)
        hello_add_extension(part, 21, zeros, *size - part->size - 4);
    return true;
}

/* A message as long as the receive buffer, and one byte longer. */
Test(limits, message_fills_the_buffer)
{
    for (size_t size = HF_RX_MIN; size <= HF_RX_MIN + 1; size++) {
        stepper_prepare(&s, EXCHANGE_ECDSA, HF_SERVER);
        s.p.server.rx_size = HF_RX_MIN;
        relay_connect(&line, &s.p, pad, &size);
        if (size == HF_RX_MIN) /* and all is well but the hash of the messages */
            expect_refusal(&s.p, HF_SERVER, HF_ERROR_BAD_RECORD_MAC, HF_ALERT_BAD_RECORD_MAC);
        else
            expect_refusal(&s.p, HF_SERVER, HF_ERROR_MESSAGE_EXCEEDS_BUFFER,
                           HF_ALERT_HANDSHAKE_FAILURE);
    }
}

/* The header is enough to tell. */
Test(limits, header_of_a_long_message)
{
    for (size_t size = HF_RX_MIN; size <= HF_RX_MIN + 1; size++) {
        const uint8_t header[4] = {HF_CLIENT_HELLO, 0, (uint8_t)((size - 4) >> 8),
                                   (uint8_t)(size - 4)};
        stepper_prepare(&s, EXCHANGE_ECDSA, HF_SERVER);
        s.p.server.rx_size = HF_RX_MIN;
        stepper_start(&s);
        stepper_inject(&s, HF_CONTENT_HANDSHAKE, header, sizeof header);
        if (size == HF_RX_MIN)
            cr_assert_eq(endpoint_reason(s.victim), HF_OK);
        else
            stepper_expect_failure(&s, HF_ERROR_MESSAGE_EXCEEDS_BUFFER, HF_ALERT_HANDSHAKE_FAILURE);
    }
}

/* RFC 5246 6.2.1: 2^14 bytes, in the clear and protected; test_records.c has one more. */
Test(limits, largest_record)
{
    static uint8_t largest[16384], got[16384];
    stepper_reach(&s, EXCHANGE_ECDSA, HF_CLIENT, 0);
    stepper_inject(&s, HF_CONTENT_HANDSHAKE, largest, sizeof largest); /* HelloRequests */
    stepper_expect_success(&s);
    memset(largest, 'x', sizeof largest);
    stepper_inject(&s, HF_CONTENT_APPLICATION_DATA, largest, sizeof largest);
    cr_assert_eq(endpoint_read(s.victim, got, sizeof got), sizeof largest);
    cr_assert(same_memory(got, largest, sizeof got));
}

/* ---------------------------------------------------------------- data under one key */

/* RFC 9325 4.4: 2^24.5 full records with AES-GCM; RFC 9147 4.5.3: 2^23 with AES-CCM, of which no
 * more than a third of the former are granted here. */
static uint32_t weight_of(uint16_t suite)
{
    bool is_ccm = suite >= 0xc0ac && suite <= 0xc0af;
    return is_ccm ? 3 : 1;
}

/* With a suite that both sides have; of what its key may seal the client has one KB left. */
static void reach_last_data(uint16_t suite)
{
    static uint16_t only;
    only = suite;
    stepper_prepare(&s, EXCHANGE_ECDSA, HF_CLIENT);
    s.p.client.config.suites = s.p.server.config.suites = (hf_code_list){&only, 1};
    s.p.client.config.renegotiation = s.p.server.config.renegotiation = HF_RENEGOTIATION_BY_BOTH;
    pair_connect(&s.p);
    expect_established(&s.p);
    s.p.client.conn.out.protection.used = s.p.server.conn.in.protection.used =
        HF_AES_AEAD_KB_MAX - weight_of(suite);
    expect_data(&s.p);
}

/* The alert still goes out. */
Test(limits, data_of_a_key)
{
    static const uint16_t suites[] = {0xc02b, 0xc02c, 0xc0ac, 0xc0ad, 0xc0ae, 0xc0af};
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        reach_last_data(suites[i]);
        cr_assert_eq(s.p.client.conn.out.protection.used, HF_AES_AEAD_KB_MAX);
        cr_assert(endpoint_write(&s.p.client, "more", 4));
        cr_assert(pair_run(&s.p));
        expect_refusal(&s.p, HF_CLIENT, HF_ERROR_KEY_EXHAUSTED, HF_ALERT_INTERNAL_ERROR);
    }
}

/* Full records, of which there are no more than the RFCs allow. */
Test(limits, records_of_a_key)
{
    static const struct {
        uint16_t suite;
        uint32_t most;
    } keys[] = {{0xc02b, 23726566}, {0xc0ac, 8388608}};
    static const uint8_t full[HF_PLAINTEXT_MAX];
    for (size_t i = 0; i < 2; i++) {
        reach_last_data(keys[i].suite);
        s.p.client.conn.out.protection.used = 0;
        cr_assert(endpoint_write(&s.p.client, full, sizeof full));
        (void)endpoint_run(&s.p.client);
        uint32_t used = s.p.client.conn.out.protection.used;
        cr_assert_gt(used, 0);
        cr_assert_leq(HF_AES_AEAD_KB_MAX / used, keys[i].most);
        cr_assert_gt(HF_AES_AEAD_KB_MAX / used, keys[i].most / 10 * 9);
    }
}

/* The limit of ChaCha20-Poly1305 is that of the sequence number (RFC 8446 5.5). */
Test(limits, data_of_other_ciphers)
{
    static const uint16_t suites[] = {0xcca9, 0xc023};
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        reach_last_data(suites[i]);
        expect_data(&s.p);
    }
}

/* A new key may be agreed upon under the old one, and then seals as many. */
Test(limits, data_after_a_renegotiation)
{
    reach_last_data(0xc02b);
    cr_assert_eq(hf_conn_renegotiate(&s.p.client.conn, NULL), HF_OK);
    cr_assert(pair_run(&s.p));
    expect_established(&s.p);
    cr_assert_eq(s.p.client.conn.out.protection.used, 0);
    expect_data(&s.p);
}

/* ---------------------------------------------------------------- of a configuration */

static hf_error init_client(void)
{
    endpoint *e = &s.p.client;
    return hf_conn_init(&e->conn, HF_CLIENT, &e->config, &e->handshake, (hf_buf){e->rx, e->rx_size},
                        (hf_buf){e->tx, e->tx_size});
}

Test(limits, credentials)
{
    static hf_credentials many[HF_CREDENTIALS_MAX + 1];
    stepper_prepare(&s, EXCHANGE_ECDSA, HF_CLIENT);
    for (size_t i = 0; i <= HF_CREDENTIALS_MAX; i++)
        many[i] = s.p.server.offered[0];
    s.p.client.config.credentials = many;
    s.p.client.config.credentials_count = HF_CREDENTIALS_MAX;
    cr_assert_eq(init_client(), HF_OK);
    s.p.client.config.credentials_count++;
    cr_assert_eq(init_client(), HF_ERROR_NO_CREDENTIALS);
}

Test(limits, buffers)
{
    stepper_prepare(&s, EXCHANGE_ECDSA, HF_CLIENT);
    s.p.client.rx_size = HF_RX_MIN;
    s.p.client.tx_size = HF_TX_MIN;
    cr_assert_eq(init_client(), HF_OK);
    s.p.client.rx_size--;
    cr_assert_eq(init_client(), HF_ERROR_BUFFER_TOO_SMALL);
    s.p.client.rx_size++;
    s.p.client.tx_size--;
    cr_assert_eq(init_client(), HF_ERROR_BUFFER_TOO_SMALL);
}
