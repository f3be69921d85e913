#include "tests/flow/leftovers.h"

#include <criterion/criterion.h>
#include <string.h>

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif
#ifndef VALGRIND_MAKE_MEM_DEFINED
#define VALGRIND_MAKE_MEM_DEFINED(memory, size) 0
#define RUNNING_ON_VALGRIND                     0
#endif

#define WINDOW      8
#define TABLE_SIZE  (1u << 16) /* a power of two, well above the windows of many handshakes */
#define FILTER_SIZE (1u << 18) /* bits */
#define STACK_SIZE  (64u << 10)

static uint64_t table[TABLE_SIZE]; /* 0: free */
static uint8_t filter[FILTER_SIZE / 8];
static size_t known;
static bool is_watching;

void leftovers_forget(void)
{
    is_watching = true;
    memset(table, 0, sizeof table);
    memset(filter, 0, sizeof filter);
    known = 0;
}

size_t leftovers_known(void)
{
    return known;
}

__attribute__((no_sanitize("address"))) static inline uint64_t mix(uint64_t window)
{
    return window * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t load(const uint8_t *bytes)
{
    uint64_t window;
    memcpy(&window, bytes, sizeof window);
    return window;
}

__attribute__((no_sanitize("address"))) static inline bool is_known(uint64_t window)
{
    uint64_t hash = mix(window);
    uint64_t bit = hash >> 46; /* 18 bits */
    if ((filter[bit / 8] >> bit % 8 & 1) == 0 || window == 0)
        return false;
    for (uint64_t i = hash >> 20;; i++) {
        if (table[i % TABLE_SIZE] == window)
            return true;
        if (table[i % TABLE_SIZE] == 0)
            return false;
    }
}

/* Lengths, versions and the zeros of a plain PSK are in many places (RFC 4279 2). */
static bool tells_something(uint64_t window)
{
    unsigned zeros = 0;
    for (unsigned i = 0; i < WINDOW; i++)
        zeros += (window >> 8 * i & 0xff) == 0;
    return zeros < 3;
}

static void add(uint64_t window)
{
    uint64_t hash = mix(window), bit = hash >> 46, i = hash >> 20;
    if (!tells_something(window) || is_known(window))
        return;
    cr_assert_lt(known, TABLE_SIZE / 2);
    while (table[i % TABLE_SIZE] != 0)
        i++;
    table[i % TABLE_SIZE] = window;
    filter[bit / 8] |= (uint8_t)(1 << bit % 8);
    known++;
}

/* Words of 4 and 8 bytes turned around, as a hash function or a key schedule loads them, and all of
 * it, as a number stands in memory. */
static void add_turned(const uint8_t *bytes, size_t size, size_t word)
{
    uint8_t turned[512];
    for (size_t i = 0; i < size; i++) {
        size_t first = i / word * word, length = size - first < word ? size - first : word;
        turned[i] = bytes[first + length - 1 - (i - first)];
    }
    for (size_t i = 0; i + WINDOW <= size; i++)
        add(load(turned + i));
}

void leftovers_note(const uint8_t *bytes, size_t size)
{
    static const size_t words[] = {1, 4, 8, 512};
    if (!is_watching)
        return;
    cr_assert_leq(size, 512);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        add_turned(bytes, size, words[i]);
}

/* Also used on memory that nobody has written or that sanitizers guard. */
__attribute__((no_sanitize("address"))) static inline const uint8_t *find(const uint8_t *bytes,
                                                                          size_t size)
{
    for (size_t i = 0; i + WINDOW <= size; i++) {
        uint64_t window = 0;
        __builtin_memcpy(&window, bytes + i, sizeof window);
        if (is_known(window))
            return bytes + i;
    }
    return NULL;
}

const void *leftovers_in(const void *memory, size_t size)
{
    return find(memory, size);
}

/* AddressSanitizer's frames are not those of the product, and much larger. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_OTHER_FRAMES true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_OTHER_FRAMES true
#endif
#endif
#ifndef HAS_OTHER_FRAMES
#define HAS_OTHER_FRAMES false
#endif

/* Tells the compiler that somebody else may have looked at the memory, or changed it. */
static void launder(void *memory)
{
    __asm__ volatile("" : : "r"(memory) : "memory");
}

__attribute__((noinline, no_sanitize("address"))) void leftovers_paint_stack(void)
{
    uint8_t area[STACK_SIZE];
    __builtin_memset(area, 0x5a, sizeof area);
    launder(area);
}

__attribute__((noinline, no_sanitize("address"))) bool leftovers_stack_is_clean(void)
{
    uint8_t area[STACK_SIZE];
    launder(area);
    (void)VALGRIND_MAKE_MEM_DEFINED(area, sizeof area);
    /* On the processor that valgrind imitates, GMP chooses other code, which goes deeper. */
    return HAS_OTHER_FRAMES || RUNNING_ON_VALGRIND || find(area, sizeof area) == NULL;
}

static void expect_clean(const void *memory, size_t size, const char *what, const char *when)
{
    cr_assert_null(leftovers_in(memory, size), "a secret is left in %s: %s", what, when);
}

/* All of hf_conn but what a living connection must remember. */
static void expect_clean_conn(const hf_conn *c, const char *when)
{
    static hf_conn rest;
    memcpy(&rest, c, sizeof rest);
    memset(&rest.in.protection, 0, sizeof rest.in.protection);
    memset(&rest.out.protection, 0, sizeof rest.out.protection);
    memset(rest.master_secret, 0, sizeof rest.master_secret);
    expect_clean(&rest, sizeof rest, "the rest of hf_conn", when);
}

void leftovers_expect_none(const endpoint *e, const char *when)
{
    const hf_conn *c = &e->conn;
    uint32_t wants = hf_conn_wants(c);
    bool has_ended = (wants & (HF_FAILED | HF_CLOSED)) != 0;
    bool is_at_rest = (wants & HF_ESTABLISHED) != 0 && !hf_conn_is_renegotiating(c);
    expect_clean(e->rx, e->rx_size, "the receive buffer", when);
    expect_clean(e->tx, e->tx_size, "the transmit buffer", when);
    if (has_ended)
        expect_clean(c, sizeof *c, "hf_conn", when);
    else
        expect_clean_conn(c, when);
    if (has_ended || is_at_rest)
        expect_clean(&e->handshake, sizeof e->handshake, "hf_handshake", when);
}
