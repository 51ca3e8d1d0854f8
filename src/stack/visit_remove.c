/* SPDX-License-Identifier: MIT
 *
 * What happens to one node in a pass that removes.
 *
 *	survey: look, decide what is ours to remove
 *	remove: users first; look, step, look, ... until it is not there
 *
 * Laws: only what is ours at the last look before a step is removed; a look
 * that failed proves nothing; what may still be needed by something that could
 * not be removed stays.  All of it can be cut off at any moment: a second
 * pass looks, and goes on with what is there.
 *
 * A part (a kind without a removal) goes with its whole, which is the node
 * that its look refers to.
 */
#include <stdio.h>
#include <string.h>

#include "aws/fault.h"
#include "base/clock.h"
#include "stack/judge.h"
#include "stack/pass.h"
#include "stack/ref.h"

/* --- References -------------------------------------------------------- */

struct search {
	const struct graph *graph;
	bool (*fits)(const struct node *node);
	bool any;
	bool found;
};

static void
search_ref(const struct ref *ref, void *arg)
{
	struct search *s = arg;
	const struct node *node = graph_find(s->graph, ref->id);

	s->any = true;
	s->found |= node != NULL && s->fits(node);
}

/* Is there a reference in `input` to a node that fits? */
static bool
refers_to(const struct visit *visit, const json_t *input,
    bool (*fits)(const struct node *node), bool *any)
{
	struct search s = { .graph = visit->pass->graph, .fits = fits };
	struct error ignored;

	(void)ref_walk(input, search_ref, &s, &ignored);
	if (any != NULL)
		*any = s.any;
	return s.found;
}

static bool
is_gone(const struct node *node)
{
	return node->state == NODE_GONE;
}

/* --- The survey -------------------------------------------------------- */

static void
leave(struct visit *visit, enum node_state state, const char *why)
{
	struct error e;

	error_set(&e, ERROR_AGAIN, "Left", "left: %s, which is %s, %s",
	    visit->cause->id, node_state_name(visit->cause->state), why);
	visit_give_up(visit, state, &e);
}

void
visit_remove_block(struct visit *visit, const struct node *need)
{
	const struct visit *other = pass_visit(visit->pass, need);

	visit->cause = other->cause != NULL ? other->cause : need;
	leave(visit,
	    visit->cause->state == NODE_FAILED ? NODE_BLOCKED : NODE_LEFT,
	    "may be what it is in, so it was not looked for");
}

/*
 * In something foreign nothing is ours unless it says so itself: a part does
 * not, what has tags does.
 */
static bool
is_lost(const struct visit *visit, const struct node *need)
{
	return need->state == NODE_FAILED || need->state == NODE_BLOCKED ||
	    (need->state == NODE_LEFT && need->policy == POLICY_MANAGE) ||
	    (need->state == NODE_FOREIGN && visit->node->kind->owned != NULL);
}

struct node *
visit_lost_for_removal(const struct visit *visit)
{
	const struct graph *graph = visit->pass->graph;
	struct node *need;
	size_t i;

	for (i = 0; i < graph_needs_count(graph, visit->node); i++) {
		need = graph_needs(graph, visit->node, i);
		if (is_lost(visit, need))
			return need;
	}
	return NULL;
}

void
visit_cannot_look(struct visit *visit, const json_t *input)
{
	struct node *node = visit->node;
	struct error e;

	if (!refers_to(visit, input, is_gone, NULL)) {
		error_set(&e, ERROR_BROKEN, "Unresolved",
		    "refers to something that is not known: it cannot be "
		    "looked for");
		visit_fail(visit, &e);
		return;
	}
	json_decref(node->have);
	node->have = NULL;
	judge_removal(node);
	visit_over(visit);
}

/* --- The removal ------------------------------------------------------- */

/* A user that could not be removed, or of which nobody knows. */
static const struct node *
holder(const struct visit *visit)
{
	const struct graph *graph = visit->pass->graph;
	const struct visit *user;
	size_t i;

	for (i = 0; i < graph_users_count(graph, visit->node); i++) {
		user =
		    pass_visit(visit->pass, graph_user(graph, visit->node, i));
		if (user->cause != NULL)
			return user->cause;
	}
	return NULL;
}

void
visit_remove_begin(struct visit *visit)
{
	visit->cause = holder(visit);
	if (visit->cause != NULL) {
		leave(visit, NODE_LEFT, "may still need it");
	} else if (!visit->pass->options.write ||
	    visit->node->kind->removal == NULL) {
		visit_over(visit);
	} else {
		visit->fresh = visit->pass->mark;
		visit_look(visit);
	}
}

static void
removed(struct visit *visit)
{
	struct node *node = visit->node;

	if (node->changed)
		snprintf(node->why, sizeof(node->why), "removed");
	visit_over(visit);
}

/*
 * Something else is in the way, or still going: AWS may take its minutes (a
 * load balancer's network interfaces do), so only the deadline ends the wait.
 */
static bool
is_in_the_way(const struct visit *visit, const struct error *e)
{
	struct fault fault =
	    fault_of_code(visit->node->kind->service, e->code, 0);

	if (visit->step->early != NULL && visit->step->early(e))
		return true;
	return fault.class == ERROR_AGAIN && fault.retry != FAULT_TRANSIENT &&
	    strcmp(e->code, "UnreadableReply") != 0;
}

/* Trouble of AWS's own: it may pass, and is not waited for as long. */
static bool
is_trouble(const struct error *e)
{
	return e->class == ERROR_AGAIN || e->class == ERROR_THROTTLED;
}

void
visit_removed(struct visit *visit, const struct error *e)
{
	/* Absent: it is as good as accepted, whatever a late look shows. */
	if (e == NULL || e->class == ERROR_ABSENT) {
		error_clear(&visit->refusal);
		visit->refusals = 0;
		visit->node->changed = true;
		json_decref(visit->before);
		visit->before = json_incref(visit->node->have);
		visit_look(visit);
	} else if (is_in_the_way(visit, e)) {
		visit->refusal = *e;
		visit->pauses = visit->refusals++;
		visit_look_later(visit, e, true);
	} else if (is_trouble(e)) {
		visit->refusal = *e;
		visit->pauses = visit->refusals++;
		visit_look_later(
		    visit, e, visit->refusals < VISIT_TROUBLES_MAX);
	} else {
		visit_fail(visit, e);
	}
}

/* The step was accepted, and nothing shows it yet: but not for ever. */
static bool
is_settling(const struct visit *visit, const struct kind_step *step)
{
	return visit->step == step && visit->refusal.class == ERROR_NONE &&
	    visit->before != NULL && !visit_has_paused_enough(visit) &&
	    json_equal(visit->before, visit->node->have);
}

/* It is there, ours, and nothing is under way with it. */
static void
remove_step(struct visit *visit)
{
	const struct kind_step *step = judge_removal_step(visit->node);
	struct error e;

	if (step == NULL) {
		error_set(&e, ERROR_AGAIN, "NotYet",
		    "in its present state it cannot be removed");
		visit_look_later(visit, &e, true);
	} else if (is_settling(visit, step)) {
		error_set(&e, ERROR_AGAIN, "NotSeen",
		    "%s was accepted, but the %s is still there",
		    step->operation, visit->node->kind->name);
		visit_look_later(visit, &e, true);
	} else if (clock_mono_ms() >= visit->pass->options.deadline_ms) {
		error_set(&e, ERROR_AGAIN, "Deadline",
		    "%s: no time left in this pass", step->operation);
		visit_fail(visit, &e);
	} else {
		visit_send(visit, step);
	}
}

void
visit_remove(struct visit *visit)
{
	struct node *node = visit->node;
	struct error e = { 0 };

	judge_removal(node);
	if (node->state == NODE_GONE)
		removed(visit);
	else if (node->state != NODE_DOOMED)
		visit_over(visit);
	else if (judge_landed(node, &e) == -1 && e.class == ERROR_AGAIN)
		visit_look_later(visit, &e, true);
	else
		remove_step(visit);
}

/* --- Parts ------------------------------------------------------------- */

static bool
goes(const struct node *node)
{
	return node->state == NODE_GONE || node->state == NODE_DOOMED;
}

/* A part is of one of the nodes that its look refers to, or of any need. */
static bool
whole_goes(const struct visit *visit)
{
	const struct graph *graph = visit->pass->graph;
	const struct node *node = visit->node;
	bool any, found;
	json_t *input;
	size_t i;

	input = node->kind->look.input(node->want, NULL);
	found = refers_to(visit, input, goes, &any);
	json_decref(input);
	for (i = 0; !any && i < graph_needs_count(graph, node); i++)
		found |= goes(graph_needs(graph, node, i));
	return found;
}

void
visit_remove_part(struct visit *visit)
{
	struct node *node = visit->node;
	struct error e;

	if (node->state != NODE_DOOMED || node->kind->removal != NULL)
		return;
	if (!whole_goes(visit)) {
		error_set(&e, ERROR_AGAIN, "Left",
		    "left: it goes when what it is a part of does");
		node_fail(node, NODE_LEFT, &e);
	} else if (visit->pass->options.write) {
		node->state = NODE_GONE;
		node->changed = true;
		snprintf(node->why, sizeof(node->why),
		    "gone with what it was a part of");
	}
}
