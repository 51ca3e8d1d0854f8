/* SPDX-License-Identifier: MIT
 *
 * The passes of one stack: when reconcile runs, with what, and what is made
 * of it.
 *
 *	keeper_pass_in -> run_pass -> on_passed -> keeper_pass_in
 *
 * Laws kept here: no pass runs while a role changes, one that does when the
 * epoch changes ends there, and what a pending effect will write it leaves
 * alone (9); beyond the brake nothing is written until a person has looked.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/findings.h"
#include "daemon/keeper_parts.h"
#include "daemon/topology.h"
#include "net/loop.h"

enum { PASS_DEADLINE_MIN_MS = 30000 };

static void run_pass(void *arg);

void
keeper_pass_in(struct keeper *k, uint64_t ms)
{
	timer_cancel(k->cycle);
	k->cycle = loop_after(k->loop, ms, run_pass, k);
}

void
keeper_pass_drop(struct keeper *k)
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
tell_braked(struct keeper *k, const struct reconcile_result *result)
{
	struct log_fields fields = {
		.message_id = EVENT_BRAKED,
		.stack = k->stack->name,
	};
	struct failover_status status;
	char text[256];

	snprintf(text, sizeof(text),
	    "%u changes are more than the %u that %s allows in one cycle: "
	    "nothing is written from now on; look at `drd plan`, then `drdctl "
	    "ack` or `drd apply`",
	    result->writes, result->allowed, result->limit);
	log_line(LOG_LEVEL_WARNING, &fields, "reconcile: %s: %s",
	    k->stack->name, text);
	failover_status(k->failover, &status);
	k->ops.noted(&status, "brake", text, k->ops.arg);
}

static void
on_passed(const struct reconcile_result *result, void *arg)
{
	struct keeper *k = arg;

	k->pass = NULL;
	k->passed = true;
	k->result = *result;
	k->passed_ms = clock_mono_ms();
	findings_tell(k->graph, k->stack, k->failover);
	findings_warn(k->graph, k->stack->name, &k->troubles);
	if (brake_judge(&k->brake, result))
		tell_braked(k, result);
	tell_brake(k);
	keeper_pass_in(
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
 * What a pending effect will write is not reconcile's to write; and neither the
 * record nor the check that it follows is made to follow a latch that was not
 * seen as the role wants it.
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
		node->kept =
		    k->spared && strcmp(node->id, "health-calculated") == 0;
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
		keeper_pass_in(k, k->config->poll_interval);
		return;
	}
	if (k->graph != NULL && k->graph_epoch != status.epoch)
		keeper_pass_drop(k);
	if (k->graph == NULL && build_graph(k, &status) == -1) {
		keeper_pass_in(k, k->config->reconcile_interval);
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

/* What a pass wants is that of its epoch: it must not write it now. */
void
keeper_pass_on_role(struct keeper *k, const struct failover_status *status)
{
	if (k->pass != NULL && k->graph_epoch != status->epoch) {
		reconcile_cancel(k->pass);
		k->pass = NULL;
		k->held = true;
		keeper_pass_in(k, k->config->poll_interval);
	}
	if (k->held && failover_allows_reconcile(k->failover)) {
		k->held = false;
		keeper_pass_in(k, 0);
	}
}

void
keeper_pass_on_poll(struct keeper *k, const struct failover_status *status)
{
	if (k->spared && status->latch_is_ready && k->pass == NULL) {
		k->spared = false;
		keeper_pass_in(k, 0);
	}
}

int
keeper_ack(struct keeper *k, struct error *e)
{
	if (brake_ack(&k->brake, e) == -1)
		return -1;
	tell_brake(k);
	if (k->pass == NULL)
		keeper_pass_in(k, 0);
	k->ops.changed(k->ops.arg);
	return 0;
}
