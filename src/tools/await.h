/* SPDX-License-Identifier: MIT
 *
 * Wait for what an order comes to: what drdctl --wait prints.
 *
 * An order is answered when the decision is on disk; what comes of it stands
 * in the status document, under the order's name.  Judging a document is
 * pure; asking for the next one is the caller's.
 */
#ifndef DRD_TOOLS_AWAIT_H
#define DRD_TOOLS_AWAIT_H

#include <stddef.h>

#include "base/text.h"
#include "base/tree.h"

enum await_state {
	AWAIT_ON,     /* not over yet */
	AWAIT_DONE,   /* users are where the order wanted them */
	AWAIT_FAILED, /* and will never be: something else came in between */
};

enum { AWAIT_EFFECTS = 64 };

struct await {
	const char *stack;	  /* borrowed */
	const char *audit;	  /* borrowed: the order's name */
	bool seen;		  /* the change was in a document */
	bool in_force;		  /* its parameters say so; DNS may not yet */
	char told[AWAIT_EFFECTS]; /* what was said of each effect: a state */
};

/*
 * Judge a status document; `news` gets a line for every effect that took a
 * step since the last one, and at the end one that says how it ended.
 */
enum await_state
await_judge(struct await *await, const json_t *document, struct text *news);

#endif
