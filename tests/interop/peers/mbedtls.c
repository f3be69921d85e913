/* Mbed TLS 2.28. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"

static mbedtls_ssl_context ssl;
static mbedtls_ssl_config config;
static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context generator;
static mbedtls_x509_crt chain, anchors;
static mbedtls_pk_context key;
static int suites[2];
static mbedtls_ssl_cache_context cache;
static mbedtls_ssl_ticket_context tickets;
static mbedtls_ssl_session first; /* the session of the first connection */

static void list(void)
{
    printf("%s\n1.0 1.1 1.2\n", MBEDTLS_VERSION_STRING_FULL);
    for (const int *code = mbedtls_ssl_list_ciphersuites(); *code != 0; code++)
        printf("%04X\n", (unsigned)*code);
}

static int send_bytes(void *context, const unsigned char *data, size_t size)
{
    int count = peer_send(*(int *)context, data, size);
    return count < 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : count;
}

static int receive_bytes(void *context, unsigned char *data, size_t size)
{
    int count = peer_receive(*(int *)context, data, size);
    return count < 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : count;
}

static int read_files(const struct peer_options *options)
{
    int error = 0;
    if (options->anchors != NULL)
        error = mbedtls_x509_crt_parse_file(&anchors, options->anchors);
    if (error == 0 && options->chain != NULL)
        error = mbedtls_x509_crt_parse_file(&chain, options->chain);
    if (error == 0 && options->key != NULL)
        error = mbedtls_pk_parse_keyfile(&key, options->key, NULL);
    return error;
}

/* Servers have tickets or a cache; without either nothing is resumed. */
static int configure_resumption(const struct peer_options *options)
{
    bool by_ticket = options->resume == PEER_RESUME_BY_TICKET;
    if (!options->is_server) {
        mbedtls_ssl_conf_session_tickets(&config, by_ticket);
        return 0;
    }
    mbedtls_ssl_ticket_init(&tickets);
    mbedtls_ssl_cache_init(&cache);
    if (options->resume == PEER_RESUME_BY_ID)
        mbedtls_ssl_conf_session_cache(&config, &cache, mbedtls_ssl_cache_get,
                                       mbedtls_ssl_cache_set);
    if (!by_ticket)
        return 0;
    mbedtls_ssl_conf_session_tickets_cb(&config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
                                        &tickets);
    return mbedtls_ssl_ticket_setup(&tickets, mbedtls_ctr_drbg_random, &generator,
                                    MBEDTLS_CIPHER_AES_256_GCM, 3600);
}

/* MBEDTLS_SSL_MAX_FRAG_LEN_512 is 1, and so on. */
static int configure_fragment(unsigned length)
{
    unsigned char code = 1;
    while (length > 512) {
        length /= 2;
        code++;
    }
    return length == 0 ? 0 : mbedtls_ssl_conf_max_frag_len(&config, code);
}

static int configure(const struct peer_options *options)
{
    int error = mbedtls_ssl_config_defaults(
        &config, options->is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
        MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (error != 0)
        return error;
    suites[0] = options->code;
    mbedtls_ssl_conf_ciphersuites(&config, suites);
    mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, options->minor);
    mbedtls_ssl_conf_max_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, options->minor);
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &generator);
    mbedtls_ssl_conf_encrypt_then_mac(&config, options->no_encrypt_then_mac ? 0 : 1);
    mbedtls_ssl_conf_extended_master_secret(&config, options->no_extended_master_secret ? 0 : 1);
    mbedtls_ssl_conf_truncated_hmac(&config, options->truncated_hmac);
    if (!options->is_server)
        mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&config, &anchors, NULL);
    if (options->chain != NULL)
        error = mbedtls_ssl_conf_own_cert(&config, &chain, &key);
    if (error == 0 && options->psk_size != 0)
        error = mbedtls_ssl_conf_psk(&config, options->psk, options->psk_size,
                                     (const unsigned char *)options->identity,
                                     strlen(options->identity));
    if (error == 0)
        error = configure_fragment(options->fragment);
    return error == 0 ? configure_resumption(options) : error;
}

static int set_up(const struct peer_options *options)
{
    mbedtls_ssl_init(&ssl);
    mbedtls_ssl_config_init(&config);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&generator);
    mbedtls_x509_crt_init(&chain);
    mbedtls_x509_crt_init(&anchors);
    mbedtls_pk_init(&key);
    int error = mbedtls_ctr_drbg_seed(&generator, mbedtls_entropy_func, &entropy, NULL, 0);
    if (error == 0)
        error = read_files(options);
    if (error == 0)
        error = configure(options);
    if (error == 0)
        error = mbedtls_ssl_setup(&ssl, &config);
    if (error == 0 && !options->is_server)
        error = mbedtls_ssl_set_hostname(&ssl, options->name);
    return error;
}

static int set_up_again(const struct peer_options *options)
{
    int error = mbedtls_ssl_session_reset(&ssl);
    return error == 0 && !options->is_server ? mbedtls_ssl_set_session(&ssl, &first) : error;
}

/* The library does not tell whether it resumed, but a new session has a new master secret. */
static int note_resumption(const struct peer_options *options, struct peer_result *result)
{
    if (!options->is_second && options->is_server)
        memcpy(first.master, ssl.session->master, sizeof first.master);
    else if (!options->is_second)
        return mbedtls_ssl_get_session(&ssl, &first);
    else if (memcmp(first.master, ssl.session->master, sizeof first.master) == 0)
        result->words = PEER_RESUMED;
    return 0;
}

static bool open_connection(const struct peer_options *options, int socket,
                            struct peer_result *result)
{
    static int fd;
    fd = socket;
    int error = options->is_second ? set_up_again(options) : set_up(options);
    if (error != 0)
        return peer_failed("set up", error);
    mbedtls_ssl_set_bio(&ssl, &fd, send_bytes, receive_bytes, NULL);
    error = mbedtls_ssl_handshake(&ssl);
    if (error != 0)
        return peer_failed("mbedtls_ssl_handshake", error);
    result->minor = ssl.minor_ver;
    result->code = (uint16_t)mbedtls_ssl_get_ciphersuite_id(mbedtls_ssl_get_ciphersuite(&ssl));
    error = note_resumption(options, result);
    return error == 0 || peer_failed("mbedtls_ssl_get_session", error);
}

static int read_data(void *data, size_t size)
{
    int count = mbedtls_ssl_read(&ssl, data, size);
    if (count == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
        return 0;
    if (count <= 0)
        peer_failed("mbedtls_ssl_read", count);
    return count == 0 ? -1 : count;
}

static bool write_data(const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        int count = mbedtls_ssl_write(&ssl, (const unsigned char *)data + done, size - done);
        if (count <= 0)
            return peer_failed("mbedtls_ssl_write", count);
        done += (size_t)count;
    }
    return true;
}

static void close_connection(void)
{
    mbedtls_ssl_close_notify(&ssl);
}

int main(int argc, char **argv)
{
    static const struct peer_library library = {list, open_connection, read_data, write_data,
                                                close_connection};
    return peer_main(argc, argv, &library);
}
