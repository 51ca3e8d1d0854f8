/* SPDX-License-Identifier: MIT
 *
 * What a pass without writes found, for people and for machines.
 *
 * Both are made from the same lines, so that they cannot tell two stories.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stack/judge.h"
#include "stack/plan.h"
#include "stack/ref.h"

#define SECRET	"(secret)"
#define UNKNOWN "(known after apply)"

enum group {
	CREATE,
	CHANGE,
	REMOVE,
	ADOPT,
	LANDING,
	LEFT,
	FOREIGN,
	FAILED,
	FROZEN,
	CLEAN,
	GROUP_COUNT
};

/* How a state is counted and marked. */
static const struct {
	enum group group;
	const char *sign; /* NULL: not worth a line */
} states[] = {
	[NODE_UNSEEN] = { FAILED, "!" },
	[NODE_CLEAN] = { CLEAN, NULL },
	[NODE_ABSENT] = { CREATE, "+" },
	[NODE_DRIFTED] = { CHANGE, "~" },
	[NODE_LANDING] = { LANDING, "." },
	[NODE_ADOPTED] = { ADOPT, "@" },
	[NODE_FOREIGN] = { FOREIGN, "!" },
	[NODE_FAILED] = { FAILED, "!" },
	[NODE_BLOCKED] = { FAILED, "!" },
	[NODE_FROZEN] = { FROZEN, NULL },
	[NODE_DOOMED] = { REMOVE, "-" },
	[NODE_GONE] = { CLEAN, NULL },
	[NODE_LEFT] = { LEFT, "." },
};

static const char *const group_names[] = {
	[CREATE] = "create",
	[CHANGE] = "change",
	[REMOVE] = "remove",
	[LEFT] = "left",
	[ADOPT] = "adopt",
	[LANDING] = "landing",
	[FOREIGN] = "foreign",
	[FAILED] = "failed",
	[FROZEN] = "frozen",
	[CLEAN] = "clean",
};

static void
count(const struct graph *graph, unsigned counts[GROUP_COUNT])
{
	const struct node *node;
	size_t i;

	memset(counts, 0, GROUP_COUNT * sizeof(counts[0]));
	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (node->policy != POLICY_IGNORE)
			counts[states[node->state].group]++;
	}
}

/* --- Differences ----------------------------------------------------- */

static bool
is_word(const char *words, const char *word)
{
	return words != NULL && text_has_word(words, word);
}

static json_t *
shown(const json_t *value, bool secret)
{
	if (value == NULL)
		return mem_must(json_null());
	if (secret)
		return mem_must(json_string(SECRET));
	return mem_must(json_deep_copy(value));
}

static json_t *
shown_want(const json_t *value, bool secret)
{
	if (ref_in(value))
		return mem_must(json_string(UNKNOWN));
	return shown(value, secret);
}

static void
add_difference(json_t *out, const char *path, const json_t *have,
    const json_t *want, bool secret)
{
	json_t *d = mem_must(json_object());

	tree_put(d, "have", shown(have, secret));
	tree_put(d, "want", shown_want(want, secret));
	if (json_object_set_new(out, path, d) != 0)
		mem_must(NULL);
}

static void add_differences(json_t *out, const struct kind *kind,
    const char *path, const json_t *have, const json_t *want, bool exact);

static void
add_deeper(json_t *out, const struct kind *kind, const char *path,
    const char *key, const json_t *have, const json_t *want, bool exact)
{
	char *deeper;

	if (have != NULL && judge_same(kind, have, want, exact))
		return;
	deeper = mem_printf("%s.%s", path, key);
	add_differences(out, kind, deeper, have, want, exact);
	free(deeper);
}

/* Of an exact document also what is there and not wanted. */
static void
add_object(json_t *out, const struct kind *kind, const char *path,
    const json_t *have, const json_t *want, bool exact)
{
	const json_t *value;
	const char *key;

	json_object_foreach(tree_at(want, ""), key, value) add_deeper(
	    out, kind, path, key, json_object_get(have, key), value, exact);
	if (!exact)
		return;
	json_object_foreach(tree_at(have, ""), key, value)
	{
		if (json_object_get(want, key) == NULL)
			add_deeper(out, kind, path, key, value, NULL, false);
	}
}

/* As deep as both sides have the same form: "AliasTarget.DNSName". */
static void
add_differences(json_t *out, const struct kind *kind, const char *path,
    const json_t *have, const json_t *want, bool exact)
{
	size_t n = json_array_size(want), i;
	char key[24];

	if (json_is_object(have) && json_is_object(want)) {
		add_object(out, kind, path, have, want, exact);
	} else if (exact && n > 0 && json_array_size(have) == n) {
		for (i = 0; i < n; i++) {
			snprintf(key, sizeof(key), "%zu", i);
			add_deeper(out, kind, path, key,
			    json_array_get(have, i), json_array_get(want, i),
			    exact);
		}
	} else {
		add_difference(
		    out, path, have, want, is_word(kind->secrets, path));
	}
}

json_t *
plan_differences(const struct node *node)
{
	json_t *out = mem_must(json_object());
	const json_t *value;
	const char *member;

	json_object_foreach(node->wanted, member, value)
	{
		if (judge_differs(node->kind, node->wanted, node->have, member))
			add_differences(out, node->kind, member,
			    json_object_get(node->have, member), value,
			    is_word(node->kind->exact, member));
	}
	return out;
}

/* --- For people ------------------------------------------------------ */

/* Control characters would let an object's name write on the terminal. */
static void
add_printable(struct text *out, const char *s)
{
	char c;

	for (; *s != '\0'; s++) {
		c = (unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s;
		text_add_bytes(out, &c, 1);
	}
}

static void
add_value(struct text *out, const json_t *value)
{
	char *s;

	if (json_is_null(value)) {
		text_add(out, "(none)");
		return;
	}
	s = tree_text(value);
	if (s == NULL)
		s = tree_dump(value);
	add_printable(out, s);
	free(s);
}

static void
add_difference_lines(struct text *out, const struct node *node)
{
	json_t *differences = plan_differences(node);
	const json_t *value;
	const char *path;

	json_object_foreach(differences, path, value)
	{
		text_add(out, "      ");
		add_printable(out, path);
		text_add(out, ": ");
		add_value(out, json_object_get(value, "have"));
		text_add(out, " -> ");
		add_value(out, json_object_get(value, "want"));
		text_add(out, "\n");
	}
	json_decref(differences);
}

struct widths {
	int region;
	int kind;
};

static struct widths
measure(const struct graph *graph)
{
	struct widths w = { 0, 0 };
	const struct node *node;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (node->policy == POLICY_IGNORE ||
		    states[node->state].sign == NULL)
			continue;
		if ((int)strlen(node->region) > w.region)
			w.region = (int)strlen(node->region);
		if ((int)strlen(node->kind->name) > w.kind)
			w.kind = (int)strlen(node->kind->name);
	}
	return w;
}

static void
add_line(struct text *out, const struct node *node, const struct widths *w)
{
	text_addf(out, "%s %-*s  %-*s  ", states[node->state].sign, w->region,
	    node->region, w->kind, node->kind->name);
	add_printable(out, node->name);
	if (node->policy == POLICY_OBSERVE)
		text_add(out, " (observed)");
	if (node->error.class != ERROR_NONE) {
		text_add(out, ": ");
		add_printable(out, node->error.text);
	} else if (node->state == NODE_LANDING || node->state == NODE_LEFT ||
	    node->state == NODE_ADOPTED) {
		text_add(out, ": ");
		add_printable(out, node->why);
	}
	text_add(out, "\n");
	if (node->state == NODE_DRIFTED || node->state == NODE_ADOPTED)
		add_difference_lines(out, node);
}

/* As wanted, but a person has to do something about it. */
static const char *
note_of(const struct node *node)
{
	return node->state == NODE_CLEAN ? judge_note(node) : NULL;
}

static void
add_notes(struct text *out, const struct graph *graph)
{
	const struct node *node;
	const char *note;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		note = note_of(node);
		if (note == NULL)
			continue;
		text_addf(out, "note: %s ", node->kind->name);
		add_printable(out, node->name);
		text_addf(out, " in %s ", node->region);
		add_printable(out, note);
		text_add(out, "\n");
	}
}

static json_t *
notes_of(const struct graph *graph)
{
	json_t *notes = mem_must(json_array());
	const struct node *node;
	const char *note;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		note = note_of(node);
		if (note != NULL &&
		    json_array_append_new(notes,
			json_pack(
			    "{s:s, s:s}", "id", node->id, "note", note)) != 0)
			mem_must(NULL);
	}
	return notes;
}

void
plan_text(const struct graph *graph, struct text *out)
{
	struct widths w = measure(graph);
	unsigned n[GROUP_COUNT];
	const struct node *node;
	size_t i;
	bool any = false;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (node->policy == POLICY_IGNORE ||
		    states[node->state].sign == NULL)
			continue;
		add_line(out, node, &w);
		any = true;
	}
	count(graph, n);
	text_addf(out,
	    "%s%u to create, %u to change, %u foreign, %u failed, "
	    "%u as declared",
	    any ? "\n" : "", n[CREATE], n[CHANGE], n[FOREIGN], n[FAILED],
	    n[CLEAN]);
	if (n[REMOVE] > 0)
		text_addf(out, ", %u to remove", n[REMOVE]);
	if (n[LEFT] > 0)
		text_addf(out, ", %u left", n[LEFT]);
	if (n[ADOPT] > 0)
		text_addf(out, ", %u to adopt", n[ADOPT]);
	if (n[LANDING] > 0)
		text_addf(out, ", %u landing", n[LANDING]);
	if (n[FROZEN] > 0)
		text_addf(out, ", %u frozen", n[FROZEN]);
	text_add(out, "\n");
	add_notes(out, graph);
}

/* --- For machines ---------------------------------------------------- */

/* An error text may have been cut in the middle of a character. */
static json_t *
readable(const char *s)
{
	json_t *t = json_string(s);
	char *ascii, *p;

	if (t != NULL)
		return t;
	ascii = mem_strdup(s);
	for (p = ascii; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	t = mem_must(json_string(ascii));
	free(ascii);
	return t;
}

static json_t *
change_of(const struct node *node)
{
	json_t *t;

	t = mem_must(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", node->id,
	    "region", node->region, "kind", node->kind->name, "name",
	    node->name, "policy",
	    node->policy == POLICY_MANAGE ? "manage" : "observe", "state",
	    node_state_name(node->state)));
	tree_put(t, "why", readable(node->why));
	if (node->error.class != ERROR_NONE) {
		tree_put(t, "error.class",
		    readable(error_class_name(node->error.class)));
		tree_put(t, "error.code", readable(node->error.code));
		tree_put(t, "error.text", readable(node->error.text));
		tree_put(
		    t, "error.request_id", readable(node->error.request_id));
	}
	if (node->state == NODE_DRIFTED || node->state == NODE_ADOPTED)
		tree_put(t, "differences", plan_differences(node));
	return t;
}

json_t *
plan_json(const struct graph *graph)
{
	json_t *changes = mem_must(json_array()), *t;
	unsigned n[GROUP_COUNT];
	const struct node *node;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (node->policy == POLICY_IGNORE ||
		    states[node->state].sign == NULL)
			continue;
		if (json_array_append_new(changes, change_of(node)) != 0)
			mem_must(NULL);
	}
	t = mem_must(json_pack("{s:s, s:s, s:o}", "schema", "drd.plan/1",
	    "stack", graph_stack(graph), "changes", changes));
	count(graph, n);
	for (i = 0; i < GROUP_COUNT; i++)
		tree_put(t, group_names[i], mem_must(json_integer(n[i])));
	tree_put(t, "notes", notes_of(graph));
	return t;
}

int
plan_exit_code(const struct graph *graph)
{
	unsigned n[GROUP_COUNT];

	count(graph, n);
	if (n[FAILED] > 0 || n[FOREIGN] > 0)
		return 1;
	return n[CREATE] + n[CHANGE] + n[REMOVE] + n[ADOPT] + n[LANDING] > 0
	    ? 2
	    : 0;
}
