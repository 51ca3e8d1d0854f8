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

static struct visit *
visit_of(struct reconcile *pass, const struct node *node)
{
	size_t i;

	for (i = 0; i < pass->count; i++)
		if (pass->visits[i].node == node)
			return &pass->visits[i];
	assert(!"a node of another graph");
	return NULL;
}

static bool
needs_are_over(struct reconcile *pass, const struct visit *visit)
{
	size_t n = graph_needs_count(pass->graph, visit->node), i;

	for (i = 0; i < n; i++)
		if (visit_of(pass, graph_needs(pass->graph, visit->node, i))
			->progress != VISIT_OVER)
			return false;
	return true;
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

	if (member == NULL || pass->phase != PHASE_WORK)
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

/* Begin whatever can begin; true if all visits are over. */
static bool
advance(struct reconcile *pass)
{
	struct visit *visit;
	bool moved = true;
	size_t i, over = 0;

	while (moved && !pass->cancelled) {
		moved = false;
		over = 0;
		for (i = 0; i < pass->count && !pass->cancelled; i++) {
			visit = &pass->visits[i];
			if (visit->progress == VISIT_WAITS &&
			    needs_are_over(pass, visit) &&
			    has_its_turn(pass, visit)) {
				visit->progress = VISIT_UNDER_WAY;
				visit_begin(visit);
				moved = true;
			}
			over += visit->progress == VISIT_OVER;
		}
	}
	return !pass->cancelled && over == pass->count;
}

/* After the survey: what the pass may write is written down in `visits`. */
static unsigned
choose_work(struct reconcile *pass)
{
	unsigned writes = 0;
	struct visit *visit;
	enum node_state state;
	size_t i;

	for (i = 0; i < pass->count; i++) {
		visit = &pass->visits[i];
		state = visit->node->state;
		if (state == NODE_ABSENT || state == NODE_DRIFTED) {
			pass->result.changes++;
			writes += visit->node->policy == POLICY_MANAGE;
		}
		/* Clean ones too: what they refer to may change meanwhile. */
		if (visit->node->policy == POLICY_MANAGE &&
		    (state == NODE_ABSENT || state == NODE_DRIFTED ||
			state == NODE_CLEAN))
			visit->progress = VISIT_WAITS;
	}
	return writes;
}

static void
survey_is_over(struct reconcile *pass)
{
	unsigned writes = choose_work(pass);
	unsigned limit = pass->options.max_changes;

	pass->result.braked =
	    pass->options.write && limit > 0 && writes > limit;
	if (!pass->options.write || writes == 0 || pass->result.braked) {
		pass->finished = true;
		return;
	}
	pass->phase = PHASE_WORK;
}

static void
sum_up(struct reconcile *pass)
{
	struct reconcile_result *r = &pass->result;
	const struct node *node;
	size_t i;

	for (i = 0; i < pass->count; i++) {
		node = pass->visits[i].node;
		r->nodes += node->policy != POLICY_IGNORE;
		r->clean += node->state == NODE_CLEAN;
		r->written += node->state == NODE_CLEAN && node->changed;
		r->foreign += node->state == NODE_FOREIGN;
		r->failed +=
		    node->state == NODE_FAILED || node->state == NODE_BLOCKED;
		r->frozen += node->state == NODE_FROZEN;
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

	pass->begin = NULL;
	pass_enter(pass);
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
	for (i = 0; i < pass->count; i++) {
		visit = &pass->visits[i];
		visit->pass = pass;
		visit->node = graph_node(graph, i);
		visit->node->changed = false;
		if (visit->node->policy == POLICY_IGNORE)
			visit->progress = VISIT_OVER;
	}
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
