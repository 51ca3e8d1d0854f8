/* SPDX-License-Identifier: MIT
 *
 * The status document: everything a person or a monitor asks about, once.
 *
 * The daemon gathers plain facts, this file spells them as one versioned
 * JSON document ("schema": "drd.status/1"), and drd-status renders the
 * document and nothing else: a screen and its JSON cannot disagree.
 */
#ifndef DRD_DAEMON_STATUS_H
#define DRD_DAEMON_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/tree.h"
#include "daemon/brake.h"
#include "daemon/foresee.h"
#include "failover/act.h"
#include "failover/canary.h"
#include "failover/latch.h"
#include "failover/readiness.h"
#include "failover/outbox.h"
#include "failover/plane.h"
#include "failover/recovery.h"
#include "failover/role.h"
#include "failover/signal.h"
#include "failover/verdict.h"
#include "stack/graph.h"
#include "stack/reconcile.h"

/*
 * All borrowed until status_json returns.  Strings may be NULL where the
 * comment says so; `_ms` is the wall clock unless it says mono; 0: never.
 */
struct status_stack {
	const char *name;
	const char *primary; /* regions */
	const char *standby;
	const char *active; /* NULL: not known yet */

	enum role role;
	int64_t role_since_ms;
	const char *role_why; /* of the last change of role; NULL: none yet */
	uint64_t epoch;
	int64_t epoch_since_ms;

	unsigned streak;		    /* failing polls in a row */
	unsigned fall;			    /* how many make a failover */
	uint64_t polls;			    /* ended so far */
	uint64_t polled_mono_ms;	    /* end of the last one */
	uint64_t next_poll_mono_ms;	    /* 0: one is under way */
	const struct poll_verdict *verdict; /* of the last poll; NULL: none */
	const char *isolation; /* why the standby does not answer, or NULL */
	const char *observing; /* why only observing, or NULL (law 11) */
	const struct planes *planes; /* NULL: not compared */
	const char *apart;    /* which planes have differed for long, or NULL */
	const char *trouble;  /* what keeps it from deciding, or NULL */
	gate_set withheld;    /* the gates that `trouble` tells of */
	enum disk_state disk; /* that the journal is on */
	const struct signal *signals;
	size_t signal_count;

	struct readiness_facts readiness; /* of the region that is not active */

	const struct change *change; /* the last one; NULL: never changed */
	struct recovery recovery;    /* of that change */
	int64_t waiting_ms;  /* how long users have waited until now, and still
			       do; -1: they do not */
	uint64_t rto_target; /* milliseconds */
	struct outbox_status notices[OUTBOX_REGIONS];
	const char
	    *notice_trouble; /* why they are not on disk; NULL: they are */

	bool advisory;			    /* it only says what it would do */
	enum gate_trigger trigger;	    /* what the gates are shown for */
	const struct gate_state *gates;	    /* GATE_COUNT of them; NULL: none */
	const struct pause *pause;	    /* NULL: not paused */
	const struct automatic *ack_needed; /* NULL: nothing to acknowledge */
	const struct failover_counts *counts; /* NULL: none */
	struct foresee_earliest earliest;     /* .why "": not asked */
	struct foresee_budget budget;	      /* .count 0: not asked */
	/* When the canary last proved it, in the primary and in the standby */
	int64_t proved_ms[CANARY_REGIONS][CANARY_WHATS];
	const struct latch_facts *latch; /* NULL: there is none */
	const struct latch_place *latch_where;
	bool latch_is_ready;
	const struct config *config; /* to know the way; NULL: not told */
	const struct config_stack *declared;

	const struct brake *brake;		   /* NULL: there is none */
	bool reconciling;			   /* a pass is under way */
	const struct reconcile_result *reconciled; /* the last; NULL: none */
	uint64_t reconciled_mono_ms;
	const char *reconcile_held; /* why no pass is made, or NULL */
	const struct graph *graph;  /* states of the nodes; NULL: none yet */
};

struct status_view {
	const char *version;
	pid_t pid;
	int64_t now_ms;
	uint64_t now_mono_ms;
	int64_t started_ms;
	const char *config_path;
	const char *config_digest; /* of the configuration in force */
	int64_t config_since_ms;
	/* The last reload: its verdict, with every mistake if refused. */
	int64_t reload_ms; /* 0: none since the start */
	bool reload_ok;
	const char *reload_text; /* NULL: nothing to say */
	const struct status_stack *stacks;
	size_t stack_count;
	const char *history_trouble; /* why it cannot be written, or NULL */
	size_t clients;		     /* of the socket */
	uint64_t loop_longest_ms;    /* of a callback, see lag.h */
	json_t *requests; /* that have ended, as aws_tally tells; NULL: none */
	json_t *api;	  /* budgets in use, as aws_usage tells; NULL: none */
};

json_t *status_json(const struct status_view *view); /* new tree */

/* The one line for systemd: "shop: steady, us-east-1 active, epoch 1". */
char *status_line(const struct status_view *view); /* caller frees */

#endif
