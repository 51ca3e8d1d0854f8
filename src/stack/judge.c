/* SPDX-License-Identifier: MIT
 *
 * What is wanted against what there is.
 *
 * The order of the questions is the law: a foreign object is foreign even if
 * it happens to look as wanted, and a difference that no step can mend is a
 * failure that says what to do, not a loop.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/judge.h"
#include "stack/owner.h"
#include "stack/ref.h"

bool
judge_names(const char *members, const char *member)
{
	return members != NULL && text_has_word(members, member);
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

	if (want == NULL || judge_names(kind->ignores, member))
		return false;
	w = under(member, want);
	h = is != NULL ? under(member, is) : mem_must(json_object());
	same = judge_same(kind, h, w, judge_names(kind->exact, member));
	json_decref(w);
	json_decref(h);
	return !same;
}

static bool
is_ours(const struct node *node)
{
	if (node->kind->owned != NULL)
		return node->kind->owned(node->wanted, node->have);
	return owner_agrees(node->wanted, node->have);
}

static bool
is_mended(const struct kind *kind, const char *member)
{
	const struct kind_step *step = kind->steps;

	for (; step != NULL && step->operation != NULL; step++)
		if (judge_names(step->differs, member))
			return true;
	return false;
}

/* Would our tags alone make it ours? */
static bool
is_adoptable(const struct node *node)
{
	return json_object_get(node->wanted, "Tags") != NULL &&
	    json_object_get(node->have, "Tags") != NULL &&
	    is_mended(node->kind, "Tags") &&
	    !owner_contradicts(node->wanted, node->have);
}

/* How it can be settled whose it is.  What another environment lives on is
   not to be removed. */
static void
tell_way_out(struct text *out, const struct node *node)
{
	if (owner_is_a_twin(node->wanted, node->have))
		text_add(
		    out, "give one of the two stacks another name or owner");
	else
		text_addf(out, "rename or remove the %s, %s", node->kind->name,
		    is_adoptable(node) ? "hand it over with `drd apply --adopt`"
				       : "give it our tags to hand it over");
}

static void
foreign(struct node *node)
{
	struct text text = TEXT_INIT;
	struct error e;

	if (json_object_get(node->wanted, "Tags") == NULL) {
		text_addf(&text,
		    "not ours and in the way: remove it, or let drd only "
		    "observe the %s",
		    node->kind->name);
	} else {
		text_add(&text, "not ours: ");
		owner_tell(&text, node->wanted, node->have);
		text_add(&text, "; left alone: ");
		tell_way_out(&text, node);
		text_add(&text, ", or let drd only observe it");
	}
	error_set(&e, ERROR_BROKEN, "Foreign", "%s", text.s);
	text_release(&text);
	node_fail(node, NODE_FOREIGN, &e);
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

/*
 * The differing member that no step mends, or NULL.  A step may mend it only
 * in some cases; that is told when all of what is wanted is known.
 */
static const char *
find_unmendable(const struct node *node)
{
	const char *member, *first = NULL;
	const json_t *value;

	json_object_foreach(node->wanted, member, value)
	{
		if (!judge_differs(
			node->kind, node->wanted, node->have, member))
			continue;
		if (!is_mended(node->kind, member))
			return member;
		if (first == NULL)
			first = member;
	}
	return first != NULL && judge_step(node) == NULL &&
		!ref_in(node->wanted)
	    ? first
	    : NULL;
}

const char *
judge_note(const struct node *node)
{
	if (node->have == NULL || node->kind->note == NULL)
		return NULL;
	return node->kind->note(node->have);
}

static void
list_differing(struct node *node)
{
	struct text list = TEXT_INIT;
	const char *member, *note;
	const json_t *value;

	json_object_foreach(node->wanted, member, value)
	{
		if (judge_differs(node->kind, node->wanted, node->have, member))
			text_addf(
			    &list, "%s%s", list.len > 0 ? ", " : "", member);
	}
	node->state = list.len > 0 ? NODE_DRIFTED : NODE_CLEAN;
	note = list.len == 0 ? judge_note(node) : NULL;
	snprintf(node->why, sizeof(node->why), "%s%s%s",
	    list.len > 0 ? list.s : "as wanted", note != NULL ? ", but " : "",
	    note != NULL ? note : "");
	text_release(&list);
}

int
judge_landed(const struct node *node, struct error *e)
{
	if (node->have == NULL || node->kind->landed == NULL)
		return 0;
	return node->kind->landed(node->wanted, node->have, e);
}

/* As wanted: but is it there yet? */
static void
judge_landing(struct node *node)
{
	struct error e = { 0 };

	if (judge_landed(node, &e) == 0)
		return;
	if (e.class != ERROR_AGAIN) {
		node_fail(node, NODE_FAILED, &e);
		return;
	}
	node->state = NODE_LANDING;
	snprintf(node->why, sizeof(node->why), "%.*s",
	    (int)sizeof(node->why) - 1, e.text);
}

/* CLEAN, LANDING, DRIFTED, or FAILED for what cannot be mended. */
static void
compare(struct node *node)
{
	const char *member;

	list_differing(node);
	if (node->state == NODE_CLEAN) {
		judge_landing(node);
	} else if (node->policy == POLICY_MANAGE) {
		member = find_unmendable(node);
		if (member != NULL)
			unmendable(node, member);
	}
}

static void
keep(struct node *node, enum node_state state, const char *why)
{
	node->state = state;
	snprintf(node->why, sizeof(node->why), "%s", why);
}

/* As good as ours would be, and left to whoever made it. */
static bool
is_shared(const struct node *node)
{
	return node->kind->shared != NULL &&
	    node->kind->shared(node->wanted, node->have);
}

/* It becomes ours only if drd can then make it what is wanted. */
static void
judge_foreign(struct node *node)
{
	if (is_shared(node)) {
		keep(node, NODE_CLEAN, "as wanted, and somebody else's");
		return;
	}
	if (!node->adopt || !is_adoptable(node)) {
		foreign(node);
		return;
	}
	compare(node);
	if (node->state == NODE_FAILED)
		return;
	node->state = NODE_ADOPTED;
	snprintf(node->why, sizeof(node->why), "not ours yet: to be adopted");
}

/* What is somebody else's was never ours to remove. */
static void
judge_unwanted(struct node *node)
{
	if (node->have == NULL)
		keep(node, NODE_CLEAN, node->changed ? "removed" : "not there");
	else if (!is_ours(node))
		keep(node, NODE_CLEAN, "not ours");
	else
		keep(node, NODE_DRIFTED, "no longer declared");
}

/* What this pass has just made is made whole. */
static bool
is_held(const struct node *node)
{
	return node->frozen ||
	    (node->kept && node->have != NULL && !node->changed);
}

void
judge_node(struct node *node)
{
	error_clear(&node->error);
	if (node->unwanted)
		judge_unwanted(node);
	else if (node->have == NULL)
		missing(node);
	else if (node->policy == POLICY_MANAGE && !is_ours(node))
		judge_foreign(node);
	else
		compare(node);
	if (is_held(node) && node->state != NODE_FAILED &&
	    node->state != NODE_FOREIGN) {
		node->state = NODE_FROZEN;
		snprintf(node->why, sizeof(node->why),
		    "held for now: see the role and the latch");
	}
}

static void
keep_foreign(struct node *node)
{
	struct text whose = TEXT_INIT;
	struct error e;

	owner_tell(&whose, node->wanted, node->have);
	error_set(
	    &e, ERROR_BROKEN, "Foreign", "not ours: %s; left alone", whose.s);
	text_release(&whose);
	node_fail(node, NODE_FOREIGN, &e);
}

void
judge_removal(struct node *node)
{
	error_clear(&node->error);
	if (node->have == NULL)
		keep(node, NODE_GONE, "not there");
	else if (node->kind->steps == NULL && node->kind->removal == NULL)
		keep(node, NODE_CLEAN, "drd does not make it");
	else if (node->policy != POLICY_MANAGE)
		keep(node, NODE_LEFT, "left: it is only observed");
	else if (node->frozen)
		keep(node, NODE_LEFT, "left: held for now");
	else if (!is_ours(node) && is_shared(node))
		keep(node, NODE_CLEAN, "stays: it is somebody else's");
	else if (!is_ours(node))
		keep_foreign(node);
	else
		keep(node, NODE_DOOMED, "to be removed");
}
