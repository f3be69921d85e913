/* Answers a request with mbed TLS. */
#include "peer.h"

#include "mbedtls_common.h"

static mbedtls_ssl_config config;
static mbedtls_x509_crt chain;
static mbedtls_pk_context key;

/* server_key.S */
extern const uint8_t server_key[];
extern const uint32_t server_key_size;

static bool configure_credentials(void)
{
    mbedtls_x509_crt_init(&chain);
    mbedtls_pk_init(&key);
    return mbedtls_x509_crt_parse_der_nocopy(&chain, leaf_certificate, leaf_certificate_size) ==
               0 &&
           mbedtls_x509_crt_parse_der_nocopy(&chain, issuer_certificate, issuer_certificate_size) ==
               0 &&
           mbedtls_pk_parse_key(&key, server_key, server_key_size, NULL, 0) == 0 &&
           mbedtls_ssl_conf_own_cert(&config, &chain, &key) == 0;
}

int main(void)
{
    peer_begin();
    if (!mbed_configure(&config, MBEDTLS_SSL_IS_SERVER) || !configure_credentials())
        return 2;
    peer_handshake_begin();
    if (!mbed_begin(&config, NULL) || !mbed_handshake())
        return 1;
    peer_handshake_end();
    if (!peer_take_request(mbed_read) || !mbed_write(PEER_PAGE, sizeof PEER_PAGE - 1))
        return 1;
    mbed_close();
    peer_report_memory(sizeof(mbedtls_ssl_context), 0, sizeof config + sizeof chain + sizeof key);
    return 0;
}
