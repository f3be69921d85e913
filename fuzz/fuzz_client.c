/* What a client makes of a server's bytes: hf_conn_run in the role of a client, and after the
 * handshake data, alerts and requests to renegotiate.
 *
 * The input is three bytes of options (fuzz.h), then pieces as fuzz_live takes them.
 *
 * covers: hf_conn_run, hf_incoming_next, hf_incoming_make_room, hf_read_server_hello
 * covers: hf_read_certificate, hf_verify_certificate, hf_read_certificate_status
 * covers: hf_read_server_key_exchange, hf_finish_server_key_exchange
 * covers: hf_read_certificate_request, hf_read_server_hello_done
 * covers: hf_read_new_session_ticket, hf_read_finished, hf_write_client_hello
 * covers: hf_write_certificate, hf_write_client_key_exchange, hf_write_certificate_verify
 * covers: hf_session_store, driver.c:read_part, driver.c:take_alert
 * dictionary: tls.dict */
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_endpoint client;
    hf_reader input = hf_reader_of((hf_span){data, size});
    if (fuzz_start(&client, HF_CLIENT, fuzz_read_options(&input)))
        fuzz_live(&client, &input);
    return 0;
}
