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
#include "stack/attach.h"
#include "stack/judge.h"
#include "stack/pass.h"

enum { REFUSALS_MAX = 3 };

void
visit_over(struct visit *visit)
{
	const struct node *node = visit->node;

	pass_visited(visit);
	if (visit->pass->phase != PHASE_SURVEY && visit->pass->options.write &&
	    node->state != NODE_DOOMED &&
	    (node->changed || visit->told || node->state != NODE_CLEAN))
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
	if (visit->cause == NULL)
		visit->cause = visit->node;
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
	const struct node *node = visit->node;
	ptrdiff_t i =
	    step - (node->unwanted ? node->kind->removal : node->kind->steps);

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

/* Perhaps it happened, perhaps somebody else was faster. */
static void
put_off(struct visit *visit, const struct error *e)
{
	visit->refusal = *e;
	visit->refusals++;
	/* Only a throttle says that nothing was done. */
	if (visit->node->have == NULL && e->class != ERROR_THROTTLED)
		visit->sent |= bit_of(visit, visit->step);
	visit_look_later(visit, e, false);
}

/*
 * Something that it names is not there, says AWS, and has done nothing.  What
 * was made a moment ago is not known to all of AWS's machines: sent again,
 * after pauses that grow, until they are enough.
 */
static void
stands_on_nothing(struct visit *visit, const struct error *e)
{
	visit->pauses = visit->early++;
	visit_look_later(visit, e, false);
}

static void
on_written(const json_t *reply, const struct error *e, void *arg)
{
	struct visit *visit = arg;
	struct reconcile *pass = visit->pass;
	const struct kind_step *step = visit->step;

	visit->call = NULL;
	pass_enter(pass);
	visit->fresh = looks_now(pass->looks);
	if (pass->phase == PHASE_REMOVE) {
		visit_removed(visit, e);
	} else if (e == NULL) {
		error_clear(&visit->refusal);
		visit->sent |= bit_of(visit, step);
		visit->node->changed = true;
		visit_look(visit);
	} else if (step->early != NULL && step->early(e)) {
		visit->pauses = visit->early++;
		visit_look_later(visit, e, true);
	} else if (e->class == ERROR_ABSENT) {
		stands_on_nothing(visit, e);
	} else if (e->class == ERROR_AGAIN || e->class == ERROR_THROTTLED) {
		put_off(visit, e);
	} else {
		visit_fail(visit, e);
	}
	pass_leave(pass);
}

void
visit_send(struct visit *visit, const struct kind_step *step)
{
	struct reconcile *pass = visit->pass;
	const struct node *node = visit->node;
	struct aws_request request = {
		.service = node->kind->service,
		.region = node->region,
		.operation = step->operation,
		.template = step->template,
		.lane = LANE_RECONCILE,
		.writes = true,
		.deadline_ms = pass->options.deadline_ms,
		.once = step->once,
	};
	char token[17], what[160];
	struct error e;
	json_t *input;

	snprintf(token, sizeof(token), "%016" PRIx64, backoff_random());
	snprintf(what, sizeof(what), "%s: %s", step->operation, step->why);
	visit->step = step;
	visit->pauses = 0;
	if (judge_deletes(node, step) && !visit->deletes) {
		visit->deletes = true;
		pass->deletions++;
	}
	pass_tell(pass, node, what);
	if (pass->cancelled)
		return;
	input = step->input(node->wanted, node->have, token);
	if (step->file != NULL && attach_file(input, step->file, &e) == -1) {
		json_decref(input);
		visit_fail(visit, &e);
		return;
	}
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

/* Either all of the survey's deletions are allowed or none. */
static bool
may_delete(const struct visit *visit)
{
	const struct reconcile *pass = visit->pass;

	return pass->result.deletions <= pass->options.max_deletions &&
	    (visit->deletes || pass->deletions < pass->options.max_deletions);
}

/* Only what carries our tag now is written, and the listing lags. */
static void
write_step(struct visit *visit, const struct kind_step *step)
{
	struct error e;

	if (time_is_up(visit)) {
		error_set(&e, ERROR_AGAIN, "Deadline",
		    "%s: no time left in this pass", step->operation);
		visit_fail(visit, &e);
	} else if (judge_deletes(visit->node, step) && !may_delete(visit)) {
		judge_deletion(visit->node, step, &e);
		visit_fail(visit, &e);
	} else if (visit->listed) {
		visit_look_at_tags(visit);
	} else {
		visit_send(visit, step);
	}
}

/*
 * A run before this one may have made it a moment ago, and the look be too
 * early to show it.  Where AWS would then make a second one, "not there" has
 * to be said again, late enough.
 */
static bool
is_too_soon(const struct visit *visit, const struct kind_step *step)
{
	const struct reconcile *pass = visit->pass;

	return step->absent && visit->node->have == NULL &&
	    visit->node->kind->nameless &&
	    visit->look_ms < pass->began_ms + pass->options.settle_ms;
}

/* It differs from what is wanted.  `landed`: see judge_landed. */
static void
mend(struct visit *visit, const struct error *landed)
{
	const struct kind_step *step = judge_step(visit->node);
	struct error e;

	if (step == NULL) {
		error_set(&e, ERROR_BROKEN, "NoStep",
		    "nothing that drd can send helps a %s in this state: %s",
		    visit->node->kind->name,
		    visit->node->kind->advice != NULL
			? visit->node->kind->advice
			: "look at it by hand");
		visit_fail(visit, &e);
	} else if (may_be_sent(visit, step) && is_too_soon(visit, step)) {
		error_set(&e, ERROR_AGAIN, "TooSoon",
		    "it is not there, which may be too soon to say");
		visit_look_later(visit, &e, true);
	} else if (may_be_sent(visit, step)) {
		write_step(visit, step);
	} else if (landed->class != ERROR_NONE) {
		visit_fail(visit, landed);
	} else {
		not_seen_yet(visit);
	}
}

void
visit_work(struct visit *visit)
{
	struct node *node = visit->node;
	bool differs, managed = node->policy == POLICY_MANAGE;
	struct error e = { 0 };

	judge_node(node);
	differs = node->state == NODE_ABSENT || node->state == NODE_DRIFTED ||
	    node->state == NODE_ADOPTED;
	if ((differs || node->state == NODE_LANDING) &&
	    judge_landed(node, &e) == -1 && e.class == ERROR_AGAIN)
		visit_look_later(visit, &e, true);
	else if (node->state == NODE_FOREIGN && node->changed)
		/* What we have just made may show its tags last. */
		visit_look_later(visit, &node->error, false);
	else if (differs && managed)
		/* It may have failed for good because of what differs. */
		mend(visit, &e);
	else
		visit_over(visit);
}

/* --- Beginning and end ----------------------------------------------- */

/*
 * What is no longer declared is looked for in any case, and goes when what has
 * used it, which it comes after, is as it is declared now.
 */
static bool
is_lost(const struct visit *visit, const struct node *need)
{
	if (visit->node->unwanted)
		return visit->pass->phase == PHASE_WORK &&
		    need->state != NODE_CLEAN;
	return need->state == NODE_FAILED || need->state == NODE_FOREIGN ||
	    need->state == NODE_BLOCKED ||
	    (need->state == NODE_ABSENT &&
		(need->policy != POLICY_MANAGE ||
		    visit->pass->phase == PHASE_WORK)) ||
	    (need->state == NODE_FROZEN && need->have == NULL);
}

/* A need that will not be there in this pass. */
static struct node *
lost_need(const struct visit *visit)
{
	const struct graph *graph = visit->pass->graph;
	struct node *need;
	size_t i;

	if (visit->pass->options.destroy)
		return visit_lost_for_removal(visit);
	for (i = 0; i < graph_needs_count(graph, visit->node); i++) {
		need = graph_needs(graph, visit->node, i);
		if (is_lost(visit, need))
			return need;
	}
	return NULL;
}

/* The error is told once, where it is: here only its node. */
static void
block(struct visit *visit, const struct node *need)
{
	const struct visit *other = pass_visit(visit->pass, need);
	struct error e;

	visit->cause = other->cause != NULL ? other->cause : need;
	error_set(&e, ERROR_AGAIN, "Blocked", "waits for %s, which is %s",
	    visit->cause->id, node_state_name(visit->cause->state));
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

/* May the survey go on, though a member of `missing` is not known? */
static bool
may_be_unknown(const struct visit *visit, const struct node *missing)
{
	if (visit->pass->options.destroy || visit->node->unwanted)
		return true; /* unless its look needs it */
	return visit->pass->phase == PHASE_SURVEY &&
	    (missing->state == NODE_ABSENT || missing->state == NODE_DRIFTED ||
		missing->state == NODE_LANDING);
}

/*
 * A kind may find its object by what is wanted: with a part of that unknown,
 * it may have found something else.
 */
static bool
was_found_half_known(const struct visit *visit)
{
	return visit->half_known && visit->node->have != NULL;
}

void
visit_begin(struct visit *visit)
{
	struct node *node = visit->node;
	const struct graph *graph = visit->pass->graph;
	const struct node *need = lost_need(visit), *missing;

	if (need != NULL) {
		if (visit->pass->options.destroy)
			visit_remove_block(visit, need);
		else
			block(visit, need);
		return;
	}
	json_decref(node->wanted);
	node->wanted = graph_resolve(graph, node, &missing);
	if (missing != NULL) {
		node->wanted = graph_resolve_known(graph, node);
		if (!may_be_unknown(visit, missing)) {
			cannot_resolve(visit, missing);
			return;
		}
	}
	if (visit->looked && !was_found_half_known(visit)) {
		visit_work(visit);
		return;
	}
	visit->half_known = missing != NULL;
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
	json_decref(visit->before);
}
