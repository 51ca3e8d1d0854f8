/* SPDX-License-Identifier: MIT
 *
 * The stack as its users see it: one look from outside, without any of AWS's
 * APIs.
 *
 * Both regions' endpoints are probed and the failover name is asked of each of
 * the zone's name servers, all at once and under one deadline.  This is what
 * is left when us-east-1 is gone.
 */
#ifndef DRD_FAILOVER_OUTSIDE_H
#define DRD_FAILOVER_OUTSIDE_H

#include <stddef.h>
#include <stdint.h>

#include "failover/name.h"
#include "failover/probe.h"
#include "failover/signal.h"

struct http;
struct loop;
struct outside;

/* Everything is borrowed for the time of the call only. */
struct outside_request {
	const struct probe_rule *probe;
	const char *record;			/* the failover name */
	const char *balancer[FAILOVER_REGIONS]; /* DNS names; NULL: not known */
	const char *const *servers;
	size_t server_count;
	const char *resolver; /* for the balancers, as for dns_ask */
	uint64_t deadline_ms; /* clock_mono_ms() by which all is over */
};

struct outside_seen {
	struct probe_seen probe[FAILOVER_REGIONS];
	struct name_seen name;
};

struct outside *outside_look(struct loop *loop, struct http *http,
    const struct outside_request *request,
    void (*done)(const struct outside_seen *seen, void *arg), void *arg);
void outside_cancel(struct outside *outside); /* NULL is fine */

#endif
