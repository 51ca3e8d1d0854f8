/* SPDX-License-Identifier: MIT
 *
 * What holds drd back, as a stranger would keep count of it: what operators
 * have said and were told is done, and which failovers drd has made by itself.
 *
 * A hold ends by the wall clock or by time that has really passed, whichever
 * is first; so it surely holds while both say so, and may hold a while longer
 * where the clock was set back and drd was started again.
 */
#ifndef DRD_SIM_HOLDS_H
#define DRD_SIM_HOLDS_H

#include <stdbool.h>
#include <stdint.h>

/* What the configuration says. */
struct holds_rules {
	bool advisory;
	bool failback_automatic;
	uint64_t soak_ms; /* the primary must have been well for so long */
	uint64_t min_between_ms;
	unsigned max_per_day;
};

void holds_reset(const struct holds_rules *rules);

void holds_ordered(const char *line);
void holds_answered(const char *line, bool done);
/* The process is gone: what it has not answered may be done or not. */
void holds_unanswered(void);

/* A failover, decided so long ago: by itself; else ordered, which
   acknowledges those before. */
void holds_failover(bool by_itself, uint64_t ago_ms);

/* Which hold surely forbids a failover by itself now; NULL: none. */
const char *holds_surely(void);

/* May one hold? */
bool holds_perhaps(void);

/* May drd fail back by itself? */
bool holds_failback_automatic(void);
uint64_t holds_soak_ms(void);

/* Has an operator ordered this, and not been refused? */
bool holds_order_open(const char *verb);
void holds_order_done(const char *verb);

#endif
