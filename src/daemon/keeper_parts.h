/* SPDX-License-Identifier: MIT
 *
 * Inside a keeper: keeper.c listens to the watch, keeper_pass.c runs the
 * passes.  Nobody else includes this.
 */
#ifndef DRD_DAEMON_KEEPER_PARTS_H
#define DRD_DAEMON_KEEPER_PARTS_H

#include "daemon/brake.h"
#include "daemon/keeper.h"
#include "stack/reconcile.h"

struct keeper {
	struct loop *loop;
	struct aws *aws;
	const struct config *config;
	const struct config_stack *stack;
	struct keeper_ops ops;

	struct failover *failover;

	struct graph *graph; /* of the epoch below; NULL: to be built */
	uint64_t graph_epoch;
	struct timer *cycle;
	struct reconcile *pass;
	struct brake brake;
	bool held;   /* a pass was due when none was allowed */
	bool spared; /* it left the record, as the latch was not ready */
	bool passed; /* `result` is of a whole pass */
	struct reconcile_result result;
	uint64_t passed_ms; /* mono */
	char *troubles;	    /* of the last pass: log only what is new */
	struct recovery_told recovery_told;
	bool unwritten_told; /* a failover was due and could not be written */
};

/* The next pass, in `ms`; one that was to come does not. */
void keeper_pass_in(struct keeper *k, uint64_t ms);

/* None is under way any more, and the next one begins with a new graph. */
void keeper_pass_drop(struct keeper *k);

/* The role has changed: a pass may have to stop, or may run at last. */
void
keeper_pass_on_role(struct keeper *k, const struct failover_status *status);

/* A poll has ended: the latch may be ready, and what it held up is due. */
void
keeper_pass_on_poll(struct keeper *k, const struct failover_status *status);

#endif
