/* SPDX-License-Identifier: MIT
 *
 * Did the world go on without us?  (law 11)
 *
 * Between two beats of the poll timer the wall clock and the monotonic clock
 * must have moved alike, and the beat must come about when it was due.  If
 * not, the machine was frozen, suspended, or somebody set its clock: what was
 * observed before says nothing about now.  Pure.
 */
#ifndef DRD_FAILOVER_JUMP_H
#define DRD_FAILOVER_JUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JUMP_STEP_MS = 5000, /* wall against monotonic */
	JUMP_LATE_MS = 5000, /* a beat this late, and a whole interval late */
};

struct jump {
	uint64_t mono_ms; /* at the last beat; 0: there was none */
	int64_t wall_ms;
};

/*
 * Note a beat that was due at `due_ms`.  true: there was a jump, and `why`
 * says which ("the clock was set back by 1h").
 */
bool jump_seen(struct jump *jump, uint64_t mono_ms, int64_t wall_ms,
    uint64_t due_ms, uint64_t interval_ms, char *why, size_t size);

#endif
