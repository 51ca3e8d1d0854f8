/* SPDX-License-Identifier: MIT
 *
 * What a pass leaves behind in a node.  See node.h.
 */
#include <stdio.h>
#include <string.h>

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

void
node_fail(struct node *node, enum node_state state, const struct error *e)
{
	node->state = state;
	node->error = *e;
	snprintf(node->why, sizeof(node->why), "%.*s",
	    (int)sizeof(node->why) - 1, e->text);
}
