#include "tests/flow/resume.h"

#include "tests/flow/stepper.h"

#include <criterion/criterion.h>
#include <string.h>

void resume_begin(resume *r)
{
    memset(r, 0, sizeof *r);
    hf_session_cache_init(&r->cache, r->slots, RESUME_SLOTS, 0);
}

void resume_prepare(resume *r, const char *server_keys, uint16_t suite, uint16_t version)
{
    static const hf_psk psk = {{(const uint8_t *)"a device", 8},
                               {(const uint8_t *)"a secret key", 12}};
    pair_prepare(&r->p, server_keys);
    r->handshakes++;
    r->suite = suite;
    endpoint *ends[] = {&r->p.client, &r->p.server};
    for (size_t i = 0; i < 2; i++) {
        hf_config *config = &ends[i]->config;
        ends[i]->random_state += r->handshakes * UINT64_C(0x9e3779b97f4a7c15);
        config->policy = &hf_policy_legacy;
        config->version_min = config->version_max = version;
        config->suites = (hf_code_list){&r->suite, 1};
        config->psks = &psk;
        config->psk_count = 1;
    }
    r->p.server.config.cache = &r->cache;
}

void resume_full(resume *r)
{
    hf_session_wipe(&r->session);
    r->p.session = &r->session;
    relay_connect(&r->line, &r->p, NULL, NULL);
    expect_established(&r->p);
    cr_assert_not(hf_conn_resumed(&r->p.client.conn));
    cr_assert_not(hf_session_is_empty(&r->session));
}

void resume_again(resume *r, relay_hook *hook, void *context)
{
    memset(&r->line, 0, sizeof r->line);
    r->line.p = &r->p;
    r->line.hook = hook;
    r->line.context = context;
    r->p.session = &r->session;
    pair_start(&r->p);
    relay_run(&r->line);
}

void expect_resumed(resume *r, bool is_resumed)
{
    expect_established(&r->p);
    cr_assert_eq(hf_conn_resumed(&r->p.client.conn), is_resumed);
    cr_assert_eq(hf_conn_resumed(&r->p.server.conn), is_resumed);
}
