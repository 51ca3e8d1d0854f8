/* SPDX-License-Identifier: MIT
 *
 * One poll, all trigger signals: does the primary fail?
 *
 * Three numbers decide: how many fail, are ok, are unknown.  An unknown
 * signal can keep a poll from being OK, never make it FAIL; but when all that
 * is asked of AWS is unknown, others may speak.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "failover/verdict.h"

struct tally {
	unsigned of[3]; /* by enum verdict */
};

static struct tally
count_triggers(const struct signal *signals, size_t count)
{
	struct tally tally = { { 0 } };
	size_t i;

	for (i = 0; i < count; i++)
		if (signals[i].trigger)
			tally.of[signals[i].last.verdict]++;
	return tally;
}

static enum verdict
decide(const struct tally *tally, unsigned quorum)
{
	unsigned fail = tally->of[VERDICT_FAIL];
	unsigned unknown = tally->of[VERDICT_UNKNOWN];

	if (fail >= quorum)
		return VERDICT_FAIL;
	if (fail == 0 && tally->of[VERDICT_OK] == 0)
		return VERDICT_UNKNOWN;
	if (fail > 0 && unknown >= quorum - fail)
		return VERDICT_UNKNOWN;
	return VERDICT_OK;
}

/* Is this one of those that need none of AWS's APIs? */
static bool
is_from_outside(const struct signal *signal)
{
	return signal->class == SIGNAL_PROBE || signal->class == SIGNAL_DNS;
}

static bool
is_blind(const struct signal *signals, size_t count)
{
	size_t i, asked = 0;

	for (i = 0; i < count; i++)
		if (signals[i].trigger && !is_from_outside(&signals[i])) {
			if (signals[i].last.verdict != VERDICT_UNKNOWN)
				return false;
			asked++;
		}
	return asked > 0;
}

static bool
fails_from_outside(
    const struct signal *signals, size_t count, enum signal_class class)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (signals[i].class == class && !signals[i].of_standby &&
		    signals[i].last.verdict == VERDICT_FAIL)
			return true;
	return false;
}

/* Append; what does not fit is cut. */
static size_t append(char *buf, size_t size, size_t len, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static size_t
append(char *buf, size_t size, size_t len, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
	if (n < 0)
		return len;
	return (size_t)n < size - len ? len + (size_t)n : size - 1;
}

/* "route53: 2 of 16 checkers healthy", "alarm:x: unknown (throttled)" */
static size_t
append_signal(char *buf, size_t size, size_t len, const struct signal *signal)
{
	const struct observation *last = &signal->last;

	if (len > 0)
		len = append(buf, size, len, "; ");
	if (last->verdict == VERDICT_UNKNOWN)
		return append(buf, size, len, "%s: unknown (%s)", signal->id,
		    reason_name(last->reason));
	return append(buf, size, len, "%s: %s", signal->id, last->detail);
}

/*
 * What matters most first, so that it is not what gets cut; signals that are
 * ok explain nothing but an OK.
 */
static void
explain(const struct signal *signals, size_t count, bool outside_speaks,
    struct poll_verdict *out)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_UNKNOWN,
		VERDICT_OK };
	size_t i, n, len = 0;

	for (n = 0; n < sizeof(order) / sizeof(*order); n++) {
		if (order[n] == VERDICT_OK && out->verdict != VERDICT_OK)
			continue;
		for (i = 0; i < count; i++)
			if ((signals[i].trigger ||
				(outside_speaks && !signals[i].of_standby &&
				    is_from_outside(&signals[i]))) &&
			    signals[i].last.verdict == order[n])
				len = append_signal(out->why, sizeof(out->why),
				    len, &signals[i]);
	}
	if (len == 0)
		append(out->why, sizeof(out->why), 0, "no trigger signal");
}

void
verdict_of(const struct signal *signals, size_t count,
    const struct verdict_rule *rule, struct poll_verdict *out)
{
	struct tally tally = count_triggers(signals, count);
	bool outside_speaks;

	/* A quorum of none would make every poll fail. */
	out->verdict = decide(&tally, rule->quorum > 0 ? rule->quorum : 1);
	out->blind = is_blind(signals, count);
	outside_speaks = out->blind && rule->when_blind == BLIND_PROBE &&
	    fails_from_outside(signals, count, SIGNAL_PROBE) &&
	    fails_from_outside(signals, count, SIGNAL_DNS);
	if (outside_speaks)
		out->verdict = VERDICT_FAIL;
	explain(signals, count, outside_speaks, out);
}

void
verdict_excuse(struct poll_verdict *verdict, const char *overload)
{
	char failing[sizeof(verdict->why)];

	if (verdict->verdict != VERDICT_FAIL)
		return;
	memcpy(failing, verdict->why, sizeof(failing));
	verdict->verdict = VERDICT_UNKNOWN;
	snprintf(verdict->why, sizeof(verdict->why),
	    "overload, no outage: %.130s; %.90s", overload, failing);
}

unsigned
verdict_streak(unsigned streak, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_OK:
		return 0;
	case VERDICT_FAIL:
		return streak < UINT_MAX ? streak + 1 : streak;
	case VERDICT_UNKNOWN:
		break;
	}
	return streak;
}

unsigned
verdict_ok_streak(unsigned streak, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_OK:
		return streak < UINT_MAX ? streak + 1 : streak;
	case VERDICT_FAIL:
		return 0;
	case VERDICT_UNKNOWN:
		break;
	}
	return streak;
}
