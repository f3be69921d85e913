#include "tools/tools.h"

#include "crypto_glue/init.h"

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *purpose;
} verbs[] = {
    {"demo", verb_demo, "a client and a server on loopback TCP, with the ladder as it happens"},
    {"client", verb_client, "connect, verify the server, pipe standard input and output"},
    {"server", verb_server, "serve many connections from one poll loop"},
    {"inspect", verb_inspect, "explain the TLS connections in a capture"},
    {"explain", verb_explain, "what a failure reason or an alert means and what to try"},
    {"suites", verb_suites, "the cipher suites of this build"},
    {"groups", verb_groups, "the groups for key exchange"},
    {"schemes", verb_schemes, "the signature schemes"},
    {"extensions", verb_extensions, "the hello extensions"},
    {"reasons", verb_reasons, "the closed list of failure reasons"},
    {"flow", verb_flow, "the ladders of RFC 5246 as the engine runs them"},
    {"anchors", verb_anchors, "C source of trust anchors for flash"},
    {"credentials", verb_credentials, "C source of a certificate chain and its key for flash"},
    {"sizes", verb_sizes, "bytes of every public object and of the buffers"},
    {"verify", verb_verify, "validate a certificate path, or a stream of cases"},
};

static const size_t verb_count = sizeof verbs / sizeof verbs[0];

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("handfast: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

void *must_allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory) {
        complain("out of memory");
        exit(STATUS_OUTSIDE);
    }
    return memory;
}

char *must_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(must_allocate(size, 1), text, size);
}

static void print_usage(FILE *out)
{
    fputs("Usage: handfast VERB [OPTION...]\n\n", out);
    for (size_t i = 0; i < verb_count; i++)
        fprintf(out, "  %-12s %s\n", verbs[i].name, verbs[i].purpose);
    fputs("\n`handfast help VERB` documents the options of a verb.\n"
          "Exit status: 0 done; 1 TLS failure, its reason on standard error; 2 usage;\n"
          "3 network or file.\n",
          out);
}

static void print_version(FILE *out, struct argp_state *state)
{
    (void)state;
    fprintf(out, "handfast %s (%s)\n", HANDFAST_VERSION, hf_crypto_math_name());
}

/* argv[0] names the verb in every message that argp prints. */
static int run_verb(const struct verb *verb, int argc, char **argv)
{
    char name[32];
    snprintf(name, sizeof name, "handfast %s", verb->name);
    argv[0] = name;
    return verb->run(argc, argv);
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < verb_count; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    complain("there is no verb `%s`; `handfast help` lists them", name);
    return NULL;
}

static int help(int argc, char **argv)
{
    if (argc > 2) {
        complain("help takes one verb");
        return STATUS_USAGE;
    }
    if (argc < 2) {
        print_usage(stdout);
        return STATUS_DONE;
    }
    const struct verb *verb = find_verb(argv[1]);
    if (!verb)
        return STATUS_USAGE;
    char option[] = "--help";
    char *arguments[] = {argv[1], option, NULL};
    return run_verb(verb, 2, arguments);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return STATUS_USAGE;
    }
    if (strcmp(argv[1], "help") == 0)
        return help(argc - 1, argv + 1);
    if (strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return STATUS_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        print_version(stdout, NULL);
        return STATUS_DONE;
    }
    const struct verb *verb = find_verb(argv[1]);
    return verb ? run_verb(verb, argc - 1, argv + 1) : STATUS_USAGE;
}

int main(int argc, char **argv)
{
    argp_err_exit_status = STATUS_USAGE;
    argp_program_version_hook = print_version;
    signal(SIGPIPE, SIG_IGN); /* a peer that is gone is an error of its connection, not ours */
    if (hf_crypto_init() != HF_CRYPTO_OK) {
        complain("libtomcrypt could not be set up");
        return STATUS_OUTSIDE;
    }
    int status = dispatch(argc, argv);
    if (fflush(stdout) != 0 && status == STATUS_DONE) {
        complain("cannot write to standard output: %s", strerror(errno));
        status = STATUS_OUTSIDE;
    }
    return status;
}
