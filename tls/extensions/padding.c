/* padding, RFC 7685: fills a ClientHello of 256 to 511 bytes up, for servers that hang on such. The
 * last extension, and never an empty one, which other servers choke on. */
#include "tls/extensions/extensions.h"

#define SIZE_MIN    256
#define SIZE_FILLED 512
#define HEADER_SIZE 4

static bool offers(const hf_conn *c)
{
    size_t size = c->handshake->compose_size;
    return c->config->padding && size >= SIZE_MIN && size < SIZE_FILLED;
}

static void write_offer(const hf_conn *c, hf_writer *w)
{
    size_t size = (size_t)c->handshake->compose_size + HEADER_SIZE;
    do
        hf_write_u8(w, 0);
    while (++size < SIZE_FILLED);
}

/* Servers ignore it and do not answer. */
const hf_extension hf_extension_padding = {
    .info = HF_EXTENSION_INFO(21, "padding", "RFC 7685 3"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_offer),
};
