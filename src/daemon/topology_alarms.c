/* SPDX-License-Identifier: MIT
 *
 * The watching part of the topology: CloudWatch alarms.
 *
 * A table of what is watched in each region, and one alarm on Route 53's view
 * of the primary.  Alarms act on the topic of their own region only.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/maker.h"

enum {
	LAMBDA_NAME_MAX = 64,
	ALARM_NAME_MAX = 255,
	ALARM_PERIOD_S = 60,
};

struct alarm_row {
	const char *purpose;
	const char *description;
	const char *namespace;
	const char *metric;
	const char *statistic;
	const char *comparison;
	/* Dimensions: a name and the member of the balancer that fills it;
	   NULL member: the function's name. */
	const char *dimensions[2][2];
	/* The threshold in the configuration, or -1: one. */
	long threshold;
};

#define AT(member) (long)offsetof(struct config_stack, member)

static const struct alarm_row alarm_rows[] = {
	{ "elb-5xx", "the load balancer itself answers with 5xx",
	    "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Sum",
	    "GreaterThanOrEqualToThreshold",
	    { { "LoadBalancer", "ArnSuffix" } }, AT(alarm_elb_5xx) },
	{ "elb-unhealthy", "a target of the load balancer is unhealthy",
	    "AWS/ApplicationELB", "UnHealthyHostCount", "Minimum",
	    "GreaterThanOrEqualToThreshold",
	    { { "LoadBalancer", "ArnSuffix" },
		{ "TargetGroup", "TargetGroupSuffix" } },
	    -1 },
	{ "lambda-errors", "the function fails", "AWS/Lambda", "Errors", "Sum",
	    "GreaterThanOrEqualToThreshold", { { "FunctionName", NULL } },
	    AT(alarm_lambda_errors) },
	{ "lambda-duration", "the function is slow", "AWS/Lambda", "Duration",
	    "Average", "GreaterThanOrEqualToThreshold",
	    { { "FunctionName", NULL } }, AT(alarm_lambda_ms) },
};

static unsigned
threshold_of(const struct maker *m, const struct alarm_row *row)
{
	unsigned value = 1;

	if (row->threshold >= 0)
		memcpy(&value, (const char *)m->stack + row->threshold,
		    sizeof(value));
	return value;
}

static json_t *
dimensions_of(
    const struct maker *m, const char *region, const struct alarm_row *row)
{
	json_t *list = mem_must(json_array()), *value;
	char name[NAME_MAX_LEN + 1];
	size_t i;

	for (i = 0; i < 2 && row->dimensions[i][0] != NULL; i++) {
		value = row->dimensions[i][1] != NULL
		    ? maker_reference(region, "alb", row->dimensions[i][1])
		    : maker_string(maker_name(
			  m, name, LAMBDA_NAME_MAX, region, "handler"));
		if (json_array_append_new(list,
			json_pack("{s:s, s:o}", "Name", row->dimensions[i][0],
			    "Value", value)) != 0)
			mem_must(NULL);
	}
	return list;
}

/* What all alarms have; `want` has what makes this one. */
static void
add_alarm(const struct maker *m, const char *region, const char *purpose,
    const char *role, json_t *want)
{
	enum policy policy = m->stack->manage_alarms;
	char name[NAME_MAX_LEN + 1], what[64];

	maker_name(m, name, ALARM_NAME_MAX, region, purpose);
	tree_put(want, "AlarmName", maker_string(name));
	/* Shared by all alarms of the stack in the region. */
	tree_put(want, "AlarmNamePrefix",
	    mem_must(json_stringn(name, strlen(name) - strlen(purpose))));
	tree_put(want, "ActionsEnabled", mem_must(json_true()));
	tree_put(want, "AlarmActions",
	    mem_must(json_pack(
		"[o]", maker_reference(region, "topic", "TopicArn"))));
	tree_put(want, "Period", mem_must(json_integer(ALARM_PERIOD_S)));
	maker_claim(m, want, policy, name, role);
	snprintf(what, sizeof(what), "alarm-%s", purpose);
	maker_add(m, &kind_alarm, region, what, name, policy, want);
}

static void
add_region_alarms(const struct maker *m, const char *region)
{
	int periods = (int)m->stack->alarm_periods;
	const struct alarm_row *row;
	size_t i;

	for (i = 0; i < sizeof(alarm_rows) / sizeof(alarm_rows[0]); i++) {
		row = &alarm_rows[i];
		/* No traffic, no datapoints: that is not trouble. */
		add_alarm(m, region, row->purpose, maker_role(m, region),
		    mem_must(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, "
				       "s:i, s:i, s:o}",
			"AlarmDescription", row->description, "Namespace",
			row->namespace, "MetricName", row->metric, "Statistic",
			row->statistic, "ComparisonOperator", row->comparison,
			"TreatMissingData", "notBreaching", "EvaluationPeriods",
			periods, "DatapointsToAlarm", periods, "Threshold",
			(int)threshold_of(m, row), "Dimensions",
			dimensions_of(m, region, row))));
	}
}

/* The health check has its own debounce: one minute of it is enough. */
static void
add_health_alarm(const struct maker *m)
{
	add_alarm(m, ROUTE53_REGION, "health-check", "global",
	    mem_must(json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:[{s:s, s:s}]}",
		"AlarmDescription",
		"Route 53 finds the primary's endpoint unhealthy", "Namespace",
		"AWS/Route53", "MetricName", "HealthCheckStatus", "Statistic",
		"Minimum", "ComparisonOperator", "LessThanThreshold",
		"TreatMissingData", "missing", "EvaluationPeriods", 1,
		"DatapointsToAlarm", 1, "Threshold", 1, "Dimensions", "Name",
		"HealthCheckId", "Value", "${health-primary:Id}")));
}

void
maker_add_alarms(const struct maker *m)
{
	add_health_alarm(m);
	add_region_alarms(m, m->stack->primary.name);
	add_region_alarms(m, m->stack->standby.name);
}
