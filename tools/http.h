/* As much of HTTP as `server --http` needs (RFC 9112): a request's head is gathered until its
 * blank line and judged; the reply is composed in one piece. */
#ifndef TOOLS_HTTP_H
#define TOOLS_HTTP_H

#include <handfast/types.h>

#define HTTP_HEAD_MAX 8192

struct http_request {
    char head[HTTP_HEAD_MAX + 1];
    size_t size;
    bool complete; /* the blank line has come, or there is no room left for it */
};

/* Adds bytes from the connection; returns how many belong to this request. */
size_t http_gather(struct http_request *request, hf_span data);

struct http_verdict {
    int status;
    bool keep_alive;
    bool without_body; /* HEAD */
};

/* What a complete request gets. */
struct http_verdict http_judge(const struct http_request *request);

/* A whole reply in memory to free; NULL if there is none. For a status other than 200 the body
 * says what the status means, else it is `body`. */
char *http_reply(const struct http_verdict *verdict, const char *type, const char *body,
                 size_t body_size, size_t *size);

#endif
