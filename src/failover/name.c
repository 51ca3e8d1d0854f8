/* SPDX-License-Identifier: MIT
 *
 * Where the failover name leads.  See name.h.
 */
#include <string.h>

#include "failover/name.h"

static bool
has_address(const struct dns_answer *answer, const char *address)
{
	size_t i;

	for (i = 0; i < answer->count; i++)
		if (strcmp(answer->addresses[i], address) == 0)
			return true;
	return false;
}

static bool
shares_address(const struct dns_answer *a, const struct dns_answer *b)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (has_address(b, a->addresses[i]))
			return true;
	return false;
}

void
name_count(struct name_seen *seen, const struct dns_answer *answer,
    const struct dns_answer *primary, const struct dns_answer *standby)
{
	bool to_primary = shares_address(answer, primary);
	bool to_standby = shares_address(answer, standby);

	seen->servers++;
	if (answer->outcome != DNS_ANSWERED || answer->count == 0)
		seen->silent++;
	else if (to_primary && !to_standby)
		seen->primary++;
	else if (to_standby && !to_primary)
		seen->standby++;
	else
		seen->astray++;
}

static enum reason
reason_of(const struct name_seen *seen, bool moved)
{
	size_t answered = seen->servers - seen->silent;

	if (seen->servers == 0)
		return REASON_NOT_ASKED;
	if (!seen->known)
		return REASON_UNRESOLVED;
	if (2 * answered <= seen->servers)
		return REASON_SILENT;
	if (seen->astray == answered)
		return REASON_ASTRAY;
	if (seen->primary != answered && seen->standby != answered)
		return REASON_MIXED;
	if (moved)
		return REASON_MOVED;
	return seen->primary == answered ? REASON_NONE : REASON_ELSEWHERE;
}

void
name_judge(const struct name_seen *seen, bool moved, struct observation *out)
{
	enum reason reason = reason_of(seen, moved);

	if (reason == REASON_NOT_ASKED || reason == REASON_UNRESOLVED)
		observation_plain(out, reason);
	else
		observation_set(out, reason,
		    "of %zu name servers %zu lead to the primary, %zu to the "
		    "standby, %zu elsewhere, %zu are silent",
		    seen->servers, seen->primary, seen->standby, seen->astray,
		    seen->silent);
}
