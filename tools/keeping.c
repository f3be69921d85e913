#include "tools/keeping.h"

#include "tools/file.h"
#include "tools/net.h"
#include "tools/tools.h"

#include "crypto_glue/constant_time.h"
#include "crypto_glue/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A ticket lives for a day: the key that sealed it is there for 1.5 days. */
#define ROTATION_MS (INT64_C(12) * 60 * 60 * 1000)

bool session_load(hf_session *session, const char *path)
{
    size_t size = 0;
    uint8_t *bytes = file_read(path, &size);
    if (!bytes)
        return false;
    bool is_good = hf_session_read(session, (hf_span){bytes, size});
    if (!is_good && size != 0)
        complain("%s holds no session of this build", path);
    hf_wipe(bytes, size);
    free(bytes);
    return is_good || size == 0;
}

bool session_save(const hf_session *session, const char *path)
{
    uint8_t bytes[HF_SESSION_BYTES];
    size_t size = hf_session_write(session, bytes);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    /* A file that was there before may be open to others. */
    bool is_good =
        file >= 0 && fchmod(file, 0600) == 0 && write(file, bytes, size) == (ssize_t)size;
    if (file >= 0)
        is_good = close(file) == 0 && is_good;
    if (!is_good)
        complain("cannot write %s: %s", path, strerror(errno));
    hf_wipe(bytes, sizeof bytes);
    return is_good;
}

static bool make_key(hf_ticket_key *key)
{
    return hf_random_system(NULL, key->name, sizeof key->name) &&
           hf_random_system(NULL, key->secret, sizeof key->secret);
}

bool keeping_open(struct keeping *keeping, hf_config *config, size_t sessions, bool tickets)
{
    *keeping = (struct keeping){.next_rotation = net_milliseconds() + ROTATION_MS};
    if (sessions) {
        keeping->slots = must_allocate(sessions, sizeof *keeping->slots);
        hf_session_cache_init(&keeping->cache, keeping->slots, sessions, 0);
        config->cache = &keeping->cache;
    }
    if (tickets) {
        if (!make_key(&keeping->keys[0])) {
            complain("no random bytes for ticket keys");
            return false;
        }
        keeping->tickets = (hf_ticket_keys){.keys = keeping->keys, .count = 1};
        config->tickets = &keeping->tickets;
    }
    return true;
}

void keeping_turn(struct keeping *keeping)
{
    hf_ticket_key key;
    if (keeping->tickets.count == 0 || net_milliseconds() < keeping->next_rotation ||
        !make_key(&key))
        return;
    memmove(&keeping->keys[1], &keeping->keys[0], (KEEPING_KEYS - 1) * sizeof keeping->keys[0]);
    keeping->keys[0] = key;
    hf_wipe(&key, sizeof key);
    if (keeping->tickets.count < KEEPING_KEYS)
        keeping->tickets.count++;
    keeping->next_rotation += ROTATION_MS;
}

void keeping_close(struct keeping *keeping)
{
    if (keeping->slots)
        hf_session_cache_wipe(&keeping->cache);
    free(keeping->slots);
    hf_wipe(keeping->keys, sizeof keeping->keys);
}
