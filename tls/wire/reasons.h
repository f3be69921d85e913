/* What the engine itself needs of a reason. The rows of hf_reason_of with their texts are linked
 * only into programs that ask for them. */
#ifndef HF_WIRE_REASONS_H
#define HF_WIRE_REASONS_H

#include <handfast/error.h>

/* The alert to be sent, or HF_ALERT_NONE. */
uint8_t hf_reason_alert(hf_error error);

#endif
