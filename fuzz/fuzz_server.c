/* What a server makes of a client's bytes: hf_conn_run in the role of a server, with
 * hf_incoming_next, hf_read_client_hello, hf_choose, hf_read_client_key_exchange,
 * hf_finish_client_key_exchange, hf_read_finished, and after the handshake data, alerts and
 * attempts to renegotiate.
 *
 * The input is two bytes of options (fuzz.h), then pieces as fuzz_live takes them. */
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_endpoint server;
    hf_reader input = hf_reader_of((hf_span){data, size});
    if (fuzz_start(&server, HF_SERVER, fuzz_read_options(&input)))
        fuzz_live(&server, &input);
    return 0;
}
