#include "tools/report.h"

#include "tools/verdict.h"

#include <handfast/alert.h>

#include <string.h>

static void put_offer(FILE *out, const struct facts *facts)
{
    fputs("The client asked for ", out);
    if (facts->server_name[0])
        fprintf(out, "%s", facts->server_name);
    else
        fputs("no name", out);
    fprintf(out, " and offered %s%s with %zu cipher suites. ",
            facts_version_text(facts->offered_version),
            facts->offered_version > HF_TLS1_0 ? " at most" : "", facts->offered_count);
}

static void put_group(FILE *out, const struct facts *facts)
{
    const hf_group *group = hf_group_of(facts->group_code);
    if (group)
        fprintf(out, ", group %s", group->name);
    else if (facts->group_code)
        fprintf(out, ", group %u", facts->group_code);
    else if (facts->dh_bits)
        fprintf(out, ", a Diffie-Hellman group of %u bits", facts->dh_bits);
}

static void put_choice(FILE *out, const struct facts *facts)
{
    fprintf(out, "The server chose %s with ", facts_version_text(facts->version));
    if (facts->suite)
        fputs(facts->suite->name, out);
    else
        fprintf(out, "the cipher suite 0x%04X", facts->suite_code);
    put_group(out, facts);
    if (facts->scheme)
        fprintf(out, ", signed with %s", facts->scheme->name);
    if (facts->protocol[0])
        fprintf(out, ", ALPN %s", facts->protocol);
    if (facts->encrypt_then_mac)
        fputs(", encrypt-then-MAC", out);
    if (facts->truncated_hmac)
        fputs(", truncated HMAC", out);
    if (facts->extended_master_secret)
        fputs(", extended master secret", out);
    fputs(". ", out);
}

static void put_chain(FILE *out, const char *who, const struct chain_facts *chain)
{
    if (!chain->is_seen)
        return;
    if (chain->count == 0) {
        fprintf(out, "The %s sent no certificate. ", who);
        return;
    }
    fprintf(out, "The %s's certificate is ", who);
    if (chain->is_read)
        fprintf(out, "%s, issued by %s", chain->subject[0] ? chain->subject : "without a subject",
                chain->issuer);
    else
        fputs("not readable", out);
    if (chain->names[0])
        fprintf(out, ", for %s", chain->names);
    fputs(". ", out);
}

static const struct item *first_of(const struct conversation *c, enum item_kind kind)
{
    for (size_t i = 0; i < c->item_count; i++)
        if (c->items[i].kind == kind)
            return &c->items[i];
    return NULL;
}

static void put_duration(FILE *out, const struct conversation *c)
{
    const struct item *begin = first_of(c, ITEM_MESSAGE), *end = first_of(c, ITEM_ESTABLISHED);
    if (begin && end)
        fprintf(out, "The handshake took %.1f ms. ", (double)(end->time - begin->time) / 1000);
    if (c->handshakes > 1)
        fprintf(out, "%u renegotiation%s followed. ", c->handshakes - 1,
                c->handshakes > 2 ? "s" : "");
}

static void put_data(FILE *out, const struct conversation *c)
{
    fprintf(out, "%llu bytes of %sdata went to the server and %llu to the client. ",
            (unsigned long long)c->data[HF_CLIENT], c->is_unreadable ? "encrypted " : "",
            (unsigned long long)c->data[HF_SERVER]);
}

static void put_loss(FILE *out, const struct conversation *c)
{
    unsigned long long lost = 0;
    for (size_t i = 0; i < c->item_count; i++)
        if (c->items[i].kind == ITEM_LOST)
            lost += c->items[i].size;
    if (lost)
        fprintf(out, "%llu bytes are missing from the capture. ", lost);
}

static void put_facts(FILE *out, const struct conversation *c, const struct facts *facts)
{
    if (facts->has_client_hello)
        put_offer(out, facts);
    else
        fputs("The capture has no ClientHello. ", out);
    if (facts->has_server_hello)
        put_choice(out, facts);
    if (facts->version == FACTS_TLS1_3) {
        fputs("What follows of TLS 1.3 is not read. ", out);
        return;
    }
    if (c->handshakes && facts->is_resumed)
        fputs("It resumed an earlier session. ", out);
    put_chain(out, "server", &facts->server_chain);
    if (facts->has_status)
        fputs("An OCSP response was stapled to it. ", out);
    if (facts->asks_for_certificate)
        fputs("The server asked for the client's certificate. ", out);
    put_chain(out, "client", &facts->client_chain);
    if (c->handshakes)
        put_duration(out, c);
}

/* What shows it, in brackets, for those who want to look it up. */
static void put_reference(FILE *out, const struct verdict *verdict)
{
    if (!verdict->symbol)
        return;
    fprintf(out, " (%s", verdict->symbol);
    if (verdict->section[0])
        fprintf(out, "; %s", verdict->section);
    if (verdict->item && verdict->item->kind == ITEM_ALERT)
        fprintf(out, "; alert %u %s sent by the %s", verdict->item->code,
                hf_alert_name(verdict->item->code),
                verdict->item->sender == HF_CLIENT ? "client" : "server");
    fprintf(out, "; `handfast explain %s` says more)", verdict->symbol);
}

void report_print(FILE *out, const struct conversation *c)
{
    put_facts(out, c, c->handshakes ? &c->settled : &c->facts);
    if (c->handshakes || c->was_decrypted)
        put_data(out, c);
    put_loss(out, c);
    struct verdict verdict = verdict_reach(c, out);
    put_reference(out, &verdict);
}
