/* SPDX-License-Identifier: MIT
 *
 * Reading a small file that may hold a secret, and leaving no trace of it.
 */
#ifndef DRD_AWS_SMALL_FILE_H
#define DRD_AWS_SMALL_FILE_H

#include <stddef.h>

#include "base/error.h"

/*
 * The whole of `path` in *out, NUL-terminated; caller wipes and frees.  A file
 * that does not exist is 0 with *out NULL.  -1: it cannot be read, is over
 * `max` bytes, is not a regular file or has a NUL in it.
 */
int small_file_read(
    const char *path, size_t max, char **out, size_t *len, struct error *e);

#endif
