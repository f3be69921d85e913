/* Names of code points: from the library's tables, and of what only peers have, from the registries
 * of IANA. NULL: no name is known. */
#ifndef TOOLS_DISSECT_CODE_NAMES_H
#define TOOLS_DISSECT_CODE_NAMES_H

#include <stdint.h>

const char *code_version(uint32_t version);
const char *code_suite(uint32_t suite);
const char *code_group(uint32_t group);
const char *code_scheme(uint32_t scheme);
const char *code_extension(uint32_t extension);
const char *code_compression(uint32_t method);
const char *code_point_format(uint32_t format);
const char *code_curve_type(uint32_t type);
const char *code_fragment_length(uint32_t code);
const char *code_server_name_type(uint32_t type);
const char *code_status_type(uint32_t type);
const char *code_certificate_type(uint32_t type);
const char *code_url_chain_type(uint32_t type);
const char *code_trusted_ca_type(uint32_t type);

#endif
