/* SPDX-License-Identifier: MIT
 *
 * The plan for people.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "stack/plan.h"
#include "stack/plan_parts.h"

enum { SHORT = 60 }; /* bytes of a value that nothing is compared with */

/* Control characters would let an object's name write on the terminal. */
static void
add_printable(struct text *out, const char *s, size_t limit)
{
	size_t i;
	char c;

	for (i = 0; s[i] != '\0' && i < limit; i++) {
		c = (unsigned char)s[i] < ' ' || s[i] == 0x7f ? '?' : s[i];
		text_add_bytes(out, &c, 1);
	}
	/* Not in the middle of a character. */
	if (s[i] != '\0') {
		while ((s[i++] & 0xc0) == 0x80)
			text_add_bytes(out, &s[i - 1], 1);
		text_add(out, "...");
	}
}

static void
add_value(struct text *out, const json_t *value, size_t limit)
{
	char *s;

	if (json_is_null(value)) {
		text_add(out, "(none)");
		return;
	}
	s = tree_text(value);
	if (s == NULL)
		s = tree_dump(value);
	add_printable(out, s, limit);
	free(s);
}

static void
add_differences(struct text *out, const struct node *node)
{
	json_t *differences = plan_differences(node);
	const json_t *value;
	const char *path;

	json_object_foreach(differences, path, value)
	{
		text_add(out, "      ");
		add_printable(out, path, SIZE_MAX);
		text_add(out, ": ");
		add_value(out, json_object_get(value, "have"), SIZE_MAX);
		text_add(out, " -> ");
		add_value(out, json_object_get(value, "want"), SIZE_MAX);
		text_add(out, "\n");
	}
	json_decref(differences);
}

static void
add_members(struct text *out, const struct node *node)
{
	json_t *members = plan_members(node);
	const json_t *value;
	const char *member;

	json_object_foreach(members, member, value)
	{
		text_addf(out, "      %s: ", member);
		add_value(out, value, SHORT);
		text_add(out, "\n");
	}
	json_decref(members);
}

/* What there is to say behind the name. */
static void
add_reason(struct text *out, const struct node *node)
{
	const struct error *e = &node->error;

	if (e->class != ERROR_NONE) {
		text_add(out, ": ");
		add_printable(out, e->text, SIZE_MAX);
		if (e->request_id[0] != '\0' &&
		    strstr(e->text, e->request_id) == NULL)
			text_addf(out, " (request %s)", e->request_id);
		if (plan_remedy(e) != NULL)
			text_addf(out, "\n      to do: %s", plan_remedy(e));
	} else if (node->state == NODE_LANDING || node->state == NODE_ADOPTED ||
	    node->state == NODE_LEFT || node->unwanted) {
		text_add(out, ": ");
		add_printable(out, node->why, SIZE_MAX);
	} else if (plan_deletes(node)) {
		text_add(out, " (takes something away)");
	}
}

struct widths {
	int region;
	int kind;
};

static void
widen(int *width, const char *s)
{
	if ((int)strlen(s) > *width)
		*width = (int)strlen(s);
}

static void
add_line(struct text *out, const struct node *node, const struct widths *w)
{
	text_addf(out, "%s %-*s  %-*s  ", plan_sign(node), w->region,
	    node->region, w->kind, node->kind->name);
	add_printable(out, node->name, SIZE_MAX);
	if (node->policy == POLICY_OBSERVE)
		text_add(out, " (observed)");
	add_reason(out, node);
	text_add(out, "\n");
	if (node->unwanted)
		return;
	if (node->state == NODE_DRIFTED || node->state == NODE_ADOPTED)
		add_differences(out, node);
	else if (node->state == NODE_ABSENT)
		add_members(out, node);
}

/* Parts of the last line that are worth it only if there are any. */
static void
add_some(struct text *out, unsigned n, const char *what)
{
	if (n > 0)
		text_addf(out, ", %u %s", n, what);
}

static void
add_sum(struct text *out, const struct graph *graph)
{
	struct plan_counts n;

	plan_count(graph, &n);
	if (n.destroy) {
		text_addf(out,
		    "%u to remove, %u left, %u foreign, %u failed, "
		    "%u not there\n",
		    n.of[PLAN_REMOVE], n.of[PLAN_LEFT], n.of[PLAN_FOREIGN],
		    n.of[PLAN_FAILED], n.of[PLAN_GONE]);
		return;
	}
	text_addf(out,
	    "%u to create, %u to change, %u foreign, %u failed, "
	    "%u as declared",
	    n.of[PLAN_CREATE], n.of[PLAN_CHANGE], n.of[PLAN_FOREIGN],
	    n.of[PLAN_FAILED], n.of[PLAN_CLEAN]);
	add_some(out, n.of[PLAN_REMOVE], "to remove");
	add_some(out, n.of[PLAN_ADOPT], "to adopt");
	add_some(out, n.of[PLAN_LANDING], "landing");
	add_some(out, n.of[PLAN_FROZEN], "frozen");
	text_add(out, "\n");
}

void
plan_notes(const struct graph *graph, struct text *out)
{
	const struct node *node;
	const char *note;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		note = plan_note(node);
		if (note == NULL)
			continue;
		text_addf(out, "note: %s ", node->kind->name);
		add_printable(out, node->name, SIZE_MAX);
		text_addf(out, " in %s ", node->region);
		add_printable(out, note, SIZE_MAX);
		text_add(out, "\n");
	}
}

void
plan_text(const struct graph *graph, struct text *out)
{
	const struct node **nodes;
	struct widths w = { 0, 0 };
	size_t count, i;

	nodes = plan_lines(graph, &count);
	for (i = 0; i < count; i++) {
		widen(&w.region, nodes[i]->region);
		widen(&w.kind, nodes[i]->kind->name);
	}
	for (i = 0; i < count; i++)
		add_line(out, nodes[i], &w);
	if (count > 0)
		text_add(out, "\n");
	free(nodes);
	add_sum(out, graph);
	plan_notes(graph, out);
}
