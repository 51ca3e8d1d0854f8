/* SPDX-License-Identifier: MIT
 *
 * Names of the stack's objects.
 *
 * The rule must give the same name for ever: a name that changes is a second
 * object.  When even a service of no letters is too long, the hash stands in
 * front of as much of the end as fits: the purpose and the environment.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stack/names.h"

enum { HASH_DIGITS = 6 };

/* FNV-1a, 32 bits: parameters of the Internet draft on FNV, section 5. */
static uint32_t
fnv1a(const char *s)
{
	uint32_t hash = UINT32_C(2166136261);

	for (; *s != '\0'; s++) {
		hash ^= (unsigned char)*s;
		hash *= UINT32_C(16777619);
	}
	return hash;
}

uint32_t
name_hash(const char *s)
{
	return fnv1a(s) & UINT32_C(0xffffff);
}

char *
name_of(char out[NAME_MAX_LEN + 1], size_t limit, const char *service,
    const char *region, const char *environment, const char *purpose)
{
	char *full, *tail;
	size_t keep, len;
	uint32_t hash;

	if (limit > NAME_MAX_LEN)
		limit = NAME_MAX_LEN;
	tail = mem_printf("-%s-%s-%s", region, environment, purpose);
	full = mem_printf("%s%s", service, tail);
	if (strlen(full) <= limit) {
		snprintf(out, NAME_MAX_LEN + 1, "%s", full);
	} else {
		hash = name_hash(full);
		len = strlen(tail);
		if (len > limit - HASH_DIGITS)
			len = limit - HASH_DIGITS;
		keep = limit - HASH_DIGITS - len;
		snprintf(out, NAME_MAX_LEN + 1, "%.*s%06" PRIx32 "%s",
		    (int)keep, service, hash, tail + strlen(tail) - len);
	}
	free(tail);
	free(full);
	return out;
}
