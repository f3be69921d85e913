/* BearSSL. */
#include <bearssl.h>
#include <stdio.h>
#include <string.h>

#include "bearssl_files.h"
#include "peer.h"

static br_ssl_client_context client;
static br_ssl_server_context server;
static br_x509_minimal_context verifier;
static br_ssl_engine_context *engine;
static br_sslio_context io;
static br_skey_decoder_context key;
static br_x509_certificate chain[FILES_CERTIFICATES_MAX];
static br_x509_trust_anchor anchors[FILES_CERTIFICATES_MAX];
static unsigned char buffer[BR_SSL_BUFSIZE_BIDI];
static int fd;
static br_ssl_session_cache_lru cache;
static unsigned char cached[4096];
static br_ssl_session_parameters first; /* of the first connection */

static void list(void)
{
    printf("BearSSL\n1.0 1.1 1.2\n");
    br_ssl_client_init_full(&client, &verifier, NULL, 0);
    for (size_t i = 0; i < client.eng.suites_num; i++)
        printf("%04X\n", client.eng.suites_buf[i]);
}

static int send_bytes(void *unused, const unsigned char *data, size_t size)
{
    (void)unused;
    return peer_send(fd, data, size);
}

static int receive_bytes(void *unused, unsigned char *data, size_t size)
{
    (void)unused;
    int count = peer_receive(fd, data, size);
    return count > 0 ? count : -1;
}

static bool set_up_server(const struct peer_options *options)
{
    size_t count = options->chain != NULL ? files_chain(options->chain, chain) : 0;
    if (count == 0 || options->key == NULL || !files_key(options->key, &key))
        return false;
    if (br_skey_decoder_key_type(&key) == BR_KEYTYPE_RSA)
        br_ssl_server_init_full_rsa(&server, chain, count, br_skey_decoder_get_rsa(&key));
    else
        br_ssl_server_init_full_ec(&server, chain, count, BR_KEYTYPE_EC,
                                   br_skey_decoder_get_ec(&key));
    if (options->resume == PEER_RESUME_BY_ID) {
        br_ssl_session_cache_lru_init(&cache, cached, sizeof cached);
        br_ssl_server_set_cache(&server, &cache.vtable);
    }
    engine = &server.eng;
    return true;
}

static bool set_up_client(const struct peer_options *options)
{
    size_t count = options->anchors != NULL ? files_anchors(options->anchors, anchors) : 0;
    br_ssl_client_init_full(&client, &verifier, anchors, count);
    engine = &client.eng;
    return true;
}

static bool set_up(const struct peer_options *options)
{
    if (!(options->is_server ? set_up_server(options) : set_up_client(options)))
        return false;
    br_ssl_engine_set_versions(engine, (unsigned)(0x300 + options->minor),
                               (unsigned)(0x300 + options->minor));
    br_ssl_engine_set_suites(engine, &options->code, 1);
    /* As a client it asks for what its buffers hold. */
    size_t fragment = options->fragment != 0 ? options->fragment : 16384;
    br_ssl_engine_set_buffers_bidi(engine, buffer, fragment + 325, buffer + BR_SSL_BUFSIZE_INPUT,
                                   fragment + 85);
    return true;
}

/* A client's second connection begins with the session of the first one. */
static bool begin(const struct peer_options *options)
{
    return options->is_server ? br_ssl_server_reset(&server)
                              : br_ssl_client_reset(&client, options->name, options->is_second);
}

/* The library does not tell whether it resumed, but a new session has a new master secret. */
static void note_resumption(const struct peer_options *options,
                            const br_ssl_session_parameters *session, struct peer_result *result)
{
    if (!options->is_second)
        first = *session;
    else if (memcmp(first.master_secret, session->master_secret, sizeof first.master_secret) == 0)
        result->words = PEER_RESUMED;
}

static bool open_connection(const struct peer_options *options, int socket,
                            struct peer_result *result)
{
    br_ssl_session_parameters session;
    fd = socket;
    if ((!options->is_second && !set_up(options)) || !begin(options))
        return peer_failed("set up", 0);
    br_sslio_init(&io, engine, receive_bytes, NULL, send_bytes, NULL);
    if (br_sslio_flush(&io) < 0) /* runs the handshake */
        return peer_failed("handshake", br_ssl_engine_last_error(engine));
    br_ssl_engine_get_session_parameters(engine, &session);
    result->minor = (int)br_ssl_engine_get_version(engine) - 0x300;
    result->code = session.cipher_suite;
    note_resumption(options, &session, result);
    return true;
}

static int read_data(void *data, size_t size)
{
    int count = br_sslio_read(&io, data, size);
    if (count > 0)
        return count;
    int error = br_ssl_engine_last_error(engine);
    if (error != 0)
        peer_failed("br_sslio_read", error);
    return error == 0 ? 0 : -1;
}

static bool write_data(const void *data, size_t size)
{
    return (br_sslio_write_all(&io, data, size) == 0 && br_sslio_flush(&io) == 0) ||
           peer_failed("br_sslio_write_all", br_ssl_engine_last_error(engine));
}

static void close_connection(void)
{
    br_sslio_close(&io);
}

int main(int argc, char **argv)
{
    static const struct peer_library library = {list, open_connection, read_data, write_data,
                                                close_connection};
    return peer_main(argc, argv, &library);
}
