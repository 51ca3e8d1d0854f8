/* SPDX-License-Identifier: MIT
 *
 * The outbox: notices that are still to be told, on disk until they are.
 *
 * Each notice goes to the topics of both regions, at least once, in order
 * within a region; a region that does not take it is tried for ever and holds
 * up nobody else.  None of this is in the way of a failover: calls are of
 * LANE_DETECT, and the disk is written after the caller's turn.
 *
 * The file is a journal (journal.h) of its own with the types
 *	notice	one more to tell, in each region
 *	told	one region has it; or it was dropped
 *	mark	a step key of an event, and whether its episode lasts
 * What was told is remembered by the marks, so that a restart in the middle
 * of an episode does not tell it again.  A disk that takes no more costs that
 * memory, and never a notice.
 */
#ifndef DRD_FAILOVER_OUTBOX_H
#define DRD_FAILOVER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failover/notice.h"

struct aws;
struct loop;
struct outbox;

enum { OUTBOX_REGIONS = 2 };

/* What there is to tell of one region's topic. */
struct outbox_status {
	const char *region; /* borrowed */
	size_t waiting;
	uint64_t oldest_ms; /* mono, since when the first one waits; 0 */
	unsigned tries;	    /* of the first one */
	uint64_t told;	    /* since the start */
	uint64_t dropped;
	const char *trouble; /* why the first one is still here, or "" */
};

/*
 * Copies its strings.  Never NULL: a file that is damaged is moved aside, and
 * without a file it works in memory.
 */
struct outbox *outbox_new(struct loop *loop, struct aws *aws, const char *stack,
    const char *const regions[OUTBOX_REGIONS], const char *path);
void outbox_start(struct outbox *outbox);
void outbox_free(struct outbox *outbox); /* NULL is fine */

/* Copies; NULL: not known, what is to be told there waits. */
void
outbox_set_topic(struct outbox *outbox, const char *region, const char *arn);

/*
 * Tell both regions; `notice->region` and `->step` are set here, from `step`
 * ("completed-2").  Nothing happens if one of the last notices of this event
 * had the same.
 */
void outbox_tell(
    struct outbox *outbox, const char *step, const struct notice *notice);

/* Episodes: does one of this event last?  It begins with outbox_tell. */
bool outbox_lasts(const struct outbox *outbox, enum notice_event event);
void outbox_is_over(struct outbox *outbox, enum notice_event event);

void outbox_status(
    const struct outbox *outbox, size_t region, struct outbox_status *out);

/* Why nothing is kept on disk, or "". */
const char *outbox_trouble(const struct outbox *outbox);

#endif
