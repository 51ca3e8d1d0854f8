/* SPDX-License-Identifier: MIT
 *
 * The keeper of one stack: what its watch tells, and what it has to show.
 * Its passes are keeper_pass.c's.  See keeper.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/keeper_parts.h"
#include "daemon/status.h"
#include "daemon/watchlist.h"
#include "net/loop.h"

const char *
keeper_name(const struct keeper *k)
{
	return k->stack->name;
}

struct failover *
keeper_failover(struct keeper *k)
{
	return k->failover;
}

char *
keeper_journal_path(
    const struct config *config, const struct config_stack *stack)
{
	return mem_printf("%s/%s.journal", config->state_dir, stack->name);
}

/* ---- failover ---------------------------------------------------------- */

static void
on_role_changed(enum role from, enum role to, const char *why, void *arg)
{
	struct keeper *k = arg;
	struct failover_status status;

	failover_status(k->failover, &status);
	keeper_pass_on_role(k, &status);
	k->ops.role_changed(&status, from, to, k->ops.arg);
	k->ops.changed(k->ops.arg);
}

static void
on_stepped(const struct change *change, const struct effect *effect, void *arg)
{
	struct keeper *k = arg;
	struct log_fields fields = {
		.message_id = EVENT_EFFECT,
		.stack = k->stack->name,
		.region = effect->region,
		.audit = change->audit,
		.epoch = change->epoch,
	};
	struct failover_status status;
	enum recovery_news news;

	failover_status(k->failover, &status);
	log_line(LOG_LEVEL_INFO, &fields, "act: %s: %s: %s%s%s", k->stack->name,
	    effect->key, effect_state_name(effect->state),
	    effect->note[0] != '\0' ? ": " : "", effect->note);
	k->ops.stepped(&status, effect, k->ops.arg);
	news = recovery_note(&k->recovery_told, change, effect);
	if (news != RECOVERY_NO_NEWS)
		k->ops.recovered(&status, news, k->ops.arg);
	k->ops.changed(k->ops.arg);
}

static void
on_withheld(bool advised, const char *why, void *arg)
{
	struct keeper *k = arg;
	struct failover_status status;

	failover_status(k->failover, &status);
	k->ops.withheld(&status, advised, why, k->ops.arg);
	k->ops.changed(k->ops.arg);
}

/*
 * One that is due, that no gate holds back, and that cannot be written: told
 * once for each time that it falls due, as those are that a gate holds back.
 */
static void
note_unwritten(struct keeper *k, const struct failover_status *status)
{
	if (!status->due)
		k->unwritten_told = false;
	if (!status->due || k->unwritten_told || status->disk != DISK_FAILED ||
	    gates_blocking(status->gates, 0) != 0)
		return;
	k->unwritten_told = true;
	k->ops.withheld(status, false, status->trouble, k->ops.arg);
}

static void
on_polled(void *arg)
{
	struct keeper *k = arg;
	struct failover_status status;

	failover_status(k->failover, &status);
	note_unwritten(k, &status);
	keeper_pass_on_poll(k, &status);
	k->ops.polled(&status, k->ops.arg);
	k->ops.changed(k->ops.arg);
}

/* What the journal was like is known before there is anybody to tell. */
static void
tell_salvaged(struct keeper *k)
{
	char until[CLOCK_RFC3339_SIZE], *text;
	struct failover_status status;

	failover_status(k->failover, &status);
	if (!status.salvaged)
		return;
	text = mem_printf("it was damaged: the file is kept as "
			  "%s.journal.damaged, what is good of it was taken "
			  "over, and the parameters say who is active",
	    k->stack->name);
	k->ops.noted(&status, "journal", text, k->ops.arg);
	free(text);
	/* A longer one that somebody ordered stays. */
	if (status.pause == NULL || strcmp(status.pause->who, "drd") != 0)
		return;
	text = mem_printf("until %s, by drd: %s",
	    clock_rfc3339(status.pause->until_ms, until), status.pause->reason);
	k->ops.noted(&status, "pause", text, k->ops.arg);
	free(text);
}

struct keeper *
keeper_new(struct loop *loop, struct aws *aws, const struct config *config,
    const struct config_stack *stack, const struct keeper_ops *tell,
    struct error *e)
{
	struct failover_ops ops = {
		.role_changed = on_role_changed,
		.stepped = on_stepped,
		.withheld = on_withheld,
		.polled = on_polled,
	};
	struct watchlist list;
	struct keeper *k;
	char *path;

	k = mem_alloc(sizeof(*k));
	k->loop = loop;
	k->aws = aws;
	k->config = config;
	k->stack = stack;
	k->ops = *tell;
	ops.arg = k;
	path = keeper_journal_path(config, stack);
	watchlist_init(&list, config, stack);
	k->failover = failover_new(loop, aws, path, &list.failover, &ops, e);
	watchlist_release(&list);
	free(path);
	if (k->failover == NULL) {
		keeper_free(k);
		return NULL;
	}
	return k;
}

void
keeper_start(struct keeper *k)
{
	tell_salvaged(k);
	failover_start(k->failover);
	keeper_pass_in(k,
	    watchlist_phase(
		k->config, k->stack, k->config->reconcile_interval));
}

void
keeper_free(struct keeper *k)
{
	if (k == NULL)
		return;
	timer_cancel(k->cycle);
	keeper_pass_drop(k);
	failover_free(k->failover);
	free(k->troubles);
	free(k);
}

void
keeper_reconfigure(struct keeper *k, const struct config *config,
    const struct config_stack *stack)
{
	struct watchlist list;

	keeper_pass_drop(k);
	k->config = config;
	k->stack = stack;
	watchlist_init(&list, config, stack);
	failover_reconfigure(k->failover, &list.failover);
	watchlist_release(&list);
	keeper_pass_in(k, 0);
}

static void
add_repairs(const struct keeper *k, struct status_stack *out)
{
	out->brake = &k->brake;
	out->reconciling = k->pass != NULL;
	out->reconciled = k->passed ? &k->result : NULL;
	out->reconciled_mono_ms = k->passed_ms;
	out->graph = k->passed ? k->graph : NULL;
	if (!failover_allows_reconcile(k->failover))
		out->reconcile_held =
		    "a role change is under way, or the active region is not "
		    "known";
}

void
keeper_status(const struct keeper *k, struct status_stack *out)
{
	const struct detected *seen;
	struct failover_status f;

	failover_status(k->failover, &f);
	seen = f.detected;
	*out = (struct status_stack){
		.name = k->stack->name,
		.primary = f.primary,
		.standby = f.standby,
		.active = f.active_known ? f.active : NULL,
		.role = f.role,
		.role_since_ms = f.role_since_ms,
		.role_why = f.role_why,
		.epoch = f.epoch,
		.epoch_since_ms = f.active_since_ms,
		.streak = seen->streak,
		.fall = f.fall,
		.polls = seen->polls,
		.polled_mono_ms = seen->poll_ms,
		.next_poll_mono_ms = seen->next_poll_ms,
		.verdict = seen->polls != 0 ? &seen->verdict : NULL,
		.isolation = seen->polls != 0 && !seen->standby_answers
		    ? seen->isolation
		    : NULL,
		.observing = seen->observing ? seen->observing_why : NULL,
		.planes = f.planes,
		.apart = planes_are_apart(f.planes) ? f.planes->apart : NULL,
		.trouble = f.trouble[0] != '\0' ? f.trouble : NULL,
		.withheld = f.withheld,
		.disk = f.disk,
		.signals = seen->signals,
		.signal_count = seen->signal_count,
		.change = f.change,
		.recovery = f.recovery,
		.waiting_ms = f.change != NULL
		    ? recovery_waiting(f.change, clock_wall_ms())
		    : -1,
		.rto_target = f.rto_target,
		.notices = { f.notices[0], f.notices[1] },
		.notice_trouble =
		    f.notice_trouble[0] != '\0' ? f.notice_trouble : NULL,
		.latch = f.latch,
		.latch_where = f.latch_where,
		.latch_is_ready = f.latch_is_ready,
		.config = k->config,
		.declared = k->stack,
		.advisory = k->stack->advisory,
		.trigger = f.trigger,
		.gates = f.gates,
		.pause = f.pause,
		.ack_needed = f.ack_needed,
		.counts = f.counts,
	};
	memcpy(out->proved_ms, f.proved_ms, sizeof(out->proved_ms));
	add_repairs(k, out);
	failover_readiness(k->failover, &out->readiness);
	foresee_budget(k->config, k->stack, &out->budget);
	foresee_earliest(
	    &f, k->config, clock_mono_ms(), clock_wall_ms(), &out->earliest);
}
