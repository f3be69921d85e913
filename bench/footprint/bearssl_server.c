/* Answers a request with BearSSL. */
#include "peer.h"

#include "bearssl_common.h"

static br_ssl_server_context server;
static br_x509_certificate chain[2];
static br_ec_private_key key = {.curve = BR_EC_secp256r1};

/* BearSSL's structures have no const, and it does not write to what they point to. */
static void configure_credentials(void)
{
    chain[0] = (br_x509_certificate){(uint8_t *)leaf_certificate, leaf_certificate_size};
    chain[1] = (br_x509_certificate){(uint8_t *)issuer_certificate, issuer_certificate_size};
    key.x = (uint8_t *)private_scalar;
    key.xlen = private_scalar_size;
    br_ssl_server_set_single_ec(&server, chain, 2, &key, BR_KEYTYPE_SIGN, BR_KEYTYPE_EC,
                                &FOOTPRINT_EC, &br_ecdsa_i15_sign_asn1);
}

int main(void)
{
    peer_begin();
    br_ssl_server_zero(&server);
    if (!bear_configure(&server.eng))
        return 2;
    configure_credentials();
    if (br_ssl_server_reset(&server) != 1)
        return 2;
    bear_begin(&server.eng);
    peer_handshake_begin();
    if (!peer_take_request(bear_read))
        return 1;
    peer_handshake_end();
    if (!bear_write(PEER_PAGE, sizeof PEER_PAGE - 1))
        return 1;
    bear_close();
    peer_report_memory(sizeof server + IOBUF_SIZE, 0, 0);
    return 0;
}
