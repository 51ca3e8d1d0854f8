/* SPDX-License-Identifier: MIT
 *
 * A local file, read whole.
 */
#ifndef DRD_BASE_FILE_H
#define DRD_BASE_FILE_H

#include <stddef.h>

#include "base/error.h"

/*
 * All bytes of `path` in *out, followed by a NUL that *len does not count;
 * caller frees.  -1 and *out NULL: it is not there (ERROR_ABSENT), or
 * ERROR_BROKEN: it cannot be read, is over `max` bytes or is not a regular
 * file.  What was read of it is wiped then, since it may be a secret.
 */
int file_read(
    const char *path, size_t max, char **out, size_t *len, struct error *e);

#endif
