/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it thinks of the way back.
 *
 * A failback is a planned switchover: the primary has been well for
 * failback_soak, and the gates of gate.h are open.  It comes by order, or by
 * itself where that is configured and the failover was not ordered either.
 *
 * What the gates have seen holds for the decision.  If it cannot be written at
 * once, because the region's SSM does not answer or drd was killed behind it,
 * the region may be another one when it can: until its parameters are
 * written, each poll must have found it well.  Users stay where they are
 * served meanwhile.
 *
 * A primary that was fenced cannot look well, because its function may not
 * run.  So the fence is lifted first, by the first order: the latch keeps
 * users away from it until the failback is made.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "failover/watch.h"

void
watch_note_soak(struct failover *f)
{
	const struct detected *seen = detect_facts(f->detect);

	if (!seen->counted)
		soak_forget(&f->soak);
	else
		soak_note(&f->soak, seen->verdict.verdict, seen->poll_ms);
}

int64_t
watch_soaked_ms(const struct failover *f)
{
	uint64_t left_ms = soak_left(&f->soak, f->set.failback_soak);

	return left_ms == 0 ? 0 : clock_wall_ms() + (int64_t)left_ms;
}

/* Whoever has ordered users away says when they are to go back, too. */
bool
watch_goes_back_alone(const struct failover *f)
{
	const struct change *change = &f->memory.change;

	return f->set.failback_automatic &&
	    change->epoch == f->memory.active.epoch &&
	    change_is_automatic(change);
}

bool
watch_failback_is_due(const struct failover *f)
{
	return watch_goes_back_alone(f) && f->fresh &&
	    soak_left(&f->soak, f->set.failback_soak) == 0;
}

static bool
is_going_back(const struct failover *f)
{
	return memory_is_changing(&f->memory) && f->memory.change.failback;
}

/* Not begun, or not done: false, and `why`, if it must not go on now. */
static bool
may_go_back(const struct failover *f, char *why, size_t size)
{
	const struct detected *seen = detect_facts(f->detect);

	if (!is_going_back(f) || f->memory.change.regardless)
		return true;
	if (!seen->observing && seen->verdict.verdict == VERDICT_OK)
		return true;
	snprintf(why, size, "held until %s looks well: %.120s", f->set.primary,
	    seen->observing ? seen->observing_why : seen->verdict.why);
	return false;
}

void
watch_hold_failback(struct failover *f)
{
	char why[192];
	bool held = !may_go_back(f, why, sizeof(why));

	if (f->act == NULL)
		return;
	if (held && !f->back_held)
		log_info("failover: %s: the failback of epoch %" PRIu64
			 " is %s",
		    f->set.stack, f->memory.change.epoch, why);
	else if (!held && f->back_held && is_going_back(f))
		log_info("failover: %s: the failback goes on", f->set.stack);
	f->back_held = held;
	act_hold(f->act, held ? why : NULL);
}

int
watch_lift_fence(struct failover *f, const char *who, struct error *e)
{
	const struct effect *fence = memory_fence(&f->memory);
	struct error lost;

	/* A failover that is under way is not called off by this. */
	if (fence == NULL || memory_is_changing(&f->memory))
		return 0;
	if (f->set.concurrency == 0)
		return error_set(e, ERROR_BROKEN, gate_name(GATE_UNFENCED),
		    "%s was fenced, and the configuration has no concurrency "
		    "any more to let its function %s run with: give "
		    "function.concurrency a number, reload, and repeat the "
		    "order",
		    fence->region, fence->target);
	error_set(e, ERROR_AGAIN, gate_name(GATE_UNFENCED),
	    "%s was fenced; its function %s is let run again now: repeat the "
	    "order when the region looks well",
	    fence->region, fence->target);
	watch_stop_acting(f); /* it borrows the change */
	if (memory_lift_fence(&f->memory, f->set.concurrency, &lost) == -1)
		*e = lost;
	else
		log_info("failover: %s: the fence of %s is lifted by %s",
		    f->set.stack, fence->region, who);
	if (memory_has_pending(&f->memory))
		watch_start_acting(f);
	return -1;
}
