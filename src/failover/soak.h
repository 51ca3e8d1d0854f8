/* SPDX-License-Identifier: MIT
 *
 * For how long the primary has been well without a break.
 *
 * Only time between two polls that both found it well counts: what lies
 * beside a poll that says nothing is neither held against it nor for it
 * (law 1), and a failing poll begins again.  Pure.
 */
#ifndef DRD_FAILOVER_SOAK_H
#define DRD_FAILOVER_SOAK_H

#include <stdint.h>

#include "failover/signal.h"

struct soak {
	uint64_t well_ms; /* so long */
	uint64_t last_ms; /* mono: the last poll, if it was ok; 0 */
};

void soak_note(struct soak *soak, enum verdict verdict, uint64_t mono_ms);

/* What was seen says nothing any more: a freeze, a clock step. */
void soak_forget(struct soak *soak);

/* How much of `wanted_ms` is still to come; 0: none. */
uint64_t soak_left(const struct soak *soak, uint64_t wanted_ms);

#endif
