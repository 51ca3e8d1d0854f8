/* SPDX-License-Identifier: MIT
 *
 * The invariants, each with a name, checked after every event.
 */
#ifndef DRD_SIM_LAWS_H
#define DRD_SIM_LAWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "world.h"

/* What a simulation has seen; for the sum. */
struct laws_seen {
	unsigned long polls;
	unsigned long failovers;
	unsigned long failbacks;
	unsigned long writes;
	unsigned long notices;
	unsigned long orders;
	unsigned long refusals;
};

void laws_reset(void);
const struct laws_seen *laws_seen(void);
void laws_add(struct laws_seen *to, const struct laws_seen *seen);

/* The law `name` is broken: told once, with what was found. */
void laws_broken(const char *name, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool laws_are_broken(void);
const char *laws_broken_name(void); /* "" */
const char *laws_broken_text(void);

/* After each event. */
void laws_look(void);

/* A process starts, has ended. */
void laws_begin_life(void);
void laws_end_life(void);

/* Before a question leaves, which may begin the next poll at once. */
void laws_polled(void);

/* What reaches AWS. */
void laws_latch(enum region region, bool set);
void laws_put(enum region region, const char *name, const char *value);
void laws_publish(const char *key, const char *event, uint64_t epoch);

/* What an operator said and was answered. */
void laws_ordered(const char *line);
void laws_answered(const char *line, const char *reply);

/* Something befalls the world, or drd. */
void laws_acted(void);

/* Everything is over and has been well for a while: is all at rest? */
void laws_converged(void);

/* drd's own words, for scenarios; "" while it is down. */
const char *laws_role(void);
bool laws_active(enum region *active, uint64_t *epoch);

/* Somebody else has made this epoch. */
void laws_somebody(uint64_t epoch);

/* drd is frozen from now on; its clock is set: by so much. */
void laws_frozen(uint64_t ms);
void laws_clock_set(int64_t ms);

#endif
