/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it keeps the latch.
 *
 * The latch follows from the journal, after each step that the watch takes;
 * there is nothing to remember.  A failback keeps it set until the primary
 * leads, then leaves it to the effect that clears it, and is seen to be over
 * with that.
 */
#include <string.h>

#include "failover/watch.h"

/* CloudWatch counts in minutes: twice in each, or it may miss one. */
enum { BEAT_MAX_MS = 30000 };

void
watch_start_latch(struct failover *f)
{
	struct latch_options options = {
		.stack = f->set.stack,
		.place = &f->set.latch,
		.beat_ms = f->set.poll_interval < BEAT_MAX_MS
		    ? f->set.poll_interval
		    : BEAT_MAX_MS,
		.call_ms = f->set.poll_deadline,
	};

	f->latch = latch_new(f->loop, f->aws, &options);
}

/* Is an effect of the present change about to clear it? */
static bool
is_clearing(const struct memory *m)
{
	size_t i;

	if (!memory_has_pending(m) || !m->change.failback)
		return false;
	for (i = 0; i < m->change.count; i++)
		if (m->change.effects[i].kind == EFFECT_LATCH)
			return !effect_is_over(&m->change.effects[i]);
	return false;
}

void
watch_tend_latch(struct failover *f)
{
	const struct memory *m = &f->memory;
	struct latch_view view = {
		.active_known = m->active_known && !f->doubt,
		.standby_active = strcmp(m->active.region, f->set.standby) == 0,
		.failing_back = memory_is_changing(m) && m->change.failback,
		.clearing = is_clearing(m),
	};

	latch_want(f->latch, latch_wanted(&view));
}
