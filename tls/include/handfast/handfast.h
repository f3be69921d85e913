/* Handfast: a TLS 1.0, 1.1 and 1.2 engine that never allocates. Includes every public header:
 *
 *   build.h     compile-time switches and limits
 *   types.h     spans, roles, versions
 *   alert.h     alert code points
 *   error.h     failure reasons
 *   registry.h  suites, groups, schemes, extensions, names, the ladder
 *   key.h       public and private keys
 *   x509.h      certificates and path validation
 *   session.h   sessions and a server's cache of them
 *   observe.h   events
 *   config.h    configuration, policies, credentials, bindings
 *   question.h  what a connection asks the application
 *   state.h     layout of hf_conn and hf_handshake (private fields)
 *   conn.h      connections
 *
 * Not included: io.h, a helper for blocking transports.
 *
 * Call hf_crypto_init() (crypto_glue/init.h) once before anything else. */
#ifndef HANDFAST_HANDFAST_H
#define HANDFAST_HANDFAST_H

#include "crypto_glue/init.h"

#include <handfast/conn.h>

#endif
