/* SPDX-License-Identifier: MIT
 *
 * What a pass over a stack has found: for the watch, and for people.
 */
#ifndef DRD_DAEMON_FINDINGS_H
#define DRD_DAEMON_FINDINGS_H

#include <stdbool.h>

#include "daemon/config.h"
#include "stack/graph.h"

struct failover;

/*
 * Tell the watch the facts it will need, and that somebody has a higher
 * epoch.  What only has the name of ours is no fact about ours.
 */
void findings_tell(const struct graph *graph, const struct config_stack *stack,
    struct failover *failover);

/*
 * Log what a person should look at and was not in *troubles, which then
 * holds what there is now: a text, NULL at first; caller frees.
 */
void
findings_warn(const struct graph *graph, const char *stack, char **troubles);

/* Was `node` in this state when *troubles was written? */
bool findings_known(
    const char *troubles, const struct node *node, enum node_state state);

#endif
