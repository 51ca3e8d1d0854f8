/* SPDX-License-Identifier: MIT
 *
 * Following DNS: has the failover name moved, for everybody?
 *
 * Route 53 moves the name by itself; nothing is changed here.  Each round
 * asks every name server of the zone, beside the caches, and the resolver
 * for the addresses of the load balancer it should lead to.  It has moved
 * when every server answers with addresses of that balancer.
 */
#ifndef DRD_FAILOVER_FOLLOW_H
#define DRD_FAILOVER_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "failover/act.h"

struct follow;
struct loop;

struct follow_request {
	const struct act_dns *dns; /* borrowed; nothing of it NULL or 0 but
				      the resolver */
	const char *region;	   /* borrowed; that of the balancer */
	uint64_t call_ms;	   /* limit on one question */
};

/*
 * A round is over.  `note` says how it went ("2 of 4 name servers answer with
 * us-west-2").  Once it has moved there are no more and the handle is dead;
 * until then the next one comes in a second, later in ten.
 */
typedef void follow_round(const char *note, bool moved, void *arg);

struct follow *follow_start(struct loop *loop,
    const struct follow_request *request, follow_round *round, void *arg);
void follow_cancel(struct follow *follow); /* NULL is fine; not in `round` */

#endif
