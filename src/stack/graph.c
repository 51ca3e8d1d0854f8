/* SPDX-License-Identifier: MIT
 *
 * The nodes of one stack and who refers to whom.
 *
 * Nobody writes an order down: it follows from the references, so it cannot
 * contradict them.  The price is that a circle is possible; graph_seal finds
 * it before the first call.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/graph.h"
#include "stack/ref.h"

enum mark { MARK_NEW, MARK_OPEN, MARK_DONE };

struct entry {
	struct node node; /* first: a node is found in its entry */
	size_t index;
	struct entry **needs;
	size_t need_count;
	struct entry **users;
	size_t user_count;
	enum mark mark; /* of the search for circles */
};

struct graph {
	char *stack;
	struct entry **entries;
	size_t count;
	struct entry **ordered; /* needs first */
	size_t ordered_count;
	bool sealed;
};

struct graph *
graph_new(const char *stack)
{
	struct graph *graph = mem_alloc(sizeof(*graph));

	graph->stack = mem_strdup(stack);
	return graph;
}

void
graph_free(struct graph *graph)
{
	struct entry *entry;
	size_t i;

	if (graph == NULL)
		return;
	for (i = 0; i < graph->count; i++) {
		entry = graph->entries[i];
		node_reset(&entry->node);
		json_decref(entry->node.want);
		free(entry->node.id);
		free(entry->node.region);
		free(entry->node.name);
		free(entry->needs);
		free(entry->users);
		free(entry);
	}
	free(graph->entries);
	free(graph->ordered);
	free(graph->stack);
	free(graph);
}

const char *
graph_stack(const struct graph *graph)
{
	return graph->stack;
}

static void
append(struct entry ***list, size_t *count, struct entry *entry)
{
	*list = mem_grow(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = entry;
}

struct node *
graph_add(struct graph *graph, const struct kind *kind, const char *region,
    const char *id, const char *name, enum policy policy, json_t *want)
{
	struct entry *entry = mem_alloc(sizeof(*entry));

	assert(!graph->sealed && json_is_object(want));
	assert(graph_find(graph, id) == NULL);
	entry->node.kind = kind;
	entry->node.region = mem_strdup(region);
	entry->node.id = mem_strdup(id);
	entry->node.name = mem_strdup(name);
	entry->node.policy = policy;
	entry->node.want = want;
	entry->index = graph->count;
	append(&graph->entries, &graph->count, entry);
	return &entry->node;
}

static struct entry *
find_entry(const struct graph *graph, const char *id)
{
	size_t i;

	for (i = 0; i < graph->count; i++)
		if (strcmp(graph->entries[i]->node.id, id) == 0)
			return graph->entries[i];
	return NULL;
}

struct sealing {
	const struct graph *graph;
	struct entry *entry;
	struct error *e;
	bool failed;
};

static void
add_need(const struct ref *ref, void *arg)
{
	struct sealing *s = arg;
	struct entry *need = find_entry(s->graph, ref->id);
	size_t i;

	if (s->failed)
		return;
	if (need == NULL || need->node.policy == POLICY_IGNORE) {
		s->failed = true;
		error_set(s->e, ERROR_BUG, "BadReference",
		    "%s refers to %s, which is %s", s->entry->node.id, ref->id,
		    need == NULL ? "not in the stack" : "ignored");
		return;
	}
	for (i = 0; i < s->entry->need_count; i++)
		if (s->entry->needs[i] == need)
			return;
	append(&s->entry->needs, &s->entry->need_count, need);
	append(&need->users, &need->user_count, s->entry);
}

/* Depth first, which finds circles; the depth is the graph's, a handful. */
static int
order(struct graph *graph, struct entry *entry, struct error *e)
{
	size_t i;

	if (entry->mark == MARK_DONE)
		return 0;
	if (entry->mark == MARK_OPEN)
		return error_set(e, ERROR_BUG, "Circle", "%s", entry->node.id);
	entry->mark = MARK_OPEN;
	for (i = 0; i < entry->need_count; i++)
		if (order(graph, entry->needs[i], e) == -1)
			return error_prefix(e, "%s refers to", entry->node.id);
	entry->mark = MARK_DONE;
	append(&graph->ordered, &graph->ordered_count, entry);
	return 0;
}

int
graph_seal(struct graph *graph, struct error *e)
{
	struct sealing s = { .graph = graph, .e = e };
	size_t i;

	assert(!graph->sealed);
	for (i = 0; i < graph->count; i++) {
		s.entry = graph->entries[i];
		if (s.entry->node.policy == POLICY_IGNORE)
			continue;
		if (ref_walk(s.entry->node.want, add_need, &s, e) == -1)
			return error_prefix(e, "%s", s.entry->node.id);
		if (s.failed)
			return -1;
	}
	for (i = 0; i < graph->count; i++)
		if (order(graph, graph->entries[i], e) == -1)
			return -1;
	graph->sealed = true;
	return 0;
}

size_t
graph_count(const struct graph *graph)
{
	return graph->count;
}

struct node *
graph_node(const struct graph *graph, size_t i)
{
	assert(i < graph->count);
	return &graph->entries[i]->node;
}

struct node *
graph_in_order(const struct graph *graph, size_t i)
{
	assert(graph->sealed && i < graph->count);
	return &graph->ordered[i]->node;
}

struct node *
graph_find(const struct graph *graph, const char *id)
{
	struct entry *entry = find_entry(graph, id);

	return entry != NULL ? &entry->node : NULL;
}

size_t
graph_needs_count(const struct graph *graph, const struct node *node)
{
	assert(graph->sealed);
	return ((const struct entry *)node)->need_count;
}

struct node *
graph_needs(const struct graph *graph, const struct node *node, size_t i)
{
	assert(graph->sealed && i < graph_needs_count(graph, node));
	return &((const struct entry *)node)->needs[i]->node;
}

size_t
graph_users_count(const struct graph *graph, const struct node *node)
{
	assert(graph->sealed);
	return ((const struct entry *)node)->user_count;
}

struct node *
graph_user(const struct graph *graph, const struct node *node, size_t i)
{
	assert(graph->sealed && i < graph_users_count(graph, node));
	return &((const struct entry *)node)->users[i]->node;
}

size_t
graph_index(const struct node *node)
{
	return ((const struct entry *)node)->index;
}

struct resolving {
	const struct graph *graph;
	const struct node *missing;
};

static const json_t *
value_of(const struct ref *ref, void *arg)
{
	struct resolving *r = arg;
	const struct node *node = graph_find(r->graph, ref->id);
	const json_t *value;

	value = node != NULL ? tree_at(node->have, ref->path) : NULL;
	if (value == NULL && r->missing == NULL)
		r->missing = node;
	return value;
}

json_t *
graph_resolve_known(const struct graph *graph, const struct node *node)
{
	struct resolving r = { .graph = graph };

	return ref_replace(node->want, value_of, &r);
}

json_t *
graph_resolve(const struct graph *graph, const struct node *node,
    const struct node **missing)
{
	struct resolving r = { .graph = graph };
	json_t *t;

	t = ref_replace(node->want, value_of, &r);
	if (missing != NULL)
		*missing = r.missing;
	if (r.missing != NULL) {
		json_decref(t);
		return NULL;
	}
	return t;
}
