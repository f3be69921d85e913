#include "tools/verdict.h"

#include <handfast/alert.h>

#include <string.h>
#include <time.h>

#define SUITES_SHOWN 5

/* The events that decide, the first of each kind. */
struct course {
    const struct item *fatal, *no_renegotiation, *bad_record, *not_tls, *reset;
    const struct item *finish;     /* TCP's FIN before anybody has said goodbye */
    const struct item *unreadable; /* an alert, while the handshake was not done */
    const struct item *knock;      /* an unreadable handshake message after a handshake, then ... */
    const struct item *rebuff;     /* ... an alert from the other side */
    bool said_goodbye;             /* either side: close_notify, or an alert that cannot be read */
};

static const char *name_of(hf_role role)
{
    return role == HF_CLIENT ? "client" : "server";
}

static hf_role peer_of(hf_role role)
{
    return role == HF_CLIENT ? HF_SERVER : HF_CLIENT;
}

static void set_first(const struct item **place, const struct item *item)
{
    if (!*place)
        *place = item;
}

/* ------------------------------------------------------------------ the course of events */

static void follow_alert(struct course *course, const struct item *item)
{
    if (item->code == HF_ALERT_CLOSE_NOTIFY)
        course->said_goodbye = true;
    else if (item->code == HF_ALERT_NO_RENEGOTIATION)
        set_first(&course->no_renegotiation, item);
    else if (item->level == HF_ALERT_LEVEL_FATAL)
        set_first(&course->fatal, item);
}

static void follow_unreadable(struct course *course, const struct item *item, bool is_established)
{
    if (item->code == HF_CONTENT_HANDSHAKE && is_established) {
        set_first(&course->knock, item);
    } else if (item->code == HF_CONTENT_ALERT) {
        if (!is_established)
            set_first(&course->unreadable, item);
        else if (course->knock && item->sender != course->knock->sender)
            set_first(&course->rebuff, item);
        course->said_goodbye = true;
    }
}

static struct course follow(const struct conversation *c)
{
    struct course course = {0};
    bool is_established = false;
    for (size_t i = 0; i < c->item_count; i++) {
        const struct item *item = &c->items[i];
        switch (item->kind) {
        case ITEM_ESTABLISHED:
            is_established = true;
            break;
        case ITEM_ALERT:
            follow_alert(&course, item);
            break;
        case ITEM_UNREADABLE:
            follow_unreadable(&course, item, is_established);
            break;
        case ITEM_BAD_RECORD:
            set_first(&course.bad_record, item);
            break;
        case ITEM_NOT_TLS:
            set_first(&course.not_tls, item);
            break;
        case ITEM_RESET:
            if (!course.said_goodbye)
                set_first(&course.reset, item);
            break;
        case ITEM_FINISHED:
            if (!course.said_goodbye)
                set_first(&course.finish, item);
            break;
        case ITEM_CHANGE_KEYS: /* what looked like a refusal was a renegotiation */
            course.knock = NULL;
            break;
        case ITEM_MESSAGE:
        case ITEM_DATA:
        case ITEM_LOST:
            break;
        }
    }
    return course;
}

/* ------------------------------------------------------------------ verdicts */

static struct verdict verdict_of(hf_error error, const struct item *item)
{
    const hf_reason *reason = hf_reason_of(error);
    return (struct verdict){reason->symbol, reason->section, item};
}

static void put_date(FILE *out, int64_t unix_seconds)
{
    time_t time = (time_t)unix_seconds;
    struct tm parts;
    char text[64] = "an unknown date";
    if (gmtime_r(&time, &parts))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
    fputs(text, out);
}

static void put_offered_suites(FILE *out, const struct facts *facts)
{
    size_t shown = 0;
    for (size_t i = 0; i < facts->offered_count && i < FACTS_SUITES_MAX && shown < SUITES_SHOWN;
         i++) {
        const hf_suite *suite = hf_suite_of(facts->offered_suites[i]);
        if (suite)
            fprintf(out, "%s%s", shown++ ? ", " : "", suite->name);
    }
    size_t more = facts->offered_count - shown;
    if (more)
        fprintf(out, "%s%zu %s", shown ? " and " : "", more, shown ? "more" : "unknown ones");
}

/* What is wrong with a certificate that was refused: some of it can be seen, for the rest the alert
 * must be believed. */
static hf_error flaw_of(const struct facts *facts, const struct chain_facts *chain, uint8_t alert)
{
    hf_error distrust =
        chain->is_self_signed ? HF_ERROR_CERTIFICATE_SELF_SIGNED : HF_ERROR_CERTIFICATE_UNKNOWN_CA;
    if (alert == HF_ALERT_UNKNOWN_CA)
        return distrust;
    if (alert == HF_ALERT_CERTIFICATE_REVOKED)
        return HF_ERROR_CERTIFICATE_REVOKED;
    if (alert == HF_ALERT_UNSUPPORTED_CERTIFICATE)
        return HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED;
    if (chain->is_not_yet_valid)
        return HF_ERROR_CERTIFICATE_NOT_YET_VALID;
    if (chain->is_expired || alert == HF_ALERT_CERTIFICATE_EXPIRED)
        return HF_ERROR_CERTIFICATE_EXPIRED;
    bool is_servers = chain == &facts->server_chain;
    if (is_servers && facts->server_name[0] && chain->is_read && !chain->is_for_name)
        return HF_ERROR_CERTIFICATE_NAME_MISMATCH;
    return distrust;
}

static void put_flaw(FILE *out, const struct facts *facts, const struct chain_facts *chain,
                     hf_error flaw)
{
    switch (flaw) {
    case HF_ERROR_CERTIFICATE_REVOKED:
        fputs("it was revoked.", out);
        break;
    case HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED:
        fputs("its kind is not supported.", out);
        break;
    case HF_ERROR_CERTIFICATE_NOT_YET_VALID:
        fputs("it, or one above it, is not valid before ", out);
        put_date(out, chain->not_before);
        fputc('.', out);
        break;
    case HF_ERROR_CERTIFICATE_EXPIRED:
        fputs(chain->is_expired ? "it, or one above it, expired on "
                                : "it has expired there, though by the capture it is valid until ",
              out);
        put_date(out, chain->not_after);
        fputc('.', out);
        break;
    case HF_ERROR_CERTIFICATE_NAME_MISMATCH:
        fprintf(out, "it is for %s, not for %s, which was asked for.",
                chain->names[0] ? chain->names : "no host", facts->server_name);
        break;
    case HF_ERROR_CERTIFICATE_SELF_SIGNED:
        fputs("it is self-signed and not known there.", out);
        break;
    default:
        fprintf(out, "no path leads from it (issued by %s) to a CA that is trusted there.",
                chain->is_read ? chain->issuer : "an unknown CA");
        break;
    }
}

/* By an alert, or by an end of the connection without one. */
static struct verdict refuse_certificate(FILE *out, const struct conversation *c,
                                         const struct item *item)
{
    const struct facts *facts = &c->facts;
    hf_role owner = peer_of(item->sender);
    const struct chain_facts *chain =
        owner == HF_SERVER ? &facts->server_chain : &facts->client_chain;
    uint8_t alert = item->kind == ITEM_ALERT ? item->code : HF_ALERT_NONE;
    hf_error flaw = flaw_of(facts, chain, alert);
    bool is_guess = flaw == HF_ERROR_CERTIFICATE_UNKNOWN_CA && alert != HF_ALERT_UNKNOWN_CA;
    fprintf(out, "The %s ", name_of(item->sender));
    if (alert == HF_ALERT_NONE)
        fprintf(out,
                "%s the TCP connection without an alert when it had got the %s's certificate, "
                "which it seems to have refused: ",
                item->kind == ITEM_RESET ? "reset" : "closed", name_of(owner));
    else
        fprintf(out, "refused the %s's certificate: ", name_of(owner));
    if (is_guess)
        fputs("most likely ", out);
    put_flaw(out, facts, chain, flaw);
    return verdict_of(flaw, item);
}

static struct verdict refuse_version(FILE *out, const struct facts *facts, const struct item *alert)
{
    if (facts->has_server_hello)
        fprintf(out, "The server chose %s, which the %s does not accept.",
                facts_version_text(facts->version), name_of(alert->sender));
    else
        fprintf(out,
                "The client offered %s at most, which is not a version that the server accepts.",
                facts_version_text(facts->offered_version));
    return verdict_of(HF_ERROR_VERSION_UNSUPPORTED, alert);
}

static struct verdict refuse_suites(FILE *out, const struct facts *facts, const struct item *alert)
{
    fputs("The server found no cipher suite, with the group and signature scheme that go with it, "
          "among those that the client offered: ",
          out);
    put_offered_suites(out, facts);
    fputc('.', out);
    return verdict_of(HF_ERROR_NO_COMMON_SUITE, alert);
}

static struct verdict refuse_renegotiation(FILE *out, const struct item *by, const char *how)
{
    fprintf(out, "The %s refused a renegotiation that the %s had asked for%s.", name_of(by->sender),
            name_of(peer_of(by->sender)), how);
    return (struct verdict){hf_alert_name(HF_ALERT_NO_RENEGOTIATION), "RFC 5246 7.2.2", by};
}

static bool is_about_certificates(uint8_t alert)
{
    return (alert >= HF_ALERT_BAD_CERTIFICATE && alert <= HF_ALERT_CERTIFICATE_UNKNOWN) ||
           alert == HF_ALERT_UNKNOWN_CA;
}

/* Alerts whose meaning does not depend on when they come. */
static hf_error meaning_of(uint8_t alert)
{
    switch (alert) {
    case HF_ALERT_BAD_RECORD_MAC:
    case HF_ALERT_DECRYPTION_FAILED:
        return HF_ERROR_BAD_RECORD_MAC;
    case HF_ALERT_RECORD_OVERFLOW:
        return HF_ERROR_RECORD_OVERFLOW;
    case HF_ALERT_INAPPROPRIATE_FALLBACK:
        return HF_ERROR_INAPPROPRIATE_FALLBACK;
    case HF_ALERT_UNRECOGNIZED_NAME:
        return HF_ERROR_SERVER_NAME_UNKNOWN;
    case HF_ALERT_UNKNOWN_PSK_IDENTITY:
        return HF_ERROR_PSK_IDENTITY_UNKNOWN;
    case HF_ALERT_NO_APPLICATION_PROTOCOL:
        return HF_ERROR_NO_COMMON_PROTOCOL;
    default:
        return HF_ERROR_PEER_ALERT;
    }
}

static struct verdict judge_other_alert(FILE *out, const struct item *alert)
{
    hf_error error = meaning_of(alert->code);
    if (error == HF_ERROR_PEER_ALERT)
        fprintf(out, "The %s gave up with the alert %s.", name_of(alert->sender),
                hf_alert_name(alert->code));
    else
        fprintf(out, "The %s gave up: %s", name_of(alert->sender), hf_reason_of(error)->sentence);
    return verdict_of(error, alert);
}

/* A server's alert after the client's certificate, which it had asked for and which is not there:
 * handshake_failure by RFC 5246 7.4.6, while GnuTLS sends decode_error. */
static bool is_certificate_missing(const struct facts *facts, const struct item *alert)
{
    return alert->sender == HF_SERVER && facts->asks_for_certificate &&
           facts->client_chain.is_seen && facts->client_chain.count == 0 &&
           (alert->code == HF_ALERT_HANDSHAKE_FAILURE || alert->code == HF_ALERT_DECODE_ERROR ||
            is_about_certificates(alert->code));
}

static struct verdict judge_alert(FILE *out, const struct conversation *c, const struct item *alert)
{
    const struct facts *facts = &c->facts;
    const struct chain_facts *chain =
        alert->sender == HF_CLIENT ? &facts->server_chain : &facts->client_chain;
    if (c->is_handshaking && is_certificate_missing(facts, alert)) {
        fputs("The server requires a certificate of the client, which has sent none.", out);
        return verdict_of(HF_ERROR_CERTIFICATE_MISSING, alert);
    }
    if (chain->is_seen && is_about_certificates(alert->code))
        return refuse_certificate(out, c, alert);
    if (c->is_handshaking && alert->code == HF_ALERT_PROTOCOL_VERSION)
        return refuse_version(out, facts, alert);
    if (alert->code == HF_ALERT_HANDSHAKE_FAILURE && c->handshakes && c->is_handshaking)
        return refuse_renegotiation(out, alert, "");
    if ((alert->code == HF_ALERT_HANDSHAKE_FAILURE ||
         alert->code == HF_ALERT_INSUFFICIENT_SECURITY) &&
        alert->sender == HF_SERVER && c->is_handshaking && !facts->has_server_hello)
        return refuse_suites(out, facts, alert);
    return judge_other_alert(out, alert);
}

/* Where nobody has said why. */
static struct verdict judge_end(FILE *out, const struct conversation *c, const struct item *end)
{
    const char *how =
        end->kind == ITEM_RESET ? "reset the TCP connection" : "closed the TCP connection";
    if (end->sender == HF_CLIENT && c->is_handshaking && c->facts.server_chain.count &&
        !c->facts.has_client_key_exchange)
        return refuse_certificate(out, c, end);
    if (c->is_handshaking || c->handshakes == 0) {
        fprintf(out, "The %s %s before the handshake was done, without an alert.",
                name_of(end->sender), how);
        return verdict_of(HF_ERROR_CLOSED_IN_HANDSHAKE, end);
    }
    fprintf(out, "The %s %s without a close_notify: data may be missing.", name_of(end->sender),
            how);
    return verdict_of(HF_ERROR_TRUNCATED, end);
}

static struct verdict judge_unread(FILE *out, const struct item *item)
{
    if (item->kind == ITEM_NOT_TLS) {
        fprintf(out, "What the %s sent is not TLS.", name_of(item->sender));
        return verdict_of(HF_ERROR_NOT_TLS, item);
    }
    if (item->kind == ITEM_BAD_RECORD) {
        fprintf(
            out,
            "A record of the %s does not verify: it was damaged, forged or protected with other "
            "keys.",
            name_of(item->sender));
        return verdict_of(HF_ERROR_BAD_RECORD_MAC, item);
    }
    fprintf(
        out,
        "The %s ended the handshake with an alert that is encrypted: a key log would tell which.",
        name_of(item->sender));
    return verdict_of(HF_ERROR_PEER_ALERT, item);
}

static struct verdict judge_nothing(FILE *out, const struct conversation *c,
                                    const struct course *course)
{
    if (course->said_goodbye)
        fputs("It was closed in order.", out);
    else if (c->is_handshaking || c->handshakes == 0)
        fputs("The capture ends before the handshake is done.", out);
    else
        fputs("The capture ends before the connection does.", out);
    return (struct verdict){NULL, "", NULL};
}

struct verdict verdict_reach(const struct conversation *c, FILE *out)
{
    const struct course course = follow(c);
    bool is_read = c->facts.version <= HF_TLS1_2;
    if (course.no_renegotiation)
        return refuse_renegotiation(out, course.no_renegotiation, "");
    if (course.fatal)
        return judge_alert(out, c, course.fatal);
    if (course.bad_record)
        return judge_unread(out, course.bad_record);
    if (course.not_tls)
        return judge_unread(out, course.not_tls);
    if (!is_read)
        return (struct verdict){NULL, "", NULL};
    if (course.unreadable)
        return judge_unread(out, course.unreadable);
    if (course.rebuff && course.knock)
        return refuse_renegotiation(out, course.rebuff,
                                    ", as far as can be seen without the secrets of a key log");
    if (course.reset)
        return judge_end(out, c, course.reset);
    if (course.finish)
        return judge_end(out, c, course.finish);
    return judge_nothing(out, c, &course);
}
