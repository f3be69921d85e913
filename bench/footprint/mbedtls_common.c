#include "peer.h"

#include "mbedtls_common.h"

#include "crypto_glue/arena.h"

#include <mbedtls/platform_util.h>

#include <time.h>

#define ARENA_SIZE 16384

static mbedtls_ssl_context ssl;

int64_t mbed_time(int64_t *now)
{
    (void)now;
    return peer_time();
}

struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *at, struct tm *out)
{
    time_t seconds = (time_t)*at;
    return gmtime_r(&seconds, out);
}

static int draw(void *context, unsigned char *out, size_t size)
{
    (void)context;
    return peer_random(out, size) ? 0 : MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
}

static int line_send(void *context, const unsigned char *data, size_t size)
{
    (void)context;
    return (int)peer_send(data, size);
}

static int line_receive(void *context, unsigned char *data, size_t size)
{
    (void)context;
    return (int)peer_receive(data, size);
}

bool mbed_configure(mbedtls_ssl_config *config, int endpoint)
{
    static uint8_t arena[ARENA_SIZE];
    if (!hf_arena_init((hf_buf){arena, sizeof arena}))
        return false;
    mbedtls_ssl_config_init(config);
    if (mbedtls_ssl_config_defaults(config, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return false;
    mbedtls_ssl_conf_rng(config, draw, NULL);
    return mbedtls_ssl_conf_max_frag_len(config, MBEDTLS_SSL_MAX_FRAG_LEN_1024) == 0;
}

bool mbed_begin(const mbedtls_ssl_config *config, const char *name)
{
    mbedtls_ssl_init(&ssl);
    mbedtls_ssl_set_bio(&ssl, NULL, line_send, line_receive, NULL);
    return mbedtls_ssl_setup(&ssl, config) == 0 &&
           (name == NULL || mbedtls_ssl_set_hostname(&ssl, name) == 0);
}

bool mbed_handshake(void)
{
    return mbedtls_ssl_handshake(&ssl) == 0;
}

bool mbed_write(const char *text, size_t size)
{
    return mbedtls_ssl_write(&ssl, (const unsigned char *)text, size) == (int)size;
}

int mbed_read(uint8_t *data, size_t size)
{
    return mbedtls_ssl_read(&ssl, data, size);
}

void mbed_close(void)
{
    (void)mbedtls_ssl_close_notify(&ssl);
}
