/* Sessions as bytes and tickets.
 *
 * The input is one byte that says what the rest is: a client's session, a state, a ticket, or the
 * state in a ticket that is sealed here and then damaged. What is read is written as the very same
 * bytes; nothing but what the key has sealed is opened.
 *
 * covers: hf_session_read, hf_session_write, hf_session_is_empty, hf_session_wipe
 * covers: hf_session_state_read, hf_session_state_write, hf_ticket_seal, hf_ticket_open */
#include "fuzz/fuzz.h"

#include "tls/session/sessions.h"

#include <string.h>

enum what { SESSION, STATE, TICKET, DAMAGED_TICKET, WHATS };

static bool is_zero(const void *object, size_t size)
{
    const uint8_t *bytes = object;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static void read_session(hf_span input)
{
    hf_session session;
    uint8_t bytes[HF_SESSION_BYTES];
    if (!hf_session_read(&session, input)) {
        fuzz_require(is_zero(&session, sizeof session));
        return;
    }
    fuzz_require(!hf_session_is_empty(&session));
    size_t size = hf_session_write(&session, bytes);
    fuzz_require(size == input.size && memcmp(bytes, input.data, size) == 0);
    hf_session_wipe(&session);
    fuzz_require(hf_session_is_empty(&session) && hf_session_write(&session, bytes) == 0);
}

static bool read_state(hf_span input, hf_session_state *state)
{
    uint8_t bytes[HF_SESSION_STATE_BYTES];
    if (!hf_session_state_read(state, input)) {
        fuzz_require(is_zero(state, sizeof *state));
        return false;
    }
    hf_session_state_write(state, bytes);
    fuzz_require(input.size == sizeof bytes && memcmp(bytes, input.data, sizeof bytes) == 0);
    return true;
}

#if HF_WITH_SESSION_TICKET
/* A damaged ticket may be mended again: what opens has a state that can be kept. */
static void open_ticket(hf_span ticket)
{
    hf_session_state state, again;
    uint8_t bytes[HF_SESSION_STATE_BYTES];
    bool is_stale;
    if (!hf_ticket_open(&fuzz_ticket_keys, ticket, &state, &is_stale))
        return;
    hf_session_state_write(&state, bytes);
    fuzz_require(read_state((hf_span){bytes, sizeof bytes}, &again));
}

/* Two bytes say which place is damaged and how; the rest is the state. */
static void seal_ticket(hf_reader *input)
{
    hf_session_state before, after;
    uint8_t bytes[HF_SESSION_STATE_BYTES];
    uint8_t ticket[HF_TICKET_SIZE];
    uint64_t random_state = hf_read_u8(input);
    const hf_random random = {fuzz_random, &random_state};
    size_t place = hf_read_u8(input) % sizeof ticket;
    uint8_t bits = hf_read_u8(input);
    bool is_stale = true;
    hf_span state = hf_read_bytes(input, hf_reader_left(input));
    if (!read_state(state, &before))
        return;
    fuzz_require(hf_ticket_seal(fuzz_ticket_keys.keys, &random, &before, ticket) == HF_OK);
    ticket[place] ^= bits;
    hf_span sent = {ticket, sizeof ticket};
    fuzz_require(hf_ticket_open(&fuzz_ticket_keys, sent, &after, &is_stale) == (bits == 0));
    if (bits != 0)
        return;
    hf_session_state_write(&after, bytes);
    fuzz_require(!is_stale && memcmp(bytes, state.data, sizeof bytes) == 0);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_reader input = hf_reader_of((hf_span){data, size});
    hf_session_state state;
    enum what what = (enum what)(hf_read_u8(&input) % WHATS);
    if (what == SESSION)
        read_session(hf_read_bytes(&input, hf_reader_left(&input)));
    if (what == STATE)
        (void)read_state(hf_read_bytes(&input, hf_reader_left(&input)), &state);
#if HF_WITH_SESSION_TICKET
    if (what == TICKET)
        open_ticket(hf_read_bytes(&input, hf_reader_left(&input)));
    if (what == DAMAGED_TICKET)
        seal_ticket(&input);
#endif
    return 0;
}
