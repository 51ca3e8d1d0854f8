/* SPDX-License-Identifier: MIT
 *
 * Acting: one task an effect, all in flight together.
 *
 *	planned --- may start --- journal ---> sent --- act_task.c --> over
 *	                ^                                               |
 *	                `------------------- advance -------------------'
 *
 * Laws kept here: who waits for whom, the region that leads for nobody but
 * its own fence (7, may_start).  All steps of a turn are one record and one
 * sync; then calls leave, and then the steps are told.
 *
 * A failback is begun while the region that is to lead looks well, but what it
 * leads with may not be written for hours: act_hold takes it back to where it
 * has not started.
 *
 * A try begins by looking whether the value is there (try.c), so that a write
 * whose answer got lost is not repeated and a higher epoch is seen.  Only
 * when nobody can have written yet, because the change was decided a moment
 * ago and nothing of the effect was ever sent, the look is left out: that
 * saves users a round trip.
 *
 * A journal that cannot be written does not stop an effect: the decision is
 * on disk, and repeating is safe.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "failover/act_parts.h"
#include "failover/carrier.h"
#include "failover/journal.h"
#include "net/loop.h"

enum { FRESH_MS = 60 * 1000 }; /* "a moment ago", above */

/* ---- in from the loop and out again ------------------------------------ */

static void
act_free(struct act *act)
{
	free(act->tasks);
	free(act);
}

void
act_enter(struct act *act)
{
	assert(!act->inside && !act->cancelled);
	act->inside = true;
}

void
act_leave(struct act *act)
{
	act->inside = false;
	if (act->cancelled)
		act_free(act);
}

/* ---- the steps of a turn ----------------------------------------------- */

/* The step is taken all the same: a restart would repeat it. */
static void
note_unjournalled(struct act_task *task, const struct error *e)
{
	struct effect *effect = task->effect;
	size_t len = strlen(effect->note);

	snprintf(effect->note + len, sizeof(effect->note) - len,
	    "%snot in the journal", len > 0 ? "; " : "");
	act_task_log(LOG_LEVEL_ERROR, task, "%s, but not in the journal: %s",
	    effect_state_name(effect->state), e->text);
}

/* All steps of this turn in one record: one sync. */
static void
journal_steps(struct act *act)
{
	json_t *record = NULL;
	struct act_task *task;
	struct error e;
	size_t i;

	for (i = 0; i < act->change->count; i++) {
		task = &act->tasks[i];
		if (!task->stepped)
			continue;
		if (record == NULL)
			record = effect_record(act->change, task->effect);
		else
			effect_record_add(record, task->effect);
	}
	if (record != NULL && journal_add(act->journal, record, &e) == -1)
		for (i = 0; i < act->change->count; i++)
			if (act->tasks[i].stepped)
				note_unjournalled(&act->tasks[i], &e);
	json_decref(record);
}

static void
tell_steps(struct act *act)
{
	struct act_task *task;
	size_t i;

	for (i = 0; !act->cancelled && i < act->change->count; i++) {
		task = &act->tasks[i];
		if (!task->stepped)
			continue;
		task->stepped = false;
		if (act->options.on_step != NULL)
			act->options.on_step(task->effect, act->options.arg);
	}
}

/* ---- what may start ---------------------------------------------------- */

static bool
leading_notices_tried(const struct act *act)
{
	const struct act_task *task;
	size_t i;

	for (i = 0; i < act->change->count; i++) {
		task = &act->tasks[i];
		if (task->effect->kind == EFFECT_NOTICE &&
		    task->effect->leads && !task->tried &&
		    !effect_is_over(task->effect))
			return false;
	}
	return true;
}

/* Are all effects of this kind over, of the leading side or of either? */
static bool
are_over(const struct act *act, enum effect_kind kind, bool leading)
{
	const struct effect *effect;
	size_t i;

	for (i = 0; i < act->change->count; i++) {
		effect = act->tasks[i].effect;
		if (effect->kind == kind && (effect->leads || !leading) &&
		    !effect_is_over(effect))
			return false;
	}
	return true;
}

/* A clock that was set back makes no change fresh. */
static bool
is_fresh(const struct change *change)
{
	int64_t age_ms = clock_wall_ms() - change->decided_ms;

	return age_ms >= 0 && age_ms < FRESH_MS;
}

/*
 * Standby first: the other region waits for the one that leads (law 7).  The
 * latch carries no epoch: one that was decided on long ago waits until the
 * parameters have shown that no other change has come since.
 */
static bool
may_start(const struct act_task *task)
{
	const struct effect *effect = task->effect;
	const struct act *act = task->act;

	if (task->started || effect_is_over(effect))
		return false;
	switch (effect->kind) {
	case EFFECT_DNS:
		return true;
	case EFFECT_NOTICE:
		return effect->leads || leading_notices_tried(act);
	case EFFECT_LATCH:
		return (effect->leads && is_fresh(act->change)) ||
		    change_leads_done(act->change);
	case EFFECT_FENCE:
		return effect->leads ||
		    (change_leads_done(act->change) &&
			are_over(act, EFFECT_DNS, false));
	case EFFECT_PARAMETER:
		break;
	}
	return effect->leads ? !act->held && are_over(act, EFFECT_FENCE, true)
			     : change_leads_done(act->change);
}

static bool
can_follow(const struct act_dns *dns)
{
	return dns->record != NULL && dns->server_count > 0 &&
	    dns->target_balancer != NULL;
}

static bool
has_latch(const struct act *act)
{
	return act->options.latch != NULL &&
	    act->options.latch->carrier != CARRIER_NONE;
}

static void
start_task(struct act_task *task)
{
	struct act *act = task->act;
	bool planned = task->effect->state == EFFECT_PLANNED;

	task->started = true;
	if (task->effect->kind == EFFECT_DNS &&
	    !can_follow(&act->options.dns)) {
		effect_note(task->effect,
		    "not followed: the name, its name "
		    "servers or the balancer is not known");
		act_task_set(task, EFFECT_GIVEN_UP);
		return;
	}
	if (task->effect->kind == EFFECT_LATCH && !has_latch(act)) {
		effect_note(
		    task->effect, "the configuration has no latch any more");
		act_task_set(task, EFFECT_GIVEN_UP);
		return;
	}
	task->starting = true;
	task->look = !planned || !is_fresh(act->change);
	if (planned)
		act_task_set(task, EFFECT_SENT);
}

/* ---- turns ------------------------------------------------------------- */

/*
 * What was confirmed and what may start because of it: on disk with one
 * sync, then on the wire, then told.
 */
static void
take_steps(struct act *act)
{
	size_t i;

	for (i = 0; i < act->change->count; i++)
		if (may_start(&act->tasks[i]))
			start_task(&act->tasks[i]);
	journal_steps(act);
	for (i = 0; i < act->change->count; i++)
		if (act->tasks[i].starting) {
			act->tasks[i].starting = false;
			act_task_try(&act->tasks[i]);
		}
	tell_steps(act);
}

void
act_advance(struct act *act)
{
	take_steps(act);
	if (!act->cancelled && !act->lead_told &&
	    change_leads_done(act->change)) {
		act->lead_told = true;
		if (act->options.on_lead != NULL)
			act->options.on_lead(act->options.arg);
	}
	if (!act->cancelled && !act->settled_told &&
	    change_settled(act->change)) {
		act->settled_told = true;
		if (act->options.on_settled != NULL)
			act->options.on_settled(act->options.arg);
	}
}

/* ---- exports ----------------------------------------------------------- */

static void
on_begin(void *arg)
{
	struct act *act = arg;

	act->begin = NULL;
	act_enter(act);
	act_advance(act);
	act_leave(act);
}

struct act *
act_start(struct loop *loop, struct aws *aws, struct journal *journal,
    struct change *change, const struct act_options *options)
{
	struct act *act = mem_alloc(sizeof(*act));
	size_t i;

	act->loop = loop;
	act->aws = aws;
	act->journal = journal;
	act->change = change;
	act->options = *options;
	act->tasks = mem_array(change->count, sizeof(*act->tasks));
	for (i = 0; i < change->count; i++) {
		assert(change->effects[i].kind == EFFECT_DNS ||
		    change->effects[i].value != NULL);
		act->tasks[i].act = act;
		act->tasks[i].effect = &change->effects[i];
	}
	act->begin = loop_after(loop, 0, on_begin, act);
	return act;
}

static void
hold_task(struct act_task *task, const char *why)
{
	const struct effect *effect = task->effect;

	if (!task->started || effect->kind != EFFECT_PARAMETER ||
	    !effect->leads || effect_is_over(effect))
		return;
	act_task_stop(task);
	task->started = task->starting = false;
	effect_note(task->effect, why);
}

void
act_hold(struct act *act, const char *why)
{
	bool was_held = act->held;
	size_t i;

	act->held = why != NULL;
	act_enter(act);
	for (i = 0; act->held && i < act->change->count; i++)
		hold_task(&act->tasks[i], why);
	if (was_held && !act->held && act->begin == NULL)
		act_advance(act);
	act_leave(act);
}

void
act_cancel(struct act *act)
{
	size_t i;

	if (act == NULL || act->cancelled)
		return;
	timer_cancel(act->begin);
	for (i = 0; i < act->change->count; i++)
		act_task_stop(&act->tasks[i]);
	act->cancelled = true;
	if (!act->inside)
		act_free(act);
}
