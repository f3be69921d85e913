/* handshake_cost COUNT SUITE GROUP KEYS: COUNT handshakes with one suite (hexadecimal), one group
 * (decimal) and one kind of certificate, then COUNT times the primitives of such a handshake. It
 * prints how long each took; handshake_cost.sh has the instructions counted. Without arguments it
 * prints the suites of this build whose primitives are known, with the certificate of each. */
#include "bench/primitives.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static BENCH_COUNTED void counted_handshakes(bench_pair *pair, int count)
{
    for (int i = 0; i < count; i++)
        bench_connect(pair);
}

static BENCH_COUNTED void counted_public_key(primitives *p, int count)
{
    for (int i = 0; i < count; i++)
        primitives_public_key(p);
}

static BENCH_COUNTED void counted_hashes(const primitives *p, int count)
{
    for (int i = 0; i < count; i++)
        primitives_hashes(p);
}

static BENCH_COUNTED void counted_ciphers(const primitives *p, int count)
{
    for (int i = 0; i < count; i++)
        primitives_ciphers(p);
}

static double now(void)
{
    struct timespec t;
    (void)timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int list_suites(void)
{
    for (size_t i = 0; hf_suite_at(i) != NULL; i++) {
        const hf_suite *suite = hf_suite_at(i);
        if (primitives_know(suite))
            printf("%04x %s %s\n", suite->code,
                   suite->authentication == HF_KEY_EC ? "p256" : "rsa2048", suite->name);
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static bench_pair pair;
    static primitives floor_of_cost;
    if (argc == 1)
        return list_suites();
    bench_expect(argc == 5, "usage: handshake_cost COUNT SUITE GROUP KEYS");
    int count = (int)strtol(argv[1], NULL, 10);
    uint16_t suite = (uint16_t)strtoul(argv[2], NULL, 16);
    uint16_t group = (uint16_t)strtoul(argv[3], NULL, 10);
    bench_expect(count > 0 && hf_suite_of(suite) != NULL && hf_group_of(group) != NULL,
                 "no such suite or group");
    bench_expect(primitives_know(hf_suite_of(suite)), "the primitives of this suite are not known");
    bench_prepare(&pair, suite, group, argv[4]);
    primitives_prepare(&floor_of_cost, &pair);
    double start = now();
    counted_handshakes(&pair, count);
    double middle = now();
    counted_public_key(&floor_of_cost, count);
    counted_hashes(&floor_of_cost, count);
    counted_ciphers(&floor_of_cost, count);
    double end = now();
    printf("%s: %.0f us a handshake, %.0f us its primitives\n", hf_suite_of(suite)->name,
           (middle - start) / count * 1e6, (end - middle) / count * 1e6);
    return EXIT_SUCCESS;
}
