/* wolfSSL. */
#include <wolfssl/options.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/ssl.h>

#include "peer.h"

static WOLFSSL_CTX *context;
static WOLFSSL *ssl;
static WOLFSSL_SESSION *first;           /* the session of the first connection */
static const struct peer_options *given; /* for the callbacks */

static void list(void)
{
    static char names[16384];
    printf("wolfSSL %s\n1.1 1.2\n", wolfSSL_lib_version());
    if (wolfSSL_get_ciphers_iana(names, sizeof names) != WOLFSSL_SUCCESS)
        return;
    for (char *name = strtok(names, ":"); name != NULL; name = strtok(NULL, ":"))
        printf("%s\n", name);
}

static unsigned copy_psk(unsigned char *to, unsigned room)
{
    if (given->psk_size > room)
        return 0;
    memcpy(to, given->psk, given->psk_size);
    return (unsigned)given->psk_size;
}

static unsigned psk_of_client(WOLFSSL *unused, const char *hint, char *identity,
                              unsigned identity_room, unsigned char *to, unsigned room)
{
    (void)unused;
    (void)hint;
    snprintf(identity, identity_room, "%s", given->identity);
    return copy_psk(to, room);
}

static unsigned psk_of_server(WOLFSSL *unused, const char *identity, unsigned char *to,
                              unsigned room)
{
    (void)unused;
    return strcmp(identity, given->identity) == 0 ? copy_psk(to, room) : 0;
}

static WOLFSSL_METHOD *method(const struct peer_options *options)
{
    if (options->minor == 3)
        return options->is_server ? wolfTLSv1_2_server_method() : wolfTLSv1_2_client_method();
    return options->is_server ? wolfTLSv1_1_server_method() : wolfTLSv1_1_client_method();
}

static bool read_files(const struct peer_options *options)
{
    /* Debian builds it with OPENSSL_COMPATIBLE_DEFAULTS: clients verify nothing by themselves. */
    if (options->anchors != NULL && !options->is_server)
        wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER, NULL);
    if (options->anchors != NULL &&
        wolfSSL_CTX_load_verify_locations(context, options->anchors, NULL) != WOLFSSL_SUCCESS)
        return false;
    if (options->chain == NULL)
        return true;
    return wolfSSL_CTX_use_certificate_chain_file(context, options->chain) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_use_PrivateKey_file(context, options->key, WOLFSSL_FILETYPE_PEM) ==
               WOLFSSL_SUCCESS;
}

static bool configure(const struct peer_options *options)
{
    context = wolfSSL_CTX_new(method(options));
    if (context == NULL || !read_files(options) ||
        wolfSSL_CTX_set_cipher_list(context, options->suite) != WOLFSSL_SUCCESS)
        return false;
    if (strstr(options->suite, "_anon_") != NULL)
        wolfSSL_CTX_allow_anon_cipher(context);
    if (options->no_encrypt_then_mac)
        wolfSSL_CTX_AllowEncryptThenMac(context, 0);
    if (options->no_extended_master_secret)
        wolfSSL_CTX_DisableExtendedMasterSecret(context);
    if (options->psk_size != 0 && options->is_server)
        wolfSSL_CTX_set_psk_server_callback(context, psk_of_server);
    else if (options->psk_size != 0)
        wolfSSL_CTX_set_psk_client_callback(context, psk_of_client);
    if (options->is_server && options->resume != PEER_RESUME_BY_TICKET)
        wolfSSL_CTX_NoTicketTLSv12(context);
    if (options->is_server && options->resume != PEER_RESUME_BY_ID)
        wolfSSL_CTX_set_session_cache_mode(context, WOLFSSL_SESS_CACHE_OFF);
    return true;
}

/* WOLFSSL_MFL_2_9, 512 bytes, is 1, and so on. */
static bool configure_fragment(unsigned length)
{
    unsigned char code = WOLFSSL_MFL_2_9;
    while (length > 512) {
        length /= 2;
        code++;
    }
    return length == 0 || wolfSSL_UseMaxFragment(ssl, code) == WOLFSSL_SUCCESS;
}

static bool configure_trusted(const struct peer_options *options)
{
    unsigned char type;
    if (options->trusted_kind == NULL)
        return true;
    if (strcmp(options->trusted_kind, "pre-agreed") == 0)
        return wolfSSL_UseTrustedCA(ssl, WOLFSSL_TRUSTED_CA_PRE_AGREED, NULL, 0) == WOLFSSL_SUCCESS;
    if (strcmp(options->trusted_kind, "names") == 0)
        type = WOLFSSL_TRUSTED_CA_X509_NAME;
    else if (strcmp(options->trusted_kind, "keys") == 0)
        type = WOLFSSL_TRUSTED_CA_KEY_SHA1;
    else
        type = WOLFSSL_TRUSTED_CA_CERT_SHA1;
    return wolfSSL_UseTrustedCA(ssl, type, options->trusted, (unsigned)options->trusted_size) ==
           WOLFSSL_SUCCESS;
}

static bool configure_client(const struct peer_options *options)
{
    if (options->resume == PEER_RESUME_BY_TICKET &&
        wolfSSL_UseSessionTicket(ssl) != WOLFSSL_SUCCESS)
        return false;
    if (options->is_second && wolfSSL_set_session(ssl, first) != WOLFSSL_SUCCESS)
        return false;
    if (!configure_fragment(options->fragment) || !configure_trusted(options))
        return false;
    if (wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, options->name,
                       (unsigned short)strlen(options->name)) != WOLFSSL_SUCCESS)
        return false;
    if (options->truncated_hmac && wolfSSL_UseTruncatedHMAC(ssl) != WOLFSSL_SUCCESS)
        return false;
    return wolfSSL_check_domain_name(ssl, options->name) == WOLFSSL_SUCCESS;
}

static bool open_connection(const struct peer_options *options, int socket,
                            struct peer_result *result)
{
    given = options;
    wolfSSL_Init();
    if (!options->is_second && !configure(options))
        return peer_failed("set up", 0);
    ssl = wolfSSL_new(context);
    if (ssl == NULL || (options->is_server && !configure_trusted(options)) ||
        (!options->is_server && !configure_client(options)) ||
        wolfSSL_set_fd(ssl, socket) != WOLFSSL_SUCCESS)
        return peer_failed("set up", 0);
    int status = options->is_server ? wolfSSL_accept(ssl) : wolfSSL_connect(ssl);
    if (status != WOLFSSL_SUCCESS)
        return peer_failed("handshake", wolfSSL_get_error(ssl, status));
    result->minor = strcmp(wolfSSL_get_version(ssl), "TLSv1.2") == 0 ? 3 : 2;
    result->code = (uint16_t)wolfSSL_get_current_cipher_suite(ssl);
    if (wolfSSL_session_reused(ssl))
        result->words = PEER_RESUMED;
    if (!options->is_second)
        first = wolfSSL_get1_session(ssl);
    return true;
}

static int read_data(void *data, size_t size)
{
    int count = wolfSSL_read(ssl, data, (int)size);
    if (count > 0)
        return count;
    int error = wolfSSL_get_error(ssl, count);
    if (error == WOLFSSL_ERROR_ZERO_RETURN)
        return 0;
    peer_failed("wolfSSL_read", error);
    return -1;
}

static bool write_data(const void *data, size_t size)
{
    int count = wolfSSL_write(ssl, data, (int)size);
    return count == (int)size || peer_failed("wolfSSL_write", wolfSSL_get_error(ssl, count));
}

static void close_connection(void)
{
    wolfSSL_shutdown(ssl);
}

int main(int argc, char **argv)
{
    static const struct peer_library library = {list, open_connection, read_data, write_data,
                                                close_connection};
    return peer_main(argc, argv, &library);
}
