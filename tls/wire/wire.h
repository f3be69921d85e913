/* wire: what goes over the wire, byte by byte, and the registries of code points.
 *
 *   wire.h      lists this folder (this file)
 *   reader.h    hf_reader: a cursor over bytes received, with one sticky error
 *   writer.h    hf_writer: its mirror image for bytes to send
 *   codes.h     handshake types, content types, extension types
 *   suites.def groups.def schemes.def   one list each: a new suite is a new row
 *   registry.c  the lists as tables behind <handfast/registry.h>
 *   settings.h  which code points a configuration enables
 *   policy.c    the policies
 *   switches.h  the build switches as expressions
 *   reasons.h   the list of <handfast/error.h> as tables
 *
 * Nothing here knows a connection. */
#ifndef HF_WIRE_WIRE_H
#define HF_WIRE_WIRE_H

#include "tls/wire/codes.h"
#include "tls/wire/reader.h"
#include "tls/wire/writer.h"

#endif
