/* SPDX-License-Identifier: MIT
 *
 * One pass over a graph: look, decide, step, look again.
 *
 * Here is the pass as a whole: who may begin when, the brake between looking
 * and writing, the sums.  What happens to one node is in visit.c.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/loop.h"
#include "stack/pass.h"

struct visit *
pass_visit(struct reconcile *pass, const struct node *node)
{
	struct visit *visit = &pass->visits[graph_index(node)];

	assert(visit->node == node);
	return visit;
}

static void
wait_for(struct visit *visit)
{
	visit->waits_for++;
}

static void
come_nearer(struct visit *visit)
{
	struct reconcile *pass = visit->pass;

	if (visit->progress == VISIT_WAITS && --visit->waits_for == 0)
		pass->ready[pass->ready_count++] = visit;
}

/* What is made waits for its needs; what is removed waits for its users. */
static void
for_those_behind(const struct visit *visit, void (*call)(struct visit *behind))
{
	struct reconcile *pass = visit->pass;
	const struct graph *graph = pass->graph;
	const struct node *node = visit->node;
	size_t i;

	if (pass->phase == PHASE_REMOVE) {
		for (i = 0; i < graph_needs_count(graph, node); i++)
			call(pass_visit(pass, graph_needs(graph, node, i)));
		return;
	}
	for (i = 0; i < graph_users_count(graph, node); i++)
		call(pass_visit(pass, graph_user(graph, node, i)));
}

/* Those marked as waiting begin when what they wait for is over. */
static void
begin_phase(struct reconcile *pass, enum phase phase)
{
	struct visit *visit;
	size_t i;

	pass->phase = phase;
	pass->mark = looks_now(pass->looks);
	pass->ready_count = pass->over = 0;
	for (i = 0; i < pass->count; i++)
		pass->visits[i].waits_for = 0;
	for (i = 0; i < pass->count; i++)
		if (pass->visits[i].progress != VISIT_OVER)
			for_those_behind(&pass->visits[i], wait_for);
	for (i = 0; i < pass->count; i++) {
		visit = &pass->visits[i];
		if (visit->progress == VISIT_OVER)
			pass->over++;
		else if (visit->waits_for == 0)
			pass->ready[pass->ready_count++] = visit;
	}
}

void
pass_visited(struct visit *visit)
{
	visit->progress = VISIT_OVER;
	visit->pass->over++;
	for_those_behind(visit, come_nearer);
}

/*
 * Some services take one change at a time and refuse the others (Route 53:
 * PriorRequestNotComplete, per zone).  Waiting for one's turn is cheaper
 * than being refused, and needs no made-up reference between the nodes.
 */
static bool
has_its_turn(const struct reconcile *pass, const struct visit *visit)
{
	const char *member = visit->node->kind->one_at_a_time;
	const struct visit *other;
	size_t i;

	if (member == NULL || pass->phase == PHASE_SURVEY)
		return true;
	for (i = 0; i < pass->count; i++) {
		other = &pass->visits[i];
		if (other != visit && other->progress == VISIT_UNDER_WAY &&
		    other->node->kind == visit->node->kind &&
		    json_equal(json_object_get(other->node->want, member),
			json_object_get(visit->node->want, member)))
			return false;
	}
	return true;
}

/* One round over those that are ready; false: none of them could begin. */
static bool
advance_once(struct reconcile *pass)
{
	size_t i, kept = 0;
	struct visit *visit;
	bool moved = false;

	/* More become ready while we are at it; see pass_visited. */
	for (i = 0; i < pass->ready_count; i++) {
		visit = pass->ready[i];
		if (pass->cancelled || !has_its_turn(pass, visit)) {
			pass->ready[kept++] = visit;
			continue;
		}
		visit->progress = VISIT_UNDER_WAY;
		if (pass->phase == PHASE_REMOVE)
			visit_remove_begin(visit);
		else
			visit_begin(visit);
		moved = true;
	}
	pass->ready_count = kept;
	return moved;
}

/* Begin whatever can begin; true if all visits are over. */
static bool
advance(struct reconcile *pass)
{
	while (!pass->cancelled && advance_once(pass))
		;
	return !pass->cancelled && pass->over == pass->count;
}

static void
survey_is_over(struct reconcile *pass)
{
	if (!pass_decide(pass))
		pass->finished = true;
	else
		begin_phase(
		    pass, pass->options.destroy ? PHASE_REMOVE : PHASE_WORK);
}

static void
sum_up(struct reconcile *pass)
{
	struct reconcile_result *r = &pass->result;
	struct node *node;
	size_t i;

	for (i = 0; i < pass->count && pass->options.destroy; i++)
		visit_remove_part(
		    pass_visit(pass, graph_in_order(pass->graph, i)));
	for (i = 0; i < pass->count; i++) {
		node = pass->visits[i].node;
		if (node->unwanted && node->state == NODE_CLEAN) {
			r->removed += node->changed;
			node_rest(node);
			continue;
		}
		r->nodes += node->policy != POLICY_IGNORE;
		r->clean += node->state == NODE_CLEAN;
		r->written += node->state == NODE_CLEAN && node->changed;
		r->landing += node->state == NODE_LANDING;
		r->foreign += node->state == NODE_FOREIGN;
		r->failed +=
		    node->state == NODE_FAILED || node->state == NODE_BLOCKED;
		r->frozen += node->state == NODE_FROZEN;
		r->removed += node->state == NODE_GONE && node->changed;
		r->left += node->state == NODE_LEFT ||
		    (node->state == NODE_FOREIGN && pass->options.destroy);
		node_rest(node);
	}
	r->calls += looks_calls(pass->looks);
	r->took_ms = clock_mono_ms() - pass->began_ms;
}

static void
pass_free(struct reconcile *pass)
{
	size_t i;

	timer_cancel(pass->begin);
	for (i = 0; i < pass->count; i++)
		visit_stop(&pass->visits[i]);
	looks_free(pass->looks);
	free(pass->ready);
	free(pass->visits);
	free(pass);
}

void
pass_enter(struct reconcile *pass)
{
	pass->depth++;
}

void
pass_leave(struct reconcile *pass)
{
	struct reconcile_result result;
	void (*done)(const struct reconcile_result *, void *) = pass->done;
	void *arg = pass->arg;

	if (pass->depth == 1 && advance(pass)) {
		if (pass->phase == PHASE_SURVEY)
			survey_is_over(pass);
		else
			pass->finished = true;
		if (!pass->finished && advance(pass))
			pass->finished = true;
	}
	if (--pass->depth > 0)
		return;
	if (pass->cancelled) {
		pass_free(pass);
	} else if (pass->finished) {
		sum_up(pass);
		result = pass->result;
		pass_free(pass);
		done(&result, arg);
	}
}

void
pass_tell(struct reconcile *pass, const struct node *node, const char *what)
{
	if (pass->options.on_step != NULL && !pass->cancelled)
		pass->options.on_step(node, what, pass->options.on_step_arg);
}

static void
on_look(struct look *look, void *arg)
{
	struct reconcile *pass = arg;
	size_t i;

	pass_enter(pass);
	for (i = 0; i < pass->count && !pass->cancelled; i++)
		if (pass->visits[i].look == look)
			visit_looked(&pass->visits[i]);
	pass_leave(pass);
}

static void
on_begin(void *arg)
{
	struct reconcile *pass = arg;
	size_t i;

	pass->begin = NULL;
	pass_enter(pass);
	/* Whose turn it is now asks first: others wait for the answer. */
	(void)advance(pass);
	for (i = 0; i < pass->count && !pass->cancelled; i++)
		if (pass->visits[i].progress == VISIT_WAITS)
			visit_ask_ahead(&pass->visits[i]);
	pass_leave(pass);
}

struct reconcile *
reconcile_start(struct loop *loop, struct aws *aws, struct graph *graph,
    const struct reconcile_options *options,
    void (*done)(const struct reconcile_result *, void *), void *arg)
{
	struct reconcile *pass = mem_alloc(sizeof(*pass));
	struct visit *visit;
	size_t i;

	pass->loop = loop;
	pass->aws = aws;
	pass->graph = graph;
	pass->options = *options;
	pass->done = done;
	pass->arg = arg;
	pass->began_ms = clock_mono_ms();
	pass->looks = looks_new(aws, options->deadline_ms, on_look, pass);
	pass->count = graph_count(graph);
	pass->visits = mem_array(pass->count, sizeof(*pass->visits));
	pass->ready = mem_array(pass->count, sizeof(struct visit *));
	for (i = 0; i < pass->count; i++) {
		visit = &pass->visits[i];
		visit->pass = pass;
		visit->node = graph_node(graph, i);
		visit->node->changed = false;
		visit->node->adopt = options->adopt;
		if (visit->node->policy == POLICY_IGNORE)
			visit->progress = VISIT_OVER;
	}
	begin_phase(pass, PHASE_SURVEY);
	pass->begin = loop_after(loop, 0, on_begin, pass);
	return pass;
}

void
reconcile_cancel(struct reconcile *pass)
{
	if (pass == NULL)
		return;
	pass->cancelled = true;
	if (pass->depth == 0)
		pass_free(pass);
}
