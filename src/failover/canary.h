/* SPDX-License-Identifier: MIT
 *
 * The canary: what a failover writes is written every day, in both regions.
 *
 * A permission that is missing shows on the day of the failover, unless it is
 * used before.  So the region's own endpoint parameter is written with the
 * value that it has and read back, and a notice that says nothing happened is
 * published: the calls of the failover path, with the same key, by the same
 * credentials.  That parameter is constant: no failover and no other canary
 * ever wants it to be something else, so that nothing can be undone.
 *
 * When it sang last is kept by the caller, over restarts.
 */
#ifndef DRD_FAILOVER_CANARY_H
#define DRD_FAILOVER_CANARY_H

#include <stdint.h>

#include "failover/observation.h"

struct aws;
struct canary;
struct loop;

enum { CANARY_REGIONS = 2 };

enum canary_what { CANARY_PARAMETER, CANARY_NOTICE, CANARY_WHATS };

struct canary_config {
	uint64_t interval; /* milliseconds between two songs; 0: none */
	uint64_t call_ms;  /* limit on each call */
	char key[257];	   /* of the parameters; "": AWS's own */
	char regions[CANARY_REGIONS][32];
};

struct canary_ops {
	/* Something could be written, at this time (wall). */
	void (*proved)(
	    unsigned region, enum canary_what what, int64_t at_ms, void *arg);
	/* A song is over: ok, or why not. */
	void (*sung)(
	    unsigned region, const struct observation *seen, void *arg);
	void *arg;
};

/* `stack` is borrowed for life. */
struct canary *canary_new(struct aws *aws, const char *stack,
    const struct canary_config *config, const struct canary_ops *ops);
void canary_free(struct canary *canary); /* NULL is fine; cancels */

void canary_reconfigure(struct canary *canary, const char *stack,
    const struct canary_config *config);

/*
 * What there is to write in the i-th region; copies.  `parameter` NULL: none
 * that is ours, so nothing is written; `topic` NULL: no notice.
 */
void canary_set_region(struct canary *canary, unsigned region,
    const char *parameter, const char *value, const char *topic);

/* It was proved then (wall), before a restart. */
void canary_remember(struct canary *canary, unsigned region,
    enum canary_what what, int64_t at_ms);

/* When it was last (wall); 0: never. */
int64_t canary_proved_ms(
    const struct canary *canary, unsigned region, enum canary_what what);

/*
 * Begin each song that is due; one that failed, after a while.  `epoch` is
 * the present one, which every notice carries.
 */
void canary_sing(struct canary *canary, uint64_t epoch);

const char *canary_what_name(enum canary_what what); /* "parameter" */

#endif
