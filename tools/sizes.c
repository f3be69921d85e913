/* The verb `sizes`: what a connection costs in memory, in this build. */
#include "tools/table.h"
#include "tools/tools.h"

#include <handfast/conn.h>
#include <handfast/io.h>

int verb_sizes(int argc, char **argv)
{
    static const struct {
        const char *name;
        size_t bytes;
        const char *purpose;
    } sizes[] = {
        {"hf_conn", sizeof(hf_conn), "a connection"},
        {"hf_handshake", sizeof(hf_handshake), "needed only while a handshake runs"},
        {"HF_RX_MIN", HF_RX_MIN, "smallest receive buffer"},
        {"HF_RX_FULL", HF_RX_FULL, "receive buffer for the largest record"},
        {"HF_TX_MIN", HF_TX_MIN, "smallest transmit buffer"},
        {"HF_TX_FULL", HF_TX_FULL, "transmit buffer for the largest record"},
        {"hf_config", sizeof(hf_config), "shared by connections, may be in flash"},
        {"hf_policy", sizeof(hf_policy), "in flash"},
        {"hf_credentials", sizeof(hf_credentials), "may be in flash"},
        {"hf_binding", sizeof(hf_binding), "a row of the SNI table, may be in flash"},
        {"hf_private_key", sizeof(hf_private_key), "a view of the key's bytes"},
        {"hf_public_key", sizeof(hf_public_key), "a view of the key's bytes"},
        {"hf_trust_anchor", sizeof(hf_trust_anchor), "may be in flash"},
        {"hf_observer", sizeof(hf_observer), "may be in flash"},
        {"hf_certificate", sizeof(hf_certificate), "a certificate taken apart"},
        {"hf_path", sizeof(hf_path), "a path validation; part of hf_handshake"},
        {"hf_path_rules", sizeof(hf_path_rules), "what a path must satisfy"},
        {"hf_question", sizeof(hf_question), "part of hf_conn"},
        {"hf_answer", sizeof(hf_answer), "on the stack of a call"},
        {"hf_event", sizeof(hf_event), "on the stack of a call"},
        {"hf_failure", sizeof(hf_failure), "part of hf_conn"},
        {"hf_io", sizeof(hf_io), "only with the blocking helper"},
    };
    static const char *const columns[] = {"name", "bytes", "purpose", NULL};
    bool as_json = table_wants_json(
        argc, argv, "Prints the bytes of every public object and of the buffers in this build.");
    json_t *rows = json_array();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        json_t *row = json_object();
        json_object_set_new(row, "name", json_string(sizes[i].name));
        json_object_set_new(row, "bytes", json_integer((json_int_t)sizes[i].bytes));
        json_object_set_new(row, "purpose", json_string(sizes[i].purpose));
        json_array_append_new(rows, row);
    }
    return table_print(rows, columns, as_json);
}
