/* SPDX-License-Identifier: MIT
 *
 * What can be said ahead: when drd would fail over at the earliest, and how
 * long users would wait.
 *
 * Both follow from the configuration and from what is known now.  They are
 * promises of arithmetic: a cloud that is slower than its documents is slower
 * than this.  Pure.
 */
#ifndef DRD_DAEMON_FORESEE_H
#define DRD_DAEMON_FORESEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "failover/failover.h"

/* Of a reason there is room for each gate's name, twice, and its sentence. */
enum { FORESEE_PARTS = 6, FORESEE_WHY = GATE_COUNT * 320 };

/* All in milliseconds. */
struct foresee_part {
	uint64_t least;
	uint64_t most;
	char what[96];
};

/* From the first request that fails to the last resolver that knows. */
struct foresee_budget {
	struct foresee_part parts[FORESEE_PARTS];
	size_t count;
	uint64_t least;
	uint64_t most;
};

void foresee_budget(const struct config *config,
    const struct config_stack *stack, struct foresee_budget *out);

/* The earliest failover by itself, if every poll from now on fails. */
struct foresee_earliest {
	bool possible;
	uint64_t in_ms;
	/* "2 more failing polls"; or what is in the way */
	char why[FORESEE_WHY];
};

void foresee_earliest(const struct failover_status *status,
    const struct config *config, uint64_t mono_ms, int64_t wall_ms,
    struct foresee_earliest *out);

#endif
