/* SPDX-License-Identifier: MIT
 *
 * An observation: what one source of evidence said in one poll.
 *
 * Law 1: unknown is not down.  An observation is ok, fail or unknown, and
 * what is not ok has a reason from a closed list: status, metrics and the
 * manual (drd.8, REASONS) have the same names.  A reason belongs to one
 * verdict, so that no two ways of not knowing can ever add up to a failure.
 */
#ifndef DRD_FAILOVER_OBSERVATION_H
#define DRD_FAILOVER_OBSERVATION_H

enum verdict { VERDICT_UNKNOWN, VERDICT_OK, VERDICT_FAIL };

enum reason {
	REASON_NONE, /* it is ok */

	/* Of a failure. */
	REASON_UNHEALTHY,  /* Route 53's checkers say so */
	REASON_ALARM,	   /* the alarm is in ALARM */
	REASON_REFUSED,	   /* probe: nobody listens, or no way there */
	REASON_NO_CONNECT, /* probe: no connection in time */
	REASON_TLS,	   /* probe: handshake or certificate */
	REASON_NO_ANSWER,  /* probe: connected, no answer in time */
	REASON_BROKEN,	   /* probe: the connection ended in the answer */
	REASON_STATUS,	   /* probe: a status that is not 200 to 399 */
	REASON_BODY,	   /* probe: the body lacks the configured text */
	REASON_ELSEWHERE,  /* dns: users are led to the standby region */
	REASON_INACTIVE,   /* readiness: a target, function, replica */
	REASON_TOO_LITTLE, /* readiness: concurrency */
	REASON_STOPPED,	   /* readiness: the function may not run */
	REASON_BEHIND,	   /* readiness: replication */
	REASON_UNWRITABLE, /* readiness: the canary was refused */

	/* Of not knowing. */
	REASON_NOT_ASKED, /* no poll yet, or nothing to ask for yet */
	REASON_THROTTLED,
	REASON_DENIED,
	REASON_TIMEOUT,
	REASON_UNREACHABLE,  /* refused, unresolved, connection lost */
	REASON_SERVER_ERROR, /* AWS's own trouble: 5xx */
	REASON_UNREADABLE,   /* not the protocol's answer */
	REASON_REJECTED,     /* AWS refuses the question */
	REASON_ABSENT,	     /* the check or alarm does not exist */
	REASON_EMPTY,	     /* an answer without observations */
	REASON_STALE,	     /* observations too old to say anything */
	REASON_NO_DATA,	     /* INSUFFICIENT_DATA, no data points */
	REASON_EVALUATION,   /* CloudWatch could not evaluate the alarm */
	REASON_UNRESOLVED,   /* the load balancer's name has no address */
	REASON_ISOLATED, /* the other region's endpoint does not answer either */
	REASON_SLOW,	 /* probe: it answers, later than `slow` */
	REASON_TOO_BIG,	 /* probe: an answer that never ends */
	REASON_LOCAL,	 /* this machine could not ask */
	REASON_SILENT,	 /* dns: most name servers do not answer */
	REASON_MIXED,	 /* dns: name servers that disagree */
	REASON_ASTRAY,	 /* dns: the name leads to neither region */
	REASON_MOVED,	 /* dns: moved by a failover, not by a failure */
	REASON_COUNT
};

struct observation {
	enum verdict verdict;
	enum reason reason;
	char detail[192]; /* plain ASCII: "2 of 16 checkers healthy" */
};

const char *verdict_name(enum verdict verdict);
const char *reason_name(enum reason reason); /* "throttled" */
const char *reason_text(enum reason reason); /* a clause */

/* The verdict that goes with a reason. */
enum verdict reason_verdict(enum reason reason);

/*
 * Fill `out`; the detail is cut to size and made printable, for it quotes
 * strangers.
 */
void observation_set(struct observation *out, enum reason reason,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same, with the reason's own text for a detail. */
void observation_plain(struct observation *out, enum reason reason);

#endif
