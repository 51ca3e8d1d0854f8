/* SPDX-License-Identifier: MIT
 *
 * What happens to one node in a pass: how it begins, is written and ends.
 *
 *	survey: look, decide
 *	work:	decide, step, look, decide, ... until nothing differs
 *
 * Laws: what could not be read is not written; a step that AWS has accepted
 * is not sent again, a create not even when nobody knows what became of it;
 * when a look does not show an accepted write, the look is early, and only
 * the look is repeated.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aws/client.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "net/loop.h"
#include "stack/judge.h"
#include "stack/pass.h"

enum { REFUSALS_MAX = 3 };

void
visit_over(struct visit *visit)
{
	const struct node *node = visit->node;

	visit->progress = VISIT_OVER;
	if (visit->pass->phase == PHASE_WORK &&
	    (node->changed || node->state != NODE_CLEAN))
		pass_tell(visit->pass, node, node->why);
}

void
visit_give_up(struct visit *visit, enum node_state state, const struct error *e)
{
	if (!visit->looked) {
		json_decref(visit->node->have);
		visit->node->have = NULL;
	}
	node_fail(visit->node, state, e);
	visit_over(visit);
}

void
visit_fail(struct visit *visit, const struct error *e)
{
	visit_give_up(visit, NODE_FAILED, e);
}

/* --- Writing --------------------------------------------------------- */

static uint32_t
bit_of(const struct visit *visit, const struct kind_step *step)
{
	ptrdiff_t i = step - visit->node->kind->steps;

	assert(i >= 0 && i < 32);
	return UINT32_C(1) << i;
}

/* Not twice, and not for ever. */
static bool
may_be_sent(const struct visit *visit, const struct kind_step *step)
{
	if (visit->sent & bit_of(visit, step))
		return false;
	return visit->refusals < REFUSALS_MAX;
}

/* The step was sent and still applies. */
static void
not_seen_yet(struct visit *visit)
{
	struct error e = visit->refusal;

	if (e.class == ERROR_NONE)
		error_set(&e, ERROR_AGAIN, "NotSeen",
		    "%s was accepted, but the %s still reads as before (%s)",
		    visit->step->operation, visit->node->kind->name,
		    visit->node->why);
	visit_look_later(visit, &e, false);
}

static void
on_written(const json_t *reply, const struct error *e, void *arg)
{
	struct visit *visit = arg;
	struct reconcile *pass = visit->pass;

	visit->call = NULL;
	pass_enter(pass);
	visit->fresh = looks_now(pass->looks);
	if (e == NULL) {
		error_clear(&visit->refusal);
		visit->sent |= bit_of(visit, visit->step);
		visit->node->changed = true;
		visit_look(visit);
	} else if (e->class == ERROR_AGAIN || e->class == ERROR_ABSENT ||
	    e->class == ERROR_THROTTLED) {
		/* Perhaps it happened, perhaps somebody else was faster; only
		   a throttle says that nothing was done. */
		visit->refusal = *e;
		visit->refusals++;
		if (visit->node->have == NULL && e->class != ERROR_THROTTLED)
			visit->sent |= bit_of(visit, visit->step);
		visit_look_later(visit, e, false);
	} else {
		visit_fail(visit, e);
	}
	pass_leave(pass);
}

static void
send_step(struct visit *visit, const struct kind_step *step)
{
	struct reconcile *pass = visit->pass;
	const struct node *node = visit->node;
	struct aws_request request = {
		.service = node->kind->service,
		.region = node->region,
		.operation = step->operation,
		.template = step->template,
		.lane = LANE_RECONCILE,
		.deadline_ms = pass->options.deadline_ms,
	};
	char token[17], what[160];
	json_t *input;

	snprintf(token, sizeof(token), "%016" PRIx64, backoff_random());
	snprintf(what, sizeof(what), "%s: %s", step->operation, step->why);
	visit->step = step;
	visit->pauses = 0;
	pass_tell(pass, node, what);
	if (pass->cancelled)
		return;
	input = step->input(node->wanted, node->have, token);
	request.input = input;
	pass->result.calls++;
	visit->call = aws_send(pass->aws, &request, on_written, visit);
	json_decref(input);
}

static bool
time_is_up(const struct visit *visit)
{
	return clock_mono_ms() >= visit->pass->options.deadline_ms;
}

void
visit_work(struct visit *visit)
{
	struct node *node = visit->node;
	const struct kind_step *step;
	struct error e;

	judge_node(node);
	if (node->state != NODE_ABSENT && node->state != NODE_DRIFTED) {
		visit_over(visit);
		return;
	}
	if (node->have != NULL && node->kind->landed != NULL &&
	    node->kind->landed(node->wanted, node->have, &e) == -1) {
		visit_look_later(visit, &e, true);
		return;
	}
	step = judge_step(node);
	assert(step != NULL); /* judge_node() has made sure */
	if (!may_be_sent(visit, step)) {
		not_seen_yet(visit);
	} else if (time_is_up(visit)) {
		error_set(&e, ERROR_AGAIN, "Deadline",
		    "%s: no time left in this pass", step->operation);
		visit_fail(visit, &e);
	} else {
		send_step(visit, step);
	}
}

/* --- Beginning and end ----------------------------------------------- */

/* A need that will not be there in this pass. */
static const struct node *
lost_need(const struct visit *visit)
{
	const struct graph *graph = visit->pass->graph;
	const struct node *need;
	size_t i;

	for (i = 0; i < graph_needs_count(graph, visit->node); i++) {
		need = graph_needs(graph, visit->node, i);
		if (need->state == NODE_FAILED || need->state == NODE_FOREIGN ||
		    need->state == NODE_BLOCKED ||
		    (need->state == NODE_ABSENT &&
			(need->policy != POLICY_MANAGE ||
			    visit->pass->phase == PHASE_WORK)) ||
		    (need->state == NODE_FROZEN && need->have == NULL))
			return need;
	}
	return NULL;
}

static void
block(struct visit *visit, const struct node *need)
{
	struct error e;

	error_set(&e, ERROR_AGAIN, "Blocked", "waits for %s, which is %s",
	    need->id, node_state_name(need->state));
	visit_give_up(visit, NODE_BLOCKED, &e);
}

/* The need is there but lacks the member that the reference names. */
static void
cannot_resolve(struct visit *visit, const struct node *need)
{
	struct error e;

	error_set(&e, ERROR_BROKEN, "Unresolved",
	    "refers to something that %s (%s %s) does not have", need->id,
	    need->kind->name, need->name);
	visit_fail(visit, &e);
}

void
visit_begin(struct visit *visit)
{
	struct node *node = visit->node;
	const struct graph *graph = visit->pass->graph;
	const struct node *need = lost_need(visit), *missing;

	if (need != NULL) {
		block(visit, need);
		return;
	}
	json_decref(node->wanted);
	node->wanted = graph_resolve(graph, node, &missing);
	if (missing != NULL) {
		node->wanted = graph_resolve_known(graph, node);
		/* Only a survey may go on with less than all of it. */
		if (visit->pass->phase == PHASE_WORK ||
		    (missing->state != NODE_ABSENT &&
			missing->state != NODE_DRIFTED)) {
			cannot_resolve(visit, missing);
			return;
		}
	}
	if (visit->looked) {
		visit_work(visit);
		return;
	}
	if (visit->pass->phase == PHASE_WORK)
		visit->fresh = looks_now(visit->pass->looks);
	visit_look(visit);
}

void
visit_stop(struct visit *visit)
{
	if (visit->call != NULL)
		aws_cancel(visit->call);
	timer_cancel(visit->timer);
	json_decref(visit->have);
}
