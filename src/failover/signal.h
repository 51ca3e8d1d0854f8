/* SPDX-License-Identifier: MIT
 *
 * A signal: one source of evidence about the primary, and what it last said.
 *
 * Law 1: unknown is not down.  A throttle, a 403, a time-out, an answer that
 * cannot be read, that is stale or empty is unknown.  Everything here is pure:
 * replies in, observations out, the time is an argument.
 */
#ifndef DRD_FAILOVER_SIGNAL_H
#define DRD_FAILOVER_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "failover/observation.h"

/* The two regions of a stack, as places in an array. */
enum { FAILOVER_PRIMARY, FAILOVER_STANDBY, FAILOVER_REGIONS };

enum signal_class {
	SIGNAL_ROUTE53, /* GetHealthCheckStatus: what each checker saw */
	SIGNAL_METRIC,	/* the same check's metric HealthCheckStatus */
	SIGNAL_ALARM,
	SIGNAL_PROBE, /* drd's own GET of a region's endpoint */
	SIGNAL_DNS,   /* where the zone's name servers lead the users */
	SIGNAL_CLASSES
};

struct signal {
	char id[96]; /* "route53", "alarm:health-check" */
	enum signal_class class;
	char region[32];
	char name[256];	 /* health check id or alarm name; "" not known yet */
	bool trigger;	 /* counts towards a failover */
	bool of_standby; /* tells about the standby: never evidence */

	struct observation last;
	unsigned fails;	      /* failing polls in a row; unknown keeps it */
	uint64_t observed_ms; /* mono, of the last ok or fail; 0: never */
	uint64_t since_ms;    /* mono, of the present verdict */
};

const char *signal_class_name(enum signal_class class);

/*
 * GetHealthCheckStatus: healthy if more than 18 % of the checkers say
 * Success; an observation older than two intervals does not count; fewer
 * than half left is unknown: a few checkers are no evidence.  Source: Route 53 developer guide, "How Amazon Route 53
 * determines whether a health check is healthy".
 */
void signal_read_health_check(const json_t *reply, unsigned interval_s,
    int64_t wall_ms, struct observation *out);

/*
 * The metric HealthCheckStatus of one check: the newest data point of the
 * query `id` in a GetMetricData reply, 1 is healthy.  One whose minute ended
 * over three minutes ago is stale; none at all is unknown.  The metric is
 * AWS's own sum of what the checkers say, some minutes late and without a
 * tight limit on calls: one of them serves up to 500 checks.  Source: Route 53
 * developer guide, "Monitoring health checks using CloudWatch".
 */
void signal_read_metric(const json_t *reply, const char *id, int64_t wall_ms,
    struct observation *out);

/*
 * The alarm `name` in a DescribeAlarms reply: OK, ALARM, or unknown.  An
 * alarm that stays in ALARM fails each time (law 2).
 */
void signal_read_alarm(
    const json_t *reply, const char *name, struct observation *out);

/* No answer, or an error for one: always unknown. */
void signal_read_error(const struct error *e, struct observation *out);

/* Note a poll's observation: verdict, streak, times. */
void signal_note(
    struct signal *signal, const struct observation *seen, uint64_t mono_ms);

#endif
