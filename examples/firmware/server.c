/* Answers a few requests over TLS, one connection after the other, and resumes sessions by their
 * ID.
 */
#include "report.h"
#include "semihosting.h"
#include "uart.h"

#include "crypto_glue/arena.h"
#include "crypto_glue/init.h"

#include <handfast/io.h>

#define RX_SIZE     (1024 + HF_RECORD_OVERHEAD)
#define ARENA_SIZE  4096
#define SESSIONS    2
#define CONNECTIONS 4 /* then the program ends, for the report's sake */

/* server_constants.S */
extern const uint8_t leaf_certificate[], issuer_certificate[], private_scalar[];
extern const uint32_t leaf_certificate_size, issuer_certificate_size, private_scalar_size;

static hf_conn conn;
static hf_handshake handshake;
static uint8_t rx[RX_SIZE], tx[HF_TX_MIN];
static uint8_t arena[ARENA_SIZE];
static hf_session_slot slots[SESSIONS];
static hf_session_cache cache;
static hf_span chain[2];
static hf_private_key key = {.type = HF_KEY_EC, .u.ec.curve = HF_CURVE_P256};

static const hf_credentials credentials = {.chain = chain, .chain_count = 2, .key = &key};
static const hf_binding binding = {.credentials = &credentials, .credentials_count = 1};
static const hf_config config = {
    .random = {semihosting_random, NULL},
    .clock = semihosting_time,
    .bindings = &binding,
    .binding_count = 1,
    .cache = &cache,
};

/* HTTP/1.0: the page ends with the connection. */
static const char page[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"
                           "This is a Cortex-M3 without a heap.\n";

static void load_credentials(void)
{
    chain[0] = (hf_span){leaf_certificate, leaf_certificate_size};
    chain[1] = (hf_span){issuer_certificate, issuer_certificate_size};
    key.u.ec.scalar = (hf_span){private_scalar, private_scalar_size};
}

/* Reads until the empty line at the end of a request. */
static bool read_request(hf_io *io)
{
    static const char end[] = "\r\n\r\n";
    size_t seen = 0;
    while (seen < sizeof end - 1) {
        uint8_t byte;
        if (hf_io_receive(io, &byte, 1) != 1)
            return false;
        if (byte == end[seen])
            seen++;
        else
            seen = byte == end[0] ? 1 : 0;
    }
    return true;
}

static bool answer(hf_io *io)
{
    const ptrdiff_t size = sizeof page - 1;
    return hf_io_send(io, (const uint8_t *)page, sizeof page - 1) == size;
}

static bool serve(void)
{
    hf_io io = {&conn, uart_read, uart_write, NULL};
    report_handshake_begin();
    if (hf_conn_init(&conn, HF_SERVER, &config, &handshake, (hf_buf){rx, sizeof rx},
                     (hf_buf){tx, sizeof tx}) != HF_OK ||
        hf_io_handshake(&io) != HF_OK)
        return false;
    report_handshake(&conn);
    /* Another connection could now use the handshake object. */
    bool fine = hf_conn_release_handshake(&conn) != NULL && read_request(&io) && answer(&io);
    io.read = uart_read_byte;
    return hf_io_close(&io) == HF_OK && fine;
}

int main(void)
{
    bool fine = true;
    uart_begin();
    load_credentials();
    hf_session_cache_init(&cache, slots, SESSIONS, 0);
    if (!hf_arena_init((hf_buf){arena, sizeof arena}) || hf_crypto_init() != HF_CRYPTO_OK)
        return 2;
    semihosting_print("ready\n");
    for (int i = 0; i < CONNECTIONS; i++) {
        fine = serve() && fine;
        fine = !report_failure(&conn) && fine;
        hf_conn_wipe(&conn);
    }
    report_memory(&(report_sizes){sizeof rx, sizeof tx});
    return fine ? 0 : 1;
}
