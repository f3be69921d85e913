/* Sessions that the command keeps: a client's in a file, a server's in memory. */
#ifndef TOOLS_KEEPING_H
#define TOOLS_KEEPING_H

#include <handfast/config.h>

/* False after a complaint: the file cannot be read, or holds no session of this build. */
bool session_load(hf_session *session, const char *path);
/* For the owner's eyes only, since a session holds a master secret. An empty one leaves an empty
 * file. False after a complaint. */
bool session_save(const hf_session *session, const char *path);

/* What a server resumes from: a cache, and keys of tickets that are replaced twice a day. */
#define KEEPING_KEYS 3

struct keeping {
    hf_session_cache cache;
    hf_session_slot *slots;
    hf_ticket_key keys[KEEPING_KEYS]; /* the newest first */
    hf_ticket_keys tickets;
    int64_t next_rotation; /* net_milliseconds */
};

/* Gives the configuration a cache for so many sessions, if any, and keys, if tickets are wanted.
 * False after a complaint. The object must not move. */
bool keeping_open(struct keeping *keeping, hf_config *config, size_t sessions, bool tickets);
/* Rotates the keys when it is time. */
void keeping_turn(struct keeping *keeping);
void keeping_close(struct keeping *keeping);

#endif
