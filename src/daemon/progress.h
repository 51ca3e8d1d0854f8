/* SPDX-License-Identifier: MIT
 *
 * What a pass that writes tells on the terminal, as it goes.
 *
 *	[ 12/93    3.4s] + us-east-1  vpc   shop-us-east-1-prod-vpc
 *	[ 12/93    5.1s] . us-east-1  load-balancer  ...: State is provisioning
 *	[ 13/93    5.3s] ! us-west-2  role  shop-...: AccessDenied: ...
 *
 * One line for each object when it is done, and now and then one for what is
 * waited for; the signs are those of the plan.
 */
#ifndef DRD_DAEMON_PROGRESS_H
#define DRD_DAEMON_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

#include "stack/graph.h"

struct progress {
	FILE *out;
	const struct graph *graph;
	bool removing; /* a destroy */
	unsigned total;
	unsigned done;
	uint64_t began_ms;
	char *signs;	/* by graph_index; what is happening to each node */
	bool *expected; /* ... and whether it is among the total, undone */
};

/*
 * After a survey: the total is what it has found to do.  What turns out to
 * differ later, because something that it refers to was made anew, comes on
 * top; what fails though there was nothing to do for it does not count.
 */
void progress_begin(struct progress *progress, FILE *out,
    const struct graph *graph, bool removing);
void progress_end(struct progress *progress);

/* For reconcile_options.on_step; `arg` is the progress. */
void progress_step(const struct node *node, const char *what, void *arg);

#endif
