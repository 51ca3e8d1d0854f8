/* SPDX-License-Identifier: MIT
 *
 * What each signal and each effect needs to be alive: whose death it shares.
 *
 * A signal that dies with the region it is to tell about is no signal.  Two
 * things can die: a region's data plane, which carries traffic and answers
 * everyday calls, and a control plane, which makes and changes things; that
 * of Route 53 is in us-east-1 alone.  Pure.
 *
 * Source: AWS Fault Isolation Boundaries, "Global services"; Route 53
 * developer guide, "Monitoring health checks using CloudWatch".
 */
#ifndef DRD_FAILOVER_DEPENDS_H
#define DRD_FAILOVER_DEPENDS_H

#include <stdbool.h>
#include <stddef.h>

#include "failover/change.h"
#include "failover/signal.h"

enum plane_kind { PLANE_DATA, PLANE_CONTROL };

struct depends {
	/* It is dumb or impossible when this region is gone; NULL: never for
	   that reason.  Borrowed from what was asked about, or static. */
	const char *region;
	enum plane_kind plane; /* of the service that is called */
	const char *service;   /* "CloudWatch"; "": no AWS API is asked */
	const char *why;       /* a sentence for people */
};

struct depends depends_of_signal(const struct signal *signal);
struct depends depends_of_effect(const struct effect *effect);

/* How many of the trigger signals can still speak without `region`. */
size_t depends_survivors(
    const struct signal *signals, size_t count, const char *region);

const char *plane_kind_name(enum plane_kind kind); /* "data", "control" */

#endif
