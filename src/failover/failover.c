/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack: polls, counts, decides, acts.
 *
 *	on_polled -> advance -> take -> set_role
 *	                           `-> begin_change -> start_acting
 *
 * Here are the role and the polls; watch.h says what is where else.
 *
 * Laws kept here: a poll that says nothing changes nothing (1); only polls in
 * a row count (2); without an answer from the standby region nothing is
 * decided (3); the decision is on disk before anything follows from it (5);
 * each change has the next epoch (6); after a freeze or a clock step the
 * count starts again, after a poll that only looks (11).
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/budget.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/watch.h"

/* The one door through which a role changes. */
void
watch_set_role(struct failover *f, enum role to, const char *why)
{
	struct log_fields fields = {
		.message_id = EVENT_ROLE_CHANGED,
		.stack = f->set.stack,
		.epoch = f->memory.active.epoch,
	};
	enum role from = f->role;

	f->role = to;
	f->role_since_ms = clock_wall_ms();
	snprintf(f->role_why, sizeof(f->role_why), "%s", why);
	log_line(LOG_LEVEL_INFO, &fields, "role: %s: %s -> %s: %s",
	    f->set.stack, role_name(from), role_name(to), why);
	watch_aim_readiness(f);
	if (f->ops.role_changed != NULL)
		f->ops.role_changed(from, to, why, f->ops.arg);
}

/* ---- the role machine -------------------------------------------------- */

static struct role_view
view_of(const struct failover *f)
{
	const struct detected *seen = detect_facts(f->detect);
	const struct memory *m = &f->memory;
	const struct order *order = f->order;

	return (struct role_view){
		.active_known = m->active_known && !m->salvaged,
		.standby_active = strcmp(m->active.region, f->set.standby) == 0,
		.changing = memory_is_changing(m),
		.standby_answers = seen->polls == 0 || seen->standby_answers,
		.failing = f->fresh && seen->verdict.verdict == VERDICT_FAIL,
		.streak = seen->streak,
		.fall = f->set.fall,
		.gates_open = order != NULL
		    ? watch_gates_are_open(f, order->trigger, order->overrides)
		    : watch_gates_are_open(f, watch_trigger(f), 0),
		.failover_ordered = order != NULL && !order->asked->failback,
		.failback_ordered = order != NULL && order->asked->failback,
		.failback_due = order == NULL && watch_failback_is_due(f),
	};
}

/* The decision that a transition stands for, if it stands for one. */
static int
decide_for(struct failover *f, enum role to, const char *why)
{
	char audit[AUDIT_SIZE];
	struct decided decided = {
		.failback = to == ROLE_FAILING_BACK,
		.cause = CHANGE_AUTOMATIC,
		.reason = why,
	};
	struct error e;

	if (f->order != NULL) {
		decided.cause = f->order->asked->who;
		decided.reason = f->order->asked->reason;
		decided.audit = f->order->asked->audit;
		decided.regardless =
		    (f->order->overrides & GATE_BIT(GATE_PRIMARY_NOT_OK)) != 0;
		return watch_begin_change(f, &decided, f->order->error);
	}
	decided.audit = audit_new(audit);
	if (watch_begin_change(f, &decided, &e) == -1) {
		watch_set_trouble(f, &f->acting_trouble,
		    decided.failback ? "cannot fail back" : "cannot fail over",
		    &e);
		return -1;
	}
	return 0;
}

/*
 * Take one transition.  If it changes the active region and the decision
 * cannot be written, the role stays; the next poll or order tries again.
 */
static int
take(struct failover *f, const struct role_row *row)
{
	const struct detected *seen = detect_facts(f->detect);
	/* From starting, the decision was made before the restart. */
	bool begins = f->role != ROLE_STARTING &&
	    (row->to == ROLE_FAILING_OVER || row->to == ROLE_FAILING_BACK);
	char why[sizeof(f->role_why)];

	if (f->order != NULL)
		snprintf(why, sizeof(why), "%s: %s", row->why,
		    f->order->asked->reason);
	else if (row->to == ROLE_SUSPECT || row->to == ROLE_FAILING_OVER)
		snprintf(
		    why, sizeof(why), "%s (%s)", row->why, seen->verdict.why);
	else
		snprintf(why, sizeof(why), "%s", row->why);
	if (begins && decide_for(f, row->to, why) == -1)
		return -1;
	watch_end_trouble(&f->acting_trouble);
	watch_set_role(f, row->to, why);
	if (begins) {
		if (row->to == ROLE_FAILING_BACK)
			detect_clear_streak(f->detect);
		watch_start_acting(f);
	}
	return 0;
}

/*
 * From a failover on, until Route 53 has followed the way back, or has had
 * its time for it: nothing that stays undone may silence a witness for ever.
 */
static void
note_moved(struct failover *f)
{
	detect_set_moved(f->detect,
	    strcmp(f->memory.active.region, f->set.standby) == 0 ||
		change_moves_dns(&f->memory.change, clock_wall_ms()));
}

/* Follow the table until it says stay. */
void
watch_advance(struct failover *f)
{
	const struct role_row *row;
	struct role_view view;
	unsigned i;

	for (i = 0; i < ROLE_COUNT; i++) {
		view = view_of(f);
		row = role_next(f->role, &view);
		if (row == NULL || take(f, row) == -1)
			break;
	}
	watch_tend_latch(f);
	note_moved(f);
}

/* ---- polls ------------------------------------------------------------- */

/* What the poll saw of the endpoints is news of readiness, too. */
static void
pass_on_probes(struct failover *f)
{
	const struct detected *seen = detect_facts(f->detect);
	const struct signal *signal;
	size_t i;

	for (i = 0; i < seen->signal_count; i++) {
		signal = &seen->signals[i];
		if (signal->class == SIGNAL_PROBE)
			readiness_note_probe(f->readiness,
			    signal->of_standby ? FAILOVER_STANDBY
					       : FAILOVER_PRIMARY,
			    &signal->last, seen->poll_ms);
	}
}

static void
on_polled(void *arg)
{
	struct failover *f = arg;

	pass_on_probes(f);
	watch_look_closer(f);
	watch_end_pause(f);
	memory_look_at_disk(&f->memory);
	f->fresh = true;
	watch_note_soak(f);
	watch_hold_failback(f);
	watch_advance(f);
	watch_ask_planes(f);
	watch_note_withheld(f);
	f->fresh = false;
	watch_note_gates(f);
	watch_compare_planes(f);
	watch_tell_polled(f);
	if (f->ops.polled != NULL)
		f->ops.polled(f->ops.arg);
}

/* ---- exports ----------------------------------------------------------- */

/* A journal of other regions says nothing about these. */
static int
check_journal(const struct failover *f, struct error *e)
{
	const struct active *active = &f->memory.active;

	if (!f->memory.active_known || watch_has_region(f, active->region))
		return 0;
	return error_set(e, ERROR_BROKEN, "NoSuchRegion",
	    "the journal of %s says that %s is active (epoch %" PRIu64 "), "
	    "which is no region of the stack; give the stack its region back, "
	    "or move the journal away to forget what it says",
	    f->set.stack, active->region, active->epoch);
}

struct failover *
failover_new(struct loop *loop, struct aws *aws, const char *journal_path,
    const struct failover_config *config, const struct failover_ops *ops,
    struct error *e)
{
	struct failover *f;

	f = mem_alloc(sizeof(*f));
	f->loop = loop;
	f->aws = aws;
	f->ops = *ops;
	settings_copy(&f->set, config);
	if (memory_open(&f->memory, config->stack, journal_path, e) == -1 ||
	    check_journal(f, e) == -1) {
		failover_free(f);
		return NULL;
	}
	watch_tell_open(f, journal_path);
	watch_start_latch(f);
	f->detect = detect_new(loop, aws, &f->set, config, on_polled, f);
	watch_open_readiness(f, config);
	detect_set_facts(f->detect, f->memory.facts);
	f->doubt = true;
	f->role = ROLE_STARTING;
	f->role_since_ms = clock_wall_ms();
	snprintf(f->role_why, sizeof(f->role_why), "just started");
	return f;
}

void
failover_start(struct failover *f)
{
	if (memory_has_pending(&f->memory)) {
		log_info("failover: %s: going on with epoch %" PRIu64
			 ": %zu effects pending",
		    f->set.stack, f->memory.change.epoch,
		    change_pending(&f->memory.change));
		watch_advance(f);
		watch_start_acting(f);
	}
	note_moved(f);
	watch_learn(f);
	detect_start(f->detect);
	readiness_start(f->readiness);
	outbox_start(f->outbox);
	watch_tell_change(f);
}

void
failover_free(struct failover *f)
{
	if (f == NULL)
		return;
	watch_stop_acting(f);
	latch_free(f->latch);
	active_learn_cancel(f->learning);
	detect_free(f->detect);
	watch_close_readiness(f);
	outbox_free(f->outbox);
	memory_close(&f->memory);
	settings_release(&f->set);
	free(f);
}

void
failover_reconfigure(struct failover *f, const struct failover_config *config)
{
	assert(strcmp(config->primary, f->set.primary) == 0);
	assert(strcmp(config->standby, f->set.standby) == 0);
	watch_stop_acting(f); /* these borrow the settings */
	latch_free(f->latch);
	settings_release(&f->set);
	settings_copy(&f->set, config);
	watch_start_latch(f);
	detect_reconfigure(f->detect, config);
	watch_reconfigure_readiness(f, config);
	if (memory_has_pending(&f->memory))
		watch_start_acting(f);
	watch_tend_latch(f);
}

void
failover_set_facts(struct failover *f, const struct failover_facts *facts)
{
	struct error e;
	json_t *tree;
	bool news;

	tree = facts_tree(facts, f->set.primary, f->set.standby);
	news = !memory_has_facts(&f->memory, tree);
	if (news)
		watch_stop_acting(f);
	if (memory_set_facts(&f->memory, tree, &e) == -1)
		log_warning("journal: %s: %s", f->set.stack, e.text);
	if (news && memory_has_pending(&f->memory))
		watch_start_acting(f);
	watch_tell_topics(f);
	detect_set_facts(f->detect, f->memory.facts);
	watch_tell_readiness(f);
	watch_feed_canary(f, facts);
}

int
failover_poll_now(struct failover *f, void (*done)(void *arg), void *arg)
{
	return detect_poll_now(f->detect, done, arg);
}

void
failover_forget_waiter(struct failover *f)
{
	detect_forget_waiter(f->detect);
}
