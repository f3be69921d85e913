#include "crypto_glue/arena.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

/* What arena.h promises, held against a map of units that knows nothing of headers in memory. */
#define UNIT   _Alignof(max_align_t)
#define HEADER sizeof(size_t)
#define UNITS  128
#define LIVE   48
#define MARGIN 64

static _Alignas(max_align_t) uint8_t memory[MARGIN + UNITS * UNIT + UNIT + MARGIN];

/* An arena of exactly `units`: with its first header just below an aligned address. */
static void begin(size_t units)
{
    memset(memory, 0xa5, sizeof memory);
    hf_buf buffer = {memory + MARGIN + UNIT - HEADER, units * UNIT};
    cr_assert(hf_arena_init(buffer));
    cr_assert_eq(hf_arena_status().size, units * UNIT);
}

static uint8_t *payload(size_t unit)
{
    return memory + MARGIN + UNIT + unit * UNIT;
}

static void check_margins(size_t units)
{
    for (size_t i = 0; i < MARGIN + UNIT - HEADER; i++) {
        cr_assert_eq(memory[i], 0xa5);
    }
    for (size_t i = MARGIN + UNIT - HEADER + units * UNIT; i < sizeof memory; i++) {
        cr_assert_eq(memory[i], 0xa5);
    }
}

static bool is_zero(const uint8_t *data, size_t size)
{
    while (size > 0 && *data == 0) {
        data++;
        size--;
    }
    return size == 0;
}

/* ------------------------------------------------------------------ the model */

typedef struct live_block {
    uint8_t *data;
    size_t size, unit;
    uint8_t pattern;
} live_block;

static struct {
    bool in_use[UNITS];
    size_t units, peak, refused;
    live_block live[LIVE];
    size_t count;
    uint32_t random;
} model;

static uint32_t draw(uint32_t limit)
{
    model.random = model.random * 1664525 + 1013904223;
    return (model.random >> 8) % limit;
}

static size_t units_of(size_t size)
{
    return (size + HEADER + UNIT - 1) / UNIT;
}

static bool is_room(size_t unit, size_t count)
{
    size_t found = 0;
    while (found < count && unit + found < model.units && !model.in_use[unit + found]) {
        found++;
    }
    return found == count;
}

/* The first fit; UNITS if there is none. */
static size_t expected_unit(size_t size)
{
    for (size_t unit = 0; unit < model.units; unit++) {
        if (is_room(unit, units_of(size))) {
            return unit;
        }
    }
    return UNITS;
}

static void mark(size_t unit, size_t count, bool in_use)
{
    for (size_t i = unit; i < unit + count; i++) {
        model.in_use[i] = in_use;
    }
    if (in_use && model.peak < unit + count) {
        model.peak = unit + count;
    }
}

static void fill(live_block *b, size_t from)
{
    memset(b->data + from, b->pattern, b->size - from);
}

static void check_pattern(const live_block *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        cr_assert_eq(b->data[i], b->pattern);
    }
}

static void allocate_one(size_t size)
{
    size_t unit = expected_unit(size);
    bool zeros = draw(2) != 0;
    uint8_t *data = zeros ? hf_arena_allocate_zeros(1, size) : hf_arena_allocate(size);
    if (unit == UNITS) {
        cr_assert_null(data);
        model.refused++;
        return;
    }
    cr_assert_eq(data, payload(unit));
    cr_assert(!zeros || is_zero(data, size));
    mark(unit, units_of(size), true);
    live_block *b = &model.live[model.count++];
    *b = (live_block){data, size, unit, (uint8_t)(1 + draw(255))};
    fill(b, 0);
}

static void free_one(size_t index)
{
    live_block b = model.live[index];
    check_pattern(&b, b.size);
    hf_arena_free(b.data);
    cr_assert(is_zero(b.data, b.size), "what is freed is wiped");
    mark(b.unit, units_of(b.size), false);
    model.live[index] = model.live[--model.count];
}

static void reallocate_one(size_t index, size_t size)
{
    live_block *b = &model.live[index];
    live_block old = *b;
    size_t old_units = units_of(old.size), units = units_of(size);
    bool stays = units <= old_units || is_room(old.unit + old_units, units - old_units);
    size_t unit = stays ? old.unit : expected_unit(size);
    uint8_t *data = hf_arena_reallocate(old.data, size);
    if (unit == UNITS) {
        cr_assert_null(data);
        check_pattern(&old, old.size);
        model.refused++;
        return;
    }
    cr_assert_eq(data, payload(unit));
    if (!stays) {
        cr_assert(is_zero(old.data, old.size), "what is left is wiped");
    } else if (units < old_units) {
        cr_assert(is_zero(payload(unit + units), (old_units - units) * UNIT - HEADER));
    }
    mark(old.unit, old_units, false);
    mark(unit, units, true);
    *b = (live_block){data, size, unit, old.pattern};
    check_pattern(b, size < old.size ? size : old.size);
    fill(b, size < old.size ? size : old.size);
}

static void check_status(void)
{
    size_t used = 0;
    for (size_t i = 0; i < model.count; i++) {
        used += units_of(model.live[i].size) * UNIT;
    }
    hf_arena_use status = hf_arena_status();
    cr_assert_eq(status.used, used);
    cr_assert_eq(status.peak, model.peak * UNIT);
    cr_assert_eq(status.refused, model.refused);
}

static void step(void)
{
    size_t size = 1 + draw(draw(4) == 0 ? 20 * UNIT : 4 * UNIT);
    uint32_t kind = draw(8);
    if (model.count < LIVE && (kind < 4 || model.count == 0)) {
        allocate_one(size);
    } else if (kind < 6) {
        free_one(draw((uint32_t)model.count));
    } else {
        reallocate_one(draw((uint32_t)model.count), size);
    }
}

Test(arena, does_what_the_model_does)
{
    size_t refused = 0;
    for (uint32_t seed = 0; seed < 60; seed++) {
        memset(&model, 0, sizeof model);
        model.random = seed;
        model.units = 8 + seed * 2;
        begin(model.units);
        for (int i = 0; i < 1000; i++) {
            step();
            check_status();
        }
        refused += model.refused;
        while (model.count > 0) {
            free_one(draw((uint32_t)model.count));
        }
        check_status();
        check_margins(model.units);
        uint8_t *all = hf_arena_allocate(model.units * UNIT - HEADER);
        cr_assert_eq(all, payload(0), "free neighbours become one");
        cr_assert(is_zero(all, model.units * UNIT - HEADER), "no traces of old headers either");
    }
    cr_assert_gt(refused, 0);
}

/* ------------------------------------------------------------------ single promises */

/* Counts how many of the requests of one imagined operation are refused, and gives all back. */
static size_t run_operation(void)
{
    static const size_t sizes[] = {16, 84, 16, 40, 200, 16, 84, 12, 300, 1, 64};
    enum { COUNT = sizeof sizes / sizeof sizes[0] };
    void *blocks[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = hf_arena_allocate(sizes[i]);
        if (i % 3 == 2) {
            hf_arena_free(blocks[i - 1]);
            blocks[i - 1] = NULL;
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        hf_arena_free(blocks[i]);
    }
    cr_assert_eq(hf_arena_status().used, 0);
    return hf_arena_status().refused;
}

Test(arena, of_the_size_of_its_peak_would_have_done)
{
    begin(UNITS);
    cr_assert_eq(run_operation(), 0);
    size_t peak = hf_arena_status().peak;

    begin(peak / UNIT);
    cr_assert_eq(run_operation(), 0);
    cr_assert_eq(hf_arena_status().peak, peak);
    for (size_t units = 1; units < peak / UNIT; units++) {
        begin(units);
        cr_assert_gt(run_operation(), 0);
        check_margins(units);
    }
}

Test(arena, restarts_its_peak)
{
    begin(UNITS);
    void *low = hf_arena_allocate(1);
    void *high = hf_arena_allocate(20 * UNIT);
    cr_assert_null(hf_arena_allocate(UNITS * UNIT));
    hf_arena_free(high);
    hf_arena_restart_peak();
    cr_assert_eq(hf_arena_status().peak, units_of(1) * UNIT);
    cr_assert_eq(hf_arena_status().refused, 0);
    hf_arena_free(low);
    hf_arena_restart_peak();
    cr_assert_eq(hf_arena_status().peak, 0);
}

Test(arena, refuses_sizes_that_would_wrap)
{
    static const size_t sizes[] = {
        SIZE_MAX,     SIZE_MAX - 1,     SIZE_MAX - HEADER, SIZE_MAX - UNIT,
        SIZE_MAX / 2, SIZE_MAX / 2 + 1, UNITS * UNIT,      0};
    begin(UNITS);
    uint8_t *block = hf_arena_allocate(UNIT);
    size_t refused = 0;
    memset(block, 7, UNIT);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        cr_assert_null(hf_arena_allocate(sizes[i]));
        cr_assert_null(hf_arena_allocate_zeros(sizes[i], 1));
        cr_assert_null(hf_arena_allocate_zeros(1, sizes[i]));
        cr_assert_null(hf_arena_reallocate(block, sizes[i]));
        refused += 4;
    }
    /* Products that are small, or 0, once they have wrapped. */
    cr_assert_null(hf_arena_allocate_zeros(SIZE_MAX / 4 + 1, 4));
    cr_assert_null(hf_arena_allocate_zeros(SIZE_MAX / 8 + 2, 8));
    cr_assert_null(hf_arena_allocate_zeros(4, SIZE_MAX / 4 + 1));
    cr_assert_eq(hf_arena_status().refused, refused + 3);
    cr_assert_eq(hf_arena_status().used, units_of(UNIT) * UNIT);
    for (size_t i = 0; i < UNIT; i++) {
        cr_assert_eq(block[i], 7);
    }
    check_margins(UNITS);
}

Test(arena, takes_buffers_of_any_alignment)
{
    for (size_t shift = 0; shift < 2 * UNIT; shift++) {
        memset(memory, 0xa5, sizeof memory);
        hf_buf buffer = {memory + MARGIN + shift, 10 * UNIT};
        cr_assert(hf_arena_init(buffer));
        cr_assert_geq(hf_arena_status().size, 9 * UNIT);
        uint8_t *block = hf_arena_allocate(hf_arena_status().size - HEADER);
        cr_assert_eq((uintptr_t)block % UNIT, 0);
        cr_assert_geq(block, buffer.data + HEADER);
        cr_assert_leq(block + hf_arena_status().size - HEADER, buffer.data + buffer.size);
        for (size_t i = 0; i < MARGIN + shift; i++) {
            cr_assert_eq(memory[i], 0xa5);
        }
        for (size_t i = MARGIN + shift + 10 * UNIT; i < sizeof memory; i++) {
            cr_assert_eq(memory[i], 0xa5);
        }
    }
}

Test(arena, needs_room_for_a_block)
{
    cr_assert_not(hf_arena_init((hf_buf){NULL, 1000}));
    cr_assert_not(hf_arena_init((hf_buf){memory + UNIT - HEADER, UNIT - 1}));
    cr_assert_not(hf_arena_init((hf_buf){memory, 0}));
    cr_assert_null(hf_arena_allocate(1), "there is none");
    cr_assert_null(hf_arena_allocate_zeros(1, 1));
    cr_assert_null(hf_arena_reallocate(NULL, 1));
    cr_assert_eq(hf_arena_status().refused, 3);
    cr_assert(hf_arena_init((hf_buf){memory + UNIT - HEADER, UNIT}));
    cr_assert_not_null(hf_arena_allocate(UNIT - HEADER));
    cr_assert_null(hf_arena_allocate(1));
}

Test(arena, has_the_calls_that_libtommath_makes)
{
    begin(UNITS);
    uint8_t *block = hf_arena_allocate_zeros(3, 4);
    memset(block, 9, 12);
    uint8_t *behind = hf_arena_allocate(1);
    uint8_t *moved = hf_arena_number_reallocate(block, 12, 10 * UNIT);
    cr_assert_gt(moved, behind);
    for (size_t i = 0; i < 12; i++) {
        cr_assert_eq(moved[i], 9);
    }
    hf_arena_free(behind);
    hf_arena_number_free(moved, 10 * UNIT);
    hf_arena_free(NULL);
    cr_assert_eq(hf_arena_status().used, 0);
}
