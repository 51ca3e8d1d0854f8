/* SPDX-License-Identifier: MIT
 *
 * What carries the latch to Route 53.
 *
 * While the latch is set, the primary's record counts as unhealthy and DNS
 * stays with the standby, however well the primary's endpoint looks.  A carrier is
 * something in the standby's half of the world that drd can change by a data
 * plane call and that a health check follows by itself:
 *
 *	metric		 1 or 0 in CloudWatch; needs to be fed for ever, but
 *			 Route 53 keeps the last known status without
 *	object		 in S3, there or not; everybody must be able to read it
 *	routing-control	 of ARC, Off or On; five endpoints, any one will do
 *
 * Pure: places in, requests out; replies in, states out; time is an argument.
 */
#ifndef DRD_FAILOVER_CARRIER_H
#define DRD_FAILOVER_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/service.h"
#include "base/error.h"
#include "base/tree.h"

enum carrier { CARRIER_NONE, CARRIER_METRIC, CARRIER_OBJECT, CARRIER_CONTROL };

enum latch_state { LATCH_UNKNOWN, LATCH_CLEAR, LATCH_SET };

/* The metric, for whoever makes the alarm on it. */
#define LATCH_NAMESPACE "drd"
#define LATCH_METRIC	"Latch"
#define LATCH_DIMENSION "Stack"

/* Where the latch of a stack is; strings borrowed. */
struct latch_place {
	enum carrier carrier;
	const char *region;  /* the standby's; of metric and object */
	const char *name;    /* metric: its dimension */
	const char *bucket;  /* object */
	const char *key;     /* object */
	const char *control; /* routing control: its ARN */
	/* Routing control: "REGION=URL" of each endpoint of its cluster. */
	const char *const *endpoints;
	size_t endpoint_count;
};

/* A request for aws_send; strings are the place's or static. */
struct carrier_request {
	enum service service;
	const char *operation;
	const char *template; /* or NULL */
	json_t *input;	      /* caller decrefs */
	bool writes;
};

/* The request that sets the latch or clears it; idempotent. */
void carrier_tell(
    const struct latch_place *place, bool set, struct carrier_request *out);

/* The request that asks how it is. */
void carrier_ask(const struct latch_place *place, int64_t wall_ms,
    struct carrier_request *out);

/*
 * What the answer to carrier_ask says.  LATCH_UNKNOWN: it does not say, and
 * `e` why (a metric without data: ERROR_ABSENT).
 */
enum latch_state carrier_judge(
    const struct latch_place *place, const json_t *reply, struct error *e);

/* Can it be asked and told what Route 53 follows, once and for all?  A metric
   cannot: without new data it says nothing. */
bool carrier_needs_feed(enum carrier carrier);

/* One endpoint of the cluster: its region (in `region`) and URL. */
const char *carrier_endpoint(
    const struct latch_place *place, size_t i, char *region, size_t size);

const char *carrier_name(enum carrier carrier);	      /* "routing-control" */
const char *latch_state_name(enum latch_state state); /* "set" */

/* "metric drd/Latch of shop-prod": for people, and for carrier_described. */
void carrier_describe(const struct latch_place *place, char *out, size_t size);
enum carrier carrier_described(const char *description);

#endif
