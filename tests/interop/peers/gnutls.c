/* GnuTLS, for the suites with which gnutls-cli 3.7 crashes; as a client only. */
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"

static gnutls_session_t session;

static void list(void)
{
    unsigned char code[2];
    printf("GnuTLS %s\n1.0 1.1 1.2\n", gnutls_check_version(NULL));
    for (size_t i = 0; gnutls_cipher_suite_info(i, code, NULL, NULL, NULL, NULL) != NULL; i++)
        printf("%02X%02X\n", code[0], code[1]);
}

/* The row of GnuTLS's table of suites. */
static bool find_suite(uint16_t wanted, gnutls_kx_algorithm_t *exchange,
                       gnutls_cipher_algorithm_t *cipher, gnutls_mac_algorithm_t *mac)
{
    unsigned char code[2];
    for (size_t i = 0; gnutls_cipher_suite_info(i, code, exchange, cipher, mac, NULL) != NULL; i++)
        if ((code[0] << 8 | code[1]) == wanted)
            return true;
    return false;
}

static int set_priority(const struct peer_options *options)
{
    char text[256];
    gnutls_kx_algorithm_t exchange;
    gnutls_cipher_algorithm_t cipher;
    gnutls_mac_algorithm_t mac;
    if (!find_suite(options->code, &exchange, &cipher, &mac))
        return GNUTLS_E_UNKNOWN_CIPHER_SUITE;
    snprintf(text, sizeof text,
             "NONE:+VERS-TLS1.%d:+%s:+%s:+%s:+GROUP-ALL:+SIGN-ALL:+COMP-NULL%s%s",
             options->minor - 1, gnutls_kx_get_name(exchange), gnutls_cipher_get_name(cipher),
             mac == GNUTLS_MAC_AEAD ? "AEAD" : gnutls_mac_get_name(mac),
             options->no_encrypt_then_mac ? ":%NO_ETM" : "",
             options->no_extended_master_secret ? ":%NO_SESSION_HASH" : "");
    return gnutls_priority_set_direct(session, text, NULL);
}

static int set_up(const struct peer_options *options)
{
    static gnutls_psk_client_credentials_t credentials;
    const gnutls_datum_t psk = {(unsigned char *)(uintptr_t)options->psk,
                                (unsigned)options->psk_size};
    int error = gnutls_init(&session, GNUTLS_CLIENT);
    if (error == 0)
        error = gnutls_psk_allocate_client_credentials(&credentials);
    if (error == 0)
        error = gnutls_psk_set_client_credentials(credentials, options->identity, &psk,
                                                  GNUTLS_PSK_KEY_RAW);
    if (error == 0)
        error = gnutls_credentials_set(session, GNUTLS_CRD_PSK, credentials);
    if (error == 0)
        error =
            gnutls_server_name_set(session, GNUTLS_NAME_DNS, options->name, strlen(options->name));
    return error == 0 ? set_priority(options) : error;
}

static bool open_connection(const struct peer_options *options, int socket,
                            struct peer_result *result)
{
    int error = options->is_server ? GNUTLS_E_INVALID_REQUEST : set_up(options);
    if (error != 0)
        return peer_failed("set up", error);
    gnutls_transport_set_int(session, socket);
    error = gnutls_handshake(session);
    if (error != 0)
        return peer_failed("gnutls_handshake", error);
    result->minor = (int)gnutls_protocol_get_version(session) - (int)GNUTLS_TLS1_0 + 1;
    result->code = options->code; /* the only one that the priorities allow */
    return true;
}

static int read_data(void *data, size_t size)
{
    ssize_t count = gnutls_record_recv(session, data, size);
    if (count < 0)
        peer_failed("gnutls_record_recv", count);
    return (int)count;
}

static bool write_data(const void *data, size_t size)
{
    ssize_t count = gnutls_record_send(session, data, size);
    return count == (ssize_t)size || peer_failed("gnutls_record_send", count);
}

static void close_connection(void)
{
    gnutls_bye(session, GNUTLS_SHUT_WR);
}

int main(int argc, char **argv)
{
    static const struct peer_library library = {list, open_connection, read_data, write_data,
                                                close_connection};
    return peer_main(argc, argv, &library);
}
