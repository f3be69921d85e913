/* Recorded handshakes of strangers, replayed through keys/ and record/: master secret, key block,
 * both Finished messages, the protected records, and the signature of ServerKeyExchange. */
#include "tests/support/vectors.h"
#include "tls/handshake/handshake.h"
#include "tls/keys/keys.h"
#include "tls/record/record.h"

#include "crypto_glue/init.h"

#include <criterion/criterion.h>
#include <string.h>

static vectors v;
static const hf_config config;
static hf_conn c;
static hf_handshake shake;

static void expect(const uint8_t *got, const char *field, size_t size)
{
    hf_span expected = vectors_bytes(&v, field);
    cr_assert_eq(expected.size, size, "%s: %s", vectors_where(&v), field);
    cr_assert_eq(memcmp(got, expected.data, size), 0, "%s: %s", vectors_where(&v), field);
}

static void hear(const char *field)
{
    if (vectors_has(&v, field))
        hf_transcript_update(&shake.transcript, vectors_bytes(&v, field));
}

/* Messages up to ClientKeyExchange, with what the hellos say. */
static void replay_messages(void)
{
    memset(&c, 0, sizeof c);
    memset(&shake, 0, sizeof shake);
    hf_span suite = vectors_bytes(&v, "suite");
    c.handshake = &shake;
    c.config = &config;
    c.version = HF_TLS1_2;
    c.suite = hf_suite_of((uint16_t)(suite.data[0] << 8 | suite.data[1]));
    cr_assert_not_null(c.suite);
    c.extended_master_secret = vectors_number(&v, "extended") == 1;
    memcpy(shake.client_random, vectors_bytes(&v, "client_hello").data + 6, 32);
    memcpy(shake.server_random, vectors_bytes(&v, "server_hello").data + 6, 32);
    hf_transcript_begin(&shake.transcript, &config);
    hear("client_hello");
    hf_transcript_keep(&shake.transcript, c.suite->prf_hash);
    hear("server_hello");
    hear("certificate");
    hear("server_key_exchange");
    hear("server_hello_done");
    hear("client_key_exchange");
}

static void check_secrets(void)
{
    if (vectors_has(&v, "premaster")) {
        hf_span premaster = vectors_bytes(&v, "premaster");
        memcpy(shake.premaster, premaster.data, premaster.size);
        shake.premaster_size = (uint16_t)premaster.size;
        hf_derive_master_secret(&c);
        expect(c.master_secret, "master", 48);
    }
    memcpy(c.master_secret, vectors_bytes(&v, "master").data, 48);
    hf_derive_key_block(&c);
    expect(shake.key_block, "key_block", vectors_bytes(&v, "key_block").size);
}

/* A Finished message: 4 bytes of header, 12 of verify_data. */
static void check_finished(hf_role sender, const char *field)
{
    uint8_t finished[16] = {20, 0, 0, 12};
    hf_compute_verify_data(&c, sender, finished + 4);
    expect(finished, field, sizeof finished);
    hear(field);
}

/* The record opens to what was sent, and where the nonce is no choice of the sender's (RFC 7905
 * 2) sealing gives the same record again. */
static void check_record(hf_protection *keys, uint8_t type, const char *field, const char *content)
{
    uint8_t buffer[256];
    size_t size;
    hf_span record = vectors_bytes(&v, field);
    hf_protection before = *keys;
    memcpy(buffer, record.data, record.size);
    cr_assert_eq(record.data[0], type);
    cr_assert_eq(hf_protection_open(keys, type, HF_TLS1_2, buffer + 5, record.size - 5, &size),
                 HF_OK, "%s: %s", vectors_where(&v), field);
    size_t prefix = hf_protection_prefix(keys);
    expect(buffer + 5 + prefix, content, size);
    if (prefix == 0) {
        cr_assert_eq(hf_protection_seal(&before, type, HF_TLS1_2, buffer + 5, size), HF_OK);
        expect(buffer, field, record.size);
    }
}

static void check_records(hf_role sender, const char *finished_record, const char *finished,
                          const char *data_record, const char *data)
{
    hf_protection keys;
    cr_assert_eq(hf_activate_protection(&c, sender, &keys), HF_OK);
    check_record(&keys, 22, finished_record, finished);
    check_record(&keys, 23, data_record, data);
}

/* RFC 8422 5.4: the signature over both randoms and the parameters, by the first certificate. */
static void check_signature(void)
{
    hf_certificate leaf;
    hf_span message = vectors_bytes(&v, "certificate");
    hf_reader r = hf_reader_of((hf_span){message.data + 7, message.size - 7});
    cr_assert_eq(hf_certificate_read(&leaf, hf_read_vector24(&r, 1, 0xffffff)), HF_OK);
    message = vectors_bytes(&v, "server_key_exchange");
    r = hf_reader_of((hf_span){message.data + 4, message.size - 4});
    (void)hf_read_bytes(&r, 3);
    hf_span point = hf_read_vector8(&r, 1, 255);
    c.scheme = shake.scheme = hf_scheme_of(hf_read_u16(&r));
    shake.peer_signature = hf_read_vector16(&r, 0, 0xffff);
    cr_assert(hf_reader_done(&r) && c.scheme != NULL);
    shake.peer_public_key = leaf.public_key;
    hf_digest_parameters(&c, c.scheme->hash, (hf_span){message.data + 4, 4 + point.size});
    cr_assert_eq(hf_verify_signature(&c), HF_OK);
    shake.client_random[0] ^= 1;
    hf_digest_parameters(&c, c.scheme->hash, (hf_span){message.data + 4, 4 + point.size});
    cr_assert_eq(hf_verify_signature(&c), HF_ERROR_SIGNATURE_WRONG);
}

Test(transcript, strangers)
{
    size_t count = 0;
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    vectors_open(&v, "tls12_handshakes.txt");
    for (; vectors_next(&v); count++) {
        replay_messages();
        check_secrets();
        check_finished(HF_CLIENT, "client_finished");
        check_finished(HF_SERVER, "server_finished");
        check_records(HF_CLIENT, "client_finished_record", "client_finished", "client_data_record",
                      "client_data");
        check_records(HF_SERVER, "server_finished_record", "server_finished", "server_data_record",
                      "server_data");
        if (c.suite->key_exchange == HF_KX_ECDHE)
            check_signature();
    }
    cr_assert_eq(count, 4);
    vectors_close(&v);
}
