/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it looks at what stands in the way.
 *
 * The facts behind the gates are gathered here, anew for each question: a
 * gate is judged at the moment of the decision and not remembered.  What is
 * remembered is for people: since when a gate has been shut, and which of
 * them have withheld a failover that was due.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "failover/watch.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* A view and the sentences that it borrows. */
struct looking {
	struct gate_view view;
	char changing[128];
	char unwell[320];
	char pending[320];
	char isolation[256];
	char not_ready[320];
	char behind[320];
	char fenced[320];
	struct error unknown;
};

struct hold_now
watch_hold_now(void)
{
	return (struct hold_now){ clock_wall_ms(), clock_mono_ms() };
}

enum gate_trigger
watch_trigger(const struct failover *f)
{
	const struct memory *m = &f->memory;

	if (f->role == ROLE_FAILING_BACK)
		return TRIGGER_TURN_BACK;
	if (m->active_known && strcmp(m->active.region, f->set.standby) == 0)
		return watch_goes_back_alone(f) ? TRIGGER_FAILBACK
						: TRIGGER_ORDERED_FAILBACK;
	return TRIGGER_FAILOVER;
}

static bool
leads_back(enum gate_trigger trigger)
{
	return trigger == TRIGGER_FAILBACK ||
	    trigger == TRIGGER_ORDERED_FAILBACK;
}

/* ---- facts -------------------------------------------------------------- */

/* A failback may be turned round; everything else is seen through first. */
static void
look_at_change(const struct failover *f, struct looking *l)
{
	const struct change *change = &f->memory.change;

	if (!memory_is_changing(&f->memory))
		return;
	if (change->failback && strcmp(l->view.to, f->set.standby) == 0)
		return;
	snprintf(l->changing, sizeof(l->changing),
	    "the change to %s of epoch %" PRIu64 " is under way", change->to,
	    change->epoch);
	l->view.changing = l->changing;
}

static void
look_at_facts(const struct failover *f, struct looking *l)
{
	if (!f->memory.active_known || f->memory.salvaged)
		l->view.unknown = "which region is active is not known";
	else if (watch_can_decide(
		     f, leads_back(l->view.trigger), &l->unknown) == -1)
		l->view.unknown = l->unknown.text;
}

static void
look_at_polls(const struct failover *f, struct looking *l)
{
	const struct detected *seen = detect_facts(f->detect);

	if (seen->observing)
		l->view.observing = seen->observing_why;
	if (!seen->standby_answers) {
		snprintf(l->isolation, sizeof(l->isolation),
		    "%s does not answer: %s", f->set.standby,
		    seen->polls == 0 ? "no poll has ended yet"
				     : seen->isolation);
		l->view.isolation = l->isolation;
	}
	if (seen->verdict.verdict != VERDICT_OK) {
		snprintf(l->unwell, sizeof(l->unwell),
		    "%s does not look well: %s", f->set.primary,
		    seen->verdict.why);
		l->view.unwell = l->unwell;
	}
}

/*
 * Readiness is looked at of the region that is not active, which is `to`.  A
 * failover takes the standby as it is known; a failback can wait until what
 * was written meanwhile has come back, which is a gate of its own.
 */
static void
look_at_readiness(const struct failover *f, struct looking *l)
{
	struct readiness_facts facts;
	const struct readiness_opinion *ready;

	failover_readiness(f, &facts);
	if (facts.region == NULL || strcmp(facts.region, l->view.to) != 0)
		return;
	ready = leads_back(l->view.trigger) ? &facts.target : &facts.all;
	if (ready->blocks) {
		snprintf(l->not_ready, sizeof(l->not_ready),
		    "%s is not ready: %s", facts.region, ready->why);
		l->view.not_ready = l->not_ready;
	}
	if (facts.arrived.blocks) {
		snprintf(l->behind, sizeof(l->behind),
		    "not all that was written in %s is known to be in %s: %s",
		    f->set.standby, facts.region, facts.arrived.why);
		l->view.behind = l->behind;
	}
}

/*
 * A failover with a fence stops the primary's function; if somebody has
 * stopped the standby's, nobody would be served, whatever is overridden.
 */
static void
look_at_both_fences(const struct failover *f, struct looking *l)
{
	struct readiness_facts facts;

	failover_readiness(f, &facts);
	if (f->set.fence == NULL || facts.region == NULL ||
	    strcmp(facts.region, l->view.to) != 0 ||
	    strcmp(l->view.to, f->set.standby) != 0 ||
	    facts.each[READINESS_FUNCTION].verdict != VERDICT_FAIL ||
	    facts.items[READINESS_FUNCTION].known.reason != REASON_STOPPED)
		return;
	snprintf(l->fenced, sizeof(l->fenced),
	    "the function of %s may not run, and this would fence %s, too",
	    f->set.standby, f->set.primary);
	l->view.fenced = l->fenced;
}

/* drd itself fences the primary alone, so that the standby goes on serving. */
static void
look_at_fence(const struct failover *f, struct looking *l)
{
	const struct effect *fence = memory_fence(&f->memory);

	if (fence == NULL || strcmp(fence->region, l->view.to) != 0) {
		look_at_both_fences(f, l);
		return;
	}
	snprintf(l->fenced, sizeof(l->fenced),
	    "%s is fenced off: its function %.200s may not run", fence->region,
	    fence->target);
	l->view.fenced = l->fenced;
}

/*
 * A parameter that the last change has not written yet.  A region that has
 * left the stack is still written to, and nobody waits for it.
 */
static void
look_at_pending(const struct failover *f, struct looking *l)
{
	const struct change *change = &f->memory.change;
	const struct effect *effect;
	size_t i;

	for (i = 0; i < change->count; i++) {
		effect = &change->effects[i];
		if (!watch_has_region(f, effect->region) ||
		    !failover_owns(f, effect->region, effect->target))
			continue;
		snprintf(l->pending, sizeof(l->pending),
		    "%.95s of the failover is not written yet (%.150s)",
		    effect->key, effect->note);
		l->view.pending = l->pending;
		return;
	}
}

static void
look_at_holds(const struct failover *f, struct looking *l)
{
	const struct hold *h = &f->memory.hold;
	struct hold_now now = watch_hold_now();
	const struct automatic *last = hold_unacknowledged(h), *oldest;
	struct gate_view *v = &l->view;

	v->now_ms = now.wall_ms;
	v->paused_ms = hold_paused_until(h, now);
	v->paused_by = h->pause.who;
	v->paused_why = h->pause.reason;
	if (last != NULL) {
		v->last_ms = last->at_ms;
		v->next_ms = hold_over_at(last, f->set.min_between, now);
	}
	v->window_ms = windows_open_until(
	    f->set.windows, f->set.window_count, now.wall_ms);
	v->max_per_day = f->set.max_per_day;
	v->today = hold_count(h, DAY_MS, now, &oldest);
	if (oldest != NULL)
		v->day_ms = hold_over_at(oldest, DAY_MS, now);
}

void
watch_look_at_gates(const struct failover *f, enum gate_trigger trigger,
    struct gate_state states[GATE_COUNT])
{
	struct looking l = {
		.view = {
			.trigger = trigger,
			.to = leads_back(trigger) ? f->set.primary
						  : f->set.standby,
			.advisory = f->set.advisory,
			.braked = f->braked[0] != '\0' ? f->braked : NULL,
			.soaked_ms = watch_soaked_ms(f),
		},
	};

	look_at_change(f, &l);
	look_at_facts(f, &l);
	look_at_polls(f, &l);
	look_at_readiness(f, &l);
	look_at_fence(f, &l);
	look_at_pending(f, &l);
	look_at_holds(f, &l);
	gates_look(&l.view, states);
}

bool
watch_gates_are_open(
    const struct failover *f, enum gate_trigger trigger, gate_set overrides)
{
	struct gate_state states[GATE_COUNT];

	watch_look_at_gates(f, trigger, states);
	return gates_blocking(states, overrides) == 0;
}

/* ---- for people --------------------------------------------------------- */

void
watch_note_gates(struct failover *f)
{
	struct gate_state now[GATE_COUNT];
	const struct gate_state *last;
	unsigned i;

	watch_look_at_gates(f, watch_trigger(f), now);
	for (i = 0; i < GATE_COUNT; i++) {
		last = &f->gates[i];
		now[i].since_ms =
		    last->since_ms != 0 && last->blocks == now[i].blocks
		    ? last->since_ms
		    : clock_wall_ms();
	}
	memcpy(f->gates, now, sizeof(now));
}

void
watch_end_pause(struct failover *f)
{
	const struct pause *pause = &f->memory.hold.pause;

	if (pause->until_ms == 0 ||
	    hold_paused_until(&f->memory.hold, watch_hold_now()) != 0)
		return;
	log_info("failover: %s: the pause by %s is over: %s", f->set.stack,
	    pause->who, pause->reason);
	memory_end_pause(&f->memory);
}

bool
watch_would_fail_over(const struct failover *f)
{
	const struct detected *seen = detect_facts(f->detect);

	return (f->role == ROLE_SUSPECT || f->role == ROLE_ISOLATED ||
		   f->role == ROLE_FAILING_BACK) &&
	    seen->streak >= f->set.fall;
}

static void
tell_withheld(struct failover *f, gate_set shut, const char *text)
{
	struct log_fields fields = {
		.message_id = EVENT_WITHHELD,
		.stack = f->set.stack,
		.epoch = f->memory.active.epoch,
	};
	gate_set news = shut & ~f->withheld.told;
	unsigned i;

	for (i = 0; i < GATE_COUNT; i++)
		if ((news & GATE_BIT(i)) != 0)
			f->counts.blocked[i]++;
	f->withheld.told |= shut;
	log_line(
	    LOG_LEVEL_WARNING, &fields, "failover: %s: %s", f->set.stack, text);
	if (f->ops.withheld != NULL)
		f->ops.withheld(shut == GATE_BIT(GATE_MODE), text, f->ops.arg);
}

void
watch_note_withheld(struct failover *f)
{
	struct gate_state states[GATE_COUNT];
	char names[400];
	gate_set shut;

	if (!watch_would_fail_over(f)) {
		memset(&f->withheld, 0, sizeof(f->withheld));
		return;
	}
	watch_look_at_gates(f, watch_trigger(f), states);
	shut = gates_blocking(states, 0);
	f->withheld.shut = shut;
	if (shut == 0) {
		f->withheld.text[0] = '\0';
		return;
	}
	snprintf(f->withheld.text, sizeof(f->withheld.text),
	    "cannot fail over: %s",
	    gates_text(states, shut, names, sizeof(names)));
	if ((shut & ~f->withheld.told) != 0)
		tell_withheld(f, shut, f->withheld.text);
}
