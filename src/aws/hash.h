/* SPDX-License-Identifier: MIT
 *
 * Hashes as AWS spells them.
 */
#ifndef DRD_AWS_HASH_H
#define DRD_AWS_HASH_H

#include <stddef.h>

#include "base/error.h"

enum { HASH_SHA256_SIZE = 45 }; /* base64, with its NUL */

/* SHA-256 in base64: what Lambda calls CodeSha256.  -1: OpenSSL cannot. */
int hash_sha256(
    const void *p, size_t len, char out[HASH_SHA256_SIZE], struct error *e);

#endif
