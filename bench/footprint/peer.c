#include "peer.h"

#include "meter.h"
#include "semihosting.h"
#include "uart.h"

#include "crypto_glue/arena.h"

static uint32_t begin, waited;
static size_t shared_in_arena;

ptrdiff_t peer_receive(uint8_t *data, size_t size)
{
    uint32_t from = meter_ticks();
    ptrdiff_t got = uart_read(NULL, data, size);
    waited += meter_ticks() - from;
    return got;
}

ptrdiff_t peer_send(const uint8_t *data, size_t size)
{
    uint32_t from = meter_ticks();
    ptrdiff_t sent = uart_write(NULL, data, size);
    waited += meter_ticks() - from;
    return sent;
}

int64_t peer_time(void)
{
    int64_t now = 0;
    (void)semihosting_time(NULL, &now);
    return now;
}

bool peer_random(uint8_t *out, size_t size)
{
    return semihosting_random(NULL, out, size);
}

void peer_begin(void)
{
    uart_begin();
    semihosting_print("ready\n");
}

void peer_handshake_begin(void)
{
    shared_in_arena = hf_arena_status().used;
    hf_arena_restart_peak();
    meter_paint_stack();
    waited = 0;
    begin = meter_ticks();
}

void peer_handshake_end(void)
{
    uint32_t taken = meter_ticks() - begin - waited;
    hf_arena_use arena = hf_arena_status();
    meter_print("handshake.stack_peak", meter_stack_peak());
    meter_print("handshake.thousand_instructions", meter_thousands(taken));
    meter_print("arena.shared", shared_in_arena);
    meter_print("arena.connection", arena.used - shared_in_arena);
    meter_print("arena.handshake", arena.peak - arena.used);
    meter_print("arena.refused", arena.refused);
}

void peer_report_memory(size_t connection, size_t handshake, size_t shared)
{
    meter_print("ram.connection", connection);
    meter_print("ram.handshake", handshake);
    meter_print("ram.shared", shared);
}

bool peer_take_request(peer_read_function read)
{
    static const char end[] = "\r\n\r\n";
    size_t seen = 0;
    while (seen < sizeof end - 1) {
        uint8_t byte;
        if (read(&byte, 1) != 1)
            return false;
        if (byte == end[seen])
            seen++;
        else
            seen = byte == end[0] ? 1 : 0;
    }
    return true;
}

void peer_take_page(peer_read_function read)
{
    static uint8_t text[128 + 1];
    int got;
    while ((got = read(text, sizeof text - 1)) > 0) {
        text[got] = '\0';
        semihosting_print((const char *)text);
    }
}
