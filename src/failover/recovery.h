/* SPDX-License-Identifier: MIT
 *
 * Recovery: how long users had to wait, measured.
 *
 * From the first failing observation (of an ordered change: from the order)
 * to the last verified effect that users depend on, and to the last one of
 * all, which a dead region puts off.  On the wall clock, because a restart may
 * lie between.  Pure.
 */
#ifndef DRD_FAILOVER_RECOVERY_H
#define DRD_FAILOVER_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "failover/change.h"

struct recovery {
	int64_t from_ms;  /* wall: what is measured from */
	int64_t users_ms; /* how long; -1: users still wait, or for ever */
	int64_t all_ms;	  /* ... with the other region; -1: not done yet */
};

/* What a step of an effect has brought about. */
enum recovery_news {
	RECOVERY_NO_NEWS,
	RECOVERY_SERVED, /* users wait no more */
	RECOVERY_ALL,	 /* and the other region is done, too */
};

/* Which changes that was told of, by epoch; 0 at first. */
struct recovery_told {
	uint64_t served;
	uint64_t all;
};

/* Is it one that users depend on: of the region that leads, and neither a
   notice nor the latch, which is seen in DNS? */
bool recovery_needs(const struct effect *effect);

void recovery_of(const struct change *change, struct recovery *out);

/* For how long users have been waiting and still do; -1: they do not (nobody
   waits for a failback), or in vain, because another change has come. */
int64_t recovery_waiting(const struct change *change, int64_t now_ms);

/* `stepped` has taken a step: is that news?  Each is told once. */
enum recovery_news recovery_note(struct recovery_told *told,
    const struct change *change, const struct effect *stepped);

#endif
