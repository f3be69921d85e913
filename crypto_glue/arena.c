#include "crypto_glue/arena.h"

#include "crypto_glue/constant_time.h"

#include <string.h>

/* Blocks lie side by side from the first byte to the last. Each begins with its size, header
 * included, a multiple of UNIT, whose lowest bit says that it is in use. Payloads are aligned, so
 * headers are as far from an aligned address as they are long. Free memory is zeros but for its
 * headers, of which nothing is left once free neighbours become one, when a search comes by. */
#define UNIT   _Alignof(max_align_t)
#define HEADER sizeof(size_t)
#define IN_USE ((size_t)1)

_Static_assert(HEADER <= UNIT && UNIT % HEADER == 0, "a header fits in front of a payload");

static struct {
    uint8_t *first;
    size_t size;
    size_t lowest; /* no free block begins below this offset */
    size_t used, peak, refused;
} arena;

static size_t read_header(size_t at)
{
    size_t header;
    memcpy(&header, arena.first + at, sizeof header);
    return header;
}

static void write_header(size_t at, size_t header)
{
    memcpy(arena.first + at, &header, sizeof header);
}

static size_t size_of(size_t at)
{
    return read_header(at) & ~IN_USE;
}

static bool is_free(size_t at)
{
    return at < arena.size && (read_header(at) & IN_USE) == 0;
}

static size_t offset_of(const void *block)
{
    return (size_t)((const uint8_t *)block - arena.first) - HEADER;
}

/* With its header, rounded up; 0 for a size that is none. What is left out first would wrap. */
static size_t block_size(size_t size)
{
    if (size == 0 || size > arena.size) {
        return 0;
    }
    return (size + HEADER + UNIT - 1) / UNIT * UNIT;
}

bool hf_arena_init(hf_buf memory)
{
    memset(&arena, 0, sizeof arena);
    if (memory.data == NULL) {
        return false;
    }
    size_t skipped = (2 * UNIT - HEADER - (uintptr_t)memory.data % UNIT) % UNIT;
    if (memory.size < skipped + UNIT) {
        return false;
    }
    arena.first = memory.data + skipped;
    arena.size = (memory.size - skipped) / UNIT * UNIT;
    hf_wipe(arena.first, arena.size);
    write_header(0, arena.size);
    return true;
}

hf_arena_use hf_arena_status(void)
{
    return (hf_arena_use){arena.size, arena.used, arena.peak, arena.refused};
}

/* The end of the last block in use. */
static size_t end_of_use(void)
{
    size_t end = 0;
    for (size_t at = 0; at < arena.size; at += size_of(at)) {
        if (!is_free(at)) {
            end = at + size_of(at);
        }
    }
    return end;
}

void hf_arena_restart_peak(void)
{
    arena.peak = end_of_use();
    arena.refused = 0;
}

/* Makes one block of a free one and the free ones behind it. */
static void join_free(size_t at)
{
    size_t size = size_of(at);
    while (is_free(at + size)) {
        size_t next = at + size;
        size += size_of(next);
        write_header(next, 0);
    }
    write_header(at, size);
}

/* Puts `size` bytes from `at` to use; what is left of `room` becomes a free block. */
static void occupy(size_t at, size_t size, size_t room)
{
    write_header(at, size | IN_USE);
    if (room > size) {
        write_header(at + size, room - size);
    }
    arena.used += size;
    if (arena.peak < at + size) {
        arena.peak = at + size;
    }
}

static void *refuse(void)
{
    arena.refused++;
    return NULL;
}

void *hf_arena_allocate(size_t size)
{
    size_t whole = block_size(size), at = arena.lowest;
    bool skipped_free = false;
    while (whole != 0 && at < arena.size) {
        if (is_free(at)) {
            join_free(at);
            if (size_of(at) >= whole) {
                occupy(at, whole, size_of(at));
                if (!skipped_free) {
                    arena.lowest = at + whole;
                }
                return arena.first + at + HEADER;
            }
            skipped_free = true;
        }
        at += size_of(at);
    }
    return refuse();
}

/* Free memory is all zeros. */
void *hf_arena_allocate_zeros(size_t count, size_t size)
{
    if (size != 0 && count > arena.size / size) {
        return refuse();
    }
    return hf_arena_allocate(count * size);
}

void hf_arena_free(void *block)
{
    if (block == NULL) {
        return;
    }
    size_t at = offset_of(block), size = size_of(at);
    hf_wipe(block, size - HEADER);
    write_header(at, size);
    arena.used -= size;
    if (at < arena.lowest) {
        arena.lowest = at;
    }
}

/* Grows or shrinks a block where it is, if there is room behind it. */
static bool resize_in_place(size_t at, size_t whole)
{
    size_t old = size_of(at), next = at + old, room = old;
    if (is_free(next)) {
        join_free(next);
        room += size_of(next);
    }
    if (room < whole) {
        return false;
    }
    if (room > old) {
        write_header(next, 0);
    }
    if (whole < old) {
        hf_wipe(arena.first + at + whole, old - whole);
    }
    arena.used -= old;
    occupy(at, whole, room);
    if ((whole < old && at + whole < arena.lowest) ||
        (at < arena.lowest && arena.lowest < at + whole)) {
        arena.lowest = at + whole;
    }
    return true;
}

void *hf_arena_reallocate(void *block, size_t size)
{
    if (block == NULL) {
        return hf_arena_allocate(size);
    }
    size_t whole = block_size(size), at = offset_of(block);
    if (whole == 0) {
        return refuse();
    }
    if (resize_in_place(at, whole)) {
        return block;
    }
    void *moved = hf_arena_allocate(size);
    if (moved != NULL) {
        memcpy(moved, block, size_of(at) - HEADER);
        hf_arena_free(block);
    }
    return moved;
}

void *hf_arena_number_reallocate(void *block, size_t old_size, size_t size)
{
    (void)old_size;
    return hf_arena_reallocate(block, size);
}

void hf_arena_number_free(void *block, size_t size)
{
    (void)size;
    hf_arena_free(block);
}
