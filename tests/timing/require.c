#include "tests/timing/timing.h"

#include <stdio.h>
#include <stdlib.h>

void timing_require(bool condition, const char *what)
{
    if (!condition) {
        (void)fprintf(stderr, "timing: %s\n", what);
        exit(EXIT_FAILURE);
    }
}
