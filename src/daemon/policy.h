/* SPDX-License-Identifier: MIT
 *
 * The IAM policy that drd itself needs for a stack, and nothing beyond it.
 */
#ifndef DRD_DAEMON_POLICY_H
#define DRD_DAEMON_POLICY_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"
#include "daemon/config.h"
#include "stack/graph.h"

struct policy_options {
	const char *partition; /* "aws" */
	const char *account;   /* "123456789012" */
	bool read_only;	       /* for plan and drift: changes nothing */
};

/*
 * A policy document; new tree.  It follows from the graph: what each kind
 * reads and writes, for the nodes that are not ignored, and what a failover
 * calls.  NULL (ERROR_BUG): a call has no row in policy_table.c.
 */
json_t *
policy_document(const struct graph *graph, const struct config_stack *stack,
    const struct policy_options *options, struct error *e);

#endif
