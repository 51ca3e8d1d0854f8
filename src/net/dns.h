/* SPDX-License-Identifier: MIT
 *
 * Ask one name server one question, over UDP, over TCP if the answer was cut.
 *
 * The system's resolver caches and chooses servers; drd wants to know what a
 * particular server of the zone answers now.  The server may be a name: it is
 * resolved first, through the loop, within the same time limit.
 * Format: RFC 1035; names compare without case.
 */
#ifndef DRD_NET_DNS_H
#define DRD_NET_DNS_H

#include <stddef.h>
#include <stdint.h>

struct loop;
struct dns_query;

enum dns_outcome {
	DNS_ANSWERED, /* one or more addresses */
	DNS_EMPTY,    /* the name is there, no address (NODATA) */
	DNS_NO_NAME,  /* NXDOMAIN */
	DNS_REFUSED,  /* REFUSED, SERVFAIL and other codes */
	DNS_TIMEOUT,
	DNS_UNREACHABLE, /* no such server, ICMP refusal, TCP refused */
	DNS_GARBLED,	 /* not an answer to what was asked */
};

enum { DNS_ADDRESSES_MAX = 16 };

struct dns_answer {
	enum dns_outcome outcome;
	size_t count;
	char addresses[DNS_ADDRESSES_MAX][46]; /* numeric, sorted */
	uint32_t ttl; /* seconds, the least of those of the addresses */
	uint64_t took_ms;
};

/*
 * `server` is "host", "host:port" or "[v6]:port" (port 53 by default), or
 * NULL: the first server of /etc/resolv.conf, asked for recursion.  `name` is
 * absolute, final dot or not.  Asks for A records and follows CNAMEs that
 * the same answer holds.
 */
struct dns_query *dns_ask(struct loop *loop, const char *server,
    const char *name, uint64_t total_ms,
    void (*done)(const struct dns_answer *answer, void *arg), void *arg);
void dns_cancel(struct dns_query *query);

const char *dns_outcome_name(enum dns_outcome outcome);

#endif
