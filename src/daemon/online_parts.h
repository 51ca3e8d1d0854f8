/* SPDX-License-Identifier: MIT
 *
 * What `drd check --online` has asked: online.c asks, online_tell.c tells.
 * Nobody else includes this.
 */
#ifndef DRD_DAEMON_ONLINE_PARTS_H
#define DRD_DAEMON_ONLINE_PARTS_H

#include <stdio.h>

#include "daemon/config.h"
#include "daemon/online_line.h"
#include "daemon/online_quota.h"
#include "daemon/session.h"
#include "stack/reconcile.h"

/* A region of one stack, or of several. */
struct online_place {
	const char *name; /* the configuration's */
	struct look *caller;
	struct look *regions;
	struct look *lambda;
	struct quota_asked quotas[QUOTAS_MAX];
};

struct online_survey {
	struct online *online;
	const struct config_stack *stack;
	struct reconcile *pass; /* NULL: over */
	/* Of the primary's certificate and the standby's; NULL: none given. */
	struct look *certificates[2];
};

struct online {
	const struct config *config;
	struct session session;
	struct looks *looks;
	struct online_place *places;
	size_t place_count;
	struct quota_asked quotas[QUOTAS_MAX]; /* the account's */
	struct online_survey *surveys;	       /* of each stack */
	struct graph **graphs;		       /* likewise */
	FILE *out;
	unsigned told[ONLINE_GRADES]; /* lines */
};

/* All answers are there: print a line for each. */
void online_tell(struct online *o);

#endif
