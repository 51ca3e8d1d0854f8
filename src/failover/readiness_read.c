/* SPDX-License-Identifier: MIT
 *
 * From replies to observations.  See readiness_read.h.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "failover/readiness_read.h"

enum { LAG_MAX_S = 10 * 365 * 24 * 3600 }; /* no lag: somebody's mistake */

/* ---- targets ----------------------------------------------------------- */

static bool
is_undecided(const char *state)
{
	return strcmp(state, "initial") == 0 ||
	    strcmp(state, "unavailable") == 0;
}

void
readiness_read_targets(const json_t *reply, struct observation *out)
{
	static const char path[] = "TargetHealthDescriptions.member";
	size_t i, count = tree_count(reply, path), healthy = 0, undecided = 0;
	const char *state, *reason, *why = "";

	for (i = 0; i < count; i++) {
		const json_t *item = tree_item(reply, path, i);

		state = tree_str(item, "TargetHealth.State");
		reason = tree_str(item, "TargetHealth.Reason");
		if (state == NULL) {
			observation_plain(out, REASON_UNREADABLE);
			return;
		}
		if (strcmp(state, "healthy") == 0)
			healthy++;
		else if (is_undecided(state))
			undecided++;
		else if (reason != NULL)
			why = reason;
		else
			why = state;
	}
	if (tree_at(reply, "TargetHealthDescriptions") == NULL)
		observation_plain(out, REASON_UNREADABLE);
	else if (count == 0)
		observation_set(
		    out, REASON_INACTIVE, "the load balancer has no target");
	else if (healthy > 0)
		observation_set(out, REASON_NONE, "%zu of %zu targets healthy",
		    healthy, count);
	else if (undecided > 0)
		observation_set(out, REASON_NO_DATA,
		    "the targets' health is not decided yet");
	else
		observation_set(out, REASON_INACTIVE,
		    "0 of %zu targets healthy: %.100s", count, why);
}

/* ---- function ---------------------------------------------------------- */

void
readiness_read_function(
    const json_t *reply, unsigned reserved, struct observation *out)
{
	const char *state = tree_str(reply, "Configuration.State");
	const char *why = tree_str(reply, "Configuration.StateReason");
	int64_t have = 0;
	bool is_reserved;

	is_reserved =
	    tree_int(
		reply, "Concurrency.ReservedConcurrentExecutions", &have) == 0;
	if (tree_at(reply, "Configuration") == NULL)
		observation_plain(out, REASON_UNREADABLE);
	else if (state != NULL && strcmp(state, "Active") != 0)
		observation_set(out, REASON_INACTIVE,
		    "the function is %.20s%s%.120s", state,
		    why != NULL ? ": " : "", why != NULL ? why : "");
	else if (is_reserved && have == 0)
		observation_set(out, REASON_STOPPED,
		    "0 calls at a time are reserved: the function is stopped");
	else if (reserved > 0 && have < (int64_t)reserved)
		observation_set(out, REASON_TOO_LITTLE,
		    "%" PRId64 " of %u calls at a time are reserved", have,
		    reserved);
	else if (is_reserved)
		observation_set(out, REASON_NONE,
		    "active, %" PRId64 " calls at a time reserved", have);
	else
		observation_set(out, REASON_NONE, "active");
}

/* ---- table ------------------------------------------------------------- */

void
readiness_read_table(const json_t *reply, struct observation *out)
{
	const char *state = tree_str(reply, "Table.TableStatus");

	if (state == NULL)
		observation_plain(out, REASON_UNREADABLE);
	else if (strcmp(state, "ACTIVE") == 0 || strcmp(state, "UPDATING") == 0)
		observation_set(out, REASON_NONE, "%s", state);
	else
		observation_set(
		    out, REASON_INACTIVE, "the replica is %.60s", state);
}

/* ---- alarms ------------------------------------------------------------ */

void
readiness_read_alarms(const json_t *reply, const char (*names)[256],
    size_t count, struct observation *out)
{
	struct observation one, silent = { .reason = REASON_NO_DATA };
	size_t i, ok = 0;

	for (i = 0; i < count; i++) {
		signal_read_alarm(reply, names[i], &one);
		if (one.verdict == VERDICT_FAIL) {
			observation_set(out, REASON_ALARM, "%.80s: %.100s",
			    names[i], one.detail);
			return;
		}
		if (one.verdict == VERDICT_OK)
			ok++;
		else
			silent = one;
	}
	if (ok > 0)
		observation_set(out, REASON_NONE,
		    "%zu of %zu alarms OK, none raised", ok, count);
	else
		observation_set(out, silent.reason,
		    "no alarm says anything: %.120s", silent.detail);
}

/* ---- metrics ----------------------------------------------------------- */

static const json_t *
find_metric(const json_t *reply, const char *id)
{
	static const char path[] = "MetricDataResults";
	const char *this;
	size_t i;

	for (i = 0; i < tree_count(reply, path); i++) {
		this = tree_str(tree_item(reply, path, i), "Id");
		if (this != NULL && strcmp(this, id) == 0)
			return tree_item(reply, path, i);
	}
	return NULL;
}

/* Seconds since 1970, as a number, or a date in words. */
static bool
read_time(const json_t *t, int64_t *wall_ms)
{
	double s;

	if (json_is_string(t))
		return clock_parse(json_string_value(t), wall_ms) == 0;
	if (!json_is_number(t))
		return false;
	s = json_number_value(t);
	if (!(s > 0 && s < 1e11))
		return false;
	*wall_ms = (int64_t)(s * 1000);
	return true;
}

/* The i-th data point; false: nobody can read it. */
static bool
read_point(const json_t *metric, size_t i, struct readiness_point *out)
{
	const json_t *value = tree_item(metric, "Values", i);

	out->value = json_number_value(value);
	return json_is_number(value) && isfinite(out->value) &&
	    read_time(tree_item(metric, "Timestamps", i), &out->at_ms);
}

bool
readiness_newest(const json_t *reply, const char *id, uint64_t fresh_ms,
    int64_t wall_ms, struct readiness_point *out)
{
	const json_t *metric = find_metric(reply, id);
	struct readiness_point point;
	size_t i;
	bool found = false;

	for (i = 0; i < tree_count(metric, "Timestamps"); i++) {
		if (!read_point(metric, i, &point) ||
		    point.at_ms < wall_ms - (int64_t)fresh_ms ||
		    (found && point.at_ms <= out->at_ms))
			continue;
		*out = point;
		found = true;
	}
	return found;
}

bool
readiness_at(const json_t *reply, const char *id, int64_t at_ms, double *value)
{
	const json_t *metric = find_metric(reply, id);
	struct readiness_point point;
	size_t i;

	for (i = 0; i < tree_count(metric, "Timestamps"); i++) {
		if (!read_point(metric, i, &point) || point.at_ms != at_ms)
			continue;
		*value = point.value;
		return true;
	}
	return false;
}

void
readiness_read_lag(const json_t *reply, const struct readiness_metric *metric,
    int64_t wall_ms, struct observation *out)
{
	char is[CLOCK_SPAN_SIZE], limit[CLOCK_SPAN_SIZE];
	struct readiness_point newest;
	uint64_t lag_ms;

	if (find_metric(reply, metric->id) == NULL) {
		observation_plain(out, REASON_UNREADABLE);
		return;
	}
	if (!readiness_newest(
		reply, metric->id, metric->fresh_ms, wall_ms, &newest) ||
	    newest.value < 0 ||
	    newest.value * (double)metric->unit_ms > LAG_MAX_S * 1e3) {
		observation_set(
		    out, REASON_NO_DATA, "nothing was measured of late");
		return;
	}
	lag_ms = (uint64_t)(newest.value * (double)metric->unit_ms);
	clock_span(lag_ms, is);
	clock_span(metric->limit_ms, limit);
	if (metric->limit_ms != 0 && lag_ms > metric->limit_ms)
		observation_set(
		    out, REASON_BEHIND, "%s late, more than %s", is, limit);
	else
		observation_set(out, REASON_NONE, "%s late", is);
}
