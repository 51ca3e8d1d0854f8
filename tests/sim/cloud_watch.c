/* SPDX-License-Identifier: MIT
 *
 * CloudWatch: alarms, and the latch's metric.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/tree.h"
#include "cloud.h"
#include "instant.h"
#include "laws.h"
#include "names.h"
#include "trace.h"

enum {
	POINT_OLD_MS = 240000,
	ABOUT_MS =
	    2000, /* what a Date in seconds, and the way here, leave open */
};

static const char *
alarm_state(enum region region, const char *name, enum verdict3 *says)
{
	bool raised;

	*says = SAYS_OK;
	if (strstr(name, "health-check") != NULL) {
		if (!world.alarm_known) {
			*says = SAYS_NOTHING;
			return "INSUFFICIENT_DATA";
		}
		raised = world.alarm_raised;
	} else if (strstr(name, "elb-") != NULL ||
	    strstr(name, "lambda-errors") != NULL) {
		raised = world.region[region].bad_minutes >= 3;
	} else {
		raised = false;
	}
	if (raised)
		*says = SAYS_FAIL;
	return raised ? "ALARM" : "OK";
}

static void
say_alarm(const struct cloud_call *call, const struct alarm *alarm, bool whole,
    bool first)
{
	struct text *body = &call->answer->body;
	enum verdict3 says;
	const char *state = alarm_state(call->region, alarm->name, &says);

	text_add(body, first ? "{\"AlarmName\":\"" : ",{\"AlarmName\":\"");
	text_add(body, alarm->name);
	text_add(body, "\",\"AlarmArn\":\"");
	text_addf(body, NAMES_ALARM, region_names[call->region], alarm->name);
	text_add(body, "\",\"StateValue\":\"");
	text_add(body, state);
	text_add(body, "\",\"StateReason\":\"as simulated\"");
	if (whole) {
		text_add(body, ",");
		text_add(body, alarm->settings);
	}
	text_add(body, "}");
	if (call->region == EAST && strstr(alarm->name, "health-check") != NULL)
		call->answer->proves[EVIDENCE_ALARM] = says;
}

/*
 * Three ask: the poll, by the names of its alarms or for any one; readiness,
 * by names; reconcile, by prefix.
 */
static void
mark_evidence(const struct cloud_call *call)
{
	struct cloud_answer *answer = call->answer;
	bool any = strstr(call->body, "AlarmName") == NULL;
	bool check = strstr(call->body, "health-check") != NULL;

	if (call->region == WEST && any) {
		answer->asks[EVIDENCE_STANDBY] = true;
		answer->proves[EVIDENCE_STANDBY] = SAYS_OK;
	} else if (call->region == EAST && check) {
		answer->asks[EVIDENCE_ALARM] = true;
	} else {
		memset(answer->proves, 0, sizeof(answer->proves));
	}
}

/* In quotes. */
static bool
is_named(const char *body, const char *name)
{
	size_t len = strlen(name);
	const char *at = body;

	while ((at = strstr(at, name)) != NULL && at > body &&
	    (at[-1] != '"' || at[len] != '"'))
		at += len;
	return at != NULL && at > body;
}

/* By prefix: all there are; else each that is named in the request. */
static void
describe_alarms(const struct cloud_call *call)
{
	bool by_prefix = strstr(call->body, "AlarmNamePrefix") != NULL;
	const struct alarm *alarm;
	bool first = true;
	int i;

	text_add(&call->answer->body, "{\"MetricAlarms\":[");
	for (i = 0; i < ALARMS_MAX; i++) {
		alarm = &world.alarms[call->region][i];
		if (alarm->name[0] == '\0' ||
		    (!by_prefix && !is_named(call->body, alarm->name)))
			continue;
		say_alarm(call, alarm, by_prefix, first);
		first = false;
	}
	text_add(&call->answer->body, "]}");
	mark_evidence(call);
}

static struct alarm *
find_alarm(enum region region, const char *name)
{
	int i;

	for (i = 0; i < ALARMS_MAX; i++)
		if (strcmp(world.alarms[region][i].name, name) == 0)
			return &world.alarms[region][i];
	return NULL;
}

static void
keep(char *out, size_t size, const json_t *t)
{
	char *s = tree_dump(t);
	size_t len = strlen(s);

	/* Members without their braces; a list as it is. */
	if (s[0] == '{')
		snprintf(out, size, "%.*s", (int)len - 2, s + 1);
	else
		snprintf(out, size, "%s", s);
	free(s);
}

static void
put_alarm(const struct cloud_call *call)
{
	json_t *input = tree_parse(call->body, strlen(call->body));
	const char *name = tree_str(input, "AlarmName");
	struct alarm *alarm = find_alarm(call->region, name);

	if (alarm == NULL) {
		alarm = find_alarm(call->region, "");
		keep(alarm->tags, sizeof(alarm->tags), tree_at(input, "Tags"));
	}
	snprintf(alarm->name, sizeof(alarm->name), "%s", name);
	json_object_del(input, "Tags");
	json_object_del(input, "AlarmName");
	keep(alarm->settings, sizeof(alarm->settings), input);
	call->answer->changes = true;
	json_decref(input);
}

static void
deal_with_alarm_tags(const struct cloud_call *call, bool add)
{
	json_t *input = tree_parse(call->body, strlen(call->body));
	const char *arn = tree_str(input, "ResourceARN");
	struct alarm *alarm = find_alarm(call->region, strrchr(arn, ':') + 1);

	if (alarm == NULL)
		cloud_error(call, 404, "ResourceNotFoundException");
	else if (add)
		keep(alarm->tags, sizeof(alarm->tags), tree_at(input, "Tags"));
	else
		text_addf(&call->answer->body, "{\"Tags\":%s}", alarm->tags);
	json_decref(input);
}

/* The datapoint; a dimension has a value, too, in quotes. */
static bool
is_set(const char *body)
{
	static const char member[] = "\"Value\":";
	const char *at = body;

	while ((at = strstr(at, member)) != NULL) {
		at += strlen(member);
		if (*at != '"')
			return strtod(at, NULL) == 1;
	}
	laws_broken("values-can-be-read", "%s", body);
	return false;
}

/* The latch is the only metric that drd has. */
static void
put_metric(const struct cloud_call *call)
{
	bool set = is_set(call->body);

	laws_latch(call->region, set);
	if (world.latch != set)
		trace_line(region_names[call->region], "the latch is %s",
		    set ? "set" : "cleared");
	world.latch = set;
	world.latch_ms = instant_ms();
	world.latch_told = true;
	call->answer->changes = true;
}

/*
 * What Route 53 makes of the primary's health check; if nothing new has come
 * for a while, that says nothing.  A point that is just about too old, by whose
 * clock soever, is not told: nobody could say what drd should make of it.
 */
static void
say_health(const struct cloud_call *call, char at[32], char value[8])
{
	struct cloud_answer *answer = call->answer;
	uint64_t age_ms = instant_ms() - world.point_ms;

	answer->asks[EVIDENCE_ROUTE53] = true;
	if (!world.point_known ||
	    (age_ms > POINT_OLD_MS - ABOUT_MS &&
		age_ms < POINT_OLD_MS + ABOUT_MS))
		return;
	snprintf(at, 32, "%lld",
	    (long long)(INSTANT_WALL_MS + (int64_t)world.point_ms) / 1000);
	snprintf(value, 8, "%d", !world.point_ill);
	if (age_ms <= POINT_OLD_MS)
		answer->proves[EVIDENCE_ROUTE53] =
		    world.point_ill ? SAYS_FAIL : SAYS_OK;
}

/* No traffic, no datapoints; but the latch is what it was told to be. */
static void
say_metric(const struct cloud_call *call, const json_t *query)
{
	const char *id = tree_str(query, "Id");
	const char *name = tree_str(query, "MetricStat.Metric.MetricName");
	char at[32] = "", value[8] = "";

	if (name != NULL && strcmp(name, "Latch") == 0 && world.latch_ms != 0) {
		snprintf(at, sizeof(at), "%lld",
		    (long long)(INSTANT_WALL_MS +
			(int64_t)(world.latch_ms / 60000 * 60000)) /
			1000);
		snprintf(value, sizeof(value), "%d", world.latch);
	}
	if (name != NULL && strcmp(name, "HealthCheckStatus") == 0)
		say_health(call, at, value);
	text_addf(&call->answer->body,
	    "{\"Id\":\"%s\",\"StatusCode\":\"Complete\","
	    "\"Timestamps\":[%s],\"Values\":[%s]}",
	    id, at, value);
}

static void
get_metrics(const struct cloud_call *call)
{
	json_t *input = tree_parse(call->body, strlen(call->body));
	const char *list = "MetricDataQueries";
	size_t i;

	text_add(&call->answer->body, "{\"MetricDataResults\":[");
	for (i = 0; i < tree_count(input, list); i++) {
		if (i > 0)
			text_add(&call->answer->body, ",");
		say_metric(call, tree_item(input, list, i));
	}
	text_add(&call->answer->body, "]}");
	json_decref(input);
}

bool
cloud_watch(const struct cloud_call *call)
{
	const char *operation = call->operation;

	if (strcmp(operation, "DescribeAlarms") == 0)
		describe_alarms(call);
	else if (strcmp(operation, "GetMetricData") == 0)
		get_metrics(call);
	else if (strcmp(operation, "PutMetricData") == 0)
		put_metric(call);
	else if (strcmp(operation, "PutMetricAlarm") == 0)
		put_alarm(call);
	else if (strcmp(operation, "ListTagsForResource") == 0)
		deal_with_alarm_tags(call, false);
	else if (strcmp(operation, "TagResource") == 0)
		deal_with_alarm_tags(call, true);
	else
		return false;
	return true;
}
