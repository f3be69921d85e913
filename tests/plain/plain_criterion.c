/* A small stand-in for libcriterion: links to the objects of a Criterion test program and runs its
 * tests, each in a forked child. Criterion itself starts the program afresh for every test, which
 * takes a second under valgrind, and has no packages for some machines.
 *
 *     plain_NAME [-j JOBS] [-t SECONDS] [-x PATTERN] ... [SUITE/NAME pattern ...]
 *
 * Each set of parameters of a parameterized test is a test. It passes if its child exits with 0.
 * What matches a PATTERN of -x is left out and counted apart, each set of parameters.
 * With -t, a child is stopped after that many seconds of its own time, which is counted apart and
 * is no failure. The last line is `N passed, N failed`. */
#define _XOPEN_SOURCE 700

#include <criterion/criterion.h>
#include <criterion/options.h>
#include <criterion/parameterized.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 64, EXCLUSIONS_MAX = 32 };

struct job {
    pid_t child; /* 0: free */
    const struct criterion_test *test;
};

/* Where Test() and TestSuite() put their records; the linker names the ends of a section. */
extern struct criterion_test *const __start_cr_tst[], *const __stop_cr_tst[];
extern struct criterion_suite *const __start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *const __stop_cr_sts[] __attribute__((weak));

struct criterion_options criterion_options;

static const struct criterion_test *current;
static void *current_parameter; /* of a parameterized test */
static jmp_buf abandon;
static bool failed;

static struct job jobs[JOBS_MAX];
static size_t job_count = 1;
static rlim_t seconds;
static const char *exclusions[EXCLUSIONS_MAX];
static size_t exclusion_count;
static unsigned passed, failures, stopped, left_out;

/* ------------------------------------------------------ what Criterion's macros call */

void criterion_abort_test(void)
{
    longjmp(abandon, 1);
}

void criterion_continue_test(void)
{
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    failed = true;
    fprintf(stderr, "%s:%u: %s\n", stats->file, stats->line, stats->message);
}

void cri_asserts_passed_incr(void)
{
}

int cr_asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    *text = size < 0 ? NULL : malloc((size_t)size + 1);
    if (*text == NULL)
        return -1;
    va_start(arguments, format);
    size = vsnprintf(*text, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return size;
}

void cr_asprintf_free(char *text)
{
    free(text);
}

/* The condition's own text is message enough. */
char *cr_translate_assert_msg(int index, ...)
{
    const char *condition;
    va_list arguments;

    va_start(arguments, index);
    condition = va_arg(arguments, const char *);
    va_end(arguments);
    return strdup(condition);
}

static const struct criterion_test_extra_data *suite_of(const struct criterion_test *test)
{
    for (struct criterion_suite *const *suite = __start_cr_sts; suite < __stop_cr_sts; suite++)
        if (strcmp((*suite)->name, test->category) == 0)
            return (*suite)->data;
    return NULL;
}

void criterion_internal_test_setup(void)
{
    const struct criterion_test_extra_data *suite = suite_of(current);

    if (suite != NULL && suite->init != NULL)
        suite->init();
    if (current->data->init != NULL)
        current->data->init();
}

void criterion_internal_test_main(void (*function)(void))
{
    if (setjmp(abandon) != 0)
        return;
    if (current->data->kind_ == CR_TEST_PARAMETERIZED)
        ((void (*)(void *))function)(current_parameter);
    else
        function();
}

void criterion_internal_test_teardown(void)
{
    const struct criterion_test_extra_data *suite = suite_of(current);

    if (current->data->fini != NULL)
        current->data->fini();
    if (suite != NULL && suite->fini != NULL)
        suite->fini();
}

/* ------------------------------------------------------------------------ the runner */

/* How the test wants its child to end: valgrind's and the sanitizers' complaints show in the exit
 * status. */
static bool is_wanted_end(const struct criterion_test *test, int status)
{
    if (WIFSIGNALED(status))
        return test->data->signal != 0 && WTERMSIG(status) == test->data->signal;
    return WEXITSTATUS(status) == test->data->exit_code;
}

static void count(const struct criterion_test *test, int status)
{
    if (is_wanted_end(test, status)) {
        passed++;
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
        stopped++;
        printf("stopped: %s/%s\n", test->category, test->name);
    } else {
        failures++;
        printf("FAILED: %s/%s (%s %d)\n", test->category, test->name,
               WIFSIGNALED(status) ? "signal" : "status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
}

static void finish_one(void)
{
    int status = 0;
    pid_t child = wait(&status);

    for (size_t i = 0; i < JOBS_MAX; i++)
        if (jobs[i].child == child) {
            jobs[i].child = 0;
            count(jobs[i].test, status);
        }
}

static void run_in_child(const struct criterion_test *test, void *parameter)
{
    struct rlimit limit = {seconds, seconds + 1};

    current = test;
    current_parameter = parameter;
    if (seconds > 0 && setrlimit(RLIMIT_CPU, &limit) != 0)
        _exit(125);
    test->test();
    exit(failed ? 1 : 0);
}

static void start(const struct criterion_test *test, void *parameter)
{
    size_t i = 0;

    while (jobs[i].child != 0)
        if (++i == job_count) {
            finish_one();
            i = 0;
        }
    jobs[i].test = test;
    jobs[i].child = fork();
    if (jobs[i].child == 0)
        run_in_child(test, parameter);
    if (jobs[i].child < 0) {
        perror("fork");
        exit(EXIT_FAILURE);
    }
}

static void for_each_set(const struct criterion_test *test,
                         void (*act)(const struct criterion_test *test, void *parameter))
{
    struct criterion_test_params parameters;

    if (test->data->kind_ != CR_TEST_PARAMETERIZED) {
        act(test, NULL);
        return;
    }
    parameters = test->data->param_();
    for (size_t i = 0; i < parameters.length; i++)
        act(test, (char *)parameters.params + i * parameters.size);
    if (parameters.cleanup != NULL)
        parameters.cleanup(&parameters);
}

static void leave_out(const struct criterion_test *test, void *parameter)
{
    (void)test;
    (void)parameter;
    left_out++;
}

static bool is_one_of(const struct criterion_test *test, const char *const *patterns, size_t count)
{
    char name[512];

    (void)snprintf(name, sizeof name, "%s/%s", test->category, test->name);
    for (size_t i = 0; i < count; i++)
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    return false;
}

static void run_wanted(const char *const *patterns, size_t count)
{
    for (struct criterion_test *const *test = __start_cr_tst; test < __stop_cr_tst; test++) {
        if ((*test)->data->disabled || (count > 0 && !is_one_of(*test, patterns, count)))
            continue;
        for_each_set(*test, is_one_of(*test, exclusions, exclusion_count) ? leave_out : start);
    }
    for (size_t i = 0; i < job_count; i++)
        while (jobs[i].child != 0)
            finish_one();
}

static bool set_options(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "j:t:x:")) != -1) {
        unsigned long value = optarg != NULL ? strtoul(optarg, NULL, 10) : 0;

        if (option == 'j' && value >= 1 && value <= JOBS_MAX)
            job_count = value;
        else if (option == 't')
            seconds = value;
        else if (option == 'x' && exclusion_count < EXCLUSIONS_MAX)
            exclusions[exclusion_count++] = optarg;
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    if (!set_options(argc, argv))
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    run_wanted((const char *const *)argv + optind, (size_t)(argc - optind));
    if (stopped > 0)
        printf("%u stopped after %lu s\n", stopped, (unsigned long)seconds);
    if (left_out > 0)
        printf("%u left out\n", left_out);
    printf("%u passed, %u failed\n", passed, failures);
    return failures == 0 && passed + stopped > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
