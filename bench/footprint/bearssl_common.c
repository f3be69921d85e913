#include "peer.h"

#include "bearssl_common.h"

static uint8_t iobuf[IOBUF_SIZE];
static br_sslio_context io;

bool bear_configure(br_ssl_engine_context *engine)
{
    static const uint16_t suites[] = {BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256};
    uint8_t seed[32];
    br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_suites(engine, suites, 1);
    br_ssl_engine_set_hash(engine, br_sha256_ID, &br_sha256_vtable);
    br_ssl_engine_set_prf_sha256(engine, &br_tls12_sha256_prf);
    br_ssl_engine_set_ec(engine, &FOOTPRINT_EC);
    br_ssl_engine_set_ecdsa(engine, &br_ecdsa_i15_vrfy_asn1);
    br_ssl_engine_set_default_chapol(engine);
    br_ssl_engine_set_buffer(engine, iobuf, sizeof iobuf, 0);
    if (!peer_random(seed, sizeof seed))
        return false;
    br_ssl_engine_inject_entropy(engine, seed, sizeof seed);
    return true;
}

static int line_receive(void *context, unsigned char *data, size_t size)
{
    (void)context;
    ptrdiff_t got = peer_receive(data, size);
    return got > 0 ? (int)got : -1;
}

static int line_send(void *context, const unsigned char *data, size_t size)
{
    (void)context;
    return (int)peer_send(data, size);
}

void bear_begin(br_ssl_engine_context *engine)
{
    br_sslio_init(&io, engine, line_receive, NULL, line_send, NULL);
}

bool bear_write(const char *text, size_t size)
{
    return br_sslio_write_all(&io, text, size) == 0 && br_sslio_flush(&io) == 0;
}

int bear_read(uint8_t *data, size_t size)
{
    return br_sslio_read(&io, data, size);
}

void bear_close(void)
{
    (void)br_sslio_close(&io);
}
