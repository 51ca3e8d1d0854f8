/* SPDX-License-Identifier: MIT
 *
 * The watching part of the topology: CloudWatch alarms.
 *
 * A table of what is watched in each region, and one alarm on Route 53's view
 * of the primary.  Alarms act on the topic of their own region only.
 *
 * Replication is watched from where it can be seen: DynamoDB measures in the
 * region that a write was made in, S3 in the one that the copy arrives in.
 * Sources: DynamoDB developer guide, "DynamoDB metrics and dimensions"; S3
 * user guide, "Monitoring replication with metrics".
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/maker.h"

enum {
	ALARM_NAME_MAX = 255,
	ALARM_PERIOD_S = MAKER_LATCH_PERIOD_S,
	DIMENSIONS_MAX = 3,
};

struct alarm_row {
	const char *purpose;
	const char *description;
	const char *namespace;
	const char *metric;
	const char *statistic;
	/* No traffic, no datapoints: mostly that is not trouble. */
	const char *missing;
	struct {
		const char *name;
		json_t *(*value)(const struct maker *m, const char *region);
	} dimensions[DIMENSIONS_MAX];
	/* The threshold in the configuration, or -1: one. */
	long threshold;
	/* NULL: in both regions, always. */
	bool (*applies)(const struct maker *m, const char *region);
};

/* --- What dimensions are made of --------------------------------------- */

static const struct config_region *
region_of(const struct maker *m, const char *name)
{
	return strcmp(name, m->stack->primary.name) == 0 ? &m->stack->primary
							 : &m->stack->standby;
}

static const struct config_region *
other_than(const struct maker *m, const char *name)
{
	return strcmp(name, m->stack->primary.name) == 0 ? &m->stack->standby
							 : &m->stack->primary;
}

static json_t *
balancer(const struct maker *m, const char *region)
{
	return maker_reference(region, "alb", "ArnSuffix");
}

static json_t *
target_group(const struct maker *m, const char *region)
{
	return maker_reference(region, "target-group", "ArnSuffix");
}

static json_t *
function(const struct maker *m, const char *region)
{
	char name[NAME_MAX_LEN + 1];

	return maker_string(maker_function_name(m, name, region));
}

static json_t *
table(const struct maker *m, const char *region)
{
	return maker_string(m->stack->table_name);
}

static json_t *
other_region(const struct maker *m, const char *region)
{
	return maker_string(other_than(m, region)->name);
}

static json_t *
bucket(const struct maker *m, const char *region)
{
	return maker_string(region_of(m, region)->bucket);
}

static json_t *
other_bucket(const struct maker *m, const char *region)
{
	return maker_string(other_than(m, region)->bucket);
}

static json_t *
replication_rule(const struct maker *m, const char *region)
{
	return maker_string(MAKER_REPLICATION_RULE);
}

/* --- The table --------------------------------------------------------- */

static bool
has_table(const struct maker *m, const char *region)
{
	return m->stack->manage_table != POLICY_IGNORE;
}

/* Objects come to the standby, and to the primary if that is configured. */
static bool
receives_objects(const struct maker *m, const char *region)
{
	return m->stack->manage_bucket != POLICY_IGNORE &&
	    (strcmp(region, m->stack->standby.name) == 0 ||
		m->stack->bucket_replicates_back);
}

#define AT(member) (long)offsetof(struct config_stack, member)

static const struct alarm_row alarm_rows[] = {
	{ "elb-5xx", "the load balancer itself answers with 5xx",
	    "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Sum",
	    "notBreaching", { { "LoadBalancer", balancer } }, AT(alarm_elb_5xx),
	    NULL },
	{ "elb-unhealthy", "a target of the load balancer is unhealthy",
	    "AWS/ApplicationELB", "UnHealthyHostCount", "Minimum",
	    "notBreaching",
	    { { "LoadBalancer", balancer }, { "TargetGroup", target_group } },
	    -1, NULL },
	{ "lambda-errors", "the function fails", "AWS/Lambda", "Errors", "Sum",
	    "notBreaching", { { "FunctionName", function } },
	    AT(alarm_lambda_errors), NULL },
	{ "lambda-duration", "the function is slow", "AWS/Lambda", "Duration",
	    "Average", "notBreaching", { { "FunctionName", function } },
	    AT(alarm_lambda_ms), NULL },
	/* CloudWatch ignores what is missing in this namespace, whatever an
	   alarm says, and recommends to for the other. */
	{ "table-latency", "the table's writes reach the other region late",
	    "AWS/DynamoDB", "ReplicationLatency", "Average", "ignore",
	    { { "TableName", table }, { "ReceivingRegion", other_region } },
	    AT(alarm_table_ms), has_table },
	{ "bucket-latency", "the other region's objects arrive here late",
	    "AWS/S3", "ReplicationLatency", "Maximum", "ignore",
	    { { "SourceBucket", other_bucket }, { "DestinationBucket", bucket },
		{ "RuleId", replication_rule } },
	    AT(alarm_bucket_s), receives_objects },
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
	json_t *list = mem_must(json_array());
	size_t i;

	for (i = 0; i < DIMENSIONS_MAX && row->dimensions[i].name != NULL; i++)
		if (json_array_append_new(list,
			json_pack("{s:s, s:o}", "Name", row->dimensions[i].name,
			    "Value", row->dimensions[i].value(m, region))) != 0)
			mem_must(NULL);
	return list;
}

static void
name_alarm(json_t *want, const char *name, const char *purpose)
{
	tree_put(want, "AlarmName", maker_string(name));
	/* Shared by all alarms of the stack in the region. */
	tree_put(want, "AlarmNamePrefix",
	    mem_must(json_stringn(name, strlen(name) - strlen(purpose))));
}

/*
 * What all alarms have; `want` has what makes this one.  `actions` is the
 * state of it that people are told of.
 */
static void
add_alarm(const struct maker *m, const char *region, const char *purpose,
    const char *actions, json_t *want)
{
	enum policy policy = m->stack->manage_alarms;
	const char *role = maker_role(m, region);
	char name[NAME_MAX_LEN + 1], what[64];

	maker_name(m, name, ALARM_NAME_MAX, region, purpose);
	name_alarm(want, name, purpose);
	tree_put(want, "ActionsEnabled", mem_must(json_true()));
	tree_put(want, actions,
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
		if (row->applies != NULL && !row->applies(m, region))
			continue;
		add_alarm(m, region, row->purpose, "AlarmActions",
		    mem_must(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, "
				       "s:i, s:i, s:o}",
			"AlarmDescription", row->description, "Namespace",
			row->namespace, "MetricName", row->metric, "Statistic",
			row->statistic, "ComparisonOperator",
			"GreaterThanOrEqualToThreshold", "TreatMissingData",
			row->missing, "EvaluationPeriods", periods,
			"DatapointsToAlarm", periods, "Threshold",
			(int)threshold_of(m, row), "Dimensions",
			dimensions_of(m, region, row))));
	}
}

/* The health check has its own debounce: one minute of it is enough. */
static void
add_health_alarm(const struct maker *m)
{
	add_alarm(m, ROUTE53_REGION, "health-check", "AlarmActions",
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

/*
 * What Route 53 reads the latch by.  People are not told when it is set, which
 * a failover does, but when nobody feeds it: then drd is not running.
 */
void
maker_add_latch_alarm(const struct maker *m)
{
	add_alarm(m, m->stack->standby.name, "latch", "InsufficientDataActions",
	    mem_must(json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:[{s:s, s:s}]}",
		"AlarmDescription",
		"the failover latch is set; without data drd is not running",
		"Namespace", LATCH_NAMESPACE, "MetricName", LATCH_METRIC,
		"Statistic", "Maximum", "ComparisonOperator",
		"GreaterThanOrEqualToThreshold", "TreatMissingData", "missing",
		"EvaluationPeriods", 1, "DatapointsToAlarm", 1, "Threshold", 1,
		"Dimensions", "Name", LATCH_DIMENSION, "Value",
		m->stack->suffix)));
}

void
maker_retire_latch_alarm(const struct maker *m, const char *after)
{
	const char *region = m->stack->standby.name;
	json_t *want = mem_must(json_object());
	char name[NAME_MAX_LEN + 1], *id;

	maker_name(m, name, ALARM_NAME_MAX, region, "latch");
	name_alarm(want, name, "latch");
	tree_put(want, "After", maker_string(after));
	maker_claim(m, want, POLICY_MANAGE, name, maker_role(m, region));
	id = mem_printf("%s/alarm-old-latch", region);
	graph_add(m->graph, &kind_alarm, region, id, name, POLICY_MANAGE, want)
	    ->unwanted = true;
	free(id);
}

void
maker_add_alarms(const struct maker *m)
{
	add_health_alarm(m);
	add_region_alarms(m, m->stack->primary.name);
	add_region_alarms(m, m->stack->standby.name);
}
