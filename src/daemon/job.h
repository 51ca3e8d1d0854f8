/* SPDX-License-Identifier: MIT
 *
 * One stack in the foreground: what the verbs of the command line share.
 *
 * They need no daemon and no state file.  Which region is active is read
 * where a failover wrote it: in the parameters of both regions and, if it can
 * be read, in this machine's journal; the higher epoch counts, so that
 * applying never undoes a failover.
 */
#ifndef DRD_DAEMON_JOB_H
#define DRD_DAEMON_JOB_H

#include <stdbool.h>

#include "base/error.h"
#include "daemon/config.h"
#include "daemon/session.h"
#include "failover/active.h"
#include "failover/latch.h"
#include "stack/graph.h"
#include "stack/reconcile.h"

struct job {
	const char *verb; /* for messages */
	const struct config *config;
	const struct config_stack *stack;
	struct session session;
	struct active active;
	bool active_known;   /* false: job->error says why, and nobody writes */
	struct graph *graph; /* what is wanted, and what was found */
	struct reconcile_result result; /* of the last pass */
	struct latch_place place;
	struct latch *latch; /* that is kept meanwhile, or NULL */
	struct error error;
};

/* Nothing but the names: job_fail and job_close are right after it. */
void job_init(struct job *job, const char *verb, const struct config *config,
    const struct config_stack *stack);

/* Credentials only. */
int job_open_session(struct job *job, const char *verb,
    const struct config *config, const struct config_stack *stack);

/*
 * Credentials, the active region and the graph.  -1: job->error says why;
 * job_close is right after either.  Where nobody says which region is active
 * there is a graph all the same: most of a stack does not depend on it.
 */
int job_open(struct job *job, const char *verb, const struct config *config,
    const struct config_stack *stack);
void job_close(struct job *job);

/*
 * Until this is called every request that may change something is refused
 * before it leaves, whatever a pass asks for.
 */
void job_may_write(struct job *job);

/*
 * Keep the latch as the role wants it for as long as the job lasts, as the
 * daemon would, and wait until it is seen so: then the primary's record may
 * be made to follow it.  If it is not, the record is left alone, and what is
 * told on stderr says why; false.
 */
bool job_keep_latch(struct job *job);

/* One pass; its deadline is set here.  -1: job->error. */
int job_pass(struct job *job, struct reconcile_options options);

/* "drd plan: shop: ..." to stderr; returns EXIT_FAULT. */
int job_fail(const struct job *job, const struct error *e);

#endif
