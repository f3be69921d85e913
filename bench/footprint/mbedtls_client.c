/* Fetches a page with mbed TLS. */
#include "peer.h"

#include "mbedtls_common.h"

static mbedtls_ssl_config config;
static mbedtls_x509_crt anchors;

int main(void)
{
    peer_begin();
    mbedtls_x509_crt_init(&anchors);
    if (!mbed_configure(&config, MBEDTLS_SSL_IS_CLIENT) ||
        mbedtls_x509_crt_parse_der_nocopy(&anchors, root_certificate, root_certificate_size) != 0)
        return 2;
    mbedtls_ssl_conf_ca_chain(&config, &anchors, NULL);
    peer_handshake_begin();
    if (!mbed_begin(&config, PEER_NAME) || !mbed_handshake())
        return 1;
    peer_handshake_end();
    if (!mbed_write(PEER_REQUEST, sizeof PEER_REQUEST - 1))
        return 1;
    peer_take_page(mbed_read);
    mbed_close();
    peer_report_memory(sizeof(mbedtls_ssl_context), 0, sizeof config + sizeof anchors);
    return 0;
}
