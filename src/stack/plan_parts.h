/* SPDX-License-Identifier: MIT
 *
 * Inside the plan: what its text and its JSON are both made from.
 */
#ifndef DRD_STACK_PLAN_PARTS_H
#define DRD_STACK_PLAN_PARTS_H

#include "stack/graph.h"

enum plan_group {
	PLAN_CREATE,
	PLAN_CHANGE,
	PLAN_REMOVE,
	PLAN_ADOPT,
	PLAN_LANDING,
	PLAN_LEFT,
	PLAN_FOREIGN,
	PLAN_FAILED,
	PLAN_FROZEN,
	PLAN_CLEAN,
	PLAN_GONE,
	PLAN_GROUPS
};

struct plan_counts {
	unsigned of[PLAN_GROUPS];
	bool destroy; /* the pass was one that removes */
};

void plan_count(const struct graph *graph, struct plan_counts *counts);

/* "+", "~", "-", "@", "." or "!"; NULL: not worth a line. */
const char *plan_sign(const struct node *node);

/*
 * The nodes that are worth a line: by region, then in the order in which they
 * are made, or removed.  New array of *count; free it.
 */
const struct node **plan_lines(const struct graph *graph, size_t *count);

/*
 * The members of what is wanted that say what it is, not which one: new
 * object {"Threshold": 10}.  Secrets are masked.
 */
json_t *plan_members(const struct node *node);

/* Would the next step take something away? */
bool plan_deletes(const struct node *node);

/* As wanted, but this is left for a person to do; NULL: nothing is. */
const char *plan_note(const struct node *node);

/* What to do about the node's error: a sentence, or NULL. */
const char *plan_remedy(const struct error *e);

#endif
