#include "tools/keylog.h"

#include "crypto_glue/constant_time.h"
#include "tools/file.h"
#include "tools/tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool keylog_open(const char *path, FILE **file)
{
    *file = NULL;
    if (!path)
        path = getenv("SSLKEYLOGFILE");
    if (!path || !*path)
        return true;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    *file = fd < 0 ? NULL : fdopen(fd, "a");
    if (*file) {
        setvbuf(*file, NULL, _IONBF, 0); /* no second copy of the secrets */
        return true;
    }
    complain("cannot open the key log %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return false;
}

static char *put_hex(char *out, hf_span bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
        *out++ = digits[bytes.data[i] >> 4];
        *out++ = digits[bytes.data[i] & 15];
    }
    return out;
}

void keylog_write(FILE *file, hf_span client_random, hf_span master_secret)
{
    char line[256] = "CLIENT_RANDOM ";
    if (client_random.size > 32 || master_secret.size > 64)
        return;
    char *end = put_hex(line + strlen(line), client_random);
    *end++ = ' ';
    end = put_hex(end, master_secret);
    *end++ = '\n';
    fwrite(line, 1, (size_t)(end - line), file);
    hf_wipe(line, sizeof line);
}

/* ------------------------------------------------------------------ reading */

static int compare(const void *a, const void *b)
{
    const struct keylog_secret *left = a, *right = b;
    return memcmp(left->client_random, right->client_random, sizeof left->client_random);
}

static bool parse_secret(char *line, struct keylog_secret *secret)
{
    char *rest;
    const char *label = strtok_r(line, " ", &rest);
    const char *client_random = strtok_r(NULL, " ", &rest);
    const char *master_secret = strtok_r(NULL, " ", &rest);
    size_t random_size, master_size;
    return master_secret && strcmp(label, "CLIENT_RANDOM") == 0 &&
           parse_hex(client_random, secret->client_random, sizeof secret->client_random,
                     &random_size) &&
           parse_hex(master_secret, secret->master_secret, sizeof secret->master_secret,
                     &master_size) &&
           random_size == sizeof secret->client_random &&
           master_size == sizeof secret->master_secret;
}

void keylog_take(struct keylog *keylog, char *text)
{
    size_t lines = 1;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    *keylog = (struct keylog){must_allocate(lines, sizeof *keylog->secrets), 0};
    char *rest;
    for (char *line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest))
        if (parse_secret(line, &keylog->secrets[keylog->count]))
            keylog->count++;
    qsort(keylog->secrets, keylog->count, sizeof *keylog->secrets, compare);
}

bool keylog_read(struct keylog *keylog, const char *path)
{
    size_t size;
    uint8_t *text = file_read(path, &size);
    if (!text)
        return false;
    keylog_take(keylog, (char *)text);
    hf_wipe(text, size);
    free(text);
    return true;
}

const uint8_t *keylog_find(const struct keylog *keylog, const uint8_t client_random[32])
{
    struct keylog_secret key;
    if (keylog->count == 0)
        return NULL;
    memcpy(key.client_random, client_random, sizeof key.client_random);
    const struct keylog_secret *found =
        bsearch(&key, keylog->secrets, keylog->count, sizeof key, compare);
    return found ? found->master_secret : NULL;
}

void keylog_free(struct keylog *keylog)
{
    if (keylog->secrets)
        hf_wipe(keylog->secrets, keylog->count * sizeof *keylog->secrets);
    free(keylog->secrets);
    *keylog = (struct keylog){NULL, 0};
}
