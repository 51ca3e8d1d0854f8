/* SPDX-License-Identifier: MIT
 *
 * Between looking and writing: who is to be written, and the brake.
 *
 * A stack that suddenly differs in many places is more likely misread, or
 * under somebody else's hands, than in need of as many repairs: then nothing
 * is written, not even what a limit would allow, and a person looks.
 */
#include "stack/judge.h"
#include "stack/pass.h"
#include "stack/ref.h"

/* What the survey found, in nodes. */
struct found {
	unsigned managed;
	unsigned landing;
};

static bool
is_different(const struct node *node)
{
	return node->state == NODE_ABSENT || node->state == NODE_DRIFTED ||
	    node->state == NODE_ADOPTED;
}

/*
 * A topic that is made again makes all alarms differ that refer to it, until
 * its ARN is known, which may be the old one: one write, not a dozen.
 */
static bool
differs_for_sure(const struct node *node)
{
	const json_t *value;
	const char *member;

	if (node->state != NODE_DRIFTED || node->unwanted)
		return true;
	json_object_foreach(node->wanted, member, value)
	{
		if (!ref_in(value) &&
		    judge_differs(node->kind, node->wanted, node->have, member))
			return true;
	}
	return false;
}

static bool
is_landing(const struct node *node)
{
	struct error e;

	return judge_landed(node, &e) == -1 && e.class == ERROR_AGAIN;
}

/* Count the node; if there is something to do for it, its visit waits. */
static void
choose(struct visit *visit, struct found *found)
{
	struct reconcile_result *result = &visit->pass->result;
	const struct node *node = visit->node;
	bool managed = node->policy == POLICY_MANAGE;
	const struct kind_step *step;

	if (node->unwanted && node->state == NODE_CLEAN)
		return;
	found->managed += managed;
	if (is_different(node)) {
		result->changes++;
		result->writes += managed && differs_for_sure(node);
		step = managed ? judge_step(node) : NULL;
		result->deletions += step != NULL && judge_deletes(node, step);
	} else if (node->state != NODE_CLEAN && node->state != NODE_LANDING) {
		return;
	}
	found->landing += is_landing(node);
	/* Clean ones too: what they refer to may change meanwhile. */
	if (managed || is_landing(node))
		visit->progress = VISIT_WAITS;
}

static void
brake(struct reconcile_result *result, const char *limit, unsigned long allowed)
{
	if (result->writes <= allowed ||
	    (result->braked && result->allowed <= allowed))
		return;
	result->braked = true;
	result->limit = limit;
	result->allowed = (unsigned)allowed;
}

/* A percent of few is less than one, which would be a brake for ever. */
static unsigned long
share(unsigned percent, unsigned nodes)
{
	unsigned long allowed = (unsigned long)percent * nodes / 100;

	return allowed > 0 ? allowed : 1;
}

static bool
decide_work(struct reconcile *pass)
{
	const struct reconcile_options *options = &pass->options;
	struct found found = { 0, 0 };
	size_t i;

	for (i = 0; i < pass->count; i++)
		choose(&pass->visits[i], &found);
	if (!options->write)
		return false;
	if (options->max_changes > 0)
		brake(&pass->result, "max_changes", options->max_changes);
	if (options->max_change_percent > 0)
		brake(&pass->result, "max_change_percent",
		    share(options->max_change_percent, found.managed));
	return !pass->result.braked &&
	    (pass->result.writes > 0 || found.landing > 0);
}

/* Without `write` it is gone through too, to see what would be left. */
static bool
decide_removal(struct reconcile *pass)
{
	struct visit *visit;
	size_t i;

	for (i = 0; i < pass->count; i++) {
		visit = &pass->visits[i];
		if (visit->node->state != NODE_DOOMED)
			continue;
		pass->result.doomed++;
		visit->progress = VISIT_WAITS;
	}
	return true;
}

bool
pass_decide(struct reconcile *pass)
{
	return pass->options.destroy ? decide_removal(pass) : decide_work(pass);
}
