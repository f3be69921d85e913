#include <handfast/conn.h>

#include <string.h>

static size_t minimum(size_t a, size_t b)
{
    return a < b ? a : b;
}

hf_error hf_pump(hf_conn *c, const uint8_t *in, size_t *in_size, uint8_t *out, size_t *out_size)
{
    size_t taken = 0, given = 0;
    hf_error error;
    bool moved;
    hf_conn_flush(c);
    do {
        hf_buf incoming = hf_conn_incoming(c);
        size_t size = minimum(incoming.size, *in_size - taken);
        if (size != 0)
            memcpy(incoming.data, in + taken, size);
        taken += size;
        moved = size != 0 && hf_conn_received(c, size) == HF_OK;
        do {
            error = hf_conn_run(c);
        } while (error == HF_AGAIN);
        hf_span outgoing = hf_conn_outgoing(c);
        size = minimum(outgoing.size, *out_size - given);
        if (size != 0)
            memcpy(out + given, outgoing.data, size);
        given += size;
        moved = (size != 0 && hf_conn_sent(c, size) == HF_OK) || moved;
    } while (moved || (hf_conn_wants(c) & HF_HAS_WORK) != 0);
    *in_size = taken;
    *out_size = given;
    return error;
}
