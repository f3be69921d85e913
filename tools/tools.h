/* tools: the command `handfast`. It owns sockets, files, clocks and memory, and reaches the library
 * through its public headers; only what reads captures, whose connections are other people's, also
 * uses the reader of tls/wire/, the PRF and the record protection.
 *
 *   tools.h             exit status, verbs, complaints, small helpers        (this file)
 *   main.c              finds the verb; help and version; parse.c: numbers and hexadecimal
 *   options.h           the options that client, server and demo share; psk_suites.c: the suites
 *                       that follow from --psk
 *   file.h              whole files in memory
 *   pem.h               certificates and keys from PEM or DER files
 *   identity.h          trust anchors, and a chain with its key, from files
 *   bindings.h          the server's file of host names and identities
 *   keeping.h           sessions in a file, and a server's memory of them
 *   certificate_urls.h  certificates behind URLs
 *   dissect/dissect.h   handshake messages as trees of fields
 *   net.h               sockets: listen, connect, accept
 *   endpoint.h          one connection over one non-blocking socket
 *   subject.h           the name in a certificate as text
 *   summary.h           what a handshake agreed on
 *   watch.h             one connection's observer; hands events to the next four
 *   journal.h           what happened, in order and with times
 *   ladder.h            the messages as arrows between two columns
 *   svg.h svg_file.h    the same as a picture
 *   trace.h             the messages taken apart; tree_json.h: the same as JSON
 *   keylog.h            the NSS key log
 *   capture_write.h     the packets that carry a connection, in a file
 *   packet.h            a packet taken apart; capture_read.h: all segments of TCP in a file
 *   tcp_stream.h        connections of TCP put together from them
 *   conversation.h      one that is TLS, as a list of what happened; facts.h: what its messages say
 *   verdict.h           what went wrong there; report.h: all of it in a paragraph
 *   paragraph.h         running text
 *   failure.h           the line that says why a connection failed
 *   log.h               the log line of a server's connection
 *   http.h              requests, statuses and replies of `server --http`
 *   markup.h            texts in HTML and SVG
 *   page.h              the page that shows the handshake it came through
 *   client.c demo.c server.c serve.c      the verbs that connect (server.h)
 *   table.h             tables as text or JSON
 *   tables.c explain.c sizes.c            the verbs that print what the library knows
 *   inspect.c           explains captures
 *   verify.c batch.c                      path validation alone, one chain and a stream
 *   embed.c                               the verbs `anchors` and `credentials`: C source
 *   explain.h explain_texts.h             causes and remedies, one row a reason and alert
 *   demo_credentials.h                    the certificates and keys of `demo` */
#ifndef TOOLS_TOOLS_H
#define TOOLS_TOOLS_H

#include <handfast/config.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STATUS_DONE = 0,
    STATUS_TLS = 1, /* a handshake, a connection or a validation failed */
    STATUS_USAGE = 2,
    STATUS_OUTSIDE = 3, /* network, file or memory */
};

/* Each verb parses its own arguments; argv[0] is "handfast VERB". Returns the exit status. */
int verb_anchors(int argc, char **argv);
int verb_client(int argc, char **argv);
int verb_credentials(int argc, char **argv);
int verb_demo(int argc, char **argv);
int verb_explain(int argc, char **argv);
int verb_extensions(int argc, char **argv);
int verb_flow(int argc, char **argv);
int verb_groups(int argc, char **argv);
int verb_inspect(int argc, char **argv);
int verb_reasons(int argc, char **argv);
int verb_schemes(int argc, char **argv);
int verb_server(int argc, char **argv);
int verb_sizes(int argc, char **argv);
int verb_suites(int argc, char **argv);
int verb_verify(int argc, char **argv);

/* `verify --batch`: answers each case of the stream on standard input. */
int batch_run(const hf_policy *policy);

/* One line "handfast: ..." on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zeroed memory; ends the process with STATUS_OUTSIDE if there is none. Only for what is needed
 * once; a connection's memory is asked for in a way that may fail (endpoint.h). */
void *must_allocate(size_t count, size_t size);

/* A copy of a text, in memory to free. */
char *must_copy(const char *text);

/* A decimal number within limits and nothing after it. */
bool parse_number(const char *text, int64_t low, int64_t high, int64_t *number);

/* Bytes in hexadecimal and nothing after them; false also where they are more than `capacity`. */
bool parse_hex(const char *text, uint8_t *bytes, size_t capacity, size_t *size);

#endif
