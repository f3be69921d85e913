#include "tls/wire/reasons.h"

#include "tls/wire/switches.h"

#define HF_REASON_ROW(symbol, class, alert, section, sentence) \
    {HF_ERROR_##symbol, HF_CLASS_##class, HF_ALERT_##alert,    \
     HF_TEXT(#symbol),  HF_TEXT(section), HF_TEXT(sentence)},
#define HF_NO_REASON(error, symbol, sentence)                                        \
    {                                                                                \
        error, HF_CLASS_LOCAL, HF_ALERT_NONE, HF_TEXT(symbol), "", HF_TEXT(sentence) \
    }

static const hf_reason none = HF_NO_REASON(HF_OK, "OK", "No failure.");
static const hf_reason unknown =
    HF_NO_REASON(HF_ERROR_END, "UNKNOWN", "Not a reason of this build.");
static const hf_reason reasons[] = {HF_REASONS(HF_REASON_ROW)};

/* The enumerators count up from the first reason in the order of the same list. */
#define HF_FIRST_REASON HF_ERROR_BAD_ARGUMENT
_Static_assert(sizeof reasons / sizeof reasons[0] == HF_ERROR_END - HF_FIRST_REASON,
               "one row for each reason");

const hf_reason *hf_reason_of(hf_error error)
{
    if (error < HF_FIRST_REASON)
        return &none;
    if (error >= HF_ERROR_END)
        return &unknown;
    return &reasons[error - HF_FIRST_REASON];
}

#define HF_REASON_ALERT(symbol, class, alert, section, sentence) HF_ALERT_##alert,

uint8_t hf_reason_alert(hf_error error)
{
    static const uint8_t alerts[] = { HF_REASONS(HF_REASON_ALERT) };
    return error >= HF_FIRST_REASON && error < HF_ERROR_END ? alerts[error - HF_FIRST_REASON]
                                                            : HF_ALERT_NONE;
}
