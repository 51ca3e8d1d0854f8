/* SPDX-License-Identifier: MIT
 *
 * Is the primary down, or does it only have too much to do?
 *
 * A function whose reserved concurrency is used up is throttled.  Its load
 * balancer then answers 502, so that health checks, alarms and probes fail as
 * if the region were gone; but the standby has the same concurrency and would
 * get the same load.  That is overload: a warning, and no failover.
 *
 * It has to be proved, by one minute of the region's own metrics: calls were
 * throttled, as many ran at a time as are reserved, and more than half of
 * those that ran did well.  Throttles alone prove nothing (a region in trouble
 * throttles, too), and neither does silence.  Pure.
 *
 * Source: Elastic Load Balancing user guide, "Troubleshoot your Application
 * Load Balancers", HTTP 502; Lambda developer guide, "Metric types".
 */
#ifndef DRD_FAILOVER_OVERLOAD_H
#define DRD_FAILOVER_OVERLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/tree.h"

/* Ids of the metrics in a GetMetricData reply. */
#define OVERLOAD_THROTTLES   "throttles"   /* Sum */
#define OVERLOAD_INVOCATIONS "invocations" /* Sum; throttled ones excluded */
#define OVERLOAD_ERRORS	     "errors"	   /* Sum */
#define OVERLOAD_CONCURRENT  "concurrent"  /* Maximum */

/* Lambda's metrics come within a minute or two; older ones are history. */
enum { OVERLOAD_FRESH_MS = 180000 };

struct overload {
	bool proved;
	char why[160]; /* "120 calls were throttled, 900 served, ..." */
};

/* `reserved`: calls at a time; 0: none are, and the account's limit holds. */
void overload_read(const json_t *reply, unsigned reserved, int64_t wall_ms,
    struct overload *out);

#endif
