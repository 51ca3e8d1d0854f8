/* SPDX-License-Identifier: MIT
 *
 * What a pass without writes found, for people and for machines.
 *
 *	+ us-west-2  sns-topic      shop-us-west-2-prod-notice
 *	~ us-east-1  alarm          shop-us-east-1-prod-elb-5xx
 *	      Threshold: 5 -> 10
 *	! us-east-1  ssm-parameter  /dr/shop-prod/endpoint: not ours: ...
 *
 *	1 to create, 1 to change, 1 foreign, 0 failed, 24 as declared
 */
#ifndef DRD_STACK_PLAN_H
#define DRD_STACK_PLAN_H

#include "base/text.h"
#include "stack/graph.h"

/* Members of `secrets` are shown as "(secret)", changed or not. */
void plan_text(const struct graph *graph, struct text *out);

/* {"schema": "drd.plan/1", "stack":, "changes": [...], counts}; new tree. */
json_t *plan_json(const struct graph *graph);

/* 0 nothing differs, 2 something does or is not done yet, 1 something failed or is foreign. */
int plan_exit_code(const struct graph *graph);

/*
 * The members that differ: new object {"Threshold": {"have": 5, "want": 10}}.
 * Secrets are masked.
 */
json_t *plan_differences(const struct node *node);

#endif
