#include "tls/session/sessions.h"

#include "crypto_glue/constant_time.h"

#include <string.h>

void hf_session_cache_init(hf_session_cache *cache, hf_session_slot *slots, size_t count,
                           uint32_t lifetime)
{
    *cache = (hf_session_cache){.slots = slots, .count = count};
    cache->lifetime =
        lifetime == 0 || lifetime > HF_SESSION_LIFETIME_MAX ? HF_SESSION_LIFETIME_MAX : lifetime;
    memset(slots, 0, count * sizeof *slots);
}

static void free_slot(hf_session_slot *slot)
{
    hf_wipe(slot, sizeof *slot);
}

void hf_session_cache_wipe(hf_session_cache *cache)
{
    for (size_t i = 0; i < cache->count; i++)
        free_slot(&cache->slots[i]);
}

static hf_session_slot *find_slot(hf_session_cache *cache, hf_span id)
{
    for (size_t i = 0; i < cache->count; i++) {
        const hf_session *session = &cache->slots[i].session;
        if (cache->slots[i].used != 0 && session->id_size == id.size &&
            memcmp(session->id, id.data, id.size) == 0)
            return &cache->slots[i];
    }
    return NULL;
}

const hf_session *hf_session_cache_find(hf_session_cache *cache, hf_span id, int64_t now)
{
    hf_session_slot *slot = id.size != 0 ? find_slot(cache, id) : NULL;
    if (slot == NULL)
        return NULL;
    if (slot->session.expires <= now) {
        free_slot(slot);
        return NULL;
    }
    slot->used = ++cache->uses;
    return &slot->session;
}

void hf_session_cache_keep(hf_session_cache *cache, const hf_session *session)
{
    hf_session_slot *oldest = NULL;
    for (size_t i = 0; i < cache->count; i++)
        if (oldest == NULL || cache->slots[i].used < oldest->used)
            oldest = &cache->slots[i];
    if (oldest == NULL || session->id_size == 0)
        return;
    oldest->session = *session;
    oldest->used = ++cache->uses;
}

void hf_session_cache_forget(hf_session_cache *cache, hf_span id)
{
    hf_session_slot *slot = id.size != 0 ? find_slot(cache, id) : NULL;
    if (slot != NULL)
        free_slot(slot);
}
