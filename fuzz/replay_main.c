/* Runs a fuzz harness over every file of the folders named on the command line: a regression test
 * where libFuzzer is not at hand. A folder without files is an error, since nothing was tested. */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* A harness may leave it out, as with libFuzzer. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Returns the file's bytes in memory of exactly that size, so that a sanitizer sees any read past
 * the end; NULL if it cannot be read. */
static uint8_t *load(const char *path, size_t *size)
{
    uint8_t *data = NULL;
    long end = -1;
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0)
        data = malloc(end > 0 ? (size_t)end : 1);
    if (data != NULL && fread(data, 1, (size_t)end, file) != (size_t)end) {
        free(data);
        data = NULL;
    }
    fclose(file);
    *size = end > 0 ? (size_t)end : 0;
    return data;
}

static bool replay_file(const char *folder, const char *name)
{
    char path[4096];
    size_t size = 0;
    uint8_t *data;
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);

    if (length < 0 || (size_t)length >= sizeof path)
        return false;
    data = load(path, &size);
    if (data == NULL) {
        perror(path);
        return false;
    }
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return true;
}

/* Returns how many inputs were run, or -1 if one could not be read. */
static int replay_folder(const char *folder)
{
    int count = 0;
    const struct dirent *entry;
    DIR *listing = opendir(folder);

    if (listing == NULL) {
        perror(folder);
        return -1;
    }
    while (count >= 0 && (entry = readdir(listing)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        count = replay_file(folder, entry->d_name) ? count + 1 : -1;
    }
    closedir(listing);
    return count;
}

int main(int argc, char **argv)
{
    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++) {
        int count = replay_folder(argv[i]);

        if (count <= 0) {
            fprintf(stderr, "%s: no inputs were run\n", argv[i]);
            return EXIT_FAILURE;
        }
        printf("%s: %d inputs\n", argv[i], count);
    }
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
