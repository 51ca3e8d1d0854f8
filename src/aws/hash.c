/* SPDX-License-Identifier: MIT
 *
 * Hashes as AWS spells them.  See hash.h.
 */
#include <stdio.h>

#include <openssl/evp.h>

#include "aws/hash.h"
#include "base/text.h"

enum { DIGEST = 32 };

int
hash_sha256(
    const void *p, size_t len, char out[HASH_SHA256_SIZE], struct error *e)
{
	unsigned char digest[DIGEST];
	struct text spelled = TEXT_INIT;

	if (EVP_Digest(p, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return error_set(
		    e, ERROR_BUG, "Crypto", "OpenSSL cannot compute SHA-256");
	text_add_base64(&spelled, digest, sizeof(digest));
	snprintf(out, HASH_SHA256_SIZE, "%s", spelled.s);
	text_release(&spelled);
	return 0;
}
