/* SPDX-License-Identifier: MIT
 *
 * What is wanted against what there is.
 *
 * The order of the questions is the law: a foreign object is foreign even if
 * it happens to look as wanted, and a difference that no step can mend is a
 * failure that says what to do, not a loop.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/judge.h"

static bool
has_word(const char *words, const char *word)
{
	return words != NULL && text_has_word(words, word);
}

/* {member: value}: the comparison knows a set by the name it is under. */
static json_t *
under(const char *member, const json_t *value)
{
	json_t *t = mem_must(json_object());

	if (json_object_set(t, member, tree_at(value, "")) != 0)
		mem_must(NULL);
	return t;
}

bool
judge_same(
    const struct kind *kind, const json_t *is, const json_t *want, bool exact)
{
	return tree_covers(is, want, kind->sets) &&
	    (!exact || tree_covers(want, is, kind->sets));
}

bool
judge_differs(const struct kind *kind, const json_t *wanted, const json_t *have,
    const char *member)
{
	const json_t *want = json_object_get(wanted, member);
	const json_t *is = json_object_get(have, member);
	json_t *w, *h;
	bool same;

	if (want == NULL || has_word(kind->ignores, member))
		return false;
	w = under(member, want);
	h = is != NULL ? under(member, is) : mem_must(json_object());
	same = judge_same(kind, h, w, has_word(kind->exact, member));
	json_decref(w);
	json_decref(h);
	return !same;
}

/* The default rule: our stack's tag and our owner's, both. */
static bool
tags_are_ours(const json_t *want, const json_t *have)
{
	const json_t *wanted = json_object_get(want, "Tags");
	const json_t *tags = json_object_get(have, "Tags");
	static const char *const keys[] = { "drd:stack", "drd:owner" };
	const char *w, *h;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		w = json_string_value(json_object_get(wanted, keys[i]));
		h = json_string_value(json_object_get(tags, keys[i]));
		if (w == NULL || h == NULL || strcmp(w, h) != 0)
			return false;
	}
	return true;
}

static bool
is_ours(const struct node *node)
{
	if (node->kind->owned != NULL)
		return node->kind->owned(node->wanted, node->have);
	return tags_are_ours(node->wanted, node->have);
}

/* "absent", or the value that is there, for the sentence. */
static const char *
tag_seen(const struct node *node, const char *key)
{
	const char *s = json_string_value(
	    json_object_get(json_object_get(node->have, "Tags"), key));

	return s != NULL ? s : "absent";
}

static void
foreign(struct node *node)
{
	struct error e;

	error_set(&e, ERROR_BROKEN, "Foreign",
	    "not ours: tag drd:stack is %s, drd:owner is %s; left alone: "
	    "rename or remove the %s, give it both tags to hand it over, or "
	    "let drd only observe it",
	    tag_seen(node, "drd:stack"), tag_seen(node, "drd:owner"),
	    node->kind->name);
	if (json_object_get(node->wanted, "Tags") == NULL)
		error_set(&e, ERROR_BROKEN, "Foreign",
		    "not ours and in the way: remove it, or let drd only "
		    "observe the %s",
		    node->kind->name);
	node_fail(node, NODE_FOREIGN, &e);
}

static bool
is_mended(const struct kind *kind, const char *member)
{
	const struct kind_step *step;

	for (step = kind->steps; step->operation != NULL; step++)
		if (has_word(step->differs, member))
			return true;
	return false;
}

static void
unmendable(struct node *node, const char *member)
{
	struct error e;

	error_set(&e, ERROR_BROKEN, "Unchangeable",
	    "%s differs and cannot be changed: %s", member,
	    node->kind->advice != NULL ? node->kind->advice
				       : "change it by hand");
	node_fail(node, NODE_FAILED, &e);
}

static bool
is_made(const struct kind *kind)
{
	const struct kind_step *step = kind->steps;

	for (; step != NULL && step->operation != NULL; step++)
		if (step->absent)
			return true;
	return false;
}

static void
missing(struct node *node)
{
	struct error e;

	if (is_made(node->kind) || node->policy != POLICY_MANAGE) {
		node->state = NODE_ABSENT;
		snprintf(node->why, sizeof(node->why), "not there");
		return;
	}
	error_set(&e, ERROR_ABSENT, "NotThere",
	    "not there: drd does not make a %s, it expects one of this name",
	    node->kind->name);
	node_fail(node, NODE_FAILED, &e);
}

/* CLEAN, DRIFTED, or FAILED for what cannot be mended. */
static void
compare(struct node *node)
{
	bool writes = node->policy == POLICY_MANAGE;
	struct text differing = TEXT_INIT;
	const json_t *value;
	const char *member;

	node->state = NODE_CLEAN;
	json_object_foreach(node->wanted, member, value)
	{
		if (!judge_differs(
			node->kind, node->wanted, node->have, member))
			continue;
		if (writes &&
		    (node->kind->steps == NULL ||
			!is_mended(node->kind, member))) {
			unmendable(node, member);
			text_release(&differing);
			return;
		}
		node->state = NODE_DRIFTED;
		text_addf(
		    &differing, "%s%s", differing.len > 0 ? ", " : "", member);
	}
	snprintf(node->why, sizeof(node->why), "%s",
	    node->state == NODE_CLEAN ? "as wanted" : differing.s);
	text_release(&differing);
}

void
judge_node(struct node *node)
{
	error_clear(&node->error);
	if (node->have == NULL)
		missing(node);
	else if (node->policy == POLICY_MANAGE && !is_ours(node))
		foreign(node);
	else
		compare(node);
	if (node->frozen && node->state != NODE_FAILED &&
	    node->state != NODE_FOREIGN) {
		node->state = NODE_FROZEN;
		snprintf(node->why, sizeof(node->why),
		    "a role change owns it for now");
	}
}

/* Does one of the space-separated `members` differ? */
static bool
any_differs(const struct node *node, const char *members)
{
	const json_t *value;
	const char *member;

	json_object_foreach(node->wanted, member, value)
	{
		if (has_word(members, member) &&
		    judge_differs(node->kind, node->wanted, node->have, member))
			return true;
	}
	return false;
}

const struct kind_step *
judge_step(const struct node *node)
{
	const struct kind_step *step = node->kind->steps;

	for (; step != NULL && step->operation != NULL; step++)
		if (node->have == NULL ? step->absent
				       : any_differs(node, step->differs))
			return step;
	return NULL;
}
