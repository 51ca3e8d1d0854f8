/* SPDX-License-Identifier: MIT
 *
 * Acting, one effect: it is tried until it is over.
 *
 *	sent --- try --- confirmed ---> verified
 *	 ^        |`--- higher epoch -> given up
 *	 `- wait -' failed
 *
 * Laws kept here: what fails is tried for ever, with a pause that grows to a
 * limit (7); a retry first looks whether the value is there already, so that a
 * write whose answer got lost is not repeated, and one that meets a higher
 * epoch takes the whole change with it (6).
 *
 * DNS is not tried but followed: each round of questions is an attempt.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "failover/act_parts.h"
#include "failover/follow.h"
#include "failover/try.h"
#include "net/loop.h"

enum { RETRY_BASE_MS = 500 };

void
act_task_log(
    enum log_level level, const struct act_task *task, const char *fmt, ...)
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

/* The one door through which an effect changes its state. */
void
act_task_set(struct act_task *task, enum effect_state state)
{
	task->effect->state = state;
	if (state == EFFECT_SENT)
		task->effect->sent_ms = clock_wall_ms();
	if (state == EFFECT_VERIFIED)
		task->effect->verified_ms = clock_wall_ms();
	task->stepped = true;
}

void
act_task_stop(struct act_task *task)
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
verified(struct act_task *task, const char *note)
{
	effect_note(task->effect, note);
	act_task_set(task, EFFECT_VERIFIED);
	act_advance(task->act);
}

static void
on_retry(void *arg)
{
	struct act_task *task = arg;
	struct act *act = task->act;

	task->timer = NULL;
	act_enter(act);
	act_task_try(task);
	act_leave(act);
}

/* There will be another try, for ever (law 7). */
static void
failed(struct act_task *task, const struct error *e)
{
	struct act *act = task->act;
	bool news = task->retries == 0 || strcmp(task->complaint, e->code) != 0;
	uint64_t wait_ms;

	wait_ms = backoff_ms(
	    RETRY_BASE_MS, act->options.retry_cap_ms, task->retries++);
	act_task_log(news ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, task,
	    "try %u failed: %s", task->effect->attempts, e->text);
	memcpy(task->complaint, e->code, sizeof(task->complaint));
	effect_note(task->effect, e->text);
	task->look = true;
	task->timer = loop_after(act->loop, wait_ms, on_retry, task);
	act_advance(act);
}

/*
 * A change that meets a higher epoch has lost (law 6): it must not write or
 * speak any more.
 */
static void
superseded(struct act *act, int64_t epoch)
{
	struct act_task *task;
	char note[64];
	size_t i;

	snprintf(note, sizeof(note), "superseded by epoch %" PRId64, epoch);
	for (i = 0; i < act->change->count; i++) {
		task = &act->tasks[i];
		if (effect_is_over(task->effect))
			continue;
		act_task_stop(task);
		effect_note(task->effect, note);
		act_task_set(task, EFFECT_GIVEN_UP);
		act_task_log(LOG_LEVEL_WARNING, task, "given up: %s", note);
	}
	act_advance(act);
}

/* ---- tries ------------------------------------------------------------- */

static void
on_tried(const struct try_result *result, void *arg)
{
	struct act_task *task = arg;
	struct act *act = task->act;

	task->try = NULL;
	task->tried = true;
	act_enter(act);
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
	act_leave(act);
}

/* Each round is an attempt; the act goes on when the last one is over. */
static void
on_round(const char *note, bool moved, void *arg)
{
	struct act_task *task = arg;
	struct act *act = task->act;

	act_enter(act);
	task->effect->attempts++;
	if (moved) {
		task->follow = NULL;
		verified(task, note);
	} else {
		effect_note(task->effect, note);
	}
	act_leave(act);
}

static void
follow_dns(struct act_task *task)
{
	struct act *act = task->act;
	struct follow_request request = {
		.dns = &act->options.dns,
		.region = task->effect->region,
		.call_ms = act->options.call_ms,
	};

	task->follow = follow_start(act->loop, &request, on_round, task);
}

void
act_task_try(struct act_task *task)
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
