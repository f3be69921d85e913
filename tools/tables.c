/* The verbs that print the library's tables: suites, groups, schemes, extensions, reasons, flow. */
#include "tools/explain.h"
#include "tools/table.h"
#include "tools/tools.h"

#include <handfast/config.h>

#include <stdio.h>

static bool has_code(hf_code_list list, uint16_t code)
{
    for (size_t i = 0; i < list.count; i++)
        if (list.codes[i] == code)
            return true;
    return false;
}

static const char *key_exchange_name(const hf_suite *suite)
{
    static const char *const names[] = {
        [HF_KX_RSA] = "RSA",         [HF_KX_DHE] = "DHE",         [HF_KX_ECDHE] = "ECDHE",
        [HF_KX_PSK] = "PSK",         [HF_KX_DHE_PSK] = "DHE_PSK", [HF_KX_ECDHE_PSK] = "ECDHE_PSK",
        [HF_KX_RSA_PSK] = "RSA_PSK",
    };
    return names[suite->key_exchange];
}

static const char *cipher_name(hf_cipher cipher)
{
    static const char *const names[] = {
        [HF_CIPHER_NULL] = "NULL",
        [HF_CIPHER_RC4_128] = "RC4-128",
        [HF_CIPHER_3DES_EDE_CBC] = "3DES-EDE-CBC",
        [HF_CIPHER_AES_128_CBC] = "AES-128-CBC",
        [HF_CIPHER_AES_256_CBC] = "AES-256-CBC",
        [HF_CIPHER_AES_128_GCM] = "AES-128-GCM",
        [HF_CIPHER_AES_256_GCM] = "AES-256-GCM",
        [HF_CIPHER_AES_128_CCM] = "AES-128-CCM",
        [HF_CIPHER_AES_256_CCM] = "AES-256-CCM",
        [HF_CIPHER_AES_128_CCM_8] = "AES-128-CCM-8",
        [HF_CIPHER_AES_256_CCM_8] = "AES-256-CCM-8",
        [HF_CIPHER_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
    };
    return names[cipher];
}

static const char *key_name(hf_key_type type)
{
    static const char *const names[] = {
        [HF_KEY_NONE] = "-", [HF_KEY_RSA] = "RSA", [HF_KEY_EC] = "ECDSA", [HF_KEY_DSA] = "DSS"};
    return names[type];
}

/* What proves who the server is: a signature or key of its certificate, a pre-shared key, or
 * nothing. */
static const char *authentication_name(const hf_suite *suite)
{
    if (suite->authentication != HF_KEY_NONE)
        return key_name(suite->authentication);
    return suite->key_exchange >= HF_KX_PSK ? "PSK" : "anonymous";
}

/* The list of suites, groups or schemes of a policy. */
typedef hf_code_list (*list_of)(const hf_policy *policy);

static hf_code_list suites_of(const hf_policy *policy)
{
    return policy->suites;
}

static hf_code_list groups_of(const hf_policy *policy)
{
    return policy->groups;
}

static hf_code_list schemes_of(const hf_policy *policy)
{
    return policy->schemes;
}

/* The narrowest policy that has a code point, or none. */
static json_t *policy_name(list_of list, uint16_t code)
{
    static const hf_policy *const policies[] = {&hf_policy_default, &hf_policy_compatible,
                                                &hf_policy_legacy};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        if (has_code(list(policies[i]), code))
            return json_string(policies[i]->name);
    return json_null();
}

static json_t *suite_row(const hf_suite *suite)
{
    json_t *row = json_object();
    json_object_set_new(row, "code", table_code(suite->code));
    json_object_set_new(row, "name", json_string(suite->name));
    json_object_set_new(row, "key_exchange", json_string(key_exchange_name(suite)));
    json_object_set_new(row, "authentication", json_string(authentication_name(suite)));
    json_object_set_new(row, "cipher", json_string(cipher_name(suite->cipher)));
    json_object_set_new(
        row, "mac", json_string(suite->mac == HF_HASH_NONE ? "AEAD" : table_hash_name(suite->mac)));
    json_object_set_new(row, "prf_hash", json_string(table_hash_name(suite->prf_hash)));
    json_object_set_new(row, "version_min", json_string(hf_version_name(suite->version_min)));
    json_object_set_new(row, "policy", policy_name(suites_of, suite->code));
    return row;
}

int verb_suites(int argc, char **argv)
{
    static const char *const columns[] = {"code",   "name", "key_exchange", "authentication",
                                          "cipher", "mac",  "prf_hash",     "version_min",
                                          "policy", NULL};
    bool as_json = table_wants_json(argc, argv,
                                    "Prints the cipher suites of this build: code, name, key "
                                    "exchange, authentication, cipher, MAC, hash of TLS 1.2's PRF, "
                                    "lowest version and the first policy that has it; a suite "
                                    "without one is used only where --suites names it.");
    json_t *rows = json_array();
    const hf_suite *suite;
    for (size_t i = 0; (suite = hf_suite_at(i)); i++)
        json_array_append_new(rows, suite_row(suite));
    return table_print(rows, columns, as_json);
}

/* Size of the field in bits. */
static int group_bits(const hf_group *group)
{
    static const int bits[] = {
        [HF_CURVE_NONE] = 0, [HF_CURVE_P256] = 256, [HF_CURVE_P384] = 384, [HF_CURVE_P521] = 521};
    const hf_dh_group *finite = hf_dh_named_group(group->code);
    return finite ? (int)finite->prime.size * 8 : bits[group->curve];
}

int verb_groups(int argc, char **argv)
{
    static const char *const columns[] = {"code", "name", "kind", "bits", "policy", NULL};
    bool as_json = table_wants_json(argc, argv, "Prints the groups for key exchange.");
    json_t *rows = json_array();
    const hf_group *group;
    for (size_t i = 0; (group = hf_group_at(i)); i++) {
        json_t *row = json_object();
        json_object_set_new(row, "code", table_code(group->code));
        json_object_set_new(row, "name", json_string(group->name));
        json_object_set_new(row, "kind",
                            json_string(group->curve == HF_CURVE_NONE ? "finite field" : "curve"));
        json_object_set_new(row, "bits", json_integer(group_bits(group)));
        json_object_set_new(row, "policy", policy_name(groups_of, group->code));
        json_array_append_new(rows, row);
    }
    return table_print(rows, columns, as_json);
}

static const char *padding_name(hf_padding padding)
{
    return padding == HF_PADDING_PKCS1 ? "PKCS #1" : padding == HF_PADDING_PSS ? "PSS" : "-";
}

int verb_schemes(int argc, char **argv)
{
    static const char *const columns[] = {"code", "name", "key", "padding", "hash", "policy", NULL};
    bool as_json = table_wants_json(argc, argv, "Prints the signature schemes.");
    json_t *rows = json_array();
    const hf_scheme *scheme;
    for (size_t i = 0; (scheme = hf_scheme_at(i)); i++) {
        json_t *row = json_object();
        json_object_set_new(row, "code", table_code(scheme->code));
        json_object_set_new(row, "name", json_string(scheme->name));
        json_object_set_new(row, "key", json_string(key_name(scheme->key_type)));
        json_object_set_new(row, "padding", json_string(padding_name(scheme->padding)));
        json_object_set_new(row, "hash", json_string(table_hash_name(scheme->hash)));
        json_object_set_new(row, "policy", policy_name(schemes_of, scheme->code));
        json_array_append_new(rows, row);
    }
    return table_print(rows, columns, as_json);
}

int verb_extensions(int argc, char **argv)
{
    static const char *const columns[] = {"code", "name", "section", NULL};
    bool as_json = table_wants_json(argc, argv, "Prints the hello extensions.");
    json_t *rows = json_array();
    const hf_extension_info *extension;
    for (size_t i = 0; (extension = hf_extension_at(i)); i++) {
        json_t *row = json_object();
        json_object_set_new(row, "code", json_integer(extension->code));
        json_object_set_new(row, "name", json_string(extension->name));
        json_object_set_new(row, "section", json_string(extension->section));
        json_array_append_new(rows, row);
    }
    return table_print(rows, columns, as_json);
}

int verb_reasons(int argc, char **argv)
{
    static const char *const columns[] = {"symbol", "class", "alert", "section", NULL};
    bool as_json = table_wants_json(
        argc, argv, "Prints every reason for which a call or a handshake may fail.");
    json_t *rows = json_array();
    for (int error = HF_WAITING + 1; error < HF_ERROR_END; error++) {
        const hf_reason *reason = hf_reason_of((hf_error)error);
        const struct explain_text *text = explain_reason_text((hf_error)error);
        json_t *row = json_object();
        json_object_set_new(row, "symbol", json_string(reason->symbol));
        json_object_set_new(row, "class", json_string(table_class_name(reason->class_)));
        bool alert = reason->alert != HF_ALERT_NONE;
        json_object_set_new(row, "alert_code", alert ? json_integer(reason->alert) : json_null());
        json_object_set_new(row, "alert",
                            alert ? json_string(hf_alert_name(reason->alert)) : json_null());
        json_object_set_new(row, "section", json_string(reason->section));
        json_object_set_new(row, "sentence", json_string(reason->sentence));
        json_object_set_new(row, "causes", json_string(text->causes));
        json_object_set_new(row, "remedy", json_string(text->remedy));
        json_array_append_new(rows, row);
    }
    return table_print(rows, columns, as_json);
}

/* A row as an arrow from its sender's column to the other. */
static void draw_row(const hf_flow_row *row)
{
    if (row->sender == HF_CLIENT)
        printf("  %-20s ------------------>  %20s", row->name, "");
    else
        printf("  %-20s <------------------  %-20s", "", row->name);
    printf("  %s\n", row->when);
}

static json_t *flow_row(const hf_flow_row *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "ladder", json_string(row->resumed ? "resumed" : "full"));
    json_object_set_new(object, "sender",
                        json_string(row->sender == HF_CLIENT ? "client" : "server"));
    json_object_set_new(object, "message", json_string(row->name));
    json_object_set_new(object, "type",
                        row->message == HF_CHANGE_CIPHER_SPEC ? json_null()
                                                              : json_integer(row->message));
    json_object_set_new(object, "when", json_string(row->when));
    return object;
}

int verb_flow(int argc, char **argv)
{
    bool as_json = table_wants_json(
        argc, argv,
        "Prints the ladders that client and server walk, the full one and that of a resumed "
        "session, row by row, and when.");
    json_t *rows = json_array();
    hf_flow_row row, before = {.resumed = false};
    if (!as_json)
        printf("  %-42s  %-20s  %s\n", "client", "server", "when");
    for (size_t i = 0; hf_flow_at(i, &row); i++) {
        if (as_json) {
            json_array_append_new(rows, flow_row(&row));
        } else {
            if (row.resumed != before.resumed)
                printf("\n  a resumed session\n");
            draw_row(&row);
        }
        before = row;
    }
    if (as_json)
        return table_print_json(rows);
    json_decref(rows);
    return STATUS_DONE;
}
