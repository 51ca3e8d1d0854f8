/* SPDX-License-Identifier: MIT
 *
 * Where the failover name leads, as the zone's own name servers say it.
 *
 * What users get once their caches are over.  Route 53 moves the name by its
 * own health checks, whatever becomes of its API, so this is evidence that
 * outlives us-east-1: a name that leads to the standby means that Route 53
 * has found the primary dead.  Unless it was drd, or a person, who moved it:
 * then it says nothing about the primary.  Pure.
 */
#ifndef DRD_FAILOVER_NAME_H
#define DRD_FAILOVER_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "failover/observation.h"
#include "net/dns.h"

/* One round of questions, added up: how many servers lead where. */
struct name_seen {
	size_t servers; /* that were asked */
	size_t primary;
	size_t standby;
	size_t astray; /* an answer, with addresses of neither region */
	size_t silent; /* no answer, or one without an address */
	bool known;    /* the addresses of both balancers are */
};

/*
 * Count one server's answer; the others are the balancers' addresses.  One
 * address in common will do: a large balancer has more of them than an answer
 * holds, each answer has others, and no two balancers share one.
 */
void name_count(struct name_seen *seen, const struct dns_answer *answer,
    const struct dns_answer *primary, const struct dns_answer *standby);

/*
 * More than half of the servers must answer, and all that do must agree.
 * `moved`: a failover holds the name, or is about to.
 */
void
name_judge(const struct name_seen *seen, bool moved, struct observation *out);

#endif
