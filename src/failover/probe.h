/* SPDX-License-Identifier: MIT
 *
 * drd's own GET of a region's endpoint, as a user would make it.
 *
 * The load balancer's addresses are asked of the resolver, and each of them
 * for the health page, under the failover name: that is what users ask for,
 * and what a certificate is for.  The best answer counts, as users come to an
 * address that works.
 *
 * What says that the endpoint fails: a connection that is refused, ends early
 * or does not come about, a TLS session that does not, no answer in time, a
 * status other than 200 to 399, a body without the configured text.  What
 * says nothing: a name without an address, an answer that is slow or too big,
 * trouble of this machine.  And when there was no HTTP answer, it is a failure
 * only if the other region's endpoint gave one in the same poll: else it may
 * be drd that is cut off (law 3).
 */
#ifndef DRD_FAILOVER_PROBE_H
#define DRD_FAILOVER_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "failover/observation.h"
#include "net/dns.h"

struct http;
struct loop;
struct probe;

enum { PROBE_ADDRESSES_MAX = 4 }; /* of a balancer, asked in one poll */

/* What is asked, and what makes a good answer.  Strings are borrowed. */
struct probe_rule {
	bool https;
	unsigned port;
	const char *path;
	const char *body;    /* text that must be in it; "": any will do */
	uint64_t timeout_ms; /* for one address, all of it */
	uint64_t slow_ms;    /* longer says nothing */
};

/* What came of it. */
struct probe_seen {
	enum reason reason; /* REASON_NONE: a good answer */
	bool answered;	    /* a whole HTTP answer came, whatever it said */
	uint64_t took_ms;
	char detail[160];
	struct dns_answer addresses; /* of the balancer */
};

/* Everything is borrowed for the time of the call only. */
struct probe_request {
	const struct probe_rule *rule;
	const char *host;     /* the failover name */
	const char *balancer; /* its DNS name */
	const char *resolver; /* as for dns_ask */
	uint64_t deadline_ms; /* clock_mono_ms() by which all is over */
};

struct probe *probe_start(struct loop *loop, struct http *http,
    const struct probe_request *request,
    void (*done)(const struct probe_seen *seen, void *arg), void *arg);
void probe_cancel(struct probe *probe); /* NULL is fine */

/* What was seen of an endpoint, beside what was seen of the other one. */
void probe_judge(const struct probe_seen *seen, const struct probe_seen *other,
    struct observation *out);

#endif
