/* path_cost COUNT KEYS: validates a chain of three certificates, of which two are sent, COUNT
 * times, then checks its two signatures alone as often. It prints how long each took; path_cost.sh
 * has the instructions counted. */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static BENCH_COUNTED void counted_paths(const bench_chain *chain, int count)
{
    const hf_path_rules rules = {.anchors = &chain->anchor,
                                 .anchor_count = 1,
                                 .time = 1767225600,
                                 .purpose = HF_PURPOSE_SERVER,
                                 .name = HF_SPAN_LITERAL("server.example")};
    for (int i = 0; i < count; i++) {
        hf_path path;
        hf_error error = hf_path_begin(&path, &rules, chain->certificates, 2);
        while (error == HF_AGAIN)
            error = hf_path_step(&path);
        bench_expect(error == HF_OK, hf_reason_of(error)->symbol);
    }
}

static BENCH_COUNTED void counted_signatures(const hf_certificate *leaf,
                                             const hf_certificate *intermediate,
                                             const hf_certificate *root, int count)
{
    for (int i = 0; i < count; i++) {
        bench_expect(hf_x509_verify(&leaf->algorithm, &intermediate->public_key, leaf->to_be_signed,
                                    leaf->signature) == HF_OK &&
                         hf_x509_verify(&intermediate->algorithm, &root->public_key,
                                        intermediate->to_be_signed,
                                        intermediate->signature) == HF_OK,
                     "a signature is wrong");
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
    hf_certificate leaf, intermediate, root;
    bench_expect(argc == 3, "usage: path_cost COUNT KEYS");
    int count = (int)strtol(argv[1], NULL, 10);
    bench_prepare(&pair, 0xc02b, 23, argv[2]);
    bench_expect(hf_certificate_read(&leaf, pair.chain.certificates[0]) == HF_OK &&
                     hf_certificate_read(&intermediate, pair.chain.certificates[1]) == HF_OK &&
                     hf_certificate_read(&root, pair.chain.root) == HF_OK,
                 "a certificate cannot be read");
    double start = now();
    counted_paths(&pair.chain, count);
    double middle = now();
    counted_signatures(&leaf, &intermediate, &root, count);
    printf("%s: %.1f us a path, %.1f us its signatures\n", argv[2], (middle - start) / count * 1e6,
           (now() - middle) / count * 1e6);
    return EXIT_SUCCESS;
}
