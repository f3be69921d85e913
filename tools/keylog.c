#include "tools/keylog.h"

#include "crypto_glue/constant_time.h"
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
