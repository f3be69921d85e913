#include <handfast/io.h>

#include <string.h>

static hf_error send_pending(hf_io *io)
{
    for (;;) {
        hf_span outgoing = hf_conn_outgoing(io->conn);
        if (outgoing.size == 0)
            return HF_OK;
        ptrdiff_t sent = io->write(io->context, outgoing.data, outgoing.size);
        if (sent <= 0)
            return HF_ERROR_TRUNCATED;
        hf_error error = hf_conn_sent(io->conn, (size_t)sent);
        if (error != HF_OK)
            return error;
    }
}

static hf_error read_some(hf_io *io)
{
    hf_buf incoming = hf_conn_incoming(io->conn);
    if (incoming.size == 0)
        return HF_ERROR_BAD_STATE; /* nothing is left to wait for, as after a close */
    ptrdiff_t received = io->read(io->context, incoming.data, incoming.size);
    if (received > 0)
        return hf_conn_received(io->conn, (size_t)received);
    hf_conn_eof(io->conn);
    return HF_OK;
}

/* Works and moves bytes until one of the wanted bits is set. */
static hf_error run_until(hf_io *io, uint32_t wanted)
{
    for (;;) {
        hf_error error = hf_conn_run(io->conn);
        hf_error sent = send_pending(io);
        uint32_t wants = hf_conn_wants(io->conn);
        if ((wants & HF_HAS_WORK) != 0)
            continue;
        if (error != HF_OK)
            return error;
        if ((wants & wanted) != 0)
            return HF_OK;
        if (sent != HF_OK)
            return sent;
        error = read_some(io);
        if (error != HF_OK)
            return error;
    }
}

hf_error hf_io_handshake(hf_io *io)
{
    return run_until(io, HF_ESTABLISHED);
}

ptrdiff_t hf_io_receive(hf_io *io, uint8_t *data, size_t size)
{
    if (run_until(io, HF_CAN_READ | HF_CLOSED) != HF_OK)
        return HF_IO_ERROR;
    hf_span readable = hf_conn_readable(io->conn);
    if (size > readable.size)
        size = readable.size;
    if (size != 0)
        memcpy(data, readable.data, size);
    return hf_conn_consumed(io->conn, size) == HF_OK ? (ptrdiff_t)size : HF_IO_ERROR;
}

ptrdiff_t hf_io_send(hf_io *io, const uint8_t *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        if (run_until(io, HF_CAN_WRITE) != HF_OK)
            return HF_IO_ERROR;
        hf_buf writable = hf_conn_writable(io->conn);
        size_t part = size - done < writable.size ? size - done : writable.size;
        memcpy(writable.data, data + done, part);
        done += part;
        if (hf_conn_written(io->conn, part) != HF_OK)
            return HF_IO_ERROR;
    }
    hf_conn_flush(io->conn);
    (void)hf_conn_run(io->conn);
    return send_pending(io) == HF_OK && hf_conn_failure(io->conn) == NULL ? (ptrdiff_t)size
                                                                          : HF_IO_ERROR;
}

hf_error hf_io_close(hf_io *io)
{
    hf_conn_close(io->conn);
    for (;;) {
        hf_error error = run_until(io, HF_CAN_READ | HF_CLOSED);
        hf_span readable = hf_conn_readable(io->conn);
        if (error != HF_OK || readable.size == 0)
            return error;
        error = hf_conn_consumed(io->conn, readable.size); /* nobody asks for it any more */
        if (error != HF_OK)
            return error;
    }
}
