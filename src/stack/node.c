/* SPDX-License-Identifier: MIT
 *
 * What a pass leaves behind in a node.  See node.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "stack/node.h"

static const char *const state_names[] = {
	[NODE_UNSEEN] = "unseen",
	[NODE_CLEAN] = "clean",
	[NODE_ABSENT] = "absent",
	[NODE_DRIFTED] = "drifted",
	[NODE_LANDING] = "landing",
	[NODE_ADOPTED] = "adopted",
	[NODE_FOREIGN] = "foreign",
	[NODE_FAILED] = "failed",
	[NODE_BLOCKED] = "blocked",
	[NODE_FROZEN] = "frozen",
	[NODE_DOOMED] = "doomed",
	[NODE_GONE] = "gone",
	[NODE_LEFT] = "left",
};

const char *
node_state_name(enum node_state state)
{
	return state_names[state];
}

/* Members that are equal become one. */
static void
share(json_t *to, const json_t *from)
{
	const json_t *value;
	json_t *other;
	const char *key;
	void *next;

	json_object_foreach_safe(to, next, key, other)
	{
		value = json_object_get(from, key);
		if (json_equal(value, other) &&
		    json_object_set(to, key, (json_t *)(uintptr_t)value) != 0)
			mem_must(NULL);
	}
}

void
node_rest(struct node *node)
{
	if (node->state != NODE_CLEAN)
		return;
	share(node->have, node->wanted);
	json_decref(node->wanted);
	node->wanted = NULL;
}

void
node_reset(struct node *node)
{
	node->state = NODE_UNSEEN;
	node->changed = false;
	json_decref(node->have);
	json_decref(node->wanted);
	node->have = node->wanted = NULL;
	error_clear(&node->error);
	node->why[0] = '\0';
}

/* AWS says what it refuses; only the kind knows what that means here. */
static void
add_hint(const struct kind *kind, struct error *e)
{
	const struct kind_hint *hint = kind->hints;
	struct error plain = *e;

	while (hint != NULL && hint->code != NULL &&
	    strcmp(hint->code, e->code) != 0)
		hint++;
	if (hint == NULL || hint->code == NULL)
		return;
	snprintf(e->text, sizeof(e->text), "%.*s: %s",
	    (int)(sizeof(e->text) - strlen(hint->what) - 3), plain.text,
	    hint->what);
}

void
node_fail(struct node *node, enum node_state state, const struct error *e)
{
	node->state = state;
	node->error = *e;
	add_hint(node->kind, &node->error);
	snprintf(node->why, sizeof(node->why), "%.*s",
	    (int)sizeof(node->why) - 1, node->error.text);
}
