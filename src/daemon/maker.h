/* SPDX-License-Identifier: MIT
 *
 * Inside the topology: what its files make wanted nodes with.
 */
#ifndef DRD_DAEMON_MAKER_H
#define DRD_DAEMON_MAKER_H

#include <stddef.h>

#include "base/tree.h"
#include "daemon/topology.h"
#include "stack/names.h"

/* Route 53 publishes the metrics of health checks here and nowhere else. */
#define ROUTE53_REGION "us-east-1"

/* One graph in the making. */
struct maker {
	const struct config_stack *stack;
	const struct topology_role *role;
	struct graph *graph;
};

/* New strings; the second takes `s` and frees it. */
json_t *maker_string(const char *s);
json_t *maker_taken(char *s);

/* "${region/node:Path}": what the node will have there; new string. */
json_t *maker_reference(const char *region, const char *node, const char *path);

/* The stack's name for `purpose`; returns `out`. */
char *maker_name(const struct maker *m, char out[NAME_MAX_LEN + 1],
    size_t limit, const char *region, const char *purpose);

/* The tag DR-Role of a region: "primary", "secondary" or "global". */
const char *maker_role(const struct maker *m, const char *region);

/* Put our tags into `want`, unless the object is only observed. */
void maker_claim(const struct maker *m, json_t *want, enum policy policy,
    const char *name, const char *role);

/* Add the node "region/what"; takes `want`. */
void
maker_add(const struct maker *m, const struct kind *kind, const char *region,
    const char *what, const char *name, enum policy policy, json_t *want);

/* The alarms of both regions, and the one on the primary's health check. */
void maker_add_alarms(const struct maker *m);

#endif
