/* SPDX-License-Identifier: MIT
 *
 * Freezes and clock steps.  See jump.h.
 */
#include <stdio.h>

#include "base/clock.h"
#include "failover/jump.h"

bool
jump_seen(struct jump *jump, uint64_t mono_ms, int64_t wall_ms, uint64_t due_ms,
    uint64_t interval_ms, char *why, size_t size)
{
	struct jump last = *jump;
	char span[CLOCK_SPAN_SIZE];
	uint64_t late;
	int64_t step;

	jump->mono_ms = mono_ms;
	jump->wall_ms = wall_ms;
	if (last.mono_ms == 0)
		return false;

	step = (wall_ms - last.wall_ms) - (int64_t)(mono_ms - last.mono_ms);
	if (step > JUMP_STEP_MS || step < -JUMP_STEP_MS) {
		snprintf(why, size, "the clock was set %s by %s",
		    step > 0 ? "forward" : "back",
		    clock_span((uint64_t)(step > 0 ? step : -step), span));
		return true;
	}
	late = mono_ms > due_ms ? mono_ms - due_ms : 0;
	if (late > JUMP_LATE_MS && late > interval_ms) {
		snprintf(why, size,
		    "a poll came %s late: the process stood still",
		    clock_span(late, span));
		return true;
	}
	return false;
}
