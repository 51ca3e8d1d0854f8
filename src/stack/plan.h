/* SPDX-License-Identifier: MIT
 *
 * What a pass without writes found, for people and for machines.
 *
 *	~ us-east-1  alarm          shop-us-east-1-prod-elb-5xx
 *	      Threshold: 5 -> 10
 *	! us-east-1  ssm-parameter  /dr/shop-prod/endpoint: not ours: ...
 *	+ us-west-2  alarm          shop-us-west-2-prod-elb-5xx
 *	      Threshold: 10
 *
 *	1 to create, 1 to change, 1 foreign, 0 failed, 24 as declared
 *
 * + will be made, ~ changed, - removed, @ adopted; . is not finished or stays,
 * ! needs a person.  A region's lines are in the order in which they are
 * made, or removed.  The graph is sealed.
 */
#ifndef DRD_STACK_PLAN_H
#define DRD_STACK_PLAN_H

#include "base/text.h"
#include "stack/graph.h"

/* Members of `secrets` are shown as "(secret)", changed or not. */
void plan_text(const struct graph *graph, struct text *out);

/* What is as declared and yet wants a person: "note: ..." a line each. */
void plan_notes(const struct graph *graph, struct text *out);

/*
 * {"schema": "drd.plan/1", "stack":, "destroy":, "changes": [...], "create":
 * and the other counts}; new tree.
 */
json_t *plan_json(const struct graph *graph);

/*
 * 0 nothing differs; 2 something does, is not finished or is to be removed;
 * 1 something failed or, unless it is a removal, is foreign.
 */
int plan_exit_code(const struct graph *graph);

/*
 * The members that differ: new object {"Threshold": {"have": 5, "want": 10}}.
 * Secrets are masked.
 */
json_t *plan_differences(const struct node *node);

#endif
