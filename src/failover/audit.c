/* SPDX-License-Identifier: MIT
 *
 * The name of a decision.
 *
 * Base32 without the letters that are read as another (Crockford's), because
 * people say these to each other over the telephone.
 */
#include <string.h>

#include "base/backoff.h"
#include "base/text.h"
#include "failover/audit.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

char *
audit_new(char out[AUDIT_SIZE])
{
	uint64_t chance = backoff_random();
	int i;

	for (i = 0; i < AUDIT_SIZE - 1; i++) {
		out[i] = alphabet[chance % 32];
		chance /= 32;
	}
	out[i] = '\0';
	return out;
}

bool
audit_is_one(const char *s)
{
	return text_made_of(s, alphabet, AUDIT_SIZE - 1, AUDIT_SIZE - 1);
}
