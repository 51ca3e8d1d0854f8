/* SPDX-License-Identifier: MIT
 *
 * What a pass without writes found: what it is made of, and as JSON.
 *
 * Text and JSON are made from the same lines, so that they cannot tell two
 * stories.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stack/judge.h"
#include "stack/plan.h"
#include "stack/plan_parts.h"

/* How a state is counted and marked. */
static const struct {
	enum plan_group group;
	const char *sign; /* NULL: not worth a line */
} states[] = {
	[NODE_UNSEEN] = { PLAN_FAILED, "!" },
	[NODE_CLEAN] = { PLAN_CLEAN, NULL },
	[NODE_ABSENT] = { PLAN_CREATE, "+" },
	[NODE_DRIFTED] = { PLAN_CHANGE, "~" },
	[NODE_LANDING] = { PLAN_LANDING, "." },
	[NODE_ADOPTED] = { PLAN_ADOPT, "@" },
	[NODE_FOREIGN] = { PLAN_FOREIGN, "!" },
	[NODE_FAILED] = { PLAN_FAILED, "!" },
	[NODE_BLOCKED] = { PLAN_FAILED, "!" },
	[NODE_FROZEN] = { PLAN_FROZEN, NULL },
	[NODE_DOOMED] = { PLAN_REMOVE, "-" },
	[NODE_GONE] = { PLAN_GONE, NULL },
	[NODE_LEFT] = { PLAN_LEFT, "." },
};

static const char *const group_names[] = {
	[PLAN_CREATE] = "create",
	[PLAN_CHANGE] = "change",
	[PLAN_REMOVE] = "remove",
	[PLAN_ADOPT] = "adopt",
	[PLAN_LANDING] = "landing",
	[PLAN_LEFT] = "left",
	[PLAN_FOREIGN] = "foreign",
	[PLAN_FAILED] = "failed",
	[PLAN_FROZEN] = "frozen",
	[PLAN_CLEAN] = "clean",
	[PLAN_GONE] = "gone",
};

static enum plan_group
group_of(const struct node *node)
{
	return node->unwanted && node->state == NODE_DRIFTED
	    ? PLAN_REMOVE
	    : states[node->state].group;
}

/* What is no longer declared and not there is not worth a word. */
static bool
counts_for_nothing(const struct node *node)
{
	return node->policy == POLICY_IGNORE ||
	    (node->unwanted && node->state == NODE_CLEAN);
}

static bool
is_of_a_removal(enum node_state state)
{
	return state == NODE_DOOMED || state == NODE_GONE || state == NODE_LEFT;
}

void
plan_count(const struct graph *graph, struct plan_counts *counts)
{
	const struct node *node;
	size_t i;

	memset(counts, 0, sizeof(*counts));
	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (counts_for_nothing(node))
			continue;
		counts->of[group_of(node)]++;
		counts->destroy |= is_of_a_removal(node->state);
	}
}

const char *
plan_sign(const struct node *node)
{
	return node->unwanted && node->state == NODE_DRIFTED
	    ? "-"
	    : states[node->state].sign;
}

bool
plan_deletes(const struct node *node)
{
	const struct kind_step *step;

	if (node->state != NODE_DRIFTED || node->policy != POLICY_MANAGE)
		return false;
	step = judge_step(node);
	return step != NULL && judge_deletes(node, step);
}

const char *
plan_note(const struct node *node)
{
	return node->state == NODE_CLEAN ? judge_note(node) : NULL;
}

/* --- Lines ------------------------------------------------------------ */

struct line {
	const struct node *node;
	size_t rank; /* equal regions: the smaller first */
};

static int
by_region(const void *a, const void *b)
{
	const struct line *l = a, *r = b;
	int order = strcmp(l->node->region, r->node->region);

	if (order != 0)
		return order;
	return l->rank < r->rank ? -1 : l->rank > r->rank;
}

const struct node **
plan_lines(const struct graph *graph, size_t *count)
{
	size_t n = graph_count(graph), i;
	const struct node **nodes = mem_array(n, sizeof(*nodes));
	struct line *lines = mem_array(n, sizeof(*lines));
	const struct node *node;
	struct plan_counts counts;

	plan_count(graph, &counts);
	*count = 0;
	for (i = 0; i < n; i++) {
		node = graph_in_order(graph, i);
		if (node->policy != POLICY_IGNORE && plan_sign(node) != NULL)
			lines[(*count)++] = (struct line){
				.node = node,
				.rank = counts.destroy ? n - i : i,
			};
	}
	qsort(lines, *count, sizeof(*lines), by_region);
	for (i = 0; i < *count; i++)
		nodes[i] = lines[i].node;
	free(lines);
	return nodes;
}

/* --- Remedies --------------------------------------------------------- */

#define ALLOW "allow it: `drd policy` prints what drd needs"
#define QUOTA "ask AWS for a higher quota, or remove what nobody needs"
#define USED  "remove what still uses it, then try again"
#define NAMED "see what else has this name, then try again"

/* By class, and by what the code has in it ("": any): the first that fits. */
static const struct {
	enum error_class class;
	const char *code;
	const char *remedy;
} remedies[] = {
	{ ERROR_DENIED, "AccessDenied", ALLOW },
	{ ERROR_DENIED, "Unauthorized", ALLOW },
	{ ERROR_DENIED, "AuthorizationError", ALLOW },
	/* EC2 says it of both. */
	{ ERROR_DENIED, "RequestExpired",
	    "renew the credentials, and look at this machine's clock" },
	{ ERROR_DENIED, "Expired", "renew the credentials" },
	{ ERROR_DENIED, "Signature",
	    "look at the secret key and at this machine's clock" },
	{ ERROR_DENIED, "Skewed", "set this machine's clock" },
	{ ERROR_DENIED, "InTheFuture", "set this machine's clock" },
	{ ERROR_DENIED, "OptIn", "enable the region for the account" },
	{ ERROR_DENIED, "", "look at the credentials and their account" },
	{ ERROR_BROKEN, "LimitExceeded", QUOTA },
	{ ERROR_BROKEN, "QuotaExceeded", QUOTA },
	{ ERROR_BROKEN, "StorageExceeded", QUOTA },
	{ ERROR_BROKEN, "TooMany", QUOTA },
	{ ERROR_BROKEN, "Http",
	    "see what answers in AWS's place, then try again" },
	{ ERROR_THROTTLED, "", "try again later: AWS was asked too often" },
	/* These say what they wait for. */
	{ ERROR_AGAIN, "Blocked", NULL },
	{ ERROR_AGAIN, "Left", NULL },
	{ ERROR_AGAIN, "DependencyViolation", USED },
	{ ERROR_AGAIN, "DeleteConflict", USED },
	{ ERROR_AGAIN, "InUse", USED },
	{ ERROR_AGAIN, "NotEmpty", "empty it, then try again" },
	{ ERROR_AGAIN, "Already", NAMED },
	{ ERROR_AGAIN, "Duplicate", NAMED },
	{ ERROR_AGAIN, "NotSeen", "try again: reads may lag behind" },
	{ ERROR_AGAIN, "Deadline", "try again: it goes on where it stopped" },
	{ ERROR_AGAIN, "", "try again: it may pass by itself" },
};

/* What drd itself finds wrong says what to do; AWS's words do not. */
static const char *
remedy_of_refusal(const struct error *e)
{
	if (e->request_id[0] == '\0')
		return NULL;
	if (e->class == ERROR_BROKEN)
		return "change what AWS refuses, then try again";
	if (e->class == ERROR_ABSENT)
		return "see what AWS does not find, then try again";
	return NULL;
}

const char *
plan_remedy(const struct error *e)
{
	size_t i;

	for (i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (remedies[i].class == e->class &&
		    strstr(e->code, remedies[i].code) != NULL)
			return remedies[i].remedy;
	return remedy_of_refusal(e);
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

static void
put_error(json_t *t, const struct error *e)
{
	const char *remedy = plan_remedy(e);

	tree_put(t, "error.class", readable(error_class_name(e->class)));
	tree_put(t, "error.code", readable(e->code));
	tree_put(t, "error.text", readable(e->text));
	tree_put(t, "error.request_id", readable(e->request_id));
	if (remedy != NULL)
		tree_put(t, "error.remedy", readable(remedy));
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
	if (node->error.class != ERROR_NONE)
		put_error(t, &node->error);
	if (!node->unwanted &&
	    (node->state == NODE_DRIFTED || node->state == NODE_ADOPTED))
		tree_put(t, "differences", plan_differences(node));
	if (node->state == NODE_ABSENT)
		tree_put(t, "members", plan_members(node));
	if (plan_deletes(node))
		tree_put(t, "deletes", json_true());
	return t;
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
		note = plan_note(node);
		if (note != NULL &&
		    json_array_append_new(notes,
			json_pack(
			    "{s:s, s:s}", "id", node->id, "note", note)) != 0)
			mem_must(NULL);
	}
	return notes;
}

json_t *
plan_json(const struct graph *graph)
{
	json_t *changes = mem_must(json_array()), *t;
	const struct node **nodes;
	struct plan_counts n;
	size_t count, i;

	nodes = plan_lines(graph, &count);
	for (i = 0; i < count; i++)
		if (json_array_append_new(changes, change_of(nodes[i])) != 0)
			mem_must(NULL);
	free(nodes);
	plan_count(graph, &n);
	t = mem_must(
	    json_pack("{s:s, s:s, s:o, s:b}", "schema", "drd.plan/1", "stack",
		graph_stack(graph), "changes", changes, "destroy", n.destroy));
	for (i = 0; i < PLAN_GROUPS; i++)
		tree_put(t, group_names[i], mem_must(json_integer(n.of[i])));
	tree_put(t, "notes", notes_of(graph));
	return t;
}

int
plan_exit_code(const struct graph *graph)
{
	struct plan_counts n;

	plan_count(graph, &n);
	if (n.of[PLAN_FAILED] > 0 || (n.of[PLAN_FOREIGN] > 0 && !n.destroy))
		return 1;
	return n.of[PLAN_CREATE] + n.of[PLAN_CHANGE] + n.of[PLAN_REMOVE] +
		    n.of[PLAN_ADOPT] + n.of[PLAN_LANDING] >
		0
	    ? 2
	    : 0;
}
