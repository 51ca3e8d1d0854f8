/* SPDX-License-Identifier: MIT
 *
 * What happens to one node in a pass: how it is looked at.
 *
 * One look is up to four reads: the object, a detail, its tags (which the
 * listing of all tags may have told already) and, before it is removed, what
 * has to go first.  Laws: an object is absent only if its first read has
 * proved it; after a write a look that fails, or that shows the old state, is
 * early and is repeated, with pauses that grow; before a write it is a
 * failure.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/loop.h"
#include "stack/judge.h"
#include "stack/listing.h"
#include "stack/pass.h"
#include "stack/ref.h"

enum {
	/* Reads of AWS lag a write by some seconds at most: 0.1 s, 0.2 s,
	   ... 3 s between looks make about twelve seconds. */
	PAUSE_FIRST_MS = 100,
	PAUSE_LONGEST_MS = 3000,
	PAUSES_MAX = 8,
	TELL_EVERY_MS = 5000, /* that it is waiting */
};

static void look_on(struct visit *visit);

static const struct kind_read *
read_of(const struct node *node, enum part part)
{
	switch (part) {
	case PART_LOOK:
		return &node->kind->look;
	case PART_DETAIL:
		return &node->kind->detail;
	case PART_LISTING:
		return &listing_read;
	case PART_TAGS:
		return &node->kind->tags;
	case PART_REMAINS:
		return &node->kind->remains;
	case PART_COUNT:
		break;
	}
	assert(!"no such part");
	return NULL;
}

/* What has just been written, or is about to be, is not listed so. */
static bool
can_be_listed(const struct visit *visit)
{
	const struct kind *kind = visit->node->kind;

	return kind->arn != NULL && kind->tags.operation != NULL &&
	    visit->pass->phase == PHASE_SURVEY &&
	    tree_str(visit->have, kind->arn) != NULL;
}

static bool
is_left_out(const struct visit *visit)
{
	const struct node *node = visit->node;

	if (read_of(node, visit->part)->operation == NULL)
		return true;
	if (visit->part == PART_LOOK)
		return false;
	if (visit->have == NULL)
		return true;
	if (visit->part == PART_DETAIL)
		return node->kind->detail.needed != NULL &&
		    !node->kind->detail.needed(node->wanted);
	if (visit->part == PART_REMAINS)
		return visit->pass->phase != PHASE_REMOVE;
	if (json_object_get(node->wanted, "Tags") == NULL || visit->listed)
		return true;
	return visit->part == PART_LISTING && !can_be_listed(visit);
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
	visit->misses = 0;
	switch (visit->pass->phase) {
	case PHASE_SURVEY:
		if (visit->pass->options.destroy)
			judge_removal(node);
		else
			judge_node(node);
		visit_over(visit);
		break;
	case PHASE_WORK:
		visit_work(visit);
		break;
	case PHASE_REMOVE:
		visit_remove(visit);
		break;
	}
}

/* What is a part of something that was made a moment ago. */
static bool
stands_on_new_ground(const struct visit *visit)
{
	const struct graph *graph = visit->pass->graph;
	size_t i;

	for (i = 0; i < graph_needs_count(graph, visit->node); i++)
		if (graph_needs(graph, visit->node, i)->changed)
			return true;
	return false;
}

/*
 * A look that failed.  After a write, of it or of what it is in, it may only
 * be early: the object is known to some of AWS's machines and not yet to
 * others.  And who has waited for long does not give up for a few lost answers.
 */
static void
look_failed(struct visit *visit, const struct error *e)
{
	json_decref(visit->have);
	visit->have = NULL;
	if (((visit->step != NULL || visit->told) &&
		(e->class == ERROR_ABSENT || e->class == ERROR_AGAIN ||
		    e->class == ERROR_THROTTLED)) ||
	    (e->class == ERROR_ABSENT && stands_on_new_ground(visit)))
		visit_look_later(visit, e,
		    visit->told && visit->misses++ < VISIT_TROUBLES_MAX);
	else
		visit_fail(visit, e);
}

static bool
is_proof_of_absence(const struct kind_read *read, const struct error *e)
{
	return read->absent != NULL && e->code[0] != '\0' &&
	    text_has_word(read->absent, e->code);
}

/* The listing can only say yes: see listing.h. */
static void
take_listing(struct visit *visit, const json_t *reply)
{
	const struct node *node = visit->node;
	json_t *tags;

	tags = listing_tags(reply, tree_str(visit->have, node->kind->arn));
	if (tags != NULL &&
	    tree_covers(tags, json_object_get(node->wanted, "Tags"), NULL)) {
		visit->listed = true;
		tree_put(visit->have, "Tags", json_incref(tags));
	}
	json_decref(tags);
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
	if (visit->part == PART_LISTING) {
		if (reply != NULL)
			take_listing(visit, reply);
		return 0;
	}
	if (reply == NULL && is_proof_of_absence(read, e)) {
		if (visit->part == PART_LOOK)
			return 0;
	} else if (reply == NULL) {
		look_failed(visit, e);
		return -1;
	}
	/* NULL: of this the object has none. */
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
	visit_over(visit);
}

/* The input of the part that is next, and who is asked; new tree. */
static json_t *
input_of(const struct visit *visit, enum service *service)
{
	const struct node *node = visit->node;

	if (visit->part == PART_LISTING) {
		*service = SERVICE_TAGGING;
		return listing_input(graph_stack(visit->pass->graph));
	}
	*service = node->kind->service;
	return read_of(node, visit->part)->input(node->wanted, visit->have);
}

/* Go on with the part that is next; answers may be there already. */
static void
look_on(struct visit *visit)
{
	const struct node *node = visit->node;
	enum service service;
	json_t *input;

	for (; visit->part < PART_COUNT; visit->part++) {
		if (is_left_out(visit))
			continue;
		input = input_of(visit, &service);
		if (ref_in(input)) {
			if (visit->pass->options.destroy)
				visit_cannot_look(visit, input);
			else
				cannot_look(visit);
			json_decref(input);
			return;
		}
		visit->look =
		    looks_at(visit->pass->looks, service, node->region,
			read_of(node, visit->part), input, visit->fresh);
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

void
visit_ask_ahead(struct visit *visit)
{
	const struct node *node = visit->node;
	const struct kind_read *read = read_of(node, PART_LOOK);
	json_t *want = graph_resolve_known(visit->pass->graph, node);
	json_t *input = read->input(want, NULL);

	if (ref_in(input))
		json_decref(input);
	else
		looks_at(visit->pass->looks, node->kind->service, node->region,
		    read, input, visit->fresh);
	json_decref(want);
}

void
visit_look(struct visit *visit)
{
	visit->part = PART_LOOK;
	visit->look_ms = clock_mono_ms();
	visit->listed = false;
	json_decref(visit->have);
	visit->have = NULL;
	look_on(visit);
}

void
visit_look_at_tags(struct visit *visit)
{
	visit->part = PART_TAGS;
	visit->listed = false;
	visit->fresh = looks_now(visit->pass->looks);
	json_decref(visit->have);
	visit->have = mem_must(json_deep_copy(visit->node->have));
	(void)json_object_del(visit->have, "Tags");
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
	visit_look(visit);
	pass_leave(pass);
}

bool
visit_has_paused_enough(const struct visit *visit)
{
	return visit->pauses >= PAUSES_MAX;
}

/* Not at every look: people want to know that it goes on. */
static void
tell_waiting(struct visit *visit, const struct error *why)
{
	uint64_t now = clock_mono_ms();
	char *what;

	if (visit->told && now - visit->told_ms < TELL_EVERY_MS)
		return;
	visit->told = true;
	visit->told_ms = now;
	what = mem_printf("waiting: %s", why->text);
	pass_tell(visit->pass, visit->node, what);
	free(what);
}

void
visit_look_later(struct visit *visit, const struct error *why, bool patient)
{
	struct reconcile *pass = visit->pass;
	uint64_t ms = PAUSE_FIRST_MS;
	unsigned i;

	for (i = 0; i < visit->pauses && ms < PAUSE_LONGEST_MS; i++)
		ms *= 2;
	if (ms > PAUSE_LONGEST_MS)
		ms = PAUSE_LONGEST_MS;
	if ((visit_has_paused_enough(visit) && !patient) ||
	    clock_mono_ms() + ms >= pass->options.deadline_ms) {
		visit_fail(visit, why);
		return;
	}
	visit->pauses++;
	if (patient)
		tell_waiting(visit, why);
	if (pass->cancelled)
		return;
	visit->timer = loop_after(pass->loop, ms, on_pause, visit);
}
