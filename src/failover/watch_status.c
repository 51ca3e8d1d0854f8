/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it is asked.
 *
 * What there is to tell, and what reconcile has to know of it: while the
 * active region changes it does not write (law 9), and what a change has
 * still to write is never reconcile's.
 */
#include <string.h>

#include "failover/recovery.h"
#include "failover/watch.h"

const char *
watch_trouble(const struct failover *f)
{
	if (f->learning_trouble.text[0] != '\0')
		return f->learning_trouble.text;
	if (f->acting_trouble.text[0] != '\0')
		return f->acting_trouble.text;
	return f->memory.trouble;
}

static void
add_proofs(const struct failover *f, struct failover_status *out)
{
	unsigned region;
	int what;

	for (region = 0; region < FAILOVER_REGIONS; region++)
		for (what = 0; what < CANARY_WHATS; what++)
			out->proved_ms[region][what] = canary_proved_ms(
			    f->canary, region, (enum canary_what)what);
}

void
failover_status(struct failover *f, struct failover_status *out)
{
	const struct memory *m = &f->memory;
	const char *trouble = watch_trouble(f);
	bool paused = hold_paused_until(&m->hold, watch_hold_now()) != 0;
	size_t i;

	watch_note_gates(f);

	*out = (struct failover_status){
		.stack = f->set.stack,
		.primary = f->set.primary,
		.standby = f->set.standby,
		.fall = f->set.fall,
		.role = f->role,
		.role_since_ms = f->role_since_ms,
		.role_why = f->role_why,
		.salvaged = m->salvaged,
		.active_known = m->active_known,
		.active = m->active.region,
		.epoch = m->active.epoch,
		.active_since_ms = m->active.since_ms,
		.detected = detect_facts(f->detect),
		.change = m->change.epoch != 0 ? &m->change : NULL,
		.planes = &f->planes,
		.rto_target = f->set.rto_target,
		.notice_trouble = outbox_trouble(f->outbox),
		.trouble = trouble[0] != '\0' ? trouble : f->withheld.text,
		.due = watch_would_fail_over(f),
		.disk = m->disk,
		.disk_trouble = m->trouble,
		.withheld = trouble[0] != '\0' ? 0 : f->withheld.shut,
		.trigger = watch_trigger(f),
		.gates = f->gates,
		.pause = paused ? &m->hold.pause : NULL,
		.ack_needed = hold_unacknowledged(&m->hold),
		.counts = &f->counts,
		.latch = latch_facts(f->latch),
		.latch_where = &f->set.latch,
		.latch_is_ready = latch_is_ready(f->latch),
	};
	if (out->change != NULL)
		recovery_of(out->change, &out->recovery);
	add_proofs(f, out);
	for (i = 0; i < FAILOVER_REGIONS; i++)
		outbox_status(f->outbox, i, &out->notices[i]);
}

bool
failover_owns(
    const struct failover *f, const char *region, const char *parameter)
{
	const struct change *change = &f->memory.change;
	const struct effect *effect;
	size_t i;

	if (!memory_has_pending(&f->memory))
		return false;
	for (i = 0; i < change->count; i++) {
		effect = &change->effects[i];
		if (effect->kind == EFFECT_PARAMETER &&
		    effect->state != EFFECT_VERIFIED &&
		    effect->state != EFFECT_GIVEN_UP &&
		    strcmp(effect->region, region) == 0 &&
		    strcmp(effect->target, parameter) == 0)
			return true;
	}
	return false;
}

bool
failover_allows_reconcile(const struct failover *f)
{
	return f->memory.active_known && !f->memory.salvaged &&
	    !memory_is_changing(&f->memory);
}
