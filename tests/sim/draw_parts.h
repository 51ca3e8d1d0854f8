/* SPDX-License-Identifier: MIT
 *
 * Inside the drawing of a plan: draw.c has the frame, draw_episode.c what may
 * befall in it.
 */
#ifndef DRD_SIM_DRAW_PARTS_H
#define DRD_SIM_DRAW_PARTS_H

#include "chance.h"
#include "plan.h"

enum { DRAW_FIRST_MS = 60000 }; /* faults begin: mostly the stack is known */

struct draw {
	struct chance chance;
	struct plan *plan;
	uint64_t last_ms; /* the peace begins */
};

uint64_t draw_between(struct draw *d, uint64_t lo, uint64_t hi);
bool draw_often(struct draw *d, unsigned permille);

/* The caller says the rest.  If there are too many, the last one gives way. */
struct act *draw_add(struct draw *d, uint64_t at_ms, enum act_kind kind);

/* The primary is gone for everybody, or for its users only. */
void draw_region_dies(struct draw *d, uint64_t from, uint64_t to);

/* Something else, any time before the peace. */
void draw_episode(struct draw *d);

#endif
