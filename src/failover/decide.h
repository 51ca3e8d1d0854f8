/* SPDX-License-Identifier: MIT
 *
 * From "the active region changes" to the list of effects.  Pure.
 */
#ifndef DRD_FAILOVER_DECIDE_H
#define DRD_FAILOVER_DECIDE_H

#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "failover/act.h"
#include "failover/carrier.h"

/* All borrowed. */
struct decision {
	const char *stack;
	const char *from; /* regions */
	const char *to;
	uint64_t epoch; /* of the new change */
	bool failback;
	bool regardless;   /* see change.h */
	const char *audit; /* see audit.h */
	const char *cause; /* CHANGE_AUTOMATIC, "uid 1000 (pid 4711)" */
	const char *reason;
	int64_t decided_ms;    /* wall */
	int64_t first_fail_ms; /* wall, or 0 */
	const char *endpoint_parameter;
	const char *active_parameter;
	const char *record; /* failover name; NULL: DNS is not followed */
	const struct latch_place *latch; /* NULL: there is none */
	/* The primary's function, of which a failover lets none run; NULL: it
	   is left alone.  A failback lets `concurrency` of it run. */
	const char *fence;
	unsigned concurrency;
	const json_t *facts;	   /* see below */
	const struct change *last; /* its pending notices are taken along */
};

/*
 * Facts as a journal record:
 * {"type": "facts", "health_check": ID, "name_servers": [...],
 *  "regions": {REGION: {"balancer":, "endpoint":, "topic":,
 *  "target_group":}}}
 * Members that are not known are absent.
 */

/*
 * Fill `out` (change_release).  -1: what must be written is not known; then
 * nothing may be changed.  A topic that is not known costs its notice only.
 */
int
decide(const struct decision *decision, struct change *out, struct error *e);

/* Could it?  Asked with every poll; looks at `to`, `epoch` and `facts` only. */
int decide_check(const struct decision *decision, struct error *e);

#endif
