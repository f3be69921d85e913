#include "tls/keys/keys.h"

#include "tls/wire/settings.h"
#include "tls/wire/switches.h"

#include <string.h>

static const hf_hash *find_hash(const hf_transcript *transcript, hf_hash_id id)
{
    for (size_t i = 0; i < transcript->count; i++)
        if (transcript->hashes[i].id == id)
            return &transcript->hashes[i];
    return NULL;
}

static void add_hash(hf_transcript *transcript, hf_hash_id id)
{
    if (find_hash(transcript, id) == NULL && transcript->count < HF_TRANSCRIPT_HASHES)
        hf_hash_init(&transcript->hashes[transcript->count++], id);
}

void hf_transcript_begin(hf_transcript *transcript, const hf_config *config)
{
    const hf_code_list *suites = hf_settings_suites(config);
    transcript->count = 0;
    if (!HF_WITH_TLS1_0 && !HF_USE_PRF_SHA384) {
        add_hash(transcript, HF_HASH_SHA256);
        return;
    }
    if (hf_is_before_tls1_2(hf_settings_version_min(config)))
        add_hash(transcript, HF_HASH_MD5_SHA1);
    if (hf_is_before_tls1_2(hf_settings_version_max(config)))
        return;
    for (size_t i = 0; i < suites->count; i++)
        if (hf_suite_of(suites->codes[i]) != NULL)
            add_hash(transcript, hf_suite_of(suites->codes[i])->prf_hash);
}

void hf_transcript_keep(hf_transcript *transcript, hf_hash_id hash)
{
    const hf_hash *kept = find_hash(transcript, hash);
    if (kept != NULL)
        memmove(&transcript->hashes[0], kept, sizeof *kept);
    transcript->count = 1;
}

void hf_transcript_update(hf_transcript *transcript, hf_span bytes)
{
    for (size_t i = 0; i < transcript->count; i++)
        hf_hash_update(&transcript->hashes[i], bytes.data, bytes.size);
}

size_t hf_transcript_digest(const hf_transcript *transcript, hf_hash_id hash, uint8_t *out)
{
    const hf_hash *running = find_hash(transcript, hash);
    if (running == NULL)
        return 0;
    hf_hash copy = *running;
    return hf_hash_final(&copy, out);
}
