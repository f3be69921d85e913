/* The verbs `anchors` and `credentials`: C source that puts certificates and a key into flash, in
 * the form that hf_config takes. */
#include "tools/identity.h"
#include "tools/tools.h"

#include <argp.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_PER_LINE 12
#define FILES_MAX      2

struct embed {
    const char *name; /* prefix of every symbol */
    const char *files[FILES_MAX];
    size_t file_count, files_wanted;
};

/* ------------------------------------------------------------------ arguments */

static bool is_identifier(const char *name)
{
    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct embed *embed = state->input;
    switch (key) {
    case 'n':
        if (!is_identifier(argument))
            argp_error(state, "--name takes a C identifier, not \"%s\"", argument);
        embed->name = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (embed->file_count == embed->files_wanted)
            argp_error(state, "too many files: \"%s\"", argument);
        embed->files[embed->file_count++] = argument;
        return 0;
    case ARGP_KEY_END:
        if (embed->file_count < embed->files_wanted)
            argp_error(state, "a file is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void parse_arguments(struct embed *embed, const char *usage, const char *purpose, int argc,
                            char **argv)
{
    static const struct argp_option rows[] = {
        {"name", 'n', "IDENTIFIER", 0, "What the C symbols are called", 0}, {0}};
    struct argp argp = {.options = rows, .parser = parse, .args_doc = usage, .doc = purpose};
    argp_parse(&argp, argc, argv, 0, NULL, embed);
}

/* ------------------------------------------------------------------ C source */

static void put_bytes(const char *prefix, const char *what, hf_span bytes)
{
    printf("static const uint8_t %s_%s[%zu] = {", prefix, what, bytes.size);
    for (size_t i = 0; i < bytes.size; i++)
        printf("%s0x%02x,", i % BYTES_PER_LINE ? " " : "\n    ", bytes.data[i]);
    puts("\n};");
}

static void put_numbered_bytes(const char *prefix, const char *what, size_t number, hf_span bytes)
{
    char numbered[40];
    snprintf(numbered, sizeof numbered, "%s_%zu", what, number);
    put_bytes(prefix, numbered, bytes);
}

static bool read_certificates(const char *path, const struct der_list *list,
                              hf_certificate *certificates)
{
    for (size_t i = 0; i < list->count; i++) {
        hf_error error = hf_certificate_read(&certificates[i], list->items[i]);
        if (error != HF_OK) {
            complain("%s: certificate %zu: %s", path, i + 1, hf_reason_of(error)->sentence);
            return false;
        }
    }
    return true;
}

/* An anchor is its name, its key and the constraints on what it may vouch for; the rest of its
 * certificate is not needed. */
static void put_anchors(const char *prefix, const hf_certificate *certificates, size_t count)
{
    puts("/* Trust anchors, made by `handfast anchors`. */\n#include <handfast/config.h>\n");
    for (size_t i = 0; i < count; i++) {
        put_numbered_bytes(prefix, "name", i, certificates[i].subject);
        put_numbered_bytes(prefix, "key", i, certificates[i].public_key_der);
        if (certificates[i].name_constraints.size)
            put_numbered_bytes(prefix, "constraints", i, certificates[i].name_constraints);
    }
    printf("\nconst hf_trust_anchor %s[%zu] = {\n", prefix, count);
    for (size_t i = 0; i < count; i++) {
        printf("    {.name = {%s_name_%zu, sizeof %s_name_%zu},\n", prefix, i, prefix, i);
        printf("     .public_key = {%s_key_%zu, sizeof %s_key_%zu}", prefix, i, prefix, i);
        if (certificates[i].name_constraints.size)
            printf(",\n     .name_constraints = {%s_constraints_%zu, sizeof %s_constraints_%zu}",
                   prefix, i, prefix, i);
        puts("},");
    }
    puts("};");
}

int verb_anchors(int argc, char **argv)
{
    struct embed embed = {.name = "anchors", .files_wanted = 1};
    parse_arguments(&embed, "CA.pem", "Prints C source of trust anchors for flash.", argc, argv);
    struct der_list list = {NULL, 0};
    int status = STATUS_OUTSIDE;
    if (pem_read_certificates(embed.files[0], &list)) {
        hf_certificate *certificates = must_allocate(list.count, sizeof *certificates);
        if (read_certificates(embed.files[0], &list, certificates)) {
            put_anchors(embed.name, certificates, list.count);
            status = STATUS_DONE;
        }
        free(certificates);
    }
    der_list_free(&list);
    return status;
}

/* A number of a key, as an array and as a field of hf_private_key.u. */
struct number {
    const char *name, *field;
    hf_span bytes;
};

/* What the key's file left out stays out. */
static void put_numbers(const char *prefix, const char *type, const struct number *numbers,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i].bytes.size)
            put_bytes(prefix, numbers[i].name, numbers[i].bytes);
    printf("\nstatic const hf_private_key %s_key = {\n    .type = %s", prefix, type);
    for (size_t i = 0; i < count; i++)
        if (numbers[i].bytes.size)
            printf(",\n    .u.%s = {%s_%s, sizeof %s_%s}", numbers[i].field, prefix,
                   numbers[i].name, prefix, numbers[i].name);
    puts(",\n};");
}

static void put_rsa_key(const char *prefix, const hf_rsa_private *key)
{
    const struct number numbers[] = {
        {"modulus", "rsa.public_key.modulus", key->public_key.modulus},
        {"exponent", "rsa.public_key.exponent", key->public_key.exponent},
        {"private_exponent", "rsa.private_exponent", key->private_exponent},
        {"prime1", "rsa.prime1", key->prime1},
        {"prime2", "rsa.prime2", key->prime2},
        {"exponent1", "rsa.exponent1", key->exponent1},
        {"exponent2", "rsa.exponent2", key->exponent2},
        {"coefficient", "rsa.coefficient", key->coefficient},
    };
    put_numbers(prefix, "HF_KEY_RSA", numbers, sizeof numbers / sizeof numbers[0]);
}

#if HF_WITH_DSS
static void put_dsa_key(const char *prefix, const hf_dsa_private *key)
{
    const struct number numbers[] = {
        {"prime", "dsa.public_key.prime", key->public_key.prime},
        {"subprime", "dsa.public_key.subprime", key->public_key.subprime},
        {"generator", "dsa.public_key.generator", key->public_key.generator},
        {"value", "dsa.public_key.value", key->public_key.value},
        {"exponent", "dsa.exponent", key->exponent},
    };
    put_numbers(prefix, "HF_KEY_DSA", numbers, sizeof numbers / sizeof numbers[0]);
}
#endif

static void put_ec_key(const char *prefix, hf_curve curve, hf_span scalar)
{
    static const char *const names[] = {[HF_CURVE_NONE] = "HF_CURVE_NONE",
                                        [HF_CURVE_P256] = "HF_CURVE_P256",
                                        [HF_CURVE_P384] = "HF_CURVE_P384",
                                        [HF_CURVE_P521] = "HF_CURVE_P521"};
    put_bytes(prefix, "scalar", scalar);
    printf("\nstatic const hf_private_key %s_key = {\n    .type = HF_KEY_EC,\n"
           "    .u.ec = {.curve = %s, .scalar = {%s_scalar, sizeof %s_scalar}},\n};\n",
           prefix, names[curve], prefix, prefix);
}

static void put_key(const char *prefix, const hf_private_key *key)
{
    switch (key->type) {
    case HF_KEY_RSA:
        put_rsa_key(prefix, &key->u.rsa);
        break;
    case HF_KEY_EC:
        put_ec_key(prefix, key->u.ec.curve, key->u.ec.scalar);
        break;
#if HF_WITH_DSS
    case HF_KEY_DSA:
        put_dsa_key(prefix, &key->u.dsa);
        break;
#endif
    default:
        break;
    }
}

static void put_credentials(const char *prefix, const struct identity *identity)
{
    puts("/* A certificate chain and its private key, made by `handfast credentials`.\n"
         " * Whoever has this file can be its server. */\n#include <handfast/config.h>\n");
    for (size_t i = 0; i < identity->chain.count; i++)
        put_numbered_bytes(prefix, "certificate", i, identity->chain.items[i]);
    printf("\nstatic const hf_span %s_chain[%zu] = {\n", prefix, identity->chain.count);
    for (size_t i = 0; i < identity->chain.count; i++)
        printf("    {%s_certificate_%zu, sizeof %s_certificate_%zu},\n", prefix, i, prefix, i);
    puts("};\n");
    put_key(prefix, &identity->key);
    printf("\nconst hf_credentials %s = {\n    .chain = %s_chain,\n    .chain_count = %zu,\n"
           "    .key = &%s_key,\n};\n",
           prefix, prefix, identity->chain.count, prefix);
}

int verb_credentials(int argc, char **argv)
{
    struct embed embed = {.name = "credentials", .files_wanted = 2};
    parse_arguments(&embed, "CERT.pem KEY.pem",
                    "Prints C source of a certificate chain and its private key for flash.", argc,
                    argv);
    struct identity *identity = identity_load(embed.files[0], embed.files[1]);
    if (!identity)
        return STATUS_OUTSIDE;
    put_credentials(embed.name, identity);
    identity_free(identity);
    return STATUS_DONE;
}
