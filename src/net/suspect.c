/* SPDX-License-Identifier: MIT
 *
 * Hosts that have just let a call time out.
 *
 * A suspicion ends by itself once every connection from before it would be
 * too old anyway, so the list stays as short as the list of dead hosts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/suspect.h"

struct suspect {
	LIST_ENTRY(suspect) link;
	char *host;
	uint64_t since;
};

static void
clear(struct suspect *s)
{
	LIST_REMOVE(s, link);
	free(s->host);
	free(s);
}

static struct suspect *
find(struct suspects *all, const char *host, uint64_t now)
{
	struct suspect *s, *next, *found = NULL;

	for (s = LIST_FIRST(all); s != NULL; s = next) {
		next = LIST_NEXT(s, link);
		if (now - s->since > IDLE_MAX_S * UINT64_C(1000))
			clear(s);
		else if (strcmp(s->host, host) == 0)
			found = s;
	}
	return found;
}

void
suspect_add(struct suspects *all, const char *host, uint64_t now)
{
	struct suspect *s = find(all, host, now);

	if (s == NULL) {
		s = mem_alloc(sizeof(*s));
		s->host = mem_strdup(host);
		LIST_INSERT_HEAD(all, s, link);
	}
	s->since = now;
}

long
suspect_idle_limit(struct suspects *all, const char *host, uint64_t now)
{
	struct suspect *s = find(all, host, now);

	if (s == NULL)
		return IDLE_MAX_S;
	/* curl counts whole seconds: one less, to be on the safe side. */
	if (now - s->since < 2000)
		return 0;
	return (long)((now - s->since) / 1000) - 1;
}

void
suspects_release(struct suspects *all)
{
	struct suspect *s, *next;

	for (s = LIST_FIRST(all); s != NULL; s = next) {
		next = LIST_NEXT(s, link);
		clear(s);
	}
}
