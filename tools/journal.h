/* What happened on a connection, in order and with times: what the ladder, the picture of --svg and
 * the page of `server --http` are drawn from. */
#ifndef TOOLS_JOURNAL_H
#define TOOLS_JOURNAL_H

#include <handfast/conn.h>

#define JOURNAL_MAX 256 /* what comes after so many entries is not kept */

enum journal_kind {
    JOURNAL_MESSAGE,
    JOURNAL_CHANGE_KEYS, /* the sender's records are protected by other keys from here on */
    JOURNAL_ALERT,
    JOURNAL_DATA, /* this and the next ones: what an onlooker sees (conversation.h) */
    JOURNAL_UNREADABLE,
    JOURNAL_BAD_RECORD,
    JOURNAL_NOT_TLS,
    JOURNAL_LOST,
    JOURNAL_FINISHED, /* of TCP, like the next */
    JOURNAL_RESET,
    JOURNAL_ESTABLISHED,
    JOURNAL_FAILED, /* `sender` is the side that gives up */
    JOURNAL_CLOSED
};

struct journal_entry {
    enum journal_kind kind;
    hf_role sender;       /* of a message, a change of keys, an alert                     */
    bool is_protected;    /* nobody in between can read it                                */
    bool is_resumed;      /* ESTABLISHED: an earlier session goes on                      */
    uint8_t message;      /* MESSAGE: HandshakeType; UNREADABLE: ContentType              */
    uint32_t size;        /* MESSAGE: with its 4-byte header; else bytes                  */
    uint8_t level, alert; /* ALERT                                                        */
    hf_error reason;      /* FAILED                                                       */
    int64_t microseconds; /* since the first entry                                        */
};

struct journal {
    struct journal_entry *entries;
    size_t count, capacity;
    bool has_begun, is_cut; /* cut: entries are missing at the end */
    bool is_protected[2];   /* by sender */
    int64_t begin;          /* microseconds of any clock */
};

/* Makes an entry of an event, for which one is due: false for further pieces of a message and what
 * is nobody's business. `now` are microseconds. */
bool journal_entry_of(struct journal *journal, const hf_conn *conn, const hf_event *event,
                      int64_t now, struct journal_entry *entry);
void journal_add(struct journal *journal, const struct journal_entry *entry);
void journal_free(struct journal *journal);

/* What stands on an entry's arrow, "Certificate" or "fatal handshake_failure"; what it means where
 * it has none: "established", "the client gives up". */
#define JOURNAL_TEXT_MAX 96
void journal_text(char text[JOURNAL_TEXT_MAX], const struct journal_entry *entry);
static inline bool journal_has_arrow(const struct journal_entry *entry)
{
    return entry->kind <= JOURNAL_RESET;
}
static inline bool journal_has_size(const struct journal_entry *entry)
{
    return entry->kind == JOURNAL_MESSAGE || entry->kind == JOURNAL_DATA ||
           entry->kind == JOURNAL_UNREADABLE || entry->kind == JOURNAL_BAD_RECORD ||
           entry->kind == JOURNAL_LOST;
}

#endif
