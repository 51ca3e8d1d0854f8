/* SPDX-License-Identifier: MIT
 *
 * From a stack's configuration to what its watch is told to look at.
 */
#ifndef DRD_DAEMON_WATCHLIST_H
#define DRD_DAEMON_WATCHLIST_H

#include "daemon/config.h"
#include "failover/failover.h"

/* `failover` is good until watchlist_release; strings of the config's. */
struct watchlist {
	struct failover_config failover;
	struct failover_signal *signals;
	char **strings; /* ids and alarm names, ours */
	size_t string_count;
	char *endpoint_parameter;
	char *active_parameter;
	char *function; /* that is fenced, or NULL */
};

/*
 * How long after a start a stack begins what comes every `interval`: stacks
 * take turns, because Route 53 gives an account one GetHealthCheckStatus a
 * second and at most four at once.
 */
uint64_t watchlist_phase(const struct config *config,
    const struct config_stack *stack, uint64_t interval);

void watchlist_init(struct watchlist *list, const struct config *config,
    const struct config_stack *stack);
void watchlist_release(struct watchlist *list);

/* May a signal of that id be a trigger ("route53", "alarm:health-check")? */
bool watchlist_knows(const char *id);

#endif
