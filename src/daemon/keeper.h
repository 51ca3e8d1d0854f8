/* SPDX-License-Identifier: MIT
 *
 * The keeper of one stack: its watch (failover/) and its repairs (stack/).
 *
 * The two halves do not know each other; here they meet.  Reconcile yields
 * to a role change (law 9), what it wants follows from the role, and what it
 * sees in steady state is what the failover path will need (facts).
 */
#ifndef DRD_DAEMON_KEEPER_H
#define DRD_DAEMON_KEEPER_H

#include "base/error.h"
#include "daemon/config.h"
#include "failover/failover.h"

struct aws;
struct keeper;
struct loop;
struct status_stack;

/* What a keeper tells; none of it may take long. */
struct keeper_ops {
	/* There is something new to show. */
	void (*changed)(void *arg);
	/* The role has changed: before the new role acts. */
	void (*role_changed)(const struct failover_status *status,
	    enum role from, enum role to, void *arg);
	/* An effect of status->change took a step. */
	void (*stepped)(const struct failover_status *status,
	    const struct effect *effect, void *arg);
	/* Users of status->change wait no more, or all of it is done. */
	void (*recovered)(const struct failover_status *status,
	    enum recovery_news news, void *arg);
	/* A failover was due and gates are shut: see failover_ops. */
	void (*withheld)(const struct failover_status *status, bool advised,
	    const char *why, void *arg);
	/* What a person did not order and has to know of: "brake" when it is
	   on, "journal" when that was damaged, "pause" that drd gave itself. */
	void (*noted)(const struct failover_status *status, const char *event,
	    const char *text, void *arg);
	/* A poll has ended. */
	void (*polled)(const struct failover_status *status, void *arg);
	void *arg;
};

/*
 * `config` and `stack` are borrowed until the keeper is freed or given new
 * ones, `tell` is copied.  NULL: the journal in config->state_dir cannot be
 * used, `e` says why.
 */
struct keeper *keeper_new(struct loop *loop, struct aws *aws,
    const struct config *config, const struct config_stack *stack,
    const struct keeper_ops *tell, struct error *e);
void keeper_start(struct keeper *keeper);
void keeper_free(struct keeper *keeper);

const char *keeper_name(const struct keeper *keeper);
struct failover *keeper_failover(struct keeper *keeper);

/* A stack of the same name and regions, from a new configuration. */
void keeper_reconfigure(struct keeper *keeper, const struct config *config,
    const struct config_stack *stack);

/* A person has looked at what tripped the brake.  -1: nothing did. */
int keeper_ack(struct keeper *keeper, struct error *e);

/* Borrowed facts, valid until the loop's next round. */
void keeper_status(const struct keeper *keeper, struct status_stack *out);

/* Where the journal of a stack is; also for the planning verbs. */
char *keeper_journal_path(const struct config *config,
    const struct config_stack *stack); /* caller frees */

#endif
