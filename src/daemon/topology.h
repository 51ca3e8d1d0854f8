/* SPDX-License-Identifier: MIT
 *
 * From the configuration and the role to the wanted nodes.
 *
 * The one place where the stack and the failover meet: which region is
 * active, under which epoch and since when decides what the parameters
 * should say, so that reconcile can never undo a failover (law 9).
 */
#ifndef DRD_DAEMON_TOPOLOGY_H
#define DRD_DAEMON_TOPOLOGY_H

#include <stdint.h>

#include "daemon/config.h"
#include "failover/carrier.h"
#include "stack/graph.h"
#include "stack/names.h"

enum { TOPOLOGY_PARAMETER_MAX = 256 };

/*
 * Which region is active: the answer of the failover half.  Where it is not
 * known, what depends on it is only observed, and nobody may write.
 */
struct topology_role {
	const char *active; /* region; NULL: not known */
	uint64_t epoch;	    /* 1 before the first change */
	int64_t since_ms;   /* wall clock */
};

/*
 * The graph is sealed.  NULL: the configuration asks for something that
 * cannot be (a managed node that refers to an ignored one, a name too long).
 *
 * Node ids other modules refer to: "<region>/topic", "<region>/alb",
 * "<region>/parameter-own", "<region>/parameter-endpoint",
 * "<region>/parameter-active", "health-primary", "health-standby",
 * and with a latch "health-latch" and "health-calculated", "zone",
 * "record-primary", "record-standby", "<region>/alarm-<purpose>"; the
 * health-check alarm and a topic for it live in us-east-1 even if neither
 * region of the stack does.
 */
struct graph *topology_build(const struct config_stack *stack,
    const struct topology_role *role, struct error *e);

/* After a pass without a role: what depends on it has failed, because of `e`. */
void topology_doubt(struct graph *graph, const struct config_stack *stack,
    const struct error *e);

/* "/dr/{suffix}/endpoint" and "/dr/{suffix}/active". */
char *topology_endpoint_name(
    const struct config_stack *stack, char out[TOPOLOGY_PARAMETER_MAX]);
char *topology_active_name(
    const struct config_stack *stack, char out[TOPOLOGY_PARAMETER_MAX]);

/* Where the stack's latch is; strings are the stack's. */
struct latch_place topology_latch(const struct config_stack *stack);

/* The name of a region's function; returns `out`. */
char *topology_function_name(const struct config_stack *stack,
    char out[NAME_MAX_LEN + 1], const char *region);

/* The value of an endpoint parameter: "http://<dns name of the balancer>". */
char *topology_endpoint_value(const struct config_stack *stack,
    const char *balancer_dns); /* caller frees */

#endif
