/* The certificates and keys of `demo`: a CA that exists for this and nothing else, and a server
 * certificate of each key type for demo.handfast.example. The keys are public, so they protect
 * nothing. */
#ifndef TOOLS_DEMO_CREDENTIALS_H
#define TOOLS_DEMO_CREDENTIALS_H

#include <handfast/config.h>

#define DEMO_SERVER_NAME "demo.handfast.example"

extern const hf_trust_anchor demo_anchors[1];
extern const hf_credentials demo_ec;
extern const hf_credentials demo_rsa;
#if HF_WITH_DSS
extern const hf_credentials demo_dsa;
#endif

#endif
