/* SPDX-License-Identifier: MIT
 *
 * What DNS follows: health checks, the latch, the two failover records.
 *
 *	record PRIMARY -> calculated check, healthy while both of these are:
 *		endpoint check, of the primary's load balancer
 *		latch check, healthy while the latch is clear
 *	record SECONDARY -> endpoint check of the standby's load balancer
 *
 * The references give the order: what the latch check reads comes before it,
 * then the calculated check, and only then does the record change from the
 * check that it has to the one that it should have, in one request; so it is
 * never without one.  Nothing here is changed by a failover.
 *
 * A new metric check counts as healthy until there is data, but a new
 * inverted one as unhealthy: the object's check is not done until Route 53's
 * checkers have looked.  Whoever lets a pass write sees to it before that the
 * latch is as the role wants it (latch_is_ready).
 * Source: Route 53 API reference, HealthCheckConfig.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/partition.h"
#include "base/mem.h"
#include "daemon/maker.h"

enum {
	OBJECT_INTERVAL_S = 10, /* the latch must not be slow */
	OBJECT_THRESHOLD = 1,
	HTTPS_PORT = 443,
};

/* "drd:{stack}:{purpose}:", the begin of a Route 53 caller reference; the
   kinds add the environment (route53.h). */
static json_t *
caller_reference(const struct maker *m, const char *purpose)
{
	return maker_taken(mem_printf("drd:%s:%s:", m->stack->name, purpose));
}

/* Takes `want`, which has what makes the check. */
static struct node *
add_check(const struct maker *m, const struct config_region *region,
    const char *purpose, const char *named, json_t *want)
{
	enum policy policy = m->stack->manage_health_checks;
	char name[NAME_MAX_LEN + 1], id[32];

	maker_name(m, name, NAME_MAX_LEN, region->name, named);
	if (policy == POLICY_MANAGE &&
	    json_object_get(want, "CallerReference") == NULL)
		tree_put(want, "CallerReference", caller_reference(m, purpose));
	maker_claim(m, want, policy, name, maker_role(m, region->name));
	snprintf(id, sizeof(id), "health-%s", purpose);
	return graph_add(m->graph, &kind_health_check, ROUTE53_REGION, id, name,
	    policy, want);
}

static void
add_endpoint_check(const struct maker *m, const struct config_region *region,
    const char *purpose)
{
	const struct config_stack *s = m->stack;

	add_check(m, region, purpose, "health-check",
	    mem_must(json_pack("{s:s, s:i, s:s, s:o, s:i, s:i, s:b, s:b, s:b, "
			       "s:b}",
		"Type", s->check_https ? "HTTPS" : "HTTP", "Port",
		(int)s->check_port, "ResourcePath", s->check_path,
		"FullyQualifiedDomainName",
		maker_reference(region->name, "alb", "DNSName"),
		"RequestInterval", (int)s->check_interval_s, "FailureThreshold",
		(int)s->check_threshold, "MeasureLatency", 0, "Inverted", 0,
		"Disabled", 0, "EnableSNI", s->check_https)));
}

/* ---- the latch --------------------------------------------------------- */

/*
 * Route 53 watches the alarm's data by a copy of its settings, made when the
 * check is made or updated: a copy that differs is a difference.
 */
static json_t *
metric_check(const struct maker *m)
{
	const struct config_stack *s = m->stack;

	return mem_must(json_pack(
	    "{s:s, s:{s:s, s:o}, s:s, s:b, s:b, s:{s:s, s:s, s:s, s:i, s:i, "
	    "s:i, s:s, s:{s:[{s:s, s:s}]}}}",
	    "Type", "CLOUDWATCH_METRIC", "AlarmIdentifier", "Region",
	    s->standby.name, "Name",
	    maker_reference(s->standby.name, "alarm-latch", "AlarmName"),
	    "InsufficientDataHealthStatus", "LastKnownStatus", "Inverted", 0,
	    "Disabled", 0, "CloudWatchAlarmConfiguration", "Namespace",
	    LATCH_NAMESPACE, "MetricName", LATCH_METRIC, "Statistic", "Maximum",
	    "Period", MAKER_LATCH_PERIOD_S, "EvaluationPeriods", 1, "Threshold",
	    1, "ComparisonOperator", "GreaterThanOrEqualToThreshold",
	    "Dimensions", "Dimension", "Name", LATCH_DIMENSION, "Value",
	    s->suffix));
}

/* There is an object: unhealthy.  Latched is for whoever waits for it, and
   nobody does who does not know which region is active. */
static json_t *
object_check(const struct maker *m)
{
	const struct config_stack *s = m->stack;
	const char *region = s->standby.name;
	json_t *want;

	want = mem_must(json_pack("{s:s, s:i, s:o, s:o, s:i, s:i, s:b, s:b, "
				  "s:b, s:b}",
	    "Type", "HTTPS", "Port", (int)HTTPS_PORT, "ResourcePath",
	    maker_taken(mem_printf("/%s", s->latch_key)),
	    "FullyQualifiedDomainName",
	    maker_taken(mem_printf("%s.s3.%s.%s", s->latch_bucket, region,
		partition_of(region)->suffix)),
	    "RequestInterval", (int)OBJECT_INTERVAL_S, "FailureThreshold",
	    (int)OBJECT_THRESHOLD, "MeasureLatency", 0, "Inverted", 1,
	    "Disabled", 0, "EnableSNI", 1));
	if (m->role->active != NULL)
		tree_put(want, "Latched",
		    json_boolean(strcmp(m->role->active, region) == 0));
	return want;
}

static json_t *
control_check(const struct maker *m)
{
	return mem_must(json_pack("{s:s, s:s, s:b, s:b}", "Type",
	    "RECOVERY_CONTROL", "RoutingControlArn", m->stack->latch_control,
	    "Inverted", 0, "Disabled", 0));
}

/*
 * A check cannot change its type, so that of another carrier is another check,
 * the calculated one changes its child, and the old one goes (retire_latches).
 * Takes `want`.
 */
static json_t *
known_as(const struct maker *m, const char *purpose, json_t *want)
{
	tree_put(want, "CallerReference", caller_reference(m, purpose));
	return want;
}

/*
 * What a stack had by another carrier, or by one at all.  It goes when what
 * has followed it does not any more: the node `after`.
 */
static void
retire_check(const struct maker *m, const struct config_region *region,
    const char *purpose, const char *named, const char *after)
{
	json_t *want = known_as(m, purpose, mem_must(json_object()));
	char id[32];

	snprintf(id, sizeof(id), "old-%s", purpose);
	tree_put(want, "After", maker_string(after));
	add_check(m, region, id, named, want)->unwanted = true;
}

static void
retire_latches(const struct maker *m)
{
	static const struct {
		enum carrier carrier;
		const char *purpose;
	} checks[] = {
		{ CARRIER_METRIC, "latch" },
		{ CARRIER_OBJECT, "object" },
		{ CARRIER_CONTROL, "control" },
	};
	const struct config_stack *s = m->stack;
	bool latched = s->latch != CARRIER_NONE;
	const char *after =
	    latched ? "${health-calculated:Id}" : "${record-primary:Name}";
	size_t i;

	if (s->manage_health_checks != POLICY_MANAGE ||
	    s->manage_records != POLICY_MANAGE)
		return;
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (s->latch != checks[i].carrier)
			retire_check(
			    m, &s->standby, checks[i].purpose, "latch", after);
	if (!latched)
		retire_check(m, &s->primary, "calculated", "calculated", after);
	if (s->latch != CARRIER_METRIC && s->manage_alarms == POLICY_MANAGE)
		maker_retire_latch_alarm(m, after);
}

static void
add_latch(const struct maker *m)
{
	const struct config_region *region = &m->stack->standby;

	switch (m->stack->latch) {
	case CARRIER_NONE:
		return;
	case CARRIER_METRIC:
		maker_add_latch_alarm(m);
		add_check(m, region, "latch", "latch", metric_check(m));
		break;
	case CARRIER_OBJECT:
		add_check(m, region, "latch", "latch",
		    known_as(m, "object", object_check(m)));
		break;
	case CARRIER_CONTROL:
		add_check(m, region, "latch", "latch",
		    known_as(m, "control", control_check(m)));
		break;
	}
	add_check(m, &m->stack->primary, "calculated", "calculated",
	    mem_must(json_pack("{s:s, s:i, s:{s:[s, s]}, s:b, s:b}", "Type",
		"CALCULATED", "HealthThreshold", 2, "ChildHealthChecks",
		"ChildHealthCheck", "${health-primary:Id}",
		"${health-latch:Id}", "Inverted", 0, "Disabled", 0)));
}

/* ---- the records ------------------------------------------------------- */

static void
add_record(const struct maker *m, const struct config_region *region,
    const char *purpose, const char *failover, const char *check)
{
	enum policy policy = m->stack->manage_records;
	char id[32], *name;
	json_t *want;

	want = mem_must(json_pack("{s:s, s:o, s:s, s:s, s:{s:o, s:o, s:b}}",
	    "HostedZoneId", "${zone:Id}", "Name",
	    maker_taken(mem_printf("%s.", m->stack->record)), "Type", "A",
	    "Failover", failover, "AliasTarget", "HostedZoneId",
	    maker_reference(region->name, "alb", "CanonicalHostedZoneId"),
	    "DNSName", maker_reference(region->name, "alb", "DNSName"),
	    "EvaluateTargetHealth", 1));
	/* Somebody else's primary may follow a latch of theirs. */
	if (policy == POLICY_MANAGE || region == &m->stack->standby)
		tree_put(want, "HealthCheckId",
		    maker_taken(mem_printf("${health-%s:Id}", check)));
	/* Both have their turn at the same time, and the primary's is first:
	   where they have changed sides, it puts both right. */
	if (m->stack->latch != CARRIER_NONE && policy == POLICY_MANAGE)
		tree_put(
		    want, "After", maker_string("${health-calculated:Id}"));
	if (policy == POLICY_MANAGE) {
		tree_put(want, "SetIdentifier",
		    maker_taken(mem_printf("drd:%s:%s:%s", m->stack->name,
			m->stack->environment, purpose)));
		tree_put(want, "OldSetIdentifier",
		    maker_taken(
			mem_printf("drd:%s:%s", m->stack->name, purpose)));
	}
	snprintf(id, sizeof(id), "record-%s", purpose);
	name = mem_printf("%s A %s", m->stack->record, failover);
	graph_add(
	    m->graph, &kind_record, ROUTE53_REGION, id, name, policy, want);
	free(name);
}

void
maker_add_zone(const struct maker *m)
{
	enum policy policy = m->stack->manage_zone;
	json_t *want = mem_must(json_object());

	tree_put(want, "Name", maker_taken(mem_printf("%s.", m->stack->zone)));
	if (policy == POLICY_MANAGE)
		tree_put(want, "CallerReference", caller_reference(m, "zone"));
	maker_claim(m, want, policy, m->stack->zone, "global");
	graph_add(m->graph, &kind_hosted_zone, ROUTE53_REGION, "zone",
	    m->stack->zone, policy, want);
}

void
maker_add_dns(const struct maker *m)
{
	const struct config_region *primary = &m->stack->primary;
	const struct config_region *standby = &m->stack->standby;
	bool latched = m->stack->latch != CARRIER_NONE;

	add_endpoint_check(m, primary, "primary");
	add_endpoint_check(m, standby, "standby");
	add_latch(m);
	add_record(m, primary, "primary", "PRIMARY",
	    latched ? "calculated" : "primary");
	add_record(m, standby, "standby", "SECONDARY", "standby");
	retire_latches(m);
}
