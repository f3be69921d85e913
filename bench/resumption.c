/* resumption COUNT SUITE id|ticket: one full handshake with a suite (hexadecimal), then COUNT that
 * resume its session by session ID or by ticket. It prints how long one took; resumption.sh has the
 * instructions counted. */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static BENCH_COUNTED void counted_resumptions(bench_pair *pair, int count)
{
    for (int i = 0; i < count; i++) {
        bench_connect(pair);
        bench_expect(hf_conn_resumed(&pair->client.conn), "a handshake was not resumed");
    }
}

static double now(void)
{
    struct timespec t;
    (void)timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    static bench_pair pair;
    static hf_session session;
    static hf_session_slot slots[4];
    static hf_session_cache cache;
    static const hf_ticket_key key = {{1}, {2}};
    static const hf_ticket_keys tickets = {&key, 1, 0};
    bench_expect(argc == 4, "usage: resumption COUNT SUITE id|ticket");
    int count = (int)strtol(argv[1], NULL, 10);
    uint16_t code = (uint16_t)strtoul(argv[2], NULL, 16);
    const hf_suite *suite = hf_suite_of(code);
    bench_expect(count > 0 && suite != NULL, "no such suite");
    bench_prepare(&pair, code, 23, suite->authentication == HF_KEY_EC ? "p256" : "rsa2048");
    hf_session_cache_init(&cache, slots, sizeof slots / sizeof slots[0], 0);
    if (strcmp(argv[3], "ticket") == 0)
        pair.server.config.tickets = &tickets;
    else
        pair.server.config.cache = &cache;
    pair.session = &session;
    bench_connect(&pair);
    double start = now();
    counted_resumptions(&pair, count);
    printf("%s by %s: %.1f us a resumption\n", suite->name, argv[3], (now() - start) / count * 1e6);
    return EXIT_SUCCESS;
}
