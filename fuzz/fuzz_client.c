/* What a client makes of a server's bytes: hf_conn_run in the role of a client, with
 * hf_incoming_next, hf_read_server_hello, hf_read_certificate, hf_verify_certificate,
 * hf_read_server_key_exchange, hf_verify_server_key_exchange, hf_read_server_hello_done,
 * hf_read_finished, and after the handshake data, alerts and requests to renegotiate.
 *
 * The input is two bytes of options (fuzz.h), then pieces as fuzz_live takes them. */
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_endpoint client;
    hf_reader input = hf_reader_of((hf_span){data, size});
    if (fuzz_start(&client, HF_CLIENT, fuzz_read_options(&input)))
        fuzz_live(&client, &input);
    return 0;
}
