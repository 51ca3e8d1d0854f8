/* SPDX-License-Identifier: MIT
 *
 * One poll: the handful of bulk calls behind all signals, under one deadline.
 *
 * GetHealthCheckStatus of the primary's endpoint check, or the metric of it
 * in bulk; DescribeAlarms by name in each region (at most 100 names a call);
 * and one look from outside, which asks none of AWS's APIs (outside.h).  The
 * standby region is asked even without alarms: its answer is the proof that we
 * are not isolated (law 3).  No call is retried within a poll: the next poll is
 * the retry, and a late answer would blur what "in the same poll" means.
 */
#ifndef DRD_FAILOVER_POLL_H
#define DRD_FAILOVER_POLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failover/outside.h"

struct aws;
struct http;
struct loop;
struct poll;

struct poll_request {
	const struct signal *signals; /* borrowed until done */
	size_t count;
	const char *primary; /* regions; borrowed until done */
	const char *standby;
	unsigned check_interval_s;
	/* For signals that ask the stack itself; NULL: there are none.
	   Borrowed for the time of poll_start; its deadline is not used. */
	const struct outside_request *outside;
	struct http *http;
	bool moved;	      /* a failover holds DNS: see name_judge */
	uint64_t deadline_ms; /* clock_mono_ms() by which all is over */
};

struct poll_result {
	const struct observation *seen; /* one per signal, in order */
	bool standby_answers;		/* an authenticated answer came */
	char isolation[192];		/* why not, when not */
	uint64_t answered_ms;		/* mono: when the last answer came */
	struct name_seen name;		/* .servers 0: not asked */
};

struct poll *poll_start(struct loop *loop, struct aws *aws,
    const struct poll_request *request,
    void (*done)(const struct poll_result *result, void *arg), void *arg);
void poll_cancel(struct poll *poll);

#endif
