/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack: polls, counts, decides, acts, remembers.
 *
 * The only place where a role changes.  Facts are gathered here (poll.h),
 * pure functions judge them (verdict.h, role.h), and what they say is done
 * here: first the journal, then the effects (act.h).
 */
#ifndef DRD_FAILOVER_FAILOVER_H
#define DRD_FAILOVER_FAILOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "failover/act.h"
#include "failover/detect.h"
#include "failover/readiness.h"
#include "failover/role.h"

struct aws;
struct failover;
struct loop;

/* One signal to watch; see `struct signal`. */
struct failover_signal {
	const char *id;
	enum signal_class class;
	const char *region;
	const char *name; /* alarm name; health checks: from the facts */
	bool trigger;
};

/* From the configuration; everything is copied. */
struct failover_config {
	const char *stack;
	const char *primary; /* regions */
	const char *standby;
	unsigned fall;
	unsigned quorum;
	unsigned check_interval_s;
	uint64_t poll_interval; /* milliseconds */
	uint64_t poll_phase;	/* from the start to the first poll */
	uint64_t poll_deadline;
	const struct failover_signal *signals;
	size_t signal_count;
	const char *endpoint_parameter; /* names in both regions */
	const char *active_parameter;
	const char *parameter_key; /* KMS key, or NULL: the account's own */
	const char *record;	   /* the failover name */
	const char *const *name_servers; /* none: the facts' */
	size_t name_server_count;
	const char *resolver;		   /* or NULL */
	struct readiness_config readiness; /* by enum FAILOVER_... */
};

enum { FAILOVER_PRIMARY, FAILOVER_STANDBY, FAILOVER_REGIONS };

/*
 * What the failover path must know before the day it is needed, seen in
 * steady state by reconcile and kept in the journal.  NULL: not known yet.
 */
struct failover_facts {
	const char *health_check; /* id of the primary's endpoint check */
	const char *balancer[FAILOVER_REGIONS];	    /* DNS names */
	const char *endpoint[FAILOVER_REGIONS];	    /* parameter values */
	const char *topic[FAILOVER_REGIONS];	    /* ARNs */
	const char *target_group[FAILOVER_REGIONS]; /* ARNs */
	const char *const *name_servers;	    /* of the zone */
	size_t name_server_count;
};

struct failover_ops {
	/* The role has changed; called before the new role acts. */
	void (*role_changed)(
	    enum role from, enum role to, const char *why, void *arg);
	/* One effect took a step; journalled already. */
	void (*stepped)(const struct change *change,
	    const struct effect *effect, void *arg);
	/* A poll is over: the loop is alive, status has changed. */
	void (*polled)(void *arg);
	void *arg;
};

/* What there is to tell; borrowed, valid until the loop's next round. */
struct failover_status {
	const char *stack;
	const char *primary;
	const char *standby;
	enum role role;
	int64_t role_since_ms; /* wall */
	const char *role_why;
	bool active_known;
	const char *active; /* region, "" if not known */
	uint64_t epoch;
	int64_t active_since_ms; /* wall */
	unsigned fall;
	const struct detected *detected;
	const struct change *change; /* the last one, or NULL */
	const char *apart;   /* how DNS and the parameters differ, or NULL */
	const char *trouble; /* what keeps it from acting or learning, or "" */
};

/*
 * Open the journal `path` and take up what it says.  NULL: the journal is
 * locked, damaged or of other regions; nothing was changed.
 */
struct failover *failover_new(struct loop *loop, struct aws *aws,
    const char *journal_path, const struct failover_config *config,
    const struct failover_ops *ops, struct error *e);

/* Start polling and go on with a change that is pending. */
void failover_start(struct failover *f);

/* Stop where it is; what is pending is in the journal. */
void failover_free(struct failover *f);

/* Same stack, same regions; signals keep their streaks by id. */
void
failover_reconfigure(struct failover *f, const struct failover_config *config);

/* Copies; written to the journal if anything is new. */
void failover_set_facts(struct failover *f, const struct failover_facts *facts);

/* Somebody has seen a higher epoch: ask who is active. */
void failover_doubt(struct failover *f);

void failover_status(const struct failover *f, struct failover_status *out);

/* Is the region that is not active ready to be?  Borrowed likewise. */
void failover_readiness(const struct failover *f, struct readiness_facts *out);

/* Is this parameter of this region to be written by a pending effect? */
bool failover_owns(
    const struct failover *f, const char *region, const char *parameter);

/* May reconcile write now? (law 9) */
bool failover_allows_reconcile(const struct failover *f);

/*
 * Poll now; `done` runs after the poll is over (also if one is under way).
 * At most one waiter: -1 if there is one already.
 */
int failover_poll_now(struct failover *f, void (*done)(void *arg), void *arg);
void failover_forget_waiter(struct failover *f);

/*
 * Order the way back to the primary.  -1: refused by a gate; the code of `e`
 * is the gate's name ("not-failed-over", "primary-not-ok", ...).
 */
int failover_failback(
    struct failover *f, const char *reason, const char *who, struct error *e);

#endif
