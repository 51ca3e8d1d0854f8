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
#include "failover/canary.h"
#include "failover/detect.h"
#include "failover/gate.h"
#include "failover/hold.h"
#include "failover/journal.h"
#include "failover/latch.h"
#include "failover/outbox.h"
#include "failover/plane.h"
#include "failover/probe.h"
#include "failover/readiness.h"
#include "failover/recovery.h"
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
	bool of_standby;
};

/* From the configuration; everything is copied. */
struct failover_config {
	const char *stack;
	const char *primary; /* regions */
	const char *standby;
	unsigned fall;
	unsigned rise; /* polls that are ok in a row: well again */
	unsigned quorum;
	bool advisory;		    /* say what it would do, and do not do it */
	uint64_t min_between;	    /* milliseconds; 0: no limit */
	unsigned max_per_day;	    /* failovers by itself; 0: no limit */
	const char *const *windows; /* each as in window.h */
	size_t window_count;
	unsigned startup_grace; /* polls to look at before any counts; 0: 1 */
	enum when_blind when_blind;
	unsigned check_interval_s;
	uint64_t poll_interval;	   /* milliseconds */
	uint64_t suspect_interval; /* while polls fail; 0: the same */
	uint64_t poll_phase;	   /* from the start to the first poll */
	uint64_t poll_deadline;
	const struct failover_signal *signals;
	size_t signal_count;
	const char *endpoint_parameter; /* names in both regions */
	const char *active_parameter;
	const char *parameter_key; /* KMS key, or NULL: the account's own */
	const char *record;	   /* the failover name */
	const char *const *name_servers; /* none: the facts' */
	size_t name_server_count;
	const char *resolver; /* or NULL */
	struct probe_rule probe;
	struct readiness_config readiness; /* by enum FAILOVER_... */
	uint64_t canary_interval;	   /* milliseconds; 0: no canary */
	uint64_t rto_target;		   /* milliseconds, to compare with */
	struct latch_place latch; /* .region: the standby's in any case */
	const char *fence;	  /* the primary's function; NULL: no fence */
	unsigned concurrency;	  /* of it, when it is let run again */
	bool failback_automatic;
	uint64_t failback_soak; /* milliseconds */
};

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
	/* The region's own endpoint parameter, if it is ours to write; not
	   kept in the journal. */
	const char *own_parameter[FAILOVER_REGIONS];
	const char *const *name_servers; /* of the zone */
	size_t name_server_count;
};

struct failover_ops {
	/* The role has changed; called before the new role acts. */
	void (*role_changed)(
	    enum role from, enum role to, const char *why, void *arg);
	/* One effect took a step; journalled already. */
	void (*stepped)(const struct change *change,
	    const struct effect *effect, void *arg);
	/*
	 * A failover is due and gates are shut; `why` names them.  Once, and
	 * again when another gate joins in, until the primary serves again or
	 * the failover is made.  `advised`: nothing but the mode is in the way.
	 */
	void (*withheld)(bool advised, const char *why, void *arg);
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
	bool salvaged; /* from a damaged journal: nobody has said yet who is */
	bool active_known;
	const char *active; /* region, "" if not known */
	uint64_t epoch;
	int64_t active_since_ms; /* wall */
	unsigned fall;
	const struct detected *detected;
	const struct change *change; /* the last one, or NULL */
	const struct planes *planes;
	struct recovery recovery; /* of the last change; all 0: there is none */
	uint64_t rto_target;
	struct outbox_status notices[FAILOVER_REGIONS];
	const char *notice_trouble; /* why they are not on disk, or "" */
	const struct latch_facts *latch;
	const struct latch_place *latch_where;
	bool latch_is_ready; /* see latch.h */
	/* When the canary last proved it (wall); 0: never. */
	int64_t proved_ms[FAILOVER_REGIONS][CANARY_WHATS];
	bool due; /* a failover is, but for the gates and the disk */
	enum disk_state disk;	  /* that the journal is on */
	const char *disk_trouble; /* "": it is fine */
	const char *trouble; /* what keeps it from acting or learning, or "" */
	gate_set withheld;   /* the gates that `trouble` tells of; 0: none */
	/* For the change that would be next, and for that trigger. */
	enum gate_trigger trigger;
	const struct gate_state *gates;	    /* GATE_COUNT of them */
	const struct pause *pause;	    /* NULL: not paused */
	const struct automatic *ack_needed; /* NULL: nothing to acknowledge */
	const struct failover_counts *counts;
};

/* Since the start. */
struct failover_counts {
	unsigned long blocked[GATE_COUNT]; /* failovers that were due */
	unsigned long refused[GATE_COUNT]; /* orders */
};

/*
 * Open the journal `path` and take up what it says.  NULL: the journal is
 * locked or of other regions; nothing was changed.  A damaged one is set
 * aside and what is good of it is taken over.
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

void failover_status(struct failover *f, struct failover_status *out);

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

/* What an operator orders; all borrowed. */
struct failover_order {
	bool failback;	    /* else: a failover */
	const char *to;	    /* region; NULL: the one that it must be */
	const char *reason; /* not empty */
	const char *who;    /* "uid 1000 (pid 4711)" */
	const char *audit;  /* of audit.h */
	const char *const *overrides; /* names of gates, for this order only */
	size_t override_count;
};

/*
 * Carry out an order: the decision is on disk when it returns, and the
 * effects are under way.  -1: refused, and nothing has changed; the code of
 * `e` is the name of the gate, or one of "no-such-gate", "no-such-region",
 * "already-active", "not-failed-over", "fenced" (the fence is lifted first), or
 * what the journal says.
 */
int failover_order(
    struct failover *f, const struct failover_order *asked, struct error *e);

/*
 * Nothing by itself until then (wall clock); a second pause replaces the
 * first.  On disk when it returns.  Orders are carried out all the same.
 */
int failover_pause(struct failover *f, int64_t until_ms, const char *reason,
    const char *who, struct error *e);

/* End the pause.  -1 and "not-paused": there is none. */
int failover_resume(
    struct failover *f, const char *reason, const char *who, struct error *e);

/*
 * A person has looked at the last automatic failover.  -1 and
 * "nothing-to-ack": there is none that nobody has looked at.
 */
int failover_ack(
    struct failover *f, const char *reason, const char *who, struct error *e);

/* Why reconcile waits for a person; NULL: it does not.  Copied. */
void failover_set_brake(struct failover *f, const char *why);

#endif
