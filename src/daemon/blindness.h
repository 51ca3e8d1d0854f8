/* SPDX-License-Identifier: MIT
 *
 * What is left to decide by when a region is gone.
 *
 * Triggers that die together are one trigger, and one that dies with the
 * region it watches is none.  By default all of them die with us-east-1, and
 * what decides then is drd's own probe together with DNS, which Route 53 moves
 * by itself: that holds as long as the records are drd's, so that they follow
 * a health check.  Pure: it follows from the configuration and depends.h.
 */
#ifndef DRD_DAEMON_BLINDNESS_H
#define DRD_DAEMON_BLINDNESS_H

#include <stddef.h>

#include "daemon/config.h"

enum blindness_kind {
	BLINDNESS_NONE,	    /* enough triggers are left */
	BLINDNESS_OUTSIDE,  /* the probe and DNS decide together */
	BLINDNESS_UNPROVED, /* they would, if DNS moved, which nobody promises */
	BLINDNESS_WHOLE,    /* nothing is left, and when_blind = hold */
	BLINDNESS_QUORUM,   /* fewer are left than the quorum */
};

struct blindness {
	enum blindness_kind kind;
	const char *region; /* what is gone; borrowed or static */
	size_t left;	    /* triggers */
	char text[256];	    /* "none of the triggers is left, and ..." */
};

enum { BLINDNESS_REGIONS = 2 };

/*
 * Without the primary, and without us-east-1 if that is another one; without
 * the standby there is no failover to miss.  Returns how many are filled.
 */
size_t blindness_of(const struct config *config,
    const struct config_stack *stack, struct blindness out[BLINDNESS_REGIONS]);

const char *
blindness_name(enum blindness_kind kind); /* "probe and dns" decide */

#endif
