/* CBC on the line: the first byte of data apart in TLS 1.0 (RFC 4346 F.3), and one answer to
 * everything that can be wrong with a record (RFC 5246 6.2.3.2, 7.2.2). */
#include "tests/flow/relay.h"
#include "tests/flow/stepper.h"

#include "tls/record/protection.h"

#include <criterion/criterion.h>
#include <string.h>

static pair p;
static relay line;
static uint16_t only_suite;
static uint8_t wire[40000];

static void connect_with(uint16_t suite, uint16_t version, bool encrypt_then_mac, bool truncated)
{
    pair_prepare(&p, "rsa2048");
    only_suite = suite;
    p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
    p.client.config.suites = p.server.config.suites = (hf_code_list){&only_suite, 1};
    p.client.config.version_min = p.client.config.version_max = version;
    p.client.config.without_encrypt_then_mac = !encrypt_then_mac;
    p.client.config.truncated_hmac = p.server.config.truncated_hmac = truncated;
    relay_connect(&line, &p, NULL, NULL);
    expect_established(&p);
    cr_assert_eq(hf_conn_encrypt_then_mac(&p.server.conn), encrypt_then_mac);
    cr_assert_eq(hf_conn_truncated_hmac(&p.server.conn), truncated);
}

/* Sizes of the fragments that go out for so many bytes of data; returns how many records. */
static size_t write_data(size_t size, size_t fragments[8], size_t *total)
{
    static const uint8_t data[20000] = {0x61};
    size_t count = 0;
    cr_assert(endpoint_write(&p.client, data, size));
    *total = endpoint_take(&p.client, wire, sizeof wire);
    for (size_t at = 0; at < *total; count++) {
        cr_assert_lt(count, 8);
        cr_assert_eq(wire[at], 23);
        fragments[count] = (size_t)wire[at + 3] << 8 | wire[at + 4];
        at += 5 + fragments[count];
    }
    return count;
}

static size_t read_data(size_t expected)
{
    static uint8_t got[20000];
    size_t size = endpoint_read(&p.server, got, sizeof got);
    cr_assert_eq(size, expected);
    return size;
}

/* In TLS 1.0 with CBC every piece of data goes out as one byte and the rest, the IV of the rest
 * being unpredictable when the data was chosen; nowhere else. */
Test(cbc_records, split)
{
    static const size_t sizes[] = {1, 2, 16, 100, 16000};
    static const uint16_t suites[] = {0x002f, 0x0035, 0x000a, 0x0005, 0x0002};
    for (size_t s = 0; s < 5; s++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++)
            for (int before = 0; before <= (s < 3); before++) {
                size_t fragments[8], total;
                connect_with(suites[s], version, before, false);
                for (size_t i = 0; i < 5; i++) {
                    bool split = s < 3 && version == HF_TLS1_0 && sizes[i] > 1;
                    hf_protection *out = &p.client.conn.out.protection;
                    cr_assert_eq(write_data(sizes[i], fragments, &total), split ? 2 : 1);
                    if (split) {
                        cr_assert_eq(fragments[0], hf_protection_sealed_size(out, 1));
                        cr_assert_eq(fragments[1], hf_protection_sealed_size(out, sizes[i] - 1));
                    }
                    /* The first record alone gives one byte. */
                    (void)endpoint_give(&p.server, wire, 5 + fragments[0]);
                    (void)read_data(split ? 1 : sizes[i]);
                    (void)endpoint_give(&p.server, wire + 5 + fragments[0],
                                        total - 5 - fragments[0]);
                    (void)read_data(split ? sizes[i] - 1 : 0);
                }
            }
}

/* Alerts and handshake messages are not the attacker's to choose and stay whole. */
Test(cbc_records, only_data_is_split)
{
    connect_with(0x002f, HF_TLS1_0, false, false);
    cr_assert_eq(line.seen_count[HF_CLIENT], 4); /* hello, key exchange, spec, one Finished */
    hf_conn_close(&p.client.conn);
    size_t size = endpoint_take(&p.client, wire, sizeof wire);
    cr_assert_eq(wire[0], 21);
    cr_assert_eq(size, 5 + ((size_t)wire[3] << 8 | wire[4]));
}

/* Each byte of a record damaged, the record cut to each shorter length or lengthened: the server
 * sends bad_record_mac, in a record like any other. */
static void expect_bad_record(const uint8_t *record, size_t size)
{
    static endpoint saved;
    saved = p.server;
    uint8_t out[200];
    (void)endpoint_give(&p.server, record, size);
    cr_assert_eq(endpoint_reason(&p.server), HF_ERROR_BAD_RECORD_MAC, "%s",
                 reason_name(endpoint_reason(&p.server)));
    cr_assert_eq(hf_conn_failure(&p.server.conn)->alert, 20);
    cr_assert_gt(endpoint_take(&p.server, out, sizeof out), 5);
    cr_assert_eq(out[0], 21);
    p.server = saved;
}

Test(cbc_records, one_answer)
{
    static const uint16_t suites[] = {0x002f, 0x000a, 0x003d, 0xc028};
    for (size_t s = 0; s < 4; s++)
        for (uint16_t version = s < 2 ? HF_TLS1_0 : HF_TLS1_2; version <= HF_TLS1_2; version++)
            for (unsigned bits = 0; bits < 4; bits++) {
                static uint8_t damaged[400];
                size_t fragments[8], total;
                connect_with(suites[s], version, bits & 1, bits >> 1);
                cr_assert_geq(write_data(30, fragments, &total), 1);
                size_t size = 5 + fragments[0];
                for (size_t i = 5; i < size; i++) {
                    memcpy(damaged, wire, size);
                    damaged[i] ^= 1;
                    expect_bad_record(damaged, size);
                }
                for (size_t length = 0; length <= fragments[0] + 33; length++) {
                    if (length == fragments[0])
                        continue;
                    memset(damaged, 0x5a, sizeof damaged);
                    memcpy(damaged, wire, length < fragments[0] ? 5 + length : size);
                    damaged[3] = (uint8_t)(length >> 8);
                    damaged[4] = (uint8_t)length;
                    expect_bad_record(damaged, 5 + length);
                }
            }
}

/* Whoever cuts an extension out of a hello gets no further than the first protected record or
 * Finished. */
static bool cut_out(relay *r, relayed *part)
{
    if (part->type == 2)
        cr_assert(hello_remove_extension(part, *(uint16_t *)r->context));
    return true;
}

Test(cbc_records, answers_cut_out)
{
    static const uint16_t codes[] = {22, 4};
    for (size_t i = 0; i < 2; i++)
        for (uint16_t version = HF_TLS1_0; version <= HF_TLS1_2; version++) {
            uint16_t code = codes[i];
            pair_prepare(&p, "rsa2048");
            only_suite = 0x002f;
            p.client.config.policy = p.server.config.policy = &hf_policy_legacy;
            p.client.config.suites = p.server.config.suites = (hf_code_list){&only_suite, 1};
            p.client.config.version_min = p.client.config.version_max = version;
            p.client.config.truncated_hmac = p.server.config.truncated_hmac = true;
            relay_connect(&line, &p, cut_out, &code);
            expect_refusal(&p, HF_SERVER, HF_ERROR_BAD_RECORD_MAC, 20);
        }
}
