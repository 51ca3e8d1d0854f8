/* SPDX-License-Identifier: MIT
 *
 * Which step is next: pure, no I/O.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/judge.h"

/* Does one of the space-separated `members` differ? */
static bool
any_differs(const struct node *node, const char *members)
{
	const json_t *value;
	const char *member;

	json_object_foreach(node->wanted, member, value)
	{
		if (judge_names(members, member) &&
		    judge_differs(node->kind, node->wanted, node->have, member))
			return true;
	}
	return false;
}

/* What is being adopted is retagged before anything else. */
static bool
applies(const struct node *node, const struct kind_step *step)
{
	bool holds;

	if (node->have == NULL)
		holds = step->absent;
	else if (node->state == NODE_ADOPTED)
		holds = judge_names(step->differs, "Tags");
	else
		holds = any_differs(node, step->differs);
	return holds &&
	    (step->when == NULL || step->when(node->wanted, node->have));
}

const struct kind_step *
judge_removal_step(const struct node *node)
{
	const struct kind_step *step = node->kind->removal;

	for (; step != NULL && step->operation != NULL; step++)
		if (step->when == NULL || step->when(node->wanted, node->have))
			return step;
	return NULL;
}

const struct kind_step *
judge_step(const struct node *node)
{
	const struct kind_step *step = node->kind->steps;

	if (node->unwanted)
		return node->have != NULL ? judge_removal_step(node) : NULL;
	for (; step != NULL && step->operation != NULL; step++)
		if (applies(node, step))
			return step;
	return NULL;
}

bool
judge_deletes(const struct node *node, const struct kind_step *step)
{
	return step->deletes || node->unwanted;
}

static char *
spelled(const json_t *value)
{
	return value != NULL ? tree_dump(value) : mem_strdup("not there");
}

/* What is there of the members that the step mends, for the sentence. */
int
judge_deletion(
    const struct node *node, const struct kind_step *step, struct error *e)
{
	struct text there = TEXT_INIT;
	const json_t *value;
	const char *member;
	char *s;

	if (node->unwanted)
		return error_set(e, ERROR_BROKEN, "DeletionNotAllowed",
		    "it is no longer declared, and nothing is deleted here: "
		    "`drd apply` does it (%s)",
		    step->operation);
	json_object_foreach(node->wanted, member, value)
	{
		if (!judge_names(step->differs, member) ||
		    !judge_differs(
			node->kind, node->wanted, node->have, member))
			continue;
		s = judge_names(node->kind->secrets, member)
		    ? mem_strdup("(secret)")
		    : spelled(json_object_get(node->have, member));
		text_addf(&there, "%s%s is %.120s", there.len > 0 ? ", " : "",
		    member, s);
		free(s);
	}
	error_set(e, ERROR_BROKEN, "DeletionNotAllowed",
	    "%s (%s) would take something away, and nothing is deleted here: "
	    "look at it (%s), then `drd apply` does it",
	    step->operation, step->why, there.s);
	text_release(&there);
	return -1;
}
