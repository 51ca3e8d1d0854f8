/* SPDX-License-Identifier: MIT
 *
 * The keeper of one stack.  See keeper.h.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/brake.h"
#include "daemon/findings.h"
#include "daemon/keeper.h"
#include "daemon/status.h"
#include "daemon/topology.h"
#include "daemon/watchlist.h"
#include "net/loop.h"
#include "stack/reconcile.h"

enum { PASS_DEADLINE_MIN_MS = 30000 };

struct keeper {
	struct loop *loop;
	struct aws *aws;
	const struct config *config;
	const struct config_stack *stack;
	struct keeper_ops ops;

	struct failover *failover;

	struct graph *graph; /* of the epoch below; NULL: to be built */
	uint64_t graph_epoch;
	struct timer *cycle;
	struct reconcile *pass;
	struct brake brake;
	bool held;   /* a pass was due when none was allowed */
	bool spared; /* it left the record, as the latch was not ready */
	bool passed; /* `result` is of a whole pass */
	struct reconcile_result result;
	uint64_t passed_ms; /* mono */
	char *troubles;	    /* of the last pass: log only what is new */
	struct recovery_told recovery_told;
};

static void run_pass(void *arg);

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

/* ---- reconcile --------------------------------------------------------- */

static void
schedule_pass(struct keeper *k, uint64_t ms)
{
	timer_cancel(k->cycle);
	k->cycle = loop_after(k->loop, ms, run_pass, k);
}

static void
drop_graph(struct keeper *k)
{
	if (k->pass != NULL)
		reconcile_cancel(k->pass);
	k->pass = NULL;
	graph_free(k->graph);
	k->graph = NULL;
}

/*
 * What fails in each pass is tried in each pass, and told once.  Who waits for
 * it is told nothing: it is where the trouble is that there is one.
 */
static void
on_step(const struct node *node, const char *what, void *arg)
{
	const struct keeper *k = arg;
	bool quiet = text_starts(what, "waiting: ") ||
	    node->state == NODE_BLOCKED ||
	    (node->state != NODE_CLEAN &&
		findings_known(k->troubles, node, NODE_FAILED));
	struct log_fields fields = {
		.message_id = quiet ? NULL : EVENT_REPAIRED,
		.stack = k->stack->name,
		.region = node->region,
	};

	log_line(quiet ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, &fields,
	    "reconcile: %s: %s %s in %s: %s", k->stack->name, node->kind->name,
	    node->name, node->region, what);
}

/* The brake is a gate of failovers as well (failover/gate.h). */
static void
tell_brake(struct keeper *k)
{
	char why[128];

	snprintf(why, sizeof(why),
	    "reconcile found %u changes, more than one cycle may make, and "
	    "waits for a person",
	    k->brake.changes);
	failover_set_brake(k->failover, k->brake.latched ? why : NULL);
}

static void
on_passed(const struct reconcile_result *result, void *arg)
{
	struct keeper *k = arg;
	struct log_fields fields = {
		.message_id = EVENT_BRAKED,
		.stack = k->stack->name,
	};
	k->pass = NULL;
	k->passed = true;
	k->result = *result;
	k->passed_ms = clock_mono_ms();
	findings_tell(k->graph, k->stack, k->failover);
	findings_warn(k->graph, k->stack->name, &k->troubles);
	if (brake_judge(&k->brake, result))
		log_line(LOG_LEVEL_WARNING, &fields,
		    "reconcile: %s: %u changes are more than the %u that %s "
		    "allows in one cycle: nothing is written from now on; "
		    "look at `drd plan`, then `drdctl ack` or `drd apply`",
		    k->stack->name, result->writes, result->allowed,
		    result->limit);
	tell_brake(k);
	schedule_pass(
	    k, k->brake.allowed > 0 ? 0 : k->config->reconcile_interval);
	k->ops.changed(k->ops.arg);
}

static int
build_graph(struct keeper *k, const struct failover_status *status)
{
	struct topology_role role = {
		.active = status->active,
		.epoch = status->epoch,
		.since_ms = status->active_since_ms,
	};
	struct error e;

	k->graph = topology_build(k->stack, &role, &e);
	k->graph_epoch = status->epoch;
	if (k->graph == NULL)
		log_error("reconcile: %s: %s", k->stack->name, e.text);
	return k->graph != NULL ? 0 : -1;
}

/*
 * What a pending effect will write is not reconcile's to write; and the record
 * is not made to follow a latch that was not seen as the role wants it.
 */
static void
freeze(struct keeper *k, const struct failover_status *status)
{
	char name[TOPOLOGY_PARAMETER_MAX];
	struct node *node;
	size_t i;

	k->spared = !status->latch_is_ready;
	for (i = 0; i < graph_count(k->graph); i++) {
		node = graph_node(k->graph, i);
		node->frozen = failover_owns(k->failover, node->region,
				   topology_endpoint_name(k->stack, name)) &&
		    text_ends(node->id, "/parameter-endpoint");
		node->frozen |= failover_owns(k->failover, node->region,
				    topology_active_name(k->stack, name)) &&
		    text_ends(node->id, "/parameter-active");
		node->frozen |=
		    k->spared && strcmp(node->id, "record-primary") == 0;
	}
}

static void
run_pass(void *arg)
{
	struct keeper *k = arg;
	struct failover_status status;
	struct reconcile_options options = {
		.on_step = on_step,
		.on_step_arg = k,
	};
	uint64_t limit = k->config->reconcile_interval;

	k->cycle = NULL;
	failover_status(k->failover, &status);
	k->held = !failover_allows_reconcile(k->failover);
	if (k->held) {
		schedule_pass(k, k->config->poll_interval);
		return;
	}
	if (k->graph != NULL && k->graph_epoch != status.epoch)
		drop_graph(k);
	if (k->graph == NULL && build_graph(k, &status) == -1) {
		schedule_pass(k, k->config->reconcile_interval);
		return;
	}
	freeze(k, &status);
	brake_limit(&k->brake, k->stack, &options);
	if (limit < PASS_DEADLINE_MIN_MS)
		limit = PASS_DEADLINE_MIN_MS;
	options.settle_ms = k->config->settle;
	options.deadline_ms = clock_mono_ms() + limit;
	k->pass =
	    reconcile_start(k->loop, k->aws, k->graph, &options, on_passed, k);
}

int
keeper_ack(struct keeper *k, struct error *e)
{
	if (brake_ack(&k->brake, e) == -1)
		return -1;
	tell_brake(k);
	if (k->pass == NULL)
		schedule_pass(k, 0);
	k->ops.changed(k->ops.arg);
	return 0;
}

/* ---- failover ---------------------------------------------------------- */

static void
on_role_changed(enum role from, enum role to, const char *why, void *arg)
{
	struct keeper *k = arg;
	struct failover_status status;

	/* What a pass wants is that of its epoch: it must not write it now. */
	failover_status(k->failover, &status);
	if (k->pass != NULL && k->graph_epoch != status.epoch) {
		reconcile_cancel(k->pass);
		k->pass = NULL;
		k->held = true;
		schedule_pass(k, k->config->poll_interval);
	}
	if (k->held && failover_allows_reconcile(k->failover)) {
		k->held = false;
		schedule_pass(k, 0);
	}
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

static void
on_polled(void *arg)
{
	struct keeper *k = arg;
	struct failover_status status;

	failover_status(k->failover, &status);
	if (k->spared && status.latch_is_ready && k->pass == NULL) {
		k->spared = false;
		schedule_pass(k, 0);
	}
	k->ops.polled(&status, k->ops.arg);
	k->ops.changed(k->ops.arg);
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
	failover_start(k->failover);
	schedule_pass(k,
	    watchlist_phase(
		k->config, k->stack, k->config->reconcile_interval));
}

void
keeper_free(struct keeper *k)
{
	if (k == NULL)
		return;
	timer_cancel(k->cycle);
	drop_graph(k);
	failover_free(k->failover);
	free(k->troubles);
	free(k);
}

void
keeper_reconfigure(struct keeper *k, const struct config *config,
    const struct config_stack *stack)
{
	struct watchlist list;

	drop_graph(k);
	k->config = config;
	k->stack = stack;
	watchlist_init(&list, config, stack);
	failover_reconfigure(k->failover, &list.failover);
	watchlist_release(&list);
	schedule_pass(k, 0);
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
	foresee_earliest(&f, k->config->poll_interval, clock_mono_ms(),
	    clock_wall_ms(), &out->earliest);
}
