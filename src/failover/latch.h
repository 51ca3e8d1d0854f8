/* SPDX-License-Identifier: MIT
 *
 * The latch: what keeps DNS where the role says, recovery or not (law 8).
 *
 * Wanted follows from the journal: set while the standby is active and until
 * the primary leads again, clear while the primary does, and nothing while drd
 * does not know or a failback is about to clear it.  On each beat the
 * carrier is told or looked at, from the standby region, so that what Route 53
 * knew last is the truth also when drd is dead.
 *
 * A metric is fed its value each time, and read back every other time: anybody
 * who may publish metrics can publish this one.  What stays by itself (an object, a
 * routing control) is only looked at, and set again if it has gone; it is
 * never cleared here, because that may move users back to the primary: only a
 * failback does that (act.h).
 */
#ifndef DRD_FAILOVER_LATCH_H
#define DRD_FAILOVER_LATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "failover/carrier.h"

struct aws;
struct latch;
struct loop;

struct latch_options {
	const char *stack;		 /* for the log; borrowed for life */
	const struct latch_place *place; /* borrowed for life */
	uint64_t beat_ms;
	uint64_t call_ms; /* limit on each call */
	bool silent;	  /* somebody else feeds and sets it: only look */
	/* Something of latch_facts has changed; may be NULL. */
	void (*changed)(void *arg);
	void *arg;
};

struct latch_facts {
	enum carrier carrier;
	enum latch_state wanted; /* LATCH_UNKNOWN: not told anything */
	enum latch_state seen;	 /* at the carrier, when last looked at */
	int64_t since_ms;	 /* wall: seen so; 0: never */
	int64_t told_ms;	 /* wall: last told, successfully; 0 */
	const char *trouble;	 /* or NULL: why it is not as wanted */
};

struct latch_view {
	bool active_known;
	bool standby_active; /* of the two regions */
	bool failing_back;   /* the primary does not lead yet */
	bool clearing;	     /* an effect is about to: see act.h */
};

/* What a role makes of it.  Pure. */
enum latch_state latch_wanted(const struct latch_view *view);

struct latch *
latch_new(struct loop *loop, struct aws *aws, const struct latch_options *o);
void latch_free(struct latch *latch); /* NULL is fine */

/* From now on; a change begins a beat at once. */
void latch_want(struct latch *latch, enum latch_state wanted);

const struct latch_facts *latch_facts(const struct latch *latch);

/*
 * Was it seen as wanted?  Until then no record may begin to depend on it.
 * Without a carrier there is nothing to wait for.
 */
bool latch_is_ready(const struct latch *latch);

#endif
