/* SPDX-License-Identifier: MIT
 *
 * From the replies of AWS to what they say about a region's readiness.
 *
 * Pure: a reply in, an observation out; the time is an argument.  A reply
 * without the member that it is asked for says nothing (unknown); an empty
 * list of targets says that there are none.
 */
#ifndef DRD_FAILOVER_READINESS_READ_H
#define DRD_FAILOVER_READINESS_READ_H

#include <stddef.h>
#include <stdint.h>

#include "base/tree.h"
#include "failover/signal.h"

/*
 * DescribeTargetHealth of the region's target group: ok with at least one
 * healthy target.  One that is new ("initial") or whose checks are disabled
 * ("unavailable") is neither.  Source: ELB API reference, TargetHealth.
 */
void readiness_read_targets(const json_t *reply, struct observation *out);

/*
 * GetFunction: State is Active, or absent as in old replies, and at least
 * `reserved` calls at a time are reserved; 0: whatever is reserved will do,
 * unless it is nothing.  Source: Lambda API reference, GetFunction.
 */
void readiness_read_function(
    const json_t *reply, unsigned reserved, struct observation *out);

/*
 * DescribeTable in the region: this replica serves, which it also does while
 * it is UPDATING.  Source: DynamoDB API reference, TableDescription.
 */
void readiness_read_table(const json_t *reply, struct observation *out);

/*
 * DescribeAlarms by name: fails if one of them is in ALARM; ok if none is and
 * one says OK.  Alarms without data or that do not exist say nothing.
 */
void readiness_read_alarms(const json_t *reply, const char (*names)[256],
    size_t count, struct observation *out);

/* The metric `id` of a GetMetricData reply. */
struct readiness_metric {
	const char *id;
	uint64_t unit_ms;  /* what a value of 1 is */
	uint64_t limit_ms; /* above it, it fails; 0: it never does */
	uint64_t fresh_ms; /* what is older says nothing */
};

/* The newest value of a replication latency, against its limit. */
void
readiness_read_lag(const json_t *reply, const struct readiness_metric *metric,
    int64_t wall_ms, struct observation *out);

struct readiness_point {
	int64_t at_ms; /* wall: when its minute began */
	double value;
};

/*
 * The newest data point of the metric `id`, no older than `fresh_ms`; or the
 * one of the minute `at_ms`.  false: there is none, or nobody can read it.
 */
bool readiness_newest(const json_t *reply, const char *id, uint64_t fresh_ms,
    int64_t wall_ms, struct readiness_point *out);
bool
readiness_at(const json_t *reply, const char *id, int64_t at_ms, double *value);

#endif
