/* The line that says why a connection failed, of a form that scripts rely on:
 *     REASON_SYMBOL: sentence (RFC section; alert N name sent|received; at MESSAGE)
 * Parts in brackets that do not apply are left out. */
#ifndef TOOLS_FAILURE_H
#define TOOLS_FAILURE_H

#include <handfast/error.h>

#include <jansson.h>

#define FAILURE_LINE_MAX 512

void failure_line(char line[FAILURE_LINE_MAX], const hf_failure *failure);
/* The same as an object: reason, sentence, section, and what applies of alert, alert_code,
 * alert_received, message, offset, certificate. */
json_t *failure_json(const hf_failure *failure);
/* An error that no connection has reported: no alert and no message. */
hf_failure failure_of_error(hf_error error);

/* Prints the line and where in the peer's bytes it happened, with the subject of the certificate
 * that it is about, or ""; returns the exit status that the reason asks for. */
int failure_report(const hf_failure *failure, const char *subject);
int failure_report_error(hf_error error);

#endif
