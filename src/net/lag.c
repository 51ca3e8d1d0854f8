/* SPDX-License-Identifier: MIT
 *
 * How long the loop was held up.
 */
#include "net/lag.h"

/* The window that `now_ms` is in. */
static struct lag
turned(const struct lag *lag, uint64_t now_ms)
{
	struct lag out = *lag;
	uint64_t age_ms = now_ms - lag->since_ms;

	if (age_ms < LAG_WINDOW_MS)
		return out;
	out.before_ms = age_ms < 2 * LAG_WINDOW_MS ? lag->longest_ms : 0;
	out.longest_ms = 0;
	out.since_ms = now_ms;
	return out;
}

void
lag_note(struct lag *lag, uint64_t began_ms, uint64_t ended_ms)
{
	*lag = turned(lag, ended_ms);
	if (ended_ms - began_ms > lag->longest_ms)
		lag->longest_ms = ended_ms - began_ms;
}

uint64_t
lag_longest_ms(const struct lag *lag, uint64_t now_ms)
{
	struct lag now = turned(lag, now_ms);

	return now.longest_ms > now.before_ms ? now.longest_ms : now.before_ms;
}
