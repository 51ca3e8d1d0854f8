/* SPDX-License-Identifier: MIT
 *
 * The readiness of the region that would become active.
 *
 * That is the one of the two that is not: the standby until a failover, the
 * primary after it.  It is looked at on a beat of its own, slower than the
 * polls and never in their way, so that the answer is there on the day it is
 * needed; and again at once when a poll fails.  What is found out stands in
 * `struct readiness_facts`; nothing is decided here.
 */
#ifndef DRD_FAILOVER_READINESS_H
#define DRD_FAILOVER_READINESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failover/readiness_look.h"

struct loop;
struct readiness;

enum { READINESS_REGIONS = 2 };

/* Plain facts, copied.  Durations in milliseconds. */
struct readiness_config {
	uint64_t interval; /* between looks; 0: none, and always ready */
	uint64_t phase;	   /* from the start to the first look */
	uint64_t deadline; /* of a look; not more than the interval */
	struct readiness_limits limits;
	uint64_t canary_age; /* for how long a song is believed; 0: none */
	struct readiness_region regions[READINESS_REGIONS];
};

struct readiness_ops {
	/* A look is over: the facts are new. */
	void (*looked)(void *arg);
	/* The region has become ready, or is not any more: a page.  Once
	   per episode, after a whole look. */
	void (*told)(
	    bool ready, const char *region, const char *why, void *arg);
	void *arg;
};

/* What there is to tell; borrowed until the loop's next round. */
struct readiness_facts {
	const char *region; /* whose; NULL: not known which, or not looked at */
	const struct readiness_item *items;		/* READINESS_COUNT */
	struct readiness_opinion each[READINESS_COUNT]; /* of each item */
	struct readiness_opinion all;	  /* is it ready, and why not */
	struct readiness_opinion target;  /* ... leaving out what it lacks */
	struct readiness_opinion arrived; /* ... and that alone: the data */
	const struct overload *overload;  /* of the region that is active */
	uint64_t looked_ms; /* mono, end of the last look; 0: none */
	bool paged;	    /* an episode of not being ready lasts */
};

/* `stack` is borrowed for life, for the log. */
struct readiness *
readiness_new(struct loop *loop, struct aws *aws, const char *stack,
    const struct readiness_config *config, const struct readiness_ops *ops);
void readiness_start(struct readiness *r);
void readiness_free(struct readiness *r); /* NULL is fine */

/* The same regions; what is known of their objects is kept. */
void readiness_reconfigure(struct readiness *r, const char *stack,
    const struct readiness_config *config);

/* The i-th region is not the active one: look at it from now on. */
void readiness_aim(struct readiness *r, unsigned target);

/* The target group of the i-th region, once it is known. */
void readiness_set_target_group(
    struct readiness *r, unsigned region, const char *arn);

/* What a probe of the i-th region's endpoint has found out. */
void readiness_note_probe(struct readiness *r, unsigned region,
    const struct observation *seen, uint64_t mono_ms);

/* What the canary of the i-th region has found out. */
void readiness_note_canary(struct readiness *r, unsigned region,
    const struct observation *seen, uint64_t mono_ms);

/* Look now, unless that is under way: something fails. */
void readiness_look(struct readiness *r);

void readiness_facts(const struct readiness *r, struct readiness_facts *out);

#endif
