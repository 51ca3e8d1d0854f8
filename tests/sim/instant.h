/* SPDX-License-Identifier: MIT
 *
 * Simulated time, and what is to happen in it.
 *
 * One list of events for the whole world: drd's timers, the answers on their
 * way to it, what befalls the world.  The first in time happens next and time
 * jumps to it; nothing else moves a clock.  drd's clocks can go wrong, and it
 * can be frozen; true time knows nothing of either.
 */
#ifndef DRD_SIM_INSTANT_H
#define DRD_SIM_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the clocks stand when a simulation begins: 2026-01-01T00:00:00Z. */
#define INSTANT_WALL_MS INT64_C(1767225600000)

struct timer;

/* True time since the beginning of the simulation; and as AWS's clocks say. */
uint64_t instant_ms(void);
int64_t instant_wall_ms(void);

/* Forget all events; true time is 0, drd's clocks are right. */
void instant_reset(void);

/* An event of the world: not drd's, a freeze does not hold it up. */
struct timer *instant_after(uint64_t ms, void (*fn)(void *arg), void *arg);

/*
 * Let the next event happen, unless it is later than `limit_ms` (true time);
 * then it becomes that late, and the answer is false.
 */
bool instant_step(uint64_t limit_ms);

/* drd's events wait until then; its clocks go on. */
void instant_freeze(uint64_t ms);
bool instant_is_frozen(void);

/* Somebody sets drd's wall clock. */
void instant_step_clock(int64_t ms);

/* drd's timers: whoever is dead has none. */
size_t instant_timers(void);

#endif
