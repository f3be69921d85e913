/* What each operation with a public key takes of arena, stack and time. And each must bear to be
 * refused memory: in every arena that is too small it ends with HF_CRYPTO_NO_MEMORY and gives all
 * back. */
#include "operations.h"

#include "meter.h"
#include "report.h"

#include "crypto_glue/arena.h"
#include "crypto_glue/init.h"

#define ARENA_SIZE 12288
#define STEP       64 /* between the arenas that are too small */

/* Blocks have one size_t in front of them: from there on nothing is lost to alignment. */
#define HEADER sizeof(size_t)
static _Alignas(8) uint8_t arena[HEADER + ARENA_SIZE];

static bool draw_same(void *context, uint8_t *out, size_t size)
{
    (void)context;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(0x5b + 37 * i);
    return true;
}

const hf_random operations_random = {draw_same, NULL};

static bool measure(const operation *o)
{
    bool fine = hf_arena_init((hf_buf){arena + HEADER, ARENA_SIZE});
    report_operation_begin();
    fine = o->run() == HF_CRYPTO_OK && fine;
    report_operation(o->name);
    return fine && hf_arena_status().used == 0 && hf_arena_status().refused == 0;
}

/* From the largest arena that is too small down; how many there were, 0 if one was borne badly. */
static uint32_t starve(const operation *o)
{
    uint32_t count = 0;
    for (size_t size = hf_arena_status().peak - 1; size > STEP; size -= STEP) {
        bool fine = hf_arena_init((hf_buf){arena + HEADER, size}) &&
                    o->run() == HF_CRYPTO_NO_MEMORY && hf_arena_status().used == 0 &&
                    hf_arena_status().refused > 0;
        if (!fine)
            return 0;
        count++;
    }
    return count;
}

int main(void)
{
    bool fine = hf_crypto_init() == HF_CRYPTO_OK;
    for (const operation *o = operations; o->name != NULL; o++) {
        fine = measure(o) && fine;
        uint32_t starved = starve(o);
        meter_print("starved", starved);
        fine = fine && starved > 0;
    }
    return fine ? 0 : 1;
}
