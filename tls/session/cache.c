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

/* All IDs are made here and of the full size. */
static hf_session_slot *find_slot(hf_session_cache *cache, hf_span id)
{
    if (id.size != HF_SESSION_ID_SIZE)
        return NULL;
    for (size_t i = 0; i < cache->count; i++)
        if (cache->slots[i].used != 0 && memcmp(cache->slots[i].id, id.data, id.size) == 0)
            return &cache->slots[i];
    return NULL;
}

const hf_session_state *hf_session_cache_find(hf_session_cache *cache, hf_span id, int64_t now)
{
    hf_session_slot *slot = find_slot(cache, id);
    if (slot == NULL)
        return NULL;
    if (slot->state.expires <= now) {
        free_slot(slot);
        return NULL;
    }
    slot->used = ++cache->uses;
    return &slot->state;
}

void hf_session_cache_keep(hf_session_cache *cache, const uint8_t id[HF_SESSION_ID_SIZE],
                           const hf_session_state *state)
{
    hf_session_slot *oldest = NULL;
    for (size_t i = 0; i < cache->count; i++)
        if (oldest == NULL || cache->slots[i].used < oldest->used)
            oldest = &cache->slots[i];
    if (oldest == NULL)
        return;
    oldest->state = *state;
    memcpy(oldest->id, id, HF_SESSION_ID_SIZE);
    oldest->used = ++cache->uses;
}

void hf_session_cache_forget(hf_session_cache *cache, hf_span id)
{
    hf_session_slot *slot = find_slot(cache, id);
    if (slot != NULL)
        free_slot(slot);
}
