/* SPDX-License-Identifier: MIT
 *
 * Inside the detect loop: detect.c polls, detect_count.c counts.  Nobody else
 * includes this.
 */
#ifndef DRD_FAILOVER_DETECT_PARTS_H
#define DRD_FAILOVER_DETECT_PARTS_H

#include "failover/detect.h"
#include "failover/jump.h"

struct detect {
	struct loop *loop;
	struct aws *aws;
	const struct settings *set;
	void (*polled)(void *arg);
	void *arg;

	struct detected facts;
	struct signal *signals; /* those of `facts`, ours to change */
	char overload[160];	/* of the primary, proved; "": it is not */
	json_t *known;		/* facts to ask with, or NULL */
	struct http *http;
	bool moved;

	struct timer *tick;
	uint64_t due_ms;  /* mono: when the tick should come */
	uint64_t beat_ms; /* that it was set for */
	struct jump jump;
	struct poll *poll;
	struct jump asked; /* when it was */
	bool outdated;	   /* the world has jumped since */

	void (*waiter)(void *arg);
	void *waiter_arg;
	bool poll_again; /* the waiter came while a poll was under way */
};

/* What was observed before says nothing any more. */
void detect_observe_only(struct detect *d, const char *why);

/* The verdict of the poll that has just ended. */
void detect_count(struct detect *d);

/* Say what is new since the poll before, of which these are. */
void
detect_log(const struct detect *d, enum verdict before, bool answered_before);

#endif
