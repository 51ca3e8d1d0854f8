/* SPDX-License-Identifier: MIT
 *
 * One look at what a region needs to become the active one.
 *
 * Six calls at the most, all out at once, under one deadline, none retried:
 * five to the target's region and one to that of the source.
 *
 *	DescribeTargetHealth	targets
 *	GetFunction		function (with its concurrency)
 *	DescribeTable		table
 *	DescribeAlarms		alarms
 *	GetMetricData		bucket-lag: where the copies arrive
 *	GetMetricData		table-lag, and whether the source is overloaded:
 *				in the region of the source
 */
#ifndef DRD_FAILOVER_READINESS_LOOK_H
#define DRD_FAILOVER_READINESS_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failover/overload.h"
#include "failover/readiness_judge.h"

enum { READINESS_ALARMS_MAX = 8 };

/* A region's objects by name; "": the stack has no such thing. */
struct readiness_region {
	char name[32];
	char function[65];
	unsigned reserved; /* calls at a time; 0: none are */
	char table[256];
	char bucket[64];
	char replica_rule[64]; /* by which objects come here; "": none do */
	char alarms[READINESS_ALARMS_MAX][256];
	size_t alarm_count;
	bool has_targets;
	char target_group[256]; /* its ARN; "": not known yet */
};

struct readiness_limits {
	uint64_t table_lag; /* milliseconds; 0: none */
	uint64_t bucket_lag;
	uint64_t max_age; /* of what is measured */
};

struct look_request {
	const struct readiness_region *target; /* borrowed until done */
	const struct readiness_region *source;
	struct readiness_limits limits;
	uint64_t deadline_ms; /* clock_mono_ms() by which all is over */
};

struct look_result {
	bool looked[READINESS_COUNT]; /* is `seen` an observation? */
	struct observation seen[READINESS_COUNT];
	struct overload overload; /* of the source */
};

struct aws;
struct look;

/* Does a look tell anything about this item of `target`? */
bool look_covers(const struct readiness_region *target,
    const struct readiness_limits *limits, enum readiness_what what);

/* NULL: there is nothing to ask, and `done` does not run. */
struct look *look_start(struct aws *aws, const struct look_request *request,
    void (*done)(const struct look_result *result, void *arg), void *arg);
void look_cancel(struct look *look); /* NULL is fine */

#endif
