#include "tools/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A blank line ends the head; a bare LF is taken for CRLF (RFC 9112 2.2). */
static bool ends_with_blank_line(const char *head, size_t size)
{
    return (size >= 2 && memcmp(head + size - 2, "\n\n", 2) == 0) ||
           (size >= 4 && memcmp(head + size - 4, "\r\n\r\n", 4) == 0);
}

size_t http_gather(struct http_request *request, hf_span data)
{
    size_t used = 0;
    while (used < data.size && !request->complete) {
        char c = (char)data.data[used++];
        if (request->size == 0 && (c == '\r' || c == '\n'))
            continue; /* empty lines before a request are skipped, RFC 9112 2.2 */
        request->head[request->size++] = c;
        request->complete =
            request->size == HTTP_HEAD_MAX || ends_with_blank_line(request->head, request->size);
    }
    request->head[request->size] = '\0';
    return used;
}

/* The value of a field, without surrounding blanks; NULL if the request has none. */
static const char *find_field(const char *head, const char *name, size_t *size)
{
    size_t name_size = strlen(name);
    for (const char *line = strchr(head, '\n'); line; line = strchr(line, '\n')) {
        line++;
        if (strncasecmp(line, name, name_size) != 0 || line[name_size] != ':')
            continue;
        const char *value = line + name_size + 1;
        value += strspn(value, " \t");
        *size = strcspn(value, "\r\n");
        while (*size && (value[*size - 1] == ' ' || value[*size - 1] == '\t'))
            (*size)--;
        return value;
    }
    return NULL;
}

/* Whether a comma-separated field has this word. */
static bool field_has(const char *head, const char *name, const char *word)
{
    size_t size, word_size = strlen(word);
    const char *value = find_field(head, name, &size);
    for (size_t at = 0; value && at < size;) {
        at += strspn(value + at, " \t,");
        size_t item = strcspn(value + at, " \t,\r\n");
        if (item == word_size && strncasecmp(value + at, word, item) == 0)
            return true;
        at += item ? item : 1;
    }
    return false;
}

/* A body is never read, so the connection cannot be used again after one. */
static bool has_body(const char *head)
{
    size_t size;
    const char *length = find_field(head, "Content-Length", &size);
    return find_field(head, "Transfer-Encoding", &size) ||
           (length && strspn(length, "0") < strcspn(length, " \t\r\n"));
}

/* The minor version of "METHOD target HTTP/1.x", or the status that refuses the line. */
static int judge_line(const char *head, int *minor)
{
    size_t size = strcspn(head, "\r\n");
    const char *blank = memchr(head, ' ', size);
    const char *target = blank ? blank + 1 : NULL;
    const char *second = target ? memchr(target, ' ', size - (size_t)(target - head)) : NULL;
    if (!second || blank == head || second == target)
        return 400;
    const char *version = second + 1;
    size_t version_size = size - (size_t)(version - head);
    if (version_size != 8 || memcmp(version, "HTTP/", 5) != 0 || version[6] != '.')
        return 400;
    if (version[5] != '1' || (version[7] != '0' && version[7] != '1'))
        return 505;
    *minor = version[7] - '0';
    if (strncmp(head, "GET ", 4) != 0 && strncmp(head, "HEAD ", 5) != 0)
        return 405;
    return *target == '/' || strncasecmp(target, "https://", 8) == 0 ? 200 : 400;
}

struct http_verdict http_judge(const struct http_request *request)
{
    const char *head = request->head;
    struct http_verdict verdict = {.without_body = strncmp(head, "HEAD ", 5) == 0};
    int minor = 0;
    if (strlen(head) != request->size)
        verdict.status = 400; /* a zero byte */
    else if (!ends_with_blank_line(head, request->size))
        verdict.status = 431;
    else
        verdict.status = judge_line(head, &minor);
    size_t size;
    if (verdict.status == 200 && minor == 1 && !find_field(head, "Host", &size))
        verdict.status = 400; /* RFC 9112 3.2 */
    /* A browser that opens or reloads the page makes a connection, and so a handshake, for it. */
    verdict.keep_alive = verdict.status == 200 && minor == 1 &&
                         !field_has(head, "Connection", "close") && !has_body(head) &&
                         !field_has(head, "Sec-Fetch-Mode", "navigate");
    return verdict;
}

static const char *status_name(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 405:
        return "Method Not Allowed";
    case 431:
        return "Request Header Fields Too Large";
    default:
        return "HTTP Version Not Supported";
    }
}

char *http_reply(const struct http_verdict *verdict, const char *type, const char *body,
                 size_t body_size, size_t *size)
{
    char head[256], refusal[64];
    if (verdict->status != 200) {
        type = "text/plain; charset=utf-8";
        body_size = (size_t)snprintf(refusal, sizeof refusal, "%d %s\n", verdict->status,
                                     status_name(verdict->status));
        body = refusal;
    }
    int head_size = snprintf(head, sizeof head,
                             "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                             "Connection: %s\r\n%s\r\n",
                             verdict->status, status_name(verdict->status), type, body_size,
                             verdict->keep_alive ? "keep-alive" : "close",
                             verdict->status == 405 ? "Allow: GET, HEAD\r\n" : "");
    if (verdict->without_body)
        body_size = 0;
    char *reply = malloc((size_t)head_size + body_size);
    if (!reply)
        return NULL;
    memcpy(reply, head, (size_t)head_size);
    memcpy(reply + head_size, body, body_size);
    *size = (size_t)head_size + body_size;
    return reply;
}
