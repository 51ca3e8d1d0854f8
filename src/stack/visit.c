/* SPDX-License-Identifier: MIT
 *
 * What happens to one node in a pass.
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
#include "base/text.h"
#include "net/loop.h"
#include "stack/judge.h"
#include "stack/pass.h"
#include "stack/ref.h"

enum {
	/* Reads of AWS lag a write by some seconds at most: 0.1 s, 0.2 s,
	   ... 3 s between looks make about ten seconds. */
	PAUSE_FIRST_MS = 100,
	PAUSE_LONGEST_MS = 3000,
	PAUSES_MAX = 8,
	REFUSALS_MAX = 3,
};

static void look_on(struct visit *visit);
static void pause_and_look(struct visit *visit, const struct error *why);
static void work(struct visit *visit);

static void
over(struct visit *visit)
{
	const struct node *node = visit->node;

	visit->progress = VISIT_OVER;
	if (visit->pass->phase == PHASE_WORK &&
	    (node->changed || node->state != NODE_CLEAN))
		pass_tell(visit->pass, node, node->why);
}

/* The pass ends for this node; what an earlier pass had seen is forgotten. */
static void
give_up(struct visit *visit, enum node_state state, const struct error *e)
{
	if (!visit->looked) {
		json_decref(visit->node->have);
		visit->node->have = NULL;
	}
	node_fail(visit->node, state, e);
	over(visit);
}

static void
fail(struct visit *visit, const struct error *e)
{
	give_up(visit, NODE_FAILED, e);
}

/* --- Looking --------------------------------------------------------- */

static const struct kind_read *
read_of(const struct node *node, enum part part)
{
	switch (part) {
	case PART_LOOK:
		return &node->kind->look;
	case PART_DETAIL:
		return &node->kind->detail;
	case PART_TAGS:
		return &node->kind->tags;
	case PART_COUNT:
		break;
	}
	assert(!"no such part");
	return NULL;
}

static bool
is_left_out(const struct visit *visit)
{
	const struct node *node = visit->node;

	if (read_of(node, visit->part)->operation == NULL)
		return true;
	if (visit->part == PART_LOOK)
		return false;
	return visit->have == NULL ||
	    (visit->part == PART_TAGS &&
		json_object_get(node->wanted, "Tags") == NULL);
}

/* All parts are read: node->have is what AWS says now. */
static void
look_is_over(struct visit *visit)
{
	struct node *node = visit->node;

	json_decref(node->have);
	node->have = visit->have;
	visit->have = NULL;
	visit->looked = true;
	if (visit->pass->phase == PHASE_WORK) {
		work(visit);
		return;
	}
	judge_node(node);
	over(visit);
}

/*
 * A look that failed.  After a write it may only be early: the object is
 * known to some of AWS's machines and not yet to others.
 */
static void
look_failed(struct visit *visit, const struct error *e)
{
	json_decref(visit->have);
	visit->have = NULL;
	if (visit->step != NULL &&
	    (e->class == ERROR_ABSENT || e->class == ERROR_AGAIN ||
		e->class == ERROR_THROTTLED))
		pause_and_look(visit, e);
	else
		fail(visit, e);
}

static bool
is_proof_of_absence(const struct kind_read *read, const struct error *e)
{
	return read->absent != NULL && e->code[0] != '\0' &&
	    text_has_word(read->absent, e->code);
}

/* The part under way has its answer: 0, or -1 and the look has failed. */
static int
take_part(struct visit *visit, const struct look *look)
{
	const struct kind_read *read = read_of(visit->node, visit->part);
	const json_t *reply;
	const struct error *e;
	struct error broken = { 0 };

	reply = look_reply(look, &e);
	if (reply == NULL && visit->part == PART_LOOK &&
	    is_proof_of_absence(read, e))
		return 0;
	if (reply == NULL) {
		look_failed(visit, e);
		return -1;
	}
	if (read->have(visit->node->wanted, reply, &visit->have, &broken) ==
	    -1) {
		error_prefix(&broken, "%s", read->operation);
		look_failed(visit, &broken);
		return -1;
	}
	return 0;
}

void
visit_looked(struct visit *visit)
{
	const struct look *look = visit->look;

	visit->look = NULL;
	if (take_part(visit, look) == 0) {
		visit->part++;
		look_on(visit);
	}
}

/* Something that identifies the object is not known yet. */
static void
cannot_look(struct visit *visit)
{
	struct node *node = visit->node;

	json_decref(node->have);
	node->have = NULL;
	error_clear(&node->error);
	node->state = NODE_ABSENT;
	snprintf(node->why, sizeof(node->why),
	    "not there, as what it refers to is not there yet");
	over(visit);
}

/* Go on with the part that is next; answers may be there already. */
static void
look_on(struct visit *visit)
{
	const struct node *node = visit->node;
	const struct kind_read *read;
	json_t *input;

	for (; visit->part < PART_COUNT; visit->part++) {
		if (is_left_out(visit))
			continue;
		read = read_of(node, visit->part);
		input = read->input(node->wanted, visit->have);
		if (ref_in(input)) {
			json_decref(input);
			cannot_look(visit);
			return;
		}
		visit->look = looks_at(visit->pass->looks, node->kind->service,
		    node->region, read, input, visit->fresh);
		if (look_is_pending(visit->look))
			return;
		if (take_part(visit, visit->look) == -1) {
			visit->look = NULL;
			return;
		}
		visit->look = NULL;
	}
	look_is_over(visit);
}

static void
look(struct visit *visit)
{
	visit->part = PART_LOOK;
	json_decref(visit->have);
	visit->have = NULL;
	look_on(visit);
}

static void
on_pause(void *arg)
{
	struct visit *visit = arg;
	struct reconcile *pass = visit->pass;

	visit->timer = NULL;
	pass_enter(pass);
	visit->fresh = looks_now(pass->looks);
	look(visit);
	pass_leave(pass);
}

/* Look again a little later, unless it has been long enough: `why` then. */
static void
pause_and_look(struct visit *visit, const struct error *why)
{
	struct reconcile *pass = visit->pass;
	uint64_t ms = PAUSE_FIRST_MS;
	unsigned i;

	for (i = 0; i < visit->pauses && ms < PAUSE_LONGEST_MS; i++)
		ms *= 2;
	if (ms > PAUSE_LONGEST_MS)
		ms = PAUSE_LONGEST_MS;
	if (visit->pauses++ >= PAUSES_MAX ||
	    clock_mono_ms() + ms >= pass->options.deadline_ms) {
		fail(visit, why);
		return;
	}
	visit->timer = loop_after(pass->loop, ms, on_pause, visit);
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
	pause_and_look(visit, &e);
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
		look(visit);
	} else if (e->class == ERROR_AGAIN || e->class == ERROR_ABSENT ||
	    e->class == ERROR_THROTTLED) {
		/* Perhaps it happened, perhaps somebody else was faster; only
		   a throttle says that nothing was done. */
		visit->refusal = *e;
		visit->refusals++;
		if (visit->node->have == NULL && e->class != ERROR_THROTTLED)
			visit->sent |= bit_of(visit, visit->step);
		pause_and_look(visit, e);
	} else {
		fail(visit, e);
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

/* node->have is fresh and node->wanted complete: do what is next. */
static void
work(struct visit *visit)
{
	struct node *node = visit->node;
	const struct kind_step *step;
	struct error e;

	judge_node(node);
	if (node->state != NODE_ABSENT && node->state != NODE_DRIFTED) {
		over(visit);
		return;
	}
	if (node->have != NULL && node->kind->settled != NULL &&
	    !node->kind->settled(node->have)) {
		error_set(&e, ERROR_AGAIN, "NotSettled",
		    "an earlier change is still landing");
		pause_and_look(visit, &e);
		return;
	}
	step = judge_step(node);
	assert(step != NULL); /* judge_node() has made sure */
	if (!may_be_sent(visit, step)) {
		not_seen_yet(visit);
	} else if (time_is_up(visit)) {
		error_set(&e, ERROR_AGAIN, "Deadline",
		    "%s: no time left in this pass", step->operation);
		fail(visit, &e);
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
	give_up(visit, NODE_BLOCKED, &e);
}

/* The need is there but lacks the member that the reference names. */
static void
cannot_resolve(struct visit *visit, const struct node *need)
{
	struct error e;

	error_set(&e, ERROR_BROKEN, "Unresolved",
	    "refers to something that %s (%s %s) does not have", need->id,
	    need->kind->name, need->name);
	fail(visit, &e);
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
		if (missing->state != NODE_ABSENT &&
		    missing->state != NODE_DRIFTED) {
			cannot_resolve(visit, missing);
			return;
		}
	}
	if (visit->looked) {
		work(visit);
		return;
	}
	if (visit->pass->phase == PHASE_WORK)
		visit->fresh = looks_now(visit->pass->looks);
	look(visit);
}

void
visit_stop(struct visit *visit)
{
	if (visit->call != NULL)
		aws_cancel(visit->call);
	timer_cancel(visit->timer);
	json_decref(visit->have);
}
