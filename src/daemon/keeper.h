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

/*
 * `config` and `stack` are borrowed until the keeper is freed or given new
 * ones.  `changed(arg)` runs when there is something new to tell.  NULL: the
 * journal in config->state_dir cannot be used, `e` says why.
 */
struct keeper *keeper_new(struct loop *loop, struct aws *aws,
    const struct config *config, const struct config_stack *stack,
    void (*changed)(void *arg), void *arg, struct error *e);
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
