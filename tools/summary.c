#include "tools/summary.h"

#include "tools/subject.h"

#include <stdio.h>

void printable(char *text, size_t capacity, hf_span bytes)
{
    size_t size = bytes.size < capacity ? bytes.size : capacity - 1;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = bytes.data[i];
        text[i] = (char)(c > ' ' && c <= '~' ? c : '?');
    }
    text[size] = '\0';
}

void summary_update(struct summary *summary, const hf_conn *conn)
{
    hf_span name = hf_conn_server_name(conn);
    if (name.size)
        printable(summary->server_name, sizeof summary->server_name, name);
    summary->version = hf_conn_version(conn);
    summary->suite = hf_conn_suite(conn);
    summary->group = hf_conn_group(conn);
    summary->scheme = hf_conn_scheme(conn);
    summary->extended_master_secret = hf_conn_extended_master_secret(conn);
    summary->secure_renegotiation = hf_conn_secure_renegotiation(conn);
    summary->encrypt_then_mac = hf_conn_encrypt_then_mac(conn);
    summary->truncated_hmac = hf_conn_truncated_hmac(conn);
    summary->resumed = hf_conn_resumed(conn);
    summary->client_authenticated = hf_conn_client_authenticated(conn);
    summary->max_fragment_length = hf_conn_max_fragment_length(conn);
    hf_span identity = hf_conn_psk_identity(conn);
    if (identity.size)
        printable(summary->psk_identity, sizeof summary->psk_identity, identity);
    printable(summary->protocol, sizeof summary->protocol, hf_conn_protocol(conn));
    const hf_binding *binding = hf_conn_binding(conn);
    if (binding) {
        hf_span any = HF_SPAN_LITERAL("*");
        printable(summary->binding, sizeof summary->binding,
                  binding->host.size ? binding->host : any);
    }
}

void summary_take_client(struct summary *summary, hf_span certificate)
{
    hf_certificate leaf;
    if (hf_certificate_read(&leaf, certificate) == HF_OK)
        subject_text(summary->client_subject, sizeof summary->client_subject, leaf.subject);
    if (!summary->client_subject[0])
        snprintf(summary->client_subject, sizeof summary->client_subject, "(empty)");
}

static size_t read_u24(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 16 | (size_t)bytes[1] << 8 | bytes[2];
}

void summary_take_certificates(struct summary *summary, hf_span body)
{
    size_t at = 3;
    for (size_t i = 0; i < HF_CHAIN_MAX && at + 3 <= body.size; i++) {
        hf_certificate certificate;
        size_t size = read_u24(body.data + at);
        if (size > body.size - at - 3)
            return;
        if (hf_certificate_read(&certificate, (hf_span){body.data + at + 3, size}) == HF_OK)
            subject_text(summary->peer_subjects[i], sizeof summary->peer_subjects[i],
                         certificate.subject);
        at += 3 + size;
    }
}

const char *summary_subject(const struct summary *summary, size_t index)
{
    return index < HF_CHAIN_MAX ? summary->peer_subjects[index] : "";
}

const char *summary_client(const struct summary *summary)
{
    if (!summary->established)
        return "";
    if (summary->client_subject[0])
        return summary->client_subject;
    return summary->client_authenticated ? "(verified when the session began)" : "";
}

static const char *or_none(const char *text)
{
    return text[0] ? text : "none";
}

static const char *yes_or_no(bool is_so)
{
    return is_so ? "yes" : "no";
}

static const char *fragment_length_text(uint16_t length)
{
    switch (length) {
    case 0:
        return "none";
    case 512:
        return "512";
    case 1024:
        return "1024";
    case 2048:
        return "2048";
    default:
        return "4096";
    }
}

bool summary_row(const struct summary *summary, size_t index, const char **label,
                 const char **value)
{
    const struct {
        const char *label, *value;
    } rows[] = {
        {"version", summary->version ? hf_version_name(summary->version) : "none"},
        {"suite", summary->suite ? summary->suite->name : "none"},
        {"group", summary->group ? summary->group->name : "none"},
        {"scheme", summary->scheme ? summary->scheme->name : "none"},
        {"server name", or_none(summary->server_name)},
        {"binding", or_none(summary->binding)},
        {"ALPN", or_none(summary->protocol)},
        {"client certificate", or_none(summary_client(summary))},
        {"PSK identity", summary->established ? or_none(summary->psk_identity) : "none"},
        {"encrypt then MAC", yes_or_no(summary->encrypt_then_mac)},
        {"truncated HMAC", yes_or_no(summary->truncated_hmac)},
        {"extended master secret", yes_or_no(summary->extended_master_secret)},
        {"secure renegotiation", yes_or_no(summary->secure_renegotiation)},
        {"max fragment length", fragment_length_text(summary->max_fragment_length)},
        {"resumed", yes_or_no(summary->resumed)},
    };
    if (index >= sizeof rows / sizeof rows[0])
        return false;
    *label = rows[index].label;
    *value = rows[index].value;
    return true;
}
