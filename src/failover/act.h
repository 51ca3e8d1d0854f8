/* SPDX-License-Identifier: MIT
 *
 * Acting: the effects of one change of the active region, to the end.
 *
 * Laws kept here: the change is in the journal before act_start is called
 * (5); the region that becomes active comes first, the other one's
 * parameters are written only after its, and are retried until they succeed,
 * across restarts, and never waited for (7); what a failover waits for are
 * calls of data planes about existing objects (4); every effect may be
 * repeated, a retry first looks whether the value is there already, and yields
 * to a higher epoch (6).
 *
 * The latch is set beside the parameters and holds nobody up; a failback clears
 * it when the primary leads, so that DNS moves last.  The old primary is fenced
 * only when users have left it, and a fenced one is let run before it leads:
 * there is never a time at which neither region may serve.
 *
 * Effects that do not depend on each other are in flight together.  Failed
 * tries are logged here; steps are told to on_step, and logged there.
 */
#ifndef DRD_FAILOVER_ACT_H
#define DRD_FAILOVER_ACT_H

#include <stddef.h>
#include <stdint.h>

#include "failover/change.h"

struct act;
struct aws;
struct journal;
struct latch_place;
struct loop;

/* What following DNS needs; strings borrowed for the life of the act. */
struct act_dns {
	const char *record; /* the failover name; NULL: do not follow */
	const char *const *servers;
	size_t server_count;
	const char *resolver;	     /* NULL: the system's */
	const char *target_balancer; /* DNS name of the region that leads */
};

struct act_options {
	const char *stack; /* for the log, borrowed; NULL: left out */
	struct act_dns dns;
	const char *key; /* of the parameters, borrowed; NULL: AWS's */
	const struct latch_place *latch; /* borrowed; NULL: there is none */
	uint64_t retry_cap_ms;		 /* longest wait between tries; 30 s */
	uint64_t call_ms;		 /* limit on one call */
	/* After each step, journalled already; `effect` borrowed. */
	void (*on_step)(const struct effect *effect, void *arg);
	/* Once, when all leading parameters are verified; so they may be
	   before: then it runs in the loop's next round. */
	void (*on_lead)(void *arg);
	/* Once, when nothing is pending any more.  If change_is_lost by
	   then, who is active must be read again. */
	void (*on_settled)(void *arg);
	void *arg;
};

/*
 * `change` is borrowed and updated in place; it is in the journal already.
 * The act lasts until act_cancel, also when it has settled.
 *
 * A notice is published with the members `stack`, `epoch` and the step key
 * as message attributes, so that a receiver can drop a repeat.
 */
struct act *
act_start(struct loop *loop, struct aws *aws, struct journal *journal,
    struct change *change, const struct act_options *options);

/*
 * Begin nothing of what leads, and try nothing of it again, because of `why`
 * (a sentence; it becomes their note); NULL: go on.  A call that is under way
 * is given up: what came of it is looked at when it goes on.  Not from inside
 * a callback.
 */
void act_hold(struct act *act, const char *why);

/*
 * Stop where it is; the journal knows the rest.  No callback runs after.
 * May be called from inside a callback.  NULL is fine.
 */
void act_cancel(struct act *act);

#endif
