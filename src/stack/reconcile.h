/* SPDX-License-Identifier: MIT
 *
 * One pass over a graph: look, decide, step, look again.
 *
 * 1. Look at every node, as far as references allow, independent nodes in
 *    flight together, equal reads shared.
 * 2. Decide: what differs is counted.  Without `write` the pass ends here;
 *    with more nodes to write than allowed it ends here too and says so (the
 *    brake: nothing is written).
 * 3. Step: nodes that wait for nobody first; after each write look again,
 *    until nothing differs.  A failing node blocks only what refers to it.
 *
 * With `destroy` the third part is: remove what is ours, users first, until
 * it is not there.  What something that stays may need, stays too.
 *
 * A node that is unwanted (node.h) is removed in the third part of any pass, as
 * far as max_deletions allows.
 *
 * Laws: nothing is deleted unless asked for; a read that failed or was cut
 * short never causes a create or a removal; only objects that carry our
 * ownership are changed or removed; a frozen node is read but not written.
 */
#ifndef DRD_STACK_RECONCILE_H
#define DRD_STACK_RECONCILE_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/budget.h"
#include "stack/graph.h"

struct aws;
struct loop;
struct reconcile;

struct reconcile_options {
	bool write;
	bool destroy;	      /* remove what is ours instead of making it */
	bool adopt;	      /* take what is nobody's: see NODE_ADOPTED */
	unsigned max_changes; /* the brake, in nodes written; 0: no limit */
	/* The same in percent of the managed nodes; at least one node. */
	unsigned max_change_percent; /* 0: no limit */
	/*
	 * How many nodes may lose something (kind_step.deletes).  If more
	 * would, none does: each of them fails and says what it would lose.
	 */
	unsigned max_deletions;
	/*
	 * How long AWS may take to show what an earlier run has made: before
	 * that, nobody makes a nameless object (kind.nameless).
	 */
	uint64_t settle_ms;
	uint64_t deadline_ms; /* clock_mono_ms(): all is over by then */
	/*
	 * May be NULL: tells each write before it goes, what is waited for
	 * (every few seconds), and the end of each node that was written,
	 * waited for or given up.
	 */
	void (*on_step)(const struct node *node, const char *what, void *arg);
	void *on_step_arg;
};

struct reconcile_result {
	unsigned nodes;
	unsigned clean;	    /* as wanted, written ones included */
	unsigned changes;   /* absent, drifted or adopted at first, observed
			     ones too */
	unsigned writes;    /* of these: nodes to be written; not those that
			       only refer to what is not known yet */
	unsigned deletions; /* of these: nodes that would lose something */
	unsigned written;   /* nodes written and then seen as wanted */
	unsigned landing;   /* as wanted, and AWS is not done with them */
	unsigned foreign;
	unsigned failed; /* and blocked */
	unsigned frozen;
	unsigned doomed;  /* of a removal: to be removed */
	unsigned removed; /* were there, and are not any more */
	unsigned left;	  /* of a removal: there and staying */
	unsigned calls;	  /* AWS calls made */
	/* More to write than allowed: nothing is written. */
	bool braked;
	const char *limit; /* braked: "max_changes", "max_change_percent" */
	unsigned allowed;  /* braked: nodes that the limit allows */
	uint64_t took_ms;
};

/* The graph is borrowed until `done` or cancel. */
struct reconcile *reconcile_start(struct loop *loop, struct aws *aws,
    struct graph *graph, const struct reconcile_options *options,
    void (*done)(const struct reconcile_result *result, void *arg), void *arg);

/* No further call is made; answers of calls under way are dropped. */
void reconcile_cancel(struct reconcile *pass); /* NULL is fine */

#endif
