/* SPDX-License-Identifier: MIT
 *
 * Two small regions behind the script: parameters that keep their value, a
 * health check and an alarm that say what they are told, topics that count.
 *
 * Enough of AWS for the failover path; every fault that a poll can meet can be
 * switched on for each region.
 */
#ifndef DRD_TESTS_WORLD_H
#define DRD_TESTS_WORLD_H

#include <stdbool.h>

#include "lib/script.h"

enum { VALUE_SIZE = 512 };

/* Where the endpoints are; a test tells DNS, and where the name leads. */
#define WORLD_EAST "192.0.2.1"
#define WORLD_WEST "192.0.2.2"

enum world_region { EAST, WEST, WORLD_REGIONS };

enum world_fault {
	FAULT_NONE,
	FAULT_THROTTLE, /* the protocol's own throttle */
	FAULT_DENIED,
	FAULT_SERVER,	 /* 503 of the protocol's shape */
	FAULT_HTML,	 /* 200 and a page */
	FAULT_HTML_503,	 /* a proxy's page */
	FAULT_TRUNCATED, /* half of the true answer */
	FAULT_EMPTY,	 /* 200 and nothing */
	FAULT_NEVER,	 /* no answer */
	FAULT_REFUSED,
	FAULT_UNRESOLVED,
	FAULT_TLS,
	FAULT_BROKEN,
	FAULT_UNKNOWN_CODE, /* 400 with a code nobody knows */
	FAULT_COUNT
};

struct world {
	bool healthy;	     /* what checkers and alarm say of the primary */
	const char *alarm;   /* NULL: as `healthy`; else the state */
	bool checkers_stale; /* their last check was an hour ago */
	enum world_fault fault[WORLD_REGIONS];
	enum world_fault ssm[WORLD_REGIONS];	  /* of that service alone */
	enum world_fault endpoint[WORLD_REGIONS]; /* for users and probes */
	bool no_sns;				  /* the topics are gone */
	struct {
		char endpoint[VALUE_SIZE]; /* values; "": no such parameter */
		char active[VALUE_SIZE];
		unsigned puts;	    /* that changed something or not */
		unsigned publishes; /* of changes, that were answered */
		unsigned told;	    /* of the other notices */
	} region[WORLD_REGIONS];
	unsigned latency_ms;	/* of every answer */
	int64_t clock_ahead_ms; /* AWS's clock, before ours */
	unsigned polls;		/* GetHealthCheckStatus asked */
	/* What a look at the other region finds; for who looks. */
	unsigned table_lag_ms;	  /* 0: nothing is measured */
	enum world_fault metrics; /* of asking for it */
	bool stopped;		  /* no concurrency is left to the function */
	bool throttled; /* more calls than the function may take; it serves */
};

/* Reset the script and serve this world: healthy, no parameters. */
void world_start(struct world *w);

/* Credentials of the right shape into the environment. */
void world_creds(void);

#endif
