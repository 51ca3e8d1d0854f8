/* SPDX-License-Identifier: MIT
 *
 * A signal: from a reply to ok, fail or unknown.
 *
 * Only three things can make a signal fail here: checkers that say so,
 * recently, their metric, and an alarm in ALARM.  Every other road through this file ends in unknown
 * with a reason (law 1), so that no answer AWS could give, and nothing that
 * could be given in its place, looks like an outage by accident.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "failover/signal.h"
#include "failover/verdict.h"

/*
 * An endpoint is healthy when more than this part of its checkers says so.
 * Route 53 developer guide, "How Amazon Route 53 determines whether a health
 * check is healthy"; AWS may change the value.
 */
enum { HEALTHY_ABOVE_PERCENT = 18 };

/*
 * A checker's newest observation is up to one interval old, and up to two
 * if its last one got lost.  The slack on top is for clocks: ours and the
 * checkers' agree within a few seconds, and an answer takes some to come.
 */
enum { FRESH_INTERVALS = 2, FRESH_SLACK_MS = 10000 };

enum { DETAIL_QUOTE_MAX = 120 }; /* bytes of what others say */

/* The codes that the client gives to what the network did. */
static const struct {
	const char *code;
	enum reason reason;
} network_codes[] = {
	{ "Unresolved", REASON_UNREACHABLE },
	{ "Refused", REASON_UNREACHABLE },
	{ "ConnectionBroken", REASON_UNREACHABLE },
	{ "TLS", REASON_UNREACHABLE },
	{ "ConnectTimeout", REASON_TIMEOUT },
	{ "Timeout", REASON_TIMEOUT },
	{ "TooBig", REASON_UNREADABLE },
	{ "UnreadableReply", REASON_UNREADABLE },
	{ "NoCredentials", REASON_DENIED },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *const class_names[SIGNAL_CLASSES] = {
	[SIGNAL_ROUTE53] = "route53",
	[SIGNAL_METRIC] = "metric",
	[SIGNAL_ALARM] = "alarm",
	[SIGNAL_PROBE] = "probe",
	[SIGNAL_DNS] = "dns",
};

const char *signal_class_name(enum signal_class class)
{
	assert(class < SIGNAL_CLASSES);
	return class_names[class];
}

/* What the checkers say, added up. */
struct tally {
	size_t fresh;
	size_t healthy; /* of the fresh ones */
	size_t stale;
	size_t unreadable;
	const char *complaint; /* of the first unhealthy one */
};

/*
 * A time as far in the future is as useless as one that far in the past:
 * one of the clocks is wrong and the age is anybody's guess.
 */
static bool
is_fresh(int64_t checked_ms, unsigned interval_s, int64_t wall_ms)
{
	int64_t limit_ms;

	limit_ms =
	    (int64_t)interval_s * 1000 * FRESH_INTERVALS + FRESH_SLACK_MS;
	return checked_ms >= wall_ms - limit_ms &&
	    checked_ms <= wall_ms + limit_ms;
}

static void
tally_checker(struct tally *tally, const json_t *observation,
    unsigned interval_s, int64_t wall_ms)
{
	const char *status = tree_str(observation, "StatusReport.Status");
	const char *time = tree_str(observation, "StatusReport.CheckedTime");
	int64_t checked_ms;

	if (status == NULL || *status == '\0' || time == NULL ||
	    clock_parse(time, &checked_ms) == -1)
		tally->unreadable++;
	else if (!is_fresh(checked_ms, interval_s, wall_ms))
		tally->stale++;
	else {
		tally->fresh++;
		if (text_starts(status, "Success"))
			tally->healthy++;
		else if (tally->complaint == NULL)
			tally->complaint = status;
	}
}

/* Route 53 goes on for lines about firewalls; who is on call knows. */
static int
first_sentence(const char *s)
{
	const char *end = strstr(s, ". ");
	size_t len = end != NULL ? (size_t)(end - s) : strlen(s);

	return (int)(len < DETAIL_QUOTE_MAX ? len : DETAIL_QUOTE_MAX);
}

void
signal_read_health_check(const json_t *reply, unsigned interval_s,
    int64_t wall_ms, struct observation *out)
{
	static const char path[] =
	    "HealthCheckObservations.HealthCheckObservation";
	struct tally tally = { 0 };
	size_t i, count = tree_count(reply, path);

	for (i = 0; i < count; i++)
		tally_checker(
		    &tally, tree_item(reply, path, i), interval_s, wall_ms);
	if (tree_at(reply, "HealthCheckObservations") == NULL)
		observation_plain(out, REASON_UNREADABLE);
	else if (count == 0)
		observation_plain(out, REASON_EMPTY);
	else if (tally.stale > 0 && 2 * tally.fresh < count)
		observation_plain(out, REASON_STALE);
	else if (2 * tally.fresh < count)
		observation_plain(out, REASON_UNREADABLE);
	else if (100 * tally.healthy > HEALTHY_ABOVE_PERCENT * tally.fresh)
		observation_set(out, REASON_NONE, "%zu of %zu checkers healthy",
		    tally.healthy, tally.fresh);
	else
		observation_set(out, REASON_UNHEALTHY,
		    "%zu of %zu checkers healthy: %.*s", tally.healthy,
		    tally.fresh, first_sentence(tally.complaint),
		    tally.complaint);
}

/* ---- the metric -------------------------------------------------------- */

/*
 * A minute's data point comes within a minute or two of its end.  What is
 * older is no news: CloudWatch or the checkers have fallen silent.
 */
enum { METRIC_PERIOD_MS = 60000, METRIC_FRESH_MS = 180000 };

struct point {
	int64_t at_ms; /* the beginning of its minute */
	double value;
};

/* JSON has seconds, with or without a fraction; those until year 5138. */
static int
read_point(const json_t *result, size_t i, struct point *out)
{
	const json_t *time = tree_item(result, "Timestamps", i);
	const json_t *value = tree_item(result, "Values", i);
	double seconds = json_number_value(time);

	if (!json_is_number(time) || !json_is_number(value) || seconds < 0 ||
	    seconds > 1e11)
		return -1;
	out->at_ms = (int64_t)(seconds * 1000.0);
	out->value = json_number_value(value);
	return 0;
}

static const json_t *
find_result(const json_t *reply, const char *id)
{
	const json_t *result;
	const char *this;
	size_t i;

	for (i = 0; i < tree_count(reply, "MetricDataResults"); i++) {
		result = tree_item(reply, "MetricDataResults", i);
		this = tree_str(result, "Id");
		if (this != NULL && strcmp(this, id) == 0)
			return result;
	}
	return NULL;
}

static enum reason
metric_trouble(const json_t *result)
{
	const char *status = tree_str(result, "StatusCode");

	if (status == NULL || strcmp(status, "Complete") == 0 ||
	    strcmp(status, "PartialData") == 0)
		return REASON_NONE;
	if (strcmp(status, "InternalError") == 0)
		return REASON_SERVER_ERROR;
	if (strcmp(status, "Forbidden") == 0)
		return REASON_DENIED;
	return REASON_UNREADABLE;
}

/* The newest point; the reason why there is none, else REASON_NONE. */
static enum reason
newest_point(const json_t *result, struct point *newest)
{
	size_t i, count = tree_count(result, "Timestamps");
	enum reason trouble = metric_trouble(result);
	struct point point;

	if (trouble != REASON_NONE)
		return trouble;
	if (count != tree_count(result, "Values"))
		return REASON_UNREADABLE;
	if (count == 0)
		return REASON_NO_DATA;
	newest->at_ms = INT64_MIN;
	for (i = 0; i < count; i++) {
		if (read_point(result, i, &point) == -1)
			return REASON_UNREADABLE;
		if (point.at_ms > newest->at_ms)
			*newest = point;
	}
	return REASON_NONE;
}

void
signal_read_metric(const json_t *reply, const char *id, int64_t wall_ms,
    struct observation *out)
{
	const json_t *result = find_result(reply, id);
	enum reason trouble = REASON_UNREADABLE;
	char time[CLOCK_RFC3339_SIZE];
	struct point point = { 0 };

	if (result != NULL)
		trouble = newest_point(result, &point);
	if (trouble == REASON_NONE &&
	    (wall_ms - point.at_ms > METRIC_PERIOD_MS + METRIC_FRESH_MS ||
		point.at_ms - wall_ms > METRIC_FRESH_MS))
		trouble = REASON_STALE;
	if (trouble != REASON_NONE)
		observation_plain(out, trouble);
	else
		observation_set(out,
		    point.value < 1 ? REASON_UNHEALTHY : REASON_NONE,
		    "HealthCheckStatus %g at %s", point.value,
		    clock_rfc3339(point.at_ms, time));
}

/* ---- alarms ------------------------------------------------------------ */

static const json_t *
find_alarm(const json_t *reply, const char *name)
{
	const char *this;
	const json_t *alarm;
	size_t i;

	for (i = 0; i < tree_count(reply, "MetricAlarms"); i++) {
		alarm = tree_item(reply, "MetricAlarms", i);
		this = tree_str(alarm, "AlarmName");
		if (this != NULL && strcmp(this, name) == 0)
			return alarm;
	}
	return NULL;
}

/* EvaluationState: absent and PARTIAL_DATA leave the state meaningful. */
static enum reason
evaluation_trouble(const json_t *alarm)
{
	const char *state = tree_str(alarm, "EvaluationState");

	if (state == NULL || *state == '\0' ||
	    strcmp(state, "PARTIAL_DATA") == 0)
		return REASON_NONE;
	if (strcmp(state, "EVALUATION_ERROR") == 0 ||
	    strcmp(state, "EVALUATION_FAILURE") == 0)
		return REASON_EVALUATION;
	return REASON_UNREADABLE;
}

static void
read_state(const json_t *alarm, struct observation *out)
{
	const char *state = tree_str(alarm, "StateValue");
	const char *why = tree_str(alarm, "StateReason");
	enum reason trouble = evaluation_trouble(alarm);

	if (trouble != REASON_NONE)
		observation_plain(out, trouble);
	else if (state == NULL)
		observation_plain(out, REASON_UNREADABLE);
	else if (strcmp(state, "OK") == 0)
		observation_set(out, REASON_NONE, "OK");
	else if (strcmp(state, "ALARM") == 0)
		observation_set(out, REASON_ALARM, "ALARM%s%s",
		    why != NULL ? ": " : "", why != NULL ? why : "");
	else if (strcmp(state, "INSUFFICIENT_DATA") == 0)
		observation_plain(out, REASON_NO_DATA);
	else
		observation_plain(out, REASON_UNREADABLE);
}

void
signal_read_alarm(
    const json_t *reply, const char *name, struct observation *out)
{
	const json_t *alarm = find_alarm(reply, name);
	const char *more = tree_str(reply, "NextToken");

	if (alarm != NULL)
		read_state(alarm, out);
	else if (!json_is_array(tree_at(reply, "MetricAlarms")))
		observation_plain(out, REASON_UNREADABLE);
	else if (more != NULL && *more != '\0')
		/* Not all of the answer: absence is not proved. */
		observation_plain(out, REASON_UNREADABLE);
	else
		observation_plain(out, REASON_ABSENT);
}

static enum reason
reason_of(const struct error *e)
{
	size_t i;

	for (i = 0; i < COUNT(network_codes); i++)
		if (strcmp(e->code, network_codes[i].code) == 0)
			return network_codes[i].reason;
	switch (e->class) {
	case ERROR_ABSENT:
		return REASON_ABSENT;
	case ERROR_AGAIN:
		return REASON_SERVER_ERROR;
	case ERROR_THROTTLED:
		return REASON_THROTTLED;
	case ERROR_DENIED:
		return REASON_DENIED;
	case ERROR_BROKEN:
		return REASON_REJECTED;
	case ERROR_BUG: /* the question never left */
		return REASON_NOT_ASKED;
	case ERROR_NONE:
		break;
	}
	return REASON_UNREADABLE;
}

void
signal_read_error(const struct error *e, struct observation *out)
{
	enum reason reason = e != NULL ? reason_of(e) : REASON_TIMEOUT;

	if (e == NULL || e->text[0] == '\0')
		observation_plain(out, reason);
	else
		observation_set(out, reason, "%s", e->text);
}

void
signal_note(
    struct signal *signal, const struct observation *seen, uint64_t mono_ms)
{
	if (signal->since_ms == 0 || signal->last.verdict != seen->verdict)
		signal->since_ms = mono_ms;
	signal->last = *seen;
	signal->fails = verdict_streak(signal->fails, seen->verdict);
	if (seen->verdict != VERDICT_UNKNOWN)
		signal->observed_ms = mono_ms;
}
