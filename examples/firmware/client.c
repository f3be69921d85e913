/* Fetches a page over TLS and resumes its session at the next boot. */
#include "report.h"
#include "semihosting.h"
#include "uart.h"

#include "crypto_glue/arena.h"
#include "crypto_glue/init.h"

#include <handfast/io.h>

/* Records of 1 KB: the receive buffer asks for them (max_fragment_length, record_size_limit). It
 * bounds a handshake message, too: 1 KB takes a chain of two certificates with P-256 keys. */
#define RX_SIZE (1024 + HF_RECORD_OVERHEAD)
#ifndef ARENA_SIZE
#define ARENA_SIZE 4096
#endif

/* client_constants.S */
extern const uint8_t root_certificate[];
extern const uint32_t root_certificate_size;

static hf_conn conn;
static hf_handshake handshake;
static hf_session session;
static uint8_t rx[RX_SIZE], tx[HF_TX_MIN];
static uint8_t arena[ARENA_SIZE];
static hf_trust_anchor anchor;

static const hf_config config = {
    .random = {semihosting_random, NULL},
    .clock = semihosting_time,
    .anchors = &anchor,
    .anchor_count = 1,
};

/* Flash that was never written gives an empty session, and so does one that is damaged. */
static void load_session(void)
{
    uint8_t bytes[HF_SESSION_BYTES];
    size_t size = semihosting_flash_read(bytes, sizeof bytes);
    (void)hf_session_read(&session, (hf_span){bytes, size});
}

static bool save_session(void)
{
    uint8_t bytes[HF_SESSION_BYTES];
    return semihosting_flash_write(bytes, hf_session_write(&session, bytes));
}

static bool fetch(hf_io *io)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    static uint8_t text[128 + 1];
    const ptrdiff_t size = sizeof request - 1;
    ptrdiff_t got;
    if (hf_io_send(io, (const uint8_t *)request, sizeof request - 1) != size)
        return false;
    while ((got = hf_io_receive(io, text, sizeof text - 1)) > 0) {
        text[got] = '\0';
        semihosting_print((const char *)text);
    }
    return got == 0;
}

static bool connect(void)
{
    anchor.certificate = (hf_span){root_certificate, root_certificate_size};
    load_session();
    return hf_conn_init(&conn, HF_CLIENT, &config, &handshake, (hf_buf){rx, sizeof rx},
                        (hf_buf){tx, sizeof tx}) == HF_OK &&
           hf_conn_set_server_name(&conn, "server.example") == HF_OK &&
           hf_conn_set_session(&conn, &session) == HF_OK;
}

static bool run(void)
{
    hf_io io = {&conn, uart_read, uart_write, NULL};
    report_handshake_begin();
    if (!connect() || hf_io_handshake(&io) != HF_OK)
        return false;
    report_handshake(&conn);
    /* From here on its memory is free for other uses. */
    bool fine = hf_conn_release_handshake(&conn) != NULL && save_session() && fetch(&io);
    return hf_io_close(&io) == HF_OK && fine;
}

int main(void)
{
    uart_begin();
    if (!hf_arena_init((hf_buf){arena, sizeof arena}) || hf_crypto_init() != HF_CRYPTO_OK)
        return 2;
    bool fine = run();
    bool failed = report_failure(&conn);
    report_memory(&(report_sizes){sizeof rx, sizeof tx});
    hf_conn_wipe(&conn);
    return fine && !failed ? 0 : 1;
}
