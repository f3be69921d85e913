#include "tools/journal.h"

#include "tls/wire/codes.h"

#include <handfast/registry.h>

#include <stdio.h>
#include <stdlib.h>

static bool fill(struct journal_entry *entry, const hf_conn *conn, const hf_event *event)
{
    switch (event->kind) {
    case HF_EVENT_MESSAGE:
        entry->kind = JOURNAL_MESSAGE;
        entry->message = event->message;
        entry->size = event->total;
        return event->offset == 0;
    case HF_EVENT_CHANGE_KEYS:
        entry->kind = JOURNAL_CHANGE_KEYS;
        return true;
    case HF_EVENT_ALERT:
        entry->kind = JOURNAL_ALERT;
        entry->level = event->alert_level;
        entry->alert = event->alert;
        return true;
    case HF_EVENT_ESTABLISHED:
        entry->kind = JOURNAL_ESTABLISHED;
        entry->is_resumed = hf_conn_resumed(conn);
        return true;
    case HF_EVENT_FAILED:
        entry->kind = JOURNAL_FAILED;
        entry->reason = hf_conn_failure(conn)->reason;
        return true;
    case HF_EVENT_CLOSED:
        entry->kind = JOURNAL_CLOSED;
        return true;
    case HF_EVENT_KEY_LOG:
        break;
    }
    return false;
}

bool journal_entry_of(struct journal *journal, const hf_conn *conn, const hf_event *event,
                      int64_t now, struct journal_entry *entry)
{
    hf_role role = hf_conn_role(conn), peer = role == HF_CLIENT ? HF_SERVER : HF_CLIENT;
    bool is_ours = event->sent || event->kind == HF_EVENT_FAILED;
    *entry = (struct journal_entry){.sender = is_ours ? role : peer};
    if (!fill(entry, conn, event))
        return false;
    if (!journal->has_begun) {
        journal->has_begun = true;
        journal->begin = now;
    }
    entry->microseconds = now - journal->begin;
    entry->is_protected = journal_has_arrow(entry) && journal->is_protected[entry->sender];
    if (entry->kind == JOURNAL_CHANGE_KEYS)
        journal->is_protected[entry->sender] = true;
    return true;
}

void journal_add(struct journal *journal, const struct journal_entry *entry)
{
    if (journal->count == journal->capacity && journal->count < JOURNAL_MAX) {
        size_t capacity = journal->capacity ? 2 * journal->capacity : 16;
        struct journal_entry *entries =
            realloc(journal->entries, capacity * sizeof *journal->entries);
        if (entries) {
            journal->entries = entries;
            journal->capacity = capacity;
        }
    }
    if (journal->count == journal->capacity) {
        journal->is_cut = true;
        return;
    }
    journal->entries[journal->count++] = *entry;
}

void journal_free(struct journal *journal)
{
    free(journal->entries);
    *journal = (struct journal){0};
}

static const char *content_name(uint8_t type)
{
    switch (type) {
    case HF_CONTENT_CHANGE_CIPHER_SPEC:
        return "ChangeCipherSpec";
    case HF_CONTENT_ALERT:
        return "alert";
    case HF_CONTENT_HANDSHAKE:
        return "handshake";
    default:
        return "data";
    }
}

/* What has a text of its own. */
static const char *fixed_text(const struct journal_entry *entry)
{
    switch (entry->kind) {
    case JOURNAL_MESSAGE:
        return hf_message_name(entry->message);
    case JOURNAL_CHANGE_KEYS:
        return "ChangeCipherSpec";
    case JOURNAL_DATA:
        return "data";
    case JOURNAL_UNREADABLE:
        return content_name(entry->message);
    case JOURNAL_BAD_RECORD:
        return "bad record";
    case JOURNAL_NOT_TLS:
        return "(not TLS)";
    case JOURNAL_LOST:
        return "not captured";
    case JOURNAL_FINISHED:
        return "(end)";
    case JOURNAL_RESET:
        return "(reset)";
    case JOURNAL_ESTABLISHED:
        return entry->is_resumed ? "established, resumed" : "established";
    case JOURNAL_FAILED:
        return entry->sender == HF_CLIENT ? "the client gives up" : "the server gives up";
    case JOURNAL_ALERT:
    case JOURNAL_CLOSED:
        break;
    }
    return "closed";
}

void journal_text(char text[JOURNAL_TEXT_MAX], const struct journal_entry *entry)
{
    if (entry->kind == JOURNAL_ALERT)
        snprintf(text, JOURNAL_TEXT_MAX, "%s %s",
                 entry->level == HF_ALERT_LEVEL_FATAL ? "fatal" : "warning",
                 hf_alert_name(entry->alert));
    else
        snprintf(text, JOURNAL_TEXT_MAX, "%s", fixed_text(entry));
}
