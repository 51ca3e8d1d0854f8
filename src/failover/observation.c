/* SPDX-License-Identifier: MIT
 *
 * An observation: verdicts and the closed list of reasons.  See
 * observation.h.
 */
#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "failover/observation.h"

static const char *const verdict_names[] = {
	[VERDICT_UNKNOWN] = "unknown",
	[VERDICT_OK] = "ok",
	[VERDICT_FAIL] = "fail",
};

/* clang-format off */
static const struct {
	const char *name;
	enum verdict verdict;
	const char *text;
} reasons[REASON_COUNT] = {
	[REASON_NONE] = { "none", VERDICT_OK,
	    "it is ok" },

	[REASON_UNHEALTHY] = { "unhealthy", VERDICT_FAIL,
	    "Route 53 finds the endpoint unhealthy" },
	[REASON_ALARM] = { "alarm", VERDICT_FAIL,
	    "the alarm is raised" },
	[REASON_REFUSED] = { "refused", VERDICT_FAIL,
	    "the endpoint refuses connections" },
	[REASON_NO_CONNECT] = { "no-connect", VERDICT_FAIL,
	    "no connection to the endpoint in time" },
	[REASON_TLS] = { "tls", VERDICT_FAIL,
	    "no TLS session with the endpoint" },
	[REASON_NO_ANSWER] = { "no-answer", VERDICT_FAIL,
	    "connected, but no answer in time" },
	[REASON_BROKEN] = { "broken", VERDICT_FAIL,
	    "the connection ended inside the answer" },
	[REASON_STATUS] = { "status", VERDICT_FAIL,
	    "the endpoint answers with a status that is not 200 to 399" },
	[REASON_BODY] = { "body", VERDICT_FAIL,
	    "the endpoint's answer lacks the configured text" },
	[REASON_ELSEWHERE] = { "elsewhere", VERDICT_FAIL,
	    "DNS leads the users to the standby region" },
	[REASON_INACTIVE] = { "inactive", VERDICT_FAIL,
	    "what has to be active and healthy there is not" },
	[REASON_TOO_LITTLE] = { "too-little", VERDICT_FAIL,
	    "less concurrency is reserved than is declared" },
	[REASON_STOPPED] = { "stopped", VERDICT_FAIL,
	    "the function may not run: no concurrency is left to it" },
	[REASON_BEHIND] = { "behind", VERDICT_FAIL,
	    "replication is later than its limit" },
	[REASON_UNWRITABLE] = { "unwritable", VERDICT_FAIL,
	    "AWS refuses what a failover has to write" },

	[REASON_NOT_ASKED] = { "not-asked", VERDICT_UNKNOWN,
	    "not asked yet" },
	[REASON_THROTTLED] = { "throttled", VERDICT_UNKNOWN,
	    "AWS was asked too often" },
	[REASON_DENIED] = { "denied", VERDICT_UNKNOWN,
	    "credentials are missing, wrong, expired, or do not allow this" },
	[REASON_TIMEOUT] = { "timeout", VERDICT_UNKNOWN,
	    "no answer in time" },
	[REASON_UNREACHABLE] = { "unreachable", VERDICT_UNKNOWN,
	    "AWS could not be reached" },
	[REASON_SERVER_ERROR] = { "server-error", VERDICT_UNKNOWN,
	    "AWS has trouble of its own" },
	[REASON_UNREADABLE] = { "unreadable", VERDICT_UNKNOWN,
	    "what came back is not an answer of this service" },
	[REASON_REJECTED] = { "rejected", VERDICT_UNKNOWN,
	    "AWS refuses the question" },
	[REASON_ABSENT] = { "absent", VERDICT_UNKNOWN,
	    "the health check or alarm does not exist" },
	[REASON_EMPTY] = { "empty", VERDICT_UNKNOWN,
	    "an answer without any observation" },
	[REASON_STALE] = { "stale", VERDICT_UNKNOWN,
	    "the observations are too old" },
	[REASON_NO_DATA] = { "no-data", VERDICT_UNKNOWN,
	    "the alarm or metric has too little data" },
	[REASON_EVALUATION] = { "evaluation", VERDICT_UNKNOWN,
	    "CloudWatch could not evaluate the alarm" },
	[REASON_UNRESOLVED] = { "unresolved", VERDICT_UNKNOWN,
	    "the load balancer's name gives no address" },
	[REASON_ISOLATED] = { "isolated", VERDICT_UNKNOWN,
	    "neither region's endpoint is reached from here" },
	[REASON_SLOW] = { "slow", VERDICT_UNKNOWN,
	    "the endpoint answers, but slowly" },
	[REASON_TOO_BIG] = { "too-big", VERDICT_UNKNOWN,
	    "the answer is too big for a health page" },
	[REASON_LOCAL] = { "local", VERDICT_UNKNOWN,
	    "this machine could not ask" },
	[REASON_SILENT] = { "silent", VERDICT_UNKNOWN,
	    "too few name servers answer" },
	[REASON_MIXED] = { "mixed", VERDICT_UNKNOWN,
	    "the name servers do not agree" },
	[REASON_ASTRAY] = { "astray", VERDICT_UNKNOWN,
	    "DNS leads to neither region" },
	[REASON_MOVED] = { "moved", VERDICT_UNKNOWN,
	    "DNS was moved on purpose, which says nothing of the primary" },
};
/* clang-format on */

enum { VERDICTS = sizeof(verdict_names) / sizeof(*verdict_names) };

const char *
verdict_name(enum verdict verdict)
{
	assert((size_t)verdict < VERDICTS);
	return verdict_names[verdict];
}

const char *
reason_name(enum reason reason)
{
	assert((size_t)reason < REASON_COUNT);
	return reasons[reason].name;
}

const char *
reason_text(enum reason reason)
{
	assert((size_t)reason < REASON_COUNT);
	return reasons[reason].text;
}

enum verdict
reason_verdict(enum reason reason)
{
	assert((size_t)reason < REASON_COUNT);
	return reasons[reason].verdict;
}

void
observation_set(
    struct observation *out, enum reason reason, const char *fmt, ...)
{
	va_list ap;
	char *c;

	out->verdict = reason_verdict(reason);
	out->reason = reason;
	va_start(ap, fmt);
	if (vsnprintf(out->detail, sizeof(out->detail), fmt, ap) < 0)
		out->detail[0] = '\0';
	va_end(ap);
	for (c = out->detail; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

void
observation_plain(struct observation *out, enum reason reason)
{
	observation_set(out, reason, "%s", reason_text(reason));
}
