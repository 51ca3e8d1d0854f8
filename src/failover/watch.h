/* SPDX-License-Identifier: MIT
 *
 * Inside the watch over a stack: what failover.c and the watch files share.
 *
 * The role and the polls are in failover.c, finding out who is active in
 * watch_learn.c, changing it in watch_act.c.
 */
#ifndef DRD_FAILOVER_WATCH_H
#define DRD_FAILOVER_WATCH_H

#include "failover/active.h"
#include "failover/failover.h"
#include "failover/memory.h"
#include "failover/plane.h"
#include "failover/settings.h"

/* What an operator wants: the way back to the primary. */
struct order {
	const char *who;
	const char *reason;
	struct error *error;
};

/* What keeps it from learning or acting: told once, shown until it ends. */
struct trouble {
	char text[512]; /* "": none */
	char code[64];
};

struct failover {
	struct loop *loop;
	struct aws *aws;
	struct failover_ops ops;
	struct settings set;
	struct memory memory;
	struct detect *detect;
	struct active_learning *learning;

	enum role role;
	int64_t role_since_ms;
	char role_why[512];
	const struct order *order; /* while it is being carried out */
	struct trouble learning_trouble;
	struct trouble acting_trouble;
	bool doubt; /* who is active must be asked, perhaps again */

	struct readiness *readiness;

	struct act *act;
	const char **act_servers; /* what it was given; strings borrowed */
	struct plane *plane;
	struct act_dns plane_dns;
	const char **plane_servers;
};

/* failover.c: follow the table of roles until it says stay. */
void watch_advance(struct failover *f);

/* failover.c: the one door through which a role changes. */
void watch_set_role(struct failover *f, enum role to, const char *why);

/*
 * watch_ready.c: the readiness of the other region: opened with the watch,
 * aimed when the role changes, told what the facts say.
 */
void
watch_open_readiness(struct failover *f, const struct failover_config *config);
void watch_aim_readiness(struct failover *f);
void watch_tell_readiness(struct failover *f);

/* watch_learn.c: ask who is active, unless that is under way. */
void watch_learn(struct failover *f);

bool watch_has_region(const struct failover *f, const char *region);

void watch_set_trouble(struct failover *f, struct trouble *trouble,
    const char *what, const struct error *e);
void watch_end_trouble(struct trouble *trouble);

/*
 * watch_act.c: the decision, on disk first (law 5).  -1: it could not be made
 * or not be written; then nothing has changed.
 */
int watch_begin_change(struct failover *f, bool failback, const char *cause,
    const char *reason, struct error *e);

/*
 * Acting and comparing borrow the settings, the facts and the change: whoever
 * changes one of these stops them before.
 */
void watch_start_acting(struct failover *f);
void watch_stop_acting(struct failover *f);
void watch_compare_planes(struct failover *f);
void watch_stop_comparing(struct failover *f);

#endif
