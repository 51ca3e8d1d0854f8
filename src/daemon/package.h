/* SPDX-License-Identifier: MIT
 *
 * The function's package: is it a zip file that Lambda will take?
 *
 * Lambda tells only after the upload, in both regions, and when a function
 * is already being changed; what can be told before is told before.
 */
#ifndef DRD_DAEMON_PACKAGE_H
#define DRD_DAEMON_PACKAGE_H

#include <stddef.h>

#include "aws/hash.h"
#include "base/error.h"

struct package {
	char sha256[HASH_SHA256_SIZE]; /* what AWS calls CodeSha256 */
	size_t size;		       /* bytes */
};

/*
 * Read and check the file.  -1 (ERROR_BROKEN): it is missing, empty or too
 * large, it is damaged, or nothing in it can be the file of `handler`
 * ("index.handler").  Blocks, as long as it takes to read a local file.
 */
int package_read(const char *path, const char *handler, struct package *out,
    struct error *e);

/* The same of its bytes. */
int package_check(
    const char *bytes, size_t len, const char *handler, struct error *e);

#endif
