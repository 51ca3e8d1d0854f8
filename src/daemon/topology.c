/* SPDX-License-Identifier: MIT
 *
 * From the configuration and the role to the wanted nodes.
 *
 * Only the parameters depend on the role, so a failover changes what is
 * wanted of them and of nothing else: DNS records, alarms and topics are the
 * same on the worst day as on any other (laws 4 and 9).
 *
 * Where drd only observes it claims nothing: such nodes want no tags, no
 * caller reference and no set identifier of ours.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/tree.h"
#include "daemon/topology.h"
#include "failover/active.h"
#include "stack/names.h"

/* Route 53 publishes the metrics of health checks here and nowhere else. */
#define ROUTE53_REGION "us-east-1"

enum {
	LAMBDA_NAME_MAX = 64,
	ALARM_NAME_MAX = 255,
	ALARM_PERIOD_S = 60,
	REFERENCE_MAX = 64,   /* of Route 53 */
	REFERENCE_TOKEN = 16, /* what a kind adds to a reference */
};

struct maker {
	const struct config_stack *stack;
	const struct topology_role *role;
	struct graph *graph;
};

static json_t *
string(const char *s)
{
	return mem_must(json_string(s));
}

/* A string that is made for the occasion: takes it. */
static json_t *
taken(char *s)
{
	json_t *t = string(s);

	free(s);
	return t;
}

/* "${region/node:Path}" */
static json_t *
reference(const char *region, const char *node, const char *path)
{
	return taken(mem_printf("${%s/%s:%s}", region, node, path));
}

static char *
own_name(const struct maker *m, char out[NAME_MAX_LEN + 1], size_t limit,
    const char *region, const char *purpose)
{
	return name_of(out, limit, m->stack->service, region,
	    m->stack->environment, purpose);
}

static const char *
role_of(const struct maker *m, const char *region)
{
	if (strcmp(region, m->stack->primary.name) == 0)
		return "primary";
	if (strcmp(region, m->stack->standby.name) == 0)
		return "secondary";
	return "global";
}

/* Claim the object: what is only observed is not claimed. */
static void
put_tags(const struct maker *m, json_t *want, enum policy policy,
    const char *name, const char *role)
{
	if (policy != POLICY_MANAGE)
		return;
	tree_put(want, "Tags",
	    mem_must(json_pack("{s:s, s:s, s:s, s:s, s:s}", "Name", name,
		"Environment", m->stack->environment, "DR-Role", role,
		"drd:stack", m->stack->name, "drd:owner", m->stack->owner)));
}

static void
add(const struct maker *m, const struct kind *kind, const char *region,
    const char *what, const char *name, enum policy policy, json_t *want)
{
	char *id = mem_printf("%s/%s", region, what);

	graph_add(m->graph, kind, region, id, name, policy, want);
	free(id);
}

/* --- Entry ----------------------------------------------------------- */

/*
 * Managed, though there is no step to make one: a balancer that does not
 * carry the stack's tag is foreign, and what refers to it must wait.
 */
static void
add_balancer(const struct maker *m, const struct config_region *region)
{
	add(m, &kind_load_balancer, region->name, "alb", region->load_balancer,
	    POLICY_MANAGE,
	    mem_must(json_pack("{s:s, s:{s:s}}", "LoadBalancerName",
		region->load_balancer, "Tags", "drd:stack", m->stack->name)));
}

/* --- DNS ------------------------------------------------------------- */

/* "drd:{stack}:{purpose}:", the begin of a Route 53 caller reference. */
static json_t *
caller_reference(const struct maker *m, const char *purpose)
{
	return taken(mem_printf("drd:%s:%s:", m->stack->name, purpose));
}

static void
add_zone(const struct maker *m)
{
	enum policy policy = m->stack->manage_zone;
	json_t *want = mem_must(json_object());

	tree_put(want, "Name", taken(mem_printf("%s.", m->stack->zone)));
	if (policy == POLICY_MANAGE)
		tree_put(want, "CallerReference", caller_reference(m, "zone"));
	put_tags(m, want, policy, m->stack->zone, "global");
	graph_add(m->graph, &kind_hosted_zone, ROUTE53_REGION, "zone",
	    m->stack->zone, policy, want);
}

static void
add_check(const struct maker *m, const struct config_region *region,
    const char *purpose)
{
	enum policy policy = m->stack->manage_health_checks;
	const struct config_stack *s = m->stack;
	char name[NAME_MAX_LEN + 1], id[32];
	json_t *want;

	own_name(m, name, NAME_MAX_LEN, region->name, "health-check");
	want = mem_must(json_pack("{s:s, s:i, s:s, s:o, s:i, s:i, s:b, s:b, "
				  "s:b, s:b}",
	    "Type", s->check_https ? "HTTPS" : "HTTP", "Port",
	    (int)s->check_port, "ResourcePath", s->check_path,
	    "FullyQualifiedDomainName",
	    reference(region->name, "alb", "DNSName"), "RequestInterval",
	    (int)s->check_interval_s, "FailureThreshold",
	    (int)s->check_threshold, "MeasureLatency", 0, "Inverted", 0,
	    "Disabled", 0, "EnableSNI", s->check_https));
	if (policy == POLICY_MANAGE)
		tree_put(want, "CallerReference", caller_reference(m, purpose));
	put_tags(m, want, policy, name, role_of(m, region->name));
	snprintf(id, sizeof(id), "health-%s", purpose);
	graph_add(m->graph, &kind_health_check, ROUTE53_REGION, id, name,
	    policy, want);
}

static void
add_record(const struct maker *m, const struct config_region *region,
    const char *purpose, const char *failover)
{
	enum policy policy = m->stack->manage_records;
	char id[32], *name;
	json_t *want;

	want = mem_must(json_pack("{s:s, s:o, s:s, s:s, s:{s:o, s:o, s:b}}",
	    "HostedZoneId", "${zone:Id}", "Name",
	    taken(mem_printf("%s.", m->stack->record)), "Type", "A", "Failover",
	    failover, "AliasTarget", "HostedZoneId",
	    reference(region->name, "alb", "CanonicalHostedZoneId"), "DNSName",
	    reference(region->name, "alb", "DNSName"), "EvaluateTargetHealth",
	    1));
	tree_put(want, "HealthCheckId",
	    taken(mem_printf("${health-%s:Id}", purpose)));
	if (policy == POLICY_MANAGE)
		tree_put(want, "SetIdentifier",
		    taken(mem_printf("drd:%s:%s", m->stack->name, purpose)));
	snprintf(id, sizeof(id), "record-%s", purpose);
	name = mem_printf("%s A %s", m->stack->record, failover);
	graph_add(
	    m->graph, &kind_record, ROUTE53_REGION, id, name, policy, want);
	free(name);
}

/* --- Notice ---------------------------------------------------------- */

/* The account, where it is known without asking: see kinds/topic.c. */
static const char *
account_region(const struct maker *m, const char *region)
{
	return strcmp(region, m->stack->standby.name) == 0
	    ? region
	    : m->stack->primary.name;
}

static json_t *
topic_arn(const struct maker *m, const char *region, const char *name)
{
	const char *from = account_region(m, region);

	return taken(
	    mem_printf("arn:${%s/alb:Partition}:sns:%s:${%s/alb:AccountId}:%s",
		from, region, from, name));
}

/* Alarms of this account, and whoever of the account is allowed to. */
static json_t *
topic_policy(const struct maker *m, const char *region)
{
	const char *from = account_region(m, region);

	return mem_must(json_pack(
	    "{s:s, s:[{s:s, s:s, s:{s:s}, s:s, s:o, s:{s:{s:o}}},"
	    " {s:s, s:s, s:{s:o}, s:s, s:o}]}",
	    "Version", "2012-10-17", "Statement", "Sid", "Alarms", "Effect",
	    "Allow", "Principal", "Service", "cloudwatch.amazonaws.com",
	    "Action", "sns:Publish", "Resource",
	    reference(region, "topic", "TopicArn"), "Condition", "StringEquals",
	    "aws:SourceAccount", reference(from, "alb", "AccountId"), "Sid",
	    "Owner", "Effect", "Allow", "Principal", "AWS",
	    taken(mem_printf("arn:${%s/alb:Partition}:iam::"
			     "${%s/alb:AccountId}:root",
		from, from)),
	    "Action", "sns:Publish", "Resource",
	    reference(region, "topic", "TopicArn")));
}

static void
add_topic(const struct maker *m, const char *region)
{
	enum policy policy = m->stack->manage_topics;
	char name[NAME_MAX_LEN + 1];
	json_t *want;

	own_name(m, name, NAME_MAX_LEN, region, "notice");
	want = mem_must(json_pack("{s:s, s:o}", "Name", name, "TopicArn",
	    topic_arn(m, region, name)));
	put_tags(m, want, policy, name, role_of(m, region));
	add(m, &kind_topic, region, "topic", name, policy, want);

	want = mem_must(json_pack("{s:o, s:o}", "TopicArn",
	    reference(region, "topic", "TopicArn"), "Policy",
	    topic_policy(m, region)));
	add(m, &kind_topic_policy, region, "topic-policy", name, policy, want);
}

/* --- Watching -------------------------------------------------------- */

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
		    ? reference(region, "alb", row->dimensions[i][1])
		    : string(own_name(
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

	own_name(m, name, ALARM_NAME_MAX, region, purpose);
	tree_put(want, "AlarmName", string(name));
	/* Shared by all alarms of the stack in the region. */
	tree_put(want, "AlarmNamePrefix",
	    mem_must(json_stringn(name, strlen(name) - strlen(purpose))));
	tree_put(want, "ActionsEnabled", mem_must(json_true()));
	tree_put(want, "AlarmActions",
	    mem_must(json_pack("[o]", reference(region, "topic", "TopicArn"))));
	tree_put(want, "Period", mem_must(json_integer(ALARM_PERIOD_S)));
	put_tags(m, want, policy, name, role);
	snprintf(what, sizeof(what), "alarm-%s", purpose);
	add(m, &kind_alarm, region, what, name, policy, want);
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
		add_alarm(m, region, row->purpose, role_of(m, region),
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

/* --- Parameters ------------------------------------------------------ */

char *
topology_endpoint_name(
    const struct config_stack *stack, char out[TOPOLOGY_PARAMETER_MAX])
{
	snprintf(out, TOPOLOGY_PARAMETER_MAX, "/dr/%s/endpoint", stack->suffix);
	return out;
}

char *
topology_active_name(
    const struct config_stack *stack, char out[TOPOLOGY_PARAMETER_MAX])
{
	snprintf(out, TOPOLOGY_PARAMETER_MAX, "/dr/%s/active", stack->suffix);
	return out;
}

char *
topology_endpoint_value(
    const struct config_stack *stack, const char *balancer_dns)
{
	return mem_printf(
	    "%s://%s", stack->check_https ? "https" : "http", balancer_dns);
}

/* The endpoint of a region, its balancer's DNS name being a reference. */
static char *
endpoint_of(const struct maker *m, const char *region)
{
	char *dns = mem_printf("${%s/alb:DNSName}", region);
	char *value = topology_endpoint_value(m->stack, dns);

	free(dns);
	return value;
}

/* Spelled by the one who spells it on a failover too. */
static char *
active_value(const struct maker *m)
{
	struct active active = {
		.epoch = m->role->epoch,
		.since_ms = m->role->since_ms,
	};
	char *endpoint = endpoint_of(m, m->role->active);
	char *value;

	snprintf(active.region, sizeof(active.region), "%s", m->role->active);
	value = active_write(&active, endpoint);
	free(endpoint);
	return value;
}

enum { PARAMETER_OWN, PARAMETER_ENDPOINT, PARAMETER_ACTIVE, PARAMETERS };

static void
add_parameters(const struct maker *m, const char *region)
{
	static const char *const ids[PARAMETERS] = { "parameter-own",
		"parameter-endpoint", "parameter-active" };
	enum policy policy = m->stack->manage_parameters;
	char names[PARAMETERS][TOPOLOGY_PARAMETER_MAX];
	char *values[PARAMETERS];
	json_t *want;
	int i;

	snprintf(names[PARAMETER_OWN], TOPOLOGY_PARAMETER_MAX,
	    "/dr/%s/%s/endpoint", m->stack->suffix, region);
	topology_endpoint_name(m->stack, names[PARAMETER_ENDPOINT]);
	topology_active_name(m->stack, names[PARAMETER_ACTIVE]);
	values[PARAMETER_OWN] = endpoint_of(m, region);
	values[PARAMETER_ENDPOINT] = endpoint_of(m, m->role->active);
	values[PARAMETER_ACTIVE] = active_value(m);
	for (i = 0; i < PARAMETERS; i++) {
		want = mem_must(json_pack("{s:s, s:[s, s, s], s:s, s:o}",
		    "Name", names[i], "Names", names[PARAMETER_OWN],
		    names[PARAMETER_ENDPOINT], names[PARAMETER_ACTIVE], "Type",
		    "SecureString", "Value", taken(values[i])));
		put_tags(m, want, policy, names[i], role_of(m, region));
		add(m, &kind_parameter, region, ids[i], names[i], policy, want);
	}
}

/* --- The whole ------------------------------------------------------- */

/* The longest caller reference, its token included, must fit. */
static int
check_names(const struct maker *m, struct error *e)
{
	size_t room = REFERENCE_MAX - REFERENCE_TOKEN - strlen("drd:") -
	    strlen(":primary:");

	if (strlen(m->stack->name) > room)
		return error_set(e, ERROR_BROKEN, "NameTooLong",
		    "stack \"%s\": the name must not be longer than %zu "
		    "characters, or Route 53 refuses its caller references",
		    m->stack->name, room);
	if (strcmp(role_of(m, m->role->active), "global") == 0)
		return error_set(e, ERROR_BUG, "NoSuchRegion",
		    "stack \"%s\" has no region %s to be active in",
		    m->stack->name, m->role->active);
	return 0;
}

static void
add_all(const struct maker *m)
{
	const struct config_region *primary = &m->stack->primary;
	const struct config_region *standby = &m->stack->standby;

	add_balancer(m, primary);
	add_balancer(m, standby);
	add_zone(m);
	add_check(m, primary, "primary");
	add_check(m, standby, "standby");
	add_record(m, primary, "primary", "PRIMARY");
	add_record(m, standby, "standby", "SECONDARY");
	add_topic(m, primary->name);
	add_topic(m, standby->name);
	/* An alarm acts only on a topic of its own region. */
	if (strcmp(role_of(m, ROUTE53_REGION), "global") == 0)
		add_topic(m, ROUTE53_REGION);
	add_health_alarm(m);
	add_region_alarms(m, primary->name);
	add_region_alarms(m, standby->name);
	add_parameters(m, primary->name);
	add_parameters(m, standby->name);
}

struct graph *
topology_build(const struct config_stack *stack,
    const struct topology_role *role, struct error *e)
{
	struct maker m = { .stack = stack, .role = role };

	if (check_names(&m, e) == -1)
		return NULL;
	m.graph = graph_new(stack->name);
	add_all(&m);
	if (graph_seal(m.graph, e) == -1) {
		graph_free(m.graph);
		return NULL;
	}
	return m.graph;
}
