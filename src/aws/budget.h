/* SPDX-License-Identifier: MIT
 *
 * The retry quota: how much trouble a service of a region may cause.
 *
 * Standard mode of the SDKs: each retry costs tokens, success gives them
 * back, and a service that only fails soon costs one request per call.  A
 * quota belongs to one service, one region and one lane, so a dying us-east-1
 * cannot use up what us-west-2 needs, nor reconcile what a failover needs.
 * Source: AWS SDKs and Tools Reference, "Retry behavior" (2026 numbers).
 */
#ifndef DRD_AWS_BUDGET_H
#define DRD_AWS_BUDGET_H

#include <stdbool.h>

#include "aws/service.h"

enum lane { LANE_FAILOVER, LANE_DETECT, LANE_RECONCILE, LANE_COUNT };

enum { /* tokens */
	BUDGET_FULL = 500,
	BUDGET_TRANSIENT = 14,
	BUDGET_THROTTLE = 5,
};

struct budget;

struct budget *budget_new(void);
void budget_free(struct budget *budget);

/* Take `cost` tokens for a retry; false: there are not that many left. */
bool budget_take(struct budget *budget, enum service service,
    const char *region, enum lane lane, int cost);

/* A call succeeded: give back what its last retry cost (0: first try). */
void budget_give(struct budget *budget, enum service service,
    const char *region, enum lane lane, int cost);

#endif
