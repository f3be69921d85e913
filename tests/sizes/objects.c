/* An object as large as each type that a program must place, and as each buffer: their sizes are
 * those of these symbols, whatever machine they are compiled for. */
#include <handfast/handfast.h>

extern uint8_t size_of_hf_conn[sizeof(hf_conn)];
extern uint8_t size_of_hf_handshake[sizeof(hf_handshake)];
extern uint8_t size_of_hf_session[sizeof(hf_session)];
extern uint8_t size_of_HF_RX_MIN[HF_RX_MIN];
extern uint8_t size_of_HF_TX_MIN[HF_TX_MIN];
extern uint8_t size_of_HF_RX_FULL[HF_RX_FULL];
extern uint8_t size_of_HF_TX_FULL[HF_TX_FULL];

uint8_t size_of_hf_conn[sizeof(hf_conn)];
uint8_t size_of_hf_handshake[sizeof(hf_handshake)];
uint8_t size_of_hf_session[sizeof(hf_session)];
uint8_t size_of_HF_RX_MIN[HF_RX_MIN];
uint8_t size_of_HF_TX_MIN[HF_TX_MIN];
uint8_t size_of_HF_RX_FULL[HF_RX_FULL];
uint8_t size_of_HF_TX_FULL[HF_TX_FULL];
