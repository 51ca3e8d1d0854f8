/* SPDX-License-Identifier: MIT
 *
 * The API budgets: when a call may leave.
 *
 * AWS refuses whoever calls too often, and its limits hold for the whole
 * account: drd takes a share of each (limits.h, bucket.h) and lets a call wait
 * for its turn rather than be refused.  Those who wait for the same bucket go
 * by lane, then in the order in which they came; nobody waits for a bucket
 * that is not theirs.  LANE_FAILOVER never waits (bucket.h).
 *
 * Budgets belong to one service and one region; a global service is asked
 * for by one name of a region always.
 */
#ifndef DRD_AWS_PACE_H
#define DRD_AWS_PACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "aws/budget.h"
#include "aws/service.h"
#include "base/error.h"
#include "base/tree.h"

struct loop;
struct pace;
struct pace_queue;
struct meter;

/* A call in the eyes of pace; part of the call, which fills the first half
   and leaves it alone while it waits.  Strings are borrowed until then too. */
struct ticket {
	enum service service;
	const char *region;
	const char *operation;
	enum lane lane;
	uint64_t deadline_ms; /* clock_mono_ms() by which it must leave */
	/* Its turn has come, or (`e` not NULL) will not come in time. */
	void (*turn)(const struct error *e, void *arg);
	void *arg;

	TAILQ_ENTRY(ticket) link;
	struct pace_queue *queue; /* NULL: does not wait */
	struct meter *meters[2];  /* that count it; the second may be NULL */
	struct meter *slowest;	  /* of them, as of the last look */
	uint64_t wait_ms;
};

enum pace_answer {
	PACE_GO,    /* now: it is counted */
	PACE_WAIT,  /* `turn` runs once, from the loop */
	PACE_NEVER, /* not before its deadline: ERROR_THROTTLED, "Budget" */
};

struct pace *pace_new(struct loop *loop);
void pace_free(struct pace *pace); /* nobody waits any more */

/*
 * How much of AWS's limits is ours, in percent; 0: there are no limits.  The
 * default is 50: others share the account.  If that is news, all buckets
 * begin anew, full.
 */
void pace_set_share(struct pace *pace, unsigned percent);

/* May the call leave?  Asked for each attempt. */
enum pace_answer
pace_ask(struct pace *pace, struct ticket *ticket, struct error *e);

/* It waits no more, and `turn` does not run.  Fine for one that does not. */
void pace_leave(struct ticket *ticket);

/*
 * The buckets that calls have left their mark on, as objects: `service`,
 * `region`, `bucket`, `left` (calls), `rate` (calls a second) and `waiting`
 * (for it).  Those not named are full.  A new array.
 */
json_t *pace_usage(const struct pace *pace);

/* An attempt of this ticket, sent at `sent_ms`, was throttled. */
void pace_throttled(
    struct pace *pace, const struct ticket *ticket, uint64_t sent_ms);

#endif
