/* SPDX-License-Identifier: MIT
 *
 * Episodes: states that are worth a notice when they begin, and only then.
 *
 * Looked at after each poll.  What passes by itself within a poll or two is
 * noise, so most of them must have held for some polls in a row; and after a
 * start nothing is over before there was time to see it.  Pure.
 */
#ifndef DRD_FAILOVER_EPISODE_H
#define DRD_FAILOVER_EPISODE_H

#include <stdbool.h>

#include "failover/notice.h"

/* The facts after a poll.  A sentence that is NULL or "": it is not so. */
struct episode_view {
	unsigned polls;	       /* since the start */
	bool primary_active;   /* and no change is under way */
	unsigned streak;       /* failing polls in a row */
	unsigned fall;	       /* how many make a failover */
	const char *failing;   /* what the last poll says */
	const char *blocked;   /* a failover is due: the gates that are shut */
	const char *advised;   /* ... and nothing but the mode keeps it back */
	const char *unacked;   /* what waits for an acknowledgement */
	const char *isolated;  /* why the standby region does not answer */
	const char *not_ready; /* what the standby region lacks */
	const char *blind;     /* every trigger is unknown: why */
	const char *apart;     /* who says what about the active region */
	const char *trouble;   /* what keeps it from deciding */
	const char *braked;
	const char *jumped; /* how the clock went */
};

/* Polls in a row for which each has been so. */
struct episodes {
	unsigned held[NOTICE_COUNT];
};

enum episode_turn { EPISODE_STAYS, EPISODE_BEGINS, EPISODE_ENDS };

/*
 * After a poll: `lasts`, if one of `event` has begun and not ended.  *why is
 * the sentence to tell if one begins.  Events of a change have no episodes:
 * these always stay.
 */
enum episode_turn
episode_look(struct episodes *episodes, enum notice_event event, bool lasts,
    const struct episode_view *view, const char **why);

#endif
