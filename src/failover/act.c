/* SPDX-License-Identifier: MIT
 *
 * Acting: one task an effect, all in flight together.
 *
 *	planned --- journal ---> sent --- try --- confirmed ---> verified
 *	                          ^        |`--- higher epoch -> given up
 *	                          `- wait -' failed
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
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/act.h"
#include "failover/carrier.h"
#include "failover/follow.h"
#include "failover/journal.h"
#include "failover/try.h"
#include "net/loop.h"

enum {
	RETRY_BASE_MS = 500,
	FRESH_MS = 60 * 1000, /* "a moment ago", above */
};

struct task {
	struct act *act;
	struct effect *effect;
	struct try *try;
	struct timer *timer; /* until the next try */
	struct follow *follow;
	bool started;
	bool starting; /* its first try leaves in this turn */
	bool stepped;  /* its new state is not told yet */
	bool look;     /* the next try begins by looking */
	bool tried;    /* one try is over, whatever came of it */
	unsigned retries;
	char complaint[64]; /* code of the last failure: logged once */
};

struct act {
	struct loop *loop;
	struct aws *aws;
	struct journal *journal;
	struct change *change;
	struct act_options options;
	struct task *tasks; /* one for each effect, in order */
	struct timer *begin;
	bool lead_told;
	bool settled_told;
	bool inside;	/* a call from the loop is being dealt with */
	bool cancelled; /* meanwhile: it is freed on the way out */
};

static void advance(struct act *act);
static void try_effect(struct task *task);

/* ---- in from the loop and out again ------------------------------------ */

static void
act_free(struct act *act)
{
	free(act->tasks);
	free(act);
}

static void
enter(struct act *act)
{
	assert(!act->inside && !act->cancelled);
	act->inside = true;
}

static void
leave(struct act *act)
{
	act->inside = false;
	if (act->cancelled)
		act_free(act);
}

/* ---- the log ----------------------------------------------------------- */

static void log_task(enum log_level level, const struct task *task,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void
log_task(enum log_level level, const struct task *task, const char *fmt, ...)
{
	struct log_fields fields = {
		.stack = task->act->options.stack,
		.region = task->effect->region,
		.audit = task->act->change->audit,
		.epoch = task->act->change->epoch,
	};
	char text[sizeof(((struct error *)0)->text) + 64];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	log_line(level, &fields, "act: %s: %s", task->effect->key, text);
}

/* ---- steps ------------------------------------------------------------- */

/* The one door through which an effect changes its state. */
static void
set_state(struct task *task, enum effect_state state)
{
	task->effect->state = state;
	if (state == EFFECT_SENT)
		task->effect->sent_ms = clock_wall_ms();
	if (state == EFFECT_VERIFIED)
		task->effect->verified_ms = clock_wall_ms();
	task->stepped = true;
}

/* The step is taken all the same: a restart would repeat it. */
static void
note_unjournalled(struct task *task, const struct error *e)
{
	struct effect *effect = task->effect;
	size_t len = strlen(effect->note);

	snprintf(effect->note + len, sizeof(effect->note) - len,
	    "%snot in the journal", len > 0 ? "; " : "");
	log_task(LOG_LEVEL_ERROR, task, "%s, but not in the journal: %s",
	    effect_state_name(effect->state), e->text);
}

/* All steps of this turn in one record: one sync. */
static void
journal_steps(struct act *act)
{
	json_t *record = NULL;
	struct task *task;
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
	struct task *task;
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

static void
stop_task(struct task *task)
{
	try_cancel(task->try);
	timer_cancel(task->timer);
	follow_cancel(task->follow);
	task->try = NULL;
	task->timer = NULL;
	task->follow = NULL;
}

/* ---- how a try ends ---------------------------------------------------- */

static void
verified(struct task *task, const char *note)
{
	effect_note(task->effect, note);
	set_state(task, EFFECT_VERIFIED);
	advance(task->act);
}

static void
on_retry(void *arg)
{
	struct task *task = arg;
	struct act *act = task->act;

	task->timer = NULL;
	enter(act);
	try_effect(task);
	leave(act);
}

/* There will be another try, for ever (law 7). */
static void
failed(struct task *task, const struct error *e)
{
	struct act *act = task->act;
	bool news = task->retries == 0 || strcmp(task->complaint, e->code) != 0;
	uint64_t wait_ms;

	wait_ms = backoff_ms(
	    RETRY_BASE_MS, act->options.retry_cap_ms, task->retries++);
	log_task(news ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, task,
	    "try %u failed: %s", task->effect->attempts, e->text);
	memcpy(task->complaint, e->code, sizeof(task->complaint));
	effect_note(task->effect, e->text);
	task->look = true;
	task->timer = loop_after(act->loop, wait_ms, on_retry, task);
	advance(act);
}

/*
 * A change that meets a higher epoch has lost (law 6): it must not write or
 * speak any more.
 */
static void
superseded(struct act *act, int64_t epoch)
{
	struct task *task;
	char note[64];
	size_t i;

	snprintf(note, sizeof(note), "superseded by epoch %" PRId64, epoch);
	for (i = 0; i < act->change->count; i++) {
		task = &act->tasks[i];
		if (effect_is_over(task->effect))
			continue;
		stop_task(task);
		effect_note(task->effect, note);
		set_state(task, EFFECT_GIVEN_UP);
		log_task(LOG_LEVEL_WARNING, task, "given up: %s", note);
	}
	advance(act);
}

/* ---- tries ------------------------------------------------------------- */

static void
on_tried(const struct try_result *result, void *arg)
{
	struct task *task = arg;
	struct act *act = task->act;

	task->try = NULL;
	task->tried = true;
	enter(act);
	switch (result->outcome) {
	case TRY_CONFIRMED:
		verified(task, result->note);
		break;
	case TRY_FAILED:
		failed(task, result->error);
		break;
	case TRY_SUPERSEDED:
		superseded(act, result->epoch);
		break;
	}
	leave(act);
}

/* Each round is an attempt; the act goes on when the last one is over. */
static void
on_round(const char *note, bool moved, void *arg)
{
	struct task *task = arg;
	struct act *act = task->act;

	enter(act);
	task->effect->attempts++;
	if (moved) {
		task->follow = NULL;
		verified(task, note);
	} else {
		effect_note(task->effect, note);
	}
	leave(act);
}

static void
follow_dns(struct task *task)
{
	struct act *act = task->act;
	struct follow_request request = {
		.dns = &act->options.dns,
		.region = task->effect->region,
		.call_ms = act->options.call_ms,
	};

	task->follow = follow_start(act->loop, &request, on_round, task);
}

static void
try_effect(struct task *task)
{
	struct act *act = task->act;
	struct try_request request = {
		.change = act->change,
		.effect = task->effect,
		.look = task->look,
		.call_ms = act->options.call_ms,
		.key = act->options.key,
		.latch = act->options.latch,
	};

	if (task->effect->kind == EFFECT_DNS) {
		follow_dns(task);
		return;
	}
	task->effect->attempts++;
	task->try = try_start(act->aws, &request, on_tried, task);
}

/* ---- what may start ---------------------------------------------------- */

static bool
leading_notices_tried(const struct act *act)
{
	const struct task *task;
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
may_start(const struct task *task)
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
	return effect->leads ? are_over(act, EFFECT_FENCE, true)
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
start_task(struct task *task)
{
	struct act *act = task->act;
	bool planned = task->effect->state == EFFECT_PLANNED;

	task->started = true;
	if (task->effect->kind == EFFECT_DNS &&
	    !can_follow(&act->options.dns)) {
		effect_note(task->effect,
		    "not followed: the name, its name "
		    "servers or the balancer is not known");
		set_state(task, EFFECT_GIVEN_UP);
		return;
	}
	if (task->effect->kind == EFFECT_LATCH && !has_latch(act)) {
		effect_note(
		    task->effect, "the configuration has no latch any more");
		set_state(task, EFFECT_GIVEN_UP);
		return;
	}
	task->starting = true;
	task->look = !planned || !is_fresh(act->change);
	if (planned)
		set_state(task, EFFECT_SENT);
}

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
			try_effect(&act->tasks[i]);
		}
	tell_steps(act);
}

/* After whatever has happened: one turn, and what is complete now. */
static void
advance(struct act *act)
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

static void
on_begin(void *arg)
{
	struct act *act = arg;

	act->begin = NULL;
	enter(act);
	advance(act);
	leave(act);
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

void
act_cancel(struct act *act)
{
	size_t i;

	if (act == NULL || act->cancelled)
		return;
	timer_cancel(act->begin);
	for (i = 0; i < act->change->count; i++)
		stop_task(&act->tasks[i]);
	act->cancelled = true;
	if (!act->inside)
		act_free(act);
}
